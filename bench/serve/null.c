// A server that does nothing: the ceiling of the generator and the kernel.
//
// Answers whatever arrives on a connection with the same few bytes, on one
// thread. No server on the same machine can sustain more than this one.

#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

static const char answer[] = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 18\r\n\r\n"
                             "{\"predictions\":[]}";

int main(int count, char **words) {
    struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons((unsigned short)(count > 1 ? atoi(words[1]) : 8080)),
                              .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int one = 1, door = socket(AF_INET, SOCK_STREAM, 0), set = epoll_create1(0);
    setsockopt(door, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(door, (struct sockaddr *)&at, sizeof at) || listen(door, 64)) { perror("null"); return 1; }
    struct epoll_event event = { .events = EPOLLIN, .data.fd = door }, events[64];
    epoll_ctl(set, EPOLL_CTL_ADD, door, &event);
    char request[1 << 16];
    for (;;) {
        int ready = epoll_wait(set, events, 64, -1);
        for (int i = 0; i < ready; i++) {
            int socket = events[i].data.fd;
            if (socket == door) {
                event.data.fd = accept(door, NULL, NULL);
                epoll_ctl(set, EPOLL_CTL_ADD, event.data.fd, &event);
            } else if (recv(socket, request, sizeof request, 0) <= 0
                       || send(socket, answer, sizeof answer - 1, MSG_NOSIGNAL) < 0) {
                close(socket);
            }
        }
    }
}

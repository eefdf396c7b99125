// An open-loop load generator for one HTTP/1.1 route, on one thread.
//
//   cc -O2 -o load load.c
//   ./load --port 8080 --path /v1/models/adult:predict --bodies b.jsonl --rate 2000
//
// Request i is due at start + i / rate, whatever the server does. It goes out
// on the first free one of `connections` kept-alive connections, one request in
// flight on each, and its latency counts from when it was due, not from when it
// was sent: a server that stalls pays for everyone who waited meanwhile. The
// first `warmup` seconds are sent but not counted. What is not answered `grace`
// seconds after the last one was due counts as unfinished, with the latency it
// has by then. One line of JSON on standard output; milliseconds.
//
// A timer wakes the loop when the next request is due, so that the generator
// does not spin away the processor of the server beside it.

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

enum { ANSWER = 1 << 16, TIMER = UINT32_MAX };

typedef struct { char *bytes; size_t length; } Request;

typedef struct {
    int socket;
    bool busy;
    long index;            // of the request in flight
    size_t got;            // bytes of the answer so far
    char answer[ANSWER];
} Connection;

static const char *host = "127.0.0.1", *path = "/", *bodies = NULL;
static int port = 8080, connections = 16;
static double rate = 2000, seconds = 10, warmup = 1, grace = 2;
static bool show = false;

static Request *requests;
static size_t request_count;
static Connection *pool;
static int poll_set, timer;
static double armed;       // when the timer fires next
static double *latency;    // seconds, of the requests that count; -1: none yet
static long total, first_counted, next_send, finished, failed, reconnects;

static void die(const char *what) {
    fprintf(stderr, "load: %s%s%s\n", what, errno ? ": " : "", errno ? strerror(errno) : "");
    exit(2);
}

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void options(int count, char **words) {
    for (int i = 1; i < count; i++) {
        const char *name = words[i];
        if (!strcmp(name, "--show")) { show = true; continue; }
        if (i + 1 == count) { errno = 0; die("an option lacks its value"); }
        const char *value = words[++i];
        if (!strcmp(name, "--host")) host = value;
        else if (!strcmp(name, "--port")) port = atoi(value);
        else if (!strcmp(name, "--path")) path = value;
        else if (!strcmp(name, "--bodies")) bodies = value;
        else if (!strcmp(name, "--rate")) rate = atof(value);
        else if (!strcmp(name, "--seconds")) seconds = atof(value);
        else if (!strcmp(name, "--warmup")) warmup = atof(value);
        else if (!strcmp(name, "--grace")) grace = atof(value);
        else if (!strcmp(name, "--connections")) connections = atoi(value);
        else { errno = 0; fprintf(stderr, "load: no option %s\n", name); exit(2); }
    }
    errno = 0;
    if (!bodies) die("--bodies FILE is needed: one JSON body a line");
    if (rate <= 0 || seconds <= 0 || warmup < 0 || grace < 0 || connections < 1) die("an option is out of range");
}

// Every request is built once, head and body in one piece.
static void read_bodies(void) {
    FILE *file = fopen(bodies, "r");
    if (!file) die(bodies);
    char *line = NULL;
    size_t room = 0, capacity = 0;
    for (ssize_t length; (length = getline(&line, &room, file)) > 0;) {
        while (length && (line[length - 1] == '\n' || line[length - 1] == '\r')) line[--length] = 0;
        if (!length) continue;
        if (request_count == capacity) {
            capacity = capacity ? 2 * capacity : 1024;
            requests = realloc(requests, capacity * sizeof *requests);
            if (!requests) die("memory");
        }
        Request *r = &requests[request_count++];
        int size = asprintf(&r->bytes,
            "POST %s HTTP/1.1\r\nHost: %s:%d\r\nContent-Type: application/json\r\nContent-Length: %zd\r\n\r\n%s",
            path, host, port, length, line);
        if (size < 0) die("memory");
        r->length = (size_t)size;
    }
    free(line);
    fclose(file);
    errno = 0;
    if (!request_count) die("the file of bodies is empty");
}

static void open_connection(uint32_t which) {
    Connection *c = &pool[which];
    struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
    int one = 1;
    if (inet_pton(AF_INET, host, &to.sin_addr) != 1) { errno = 0; die("--host takes an IPv4 address"); }
    c->socket = socket(AF_INET, SOCK_STREAM, 0);
    if (c->socket < 0 || connect(c->socket, (struct sockaddr *)&to, sizeof to)) die("connect");
    setsockopt(c->socket, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    c->busy = false;
    c->got = 0;
    struct epoll_event event = { .events = EPOLLIN, .data.u32 = which };
    if (epoll_ctl(poll_set, EPOLL_CTL_ADD, c->socket, &event)) die("epoll");
}

static void done(Connection *c, double start, bool good) {
    if (c->busy) {
        if (c->index >= first_counted) latency[c->index - first_counted] = now() - (start + (double)c->index / rate);
        finished++;
        if (!good) failed++;
    }
    c->busy = false;
    c->got = 0;
}

static void renew(uint32_t which, double start) {
    done(&pool[which], start, false);
    close(pool[which].socket);
    reconnects++;
    open_connection(which);
}

static void send_next(uint32_t which, double start) {
    Connection *c = &pool[which];
    Request *r = &requests[(size_t)next_send % request_count];
    c->index = next_send++;
    c->busy = true;
    if (send(c->socket, r->bytes, r->length, MSG_NOSIGNAL) != (ssize_t)r->length) renew(which, start);
}

// The length of the whole answer, 0 while its head is not complete, -1 if it has no length.
static ssize_t answer_length(const Connection *c) {
    const char *end = memmem(c->answer, c->got, "\r\n\r\n", 4);
    if (!end) return 0;
    for (const char *line = c->answer; line < end;) {
        if (!strncasecmp(line, "content-length:", 15)) return end + 4 - c->answer + atol(line + 15);
        const char *next = memmem(line, (size_t)(end + 2 - line), "\r\n", 2);
        line = next + 2;
    }
    return -1;
}

static void receive(uint32_t which, double start) {
    Connection *c = &pool[which];
    ssize_t got = recv(c->socket, c->answer + c->got, ANSWER - 1 - c->got, MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (got <= 0) { renew(which, start); return; }
    c->got += (size_t)got;
    c->answer[c->got] = 0;
    ssize_t length = answer_length(c);
    if (length < 0 || length >= ANSWER - 1) { renew(which, start); return; }
    if (length == 0 || c->got < (size_t)length) return;
    bool good = c->got > 12 && !memcmp(c->answer + 8, " 200", 4);
    if (show || (!good && failed == 0)) { fprintf(stderr, "%s\n", c->answer); show = false; }
    done(c, start, good);
}

// Sends what is due on the connections that are free; wakes for what is next.
static void dispatch(double start) {
    for (int i = 0; i < connections && next_send < total; i++) {
        if (pool[i].busy) continue;
        if (start + (double)next_send / rate > now()) break;
        send_next((uint32_t)i, start);
    }
    bool free_one = false;
    for (int i = 0; i < connections; i++) free_one |= !pool[i].busy;
    double due = start + (double)next_send / rate;
    if (next_send >= total || !free_one) due = start + (double)total / rate + grace;
    if (due == armed) return;
    armed = due;
    struct itimerspec wake = { 0 };
    wake.it_value.tv_sec = (time_t)due;
    wake.it_value.tv_nsec = (long)(1e9 * (due - (double)(time_t)due));
    timerfd_settime(timer, TFD_TIMER_ABSTIME, &wake, NULL);
}

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

int main(int count, char **words) {
    options(count, words);
    read_bodies();
    prctl(PR_SET_TIMERSLACK, 1);
    first_counted = (long)(rate * warmup);
    total = first_counted + (long)(rate * seconds);
    long counted = total - first_counted;
    latency = malloc((size_t)counted * sizeof *latency);
    pool = calloc((size_t)connections, sizeof *pool);
    if (!latency || !pool) die("memory");
    for (long i = 0; i < counted; i++) latency[i] = -1;

    poll_set = epoll_create1(0);
    timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
    struct epoll_event wake = { .events = EPOLLIN, .data.u32 = TIMER };
    if (poll_set < 0 || timer < 0 || epoll_ctl(poll_set, EPOLL_CTL_ADD, timer, &wake)) die("epoll");
    for (int i = 0; i < connections; i++) open_connection((uint32_t)i);

    double start = now() + 0.01, last = start;
    double limit = start + (double)total / rate + grace;
    struct epoll_event events[64];
    while (finished < total && now() < limit) {
        dispatch(start);
        int ready = epoll_wait(poll_set, events, 64, 1000);
        for (int i = 0; i < ready; i++) {
            uint64_t ticks;
            if (events[i].data.u32 == TIMER) { if (read(timer, &ticks, sizeof ticks) < 0) continue; }
            else receive(events[i].data.u32, start);
        }
    }
    last = now();

    long unfinished = 0;
    for (long i = 0; i < counted; i++)
        if (latency[i] < 0) { unfinished++; latency[i] = last - (start + (double)(i + first_counted) / rate); }
    qsort(latency, (size_t)counted, sizeof *latency, ascending);
    double window = last - (start + (double)first_counted / rate);
    if (window < seconds) window = seconds;
    #define AT(q) (1e3 * latency[(long)((q) * (double)(counted - 1))])
    printf("{\"rate\": %.6g, \"achieved\": %.6g, \"seconds\": %.6g, \"connections\": %d, \"requests\": %ld, "
           "\"failed\": %ld, \"unfinished\": %ld, \"reconnects\": %ld, "
           "\"p50\": %.4f, \"p90\": %.4f, \"p99\": %.4f, \"p999\": %.4f, \"max\": %.4f}\n",
           rate, (double)(counted - unfinished) / window, seconds, connections, counted, failed, unfinished,
           reconnects, AT(0.5), AT(0.9), AT(0.99), AT(0.999), AT(1.0));
    return 0;
}

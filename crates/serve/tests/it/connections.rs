//! Connections: how long they are waited for, how many there are, and that a request is answered alike
//! whichever way it came.

use crate::client::{Connection, start};
use arkwright_serve::Config;
use std::collections::HashMap;
use std::io::{Read, Write};
use std::time::{Duration, Instant};

const PREDICT: &str = "/v1/models/churn:predict";
const BODY: &str = r#"{"instances": [{"age": 41, "city": "Bern", "id": "7"}]}"#;

fn short(milliseconds: u64) -> Config {
    Config { head_timeout: Duration::from_millis(milliseconds), ..Config::default() }
}

/// How long it takes until the server has closed a connection, and what it said.
fn closed(connection: &mut Connection) -> (Duration, String) {
    let began = Instant::now();
    let mut said = Vec::new();
    // A client that was still sending may hear of a reset instead of an end.
    let _ = connection.stream.read_to_end(&mut said);
    (began.elapsed(), String::from_utf8_lossy(&said).into_owned())
}

#[test]
fn a_head_that_does_not_arrive_is_not_waited_for() {
    let server = start(short(300));
    for (half, said) in [
        ("", ""),
        ("POST /v1/models/churn:predict HTTP/1.1\r\nHost", "HTTP/1.1 408 "),
        ("GET / HTTP/1.1\r\nHost: localhost", ""),
        ("X", ""),
    ] {
        let mut connection = server.connect();
        connection.stream.write_all(half.as_bytes()).unwrap();
        let (waited, heard) = closed(&mut connection);
        assert!(waited > Duration::from_millis(200) && waited < Duration::from_secs(10), "{half:?}: {waited:?}");
        assert!(heard.starts_with(said) && heard.is_empty() == said.is_empty(), "{half:?}: {heard:?}");
    }
    assert!(server.get("/metrics").text().contains("status=\"408\"} 1"));
}

#[test]
fn an_answer_that_nobody_takes_is_not_held_for_ever() {
    let server = start(Config { body_timeout: Duration::from_millis(300), ..Config::default() });
    let many = vec![r#"{"age": 1, "city": "Bern"}"#; 4000].join(",");
    let body = format!(r#"{{"instances": [{many}]}}"#);
    let host = format!("Host: localhost:{}", server.port);
    let request = format!("POST {PREDICT} HTTP/1.1\r\n{host}\r\nContent-Length: {}\r\n\r\n{body}", body.len());
    let mut deaf = server.connect();
    deaf.stream.set_write_timeout(Some(Duration::from_millis(200))).unwrap();
    // As much as the two sides' buffers take, and some more.
    let began = Instant::now();
    while deaf.stream.write_all(request.as_bytes()).is_ok() {
        assert!(began.elapsed() < Duration::from_secs(20));
    }
    let open = || server.get("/metrics").text().contains("\narkwright_connections_open 2\n");
    while open() {
        assert!(began.elapsed() < Duration::from_secs(20), "it is still held");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn a_head_that_arrives_byte_by_byte_gets_no_longer_time() {
    let server = start(short(400));
    for begin in ["POST /v1/models/churn:predict HTTP/1.1\r\nX: ", "GET / HTTP/1.1\r\nX: "] {
        let mut slow = server.connect();
        slow.stream.write_all(begin.as_bytes()).unwrap();
        let began = Instant::now();
        // The others are answered meanwhile.
        while slow.stream.write_all(b"x").is_ok() {
            assert_eq!(server.post(PREDICT, BODY).status, 200);
            assert!(began.elapsed() < Duration::from_secs(10), "{begin:?} is still waited for");
            std::thread::sleep(Duration::from_millis(50));
        }
        assert!(began.elapsed() > Duration::from_millis(300), "{:?}", began.elapsed());
    }
}

#[test]
fn a_connection_in_use_stays_and_one_that_waits_for_nothing_goes() {
    let server = start(short(500));
    for way in [&[][..], &[("Accept-Encoding", "x"), ("Expect", "nothing")]] {
        let mut connection = server.connect();
        for _ in 0..8 {
            assert_eq!(connection.send("POST", PREDICT, way, BODY.as_bytes()).status, 200);
            std::thread::sleep(Duration::from_millis(150));
        }
        let (waited, heard) = closed(&mut connection);
        assert!(waited < Duration::from_secs(10) && heard.is_empty(), "{waited:?} {heard:?}");
    }
}

#[test]
fn connections_beyond_the_limit_wait_until_others_have_gone() {
    let server = start(Config { max_connections: 2, ..Config::default() });
    let mut first = server.connect();
    let mut second = server.connect();
    for connection in [&mut first, &mut second] {
        assert_eq!(connection.post(PREDICT, BODY).status, 200);
    }
    assert!(first.send("GET", "/metrics", &[], b"").text().contains("\narkwright_connections_open 2\n"));
    let mut third = server.connect();
    let head = format!("GET /healthz HTTP/1.1\r\nHost: localhost:{}\r\n\r\n", server.port);
    third.stream.write_all(head.as_bytes()).unwrap();
    third.stream.set_read_timeout(Some(Duration::from_millis(300))).unwrap();
    assert!(third.stream.read(&mut [0; 64]).is_err(), "it was answered");
    drop(second);
    third.stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let mut said = [0; 12];
    third.stream.read_exact(&mut said).unwrap();
    assert_eq!(&said, b"HTTP/1.1 200");
    assert_eq!(first.post(PREDICT, BODY).status, 200);
}

#[test]
fn both_ways_answer_alike() {
    let server = start(Config::default());
    let origin = format!("http://127.0.0.1:{}", server.port);
    let many: Vec<String> = (0..3).map(|i| format!(r#"{{"age": {i}, "city": null}}"#)).collect();
    for body in [BODY.to_string(), format!(r#"{{"instances": [{}]}}"#, many.join(", ")), r#"{"instances": []}"#.into()]
    {
        // A request from a page is never plain.
        let [plain, page] = [&[][..], &[("Origin", origin.as_str())]].map(|headers| {
            let answer = server.connect().send("POST", PREDICT, headers, body.as_bytes());
            let mut headers: HashMap<String, String> = answer.headers;
            assert!(headers.remove("date").is_some_and(|date| date.ends_with(" GMT")));
            (answer.status, headers, answer.body)
        });
        assert_eq!(plain, page);
        assert_eq!(plain.0, 200);
    }
}

#[test]
fn a_request_in_pieces_and_requests_in_one_piece_are_answered_in_turn() {
    let server = start(Config::default());
    let request = |id: usize| {
        let body = format!(r#"{{"instances": [{{"age": 1, "city": "a", "id": "{id}"}}]}}"#);
        let host = format!("Host: localhost:{}", server.port);
        format!("POST {PREDICT} HTTP/1.1\r\n{host}\r\nContent-Length: {}\r\n\r\n{body}", body.len())
    };
    let mut connection = server.connect();
    let whole = request(0);
    let cuts = [0, 3, 20, whole.find("\r\n\r\n").unwrap() + 2, whole.find('{').unwrap(), whole.len() - 1];
    for cut in cuts {
        connection.stream.write_all(&whole.as_bytes()[..cut]).unwrap();
        std::thread::sleep(Duration::from_millis(20));
        let answer = connection.raw(&whole.as_bytes()[cut..]);
        assert_eq!((answer.status, &answer.json()["predictions"][0]["id"]), (200, &"0".into()), "{cut}");
    }
    // One after the other without waiting, with one among them that is not plain.
    let get = format!("GET /healthz HTTP/1.1\r\nHost: localhost:{}\r\n\r\n", server.port);
    let all = [request(1), request(2), get, request(3)].concat();
    assert_eq!(connection.raw(all.as_bytes()).json()["predictions"][0]["id"], "1");
    assert_eq!(connection.raw(b"").json()["predictions"][0]["id"], "2");
    assert_eq!(connection.raw(b"").json()["status"], "ok");
    assert_eq!(connection.raw(b"").json()["predictions"][0]["id"], "3");
}

#[test]
fn the_short_way_asks_for_the_token_and_the_host_too() {
    let server = start(Config { token: Some("a-long-enough-token".into()), ..Config::default() });
    let shown = ("Authorization", "Bearer a-long-enough-token");
    let mut connection = server.connect();
    let mut send = |headers: &[(&str, &str)]| connection.send("POST", PREDICT, headers, BODY.as_bytes()).status;
    assert_eq!(send(&[shown]), 200);
    assert_eq!(send(&[]), 401);
    assert_eq!(send(&[shown]), 200);
    assert_eq!(server.post(PREDICT, BODY).status, 401);
    let mut connection = server.connect();
    let status = connection.send("POST", PREDICT, &[shown, ("Host", "evil.example")], BODY.as_bytes()).status;
    assert_eq!(status, 403);
}

#[test]
fn a_body_longer_than_allowed_is_refused_however_short_it_is() {
    let server = start(Config { max_body_bytes: 20, ..Config::default() });
    assert_eq!(server.post(PREDICT, BODY).status, 413);
}

#[test]
fn connections_that_wait_hold_no_end_up() {
    let mut server = start(Config { drain: Duration::from_secs(60), ..Config::default() });
    let mut plain = server.connect();
    assert_eq!(plain.post(PREDICT, BODY).status, 200);
    let mut other = server.connect();
    assert_eq!(other.send("GET", "/healthz", &[], b"").status, 200);
    let mut silent = server.connect();
    let began = Instant::now();
    server.end();
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
    for connection in [&mut plain, &mut other, &mut silent] {
        assert_eq!(connection.stream.read(&mut [0; 8]).unwrap_or(0), 0);
    }
}

#[test]
fn a_request_half_way_is_answered_though_the_server_ends() {
    // The second is not plain: that shows when it is whole.
    for (body, status) in [(BODY, 200), (r#"{"instances": 7}"#, 400)] {
        let mut server = start(Config { drain: Duration::from_secs(20), ..Config::default() });
        let mut connection = server.connect();
        let host = format!("Host: localhost:{}", server.port);
        let head = format!("POST {PREDICT} HTTP/1.1\r\n{host}\r\nContent-Length: {}\r\n\r\n", body.len());
        connection.stream.write_all(head.as_bytes()).unwrap();
        std::thread::sleep(Duration::from_millis(100));
        let ending = std::thread::spawn(move || {
            let began = Instant::now();
            server.end();
            began.elapsed()
        });
        std::thread::sleep(Duration::from_millis(300));
        assert_eq!(connection.raw(body.as_bytes()).status, status);
        assert!(ending.join().unwrap() < Duration::from_secs(10));
    }
}

//! Who is let in, and what a browser may do with an answer.

use crate::client::start;
use arkwright_serve::{Config, Error, Server};
use std::io::Write;
use std::time::{Duration, Instant};

#[test]
fn without_a_token_only_loopback_is_listened_on() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let refused = Server::new(Config::default()).bind("0.0.0.0:0".parse().unwrap()).await;
        assert!(matches!(&refused, Err(Error::Exposed { .. })), "{refused:?}");
        assert!(refused.unwrap_err().to_string().contains("token"));
        // A listener that came from elsewhere is looked at too.
        let listener = tokio::net::TcpListener::bind("0.0.0.0:0").await.unwrap();
        let refused = Server::new(Config::default()).serve(listener, std::future::pending()).await;
        assert!(matches!(refused, Err(Error::Exposed { .. })));
        let closed = Config { token: Some("a-long-enough-token".into()), ..Config::default() };
        assert!(Server::new(closed).bind("0.0.0.0:0".parse().unwrap()).await.is_ok());
    });
}

#[test]
fn a_foreign_host_or_origin_is_refused_everywhere() {
    let server = start(Config::default());
    let here = format!("http://localhost:{}", server.port);
    let host = format!("localhost:{}", server.port);
    for path in ["/", "/healthz", "/metrics", "/v1/models", "/v1/models/churn", "/nowhere", "/static/style.css"] {
        let status = |headers: &[(&str, &str)]| server.connect().send("GET", path, headers, b"").status;
        assert_eq!(status(&[("Host", "evil.example")]), 403, "{path}");
        assert_eq!(status(&[("Origin", "http://evil.example")]), 403, "{path}");
        assert_ne!(status(&[("Host", &host), ("Origin", &here)]), 403, "{path}");
    }
    let predict = "/v1/models/churn:predict";
    let answer = server.connect().send("POST", predict, &[("Host", "evil.example")], b"{}");
    assert_eq!((answer.status, answer.code()), (403, "forbidden".to_string()));
    let answer = server.connect().send("POST", predict, &[("Origin", "null")], b"{}");
    assert_eq!((answer.status, answer.code()), (403, "forbidden".to_string()));
}

#[test]
fn a_token_keeps_out_all_but_those_who_show_it() {
    let server = start(Config { token: Some("a-long-enough-token".into()), ..Config::default() });
    for path in ["/", "/v1/models", "/metrics", "/docs", "/v1/models/churn:predict"] {
        let answer = server.get(path);
        assert_eq!((answer.status, answer.code()), (401, "unauthorized".to_string()), "{path}");
        assert!(answer.headers["www-authenticate"].contains("Bearer"));
        let shown = [("Authorization", "Bearer a-long-enough-token")];
        assert_ne!(server.connect().send("GET", path, &shown, b"").status, 401, "{path}");
        let wrong = [("Authorization", "Bearer a-long-enough-tokem")];
        assert_eq!(server.connect().send("GET", path, &wrong, b"").status, 401, "{path}");
    }
    assert_eq!(server.get("/healthz").status, 200);
    assert_eq!(server.get("/readyz").status, 200);
}

#[test]
fn every_answer_tells_the_browser_to_load_nothing_from_outside() {
    let server = start(Config::default());
    let answers = [
        server.page("/"),
        server.get("/v1/models"),
        server.get("/nowhere"),
        server.post("/v1/models/churn:predict", "{"),
    ];
    for answer in answers {
        assert!(answer.headers["content-security-policy"].contains("default-src 'none'"));
        assert_eq!(answer.headers["x-content-type-options"], "nosniff");
        assert_eq!(answer.headers["referrer-policy"], "no-referrer");
        assert!(!answer.headers.contains_key("access-control-allow-origin"));
    }
}

#[test]
fn nonsense_is_answered_and_the_server_goes_on() {
    let server = start(Config::default());
    for nonsense in
        ["GET\r\n\r\n", "\0\0\0\0\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", "POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n"]
    {
        let mut connection = server.connect();
        connection.stream.write_all(nonsense.as_bytes()).unwrap();
    }
    // Two hosts, none, and one with a path in it.
    let port = server.port;
    for hosts in [format!("Host: localhost:{port}\r\nHost: evil.example\r\n"), String::new(), "Host: a/b\r\n".into()] {
        let answer = server.connect().raw(format!("GET / HTTP/1.1\r\n{hosts}\r\n").as_bytes());
        assert!(matches!(answer.status, 400 | 403), "{}", answer.status);
    }
    assert_eq!(server.get("/healthz").status, 200);
}

#[test]
fn it_ends_when_asked_though_a_client_stays() {
    let mut server = start(Config { drain: Duration::from_millis(300), ..Config::default() });
    let mut idle = server.connect();
    assert_eq!(idle.send("GET", "/healthz", &[], b"").status, 200);
    // One that has sent half of a request holds it up no longer than the time given.
    let mut half = server.connect();
    half.stream.write_all(b"GET / HTTP/1.1\r\nHost:").unwrap();
    let began = Instant::now();
    server.end();
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    assert!(std::net::TcpStream::connect(("127.0.0.1", server.port)).is_err());
}

//! A server on a free port, and a client that says exactly what it is told to.

use arkwright_serve::{Config, Server};
use serde_json::Value;
use std::collections::HashMap;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::sync::oneshot;

/// A server that ends when it goes out of scope.
pub struct Running {
    pub port: u16,
    pub log: Arc<Mutex<Vec<String>>>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// Starts a server of the test model, version 1 under `churn`.
pub fn start(config: Config) -> Running {
    let mut server = Server::new(config);
    server.insert("churn", 1, crate::model::bundle(0.0)).unwrap();
    start_server(server)
}

pub fn start_server(server: Server) -> Running {
    let log = Arc::new(Mutex::new(Vec::new()));
    let heard = log.clone();
    let server = server.with_log(Arc::new(move |line| heard.lock().unwrap().push(line.to_string())));
    let (stop, stopped) = oneshot::channel();
    let (tell, told) = std::sync::mpsc::channel();
    let thread = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        runtime.block_on(async move {
            let listener = server.bind("127.0.0.1:0".parse().unwrap()).await.unwrap();
            tell.send(listener.local_addr().unwrap().port()).unwrap();
            let shutdown = async {
                let _ = stopped.await;
            };
            server.serve(listener, shutdown).await.unwrap();
        });
    });
    Running { port: told.recv().unwrap(), log, stop: Some(stop), thread: Some(thread) }
}

impl Running {
    /// Asks the server to end, and waits until it has.
    pub fn end(&mut self) {
        self.stop.take().map(|stop| stop.send(()));
        if let Some(thread) = self.thread.take() {
            thread.join().unwrap();
        }
    }

    pub fn connect(&self) -> Connection {
        let stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        stream.set_nodelay(true).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        Connection { stream, port: self.port, held: Vec::new() }
    }

    pub fn get(&self, path: &str) -> Answer {
        self.connect().send("GET", path, &[], b"")
    }

    pub fn page(&self, path: &str) -> Answer {
        self.connect().send("GET", path, &[("Accept", "text/html")], b"")
    }

    pub fn post(&self, path: &str, body: &str) -> Answer {
        self.connect().post(path, body)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop.take().map(|stop| stop.send(()));
    }
}

pub struct Connection {
    pub stream: TcpStream,
    port: u16,
    held: Vec<u8>,
}

impl Connection {
    pub fn post(&mut self, path: &str, body: &str) -> Answer {
        self.send("POST", path, &[("Content-Type", "application/json")], body.as_bytes())
    }

    /// Sends a request; `Host` is the server's own unless `headers` say another.
    pub fn send(&mut self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        let mut head = format!("{method} {path} HTTP/1.1\r\n");
        if !headers.iter().any(|(name, _)| *name == "Host") {
            head += &format!("Host: 127.0.0.1:{}\r\n", self.port);
        }
        for (name, value) in headers {
            head += &format!("{name}: {value}\r\n");
        }
        if !body.is_empty() || method == "POST" {
            head += &format!("Content-Length: {}\r\n", body.len());
        }
        head += "\r\n";
        self.raw(&[head.as_bytes(), body].concat())
    }

    pub fn raw(&mut self, bytes: &[u8]) -> Answer {
        self.stream.write_all(bytes).unwrap();
        self.answer(bytes.starts_with(b"HEAD"))
    }

    fn answer(&mut self, head_only: bool) -> Answer {
        let end = loop {
            if let Some(end) = self.held.windows(4).position(|w| w == b"\r\n\r\n") {
                break end + 4;
            }
            self.more();
        };
        let head = String::from_utf8(self.held.drain(..end).collect()).unwrap();
        let mut lines = head.lines();
        let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
        let headers: HashMap<String, String> = lines
            .filter_map(|line| line.split_once(": "))
            .map(|(name, value)| (name.to_lowercase(), value.to_string()))
            .collect();
        let length = headers.get("content-length").map_or(0, |l| l.parse().unwrap());
        let length = if head_only { 0 } else { length };
        while self.held.len() < length {
            self.more();
        }
        Answer { status, headers, body: self.held.drain(..length).collect() }
    }

    fn more(&mut self) {
        let mut piece = [0; 1 << 16];
        let read = self.stream.read(&mut piece).unwrap();
        assert!(read > 0, "the server closed the connection");
        self.held.extend_from_slice(&piece[..read]);
    }
}

#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HashMap<String, String>,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|e| panic!("{e}: {}", self.text()))
    }

    /// The error's code, after checking that the error has the one form.
    pub fn code(&self) -> String {
        let error = &self.json()["error"];
        assert!(error["message"].is_string(), "{}", self.text());
        assert_eq!(self.headers["content-type"], "application/json");
        error["code"].as_str().unwrap().to_string()
    }
}

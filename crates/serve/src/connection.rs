//! One connection, from its first byte to its last.
//!
//! It begins on the short way: plain requests for predictions are read from its bytes and answered at
//! once, one write each, with nothing between the socket and the model. At the first request that is not
//! plain, or whose answer is not a prediction, it changes to the long way for good: hyper reads the same
//! bytes again, and the front answers.
//!
//! A connection waits for no client for ever: a head has a time to arrive in, and so has a body, and an
//! answer must be taken.

use crate::models::Served;
use crate::predict::compute;
use crate::problem::Problem;
use crate::quick::{Ask, Begun, Head, ROOM, begun, guards};
use crate::server::Front;
use axum::body::Body;
use axum::http::StatusCode;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Sleep, sleep_until, timeout};
use tokio_io_timeout::TimeoutWriter;

/// What a worker keeps for the next plain request.
pub(crate) struct Desk {
    head: Head,
    /// The model asked for last: how it was spelt, and the state of the models at that time.
    last: Option<(String, u64, Arc<Served>)>,
    body: Vec<u8>,
}

impl Desk {
    pub(crate) fn new() -> Mutex<Self> {
        Mutex::new(Self { head: Head::new(), last: None, body: Vec::new() })
    }
}

/// Serves a connection to its end; when `ends` is done, to the end of the request in flight.
pub(crate) async fn serve(mut stream: TcpStream, front: Front, ends: impl Future<Output = ()>) {
    let _open = front.shared.metrics.connected();
    let mut ends = pin!(ends);
    // A client that goes away is no fault of anybody's.
    if let Ok(Some(rest)) = short_way(&mut stream, &front, ends.as_mut()).await {
        long_way(stream, rest, front.clone(), ends).await;
    }
}

/// What the short way leaves to the long one.
struct Rest {
    /// The bytes that were read, and not answered.
    held: Vec<u8>,
    /// Whether the server is ending.
    ending: bool,
}

/// Answers plain requests until the connection ends, or one comes that is not plain.
async fn short_way(
    stream: &mut TcpStream,
    front: &Front,
    mut ends: Pin<&mut impl Future<Output = ()>>,
) -> io::Result<Option<Rest>> {
    let config = &front.shared.config;
    let mut held = Vec::with_capacity(ROOM);
    let mut out = Vec::new();
    let mut ending = false;
    // When the first byte of what is held came; when the last answer left, where nothing is.
    let mut began = Instant::now();
    let mut clock: Pin<&mut Sleep> = pin!(sleep_until((began + config.head_timeout).into()));
    loop {
        let patience = match begun(&held) {
            Begun::Other => return Ok(Some(Rest { held, ending })),
            Begun::Whole(ask) => {
                if !answered(front, &ask, began, &mut out).await {
                    return Ok(Some(Rest { held, ending }));
                }
                let length = ask.length;
                // What is written is small: it leaves with one call, unless the client reads nothing.
                match stream.try_write(&out) {
                    Ok(n) if n == out.len() => {}
                    Err(error) if error.kind() != io::ErrorKind::WouldBlock => return Err(error),
                    sent => timeout(config.body_timeout, stream.write_all(&out[sent.unwrap_or(0)..])).await??,
                }
                held.drain(..length);
                began = Instant::now();
                if !held.is_empty() {
                    continue;
                }
                config.head_timeout
            }
            Begun::Head => config.head_timeout,
            Begun::Body => config.body_timeout,
        };
        if ending && held.is_empty() {
            return Ok(None);
        }
        let until = (began + patience).into();
        if until < clock.deadline() {
            clock.as_mut().reset(until);
        }
        tokio::select! {
            biased;
            read = stream.read_buf(&mut held) => {
                let read = read?;
                if read == 0 {
                    return Ok(None);
                }
                if read == held.len() {
                    began = Instant::now();
                }
            }
            () = clock.as_mut() => {
                if Instant::now() >= began + patience {
                    if !held.is_empty() {
                        too_slow(stream, front);
                    }
                    return Ok(None);
                }
                clock.as_mut().reset(until);
            }
            () = ends.as_mut(), if !ending => ending = true,
        }
    }
}

/// Puts the answer to a plain request into `out`; `false`: it must go the long way.
async fn answered(front: &Front, ask: &Ask<'_>, began: Instant, out: &mut Vec<u8>) -> bool {
    let shared = &front.shared;
    if !shared.door.knows(ask.host)
        || !shared.door.opens(ask.authorization)
        || ask.body.len() > shared.config.max_body_bytes
    {
        return false;
    }
    let state = shared.models.changes();
    let spelt = |desk: &Desk| desk.last.as_ref().is_some_and(|(r, s, _)| *s == state && r == ask.reference);
    let known = spelt(&front.desk.lock().unwrap_or_else(PoisonError::into_inner));
    if !known {
        let Ok(served) = shared.models.get(ask.reference, &shared.metrics).await else { return false };
        let mut desk = front.desk.lock().unwrap_or_else(PoisonError::into_inner);
        desk.last = Some((ask.reference.to_string(), state, served));
    }
    let mut desk = front.desk.lock().unwrap_or_else(PoisonError::into_inner);
    let Desk { head, last, body } = &mut *desk;
    let Some((_, _, served)) = last else { return false };
    let _in_flight = shared.metrics.enter(front.worker);
    shared.models.touch(served);
    body.clear();
    let Ok(rows) = compute(served, front.worker, ask.body, &shared.config, &shared.context, body) else { return false };
    out.clear();
    let done = Instant::now();
    head.write(body, done, out);
    served.meters.add(front.worker, StatusCode::OK, done.saturating_duration_since(began), rows);
    true
}

/// Tells a client that sent half of a request, and no more, that it waited long enough.
fn too_slow(stream: &TcpStream, front: &Front) {
    let problem = Problem::too_slow();
    front.shared.metrics.add_other(problem.status);
    let body = problem.json().to_string();
    let head = "HTTP/1.1 408 Request Timeout\r\ncontent-type: application/json\r\nconnection: close\r\n";
    let answer = format!("{head}{}content-length: {}\r\n\r\n{body}", guards(), body.len());
    let _ = stream.try_write(answer.as_bytes());
}

/// Serves what may be anything, from the bytes that were read already.
async fn long_way(stream: TcpStream, rest: Rest, front: Front, ends: Pin<&mut impl Future<Output = ()>>) {
    let head_timeout = front.shared.config.head_timeout;
    let (reader, writer) = stream.into_split();
    let mut writer = TimeoutWriter::new(writer);
    writer.set_timeout(Some(front.shared.config.body_timeout));
    let io = TokioIo::new(tokio::io::join(io::Cursor::new(rest.held).chain(reader), Box::pin(writer)));
    let service = service_fn(move |request: axum::http::Request<Incoming>| {
        let front = front.clone();
        async move { Ok::<_, Infallible>(front.answer(request.map(Body::new)).await) }
    });
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(head_timeout).keep_alive(!rest.ending);
    let mut connection = pin!(builder.serve_connection(io, service));
    if !rest.ending {
        tokio::select! {
            _ = connection.as_mut() => return,
            () = ends => connection.as_mut().graceful_shutdown(),
        }
    }
    let _ = connection.await;
}

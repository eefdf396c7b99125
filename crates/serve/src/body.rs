//! The body of a request, read within a limit of bytes and of time.

use crate::problem::Problem;
use axum::body::{Body, Bytes, HttpBody};
use axum::http::{HeaderMap, header};
use std::future::poll_fn;
use std::pin::Pin;
use std::time::Duration;

/// The body, at most `limit` bytes of it; as it came where it came in one piece.
pub(crate) async fn read(
    mut body: Body,
    headers: &HeaderMap,
    limit: usize,
    within: Duration,
) -> Result<Bytes, Problem> {
    let announced = length(headers);
    if announced.is_some_and(|n| n > 4 * limit as u64) {
        return Err(Problem::too_large(limit));
    }
    match tokio::time::timeout(within, pieces(&mut body, limit)).await {
        Ok(read) => read,
        Err(_) => Err(Problem::too_slow()),
    }
}

/// The announced length.
pub(crate) fn length(headers: &HeaderMap) -> Option<u64> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

async fn pieces(body: &mut Body, limit: usize) -> Result<Bytes, Problem> {
    let Some(first) = piece(body).await? else { return Ok(Bytes::new()) };
    if body.is_end_stream() && first.len() <= limit {
        return Ok(first);
    }
    let mut whole = Vec::from(first);
    let mut total = whole.len();
    while let Some(next) = piece(body).await? {
        total += next.len();
        if total <= limit {
            whole.extend_from_slice(&next);
        } else if total > 4 * limit {
            break;
        } else {
            // Read on for a while, and drop it: a client that is still sending hears no answer.
            whole = Vec::new();
        }
    }
    if total > limit { Err(Problem::too_large(limit)) } else { Ok(whole.into()) }
}

async fn piece(body: &mut Body) -> Result<Option<Bytes>, Problem> {
    loop {
        match poll_fn(|cx| Pin::new(&mut *body).poll_frame(cx)).await {
            None => return Ok(None),
            Some(Err(_)) => return Err(Problem::invalid("the body ended before it was whole")),
            Some(Ok(frame)) => {
                if let Ok(data) = frame.into_data() {
                    return Ok(Some(data));
                }
            }
        }
    }
}

//! `POST /v1/models/NAME:predict`, the way that must be quick.
//!
//! The body's bytes go straight into cells or columns, the bundle answers, the answer is written by hand. A
//! small request is answered on the spot, on one thread; a large one waits for its turn and goes where it
//! stops nobody.

use crate::body;
use crate::config::Config;
use crate::models::Served;
use crate::problem::Problem;
use crate::server::Shared;
use arkwright_core::Context;
use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, Method, header};
use axum::response::{IntoResponse, Response};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Instant;

/// Bodies longer than this are not answered on the spot.
pub(crate) const SMALL: u64 = 8 << 10;

/// The reference in the path of a request for predictions.
pub(crate) fn reference(path: &str) -> Option<&str> {
    path.strip_prefix("/v1/models/")?.strip_suffix(":predict")
}

/// Answers a request for predictions.
pub(crate) async fn predict(shared: &Arc<Shared>, worker: usize, request: Request) -> Response {
    let began = Instant::now();
    let (head, body) = request.into_parts();
    let reference = reference(head.uri.path()).unwrap_or_default();
    let served = match shared.models.ready(reference) {
        Some(served) => served,
        None => match shared.models.get(reference, &shared.metrics).await {
            Ok(served) => served,
            Err(problem) => {
                let response = problem.into_response();
                shared.metrics.add_other(response.status());
                return response;
            }
        },
    };
    let (response, rows) = match answer(shared, worker, &served, &head.method, &head.headers, body).await {
        Ok((body, rows)) => {
            let mut response = Response::new(Body::from(body));
            response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
            (response, rows)
        }
        Err(problem) => (problem.into_response(), 0),
    };
    served.meters.add(worker, response.status(), began.elapsed(), rows);
    response
}

async fn answer(
    shared: &Arc<Shared>,
    worker: usize,
    served: &Arc<Served>,
    method: &Method,
    headers: &HeaderMap,
    body: Body,
) -> Result<(Vec<u8>, usize), Problem> {
    if method != Method::POST {
        return Err(Problem::method("POST"));
    }
    if headers.get(header::CONTENT_TYPE).is_some_and(|t| !is_json(t.to_str().unwrap_or_default())) {
        return Err(Problem::media_type());
    }
    let config = &shared.config;
    if body::length(headers).is_some_and(|n| n <= SMALL) {
        let bytes = body::read(body, headers, config.max_body_bytes, config.body_timeout).await?;
        let mut out = Vec::new();
        let rows = compute(served, worker, &bytes, config, &shared.context, &mut out)?;
        return Ok((out, rows));
    }
    // Few large bodies are held at a time, and fewer computed.
    let _held = shared.held.acquire().await.map_err(|e| Problem::fault(e.to_string()))?;
    let bytes = body::read(body, headers, config.max_body_bytes, config.body_timeout).await?;
    let turn = shared.turns.clone().acquire_owned().await.map_err(|e| Problem::fault(e.to_string()))?;
    let (shared, served) = (shared.clone(), served.clone());
    let work = tokio::task::spawn_blocking(move || {
        let _turn = turn;
        let mut out = Vec::new();
        let rows = compute(&served, worker, &bytes, &shared.config, &shared.context, &mut out)?;
        Ok((out, rows))
    });
    work.await.map_err(|error| Problem::fault(error.to_string()))?
}

/// Whether a `Content-Type` is JSON's.
pub(crate) fn is_json(value: &str) -> bool {
    let kind = value.split(';').next().unwrap_or_default().trim();
    kind.eq_ignore_ascii_case("application/json")
}

/// Puts the body that answers a body into `out`, counts what training never saw, and tells the rows.
pub(crate) fn compute(
    served: &Served,
    worker: usize,
    body: &[u8],
    config: &Config,
    ctx: &Context,
    out: &mut Vec<u8>,
) -> Result<usize, Problem> {
    let work = || {
        let one = served.bundle.predict_row(body).filter(|_| config.max_rows > 0);
        if let Some(answer) = one.filter(|answer| served.writer.write_row(answer, out).is_some()) {
            answer.unseen().for_each(|column| served.meters.add_unseen(worker, column));
            return Ok(1);
        }
        let request = served.bundle.request().from_json(body, config.max_rows).map_err(Problem::reading)?;
        let answer = served.bundle.predict(&request, ctx).map_err(Problem::of)?;
        out.clear();
        served.writer.write(&request, &answer, out).map_err(Problem::of)?;
        served.meters.add_all_unseen(worker, &served.bundle.request().unseen(&request).map_err(Problem::of)?);
        Ok(request.rows())
    };
    // A step that panics is a fault of ours, which the client hears about as one.
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| Err(Problem::fault("a step panicked")))
}

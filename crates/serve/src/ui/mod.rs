//! The pages: models, runs, one run's report, and one to try things on.
//!
//! Made on the server, of text that is escaped where it enters; they work without scripts and load
//! nothing from outside.

mod docs;
mod model;
mod page;
mod runs;
mod trial;

use crate::problem::Problem;
use crate::server::{Shared, typed};
use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use page::{page, style};
use std::sync::Arc;

pub(crate) fn routes() -> Router<Arc<Shared>> {
    Router::new()
        .route("/", get(model::all))
        .route("/models/{name}", get(model::one))
        .route("/runs", get(runs::all))
        .route("/runs/{id}", get(runs::one))
        .route("/docs", get(docs::docs))
        .route("/static/style.css", get(async || typed("text/css; charset=utf-8", style())))
        .route("/static/docs.js", get(async || typed("text/javascript; charset=utf-8", include_str!("docs.js"))))
        .route("/static/icon.svg", get(async || typed("image/svg+xml", include_str!("icon.svg"))))
}

/// The answer where there is nothing: a page for those who read pages.
pub(crate) async fn nowhere(_: State<Arc<Shared>>, request: Request) -> Response {
    let problem = Problem::not_found("there is nothing here").with_hint("GET /docs lists the routes");
    match reads_pages(request.headers()) {
        true => Trouble(problem).into_response(),
        false => problem.into_response(),
    }
}

fn reads_pages(headers: &HeaderMap) -> bool {
    headers.get(header::ACCEPT).and_then(|a| a.to_str().ok()).is_some_and(|accept| accept.contains("text/html"))
}

/// A problem, as a page.
struct Trouble(Problem);

impl From<Problem> for Trouble {
    fn from(problem: Problem) -> Self {
        Self(problem)
    }
}

impl IntoResponse for Trouble {
    fn into_response(self) -> Response {
        if self.0.status.is_server_error() {
            return self.0.into_response();
        }
        let title = if self.0.status == 404 { "Not here" } else { "Not possible" };
        let hint = self.0.hint.as_deref().map(|h| format!("<p>{}</p>", page::inline(h))).unwrap_or_default();
        let body = format!("<p>{}.</p>{hint}", page::inline(&page::sentence(&self.0.message)));
        let mut response = page(title, "", &format!("<section>{body}</section>"));
        *response.status_mut() = self.0.status;
        response
    }
}

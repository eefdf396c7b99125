//! The JSON routes beside predictions: what there is, whether it works, how much it does.

use crate::models::{Card, Served, Version};
use crate::problem::Problem;
use crate::server::{Shared, typed};
use axum::extract::{Path, State};
use axum::response::Response;
use axum::{Router, routing::get};
use serde_json::{Map, Value, json};
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

type Answer = Result<Response, Problem>;

pub(crate) fn routes() -> Router<Arc<Shared>> {
    Router::new()
        .route("/healthz", get(async || json_of(&json!({"status": "ok"}))))
        .route("/readyz", get(ready))
        .route("/metrics", get(metrics))
        .route("/openapi.json", get(description))
        .route("/v1/models", get(models))
        .route("/v1/models/{reference}", get(model))
        .route("/v1/models/{reference}/versions/{version}", get(version))
}

async fn ready(State(shared): State<Arc<Shared>>) -> Answer {
    match shared.ready.load(Relaxed) {
        true => Ok(json_of(&json!({"status": "ready", "models": shared.models.shelf().len()}))),
        false => Err(Problem::not_ready("the store does not answer")),
    }
}

async fn metrics(State(shared): State<Arc<Shared>>) -> Response {
    typed("text/plain; version=0.0.4; charset=utf-8", shared.metrics.text())
}

async fn description(State(shared): State<Arc<Shared>>) -> Response {
    typed("application/json", shared.catalogue.description(&shared.models).await)
}

async fn models(State(shared): State<Arc<Shared>>) -> Response {
    let models: Vec<Value> = shared.models.shelf().iter().map(|(name, card)| card_of(name, card).into()).collect();
    json_of(&json!({"models": models}))
}

async fn model(state: State<Arc<Shared>>, Path(reference): Path<String>) -> Answer {
    one(&state, &reference).await
}

async fn version(state: State<Arc<Shared>>, Path((name, version)): Path<(String, String)>) -> Answer {
    one(&state, &format!("{name}:{version}")).await
}

async fn one(shared: &Shared, reference: &str) -> Answer {
    let served = shared.models.get(reference, &shared.metrics).await?;
    let shelf = shared.models.shelf();
    let card = shelf.get(&served.name).cloned().unwrap_or_default();
    let mut out = card_of(&served.name, &card);
    out.insert("version".into(), served.version.into());
    out.extend(served.about.json());
    out.insert("hash".into(), hash(&served).into());
    Ok(json_of(&Value::Object(out)))
}

fn hash(served: &Served) -> Option<String> {
    served.bundle.hash().ok().map(|h| h.to_string())
}

fn card_of(name: &str, card: &Card) -> Map<String, Value> {
    let versions: Vec<Value> = card.versions.iter().map(version_of).collect();
    let mut out = Map::new();
    out.insert("name".into(), name.into());
    out.insert("newest".into(), card.newest().into());
    out.insert("aliases".into(), json!(card.aliases));
    out.insert("versions".into(), versions.into());
    out
}

fn version_of(version: &Version) -> Value {
    let metrics: Map<String, Value> = version.metrics.iter().map(|(name, v)| (name.clone(), json!(v))).collect();
    json!({
        "version": version.number,
        "made": version.made,
        "gates": version.gates,
        "run": version.run,
        "metrics": metrics,
    })
}

fn json_of(value: &Value) -> Response {
    typed("application/json", value.to_string())
}

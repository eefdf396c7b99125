//! The description of the routes as OpenAPI 3.1, made from the models that are served.

use crate::models::Served;
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// The description of a server of these models.
pub(crate) fn describe(models: &[Arc<Served>]) -> Value {
    let mut paths = Map::new();
    let mut schemas = Map::new();
    schemas.insert("Problem".into(), problem());
    for served in models {
        let name = &served.name;
        schemas.insert(format!("{name}.row"), served.about.row_schema());
        schemas.insert(format!("{name}.prediction"), served.about.prediction_schema());
        paths.insert(format!("/v1/models/{name}:predict"), json!({"post": predict(served)}));
    }
    paths.insert(
        "/v1/models/{model}:predict".into(),
        json!({
            "parameters": [model_parameter()],
            "post": {
                "operationId": "predict",
                "summary": "Predict with any version of any model",
                "requestBody": body(json!({
                    "type": "object",
                    "required": ["instances"],
                    "properties": {"instances": {"type": "array", "items": {"type": "object"}}},
                })),
                "responses": responses("The predictions, in the order of the rows", answer(json!({"type": "object"}))),
            },
        }),
    );
    paths.insert(
        "/v1/models/{model}".into(),
        json!({
            "parameters": [model_parameter()],
            "get": get("model", "What a model takes and gives", "application/json", true),
        }),
    );
    for (path, id, summary, kind) in [
        ("/v1/models", "models", "The models, their versions and aliases", "application/json"),
        ("/healthz", "health", "Whether the server runs", "application/json"),
        ("/readyz", "ready", "Whether the server can answer", "application/json"),
        ("/metrics", "metrics", "Counts and latencies, for Prometheus", "text/plain"),
        ("/openapi.json", "openapi", "This description", "application/json"),
    ] {
        paths.insert(path.into(), json!({"get": get(id, summary, kind, false)}));
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Arkwright",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Predictions of the registered models.",
        },
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
        // A server on loopback asks for no token.
        "security": [{}, {"token": []}],
    })
}

fn predict(served: &Served) -> Value {
    let name = &served.name;
    let row = json!({"$ref": format!("#/components/schemas/{name}.row")});
    json!({
        "operationId": format!("predict_{name}"),
        "summary": format!("Predict with the newest version of {name} that passed its gates"),
        "requestBody": body(json!({
            "type": "object",
            "required": ["instances"],
            "properties": {"instances": {"type": "array", "items": row}},
        })),
        "responses": responses(
            "The predictions, in the order of the rows",
            answer(json!({"$ref": format!("#/components/schemas/{name}.prediction")})),
        ),
    })
}

fn body(schema: Value) -> Value {
    json!({"required": true, "content": {"application/json": {"schema": schema}}})
}

fn answer(each: Value) -> Value {
    json!({
        "type": "object",
        "required": ["model", "version", "predictions"],
        "properties": {
            "model": {"type": "string"},
            "version": {"type": "integer"},
            "predictions": {"type": "array", "items": each},
        },
    })
}

fn responses(what: &str, schema: Value) -> Value {
    json!({
        "200": {"description": what, "content": {"application/json": {"schema": schema}}},
        "default": refusal(),
    })
}

fn refusal() -> Value {
    json!({
        "description": "Why not",
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
    })
}

fn get(id: &str, summary: &str, kind: &str, refuses: bool) -> Value {
    let schema = if kind == "application/json" { json!({"type": "object"}) } else { json!({"type": "string"}) };
    let mut responses = json!({"200": {"description": summary, "content": {kind: {"schema": schema}}}});
    if let (true, Some(map)) = (refuses, responses.as_object_mut()) {
        map.insert("default".into(), refusal());
    }
    json!({"operationId": id, "summary": summary, "responses": responses})
}

fn model_parameter() -> Value {
    json!({
        "name": "model",
        "in": "path",
        "required": true,
        "description": "NAME, NAME@ALIAS or NAME:VERSION",
        "schema": {"type": "string"},
    })
}

fn problem() -> Value {
    json!({
        "type": "object",
        "required": ["error"],
        "properties": {"error": {
            "type": "object",
            "required": ["code", "message"],
            "properties": {
                "code": {"type": "string"},
                "message": {"type": "string"},
                "hint": {"type": "string"},
                "column": {"type": "string"},
                "row": {"type": "integer", "description": "Counted from 0, as in `instances`"},
            },
        }},
    })
}

//! The description of the routes as OpenAPI 3.1, made from the models that are served.

use crate::catalogue::Entry;
use serde_json::{Map, Value, json};

/// The description of a server of these models.
pub(crate) fn describe(models: &[Entry]) -> Value {
    let mut paths = Map::new();
    let mut schemas = Map::new();
    schemas.insert("Problem".into(), problem());
    for (name, about) in models {
        schemas.insert(format!("{name}.row"), about.row_schema());
        schemas.insert(format!("{name}.prediction"), about.prediction_schema());
        paths.insert(format!("/v1/models/{name}:predict"), json!({"post": predict(name)}));
    }
    let model = [parameter("model", "NAME, NAME@ALIAS or NAME:VERSION", "string")];
    let version = [parameter("model", "NAME", "string"), parameter("version", "VERSION", "integer")];
    for (place, id, parameters) in
        [("{model}", "", json!(model)), ("{model}/versions/{version}", "Version", json!(version))]
    {
        let what = get(&format!("model{id}"), "What a model takes and gives", "application/json", true);
        let any = predict_any(&format!("predict{id}"));
        paths.insert(format!("/v1/models/{place}:predict"), json!({"parameters": parameters, "post": any}));
        paths.insert(format!("/v1/models/{place}"), json!({"parameters": parameters, "get": what}));
    }
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

fn predict(name: &str) -> Value {
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

fn predict_any(id: &str) -> Value {
    json!({
        "operationId": id,
        "summary": "Predict with any version of any model",
        "requestBody": body(json!({
            "type": "object",
            "required": ["instances"],
            "properties": {"instances": {"type": "array", "items": {"type": "object"}}},
        })),
        "responses": responses("The predictions, in the order of the rows", answer(json!({"type": "object"}))),
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

fn parameter(name: &str, what: &str, kind: &str) -> Value {
    json!({"name": name, "in": "path", "required": true, "description": what, "schema": {"type": kind}})
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

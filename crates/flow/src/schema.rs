//! The JSON Schema of the system file, for editors: made from the structs that read it and from the Specs.

use crate::file::section::{
    ChecksSection, DataSection, EvaluateSection, PrepareSection, ServeSection, SystemSection, TuneSection,
};
use arkwright_core::{Json, Registry, Spec, schema_of};
use arkwright_validate::Split;
use serde_json::json;

/// The schema of `arkwright.toml`.
pub fn schema(registry: &Registry) -> Json {
    let data = part(schema_of::<DataSection>());
    let candidates: Vec<Json> =
        registry.specs().filter(|s| !s.tasks.is_empty() || s.within.is_some()).map(model).collect();
    let estimators: Vec<Json> = registry.specs().map(|s| estimator(s, &[])).collect();
    let kinds: Vec<&str> = registry.specs().map(|s| s.kind).collect();
    let steps: Vec<Json> = registry
        .specs()
        .map(|s| {
            estimator(s, &[
                ("fit", json!({ "type": "string", "description": "what it learns from: a data set, or step(data)" })),
                ("from", json!({ "type": ["string", "array"], "description": "what it is applied to on the way to the answer: steps, or request" })),
            ])
        })
        .collect();
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "arkwright.toml",
        "type": "object",
        "additionalProperties": false,
        "required": ["data"],
        "properties": {
            "format": { "const": 1, "description": "the format of this file; it fixes the defaults" },
            "system": part(schema_of::<SystemSection>()),
            "data": { "anyOf": [data, { "type": "object", "additionalProperties": data }] },
            "prepare": part(schema_of::<PrepareSection>()),
            "split": { "$ref": "#/$defs/split" },
            "model": { "type": "array", "items": { "oneOf": candidates } },
            "tune": part(schema_of::<TuneSection>()),
            "step": { "type": "object", "additionalProperties": { "oneOf": steps } },
            "evaluate": part(schema_of::<EvaluateSection>()),
            "checks": part(schema_of::<ChecksSection>()),
            "serve": part(schema_of::<ServeSection>()),
            "watch": { "type": "object" }
        },
        "$defs": {
            "split": part(schema_of::<Split>()),
            "estimator": { "anyOf": [{ "enum": kinds }, { "oneOf": estimators }] }
        }
    })
}

fn part(schema: schemars::Schema) -> Json {
    let mut json = schema.to_value();
    if let Some(map) = json.as_object_mut() {
        map.remove("title");
        map.remove("$schema");
    }
    json
}

/// An estimator's settings with its kind, and some more keys.
fn estimator(spec: &Spec, more: &[(&str, Json)]) -> Json {
    let mut json = part((spec.schema)());
    if let Some(map) = json.as_object_mut() {
        map.insert("description".into(), spec.about.into());
        map.entry("type").or_insert_with(|| "object".into());
        let properties = map.entry("properties").or_insert_with(|| json!({}));
        if let Some(properties) = properties.as_object_mut() {
            properties.insert("kind".into(), json!({ "const": spec.kind }));
            for (key, value) in more {
                properties.insert((*key).into(), value.clone());
            }
        }
        let required = map.entry("required").or_insert_with(|| json!([]));
        if let Some(required) = required.as_array_mut() {
            required.push("kind".into());
        }
    }
    json
}

/// A `[[model]]`: settings, each of which may be tuned, and what a candidate has besides.
fn model(spec: &Spec) -> Json {
    let settings = part((spec.schema)());
    let names = settings["properties"].as_object().map(|p| p.keys().cloned().collect::<Vec<_>>()).unwrap_or_default();
    let space = json!({ "type": "object", "properties": {
        "low": { "type": "number" }, "high": { "type": "number" }, "log": { "type": "boolean" },
        "step": { "type": "number" }, "choices": { "type": "array" }
    }, "additionalProperties": false });
    let tune: serde_json::Map<String, Json> = names.into_iter().map(|name| (name, space.clone())).collect();
    estimator(
        spec,
        &[
            ("name", json!({ "type": "string", "description": "the candidate's name; default: its kind" })),
            (
                "prepare",
                json!({ "type": "array", "items": { "$ref": "#/$defs/estimator" }, "description": "the steps before it; default: what this kind needs" }),
            ),
            ("trials", json!({ "type": "integer", "minimum": 1 })),
            ("tune", json!({ "type": "object", "properties": tune, "additionalProperties": false })),
        ],
    )
}

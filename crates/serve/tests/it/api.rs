//! The other JSON routes.

use crate::client::start;
use arkwright_serve::Config;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

#[test]
fn a_model_tells_what_it_takes_and_gives() {
    let server = start(Config::default());
    let models = server.get("/v1/models").json();
    assert_eq!(models["models"][0]["name"], "churn");
    assert_eq!(models["models"][0]["newest"], 1);
    for path in ["/v1/models/churn", "/v1/models/churn:1", "/v1/models/churn/versions/1", "/v1/models/churn%3A1"] {
        let answer = server.get(path);
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        let model = answer.json();
        assert_eq!(model["version"], 1);
        assert_eq!(model["classes"], json!(["No", "Yes <b>"]));
        let names: Vec<&str> =
            model["request"].as_array().unwrap().iter().map(|f| f["name"].as_str().unwrap()).collect();
        assert_eq!(names, ["id", "age", "city"], "the target is no part of a request");
        let age = json!({"name": "age", "kind": "number", "role": "input", "type": "float64", "required": true});
        assert_eq!(model["request"][1], age);
    }
    assert_eq!(server.get("/v1/models/nothing").status, 404);
    let answer = server.connect().send("DELETE", "/v1/models/churn", &[], b"");
    assert_eq!((answer.status, answer.code()), (405, "method_not_allowed".to_string()));
}

#[test]
fn health_is_told() {
    let server = start(Config::default());
    assert_eq!(server.get("/healthz").json(), json!({"status": "ok"}));
    assert_eq!(server.get("/readyz").json()["status"], "ready");
    assert_eq!(server.connect().send("HEAD", "/healthz", &[], b"").status, 200);
}

/// Reads Prometheus' text form strictly: each sample after its family's type, no sample twice.
fn samples(text: &str) -> BTreeMap<String, f64> {
    let mut types: BTreeMap<&str, &str> = BTreeMap::new();
    let mut samples = BTreeMap::new();
    for line in text.lines() {
        if let Some(rest) = line.strip_prefix("# TYPE ") {
            let (name, kind) = rest.split_once(' ').unwrap();
            assert!(types.insert(name, kind).is_none(), "{name} comes twice");
        } else if !line.starts_with("# HELP ") {
            let (name, value) = line.rsplit_once(' ').unwrap();
            let family = name.split('{').next().unwrap();
            let base = ["_bucket", "_sum", "_count"].iter().find_map(|s| family.strip_suffix(s));
            let known = types.contains_key(family) || base.is_some_and(|b| types.get(b) == Some(&"histogram"));
            assert!(known, "{line}");
            assert!(samples.insert(name.to_string(), value.parse().unwrap()).is_none(), "{name} comes twice");
        }
    }
    samples
}

#[test]
fn what_happened_is_counted_by_model_version_and_status() {
    let server = start(Config::default());
    let predict = "/v1/models/churn:predict";
    for _ in 0..3 {
        server.post(predict, r#"{"instances": [{"age": 1, "city": "a"}, {"age": 1, "city": "a"}]}"#);
    }
    server.post(predict, "{");
    server.post("/v1/models/other:predict", "{}");
    server.get("/nowhere");
    let answer = server.get("/metrics");
    assert!(answer.headers["content-type"].starts_with("text/plain; version=0.0.4"));
    let samples = samples(answer.text());
    let labels = "model=\"churn\",version=\"1\"";
    assert_eq!(samples[&format!("arkwright_predictions_total{{{labels},status=\"200\"}}")], 3.0);
    assert_eq!(samples[&format!("arkwright_predictions_total{{{labels},status=\"400\"}}")], 1.0);
    assert_eq!(samples[&format!("arkwright_predicted_rows_total{{{labels}}}")], 6.0);
    assert_eq!(samples[&format!("arkwright_prediction_seconds_count{{{labels}}}")], 4.0);
    assert_eq!(samples["arkwright_requests_total{kind=\"other\",status=\"404\"}"], 2.0);
    assert_eq!(samples["arkwright_requests_in_flight"], 1.0);
    assert!(!answer.text().contains("other:predict") && !answer.text().contains("model=\"other\""));
}

/// All `$ref`s within a value.
fn references<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
    match value {
        Value::Object(map) => {
            found.extend(map.get("$ref").and_then(Value::as_str));
            map.values().for_each(|v| references(v, found));
        }
        Value::Array(items) => items.iter().for_each(|v| references(v, found)),
        _ => {}
    }
}

#[test]
fn the_openapi_description_holds_together() {
    let server = start(Config::default());
    let description = server.get("/openapi.json").json();
    assert_eq!(description["openapi"], "3.1.0");
    assert!(description["info"]["title"].is_string() && description["info"]["version"].is_string());
    let mut found = Vec::new();
    references(&description, &mut found);
    assert!(!found.is_empty());
    for reference in found {
        assert!(description.pointer(reference.strip_prefix('#').unwrap()).is_some(), "{reference}");
    }
    let mut ids = BTreeSet::new();
    for (path, item) in description["paths"].as_object().unwrap() {
        assert!(path.starts_with('/'));
        for (verb, operation) in item.as_object().unwrap().iter().filter(|(verb, _)| *verb != "parameters") {
            assert!(["get", "post"].contains(&verb.as_str()), "{verb}");
            assert!(ids.insert(operation["operationId"].as_str().unwrap()), "{operation}");
            for (status, response) in operation["responses"].as_object().unwrap() {
                assert!(status == "default" || status.len() == 3);
                assert!(response["description"].is_string());
            }
        }
        // Each variable of a path is declared.
        let declared: Vec<&str> =
            item["parameters"].as_array().into_iter().flatten().map(|p| p["name"].as_str().unwrap()).collect();
        for variable in path.split('{').skip(1).map(|rest| rest.split('}').next().unwrap()) {
            assert!(declared.contains(&variable), "{path}");
        }
    }
    for name in description["components"]["schemas"].as_object().unwrap().keys() {
        assert!(name.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c)), "{name}");
    }
    let row = &description["components"]["schemas"]["churn.row"];
    assert_eq!(row["required"], json!(["age", "city"]));
    // The example is a request that the server takes.
    let body = json!({"instances": [row["example"]]}).to_string();
    assert_eq!(server.post("/v1/models/churn:predict", &body).status, 200);
}

#[test]
fn values_that_training_never_saw_are_counted_by_column() {
    let server = start(Config::default());
    let line = "arkwright_unseen_values_total{model=\"churn\",version=\"1\",column=\"city\"}";
    let seen = r#"{"instances": [{"age": 1, "city": "Bern"}, {"age": 1, "city": null}]}"#;
    server.post("/v1/models/churn:predict", seen);
    assert!(!server.get("/metrics").text().contains(line));
    // One row goes the short way; more go through columns, and from a page they go the long way.
    let one = r#"{"instances": [{"age": 1, "city": "Oslo"}]}"#;
    let three =
        r#"{"instances": [{"age": 1, "city": "Oslo"}, {"age": 1, "city": "Bern"}, {"age": 1, "city": "Rome"}]}"#;
    let origin = format!("http://127.0.0.1:{}", server.port);
    for body in [one, three] {
        for headers in [&[][..], &[("Origin", origin.as_str())]] {
            assert_eq!(server.connect().send("POST", "/v1/models/churn:predict", headers, body.as_bytes()).status, 200);
        }
    }
    let page = server.get("/metrics");
    let text = page.text();
    assert!(text.contains(&format!("{line} 6\n")), "{text}");
}

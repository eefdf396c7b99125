//! Predictions: equal to the library's to the bit, and errors that say what to do.

use crate::client::{Running, start};
use crate::model::bundle;
use arkwright_core::Context;
use arkwright_serve::Config;
use arrow::array::AsArray;
use arrow::datatypes::Float64Type;
use serde_json::{Value, json};

const PREDICT: &str = "/v1/models/churn:predict";

fn server() -> Running {
    start(Config::default())
}

/// The probabilities that the library gives for a body.
fn expected(body: &str) -> Vec<f64> {
    let bundle = bundle(0.0);
    let request = bundle.request().from_json(body.as_bytes(), 1_000_000).unwrap();
    let answer = bundle.predict(&request, &Context::new(0)).unwrap();
    let column = answer.column("probability").unwrap().as_fixed_size_list().values().clone();
    column.as_primitive::<Float64Type>().values().to_vec()
}

fn probabilities(answer: &Value) -> Vec<f64> {
    let rows = answer["predictions"].as_array().unwrap();
    rows.iter().flat_map(|r| r["probability"].as_object().unwrap().values().map(|v| v.as_f64().unwrap())).collect()
}

fn same_bits(a: &[f64], b: &[f64]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.to_bits() == b.to_bits())
}

#[test]
fn a_row_is_answered_with_its_key_its_label_and_its_probabilities() {
    let body =
        r#"{"instances": [{"id": "a7", "age": 31.5, "city": "Oslo"}, {"age": null, "city": null, "more": [1]}]}"#;
    let answer = server().post(PREDICT, body);
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.headers["content-type"], "application/json");
    let answer = answer.json();
    assert_eq!(answer["model"], "churn");
    assert_eq!(answer["version"], 1);
    assert_eq!(answer["predictions"][0]["id"], "a7");
    assert_eq!(answer["predictions"][0]["prediction"], "Yes <b>");
    assert_eq!(answer["predictions"][1]["prediction"], "No");
    assert!(same_bits(&probabilities(&answer), &expected(body)));
}

#[test]
fn many_at_once_get_what_the_library_gives_to_the_bit() {
    let server = server();
    std::thread::scope(|scope| {
        for client in 0..8 {
            let server = &server;
            scope.spawn(move || {
                let mut connection = server.connect();
                for i in 0..200 {
                    let age = f64::from(client * 1000 + i) / 7.0;
                    let body = json!({"instances": [{"age": age, "city": "x".repeat(i as usize % 9)}]}).to_string();
                    let answer = connection.post(PREDICT, &body);
                    assert_eq!(answer.status, 200);
                    assert!(same_bits(&probabilities(&answer.json()), &expected(&body)));
                }
            });
        }
    });
}

#[test]
fn a_large_request_gets_what_its_rows_get_one_by_one() {
    let rows: Vec<Value> = (0..5000).map(|i| json!({"age": f64::from(i) / 3.0, "city": format!("c{i}")})).collect();
    let body = json!({"instances": rows}).to_string();
    assert!(body.len() > 100_000);
    let answer = server().post(PREDICT, &body);
    assert_eq!(answer.status, 200);
    assert!(same_bits(&probabilities(&answer.json()), &expected(&body)));
}

#[test]
fn columns_are_taken_as_well_as_rows() {
    let answer = server().post(PREDICT, r#"{"inputs": {"age": [1, 2], "city": ["a", "b"]}}"#);
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.json()["predictions"].as_array().unwrap().len(), 2);
}

#[test]
fn no_rows_get_no_predictions() {
    let answer = server().post(PREDICT, r#"{"instances": []}"#);
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.json()["predictions"], json!([]));
}

#[test]
fn what_is_wrong_with_a_body_is_said_with_column_and_row() {
    let server = server();
    let refused = |body: &str| {
        let answer = server.post(PREDICT, body);
        assert_eq!(answer.status, 400, "{body}: {}", answer.text());
        assert_eq!(answer.code(), "invalid_request");
        answer.json()["error"].clone()
    };
    let error = refused(r#"{"instances": [{"age": 1, "city": "a"}, {"age": "old", "city": "a"}]}"#);
    assert_eq!((&error["column"], &error["row"]), (&json!("age"), &json!(1)));
    let message = error["message"].as_str().unwrap();
    assert!(message.contains("instances[1]") && message.contains("`old` is not a number"), "{message}");

    let error = refused(r#"{"instances": [{"age": 1, "cty": "a"}]}"#);
    assert_eq!(error["column"], "city");
    assert_eq!(error["hint"], "there is a `cty`");

    for body in ["", "{", "[]", "null", "{\"instances\": 3}", "{\"rows\": []}", "\u{0}", "{\"instances\": [{}]} x"] {
        refused(body);
    }
    assert_eq!(refused(&"[".repeat(100_000))["code"], "invalid_request");
}

#[test]
fn too_many_rows_and_too_long_a_body_are_refused() {
    let server = start(Config { max_rows: 3, max_body_bytes: 1000, ..Config::default() });
    let rows = vec![json!({"age": 1, "city": "a"}); 4];
    let answer = server.post(PREDICT, &json!({"instances": rows}).to_string());
    assert_eq!((answer.status, answer.code()), (400, "invalid_request".to_string()));
    assert!(answer.text().contains("more than 3 rows"));
    // Announced, sent without being announced, and far too long.
    let long = format!("{{\"instances\": [{{\"age\": 1, \"city\": \"{}\"}}]}}", "x".repeat(2000));
    let answer = server.post(PREDICT, &long);
    assert_eq!((answer.status, answer.code()), (413, "too_large".to_string()));
    let head = format!(
        "POST {PREDICT} HTTP/1.1\r\nHost: localhost:{}\r\nTransfer-Encoding: chunked\r\n\r\n{:x}\r\n{long}\r\n0\r\n\r\n",
        server.port,
        long.len()
    );
    assert_eq!(server.connect().raw(head.as_bytes()).status, 413);
    let head =
        format!("POST {PREDICT} HTTP/1.1\r\nHost: localhost:{}\r\nContent-Length: 99999999\r\n\r\n", server.port);
    assert_eq!(server.connect().raw(head.as_bytes()).status, 413);
    // In pieces, and short enough.
    let piece = "{\"instances\": [{\"age\": 1, ";
    let rest = "\"city\": \"a\"}]}";
    let chunked = format!(
        "POST {PREDICT} HTTP/1.1\r\nHost: localhost:{}\r\nTransfer-Encoding: chunked\r\n\r\n{:x}\r\n{piece}\r\n{:x}\r\n{rest}\r\n0\r\n\r\n",
        server.port,
        piece.len(),
        rest.len()
    );
    assert_eq!(server.connect().raw(chunked.as_bytes()).status, 200);
}

#[test]
fn a_body_that_does_not_arrive_is_not_waited_for() {
    let server = start(Config { body_timeout: std::time::Duration::from_millis(200), ..Config::default() });
    let head = format!("POST {PREDICT} HTTP/1.1\r\nHost: localhost:{}\r\nContent-Length: 50\r\n\r\n{{", server.port);
    assert_eq!(server.connect().raw(head.as_bytes()).status, 408);
}

#[test]
fn the_wrong_method_or_type_is_said_so() {
    let server = server();
    let answer = server.get(PREDICT);
    assert_eq!((answer.status, answer.code()), (405, "method_not_allowed".to_string()));
    assert_eq!(answer.headers["allow"], "POST");
    let answer = server.connect().send("POST", PREDICT, &[("Content-Type", "text/plain")], b"{}");
    assert_eq!((answer.status, answer.code()), (415, "unsupported_media_type".to_string()));
    let json = [("Content-Type", "Application/JSON; charset=utf-8")];
    let body = br#"{"instances": [{"age": 1, "city": "a"}]}"#;
    assert_eq!(server.connect().send("POST", PREDICT, &json, body).status, 200);
}

#[test]
fn an_unknown_model_is_answered_with_the_nearest() {
    let server = server();
    let refused = |path: &str| {
        let answer = server.post(path, "{}");
        assert_eq!((answer.status, answer.code()), (404, "not_found".to_string()), "{path}");
        answer.json()["error"].clone()
    };
    assert_eq!(refused("/v1/models/chrun:predict")["hint"], "did you mean `churn`?");
    assert!(refused("/v1/models/churn:2:predict")["hint"].as_str().unwrap().contains("versions 1"));
    refused("/v1/models/churn@production:predict");
    refused("/v1/models/..%2f..%2fetc:predict");
    refused("/v1/models/:predict");
}

#[test]
fn a_fault_within_says_a_number_and_nothing_else() {
    let server = server();
    for city in ["broken", "panic"] {
        let answer = server.post(PREDICT, &json!({"instances": [{"age": 1, "city": city}]}).to_string());
        assert_eq!((answer.status, answer.code()), (500, "internal".to_string()));
        assert!(!answer.text().contains("secret") && !answer.text().contains("panic"), "{}", answer.text());
    }
    let log = server.log.lock().unwrap();
    assert!(log[0].starts_with("fault 1: ") && log[0].contains("/secret/path"), "{log:?}");
    assert!(log[1].starts_with("fault 2: "), "{log:?}");
}

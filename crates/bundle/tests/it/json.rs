use arkwright_bundle::{Request, RequestField};
use arkwright_core::{Field, Kind, Role};
use arrow::array::{ArrayRef, AsArray, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Float64Type};
use proptest::prelude::*;
use std::sync::Arc;

fn request() -> Request {
    let field = |name: &str, kind, role, data_type| RequestField::new(Field::new(name, kind, role), data_type);
    Request::new(vec![
        field("id", Kind::Text, Role::Key, DataType::Utf8),
        field("age", Kind::Number, Role::Input, DataType::Int64),
        field("city", Kind::Category, Role::Input, DataType::Utf8),
        field("code", Kind::Category, Role::Input, DataType::Int64),
        field("since", Kind::Time, Role::Input, DataType::Date32),
    ])
    .unwrap()
}

const ROW: &str = r#"{"age": 31, "city": "Oslo", "code": 7, "since": "2024-05-31"}"#;

fn refused(body: &str) -> (String, Option<String>) {
    let error = request().from_json(body.as_bytes(), 3).unwrap_err();
    (error.to_string(), error.hint())
}

fn row(age: &str, rest: &str) -> String {
    format!(r#"{{"instances": [{ROW}, {{"age": {age}, {rest}}}]}}"#)
}

const REST: &str = r#""city": "x", "code": 1, "since": null"#;

#[test]
fn rows_and_columns_give_the_same_frame() {
    let rows =
        format!(r#"{{"other": {{}}, "instances": [{ROW}, {{"code": 1.0, "since": null, "city": true, "age": "4"}}]}}"#);
    let columns = r#"{"inputs": {"code": ["7", 1], "age": [31, 4.0], "more": [1], "city": ["Oslo", "true"],
        "since": ["2024-05-31T10:00:00", "?"]}}"#;
    let rows = request().from_json(rows.as_bytes(), 3).unwrap();
    assert_eq!(rows, request().from_json(columns.as_bytes(), 3).unwrap());
    assert_eq!(rows.columns()[2].as_string::<i32>().value(1), "1");
    assert!(rows.position("id").is_none());
}

#[test]
fn a_key_is_read_where_it_is_given() {
    let body = format!(r#"{{"instances": [{ROW}, {{"id": 12, "age": 1, {REST}}}]}}"#);
    let frame = request().from_json(body.as_bytes(), 3).unwrap();
    let ids: Vec<Option<&str>> = frame.columns()[0].as_string::<i32>().iter().collect();
    assert_eq!((frame.fields()[0].name.as_str(), ids), ("id", vec![None, Some("12")]));
}

#[test]
fn escapes_in_keys_and_values_are_read() {
    let body = r#"{"instances": [{"\u0061ge": 1, "city": "S\u00e3o \"P\"", "code": null, "since": null}]}"#;
    let frame = request().from_json(body.as_bytes(), 3).unwrap();
    assert_eq!(frame.texts(1).unwrap().value(0), "São \"P\"");
}

#[test]
fn what_is_wrong_is_named_with_column_and_row() {
    let message = |body: &str| refused(body).0;
    assert_eq!(message(&row("\"old\"", REST)), "column `age`, row 2: `old` is not a number");
    assert_eq!(message(&row("true", REST)), "column `age`, row 2: `true` where a number is needed");
    assert_eq!(message(&row("[1]", REST)), "column `age`, row 2: a list where a number is needed");
    assert_eq!(message(&row("{}", REST)), "column `age`, row 2: an object where a number is needed");
    assert_eq!(message(&row("\"inf\"", REST)), "column `age`, row 2: the number is infinite");
    assert_eq!(message(&row("1, \"age\": 2", REST)), "column `age`, row 2: the name comes twice");
    let wrong_time = message(&row("1", r#""city": "x", "code": 1, "since": 5"#));
    assert_eq!(wrong_time, "column `since`, row 2: `5` where a date or a time, as text, is needed");
    let (missing, hint) = refused(&row("1", r#""ctiy": "x", "code": 1, "since": null"#));
    assert_eq!(missing, "column `city`, row 2: is needed here and is not in the data");
    assert_eq!(hint.unwrap(), "there is a `ctiy`");
}

#[test]
fn columns_that_do_not_fit_are_refused() {
    let (ragged, _) = refused(r#"{"inputs": {"age": [1, 2], "city": ["a"], "code": [1, 2], "since": [null, null]}}"#);
    assert_eq!(ragged, "column `city`: 1 values where `age` has 2");
    let (missing, hint) = refused(r#"{"inputs": {"agee": [1], "city": ["a"], "code": [1], "since": [null]}}"#);
    assert_eq!(
        (missing.as_str(), hint.as_deref()),
        ("column `age`: is needed here and is not in the data", Some("there is a `agee`"))
    );
    assert!(refused(r#"{"inputs": {"age": [1], "age": [1]}}"#).0.contains("twice"));
}

#[test]
fn more_rows_than_allowed_are_refused_before_they_are_read() {
    let four = format!(r#"{{"instances": [{}]}}"#, [ROW; 4].join(","));
    assert_eq!(refused(&four).0, "more than 3 rows in one request");
    assert_eq!(refused(r#"{"inputs": {"age": [1, 2, 3, 4, 5, "never read"]}}"#).0, "more than 3 rows in one request");
}

#[test]
fn what_is_no_such_body_is_refused() {
    for body in [
        "",
        "[]",
        "{",
        "{}",
        r#"{"instances": 1}"#,
        r#"{"instances": [1]}"#,
        r#"{"inputs": []}"#,
        "{}{}",
        r#"{"instances": [], "inputs": {}}"#,
        r#"{"instances": [{"age": 1e999}]}"#,
        "\u{0}",
    ] {
        assert!(request().from_json(body.as_bytes(), 3).is_err(), "{body}");
    }
    let deep = format!(r#"{{"instances": [{{"x": {}1{}}}]}}"#, "[".repeat(10_000), "]".repeat(10_000));
    assert!(request().from_json(deep.as_bytes(), 3).is_err());
    assert!(request().from_json(&[b'{', b'"', 0xff, b'"'], 3).is_err());
}

proptest! {
    /// JSON and a table of text are two ways to say the same.
    #[test]
    fn a_number_is_the_same_from_json_and_from_text(values in proptest::collection::vec(proptest::num::f64::NORMAL, 1..20)) {
        let field = RequestField::new(Field::input("x", Kind::Number), DataType::Float64);
        let request = Request::new(vec![field]).unwrap();
        let body = serde_json::json!({ "instances": values.iter().map(|v| serde_json::json!({ "x": v })).collect::<Vec<_>>() });
        let json = request.from_json(body.to_string().as_bytes(), 100).unwrap();
        let text: ArrayRef = Arc::new(values.iter().map(|v| Some(v.to_string())).collect::<StringArray>());
        let table = request.conform(&RecordBatch::try_from_iter([("x", text)]).unwrap(), 0).unwrap();
        prop_assert_eq!(&json, &table);
        prop_assert_eq!(json.columns()[0].as_primitive::<Float64Type>().values().to_vec(), values);
    }

    #[test]
    fn no_body_panics(body in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = request().from_json(&body, 3);
    }

    #[test]
    fn no_changed_body_panics(at in 0usize..150, byte: u8) {
        let mut body = row("1", REST).into_bytes();
        let at = at % body.len();
        body[at] = byte;
        let _ = request().from_json(&body, 3);
    }
}

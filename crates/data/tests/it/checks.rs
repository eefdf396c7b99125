//! Declared checks: which rows fail, which of them are told, and what a failure does.

use crate::place::{csv, frame, words};
use arkwright_core::{Frame, Json, Kind, Notation, Role};
use arkwright_data::ValueType;
use arkwright_data::checks::{Check, Checked, Checks, OnFail, check};
use arrow::array::{ArrayRef, Float32Array, Float64Array};
use serde_json::json;
use std::sync::Arc;

pub fn parse(json: Json) -> Check {
    serde_json::from_value(json).unwrap()
}

/// How some checks of a CSV file go.
pub fn tried(text: &str, checks: Json) -> Checks {
    let checks = serde_json::from_value(checks).unwrap();
    check(&csv(text).frame(), &checks, &Notation::default()).unwrap()
}

/// How one check of column `a` goes: the rows told, and what is in them.
pub fn one(text: &str, asked: Json) -> (Checked, Vec<(u64, String)>) {
    let mut results = tried(text, json!({ "a": asked })).results;
    assert_eq!(results.len(), 1);
    let told = results.remove(0);
    let rows = told.first.iter().map(|f| (f.row, f.value.clone())).collect();
    (told, rows)
}

fn rows(values: &[(u64, &str)]) -> Vec<(u64, String)> {
    values.iter().map(|(row, value)| (*row, value.to_string())).collect()
}

#[test]
fn every_value_spells_its_type() {
    let (told, failing) = one("a,b\n1,\nx,\n3,\n2.5,\nNA,\n1e2,\n-inf,\n", json!({ "type": "integer" }));
    // 1e2 is a whole number.
    assert_eq!(
        (told.rule.as_str(), told.failing, failing),
        ("type a whole number", 3, rows(&[(1, "x"), (3, "2.5"), (6, "-inf")]))
    );
    for (wanted, good, bad) in [
        ("number", "1.5", "one"),
        ("number", "1", "inf"),
        ("boolean", "true", "yes"),
        ("date", "2024-02-29", "2023-02-29"),
        ("timestamp", "2024-01-01T10:00Z", "10:00"),
    ] {
        let (told, failing) = one(&format!("a,b\n{good},1\n{bad},2\n,3\n{good},4\n"), json!({ "type": wanted }));
        assert_eq!((told.failing, failing), (1, rows(&[(1, bad)])), "{wanted}");
        assert_eq!(one(&format!("a,b\n{good},1\n,2\n"), json!({ "type": wanted })).0.failing, 0, "{wanted}");
    }
    assert_eq!(one("a,b\n1,1\nx,2\n", json!({ "type": "text" })).0.failing, 0);
}

#[test]
fn no_value_comes_twice() {
    let (told, failing) = one("a,b\nx,1\ny,2\nx,3\n,4\n,5\ny,6\nx,7\n", json!({ "unique": true }));
    assert_eq!((told.rule.as_str(), told.failing, failing), ("unique", 3, rows(&[(2, "x"), (5, "y"), (6, "x")])));
    assert_eq!(one("a,b\nx,1\ny,2\n,3\n,4\n", json!({ "unique": true })).0.failing, 0);
    let beyond = "a\n9007199254740992\n9007199254740993\n";
    assert_eq!(one(beyond, json!({ "unique": true })).0.failing, 0);
}

#[test]
fn values_are_of_those_allowed() {
    let (told, failing) = one("a,b\nx,1\nX,2\n,3\ny,4\n", json!({ "allowed": ["x", "y"] }));
    assert_eq!((told.failing, failing), (1, rows(&[(1, "X")])));
    assert_eq!(told.rule, "allowed [\"x\",\"y\"]");
    // 1 and 1.0 are one number.
    assert_eq!(one("a\n1.0\n2.0\n", json!({ "allowed": [1, 2] })).0.failing, 0);
    assert_eq!(one("a\n1\n2\n3\n", json!({ "allowed": [1.0, 2] })).1, rows(&[(2, "3")]));
    assert_eq!(one("a\ntrue\nfalse\n", json!({ "allowed": [true] })).1, rows(&[(1, "false")]));
}

#[test]
fn the_share_of_missing_values() {
    let table = "a,b\n1,1\n,2\n3,3\nNA,4\n";
    let (told, failing) = one(table, json!({ "max_null_share": 0.49 }));
    assert_eq!((told.failing, failing), (2, rows(&[(1, ""), (3, "")])));
    assert_eq!(told.told(), "column `a`: 2 rows fail max_null_share 0.49 (row 2, row 4)");
    assert_eq!(one(table, json!({ "max_null_share": 0.5 })).0.failing, 0);
    assert_eq!(one("a,b\n,1\n", json!({ "max_null_share": 0 })).0.failing, 1);
    assert_eq!(one("a,b\n1,1\n", json!({ "max_null_share": 0 })).0.failing, 0);
}

fn with_nan(column: ArrayRef, asked: Json) -> u64 {
    let table = frame(vec![("a", Kind::Number, Role::Input, column)]);
    check(&table, &[("a".to_string(), parse(asked))].into(), &Notation::default()).unwrap().results[0].failing
}

#[test]
fn nan_is_missing_and_passes_all_but_the_share() {
    let wide: ArrayRef = Arc::new(Float64Array::from(vec![0.1, f64::NAN, f64::NAN, 2.5]));
    let single: ArrayRef = Arc::new(Float32Array::from(vec![0.1, f32::NAN, f32::NAN, 2.5]));
    for column in [wide, single] {
        for asked in [
            json!({ "type": "number" }),
            json!({ "unique": true }),
            json!({ "allowed": [0.1, 2.5] }),
            json!({ "min": 0 }),
            json!({ "max": 3 }),
            json!({ "max_null_share": 0.5 }),
        ] {
            assert_eq!(with_nan(column.clone(), asked.clone()), 0, "{asked}");
        }
        assert_eq!(with_nan(column.clone(), json!({ "type": "integer" })), 2);
        assert_eq!(with_nan(column.clone(), json!({ "allowed": [2.5] })), 1);
        assert_eq!(with_nan(column, json!({ "max_null_share": 0.4 })), 2);
    }
}

#[test]
fn five_rows_are_told_and_long_values_are_cut() {
    let long = "v".repeat(80);
    let (told, failing) = one(&format!("a,b\n{}", format!("{long},1\n").repeat(8)), json!({ "type": "number" }));
    assert_eq!((told.failing, failing.len()), (8, 5));
    assert_eq!(failing[4], (4, "v".repeat(60)));
    let said = one("a\nx\ny\nz\nw\n", json!({ "type": "number" })).0.told();
    assert_eq!(said, "column `a`: 4 rows fail type a number (row 1: `x`, row 2: `y`, row 3: `z`)");
    assert_eq!(one("a\n1\n", json!({ "type": "number" })).0.told(), "column `a`: type a number holds");
}

const TABLE: &str = "a,b\n1,x\n-1,y\n200,z\n4,z\n";

fn left(text: &str, checks: Json) -> arkwright_core::Result<Frame> {
    tried(text, checks).apply(&csv(text).frame())
}

#[test]
fn a_failure_refuses_the_table_unless_something_else_is_said() {
    let said = words(&left(TABLE, json!({ "a": { "min": 0, "max": 120 }, "b": { "unique": true } })).unwrap_err());
    assert!(
        said.starts_with(
            "column `a`: 1 rows fail min 0 (row 2: `-1`); column `a`: 1 rows fail max 120 (row 3: `200`); "
        ),
        "{said}"
    );
    assert!(said.contains("column `b`: 1 rows fail unique (row 4: `z`)"), "{said}");
    assert!(said.contains("under [data.checks.a]"), "{said}");
    assert_eq!(left(TABLE, json!({ "a": { "min": -1, "max": 200 } })).unwrap().rows(), 4);
}

#[test]
fn rows_at_fault_are_set_aside_once() {
    let checks = json!({
        "a": { "min": 0, "max": 120, "on_fail": "set_aside" },
        "b": { "allowed": ["x", "z"], "on_fail": "set_aside" },
    });
    let result = tried(TABLE, checks);
    assert_eq!(result.keep, Some(vec![0, 3]));
    assert_eq!((result.set_aside(), result.rows), (2, 4));
    let left = result.apply(&csv(TABLE).frame()).unwrap();
    assert_eq!(left.texts(1).unwrap().iter().collect::<Vec<_>>(), [Some("x"), Some("z")]);
    let none = left_error(json!({ "a": { "min": 1000, "on_fail": "set_aside" } }));
    assert!(none.contains("the checks set every row aside"), "{none}");
}

fn left_error(checks: Json) -> String {
    words(&left(TABLE, checks).unwrap_err())
}

#[test]
fn a_warning_keeps_every_row_and_tells() {
    let result = tried(TABLE, json!({ "a": { "min": 0, "on_fail": "warn" } }));
    assert_eq!((result.keep.as_ref(), result.set_aside()), (None, 0));
    assert_eq!((result.results[0].failing, result.results[0].on_fail), (1, OnFail::Warn));
    assert_eq!(result.apply(&csv(TABLE).frame()).unwrap().rows(), 4);
}

#[test]
fn a_check_reads_as_it_is_written_and_knows_its_keys() {
    let check = parse(json!({ "type": "date", "min": "2024-01-01", "unique": true, "on_fail": "warn" }));
    assert_eq!((check.value_type, check.unique, check.on_fail), (Some(ValueType::Date), true, OnFail::Warn));
    assert_eq!(parse(serde_json::to_value(&check).unwrap()), check);
    assert_eq!(parse(json!({})), Check::default());
    assert!(serde_json::from_value::<Check>(json!({ "minimum": 1 })).is_err());
}

//! Bounds of numbers and dates, checks that do not fit their column, and the checks that a table suggests.

use crate::checks::{one, parse, tried};
use crate::place::{Place, Table, csv, engine, words};
use arkwright_core::{Json, Notation, Role};
use arkwright_data::checks::{check, infer_checks};
use arkwright_data::typing::Typing;
use serde_json::json;

fn failing(text: &str, asked: Json) -> Vec<u64> {
    let (told, rows) = one(text, asked);
    let rows: Vec<u64> = rows.into_iter().map(|(row, _)| row).collect();
    assert_eq!(told.failing, rows.len() as u64);
    rows
}

#[test]
fn a_bound_may_be_reached_and_not_passed() {
    let ages = "a,b\n5,1\n-1,2\n130,3\n,4\n0,5\n120,6\n";
    assert_eq!(failing(ages, json!({ "min": 0 })), [1]);
    assert_eq!(failing(ages, json!({ "max": 120 })), [2]);
    assert!(failing(ages, json!({ "min": -1 })).is_empty() && failing(ages, json!({ "max": 130 })).is_empty());
    assert_eq!(failing("a\n0.1\n0.3\n", json!({ "max": 0.2 })), [1]);
    assert_eq!(failing("a\n-inf\n1\n", json!({ "min": 0 })), [0]);
}

#[test]
fn numbers_within_text_are_bounded_and_words_are_not() {
    assert_eq!(failing("a\n5\nmany\n-3\n", json!({ "min": 0 })), [2]);
    assert_eq!(failing("a,b\nsoon,1\n2023-12-31,2\n2024-01-01,3\n", json!({ "min": "2024-01-01" })), [1]);
}

#[test]
fn dates_have_bounds_too() {
    let days = "a,b\n2023-12-31,1\n2024-01-01,2\n,3\n2024-03-01,4\n";
    assert_eq!(failing(days, json!({ "min": "2024-01-01" })), [0]);
    assert_eq!(failing(days, json!({ "max": "2024-02-29" })), [3]);
    let times = "a\n2024-01-01T09:59:59Z\n2024-01-01T10:00:00Z\n";
    assert_eq!(failing(times, json!({ "min": "2024-01-01T12:00:00+02:00" })), [0]);
    assert_eq!(failing(times, json!({ "max": "2024-01-01T09:59:59.5Z" })), [1]);
}

#[test]
fn bounds_beyond_53_bits_are_exact() {
    let large = "a\n9007199254740992\n9007199254740993\n";
    assert_eq!(failing(large, json!({ "max": 9_007_199_254_740_992_i64 })), [1]);
    assert_eq!(failing(large, json!({ "min": 9_007_199_254_740_993_i64 })), [0]);
    assert_eq!(failing(large, json!({ "max": 1e15 })), [0, 1]);
}

fn refused(text: &str, asked: Json) -> String {
    words(&check(&csv(text).frame(), &[("a".to_string(), parse(asked))].into(), &Notation::default()).unwrap_err())
}

#[test]
fn a_check_that_does_not_fit_its_column_is_refused() {
    let said = refused("ab,b\n1,2\n", json!({}));
    assert!(said.contains("[data.checks.a]: there is no such column"), "{said}");
    let said = refused("a,b\n2024-01-01,1\n", json!({ "min": 5 }));
    assert!(said.contains("[data.checks.a]: the bound 5 does not fit a column of type Date32"), "{said}");
    assert!(refused("a\n1\n", json!({ "max": "2024-01-01" })).contains("does not fit a column of type Int64"));
    assert!(refused("a\ntrue\n", json!({ "max": 1 })).contains("does not fit a column of type Boolean"));
    assert!(refused("a\nx\n", json!({ "min": "tomorrow" })).contains("`tomorrow` is no ISO date"));
    let said = refused("a\n1\n", json!({ "max_null_share": 5 }));
    assert!(said.contains("`max_null_share` is 5, and lies between 0 and 1"), "{said}");
}

#[test]
fn results_come_in_the_order_of_the_names() {
    let text = "b,a\n1,x\n2,y\n";
    let result = tried(text, json!({ "b": { "min": 0, "type": "integer" }, "a": { "unique": true } }));
    let told: Vec<(&str, &str)> = result.results.iter().map(|c| (c.column.as_str(), c.rule.as_str())).collect();
    assert_eq!(told, [("a", "unique"), ("b", "type a whole number"), ("b", "min 0")]);
}

const TABLE: &str = "key,n,x,color,day,at,ok\n\
    k1,1,0.5,red,2024-01-01,2024-01-01T10:00:00,true\n\
    k2,3,,blue,2024-01-02,2024-01-01T11:00:00,false\n\
    k3,-2,1.5,red,,2024-01-01T12:00:00,true\n\
    k4,7,2.5,,2024-01-05,2024-01-01T13:00:00,\n";

/// A table as it is typed, and the checks that it suggests.
fn suggested() -> (arkwright_core::Frame, std::collections::BTreeMap<String, arkwright_data::checks::Check>) {
    let roles = [("key".to_string(), Role::Key)].into();
    let typed = Typing { roles, ..Typing::default() }.apply(&csv(TABLE).frame()).unwrap();
    (typed.frame, infer_checks(&typed.columns))
}

#[test]
fn a_table_suggests_checks() {
    let (_, checks) = suggested();
    let expected = [
        ("at", json!({ "type": "timestamp", "max_null_share": 0.0 })),
        ("color", json!({ "max_null_share": 0.5, "allowed": ["blue", "red"] })),
        ("day", json!({ "type": "date", "max_null_share": 0.5 })),
        ("key", json!({ "max_null_share": 0.0, "unique": true, "allowed": ["k1", "k2", "k3", "k4"] })),
        ("n", json!({ "type": "integer", "min": -2, "max": 7, "max_null_share": 0.0 })),
        ("ok", json!({ "type": "boolean", "max_null_share": 0.5, "allowed": ["false", "true"] })),
        ("x", json!({ "type": "number", "min": 0.5, "max": 2.5, "max_null_share": 0.5 })),
    ];
    assert_eq!(checks.len(), expected.len());
    for (name, mut asked) in expected {
        asked["on_fail"] = "warn".into();
        assert_eq!(checks[name], parse(asked), "{name}");
    }
}

#[test]
fn a_table_passes_the_checks_that_it_suggests_and_another_does_not() {
    let (frame, checks) = suggested();
    let result = check(&frame, &checks, &Notation::default()).unwrap();
    assert!(result.results.iter().all(|c| c.failing == 0), "{:?}", result.results);
    let place = Place::with("t.csv", TABLE.replace("k2,3", "k1,8").replace("red", "green"));
    let other = Table::of(engine(1).read(&place.request("t.csv")).unwrap()).frame();
    let failing: Vec<(String, u64)> = check(&other, &checks, &Notation::default())
        .unwrap()
        .results
        .into_iter()
        .filter(|c| c.failing > 0)
        .map(|c| (format!("{} {}", c.column, c.rule.split(' ').next().unwrap_or_default()), c.failing))
        .collect();
    let expected = [("color allowed", 2), ("key unique", 1), ("n max", 1)].map(|(what, n)| (what.to_string(), n));
    assert_eq!(failing, expected);
}

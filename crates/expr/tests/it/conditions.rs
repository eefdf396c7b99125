//! Conditions: CASE, COALESCE, comparisons, IN, BETWEEN, IS NULL, and the logic of three values.

use crate::rows::{flag, flags, frame, number, numbers, text, texts};
use arkwright_core::Frame;

const T: Option<bool> = Some(true);
const F: Option<bool> = Some(false);

fn table() -> Frame {
    let x = numbers([Some(1.0), None, Some(3.0), Some(5.0)]);
    let t = texts([Some("a"), None, Some("b"), Some("c")]);
    let ok = flags([T, F, None, T]);
    frame([("x", x), ("t", t), ("ok", ok)])
}

#[test]
fn the_first_case_that_is_true_answers() {
    let size = "case when x > 2 then 'big' when x > 0 then 'small' end";
    let some = |word: &str| Some(word.to_string());
    assert_eq!(text(&table(), size), [some("small"), None, some("big"), some("big")]);
    assert_eq!(
        number(&table(), "case when x > 0 then 1 when x > 2 then 2 end"),
        [Some(1.0), None, Some(1.0), Some(1.0)]
    );
}

#[test]
fn what_is_missing_goes_to_else() {
    assert_eq!(number(&table(), "case when x > 2 then 1 else 0 end"), [0.0, 0.0, 1.0, 1.0].map(Some));
    assert_eq!(
        number(&table(), "case t when 'a' then 10 when 'b' then 20 else -1 end"),
        [10.0, -1.0, 20.0, -1.0].map(Some)
    );
    assert_eq!(number(&table(), "case t when 'a' then x end"), [Some(1.0), None, None, None]);
}

#[test]
fn a_case_that_is_true_or_false_counts_as_a_condition() {
    assert_eq!(flag(&table(), "case when x > 2 then true else false end"), [F, F, T, T]);
    assert_eq!(flag(&table(), "case when ok then x > 2 end"), [F, None, None, T]);
}

#[test]
fn a_branch_not_taken_does_no_harm() {
    assert_eq!(number(&table(), "case when x > 1 then 10 / (x - 1) else 0 end"), [0.0, 0.0, 5.0, 2.5].map(Some));
    let guarded = "case when t = 'a' then 1 when cast(t as int) > 0 then 2 else 3 end";
    assert_eq!(number(&table(), guarded), [1.0, 3.0, 3.0, 3.0].map(Some));
}

#[test]
fn the_first_value_that_is_there_is_taken() {
    assert_eq!(number(&table(), "coalesce(x, 0)"), [1.0, 0.0, 3.0, 5.0].map(Some));
    assert_eq!(number(&table(), "coalesce(null, x, 9)"), [1.0, 9.0, 3.0, 5.0].map(Some));
    assert_eq!(number(&table(), "ifnull(x, 9)"), [1.0, 9.0, 3.0, 5.0].map(Some));
    assert_eq!(number(&table(), "nullif(x, 3)"), [Some(1.0), None, None, Some(5.0)]);
    assert_eq!(text(&table(), "coalesce(t, 'none')"), ["a", "none", "b", "c"].map(|t| Some(t.to_string())));
    assert_eq!(flag(&table(), "coalesce(ok, true)"), [T, F, T, T]);
}

#[test]
fn comparisons_with_what_is_missing_are_missing() {
    let cases = [
        ("x = 3", [F, None, T, F]),
        ("x <> 3", [T, None, F, T]),
        ("x != 3", [T, None, F, T]),
        ("x < 3", [T, None, F, F]),
        ("x <= 3", [T, None, T, F]),
        ("x > 3", [F, None, F, T]),
        ("x >= 3", [F, None, T, T]),
        ("3 < x", [F, None, F, T]),
        ("t < 'b'", [T, None, F, F]),
        ("t = 'B'", [F, None, F, F]),
        ("x = null", [None; 4]),
        ("x = x", [T, None, T, T]),
        ("x is distinct from 3", [T, T, F, T]),
        ("x is not distinct from null", [F, T, F, F]),
    ];
    for (sql, wanted) in cases {
        assert_eq!(flag(&table(), sql), wanted, "{sql}");
    }
}

#[test]
fn logic_has_three_values() {
    // Kleene's tables: missing is what could be either.
    let a = flags([T, T, T, F, F, F, None, None, None]);
    let b = flags([T, F, None, T, F, None, T, F, None]);
    let pairs = frame([("a", a), ("b", b)]);
    assert_eq!(flag(&pairs, "a and b"), [T, F, None, F, F, F, None, F, None]);
    assert_eq!(flag(&pairs, "a or b"), [T, T, T, T, F, None, T, None, None]);
    assert_eq!(flag(&pairs, "not a"), [F, F, F, T, T, T, None, None, None]);
    assert_eq!(flag(&pairs, "not (a and b)"), [F, T, None, T, T, T, None, T, None]);
    assert_eq!(flag(&pairs, "a = b"), [T, F, None, F, T, None, None, None, None]);
}

#[test]
fn membership_knows_what_it_cannot_know() {
    let cases = [
        ("x in (1, 5)", [T, None, F, T]),
        ("x not in (1, 5)", [F, None, T, F]),
        ("x in (1, null)", [T, None, None, None]),
        ("x not in (1, null)", [F, None, None, None]),
        ("x in (x)", [T, None, T, T]),
        ("t in ('a', 'c')", [T, None, F, T]),
        ("t in ('A')", [F, None, F, F]),
        ("x = 1 or x = 3 or x = 5", [T, None, T, T]),
        ("x in (1, 3) and x in (3, 5)", [F, None, T, F]),
        ("x in (1, 3) and x not in (3, 5)", [T, None, F, F]),
    ];
    for (sql, wanted) in cases {
        assert_eq!(flag(&table(), sql), wanted, "{sql}");
    }
}

#[test]
fn both_ends_lie_between() {
    let cases = [
        ("x between 1 and 3", [T, None, T, F]),
        ("x not between 1 and 3", [F, None, F, T]),
        ("x between 3 and 1", [F, None, F, F]),
        ("t between 'b' and 'c'", [F, None, T, T]),
        ("3 between x and 4", [T, None, T, F]),
        ("x between null and 2", [None, None, F, F]),
    ];
    for (sql, wanted) in cases {
        assert_eq!(flag(&table(), sql), wanted, "{sql}");
    }
}

#[test]
fn missing_values_can_be_asked_for() {
    let cases = [
        ("x is null", [F, T, F, F]),
        ("x is not null", [T, F, T, T]),
        ("t is null", [F, T, F, F]),
        ("ok is true", [T, F, F, T]),
        ("ok is not true", [F, T, T, F]),
        ("ok is false", [F, T, F, F]),
        ("ok is unknown", [F, F, T, F]),
        ("(x + length(t)) is null", [F, T, F, F]),
    ];
    for (sql, wanted) in cases {
        assert_eq!(flag(&table(), sql), wanted, "{sql}");
    }
}

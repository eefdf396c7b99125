//! The leakage audit of a split: rows and groups on both sides, and time that runs backwards.

use crate::leakage::{numbers, whole, words};
use crate::place::{frame, noise, words as said};
use arkwright_core::{Frame, Kind, Role};
use arkwright_data::leakage::{Finding, Leak, Severity, Split, audit};
use arrow::array::ArrayRef;
use arrow::compute::cast;
use arrow::datatypes::DataType;

/// Audits a split of the first 300 rows to learn from and the other 100 to test on.
fn found(table: &Frame) -> Vec<Finding> {
    found_in(table, 300, false)
}

fn found_in(table: &Frame, train: usize, in_time: bool) -> Vec<Finding> {
    let rows: Vec<u32> = (0..400).collect();
    audit(table, &Split { train: &rows[..train], test: &rows[300..], in_time }, 1).unwrap()
}

/// Rows of which the last `twice` repeat the first ones, in their inputs, and in the target or not.
fn repeated(twice: usize, target_too: bool) -> Frame {
    let own = move |r: usize| if r >= 400 - twice { r + twice - 400 } else { r };
    let of = move |r| if target_too { own(r) } else { r };
    frame(vec![
        ("x", Kind::Number, Role::Input, numbers(move |r| noise(own(r), 1))),
        ("c", Kind::Category, Role::Input, words(move |r| format!("w{}", own(r) % 7))),
        ("k", Kind::Category, Role::Key, words(|r| format!("k{r}"))),
        ("y", Kind::Number, Role::Target, numbers(move |r| noise(of(r), 2))),
    ])
}

#[test]
fn test_rows_that_equal_rows_learnt_from_are_counted() {
    let findings = found(&repeated(5, true));
    let [finding] = &findings[..] else { panic!("{findings:?}") };
    assert_eq!((finding.kind, finding.column.as_deref()), (Leak::DuplicateRows, None));
    assert_eq!((finding.figure, finding.severity), (0.05, Severity::Warning));
    assert_eq!(finding.message, "5 of 100 test rows equal a training row in every input and in the target");
    // One of a hundred may be chance.
    assert_eq!(found(&repeated(1, true))[0].severity, Severity::Note);
}

#[test]
fn rows_that_differ_in_anything_are_no_duplicates() {
    assert_eq!(found(&repeated(5, false)), []);
    assert_eq!(found(&repeated(0, true)), []);
    // The rows that they repeat are in neither part.
    let table = repeated(5, true);
    let rows: Vec<u32> = (0..400).collect();
    assert_eq!(audit(&table, &Split { train: &rows[5..300], test: &rows[300..], in_time: false }, 1).unwrap(), []);
}

/// Groups by the row.
fn grouped(group: impl Fn(usize) -> String) -> Frame {
    frame(vec![
        ("g", Kind::Category, Role::Group, words(group)),
        ("x", Kind::Number, Role::Input, numbers(|r| noise(r, 1))),
    ])
}

#[test]
fn groups_that_lie_on_both_sides_are_told() {
    let findings = found(&grouped(|r| format!("g{}", if r < 320 { r % 10 } else { r })));
    let [finding] = &findings[..] else { panic!("{findings:?}") };
    assert_eq!((finding.kind, finding.column.as_deref()), (Leak::GroupAcross, Some("g")));
    assert_eq!((finding.figure, finding.severity), (0.2, Severity::Warning));
    assert!(finding.message.contains("20 of 100 test rows") && finding.message.contains("kind = \"group\""));
    assert_eq!(found(&grouped(|r| format!("g{}", r / 100))), []);
}

/// Rows at points in time.
fn timed(time: ArrayRef) -> Frame {
    frame(vec![("t", Kind::Time, Role::EventTime, time), ("x", Kind::Number, Role::Input, numbers(|r| noise(r, 1)))])
}

/// Days, the first 10 of the test rows earlier than the last row learnt from.
fn backwards() -> ArrayRef {
    let days = whole(|r| if (300..310).contains(&r) { 298 } else { r as i64 });
    cast(&cast(&days, &DataType::Int32).unwrap(), &DataType::Date32).unwrap()
}

#[test]
fn rows_learnt_from_that_come_after_the_test_are_told() {
    let findings = found(&timed(backwards()));
    let [finding] = &findings[..] else { panic!("{findings:?}") };
    assert_eq!((finding.kind, finding.column.as_deref()), (Leak::TimeBackwards, Some("t")));
    assert_eq!((finding.figure, finding.severity), (0.1, Severity::Warning));
    assert!(finding.message.contains("10 of 100 test rows") && finding.message.contains("kind = \"time\""));
    // A split that is to be in time and is not means nothing.
    let findings = found_in(&timed(backwards()), 300, true);
    assert_eq!((findings[0].kind, findings[0].severity), (Leak::TimeBackwards, Severity::Severe));
}

#[test]
fn time_that_runs_forwards_is_well() {
    // The last row learnt from and the first of the test may be of one day.
    let days = whole(|r| if r == 300 { 299 } else { r as i64 });
    let days = cast(&cast(&days, &DataType::Int32).unwrap(), &DataType::Date32).unwrap();
    assert_eq!(found_in(&timed(days), 300, true), []);
    assert_eq!(found_in(&timed(backwards()), 298, true), []);
    assert_eq!(found(&timed(numbers(|r| r as f64 / 7.0))), []);
    assert_eq!(found(&timed(numbers(|r| if r < 300 { f64::NAN } else { 1.0 }))), []);
}

#[test]
fn the_worst_comes_first() {
    let table = frame(vec![
        ("n", Kind::Number, Role::Input, whole(|r| r as i64)),
        ("x", Kind::Number, Role::Input, numbers(|r| noise(r, 1))),
        ("g", Kind::Category, Role::Group, words(|_| "g".into())),
        ("y", Kind::Number, Role::Target, numbers(|r| 2.0 * noise(r, 1))),
    ]);
    let kinds: Vec<Leak> = found(&table).iter().map(|f| f.kind).collect();
    assert_eq!(kinds, [Leak::TargetGiven, Leak::Identifier, Leak::GroupAcross]);
}

#[test]
fn a_row_beyond_the_table_is_refused() {
    let table = grouped(|r| format!("g{r}"));
    let error = audit(&table, &Split { train: &[0, 400], test: &[1], in_time: false }, 1).unwrap_err();
    assert!(said(&error).contains("row 400 of 400 rows"));
}

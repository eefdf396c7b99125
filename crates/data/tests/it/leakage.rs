//! The leakage audit of columns: those that give the target away, and those that name their row.

use crate::place::{frame, noise};
use arkwright_core::{Frame, Kind, Role};
use arkwright_data::leakage::{Finding, Leak, Severity, Split, audit};
use arrow::array::{Array, ArrayRef, Float64Array, Int64Array, StringArray};
use std::sync::Arc;

const ROWS: usize = 400;

/// Audits a table of which the first 300 rows are learnt from.
fn found(table: &Frame) -> Vec<Finding> {
    let rows: Vec<u32> = (0..ROWS as u32).collect();
    audit(table, &Split { train: &rows[..300], test: &[], in_time: false }, 1).unwrap()
}

pub fn numbers(value: impl Fn(usize) -> f64) -> ArrayRef {
    Arc::new(Float64Array::from_iter_values((0..ROWS).map(value)))
}

pub fn words(value: impl Fn(usize) -> String) -> ArrayRef {
    Arc::new(StringArray::from_iter_values((0..ROWS).map(value)))
}

pub fn whole(value: impl Fn(usize) -> i64) -> ArrayRef {
    Arc::new(Int64Array::from_iter_values((0..ROWS).map(value)))
}

/// Classes without any order in them.
fn class(row: usize) -> usize {
    (noise(row, 1) * 3.0) as usize
}

fn yes(row: usize) -> bool {
    noise(row, 1) < 0.4
}

/// What is found of a column beside a target of classes.
fn beside_classes(column: ArrayRef, target: ArrayRef) -> Vec<Finding> {
    let kind = if column.data_type().is_numeric() { Kind::Number } else { Kind::Category };
    found(&frame(vec![("x", kind, Role::Input, column), ("y", Kind::Category, Role::Target, target)]))
}

fn beside_number(x: impl Fn(usize) -> f64, y: impl Fn(usize) -> f64) -> Vec<Finding> {
    let y = ("y", Kind::Number, Role::Target, numbers(y));
    found(&frame(vec![("x", Kind::Number, Role::Input, numbers(x)), y]))
}

fn given_away(findings: &[Finding], measure: &str) {
    let [finding] = findings else { panic!("{findings:?}") };
    assert_eq!((finding.kind, finding.severity), (Leak::TargetGiven, Severity::Severe));
    assert_eq!(finding.column.as_deref(), Some("x"));
    assert!((finding.figure - 1.0).abs() < 1e-9, "{}", finding.figure);
    assert!(finding.message.contains(measure) && finding.message.contains("ignore = [\"x\"]"), "{}", finding.message);
}

#[test]
fn a_number_that_orders_two_classes_gives_them_away() {
    let classes = || words(|r| if yes(r) { "yes" } else { "no" }.into());
    // Whether it rises or falls with the class.
    given_away(&beside_classes(numbers(|r| noise(r, 2) + if yes(r) { 1.0 } else { 0.0 }), classes()), "ROC AUC 1.0000");
    given_away(&beside_classes(numbers(|r| noise(r, 2) - if yes(r) { 1.0 } else { 0.0 }), classes()), "ROC AUC 1.0000");
    assert_eq!(beside_classes(numbers(|r| noise(r, 2)), classes()), []);
}

#[test]
fn an_honest_strong_column_passes() {
    // One row of ten is told wrongly.
    let classes = words(|r| yes(r).to_string());
    let honest = numbers(|r| noise(r, 3) + if yes(r) != (noise(r, 4) < 0.1) { 1.0 } else { 0.0 });
    assert_eq!(beside_classes(honest, classes), []);
    assert_eq!(beside_number(|r| noise(r, 2), |r| noise(r, 2) + 0.2 * noise(r, 3)), []);
}

#[test]
fn a_category_that_maps_onto_the_classes_gives_them_away() {
    let classes = || words(|r| format!("c{}", class(r)));
    let code = words(|r| ["red", "blue", "green"][class(r)].into());
    given_away(&beside_classes(code, classes()), "association on held-out rows 1.0000");
    // Six words for three classes do so too, three words by chance do not.
    let code = words(|r| format!("{}{}", class(r), noise(r, 2) < 0.5));
    given_away(&beside_classes(code, classes()), "association");
    assert_eq!(beside_classes(words(|r| format!("{}", (noise(r, 2) * 3.0) as u32)), classes()), []);
}

#[test]
fn a_number_of_few_values_is_judged_as_a_category_too() {
    // The classes do not follow the number's order.
    let codes = numbers(|r| [5.0, -1.0, 2.0][class(r)]);
    given_away(&beside_classes(codes, words(|r| format!("c{}", class(r)))), "association");
}

#[test]
fn a_column_of_many_values_does_not_look_wise() {
    // Each value comes twice, with classes that have nothing to do with it.
    let words_of_two = words(|r| format!("w{}", r / 2));
    assert_eq!(beside_classes(words_of_two, words(|r| yes(r).to_string())), []);
}

#[test]
fn a_column_that_follows_a_number_gives_it_away() {
    given_away(&beside_number(|r| noise(r, 2), |r| 3.0 - 2.0 * noise(r, 2)), "correlation 1.0000");
    given_away(&beside_number(|r| noise(r, 2), |r| (20.0 * noise(r, 2)).exp()), "correlation 1.0000");
    let steps = |r| (noise(r, 2) * 11.0).floor() - 5.0;
    given_away(&beside_number(steps, |r| steps(r) * steps(r)), "association on held-out rows 1.0000");
    assert_eq!(beside_number(|r| noise(r, 2), |r| noise(r, 3)), []);
}

#[test]
fn only_rows_to_learn_from_are_judged() {
    let beside = |told: fn(usize) -> bool| {
        let x = numbers(|r| if told(r) { f64::from(u8::from(yes(r))) } else { noise(r, 2) });
        beside_classes(x, words(|r| yes(r).to_string())).len()
    };
    assert_eq!((beside(|r| r < 300), beside(|r| r >= 300)), (1, 0));
}

#[test]
fn too_few_rows_say_nothing() {
    let table = frame(vec![
        ("x", Kind::Number, Role::Input, numbers(|r| noise(r, 2))),
        ("y", Kind::Number, Role::Target, numbers(|r| noise(r, 2))),
    ]);
    let of = |rows: u32| {
        let rows: Vec<u32> = (0..rows).collect();
        audit(&table, &Split { train: &rows, test: &[], in_time: false }, 1).unwrap().len()
    };
    assert_eq!((of(49), of(50)), (0, 1));
}

/// What is found of an input without a target.
fn named(name: &str, column: ArrayRef) -> Option<String> {
    let findings = found(&frame(vec![(name, Kind::Category, Role::Input, column)]));
    let finding = findings.first()?;
    assert_eq!((findings.len(), finding.kind, finding.severity), (1, Leak::Identifier, Severity::Warning));
    assert_eq!(finding.column.as_deref(), Some(name));
    Some(finding.message.clone())
}

#[test]
fn a_column_that_names_its_rows_is_told() {
    let said = |name, column| named(name, column).unwrap();
    assert!(said("n", whole(|r| 10 + 3 * r as i64)).contains("`n` only rises or only falls from row to row"));
    assert!(said("n", whole(|r| -(r as i64))).contains("only rises or only falls"));
    let shuffled = |r: usize| (r as i64 * 7919) % 100_003;
    assert!(said("order_id", whole(shuffled)).contains("`order_id` differs in every row"));
    assert!(said("word", words(|r| format!("w{}", shuffled(r)))).contains("differs in every row"));
    let uuid = words(|r| format!("123e4567-e89b-12d3-a456-4266{:08x}", r / 2));
    assert!(said("u", uuid).contains("`u` holds UUIDs"));
}

#[test]
fn a_column_that_repeats_or_lacks_values_names_no_rows() {
    let shuffled = |r: usize| (r as i64 * 7919) % 100_003;
    assert_eq!(named("amount", whole(shuffled)), None);
    assert_eq!(named("order_id", whole(|r| shuffled(r / 2))), None);
    assert_eq!(named("n", whole(|r| r as i64 / 2)), None);
    assert_eq!(named("word", words(|r| format!("w{}", shuffled(r / 2)))), None);
    let some: Int64Array = (0..ROWS as i64).map(|r| (r != 7).then_some(r)).collect();
    assert_eq!(named("n", Arc::new(some)), None);
    // A number of its own in each row is a quantity.
    assert_eq!(named("x", numbers(|r| r as f64)), None);
}

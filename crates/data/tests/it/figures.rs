//! A column's figures against values worked out by hand.

use crate::place::{csv, frame};
use arkwright_core::{Kind, Role};
use arkwright_data::ColumnProfile;
use arkwright_data::typing::Typing;
use arrow::array::{ArrayRef, BooleanArray, Float32Array, Float64Array, Int64Array, StringArray, UInt64Array};
use std::sync::Arc;

fn profile(column: impl arrow::array::Array + 'static) -> ColumnProfile {
    let column: ArrayRef = Arc::new(column);
    let table = frame(vec![("a", Kind::Text, Role::Input, column)]);
    Typing::default().apply(&table).unwrap().columns.remove(0)
}

fn near(told: f64, expected: f64) {
    assert!((told - expected).abs() <= 1e-12 * expected.abs().max(1.0), "{told} for {expected}");
}

#[test]
fn numbers() {
    let told =
        profile(Float64Array::from(vec![Some(10.0), Some(1.0), None, Some(3.0), Some(f64::NAN), Some(2.0), Some(4.0)]));
    // 1 2 3 4 10: the mean is 20 / 5, the squares are 9 + 4 + 1 + 0 + 36 = 50, of n - 1 = 4.
    assert_eq!((told.count, told.missing, told.distinct), (5, 2, 5));
    let numbers = told.numbers.unwrap();
    assert_eq!((numbers.min, numbers.max, numbers.mean), (1.0, 10.0, 4.0));
    near(numbers.std, 12.5_f64.sqrt());
    // At 0.2, 1, 2, 3 and 3.8 of the sorted values, counted from 0.
    for (told, expected) in numbers.quantiles.into_iter().zip([1.2, 2.0, 3.0, 4.0, 8.8]) {
        near(told, expected);
    }
    assert!(told.top.is_empty() && told.span.is_none() && told.set_aside.is_none());
}

#[test]
fn one_number_has_no_spread() {
    let told = profile(Int64Array::from(vec![Some(-7), None]));
    let numbers = told.numbers.unwrap();
    assert_eq!((numbers.min, numbers.max, numbers.mean, numbers.std), (-7.0, -7.0, -7.0, 0.0));
    assert_eq!(numbers.quantiles, [-7.0; 5]);
}

#[test]
fn a_spread_far_from_zero_is_not_lost() {
    let numbers = profile(Float64Array::from(vec![1e9 + 1.0, 1e9 + 2.0, 1e9 + 3.0])).numbers.unwrap();
    assert_eq!((numbers.mean, numbers.std), (1e9 + 2.0, 1.0));
}

#[test]
fn whole_numbers_beyond_53_bits_are_told_apart() {
    let beyond = 1 << 53;
    assert_eq!(profile(Int64Array::from(vec![beyond, beyond + 1, beyond + 1, i64::MAX, i64::MAX - 1])).distinct, 4);
    assert_eq!(profile(UInt64Array::from(vec![7, 7, 8])).distinct, 2);
}

#[test]
fn natural_numbers_beyond_63_bits_are_told_apart() {
    assert_eq!(profile(UInt64Array::from(vec![u64::MAX, u64::MAX - 1, u64::MAX, 1])).distinct, 3);
}

#[test]
fn zero_is_one_value_whatever_its_sign_and_single_numbers_are_numbers() {
    assert_eq!(profile(Float64Array::from(vec![0.0, -0.0, 1.0])).distinct, 2);
    let numbers = profile(Float32Array::from(vec![0.5, 1.5])).numbers.unwrap();
    assert_eq!((numbers.mean, numbers.std), (1.0, 0.5_f64.sqrt()));
}

#[test]
fn the_most_frequent_texts_come_first_and_ties_as_the_rows_do() {
    let told = profile(StringArray::from(vec![Some("b"), Some("a"), None, Some("c"), Some("a"), Some("b")]));
    assert_eq!((told.count, told.missing, told.distinct), (5, 1, 3));
    assert_eq!(told.top, [("b".to_string(), 2), ("a".to_string(), 2), ("c".to_string(), 1)]);
    assert!(told.numbers.is_none());
}

#[test]
fn twenty_texts_are_told_and_all_are_counted() {
    let values: Vec<String> = (0..90).map(|i| format!("w{}", i % 30)).collect();
    let told = profile(StringArray::from(values));
    assert_eq!((told.distinct, told.top.len()), (30, 20));
    assert_eq!((told.top[0].clone(), told.top[19].clone()), (("w0".to_string(), 3), ("w19".to_string(), 3)));
}

#[test]
fn true_and_false_are_counted() {
    let told = profile(BooleanArray::from(vec![Some(false), Some(true), Some(false), None]));
    assert_eq!((told.count, told.missing, told.distinct), (3, 1, 2));
    assert_eq!(told.top, [("false".to_string(), 2), ("true".to_string(), 1)]);
}

#[test]
fn time_has_a_span() {
    let table =
        csv("day,at\n2024-02-29,2024-01-01T10:00:00\n1969-12-31,2024-01-01T09:59:59.5\n,\n2024-02-29,2024-01-02\n");
    let told = Typing::default().apply(&table.frame()).unwrap().columns;
    assert_eq!((told[0].count, told[0].missing, told[0].distinct), (3, 1, 2));
    assert_eq!(told[0].span, Some(("1969-12-31".to_string(), "2024-02-29".to_string())));
    assert_eq!(told[1].distinct, 3);
    assert_eq!(told[1].span, Some(("2024-01-01T09:59:59.500".to_string(), "2024-01-02T00:00:00".to_string())));
}

#[test]
fn counts_are_exact_beyond_a_million_rows_and_quantiles_nearly() {
    let told = profile(Int64Array::from_iter_values((0..1_500_000).map(|i| i % 1000)));
    assert_eq!((told.count, told.distinct), (1_500_000, 1000));
    let numbers = told.numbers.unwrap();
    assert_eq!((numbers.min, numbers.max, numbers.mean), (0.0, 999.0, 499.5));
    assert!((numbers.quantiles[2] - 499.5).abs() < 2.0, "{:?}", numbers.quantiles);
}

#[test]
fn a_profile_reads_back_from_json() {
    let table = csv("n,huge,far,word\n1,inf,1e300,x\n2.5,1,-1e300,y\n,2,0,y\n").frame();
    let ignore = ["huge", "far"].map(String::from).to_vec();
    let told = Typing { ignore, ..Typing::default() }.apply(&table).unwrap().columns;
    let text = serde_json::to_string(&told).unwrap();
    let back: Vec<ColumnProfile> = serde_json::from_str(&text).unwrap();
    assert_eq!(back, told);
}

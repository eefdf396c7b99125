//! What people write otherwise than programs do, and what training never saw.

use arkwright_bundle::{Request, RequestField, Unseen};
use arkwright_core::{DateOrder, Field, Frame, Kind, Notation, Role};
use arrow::array::{Array, ArrayRef, AsArray, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Date32Type, Float64Type};
use std::sync::Arc;

const GERMAN: Notation = Notation { decimal: ',', thousands: Some('.'), dates: None };

fn request() -> Request {
    let dates = Notation { dates: Some(DateOrder::DayFirst), ..Notation::default() };
    Request::new(vec![
        RequestField { notation: GERMAN, ..RequestField::new(Field::input("price", Kind::Number), DataType::Float64) },
        RequestField { notation: dates, ..RequestField::new(Field::input("day", Kind::Time), DataType::Date32) },
        RequestField::new(Field::input("city", Kind::Category), DataType::Utf8),
    ])
    .unwrap()
}

fn table(columns: [(&str, Vec<Option<&str>>); 3]) -> RecordBatch {
    let text = |values| Arc::new(StringArray::from(values)) as ArrayRef;
    RecordBatch::try_from_iter_with_nullable(columns.map(|(name, values)| (name, text(values), true))).unwrap()
}

fn rows() -> RecordBatch {
    table([
        ("price", vec![Some("1.234,56"), Some("7"), Some("1.000"), None]),
        ("day", vec![Some("31/12/2024"), Some("1.2.2024"), Some("2024-02-01"), Some("")]),
        ("city", vec![Some(" Oslo"), Some("Oslo"), Some("Oslo "), Some(" ")]),
    ])
}

const BODY: &str = r#"{"instances": [
    {"price": 1234.56, "day": "31/12/2024", "city": " Oslo"}, {"price": "7", "day": "1.2.2024", "city": "Oslo"},
    {"price": "1.000", "day": "2024-02-01", "city": "Oslo "}, {"price": null, "day": null, "city": " "}]}"#;

#[test]
fn a_file_and_a_body_in_a_notation_are_the_same_rows() {
    let frame = request().conform(&rows(), 0).unwrap();
    assert_eq!(request().from_json(BODY.as_bytes(), 9).unwrap(), frame);
    let prices: Vec<_> = frame.columns()[0].as_primitive::<Float64Type>().iter().collect();
    assert_eq!(prices, [Some(1234.56), Some(7.0), Some(1000.0), None]);
    let days: Vec<_> = frame.columns()[1].as_primitive::<Date32Type>().iter().collect();
    assert_eq!(days, [Some(20_088), Some(19_754), Some(19_754), None]);
    let cities: Vec<_> = frame.columns()[2].as_string::<i32>().iter().collect();
    assert_eq!(cities, [Some("Oslo"), Some("Oslo"), Some("Oslo"), None]);
}

#[test]
fn a_number_in_another_notation_is_refused_and_not_guessed() {
    let one = [("price", vec![Some("12.5")]), ("day", vec![None]), ("city", vec![None])];
    let error = request().conform(&table(one), 0).unwrap_err().to_string();
    assert!(error.contains("`12.5` is not a number with a decimal comma"), "{error}");
    let body = br#"{"instances": [{"price": "12.5", "day": null, "city": null}]}"#;
    assert_eq!(request().from_json(body, 1).unwrap_err().to_string(), error);
}

#[test]
fn a_field_is_saved_with_its_notation_and_its_values() {
    let mut field = request().fields()[0].clone();
    field.values = Some(vec!["a".to_string()].into());
    let json = serde_json::to_value(&field).unwrap();
    assert_eq!(json["notation"], serde_json::json!({ "decimal": ",", "thousands": "." }));
    assert_eq!(serde_json::from_value::<RequestField>(json).unwrap(), field);
    let plain = RequestField::new(Field::input("x", Kind::Number), DataType::Float64);
    assert_eq!(serde_json::to_value(plain).unwrap().as_object().unwrap().len(), 2);
}

fn learnt(values: Vec<Option<&str>>, data_type: DataType) -> Request {
    let city = Arc::new(StringArray::from(values));
    let rows = Frame::new(vec![Field::input("city", Kind::Category)], vec![city.clone()], city.len()).unwrap();
    let field = RequestField::new(Field::input("city", Kind::Category), data_type).learnt_from(&rows).unwrap();
    Request::new(vec![field]).unwrap()
}

fn unseen(request: &Request, values: Vec<Option<&str>>) -> Unseen {
    let city = Arc::new(StringArray::from(values)) as ArrayRef;
    let batch = RecordBatch::try_from_iter_with_nullable([("city", city, true)]).unwrap();
    request.unseen(&request.conform(&batch, 0).unwrap()).unwrap()
}

#[test]
fn values_that_training_never_saw_are_counted_by_column() {
    let request = learnt(vec![Some("Oslo"), None, Some("Rome"), Some("Oslo")], DataType::Utf8);
    let mut all = unseen(&request, vec![Some("Rom"), Some("Oslo"), None, Some("Rom"), Some("Bern")]);
    assert_eq!(all.told(), ["column `city`: 3 rows hold a value never seen in training: `Rom` (2), `Bern` (1)"]);
    all.merge(&unseen(&request, vec![Some("Bern"), Some("Bern"), Some("Bonn"), Some("Cork")]));
    let told = "column `city`: 7 rows hold a value never seen in training: `Bern` (3), `Rom` (2), `Bonn` (1), ...";
    assert_eq!(all.told(), [told]);
    assert_eq!(unseen(&request, vec![Some(" Oslo "), Some("NA")]), Unseen::default());
}

#[test]
fn another_spelling_of_true_is_a_value_never_seen() {
    let request = learnt(vec![Some("true"), Some("false")], DataType::Boolean);
    let told = unseen(&request, vec![Some("True"), Some("FALSE"), Some("yes"), Some("1")]).told();
    assert_eq!(told, ["column `city`: 2 rows hold a value never seen in training: `1` (1), `yes` (1)"]);
}

#[test]
fn beyond_what_is_told_apart_rows_are_still_counted() {
    let request = learnt(vec![Some("Oslo")], DataType::Utf8);
    let many: Vec<String> = (0..1_500).map(|i| format!("v{i}")).collect();
    let values = || many.iter().map(|v| Some(v.as_str())).collect();
    let mut all = unseen(&request, values());
    all.merge(&unseen(&request, values()));
    let city = &all.columns["city"];
    assert_eq!((city.rows, city.values.len(), city.values.values().sum::<u64>()), (3_000, 1_000, 2_000));
}

#[test]
fn only_inputs_that_are_categories_of_few_values_keep_them() {
    let many: Vec<String> = (0..=arkwright_bundle::MAX_VALUES).map(|i| i.to_string()).collect();
    let request = learnt(many.iter().map(|v| Some(v.as_str())).collect(), DataType::Utf8);
    assert_eq!(request.fields()[0].values, None);
    let number = Frame::new(
        vec![Field::new("k", Kind::Category, Role::Key)],
        vec![Arc::new(StringArray::from(vec!["a"])) as ArrayRef],
        1,
    );
    let key = RequestField::new(Field::new("k", Kind::Category, Role::Key), DataType::Utf8);
    assert_eq!(key.learnt_from(&number.unwrap()).unwrap().values, None);
}

//! Tables for the tests, and how they are fitted.

use arkwright_core::{Context, Field, Fitted, Frame, Json, Kind, Leaf, Part, Registry, Result, Role, Table, Train};
use arrow::array::{ArrayRef, AsArray, Float64Array, StringArray};
use arrow::datatypes::Float64Type;
use std::sync::Arc;

pub fn fixture(text: &str) -> Json {
    let json: Json = serde_json::from_str(text).unwrap();
    assert!(json["made_by"].is_string() && json["scikit-learn"].is_string());
    json
}

/// Numbers of a JSON list, NaN where null.
pub fn floats(json: &Json) -> Vec<f64> {
    json.as_array().unwrap().iter().map(|v| v.as_f64().unwrap_or(f64::NAN)).collect()
}

pub fn matrix(json: &Json) -> Vec<Vec<f64>> {
    json.as_array().unwrap().iter().map(floats).collect()
}

pub fn numbers(values: &[f64]) -> ArrayRef {
    Arc::new(Float64Array::from_iter(values.iter().map(|v| (!v.is_nan()).then_some(*v))))
}

pub fn texts(values: &[Option<&str>]) -> ArrayRef {
    Arc::new(StringArray::from(values.to_vec()))
}

pub fn frame(columns: Vec<(Field, ArrayRef)>) -> Frame {
    let rows = columns.first().map_or(0, |(_, c)| c.len());
    let (fields, columns): (Vec<_>, Vec<_>) = columns.into_iter().unzip();
    Frame::new(fields, columns, rows).unwrap()
}

/// A frame of columns of numbers `x0`, `x1` ...
pub fn table(x: &[Vec<f64>]) -> Vec<(Field, ArrayRef)> {
    x.iter().enumerate().map(|(i, v)| (Field::input(format!("x{i}"), Kind::Number), numbers(v))).collect()
}

pub fn target(kind: Kind) -> Field {
    Field::new("y", kind, Role::Target)
}

pub fn weight() -> Field {
    Field::new("w", Kind::Number, Role::Weight)
}

pub fn registry() -> Registry {
    Registry::new(arkwright_learn::specs(), arkwright_learn::formats())
}

pub fn context() -> Context {
    Context::new(7).with_registry(registry())
}

pub fn fit_part(part: &Part, frame: &Frame) -> Result<Fitted> {
    context().fit(part, Train::on(Table::hashed(frame.clone()).unwrap()))
}

pub fn fit(step: impl Leaf, frame: &Frame) -> Fitted {
    fit_part(&step.part(), frame).unwrap()
}

/// The step applied to the columns of a frame that it takes.
pub fn apply(fitted: &Fitted, frame: &Frame) -> Frame {
    let taken = frame.select(&fitted.model.signature().takes).unwrap();
    fitted.model.apply(&taken, &context()).unwrap()
}

pub fn column(frame: &Frame, name: &str) -> Vec<f64> {
    let at = frame.position(name).unwrap_or_else(|| panic!("no column {name}"));
    frame.numbers(at).unwrap().into_owned()
}

/// The values of a vector column, row-major.
pub fn vectors(frame: &Frame, name: &str) -> Vec<f64> {
    let list = frame.column(name).unwrap().as_fixed_size_list();
    list.values().as_primitive::<Float64Type>().values().to_vec()
}

#[track_caller]
pub fn assert_close(got: &[f64], wanted: &[f64], tolerance: f64) {
    assert_eq!(got.len(), wanted.len());
    for (i, (a, b)) in got.iter().zip(wanted).enumerate() {
        let same = (a.is_nan() && b.is_nan()) || (a - b).abs() <= tolerance * (1.0 + b.abs());
        assert!(same, "place {i}: {a} where {b} is wanted");
    }
}

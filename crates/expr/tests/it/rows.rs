//! What the tests stand on: columns written by hand, expressions fitted on them, and what comes out.

use arkwright_core::{Context, Error, Estimator, Field, Frame, Kind, Model, Result, Table, Train, Wiring};
use arkwright_expr::Derive;
use arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, Date32Array, Float64Array, StringArray, TimestampMicrosecondArray,
};
use arrow::datatypes::{DataType, Date32Type, Float64Type, TimestampMicrosecondType};
use arrow::util::display::array_value_to_string;
use std::sync::Arc;

/// A second, and a day, in the microseconds of a timestamp.
pub(crate) const SECOND: i64 = 1_000_000;
pub(crate) const DAY: i64 = 86_400 * SECOND;

/// 29 February 2024, in days since 1970: 54 years, 13 leap days before 2024, then January and 28 days.
pub(crate) const LEAP_DAY: i32 = 54 * 365 + 13 + 31 + 28;

pub(crate) fn numbers(values: impl IntoIterator<Item = impl Into<Option<f64>>>) -> ArrayRef {
    Arc::new(values.into_iter().map(Into::into).collect::<Float64Array>())
}

pub(crate) fn texts(values: impl IntoIterator<Item = impl Into<Option<&'static str>>>) -> ArrayRef {
    Arc::new(values.into_iter().map(Into::into).collect::<StringArray>())
}

pub(crate) fn flags(values: impl IntoIterator<Item = impl Into<Option<bool>>>) -> ArrayRef {
    Arc::new(values.into_iter().map(Into::into).collect::<BooleanArray>())
}

/// Days since 1970.
pub(crate) fn days(values: impl IntoIterator<Item = impl Into<Option<i32>>>) -> ArrayRef {
    Arc::new(values.into_iter().map(Into::into).collect::<Date32Array>())
}

/// Microseconds since 1970.
pub(crate) fn moments(values: impl IntoIterator<Item = impl Into<Option<i64>>>) -> ArrayRef {
    Arc::new(values.into_iter().map(Into::into).collect::<TimestampMicrosecondArray>())
}

/// Columns of the kinds that their types say; text is a category.
pub(crate) fn frame<'a>(columns: impl IntoIterator<Item = (&'a str, ArrayRef)>) -> Frame {
    let (fields, columns): (Vec<Field>, Vec<ArrayRef>) = columns
        .into_iter()
        .map(|(name, column)| {
            let kind = match column.data_type() {
                t if t.is_numeric() => Kind::Number,
                t if t.is_temporal() => Kind::Time,
                _ => Kind::Category,
            };
            (Field::input(name, kind), column)
        })
        .unzip();
    let rows = columns.first().map_or(0, |c| c.len());
    Frame::new(fields, columns, rows).unwrap()
}

pub(crate) fn fit(derive: &Derive, frame: &Frame) -> Result<Arc<dyn Model>> {
    let train = Train::on(Table::new(frame.clone(), None));
    Ok(derive.fit(train, &Context::new(1))?.model)
}

/// The whole frame with what a model gives.
pub(crate) fn applied(model: &dyn Model, frame: &Frame) -> Result<Frame> {
    Wiring::new(model.signature(), frame.fields())?.apply(model, frame, &Context::new(1))
}

/// What one expression gives for each row. Its kind was known from the fields alone.
pub(crate) fn given(frame: &Frame, sql: &str) -> ArrayRef {
    let derive = Derive::new([("given", sql)]);
    let model = fit(&derive, frame).unwrap_or_else(|e| panic!("{sql}: {e}"));
    assert_eq!(&derive.output(frame.fields()).unwrap(), model.signature(), "{sql}");
    let out = applied(model.as_ref(), frame).unwrap_or_else(|e| panic!("{sql}: {e}"));
    let kind = &out.fields()[out.position("given").unwrap()].kind;
    let column = out.column("given").unwrap().clone();
    let wanted = match column.data_type() {
        DataType::Float64 => Kind::Number,
        DataType::Utf8 | DataType::Boolean => Kind::Category,
        _ => Kind::Time,
    };
    assert_eq!(kind, &wanted, "{sql}");
    column
}

pub(crate) fn number(frame: &Frame, sql: &str) -> Vec<Option<f64>> {
    given(frame, sql).as_primitive_opt::<Float64Type>().unwrap_or_else(|| panic!("{sql}: no numbers")).iter().collect()
}

pub(crate) fn text(frame: &Frame, sql: &str) -> Vec<Option<String>> {
    let column = given(frame, sql);
    let texts = column.as_string_opt::<i32>().unwrap_or_else(|| panic!("{sql}: no texts"));
    texts.iter().map(|t| t.map(str::to_string)).collect()
}

pub(crate) fn flag(frame: &Frame, sql: &str) -> Vec<Option<bool>> {
    given(frame, sql).as_boolean_opt().unwrap_or_else(|| panic!("{sql}: not true and false")).iter().collect()
}

pub(crate) fn day(frame: &Frame, sql: &str) -> Vec<Option<i32>> {
    given(frame, sql).as_primitive_opt::<Date32Type>().unwrap_or_else(|| panic!("{sql}: no days")).iter().collect()
}

pub(crate) fn moment(frame: &Frame, sql: &str) -> Vec<Option<i64>> {
    let column = given(frame, sql);
    let moments = column.as_primitive_opt::<TimestampMicrosecondType>();
    moments.unwrap_or_else(|| panic!("{sql}: no points in time")).iter().collect()
}

/// How expressions are refused: in the same words before there are rows and after.
pub(crate) fn refusal(frame: &Frame, derive: &Derive) -> Error {
    let planned = derive.output(frame.fields()).map(|_| format!("{derive:?}")).unwrap_err();
    let fitted = fit(derive, frame).map(|_| format!("{derive:?}")).unwrap_err();
    assert_eq!(planned.to_string(), fitted.to_string());
    assert_eq!(planned.hint(), fitted.hint());
    planned
}

/// What one expression is refused with, and what there is to do.
pub(crate) fn told(frame: &Frame, sql: &str) -> (String, String) {
    let error = refusal(frame, &Derive::new([("given", sql)]));
    (error.to_string(), error.hint().unwrap_or_default())
}

/// Every cell to the bit: a number by its bits, what else there is by how it is spelt.
pub(crate) fn cells(column: &ArrayRef) -> Vec<String> {
    let cell = |row: usize| match column.as_primitive_opt::<Float64Type>() {
        _ if column.is_null(row) => "missing".to_string(),
        Some(numbers) => format!("{:016x}", numbers.value(row).to_bits()),
        None => array_value_to_string(column, row).unwrap(),
    };
    (0..column.len()).map(cell).collect()
}

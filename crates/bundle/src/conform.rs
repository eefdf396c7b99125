//! A raw table becomes a request frame: the one way, for CSV, Parquet, Arrow, Python and training.
//!
//! Columns are found by name and brought to the normal form of [`crate::request`]; others are ignored.
//! What is there and cannot be read is an error with column, row and value: nothing turns into a
//! missing value by itself. A CSV is best read as text throughout: then `007` stays `007`. Blanks around a text
//! are no part of it, wherever it came from.

use crate::request::{Reading, Request};
use crate::spelling::Spelling;
use arkwright_core::{Error, Frame, Notation, Result, is_missing, nearest};
use arrow::array::timezone::Tz;
use arrow::array::{
    Array, ArrayRef, AsArray, FixedSizeListArray, Float64Array, Int64Array, RecordBatch, StringArray, StringBuilder,
    new_null_array,
};
use arrow::compute::kernels::cast_utils::{Parser, string_to_datetime};
use arrow::compute::{CastOptions, cast, cast_with_options};
use arrow::datatypes::{DataType, Date32Type, Float32Type, Float64Type, TimeUnit};
use arrow::util::display::array_value_to_string;
use std::collections::HashMap;
use std::sync::Arc;

impl Request {
    /// A raw table as a request frame. Errors count rows from `first_row` on, for tables that come in
    /// batches.
    ///
    /// # Errors
    /// A column that is missing (with the nearest name), comes twice, or holds a value that training's
    /// type cannot take, with column, row and value; an infinite number.
    pub fn conform(&self, raw: &RecordBatch, first_row: u64) -> Result<Frame> {
        let mut places: HashMap<&str, usize> = HashMap::with_capacity(raw.num_columns());
        for (i, field) in raw.schema_ref().fields().iter().enumerate() {
            if places.insert(field.name(), i).is_some() && self.place(field.name(), 0).is_some() {
                return Err(Error::column(field.name(), "the name comes twice"));
            }
        }
        let columns = (0..self.all.len())
            .map(|i| match places.get(self.all[i].name.as_str()) {
                Some(&at) => self.column(i, raw.column(at), first_row).map(Some),
                None if !self.required[i] => Ok(None),
                None => Err(self.missing(i, places.keys().copied())),
            })
            .collect::<Result<Vec<_>>>()?;
        self.frame(columns, raw.num_rows())
    }

    /// The error of a column that is not there.
    pub(crate) fn missing<'a>(&self, i: usize, there: impl IntoIterator<Item = &'a str>) -> Error {
        let name = &self.all[i].name;
        let error = Error::column(name, "is needed here and is not in the data");
        // A name that is itself asked for was not meant to be this one.
        let others = there.into_iter().filter(|n| self.place(n, 0).is_none());
        match nearest(name, others) {
            Some(near) => error.with_hint(format!("there is a `{near}`")),
            None => error,
        }
    }

    /// Column `i` in its normal form.
    pub(crate) fn column(&self, i: usize, raw: &ArrayRef, first_row: u64) -> Result<ArrayRef> {
        let cells = Cells { name: &self.all[i].name, first_row };
        let raw = match raw.data_type() {
            DataType::Dictionary(_, value) => cast(raw, value)?,
            _ => raw.clone(),
        };
        match &self.readings[i] {
            Reading::Number { single, bools, notation } => cells.number(&raw, *single, *bools, notation),
            Reading::Text(spelling) => cells.text(&raw, *spelling),
            Reading::Time(data_type, notation) => cells.time(&raw, data_type, notation),
            Reading::Vector { single, width } => cells.vector(&raw, *single, *width),
        }
    }
}

/// The cells of a column, with what an error about them needs.
struct Cells<'a> {
    name: &'a str,
    first_row: u64,
}

impl Cells<'_> {
    fn number(&self, raw: &ArrayRef, single: bool, bools: bool, notation: &Notation) -> Result<ArrayRef> {
        let target = if single { DataType::Float32 } else { DataType::Float64 };
        if raw.logical_null_count() == raw.len() {
            return Ok(new_null_array(&target, raw.len()));
        }
        let wide: ArrayRef = match raw.data_type() {
            t if t.is_numeric() => self.cast(raw, &target, "a number")?,
            DataType::Boolean if bools => self.cast(raw, &target, "a number")?,
            t if t.is_string() => {
                let text = cast(raw, &DataType::Utf8)?;
                let read = text.as_string::<i32>().iter().enumerate().map(|(row, value)| match value {
                    None => Ok(None),
                    Some(v) if is_missing(v) => Ok(None),
                    Some(v) => match parse_number(v, notation, bools) {
                        Some(number) => Ok(Some(number)),
                        None => Err(self.wrong_value(row, v, a_number(notation))),
                    },
                });
                let numbers: Float64Array = read.collect::<Result<_>>()?;
                self.cast(&(Arc::new(numbers) as ArrayRef), &target, "a number")?
            }
            _ => return Err(self.wrong_type(raw, "a number")),
        };
        self.finite(wide)
    }

    /// Numbers without NaN, which becomes null, and without infinities, which are refused.
    fn finite(&self, numbers: ArrayRef) -> Result<ArrayRef> {
        macro_rules! normal {
            ($type:ty) => {{
                let values = numbers.as_primitive::<$type>();
                if values.values().iter().all(|v| v.is_finite()) {
                    return Ok(numbers);
                }
                if let Some(row) = (0..values.len()).find(|&r| values.is_valid(r) && values.value(r).is_infinite()) {
                    return Err(self.infinite(row));
                }
                Ok(Arc::new(
                    values.iter().map(|v| v.filter(|v| !v.is_nan())).collect::<arrow::array::PrimitiveArray<$type>>(),
                ))
            }};
        }
        match numbers.data_type() {
            DataType::Float32 => normal!(Float32Type),
            _ => normal!(Float64Type),
        }
    }

    fn text(&self, raw: &ArrayRef, spelling: Spelling) -> Result<ArrayRef> {
        if raw.logical_null_count() == raw.len() {
            return Ok(new_null_array(&DataType::Utf8, raw.len()));
        }
        match raw.data_type() {
            t if t.is_string() => {
                let text = cast(raw, &DataType::Utf8)?;
                Ok(respell(&text, spelling))
            }
            t if t.is_integer() && !matches!(spelling, Spelling::Double | Spelling::Single) => {
                Ok(cast(raw, &DataType::Utf8)?)
            }
            t if t.is_floating() || t.is_integer() => {
                let numbers = self.finite(cast(raw, &DataType::Float64)?)?;
                let numbers = numbers.as_primitive::<Float64Type>();
                let text: StringArray = numbers.iter().map(|v| v.map(|v| spelling.number(v))).collect();
                Ok(Arc::new(text))
            }
            t if t.is_primitive() || *t == DataType::Boolean => Ok(cast(raw, &DataType::Utf8)?),
            _ => Err(self.wrong_type(raw, "text")),
        }
    }

    fn time(&self, raw: &ArrayRef, target: &DataType, notation: &Notation) -> Result<ArrayRef> {
        if raw.logical_null_count() == raw.len() {
            return Ok(new_null_array(target, raw.len()));
        }
        match raw.data_type() {
            t if t == target => Ok(raw.clone()),
            DataType::Date32 | DataType::Date64 | DataType::Timestamp(..) => self.cast(raw, target, "a date or a time"),
            t if t.is_string() => {
                let text = cast(raw, &DataType::Utf8)?;
                self.parse_times(text.as_string(), target, notation)
            }
            _ => Err(self.wrong_type(raw, "a date or a time")),
        }
    }

    /// Dates and times of ISO 8601 or of the notation. One without an offset is in the column's time zone, or
    /// else in UTC.
    fn parse_times(&self, text: &StringArray, target: &DataType, notation: &Notation) -> Result<ArrayRef> {
        let (unit, zone) = match target {
            DataType::Timestamp(unit, zone) => (Some(*unit), zone.as_deref()),
            _ => (None, None),
        };
        let zone: Tz = zone.and_then(|z| z.parse().ok()).map_or_else(|| "+00:00".parse(), Ok)?;
        let read = text.iter().enumerate().map(|(row, value)| {
            let Some(value) = value.filter(|v| !is_missing(v)) else { return Ok(None) };
            let wrong = || self.wrong_value(row, value, "a date or a time (2024-05-31, 2024-05-31T13:45:00)");
            let iso = notation.date(value.trim());
            let Ok(time) = string_to_datetime(&zone, &iso) else {
                // Dates of fewer digits, such as 2024-5-1.
                let days = Date32Type::parse(&iso).ok_or_else(wrong)?;
                return Ok(Some(per_day(unit).checked_mul(days.into()).ok_or_else(wrong)?));
            };
            Ok(Some(match unit {
                None => time.timestamp().div_euclid(86_400),
                Some(TimeUnit::Second) => time.timestamp(),
                Some(TimeUnit::Millisecond) => time.timestamp_millis(),
                Some(TimeUnit::Microsecond) => time.timestamp_micros(),
                Some(TimeUnit::Nanosecond) => time.timestamp_nanos_opt().ok_or_else(wrong)?,
            }))
        });
        let ticks: Int64Array = read.collect::<Result<_>>()?;
        let ticks: ArrayRef = Arc::new(ticks);
        match target {
            DataType::Timestamp(..) => Ok(cast(&ticks, target)?),
            // Days since 1970, which Date32 holds in 32 bits.
            _ => self
                .cast(&self.cast(&ticks, &DataType::Int32, "a date")?, &DataType::Date32, "a date")
                .and_then(|days| self.cast(&days, target, "a date")),
        }
    }

    fn vector(&self, raw: &ArrayRef, single: bool, width: i32) -> Result<ArrayRef> {
        let item = if single { DataType::Float32 } else { DataType::Float64 };
        let target = crate::data_type::vector(item, width);
        let wanted = format!("a vector of {width} numbers");
        let lists = match raw.data_type() {
            DataType::FixedSizeList(..) | DataType::List(_) | DataType::LargeList(_) => {
                self.cast(raw, &target, &wanted)?
            }
            DataType::Null => new_null_array(&target, raw.len()),
            _ => return Err(self.wrong_type(raw, &wanted)),
        };
        let lists: &FixedSizeListArray = lists.as_fixed_size_list();
        let numbers = cast(lists.values(), &DataType::Float64)?;
        let numbers = numbers.as_primitive::<Float64Type>();
        if let Some(at) = (0..numbers.len()).find(|&i| numbers.is_valid(i) && numbers.value(i).is_infinite()) {
            return Err(self.infinite(at / (width.max(1) as usize)));
        }
        Ok(Arc::new(lists.clone()))
    }

    /// A cast that fails rather than making nulls.
    fn cast(&self, raw: &ArrayRef, target: &DataType, wanted: &str) -> Result<ArrayRef> {
        let options = CastOptions { safe: false, ..CastOptions::default() };
        if let Ok(done) = cast_with_options(raw, target, &options) {
            return Ok(done);
        }
        // Find the row that was at fault.
        let lenient = cast(raw, target).map_err(|_| self.wrong_type(raw, wanted))?;
        match (0..raw.len()).find(|&r| raw.is_valid(r) && lenient.is_null(r)) {
            Some(row) => Err(self.wrong_value(row, &shown(raw, row), wanted)),
            None => Err(self.wrong_type(raw, wanted)),
        }
    }

    fn wrong_type(&self, raw: &ArrayRef, wanted: &str) -> Error {
        let row = (0..raw.len()).find(|&r| raw.is_valid(r)).unwrap_or(0);
        let what = format!("`{}` is of type {} where {wanted} is needed", brief(&shown(raw, row)), raw.data_type());
        Error::cell(self.name, self.first_row + row as u64, what)
    }

    fn wrong_value(&self, row: usize, value: &str, wanted: &str) -> Error {
        Error::cell(self.name, self.first_row + row as u64, format!("`{}` is not {wanted}", brief(value)))
    }

    fn infinite(&self, row: usize) -> Error {
        Error::cell(self.name, self.first_row + row as u64, "the number is infinite")
            .with_hint("leave it empty if it is missing")
    }
}

/// The number that a text spells in a notation; with `bools`, 1 and 0 for `true` and `false` too.
pub(crate) fn parse_number(text: &str, notation: &Notation, bools: bool) -> Option<f64> {
    let number = notation.number(text.trim()).and_then(|number| number.parse().ok());
    number.or_else(|| if bools { parse_bool(text) } else { None })
}

/// 1 and 0 for `true` and `false`.
fn parse_bool(text: &str) -> Option<f64> {
    match Spelling::Bool.text(text).as_ref() {
        "true" => Some(1.0),
        "false" => Some(0.0),
        _ => None,
    }
}

/// What a text is to be, where it is to be a number.
pub(crate) fn a_number(notation: &Notation) -> &'static str {
    match (notation.decimal, notation.thousands) {
        ('.', None) => "a number",
        (',', _) => "a number with a decimal comma, as training had them",
        _ => "a number with marks of thousands, as training had them",
    }
}

fn per_day(unit: Option<TimeUnit>) -> i64 {
    match unit {
        None => 1,
        Some(TimeUnit::Second) => 86_400,
        Some(TimeUnit::Millisecond) => 86_400_000,
        Some(TimeUnit::Microsecond) => 86_400_000_000,
        Some(TimeUnit::Nanosecond) => 86_400_000_000_000,
    }
}

/// Text spelt as training spelt it, without the blanks around it, its missing tokens null; the same array where
/// nothing changes.
fn respell(text: &ArrayRef, spelling: Spelling) -> ArrayRef {
    let values: &StringArray = text.as_string();
    if spelling == Spelling::Plain && !values.iter().flatten().any(|v| is_missing(v) || v.len() != v.trim().len()) {
        return text.clone();
    }
    let mut spelt = StringBuilder::with_capacity(values.len(), values.value_data().len());
    for value in values {
        match value {
            Some(v) if !is_missing(v) => spelt.append_value(spelling.text(v)),
            _ => spelt.append_null(),
        }
    }
    Arc::new(spelt.finish())
}

fn shown(raw: &ArrayRef, row: usize) -> String {
    array_value_to_string(raw, row).unwrap_or_default()
}

/// A value short enough for a message.
pub(crate) fn brief(value: &str) -> String {
    match value.char_indices().nth(40) {
        Some((cut, _)) => format!("{}...", &value[..cut]),
        None => value.to_string(),
    }
}

//! The values of a column in the type that they have: the one that was said, or the one that text turns out to
//! spell. Text of nothing but dates is dates, lists of one length are vectors; numbers that came as text stay
//! text, for codes are spelt so.

use crate::NotationSettings;
use crate::guess::{Guess, Notations, Settled};
use crate::literal;
use crate::typing::{ColumnKind, ColumnSettings, ValueType};
use arkwright_core::{Error, Notation, Result, key_text};
use arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, Date32Array, Float64Array, Int64Array, TimestampMicrosecondArray,
};
use arrow::compute::{cast, nullif};
use arrow::datatypes::{DataType, Field as ArrowField, Float64Type};
use std::collections::HashSet;
use std::sync::Arc;

/// The column in the type that was said, or that its text spells, and the notation that it was in.
pub(crate) fn native(
    name: &str,
    column: &ArrayRef,
    said: &ColumnSettings,
    written: &NotationSettings,
    notes: &mut Vec<String>,
) -> Result<(ArrayRef, Notation)> {
    let is_text = column.data_type() == &DataType::Utf8;
    let wanted = said.value_type.or(match said.kind {
        Some(ColumnKind::Number) if is_text => Some(ValueType::Number),
        Some(ColumnKind::Time) if is_text => Some(ValueType::Timestamp),
        Some(ColumnKind::Text) if !is_text => Some(ValueType::Text),
        _ => None,
    });
    if let Some(wanted) = wanted {
        let notation = match wanted {
            _ if !is_text => Notation::default(),
            ValueType::Date | ValueType::Timestamp => dates(column, &written.notations()).notation,
            ValueType::Integer | ValueType::Number => Notation { dates: None, ..written.said() },
            ValueType::Boolean | ValueType::Text => Notation::default(),
        };
        return Ok((read_as(name, &literal::plain(column, &notation), wanted)?, notation));
    }
    match column.data_type() {
        DataType::Utf8 => {
            let Settled { data_type, notation, either_order } = dates(column, &written.notations());
            if either_order {
                notes.push(
                    "its dates may have the day first or the month: say which, [data] dates = \"day_first\"".into(),
                );
            }
            let wanted = match data_type {
                DataType::Date32 => ValueType::Date,
                DataType::Timestamp(..) => ValueType::Timestamp,
                _ => return Ok((column.clone(), Notation::default())),
            };
            Ok((read_as(name, &literal::plain(column, &notation), wanted)?, notation))
        }
        DataType::List(item) if item.data_type().is_numeric() => Ok((vectors(column, notes)?, Notation::default())),
        _ => Ok((column.clone(), Notation::default())),
    }
}

/// What dates a column of text holds.
fn dates(column: &ArrayRef, notations: &Notations) -> Settled {
    let mut guess = Guess::OPEN;
    for text in column.as_string::<i32>().iter().flatten() {
        guess.see_string(text, notations);
        if guess.is_text() {
            break;
        }
    }
    notations.settle(&[(guess, None)]).remove(0)
}

/// Lists of one length are vectors.
fn vectors(column: &ArrayRef, notes: &mut Vec<String>) -> Result<ArrayRef> {
    let lists = column.as_list::<i32>();
    let lengths: HashSet<i32> = lists.offsets().windows(2).map(|w| w[1] - w[0]).collect();
    let width = match lengths.iter().next() {
        Some(width) if lengths.len() == 1 && lists.null_count() == 0 && *width > 0 => *width,
        _ => return Ok(column.clone()),
    };
    notes.push(format!("lists of {width} numbers"));
    let item = Arc::new(ArrowField::new("item", DataType::Float64, true));
    Ok(cast(column, &DataType::FixedSizeList(item, width))?)
}

/// Values of another type; what is none of it is refused with its row. NaN is a missing value.
pub(crate) fn read_as(name: &str, column: &ArrayRef, wanted: ValueType) -> Result<ArrayRef> {
    let to = wanted.data_type();
    if column.data_type() == &to {
        return Ok(column.clone());
    }
    let column = &with_nulls(column.clone())?;
    let read: ArrayRef = match column.as_string_opt::<i32>() {
        // A cast would cut the fraction off.
        None if wanted == ValueType::Integer && column.data_type().is_floating() => {
            let wide = cast(column, &DataType::Float64)?;
            let whole = wide.as_primitive::<Float64Type>().iter().map(|v| v.filter(|v| v.fract() == 0.0));
            cast(&whole.collect::<Float64Array>(), &to)?
        }
        None => cast(column, &to)
            .map_err(|_| Error::column(name, format!("{} where {to} is needed", column.data_type())))?,
        Some(texts) => match wanted {
            ValueType::Integer => Arc::new(texts.iter().map(|t| t.and_then(literal::integer)).collect::<Int64Array>()),
            ValueType::Number => Arc::new(texts.iter().map(|t| t.and_then(literal::float)).collect::<Float64Array>()),
            ValueType::Boolean => {
                Arc::new(texts.iter().map(|t| t.and_then(literal::boolean)).collect::<BooleanArray>())
            }
            ValueType::Date => Arc::new(texts.iter().map(|t| t.and_then(literal::date)).collect::<Date32Array>()),
            ValueType::Timestamp => {
                Arc::new(texts.iter().map(|t| t.and_then(literal::timestamp)).collect::<TimestampMicrosecondArray>())
            }
            ValueType::Text => column.clone(),
        },
    };
    if read.null_count() > column.logical_null_count() {
        let row = (0..column.len()).find(|&i| read.is_null(i) && !column.is_null(i)).unwrap_or(0);
        let value = cast(&column.slice(row, 1), &DataType::Utf8)?;
        let value = value.as_string::<i32>().value(0).chars().take(40).collect::<String>();
        return Err(Error::cell(name, row as u64, format!("`{value}` is not {}", wanted.describe())).with_hint(
            format!(
                "to set such rows aside, under [data]: checks.{} = {{ type = \"{}\", on_fail = \"set_aside\" }}",
                key_text(name),
                serde_json::to_value(wanted).ok().and_then(|v| v.as_str().map(String::from)).unwrap_or_default()
            ),
        ));
    }
    Ok(read)
}

/// A column whose missing values are nulls, NaN among them.
pub(crate) fn with_nulls(column: ArrayRef) -> Result<ArrayRef> {
    if !column.data_type().is_floating() {
        return Ok(column);
    }
    let wide = cast(&column, &DataType::Float64)?;
    let nan: BooleanArray =
        wide.as_primitive::<Float64Type>().iter().map(|v| Some(v.is_some_and(f64::is_nan))).collect();
    match nan.has_true() {
        true => Ok(nullif(&column, &nan)?),
        false => Ok(column),
    }
}

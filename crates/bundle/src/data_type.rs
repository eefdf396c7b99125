//! Arrow types by name: our own spelling, so that a bundle does not depend on how Arrow prints them.

use arkwright_core::{Error, Result};
use arrow::datatypes::{DataType, Field, TimeUnit};
use std::sync::Arc;

/// The name of a type that a request column may have had in training: `float64`, `int32`, `text`,
/// `bool`, `date32`, `timestamp_us`, `timestamp_ms[+02:00]`, `decimal128(10,2)`, `vector_f32(16)`.
/// All ways in which Arrow keeps text are `text`.
///
/// # Errors
/// When a request column cannot have the type.
pub fn type_name(data_type: &DataType) -> Result<String> {
    if let Some((name, _)) = PLAIN.iter().find(|(_, known)| known == data_type) {
        return Ok((*name).to_string());
    }
    match data_type {
        DataType::LargeUtf8 | DataType::Utf8View => Ok("text".into()),
        DataType::Dictionary(_, value) => type_name(value),
        DataType::Timestamp(unit, zone) => {
            let unit = UNITS.iter().find(|(_, u)| u == unit).map_or("us", |(name, _)| name);
            Ok(match zone {
                Some(zone) => format!("timestamp_{unit}[{zone}]"),
                None => format!("timestamp_{unit}"),
            })
        }
        DataType::Decimal128(precision, scale) => Ok(format!("decimal128({precision},{scale})")),
        DataType::Decimal256(precision, scale) => Ok(format!("decimal256({precision},{scale})")),
        DataType::FixedSizeList(item, width) => match item.data_type() {
            DataType::Float32 => Ok(format!("vector_f32({width})")),
            DataType::Float64 => Ok(format!("vector_f64({width})")),
            other => Err(Error::data(format!("a vector of {other} cannot be part of a request"))),
        },
        other => Err(Error::data(format!("a column of type {other} cannot be part of a request"))),
    }
}

/// The type of a name that [`type_name`] gave.
///
/// # Errors
/// When no type is called that.
pub fn parse_type(name: &str) -> Result<DataType> {
    parse(name).ok_or_else(|| Error::Saved(format!("no Arrow type is called `{name}`")))
}

fn parse(name: &str) -> Option<DataType> {
    if let Some((_, known)) = PLAIN.iter().find(|(plain, _)| *plain == name) {
        return Some(known.clone());
    }
    if let Some(rest) = name.strip_prefix("timestamp_") {
        let (unit, zone) = match rest.strip_suffix(']').and_then(|r| r.split_once('[')) {
            Some((unit, zone)) => (unit, Some(Arc::from(zone))),
            None => (rest, None),
        };
        let (_, unit) = UNITS.iter().find(|(known, _)| *known == unit)?;
        return Some(DataType::Timestamp(*unit, zone));
    }
    let (what, inside) = name.strip_suffix(')')?.split_once('(')?;
    match what {
        "decimal128" | "decimal256" => {
            let (precision, scale) = inside.split_once(',')?;
            let (precision, scale) = (precision.parse().ok()?, scale.parse().ok()?);
            Some(match what {
                "decimal128" => DataType::Decimal128(precision, scale),
                _ => DataType::Decimal256(precision, scale),
            })
        }
        "vector_f32" => Some(vector(DataType::Float32, inside.parse().ok()?)),
        "vector_f64" => Some(vector(DataType::Float64, inside.parse().ok()?)),
        _ => None,
    }
}

/// The type of a vector column, its item named as Arrow names it by default.
pub(crate) fn vector(item: DataType, width: i32) -> DataType {
    DataType::FixedSizeList(Arc::new(Field::new_list_field(item, true)), width)
}

const PLAIN: [(&str, DataType); 16] = [
    ("float64", DataType::Float64),
    ("float32", DataType::Float32),
    ("float16", DataType::Float16),
    ("int8", DataType::Int8),
    ("int16", DataType::Int16),
    ("int32", DataType::Int32),
    ("int64", DataType::Int64),
    ("uint8", DataType::UInt8),
    ("uint16", DataType::UInt16),
    ("uint32", DataType::UInt32),
    ("uint64", DataType::UInt64),
    ("text", DataType::Utf8),
    ("bool", DataType::Boolean),
    ("date32", DataType::Date32),
    ("date64", DataType::Date64),
    ("null", DataType::Null),
];

const UNITS: [(&str, TimeUnit); 4] = [
    ("s", TimeUnit::Second),
    ("ms", TimeUnit::Millisecond),
    ("us", TimeUnit::Microsecond),
    ("ns", TimeUnit::Nanosecond),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_reads_back_and_text_has_one_name() {
        let zoned = DataType::Timestamp(TimeUnit::Nanosecond, Some("+02:00".into()));
        let others = [zoned, DataType::Timestamp(TimeUnit::Microsecond, None), DataType::Decimal128(10, -2)];
        let vectors = [vector(DataType::Float32, 3), vector(DataType::Float64, 1)];
        for data_type in PLAIN.iter().map(|(_, t)| t).chain(&others).chain(&vectors) {
            assert_eq!(&parse_type(&type_name(data_type).unwrap()).unwrap(), data_type);
        }
        let dictionary = DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::LargeUtf8));
        assert_eq!(type_name(&dictionary).unwrap(), "text");
        for wrong in ["", "Float64", "timestamp_", "timestamp_us[", "decimal128(1)", "vector_f32(x)", "vector(3)"] {
            assert!(parse_type(wrong).is_err(), "{wrong}");
        }
    }
}

//! A frame of predictions becomes JSON, written by hand: a value per cell is built nowhere.
//!
//! ```json
//! {"model": "churn", "version": 3,
//!  "predictions": [{"customer_id": "7", "prediction": "No", "probability": {"No": 0.9, "Yes": 0.1}}]}
//! ```
//!
//! Numbers are the shortest that read back as the same bits; what is missing is `null`.

use arkwright_bundle::Answer;
use arkwright_core::{Cell, Error, Field, Frame, Kind, Result};
use arrow::array::{Array, ArrayRef, AsArray, Float64Array, StringArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Float32Type, Float64Type};

/// How the answers of one model are written; names are spelt once, when the model is loaded.
pub(crate) struct Writer {
    head: Vec<u8>,
    /// The key of each column that the model gives, and of each number within it.
    columns: Vec<(Vec<u8>, Labels)>,
    /// The columns of the request that go along, its keys: their names, and these as they are written.
    keys: Vec<(String, Vec<u8>)>,
}

/// The keys of a vector's numbers; none: a list.
type Labels = Option<Vec<Vec<u8>>>;

impl Writer {
    pub(crate) fn new(name: &str, version: i64, gives: &[Field], keys: Vec<String>) -> Self {
        let head = format!("{{\"model\":{},\"version\":{version},\"predictions\":[", quoted(name));
        let columns = gives.iter().map(|field| {
            let labels = match &field.kind {
                Kind::Vector { names: Some(names), .. } => Some(names.iter().map(|n| key(n)).collect()),
                _ => None,
            };
            (key(&field.name), labels)
        });
        let keys = keys.into_iter().map(|name| (name.clone(), key(&name)));
        Self { head: head.into_bytes(), columns: columns.collect(), keys: keys.collect() }
    }

    /// Writes the body that answers a request.
    pub(crate) fn write(&self, request: &Frame, answer: &Frame, out: &mut Vec<u8>) -> Result<()> {
        let sent = self.keys.iter().filter_map(|(name, key)| Some((key, &request.columns()[request.position(name)?])));
        let sent = sent.map(|(key, column)| Ok((key, Cells::of(column, &None)?)));
        let given = self.columns.iter().zip(answer.columns());
        let given = given.map(|((key, labels), column)| Ok((key, Cells::of(column, labels)?)));
        let columns = sent.chain(given).collect::<Result<Vec<_>>>()?;
        out.reserve(self.head.len() + 16 + 128 * answer.rows());
        out.extend_from_slice(&self.head);
        for row in 0..answer.rows() {
            out.extend_from_slice(if row == 0 { b"{" } else { b",{" });
            for (i, (key, cells)) in columns.iter().enumerate() {
                if i > 0 {
                    out.push(b',');
                }
                out.extend_from_slice(key);
                cells.write(row, out);
            }
            out.push(b'}');
        }
        out.extend_from_slice(b"]}");
        Ok(())
    }
}

impl Writer {
    /// Writes the body that answers a request of one row. `None`: only a frame can say it, and what was
    /// written is worth nothing.
    pub(crate) fn write_row(&self, answer: &Answer<'_>, out: &mut Vec<u8>) -> Option<()> {
        out.extend_from_slice(&self.head);
        out.push(b'{');
        let first = out.len();
        for (name, key) in &self.keys {
            if let Some(cell) = answer.sent(name) {
                out.extend_from_slice(key);
                self.cell(cell, &None, answer, out)?;
                out.push(b',');
            }
        }
        for ((key, labels), cell) in self.columns.iter().zip(answer.cells()) {
            out.extend_from_slice(key);
            self.cell(*cell, labels, answer, out)?;
            out.push(b',');
        }
        if out.len() > first {
            out.pop();
        }
        out.extend_from_slice(b"}]}");
        Some(())
    }

    /// `None` for what only a frame can spell.
    fn cell(&self, cell: Cell<'_>, labels: &Labels, answer: &Answer<'_>, out: &mut Vec<u8>) -> Option<()> {
        match cell {
            Cell::Missing => out.extend_from_slice(b"null"),
            Cell::Number(value) => number(value, out),
            Cell::Text(value) => text(value, out),
            Cell::Vector(start, len) => vector(answer.numbers(start, len).iter().copied(), labels, out),
            Cell::Code(_) => return None,
        }
        Some(())
    }
}

/// A column, ready to be written.
enum Cells<'a> {
    Text(StringArray),
    Number(Float64Array),
    Single(arrow::array::Float32Array),
    Whole(ArrayRef),
    Vector { numbers: Float64Array, width: usize, labels: &'a Labels, column: ArrayRef },
}

impl<'a> Cells<'a> {
    fn of(column: &ArrayRef, labels: &'a Labels) -> Result<Self> {
        Ok(match column.data_type() {
            DataType::Utf8 => Self::Text(column.as_string::<i32>().clone()),
            DataType::Float64 => Self::Number(column.as_primitive::<Float64Type>().clone()),
            DataType::Float32 => Self::Single(column.as_primitive::<Float32Type>().clone()),
            t if t.is_integer() || *t == DataType::Boolean => Self::Whole(cast(column, &DataType::Utf8)?),
            DataType::FixedSizeList(_, width) => {
                let list = column.as_fixed_size_list();
                let width = usize::try_from(*width).map_err(|_| Error::data("a list of a negative width"))?;
                let numbers = match list.values().data_type() {
                    DataType::Float64 => list.values().as_primitive::<Float64Type>().clone(),
                    _ => cast(list.values(), &DataType::Float64)?.as_primitive::<Float64Type>().clone(),
                };
                Self::Vector { numbers, width, labels, column: column.clone() }
            }
            _ => Self::Text(cast(column, &DataType::Utf8)?.as_string::<i32>().clone()),
        })
    }

    fn write(&self, row: usize, out: &mut Vec<u8>) {
        match self {
            Self::Text(values) if values.is_valid(row) => text(values.value(row), out),
            Self::Number(values) if values.is_valid(row) => number(values.value(row), out),
            Self::Single(values) if values.is_valid(row) && values.value(row).is_finite() => {
                // Writing to memory does not fail.
                let _ = serde_json::to_writer(out, &values.value(row));
            }
            Self::Whole(values) if values.is_valid(row) => {
                out.extend_from_slice(values.as_string::<i32>().value(row).as_bytes());
            }
            Self::Vector { numbers, width, labels, column } if column.is_valid(row) => {
                let at = row * width..(row + 1) * width;
                vector(at.map(|at| if numbers.is_valid(at) { numbers.value(at) } else { f64::NAN }), labels, out);
            }
            _ => out.extend_from_slice(b"null"),
        }
    }
}

/// Numbers as an object under their labels, or as a list.
fn vector(numbers: impl Iterator<Item = f64>, labels: &Labels, out: &mut Vec<u8>) {
    let (open, close) = if labels.is_some() { (b'{', b'}') } else { (b'[', b']') };
    out.push(open);
    for (i, value) in numbers.enumerate() {
        if i > 0 {
            out.push(b',');
        }
        if let Some(label) = labels.as_ref().and_then(|l| l.get(i)) {
            out.extend_from_slice(label);
        }
        number(value, out);
    }
    out.push(close);
}

fn number(value: f64, out: &mut Vec<u8>) {
    if value.is_finite() {
        let _ = serde_json::to_writer(out, &value);
    } else {
        out.extend_from_slice(b"null");
    }
}

fn text(value: &str, out: &mut Vec<u8>) {
    // Most labels need no escape.
    if value.bytes().all(|b| b >= 0x20 && b != b'"' && b != b'\\') {
        out.push(b'"');
        out.extend_from_slice(value.as_bytes());
        out.push(b'"');
    } else {
        out.extend_from_slice(quoted(value).as_bytes());
    }
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

fn key(name: &str) -> Vec<u8> {
    format!("{}:", quoted(name)).into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use arkwright_core::Role;
    use arrow::array::{FixedSizeListArray, Int64Array};
    use serde_json::{Value, json};
    use std::sync::Arc;

    #[test]
    fn every_kind_of_answer_is_written_as_json_that_reads_back_to_the_bit() {
        let names: Arc<[String]> = ["a\"b".to_string(), "c".to_string()].into();
        let fields = [
            Field::new("prediction", Kind::Category, Role::Output),
            Field::new("probability", Kind::Vector { width: Some(2), names: Some(names) }, Role::Output),
            Field::new("n", Kind::Number, Role::Output),
            Field::new("v", Kind::Vector { width: Some(1), names: None }, Role::Output),
        ];
        let third = 1.0 / 3.0;
        let item = |f: f64| Some(vec![Some(f), Some(f64::NAN)]);
        let columns: Vec<ArrayRef> = vec![
            Arc::new(StringArray::from(vec![Some("x\ny"), None])),
            Arc::new(FixedSizeListArray::from_iter_primitive::<Float64Type, _, _>([item(third), None], 2)),
            Arc::new(Int64Array::from(vec![Some(-7), None])),
            Arc::new(FixedSizeListArray::from_iter_primitive::<Float64Type, _, _>(
                [Some(vec![Some(1e-300)]), Some(vec![None])],
                1,
            )),
        ];
        let answer = Frame::new(fields.clone(), columns, 2).unwrap();
        let id: ArrayRef = Arc::new(StringArray::from(vec!["1", "2"]));
        let request = Frame::new([Field::new("id", Kind::Text, Role::Key)], vec![id], 2).unwrap();
        let writer = Writer::new("m", 3, &fields, vec!["id".into(), "absent".into()]);
        let mut out = Vec::new();
        writer.write(&request, &answer, &mut out).unwrap();
        let read: Value = serde_json::from_slice(&out).unwrap();
        let expected = json!({"model": "m", "version": 3, "predictions": [
            {"id": "1", "prediction": "x\ny", "probability": {"a\"b": third, "c": null}, "n": -7, "v": [1e-300]},
            {"id": "2", "prediction": null, "probability": null, "n": null, "v": [null]},
        ]});
        assert_eq!(read, expected);
    }
}

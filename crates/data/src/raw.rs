//! What reading gives: record batches, and the rows that could not be read.

use crate::guess::notations_of;
use arkwright_core::{Error, Frame, Notation, Result};
use arrow::array::{ArrayRef, RecordBatch, RecordBatchOptions, new_empty_array};
use arrow::compute::{CastOptions, cast_with_options, concat};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A table as it was read: rows in the order of the files and of the lines in them.
#[derive(Clone, Debug)]
pub struct Raw {
    /// The columns' names and types: `Boolean`, any number but decimals, `Utf8`, `Date32`,
    /// `Timestamp(Microsecond)`, lists of numbers; `Null` where nothing was there to tell.
    pub schema: SchemaRef,
    /// The rows.
    pub batches: Vec<RecordBatch>,
    /// The rows that could not be read and were set aside.
    pub bad: Bad,
}

/// Rows that could not be read.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Bad {
    /// How many.
    pub count: u64,
    /// The first few.
    pub first: Vec<BadRow>,
}

/// A row that could not be read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BadRow {
    /// The file's name, without its folder.
    pub file: String,
    /// The line, counted from 1 with the header.
    pub line: u64,
    /// Why.
    pub reason: String,
}

/// Bad rows that are told one by one.
const SHOWN: usize = 10;

impl Bad {
    pub(crate) fn add(&mut self, file: &str, line: impl FnOnce() -> u64, reason: impl FnOnce() -> String) {
        self.count += 1;
        if self.first.len() < SHOWN {
            self.first.push(BadRow { file: file.to_string(), line: line(), reason: reason() });
        }
    }
}

impl Raw {
    /// The number of rows.
    pub fn rows(&self) -> usize {
        self.batches.iter().map(RecordBatch::num_rows).sum()
    }

    /// The columns whose numbers or dates were written otherwise than programs write them, and how.
    pub fn notations(&self) -> BTreeMap<String, Notation> {
        notations_of(self.schema.fields().iter().map(|f| f.as_ref()))
    }

    /// The bytes that the rows take in memory.
    pub fn bytes(&self) -> u64 {
        self.batches.iter().map(|b| b.get_array_memory_size() as u64).sum()
    }

    /// One frame: every column an input, its kind the first guess from its type (text is text).
    ///
    /// # Errors
    /// When the text of a column is longer than 2 GiB.
    pub fn into_frame(self) -> Result<Frame> {
        let batch = self.into_batch()?;
        Frame::from_batch(&batch)
    }

    /// One record batch.
    ///
    /// # Errors
    /// As [`Raw::into_frame`].
    pub fn into_batch(self) -> Result<RecordBatch> {
        let Self { schema, mut batches, .. } = self;
        if batches.len() == 1
            && let Some(batch) = batches.pop()
        {
            return Ok(batch);
        }
        let rows = batches.iter().map(RecordBatch::num_rows).sum();
        let mut columns = Vec::with_capacity(schema.fields().len());
        for (i, field) in schema.fields().iter().enumerate() {
            let parts: Vec<ArrayRef> = batches.iter().map(|b| b.column(i).clone()).collect();
            let parts: Vec<_> = parts.iter().map(|a| a.as_ref()).collect();
            columns.push(match parts.is_empty() {
                true => new_empty_array(field.data_type()),
                false => concat(&parts).map_err(|e| Error::column(field.name(), e.to_string()))?,
            });
        }
        let options = RecordBatchOptions::new().with_row_count(Some(rows));
        Ok(RecordBatch::try_new_with_options(schema, columns, &options)?)
    }
}

/// The type that a column of this type is held in: one for text, one for points in time, no decimals.
pub(crate) fn plain(data_type: &DataType) -> DataType {
    match data_type {
        DataType::Utf8View | DataType::LargeUtf8 => DataType::Utf8,
        DataType::Dictionary(_, values) => plain(values),
        DataType::RunEndEncoded(_, values) => plain(values.data_type()),
        t if t.is_decimal() => DataType::Float64,
        DataType::Float16 => DataType::Float32,
        DataType::Date64 => DataType::Date32,
        DataType::Timestamp(..) => DataType::Timestamp(TimeUnit::Microsecond, None),
        DataType::BinaryView | DataType::LargeBinary => DataType::Binary,
        other => other.clone(),
    }
}

/// The schema in plain types: with what is noted beside its columns, without what is noted beside the whole.
pub(crate) fn plain_schema(schema: &Schema) -> SchemaRef {
    let fields: Vec<Field> = schema
        .fields()
        .iter()
        .map(|f| Field::new(f.name(), plain(f.data_type()), true).with_metadata(f.metadata().clone()))
        .collect();
    Arc::new(Schema::new(fields))
}

/// A batch in the types of a plain schema, its columns found by name. A value that its new type does not hold
/// is an error, and not a missing value.
pub(crate) fn plain_batch(batch: &RecordBatch, schema: &SchemaRef, goes: &[usize]) -> Result<RecordBatch> {
    let exact = CastOptions { safe: false, ..CastOptions::default() };
    let columns = schema
        .fields()
        .iter()
        .zip(goes)
        .map(|(field, &at)| {
            let column = batch.column(at);
            match column.data_type() == field.data_type() {
                true => Ok(column.clone()),
                false => cast_with_options(column, field.data_type(), &exact)
                    .map_err(|e| Error::column(field.name(), e.to_string())),
            }
        })
        .collect::<Result<Vec<_>>>()?;
    let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
    Ok(RecordBatch::try_new_with_options(schema.clone(), columns, &options)?)
}

//! A column that is being filled from text.

use crate::guess::Settled;
use crate::literal;
use arkwright_core::Notation;
use arrow::array::{
    ArrayRef, BooleanBuilder, Date32Builder, Float64Builder, Int64Builder, NullArray, StringBuilder,
    TimestampMicrosecondBuilder,
};
use arrow::datatypes::DataType;
use std::sync::Arc;

/// Builds one column of a settled type, from text in a settled notation.
pub(crate) struct Column {
    values: Values,
    /// `None`: the form of programs.
    notation: Option<Notation>,
}

enum Values {
    Null(usize),
    Boolean(BooleanBuilder),
    Integer(Int64Builder),
    Float(Float64Builder),
    Date(Date32Builder),
    Stamp(TimestampMicrosecondBuilder),
    Text(StringBuilder),
}

impl Column {
    /// An empty column for about `rows` values.
    pub(crate) fn new(settled: &Settled, rows: usize) -> Self {
        let notation = Some(settled.notation).filter(|n| !n.is_plain());
        Self { values: Values::new(&settled.data_type, rows), notation }
    }

    /// Adds a value, known to spell the column's type in its notation.
    #[inline]
    pub(crate) fn push(&mut self, text: &str) {
        match (&self.notation, &self.values) {
            (None, _) => self.values.push(text),
            (Some(notation), Values::Date(_) | Values::Stamp(_)) => self.values.push(&notation.date(text)),
            (Some(notation), _) => match notation.number(text) {
                Some(text) => self.values.push(&text),
                None => self.values.push_null(),
            },
        }
    }

    /// Adds a value that a program wrote.
    pub(crate) fn push_plain(&mut self, text: &str) {
        self.values.push(text);
    }

    /// Adds a missing value.
    pub(crate) fn push_null(&mut self) {
        self.values.push_null();
    }

    /// The column.
    pub(crate) fn finish(self) -> ArrayRef {
        self.values.finish()
    }
}

impl Values {
    fn new(data_type: &DataType, rows: usize) -> Self {
        match data_type {
            DataType::Null => Self::Null(0),
            DataType::Boolean => Self::Boolean(BooleanBuilder::with_capacity(rows)),
            DataType::Int64 => Self::Integer(Int64Builder::with_capacity(rows)),
            DataType::Float64 => Self::Float(Float64Builder::with_capacity(rows)),
            DataType::Date32 => Self::Date(Date32Builder::with_capacity(rows)),
            DataType::Timestamp(..) => Self::Stamp(TimestampMicrosecondBuilder::with_capacity(rows)),
            _ => Self::Text(StringBuilder::with_capacity(rows, 8 * rows)),
        }
    }

    #[inline]
    fn push(&mut self, text: &str) {
        match self {
            Self::Null(n) => *n += 1,
            Self::Boolean(b) => b.append_option(literal::boolean(text)),
            Self::Integer(b) => b.append_option(text.parse().ok()),
            Self::Float(b) => b.append_option(text.parse().ok()),
            Self::Date(b) => b.append_option(literal::date(text)),
            Self::Stamp(b) => b.append_option(literal::timestamp(text)),
            Self::Text(b) => b.append_value(text),
        }
    }

    fn push_null(&mut self) {
        match self {
            Self::Null(n) => *n += 1,
            Self::Boolean(b) => b.append_null(),
            Self::Integer(b) => b.append_null(),
            Self::Float(b) => b.append_null(),
            Self::Date(b) => b.append_null(),
            Self::Stamp(b) => b.append_null(),
            Self::Text(b) => b.append_null(),
        }
    }

    fn finish(self) -> ArrayRef {
        match self {
            Self::Null(n) => Arc::new(NullArray::new(n)),
            Self::Boolean(mut b) => Arc::new(b.finish()),
            Self::Integer(mut b) => Arc::new(b.finish()),
            Self::Float(mut b) => Arc::new(b.finish()),
            Self::Date(mut b) => Arc::new(b.finish()),
            Self::Stamp(mut b) => Arc::new(b.finish()),
            Self::Text(mut b) => Arc::new(b.finish()),
        }
    }
}

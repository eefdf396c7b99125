//! The columns that a JSON body fills.
//!
//! A value goes from the parser into its column's builder, where it is looked at once: what may stand in a column
//! is what [`Request::conform`] takes, and an error says the column, the row and the value.

use crate::conform::{a_number, brief, parse_number};
use crate::request::{Reading, Request};
use crate::spelling::Spelling;
use arkwright_core::{Error, Frame, Notation, Result, is_missing};
use arrow::array::{ArrayRef, FixedSizeListBuilder, Float64Builder, StringBuilder};
use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use std::fmt;
use std::sync::Arc;

/// The columns being filled.
pub(crate) struct Table<'r> {
    pub(crate) request: &'r Request,
    cells: Vec<Cells>,
    /// For each column the row that it was last given in, counted from 1.
    pub(crate) seen: Vec<usize>,
    pub(crate) rows: usize,
    pub(crate) max_rows: usize,
    /// Keys of the current row that are no columns: what a misspelt name is among.
    pub(crate) others: Vec<String>,
    pub(crate) error: Option<Error>,
}

enum Cells {
    Number { values: Float64Builder, bools: bool, notation: Notation },
    Text { values: StringBuilder, spelling: Spelling },
    Time(StringBuilder),
    Vector { values: FixedSizeListBuilder<Float64Builder>, width: usize },
}

impl<'r> Table<'r> {
    pub(crate) fn new(request: &'r Request, max_rows: usize) -> Self {
        let cells = request
            .readings
            .iter()
            .map(|reading| match reading {
                Reading::Number { bools, notation, .. } => {
                    Cells::Number { values: Float64Builder::with_capacity(1), bools: *bools, notation: *notation }
                }
                Reading::Text(spelling) => {
                    Cells::Text { values: StringBuilder::with_capacity(1, 16), spelling: *spelling }
                }
                Reading::Time(..) => Cells::Time(StringBuilder::with_capacity(1, 32)),
                Reading::Vector { width, .. } => Cells::Vector {
                    values: FixedSizeListBuilder::new(Float64Builder::new(), *width),
                    width: usize::try_from(*width).unwrap_or(0),
                },
            })
            .collect();
        let seen = vec![0; request.all.len()];
        Self { request, cells, seen, rows: 0, max_rows, others: Vec::new(), error: None }
    }

    /// Keeps the error with its column and row, which serde's own cannot carry.
    pub(crate) fn fail<E: serde::de::Error>(&mut self, error: Error) -> E {
        self.error = Some(error);
        E::custom("refused")
    }

    pub(crate) fn too_many<E: serde::de::Error>(&mut self) -> E {
        let error = Error::data(format!("more than {} rows in one request", self.max_rows));
        self.fail(error.with_hint("send them in several requests"))
    }

    fn refuse<E: serde::de::Error>(&mut self, at: Place, what: &str, wanted: &str) -> E {
        let name = &self.request.all[at.column].name;
        let error = Error::cell(name, at.row as u64, format!("{what} where {wanted} is needed"));
        self.fail(error)
    }

    pub(crate) fn other(&mut self, key: &str) {
        if self.others.len() < 64 {
            self.others.push(key.to_string());
        }
    }

    /// Closes a row: what may be absent and is becomes null, the rest must be there.
    pub(crate) fn end_row(&mut self) -> Result<()> {
        self.rows += 1;
        for i in 0..self.cells.len() {
            if self.seen[i] == self.rows {
                continue;
            }
            if self.request.required[i] {
                let row = self.rows as u64 - 1;
                return Err(match self.request.missing(i, self.others.iter().map(String::as_str)) {
                    Error::Column { column, message, hint, .. } => {
                        Error::Column { column, row: Some(row), message, hint }
                    }
                    error => error,
                });
            }
            self.cells[i].null();
        }
        self.others.clear();
        Ok(())
    }

    pub(crate) fn finish(self) -> Result<Frame> {
        let Self { request, cells, seen, rows, .. } = self;
        let columns = cells
            .into_iter()
            .enumerate()
            .map(|(i, cells)| match seen[i] {
                // Never given, and not needed. Without rows nothing is given, and all columns are there.
                0 if !request.required[i] => Ok(None),
                _ => request.column(i, &cells.finish(), 0).map(Some),
            })
            .collect::<Result<Vec<_>>>()?;
        request.frame(columns, rows)
    }
}

impl Cells {
    fn null(&mut self) {
        match self {
            Self::Number { values, .. } => values.append_null(),
            Self::Text { values, .. } | Self::Time(values) => values.append_null(),
            Self::Vector { values, width } => {
                values.values().append_nulls(*width);
                values.append(false);
            }
        }
    }

    fn finish(self) -> ArrayRef {
        match self {
            Self::Number { mut values, .. } => Arc::new(values.finish()),
            Self::Text { mut values, .. } | Self::Time(mut values) => Arc::new(values.finish()),
            Self::Vector { mut values, .. } => Arc::new(values.finish()),
        }
    }
}

/// Where a value stands.
#[derive(Clone, Copy)]
pub(crate) struct Place {
    pub(crate) column: usize,
    pub(crate) row: usize,
}

/// A value, on its way into its column.
pub(crate) struct Cell<'t, 'r> {
    pub(crate) table: &'t mut Table<'r>,
    pub(crate) at: Place,
}

impl Cell<'_, '_> {
    fn wanted(&self) -> String {
        match &self.table.cells[self.at.column] {
            Cells::Number { .. } => "a number".into(),
            Cells::Text { .. } => "text".into(),
            Cells::Time(_) => "a date or a time, as text,".into(),
            Cells::Vector { width, .. } => format!("a vector of {width} numbers"),
        }
    }

    fn refuse<E: serde::de::Error>(self, what: &str) -> E {
        let wanted = self.wanted();
        self.table.refuse(self.at, what, &wanted)
    }
}

impl<'de> DeserializeSeed<'de> for Cell<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Cell<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number, text, true, false or null")
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<(), E> {
        self.table.cells[self.at.column].null();
        Ok(())
    }

    fn visit_bool<E: serde::de::Error>(self, value: bool) -> Result<(), E> {
        match &mut self.table.cells[self.at.column] {
            Cells::Number { values, bools: true, .. } => values.append_value(f64::from(u8::from(value))),
            Cells::Text { values, .. } => values.append_value(if value { "true" } else { "false" }),
            _ => return Err(self.refuse(&format!("`{value}`"))),
        }
        Ok(())
    }

    fn visit_i64<E: serde::de::Error>(self, value: i64) -> Result<(), E> {
        match &mut self.table.cells[self.at.column] {
            Cells::Number { values, .. } => values.append_value(value as f64),
            Cells::Text { values, spelling } => values.append_value(spelling.whole(value.into())),
            _ => return Err(self.refuse(&format!("`{value}`"))),
        }
        Ok(())
    }

    fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<(), E> {
        match &mut self.table.cells[self.at.column] {
            Cells::Number { values, .. } => values.append_value(value as f64),
            Cells::Text { values, spelling } => values.append_value(spelling.whole(value.into())),
            _ => return Err(self.refuse(&format!("`{value}`"))),
        }
        Ok(())
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<(), E> {
        match &mut self.table.cells[self.at.column] {
            Cells::Number { values, .. } => values.append_value(value),
            Cells::Text { values, spelling } => values.append_value(spelling.number(value)),
            _ => return Err(self.refuse(&format!("`{value}`"))),
        }
        Ok(())
    }

    fn visit_str<E: serde::de::Error>(self, value: &str) -> Result<(), E> {
        match &mut self.table.cells[self.at.column] {
            // Columns of text are respelt as a whole, with their missing tokens, when all rows are read.
            Cells::Text { values, .. } | Cells::Time(values) => values.append_value(value),
            Cells::Number { values, .. } if is_missing(value) => values.append_null(),
            Cells::Number { values, bools, notation } => match parse_number(value, notation, *bools) {
                Some(number) => values.append_value(number),
                None => {
                    let name = &self.table.request.all[self.at.column].name;
                    let message = format!("`{}` is not {}", brief(value), a_number(notation));
                    let error = Error::cell(name, self.at.row as u64, message);
                    return Err(self.table.fail(error));
                }
            },
            Cells::Vector { .. } => return Err(self.refuse(&format!("`{}`", brief(value)))),
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        let Cells::Vector { values, width } = &mut self.table.cells[self.at.column] else {
            return Err(self.refuse("a list"));
        };
        let mut len = 0;
        while let Some(number) = seq.next_element::<f64>()? {
            len += 1;
            if len <= *width {
                values.values().append_value(number);
            }
        }
        if len != *width {
            return Err(self.refuse(&format!("a list of {len}")));
        }
        values.append(true);
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, _map: A) -> Result<(), A::Error> {
        Err(self.refuse("an object"))
    }
}

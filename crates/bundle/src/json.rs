//! A JSON body becomes a request frame, straight into columns.
//!
//! Two forms are read: rows, `{"instances": [{"age": 31, "city": "Oslo"}, ...]}`, and columns,
//! `{"inputs": {"age": [31], "city": ["Oslo"]}}`. A value goes from the parser into its column's
//! builder; names are tried in the order of the fields before they are looked up. Keys that are no
//! columns are ignored, as are a table's; a missing value is spelt `null`, and a key left out is a
//! column missing. What a value may be is what [`Request::conform`] takes.

use crate::conform::brief;
use crate::request::{Reading, Request};
use crate::spelling::Spelling;
use arkwright_core::{Error, Frame, Result, is_missing};
use arrow::array::{ArrayRef, FixedSizeListBuilder, Float64Builder, StringBuilder};
use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::fmt;
use std::sync::Arc;

impl Request {
    /// The frame of a JSON body of at most `max_rows` rows.
    ///
    /// # Errors
    /// What is not JSON or not of that form; too many rows; as [`Request::conform`].
    pub fn from_json(&self, body: &[u8], max_rows: usize) -> Result<Frame> {
        let mut table = Table::new(self, max_rows);
        let mut deserializer = serde_json::Deserializer::from_slice(body);
        let read = Body(&mut table).deserialize(&mut deserializer).and_then(|()| deserializer.end());
        match (table.error.take(), read) {
            (Some(error), _) => Err(error),
            (None, Err(error)) => Err(Error::data(format!("the body is not as expected: {error}"))
                .with_hint("{\"instances\": [{\"column\": value, ...}, ...]}")),
            (None, Ok(())) => table.finish(),
        }
    }
}

/// The columns being filled.
struct Table<'r> {
    request: &'r Request,
    cells: Vec<Cells>,
    /// For each column the row that it was last given in, counted from 1.
    seen: Vec<usize>,
    rows: usize,
    max_rows: usize,
    /// Keys of the current row that are no columns: what a misspelt name is among.
    others: Vec<String>,
    error: Option<Error>,
}

enum Cells {
    Number { values: Float64Builder, bools: bool },
    Text { values: StringBuilder, spelling: Spelling },
    Time(StringBuilder),
    Vector { values: FixedSizeListBuilder<Float64Builder>, width: usize },
}

impl<'r> Table<'r> {
    fn new(request: &'r Request, max_rows: usize) -> Self {
        let cells = request
            .readings
            .iter()
            .map(|reading| match reading {
                Reading::Number { bools, .. } => {
                    Cells::Number { values: Float64Builder::with_capacity(1), bools: *bools }
                }
                Reading::Text(spelling) => {
                    Cells::Text { values: StringBuilder::with_capacity(1, 16), spelling: *spelling }
                }
                Reading::Time(_) => Cells::Time(StringBuilder::with_capacity(1, 32)),
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
    fn fail<E: serde::de::Error>(&mut self, error: Error) -> E {
        self.error = Some(error);
        E::custom("refused")
    }

    fn too_many<E: serde::de::Error>(&mut self) -> E {
        let error = Error::data(format!("more than {} rows in one request", self.max_rows));
        self.fail(error.with_hint("send them in several requests"))
    }

    fn refuse<E: serde::de::Error>(&mut self, at: Place, what: &str, wanted: &str) -> E {
        let name = &self.request.all[at.column].name;
        let error = Error::cell(name, at.row as u64, format!("{what} where {wanted} is needed"));
        self.fail(error)
    }

    fn other(&mut self, key: &str) {
        if self.others.len() < 64 {
            self.others.push(key.to_string());
        }
    }

    /// Closes a row: what may be absent and is becomes null, the rest must be there.
    fn end_row(&mut self) -> Result<()> {
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

    fn finish(self) -> Result<Frame> {
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

/// The whole body.
struct Body<'t, 'r>(&'t mut Table<'r>);

impl<'de> DeserializeSeed<'de> for Body<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Body<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with `instances` or `inputs`")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut found = false;
        while let Some(key) = map.next_key::<std::borrow::Cow<'de, str>>()? {
            match key.as_ref() {
                "instances" | "inputs" if found => {
                    return Err(self.0.fail(Error::data("`instances` or `inputs` is given, once")));
                }
                "instances" => map.next_value_seed(Rows(self.0))?,
                "inputs" => map.next_value_seed(ByColumn(self.0))?,
                _ => {
                    map.next_value::<IgnoredAny>()?;
                    continue;
                }
            }
            found = true;
        }
        match found {
            true => Ok(()),
            false => Err(A::Error::custom("neither `instances` nor `inputs` is in it")),
        }
    }
}

/// `[{...}, ...]`
struct Rows<'t, 'r>(&'t mut Table<'r>);

impl<'de> DeserializeSeed<'de> for Rows<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Rows<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of objects under `instances`")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        while seq.next_element_seed(Row(&mut *self.0))?.is_some() {}
        Ok(())
    }
}

/// `{"column": value, ...}`
struct Row<'t, 'r>(&'t mut Table<'r>);

impl<'de> DeserializeSeed<'de> for Row<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        if self.0.rows == self.0.max_rows {
            return Err(self.0.too_many());
        }
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Row<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of columns and values")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let table = self.0;
        let mut guess = 0;
        while let Some(column) = map.next_key_seed(Name { table, guess })? {
            let Some(column) = column else {
                map.next_value::<IgnoredAny>()?;
                continue;
            };
            if table.seen[column] == table.rows + 1 {
                let name = &table.request.all[column].name;
                let error = Error::cell(name, table.rows as u64, "the name comes twice");
                return Err(table.fail(error));
            }
            table.seen[column] = table.rows + 1;
            let at = Place { column, row: table.rows };
            map.next_value_seed(Cell { table, at })?;
            guess = column + 1;
        }
        table.end_row().map_err(|error| table.fail(error))
    }
}

/// `{"column": [value, ...], ...}`
struct ByColumn<'t, 'r>(&'t mut Table<'r>);

impl<'de> DeserializeSeed<'de> for ByColumn<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for ByColumn<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of columns and lists under `inputs`")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let table = self.0;
        let mut first: Option<(usize, usize)> = None;
        let mut guess = 0;
        while let Some(column) = map.next_key_seed(Name { table, guess })? {
            let Some(column) = column else {
                map.next_value::<IgnoredAny>()?;
                continue;
            };
            let name = |column: usize| table.request.all[column].name.clone();
            if table.seen[column] != 0 {
                let error = Error::column(name(column), "the name comes twice");
                return Err(table.fail(error));
            }
            table.seen[column] = 1;
            let rows = map.next_value_seed(Values { table, column })?;
            match first {
                Some((other, expected)) if rows != expected => {
                    let message = format!("{rows} values where `{}` has {expected}", table.request.all[other].name);
                    let error = Error::column(&table.request.all[column].name, message);
                    return Err(table.fail(error));
                }
                _ => first = Some((column, rows)),
            }
            guess = column + 1;
        }
        table.rows = first.map_or(0, |(_, rows)| rows);
        let absent = (0..table.seen.len()).find(|&i| table.seen[i] == 0 && table.request.required[i]);
        match absent {
            Some(i) => {
                let error = table.request.missing(i, table.others.iter().map(String::as_str));
                Err(table.fail(error))
            }
            None => Ok(()),
        }
    }
}

/// `[value, ...]` of one column; gives their number.
struct Values<'t, 'r> {
    table: &'t mut Table<'r>,
    column: usize,
}

impl<'de> DeserializeSeed<'de> for Values<'_, '_> {
    type Value = usize;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<usize, D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Values<'_, '_> {
    type Value = usize;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of a column's values")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<usize, A::Error> {
        let Self { table, column } = self;
        let mut row = 0;
        while seq.next_element_seed(Cell { table, at: Place { column, row } })?.is_some() {
            row += 1;
            if row > table.max_rows {
                return Err(table.too_many());
            }
        }
        Ok(row)
    }
}

/// A key: which column it names.
struct Name<'t, 'r> {
    table: &'t mut Table<'r>,
    guess: usize,
}

impl<'de> DeserializeSeed<'de> for Name<'_, '_> {
    type Value = Option<usize>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Name<'_, '_> {
    type Value = Option<usize>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a column's name")
    }

    fn visit_str<E: serde::de::Error>(self, key: &str) -> Result<Self::Value, E> {
        let place = self.table.request.place(key, self.guess);
        if place.is_none() {
            self.table.other(key);
        }
        Ok(place)
    }
}

#[derive(Clone, Copy)]
struct Place {
    column: usize,
    row: usize,
}

/// A value, on its way into its column.
struct Cell<'t, 'r> {
    table: &'t mut Table<'r>,
    at: Place,
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
            Cells::Number { values, bools: true } => values.append_value(f64::from(u8::from(value))),
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
            Cells::Number { values, .. } => match value.trim().parse() {
                Ok(number) => values.append_value(number),
                Err(_) => {
                    let name = &self.table.request.all[self.at.column].name;
                    let message = format!("`{}` is not a number", brief(value));
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

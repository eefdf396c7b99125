//! A JSON body becomes a request frame, straight into columns.
//!
//! Two forms are read: rows, `{"instances": [{"age": 31, "city": "Oslo"}, ...]}`, and columns,
//! `{"inputs": {"age": [31], "city": ["Oslo"]}}`. This file knows what stands where in them; a value goes from
//! the parser into its column as [`crate::table`] says. Names are tried in the order of the fields before they
//! are looked up. Keys that are no columns are ignored, as are a table's; a missing value is spelt `null`, and a
//! key left out is a column missing.

use crate::request::Request;
use crate::table::{Cell, Place, Table};
use arkwright_core::{Error, Frame, Result};
use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::fmt;

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

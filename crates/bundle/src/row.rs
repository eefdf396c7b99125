//! A request of one row, answered without a frame.
//!
//! The body's values go into cells, the steps add theirs, and the answer's are the last. Whatever cells
//! cannot hold, and whatever is wrong with a body, goes the long way instead: [`Request::from_json`] and
//! [`Bundle::predict`], which say what is wrong. Both ways give the same bits.

use crate::bundle::Bundle;
use crate::request::{Reading, Request};
use crate::spelling::Spelling;
use arkwright_core::{Cell, Field, Model, Named, Places, Role, Row, is_missing};
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::fmt;
use std::sync::Arc;

/// The steps of a bundle as one row goes through them.
pub(crate) struct Short {
    places: Places,
}

impl Short {
    /// `None` when the request or a step needs frames. `sources` are the frames that each step reads,
    /// where frame 0 is the request.
    pub(crate) fn new<'m>(
        request: &Request,
        steps: impl IntoIterator<Item = (&'m Arc<dyn Model>, Vec<usize>)>,
    ) -> Option<Self> {
        // A key goes along as it was sent, and only text is spelt as a frame spells it.
        let plain = |(field, reading): (&Field, &Reading)| match reading {
            Reading::Text(_) => true,
            Reading::Number { .. } => field.role != Role::Key,
            _ => false,
        };
        if !request.all.iter().zip(request.readings.iter()).all(plain) {
            return None;
        }
        let columns = request.all.iter().map(|f| f.name.clone()).zip(0..);
        let needed = columns.zip(request.required.iter()).filter(|(_, required)| **required);
        let mut frames: Vec<Named> = vec![needed.map(|(column, _)| column).collect()];
        let mut places = Places::new(request.all.len());
        for (model, sources) in steps {
            model.skills().row?;
            let seen = sources.iter().flat_map(|&at| frames[at].clone()).collect();
            frames.push(places.step(model.signature(), &seen)?);
        }
        Some(Self { places })
    }
}

/// The answer to a request of one row.
#[derive(Debug)]
pub struct Answer<'a> {
    pub(crate) request: &'a Request,
    pub(crate) row: Row<'a>,
    /// Which of the request's columns were sent.
    sent: Vec<bool>,
    gives: usize,
}

impl<'a> Answer<'a> {
    /// The cells of the bundle's `signature().gives`.
    pub fn cells(&self) -> &[Cell<'a>] {
        &self.row.cells[self.row.cells.len() - self.gives..]
    }

    /// The numbers of a [`Cell::Vector`].
    pub fn numbers(&self, start: usize, len: usize) -> &[f64] {
        &self.row.numbers[start..start + len]
    }

    /// What was sent as a column of the request; `None` where it was left out.
    pub fn sent(&self, column: &str) -> Option<Cell<'a>> {
        let at = self.request.place(column, 0)?;
        self.sent[at].then(|| self.row.cells[at])
    }
}

impl Bundle {
    /// Answers a body of one row, `{"instances": [{...}]}`. `None`: it must go the long way.
    pub fn predict_row<'a>(&'a self, body: &'a [u8]) -> Option<Answer<'a>> {
        let short = self.short.as_ref()?;
        let request = self.request();
        let columns = request.all.len();
        let mut row = Row { cells: Vec::with_capacity(4 * columns), numbers: Vec::new() };
        row.cells.resize(columns, Cell::Missing);
        let mut sent = vec![false; columns];
        // Checked as a whole, the text need not be checked value by value.
        let mut json = serde_json::Deserializer::from_str(std::str::from_utf8(body).ok()?);
        let into = Into { request, cells: &mut row.cells, sent: &mut sent };
        Body(into).deserialize(&mut json).and_then(|()| json.end()).ok()?;
        if sent.iter().zip(request.required.iter()).any(|(sent, required)| *required && !*sent) {
            return None;
        }
        short.places.run(self.steps().iter().map(|step| &step.model), &mut row, 0)?;
        Some(Answer { request, row, sent, gives: self.signature().gives.len() })
    }
}

/// Where a body's values go.
struct Into<'t, 'a> {
    request: &'a Request,
    cells: &'t mut [Cell<'a>],
    sent: &'t mut [bool],
}

/// What goes the long way.
fn long<E: Error>() -> E {
    E::custom("")
}

macro_rules! expects {
    () => {
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("one row")
        }
    };
}

/// `{"instances": [...]}`
struct Body<'t, 'a>(Into<'t, 'a>);

impl<'a> DeserializeSeed<'a> for Body<'_, 'a> {
    type Value = ();

    fn deserialize<D: Deserializer<'a>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'a> Visitor<'a> for Body<'_, 'a> {
    type Value = ();

    expects!();

    fn visit_map<A: MapAccess<'a>>(self, mut map: A) -> Result<(), A::Error> {
        match map.next_key::<&str>()? {
            Some("instances") => map.next_value_seed(Rows(self.0))?,
            _ => return Err(long()),
        }
        map.next_key::<&str>()?.map_or(Ok(()), |_| Err(long()))
    }
}

/// `[{...}]`
struct Rows<'t, 'a>(Into<'t, 'a>);

impl<'a> DeserializeSeed<'a> for Rows<'_, 'a> {
    type Value = ();

    fn deserialize<D: Deserializer<'a>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'a> Visitor<'a> for Rows<'_, 'a> {
    type Value = ();

    expects!();

    fn visit_seq<A: SeqAccess<'a>>(self, mut seq: A) -> Result<(), A::Error> {
        seq.next_element_seed(One(self.0))?.ok_or_else(long)?;
        seq.next_element::<IgnoredAny>()?.map_or(Ok(()), |_| Err(long()))
    }
}

/// `{"column": value, ...}`
struct One<'t, 'a>(Into<'t, 'a>);

impl<'a> DeserializeSeed<'a> for One<'_, 'a> {
    type Value = ();

    fn deserialize<D: Deserializer<'a>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'a> Visitor<'a> for One<'_, 'a> {
    type Value = ();

    expects!();

    fn visit_map<A: MapAccess<'a>>(self, mut map: A) -> Result<(), A::Error> {
        let Into { request, cells, sent } = self.0;
        let mut guess = 0;
        // A name with an escape in it is no `&str` of the body.
        while let Some(name) = map.next_key::<&str>()? {
            let Some(at) = request.place(name, guess) else {
                map.next_value::<IgnoredAny>()?;
                continue;
            };
            if std::mem::replace(&mut sent[at], true) {
                return Err(long());
            }
            cells[at] = map.next_value_seed(Value(&request.readings[at]))?;
            guess = at + 1;
        }
        Ok(())
    }
}

/// A value of a column that is read so.
struct Value<'r>(&'r Reading);

impl<'a> DeserializeSeed<'a> for Value<'_> {
    type Value = Cell<'a>;

    fn deserialize<D: Deserializer<'a>>(self, deserializer: D) -> Result<Cell<'a>, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'a> Visitor<'a> for Value<'_> {
    type Value = Cell<'a>;

    expects!();

    fn visit_unit<E: Error>(self) -> Result<Cell<'a>, E> {
        Ok(Cell::Missing)
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Cell<'a>, E> {
        self.visit_f64(value as f64)
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Cell<'a>, E> {
        self.visit_f64(value as f64)
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Cell<'a>, E> {
        let value = match self.0 {
            Reading::Number { single: false, .. } => value,
            Reading::Number { single: true, .. } => f64::from(value as f32),
            // A category that is spelt as a number.
            _ => return Err(long()),
        };
        Cell::of_number(value).ok_or_else(long)
    }

    fn visit_borrowed_str<E: Error>(self, value: &'a str) -> Result<Cell<'a>, E> {
        match self.0 {
            Reading::Text(_) if is_missing(value) => Ok(Cell::Missing),
            Reading::Text(Spelling::Plain) => Ok(Cell::Text(value.trim())),
            _ => Err(long()),
        }
    }
}

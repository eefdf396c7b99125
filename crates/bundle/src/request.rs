//! What a request holds.
//!
//! A request's fields are those of training, with the Arrow types that training read. A frame made by a
//! [`Request`] has one normal form, whatever it came from:
//!
//! | kind | Arrow type | missing |
//! |---|---|---|
//! | number | `Float64`; `Float32` where training had that | null, never NaN |
//! | category, text | `Utf8`, spelt as training spelt it, without blanks around | null |
//! | time | training's date or timestamp | null |
//! | vector | training's list | null |
//!
//! The flow puts training's rows through the same door, so that an expression sees the same types in
//! training and in a request.

use crate::data_type::{parse_type, type_name};
use crate::spelling::Spelling;
use arkwright_core::{Error, Field, Frame, Kind, Notation, Result, Role};
use arrow::datatypes::{DataType, TimeUnit};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

/// A column of a request, and the Arrow type that it had in training.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RequestField {
    /// What the column is.
    pub field: Field,
    /// The Arrow type in training; saved under the names of [`type_name`].
    #[serde(rename = "type", serialize_with = "write_type", deserialize_with = "read_type")]
    pub data_type: DataType,
    /// How its numbers or dates were written in training: a request may write them so too.
    #[serde(default, skip_serializing_if = "Notation::is_plain")]
    pub notation: Notation,
    /// Whether `true` and `false` stand for 1 and 0 in it, although training had numbers: a model of another
    /// program does not tell.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub bools: bool,
    /// The values of a category in training, sorted, where they are known: see [`RequestField::learnt_from`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub values: Option<Arc<[String]>>,
}

impl RequestField {
    /// A column in the notation of programs.
    pub fn new(field: Field, data_type: DataType) -> Self {
        Self { field, data_type, notation: Notation::default(), bools: false, values: None }
    }

    /// The column, with the values that a category has in the rows that were learnt from. More than
    /// [`MAX_VALUES`] are not kept.
    ///
    /// # Errors
    /// When the rows hold it as something else than text.
    pub fn learnt_from(mut self, rows: &Frame) -> Result<Self> {
        let at = rows.position(&self.field.name).filter(|_| self.field.role == Role::Input);
        if let (Some(at), Kind::Category) = (at, &self.field.kind) {
            let mut values = std::collections::BTreeSet::new();
            for text in rows.texts(at)?.iter().flatten() {
                if !values.contains(text) {
                    values.insert(text.to_string());
                }
                if values.len() > MAX_VALUES {
                    return Ok(self);
                }
            }
            self.values = Some(values.into_iter().collect());
        }
        Ok(self)
    }
}

/// Values of a category that a bundle keeps to tell which of a request's it never saw.
pub const MAX_VALUES: usize = 10_000;

fn write_type<S: Serializer>(data_type: &DataType, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&type_name(data_type).map_err(serde::ser::Error::custom)?)
}

fn read_type<'de, D: Deserializer<'de>>(deserializer: D) -> Result<DataType, D::Error> {
    parse_type(&String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
}

/// The columns of a request, ready to read tables and JSON. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Request {
    fields: Arc<[RequestField]>,
    pub(crate) readings: Arc<[Reading]>,
    pub(crate) required: Arc<[bool]>,
    /// The fields of a frame that lacks no column.
    pub(crate) all: Arc<[Field]>,
    /// The fields of a frame that has the required columns only; the same `Arc` as `all` where it can be.
    pub(crate) needed: Arc<[Field]>,
    places: Arc<HashMap<String, usize>>,
    /// For each column the values that training saw, where they are known.
    pub(crate) seen: Arc<[Option<HashSet<String>>]>,
}

/// How the values of a column are read.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Reading {
    Number { single: bool, bools: bool, notation: Notation },
    Text(Spelling),
    Time(DataType, Notation),
    Vector { single: bool, width: i32 },
}

impl Request {
    /// A request of such columns. A target, weight, group, event time or key may be absent from it;
    /// any other column must be there.
    ///
    /// # Errors
    /// When a name comes twice, or a column has a kind or type that no request can have.
    pub fn new(fields: impl Into<Arc<[RequestField]>>) -> Result<Self> {
        Self::requiring(fields, &[])
    }

    /// As [`Request::new`]; the columns of these names must be there too.
    ///
    /// # Errors
    /// As [`Request::new`].
    pub(crate) fn requiring(fields: impl Into<Arc<[RequestField]>>, names: &[&str]) -> Result<Self> {
        let fields = fields.into();
        let mut places = HashMap::with_capacity(fields.len());
        for (i, RequestField { field, .. }) in fields.iter().enumerate() {
            if places.insert(field.name.clone(), i).is_some() {
                return Err(Error::column(&field.name, "the name comes twice"));
            }
        }
        let readings = fields.iter().map(Reading::of).collect::<Result<_>>()?;
        let required: Arc<[bool]> = fields
            .iter()
            .map(|RequestField { field, .. }| {
                let optional = matches!(
                    field.role,
                    Role::Target | Role::Weight | Role::Group | Role::EventTime | Role::Event | Role::Key
                );
                !optional || names.contains(&field.name.as_str())
            })
            .collect();
        let all: Arc<[Field]> = fields.iter().map(|f| f.field.clone()).collect();
        let needed = match required.iter().all(|r| *r) {
            true => all.clone(),
            false => all.iter().zip(required.iter()).filter(|(_, r)| **r).map(|(f, _)| f.clone()).collect(),
        };
        let seen = fields.iter().map(|f| f.values.as_ref().map(|values| values.iter().cloned().collect())).collect();
        Ok(Self { fields, readings, required, all, needed, places: Arc::new(places), seen })
    }

    /// The request whose columns are those of a frame as it was read for training, `notations` those of the
    /// columns that were written otherwise than programs write.
    ///
    /// # Errors
    /// As [`Request::new`].
    pub fn noted(frame: &Frame, notations: &BTreeMap<String, Notation>) -> Result<Self> {
        let mut fields = Self::of(frame)?.fields.to_vec();
        for field in &mut fields {
            field.notation = notations.get(&field.field.name).copied().unwrap_or_default();
        }
        Self::new(fields)
    }

    /// The request whose columns are those of a frame as it was read for training.
    ///
    /// # Errors
    /// As [`Request::new`].
    pub fn of(frame: &Frame) -> Result<Self> {
        let fields: Vec<RequestField> = frame
            .fields()
            .iter()
            .zip(frame.columns())
            .map(|(field, column)| RequestField::new(field.clone(), column.data_type().clone()))
            .collect();
        Self::new(fields)
    }

    /// The columns.
    pub fn fields(&self) -> &Arc<[RequestField]> {
        &self.fields
    }

    /// The columns that must be there, as a frame has them.
    pub fn required(&self) -> &Arc<[Field]> {
        &self.needed
    }

    /// Where a column stands; tried at `guess` first, for those who go through them in order.
    pub(crate) fn place(&self, name: &str, guess: usize) -> Option<usize> {
        match self.all.get(guess) {
            Some(field) if field.name == name => Some(guess),
            _ => self.places.get(name).copied(),
        }
    }

    /// A frame of columns in the order of the fields; `None` where one may be absent and is.
    pub(crate) fn frame(&self, columns: Vec<Option<arrow::array::ArrayRef>>, rows: usize) -> Result<Frame> {
        let absent = columns.iter().filter(|c| c.is_none()).count();
        let fields = match absent {
            0 => self.all.clone(),
            n if n == self.all.len() - self.needed.len() && self.lacks_optional_only(&columns) => self.needed.clone(),
            _ => self.all.iter().zip(&columns).filter(|(_, c)| c.is_some()).map(|(f, _)| f.clone()).collect(),
        };
        Frame::new(fields, columns.into_iter().flatten().collect(), rows)
    }

    fn lacks_optional_only(&self, columns: &[Option<arrow::array::ArrayRef>]) -> bool {
        columns.iter().zip(self.required.iter()).all(|(column, required)| column.is_some() == *required)
    }
}

impl Reading {
    fn of(RequestField { field, data_type, notation, bools, .. }: &RequestField) -> Result<Self> {
        let notation = *notation;
        let refuse = |what: &str| {
            Err(Error::column(&field.name, format!("{what} cannot be part of a request"))
                .with_hint("make it a number, a category, text, a date or a timestamp in the query"))
        };
        type_name(data_type).map_err(|error| Error::column(&field.name, error.to_string()))?;
        match (&field.kind, data_type) {
            (Kind::Number, t) => {
                let bools = *bools || *t == DataType::Boolean;
                Ok(Self::Number { single: *t == DataType::Float32, bools, notation })
            }
            (Kind::Category | Kind::Text, t) => Ok(Self::Text(Spelling::of(t))),
            (Kind::Time, t @ (DataType::Date32 | DataType::Date64 | DataType::Timestamp(..))) => {
                Ok(Self::Time(t.clone(), notation))
            }
            // A column of text that the file declares to be a time.
            (Kind::Time, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View | DataType::Null) => {
                Ok(Self::Time(DataType::Timestamp(TimeUnit::Microsecond, None), notation))
            }
            (Kind::Vector { .. }, DataType::FixedSizeList(item, width)) => {
                Ok(Self::Vector { single: *item.data_type() == DataType::Float32, width: *width })
            }
            (Kind::Level { .. }, _) => refuse("a fitted level"),
            (kind, t) => refuse(&format!("a {kind} of type {t}")),
        }
    }
}

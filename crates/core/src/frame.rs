//! Frames: Arrow columns, what each column is, and the part it plays.
//!
//! A frame is what flows: rows of a table, a request, what a step makes of them. Its columns keep the
//! Arrow type they came with; [`Kind`] says what they mean, and [`Role`] what they are for. Record
//! batches, which carry kind and role as metadata, appear at the borders only.

use crate::{Error, Result};
use arrow::array::{Array, ArrayRef, AsArray, Float64Array, RecordBatch, RecordBatchOptions, StringArray, UInt32Array};
use arrow::compute::{cast, concat, take};
use arrow::datatypes::{DataType, Float64Type, Schema};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

/// What a column is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A quantity: any Arrow number. Missing is null or NaN.
    Number,
    /// One of a set of values: text, booleans or whole numbers. Nothing is known of the set yet.
    Category,
    /// Codes (`UInt32`) of levels that were fitted: one-hot, unwidened. Null where the value was
    /// missing or never seen.
    Level {
        /// The levels, in the order of their codes; `None` until fitted.
        levels: Option<Arc<[String]>>,
    },
    /// Free text.
    Text,
    /// A point in time: an Arrow date or timestamp.
    Time,
    /// A fixed number of numbers a row (`FixedSizeList` of `Float32` or `Float64`).
    Vector {
        /// How many; `None` until fitted.
        width: Option<usize>,
        /// What each is called, if they have names.
        names: Option<Arc<[String]>>,
    },
}

impl Kind {
    /// The kind's name as the file spells it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Number => "number",
            Self::Category => "category",
            Self::Level { .. } => "level",
            Self::Text => "text",
            Self::Time => "time",
            Self::Vector { .. } => "vector",
        }
    }

    /// How many numbers a linear model sees in a column of this kind; `None` until fitted.
    pub fn width(&self) -> Option<usize> {
        match self {
            Self::Level { levels } => levels.as_ref().map(|l| l.len()),
            Self::Vector { width, .. } => *width,
            _ => Some(1),
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The part that a column plays.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// What a model may learn from.
    #[default]
    Input,
    /// What a model learns to give.
    Target,
    /// How much a row counts.
    Weight,
    /// Rows of one group belong together when data is split, and are ranked among themselves.
    Group,
    /// Names the row.
    Key,
    /// When the row happened, for splits and joins in time.
    EventTime,
    /// Whether what the target is the time of was seen (1), or is only known to come later (0).
    Event,
    /// What a fitted model gave.
    Output,
}

/// A column's name, what it is, and the part it plays.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Field {
    /// The name, unique within a frame.
    pub name: String,
    /// What the column is.
    pub kind: Kind,
    /// The part it plays.
    pub role: Role,
}

impl Field {
    /// An input column.
    pub fn input(name: impl Into<String>, kind: Kind) -> Self {
        Self::new(name, kind, Role::Input)
    }

    /// A column.
    pub fn new(name: impl Into<String>, kind: Kind, role: Role) -> Self {
        Self { name: name.into(), kind, role }
    }
}

/// Arrow columns of one length, and what they mean. Cheap to clone.
#[derive(Clone, Debug, PartialEq)]
pub struct Frame {
    fields: Arc<[Field]>,
    columns: Vec<ArrayRef>,
    rows: usize,
}

impl Frame {
    /// A frame of `rows` rows.
    ///
    /// # Errors
    /// When the numbers of fields and columns differ, a column has another length, or a name comes twice.
    pub fn new(fields: impl Into<Arc<[Field]>>, columns: Vec<ArrayRef>, rows: usize) -> Result<Self> {
        let fields = fields.into();
        if fields.len() != columns.len() {
            return Err(Error::data(format!("{} fields and {} columns", fields.len(), columns.len())));
        }
        for (i, (field, column)) in fields.iter().zip(&columns).enumerate() {
            if column.len() != rows {
                return Err(Error::column(&field.name, format!("{} rows where the frame has {rows}", column.len())));
            }
            // Small frames are checked by looking; wide ones by a set, so that 10,000 columns stay quick.
            if fields.len() <= 64 && fields[..i].iter().any(|f| f.name == field.name) {
                return Err(Error::column(&field.name, "the name comes twice"));
            }
        }
        if fields.len() > 64 {
            let mut seen = std::collections::HashSet::with_capacity(fields.len());
            if let Some(twice) = fields.iter().find(|f| !seen.insert(f.name.as_str())) {
                return Err(Error::column(&twice.name, "the name comes twice"));
            }
        }
        Ok(Self { fields, columns, rows })
    }

    /// A frame whose parts are known to fit: what a wiring made of another frame.
    pub(crate) fn trusted(fields: Arc<[Field]>, columns: Vec<ArrayRef>, rows: usize) -> Self {
        debug_assert!(fields.len() == columns.len() && columns.iter().all(|c| c.len() == rows));
        Self { fields, columns, rows }
    }

    /// A frame without columns.
    pub fn empty(rows: usize) -> Self {
        Self { fields: Arc::new([]), columns: Vec::new(), rows }
    }

    /// The columns' names, kinds and roles.
    pub fn fields(&self) -> &Arc<[Field]> {
        &self.fields
    }

    /// The columns, in the order of the fields.
    pub fn columns(&self) -> &[ArrayRef] {
        &self.columns
    }

    /// The number of rows.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Where a column stands.
    pub fn position(&self, name: &str) -> Option<usize> {
        self.fields.iter().position(|f| f.name == name)
    }

    /// Where a column stands; tried at `guess` first, for those who go through many in their order.
    pub fn position_near(&self, name: &str, guess: usize) -> Option<usize> {
        match self.fields.get(guess) {
            Some(field) if field.name == name => Some(guess),
            _ => self.position(name),
        }
    }

    /// A column by name.
    ///
    /// # Errors
    /// When there is none, with the nearest name as a hint.
    pub fn column(&self, name: &str) -> Result<&ArrayRef> {
        self.position(name).map(|i| &self.columns[i]).ok_or_else(|| missing(name, &self.fields))
    }

    /// Where the first column of a role stands.
    pub fn role(&self, role: Role) -> Option<usize> {
        self.fields.iter().position(|f| f.role == role)
    }

    /// The named columns, in that order.
    ///
    /// # Errors
    /// When one is missing.
    pub fn select<S: AsRef<str>>(&self, names: &[S]) -> Result<Self> {
        let mut guess = 0;
        let mut place = |name: &str| {
            let at = self.position_near(name, guess).ok_or_else(|| missing(name, &self.fields))?;
            guess = at + 1;
            Ok(at)
        };
        let at = names.iter().map(|n| place(n.as_ref())).collect::<Result<Vec<_>>>()?;
        Ok(Self {
            fields: at.iter().map(|&i| self.fields[i].clone()).collect(),
            columns: at.iter().map(|&i| self.columns[i].clone()).collect(),
            rows: self.rows,
        })
    }

    /// The columns for which `keep` holds.
    #[must_use]
    pub fn filter(&self, keep: impl Fn(&Field) -> bool) -> Self {
        let at: Vec<usize> = (0..self.fields.len()).filter(|&i| keep(&self.fields[i])).collect();
        Self {
            fields: at.iter().map(|&i| self.fields[i].clone()).collect(),
            columns: at.iter().map(|&i| self.columns[i].clone()).collect(),
            rows: self.rows,
        }
    }

    /// The frame with a column added, or replaced where the name is taken.
    ///
    /// # Errors
    /// When the lengths differ.
    pub fn with(&self, field: Field, column: ArrayRef) -> Result<Self> {
        let mut fields = self.fields.to_vec();
        let mut columns = self.columns.clone();
        match self.position(&field.name) {
            Some(i) => (fields[i], columns[i]) = (field, column),
            None => {
                fields.push(field);
                columns.push(column);
            }
        }
        Self::new(fields, columns, self.rows)
    }

    /// The same columns under other fields (other roles or kinds, same order).
    ///
    /// # Errors
    /// When the numbers differ or a name comes twice.
    pub fn with_fields(&self, fields: impl Into<Arc<[Field]>>) -> Result<Self> {
        Self::new(fields, self.columns.clone(), self.rows)
    }

    /// The rows at `rows`, in that order; one may come more than once.
    ///
    /// # Errors
    /// When a row does not exist.
    pub fn take(&self, rows: &[u32]) -> Result<Self> {
        if let Some(beyond) = rows.iter().find(|&&r| r as usize >= self.rows) {
            return Err(Error::data(format!("row {beyond} of {} rows", self.rows)));
        }
        let at = UInt32Array::from(rows.to_vec());
        let columns = self.columns.iter().map(|c| Ok(take(c, &at, None)?)).collect::<Result<Vec<_>>>()?;
        Ok(Self { fields: self.fields.clone(), columns, rows: rows.len() })
    }

    /// `len` rows from `start` on, without copying; cut off at the end.
    #[must_use]
    pub fn slice(&self, start: usize, len: usize) -> Self {
        let start = start.min(self.rows);
        let len = len.min(self.rows - start);
        Self {
            fields: self.fields.clone(),
            columns: self.columns.iter().map(|c| c.slice(start, len)).collect(),
            rows: len,
        }
    }

    /// Frames of the same fields, one below the other.
    ///
    /// # Errors
    /// When there is none, or a column's types differ.
    pub fn concat(frames: &[Self]) -> Result<Self> {
        let first = frames.first().ok_or_else(|| Error::data("no rows at all"))?;
        if frames.len() == 1 {
            return Ok(first.clone());
        }
        let columns = (0..first.columns.len())
            .map(|i| {
                let parts: Vec<&dyn Array> = frames.iter().map(|f| f.columns[i].as_ref()).collect();
                concat(&parts).map_err(|e| Error::column(&first.fields[i].name, e.to_string()))
            })
            .collect::<Result<Vec<_>>>()?;
        Ok(Self { fields: first.fields.clone(), columns, rows: frames.iter().map(|f| f.rows).sum() })
    }

    /// A record batch; kind and role become the fields' metadata, so that [`Frame::from_batch`] finds them.
    ///
    /// # Errors
    /// When a kind cannot be written, which does not happen.
    pub fn to_batch(&self) -> Result<RecordBatch> {
        let fields = self
            .fields
            .iter()
            .zip(&self.columns)
            .map(|(field, column)| {
                let kind = serde_json::to_string(&field.kind).map_err(|e| Error::Saved(e.to_string()))?;
                let role = serde_json::to_string(&field.role).map_err(|e| Error::Saved(e.to_string()))?;
                let metadata = HashMap::from([(KIND.to_string(), kind), (ROLE.to_string(), role)]);
                Ok(arrow::datatypes::Field::new(&field.name, column.data_type().clone(), true).with_metadata(metadata))
            })
            .collect::<Result<Vec<_>>>()?;
        let options = RecordBatchOptions::new().with_row_count(Some(self.rows));
        Ok(RecordBatch::try_new_with_options(Arc::new(Schema::new(fields)), self.columns.clone(), &options)?)
    }

    /// A frame from a record batch; a column without metadata is an input, its kind guessed from its type.
    ///
    /// # Errors
    /// When a name comes twice.
    pub fn from_batch(batch: &RecordBatch) -> Result<Self> {
        let fields: Vec<Field> = batch
            .schema_ref()
            .fields()
            .iter()
            .map(|f| Field {
                name: f.name().clone(),
                kind: metadata(f, KIND).unwrap_or_else(|| kind_of(f.data_type())),
                role: metadata(f, ROLE).unwrap_or_default(),
            })
            .collect();
        Self::new(fields, batch.columns().to_vec(), batch.num_rows())
    }
}

const KIND: &str = "arkwright.kind";
const ROLE: &str = "arkwright.role";

fn metadata<T: for<'a> Deserialize<'a>>(field: &arrow::datatypes::Field, key: &str) -> Option<T> {
    field.metadata().get(key).and_then(|text| serde_json::from_str(text).ok())
}

/// What a column of this Arrow type most likely is.
pub(crate) fn kind_of(data_type: &DataType) -> Kind {
    match data_type {
        t if t.is_numeric() => Kind::Number,
        t if t.is_temporal() => Kind::Time,
        DataType::Boolean | DataType::Dictionary(..) => Kind::Category,
        DataType::FixedSizeList(_, width) => Kind::Vector { width: usize::try_from(*width).ok(), names: None },
        _ => Kind::Text,
    }
}

fn missing(name: &str, fields: &[Field]) -> Error {
    Error::column(name, "there is no such column").nearest_column(name, fields)
}

impl Frame {
    /// Column `i` as `f64`, NaN where it is null; borrowed where it is `f64` without nulls already.
    ///
    /// # Errors
    /// When the column holds no numbers.
    pub fn numbers(&self, i: usize) -> Result<Cow<'_, [f64]>> {
        let (field, column) = (&self.fields[i], &self.columns[i]);
        let not = |what: &str| Error::column(&field.name, format!("{what} where numbers are needed"));
        if column.data_type() == &DataType::Float64 && column.null_count() == 0 {
            return Ok(Cow::Borrowed(column.as_primitive::<Float64Type>().values()));
        }
        let type_name = column.data_type().to_string();
        if !(column.data_type().is_numeric() || matches!(column.data_type(), DataType::Boolean | DataType::Null)) {
            return Err(not(&type_name));
        }
        let wide = cast(column, &DataType::Float64).map_err(|_| not(&type_name))?;
        let wide: &Float64Array = wide.as_primitive();
        Ok(Cow::Owned(match wide.null_count() {
            0 => wide.values().to_vec(),
            _ => wide.iter().map(|v| v.unwrap_or(f64::NAN)).collect(),
        }))
    }

    /// How much each row counts; `None` where no column is the weight. `start` is the number of the first
    /// row in its table, for the error.
    ///
    /// # Errors
    /// When a weight is missing, infinite or negative.
    pub fn weights(&self, start: u64) -> Result<Option<Cow<'_, [f64]>>> {
        let Some(at) = self.role(Role::Weight) else { return Ok(None) };
        let weights = self.numbers(at)?;
        match weights.iter().position(|w| !(w.is_finite() && *w >= 0.0)) {
            Some(row) => {
                let name = &self.fields[at].name;
                Err(Error::cell(name, start + row as u64, "a weight is a finite number, not negative"))
            }
            None => Ok(Some(weights)),
        }
    }

    /// The group of each row, numbered in order of appearance; `None` where no column is the group.
    ///
    /// # Errors
    /// When a row has no group.
    pub fn groups(&self, start: u64) -> Result<Option<Vec<u32>>> {
        self.role(Role::Group).map(|at| self.codes(at, start)).transpose()
    }

    /// Column `i` as codes, numbered in order of appearance.
    ///
    /// # Errors
    /// When a value is missing.
    pub fn codes(&self, i: usize, start: u64) -> Result<Vec<u32>> {
        let names = self.texts(i)?;
        let mut seen: HashMap<&str, u32> = HashMap::new();
        let code = |(row, name): (usize, Option<_>)| {
            let name = name.ok_or_else(|| {
                let name = &self.fields[i].name;
                Error::cell(name, start + row as u64, "the group is missing, so the row belongs nowhere")
                    .with_hint("fill it in, or leave the row out")
            })?;
            let next = seen.len() as u32;
            Ok(*seen.entry(name).or_insert(next))
        };
        names.iter().enumerate().map(code).collect()
    }

    /// Whether the end of each row's time was seen; `None` where no column is the event.
    ///
    /// # Errors
    /// When a value is neither 0 nor 1 (false or true).
    pub fn events(&self, start: u64) -> Result<Option<Vec<bool>>> {
        let Some(at) = self.role(Role::Event) else { return Ok(None) };
        let wrong =
            |row: usize| Error::cell(&self.fields[at].name, start + row as u64, "an event is 1 (seen) or 0 (not yet)");
        let seen = |(row, value): (usize, &f64)| match *value {
            1.0 => Ok(true),
            0.0 => Ok(false),
            _ => Err(wrong(row)),
        };
        self.numbers(at)?.iter().enumerate().map(seen).collect::<Result<_>>().map(Some)
    }

    /// Column `i` as text, null where it is null. Numbers are spelt as Arrow spells them.
    ///
    /// # Errors
    /// When the column cannot be spelt.
    pub fn texts(&self, i: usize) -> Result<StringArray> {
        let column = &self.columns[i];
        if let Some(text) = column.as_string_opt::<i32>() {
            return Ok(text.clone());
        }
        let text = cast(column, &DataType::Utf8).map_err(|e| Error::column(&self.fields[i].name, e.to_string()))?;
        Ok(text.as_string::<i32>().clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::Int64Array;

    fn frame() -> Frame {
        let a: ArrayRef = Arc::new(Int64Array::from(vec![Some(1), None, Some(3)]));
        let b: ArrayRef = Arc::new(StringArray::from(vec!["x", "y", "z"]));
        let fields = [Field::input("a", Kind::Number), Field::new("b", Kind::Category, Role::Target)];
        Frame::new(fields, vec![a, b], 3).unwrap()
    }

    #[test]
    fn kind_and_role_survive_a_record_batch() {
        let levels = Kind::Level { levels: Some(vec!["p".to_string(), "q".to_string()].into()) };
        let codes: ArrayRef = Arc::new(UInt32Array::from(vec![0, 1, 1]));
        let frame = frame().with(Field::input("c", levels), codes).unwrap();
        assert_eq!(Frame::from_batch(&frame.to_batch().unwrap()).unwrap(), frame);
    }

    #[test]
    fn a_null_number_is_nan_and_text_is_refused_as_a_number() {
        let numbers = frame();
        let numbers = numbers.numbers(0).unwrap();
        assert!(numbers[0] == 1.0 && numbers[1].is_nan() && numbers[2] == 3.0);
        assert!(frame().numbers(1).unwrap_err().to_string().contains("column `b`"));
    }

    #[test]
    fn a_misspelt_column_is_answered_with_the_nearest() {
        let frame = frame().with(Field::input("income", Kind::Number), frame().columns()[0].clone()).unwrap();
        assert_eq!(frame.column("incme").unwrap_err().hint().unwrap(), "did you mean `income`?");
    }

    #[test]
    fn rows_are_taken_in_the_order_asked_and_not_beyond_the_end() {
        let taken = frame().take(&[2, 0, 2]).unwrap();
        assert_eq!(taken.texts(1).unwrap(), StringArray::from(vec!["z", "x", "z"]));
        assert!(frame().take(&[3]).is_err());
        assert_eq!(frame().slice(2, 9).rows(), 1);
    }
}

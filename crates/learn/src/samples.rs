//! What a learner sees: columns of numbers and of codes, borrowed from the frame without copying.

use arkwright_core::{Error, Frame, Kind, Result, Task};
use arrow::array::{Array, AsArray};
use arrow::datatypes::{DataType, Float32Type, UInt32Type};
use std::borrow::Cow;

/// The code of a level that is missing or was never seen.
pub const MISSING: u32 = u32::MAX;

/// One column of a design.
#[derive(Clone, Copy, Debug)]
pub enum Column<'a> {
    /// Numbers, NaN where missing.
    F32(&'a [f32]),
    /// Numbers, NaN where missing.
    F64(&'a [f64]),
    /// Codes below `levels`, or [`MISSING`]: to a linear model `levels` columns of 0 and 1, to a tree a
    /// native category.
    Level {
        /// A code a row.
        codes: &'a [u32],
        /// The number of levels.
        levels: u32,
    },
    /// `width` numbers a row, row-major.
    Block {
        /// n x width numbers.
        values: &'a [f64],
        /// Numbers a row.
        width: usize,
    },
}

impl Column<'_> {
    /// How many numbers a linear model sees in it.
    pub fn width(&self) -> usize {
        match self {
            Self::F32(_) | Self::F64(_) => 1,
            Self::Level { levels, .. } => *levels as usize,
            Self::Block { width, .. } => *width,
        }
    }
}

/// The inputs: `rows` rows of columns.
#[derive(Clone, Copy, Debug)]
pub struct Design<'a> {
    /// The columns.
    pub columns: &'a [Column<'a>],
    /// The number of rows.
    pub rows: usize,
}

impl Design<'_> {
    /// How many numbers a linear model sees a row: p, once levels and blocks are unfolded.
    pub fn width(&self) -> usize {
        self.columns.iter().map(Column::width).sum()
    }
}

/// What is to be learnt, one value a row.
#[derive(Clone, Copy, Debug)]
pub enum Target<'a> {
    /// A class a row: codes below `count`.
    Classes {
        /// The codes.
        codes: &'a [u32],
        /// The number of classes, at least 2.
        count: usize,
    },
    /// A finite number a row.
    Values(&'a [f64]),
}

impl Target<'_> {
    /// The task that it sets.
    pub fn task(&self) -> Task {
        match self {
            Self::Classes { .. } => Task::Classify,
            Self::Values(_) => Task::Regress,
        }
    }
}

/// Rows to learn from.
#[derive(Clone, Copy, Debug)]
pub struct Samples<'a> {
    /// The inputs.
    pub x: Design<'a>,
    /// The target.
    pub y: Target<'a>,
    /// How much each row counts: finite, not negative, not all zero.
    pub weight: Option<&'a [f64]>,
    /// The group of each row, of rows that are ranked among themselves.
    pub group: Option<&'a [u32]>,
    /// Where the target is a time: the latest that it may be. The target itself where its end was seen, and
    /// infinite where the time is only known to be longer; in between, the end came between the two.
    pub upper: Option<&'a [f64]>,
    /// The names of the classes, in the order of their codes.
    pub classes: Option<&'a [String]>,
    /// The names of the columns, in their order.
    pub names: Option<&'a [String]>,
}

impl<'a> Samples<'a> {
    /// Rows that all count the same, of which no more is known.
    pub fn new(x: Design<'a>, y: Target<'a>) -> Self {
        Self { x, y, weight: None, group: None, upper: None, classes: None, names: None }
    }
}

/// A frame's columns as a learner sees them; owns what had to be converted.
pub struct Columns<'a> {
    owned: Vec<Owned<'a>>,
    rows: usize,
}

enum Owned<'a> {
    F32(&'a [f32]),
    F64(Cow<'a, [f64]>),
    Level(Cow<'a, [u32]>, u32),
    Block(Cow<'a, [f64]>, usize),
}

impl<'a> Columns<'a> {
    /// Reads all columns of a frame: numbers, levels and vectors. `levels` of each level column come from
    /// the frame's fields.
    ///
    /// # Errors
    /// When a column is of another kind, or is not what its kind says.
    pub fn new(frame: &'a Frame) -> Result<Self> {
        let owned = (0..frame.columns().len()).map(|i| own(frame, i)).collect::<Result<Vec<_>>>()?;
        Ok(Self { owned, rows: frame.rows() })
    }

    /// The columns, borrowed.
    pub fn columns(&self) -> Vec<Column<'_>> {
        self.owned
            .iter()
            .map(|column| match column {
                Owned::F32(values) => Column::F32(values),
                Owned::F64(values) => Column::F64(values),
                Owned::Level(codes, levels) => Column::Level { codes, levels: *levels },
                Owned::Block(values, width) => Column::Block { values, width: *width },
            })
            .collect()
    }

    /// The number of rows.
    pub fn rows(&self) -> usize {
        self.rows
    }
}

fn own(frame: &Frame, i: usize) -> Result<Owned<'_>> {
    let (field, array) = (&frame.fields()[i], &frame.columns()[i]);
    match &field.kind {
        Kind::Level { levels: Some(levels) } => {
            let codes = array
                .as_primitive_opt::<UInt32Type>()
                .ok_or_else(|| Error::column(&field.name, "levels are codes of type UInt32"))?;
            let codes = match codes.null_count() {
                0 => Cow::Borrowed(&codes.values()[..]),
                _ => Cow::Owned(codes.iter().map(|code| code.unwrap_or(MISSING)).collect()),
            };
            Ok(Owned::Level(codes, levels.len() as u32))
        }
        Kind::Vector { .. } => {
            let list = array
                .as_fixed_size_list_opt()
                .ok_or_else(|| Error::column(&field.name, "a vector is a list of fixed size"))?;
            let width = list.value_length() as usize;
            let part = list.values().slice(list.value_offset(0) as usize, list.len() * width);
            let inner = arkwright_core::Field::input(&field.name, Kind::Number);
            let values = Frame::new([inner], vec![part], list.len() * width)?.numbers(0)?.into_owned();
            Ok(Owned::Block(Cow::Owned(values), width))
        }
        Kind::Number => match (array.data_type(), array.null_count()) {
            (DataType::Float32, 0) => Ok(Owned::F32(array.as_primitive::<Float32Type>().values())),
            _ => Ok(Owned::F64(frame.numbers(i)?)),
        },
        kind => Err(unusable(&field.name, kind)),
    }
}

/// The error of a column that no learner reads as it is.
pub(crate) fn unusable(name: &str, kind: &Kind) -> Error {
    let error = Error::column(name, format!("a learner cannot read a {kind} as it is"));
    match kind {
        Kind::Category | Kind::Level { .. } => error.with_hint("put a `levels` or `target_encode` step before it"),
        Kind::Time => error.with_hint("put a `dates` step before it"),
        _ => error.with_hint(format!("leave it out: ignore = [\"{name}\"]")),
    }
}

//! One row, cell by cell: the short way of a request of one row.
//!
//! A frame of one row costs every step an Arrow array a column, more than the step itself costs. A model
//! that can also be applied to cells is [`Rowwise`], and gives the same bits as it gives in a frame. What
//! cells cannot hold (a date, a vector in a request) goes in frames.

use crate::{Model, Signature};
use std::collections::HashMap;
use std::sync::Arc;

/// A value of one row.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Cell<'a> {
    /// No value, or a level that was never seen.
    Missing,
    /// A number, whatever its type; never NaN nor infinite.
    Number(f64),
    /// A category.
    Text(&'a str),
    /// The code of a fitted level.
    Code(u32),
    /// Numbers of [`Row::numbers`]: where they begin, and how many they are.
    Vector(usize, usize),
}

impl Cell<'_> {
    /// The number, NaN where it is missing; `None` for what is none.
    pub fn number(self) -> Option<f64> {
        match self {
            Self::Number(number) => Some(number),
            Self::Missing => Some(f64::NAN),
            _ => None,
        }
    }

    /// A number as a cell: NaN is missing. `None` where it is infinite.
    pub fn of_number(number: f64) -> Option<Self> {
        match number {
            n if n.is_nan() => Some(Self::Missing),
            n if n.is_infinite() => None,
            n => Some(Self::Number(n)),
        }
    }
}

/// The cells of a row, those of a request first, then those that step after step adds.
#[derive(Debug, Default)]
pub struct Row<'a> {
    /// The cells.
    pub cells: Vec<Cell<'a>>,
    /// What [`Cell::Vector`] points into.
    pub numbers: Vec<f64>,
}

/// Where the cells stand that a step takes.
#[derive(Clone, Copy, Debug)]
pub struct Taken<'p> {
    /// Added to every place.
    pub base: usize,
    /// The places, in the order of `signature().takes`.
    pub places: &'p [usize],
}

impl Taken<'_> {
    /// How many there are.
    pub fn len(self) -> usize {
        self.places.len()
    }

    /// Whether there are none.
    pub fn is_empty(self) -> bool {
        self.places.is_empty()
    }

    /// Cell `i` of them.
    pub fn cell<'a>(self, row: &Row<'a>, i: usize) -> Cell<'a> {
        row.cells[self.base + self.places[i]]
    }
}

/// Applies a model to cells.
pub trait Rowwise: Send + Sync {
    /// Adds to a row the cells of `signature().gives`, in that order and nothing else, from those that it
    /// takes. `None`: these cells need a frame; what was added is then worth nothing.
    fn add<'a>(&'a self, row: &mut Row<'a>, taken: Taken<'_>) -> Option<()>;
}

/// Steps one after the other, their names resolved to places in a row. It is made once.
#[derive(Clone, Debug, Default)]
pub struct Places {
    /// What each step takes.
    takes: Vec<Vec<usize>>,
    /// Cells of a row when all steps are done.
    len: usize,
}

/// Which column stands where.
pub type Named = HashMap<String, usize>;

impl Places {
    /// Before the first step, when the row has `len` cells.
    pub fn new(len: usize) -> Self {
        Self { takes: Vec::new(), len }
    }

    /// Adds a step that sees columns of these names, and tells where the columns stand after it. `None`
    /// when a column is not there.
    pub fn step(&mut self, signature: &Signature, columns: &Named) -> Option<Named> {
        let takes: Option<Vec<usize>> = signature.takes.iter().map(|name| columns.get(name).copied()).collect();
        let mut after = columns.clone();
        for name in &signature.takes {
            after.remove(name);
        }
        for field in signature.gives.iter() {
            after.insert(field.name.clone(), self.len);
            self.len += 1;
        }
        self.takes.push(takes?);
        Some(after)
    }

    /// Applies the steps to a row whose first cell stands at `base`. `None` when one of them needs a frame.
    pub fn run<'a>(
        &self,
        steps: impl Iterator<Item = &'a Arc<dyn Model>>,
        row: &mut Row<'a>,
        base: usize,
    ) -> Option<()> {
        self.takes.iter().zip(steps).try_for_each(|(places, step)| step.skills().row?.add(row, Taken { base, places }))
    }
}

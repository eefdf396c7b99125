//! Time: train before test.
//!
//! Rows are ordered by their time, equal ones by their number. Folds are those of `TimeSeriesSplit`: with k
//! folds the last k blocks of n / (k + 1) rows test one after the other, and fold i learns from everything
//! before its block. A cut never runs through rows of one time: it moves back to the first of them.

use crate::split::Fold;
use arkwright_core::{Error, Frame, Result};
use arrow::array::{Array, AsArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Int64Type};
use std::cmp::Ordering;

/// The rows in the order of time.
pub(crate) struct Order {
    /// Row numbers.
    rows: Vec<u32>,
    /// For each place in that order, the first place of the same time.
    first: Vec<u32>,
}

/// Orders rows by a column of times or of numbers.
pub(crate) fn order(frame: &Frame, at: usize) -> Result<Order> {
    let (field, column) = (&frame.fields()[at], &frame.columns()[at]);
    let missing = |row: usize| {
        Error::cell(&field.name, row as u64, "the time is missing, so the row is neither before nor after")
            .with_hint("fill it in, or leave the row out")
    };
    let rows: Vec<u32> = (0..frame.rows() as u32).collect();
    if column.data_type().is_temporal() {
        let times = cast(column, &DataType::Int64)
            .map_err(|_| Error::column(&field.name, format!("{} is no time to go by", column.data_type())))?;
        let times = times.as_primitive::<Int64Type>();
        if let Some(row) = (0..times.len()).find(|&row| times.is_null(row)) {
            return Err(missing(row));
        }
        return Ok(Order::new(rows, |a, b| times.value(a as usize).cmp(&times.value(b as usize))));
    }
    if !column.data_type().is_numeric() {
        return Err(Error::column(&field.name, format!("{} is no time to go by", column.data_type()))
            .with_hint("a time is a date, a timestamp or a number"));
    }
    let times = frame.numbers(at)?;
    match times.iter().position(|t| t.is_nan()) {
        Some(row) => Err(missing(row)),
        None => Ok(Order::new(rows, |a, b| times[a as usize].total_cmp(&times[b as usize]))),
    }
}

impl Order {
    fn new(mut rows: Vec<u32>, compare: impl Fn(u32, u32) -> Ordering) -> Self {
        rows.sort_by(|&a, &b| compare(a, b));
        let mut first = vec![0; rows.len()];
        for place in 1..rows.len() {
            let same = compare(rows[place - 1], rows[place]).is_eq();
            first[place] = if same { first[place - 1] } else { place as u32 };
        }
        Self { rows, first }
    }

    /// The last `wanted` rows test, and those of the same time as the first of them.
    pub(crate) fn hold_out(&self, wanted: usize, gap: usize) -> Result<Fold> {
        let cut = self.cut(self.rows.len() - wanted);
        self.fold(cut, self.rows.len(), gap)
    }

    pub(crate) fn folds(&self, k: usize, gap: usize) -> Result<Vec<Fold>> {
        let n = self.rows.len();
        let size = n / (k + 1);
        if size == 0 {
            return Err(Error::data(format!("{n} rows cannot make {k} folds one after the other"))
                .with_hint("bring more rows, or set fewer `folds`"));
        }
        (0..k)
            .map(|fold| self.fold(self.cut(n - (k - fold) * size), self.cut(n - (k - fold - 1) * size), gap))
            .collect()
    }

    fn cut(&self, place: usize) -> usize {
        self.first.get(place).map_or(place, |&first| first as usize)
    }

    fn fold(&self, start: usize, end: usize, gap: usize) -> Result<Fold> {
        let known = start.saturating_sub(gap);
        if known == 0 || start == end {
            return Err(Error::data("too few different times: a part would have no rows to learn from or to test")
                .with_hint("set fewer `folds`, a smaller `gap`, or a finer time with `by`"));
        }
        let sorted = |places: &[u32]| {
            let mut rows = places.to_vec();
            rows.sort_unstable();
            rows
        };
        Ok(Fold { train: sorted(&self.rows[..known]), test: sorted(&self.rows[start..end]) })
    }
}

//! A design unfolded into rows of p numbers.

use crate::linear::design::by_chunk;
use crate::{Column, Design};
use arkwright_core::{Context, Result};
use rayon::prelude::*;
use std::ops::Range;

/// Rows of numbers, one after another.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Matrix {
    values: Vec<f64>,
    rows: usize,
    width: usize,
}

/// Rows that one thread unfolds at a time.
const CHUNK: usize = 1024;

impl Matrix {
    /// `rows` rows of `width` numbers.
    pub fn new(values: Vec<f64>, rows: usize, width: usize) -> Self {
        debug_assert_eq!(values.len(), rows * width);
        Self { values, rows, width }
    }

    /// The numbers of a design, levels unfolded; a missing level is all zeros.
    pub fn of(x: &Design<'_>) -> Self {
        let width = x.width();
        let mut values = vec![0.0; x.rows * width];
        if width > 0 && x.rows > CHUNK {
            values.par_chunks_mut(CHUNK * width).enumerate().for_each(|(i, out)| {
                unfold(x, i * CHUNK..i * CHUNK + out.len() / width, width, out);
            });
        } else {
            unfold(x, 0..x.rows, width, &mut values);
        }
        Self { values, rows: x.rows, width }
    }

    /// As [`Matrix::of`], where the context allows as much memory.
    pub fn within(x: &Design<'_>, ctx: &Context) -> Result<Self> {
        ctx.allow("all rows as numbers side by side", 8 * (x.rows as u64) * x.width() as u64)?;
        Ok(Self::of(x))
    }

    pub fn rows(&self) -> usize {
        self.rows
    }

    pub fn width(&self) -> usize {
        self.width
    }

    pub fn values(&self) -> &[f64] {
        &self.values
    }

    pub fn into_values(self) -> Vec<f64> {
        self.values
    }

    pub fn row(&self, i: usize) -> &[f64] {
        &self.values[i * self.width..(i + 1) * self.width]
    }

    /// Some rows, one after another.
    pub fn span(&self, rows: Range<usize>) -> &[f64] {
        &self.values[rows.start * self.width..rows.end * self.width]
    }

    /// The rows at `at`.
    pub fn take(&self, at: impl ExactSizeIterator<Item = usize>) -> Self {
        let rows = at.len();
        let mut values = Vec::with_capacity(rows * self.width);
        at.for_each(|i| values.extend_from_slice(self.row(i)));
        Self { values, rows, width: self.width }
    }

    /// Calls `with` on each row in place.
    pub fn each_row(&mut self, with: impl Fn(usize, &mut [f64]) + Sync) {
        if self.width == 0 {
            return;
        }
        self.values.par_chunks_mut(CHUNK * self.width).enumerate().for_each(|(i, rows)| {
            rows.chunks_exact_mut(self.width).enumerate().for_each(|(j, row)| with(i * CHUNK + j, row));
        });
    }

    /// The means of the columns over rows of weights `w`, made in a fixed order; zeros where nothing weighs.
    pub fn means(&self, w: Option<&[f64]>) -> Vec<f64> {
        let sums = by_chunk(self.rows, |rows| {
            let mut sums = vec![0.0; self.width + 1];
            for i in rows {
                let w = w.map_or(1.0, |w| w[i]);
                sums[self.width] += w;
                sums.iter_mut().zip(self.row(i)).for_each(|(sum, v)| *sum += w * v);
            }
            sums
        });
        let mut sums = crate::linear::design::total(sums, self.width + 1);
        let weight = sums.pop().unwrap_or(0.0);
        sums.iter_mut().for_each(|sum| *sum = if weight > 0.0 { *sum / weight } else { 0.0 });
        sums
    }
}

/// Whether a design has so many columns of numbers, and room for its answers. Where not, they are no numbers: a design
/// of another shape is refused before it comes here.
pub(crate) fn fits(x: &Design<'_>, width: usize, outputs: usize, out: &mut [f64]) -> bool {
    let fits = x.width() == width && out.len() == x.rows * outputs;
    if !fits {
        out.fill(f64::NAN);
    }
    fits
}

/// Answers the rows of a design that [`fits`], so many at a time, on all threads.
pub(crate) fn answer_rows(
    x: &Design<'_>,
    outputs: usize,
    chunk: usize,
    out: &mut [f64],
    answer: impl Fn(&[f64], &mut [f64]) + Sync,
) {
    let rows = Matrix::of(x);
    out.par_chunks_mut(chunk * outputs).enumerate().for_each(|(i, out)| {
        answer(rows.span(i * chunk..i * chunk + out.len() / outputs), out);
    });
}

fn unfold(x: &Design<'_>, rows: Range<usize>, width: usize, out: &mut [f64]) {
    let mut at = 0;
    for column in x.columns {
        let place = out.iter_mut().skip(at).step_by(width.max(1));
        match *column {
            Column::F32(values) => values[rows.clone()].iter().zip(place).for_each(|(v, out)| *out = f64::from(*v)),
            Column::F64(values) => values[rows.clone()].iter().zip(place).for_each(|(v, out)| *out = *v),
            Column::Level { codes, levels } => {
                for (&code, row) in codes[rows.clone()].iter().zip(out.chunks_exact_mut(width.max(1))) {
                    if code < levels {
                        row[at + code as usize] = 1.0;
                    }
                }
            }
            Column::Block { values, width: wide } => {
                let values = values[rows.start * wide..rows.end * wide].chunks_exact(wide.max(1));
                for (values, row) in values.zip(out.chunks_exact_mut(width.max(1))) {
                    row[at..at + wide].copy_from_slice(values);
                }
            }
        }
        at += column.width();
    }
}

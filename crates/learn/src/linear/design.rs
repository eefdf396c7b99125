//! Products with a design: levels by look-up, numbers by column, blocks by row.
//!
//! The sum of a row is made in one order whatever rows stand beside it, so that one row alone and the
//! same row in a batch give the same bits. Sums over rows are made by chunks of a fixed number of rows,
//! added in order, so that the number of threads changes nothing.

use crate::{Column, Design};
use rayon::prelude::*;
use std::ops::Range;

/// Rows that one thread takes at a time; a sum over rows is a sum of such sums.
pub(crate) const CHUNK: usize = 4096;

/// How the columns of a design unfold into the p numbers that a linear model sees.
#[derive(Clone, Debug, PartialEq)]
pub struct Layout {
    shapes: Vec<Shape>,
    p: usize,
}

/// What one column unfolds into.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Shape {
    Number,
    Levels(usize),
    Block(usize),
}

impl Shape {
    pub fn width(self) -> usize {
        match self {
            Self::Number => 1,
            Self::Levels(width) | Self::Block(width) => width,
        }
    }
}

impl Layout {
    pub fn of(x: &Design<'_>) -> Self {
        let shape = |column: &Column<'_>| match column {
            Column::F32(_) | Column::F64(_) => Shape::Number,
            Column::Level { levels, .. } => Shape::Levels(*levels as usize),
            Column::Block { width, .. } => Shape::Block(*width),
        };
        Self::new(x.columns.iter().map(shape).collect())
    }

    /// Of one block of so many numbers.
    pub fn block(width: usize) -> Self {
        Self::new(vec![Shape::Block(width)])
    }

    fn new(shapes: Vec<Shape>) -> Self {
        Self { p: shapes.iter().map(|s| s.width()).sum(), shapes }
    }

    /// How many numbers a linear model sees a row.
    pub fn width(&self) -> usize {
        self.p
    }

    pub fn shapes(&self) -> &[Shape] {
        &self.shapes
    }

    /// The shape of each column and where its numbers begin.
    pub fn columns(&self) -> impl Iterator<Item = (Shape, usize)> + '_ {
        self.shapes.iter().scan(0, |offset, &shape| {
            let at = *offset;
            *offset += shape.width();
            Some((shape, at))
        })
    }

    /// As numbers, two a column, for saving.
    pub fn encode(&self) -> Vec<u32> {
        let pair = |shape: &Shape| match *shape {
            Shape::Number => [0, 1],
            Shape::Levels(width) => [1, width as u32],
            Shape::Block(width) => [2, width as u32],
        };
        self.shapes.iter().flat_map(pair).collect()
    }

    /// What [`Layout::encode`] gave; `None` when it is damaged.
    pub fn decode(numbers: &[u32]) -> Option<Self> {
        let shape = |pair: &[u32]| match *pair {
            [0, 1] => Some(Shape::Number),
            [1, width] => Some(Shape::Levels(width as usize)),
            [2, width] => Some(Shape::Block(width as usize)),
            _ => None,
        };
        numbers.chunks(2).map(shape).collect::<Option<Vec<_>>>().map(Self::new)
    }
}

/// Adds to `out` (rows x k) the products of the rows in `rows` with `coef` (k x p).
pub(crate) fn add_products(x: &Design<'_>, layout: &Layout, coef: &[f64], rows: Range<usize>, out: &mut [f64]) {
    let n = rows.len();
    if n == 0 {
        return;
    }
    let (k, p) = (out.len() / n, layout.p);
    for (column, (_, offset)) in x.columns.iter().zip(layout.columns()) {
        match *column {
            Column::F32(values) => {
                add_numbers(values[rows.clone()].iter().map(|&v| f64::from(v)), coef, p, offset, k, out)
            }
            Column::F64(values) => add_numbers(values[rows.clone()].iter().copied(), coef, p, offset, k, out),
            Column::Level { codes, levels } => {
                for (code, out) in codes[rows.clone()].iter().zip(out.chunks_exact_mut(k)) {
                    if *code < levels {
                        let at = offset + *code as usize;
                        out.iter_mut().enumerate().for_each(|(c, out)| *out += coef[c * p + at]);
                    }
                }
            }
            Column::Block { values, width } if width > 0 => {
                let rows = values[rows.start * width..rows.end * width].chunks_exact(width);
                for (row, out) in rows.zip(out.chunks_exact_mut(k)) {
                    for (c, out) in out.iter_mut().enumerate() {
                        *out += dot(row, &coef[c * p + offset..][..width]);
                    }
                }
            }
            Column::Block { .. } => {}
        }
    }
}

fn add_numbers(values: impl Iterator<Item = f64>, coef: &[f64], p: usize, offset: usize, k: usize, out: &mut [f64]) {
    if k == 1 {
        let beta = coef[offset];
        values.zip(out).for_each(|(v, out)| *out += beta * v);
    } else {
        for (v, out) in values.zip(out.chunks_exact_mut(k)) {
            out.iter_mut().enumerate().for_each(|(c, out)| *out += coef[c * p + offset] * v);
        }
    }
}

/// Adds to `sums` (k x p) the products of `r` (rows x k) with the rows in `rows`.
pub(crate) fn add_transposed(x: &Design<'_>, layout: &Layout, r: &[f64], rows: Range<usize>, sums: &mut [f64]) {
    let n = rows.len();
    if n == 0 {
        return;
    }
    let (k, p) = (r.len() / n, layout.p);
    for (column, (_, offset)) in x.columns.iter().zip(layout.columns()) {
        for c in 0..k {
            let sums = &mut sums[c * p + offset..];
            match *column {
                Column::F32(values) => {
                    sums[0] += lanes(n, |i| f64::from(values[rows.start + i]) * r[i * k + c]);
                }
                Column::F64(values) => sums[0] += lanes(n, |i| values[rows.start + i] * r[i * k + c]),
                Column::Level { codes, levels } => {
                    for (i, code) in codes[rows.clone()].iter().enumerate() {
                        if *code < levels {
                            sums[*code as usize] += r[i * k + c];
                        }
                    }
                }
                Column::Block { values, width } if width > 0 => {
                    for (i, row) in values[rows.start * width..rows.end * width].chunks_exact(width).enumerate() {
                        let r = r[i * k + c];
                        sums.iter_mut().zip(row).for_each(|(sum, v)| *sum += r * v);
                    }
                }
                Column::Block { .. } => {}
            }
        }
    }
}

/// A sum in eight lanes: fast, and in one order.
pub(crate) fn lanes(n: usize, term: impl Fn(usize) -> f64) -> f64 {
    let mut sums = [0.0; 8];
    let whole = n / 8 * 8;
    for i in (0..whole).step_by(8) {
        for (lane, sum) in sums.iter_mut().enumerate() {
            *sum += term(i + lane);
        }
    }
    let rest: f64 = (whole..n).map(term).sum();
    sums.iter().sum::<f64>() + rest
}

/// The scalar product of two slices of one length.
pub(crate) fn dot(a: &[f64], b: &[f64]) -> f64 {
    lanes(a.len().min(b.len()), |i| a[i] * b[i])
}

/// Calls `work` for each chunk of `0..n`, in parallel where there are many, and returns what it gave, in order.
pub(crate) fn by_chunk<T: Send>(n: usize, work: impl Fn(Range<usize>) -> T + Sync) -> Vec<T> {
    let chunk = |i: usize| work(i * CHUNK..((i + 1) * CHUNK).min(n));
    match n.div_ceil(CHUNK) {
        0 => Vec::new(),
        1 => vec![chunk(0)],
        chunks => (0..chunks).into_par_iter().map(chunk).collect(),
    }
}

/// The sums of vectors, added in order.
pub(crate) fn total(vectors: Vec<Vec<f64>>, len: usize) -> Vec<f64> {
    let mut sums = vec![0.0; len];
    for vector in vectors {
        sums.iter_mut().zip(&vector).for_each(|(sum, v)| *sum += v);
    }
    sums
}

/// The weighted sums of the p numbers of all rows.
pub(crate) fn weighted_sums(x: &Design<'_>, layout: &Layout, weight: Option<&[f64]>) -> Vec<f64> {
    let sums = by_chunk(x.rows, |rows| {
        let ones = vec![1.0; rows.len()];
        let mut sums = vec![0.0; layout.p];
        add_transposed(x, layout, weight.map_or(&ones[..], |w| &w[rows.clone()]), rows, &mut sums);
        sums
    });
    total(sums, layout.p)
}

//! The matrix of weighted products of all pairs of columns, `Z' diag(w) Z`, summed over batches of rows.
//!
//! Z holds the numbers of a design, less a shift, and some further columns (ones, a target). Tiles of number columns
//! are multiplied as matrices; a column of levels meets a column of numbers in sums by level, and
//! another column of levels in a table of counts, so levels cost a look-up a row and no width. Each
//! pair of groups is one task with sums of its own that sees the rows in order: the same bits for any
//! number of threads, and nothing to add up at the end. Time n p^2 for numbers, n a pair for levels;
//! memory p^2.

use super::design::{Layout, Shape};
use crate::{Column, Design};
use faer::linalg::matmul::matmul;
use faer::{Accum, MatMut, MatRef, Par};
use rayon::prelude::*;
use std::ops::Range;

/// Columns of numbers that are multiplied as one matrix.
const TILE: usize = 64;
/// Numbers that are unfolded at a time.
const BLOCK: usize = 1 << 21;

/// Sums that grow batch by batch.
pub(crate) struct Gram {
    /// Where each column of numbers stands in the matrix; the further columns come last.
    dense: Vec<usize>,
    shift: Vec<f64>,
    tasks: Vec<Task>,
    size: usize,
}

/// Columns that are treated as one.
#[derive(Clone)]
enum Group {
    /// A range of the columns of numbers.
    Dense(Range<usize>),
    /// A column of levels: its place in the design, its place in the matrix, how many.
    Levels { column: usize, at: usize, levels: usize },
}

struct Task {
    a: Group,
    b: Group,
    sums: Vec<f64>,
}

impl Group {
    fn width(&self) -> usize {
        match self {
            Self::Dense(range) => range.len(),
            Self::Levels { levels, .. } => *levels,
        }
    }
}

impl Gram {
    /// Sums for designs of a layout and `further` columns; `shift` (one a column of the design) is taken
    /// from numbers before they are multiplied, and must be 0 for levels.
    pub fn new(layout: &Layout, further: usize, shift: &[f64]) -> Self {
        let mut dense = Vec::new();
        let mut groups = Vec::new();
        for (column, (shape, at)) in layout.columns().enumerate() {
            match shape {
                Shape::Number | Shape::Block(_) => dense.extend(at..at + shape.width()),
                // A category without a level adds nothing.
                Shape::Levels(0) => {}
                Shape::Levels(levels) => groups.push(Group::Levels { column, at, levels }),
            }
        }
        let size = layout.width() + further;
        dense.extend(layout.width()..size);
        groups.extend((0..dense.len()).step_by(TILE).map(|i| Group::Dense(i..(i + TILE).min(dense.len()))));
        let mut tasks = Vec::new();
        for (i, a) in groups.iter().enumerate() {
            for b in &groups[i..] {
                tasks.push(Task { a: a.clone(), b: b.clone(), sums: vec![0.0; a.width() * b.width()] });
            }
        }
        Self { dense, shift: shift.to_vec(), tasks, size }
    }

    /// Bytes that sums of `size` columns take, with the matrix made of them.
    pub fn bytes(size: usize) -> u64 {
        12 * (size as u64).pow(2)
    }

    /// Forgets all rows.
    pub fn clear(&mut self) {
        self.tasks.iter_mut().for_each(|task| task.sums.fill(0.0));
    }

    /// Adds rows of weights `w`; `further` are the further columns.
    pub fn add(&mut self, x: &Design<'_>, w: &[f64], further: &[&[f64]]) {
        let d = self.dense.len().max(1);
        let step = (BLOCK / d).clamp(512, 16_384);
        let (mut z, mut wz) = (Vec::new(), Vec::new());
        for start in (0..x.rows).step_by(step) {
            let rows = start..(start + step).min(x.rows);
            self.unfold(x, further, rows.clone(), &mut z);
            let n = rows.len();
            let weights = &w[rows.clone()];
            if weights.iter().any(|&w| w != 1.0) {
                wz.resize(z.len(), 0.0);
                wz.par_chunks_exact_mut(n).zip(z.par_chunks_exact(n)).for_each(|(wz, z)| {
                    wz.iter_mut().zip(z).zip(weights).for_each(|((wz, z), w)| *wz = z * w);
                });
            } else {
                wz.clear();
            }
            let z = &z[..];
            let wz = if wz.is_empty() { z } else { &wz[..] };
            self.tasks.par_iter_mut().for_each(|task| task.add(x, rows.clone(), weights, z, wz));
        }
    }

    /// The columns of numbers for some rows, one below the other.
    fn unfold(&self, x: &Design<'_>, further: &[&[f64]], rows: Range<usize>, z: &mut Vec<f64>) {
        let n = rows.len();
        let mut places = Vec::with_capacity(self.dense.len());
        for column in x.columns {
            match column {
                Column::F32(_) | Column::F64(_) => places.push((*column, 0)),
                Column::Block { width, .. } => places.extend((0..*width).map(|j| (*column, j))),
                Column::Level { .. } => {}
            }
        }
        places.extend(further.iter().map(|column| (Column::F64(column), 0)));
        z.resize(places.len() * n, 0.0);
        let one = |((z, &(column, j)), &at): ((&mut [f64], &(Column<'_>, usize)), &usize)| {
            let shift = self.shift.get(at).copied().unwrap_or(0.0);
            match column {
                Column::F32(values) => {
                    z.iter_mut().zip(&values[rows.clone()]).for_each(|(z, v)| *z = f64::from(*v) - shift);
                }
                Column::F64(values) => z.iter_mut().zip(&values[rows.clone()]).for_each(|(z, v)| *z = v - shift),
                Column::Block { values, width } => {
                    z.iter_mut().zip(rows.clone()).for_each(|(z, row)| *z = values[row * width + j] - shift);
                }
                Column::Level { .. } => {}
            }
        };
        z.par_chunks_exact_mut(n).zip(&places).zip(&self.dense).for_each(one);
    }

    /// The whole matrix, by columns (and it is symmetric).
    pub fn matrix(&self) -> Vec<f64> {
        let mut out = vec![0.0; self.size * self.size];
        let place = |group: &Group, i: usize| match group {
            Group::Dense(range) => self.dense[range.start + i],
            Group::Levels { at, .. } => at + i,
        };
        for task in &self.tasks {
            let rows = task.a.width();
            for (i, &sum) in task.sums.iter().enumerate() {
                let (a, b) = (place(&task.a, i % rows), place(&task.b, i / rows));
                out[a + self.size * b] = sum;
                out[b + self.size * a] = sum;
            }
        }
        out
    }
}

impl Task {
    /// `sums` is a matrix by columns: `a` down, `b` across.
    fn add(&mut self, x: &Design<'_>, rows: Range<usize>, w: &[f64], z: &[f64], wz: &[f64]) {
        let n = rows.len();
        let height = self.a.width();
        match (&self.a, &self.b) {
            (Group::Dense(a), Group::Dense(b)) => {
                let left = MatRef::from_column_major_slice(&z[a.start * n..a.end * n], n, a.len());
                let right = MatRef::from_column_major_slice(&wz[b.start * n..b.end * n], n, b.len());
                let out = MatMut::from_column_major_slice_mut(&mut self.sums, a.len(), b.len());
                matmul(out, Accum::Add, left.transpose(), right, 1.0, Par::Seq);
            }
            (Group::Levels { column, .. }, Group::Dense(b)) => {
                let (codes, levels) = codes(x, *column, rows);
                for (values, sums) in wz[b.start * n..b.end * n].chunks_exact(n).zip(self.sums.chunks_exact_mut(height))
                {
                    for (&code, value) in codes.iter().zip(values) {
                        if code < levels {
                            sums[code as usize] += value;
                        }
                    }
                }
            }
            (Group::Levels { column: a, at: here, .. }, Group::Levels { column: b, at: there, .. }) => {
                let ((codes_a, levels_a), (codes_b, levels_b)) = (codes(x, *a, rows.clone()), codes(x, *b, rows));
                debug_assert!(here <= there);
                for ((&a, &b), w) in codes_a.iter().zip(codes_b).zip(w) {
                    if a < levels_a && b < levels_b {
                        self.sums[a as usize + height * b as usize] += w;
                    }
                }
            }
            // Groups of levels come first.
            (Group::Dense(_), Group::Levels { .. }) => {}
        }
    }
}

fn codes<'a>(x: &Design<'a>, column: usize, rows: Range<usize>) -> (&'a [u32], u32) {
    match x.columns[column] {
        Column::Level { codes, levels } => (&codes[rows], levels),
        _ => (&[], 0),
    }
}

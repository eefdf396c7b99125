//! What a grown tree gives its rows: the sums that its leaves' values are made of, and the step itself.
//!
//! A leaf's rows are scattered over the table, so reading them leaf by leaf fetches nearly every line of the cache
//! once a leaf. They are in order, though: each chunk of the table finds its own by bisection, and all leaves' rows of
//! a chunk are read while it is in the cache.

use super::grid::{Grid, Pair};
use rayon::prelude::*;
use std::ops::Range;

/// Rows of a chunk, and rows for each leaf that are worth the bisection.
const CHUNK: usize = 16_384;
const LEAST: usize = 64;

/// The rows of a tree, leaf by leaf.
#[derive(Clone, Copy)]
pub(super) struct Leaves<'a> {
    /// The rows; those of each leaf in order.
    pub(super) rows: &'a [u32],
    /// Where each leaf's are.
    pub(super) ranges: &'a [Range<usize>],
}

impl Leaves<'_> {
    fn chunk(self) -> usize {
        CHUNK.max(LEAST * self.ranges.len())
    }

    /// Calls `each` with the leaves that have rows from `start` to before `end`, and these.
    fn within(self, start: usize, end: usize, mut each: impl FnMut(usize, &[u32])) {
        for (leaf, range) in self.ranges.iter().enumerate() {
            let rows = &self.rows[range.clone()];
            let from = rows.partition_point(|&row| (row as usize) < start);
            let to = from + rows[from..].partition_point(|&row| (row as usize) < end);
            if to > from {
                each(leaf, &rows[from..to]);
            }
        }
    }

    /// The sums of the pairs of each leaf's rows.
    pub(super) fn sums(self, pairs: &[Pair]) -> Vec<(i64, u64)> {
        let none = || vec![(0, 0); self.ranges.len()];
        let chunk = self.chunk();
        let add = |mut sums: Vec<(i64, u64)>, at: usize| {
            self.within(at * chunk, (at + 1) * chunk, |leaf, rows| {
                let (mut gradient, mut hessian) = (0, 0);
                for &row in rows {
                    let pair = pairs[row as usize];
                    gradient += i64::from(pair.gradient);
                    hessian += u64::from(pair.hessian);
                }
                sums[leaf].0 += gradient;
                sums[leaf].1 += hessian;
            });
            sums
        };
        let both = |mut a: Vec<(i64, u64)>, b: Vec<(i64, u64)>| {
            a.iter_mut().zip(b).for_each(|(a, b)| (a.0, a.1) = (a.0 + b.0, a.1 + b.1));
            a
        };
        (0..pairs.len().div_ceil(chunk)).into_par_iter().fold(none, add).reduce(none, both)
    }

    /// Adds each leaf's value to an answer, among `k`, of its rows.
    pub(super) fn add(self, values: &[f64], raw: &mut [f64], k: usize, class: usize) {
        let chunk = self.chunk();
        raw.par_chunks_mut(chunk * k).enumerate().for_each(|(at, raw)| {
            let start = at * chunk;
            self.within(start, start + raw.len() / k, |leaf, rows| {
                let value = values[leaf];
                for &row in rows {
                    raw[(row as usize - start) * k + class] += value;
                }
            });
        });
    }
}

/// The step of Newton's method for such sums.
pub(super) fn newton((gradient, hessian): (i64, u64), l2: f64, grid: Grid) -> f64 {
    let (gradient, hessian) = grid.fine(gradient, hessian);
    if hessian + l2 > 0.0 { -gradient / (hessian + l2) } else { 0.0 }
}

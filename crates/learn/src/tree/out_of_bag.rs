//! Out-of-bag answers: each row answered by the trees that did not draw it.
//!
//! Of n draws with putting back, a row is missing from all with a chance of (1 - 1/n)ⁿ, some 37 %. The trees
//! that missed it never saw it, so what they say of it is as honest as a hold-out, and costs no rows.

use super::node::Ensemble;
use crate::samples::{Samples, Target};
use rayon::prelude::*;

/// What the trees say of rows that they did not draw.
#[derive(Clone, Debug, PartialEq)]
pub struct OutOfBag {
    /// The probabilities of all classes (n x k), or n numbers; NaN in a row that every tree drew, and in one
    /// whose weight is 0.
    pub predictions: Vec<f64>,
    /// The accuracy, or r2, of the rows that have an answer; NaN where none has.
    pub score: f64,
    /// How many have one.
    pub rows: usize,
}

/// Rows answered at a time.
const BLOCK: usize = 512;

impl Ensemble {
    /// Answers rows by the trees that did not draw them; `drawn` has a bit a row for each tree.
    pub(super) fn out_of_bag(&self, train: &Samples<'_>, rows: &[u32], drawn: &[Vec<u64>]) -> OutOfBag {
        let (n, p, k) = (train.x.rows, self.features(), self.outputs);
        let classes = match train.y {
            Target::Classes { count, .. } => count,
            Target::Values(_) => 1,
        };
        let gathered = self.gathered(&train.x);
        let mut counted = vec![false; n];
        rows.iter().for_each(|&row| counted[row as usize] = true);
        let mut predictions = vec![f64::NAN; n * classes];
        predictions.par_chunks_mut(BLOCK * classes).enumerate().for_each(|(block, out)| {
            let mut raw = vec![0.0; k];
            for (i, out) in out.chunks_exact_mut(classes).enumerate() {
                let row = block * BLOCK + i;
                raw.fill(0.0);
                let mut trees = 0.0;
                for tree in (0..self.trees()).filter(|&tree| drawn[tree][row / 64] >> (row % 64) & 1 == 0) {
                    self.add_row(tree, &gathered[row * p..(row + 1) * p], &mut raw);
                    trees += 1.0;
                }
                if trees > 0.0 && counted[row] {
                    match (&raw[..], &mut *out) {
                        ([raw], [first, second]) => (*first, *second) = (1.0 - raw / trees, raw / trees),
                        (raw, out) => raw.iter().zip(out).for_each(|(raw, out)| *out = raw / trees),
                    }
                }
            }
        });
        let answered: Vec<usize> = (0..n).filter(|row| !predictions[row * classes].is_nan()).collect();
        let score = match train.y {
            Target::Classes { codes, .. } => accuracy(&predictions, codes, classes, &answered),
            Target::Values(y) => r2(&predictions, y, &answered),
        };
        OutOfBag { predictions, score, rows: answered.len() }
    }
}

fn accuracy(p: &[f64], codes: &[u32], k: usize, rows: &[usize]) -> f64 {
    let is_right = |row: &&usize| {
        let p = &p[**row * k..(**row + 1) * k];
        let best = (0..k).fold(0, |best, c| if p[c] > p[best] { c } else { best });
        best == codes[**row] as usize
    };
    rows.iter().filter(is_right).count() as f64 / rows.len() as f64
}

fn r2(p: &[f64], y: &[f64], rows: &[usize]) -> f64 {
    let mean = rows.iter().map(|&row| y[row]).sum::<f64>() / rows.len() as f64;
    let off: f64 = rows.iter().map(|&row| (y[row] - p[row]).powi(2)).sum();
    let spread: f64 = rows.iter().map(|&row| (y[row] - mean).powi(2)).sum();
    1.0 - off / spread
}

//! How singular vectors are found.

use super::randomized::randomized;
use crate::dense::{Matrix, eigen, singular};
use crate::linear::design::{Layout, weighted_sums};
use crate::linear::gram::Gram;
use crate::{Column, Design};
use arkwright_core::{Context, Error, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How singular vectors are found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Solver {
    /// `covariance` for up to 1,000 columns with ten times as many rows, `randomized` where few of many directions
    /// are wanted, else `full`.
    #[default]
    Auto,
    /// Eigenvectors of the matrix of the columns' products: n p^2 multiplications and one pass. Directions that
    /// explain less than 1e-15 of the first are lost in rounding.
    Covariance,
    /// The singular value decomposition of all rows, exact to rounding: about 4 n p^2 or more.
    Full,
    /// Products with a few random directions, made sharper by repetition (Halko, Martinsson & Tropp 2011): n p k
    /// each.
    Randomized,
}

/// Squared singular values, falling, and their directions (rows x p), around the mean or the origin.
pub(super) struct Directions {
    pub mean: Vec<f64>,
    pub squares: Vec<f64>,
    pub vectors: Vec<f64>,
}

/// What is asked for.
pub(super) struct Wanted<'a> {
    pub solver: Solver,
    /// How many directions.
    pub k: usize,
    pub n_oversamples: usize,
    /// Repetitions of the randomized solver; `None` as scikit-learn's `auto`.
    pub n_iter: Option<usize>,
    pub ctx: &'a Context,
}

/// The directions of the rows, less their mean where `centred`; rows count as they weigh.
pub(super) fn directions(
    x: &Design<'_>,
    weight: Option<&[f64]>,
    centred: bool,
    wanted: &Wanted<'_>,
) -> Result<Directions> {
    let layout = Layout::of(x);
    let (n, p) = (x.rows, layout.width());
    let small = n.min(p);
    let solver = match wanted.solver {
        Solver::Auto if p <= 1000 && n >= 10 * p => Solver::Covariance,
        Solver::Auto if n.max(p) > 500 && 5 * wanted.k < 4 * small => Solver::Randomized,
        Solver::Auto => Solver::Full,
        chosen => chosen,
    };
    let found = match solver {
        Solver::Covariance => by_products(x, weight, &layout, centred, wanted.ctx)?,
        _ => {
            let mean = if centred { means(x, &layout, weight) } else { vec![0.0; p] };
            let mut rows = Matrix::within(x, wanted.ctx)?;
            rows.each_row(|i, row| {
                let root = weight.map_or(1.0, |w| w[i].sqrt());
                row.iter_mut().zip(&mean).for_each(|(x, m)| *x = (*x - m) * root);
            });
            match solver {
                Solver::Randomized => {
                    let n_iter = wanted.n_iter.unwrap_or(if 10 * wanted.k < small { 7 } else { 4 });
                    let width = (wanted.k + wanted.n_oversamples).min(small);
                    randomized(&rows, mean, width, n_iter, wanted.ctx)
                }
                _ => singular(rows.values(), n, p).map(|(values, vectors)| Directions {
                    mean,
                    squares: values.iter().map(|s| s * s).collect(),
                    vectors,
                }),
            }
        }
    };
    let mut found = found
        .filter(|d| d.squares.iter().chain(&d.vectors).all(|v| v.is_finite()))
        .ok_or_else(|| Error::data("the decomposition found no end").with_hint("put a `scale` step before it"))?;
    let k = wanted.k.min(found.squares.len());
    found.squares.iter_mut().for_each(|s| *s = s.max(0.0));
    // The sign of a direction is free: its largest entry is positive.
    for vector in found.vectors.chunks_exact_mut(p.max(1)) {
        let largest = vector.iter().fold(0.0f64, |m, v| if v.abs() > m.abs() { *v } else { m });
        if largest < 0.0 {
            vector.iter_mut().for_each(|v| *v = -*v);
        }
    }
    found.vectors.truncate(k * p);
    Ok(found)
}

/// The means of the columns, levels unfolded.
fn means(x: &Design<'_>, layout: &Layout, weight: Option<&[f64]>) -> Vec<f64> {
    let total: f64 = weight.map_or(x.rows as f64, |w| w.iter().sum());
    weighted_sums(x, layout, weight).iter().map(|sum| sum / total).collect()
}

/// Rows whose means are taken from the columns before they are multiplied.
const FIRST: usize = 1024;

/// By the products of all pairs of columns, in one pass: the columns are shifted by the means of the first rows, and
/// what that leaves of the means is taken out at the end.
fn by_products(
    x: &Design<'_>,
    weight: Option<&[f64]>,
    layout: &Layout,
    centred: bool,
    ctx: &Context,
) -> Result<Option<Directions>> {
    let p = layout.width();
    ctx.allow("the products of all pairs of columns", 2 * Gram::bytes(p + 1))?;
    let mut shift = vec![0.0; p];
    if centred {
        let count = x.rows.min(FIRST) as f64;
        for (column, (_, at)) in x.columns.iter().zip(layout.columns()) {
            match *column {
                Column::F32(v) => shift[at] = v.iter().take(FIRST).map(|&v| f64::from(v)).sum::<f64>() / count,
                Column::F64(v) => shift[at] = v.iter().take(FIRST).sum::<f64>() / count,
                Column::Block { values, width } => {
                    for row in values.chunks_exact(width.max(1)).take(FIRST) {
                        shift[at..at + width].iter_mut().zip(row).for_each(|(s, v)| *s += v / count);
                    }
                }
                Column::Level { .. } => {}
            }
        }
    }
    let ones = vec![1.0; x.rows];
    let mut gram = Gram::new(layout, 1, &shift);
    gram.add(x, weight.unwrap_or(&ones), &[&ones]);
    let all = gram.matrix();
    drop(gram);
    let size = p + 1;
    let (of_one, total) = (&all[size * p..size * p + p], all[size * size - 1]);
    let mut products = vec![0.0; p * p];
    for j in 0..p {
        for i in 0..p {
            let rest = if centred { of_one[i] * (of_one[j] / total) } else { 0.0 };
            products[i + p * j] = all[i + size * j] - rest;
        }
    }
    let mean = match centred {
        true => shift.iter().zip(of_one).map(|(shift, one)| shift + one / total).collect(),
        false => vec![0.0; p],
    };
    Ok(eigen(&products, p).map(|(squares, vectors)| Directions { mean, squares, vectors }))
}

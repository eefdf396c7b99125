//! How singular vectors are found.

use super::randomized::randomized;
use crate::Design;
use crate::dense::{Matrix, eigen, singular};
use crate::linear::design::Layout;
use crate::linear::gram::Gram;
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

/// Squared singular values, falling, and their directions (rows x p).
pub(super) struct Directions {
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

/// The directions of the rows less `mean`, rows counted as they weigh.
pub(super) fn directions(
    x: &Design<'_>,
    weight: Option<&[f64]>,
    mean: &[f64],
    centred: bool,
    wanted: &Wanted<'_>,
) -> Result<Directions> {
    let (n, p) = (x.rows, mean.len());
    let small = n.min(p);
    let solver = match wanted.solver {
        Solver::Auto if p <= 1000 && n >= 10 * p => Solver::Covariance,
        Solver::Auto if n.max(p) > 500 && 5 * wanted.k < 4 * small => Solver::Randomized,
        Solver::Auto => Solver::Full,
        chosen => chosen,
    };
    let found = match solver {
        Solver::Covariance => by_products(x, weight, mean, centred, wanted.ctx)?,
        _ => {
            let mut rows = Matrix::within(x, wanted.ctx)?;
            rows.each_row(|i, row| {
                let root = weight.map_or(1.0, |w| w[i].sqrt());
                row.iter_mut().zip(mean).for_each(|(x, m)| *x = (*x - m) * root);
            });
            match solver {
                Solver::Randomized => {
                    let n_iter = wanted.n_iter.unwrap_or(if 10 * wanted.k < small { 7 } else { 4 });
                    let width = (wanted.k + wanted.n_oversamples).min(small);
                    randomized(&rows, width, n_iter, wanted.ctx)
                }
                _ => singular(rows.values(), n, p)
                    .map(|(values, vectors)| Directions { squares: values.iter().map(|s| s * s).collect(), vectors }),
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

fn by_products(
    x: &Design<'_>,
    weight: Option<&[f64]>,
    mean: &[f64],
    centred: bool,
    ctx: &Context,
) -> Result<Option<Directions>> {
    let layout = Layout::of(x);
    let p = mean.len();
    ctx.allow("the products of all pairs of columns", 2 * Gram::bytes(p + 1))?;
    let mut shift = mean.to_vec();
    for (column, (_, at)) in x.columns.iter().zip(layout.columns()) {
        if let crate::Column::Level { levels, .. } = column {
            shift[at..at + *levels as usize].fill(0.0);
        }
    }
    let ones = vec![1.0; x.rows];
    let w = weight.unwrap_or(&ones);
    let mut gram = Gram::new(&layout, 1, &shift);
    gram.add(x, w, &[&ones]);
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
    Ok(eigen(&products, p).map(|(squares, vectors)| Directions { squares, vectors }))
}

//! Principal components: the directions in which the rows differ most.
//!
//! The columns are centred, `X = U S V'`, and a row becomes `(x - mean) V_k`: of all projections to k numbers the one from which
//! the rows can be rebuilt with the least squared error (Pearson 1901; Hotelling 1933). The variance along direction i is
//! `S_i^2 / (n - 1)`. Costs n p^2 + p^3 through the covariance, n p k a repetition by random projections.

use super::projection::{Projection, field};
use super::solver::{Solver, Wanted, directions};
use crate::linear::design::Layout;
use crate::{Design, FitInputs, LiftInputs, Outcome};
use arkwright_core::{Context, Error, Estimator, Field, Leaf, Result, Settings, must};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Principal component analysis. Settings are named as in scikit-learn's `PCA`.
///
/// ```
/// use arkwright_core::Context;
/// use arkwright_learn::decompose::Pca;
/// use arkwright_learn::{Column, Design, FitInputs};
/// let x = [Column::F64(&[1.0, 2.0, 3.0, 4.0]), Column::F64(&[2.0, 4.0, 6.0, 8.0])];
/// let design = Design { columns: &x, rows: 4 };
/// let found = Pca { n_components: Some(1), ..Pca::default() }.fit(&design, None, &Context::new(1)).unwrap();
/// let direction = found.model.components();
/// assert!((direction[1] / direction[0] - 2.0).abs() < 1e-12);
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Pca {
    /// The columns; all inputs that are numbers, levels or vectors if not given.
    pub columns: Option<Vec<String>>,
    /// The number of directions, at least 1. Default: as many as there are columns or rows.
    pub n_components: Option<usize>,
    /// Instead of `n_components`: as few directions as explain more than this share of the variance, above 0 and at most 1.
    pub explained: Option<f64>,
    /// Whether the answers are brought to unit variance. Default: no, distances stay.
    pub whiten: bool,
    /// How the directions are found. Default: as suits the table's shape.
    pub svd_solver: Solver,
    /// Repetitions of `randomized`. Default: 7 where fewer than a tenth of the directions are wanted, else 4.
    pub n_iter: Option<usize>,
    /// Further random directions of `randomized`. Default: 10.
    pub n_oversamples: usize,
    /// Whether the columns that it takes stay beside the one that it gives. Default: no.
    pub passthrough: bool,
    /// What the column that it gives is called. Default: `pca`.
    pub name: String,
}

impl Default for Pca {
    fn default() -> Self {
        Self {
            columns: None,
            n_components: None,
            explained: None,
            whiten: false,
            svd_solver: Solver::Auto,
            n_iter: None,
            n_oversamples: 10,
            passthrough: false,
            name: "pca".into(),
        }
    }
}

impl Settings for Pca {
    fn check(&self) -> Result<(), (&'static str, String)> {
        if let Some(k) = self.n_components {
            must::be_at_least("n_components", k, 1)?;
        }
        match self.explained {
            Some(_) if self.n_components.is_some() => {
                Err(("explained", "is there instead of `n_components`; leave one of them out".into()))
            }
            Some(_) if self.svd_solver == Solver::Randomized => {
                Err(("explained", "needs all directions, and `randomized` finds only some".into()))
            }
            Some(share) => must::be_a_share("explained", share),
            None => Ok(()),
        }
    }
}

impl Leaf for Pca {
    const KIND: &'static str = "pca";
    const ABOUT: &'static str = "Principal components: a few directions that hold most of the variance.";

    fn estimator(self) -> Arc<dyn Estimator> {
        Arc::new(LiftInputs(self))
    }
}

impl FitInputs for Pca {
    type Model = Projection;

    fn columns(&self) -> Option<&[String]> {
        self.columns.as_deref()
    }

    fn gives(&self) -> Vec<Field> {
        vec![field(&self.name, None)]
    }

    fn keeps_inputs(&self) -> bool {
        self.passthrough
    }

    fn fit(&self, x: &Design<'_>, weight: Option<&[f64]>, ctx: &Context) -> Result<Outcome<Projection>> {
        let layout = Layout::of(x);
        let most = x.rows.min(layout.width());
        let wanted = self.n_components.unwrap_or(most);
        if wanted > most {
            return Err(Error::setting(format!(
                "`n_components` is {wanted}, and {} rows of {} numbers have {most} directions at most",
                x.rows,
                layout.width()
            )));
        }
        let total: f64 = weight.map_or(x.rows as f64, |w| w.iter().sum());
        // The variance divides by one less than the rows.
        let freedom = if total > 1.0 { total - 1.0 } else { 1.0 };
        let solver = match (self.explained, self.svd_solver) {
            (Some(_), Solver::Auto) if x.rows < 10 * layout.width() => Solver::Full,
            (_, solver) => solver,
        };
        let how = Wanted { solver, k: wanted, n_oversamples: self.n_oversamples, n_iter: self.n_iter, ctx };
        let mut found = directions(x, weight, true, &how)?;
        let spread = match found.squares.len() >= most {
            true => found.squares.iter().sum(),
            false => total_variance(x, weight, &layout, &found.mean)?,
        };
        let share = |s: f64| if spread > 0.0 { s / spread } else { 0.0 };
        let k = match self.explained {
            None => wanted.min(found.squares.len()),
            Some(least) => {
                let mut sum = 0.0;
                let enough = found.squares.iter().position(|s| {
                    sum += share(*s);
                    sum > least
                });
                enough.map_or(most, |i| i + 1)
            }
        };
        found.squares.truncate(k);
        found.vectors.truncate(k * layout.width());
        let whiten = |s: &f64| if *s > 0.0 { (freedom / s).sqrt() } else { 0.0 };
        let scale = found.squares.iter().map(|s| if self.whiten { whiten(s) } else { 1.0 }).collect();
        let variances: Vec<f64> = found.squares.iter().map(|s| s / freedom).collect();
        let shares: Vec<f64> = found.squares.iter().map(|s| share(*s)).collect();
        let notes = serde_json::json!({ "explained_variance": variances, "explained_variance_ratio": shares });
        let model = Projection::new(self.name.clone(), found.mean, found.vectors, scale);
        Ok(Outcome { model, notes, stopped: false })
    }
}

/// The sum of the squared distances of all rows from the mean.
fn total_variance(x: &Design<'_>, weight: Option<&[f64]>, layout: &Layout, mean: &[f64]) -> Result<f64> {
    let mut spread = 0.0;
    for (column, (shape, at)) in x.columns.iter().zip(layout.columns()) {
        let one = crate::dense::Matrix::of(&Design { columns: std::slice::from_ref(column), rows: x.rows });
        let mean = &mean[at..at + shape.width()];
        let squares = crate::linear::design::by_chunk(x.rows, |rows| {
            rows.map(|i| {
                let apart: f64 = one.row(i).iter().zip(mean).map(|(x, m)| (x - m) * (x - m)).sum();
                weight.map_or(1.0, |w| w[i]) * apart
            })
            .sum::<f64>()
        });
        spread += squares.iter().sum::<f64>();
    }
    match spread.is_finite() {
        true => Ok(spread),
        false => Err(Error::data("the numbers are too large to square").with_hint("put a `scale` step before it")),
    }
}

//! Truncated singular value decomposition: principal components without centring.
//!
//! `X = U S V'`, and a row becomes `x V_k`. Zeros stay zeros until then, so counts of words and one-hot columns keep their meaning
//! (latent semantic analysis; Deerwester et al. 1990). Costs as [`Pca`](super::Pca).

use super::projection::{Projection, field};
use super::solver::{Solver, Wanted, directions};
use crate::{Design, FitInputs, LiftInputs, Outcome};
use arkwright_core::{Context, Error, Estimator, Field, Leaf, Result, Settings, must};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Truncated singular value decomposition. Settings are named as in scikit-learn's `TruncatedSVD`.
///
/// ```
/// use arkwright_core::Context;
/// use arkwright_learn::decompose::TruncatedSvd;
/// use arkwright_learn::{Column, Design, FitInputs};
/// let x = [Column::F64(&[3.0, 0.0]), Column::F64(&[0.0, 1.0])];
/// let design = Design { columns: &x, rows: 2 };
/// let found = TruncatedSvd { n_components: 1, ..TruncatedSvd::default() }.fit(&design, None, &Context::new(1)).unwrap();
/// assert!((found.model.components()[0] - 1.0).abs() < 1e-9);
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct TruncatedSvd {
    /// The columns; all inputs that are numbers, levels or vectors if not given.
    pub columns: Option<Vec<String>>,
    /// The number of directions, at least 1 and at most the columns and the rows. Default: 2, to be drawn.
    pub n_components: usize,
    /// How the directions are found. Default: as suits the table's shape.
    pub algorithm: Solver,
    /// Repetitions of `randomized`. Default: 5.
    pub n_iter: usize,
    /// Further random directions of `randomized`. Default: 10.
    pub n_oversamples: usize,
    /// Whether the columns that it takes stay beside the one that it gives. Default: no.
    pub passthrough: bool,
    /// What the column that it gives is called. Default: `svd`.
    pub name: String,
}

impl Default for TruncatedSvd {
    fn default() -> Self {
        Self {
            columns: None,
            n_components: 2,
            algorithm: Solver::Auto,
            n_iter: 5,
            n_oversamples: 10,
            passthrough: false,
            name: "svd".into(),
        }
    }
}

impl Settings for TruncatedSvd {
    fn check(&self) -> Result<(), (&'static str, String)> {
        must::be_at_least("n_components", self.n_components, 1)
    }
}

impl Leaf for TruncatedSvd {
    const KIND: &'static str = "truncated_svd";
    const ABOUT: &'static str = "Truncated singular value decomposition: a few directions around the origin.";

    fn estimator(self) -> Arc<dyn Estimator> {
        Arc::new(LiftInputs(self))
    }
}

impl FitInputs for TruncatedSvd {
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
        let (k, p) = (self.n_components, x.width());
        if k > p.min(x.rows) {
            return Err(Error::setting(format!(
                "`n_components` is {k}, and {} rows of {p} numbers have {} directions at most",
                x.rows,
                p.min(x.rows)
            )));
        }
        let how =
            Wanted { solver: self.algorithm, k, n_oversamples: self.n_oversamples, n_iter: Some(self.n_iter), ctx };
        let found = directions(x, weight, false, &how)?;
        let values: Vec<f64> = found.squares[..k].iter().map(|s| s.sqrt()).collect();
        let notes = serde_json::json!({ "singular_values": values });
        let model = Projection::new(self.name.clone(), found.mean, found.vectors, vec![1.0; k]);
        Ok(Outcome { model, notes, stopped: false })
    }
}

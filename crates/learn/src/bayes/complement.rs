//! Complement naive Bayes: a row counts things, and a class is judged by the shares among all the others.
//!
//! ```text
//! score(c) = - sum_j x_j ln s_cj,     s_cj = (N_j - N_cj + alpha) / (N - N_c + alpha p)
//! ```
//!
//! A small class's own shares are known badly, those of all the rest are known well (Rennie, Shih, Teevan & Karger
//! 2003, "Tackling the poor assumptions of naive Bayes text classifiers"). The classes' own shares play no part. One pass;
//! time n p, memory k p.

use super::tally::Tally;
use crate::linear::{LinearModel, Link};
use crate::{FitRows, LiftRows, Outcome, Rows};
use arkwright_core::{Context, Estimator, Leaf, Result, Settings, Task, must};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Complement naive Bayes. Settings are named as in scikit-learn's `ComplementNB`.
///
/// ```
/// use arkwright_core::{Context, Leaf};
/// let settings = arkwright_learn::bayes::ComplementNb { norm: true, ..Default::default() };
/// assert_eq!(settings.part().kind, "complement_nb");
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ComplementNb {
    /// What is added to every count, above 0. Default: 1.
    pub alpha: f64,
    /// Whether each class's weights are divided by their sum. Default: no.
    pub norm: bool,
}

impl Default for ComplementNb {
    fn default() -> Self {
        Self { alpha: 1.0, norm: false }
    }
}

impl Settings for ComplementNb {
    fn check(&self) -> Result<(), (&'static str, String)> {
        must::be_above_0("alpha", self.alpha)
    }
}

impl Leaf for ComplementNb {
    const KIND: &'static str = "complement_nb";
    const ABOUT: &'static str =
        "Naive Bayes of counts that judges a class by all the others, for classes of unlike size.";
    const TASKS: &'static [Task] = &[Task::Classify];
    const PREPARE: &'static [&'static str] = &["dates", "impute", "levels"];

    fn estimator(self) -> Arc<dyn Estimator> {
        Arc::new(LiftRows(self))
    }
}

impl FitRows for ComplementNb {
    type Model = LinearModel;
    const TASKS: &'static [Task] = &[Task::Classify];
    const MISSING: bool = false;

    fn fit_rows(&self, rows: &dyn Rows, _ctx: &Context) -> Result<Outcome<LinearModel>> {
        let tally = Tally::read(rows, Some("complement_nb"), |_, _, x| x)?;
        let (k, p) = (tally.weight.len(), tally.layout.width());
        let whole: Vec<f64> = (0..p).map(|j| tally.sums.iter().skip(j).step_by(p).sum()).collect();
        let mut coef = Vec::with_capacity(tally.sums.len());
        for counts in tally.sums.chunks_exact(p.max(1)) {
            // A sum less a part of itself may fall below 0 by rounding.
            let others: Vec<f64> = counts.iter().zip(&whole).map(|(n, all)| (all - n).max(0.0) + self.alpha).collect();
            let sum = libm::log(others.iter().sum());
            let logs: Vec<f64> = others.iter().map(|n| libm::log(*n) - sum).collect();
            let by = if self.norm { logs.iter().sum() } else { -1.0 };
            // Of one column the share is 1 and its logarithm 0.
            coef.extend(logs.iter().map(|log| if by == 0.0 { 0.0 } else { log / by }));
        }
        let means = tally.means();
        Ok(LinearModel::new(tally.layout, Link::Softmax, coef, vec![0.0; k], means).into())
    }
}

//! Multinomial naive Bayes: a row counts things, and each class has its own shares of them.
//!
//! ```text
//! ln P(c | x) = ln P(c) + sum_j x_j ln s_cj + constant,     s_cj = (N_cj + alpha) / (N_c + alpha p)
//! ```
//!
//! with N the counts of a class, column by column and in all (Manning, Raghavan & Schuetze 2008, "Introduction to Information
//! Retrieval", chapter 13). It is a linear model whose coefficients are logarithms of shares. One pass; time n p, memory k p.

use super::tally::{Tally, check, log_priors};
use crate::linear::{LinearModel, Link};
use crate::{FitRows, LiftRows, Outcome, Rows};
use arkwright_core::{Context, Estimator, Leaf, Result, Settings, Task, must};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Multinomial naive Bayes. Settings are named as in scikit-learn's `MultinomialNB`.
///
/// ```
/// use arkwright_core::{Context, Leaf};
/// let settings = arkwright_learn::bayes::MultinomialNb { alpha: 0.1, ..Default::default() };
/// assert_eq!(settings.part().kind, "multinomial_nb");
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct MultinomialNb {
    /// What is added to every count, above 0, so that a thing that was never seen is not impossible. Default: 1.
    pub alpha: f64,
    /// Whether frequent classes are more likely from the start. Default: yes.
    pub fit_prior: bool,
    /// The shares of the classes, in their order, instead of learning them.
    pub class_prior: Option<Vec<f64>>,
}

impl Default for MultinomialNb {
    fn default() -> Self {
        Self { alpha: 1.0, fit_prior: true, class_prior: None }
    }
}

impl Settings for MultinomialNb {
    fn check(&self) -> Result<(), (&'static str, String)> {
        must::be_above_0("alpha", self.alpha)?;
        check("class_prior", self.class_prior.as_deref())
    }
}

impl Leaf for MultinomialNb {
    const KIND: &'static str = "multinomial_nb";
    const ABOUT: &'static str = "Naive Bayes of counts: each class has its own shares of what is counted.";
    const TASKS: &'static [Task] = &[Task::Classify];
    const PREPARE: &'static [&'static str] = &["dates", "impute", "levels"];

    fn estimator(self) -> Arc<dyn Estimator> {
        Arc::new(LiftRows(self))
    }
}

impl FitRows for MultinomialNb {
    type Model = LinearModel;
    const TASKS: &'static [Task] = &[Task::Classify];
    const MISSING: bool = false;

    fn fit_rows(&self, rows: &dyn Rows, _ctx: &Context) -> Result<Outcome<LinearModel>> {
        let tally = Tally::read(rows, Some("multinomial_nb"), |_, _, x| x)?;
        let prior = log_priors(self.class_prior.as_deref(), self.fit_prior, &tally.weight)?;
        let p = tally.layout.width();
        let mut coef = Vec::with_capacity(tally.sums.len());
        for counts in tally.sums.chunks_exact(p.max(1)) {
            let whole = libm::log(counts.iter().map(|n| n + self.alpha).sum());
            coef.extend(counts.iter().map(|n| libm::log(n + self.alpha) - whole));
        }
        let means = tally.means();
        Ok(LinearModel::new(tally.layout, Link::Softmax, coef, prior, means).into())
    }
}

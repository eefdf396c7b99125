//! Gaussian naive Bayes: within a class each column is normal, with a mean and a variance of its own.
//!
//! ```text
//! ln P(c | x) = ln P(c) - 1/2 sum_j [ ln(2 pi v_cj) + (x_j - m_cj)^2 / v_cj ] + constant
//! ```
//!
//! Two passes over the rows, the second around the means of the first; time n p, memory k p. A share of the largest variance of all
//! columns is added to every variance, so that a column that does not vary within a class is no certainty.

use super::tally::{Tally, check, log_priors};
use crate::dense::{answer_rows, fits};
use crate::link::softmax;
use crate::{Design, FitRows, LiftRows, Outcome, Predict, Rows};
use arkwright_core::{Context, Error, Estimator, Leaf, Parts, Result, Settings, Task, must};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Gaussian naive Bayes. Settings are named as in scikit-learn's `GaussianNB`.
///
/// ```
/// use arkwright_core::{Context, Leaf};
/// let settings = arkwright_learn::bayes::GaussianNb { var_smoothing: 1e-6, ..Default::default() };
/// assert_eq!(settings.part().kind, "gaussian_nb");
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct GaussianNb {
    /// The shares of the classes, in their order. Default: as they are among the rows.
    pub priors: Option<Vec<f64>>,
    /// The share of the largest variance of all columns that is added to every variance, not negative. Default: 1e-9.
    pub var_smoothing: f64,
}

impl Default for GaussianNb {
    fn default() -> Self {
        Self { priors: None, var_smoothing: 1e-9 }
    }
}

impl Settings for GaussianNb {
    fn check(&self) -> Result<(), (&'static str, String)> {
        check("priors", self.priors.as_deref())?;
        must::not_be_negative("var_smoothing", self.var_smoothing)
    }
}

impl Leaf for GaussianNb {
    const KIND: &'static str = "gaussian_nb";
    const ABOUT: &'static str = "Naive Bayes of numbers, each normal within a class.";
    const TASKS: &'static [Task] = &[Task::Classify];
    const PREPARE: &'static [&'static str] = &["dates", "impute", "scale", "levels"];

    fn estimator(self) -> Arc<dyn Estimator> {
        Arc::new(LiftRows(self))
    }
}

impl FitRows for GaussianNb {
    type Model = Gaussians;
    const TASKS: &'static [Task] = &[Task::Classify];
    const MISSING: bool = false;

    fn fit_rows(&self, rows: &dyn Rows, _ctx: &Context) -> Result<Outcome<Gaussians>> {
        let tally = Tally::read(rows, None, |_, _, x| x)?;
        let (k, p) = (tally.weight.len(), tally.layout.width());
        let (means, mean, total) = (tally.shares(), tally.means(), tally.weight.iter().sum::<f64>());
        let prior = log_priors(self.priors.as_deref(), true, &tally.weight)?;
        let off = Tally::read(rows, None, |c, j, x| (x - means[c * p + j]) * (x - means[c * p + j]))?;
        // The variance of all rows: within the classes, and between their means.
        let whole = |j: usize| {
            (0..k).map(|c| off.sums[c * p + j] + tally.weight[c] * (means[c * p + j] - mean[j]).powi(2)).sum::<f64>()
                / total
        };
        let widest = (0..p).map(whole).fold(0.0, f64::max);
        if !widest.is_finite() {
            return Err(Error::data("the numbers are too large to square").with_hint("put a `scale` step before it"));
        }
        let more = self.var_smoothing * widest;
        // Where no column varies at all, any variance says the same: nothing.
        let variance = |v: f64| if v + more > 0.0 { v + more } else { 1.0 };
        let variances = off.shares().into_iter().map(variance).collect();
        Ok(Gaussians::new(means, variances, prior, p).into())
    }
}

/// Means and variances of each class.
#[derive(Clone, Debug)]
pub struct Gaussians {
    means: Vec<f64>,
    variances: Vec<f64>,
    /// Logarithms.
    prior: Vec<f64>,
    p: usize,
    /// What each class's sum of squares is added to.
    base: Vec<f64>,
}

/// Rows that one thread answers at a time.
const CHUNK: usize = 1024;

impl Gaussians {
    fn new(means: Vec<f64>, variances: Vec<f64>, prior: Vec<f64>, p: usize) -> Self {
        let logs =
            |c: usize| variances[c * p..(c + 1) * p].iter().map(|v| libm::log(std::f64::consts::TAU * v)).sum::<f64>();
        let base = prior.iter().enumerate().map(|(c, prior)| prior - logs(c) / 2.0).collect();
        Self { means, variances, prior, p, base }
    }

    /// The means, k x p.
    pub fn means(&self) -> &[f64] {
        &self.means
    }

    /// The variances, k x p.
    pub fn variances(&self) -> &[f64] {
        &self.variances
    }

    fn answer(&self, row: &[f64], out: &mut [f64]) {
        let p = self.p;
        for (c, out) in out.iter_mut().enumerate() {
            let (means, variances) = (&self.means[c * p..(c + 1) * p], &self.variances[c * p..(c + 1) * p]);
            let squares: f64 = row.iter().zip(means).zip(variances).map(|((x, m), v)| (x - m) * (x - m) / v).sum();
            *out = self.base[c] - squares / 2.0;
        }
        // A row beyond all reach is as likely to be of one class as of another.
        if out.iter().all(|raw| *raw == f64::NEG_INFINITY) {
            out.copy_from_slice(&self.prior);
        }
        softmax(out);
    }
}

impl Predict for Gaussians {
    const FORMAT: &'static str = "gaussians";

    fn outputs(&self) -> usize {
        self.prior.len()
    }

    fn predict(&self, x: &Design<'_>, out: &mut [f64]) {
        let (k, p) = (self.outputs(), self.p);
        if fits(x, p, k, out) {
            answer_rows(x, k, CHUNK, out, |rows, out| {
                out.chunks_exact_mut(k).enumerate().for_each(|(i, out)| self.answer(&rows[i * p..(i + 1) * p], out));
            });
        }
    }

    fn save(&self, parts: &mut Parts) -> Result<()> {
        parts.put_json(&self.p)?;
        parts.put("means", self.means.clone());
        parts.put("variances", self.variances.clone());
        parts.put("prior", self.prior.clone());
        Ok(())
    }

    fn load(parts: &Parts) -> Result<Self> {
        let p: usize = parts.get_json()?;
        let (means, variances, prior) = (parts.get("means")?, parts.get("variances")?, parts.get("prior")?);
        if prior.len() < 2 || prior.len().checked_mul(p) != Some(means.len()) || variances.len() != means.len() {
            return Err(parts.damaged("the means and variances do not fit"));
        }
        Ok(Self::new(means.to_vec(), variances.to_vec(), prior.to_vec(), p))
    }
}

//! Quadratic discriminant analysis: each class is a normal cloud of its own shape.
//!
//! ```text
//! ln P(c | x) = ln P(c) - 1/2 ln |S_c| - 1/2 (x - m_c)' S_c^-1 (x - m_c) + constant
//! ```
//!
//! (Hastie, Tibshirani & Friedman 2009, section 4.3). k p (p + 3)/2 numbers are learnt, so it needs many rows of each class, or
//! `reg_param` or `shrinkage`. Two passes; time n p^2 + k p^3, memory k p^2; an answer costs k p^2.

use super::scatter::Scatter;
use super::shrinkage::Shrinkage;
use crate::bayes::tally::{check, log_priors};
use crate::dense::{Panels, answer_rows, eigen, fits};
use crate::link::softmax;
use crate::{Design, FitRows, LiftRows, Outcome, Predict, Rows};
use arkwright_core::{Context, Error, Estimator, Leaf, Parts, Result, Settings, Task, must};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Quadratic discriminant analysis. Settings are named as in scikit-learn's `QuadraticDiscriminantAnalysis`.
///
/// ```
/// use arkwright_core::{Context, Leaf};
/// let settings = arkwright_learn::discriminant::Qda { reg_param: 0.1, ..Default::default() };
/// assert_eq!(settings.part().kind, "qda");
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Qda {
    /// The shares of the classes, in their order. Default: as they are among the rows.
    pub priors: Option<Vec<f64>>,
    /// The share of the unit sphere in each class's spread, 0 to 1. Default: 0.
    pub reg_param: f64,
    /// How far each class's covariance is drawn towards a sphere of its own size, instead: `auto` or a share. Default: not at all.
    pub shrinkage: Option<Shrinkage>,
    /// The least variance along a direction, above 0: a class that does not vary along one is taken to vary so much. Default: 1e-4.
    pub tol: f64,
}

impl Default for Qda {
    fn default() -> Self {
        Self { priors: None, reg_param: 0.0, shrinkage: None, tol: 1e-4 }
    }
}

impl Settings for Qda {
    fn check(&self) -> Result<(), (&'static str, String)> {
        check("priors", self.priors.as_deref())?;
        must::be_within("reg_param", self.reg_param, 0.0, 1.0)?;
        must::be_above_0("tol", self.tol)?;
        match self.shrinkage.is_some() && self.reg_param > 0.0 {
            true => Err(("shrinkage", "is there instead of `reg_param`; leave one of them out".into())),
            false => Ok(()),
        }
    }
}

impl Leaf for Qda {
    const KIND: &'static str = "qda";
    const ABOUT: &'static str = "Quadratic discriminant analysis: normal classes, each of its own shape.";
    const TASKS: &'static [Task] = &[Task::Classify];
    const PREPARE: &'static [&'static str] = &["dates", "impute", "scale", "levels"];

    fn estimator(self) -> Arc<dyn Estimator> {
        Arc::new(LiftRows(self))
    }
}

impl FitRows for Qda {
    type Model = Clouds;
    const TASKS: &'static [Task] = &[Task::Classify];
    const MISSING: bool = false;

    fn fit_rows(&self, rows: &dyn Rows, ctx: &Context) -> Result<Outcome<Clouds>> {
        let found = Scatter::read(rows, self.shrinkage, ctx)?;
        let (k, p) = (found.weight.len(), found.layout.width());
        let mut base = log_priors(self.priors.as_deref(), true, &found.weight)?;
        let mut directions = Vec::with_capacity(k * p * p);
        for (cov, base) in found.covariances.iter().zip(&mut base) {
            let (values, vectors) = eigen(cov, p).ok_or_else(|| Error::data("a covariance has no eigenvectors"))?;
            for (value, vector) in values.iter().zip(vectors.chunks_exact(p.max(1))) {
                let variance = ((1.0 - self.reg_param) * value + self.reg_param).max(self.tol);
                *base -= libm::log(variance) / 2.0;
                directions.extend(vector.iter().map(|v| v / variance.sqrt()));
            }
        }
        Ok(Clouds::new(found.means, directions, base, p).into())
    }
}

/// Normal classes: their means, and directions in which each has unit variance.
#[derive(Clone, Debug)]
pub struct Clouds {
    means: Vec<f64>,
    /// k x p x p.
    directions: Vec<f64>,
    base: Vec<f64>,
    p: usize,
    panels: Vec<Panels>,
}

/// Rows that one thread answers at a time.
const CHUNK: usize = 256;

impl Clouds {
    fn new(means: Vec<f64>, directions: Vec<f64>, base: Vec<f64>, p: usize) -> Self {
        let panels = (0..base.len()).map(|c| Panels::new(&directions[c * p * p..(c + 1) * p * p], p, p)).collect();
        Self { means, directions, base, p, panels }
    }

    /// The means, k x p.
    pub fn means(&self) -> &[f64] {
        &self.means
    }

    fn answer(&self, rows: &[f64], out: &mut [f64]) {
        let (k, p) = (self.base.len(), self.p);
        let n = out.len() / k;
        let (mut away, mut along) = (vec![0.0; n * p], vec![0.0; n * p]);
        for (c, panels) in self.panels.iter().enumerate() {
            let means = self.means[c * p..(c + 1) * p].iter().cycle();
            away.iter_mut().zip(rows).zip(means).for_each(|((away, x), m)| *away = x - m);
            panels.products(&away, &mut along);
            for i in 0..n {
                let square: f64 = along[i * p..(i + 1) * p].iter().map(|u| u * u).sum();
                out[i * k + c] = self.base[c] - square / 2.0;
            }
        }
        for out in out.chunks_exact_mut(k) {
            // A row beyond all reach is as likely to be of one class as of another.
            if out.iter().all(|raw| *raw == f64::NEG_INFINITY) {
                out.copy_from_slice(&self.base);
            }
            softmax(out);
        }
    }
}

impl Predict for Clouds {
    const FORMAT: &'static str = "clouds";

    fn outputs(&self) -> usize {
        self.base.len()
    }

    fn predict(&self, x: &Design<'_>, out: &mut [f64]) {
        if fits(x, self.p, self.outputs(), out) {
            answer_rows(x, self.outputs(), CHUNK, out, |rows, out| self.answer(rows, out));
        }
    }

    fn save(&self, parts: &mut Parts) -> Result<()> {
        parts.put_json(&self.p)?;
        parts.put("means", self.means.clone());
        parts.put("directions", self.directions.clone());
        parts.put("base", self.base.clone());
        Ok(())
    }

    fn load(parts: &Parts) -> Result<Self> {
        let p: usize = parts.get_json()?;
        let (means, directions, base) = (parts.get("means")?, parts.get("directions")?, parts.get("base")?);
        let (k, square) = (base.len(), p.checked_mul(p));
        let fits =
            square.and_then(|s| s.checked_mul(k)) == Some(directions.len()) && k.checked_mul(p) == Some(means.len());
        match fits && k >= 2 {
            true => Ok(Self::new(means.to_vec(), directions.to_vec(), base.to_vec(), p)),
            false => Err(parts.damaged("the means and directions do not fit")),
        }
    }
}

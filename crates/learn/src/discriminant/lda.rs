//! Linear discriminant analysis: each class is a normal cloud, and all have the same shape.
//!
//! ```text
//! ln P(c | x) = ln P(c) + m_c' S^-1 x - 1/2 m_c' S^-1 m_c + constant
//! ```
//!
//! with the means m_c and the covariance S within the classes, which makes the borders straight (Fisher 1936, "The use of
//! multiple measurements in taxonomic problems"; Hastie, Tibshirani & Friedman 2009, section 4.3). Two passes; time n p^2 + p^3,
//! memory k p^2.

use super::scatter::Scatter;
use super::shrinkage::{Shrinkage, deviations};
use crate::bayes::tally::{check, log_priors};
use crate::dense::eigen;
use crate::linear::design::dot;
use crate::linear::{LinearModel, Link};
use crate::{FitRows, LiftRows, Outcome, Rows};
use arkwright_core::{Context, Error, Estimator, Leaf, Result, Settings, Task, must};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Linear discriminant analysis. Settings are named as in scikit-learn's `LinearDiscriminantAnalysis`.
///
/// ```
/// use arkwright_core::{Context, Leaf};
/// let settings = arkwright_learn::discriminant::Lda::default();
/// assert_eq!(settings.part().kind, "lda");
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Lda {
    /// How the covariance is made. Default: `svd`; `lsqr` with shrinkage.
    pub solver: Solver,
    /// How far each class's covariance is drawn towards a sphere, for rows that are few: `auto` or a share. Only with `lsqr`.
    /// Default: not at all.
    pub shrinkage: Option<Shrinkage>,
    /// The shares of the classes, in their order. Default: as they are among the rows.
    pub priors: Option<Vec<f64>>,
    /// A direction counts if the standard deviation along it is larger, in columns of unit variance. Only with `svd`.
    /// Default: 1e-4.
    pub tol: f64,
}

/// How the covariance within the classes is made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Solver {
    /// From all rows around their class's mean, whatever the `priors`; directions without spread are left out.
    #[default]
    Svd,
    /// The mean of the classes' covariances, weighed by their shares.
    Lsqr,
}

impl Default for Lda {
    fn default() -> Self {
        Self { solver: Solver::Svd, shrinkage: None, priors: None, tol: 1e-4 }
    }
}

impl Settings for Lda {
    fn check(&self) -> Result<(), (&'static str, String)> {
        check("priors", self.priors.as_deref())?;
        must::not_be_negative("tol", self.tol)?;
        match (self.solver, self.shrinkage) {
            (Solver::Svd, Some(_)) => Err(("shrinkage", "needs `solver = \"lsqr\"`".into())),
            _ => Ok(()),
        }
    }
}

impl Leaf for Lda {
    const KIND: &'static str = "lda";
    const ABOUT: &'static str = "Linear discriminant analysis: normal classes of one shape, with straight borders.";
    const TASKS: &'static [Task] = &[Task::Classify];
    const PREPARE: &'static [&'static str] = &["dates", "impute", "scale", "levels"];

    fn estimator(self) -> Arc<dyn Estimator> {
        Arc::new(LiftRows(self))
    }
}

impl FitRows for Lda {
    type Model = LinearModel;
    const TASKS: &'static [Task] = &[Task::Classify];
    const MISSING: bool = false;

    fn fit_rows(&self, rows: &dyn Rows, ctx: &Context) -> Result<Outcome<LinearModel>> {
        let found = Scatter::read(rows, self.shrinkage, ctx)?;
        let (k, p) = (found.weight.len(), found.layout.width());
        let total: f64 = found.weight.iter().sum();
        let prior = log_priors(self.priors.as_deref(), true, &found.weight)?;
        let shares: Vec<f64> = prior.iter().map(|p| libm::exp(*p)).collect();
        let mix = |by: &[f64]| {
            let mut sum = vec![0.0; p * p];
            for (cov, by) in found.covariances.iter().zip(by) {
                sum.iter_mut().zip(cov).for_each(|(sum, c)| *sum += by * c);
            }
            sum
        };
        let mut cov = match self.solver {
            Solver::Svd => mix(&found.weight.iter().map(|w| w / total).collect::<Vec<_>>()),
            Solver::Lsqr => mix(&shares),
        };
        // In columns of unit variance within the classes.
        let scale = deviations(&cov, p);
        cov.iter_mut().enumerate().for_each(|(i, c)| *c /= scale[i / p] * scale[i % p]);
        let (values, vectors) = eigen(&cov, p).ok_or_else(|| Error::data("the covariance has no eigenvectors"))?;
        // Below such a variance there is none.
        let least = match self.solver {
            Solver::Svd => self.tol * self.tol,
            Solver::Lsqr => 1e-13 * p as f64 * values.first().copied().unwrap_or(0.0),
        };
        let centre: Vec<f64> =
            (0..p).map(|j| shares.iter().enumerate().map(|(c, share)| share * found.means[c * p + j]).sum()).collect();
        let (mut coef, mut intercept) = (vec![0.0; k * p], prior);
        for (c, intercept) in intercept.iter_mut().enumerate() {
            let away: Vec<f64> = (0..p).map(|j| (found.means[c * p + j] - centre[j]) / scale[j]).collect();
            let coef = &mut coef[c * p..(c + 1) * p];
            for (value, vector) in values.iter().zip(vectors.chunks_exact(p.max(1))) {
                if *value > least {
                    let along = dot(vector, &away);
                    *intercept -= along * along / value / 2.0;
                    coef.iter_mut().zip(vector).for_each(|(b, v)| *b += along / value * v);
                }
            }
            coef.iter_mut().zip(&scale).for_each(|(b, s)| *b /= s);
            *intercept -= dot(coef, &centre);
        }
        let means = found.mean;
        if k > 2 {
            return Ok(LinearModel::new(found.layout, Link::Softmax, coef, intercept, means).into());
        }
        let coef = (0..p).map(|j| coef[p + j] - coef[j]).collect();
        Ok(LinearModel::new(found.layout, Link::Logistic, coef, vec![intercept[1] - intercept[0]], means).into())
    }
}

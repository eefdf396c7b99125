//! Support vector regression: a flat function that passes within `epsilon` of the rows.
//!
//! ```text
//! minimise  1/2 |v|^2 + sum_i c w_i max(0, |y_i - v.phi(x_i) + rho| - epsilon)
//! ```
//!
//! Rows within the tube cost nothing and do not count; those at its border or outside are the support vectors (Drucker et al. 1997;
//! Smola & Schoelkopf 2004, "A tutorial on support vector regression"). Costs between n^2 p and n^3 p, as `svc` does.

use super::fit::{Settled, center, kernel};
use super::gamma::Gamma;
use super::kernel::{KernelName, Kernels};
use super::model::{Machine, Machines};
use super::smo::{Problem, Until, solve};
use crate::dense::Matrix;
use crate::{Fit, Lift, Outcome, Samples, Target};
use arkwright_core::{Context, Error, Estimator, Event, Leaf, Result, Settings, Task, must};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Support vector regression. Settings are named as in scikit-learn's `SVR`, and mean the same.
///
/// ```
/// use arkwright_core::Context;
/// use arkwright_learn::svm::Svr;
/// use arkwright_learn::{Column, Design, Fit, Predict, Samples, Target};
/// let x = [Column::F64(&[0.0, 1.0, 2.0, 3.0])];
/// let rows = Samples::new(Design { columns: &x, rows: 4 }, Target::Values(&[0.0, 1.0, 4.0, 9.0]));
/// let model = Svr { c: 100.0, ..Svr::default() }.fit(&rows, None, &Context::new(1)).unwrap().model;
/// let mut answer = [0.0; 4];
/// model.predict(&Design { columns: &x, rows: 4 }, &mut answer);
/// assert!((answer[3] - 9.0).abs() < 0.11);
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Svr {
    /// The kernel. Default: `rbf`, which can follow any curve.
    pub kernel: KernelName,
    /// The degree of `poly`. Default: 3.
    pub degree: u32,
    /// The factor in `rbf`, `poly` and `sigmoid`. Default: `scale`.
    pub gamma: Gamma,
    /// What is added in `poly` and `sigmoid`. Default: 0.
    pub coef0: f64,
    /// It ends when no pair of multipliers violates the conditions of optimality by more, above 0. Default: 1e-3.
    pub tol: f64,
    /// How much an error beyond the tube costs, above 0; smaller is flatter. Default: 1, in the target's units.
    pub c: f64,
    /// How large an error costs nothing, not negative. Default: 0.1, in the target's units.
    pub epsilon: f64,
    /// Whether multipliers that are stuck are set aside meanwhile. Default: yes.
    pub shrinking: bool,
    /// Megabytes for rows of kernels. Default: 200.
    pub cache_size: f64,
    /// Steps at most. Default: no limit.
    pub max_iter: Option<u64>,
}

impl Default for Svr {
    fn default() -> Self {
        Self {
            kernel: KernelName::Rbf,
            degree: 3,
            gamma: Gamma::Scale,
            coef0: 0.0,
            tol: 1e-3,
            c: 1.0,
            epsilon: 0.1,
            shrinking: true,
            cache_size: 200.0,
            max_iter: None,
        }
    }
}

impl Settings for Svr {
    fn check(&self) -> Result<(), (&'static str, String)> {
        must::be_above_0("c", self.c)?;
        must::not_be_negative("epsilon", self.epsilon)?;
        must::be_above_0("tol", self.tol)?;
        must::be_above_0("cache_size", self.cache_size)
    }
}

impl Leaf for Svr {
    const KIND: &'static str = "svr";
    const ABOUT: &'static str = "Support vector regression: a flat function that passes near to the rows.";
    const TASKS: &'static [Task] = &[Task::Regress];
    const PREPARE: &'static [&'static str] = &["dates", "impute", "scale", "levels"];

    fn estimator(self) -> Arc<dyn Estimator> {
        Arc::new(Lift(self))
    }
}

impl Fit for Svr {
    type Model = Machines;
    const TASKS: &'static [Task] = &[Task::Regress];
    const MISSING: bool = false;

    fn fit(&self, train: &Samples<'_>, _valid: Option<&Samples<'_>>, ctx: &Context) -> Result<Outcome<Machines>> {
        let Target::Values(values) = train.y else {
            return Err(Error::setting("svr learns numbers, not classes"));
        };
        let mut rows = Matrix::within(&train.x, ctx)?;
        let kernel = kernel(self.kernel, self.gamma, self.coef0, self.degree, &rows, train.weight)?;
        let mean = center(&mut rows, kernel, train.weight);
        let n = rows.rows();
        let kernels = Kernels::new(kernel, rows).for_rows();
        let cost: Vec<f64> = (0..n).map(|i| self.c * train.weight.map_or(1.0, |w| w[i])).collect();
        // Above the tube, and below it.
        let both = |sign: f64| values.iter().map(move |y| self.epsilon - sign * y);
        let problem = Problem {
            row: (0..n as u32).chain(0..n as u32).collect(),
            y: [vec![1.0; n], vec![-1.0; n]].concat(),
            p: both(1.0).chain(both(-1.0)).collect(),
            c: cost.repeat(2),
            start: vec![0.0; 2 * n],
        };
        let until = Until {
            tol: self.tol,
            shrinking: self.shrinking,
            max_iter: self.max_iter.unwrap_or(u64::MAX),
            cache: (self.cache_size * 1024.0 * 1024.0) as usize,
            ctx,
        };
        let _ = ctx.tell(Event::Begin { total: None, unit: "steps" });
        let found = solve(&kernels, problem, &until);
        let _ = ctx.tell(Event::End);
        let mut settled = Settled::default();
        settled.add(&found)?;
        let signed: Vec<f64> = (0..n).map(|i| found.signed[i] + found.signed[n + i]).collect();
        let (vectors, coef) = (0..n).filter(|&i| signed[i] != 0.0).map(|i| (i as u32, signed[i])).unzip();
        let machine = Machine { vectors, coef, rho: found.rho };
        let model = Machines::new(kernel, kernels.rows(), mean, vec![machine], 0);
        Ok(settled.outcome("svr", model, ctx))
    }
}

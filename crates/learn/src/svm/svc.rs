//! Support vector classification: the widest margin between two classes, in the space of a kernel.
//!
//! ```text
//! minimise  1/2 |v|^2 + sum_i c w_i max(0, 1 - y_i (v.phi(x_i) - rho)),      phi(a).phi(b) = K(a, b)
//! ```
//!
//! Only rows at the margin or on the wrong side of it count: the support vectors (Cortes & Vapnik 1995, "Support-vector networks"). Solved in the
//! dual, see `smo`; of k classes each pair is told apart by a machine of its own. Costs between n^2 p and n^3 p, an answer p
//! times the support vectors; memory n p and the cache. All columns weigh the same in a kernel, so they are scaled first.

use super::fit::{Settled, center, kernel};
use super::gamma::Gamma;
use super::kernel::{KernelName, Kernels};
use super::model::{Machine, Machines};
use super::smo::{Problem, Until, solve};
use crate::dense::Matrix;
use crate::{ClassWeight, Fit, Lift, Outcome, Samples, Target};
use arkwright_core::{Context, Error, Estimator, Event, Leaf, Result, Settings, Task, must};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Support vector classification. Settings are named as in scikit-learn's `SVC`, and mean the same.
///
/// The probabilities are a function of the decisions, and are not calibrated.
///
/// ```
/// use arkwright_core::Context;
/// use arkwright_learn::svm::Svc;
/// use arkwright_learn::{Column, Design, Fit, Predict, Samples, Target};
/// // A ring around a middle: no straight border tells them apart.
/// let x = [Column::F64(&[0.0, 0.1, 2.0, -2.0, 0.1, 0.1]), Column::F64(&[0.0, 0.1, 0.1, 0.0, 2.0, -2.0])];
/// let y = Target::Classes { codes: &[0, 0, 1, 1, 1, 1], count: 2 };
/// let rows = Samples::new(Design { columns: &x, rows: 6 }, y);
/// let model = Svc::default().fit(&rows, None, &Context::new(1)).unwrap().model;
/// let mut answer = [0.0; 2];
/// model.predict(&Design { columns: &[Column::F64(&[1.5]), Column::F64(&[-1.5])], rows: 1 }, &mut answer);
/// assert!(answer[1] > answer[0]);
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Svc {
    /// How much a row on the wrong side of the margin costs, above 0; smaller is a wider margin. Default: 1.
    pub c: f64,
    /// The kernel. Default: `rbf`, which can follow any border.
    pub kernel: KernelName,
    /// The degree of `poly`. Default: 3.
    pub degree: u32,
    /// The factor in `rbf`, `poly` and `sigmoid`. Default: `scale`.
    pub gamma: Gamma,
    /// What is added in `poly` and `sigmoid`. Default: 0.
    pub coef0: f64,
    /// Whether multipliers that are stuck are set aside meanwhile. Default: yes.
    pub shrinking: bool,
    /// It ends when no pair of multipliers violates the conditions of optimality by more, above 0. Default: 1e-3.
    pub tol: f64,
    /// Megabytes for rows of kernels. Default: 200.
    pub cache_size: f64,
    /// `balanced` makes rare classes count as much as frequent ones; or a weight for each class. Default:
    /// each row counts the same.
    pub class_weight: Option<ClassWeight>,
    /// Steps at most for each pair of classes. Default: no limit.
    pub max_iter: Option<u64>,
}

impl Default for Svc {
    fn default() -> Self {
        Self {
            c: 1.0,
            kernel: KernelName::Rbf,
            degree: 3,
            gamma: Gamma::Scale,
            coef0: 0.0,
            shrinking: true,
            tol: 1e-3,
            cache_size: 200.0,
            class_weight: None,
            max_iter: None,
        }
    }
}

impl Settings for Svc {
    fn check(&self) -> Result<(), (&'static str, String)> {
        must::be_above_0("c", self.c)?;
        must::be_above_0("tol", self.tol)?;
        must::be_above_0("cache_size", self.cache_size)
    }
}

impl Leaf for Svc {
    const KIND: &'static str = "svc";
    const ABOUT: &'static str = "Support vector classification: the widest margin, in the space of a kernel.";
    const TASKS: &'static [Task] = &[Task::Classify];
    const PREPARE: &'static [&'static str] = &["dates", "impute", "scale", "levels"];

    fn estimator(self) -> Arc<dyn Estimator> {
        Arc::new(Lift(self))
    }
}

impl Fit for Svc {
    type Model = Machines;
    const TASKS: &'static [Task] = &[Task::Classify];
    const MISSING: bool = false;

    fn fit(&self, train: &Samples<'_>, _valid: Option<&Samples<'_>>, ctx: &Context) -> Result<Outcome<Machines>> {
        let Target::Classes { codes, count } = train.y else {
            return Err(Error::setting("svc learns classes, not numbers"));
        };
        let mut rows = Matrix::within(&train.x, ctx)?;
        let kernel = kernel(self.kernel, self.gamma, self.coef0, self.degree, &rows, train.weight)?;
        let mean = center(&mut rows, kernel, train.weight);
        let factors = match &self.class_weight {
            Some(weight) => weight.factors(codes, count, train.weight, train.classes)?,
            None => vec![1.0; count],
        };
        let until = Until {
            tol: self.tol,
            shrinking: self.shrinking,
            max_iter: self.max_iter.unwrap_or(u64::MAX),
            cache: (self.cache_size * 1024.0 * 1024.0) as usize,
            ctx,
        };
        let mut settled = Settled::default();
        let mut machines = Vec::with_capacity(count * (count - 1) / 2);
        let _ = ctx.tell(Event::Begin { total: None, unit: "steps" });
        for first in 0..count as u32 {
            for second in first + 1..count as u32 {
                let weight = |i: usize| train.weight.map_or(1.0, |w| w[i]);
                let at: Vec<usize> = (0..codes.len())
                    .filter(|&i| (codes[i] == first || codes[i] == second) && weight(i) > 0.0)
                    .collect();
                let both = Kernels::new(kernel, rows.take(at.iter().copied())).for_rows();
                let n = at.len();
                let problem = Problem {
                    row: (0..n as u32).collect(),
                    y: at.iter().map(|&i| if codes[i] == second { 1.0 } else { -1.0 }).collect(),
                    p: vec![-1.0; n],
                    c: at.iter().map(|&i| self.c * weight(i) * factors[codes[i] as usize]).collect(),
                    start: vec![0.0; n],
                };
                let found = solve(&both, problem, &until);
                settled.add(&found)?;
                let support = (0..n).filter(|&k| found.signed[k] != 0.0);
                let (vectors, coef) = support.map(|k| (at[k] as u32, found.signed[k])).unzip();
                machines.push(Machine { vectors, coef, rho: found.rho });
            }
        }
        let _ = ctx.tell(Event::End);
        let model = Machines::new(kernel, &rows, mean, machines, count);
        Ok(settled.outcome("svc", model, ctx))
    }
}

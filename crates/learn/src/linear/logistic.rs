//! Logistic regression: probabilities of two or more classes from weighted sums of the inputs.
//!
//! The settings mean what scikit-learn's mean: `c` weighs the sum of the losses against the penalty. The
//! intercept is not penalised. Two classes have one raw value a row, more have one each (softmax). How
//! it is minimised follows from the penalty and the number of parameters, see the table.
//!
//! | | up to 512 parameters | more |
//! |---|---|---|
//! | L2 | Newton | L-BFGS |
//! | with L1 | proximal Newton | accelerated proximal gradients |

use super::design::{Layout, weighted_sums};
use super::model::{LinearModel, Link};
use super::objective::Objective;
use super::penalised::{fista, proximal_newton};
use super::smooth::{Until, lbfgs, newton};
use crate::{ClassWeight, Fit, Lift, Outcome, Samples, Target};
use arkwright_core::{Context, Error, Estimator, Event, Leaf, Result, Settings, Task, must};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Logistic regression. Settings are named as in scikit-learn's `LogisticRegression`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Logistic {
    /// How much the losses count against the penalty, above 0; smaller is a stronger penalty. Default: 1.
    pub c: f64,
    /// The share of the L1 penalty, 0 (ridge) to 1 (lasso). Default: 0.
    pub l1_ratio: f64,
    /// Whether there is an intercept. Default: yes.
    pub fit_intercept: bool,
    /// Steps at most. Default: 100.
    pub max_iter: u64,
    /// The steps end when no entry of the gradient of the mean loss with penalty is larger. Default: 1e-4.
    pub tol: f64,
    /// `balanced` makes rare classes count as much as frequent ones; or a weight for each class. Default:
    /// each row counts the same.
    pub class_weight: Option<ClassWeight>,
}

impl Default for Logistic {
    fn default() -> Self {
        Self { c: 1.0, l1_ratio: 0.0, fit_intercept: true, max_iter: 100, tol: 1e-4, class_weight: None }
    }
}

impl Settings for Logistic {
    fn check(&self) -> Result<(), (&'static str, String)> {
        must::be_above_0("c", self.c)?;
        must::be_within("l1_ratio", self.l1_ratio, 0.0, 1.0)?;
        must::not_be_negative("tol", self.tol)
    }
}

impl Leaf for Logistic {
    const KIND: &'static str = "logistic";
    const ABOUT: &'static str = "Logistic regression for two or more classes, with L2 or L1 penalties.";
    const TASKS: &'static [Task] = &[Task::Classify];
    const PREPARE: &'static [&'static str] = &["dates", "impute", "scale", "levels"];

    fn estimator(self) -> Arc<dyn Estimator> {
        Arc::new(Lift(self))
    }
}

/// Parameters up to which the matrix of second derivatives is made.
pub(super) const SMALL: usize = 512;

impl Fit for Logistic {
    type Model = LinearModel;
    const TASKS: &'static [Task] = &[Task::Classify];
    const MISSING: bool = false;

    fn fit(&self, train: &Samples<'_>, _valid: Option<&Samples<'_>>, ctx: &Context) -> Result<Outcome<LinearModel>> {
        let Target::Classes { codes, count } = train.y else {
            return Err(Error::setting("logistic regression learns classes, not numbers"));
        };
        let layout = Layout::of(&train.x);
        let mut w = train.weight.map_or_else(|| vec![1.0; codes.len()], <[f64]>::to_vec);
        if let Some(class_weight) = &self.class_weight {
            let factors = class_weight.factors(codes, count, train.weight, train.classes)?;
            w.iter_mut().zip(codes).for_each(|(w, &code)| *w *= factors[code as usize]);
        }
        let total: f64 = w.iter().sum();
        if total.is_nan() || total <= 0.0 {
            return Err(Error::data("all weights are zero"));
        }
        w.iter_mut().for_each(|w| *w /= total);
        let k = if count == 2 { 1 } else { count };
        let strength = 1.0 / (self.c * total);
        let objective = Objective {
            x: train.x,
            codes,
            k,
            w,
            l1: strength * self.l1_ratio,
            l2: strength * (1.0 - self.l1_ratio),
            intercept: self.fit_intercept,
            layout,
        };
        let _ = ctx.tell(Event::Begin { total: Some(self.max_iter), unit: "iterations" });
        let tell = |done: u64, value: f64| {
            let figure = ctx.tell(Event::Figure { name: "objective", step: done, value }).is_break();
            ctx.tell(Event::Step { done }).is_break() || figure
        };
        let until = Until { max_iter: self.max_iter, tol: self.tol, tell: &tell };
        let small = objective.parameters() <= SMALL;
        let minimum = match (objective.l1 > 0.0, small) {
            (false, true) => newton(&objective, &until),
            (false, false) => lbfgs(&objective, &until),
            (true, true) => proximal_newton(&objective, &until),
            (true, false) => fista(&objective, &until),
        };
        let _ = ctx.tell(Event::End);
        if minimum.theta.iter().any(|t| !t.is_finite()) {
            return Err(Error::data("the numbers are too large for logistic regression")
                .with_hint("put a `scale` step before it"));
        }
        if !minimum.converged && !minimum.stopped {
            ctx.warn(&format!(
                "logistic did not converge in {} steps; raise max_iter, or scale the inputs",
                minimum.iterations
            ));
        }
        let (coef, intercept) = minimum.theta.split_at(objective.coefficients());
        let intercept = if self.fit_intercept { intercept.to_vec() } else { vec![0.0; k] };
        let link = if k == 1 { Link::Logistic } else { Link::Softmax };
        let means = means(train, &objective.layout);
        let model = LinearModel::new(objective.layout.clone(), link, coef.to_vec(), intercept, means);
        let notes = serde_json::json!({ "iterations": minimum.iterations, "converged": minimum.converged });
        Ok(Outcome { model, notes, stopped: minimum.stopped })
    }
}

/// The columns' means over the rows, as they weigh.
pub(super) fn means(train: &Samples<'_>, layout: &Layout) -> Vec<f64> {
    let total = train.weight.map_or(train.x.rows as f64, |w| w.iter().sum());
    let sums = weighted_sums(&train.x, layout, train.weight);
    sums.into_iter().map(|sum| sum / total).collect()
}

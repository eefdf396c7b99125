//! Generalised linear models: a weighted sum passed through an exponential, for amounts that cannot be negative.
//!
//! Minimises over the coefficients b and, unpenalised, the intercept a
//!
//! ```text
//! 1/W sum_i w_i d_i / 2 + alpha/2 |b|_2^2,      W = sum_i w_i,   eta = a + x'b
//! ```
//!
//! with half the deviance of a Tweedie distribution, whose variance grows as the mean to the power `power`: 0 is normal (and the
//! answer eta), 1 Poisson, for counts; 2 gamma, for amounts; between them sums of a random count of amounts, with zeros (Nelder &
//! Wedderburn 1972; Joergensen 1987). Above 0 the answer is `exp(eta)`. Newton's method where parameters are few, else L-BFGS: a
//! step costs n p^2, or n p.

use super::design::{Layout, add_products, add_transposed, by_chunk, dot, total};
use super::gram::Gram;
use super::logistic::{SMALL, means};
use super::model::{LinearModel, Link};
use super::objective::Evaluation;
use super::smooth::{Smooth, Until, lbfgs, newton};
use crate::{Design, Fit, Lift, Outcome, Samples, Target};
use arkwright_core::{Context, Error, Estimator, Event, Leaf, Result, Settings, Task, must};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// A generalised linear model. Settings are named as in scikit-learn's `TweedieRegressor`; its `PoissonRegressor` is
/// `power = 1`, its `GammaRegressor` `power = 2`.
///
/// ```
/// use arkwright_core::Context;
/// use arkwright_learn::linear::Glm;
/// use arkwright_learn::{Column, Design, Fit, Predict, Samples, Target};
/// let x = [Column::F64(&[0.0, 1.0, 2.0, 3.0])];
/// let rows = Samples::new(Design { columns: &x, rows: 4 }, Target::Values(&[1.0, 2.0, 4.0, 8.0]));
/// let model = Glm { alpha: 0.0, tol: 1e-9, ..Glm::default() }.fit(&rows, None, &Context::new(1)).unwrap().model;
/// assert!((model.coef()[0] - 2.0f64.ln()).abs() < 1e-6);
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Glm {
    /// How the variance grows with the mean: 0 (not at all), or 1 to 2. No distribution lies between 0 and 1, and above 2 the
    /// deviance has more than one valley. Default: 1, counts.
    pub power: f64,
    /// The strength of the penalty, not negative. Default: 1.
    pub alpha: f64,
    /// Whether there is an intercept. Default: yes.
    pub fit_intercept: bool,
    /// Steps at most. Default: 100.
    pub max_iter: u64,
    /// The steps end when no entry of the gradient is larger. Default: 1e-4.
    pub tol: f64,
}

impl Default for Glm {
    fn default() -> Self {
        Self { power: 1.0, alpha: 1.0, fit_intercept: true, max_iter: 100, tol: 1e-4 }
    }
}

impl Settings for Glm {
    fn check(&self) -> Result<(), (&'static str, String)> {
        if self.power != 0.0 && !(1.0..=2.0).contains(&self.power) {
            return Err(("power", "must be 0, or between 1 and 2".into()));
        }
        must::not_be_negative("alpha", self.alpha)?;
        must::not_be_negative("tol", self.tol)
    }
}

impl Leaf for Glm {
    const KIND: &'static str = "glm";
    const ABOUT: &'static str = "A generalised linear model, for counts and amounts: Poisson, gamma, Tweedie.";
    const TASKS: &'static [Task] = &[Task::Regress];
    const PREPARE: &'static [&'static str] = &["dates", "impute", "scale", "levels"];

    fn estimator(self) -> Arc<dyn Estimator> {
        Arc::new(Lift(self))
    }
}

impl Fit for Glm {
    type Model = LinearModel;
    const TASKS: &'static [Task] = &[Task::Regress];
    const MISSING: bool = false;

    fn fit(&self, train: &Samples<'_>, _valid: Option<&Samples<'_>>, ctx: &Context) -> Result<Outcome<LinearModel>> {
        let Target::Values(y) = train.y else {
            return Err(Error::setting("a generalised linear model learns numbers, not classes"));
        };
        let (least, what) = if self.power >= 2.0 { (f64::MIN_POSITIVE, "above 0") } else { (0.0, "0 or above") };
        if let (true, Some(row)) = (self.power >= 1.0, y.iter().position(|y| *y < least)) {
            return Err(Error::data(format!(
                "row {}: the target is {}, and `power = {}` needs it {what}",
                row + 1,
                y[row],
                self.power
            ))
            .with_hint("take `power = 0`, or another estimator"));
        }
        let mut w = train.weight.map_or_else(|| vec![1.0; y.len()], <[f64]>::to_vec);
        let weight: f64 = w.iter().sum();
        w.iter_mut().for_each(|w| *w /= weight);
        let layout = Layout::of(&train.x);
        let power = self.power;
        let objective = Deviance { x: train.x, layout, y, w, power, l2: self.alpha, intercept: self.fit_intercept };
        let mean: f64 = y.iter().zip(&objective.w).map(|(y, w)| y * w).sum();
        if self.power >= 1.0 && mean <= 0.0 && self.fit_intercept {
            return Err(Error::data("the target is 0 in every row").with_hint("take `kind = \"baseline\"`"));
        }
        let _ = ctx.tell(Event::Begin { total: Some(self.max_iter), unit: "iterations" });
        let tell = |done: u64, value: f64| {
            let figure = ctx.tell(Event::Figure { name: "objective", step: done, value }).is_break();
            ctx.tell(Event::Step { done }).is_break() || figure
        };
        let until = Until { max_iter: self.max_iter, tol: self.tol, tell: &tell };
        let minimum = match objective.parameters() <= SMALL {
            true => newton(&objective, &until),
            false => lbfgs(&objective, &until),
        };
        let _ = ctx.tell(Event::End);
        if minimum.theta.iter().any(|t| !t.is_finite()) {
            return Err(Error::data("the numbers are too large for a generalised linear model")
                .with_hint("put a `scale` step before it"));
        }
        if !minimum.converged && !minimum.stopped {
            ctx.warn(&format!(
                "glm did not converge in {} steps; raise max_iter, or scale the inputs",
                minimum.iterations
            ));
        }
        let (coef, intercept) = minimum.theta.split_at(objective.layout.width());
        let intercept = vec![intercept.first().copied().unwrap_or(0.0)];
        let link = if self.power >= 1.0 { Link::Log } else { Link::Identity };
        let means = means(train, &objective.layout);
        let notes = crate::step::steps(minimum.iterations, minimum.converged);
        let model = LinearModel::new(objective.layout.clone(), link, coef.to_vec(), intercept, means);
        Ok(Outcome { model, notes, stopped: minimum.stopped })
    }
}

/// Half the mean deviance, and the penalty.
struct Deviance<'a> {
    x: Design<'a>,
    layout: Layout,
    y: &'a [f64],
    /// Weights divided by their sum.
    w: Vec<f64>,
    power: f64,
    l2: f64,
    intercept: bool,
}

impl Deviance<'_> {
    fn parameters(&self) -> usize {
        self.layout.width() + usize::from(self.intercept)
    }

    /// Half the deviance but for what the answer does not change, and its first and second derivative.
    fn loss(&self, y: f64, eta: f64) -> [f64; 3] {
        match self.power {
            0.0 => [0.5 * (eta - y) * (eta - y), eta - y, 1.0],
            1.0 => {
                let mean = libm::exp(eta);
                [mean - y * eta, mean - y, mean]
            }
            2.0 => {
                let part = y * libm::exp(-eta);
                [eta + part, 1.0 - part, part]
            }
            p => {
                let (amount, share) = (libm::exp((2.0 - p) * eta), y * libm::exp((1.0 - p) * eta));
                [amount / (2.0 - p) - share / (1.0 - p), amount - share, (2.0 - p) * amount - (1.0 - p) * share]
            }
        }
    }
}

impl Smooth for Deviance<'_> {
    fn start(&self) -> Vec<f64> {
        let mut theta = vec![0.0; self.parameters()];
        if self.intercept {
            let mean: f64 = self.y.iter().zip(&self.w).map(|(y, w)| y * w).sum();
            theta[self.layout.width()] = if self.power >= 1.0 { libm::log(mean) } else { mean };
        }
        theta
    }

    fn evaluate(&self, theta: &[f64]) -> Evaluation {
        let (coef, intercept) = theta.split_at(self.layout.width());
        let chunks = by_chunk(self.x.rows, |rows| {
            let mut eta = vec![intercept.first().copied().unwrap_or(0.0); rows.len()];
            add_products(&self.x, &self.layout, coef, rows.clone(), &mut eta);
            let (mut off, mut loss) = (vec![0.0; eta.len()], 0.0);
            for (i, row) in rows.clone().enumerate() {
                let [value, first, second] = self.loss(self.y[row], eta[i]);
                loss += self.w[row] * value;
                off[i] = self.w[row] * first;
                eta[i] = self.w[row] * second;
            }
            let mut sums = vec![0.0; theta.len()];
            add_transposed(&self.x, &self.layout, &off, rows, &mut sums[..coef.len()]);
            sums[coef.len()..].iter_mut().for_each(|sum| *sum = off.iter().sum());
            (loss, sums, eta)
        });
        let (mut value, mut sums, mut curvature) = (0.0, Vec::with_capacity(chunks.len()), Vec::new());
        for (loss, sum, second) in chunks {
            value += loss;
            sums.push(sum);
            curvature.extend(second);
        }
        let mut gradient = total(sums, theta.len());
        gradient.iter_mut().zip(coef).for_each(|(g, b)| *g += self.l2 * b);
        Evaluation { value: value + 0.5 * self.l2 * dot(coef, coef), gradient, rows: curvature }
    }

    fn hessian(&self, at: &Evaluation) -> Vec<f64> {
        let (p, q) = (self.layout.width(), self.parameters());
        let ones = vec![1.0; self.x.rows];
        let further = [&ones[..]];
        let mut gram = Gram::new(&self.layout, q - p, &vec![0.0; p]);
        gram.add(&self.x, &at.rows, &further[..q - p]);
        let mut out = gram.matrix();
        (0..p).for_each(|j| out[j * (q + 1)] += self.l2);
        out
    }

    fn curvatures(&self) -> Vec<f64> {
        let at = self.evaluate(&self.start());
        let squares = super::objective::squares(&self.x, &self.layout, &at.rows);
        let unit = |c: f64| if c > 0.0 { c } else { 1.0 };
        let intercept = self.intercept.then(|| unit(at.rows.iter().sum()));
        squares.into_iter().map(|s| unit(s + self.l2)).chain(intercept).collect()
    }
}

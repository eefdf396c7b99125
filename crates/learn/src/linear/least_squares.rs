//! Least squares, with or without a penalty, in two passes over rows of any number.
//!
//! Minimises over the coefficients b and, unpenalised, the intercept a
//!
//! ```text
//! 1/(2 W) sum_i w_i (y_i - a - x_i'b)^2 + alpha l1_ratio |b|_1 + alpha (1 - l1_ratio)/2 |b|_2^2,   W = sum_i w_i
//! ```
//!
//! which is scikit-learn's `ElasticNet` (and `Lasso` for `l1_ratio = 1`); its `Ridge(alpha = A)` is
//! `alpha = A / n` here. The first pass finds the means, the second the matrix of centred products, and the
//! solution needs nothing else: time n p^2 (look-ups for levels), memory p^2; where there are more columns than rows, see `wide`. Without a penalty the
//! columns are brought to unit length and the system solved by Cholesky; where columns depend on one another
//! (one-hot columns beside an intercept always do) by eigenvectors, which gives the solution of
//! smallest norm in those units. With an L1 penalty it is coordinate descent on the products
//! (Friedman, Hastie & Tibshirani 2010, "Regularization paths for generalized linear models").

use super::design::{Layout, Shape, weighted_sums};
use super::gram::Gram;
use super::model::{LinearModel, Link};
use super::solve::{Cholesky, smallest, times};
use super::wide;
use crate::{FitRows, LiftRows, Outcome, Rows, Samples, Target};
use arkwright_core::{Context, Error, Estimator, Event, Json, Leaf, Result, Settings, Task, must};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Linear regression: least squares, ridge, lasso, elastic net.
///
/// The default is plain least squares, the estimator that everyone knows the properties of; dependent
/// columns do not break it, so it needs no small ridge to be safe.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Linear {
    /// The strength of the penalty, not negative. Default: 0, none.
    pub alpha: f64,
    /// The share of the L1 penalty, 0 (ridge) to 1 (lasso). Default: 0.
    pub l1_ratio: f64,
    /// Whether there is an intercept. Default: yes.
    pub fit_intercept: bool,
    /// Rounds of coordinate descent at most; only with an L1 penalty. Default: 10,000.
    pub max_iter: u64,
    /// Coordinate descent ends when no coefficient's step moves the predictions by more than this share of
    /// the target's standard deviation. Default: 1e-6.
    pub tol: f64,
}

impl Default for Linear {
    fn default() -> Self {
        Self { alpha: 0.0, l1_ratio: 0.0, fit_intercept: true, max_iter: 10_000, tol: 1e-6 }
    }
}

impl Settings for Linear {
    fn check(&self) -> Result<(), (&'static str, String)> {
        must::not_be_negative("alpha", self.alpha)?;
        must::be_within("l1_ratio", self.l1_ratio, 0.0, 1.0)?;
        must::not_be_negative("tol", self.tol)
    }
}

impl Leaf for Linear {
    const KIND: &'static str = "linear";
    const ABOUT: &'static str = "Linear regression: least squares, ridge, lasso or elastic net.";
    const TASKS: &'static [Task] = &[Task::Regress];
    const PREPARE: &'static [&'static str] = &["dates", "impute", "scale", "levels"];

    fn estimator(self) -> Arc<dyn Estimator> {
        Arc::new(LiftRows(self))
    }
}

impl FitRows for Linear {
    type Model = LinearModel;
    const TASKS: &'static [Task] = &[Task::Regress];
    const MISSING: bool = false;

    fn fit_rows(&self, rows: &dyn Rows, ctx: &Context) -> Result<Outcome<LinearModel>> {
        let means = Means::read(rows, ctx)?;
        let wide = means.layout.width() > means.rows && means.layout.width() > WIDE;
        let (coef, x_mean, y_mean, notes, stopped) = if wide && self.alpha * self.l1_ratio == 0.0 {
            let coef = wide::solve(rows, &means, self.fit_intercept, self.alpha, ctx)?;
            (coef, means.x, means.y, Json::Null, false)
        } else {
            let system = System::read(rows, &means, self.fit_intercept, ctx)?;
            let (coef, notes, stopped) = match self.alpha * self.l1_ratio > 0.0 {
                true => self.descend(&system, ctx),
                false => (self.solve(&system)?, Json::Null, false),
            };
            (coef, system.x_mean, system.y_mean, notes, stopped)
        };
        let intercept = match self.fit_intercept {
            true => y_mean - coef.iter().zip(&x_mean).map(|(b, m)| b * m).sum::<f64>(),
            false => 0.0,
        };
        if !intercept.is_finite() || coef.iter().any(|b| !b.is_finite()) {
            return Err(
                Error::data("the numbers are too large for least squares").with_hint("put a `scale` step before it")
            );
        }
        let model = LinearModel::new(means.layout, Link::Identity, coef, vec![intercept], x_mean);
        Ok(Outcome { model, notes, stopped })
    }
}

/// Columns up to which their products are made even if there are fewer rows.
const WIDE: usize = 256;

/// What the first pass finds.
pub(super) struct Means {
    pub layout: Layout,
    pub rows: usize,
    /// The sum of the weights.
    pub total: f64,
    pub x: Vec<f64>,
    pub y: f64,
}

impl Means {
    fn read(rows: &dyn Rows, ctx: &Context) -> Result<Self> {
        let mut first: Option<(Layout, Vec<f64>)> = None;
        let (mut count, mut total, mut y_sum) = (0, 0.0, 0.0);
        rows.pass(&mut |batch| {
            let layout = Layout::of(&batch.x);
            let (known, sums) = first.get_or_insert_with(|| (layout.clone(), vec![0.0; layout.width()]));
            if *known != layout {
                return Err(Error::data("the columns' widths change from batch to batch"));
            }
            let (y, w) = target(batch)?;
            count += y.len();
            total += w.iter().sum::<f64>();
            y_sum += w.iter().zip(y).map(|(w, y)| w * y).sum::<f64>();
            let added = weighted_sums(&batch.x, &layout, batch.weight);
            sums.iter_mut().zip(&added).for_each(|(sum, v)| *sum += v);
            if ctx.is_stopped() { Err(Error::Stopped) } else { Ok(()) }
        })?;
        let (layout, sums) = first.ok_or_else(|| Error::data("there are no rows to learn from"))?;
        if total <= 0.0 {
            return Err(Error::data("all weights are zero"));
        }
        let x = sums.iter().map(|sum| sum / total).collect();
        Ok(Self { layout, rows: count, total, x, y: y_sum / total })
    }
}

/// All that least squares needs of the rows.
struct System {
    layout: Layout,
    /// The sum of the weights.
    total: f64,
    x_mean: Vec<f64>,
    y_mean: f64,
    /// The products of the columns, centred where there is an intercept; p x p.
    products: Vec<f64>,
    /// The products of the columns with the target.
    with_y: Vec<f64>,
    /// The sum of squares of the target.
    y_squares: f64,
}

impl System {
    fn read(rows: &dyn Rows, means: &Means, centred: bool, ctx: &Context) -> Result<Self> {
        let (layout, total) = (means.layout.clone(), means.total);
        let p = layout.width();
        ctx.allow("the products of all pairs of columns", Gram::bytes(p + 2))?;
        let y_guess = if centred { means.y } else { 0.0 };
        let mut shift = vec![0.0; p];
        if centred {
            let numbers = layout.columns().filter(|(shape, _)| !matches!(shape, Shape::Levels(_)));
            numbers.flat_map(|(shape, at)| at..at + shape.width()).for_each(|at| shift[at] = means.x[at]);
        }
        let mut gram = Gram::new(&layout, 2, &shift);
        rows.pass(&mut |batch| {
            let (y, w) = target(batch)?;
            let y: Vec<f64> = y.iter().map(|y| y - y_guess).collect();
            gram.add(&batch.x, &w, &[&y, &vec![1.0; y.len()]]);
            if ctx.is_stopped() { Err(Error::Stopped) } else { Ok(()) }
        })?;
        let all = gram.matrix();
        drop(gram);
        let size = p + 2;
        let (of_y, of_one) = (&all[size * p..size * (p + 1)], &all[size * (p + 1)..]);
        // What is left of the means after the shift: rounding for numbers, the frequency for levels.
        let rest = |j: usize| if centred { of_one[j] / total } else { 0.0 };
        let mut products = vec![0.0; p * p];
        for j in 0..p {
            for i in 0..p {
                products[i + p * j] = all[i + size * j] - of_one[i] * rest(j);
            }
        }
        let with_y = (0..p).map(|j| of_y[j] - of_one[j] * rest(p)).collect();
        let x_mean = match centred {
            true => (0..p).map(|j| shift[j] + rest(j)).collect(),
            false => means.x.clone(),
        };
        let y_squares = (of_y[p] - of_one[p] * rest(p)).max(0.0);
        let mut system = Self { layout, total, x_mean, y_mean: y_guess + rest(p), products, with_y, y_squares };
        system.flatten_constants(centred);
        Ok(system)
    }

    /// What rounding leaves of a constant column is nothing.
    fn flatten_constants(&mut self, centred: bool) {
        let p = self.layout.width();
        for j in 0..p {
            let squares = self.products[j * (p + 1)];
            let noise = self.total * (self.total.max(1.0) * f64::EPSILON * self.x_mean[j]).powi(2);
            if squares <= 0.0 || (centred && squares <= noise) {
                self.with_y[j] = 0.0;
                for i in 0..p {
                    self.products[i + p * j] = 0.0;
                    self.products[j + p * i] = 0.0;
                }
            }
        }
    }
}

/// The targets and weights of a batch.
pub(super) fn target<'a>(batch: &Samples<'a>) -> Result<(&'a [f64], std::borrow::Cow<'a, [f64]>)> {
    let Target::Values(y) = batch.y else {
        return Err(Error::setting("least squares learns numbers, not classes"));
    };
    Ok((y, batch.weight.map_or_else(|| vec![1.0; y.len()].into(), Into::into)))
}

/// Pivots of the correlations below this are looked at by eigenvectors.
const PIVOT: f64 = 1e-9;
/// Eigenvalues of the correlations below this share of the largest are rounding.
pub(super) const CUTOFF: f64 = 1e-12;

impl Linear {
    /// Without an L1 penalty.
    fn solve(&self, system: &System) -> Result<Vec<f64>> {
        let p = system.layout.width();
        let ridge = self.alpha * system.total;
        // Columns of unit length: Cholesky is then as exact as the columns are distinct, in any units.
        let length: Vec<f64> = (0..p)
            .map(|j| (system.products[j * (p + 1)] + ridge).sqrt())
            .map(|length| if length > 0.0 { length } else { 1.0 })
            .collect();
        let mut matrix = system.products.clone();
        for j in 0..p {
            matrix[j * (p + 1)] += ridge;
            for i in 0..p {
                matrix[i + p * j] /= length[i] * length[j];
            }
            // A column of nothing gets the coefficient 0.
            if matrix[j * (p + 1)] == 0.0 {
                matrix[j * (p + 1)] = 1.0;
            }
        }
        let b: Vec<f64> = system.with_y.iter().zip(&length).map(|(b, length)| b / length).collect();
        let cholesky = Cholesky::new(matrix.clone(), p).filter(|c| p == 0 || c.smallest_pivot() > PIVOT);
        let mut x = match cholesky {
            Some(cholesky) => {
                let mut x = b.clone();
                cholesky.solve(&mut x);
                // One step of refinement takes out most of what rounding did.
                let mut rest: Vec<f64> = b.iter().zip(times(&matrix, &x)).map(|(b, ax)| b - ax).collect();
                cholesky.solve(&mut rest);
                x.iter_mut().zip(&rest).for_each(|(x, r)| *x += r);
                x
            }
            None => smallest(&matrix, p, &b, CUTOFF)
                .ok_or_else(|| Error::data("least squares found no solution").with_hint("set alpha = 0.001"))?,
        };
        x.iter_mut().zip(&length).for_each(|(x, length)| *x /= length);
        Ok(x)
    }

    /// With an L1 penalty. Gives coefficients, notes, and whether it was stopped.
    fn descend(&self, system: &System, ctx: &Context) -> (Vec<f64>, Json, bool) {
        let p = system.layout.width();
        let (l1, l2) = (self.alpha * self.l1_ratio * system.total, self.alpha * (1.0 - self.l1_ratio) * system.total);
        let mut coef = vec![0.0; p];
        // The products of the columns with what is not yet explained.
        let mut rest = system.with_y.clone();
        let enough = self.tol * system.y_squares.sqrt();
        let (mut rounds, mut converged, mut stopped) = (0, system.y_squares <= 0.0, false);
        let _ = ctx.tell(Event::Begin { total: None, unit: "rounds" });
        while !converged && !stopped && rounds < self.max_iter {
            rounds += 1;
            let mut largest: f64 = 0.0;
            for j in 0..p {
                let column = &system.products[p * j..p * (j + 1)];
                if column[j] <= 0.0 {
                    continue;
                }
                let without = rest[j] + column[j] * coef[j];
                let new = (without.abs() - l1).max(0.0).copysign(without) / (column[j] + l2);
                let step = new - coef[j];
                if step != 0.0 {
                    coef[j] = new;
                    rest.iter_mut().zip(column).for_each(|(rest, product)| *rest -= product * step);
                    largest = largest.max(step.abs() * column[j].sqrt());
                }
            }
            converged = largest <= enough;
            stopped = ctx.tell(Event::Step { done: rounds }).is_break();
        }
        let _ = ctx.tell(Event::End);
        if !converged && !stopped {
            ctx.warn(&format!("linear did not converge in {rounds} rounds; raise max_iter or alpha"));
        }
        (coef, serde_json::json!({ "iterations": rounds, "converged": converged }), stopped)
    }
}

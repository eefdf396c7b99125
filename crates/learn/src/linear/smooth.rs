//! Minimises an objective without an L1 penalty.
//!
//! Newton's method where the matrix of second derivatives is small: a handful of steps to the exact optimum,
//! whatever the columns' scales. L-BFGS (Nocedal 1980; Liu & Nocedal 1989) where it is large, with
//! the columns' curvatures as the first guess of the matrix.

use super::design::dot;
use super::objective::Evaluation;
use super::solve::Cholesky;
use std::collections::VecDeque;

/// What can be minimised so.
pub(super) trait Smooth {
    /// Where to begin.
    fn start(&self) -> Vec<f64>;
    /// The value and gradient at a point.
    fn evaluate(&self, theta: &[f64]) -> Evaluation;
    /// The matrix of second derivatives, by columns.
    fn hessian(&self, at: &Evaluation) -> Vec<f64>;
    /// An estimate of each parameter's curvature, above 0, for scaling.
    fn curvatures(&self) -> Vec<f64>;
}

/// How a minimisation ended.
pub(super) struct Minimum {
    pub theta: Vec<f64>,
    pub iterations: u64,
    pub converged: bool,
    pub stopped: bool,
}

/// What ends a minimisation.
pub(super) struct Until<'a> {
    pub max_iter: u64,
    pub tol: f64,
    /// Told the number of steps done and the objective; `true` to end.
    pub tell: &'a dyn Fn(u64, f64) -> bool,
}

/// Newton's method.
pub(super) fn newton(objective: &impl Smooth, until: &Until<'_>) -> Minimum {
    minimise(objective, until, |at: &Evaluation, _: &[f64]| newton_step(&objective.hessian(at), &at.gradient))
}

/// `-H^-1 g`, solved with each parameter in units of its own curvature, so that columns of any size are told
/// apart. `H` is n x n, symmetric and, but for rounding, not negative.
pub(super) fn newton_step(hessian: &[f64], gradient: &[f64]) -> Vec<f64> {
    let n = gradient.len();
    let unit = |curvature: f64| if curvature > 0.0 { 1.0 / curvature.sqrt() } else { 1.0 };
    let units: Vec<f64> = (0..n).map(|i| unit(hessian[i * (n + 1)])).collect();
    let scaled: Vec<f64> = (0..n * n).map(|i| hessian[i] * units[i / n] * units[i % n]).collect();
    let mut jitter = 0.0;
    // Where parameters stand in for each other, as the intercepts of several classes do, a little is added.
    while jitter < 1.0 {
        let mut matrix = scaled.clone();
        (0..n).for_each(|i| matrix[i * (n + 1)] += jitter);
        if let Some(cholesky) = Cholesky::new(matrix, n) {
            let mut step: Vec<f64> = gradient.iter().zip(&units).map(|(g, u)| -g * u).collect();
            cholesky.solve(&mut step);
            step.iter_mut().zip(&units).for_each(|(d, u)| *d *= u);
            return step;
        }
        jitter = (jitter * 100.0).max(1e-14);
    }
    gradient.iter().map(|g| -g).collect()
}

/// Pairs of steps that L-BFGS remembers.
const MEMORY: usize = 10;

/// L-BFGS.
pub(super) fn lbfgs(objective: &impl Smooth, until: &Until<'_>) -> Minimum {
    let curvatures = objective.curvatures();
    let mut pairs: VecDeque<(Vec<f64>, Vec<f64>, f64)> = VecDeque::with_capacity(MEMORY);
    let mut before: Option<(Vec<f64>, Vec<f64>)> = None;
    minimise(objective, until, |at, theta| {
        if let Some((theta_before, gradient_before)) = before.take() {
            let s: Vec<f64> = theta.iter().zip(&theta_before).map(|(a, b)| a - b).collect();
            let y: Vec<f64> = at.gradient.iter().zip(&gradient_before).map(|(a, b)| a - b).collect();
            let sy = dot(&s, &y);
            if sy > 1e-300 {
                if pairs.len() == MEMORY {
                    pairs.pop_front();
                }
                pairs.push_back((s, y, sy));
            }
        }
        before = Some((theta.to_vec(), at.gradient.clone()));
        let mut step: Vec<f64> = at.gradient.iter().map(|g| -g).collect();
        let mut shares = Vec::with_capacity(pairs.len());
        for (s, y, sy) in pairs.iter().rev() {
            let share = dot(s, &step) / sy;
            step.iter_mut().zip(y).for_each(|(d, y)| *d -= share * y);
            shares.push(share);
        }
        let scaled = |v: &[f64]| v.iter().zip(&curvatures).map(|(v, c)| v * v / c).sum::<f64>();
        let scale = pairs.back().map_or(1.0, |(_, y, sy)| sy / scaled(y).max(1e-300));
        step.iter_mut().zip(&curvatures).for_each(|(d, c)| *d *= scale / c);
        for ((s, y, sy), share) in pairs.iter().zip(shares.iter().rev()) {
            let back = dot(y, &step) / sy;
            step.iter_mut().zip(s).for_each(|(d, s)| *d += (share - back) * s);
        }
        step
    })
}

/// Steps that `direction` proposes, shortened until the objective falls enough (Armijo).
fn minimise(
    objective: &impl Smooth,
    until: &Until<'_>,
    mut direction: impl FnMut(&Evaluation, &[f64]) -> Vec<f64>,
) -> Minimum {
    let mut theta = objective.start();
    let mut at = objective.evaluate(&theta);
    let mut iterations = 0;
    let end = |theta, iterations, converged, stopped| Minimum { theta, iterations, converged, stopped };
    loop {
        if largest(&at.gradient) <= until.tol {
            return end(theta, iterations, true, false);
        }
        if iterations >= until.max_iter {
            return end(theta, iterations, false, false);
        }
        let mut step = direction(&at, &theta);
        let mut slope = dot(&step, &at.gradient);
        if slope.is_nan() || slope >= 0.0 {
            step = at.gradient.iter().map(|g| -g).collect();
            slope = dot(&step, &at.gradient);
        }
        // What the step promises is far below what rounding hides, whatever the columns' units.
        if slope.abs() <= 1e-6 * f64::EPSILON * at.value.abs() {
            return end(theta, iterations, true, false);
        }
        let mut length = 1.0;
        let better = (0..40).find_map(|_| {
            let tried: Vec<f64> = theta.iter().zip(&step).map(|(t, d)| t + length * d).collect();
            let there = objective.evaluate(&tried);
            let falls = there.value <= at.value + 1e-4 * length * slope;
            // Near the optimum the objective's own rounding hides its fall; the gradient still shows it.
            let flat = (there.value - at.value).abs() <= 8.0 * f64::EPSILON * at.value.abs()
                && largest(&there.gradient) < largest(&at.gradient);
            length *= 0.5;
            (falls || flat).then_some((tried, there))
        });
        match better {
            Some(found) => (theta, at) = found,
            // No step is better: as far as rounding lets one see, this is the optimum.
            None => return end(theta, iterations, slope.abs() <= 1e-12 * at.value.abs().max(1e-12), false),
        }
        iterations += 1;
        if (until.tell)(iterations, at.value) {
            return end(theta, iterations, false, true);
        }
    }
}

fn largest(values: &[f64]) -> f64 {
    // A NaN is never small enough.
    values.iter().fold(0.0, |m: f64, v| if v.is_nan() { f64::INFINITY } else { m.max(v.abs()) })
}

//! Minimises an objective with an L1 penalty.
//!
//! Proximal Newton where the matrix of second derivatives is small: each step minimises the quadratic model
//! with the penalty by coordinate descent (Friedman, Hastie & Tibshirani 2010; Lee, Sun & Saunders 2014).
//! Where it is large, accelerated proximal gradients with restarts (FISTA: Beck & Teboulle 2009;
//! O'Donoghue & Candès 2015), each parameter in units of its curvature.

use super::design::dot;
use super::objective::Objective;
use super::smooth::{Minimum, Smooth, Until, newton_step};

/// Proximal Newton.
pub(super) fn proximal_newton(objective: &Objective<'_>, until: &Until<'_>) -> Minimum {
    let penalised = objective.coefficients();
    let norm = |theta: &[f64]| objective.l1 * theta[..penalised].iter().map(|b| b.abs()).sum::<f64>();
    let mut theta = objective.start();
    let mut at = objective.evaluate(&theta);
    let mut iterations = 0;
    loop {
        let off = violation(objective, &theta, &at.gradient);
        let end = |theta, converged, stopped| Minimum { theta, iterations, converged, stopped };
        if off <= until.tol {
            return end(theta, true, false);
        }
        if iterations >= until.max_iter {
            return end(theta, false, false);
        }
        let hessian = objective.hessian(&at);
        let step = quadratic_step(&hessian, &at.gradient, &theta, penalised, objective.l1, 0.01 * off);
        let here = at.value + norm(&theta);
        let full: Vec<f64> = theta.iter().zip(&step).map(|(t, d)| t + d).collect();
        let slope = dot(&step, &at.gradient) + norm(&full) - norm(&theta);
        let mut length = 1.0;
        let better = (0..40).find_map(|_| {
            let tried: Vec<f64> = theta.iter().zip(&step).map(|(t, d)| t + length * d).collect();
            let there = objective.evaluate(&tried);
            let value = there.value + norm(&tried);
            let flat = (value - here).abs() <= 8.0 * f64::EPSILON * here.abs()
                && violation(objective, &tried, &there.gradient) < off;
            let falls = value <= here + 1e-4 * length * slope;
            length *= 0.5;
            (falls || flat).then_some((tried, there))
        });
        match better {
            Some(found) => (theta, at) = found,
            None => return end(theta, slope.abs() <= 1e-12 * here.abs().max(1e-12), false),
        }
        iterations += 1;
        if (until.tell)(iterations, at.value + norm(&theta)) {
            return Minimum { theta, iterations, converged: false, stopped: true };
        }
    }
}

/// The step that minimises `g'd + d'Hd/2 + l1 |theta + d|_1`, by coordinate descent.
fn quadratic_step(hessian: &[f64], gradient: &[f64], theta: &[f64], penalised: usize, l1: f64, tol: f64) -> Vec<f64> {
    let n = theta.len();
    let mut step = vec![0.0; n];
    let mut slope = gradient.to_vec();
    for _ in 0..1000 {
        let mut largest: f64 = 0.0;
        for j in 0..n {
            let column = &hessian[n * j..n * (j + 1)];
            let curvature = column[j];
            if curvature <= 0.0 {
                continue;
            }
            let (old, strength) = (theta[j] + step[j], if j < penalised { l1 } else { 0.0 });
            let new = shrink(old - slope[j] / curvature, strength / curvature);
            let moved = new - old;
            if moved != 0.0 {
                step[j] += moved;
                slope.iter_mut().zip(column).for_each(|(s, h)| *s += h * moved);
                largest = largest.max(moved.abs() * curvature);
            }
        }
        if largest <= tol {
            break;
        }
    }
    polished(hessian, gradient, theta, &step, penalised, l1).unwrap_or(step)
}

/// The exact minimum among steps that leave the same coefficients at zero and the others' signs as they are,
/// if it keeps to those signs: coordinate descent finds them soon, and the rest slowly where columns are alike.
fn polished(
    hessian: &[f64],
    gradient: &[f64],
    theta: &[f64],
    step: &[f64],
    penalised: usize,
    l1: f64,
) -> Option<Vec<f64>> {
    let n = theta.len();
    let sign = |j: usize, step: f64| if j < penalised { sign(theta[j] + step) } else { 0.0 };
    let (active, zero): (Vec<usize>, Vec<usize>) = (0..n).partition(|&j| j >= penalised || theta[j] + step[j] != 0.0);
    let matrix: Vec<f64> = active.iter().flat_map(|&i| active.iter().map(move |&j| hessian[n * i + j])).collect();
    let slope: Vec<f64> = active
        .iter()
        .map(|&i| {
            let others: f64 = zero.iter().map(|&j| hessian[n * i + j] * step[j]).sum();
            gradient[i] + l1 * sign(i, step[i]) + others
        })
        .collect();
    let mut exact = step.to_vec();
    for (&j, moved) in active.iter().zip(newton_step(&matrix, &slope)) {
        if !moved.is_finite() || sign(j, moved) != sign(j, step[j]) {
            return None;
        }
        exact[j] = moved;
    }
    Some(exact)
}

fn sign(value: f64) -> f64 {
    if value == 0.0 { 0.0 } else { value.signum() }
}

/// Accelerated proximal gradients.
pub(super) fn fista(objective: &Objective<'_>, until: &Until<'_>) -> Minimum {
    let penalised = objective.coefficients();
    let curvatures = objective.curvatures();
    let mut theta = objective.start();
    let mut ahead = theta.clone();
    let (mut momentum, mut scale, mut iterations) = (1.0f64, 1.0, 0);
    loop {
        let end = |theta, converged, stopped| Minimum { theta, iterations, converged, stopped };
        if iterations >= until.max_iter {
            return end(theta, false, false);
        }
        let at = objective.evaluate(&ahead);
        let (next, there) = loop {
            let next: Vec<f64> = (0..theta.len())
                .map(|j| {
                    let step = 1.0 / (scale * curvatures[j]);
                    let strength = if j < penalised { objective.l1 } else { 0.0 };
                    shrink(ahead[j] - step * at.gradient[j], step * strength)
                })
                .collect();
            let there = objective.evaluate(&next);
            let moved: Vec<f64> = next.iter().zip(&ahead).map(|(a, b)| a - b).collect();
            let bend: f64 = moved.iter().zip(&curvatures).map(|(d, c)| d * d * c).sum();
            let bound = at.value + dot(&moved, &at.gradient) + 0.5 * scale * bend;
            if there.value <= bound + 8.0 * f64::EPSILON * at.value.abs() || scale > 1e12 {
                break (next, there);
            }
            scale *= 2.0;
        };
        iterations += 1;
        if violation(objective, &next, &there.gradient) <= until.tol {
            return Minimum { theta: next, iterations, converged: true, stopped: false };
        }
        // Momentum that points uphill is thrown away.
        let uphill: f64 = (0..theta.len()).map(|j| curvatures[j] * (ahead[j] - next[j]) * (next[j] - theta[j])).sum();
        let grown = if uphill > 0.0 { 1.0 } else { 0.5 * (1.0 + (1.0 + 4.0 * momentum * momentum).sqrt()) };
        let share = if uphill > 0.0 { 0.0 } else { (momentum - 1.0) / grown };
        ahead = next.iter().zip(&theta).map(|(new, old)| new + share * (new - old)).collect();
        (theta, momentum) = (next, grown);
        if (until.tell)(iterations, there.value) {
            return Minimum { theta, iterations, converged: false, stopped: true };
        }
    }
}

fn shrink(value: f64, by: f64) -> f64 {
    (value.abs() - by).max(0.0).copysign(value)
}

/// How far the optimum's conditions are from holding.
fn violation(objective: &Objective<'_>, theta: &[f64], gradient: &[f64]) -> f64 {
    let penalised = objective.coefficients();
    let off = |j: usize| match j {
        _ if j >= penalised => gradient[j].abs(),
        _ if theta[j] == 0.0 => (gradient[j].abs() - objective.l1).max(0.0),
        _ => (gradient[j] + objective.l1.copysign(theta[j])).abs(),
    };
    // A NaN is never small enough.
    (0..theta.len()).map(off).fold(0.0, |m: f64, v| if v.is_nan() { f64::INFINITY } else { m.max(v) })
}

//! The objective of logistic regression: the mean log loss and a penalty.
//!
//! ```text
//! F = 1/S sum_i w_i loss_i + 1/(C S) ((1 - l1_ratio)/2 |b|_2^2 + l1_ratio |b|_1),   S = sum_i w_i
//! ```
//!
//! scikit-learn's objective divided by C S, so that a gradient means the same for any number of rows. The
//! parameters are k x p coefficients, then k intercepts, which no penalty touches. k is 1 for two
//! classes, else one a class.

use super::design::{Layout, add_products, add_transposed, by_chunk, dot, total};
use super::gram::Gram;
use super::smooth::Smooth;
use crate::Design;
use crate::link::{odds, softmax};

pub(super) struct Objective<'a> {
    pub x: Design<'a>,
    pub layout: Layout,
    pub codes: &'a [u32],
    /// Raw values a row.
    pub k: usize,
    /// Weights divided by their sum.
    pub w: Vec<f64>,
    /// Strengths of the penalties, divided by C S.
    pub l1: f64,
    pub l2: f64,
    pub intercept: bool,
}

/// The smooth part of the objective at a point: all but the L1 penalty.
pub(super) struct Evaluation {
    pub value: f64,
    pub gradient: Vec<f64>,
    /// What the second derivatives need of each row: of classes the probabilities, n x k, for two classes that of the second.
    pub rows: Vec<f64>,
}

impl Objective<'_> {
    /// The number of coefficients, k p.
    pub fn coefficients(&self) -> usize {
        self.k * self.layout.width()
    }

    /// The number of parameters.
    pub fn parameters(&self) -> usize {
        self.coefficients() + if self.intercept { self.k } else { 0 }
    }

    /// The weighted losses of some rows; raw values become probabilities, and `off` how far those are off.
    fn losses(&self, codes: &[u32], w: &[f64], raw: &mut [f64], off: &mut [f64]) -> f64 {
        let mut loss = 0.0;
        if self.k == 1 {
            for (((&code, &w), raw), off) in codes.iter().zip(w).zip(raw).zip(off) {
                let of_class = if code == 1 { *raw } else { -*raw };
                let (_, two) = odds(*raw);
                // log(1 + exp(-z)) for the raw value z of the row's class.
                loss += w * ((-of_class).max(0.0) + libm::log1p(libm::exp(-of_class.abs())));
                *off = w * (two - f64::from(code));
                *raw = two;
            }
        } else {
            let rows = raw.chunks_exact_mut(self.k).zip(off.chunks_exact_mut(self.k));
            for ((&code, &w), (raw, off)) in codes.iter().zip(w).zip(rows) {
                let largest = raw.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                let of_class = raw[code as usize] - largest;
                let sum: f64 = raw.iter().map(|raw| libm::exp(raw - largest)).sum();
                loss += w * (libm::log(sum) - of_class);
                softmax(raw);
                off.iter_mut().zip(raw.iter()).for_each(|(off, p)| *off = w * p);
                off[code as usize] -= w;
            }
        }
        loss
    }
}

impl Smooth for Objective<'_> {
    /// No coefficient, and the intercepts of the classes' shares.
    fn start(&self) -> Vec<f64> {
        let mut theta = vec![0.0; self.parameters()];
        if self.intercept {
            let mut shares = vec![0.0; self.k.max(2)];
            self.codes.iter().zip(&self.w).for_each(|(&code, w)| shares[code as usize] += w);
            // A class without weight starts as a rare one.
            let logs: Vec<f64> = shares.iter().map(|share| libm::log(share.max(1e-9))).collect();
            let at = self.coefficients();
            match self.k {
                1 => theta[at] = logs[1] - logs[0],
                k => {
                    let mean = logs.iter().sum::<f64>() / k as f64;
                    theta[at..].iter_mut().zip(&logs).for_each(|(t, log)| *t = log - mean);
                }
            }
        }
        theta
    }

    /// The value and gradient of the smooth part.
    fn evaluate(&self, theta: &[f64]) -> Evaluation {
        let (coef, intercepts) = theta.split_at(self.coefficients());
        let chunks = by_chunk(self.x.rows, |rows| {
            let mut raw = match self.intercept {
                true => intercepts.repeat(rows.len()),
                false => vec![0.0; rows.len() * self.k],
            };
            add_products(&self.x, &self.layout, coef, rows.clone(), &mut raw);
            let mut off = vec![0.0; raw.len()];
            let loss = self.losses(&self.codes[rows.clone()], &self.w[rows.clone()], &mut raw, &mut off);
            let mut sums = vec![0.0; theta.len()];
            add_transposed(&self.x, &self.layout, &off, rows, &mut sums[..coef.len()]);
            for (c, sum) in sums[coef.len()..].iter_mut().enumerate() {
                *sum = off.iter().skip(c).step_by(self.k).sum();
            }
            (loss, sums, raw)
        });
        let (mut value, mut sums) = (0.0, Vec::with_capacity(chunks.len()));
        let mut probabilities = Vec::with_capacity(self.x.rows * self.k);
        for (loss, sum, probability) in chunks {
            value += loss;
            sums.push(sum);
            probabilities.extend_from_slice(&probability);
        }
        let mut gradient = total(sums, theta.len());
        gradient.iter_mut().zip(coef).for_each(|(g, b)| *g += self.l2 * b);
        Evaluation { value: value + 0.5 * self.l2 * dot(coef, coef), gradient, rows: probabilities }
    }

    /// The matrix of second derivatives of the smooth part, by columns.
    fn hessian(&self, at: &Evaluation) -> Vec<f64> {
        let (k, p, q) = (self.k, self.layout.width(), self.parameters());
        let one = usize::from(self.intercept);
        let ones = vec![1.0; self.x.rows];
        let further = [&ones[..]];
        let mut gram = Gram::new(&self.layout, one, &vec![0.0; p]);
        let place = |class: usize, j: usize| if j < p { class * p + j } else { k * p + class };
        let mut out = vec![0.0; q * q];
        for a in 0..k {
            for b in 0..=a {
                let rows = at.rows.chunks_exact(k).zip(&self.w);
                let curvature: Vec<f64> =
                    rows.map(|(p, w)| w * p[a] * if a == b { 1.0 - p[a] } else { -p[b] }).collect();
                gram.clear();
                gram.add(&self.x, &curvature, &further[..one]);
                let block = gram.matrix();
                let size = p + one;
                for j in 0..size {
                    for i in 0..size {
                        let (row, column) = (place(a, i), place(b, j));
                        out[row + q * column] = block[i + size * j];
                        out[column + q * row] = block[i + size * j];
                    }
                }
            }
        }
        (0..k * p).for_each(|j| out[j * (q + 1)] += self.l2);
        if self.intercept && k > 1 {
            // Intercepts that all grow by one number change nothing. The gradient has nothing along that
            // direction, so any curvature there makes the matrix regular and leaves the step.
            let at = k * p;
            let mean = (at..q).map(|j| out[j * (q + 1)]).sum::<f64>() / (k * k) as f64;
            (at..q).for_each(|j| (at..q).for_each(|i| out[i + q * j] += mean));
        }
        out
    }

    /// An upper bound of each parameter's curvature, for scaling.
    fn curvatures(&self) -> Vec<f64> {
        let p = self.layout.width();
        let squares = squares(&self.x, &self.layout, &self.w);
        let coef = squares.iter().map(|s| 0.25 * s + self.l2).map(|c| if c > 0.0 { c } else { 1.0 });
        let coef: Vec<f64> = coef.collect();
        (0..self.parameters()).map(|j| if j < self.k * p { coef[j % p.max(1)] } else { 0.25 }).collect()
    }
}

/// The weighted sums of the squares of each of the p numbers.
pub(super) fn squares(x: &Design<'_>, layout: &Layout, w: &[f64]) -> Vec<f64> {
    let mut squares = vec![0.0; layout.width()];
    for (column, (shape, at)) in x.columns.iter().zip(layout.columns()) {
        let mut add = |j: usize, row: usize, v: f64| squares[at + j] += w[row] * v * v;
        match *column {
            crate::Column::F32(values) => values.iter().enumerate().for_each(|(i, &v)| add(0, i, f64::from(v))),
            crate::Column::F64(values) => values.iter().enumerate().for_each(|(i, &v)| add(0, i, v)),
            crate::Column::Level { codes, levels } => {
                codes.iter().enumerate().filter(|(_, c)| **c < levels).for_each(|(i, &c)| add(c as usize, i, 1.0));
            }
            crate::Column::Block { values, .. } => {
                let width = shape.width().max(1);
                values.iter().enumerate().for_each(|(i, &v)| add(i % width, i / width, v));
            }
        }
    }
    squares
}

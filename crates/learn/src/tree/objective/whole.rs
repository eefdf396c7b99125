//! Losses of all rows together: what one row's gradient is depends on others (ranking, partial likelihood),
//! or somebody else says what it is ([`CustomObjective`]).
//!
//! All gradients and hessians of a round are made at once, as numbers; the grid is fitted to them.

use super::super::grid::{Grid, Pair};
use super::super::node::Link;
use super::pointwise::greatest;
use super::{CHUNK, Objective};
use crate::samples::Samples;
use rayon::prelude::*;

/// A loss whose gradients are made all at once.
pub(super) trait Whole: Send + Sync {
    /// The name of the loss.
    fn name(&self) -> &str;

    /// How raw answers become answers.
    fn link(&self) -> Link {
        Link::Identity
    }

    /// Raw answers a row: k.
    fn outputs(&self) -> usize {
        1
    }

    /// Where the raw answers begin, k.
    fn base(&self) -> Vec<f64> {
        vec![0.0; self.outputs()]
    }

    /// Writes every gradient and hessian at raw answers (all n x k), weights included.
    fn gradients(&self, raw: &[f64], gradient: &mut [f64], hessian: &mut [f64]);

    /// The loss at raw answers.
    fn loss(&self, raw: &[f64]) -> f64;
}

/// A loss of all rows together as an objective.
pub(super) struct Together<T>(pub(super) T);

impl<T: Whole> Objective for Together<T> {
    fn name(&self) -> &str {
        self.0.name()
    }

    fn link(&self) -> Link {
        self.0.link()
    }

    fn outputs(&self) -> usize {
        self.0.outputs()
    }

    fn base(&self, _rows: &[u32]) -> Vec<f64> {
        self.0.base()
    }

    /// Leaves all gradients and then all hessians.
    fn start(&self, raw: &[f64], work: &mut Vec<f64>) -> (f64, f64) {
        work.clear();
        work.resize(2 * raw.len(), 0.0);
        let (gradient, hessian) = work.split_at_mut(raw.len());
        self.0.gradients(raw, gradient, hessian);
        let (gradient, hessian) = gradient
            .par_chunks(CHUNK)
            .zip(hessian.par_chunks(CHUNK))
            .map(|(gradient, hessian)| greatest(gradient.iter().copied().zip(hessian.iter().copied())))
            .reduce(|| (0, 0), |a, b| (a.0.max(b.0), a.1.max(b.1)));
        (f64::from_bits(gradient), f64::from_bits(hessian))
    }

    fn pairs(&self, raw: &[f64], work: &[f64], output: usize, grid: Grid, start: usize, out: &mut [Pair]) {
        let (gradient, hessian) = work.split_at(raw.len());
        let k = self.0.outputs();
        for (out, row) in out.iter_mut().zip(start..) {
            let at = row * k + output;
            *out = grid.pair(gradient[at], hessian[at].max(0.0));
        }
    }

    fn loss(&self, raw: &[f64], _rows: &[u32]) -> f64 {
        self.0.loss(raw)
    }
}

/// A loss of one's own for [`CustomGbdt`](super::super::CustomGbdt): `n` rows with `k` raw answers each.
///
/// ```
/// use arkwright_core::Context;
/// use arkwright_learn::tree::{CustomGbdt, CustomObjective, Gbdt};
/// use arkwright_learn::{Column, Design, Fit, Samples, Target};
/// use std::sync::Arc;
///
/// /// The logarithm of the hyperbolic cosine of the residual.
/// struct LogCosh;
///
/// impl CustomObjective for LogCosh {
///     fn name(&self) -> &str {
///         "log_cosh"
///     }
///     fn gradients(&self, rows: &Samples<'_>, raw: &[f64], gradient: &mut [f64], hessian: &mut [f64]) {
///         let Target::Values(y) = rows.y else { return };
///         for i in 0..y.len() {
///             let t = (raw[i] - y[i]).tanh();
///             (gradient[i], hessian[i]) = (t, 1.0 - t * t);
///         }
///     }
///     fn loss(&self, rows: &Samples<'_>, raw: &[f64]) -> f64 {
///         let Target::Values(y) = rows.y else { return f64::NAN };
///         raw.iter().zip(y).map(|(raw, y)| (raw - y).cosh().ln()).sum::<f64>() / y.len() as f64
///     }
/// }
///
/// let x: Vec<f64> = (0..200).map(f64::from).collect();
/// let y: Vec<f64> = x.iter().map(|x| (x / 30.0).sin()).collect();
/// let columns = [Column::F64(&x)];
/// let train = Samples::new(Design { columns: &columns, rows: 200 }, Target::Values(&y));
/// let gbdt = CustomGbdt { settings: Gbdt::default(), objective: Arc::new(LogCosh) };
/// assert_eq!(gbdt.fit(&train, None, &Context::new(0))?.notes["loss"], "log_cosh");
/// # Ok::<(), arkwright_core::Error>(())
/// ```
pub trait CustomObjective: Send + Sync {
    /// The name that the fit's notes bear.
    fn name(&self) -> &str;

    /// Raw answers a row, k. By default 1; with [`Link::Softmax`] and [`Link::OneVsAll`] one a class.
    fn outputs(&self) -> usize {
        1
    }

    /// How raw answers become answers; for numbers by default the raw answer itself.
    fn link(&self) -> Link {
        Link::Identity
    }

    /// Where the raw answers begin, k numbers; by default 0.
    fn base(&self, _rows: &Samples<'_>) -> Vec<f64> {
        vec![0.0; self.outputs()]
    }

    /// Writes the derivative of each row's loss by each of its raw answers, and the second derivative, which
    /// must not be negative; all n x k. Weights are left to the caller. It must give the same numbers whenever
    /// it is given the same.
    fn gradients(&self, rows: &Samples<'_>, raw: &[f64], gradient: &mut [f64], hessian: &mut [f64]);

    /// The mean loss, for the learning curve and for early stopping; lower is better.
    fn loss(&self, rows: &Samples<'_>, raw: &[f64]) -> f64;
}

/// Somebody's loss with the rows it is taken on.
pub(super) struct Custom<'a> {
    pub(super) of: &'a dyn CustomObjective,
    pub(super) rows: Samples<'a>,
}

impl Whole for Custom<'_> {
    fn name(&self) -> &str {
        self.of.name()
    }

    fn link(&self) -> Link {
        self.of.link()
    }

    fn outputs(&self) -> usize {
        self.of.outputs()
    }

    fn base(&self) -> Vec<f64> {
        self.of.base(&self.rows)
    }

    fn gradients(&self, raw: &[f64], gradient: &mut [f64], hessian: &mut [f64]) {
        self.of.gradients(&self.rows, raw, gradient, hessian);
        if let Some(weight) = self.rows.weight {
            let k = self.of.outputs();
            for (of_row, w) in
                gradient.chunks_exact_mut(k).chain(hessian.chunks_exact_mut(k)).zip(weight.iter().cycle())
            {
                of_row.iter_mut().for_each(|value| *value *= w);
            }
        }
    }

    fn loss(&self, raw: &[f64]) -> f64 {
        self.of.loss(&self.rows, raw)
    }
}

//! Losses that are a sum over rows, each row with one raw answer of its own.
//!
//! A loss says what one row's gradient and hessian are; [`Rows`] does the rest once for all of them: chunks
//! on many threads, weights, and the bound that the grid of whole numbers needs. The loops are made anew for
//! every loss, so that each vectorises.

use super::super::grid::{Grid, Pair};
use super::super::node::Link;
use super::super::wide::{Plain, Way};
use super::{CHUNK, Objective};
use rayon::prelude::*;
use std::borrow::Cow;

/// Steps at most to the best constant.
const STEPS: usize = 200;

/// A loss of one row.
pub(super) trait Pointwise: Send + Sync {
    /// What is to be learnt of a row.
    type Y: Copy + Send + Sync;

    /// The name in the file.
    fn name(&self) -> &'static str;

    /// How raw answers become answers.
    fn link(&self) -> Link {
        Link::Identity
    }

    /// The gradient and the hessian (never negative) at a raw answer.
    fn pair(&self, raw: f64, y: Self::Y) -> (f64, f64);

    /// The loss at a raw answer.
    fn loss(&self, raw: f64, y: Self::Y) -> f64;

    /// The constant raw answer that makes the loss of some rows least.
    fn base(&self, rows: Picked<'_, Self::Y>) -> f64;

    /// What no row's gradient and hessian exceed, where that is known beforehand.
    fn bounds(&self) -> Option<(f64, f64)> {
        None
    }

    /// The value that makes the loss of a leaf's rows least, where a step of Newton's method is a poor guess.
    fn renew(&self, _rows: Picked<'_, Self::Y>, _raw: &[f64]) -> Option<f64> {
        None
    }
}

/// Some rows of a target.
#[derive(Clone, Copy)]
pub(super) struct Picked<'a, Y> {
    /// Of all rows.
    pub(super) y: &'a [Y],
    /// Of all rows.
    pub(super) weight: Option<&'a [f64]>,
    /// Which.
    pub(super) rows: &'a [u32],
}

impl<Y: Copy> Picked<'_, Y> {
    /// Each row's target and weight.
    pub(super) fn each(&self) -> impl Iterator<Item = (Y, f64)> + Clone {
        self.rows.iter().map(|&row| (self.y[row as usize], self.weight.map_or(1.0, |w| w[row as usize])))
    }

    /// The weighted mean of something of each target.
    pub(super) fn mean(&self, of: impl Fn(Y) -> f64) -> f64 {
        let total: f64 = self.each().map(|(_, w)| w).sum();
        self.each().map(|(y, w)| w * of(y)).sum::<f64>() / total
    }
}

/// A loss with the rows it is taken on.
pub(super) struct Rows<'a, P: Pointwise> {
    of: P,
    y: Cow<'a, [P::Y]>,
    weight: Option<Cow<'a, [f64]>>,
    heaviest: f64,
}

impl<'a, P: Pointwise> Rows<'a, P> {
    pub(super) fn new(of: P, y: Cow<'a, [P::Y]>, weight: Option<Cow<'a, [f64]>>) -> Self {
        let heaviest = weight.as_ref().map_or(1.0, |w| w.iter().copied().fold(0.0, f64::max));
        Self { of, y, weight, heaviest }
    }

    fn picked<'b>(&'b self, rows: &'b [u32]) -> Picked<'b, P::Y> {
        Picked { y: &self.y, weight: self.weight.as_deref(), rows }
    }
}

impl<P: Pointwise> Objective for Rows<'_, P> {
    fn name(&self) -> &str {
        self.of.name()
    }

    fn link(&self) -> Link {
        self.of.link()
    }

    fn base(&self, rows: &[u32]) -> Vec<f64> {
        vec![self.of.base(self.picked(rows))]
    }

    fn start(&self, raw: &[f64], _work: &mut Vec<f64>) -> (f64, f64) {
        if let Some((gradient, hessian)) = self.of.bounds() {
            return (gradient * self.heaviest, hessian * self.heaviest);
        }
        let largest = |(chunk, raw): (usize, &[f64])| {
            let y = &self.y[chunk * CHUNK..];
            let weight = self.weight.as_deref().map(|weight| &weight[chunk * CHUNK..]);
            Way::best().plain(Greatest { of: &self.of, raw, y, weight })
        };
        let (gradient, hessian) = raw
            .par_chunks(CHUNK)
            .enumerate()
            .map(largest)
            .reduce(|| (0, 0), |(a, b), (gradient, hessian)| (a.max(gradient), b.max(hessian)));
        (f64::from_bits(gradient), f64::from_bits(hessian))
    }

    fn pairs(&self, raw: &[f64], _work: &[f64], _output: usize, grid: Grid, start: usize, out: &mut [Pair]) {
        let range = start..start + out.len();
        let weight = self.weight.as_deref().map(|weight| &weight[range.clone()]);
        Way::best().plain(Pairs { of: &self.of, raw: &raw[range.clone()], y: &self.y[range], weight, grid, out });
    }

    fn loss(&self, raw: &[f64], rows: &[u32]) -> f64 {
        let (mut sum, mut total) = (0.0, 0.0);
        for (&row, (y, w)) in rows.iter().zip(self.picked(rows).each()) {
            sum += w * self.of.loss(raw[row as usize], y);
            total += w;
        }
        sum / total
    }

    fn renew(&self, raw: &[f64], rows: &[u32]) -> Option<f64> {
        self.of.renew(self.picked(rows), raw)
    }
}

/// The pairs of some rows.
struct Pairs<'a, P: Pointwise> {
    of: &'a P,
    raw: &'a [f64],
    y: &'a [P::Y],
    weight: Option<&'a [f64]>,
    grid: Grid,
    out: &'a mut [Pair],
}

impl<P: Pointwise> Plain for Pairs<'_, P> {
    type Out = ();

    #[inline(always)]
    fn run(self) {
        let rows = self.out.iter_mut().zip(self.raw).zip(self.y);
        match self.weight {
            None => {
                for ((out, &raw), &y) in rows {
                    let (gradient, hessian) = self.of.pair(raw, y);
                    *out = self.grid.pair(gradient, hessian);
                }
            }
            Some(weight) => {
                for (((out, &raw), &y), w) in rows.zip(weight) {
                    let (gradient, hessian) = self.of.pair(raw, y);
                    *out = self.grid.pair(gradient * w, hessian * w);
                }
            }
        }
    }
}

/// The greatest sizes among the pairs of some rows.
struct Greatest<'a, P: Pointwise> {
    of: &'a P,
    raw: &'a [f64],
    y: &'a [P::Y],
    weight: Option<&'a [f64]>,
}

impl<P: Pointwise> Plain for Greatest<'_, P> {
    type Out = (u64, u64);

    #[inline(always)]
    fn run(self) -> (u64, u64) {
        let pairs = self.raw.iter().zip(self.y).map(|(&raw, &y)| self.of.pair(raw, y));
        match self.weight {
            None => greatest(pairs),
            Some(w) => greatest(pairs.zip(w).map(|((g, h), w)| (g * w, h * w))),
        }
    }
}

/// The greatest sizes among pairs, by their bits: those of numbers not negative sort as the numbers do, whole
/// numbers are quick to compare, and what is not finite comes out on top.
#[inline(always)]
pub(super) fn greatest(pairs: impl Iterator<Item = (f64, f64)>) -> (u64, u64) {
    pairs.fold((0, 0), |(a, b), (gradient, hessian)| (a.max(gradient.abs().to_bits()), b.max(hessian.abs().to_bits())))
}

/// The constant at which the gradients of some rows, which rise with the raw answer, sum to 0: steps of
/// Newton's method, and halves of what is left wherever those are slow.
pub(super) fn minimum<P: Pointwise>(of: &P, rows: Picked<'_, P::Y>, start: f64) -> f64 {
    let slope = |raw: f64| {
        let part = |part: &[u32]| {
            Picked { rows: part, ..rows }.each().fold((0.0, 0.0), |(a, b), (y, w)| {
                let (gradient, hessian) = of.pair(raw, y);
                (a + w * gradient, b + w * hessian)
            })
        };
        let parts: Vec<(f64, f64)> = rows.rows.par_chunks(CHUNK).map(part).collect();
        parts.into_iter().fold((0.0, 0.0), |(a, b), (gradient, hessian)| (a + gradient, b + hessian))
    };
    let (mut at, mut low, mut high, mut step) = (start, f64::NEG_INFINITY, f64::INFINITY, 1.0);
    for turn in 0..STEPS {
        let (gradient, hessian) = slope(at);
        match gradient.partial_cmp(&0.0) {
            Some(std::cmp::Ordering::Greater) => high = at,
            Some(std::cmp::Ordering::Less) => low = at,
            _ => break,
        }
        let bounded = low.is_finite() && high.is_finite();
        let newton = at - gradient / hessian;
        let next = if newton > low && newton < high && !(bounded && turn % 3 == 2) {
            newton
        } else if bounded {
            low / 2.0 + high / 2.0
        } else {
            step *= 2.0;
            at - step * gradient.signum()
        };
        if (next - at).abs() <= 1e-12 * (1.0 + at.abs()) {
            return next;
        }
        at = next;
    }
    at
}

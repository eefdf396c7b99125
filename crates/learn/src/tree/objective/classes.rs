//! Classes: minus the log-likelihood of two ([`Logistic`]) or of several, together ([`Softmax`]) or each
//! against the rest ([`OneVsAll`]).

use super::super::grid::{Grid, Pair};
use super::super::node::Link;
use super::super::wide::{Plain, Way};
use super::exp::{exp, sigmoid};
use super::pointwise::{Picked, Pointwise};
use super::{CHUNK, Objective};
use crate::link::softmax;
use rayon::prelude::*;
use std::borrow::Cow;
use std::marker::PhantomData;

/// Two classes: the raw answer is the log-odds of the second, the target 1 where it is true. Or a probability
/// as target, of which the raw answer is the log-odds, too.
pub(super) struct Logistic<Y> {
    name: &'static str,
    link: Link,
    y: PhantomData<Y>,
}

impl Logistic<u32> {
    pub(super) fn classes() -> Self {
        Self { name: "log_loss", link: Link::Logistic, y: PhantomData }
    }
}

impl Logistic<f64> {
    pub(super) fn probabilities() -> Self {
        Self { name: "cross_entropy", link: Link::Sigmoid, y: PhantomData }
    }
}

/// The probability that a row's second class has: a code, or itself.
pub(super) trait Probability: Copy + Send + Sync {
    fn value(self) -> f64;
}

impl Probability for f64 {
    #[inline(always)]
    fn value(self) -> f64 {
        self
    }
}

impl Probability for u32 {
    #[inline(always)]
    fn value(self) -> f64 {
        f64::from(self.min(1) as i32)
    }
}

impl<Y: Probability> Pointwise for Logistic<Y> {
    type Y = Y;

    fn name(&self) -> &'static str {
        self.name
    }

    fn link(&self) -> Link {
        self.link
    }

    #[inline(always)]
    fn pair(&self, raw: f64, y: Y) -> (f64, f64) {
        let p = sigmoid(raw);
        (p - y.value(), p * (1.0 - p))
    }

    fn loss(&self, raw: f64, y: Y) -> f64 {
        cross_entropy(raw, y.value())
    }

    fn base(&self, rows: Picked<'_, Y>) -> f64 {
        odds(rows.mean(Y::value))
    }

    fn bounds(&self) -> Option<(f64, f64)> {
        Some((1.0, 0.25))
    }
}

/// Minus the log-likelihood of a class that is true with probability `y` at log-odds of `raw`.
fn cross_entropy(raw: f64, y: f64) -> f64 {
    libm::log1p(libm::exp(-raw.abs())) + (raw.max(0.0) - y * raw)
}

/// A share of rows, kept from 0 and 1 so that its logarithm is finite.
fn share(part: f64) -> f64 {
    part.clamp(1e-15, 1.0 - 1e-15)
}

/// The log-odds of a share.
fn odds(part: f64) -> f64 {
    let p = share(part);
    libm::log(p / (1.0 - p))
}

/// The classes of some rows, what they weigh, and what the classes weigh.
struct Codes<'a> {
    codes: &'a [u32],
    count: usize,
    weight: Option<Cow<'a, [f64]>>,
    heaviest: f64,
}

impl<'a> Codes<'a> {
    fn new(codes: &'a [u32], count: usize, weight: Option<Cow<'a, [f64]>>) -> Self {
        let heaviest = weight.as_ref().map_or(1.0, |w| w.iter().copied().fold(0.0, f64::max));
        Self { codes, count, weight, heaviest }
    }

    fn weight(&self, row: usize) -> f64 {
        self.weight.as_ref().map_or(1.0, |w| w[row])
    }

    fn shares(&self, rows: &[u32]) -> Vec<f64> {
        let mut sums = vec![0.0; self.count];
        rows.iter().for_each(|&row| sums[self.codes[row as usize] as usize] += self.weight(row as usize));
        let total: f64 = rows.iter().map(|&row| self.weight(row as usize)).sum();
        sums.into_iter().map(|sum| sum / total).collect()
    }

    /// Fills in each row's pair from what `of` says of a row: its gradient and hessian, unweighted, for 1
    /// where its class is `output`, else 0.
    fn pairs(
        &self,
        output: usize,
        grid: Grid,
        start: usize,
        out: &mut [Pair],
        of: impl Fn(usize, f64) -> (f64, f64) + Sync,
    ) {
        Way::best().plain(Pairs { codes: self, output, grid, start, out, of });
    }

    /// The weighted mean of a loss of some rows' raw answers and classes.
    fn mean(&self, raw: &[f64], rows: &[u32], loss: impl Fn(&[f64], usize) -> f64) -> f64 {
        let (mut sum, mut total) = (0.0, 0.0);
        for row in rows.iter().map(|&row| row as usize) {
            let loss = loss(&raw[row * self.count..(row + 1) * self.count], self.codes[row] as usize);
            sum += self.weight(row) * loss;
            total += self.weight(row);
        }
        sum / total
    }
}

/// The pairs of some rows for one output.
struct Pairs<'a, F> {
    codes: &'a Codes<'a>,
    output: usize,
    grid: Grid,
    start: usize,
    out: &'a mut [Pair],
    of: F,
}

impl<F: Fn(usize, f64) -> (f64, f64)> Plain for Pairs<'_, F> {
    type Out = ();

    #[inline(always)]
    fn run(self) {
        for (out, row) in self.out.iter_mut().zip(self.start..) {
            let y = f64::from(u8::from(self.codes.codes[row] as usize == self.output));
            let ((gradient, hessian), w) = ((self.of)(row, y), self.codes.weight(row));
            *out = self.grid.pair(gradient * w, hessian * w);
        }
    }
}

/// Several classes with a raw answer each; their exponentials, made to sum to 1, are the probabilities.
pub(super) struct Softmax<'a> {
    of: Codes<'a>,
    /// Scales the diagonal of the hessian, which leaves out how the classes hang together (Friedman 2001).
    factor: f64,
}

impl<'a> Softmax<'a> {
    pub(super) fn new(codes: &'a [u32], count: usize, weight: Option<Cow<'a, [f64]>>) -> Self {
        Self { of: Codes::new(codes, count, weight), factor: count as f64 / (count as f64 - 1.0) }
    }
}

impl Objective for Softmax<'_> {
    fn name(&self) -> &str {
        "log_loss"
    }

    fn link(&self) -> Link {
        Link::Softmax
    }

    fn outputs(&self) -> usize {
        self.of.count
    }

    fn base(&self, rows: &[u32]) -> Vec<f64> {
        self.of.shares(rows).into_iter().map(|part| libm::log(share(part))).collect()
    }

    /// Leaves the probabilities of all classes, n x k.
    fn start(&self, raw: &[f64], work: &mut Vec<f64>) -> (f64, f64) {
        let k = self.of.count;
        work.resize(raw.len(), 0.0);
        raw.par_chunks(CHUNK * k).zip(work.par_chunks_mut(CHUNK * k)).for_each(|(raw, out)| {
            for (raw, out) in raw.chunks_exact(k).zip(out.chunks_exact_mut(k)) {
                let top = raw.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                raw.iter().zip(out.iter_mut()).for_each(|(raw, out)| *out = exp(raw - top));
                let sum: f64 = out.iter().sum();
                out.iter_mut().for_each(|p| *p /= sum);
            }
        });
        (self.of.heaviest, self.of.heaviest * self.factor / 4.0)
    }

    fn pairs(&self, _raw: &[f64], work: &[f64], output: usize, grid: Grid, start: usize, out: &mut [Pair]) {
        self.of.pairs(output, grid, start, out, |row, y| {
            let p = work[row * self.of.count + output];
            (p - y, self.factor * p * (1.0 - p))
        });
    }

    fn loss(&self, raw: &[f64], rows: &[u32]) -> f64 {
        self.of.mean(raw, rows, |raw, class| {
            let mut p = raw.to_vec();
            softmax(&mut p);
            -libm::log(p[class].max(f64::MIN_POSITIVE))
        })
    }
}

/// Several classes, each a problem of two: it or another. The answers are made to sum to 1 afterwards.
pub(super) struct OneVsAll<'a>(Codes<'a>);

impl<'a> OneVsAll<'a> {
    pub(super) fn new(codes: &'a [u32], count: usize, weight: Option<Cow<'a, [f64]>>) -> Self {
        Self(Codes::new(codes, count, weight))
    }
}

impl Objective for OneVsAll<'_> {
    fn name(&self) -> &str {
        "one_vs_all"
    }

    fn link(&self) -> Link {
        Link::OneVsAll
    }

    fn outputs(&self) -> usize {
        self.0.count
    }

    fn base(&self, rows: &[u32]) -> Vec<f64> {
        self.0.shares(rows).into_iter().map(odds).collect()
    }

    fn start(&self, _raw: &[f64], _work: &mut Vec<f64>) -> (f64, f64) {
        (self.0.heaviest, self.0.heaviest / 4.0)
    }

    fn pairs(&self, raw: &[f64], _work: &[f64], output: usize, grid: Grid, start: usize, out: &mut [Pair]) {
        self.0.pairs(output, grid, start, out, |row, y| {
            let p = sigmoid(raw[row * self.0.count + output]);
            (p - y, p * (1.0 - p))
        });
    }

    fn loss(&self, raw: &[f64], rows: &[u32]) -> f64 {
        self.0.mean(raw, rows, |raw, class| {
            raw.iter().enumerate().map(|(k, raw)| cross_entropy(*raw, f64::from(u8::from(k == class)))).sum()
        })
    }
}

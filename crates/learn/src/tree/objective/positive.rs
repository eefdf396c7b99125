//! Targets that are counts or amounts: Poisson, gamma and Tweedie deviance under the logarithm.
//!
//! The raw answer is the logarithm of the mean, so an answer is never negative and inputs multiply. The losses
//! are the deviances up to a factor and a constant; the best constant of each is the logarithm of the mean. All
//! that differs is a [`Deviance`], and [`Positive`] is the rest.

use super::super::node::Link;
use super::exp::exp;
use super::pointwise::{Picked, Pointwise};

/// A deviance as a function of the logarithm of the mean.
pub(super) trait Deviance: Send + Sync {
    const NAME: &'static str;

    /// The gradient and the hessian.
    fn pair(&self, raw: f64, y: f64) -> (f64, f64);

    /// The loss.
    fn loss(&self, raw: f64, y: f64) -> f64;
}

/// A deviance under the logarithm.
pub(super) struct Positive<D>(pub(super) D);

impl<D: Deviance> Pointwise for Positive<D> {
    type Y = f64;

    fn name(&self) -> &'static str {
        D::NAME
    }

    fn link(&self) -> Link {
        Link::Exp
    }

    #[inline(always)]
    fn pair(&self, raw: f64, y: f64) -> (f64, f64) {
        self.0.pair(raw, y)
    }

    fn loss(&self, raw: f64, y: f64) -> f64 {
        self.0.loss(raw, y)
    }

    fn base(&self, rows: Picked<'_, f64>) -> f64 {
        libm::log(rows.mean(|y| y))
    }
}

/// Counts: the variance is the mean.
pub(super) struct Poisson;

/// Makes Poisson's hessian larger and its steps smaller, since a step too far grows exponentially: e^0.7, as
/// LightGBM and XGBoost have it.
pub(super) const CAUTION: f64 = 2.013_752_707_470_476_6;

impl Deviance for Poisson {
    const NAME: &'static str = "poisson";

    #[inline(always)]
    fn pair(&self, raw: f64, y: f64) -> (f64, f64) {
        let mean = exp(raw);
        (mean - y, mean * CAUTION)
    }

    fn loss(&self, raw: f64, y: f64) -> f64 {
        libm::exp(raw) - y * raw
    }
}

/// Amounts above 0: the standard deviation is in proportion to the mean.
pub(super) struct Gamma;

impl Deviance for Gamma {
    const NAME: &'static str = "gamma";

    #[inline(always)]
    fn pair(&self, raw: f64, y: f64) -> (f64, f64) {
        let ratio = y * exp(-raw);
        (1.0 - ratio, ratio)
    }

    fn loss(&self, raw: f64, y: f64) -> f64 {
        raw + y * libm::exp(-raw)
    }
}

/// Amounts of which many are 0: the variance is the mean to a power between 1 (Poisson) and 2 (gamma).
pub(super) struct Tweedie {
    pub(super) power: f64,
}

impl Deviance for Tweedie {
    const NAME: &'static str = "tweedie";

    #[inline(always)]
    fn pair(&self, raw: f64, y: f64) -> (f64, f64) {
        let (one, two) = (1.0 - self.power, 2.0 - self.power);
        let (a, b) = (y * exp(one * raw), exp(two * raw));
        (b - a, two * b - one * a)
    }

    fn loss(&self, raw: f64, y: f64) -> f64 {
        let (one, two) = (1.0 - self.power, 2.0 - self.power);
        libm::exp(two * raw) / two - y * libm::exp(one * raw) / one
    }
}

//! Accelerated failure time: the logarithm of a time is the raw answer plus noise of a known shape.
//!
//! With `z = (log t - raw) / scale`, a time that was seen has the likelihood of the noise's density at z, and
//! one that is known to lie between two the probability between theirs. All three noises make minus the
//! log-likelihood convex in the raw answer. Tails are computed without cancellation: a bound on the far right
//! is looked at from the right. The answer is exp(raw): the median time for the first two. Gradients and hessians
//! are kept within 15 (as in XGBoost), so that no single row rules the grid that they are put on.

use super::super::node::Link;
use super::pointwise::{Picked, Pointwise, minimum};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The shape of the noise of the logarithm of a time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AftDistribution {
    /// Times are log-normal.
    #[default]
    Normal,
    /// Times are log-logistic.
    Logistic,
    /// The least of many (Gumbel): times are Weibull.
    Extreme,
}

/// What no gradient and hessian exceeds.
const MOST: f64 = 15.0;
/// The square root of 2 pi.
const ROOT: f64 = 2.506_628_274_631_000_5;

pub(super) struct Aft {
    pub(super) noise: AftDistribution,
    pub(super) scale: f64,
}

impl AftDistribution {
    /// The logarithm of the density.
    fn log_density(self, z: f64) -> f64 {
        match self {
            Self::Normal => -z * z / 2.0 - libm::log(ROOT),
            Self::Logistic => -z.abs() - 2.0 * libm::log1p(libm::exp(-z.abs())),
            Self::Extreme => z - libm::exp(z),
        }
    }

    /// Minus the slope of the logarithm of the density, and the slope of that.
    fn score(self, z: f64) -> (f64, f64) {
        match self {
            Self::Normal => (z, 1.0),
            Self::Logistic => {
                let p = half_odds(z);
                (2.0 * p - 1.0, 2.0 * p * (1.0 - p))
            }
            Self::Extreme => (libm::exp(z) - 1.0, libm::exp(z)),
        }
    }

    /// The probability above z.
    fn above(self, z: f64) -> f64 {
        match self {
            Self::Normal => libm::erfc(z / std::f64::consts::SQRT_2) / 2.0,
            Self::Logistic => half_odds(-z),
            Self::Extreme => libm::exp(-libm::exp(z)),
        }
    }

    /// The probability below z.
    fn below(self, z: f64) -> f64 {
        match self {
            Self::Normal | Self::Logistic => self.above(-z),
            Self::Extreme => -libm::expm1(-libm::exp(z)),
        }
    }

    /// The logarithm of the probability above z.
    fn log_above(self, z: f64) -> f64 {
        match self {
            Self::Normal if z > 5.0 => self.log_density(z) - libm::log(mills(z)),
            Self::Logistic => -(libm::log1p(libm::exp(-z.abs())) + z.max(0.0)),
            Self::Extreme => -libm::exp(z),
            Self::Normal => libm::log(self.above(z)),
        }
    }

    /// The logarithm of the probability below z.
    fn log_below(self, z: f64) -> f64 {
        match self {
            Self::Normal | Self::Logistic => self.log_above(-z),
            // Below, the density is exp(z) and so is the probability.
            Self::Extreme if z < -30.0 => z,
            Self::Extreme => libm::log(self.below(z)),
        }
    }

    /// The density over the probability above z.
    fn hazard(self, z: f64) -> f64 {
        match self {
            Self::Normal => mills(z),
            Self::Logistic => half_odds(z),
            Self::Extreme => libm::exp(z),
        }
    }

    /// The density over the probability below z.
    fn reverse_hazard(self, z: f64) -> f64 {
        match self {
            Self::Normal | Self::Logistic => self.hazard(-z),
            Self::Extreme if z < -30.0 => 1.0,
            Self::Extreme => libm::exp(z) / libm::expm1(libm::exp(z)),
        }
    }
}

/// The logistic function.
fn half_odds(z: f64) -> f64 {
    crate::link::odds(z).1
}

/// The normal density over the probability above z; far out by its continued fraction.
fn mills(z: f64) -> f64 {
    if z <= 5.0 {
        return libm::exp(-z * z / 2.0) / ROOT / (libm::erfc(z / std::f64::consts::SQRT_2) / 2.0);
    }
    (1..=40).rev().fold(z, |below, k| z + f64::from(k) / below)
}

impl Aft {
    /// The place of a time against a raw answer; minus and plus infinity of 0 and infinity.
    fn z(&self, time: f64, raw: f64) -> f64 {
        (libm::log(time) - raw) / self.scale
    }

    /// The slope of the loss by z and the slope of that; without `scale`.
    fn slopes(&self, low: f64, high: f64) -> (f64, f64) {
        let of = self.noise;
        let score = |z| of.score(z);
        let alone_above = |z: f64| {
            let hazard = of.hazard(z);
            (hazard, hazard * (hazard - score(z).0))
        };
        let alone_below = |z: f64| {
            let hazard = of.reverse_hazard(z);
            (-hazard, hazard * (hazard + score(z).0))
        };
        match (low == f64::NEG_INFINITY, high == f64::INFINITY) {
            _ if low == high => score(low),
            (true, true) => (0.0, 0.0),
            (false, true) => alone_above(low),
            (true, false) => alone_below(high),
            (false, false) => {
                let between = self.between(low, high);
                if between < 1e-280 {
                    // Both bounds are far on one side: the nearer one decides.
                    return if low > 0.0 { alone_above(low) } else { alone_below(high) };
                }
                let density = |z: f64| libm::exp(of.log_density(z)) / between;
                let slope = density(high) - density(low);
                (-slope, density(high) * score(high).0 - density(low) * score(low).0 + slope * slope)
            }
        }
    }

    /// The probability between two bounds, from the side on which it does not cancel.
    fn between(&self, low: f64, high: f64) -> f64 {
        match low > 0.0 {
            true => self.noise.above(low) - self.noise.above(high),
            false => self.noise.below(high) - self.noise.below(low),
        }
    }
}

impl Pointwise for Aft {
    /// The earliest and the latest time that it may be.
    type Y = (f64, f64);

    fn name(&self) -> &'static str {
        "aft"
    }

    fn link(&self) -> Link {
        Link::Exp
    }

    fn pair(&self, raw: f64, (low, high): (f64, f64)) -> (f64, f64) {
        let (first, second) = self.slopes(self.z(low, raw), self.z(high, raw));
        let (gradient, hessian) = (-first / self.scale, second / (self.scale * self.scale));
        // A slope that is no number is one of a bound beyond what numbers hold: it pulls no more.
        let kept = |x: f64, least: f64| if x.is_nan() { least.max(0.0) } else { x.clamp(least, MOST) };
        (kept(gradient, -MOST), kept(hessian, 1e-16))
    }

    fn loss(&self, raw: f64, (low, high): (f64, f64)) -> f64 {
        let (from, to) = (self.z(low, raw), self.z(high, raw));
        match (low == 0.0, high == f64::INFINITY) {
            _ if low == high => libm::log(self.scale * low) - self.noise.log_density(from),
            (true, true) => 0.0,
            (false, true) => -self.noise.log_above(from),
            (true, false) => -self.noise.log_below(to),
            (false, false) => -libm::log(self.between(from, to).max(f64::MIN_POSITIVE)),
        }
    }

    fn base(&self, rows: Picked<'_, (f64, f64)>) -> f64 {
        // Somewhere among the times, for Newton to begin at.
        let middle = |(low, high): (f64, f64)| libm::log(if low > 0.0 { low } else { high.min(1e300) });
        minimum(self, rows, rows.mean(middle))
    }
}

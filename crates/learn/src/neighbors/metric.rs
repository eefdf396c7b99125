//! How far two rows are apart.
//!
//! Rows are compared by a reduced distance that orders them alike and spares a root: the squared distance, the sum
//! of powers. Sums run over the columns in one order, so a distance has the same bits wherever it is computed, and
//! a gap to a box that is no longer than the way in each column makes a sum that is no larger.

use crate::linear::design::{dot, lanes};
use arkwright_core::must;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How far two rows are apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Metric {
    /// `(sum |a - b|^p)^(1/p)`, with the setting `p`: 1 is `manhattan`, 2 `euclidean`.
    #[default]
    Minkowski,
    /// The length of the straight line, `sqrt(sum (a - b)^2)`.
    Euclidean,
    /// `sum |a - b|`.
    Manhattan,
    /// `max |a - b|`.
    Chebyshev,
    /// `1 - a.b / (|a| |b|)`: the directions alone.
    Cosine,
}

/// A metric whose exponent is known.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Distance {
    Euclidean,
    Manhattan,
    Chebyshev,
    Minkowski(f64),
    Cosine,
}

impl Distance {
    /// The distance of a metric, with the exponent of `minkowski`.
    pub fn of(metric: Metric, p: f64) -> Self {
        match metric {
            Metric::Minkowski if p == 1.0 => Self::Manhattan,
            Metric::Minkowski if p == 2.0 => Self::Euclidean,
            Metric::Minkowski => Self::Minkowski(p),
            Metric::Euclidean => Self::Euclidean,
            Metric::Manhattan => Self::Manhattan,
            Metric::Chebyshev => Self::Chebyshev,
            Metric::Cosine => Self::Cosine,
        }
    }

    /// The reduced distance of two rows; of rows of unit length for `Cosine`.
    #[inline]
    pub fn reduced(self, a: &[f64], b: &[f64]) -> f64 {
        match self {
            Self::Cosine => {
                let apart = 1.0 - dot(a, b);
                if apart < 0.0 { 0.0 } else { apart }
            }
            _ => self.gap(a.len().min(b.len()), |i| (a[i] - b[i]).abs()),
        }
    }

    /// The reduced length of gaps, not negative, one a column.
    #[inline(always)]
    pub fn gap(self, columns: usize, gap: impl Fn(usize) -> f64) -> f64 {
        match self {
            Self::Euclidean | Self::Cosine => lanes(columns, |i| gap(i) * gap(i)),
            Self::Manhattan => lanes(columns, gap),
            // A comparison that keeps what is not a number.
            Self::Chebyshev => (0..columns).map(gap).fold(0.0, |most, g| if g <= most { most } else { g }),
            Self::Minkowski(p) => lanes(columns, |i| libm::pow(gap(i), p)),
        }
    }

    /// The distance of a reduced one.
    pub fn whole(self, reduced: f64) -> f64 {
        match self {
            Self::Euclidean => reduced.sqrt(),
            Self::Minkowski(p) => libm::pow(reduced, 1.0 / p),
            Self::Manhattan | Self::Chebyshev | Self::Cosine => reduced,
        }
    }

    /// The reduced distance of a whole one.
    pub fn reduce(self, whole: f64) -> f64 {
        match self {
            Self::Euclidean => whole * whole,
            Self::Minkowski(p) => libm::pow(whole, p),
            Self::Manhattan | Self::Chebyshev | Self::Cosine => whole,
        }
    }
}

/// Checks the exponent of `minkowski`.
pub(super) fn check(p: f64) -> Result<(), (&'static str, String)> {
    must::be_at_least("p", p, 1.0)?;
    must::be_above_0("p", p)
}

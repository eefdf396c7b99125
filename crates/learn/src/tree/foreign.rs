//! How trees that another program grew read a number.
//!
//! Our own thresholds are `f32`, and a value is rounded up to one. Others decide otherwise: XGBoost rounds a
//! value to the nearest `f32`; LightGBM compares in `f64`; both take a category as a number that is its code.
//! All of that happens where a row is gathered: what comes out are 32 bits on which the walks decide as ever.
//! A number with thresholds in `f64` becomes its rank, the count of the feature's thresholds below it, and
//! a node's threshold the rank of its own: `x <= t` is the same for the numbers and for their ranks.

use crate::samples::{Column, MISSING};
use serde::{Deserialize, Serialize};

/// What becomes of a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Reading {
    /// The nearest `f32`.
    Nearest,
    /// Its rank among the feature's thresholds; 0 may be missing.
    Ranked {
        /// Whether 0 counts as missing.
        zero_is_missing: bool,
    },
    /// A code: what is after the point is cut off, what is negative is missing.
    Code,
    /// A code: what is negative or beyond is this one, which stands for all that were never seen.
    CodeUpTo(u32),
    /// A code: what is no whole number, negative or beyond is this one (ONNX, which asks whether it is equal).
    Exactly(u32),
}

/// The largest number that LightGBM takes for 0: 1e-35 as an `f32`.
pub(super) const ZERO: f64 = 1e-35f32 as f64;
/// The codes of a category are below: XGBoost's limit, and as far as an `f32` counts.
pub(super) const CODES: u32 = 1 << 24;

impl Reading {
    /// Whether it gives codes.
    pub(super) fn is_code(self) -> bool {
        matches!(self, Self::Code | Self::CodeUpTo(_) | Self::Exactly(_))
    }

    /// The 32 bits of a number.
    #[inline]
    pub(super) fn bits(self, x: f64, thresholds: &[f64]) -> u32 {
        match self {
            Self::Nearest => (x as f32).to_bits(),
            Self::Ranked { zero_is_missing } => {
                let rank = thresholds.partition_point(|t| *t < x) as f32;
                let missing = x.is_nan() || (zero_is_missing && x.abs() <= ZERO);
                if missing { f32::NAN } else { rank }.to_bits()
            }
            _ if x.is_nan() => MISSING,
            Self::Code if x <= -1.0 => MISSING,
            Self::Code => x.min(f64::from(CODES)) as u32,
            Self::CodeUpTo(last) | Self::Exactly(last) if x < 0.0 => last,
            Self::Exactly(last) if x.fract() != 0.0 => last,
            Self::CodeUpTo(last) | Self::Exactly(last) => (x.min(f64::from(CODES)) as u32).min(last),
        }
    }
}

/// A column of numbers.
#[derive(Clone, Copy)]
pub(super) enum Numbers<'a> {
    F32(&'a [f32]),
    F64(&'a [f64]),
}

impl<'a> Numbers<'a> {
    pub(super) fn of(column: Column<'a>) -> Option<Self> {
        match column {
            Column::F32(values) => Some(Self::F32(values)),
            Column::F64(values) => Some(Self::F64(values)),
            _ => None,
        }
    }

    #[inline]
    pub(super) fn at(&self, row: usize) -> f64 {
        match self {
            Self::F32(values) => values[row].into(),
            Self::F64(values) => values[row],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_rank_decides_as_the_number_does(mut thresholds in prop::collection::vec(-1e3f64..1e3, 1..40), x in -1e3f64..1e3, at: prop::sample::Index, on: bool) {
            thresholds.sort_by(f64::total_cmp);
            let at = at.index(thresholds.len());
            let x = if on { thresholds[at] } else { x };
            let rank = f32::from_bits(Reading::Ranked { zero_is_missing: false }.bits(x, &thresholds));
            let own = thresholds.partition_point(|t| *t < thresholds[at]) as f32;
            prop_assert_eq!(x <= thresholds[at], rank <= own);
        }
    }

    #[test]
    fn codes_are_read_as_their_program_reads_them() {
        let code = |x| Reading::Code.bits(x, &[]);
        assert_eq!([code(2.9), code(-0.5), code(-1.0), code(f64::NAN), code(1e300)], [2, 0, MISSING, MISSING, CODES]);
        let code = |x| Reading::CodeUpTo(32).bits(x, &[]);
        assert_eq!([code(2.9), code(-0.5), code(31.0), code(40.0), code(f64::NAN)], [2, 32, 31, 32, MISSING]);
        let code = |x| Reading::Exactly(32).bits(x, &[]);
        assert_eq!([code(2.9), code(-0.5), code(31.0), code(40.0), code(f64::NAN)], [32, 32, 31, 32, MISSING]);
    }

    #[test]
    fn zero_is_missing_where_the_model_says_so() {
        let bits = |zero_is_missing, x| f32::from_bits(Reading::Ranked { zero_is_missing }.bits(x, &[-1.0, 1.0]));
        assert!(bits(true, 0.0).is_nan() && bits(true, -1e-36).is_nan() && bits(false, f64::NAN).is_nan());
        assert_eq!((bits(false, 0.0), bits(true, 1e-30), bits(true, 2.0)), (1.0, 1.0, 2.0));
    }
}

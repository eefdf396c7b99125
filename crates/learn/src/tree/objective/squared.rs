//! Half the squared error: its gradient is the residual, its best constant the mean.

use super::pointwise::{Picked, Pointwise};

pub(super) struct Squared;

impl Pointwise for Squared {
    type Y = f64;

    fn name(&self) -> &'static str {
        "squared_error"
    }

    #[inline(always)]
    fn pair(&self, raw: f64, y: f64) -> (f64, f64) {
        (raw - y, 1.0)
    }

    fn loss(&self, raw: f64, y: f64) -> f64 {
        (raw - y) * (raw - y)
    }

    fn base(&self, rows: Picked<'_, f64>) -> f64 {
        rows.mean(|y| y)
    }
}

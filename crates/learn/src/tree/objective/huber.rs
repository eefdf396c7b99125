//! Huber's loss: squared up to `delta` from the target, absolute beyond, so that no row pulls harder than
//! `delta`. The hessian is 1 everywhere, as in LightGBM: an upper bound of the true one, which is 0 beyond.

use super::pointwise::{Picked, Pointwise, minimum};

pub(super) struct Huber {
    pub(super) delta: f64,
}

impl Pointwise for Huber {
    type Y = f64;

    fn name(&self) -> &'static str {
        "huber"
    }

    #[inline(always)]
    fn pair(&self, raw: f64, y: f64) -> (f64, f64) {
        ((raw - y).clamp(-self.delta, self.delta), 1.0)
    }

    fn loss(&self, raw: f64, y: f64) -> f64 {
        let far = (raw - y).abs();
        if far <= self.delta { far * far / 2.0 } else { self.delta * (far - self.delta / 2.0) }
    }

    fn base(&self, rows: Picked<'_, f64>) -> f64 {
        minimum(self, rows, rows.mean(|y| y))
    }

    fn bounds(&self) -> Option<(f64, f64)> {
        Some((self.delta, 1.0))
    }
}

//! Absolute error and quantiles: the pinball loss, whose best constant is a quantile.
//!
//! The gradient is one of two slopes and the hessian 0; a hessian of 1 stands in for it (as in LightGBM), so
//! that splits are found by the gradients and the rows' number. The step that it gives is worth little, so
//! leaves are renewed: a leaf's value becomes the quantile of its rows' residuals.

use super::pointwise::{Picked, Pointwise};

pub(super) struct Pinball {
    name: &'static str,
    q: f64,
    /// The slope to either side of a median; 1 where it is the absolute error.
    scale: f64,
}

impl Pinball {
    pub(super) fn absolute() -> Self {
        Self { name: "absolute_error", q: 0.5, scale: 2.0 }
    }

    pub(super) fn quantile(q: f64) -> Self {
        Self { name: "quantile", q, scale: 1.0 }
    }
}

impl Pointwise for Pinball {
    type Y = f64;

    fn name(&self) -> &'static str {
        self.name
    }

    #[inline(always)]
    fn pair(&self, raw: f64, y: f64) -> (f64, f64) {
        let above = f64::from(u8::from(raw > y)) * (1.0 - self.q);
        let below = f64::from(u8::from(raw < y)) * self.q;
        ((above - below) * self.scale, 1.0)
    }

    fn loss(&self, raw: f64, y: f64) -> f64 {
        self.scale * ((raw - y) * (1.0 - self.q)).max((y - raw) * self.q)
    }

    fn base(&self, rows: Picked<'_, f64>) -> f64 {
        quantile(rows.each().collect(), self.q)
    }

    fn bounds(&self) -> Option<(f64, f64)> {
        Some((self.scale * self.q.max(1.0 - self.q), 1.0))
    }

    fn renew(&self, rows: Picked<'_, f64>, raw: &[f64]) -> Option<f64> {
        let residuals = rows.each().zip(rows.rows).map(|((y, w), &row)| (y - raw[row as usize], w));
        Some(quantile(residuals.collect(), self.q))
    }
}

/// The weighted quantile of values with their weights: the least value that `q` of the weight does not
/// exceed; the mean of it and the next where it is exactly `q`. A weight of two equals a value given twice.
pub(super) fn quantile(mut values: Vec<(f64, f64)>, q: f64) -> f64 {
    values.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
    let total: f64 = values.iter().map(|(_, w)| w).sum();
    // Room for what a sum of weights is rounded by.
    let (wanted, room) = (q * total, 1e-12 * total);
    let (mut seen, mut lower) = (0.0, None);
    for &(value, w) in values.iter().filter(|(_, w)| *w > 0.0) {
        if let Some(lower) = lower {
            return (lower + value) / 2.0;
        }
        seen += w;
        if seen > wanted + room {
            return value;
        }
        if seen >= wanted - room {
            lower = Some(value);
        }
    }
    lower.or(values.last().map(|(value, _)| *value)).unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_weighted_quantile_is_that_of_values_repeated(
            pairs in prop::collection::vec((-5i32..5, 1u8..4), 1..20),
            q in 0.05f64..0.95,
        ) {
            let weighted: Vec<(f64, f64)> = pairs.iter().map(|&(v, w)| (f64::from(v), f64::from(w))).collect();
            let repeated: Vec<(f64, f64)> =
                weighted.iter().flat_map(|&(v, w)| std::iter::repeat_n((v, 1.0), w as usize)).collect();
            let found = quantile(weighted, q);
            prop_assert_eq!(found, quantile(repeated.clone(), q));
            let loss = |at: f64| repeated.iter().map(|(v, _)| Pinball::quantile(q).loss(at, *v)).sum::<f64>();
            prop_assert!(repeated.iter().all(|(v, _)| loss(found) <= loss(*v) + 1e-9));
        }
    }
}

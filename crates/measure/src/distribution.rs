//! Quantiles, weighted medians and histograms of a column of numbers.
//!
//! Quantiles interpolate linearly between the two nearest order statistics (type 7 of Hyndman and Fan,
//! 1996; NumPy's default).

use crate::{Error, Result, input};
use serde::{Deserialize, Serialize};

/// The `q`-quantile of `values` (any order, n of them), by linear interpolation; `q` in 0 to 1.
///
/// # Errors
/// No values, a value that is not finite, or `q` outside 0 to 1.
pub fn quantile(values: &[f64], q: f64) -> Result<f64> {
    input::rows("values", values.len())?;
    input::finite("values", values)?;
    if !(0.0..=1.0).contains(&q) {
        return Err(Error::Setting { name: "q", value: q, needs: "in 0 to 1" });
    }
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    Ok(quantile_sorted(&sorted, q))
}

/// The same of at least one value, sorted already.
pub(crate) fn quantile_sorted(sorted: &[f64], q: f64) -> f64 {
    let at = q * (sorted.len() - 1) as f64;
    let below = at.floor() as usize;
    let above = (below + 1).min(sorted.len() - 1);
    let share = at - below as f64;
    if share == 0.0 { sorted[below] } else { sorted[below] + share * (sorted[above] - sorted[below]) }
}

/// The weighted median of values sorted upwards, each with its row: the mean of the lower and the upper
/// weighted median, so that whole-number weights equal repetition.
pub(crate) fn median_sorted(sorted: &[(f64, u32)], weight: impl Fn(usize) -> f64) -> Option<f64> {
    let total: f64 = sorted.iter().map(|&(_, row)| weight(row as usize)).sum();
    if total <= 0.0 {
        return None;
    }
    let (mut seen, mut lower) = (0.0, None);
    for &(value, row) in sorted {
        let w = weight(row as usize);
        if w == 0.0 {
            continue;
        }
        if let Some(lower) = lower {
            return Some((lower + value) / 2.0);
        }
        seen += w;
        if seen * 2.0 > total {
            return Some(value);
        }
        if seen * 2.0 == total {
            lower = Some(value);
        }
    }
    lower
}

/// A histogram with bins of one width.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Histogram {
    /// The bins' borders, upwards; one more than there are bins.
    pub edges: Vec<f64>,
    /// The weight in each bin (the number of rows, without weights).
    pub counts: Vec<f64>,
}

/// Counts `values` in `bins` bins of one width from the least to the greatest; the last bin holds its
/// upper border. Values that are all the same get bins half a unit to either side, as NumPy does.
///
/// # Errors
/// No values, a value that is not finite, no bins, or impossible weights.
pub fn histogram(values: &[f64], bins: usize, weight: Option<&[f64]>) -> Result<Histogram> {
    input::rows("values", values.len())?;
    input::finite("values", values)?;
    input::weights(weight, values.len())?;
    if bins == 0 {
        return Err(Error::Setting { name: "bins", value: 0.0, needs: "at least 1" });
    }
    let mut low = values.iter().copied().fold(f64::INFINITY, f64::min);
    let mut high = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if low == high {
        (low, high) = (low - 0.5, high + 0.5);
    }
    // Halved first, so that the width of a range near the largest f64 does not overflow.
    let width = (high / 2.0 - low / 2.0) / bins as f64 * 2.0;
    let mut edges: Vec<f64> = (0..=bins).map(|i| low + width * i as f64).collect();
    edges[bins] = high;
    let w = input::weigh(weight);
    let mut counts = vec![0.0; bins];
    for (row, &v) in values.iter().enumerate() {
        // The borders decide, not the division, which may round across one.
        let bin = edges[1..bins].partition_point(|&edge| edge <= v);
        counts[bin] += w(row);
    }
    Ok(Histogram { edges, counts })
}

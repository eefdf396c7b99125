//! Quantiles of weighted values: a weight of two counts as the value twice.

/// The quantile at `q` (0 to 1) with linear interpolation between neighbours (type 7, as NumPy's
/// default), of values with their weights. `None` when no value has weight. Sorts `values`.
pub(crate) fn quantile(values: &mut [(f64, f64)], q: f64) -> Option<f64> {
    values.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
    let total: f64 = values.iter().map(|(_, w)| w).sum();
    if total.is_nan() || total <= 0.0 {
        return None;
    }
    // Positions on a line where each value lies as often as it weighs: the ends of the line are 0 and
    // total - 1. Fractional weights below 1 in all leave a single point.
    let position = q * (total - 1.0).max(0.0);
    let (low, share) = (position.floor(), position - position.floor());
    let at = |position: f64| {
        let mut before = 0.0;
        for &(value, weight) in values.iter() {
            before += weight;
            if before > position {
                return value;
            }
        }
        values.iter().rev().find(|(_, w)| *w > 0.0).map_or(f64::NAN, |(v, _)| *v)
    };
    let (a, b) = (at(low), at(low + 1.0));
    Some(if share > 0.0 { a + (b - a) * share } else { a })
}

#[cfg(test)]
mod tests {
    use super::quantile;

    #[test]
    fn quantiles_are_numpys_and_a_weight_is_a_repetition() {
        let plain = |v: &[f64], q| quantile(&mut v.iter().map(|&v| (v, 1.0)).collect::<Vec<_>>(), q).unwrap();
        assert_eq!(plain(&[3.0, 1.0, 2.0, 10.0], 0.5), 2.5);
        assert_eq!(plain(&[3.0, 1.0, 2.0, 10.0], 0.25), 1.75);
        assert_eq!(plain(&[7.0], 0.9), 7.0);
        let mut weighted = [(1.0, 2.0), (5.0, 1.0), (2.0, 0.0)];
        assert_eq!(quantile(&mut weighted, 0.75).unwrap(), plain(&[1.0, 1.0, 5.0], 0.75));
        assert_eq!(quantile(&mut [], 0.5), None);
    }
}

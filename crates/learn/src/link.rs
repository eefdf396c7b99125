//! From raw answers to probabilities.

/// The probabilities of the first and the second class from the log-odds of the second, without
/// cancellation in either.
pub(crate) fn odds(raw: f64) -> (f64, f64) {
    let e = libm::exp(-raw.abs());
    let (small, large) = (e / (1.0 + e), 1.0 / (1.0 + e));
    if raw >= 0.0 { (small, large) } else { (large, small) }
}

/// Turns raw answers into probabilities, in place; the same for raw answers that all grow by a constant.
pub(crate) fn softmax(raw: &mut [f64]) {
    let top = raw.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let mut sum = 0.0;
    for value in raw.iter_mut() {
        *value = libm::exp(*value - top);
        sum += *value;
    }
    raw.iter_mut().for_each(|p| *p /= sum);
}

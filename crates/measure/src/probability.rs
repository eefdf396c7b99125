//! How good is the probability? Proper scores: the best answer is the true probability.
//!
//! Log loss is the mean of `-ln p` of the true class, with p kept from 0 by the smallest step above 1 in f64
//! (2.2e-16) as scikit-learn does. The Brier score is the mean squared error of the probability: of the
//! positive class for two classes (0 to 1), summed over all classes for more (0 to 2).

use crate::{Error, Result, input};

/// Log loss of `probabilities` (n x `count`, row-major) for `codes` (n).
///
/// # Errors
/// Fewer than two classes, no rows, differing lengths, codes out of range, rows that are not probabilities, or
/// impossible weights.
pub fn log_loss(codes: &[u32], count: usize, probabilities: &[f64], weight: Option<&[f64]>) -> Result<f64> {
    let losses = log_losses(codes, count, probabilities)?;
    input::weights(weight, codes.len())?;
    Ok(mean(&losses, input::weigh(weight)))
}

/// Brier score of `probabilities` (n x `count`, row-major) for `codes` (n).
///
/// # Errors
/// As [`log_loss`].
pub fn brier(codes: &[u32], count: usize, probabilities: &[f64], weight: Option<&[f64]>) -> Result<f64> {
    let losses = brier_losses(codes, count, probabilities)?;
    input::weights(weight, codes.len())?;
    Ok(mean(&losses, input::weigh(weight)))
}

/// The log loss of each row.
pub(crate) fn log_losses(codes: &[u32], count: usize, probabilities: &[f64]) -> Result<Vec<f64>> {
    each(codes, count, probabilities, |class, row| -libm::log(row[class].clamp(f64::EPSILON, 1.0 - f64::EPSILON)))
}

/// The Brier score of each row.
pub(crate) fn brier_losses(codes: &[u32], count: usize, probabilities: &[f64]) -> Result<Vec<f64>> {
    each(codes, count, probabilities, |class, row| {
        let miss = |k: usize| (row[k] - f64::from(u8::from(k == class))) * (row[k] - f64::from(u8::from(k == class)));
        if count == 2 { miss(1) } else { (0..count).map(miss).sum() }
    })
}

fn each(codes: &[u32], count: usize, probabilities: &[f64], loss: impl Fn(usize, &[f64]) -> f64) -> Result<Vec<f64>> {
    if count < 2 {
        return Err(Error::Setting { name: "count", value: count as f64, needs: "at least 2 classes" });
    }
    input::rows("truth", codes.len())?;
    input::codes("truth", codes, count)?;
    input::probabilities(probabilities, codes.len(), count)?;
    Ok(codes.iter().zip(probabilities.chunks_exact(count)).map(|(&c, row)| loss(c as usize, row)).collect())
}

/// The weighted mean of the rows' losses.
pub(crate) fn mean(losses: &[f64], weight: impl Fn(usize) -> f64) -> f64 {
    let (sum, total) = losses.iter().enumerate().fold((0.0, 0.0), |(sum, total), (row, loss)| {
        let w = weight(row);
        (sum + w * loss, total + w)
    });
    sum / total
}

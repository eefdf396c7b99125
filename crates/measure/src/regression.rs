//! How far off is the number?
//!
//! Each function takes `truth` (n), `predicted` (n) and optional weights, and fails on no rows, differing
//! lengths, numbers that are not finite, or impossible weights. Losses that are a mean over rows are made row
//! by row first; R2 and explained variance compare the residuals' spread with the target's.

use crate::distribution::median_sorted;
use crate::probability::mean;
use crate::{Error, Result, input};

/// A loss that is a mean over rows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Loss {
    Squared,
    Absolute,
    Percentage,
    Pinball(f64),
    Poisson,
    Gamma,
    /// Of this power, in 1 to 2 without the ends.
    Tweedie(f64),
}

/// The loss of each row.
pub(crate) fn losses(loss: Loss, truth: &[f64], predicted: &[f64]) -> Result<Vec<f64>> {
    check(truth, predicted)?;
    match loss {
        Loss::Poisson => {
            domain("poisson_deviance", "truth", truth, |v| v >= 0.0, "at least 0")?;
            domain("poisson_deviance", "prediction", predicted, |v| v > 0.0, "above 0")?;
        }
        Loss::Gamma => {
            domain("gamma_deviance", "truth", truth, |v| v > 0.0, "above 0")?;
            domain("gamma_deviance", "prediction", predicted, |v| v > 0.0, "above 0")?;
        }
        Loss::Tweedie(power) if !(power > 1.0 && power < 2.0) => {
            return Err(Error::Setting { name: "power", value: power, needs: "above 1 and below 2" });
        }
        Loss::Tweedie(_) => {
            domain("tweedie_deviance", "truth", truth, |v| v >= 0.0, "at least 0")?;
            domain("tweedie_deviance", "prediction", predicted, |v| v > 0.0, "above 0")?;
        }
        Loss::Pinball(alpha) if !(0.0..=1.0).contains(&alpha) => {
            return Err(Error::Setting { name: "alpha", value: alpha, needs: "in 0 to 1" });
        }
        _ => {}
    }
    let of = |y: f64, p: f64| match loss {
        Loss::Squared => (y - p) * (y - p),
        Loss::Absolute => (y - p).abs(),
        Loss::Percentage => (y - p).abs() / y.abs().max(f64::EPSILON),
        Loss::Pinball(alpha) => (alpha * (y - p)).max((alpha - 1.0) * (y - p)),
        Loss::Poisson => 2.0 * (if y > 0.0 { y * libm::log(y / p) } else { 0.0 } - y + p),
        Loss::Gamma => 2.0 * (libm::log(p / y) + y / p - 1.0),
        Loss::Tweedie(power) => {
            let (one, two) = (1.0 - power, 2.0 - power);
            2.0 * (libm::pow(y, two) / (one * two) - y * libm::pow(p, one) / one + libm::pow(p, two) / two)
        }
    };
    Ok(truth.iter().zip(predicted).map(|(&y, &p)| of(y, p)).collect())
}

pub(crate) fn check(truth: &[f64], predicted: &[f64]) -> Result<()> {
    input::rows("truth", truth.len())?;
    input::length("prediction", truth.len(), predicted.len())?;
    input::finite("truth", truth)?;
    input::finite("prediction", predicted)
}

fn domain(
    measure: &'static str,
    what: &'static str,
    values: &[f64],
    inside: impl Fn(f64) -> bool,
    needs: &'static str,
) -> Result<()> {
    match values.iter().position(|&v| !inside(v)) {
        Some(row) => Err(Error::Domain { measure, what, row, value: values[row], needs }),
        None => Ok(()),
    }
}

fn mean_loss(loss: Loss, truth: &[f64], predicted: &[f64], weight: Option<&[f64]>) -> Result<f64> {
    let losses = losses(loss, truth, predicted)?;
    input::weights(weight, truth.len())?;
    Ok(mean(&losses, input::weigh(weight)))
}

/// Mean squared error.
///
/// # Errors
/// As the module says.
pub fn mse(truth: &[f64], predicted: &[f64], weight: Option<&[f64]>) -> Result<f64> {
    mean_loss(Loss::Squared, truth, predicted, weight)
}

/// Root mean squared error.
///
/// # Errors
/// As the module says.
pub fn rmse(truth: &[f64], predicted: &[f64], weight: Option<&[f64]>) -> Result<f64> {
    mse(truth, predicted, weight).map(f64::sqrt)
}

/// Mean absolute error.
///
/// # Errors
/// As the module says.
pub fn mae(truth: &[f64], predicted: &[f64], weight: Option<&[f64]>) -> Result<f64> {
    mean_loss(Loss::Absolute, truth, predicted, weight)
}

/// Mean absolute percentage error, as a fraction of the true value (of 2.2e-16 where that is nearer to 0).
///
/// # Errors
/// As the module says.
pub fn mape(truth: &[f64], predicted: &[f64], weight: Option<&[f64]>) -> Result<f64> {
    mean_loss(Loss::Percentage, truth, predicted, weight)
}

/// Mean pinball loss: what a prediction of the `alpha`-quantile makes least; `alpha` in 0 to 1.
///
/// # Errors
/// As the module says, and `alpha` out of range.
pub fn pinball(truth: &[f64], predicted: &[f64], alpha: f64, weight: Option<&[f64]>) -> Result<f64> {
    mean_loss(Loss::Pinball(alpha), truth, predicted, weight)
}

/// Mean Poisson deviance, `2 (y ln(y / p) - y + p)`; truth at least 0, predictions above 0.
///
/// # Errors
/// As the module says, and values out of range.
pub fn poisson_deviance(truth: &[f64], predicted: &[f64], weight: Option<&[f64]>) -> Result<f64> {
    mean_loss(Loss::Poisson, truth, predicted, weight)
}

/// Mean gamma deviance, `2 (ln(p / y) + y / p - 1)`; truth and predictions above 0.
///
/// # Errors
/// As the module says, and values out of range.
pub fn gamma_deviance(truth: &[f64], predicted: &[f64], weight: Option<&[f64]>) -> Result<f64> {
    mean_loss(Loss::Gamma, truth, predicted, weight)
}

/// Mean Tweedie deviance of a `power` between Poisson's 1 and gamma's 2; truth at least 0, predictions above 0.
///
/// # Errors
/// As the module says, and values or a power out of range.
pub fn tweedie_deviance(truth: &[f64], predicted: &[f64], power: f64, weight: Option<&[f64]>) -> Result<f64> {
    mean_loss(Loss::Tweedie(power), truth, predicted, weight)
}

/// Median absolute error; with weights the weighted median, so that whole weights equal repetition.
///
/// # Errors
/// As the module says.
pub fn median_ae(truth: &[f64], predicted: &[f64], weight: Option<&[f64]>) -> Result<f64> {
    let sorted = sorted_errors(truth, predicted)?;
    input::weights(weight, truth.len())?;
    median_sorted(&sorted, input::weigh(weight)).ok_or(Error::NoWeight)
}

/// The absolute errors, upwards, each with its row.
pub(crate) fn sorted_errors(truth: &[f64], predicted: &[f64]) -> Result<Vec<(f64, u32)>> {
    let losses = losses(Loss::Absolute, truth, predicted)?;
    let mut sorted: Vec<(f64, u32)> = losses.iter().enumerate().map(|(row, &e)| (e, row as u32)).collect();
    sorted.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    Ok(sorted)
}

/// Coefficient of determination, `1 - sum (y - p)^2 / sum (y - mean y)^2`. Where the target is constant: 1 for
/// a perfect prediction, else 0.
///
/// # Errors
/// As the module says, and fewer than two rows.
pub fn r2(truth: &[f64], predicted: &[f64], weight: Option<&[f64]>) -> Result<f64> {
    spread_checked("r2", truth, predicted, weight)?;
    Ok(explained(truth, predicted, false, input::weigh(weight)))
}

/// Explained variance, `1 - var(y - p) / var(y)`: as R2, but a constant error is forgiven.
///
/// # Errors
/// As [`r2`].
pub fn explained_variance(truth: &[f64], predicted: &[f64], weight: Option<&[f64]>) -> Result<f64> {
    spread_checked("explained_variance", truth, predicted, weight)?;
    Ok(explained(truth, predicted, true, input::weigh(weight)))
}

pub(crate) fn spread_checked(
    measure: &'static str,
    truth: &[f64],
    predicted: &[f64],
    weight: Option<&[f64]>,
) -> Result<()> {
    check(truth, predicted)?;
    input::weights(weight, truth.len())?;
    if truth.len() < 2 { Err(Error::TooFew { measure, needs: 2, found: truth.len() }) } else { Ok(()) }
}

/// R2, or explained variance where a constant error is `forgiven`.
pub(crate) fn explained(truth: &[f64], predicted: &[f64], forgiven: bool, weight: impl Fn(usize) -> f64) -> f64 {
    let (mut total, mut target, mut error) = (0.0, 0.0, 0.0);
    for (row, (y, p)) in truth.iter().zip(predicted).enumerate() {
        let w = weight(row);
        total += w;
        target += w * y;
        error += w * (y - p);
    }
    let target = target / total;
    let error = if forgiven { error / total } else { 0.0 };
    let (mut left, mut all) = (0.0, 0.0);
    for (row, (y, p)) in truth.iter().zip(predicted).enumerate() {
        let w = weight(row);
        left += w * (y - p - error) * (y - p - error);
        all += w * (y - target) * (y - target);
    }
    match (left == 0.0, all == 0.0) {
        (true, _) => 1.0,
        (false, true) => 0.0,
        (false, false) => 1.0 - left / all,
    }
}

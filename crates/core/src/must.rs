//! What a setting's value must be: the checks that many settings share, worded once.
//!
//! ```
//! use arkwright_core::must;
//! assert!(must::be_at_least("n_estimators", 1, 1).is_ok());
//! assert_eq!(must::be_above_0("learning_rate", 0.0), Err(("learning_rate", "must be a finite number above 0".into())));
//! ```

use std::fmt::Display;

/// The key at fault and what is wrong with it.
pub type Fault = (&'static str, String);

/// A whole number with a lower limit.
///
/// # Errors
/// When it is below `least`.
pub fn be_at_least<T: PartialOrd + Display>(key: &'static str, value: T, least: T) -> Result<(), Fault> {
    when(value >= least, key, || format!("must be at least {least}"))
}

/// A finite number above 0.
///
/// # Errors
/// When it is not.
pub fn be_above_0(key: &'static str, value: f64) -> Result<(), Fault> {
    when(value > 0.0 && value.is_finite(), key, || "must be a finite number above 0".into())
}

/// A finite number, 0 or above.
///
/// # Errors
/// When it is not.
pub fn not_be_negative(key: &'static str, value: f64) -> Result<(), Fault> {
    when(value >= 0.0 && value.is_finite(), key, || "must not be negative".into())
}

/// A share of a whole: above 0 and at most 1.
///
/// # Errors
/// When it is not.
pub fn be_a_share(key: &'static str, value: f64) -> Result<(), Fault> {
    when(value > 0.0 && value <= 1.0, key, || "must be above 0 and at most 1".into())
}

/// A number between two, or one of them.
///
/// # Errors
/// When it is not.
pub fn be_within(key: &'static str, value: f64, low: f64, high: f64) -> Result<(), Fault> {
    when(value >= low && value <= high, key, || format!("must be between {low} and {high}"))
}

/// A number strictly between two.
///
/// # Errors
/// When it is not.
pub fn be_between(key: &'static str, value: f64, low: f64, high: f64) -> Result<(), Fault> {
    when(value > low && value < high, key, || format!("must be above {low} and below {high}"))
}

fn when(right: bool, key: &'static str, message: impl FnOnce() -> String) -> Result<(), Fault> {
    if right { Ok(()) } else { Err((key, message())) }
}

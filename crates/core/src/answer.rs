//! What an answer is called, and the order of its classes.
//!
//! Learners give these columns and judges read them, and neither knows the other.

/// The column that holds a predictor's answer.
pub const PREDICTION: &str = "prediction";
/// The column that holds a classifier's probabilities, one a class, in the order of [`sort_classes`].
pub const PROBABILITY: &str = "probability";
/// The column that holds quantiles of a predicted number, named by their shares.
pub const QUANTILE: &str = "quantile";

/// Sorts class labels as numbers where all are numbers, else as text.
///
/// ```
/// let mut classes = ["10", "9", "-1"].map(String::from);
/// arkwright_core::sort_classes(&mut classes);
/// assert_eq!(classes, ["-1", "9", "10"]);
/// ```
pub fn sort_classes(classes: &mut [String]) {
    let number = |c: &String| c.parse::<f64>().ok().filter(|v| v.is_finite());
    if classes.iter().all(|c| number(c).is_some()) {
        classes.sort_by(|a, b| number(a).partial_cmp(&number(b)).unwrap_or(std::cmp::Ordering::Equal));
    } else {
        classes.sort();
    }
}

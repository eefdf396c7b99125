//! What can be wrong with the input of a measure, said so that it can be mended.

/// The result of a measure.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a measure could not be taken.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// There is nothing to measure.
    #[error("{what} has no rows: a measure needs at least one")]
    Empty {
        /// The argument without rows.
        what: &'static str,
    },
    /// There are too few rows for this measure.
    #[error("{measure} needs at least {needs} rows, and there are {found}")]
    TooFew {
        /// The measure asked for.
        measure: &'static str,
        /// The fewest rows for which it is defined.
        needs: usize,
        /// The rows given.
        found: usize,
    },
    /// Two arguments that go together differ in length.
    #[error("{what} has {found} values where {expected} are needed")]
    Length {
        /// The argument of the wrong length.
        what: &'static str,
        /// The length it should have.
        expected: usize,
        /// The length it has.
        found: usize,
    },
    /// A number is missing or infinite.
    #[error("{what} is not a finite number in row {row}")]
    NotFinite {
        /// The argument.
        what: &'static str,
        /// The row, counted from 0.
        row: usize,
    },
    /// A weight is negative, missing or infinite.
    #[error("the weight of row {row} is {value}: weights must be finite and at least 0")]
    Weight {
        /// The row, counted from 0.
        row: usize,
        /// The weight found.
        value: f64,
    },
    /// Every weight is zero.
    #[error("every weight is 0, so no row counts")]
    NoWeight,
    /// A class code is out of range.
    #[error("{what} has class code {code} in row {row}, but there are {count} classes (codes 0 to {})", count.saturating_sub(1))]
    Code {
        /// The argument.
        what: &'static str,
        /// The row, counted from 0.
        row: usize,
        /// The code found.
        code: u32,
        /// The number of classes.
        count: usize,
    },
    /// The measure compares classes, and there is one.
    #[error("{measure} compares classes, and the rows that count are all of one class")]
    OneClass {
        /// The measure asked for.
        measure: &'static str,
    },
    /// The measure looks at the order of rows, and none has a right one.
    #[error("{measure} looks at the order of rows, and no two of the rows that count have a right one")]
    NoPairs {
        /// The measure asked for.
        measure: &'static str,
    },
    /// A row does not hold probabilities.
    #[error("row {row} does not hold probabilities: each must lie in 0 to 1, and a row must sum to 1")]
    NotProbabilities {
        /// The row, counted from 0.
        row: usize,
    },
    /// A value lies where the measure is not defined.
    #[error("{measure} is not defined for {what} {value} (row {row}): it needs {needs}")]
    Domain {
        /// The measure asked for.
        measure: &'static str,
        /// The argument.
        what: &'static str,
        /// The row, counted from 0.
        row: usize,
        /// The value found.
        value: f64,
        /// The values for which it is defined.
        needs: &'static str,
    },
    /// A setting is impossible.
    #[error("{name} = {value} is impossible: it must be {needs}")]
    Setting {
        /// The setting.
        name: &'static str,
        /// The value given.
        value: f64,
        /// The values allowed.
        needs: &'static str,
    },
    /// No metric has this name.
    #[error("there is no metric called `{name}`{}", suggestion.map(|s| format!(": did you mean `{s}`?")).unwrap_or_default())]
    UnknownMetric {
        /// The name given.
        name: String,
        /// The nearest right spelling.
        suggestion: Option<&'static str>,
    },
    /// The metric does not suit what it was given.
    #[error("{metric} needs {needs}")]
    Unsuited {
        /// The metric.
        metric: &'static str,
        /// The truth and prediction it needs.
        needs: &'static str,
    },
    /// The metric is undefined on most resamples.
    #[error("{measure} is defined on only {defined} of {resamples} resamples: too few for an interval")]
    Resamples {
        /// The measure resampled.
        measure: &'static str,
        /// Resamples on which it is defined.
        defined: usize,
        /// Resamples drawn.
        resamples: usize,
    },
}

//! The texts that mean that a value is missing, wherever text is read: a file, a request, an expression.

/// The spellings of a missing value.
pub const MISSING: [&str; 5] = ["", "NA", "NaN", "null", "?"];

/// Whether a text means that the value is missing; blanks around it do not count.
#[must_use]
pub fn is_missing(text: &str) -> bool {
    // Almost every value is longer than any of the spellings.
    text.len() <= 4 && MISSING.contains(&text.trim()) || text.trim().is_empty()
}

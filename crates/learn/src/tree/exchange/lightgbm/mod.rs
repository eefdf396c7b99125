//! LightGBM's text models.
//!
//! A header of `key=value` lines, then a block of them for each tree, all arrays in one line with blanks
//! between. A node's `decision_type` has a bit for a category, one for where the missing go, and two for what
//! is missing: nothing (a NaN is 0), zero and NaN, or NaN. Thresholds are `f64`.

mod read;
pub(super) mod write;

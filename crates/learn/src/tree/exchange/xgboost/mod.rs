//! XGBoost's JSON and UBJSON models.
//!
//! One form in two spellings ([`form`]): the learner's parameters as texts, then for each tree arrays with a
//! value a node. A value is rounded to the nearest `f32` and goes left below the threshold; the categories
//! that a node lists go *right*, and those that were never seen left.

mod form;
mod read;
mod write;

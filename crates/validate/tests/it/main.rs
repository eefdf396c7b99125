//! The room's tests: splits, cross-validation, curves.
#![allow(clippy::unwrap_used, missing_docs)]

mod cross;
mod curves;
mod learner;
mod splits;

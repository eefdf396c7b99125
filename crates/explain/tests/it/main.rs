//! The room's tests: questions to models whose answers are known.
#![allow(clippy::unwrap_used, missing_docs)]

mod formula;
mod partials;
mod permutations;
mod shaps;
mod sliced;

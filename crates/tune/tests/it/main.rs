//! The room's tests: spaces, samplers, studies, the search.
#![allow(clippy::unwrap_used, missing_docs)]

mod learner;
mod sampling;
mod searching;
mod spaces;

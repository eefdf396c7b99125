//! Row expressions: SQL text that gives one value a row, the same in training and in a request.
//!
//! [`Derive`] adds columns by such expressions. They are compiled once, when a step is fitted or a bundle
//! loads, by DataFusion's planner, and evaluated on Arrow columns without its engine.
//!
//! What differs from SQL, so that no row stops the others and no type surprises anybody: numbers come in as
//! `Float64`; `/` and `%` work on those; a value that cannot be cast is missing; so is a number that is not
//! finite, wherever it stands, and an expression that fails on a row; -0 is 0; text beside a number is read as
//! one; a span of time is a number of seconds, between two days too. Names are taken as they are spelt, without
//! folding their case; those with other characters than letters, digits and `_` stand in double quotes.
//! Aggregates, windows, subqueries, the clock and chance are refused.
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod boundless;
mod compile;
mod derive;
mod finite;
mod meet;
mod planner;
mod stable;
mod syntax;

pub use boundless::{LONGEST, boundless};
pub use derive::{Derive, Expressions};
pub use planner::engine;
pub use stable::unstable;
pub use syntax::columns_in;

use arkwright_core::{Format, Spec};

/// The estimators of this room.
pub fn specs() -> Vec<Spec> {
    vec![Spec::leaf::<Derive>()]
}

/// The saved formats of this room.
pub fn formats() -> Vec<Format> {
    vec![Format { name: derive::FORMAT, version: 1, load: derive::load }]
}

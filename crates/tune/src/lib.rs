//! Tuning: which settings do best on rows that they were not fitted on?
//!
//! A [`Space`] says what may vary, a [`Sampler`] draws values from it, a [`Study`] asks and is told, and
//! [`Search`] is the estimator that does all of it for a part it knows nothing about: it rebuilds the part's
//! table with a trial's values and has the registry parse it.
//!
//! | file | what lives there |
//! |---|---|
//! | [`space`] | ranges and choices, read with their places |
//! | [`sampler`] | random search and the grid; trial i depends on the seed and on i only |
//! | [`study`] | ask and tell; the history |
//! | [`search`] | the estimator: trials scored in rounds of folds, the worse half dropped after each |
//! | `template` | a table with holes, filled with a trial's values |
//!
//! ```
//! use arkwright_tune::{Dimension, Range, Sampler, Space, Study};
//!
//! let range = Range::Float { low: -2.0, high: 2.0, log: false, step: None };
//! let space = Space { dimensions: vec![Dimension::new("x", range)] };
//! let mut study = Study::new(space, Sampler::Random, 7, false);
//! for _ in 0..50 {
//!     let Some(trial) = study.ask() else { break };
//!     let x = trial.values.get("x").and_then(|x| x.as_f64()).unwrap_or(2.0);
//!     study.tell(trial.number, (x - 1.0) * (x - 1.0));
//! }
//! assert!(study.best().and_then(|trial| trial.score).is_some_and(|score| score < 0.1));
//! ```
#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod sampler;
pub mod search;
pub mod space;
pub mod study;
mod template;

pub use sampler::Sampler;
pub use search::{History, Pruning, Search, SearchSettings, search_spec};
pub use space::{Dimension, Range, Space, Values};
pub use study::{State, Study, Trial};

use arkwright_core::Spec;

/// The estimators of this room.
pub fn specs() -> Vec<Spec> {
    vec![search_spec()]
}

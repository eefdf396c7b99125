//! Estimators made of estimators. They hold [`Part`](arkwright_core::Part)s and fit them through
//! [`Context::fit`](arkwright_core::Context::fit), and know nothing of what is inside.

mod bagging;
mod chain;
mod hold_out;

pub use bagging::{Bagging, BaggingModel, Draws};
pub use chain::{Chain, ChainModel};
pub use hold_out::HoldOut;

use arkwright_core::{Format, Spec};

/// The estimators of this folder.
pub fn specs() -> Vec<Spec> {
    vec![bagging::spec(), chain::spec(), hold_out::spec()]
}

/// The saved formats of this folder.
pub fn formats() -> Vec<Format> {
    vec![bagging::format(), chain::format()]
}

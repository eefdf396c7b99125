//! Classical learning.
//!
//! A learner is typed: it implements [`Fit`] or [`FitRows`] on [`Samples`] and its model [`Predict`];
//! [`Lift`], [`LiftRows`] and [`Predictor`] make the core's estimators and models of them. To add one,
//! write a file in its folder, derive its settings, implement [`arkwright_core::Leaf`], and add a line to
//! the folder's `specs` and, for a new saved format, one to its `formats`.
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod bag;
pub mod bayes;
mod class_weight;
pub mod cluster;
pub mod compose;
pub mod decompose;
mod dense;
pub mod discriminant;
mod lift;
pub mod linear;
mod link;
pub mod neighbors;
mod predictor;
pub mod preprocess;
mod samples;
mod step;
pub mod svm;
pub mod tree;
mod word;

pub use bag::MaxSamples;
pub use class_weight::ClassWeight;
pub use lift::{Fit, FitRows, Lift, LiftRows, Names, Outcome, Predict, Rows};
pub use predictor::Predictor;
pub use samples::{Column, Columns, Design, MISSING, Samples, Target};
pub use step::{FitInputs, Given, LiftInputs, Transform, Transformer};

use arkwright_core::{Format, Spec};

/// The estimators of this room.
pub fn specs() -> Vec<Spec> {
    [
        preprocess::specs(),
        decompose::specs(),
        cluster::specs(),
        linear::specs(),
        neighbors::specs(),
        bayes::specs(),
        discriminant::specs(),
        svm::specs(),
        tree::specs(),
        compose::specs(),
    ]
    .concat()
}

/// The saved formats of this room.
pub fn formats() -> Vec<Format> {
    [
        preprocess::formats(),
        decompose::formats(),
        cluster::formats(),
        linear::formats(),
        neighbors::formats(),
        bayes::formats(),
        discriminant::formats(),
        svm::formats(),
        tree::formats(),
        compose::formats(),
    ]
    .concat()
}

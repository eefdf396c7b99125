//! Neighbours: a row is answered by the rows most like it.
//!
//! | estimator | who answers |
//! |---|---|
//! | [`Knn`] | the k nearest rows |
//! | [`RadiusNeighbors`] | all rows within a radius |
//!
//! Rows are found by a tree where columns are few, else by products of matrices in single precision that sieve out what is
//! far, so that only what may be near is measured, in full; `index` is what other learners search with.

pub(crate) mod index;
mod kd_tree;
mod knn;
pub(crate) mod metric;
mod model;
pub(crate) mod nearest;
mod radius;
mod screen;

pub use index::Algorithm;
pub use knn::Knn;
pub use metric::Metric;
pub use model::{Neighbors, Weights};
pub use radius::RadiusNeighbors;

use crate::Predictor;
use arkwright_core::{Format, Spec};

/// The estimators of this folder.
pub fn specs() -> Vec<Spec> {
    vec![Spec::leaf::<Knn>(), Spec::leaf::<RadiusNeighbors>()]
}

/// The saved formats of this folder.
pub fn formats() -> Vec<Format> {
    vec![Predictor::<Neighbors>::loader()]
}

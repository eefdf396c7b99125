//! Decompositions: a few directions in which the rows differ most, instead of many columns.
//!
//! | estimator | directions |
//! |---|---|
//! | [`Pca`] | of largest variance, around the mean |
//! | [`TruncatedSvd`] | of largest sums of squares, around the origin |
//!
//! A decomposition is a step that prepares a table: it takes numbers, levels and vectors and gives one vector, the row in
//! the new directions.

mod pca;
mod projection;
mod randomized;
mod solver;
mod truncated_svd;

pub use pca::Pca;
pub use projection::Projection;
pub use solver::Solver;
pub use truncated_svd::TruncatedSvd;

use crate::Transformer;
use arkwright_core::{Format, Spec};

/// The estimators of this folder.
pub fn specs() -> Vec<Spec> {
    vec![Spec::leaf::<Pca>(), Spec::leaf::<TruncatedSvd>()]
}

/// The saved formats of this folder.
pub fn formats() -> Vec<Format> {
    vec![Transformer::<Projection>::loader()]
}

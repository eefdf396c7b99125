//! Discriminant analysis: classes as clouds of rows, each around a mean, with a spread in all directions.
//!
//! | estimator | spread | border |
//! |---|---|---|
//! | [`Lda`] | shared by all classes | straight |
//! | [`Qda`] | of each class | curved |
//!
//! Both learn in two passes over rows of any number, and one more for Ledoit and Wolf's shrinkage.

mod lda;
mod qda;
mod scatter;
mod shrinkage;

pub use lda::{Lda, Solver};
pub use qda::{Clouds, Qda};
pub use shrinkage::Shrinkage;

use crate::Predictor;
use arkwright_core::{Format, Spec};

/// The estimators of this folder.
pub fn specs() -> Vec<Spec> {
    vec![Spec::leaf::<Lda>(), Spec::leaf::<Qda>()]
}

/// The saved formats of this folder.
pub fn formats() -> Vec<Format> {
    vec![Predictor::<Clouds>::loader()]
}

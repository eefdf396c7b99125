//! Naive Bayes: classes by how likely each makes the row, its columns taken one by one.
//!
//! `P(class | x)` is in proportion to `P(class) prod_j P(x_j | class)` (Bayes' theorem, and the naive belief that within a
//! class the columns do not depend on one another). What a column looks like within a class is what the kinds differ in.
//!
//! | estimator | a column is |
//! |---|---|
//! | [`GaussianNb`] | a number, normal within a class |
//! | [`MultinomialNb`] | a count, of one thing among many |
//! | [`ComplementNb`] | a count, judged by all other classes: for classes of unlike size |
//! | [`BernoulliNb`] | there or not |
//!
//! All learn in one or two passes over rows of any number: sums by class and column, nothing else.

mod bernoulli;
mod complement;
mod gaussian;
mod multinomial;
pub(crate) mod tally;

pub use bernoulli::{BernoulliNb, Switched};
pub use complement::ComplementNb;
pub use gaussian::{GaussianNb, Gaussians};
pub use multinomial::MultinomialNb;

use crate::Predictor;
use arkwright_core::{Format, Spec};

/// The estimators of this folder.
pub fn specs() -> Vec<Spec> {
    vec![
        Spec::leaf::<GaussianNb>(),
        Spec::leaf::<MultinomialNb>(),
        Spec::leaf::<ComplementNb>(),
        Spec::leaf::<BernoulliNb>(),
    ]
}

/// The saved formats of this folder.
pub fn formats() -> Vec<Format> {
    vec![Predictor::<Gaussians>::loader(), Predictor::<Switched>::loader()]
}

//! Linear models: an answer is a weighted sum of the inputs, passed through a link.
//!
//! | estimator | for | learns by |
//! |---|---|---|
//! | [`Linear`] | a number | least squares, ridge, lasso or elastic net, in passes over rows of any number |
//! | [`Logistic`] | classes | Newton's method, L-BFGS, or their proximal kin for L1 penalties |
//! | [`Glm`] | a count or an amount | Newton's method or L-BFGS on the deviance |
//! | [`Baseline`] | both | the mean or the shares of the classes: what any model has to beat |
//!
//! A column of levels is read as the one-hot columns that it stands for, and never widened: a product
//! with it is a look-up.

mod baseline;
pub(crate) mod design;
mod glm;
pub(crate) mod gram;
mod least_squares;
mod logistic;
mod model;
mod objective;
mod penalised;
mod smooth;
pub(crate) mod solve;
mod wide;

pub use baseline::{Baseline, Constant, Summary};
pub use glm::Glm;
pub use least_squares::Linear;
pub use logistic::Logistic;
pub use model::{LinearModel, Link};

use crate::Predictor;
use arkwright_core::{Format, Spec};

/// The estimators of this folder.
pub fn specs() -> Vec<Spec> {
    vec![Spec::leaf::<Linear>(), Spec::leaf::<Logistic>(), Spec::leaf::<Glm>(), Spec::leaf::<Baseline>()]
}

/// The saved formats of this folder.
pub fn formats() -> Vec<Format> {
    vec![Predictor::<LinearModel>::loader(), Predictor::<Constant>::loader()]
}

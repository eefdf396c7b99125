//! Trees: gradient boosting, single trees and forests.
//!
//! All of them sort a table's values into a few hundred bins once ([`bins`]) and grow on the bins; all give
//! the same fitted thing, an [`Ensemble`]: flat arrays of nodes and leaves that predict ([`walk`], [`many`]),
//! save themselves ([`saved`]) and tell how they came to their answers ([`outputs`], [`shap`]). Boosting grows
//! by gradient histograms ([`histogram`], [`split`], [`grow`]); single trees and forests by class counts and
//! means ([`cart`]).

mod background;
mod bins;
mod cart;
mod choice;
mod eight;
pub mod exchange;
mod foreign;
mod forest;
mod gbdt;
mod grid;
mod grow;
mod histogram;
mod impurity;
mod interaction;
#[cfg(test)]
mod made;
mod many;
mod node;
mod objective;
mod outputs;
mod quick;
mod ranks;
mod saved;
mod shap;
#[cfg(test)]
mod shape_tests;
mod split;
mod symmetric;
mod walk;
mod watch;
mod wide;

pub use forest::{DecisionTree, ExtraTrees, MaxFeatures, RandomForest, Root};
pub use gbdt::{CustomGbdt, Gbdt};
pub use grow::GrowPolicy;
pub use node::{Ensemble, Link};
pub use objective::{AftDistribution, CoxTies, CustomObjective, Loss};
pub use outputs::Shapley;

use crate::Predictor;
use arkwright_core::{Format, Spec};

/// The estimators of this folder.
pub fn specs() -> Vec<Spec> {
    vec![Spec::leaf::<Gbdt>(), Spec::leaf::<DecisionTree>(), Spec::leaf::<RandomForest>(), Spec::leaf::<ExtraTrees>()]
}

/// The saved formats of this folder: one, which all trees share.
pub fn formats() -> Vec<Format> {
    vec![Predictor::<Ensemble>::loader()]
}

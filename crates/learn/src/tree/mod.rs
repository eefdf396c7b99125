//! Trees: gradient boosting, single trees and forests.
//!
//! All of them sort a table's values into a few hundred bins once ([`bins`]) and grow on the bins; all give
//! the same fitted thing, an [`Ensemble`]: flat arrays of nodes and leaves that predict ([`walk`], [`many`]),
//! save themselves ([`saved`]) and tell how they came to their answers ([`outputs`], [`shap`]). Boosting grows
//! by gradient histograms: [`grow`] says which leaf is next, [`seek`] looks for its best split ([`histogram`],
//! [`split`]), [`partition`] parts its rows ([`sift`]), [`step`] gives the rows what the tree makes of them. Single
//! trees and forests grow by class counts and means ([`cart`]).
//!
//! Boosting's settings are in [`gbdt`] and its rounds in [`boosting`]; what a round may do otherwise has a file
//! each: which rows it sees ([`sampling`]), which trees it leaves out ([`dart`]), what its leaves hold
//! ([`linear_leaf`]), what columns are bound to ([`constraint`]). [`refit`] makes the leaves of fitted trees anew.

mod absolute;
mod adaboost;
mod applies;
mod background;
mod bins;
mod boosting;
mod cart;
mod choice;
mod constraint;
mod dart;
mod decision_tree;
mod drawing;
mod eight;
pub mod exchange;
mod foreign;
mod forest;
mod gbdt;
mod grid;
mod grow;
mod histogram;
mod importance;
mod impurity;
mod interaction;
mod level_order;
mod linear_leaf;
#[cfg(test)]
mod made;
mod many;
mod node;
mod objective;
mod out_of_bag;
mod outputs;
mod parting;
mod partition;
mod prefetch;
mod pruning;
mod quantile_forest;
mod quick;
mod random_forest;
mod ranks;
mod refit;
mod sampling;
mod saved;
mod seek;
mod shap;
#[cfg(test)]
mod shape_tests;
mod sift;
mod split;
mod step;
mod symmetric;
mod walk;
mod watch;
mod weights;
mod wide;

pub use adaboost::{AdaBoost, AdaBoosted, AdaLoss};
pub use constraint::{Member, MonotonicCst};
pub use decision_tree::DecisionTree;
pub use forest::{MaxFeatures, Root};
pub use gbdt::{BoostingType, CustomGbdt, Gbdt};
pub use grow::GrowPolicy;
pub use importance::Importance;
pub use impurity::Criterion;
pub use node::{Ensemble, Link};
pub use objective::{AftDistribution, CoxTies, CustomObjective, Loss};
pub use out_of_bag::OutOfBag;
pub use outputs::Shapley;
pub use pruning::Pruned;
pub use quantile_forest::Quantiles;
pub use random_forest::{ExtraTrees, RandomForest};
pub use sampling::SampleStrategy;
pub use weights::{ForestClassWeight, Subsample};

use crate::Predictor;
use arkwright_core::{Format, Spec};

/// The estimators of this folder.
pub fn specs() -> Vec<Spec> {
    vec![
        Spec::leaf::<Gbdt>(),
        Spec::leaf::<DecisionTree>(),
        Spec::leaf::<RandomForest>(),
        Spec::leaf::<ExtraTrees>(),
        Spec::leaf::<AdaBoost>(),
    ]
}

/// The saved formats of this folder: one that all trees share, and those of trees that vote or
/// keep their targets.
pub fn formats() -> Vec<Format> {
    vec![Predictor::<Ensemble>::loader(), Predictor::<AdaBoosted>::loader(), Predictor::<Quantiles>::loader()]
}

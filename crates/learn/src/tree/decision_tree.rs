//! One tree (Breiman, Friedman, Olshen & Stone 1984): its settings, and how it is pruned.
//!
//! A tree grown until its leaves are pure has learnt the noise too. `ccp_alpha` cuts back what earns too
//! little (`pruning.rs`); [`DecisionTree::pruning_path`] tells which values of it make a difference.

use super::forest::{Forest, MaxFeatures, tree_learner};
use super::impurity::Criterion;
use super::node::Ensemble;
use super::pruning::Pruned;
use super::quantile_forest::{self, QuantileForest};
use super::weights::ForestClassWeight;
use crate::{ClassWeight, Fit, Lift, Outcome, Samples};
use arkwright_core::{Context, Estimator, Leaf, Result, Settings, Task};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// One decision tree. Reads missing values and levels as they are.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct DecisionTree {
    /// What a split makes smaller. When absent, `gini` to classify and `squared_error` to regress.
    pub criterion: Option<Criterion>,
    /// Questions from the root to a leaf; when absent, 512.
    pub max_depth: Option<u32>,
    /// Leaves; no limit when absent. With one, the leaf that gains most is split next.
    pub max_leaf_nodes: Option<u32>,
    /// Rows that a node needs to be split, at least 2. 2.
    pub min_samples_split: u32,
    /// Rows a leaf. 1.
    pub min_samples_leaf: u32,
    /// The share of all weight that a leaf needs, at most 0.5. 0.
    pub min_weight_fraction_leaf: f64,
    /// How much purer a split must make the whole. 0.
    pub min_impurity_decrease: f64,
    /// Features that a node looks at: `sqrt`, `log2` or a share. All when absent.
    pub max_features: Option<MaxFeatures>,
    /// `balanced` makes rare classes count as much as frequent ones; or a weight for each class. Each row counts the same
    /// when absent.
    pub class_weight: Option<ClassWeight>,
    /// A branch is cut back unless each of its leaves makes the whole purer by more than this. 0.
    pub ccp_alpha: f64,
}

impl Default for DecisionTree {
    fn default() -> Self {
        Self {
            criterion: None,
            max_depth: None,
            max_leaf_nodes: None,
            min_samples_split: 2,
            min_samples_leaf: 1,
            min_weight_fraction_leaf: 0.0,
            min_impurity_decrease: 0.0,
            max_features: None,
            class_weight: None,
            ccp_alpha: 0.0,
        }
    }
}

impl From<&DecisionTree> for Forest {
    fn from(s: &DecisionTree) -> Self {
        Self {
            n_estimators: 1,
            criterion: s.criterion,
            max_depth: s.max_depth,
            max_leaf_nodes: s.max_leaf_nodes,
            min_samples_split: s.min_samples_split,
            min_samples_leaf: s.min_samples_leaf,
            min_weight_fraction_leaf: s.min_weight_fraction_leaf,
            min_impurity_decrease: s.min_impurity_decrease,
            max_features: Some(s.max_features.unwrap_or(MaxFeatures::Share(1.0))),
            bootstrap: false,
            max_samples: None,
            class_weight: s.class_weight.clone().map(ForestClassWeight::Whole),
            ccp_alpha: s.ccp_alpha,
            oob_score: false,
            random_cuts: false,
        }
    }
}

tree_learner!(DecisionTree, "decision_tree", "One decision tree");

impl DecisionTree {
    fn quantiles(&self) -> Option<&[f64]> {
        None
    }

    /// The trees that cutting back gives, from the whole tree to its root: for each the least `ccp_alpha`
    /// that gives it, its leaves, and the impurity that is left in them.
    ///
    /// # Errors
    /// When the rows cannot be learnt from.
    pub fn pruning_path(&self, train: &Samples<'_>, ctx: &Context) -> Result<Vec<Pruned>> {
        Forest::from(self).pruning_path(train, ctx)
    }
}

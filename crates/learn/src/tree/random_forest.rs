//! A forest of trees (Breiman 2001), and extremely random trees (Geurts, Ernst & Wehenkel 2006): their
//! settings. How they are grown is told in `forest.rs`.

use super::forest::{Forest, MaxFeatures, tree_learner};
use super::impurity::Criterion;
use super::node::Ensemble;
use super::out_of_bag::OutOfBag;
use super::quantile_forest::{self, QuantileForest, Quantiles};
use super::weights::ForestClassWeight;
use crate::{Fit, Lift, MaxSamples, Outcome, Samples};
use arkwright_core::{Context, Error, Estimator, Leaf, Result, Settings, Task};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

// Two kinds with the same settings, but for one default.
macro_rules! forest {
    ($(#[$about:meta])* $type:ident, bootstrap: $bootstrap:literal, random_cuts: $random_cuts:literal) => {
        $(#[$about])*
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
        #[serde(default, deny_unknown_fields)]
        pub struct $type {
            /// Trees. 100.
            pub n_estimators: u32,
            /// What a split makes smaller. When absent, `gini` to classify and `squared_error` to regress.
            pub criterion: Option<Criterion>,
            /// Questions from the root to a leaf; when absent, 512.
            pub max_depth: Option<u32>,
            /// Leaves a tree; no limit when absent. With one, the leaf that gains most is split next.
            pub max_leaf_nodes: Option<u32>,
            /// Rows that a node needs to be split, at least 2. 2.
            pub min_samples_split: u32,
            /// Rows a leaf. 1.
            pub min_samples_leaf: u32,
            /// The share of a tree's weight that a leaf needs, at most 0.5. 0.
            pub min_weight_fraction_leaf: f64,
            /// How much purer a split must make the whole. 0.
            pub min_impurity_decrease: f64,
            /// Features that a node looks at: `sqrt`, `log2` or a share. When absent, `sqrt` to classify and
            /// all to regress.
            pub max_features: Option<MaxFeatures>,
            /// Whether each tree draws its rows with putting back: by default `random_forest` does, and
            /// `extra_trees` does not.
            pub bootstrap: bool,
            /// Rows that each tree draws, where it draws: a number, or a share of all (of the sum of the weights,
            /// where rows have some). As many as there are when absent.
            pub max_samples: Option<MaxSamples>,
            /// `balanced` makes rare classes count as much as frequent ones, `balanced_subsample` among the
            /// rows that each tree drew; or a weight for each class. Each row counts the same when absent.
            pub class_weight: Option<ForestClassWeight>,
            /// A branch is cut back unless each of its leaves makes its tree purer by more than this. 0.
            pub ccp_alpha: f64,
            /// Whether the notes tell how well the rows are answered by the trees that did not draw them:
            /// the accuracy, or r2. false.
            pub oob_score: bool,
            /// Numbers only: the quantiles of the answer to tell beside its mean, each between 0 and 1.
            /// None when absent.
            pub quantiles: Option<Vec<f64>>,
        }

        impl Default for $type {
            fn default() -> Self {
                Self {
                    n_estimators: 100,
                    criterion: None,
                    max_depth: None,
                    max_leaf_nodes: None,
                    min_samples_split: 2,
                    min_samples_leaf: 1,
                    min_weight_fraction_leaf: 0.0,
                    min_impurity_decrease: 0.0,
                    max_features: None,
                    bootstrap: $bootstrap,
                    max_samples: None,
                    class_weight: None,
                    ccp_alpha: 0.0,
                    oob_score: false,
                    quantiles: None,
                }
            }
        }

        impl From<&$type> for Forest {
            fn from(s: &$type) -> Self {
                Self {
                    n_estimators: s.n_estimators,
                    criterion: s.criterion,
                    max_depth: s.max_depth,
                    max_leaf_nodes: s.max_leaf_nodes,
                    min_samples_split: s.min_samples_split,
                    min_samples_leaf: s.min_samples_leaf,
                    min_weight_fraction_leaf: s.min_weight_fraction_leaf,
                    min_impurity_decrease: s.min_impurity_decrease,
                    max_features: s.max_features,
                    bootstrap: s.bootstrap,
                    max_samples: s.max_samples,
                    class_weight: s.class_weight.clone(),
                    ccp_alpha: s.ccp_alpha,
                    oob_score: s.oob_score,
                    random_cuts: $random_cuts,
                }
            }
        }

        impl $type {
            fn quantiles(&self) -> Option<&[f64]> {
                self.quantiles.as_deref()
            }

            /// Fits, and has the leaves keep their targets, so that `quantiles` can be told.
            ///
            /// # Errors
            /// When the target is of classes, `quantiles` is absent, or the rows cannot be learnt from.
            pub fn fit_quantiles(&self, train: &Samples<'_>, ctx: &Context) -> Result<Quantiles> {
                let quantiles = self.quantiles.clone().ok_or_else(|| Error::setting("`quantiles` is missing"))?;
                Ok(QuantileForest { forest: Forest::from(self), quantiles }.fit(train, None, ctx)?.model)
            }

            /// Fits, and answers each row by the trees that did not draw it; needs `bootstrap`.
            ///
            /// # Errors
            /// When the rows cannot be learnt from, or every tree sees all rows.
            pub fn fit_out_of_bag(&self, train: &Samples<'_>, ctx: &Context) -> Result<(Ensemble, OutOfBag)> {
                Forest::from(self).fit_out_of_bag(train, ctx)
            }
        }
    };
}

forest!(
    /// A forest of trees, each grown on a draw of the rows. Reads missing values and levels as they are.
    RandomForest,
    bootstrap: true,
    random_cuts: false
);
forest!(
    /// Extremely random trees: cuts are drawn, evenly over a node's bins, and the best draw is taken. Reads
    /// missing values and levels as they are.
    ExtraTrees,
    bootstrap: false,
    random_cuts: true
);

tree_learner!(RandomForest, "random_forest", "The mean of trees, each grown on a draw of rows and features");
tree_learner!(ExtraTrees, "extra_trees", "The mean of trees whose cuts are drawn at random");

//! k nearest neighbours: the answer of a row is that of the k rows most like it.
//!
//! Nothing is fitted: the rows are kept, and a query is compared with them (Fix & Hodges 1951; Cover & Hart 1967,
//! "Nearest neighbor pattern classification"). A query costs n p multiplications by all rows, far fewer by a tree
//! where columns are few; memory n p. All columns weigh the same in a distance, so they are scaled first, and
//! columns that say nothing make the answer worse.

use super::index::Algorithm;
use super::metric::{self, Metric};
use super::model::{Asked, Neighbors, Weights};
use super::nearest::Wanted;
use crate::{Fit, Lift, Outcome, Samples};
use arkwright_core::{Context, Error, Estimator, Leaf, Result, Settings, Task, must};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// k nearest neighbours. Settings are named as in scikit-learn's `KNeighborsClassifier`, and mean the same.
///
/// A row's weight multiplies its vote; it does not change which rows are near. Of rows at the same distance the first are nearer.
///
/// ```
/// use arkwright_core::Context;
/// use arkwright_learn::neighbors::Knn;
/// use arkwright_learn::{Column, Design, Fit, Predict, Samples, Target};
/// let x = [Column::F64(&[0.0, 1.0, 8.0, 9.0])];
/// let rows = Samples::new(Design { columns: &x, rows: 4 }, Target::Values(&[1.0, 3.0, 20.0, 30.0]));
/// let model = Knn { n_neighbors: 2, ..Knn::default() }.fit(&rows, None, &Context::new(1)).unwrap().model;
/// let mut answer = [0.0];
/// model.predict(&Design { columns: &[Column::F64(&[0.4])], rows: 1 }, &mut answer);
/// assert_eq!(answer, [2.0]);
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Knn {
    /// How many near rows answer, at least 1 and at most the rows. More make a smoother answer. Default: 5.
    pub n_neighbors: usize,
    /// How much each of them counts. Default: `uniform`, all the same.
    pub weights: Weights,
    /// How they are found; the answers are the same. Default: `auto`, a tree where columns are few.
    pub algorithm: Algorithm,
    /// Rows a leaf of the tree, at least 1. Default: 30.
    pub leaf_size: usize,
    /// The exponent of `minkowski`, at least 1. Default: 2, the straight line.
    pub p: f64,
    /// How far two rows are apart. Default: `minkowski`.
    pub metric: Metric,
}

impl Default for Knn {
    fn default() -> Self {
        Self {
            n_neighbors: 5,
            weights: Weights::Uniform,
            algorithm: Algorithm::Auto,
            leaf_size: 30,
            p: 2.0,
            metric: Metric::Minkowski,
        }
    }
}

impl Settings for Knn {
    fn check(&self) -> Result<(), (&'static str, String)> {
        must::be_at_least("n_neighbors", self.n_neighbors, 1)?;
        must::be_at_least("leaf_size", self.leaf_size, 1)?;
        metric::check(self.p)
    }
}

impl Leaf for Knn {
    const KIND: &'static str = "knn";
    const ABOUT: &'static str = "k nearest neighbours: the rows most like one answer for it.";
    const TASKS: &'static [Task] = &[Task::Classify, Task::Regress];
    const PREPARE: &'static [&'static str] = &["dates", "impute", "scale", "levels"];

    fn estimator(self) -> Arc<dyn Estimator> {
        Arc::new(Lift(self))
    }
}

impl Fit for Knn {
    type Model = Neighbors;
    const TASKS: &'static [Task] = &[Task::Classify, Task::Regress];
    const MISSING: bool = false;

    fn fit(&self, train: &Samples<'_>, _valid: Option<&Samples<'_>>, ctx: &Context) -> Result<Outcome<Neighbors>> {
        let asked = Asked {
            wanted: Wanted::Nearest(self.n_neighbors),
            weights: self.weights,
            algorithm: self.algorithm,
            leaf_size: self.leaf_size,
            metric: self.metric,
            p: self.p,
        };
        let model = Neighbors::learn(asked, train, ctx)?;
        if model.rows() < self.n_neighbors {
            return Err(Error::data(format!("{} rows have no {} neighbours", model.rows(), self.n_neighbors))
                .with_hint(format!("set n_neighbors to at most {}", model.rows())));
        }
        Ok(model.into())
    }
}

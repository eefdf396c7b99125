//! Neighbours within a radius: the answer of a row is that of all rows near enough.
//!
//! Where rows lie close together many answer, where they are sparse few do, and where there are none the answer is that of
//! all rows. A query costs as much as in `knn`, and its neighbours on top (Bentley, Stanat & Williams 1977, "The complexity
//! of finding fixed-radius near neighbors").

use super::index::Algorithm;
use super::metric::{self, Distance, Metric};
use super::model::{Asked, Neighbors, Weights};
use super::nearest::Wanted;
use crate::{Fit, Lift, Outcome, Samples};
use arkwright_core::{Context, Estimator, Leaf, Result, Settings, Task, must};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Neighbours within a radius. Settings are named as in scikit-learn's `RadiusNeighborsClassifier`.
///
/// Where scikit-learn refuses to answer, because no row is within the radius, the answer is the classes' shares or the mean of
/// all rows: a model in use has to answer.
///
/// ```
/// use arkwright_core::Context;
/// use arkwright_learn::neighbors::RadiusNeighbors;
/// use arkwright_learn::{Column, Design, Fit, Predict, Samples, Target};
/// let x = [Column::F64(&[0.0, 1.0, 8.0, 9.0])];
/// let rows = Samples::new(Design { columns: &x, rows: 4 }, Target::Values(&[1.0, 3.0, 20.0, 30.0]));
/// let model = RadiusNeighbors { radius: 2.0, ..Default::default() }.fit(&rows, None, &Context::new(1)).unwrap().model;
/// let mut answer = [0.0; 2];
/// model.predict(&Design { columns: &[Column::F64(&[0.4, 90.0])], rows: 2 }, &mut answer);
/// assert_eq!(answer, [2.0, 13.5]);
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct RadiusNeighbors {
    /// How far a row may be, above 0. Default: 1, a standard deviation of one scaled column.
    pub radius: f64,
    /// How much each near row counts. Default: `uniform`, all the same.
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

impl Default for RadiusNeighbors {
    fn default() -> Self {
        Self {
            radius: 1.0,
            weights: Weights::Uniform,
            algorithm: Algorithm::Auto,
            leaf_size: 30,
            p: 2.0,
            metric: Metric::Minkowski,
        }
    }
}

impl Settings for RadiusNeighbors {
    fn check(&self) -> Result<(), (&'static str, String)> {
        must::be_above_0("radius", self.radius)?;
        must::be_at_least("leaf_size", self.leaf_size, 1)?;
        metric::check(self.p)
    }
}

impl Leaf for RadiusNeighbors {
    const KIND: &'static str = "radius_neighbors";
    const ABOUT: &'static str = "Neighbours within a radius: all rows near to one answer for it.";
    const TASKS: &'static [Task] = &[Task::Classify, Task::Regress];
    const PREPARE: &'static [&'static str] = &["dates", "impute", "scale", "levels"];

    fn estimator(self) -> Arc<dyn Estimator> {
        Arc::new(Lift(self))
    }
}

impl Fit for RadiusNeighbors {
    type Model = Neighbors;
    const TASKS: &'static [Task] = &[Task::Classify, Task::Regress];
    const MISSING: bool = false;

    fn fit(&self, train: &Samples<'_>, _valid: Option<&Samples<'_>>, ctx: &Context) -> Result<Outcome<Neighbors>> {
        let asked = Asked {
            wanted: Wanted::Within(Distance::of(self.metric, self.p).reduce(self.radius)),
            weights: self.weights,
            algorithm: self.algorithm,
            leaf_size: self.leaf_size,
            metric: self.metric,
            p: self.p,
        };
        Ok(Neighbors::learn(asked, train, ctx)?.into())
    }
}

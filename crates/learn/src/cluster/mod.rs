//! Clusters: groups of rows that lie close together, found without a target.
//!
//! | estimator | a cluster is |
//! |---|---|
//! | [`KMeans`] | the rows nearest to one of k means |
//! | [`Dbscan`] | where rows lie close together, of any shape |
//!
//! A clustering is a step that prepares a table: it takes numbers, levels and vectors and gives the cluster and
//! how far the row lies from each, for what follows to learn from. Distances are in the columns' units: put
//! a `scale` step before it.

mod dbscan;
mod k_means;
mod lloyd;
mod seeding;

pub use dbscan::{Dbscan, Dense};
pub use k_means::{Init, KMeans, KMeansModel};

use crate::Transformer;
use arkwright_core::{Format, Spec};

/// The estimators of this folder.
pub fn specs() -> Vec<Spec> {
    vec![Spec::leaf::<KMeans>(), Spec::leaf::<Dbscan>()]
}

/// The saved formats of this folder.
pub fn formats() -> Vec<Format> {
    vec![Transformer::<KMeansModel>::loader(), Transformer::<Dense>::loader()]
}

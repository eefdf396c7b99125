//! Questions to a fitted model: what do its answers depend on?
//!
//! Everything here asks a [`arkwright_core::Model`], as a rule the whole way from request to answer, so that
//! what comes out is about the columns that a user knows and not about what preparation made of them. Nothing
//! is fitted.
//!
//! | file | what it answers |
//! |---|---|
//! | [`permutation`] | how much worse are the answers if a column is shuffled? |
//! | [`shap`] | how far did each column move each answer? |
//! | [`partial`] | what would the answers be if a column had this value everywhere? |
//! | [`mod@slices`] | for which parts of the rows are the answers better or worse? |
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod asked;
pub mod partial;
pub mod permutation;
pub mod shap;
pub mod slices;

pub use partial::{AccumulatedEffect, Partial, PartialDependence, accumulated_effects, partial_dependence};
pub use permutation::{Importance, Importances, Permutation, permutation_importance};
pub use shap::{Shap, ShapColumn, ShapOutput, ShapSummary, source_column, summary};
pub use slices::{Slice, Sliced, Slices, slices};

//! How well would it do on rows that it has not seen?
//!
//! Everything here sees an estimator through [`arkwright_core::Part`] and a model through
//! [`arkwright_core::Model`]; no learner is known by name. Whatever learns is fitted inside the fold, through
//! [`arkwright_core::Context::fit`], so that nothing of the rows that score leaks into what they score.
//!
//! | file | what it answers |
//! |---|---|
//! | [`split`] | which rows test: settings, the hold-out, the folds |
//! | [`truth`] | what is true of a frame's rows, and what a model says of them |
//! | [`cross`] | scores and predictions of rows by models that did not learn from them |
//! | [`curve`] | does it learn too closely, or too little: learning and validation curves, a verdict |
//! | [`mod@bias_variance`] | how much of the error is the model's shape, how much the rows that it happened to see |
//!
//! ```
//! use arkwright_core::{Field, Frame, Kind};
//! use arkwright_validate::{Split, SplitKind, folds};
//! use std::sync::Arc;
//!
//! let x: arrow::array::ArrayRef = Arc::new(arrow::array::Float64Array::from(vec![0.0; 10]));
//! let frame = Frame::new([Field::input("x", Kind::Number)], vec![x], 10)?;
//! let split = Split { kind: SplitKind::Random, folds: 5, ..Split::default() };
//! let folds = folds(&frame, &split, 7)?;
//! assert!(folds.iter().all(|fold| fold.train.len() == 8 && fold.test.len() == 2));
//! # Ok::<(), arkwright_core::Error>(())
//! ```
#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod bias_variance;
pub mod cross;
pub mod curve;
mod group;
pub mod split;
mod strata;
mod time;
pub mod truth;

pub use bias_variance::{BiasVariance, bias_variance};
pub use cross::{
    CrossValidated, Labelled, OutOfFold, Score, Scoring, cross_validate, cross_validate_with, named_metric, out_of_fold,
};
pub use curve::{Curve, CurvePoint, FitQuality, Verdict, learning_curve, validation_curve, verdict};
pub use split::{Fold, Split, SplitKind, folds, hold_out, remarks};
pub use truth::{Predictions, Truth, predict};

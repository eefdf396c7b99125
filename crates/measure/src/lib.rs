//! How well a prediction does: metrics, curves, calibration, intervals and associations.
//!
//! Everything here is a pure function of slices of `f64` (or of class codes); nothing is read, written,
//! printed or kept. Names and conventions are scikit-learn's, and so are the numbers: the tests compare
//! with it, ties, weights and edge cases included.
//!
//! | file | what it answers |
//! |---|---|
//! | [`metric`] | which metrics there are, by name, and the one door to all of them |
//! | [`classification`] | how often is the label right: confusion matrix, accuracy, F scores, MCC |
//! | [`probability`] | how good is the probability: log loss, Brier score |
//! | [`ranking`] | does the score put positives first: ROC, precision and recall, their areas |
//! | [`calibration`] | does 70 % mean 70 %: reliability curve, expected calibration error |
//! | [`regression`] | how far off is the number: squared, absolute, relative errors, deviances |
//! | [`lists`] | are the best rows of each list first: NDCG, mean average precision, reciprocal rank |
//! | [`survival`] | do those who are said to live longer live longer: concordance |
//! | [`bootstrap`] | how sure is any of it: percentile intervals and paired differences |
//! | [`association`] | does one column give another away: correlations, information, one-feature scores |
//! | [`distribution`] | quantiles, weighted medians and histograms |
//!
//! A weight scales what its row counts for; a weight of two equals a row given twice, exactly, in every
//! measure here. Weights must be finite, at least zero, and not all zero.
//!
//! ```
//! use arkwright_measure::{Metric, Predicted, Truth};
//!
//! let truth = Truth::Classes { codes: &[0, 0, 1, 1], count: 2 };
//! let predicted = Predicted::Probabilities { values: &[0.9, 0.1, 0.6, 0.4, 0.65, 0.35, 0.2, 0.8] };
//! let auc = Metric::parse("roc_auc")?.score(truth, predicted, None)?;
//! assert_eq!(auc, 0.75);
//! # Ok::<(), arkwright_measure::Error>(())
//! ```
#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod association;
pub mod bootstrap;
pub mod calibration;
pub mod classification;
pub mod distribution;
mod error;
mod input;
pub mod lists;
pub mod metric;
mod prepared;
pub mod probability;
pub mod ranking;
pub mod regression;
pub mod survival;

pub use bootstrap::{Bootstrap, Difference, FoldPrepared, Interval};
pub use error::{Error, Result};
pub use metric::{Metric, Predicted, Task, Truth};
pub use prepared::Prepared;

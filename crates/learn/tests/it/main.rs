//! The learners against peers' numbers, against closed forms, and against what users bring.
#![allow(clippy::unwrap_used, missing_docs)]

mod bagging;
mod classic;
mod conformance;
mod linear;
mod objectives;
mod preprocess;
mod shap;
mod tables;
mod tree;
mod tree_files;

//! Trees from other programs, and for them.
//!
//! | file | its job |
//! |---|---|
//! | [`lightgbm`] | reads LightGBM's text, and writes it |
//! | [`xgboost`] | reads XGBoost's JSON and UBJSON, and writes its JSON |
//! | [`onnx`] | writes ONNX, and reads it |
//! | [`ubjson`] | UBJSON, as serde reads it |
//! | [`build`] | a tree as a file tells it becomes nodes and leaves |
//! | [`plain`] | the reverse: nodes and leaves as files want them |
//!
//! A reader is a pure function from bytes. It promises to predict as the other program does, so what it does
//! not know it refuses; and it trusts nothing: every number of a node, feature, class and category is checked,
//! a node that hangs twice ends the reading, and no count makes it reserve more than the file's size warrants.

mod build;
mod lightgbm;
mod onnx;
mod plain;
mod ubjson;
mod xgboost;

use super::node::{Ensemble, Link};
use crate::samples::Design;
use arkwright_core::{Error, Json, Result};

/// A model that was read from another program's file.
#[derive(Clone, Debug, PartialEq)]
pub struct Imported {
    /// Its trees, which predict as that program does.
    pub trees: Ensemble,
    /// What they ask for, in order.
    pub inputs: Vec<Input>,
    /// The objective, as the file calls it.
    pub objective: String,
}

/// What imported trees ask for.
#[derive(Clone, Debug, PartialEq)]
pub struct Input {
    /// Its name in the file; `None` where the file has none.
    pub name: Option<String>,
    /// The values of a category in the order of their codes, where the file has them. An input without is a
    /// number: a category's is its code.
    pub levels: Option<Vec<Json>>,
}

impl Imported {
    /// The number of classes; `None` for a model that answers with numbers.
    pub fn classes(&self) -> Option<usize> {
        match self.trees.link() {
            Link::Logistic => Some(2),
            Link::Softmax | Link::OneVsRest | Link::Probability => Some(self.trees.outputs.max(2)),
            Link::Identity | Link::Exp | Link::Sigmoid | Link::Mean => None,
        }
    }
}

/// The largest file that is read.
const MAX_BYTES: usize = 1 << 30;

/// Refuses what is too large to be a model.
fn check_size(bytes: &[u8]) -> Result<()> {
    match bytes.len() {
        0 => Err(Error::data("the model file is empty")),
        n if n > MAX_BYTES => Err(Error::data(format!("the model file has {n} bytes; up to {MAX_BYTES} are read"))),
        _ => Ok(()),
    }
}

/// What is in the file and cannot be done here.
fn unknown(what: impl std::fmt::Display) -> Error {
    Error::data(format!("{what} cannot be read"))
        .with_hint("export the model from its own program as ONNX and serve it elsewhere, or train it here")
}

impl Ensemble {
    /// The raw answers of rows, n x k: base and leaves added up, before the link.
    pub fn raw(&self, x: &Design<'_>) -> Vec<f64> {
        let mut raw = self.base.repeat(x.rows);
        self.add_trees(0, &self.gathered(x), &mut raw);
        raw
    }
}

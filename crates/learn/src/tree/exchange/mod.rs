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

use self::plain::Question;
use super::node::{Ensemble, Link};
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

/// The programs whose models are exchanged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Program {
    /// LightGBM's text.
    LightGbm,
    /// XGBoost's JSON or UBJSON.
    XgBoost,
    /// ONNX, for any runtime.
    Onnx,
}

impl Program {
    /// Its name, for people.
    pub fn name(self) -> &'static str {
        match self {
            Self::LightGbm => "LightGBM",
            Self::XgBoost => "XGBoost",
            Self::Onnx => "ONNX",
        }
    }

    /// Whose model a file is, by how it begins.
    pub fn of(bytes: &[u8]) -> Self {
        match bytes {
            [b't', b'r', b'e', b'e', ..] => Self::LightGbm,
            [b'{' | b' ' | b'\n' | b'\r' | b'\t', ..] => Self::XgBoost,
            _ => Self::Onnx,
        }
    }

    /// Reads a model.
    ///
    /// # Errors
    /// When the file is damaged, or holds what is not known here.
    pub fn read(self, bytes: &[u8]) -> Result<Imported> {
        match self {
            Self::LightGbm => Ensemble::from_lightgbm(bytes),
            Self::XgBoost => Ensemble::from_xgboost(bytes),
            Self::Onnx => Ensemble::from_onnx(bytes),
        }
    }

    /// Writes trees, with the classes of a classifier where the form has a place for them.
    ///
    /// # Errors
    /// When they cannot be said in its form.
    pub fn write(self, trees: &Ensemble, inputs: &[Input], classes: Option<&[String]>) -> Result<Vec<u8>> {
        match self {
            Self::LightGbm => trees.to_lightgbm(inputs).map(String::into_bytes),
            Self::XgBoost => trees.to_xgboost(inputs).map(String::into_bytes),
            Self::Onnx => trees.to_onnx(inputs, classes),
        }
    }

    /// Whether its values are `f32`, so that a value may come to lie on the other side of a threshold.
    pub fn is_single(self) -> bool {
        self != Self::LightGbm
    }
}

impl Imported {
    /// The number of classes; `None` for a model that answers with numbers.
    pub fn classes(&self) -> Option<usize> {
        match self.trees.link() {
            Link::Logistic => Some(2),
            Link::Softmax | Link::OneVsRest | Link::OneVsAll | Link::Probability => Some(self.trees.outputs.max(2)),
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

/// The refusal of one class against all others where the probabilities are made to add up to 1.
fn one_vs_all(program: &str) -> Error {
    Error::data(format!("classes against all others, made to add up to 1, cannot be said in a model for {program}"))
        .with_hint("train with softmax, which every form can say")
}

/// What is in the file and cannot be done here.
fn unknown(what: impl std::fmt::Display) -> Error {
    Error::data(format!("{what} cannot be read"))
        .with_hint("export the model from its own program as ONNX and serve it elsewhere, or train it here")
}

impl Ensemble {
    /// The thresholds that each feature is asked for, as numbers, sorted.
    pub fn thresholds(&self) -> Vec<Vec<f64>> {
        let unnamed = vec![Input { name: None, levels: None }; self.features()];
        let mut all = vec![Vec::new(); self.features()];
        for node in self.plain(&unnamed, 1.0).unwrap_or_default().iter().flat_map(|tree| &tree.nodes) {
            if let Question::Number { threshold, .. } = node.question {
                all[node.feature].push(threshold);
            }
        }
        all.iter_mut().for_each(|cuts| cuts.sort_by(f64::total_cmp));
        all.iter_mut().for_each(Vec::dedup);
        all
    }
}

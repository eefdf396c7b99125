//! Models: what fitting gives. Immutable, pure, shared, saved as data.

use crate::{Context, Frame, Parts, Result, Rowwise, Signature};

/// A fitted step: it takes some columns of a frame and gives others, row by row.
///
/// A model knows neither where its columns came from nor where its answers go; a
/// [`Wiring`](crate::Wiring) picks what it takes and puts what it gives among the rest.
pub trait Model: Send + Sync {
    /// The [`Format`](crate::Format) that loads it; several estimators may share one.
    fn format(&self) -> &'static str;

    /// What it takes and gives, exact now that it is fitted.
    fn signature(&self) -> &Signature;

    /// Applies it to a frame that holds exactly `signature().takes`, in that order, and returns
    /// exactly `signature().gives`. The same row gives the same bytes in any batch, on any thread.
    ///
    /// # Errors
    /// When a column is not what was fitted on.
    fn apply(&self, input: &Frame, ctx: &Context) -> Result<Frame>;

    /// Saves everything that [`Model::apply`] depends on.
    ///
    /// # Errors
    /// When a part of it cannot be saved.
    fn save(&self) -> Result<Parts>;

    /// What only some models can do. Callers ask; nobody downcasts.
    fn skills(&self) -> Skills<'_> {
        Skills::default()
    }
}

/// What only some models can do.
#[derive(Default, Clone, Copy)]
pub struct Skills<'a> {
    /// Says which inputs moved an answer, exactly.
    pub attribute: Option<&'a dyn Attribute>,
    /// Applies itself to one row without a frame.
    pub row: Option<&'a dyn Rowwise>,
    /// Holds tables that other steps may be fitted on (`taste.items`).
    pub tables: Option<&'a dyn Tables>,
}

/// Splits an answer among the inputs so that they add up (SHAP values).
pub trait Attribute: Send + Sync {
    /// Attributes the answers for a frame of `signature().takes`.
    ///
    /// # Errors
    /// As [`Model::apply`].
    fn attribute(&self, input: &Frame, ctx: &Context) -> Result<Attribution>;

    /// About how many multiplications a row costs, so that whoever asks can bound the rows; 0 where that is
    /// not worth a thought.
    fn cost(&self) -> f64 {
        0.0
    }
}

/// How much each input moved each output of each row, in the output's raw units (log-odds for a
/// classifier). For every row and output, `base + sum over inputs` is the raw answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Attribution {
    /// The inputs' names, p of them.
    pub inputs: Vec<String>,
    /// The outputs' names, k of them.
    pub outputs: Vec<String>,
    /// n x k x p values, row-major.
    pub values: Vec<f64>,
    /// The mean answer, one an output.
    pub base: Vec<f64>,
}

/// Named tables inside a fitted model.
pub trait Tables: Send + Sync {
    /// The tables' names.
    fn names(&self) -> Vec<String>;

    /// A table by name.
    ///
    /// # Errors
    /// When there is none of that name.
    fn table(&self, name: &str) -> Result<Frame>;
}

//! From learners that look at the inputs alone to the core's traits.
//!
//! A clustering, a decomposition, a measure of strangeness: none needs a target. Such a learner implements
//! [`FitInputs`] and its model [`Transform`]; [`LiftInputs`] makes a step of the one that prepares a table, and
//! [`Transformer`] a [`Model`] of the other. It takes columns of numbers, levels and vectors and gives others, row by row, so that
//! what follows can learn from them, and what is asked later is answered by the same code.

use crate::Outcome;
use crate::lift::Inputs;
use crate::preprocess::{choose, names};
use crate::samples::{Columns, Design, MISSING};
use arkwright_core::{
    Context, Error, Estimator, Field, Fitted, Format, Frame, Json, Kind, Model, Parts, Registry, Result, Signature,
    Train, collect,
};
use arrow::array::{ArrayRef, FixedSizeListArray, Float64Array, UInt32Array};
use arrow::datatypes::DataType;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// A learner that looks at the inputs alone.
pub trait FitInputs: Send + Sync {
    /// What it gives.
    type Model: Transform;

    /// The columns that it takes; all inputs that are numbers, levels or vectors where it names none.
    fn columns(&self) -> Option<&[String]>;

    /// The columns that its model will give, before widths and levels are known.
    fn gives(&self) -> Vec<Field>;

    /// Whether the columns that it takes stay beside those that it gives.
    fn keeps_inputs(&self) -> bool {
        false
    }

    /// Fits to rows that are all there and finite.
    ///
    /// # Errors
    /// When the rows cannot be learnt from.
    fn fit(&self, x: &Design<'_>, weight: Option<&[f64]>, ctx: &Context) -> Result<Outcome<Self::Model>>;
}

/// A fitted learner of the inputs alone: some columns in, others out.
pub trait Transform: Send + Sync + Sized + 'static {
    /// The name of its saved format.
    const FORMAT: &'static str;

    /// The columns that it gives.
    fn gives(&self) -> Vec<Field>;

    /// How many numbers a row has, levels and vectors unfolded.
    fn width(&self) -> usize;

    /// The columns of some rows. The same row gives the same bits in any batch.
    fn transform(&self, x: &Design<'_>) -> Vec<Given>;

    /// Saves it.
    ///
    /// # Errors
    /// When a part cannot be saved.
    fn save(&self, parts: &mut Parts) -> Result<()>;

    /// Loads it, checking everything that [`Transform::transform`] relies on.
    ///
    /// # Errors
    /// When the parts are damaged.
    fn load(parts: &Parts) -> Result<Self>;
}

/// A column that a transformer gives.
#[derive(Clone, Debug, PartialEq)]
pub enum Given {
    /// A number a row.
    Numbers(Vec<f64>),
    /// A code a row, or [`MISSING`].
    Codes(Vec<u32>),
    /// So many numbers a row, row-major.
    Vectors(Vec<f64>, usize),
}

impl Given {
    fn array(self, rows: usize) -> Result<ArrayRef> {
        Ok(match self {
            Self::Numbers(values) => Arc::new(Float64Array::from(values)),
            Self::Codes(codes) => {
                Arc::new(codes.into_iter().map(|code| (code != MISSING).then_some(code)).collect::<UInt32Array>())
            }
            Self::Vectors(values, width) => {
                let item = Arc::new(arrow::datatypes::Field::new("item", DataType::Float64, true));
                let values = Arc::new(Float64Array::from(values));
                Arc::new(FixedSizeListArray::try_new_with_length(item, width as i32, values, None, rows)?)
            }
        })
    }
}

/// A [`FitInputs`] learner as an estimator.
pub struct LiftInputs<F>(pub F);

impl<F: FitInputs> LiftInputs<F> {
    fn chosen(&self, input: &[Field]) -> Result<Vec<usize>> {
        let usable = |kind: &Kind| matches!(kind, Kind::Number | Kind::Level { .. } | Kind::Vector { .. });
        choose(input, self.0.columns(), usable, "a number, levels or a vector")
    }
}

impl<F: FitInputs> Estimator for LiftInputs<F> {
    fn output(&self, input: &[Field]) -> Result<Signature> {
        let at = self.chosen(input)?;
        let kept = if self.0.keeps_inputs() { &at[..] } else { &[] };
        let gives = kept.iter().map(|&i| input[i].clone()).chain(self.0.gives()).collect();
        Ok(Signature { takes: names(input, &at), gives })
    }

    fn fit(&self, train: Train, ctx: &Context) -> Result<Fitted> {
        let fields = train.data.fields().clone();
        let takes = names(&fields, &self.chosen(&fields)?);
        let frame = collect(train.data.as_ref(), ctx)?;
        if frame.rows() == 0 {
            return Err(Error::data("there are no rows to learn from"));
        }
        let weight = frame.weights(0)?;
        let inputs = Inputs::new(&frame, &takes)?;
        inputs.check(false, 0)?;
        let owned = Columns::new(inputs.frame())?;
        let columns = owned.columns();
        let x = Design { columns: &columns, rows: frame.rows() };
        let outcome = self.0.fit(&x, weight.as_deref(), ctx)?;
        let taken = inputs.frame().fields().to_vec();
        let model = Transformer::new(outcome.model, taken, self.0.keeps_inputs());
        Ok(Fitted { notes: outcome.notes, stopped: outcome.stopped, ..Fitted::new(model) })
    }
}

/// A fitted learner of the inputs alone as a model: names around the learner's numbers.
pub struct Transformer<T> {
    model: T,
    inputs: Arc<[Field]>,
    keep: bool,
    signature: Signature,
}

#[derive(Serialize, Deserialize)]
struct Saved {
    inputs: Vec<Field>,
    keep: bool,
}

impl<T: Transform> Transformer<T> {
    /// A transformer of a learner fitted on such inputs; `keep` lets the inputs stay beside what it gives.
    pub fn new(model: T, inputs: Vec<Field>, keep: bool) -> Self {
        let takes = inputs.iter().map(|f| f.name.clone()).collect();
        let kept = if keep { &inputs[..] } else { &[] };
        let gives = kept.iter().cloned().chain(model.gives()).collect();
        Self { model, keep, signature: Signature { takes, gives }, inputs: inputs.into() }
    }

    /// The learner.
    pub fn learner(&self) -> &T {
        &self.model
    }

    /// One from its saved parts.
    ///
    /// # Errors
    /// When they are damaged.
    pub fn from_parts(parts: &Parts) -> Result<Self> {
        let saved: Saved = parts.get_json()?;
        let model = T::load(parts.child("learner")?)?;
        let widths = saved.inputs.iter().map(|field| match &field.kind {
            Kind::Number => Some(1),
            Kind::Level { levels } => levels.as_ref().map(|l| l.len()),
            Kind::Vector { width, .. } => *width,
            _ => None,
        });
        match widths.collect::<Option<Vec<_>>>() {
            Some(widths) if widths.iter().sum::<usize>() == model.width() => {}
            _ => return Err(parts.damaged("its columns are not those of its learner")),
        }
        Ok(Self::new(model, saved.inputs, saved.keep))
    }

    fn load(parts: &Parts, _registry: &Registry) -> Result<Arc<dyn Model>> {
        Ok(Arc::new(Self::from_parts(parts)?))
    }

    /// The format that loads transformers of this learner.
    pub const fn loader() -> Format {
        Format { name: T::FORMAT, version: 1, load: Self::load }
    }
}

impl<T: Transform> Model for Transformer<T> {
    fn format(&self) -> &'static str {
        T::FORMAT
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn apply(&self, input: &Frame, _ctx: &Context) -> Result<Frame> {
        let frame = input.with_fields(self.inputs.clone())?;
        let owned = Columns::new(&frame)?;
        let columns = owned.columns();
        let x = Design { columns: &columns, rows: frame.rows() };
        if x.width() != self.model.width() {
            return Err(Error::data(format!(
                "{} numbers a row where the step was fitted on {}",
                x.width(),
                self.model.width()
            )));
        }
        let kept = if self.keep { frame.columns() } else { &[] };
        let given = self.model.transform(&x).into_iter().map(|given| given.array(frame.rows()));
        let columns = kept.iter().cloned().map(Ok).chain(given).collect::<Result<Vec<_>>>()?;
        Frame::new(self.signature.gives.clone(), columns, frame.rows())
    }

    fn save(&self) -> Result<Parts> {
        let mut parts = Parts::new(T::FORMAT);
        parts.put_json(&Saved { inputs: self.inputs.to_vec(), keep: self.keep })?;
        let mut learner = Parts::new(T::FORMAT);
        self.model.save(&mut learner)?;
        parts.children.insert("learner".into(), learner);
        Ok(parts)
    }
}

/// The notes of a fit that took steps.
pub(crate) fn steps(iterations: u64, converged: bool) -> Json {
    serde_json::json!({ "iterations": iterations, "converged": converged })
}

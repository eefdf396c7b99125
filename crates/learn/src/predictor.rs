//! A fitted learner as a model: names and classes around the learner's numbers.

use crate::lift::{Predict, gives};
use crate::samples::{Column, Columns, Design, MISSING};
use arkwright_core::{
    Attribute, Attribution, Cell, Context, Error, Field, Format, Frame, Kind, Model, PREDICTION, Parts, Registry,
    Result, Row, Rowwise, Signature, Skills, Taken,
};
use arrow::array::{ArrayRef, FixedSizeListArray, Float64Array, StringArray};
use arrow::datatypes::DataType;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// A fitted learner as a model: names, classes, and the learner's numbers.
pub struct Predictor<P> {
    model: P,
    inputs: Arc<[Field]>,
    classes: Option<Arc<[String]>>,
    signature: Signature,
}

#[derive(Serialize, Deserialize)]
struct Saved {
    inputs: Vec<Field>,
    classes: Option<Vec<String>>,
}

impl<P: Predict> Predictor<P> {
    /// A predictor of a learner fitted on such inputs; `classes` in the order of its outputs.
    pub fn new(model: P, inputs: Vec<Field>, classes: Option<Arc<[String]>>) -> Self {
        let takes = inputs.iter().map(|f| f.name.clone()).collect();
        let signature = Signature { takes, gives: gives(classes.clone().map(Some), &model.quantiles()) };
        Self { model, inputs: inputs.into(), classes, signature }
    }

    /// The learner.
    pub fn learner(&self) -> &P {
        &self.model
    }

    /// What it was fitted on, in the learner's order.
    pub fn inputs(&self) -> &[Field] {
        &self.inputs
    }

    /// The classes in the order of the learner's outputs; `None` where it answers with numbers.
    pub fn classes(&self) -> Option<&[String]> {
        self.classes.as_deref()
    }

    /// One from its saved parts.
    ///
    /// # Errors
    /// When they are damaged.
    pub fn from_parts(parts: &Parts) -> Result<Self> {
        let saved: Saved = parts.get_json()?;
        let model = P::load(parts.child("learner")?)?;
        match (&saved.classes, model.outputs()) {
            (None, k) if k == 1 + model.quantiles().len() => {}
            (Some(classes), k) if k >= 2 && k == classes.len() => {}
            _ => return Err(parts.damaged("its classes are not those of its learner")),
        }
        Ok(Self::new(model, saved.inputs, saved.classes.map(Into::into)))
    }

    /// The `load` of its [`Format`].
    fn load(parts: &Parts, _registry: &Registry) -> Result<Arc<dyn Model>> {
        Ok(Arc::new(Self::from_parts(parts)?))
    }

    /// The format that loads predictors of this learner.
    pub const fn loader() -> Format {
        Format { name: P::FORMAT, version: 1, load: Self::load }
    }

    /// Numbers a row that the learner gives.
    fn width(&self) -> usize {
        self.classes.as_ref().map_or_else(|| self.model.outputs(), |classes| classes.len())
    }

    /// The frame under the fields that were fitted on: a request's frame does not know the levels.
    fn input(&self, input: &Frame) -> Result<Frame> {
        input.with_fields(self.inputs.clone())
    }
}

impl<P: Predict> Model for Predictor<P> {
    fn format(&self) -> &'static str {
        P::FORMAT
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn apply(&self, input: &Frame, _ctx: &Context) -> Result<Frame> {
        let frame = self.input(input)?;
        let owned = Columns::new(&frame)?;
        let columns = owned.columns();
        let rows = frame.rows();
        let k = self.width();
        let mut out = vec![0.0; rows * k];
        self.model.predict(&Design { columns: &columns, rows }, &mut out);
        let answers: Vec<ArrayRef> = match &self.classes {
            None if k == 1 => vec![Arc::new(Float64Array::from(out))],
            None => {
                let answers = Arc::new(out.chunks_exact(k).map(|row| row[0]).collect::<Float64Array>());
                let quantiles = out.chunks_exact(k).flat_map(|row| &row[1..]).copied().collect();
                vec![answers, vectors(quantiles, k - 1)?]
            }
            Some(classes) => {
                let labels = out.chunks_exact(k).map(|p| classes[best(p)].as_str());
                let labels = Arc::new(StringArray::from_iter_values(labels));
                vec![labels, vectors(out, k)?]
            }
        };
        Frame::new(self.signature.gives.clone(), answers, rows)
    }

    fn save(&self) -> Result<Parts> {
        let mut parts = Parts::new(P::FORMAT);
        parts.put_json(&Saved { inputs: self.inputs.to_vec(), classes: self.classes.as_ref().map(|c| c.to_vec()) })?;
        let mut learner = Parts::new(P::FORMAT);
        self.model.save(&mut learner)?;
        parts.children.insert("learner".into(), learner);
        Ok(parts)
    }

    fn skills(&self) -> Skills<'_> {
        let plain = |field: &Field| matches!(field.kind, Kind::Number | Kind::Level { levels: Some(_) });
        Skills {
            attribute: self.model.attributes().then_some(self as &dyn Attribute),
            row: self.inputs.iter().all(plain).then_some(self as &dyn Rowwise),
            ..Skills::default()
        }
    }
}

/// The cells become a design of one row, and the learner answers it as any other.
impl<P: Predict> Rowwise for Predictor<P> {
    fn add<'a>(&'a self, row: &mut Row<'a>, taken: Taken<'_>) -> Option<()> {
        // A place for each input in both, so that the columns can borrow from either.
        let (mut numbers, mut codes) = (vec![0.0; self.inputs.len()], vec![MISSING; self.inputs.len()]);
        for i in 0..self.inputs.len() {
            match (taken.cell(row, i), &self.inputs[i].kind) {
                (Cell::Code(code), Kind::Level { .. }) => codes[i] = code,
                (Cell::Missing, Kind::Level { .. }) => {}
                (cell, Kind::Number) => numbers[i] = cell.number()?,
                _ => return None,
            }
        }
        let column = |(i, field): (usize, &'a Field)| match &field.kind {
            Kind::Level { levels } => {
                Column::Level { codes: &codes[i..=i], levels: levels.as_ref().map_or(0, |l| l.len() as u32) }
            }
            _ => Column::F64(&numbers[i..=i]),
        };
        let columns: Vec<Column<'_>> = self.inputs.iter().enumerate().map(column).collect();
        let start = row.numbers.len();
        let k = self.width();
        row.numbers.resize(start + k, 0.0);
        let out = &mut row.numbers[start..];
        self.model.predict(&Design { columns: &columns, rows: 1 }, out);
        match &self.classes {
            None => {
                row.cells.push(Cell::of_number(out[0])?);
                if k > 1 {
                    row.cells.push(Cell::Vector(start + 1, k - 1));
                }
            }
            Some(classes) => {
                row.cells.push(Cell::Text(&classes[best(out)]));
                row.cells.push(Cell::Vector(start, k));
            }
        }
        Some(())
    }
}

/// A column of vectors.
fn vectors(values: Vec<f64>, width: usize) -> Result<ArrayRef> {
    let item = Arc::new(arrow::datatypes::Field::new("item", DataType::Float64, true));
    Ok(Arc::new(FixedSizeListArray::try_new(item, width as i32, Arc::new(Float64Array::from(values)), None)?))
}

/// The class of the highest probability; of equal ones the first.
fn best(probabilities: &[f64]) -> usize {
    let mut best = 0;
    for (i, p) in probabilities.iter().enumerate() {
        if *p > probabilities[best] {
            best = i;
        }
    }
    best
}

impl<P: Predict> Attribute for Predictor<P> {
    fn attribute(&self, input: &Frame, _ctx: &Context) -> Result<Attribution> {
        let frame = self.input(input)?;
        let owned = Columns::new(&frame)?;
        let columns = owned.columns();
        let (values, base) = self
            .model
            .attribute(&Design { columns: &columns, rows: frame.rows() })
            .ok_or_else(|| Error::data("this model cannot split its answers among its inputs"))?;
        let outputs = match (&self.classes, base.len()) {
            (Some(classes), k) if k == classes.len() => classes.to_vec(),
            (Some(classes), _) => classes.last().cloned().into_iter().collect(),
            (None, _) => vec![PREDICTION.to_string()],
        };
        Ok(Attribution { inputs: self.signature.takes.clone(), outputs, values, base })
    }

    fn cost(&self) -> f64 {
        self.model.attribute_cost()
    }
}

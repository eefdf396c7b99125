//! A model and the rows that it is asked about.

use arkwright_core::{Context, Error, Frame, Kind, Model, PREDICTION, PROBABILITY, Random, Result};
use arkwright_measure::Metric;
use arkwright_validate::truth::{Predictions, Truth, predict};
use arrow::array::ArrayRef;
use std::borrow::Cow;

/// A model, and the columns of some rows that it takes.
pub(crate) struct Asked<'a> {
    pub(crate) model: &'a dyn Model,
    /// The columns that the model takes, and no others.
    pub(crate) rows: Frame,
    /// The model's classes, in its order; none where it answers numbers.
    pub(crate) classes: Option<Vec<String>>,
    pub(crate) ctx: &'a Context,
}

impl<'a> Asked<'a> {
    pub(crate) fn new(model: &'a dyn Model, frame: &Frame, ctx: &'a Context) -> Result<Self> {
        let signature = model.signature();
        if frame.rows() == 0 {
            return Err(Error::data("there are no rows to ask the model about"));
        }
        let classes = signature.gives.iter().find_map(|field| match &field.kind {
            Kind::Vector { names: Some(names), .. } if field.name == PROBABILITY => Some(names.to_vec()),
            _ => None,
        });
        Ok(Self { model, rows: frame.select(&signature.takes)?, classes, ctx })
    }

    /// The answers for rows like these.
    pub(crate) fn answers(&self, rows: &Frame, classes: Option<&[String]>) -> Result<Predictions> {
        predict(self.model, rows, classes, self.ctx)
    }

    /// Where a column stands among those that the model takes.
    pub(crate) fn place(&self, column: &str) -> Result<usize> {
        self.rows.column(column)?;
        self.rows.position(column).ok_or_else(|| Error::column(column, "the model does not take it"))
    }

    /// The rows with some columns replaced.
    pub(crate) fn replaced(&self, columns: Vec<(usize, ArrayRef)>) -> Result<Frame> {
        let mut all = self.rows.columns().to_vec();
        columns.into_iter().for_each(|(place, column)| all[place] = column);
        Frame::new(self.rows.fields().clone(), all, self.rows.rows())
    }

    /// The outputs worth a picture: the number, the last of two classes, or every class.
    pub(crate) fn outputs(&self) -> Vec<(String, usize)> {
        match &self.classes {
            None => vec![(PREDICTION.to_string(), 0)],
            Some(classes) if classes.len() == 2 => vec![(classes[1].clone(), 1)],
            Some(classes) => classes.iter().cloned().zip(0..).collect(),
        }
    }

    /// One output of each row.
    pub(crate) fn output(&self, answers: &Predictions, place: usize) -> Result<Vec<f64>> {
        answers.column(place).ok_or_else(|| Error::data("the model gives labels only, whose way cannot be drawn"))
    }
}

/// A model with rows whose truth is known.
pub(crate) struct Judged<'a> {
    pub(crate) asked: Asked<'a>,
    truth: Truth,
    weight: Option<Vec<f64>>,
    metric: Metric,
}

impl<'a> Judged<'a> {
    pub(crate) fn new(model: &'a dyn Model, frame: &Frame, metric: Metric, ctx: &'a Context) -> Result<Self> {
        let asked = Asked::new(model, frame, ctx)?;
        let truth = Truth::among(frame, asked.classes.as_deref().unwrap_or_default())?;
        Ok(Self { asked, truth, weight: frame.weights(0)?.map(Cow::into_owned), metric })
    }

    /// The answers for rows like these.
    pub(crate) fn answers(&self, rows: &Frame) -> Result<Predictions> {
        self.asked.answers(rows, self.truth.classes())
    }

    /// The metric of the answers for rows like these.
    pub(crate) fn score(&self, rows: &Frame) -> Result<f64> {
        let answers = self.answers(rows)?;
        self.metric
            .score(self.truth.borrowed(), answers.borrowed(), self.weight.as_deref())
            .map_err(|error| Error::data(error.to_string()))
    }
}

/// At most `most` rows, drawn without replacement, in their order.
pub(crate) fn sampled(frame: &Frame, most: usize, seed: u64, purpose: &str) -> Result<Frame> {
    if frame.rows() <= most {
        return Ok(frame.clone());
    }
    let mut drawn: Vec<u32> =
        Random::new(seed, purpose).sample(frame.rows(), most).into_iter().map(|row| row as u32).collect();
    drawn.sort_unstable();
    frame.take(&drawn)
}

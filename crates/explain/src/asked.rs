//! A model and the rows that it is asked about.

use arkwright_core::{Context, Error, Event, Frame, Kind, Model, PREDICTION, PROBABILITY, Random, Result};
use arkwright_measure::Metric;
use arkwright_validate::truth::{Predictions, Truth, predict};
use arrow::array::ArrayRef;
use arrow::compute::kernels::cmp::distinct;
use std::borrow::Cow;
use std::sync::atomic::{AtomicU64, Ordering};

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

/// A model with rows whose truth is known, and its answers for them.
pub(crate) struct Judged<'a> {
    pub(crate) asked: Asked<'a>,
    truth: Truth,
    weight: Option<Vec<f64>>,
    pub(crate) metric: Metric,
    before: Predictions,
    /// The metric of the answers as they are.
    pub(crate) score: f64,
}

impl<'a> Judged<'a> {
    pub(crate) fn new(model: &'a dyn Model, frame: &Frame, metric: Metric, ctx: &'a Context) -> Result<Self> {
        let asked = Asked::new(model, frame, ctx)?;
        let truth = Truth::among(frame, asked.classes.as_deref().unwrap_or_default())?;
        let before = asked.answers(&asked.rows, truth.classes())?;
        let weight = frame.weights(0)?.map(Cow::into_owned);
        let mut judged = Self { asked, truth, weight, metric, before, score: 0.0 };
        judged.score = judged.score_of(&judged.before)?;
        Ok(judged)
    }

    /// The answers once some columns hold other values; `None` where that changes none of them.
    ///
    /// A row's answer does not depend on the rows beside it, so only rows that are other now are asked about.
    pub(crate) fn changed(&self, columns: Vec<(usize, ArrayRef)>) -> Result<Option<Predictions>> {
        let other = self.other_rows(&columns)?;
        let all = self.asked.rows.rows();
        if other.is_empty() {
            return Ok(None);
        }
        let rows = self.asked.replaced(columns)?;
        // Copying most of the rows would cost more than it spares.
        let after = if other.len() * 8 > all * 7 {
            self.asked.answers(&rows, self.truth.classes())?
        } else {
            let mut after = self.before.clone();
            after.put(&other, &self.asked.answers(&rows.take(&other)?, self.truth.classes())?)?;
            after
        };
        Ok((after != self.before).then_some(after))
    }

    /// The rows that differ in one of the columns.
    fn other_rows(&self, columns: &[(usize, ArrayRef)]) -> Result<Vec<u32>> {
        let mut other = vec![false; self.asked.rows.rows()];
        for (place, column) in columns {
            // What cannot be compared may differ everywhere.
            let Ok(differs) = distinct(column, &self.asked.rows.columns()[*place]) else {
                return Ok((0..other.len() as u32).collect());
            };
            other.iter_mut().zip(differs.values()).for_each(|(other, differs)| *other |= differs);
        }
        Ok((0..other.len() as u32).filter(|&row| other[row as usize]).collect())
    }

    /// The metric of answers.
    pub(crate) fn score_of(&self, answers: &Predictions) -> Result<f64> {
        self.metric
            .score(self.truth.borrowed(), answers.borrowed(), self.weight.as_deref())
            .map_err(|error| Error::data(error.to_string()))
    }
}

/// Tells the observer how far a question is, from many threads, and asks whether to go on.
pub(crate) struct Steps {
    ctx: Context,
    done: AtomicU64,
}

impl Steps {
    /// Begins a question of so many steps.
    pub(crate) fn begin(ctx: &Context, question: &str, total: usize, unit: &str) -> Result<Self> {
        let steps = Self { ctx: ctx.child(question), done: AtomicU64::new(0) };
        steps.ctx.go_on(Event::Begin { total: Some(total as u64), unit })?;
        Ok(steps)
    }

    /// So many steps more are done; an error where the observer wants the end.
    pub(crate) fn done(&self, steps: usize) -> Result<()> {
        let done = self.done.fetch_add(steps as u64, Ordering::Relaxed) + steps as u64;
        self.ctx.go_on(Event::Step { done })
    }

    /// The question is answered.
    pub(crate) fn end(self) -> Result<()> {
        self.ctx.go_on(Event::End)
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

//! From typed learners to the core's traits.
//!
//! A learner implements [`Fit`] (all rows in memory) or [`FitRows`] (passes over rows, any size) and its
//! model [`Predict`]; [`Lift`] and [`LiftRows`] make an [`Estimator`] of the one and [`Predictor`] a
//! [`Model`](arkwright_core::Model) of the other. Names, classes, missing values and infinities are dealt with here
//! and in [`Predictor`], once.

use crate::predictor::Predictor;
use crate::samples::{Column, Columns, Design, Samples, Target, unusable};
use arkwright_core::{
    Context, Error, Estimator, Field, Fitted, Frame, Json, Kind, PREDICTION, PROBABILITY, Parts, QUANTILE, Reads,
    Result, Role, Signature, Source, Task, Train, collect, sort_classes, target_of,
};
use std::borrow::Cow;
use std::sync::Arc;

/// A fitted learner: numbers in, numbers out.
pub trait Predict: Send + Sync + Sized + 'static {
    /// The name of its saved format.
    const FORMAT: &'static str;

    /// Numbers a row that [`Predict::predict`] gives: one a class, or 1.
    fn outputs(&self) -> usize;

    /// Answers: probabilities of all classes (n x k, row-major, also for two classes), or n values.
    /// Called for one row as for many; the same row gives the same bits in any batch.
    fn predict(&self, x: &Design<'_>, out: &mut [f64]);

    /// Saves it.
    ///
    /// # Errors
    /// When a part cannot be saved.
    fn save(&self, parts: &mut Parts) -> Result<()>;

    /// Loads it, checking everything that [`Predict::predict`] relies on.
    ///
    /// # Errors
    /// When the parts are damaged.
    fn load(parts: &Parts) -> Result<Self>;

    /// Splits raw answers among the columns, where it can: `(values, base)`, n x k x columns values and k
    /// bases. k is 1 for two classes (the log-odds of the last) and for regression.
    fn attribute(&self, _x: &Design<'_>) -> Option<(Vec<f64>, Vec<f64>)> {
        None
    }

    /// Whether [`Predict::attribute`] answers.
    fn attributes(&self) -> bool {
        false
    }

    /// About how many multiplications [`Predict::attribute`] takes a row; 0 where few.
    fn attribute_cost(&self) -> f64 {
        0.0
    }

    /// The quantiles that it tells behind its answer, by name: with some, [`Predict::outputs`] is one more
    /// than they are.
    fn quantiles(&self) -> Vec<String> {
        Vec::new()
    }

    /// What it tells the report once its columns have names.
    fn told(&self, _names: &Names<'_>) -> Json {
        Json::Null
    }
}

/// What columns and classes are called.
#[derive(Clone, Copy, Debug)]
pub struct Names<'a> {
    /// The inputs, in the order of the design's columns.
    pub inputs: &'a [Field],
    /// The classes, in the order of their codes.
    pub classes: Option<&'a [String]>,
}

/// What a typed fit gives.
pub struct Outcome<M> {
    /// The fitted learner.
    pub model: M,
    /// What it tells the report (a learning curve, iterations).
    pub notes: Json,
    /// Cut from outside: a checkpoint.
    pub stopped: bool,
}

impl<M> From<M> for Outcome<M> {
    fn from(model: M) -> Self {
        Self { model, notes: Json::Null, stopped: false }
    }
}

/// A learner that has all rows in memory.
pub trait Fit: Send + Sync {
    /// What it gives.
    type Model: Predict;
    /// The tasks that it can do.
    const TASKS: &'static [Task];
    /// Whether it reads missing values as they are.
    const MISSING: bool;
    /// Whether it asks for the rows' groups and events.
    const GROUPS: bool = false;

    /// The quantiles that its model will tell, by name.
    fn quantiles(&self) -> Vec<String> {
        Vec::new()
    }

    /// Refuses settings that do not go with the columns, so that nothing is fitted in vain.
    ///
    /// # Errors
    /// When a setting names or counts columns that are not there.
    fn check_inputs(&self, _inputs: &[Field]) -> Result<()> {
        Ok(())
    }

    /// Fits. `valid` is there to watch while learning (early stopping).
    ///
    /// # Errors
    /// When the rows cannot be learnt from.
    fn fit(&self, train: &Samples<'_>, valid: Option<&Samples<'_>>, ctx: &Context) -> Result<Outcome<Self::Model>>;
}

/// A learner that makes passes over rows.
pub trait FitRows: Send + Sync {
    /// What it gives.
    type Model: Predict;
    /// The tasks that it can do.
    const TASKS: &'static [Task];
    /// Whether it reads missing values as they are.
    const MISSING: bool;

    /// Fits, calling `pass` once for each pass; `pass` calls back with batches, always the same ones in
    /// the same order.
    ///
    /// # Errors
    /// When the rows cannot be learnt from.
    fn fit_rows(&self, rows: &dyn Rows, ctx: &Context) -> Result<Outcome<Self::Model>>;
}

/// Rows that a [`FitRows`] learner reads in passes.
pub trait Rows {
    /// Makes one pass.
    ///
    /// # Errors
    /// When a batch cannot be read, or `each` fails.
    fn pass(&self, each: &mut dyn FnMut(&Samples<'_>) -> Result<()>) -> Result<()>;
}

/// A [`Fit`] learner as an estimator.
pub struct Lift<F>(pub F);

/// A [`FitRows`] learner as an estimator.
pub struct LiftRows<F>(pub F);

impl<F: Fit> Estimator for Lift<F> {
    fn output(&self, input: &[Field]) -> Result<Signature> {
        let signature = output(input, F::TASKS, &self.0.quantiles())?;
        let inputs: Vec<Field> = input.iter().filter(|f| signature.takes.contains(&f.name)).cloned().collect();
        self.0.check_inputs(&inputs)?;
        Ok(signature)
    }

    fn fit(&self, train: Train, ctx: &Context) -> Result<Fitted> {
        let roles = Roles::of(train.data.fields(), F::TASKS)?;
        let frame = collect(train.data.as_ref(), ctx)?;
        if frame.rows() == 0 {
            return Err(Error::data("there are no rows to learn from"));
        }
        let classes = roles.classes([Ok(frame.clone())])?;
        let rows = |frame| {
            let rows = roles.rows(frame, classes.as_deref(), F::MISSING, 0)?;
            if F::GROUPS { rows.with_groups(frame) } else { Ok(rows) }
        };
        let watched = train.valid.as_ref().map(|valid| collect(valid.as_ref(), ctx)).transpose()?;
        let (rows, valid) = (rows(&frame)?, watched.as_ref().map(rows).transpose()?);
        let outcome = rows.with(|train| match &valid {
            Some(valid) => valid.with(|valid| self.0.fit(train, Some(valid), ctx)),
            None => self.0.fit(train, None, ctx),
        })?;
        Ok(roles.fitted(outcome, classes, frame.fields()))
    }
}

impl<F: FitRows> Estimator for LiftRows<F> {
    fn output(&self, input: &[Field]) -> Result<Signature> {
        output(input, F::TASKS, &[])
    }

    fn reads(&self) -> Reads {
        Reads::Passes
    }

    fn fit(&self, train: Train, ctx: &Context) -> Result<Fitted> {
        let roles = Roles::of(train.data.fields(), F::TASKS)?;
        let classes = roles.classes(train.data.scan(BATCH)?)?;
        let passes =
            Passes { source: train.data.as_ref(), roles: &roles, classes: classes.as_deref(), missing: F::MISSING };
        let outcome = self.0.fit_rows(&passes, ctx)?;
        Ok(roles.fitted(outcome, classes.clone(), train.data.fields()))
    }
}

/// Rows a batch; fixed, so that sums are made in one order.
const BATCH: usize = 16_384;

struct Passes<'a> {
    source: &'a dyn Source,
    roles: &'a Roles,
    classes: Option<&'a [String]>,
    missing: bool,
}

impl Rows for Passes<'_> {
    fn pass(&self, each: &mut dyn FnMut(&Samples<'_>) -> Result<()>) -> Result<()> {
        let mut start = 0;
        for frame in self.source.scan(BATCH)? {
            let frame = frame?;
            self.roles.rows(&frame, self.classes, self.missing, start)?.with(&mut *each)?;
            start += frame.rows() as u64;
        }
        match start {
            0 => Err(Error::data("there are no rows to learn from")),
            _ => Ok(()),
        }
    }
}

/// What a predictor for such fields takes and gives.
fn output(input: &[Field], tasks: &[Task], quantiles: &[String]) -> Result<Signature> {
    let roles = Roles::of(input, tasks)?;
    let classes = (roles.task == Task::Classify).then_some(None);
    Ok(Signature { takes: roles.inputs, gives: gives(classes, quantiles) })
}

pub(crate) fn gives(classes: Option<Option<Arc<[String]>>>, quantiles: &[String]) -> Arc<[Field]> {
    match classes {
        None if quantiles.is_empty() => Arc::new([Field::new(PREDICTION, Kind::Number, Role::Output)]),
        None => Arc::new([
            Field::new(PREDICTION, Kind::Number, Role::Output),
            Field::new(
                QUANTILE,
                Kind::Vector { width: Some(quantiles.len()), names: Some(quantiles.into()) },
                Role::Output,
            ),
        ]),
        Some(names) => Arc::new([
            Field::new(PREDICTION, Kind::Category, Role::Output),
            Field::new(PROBABILITY, Kind::Vector { width: names.as_ref().map(|n| n.len()), names }, Role::Output),
        ]),
    }
}

/// Which columns of a source play which part in a fit.
struct Roles {
    task: Task,
    inputs: Vec<String>,
    target: String,
}

impl Roles {
    fn of(fields: &[Field], tasks: &[Task]) -> Result<Self> {
        let target = target_of(fields)?;
        let task = Task::of(target)?;
        if !tasks.contains(&task) {
            return Err(Error::setting(format!(
                "this estimator cannot {task}, and the target `{}` asks for it",
                target.name
            )));
        }
        // Text that is there is there for an expression; tables set the rest of it aside, and say so.
        let inputs: Vec<&Field> = fields.iter().filter(|f| f.role == Role::Input && f.kind != Kind::Text).collect();
        if let Some(field) =
            inputs.iter().find(|f| !matches!(f.kind, Kind::Number | Kind::Level { .. } | Kind::Vector { .. }))
        {
            return Err(unusable(&field.name, &field.kind));
        }
        Ok(Self { task, inputs: inputs.iter().map(|f| f.name.clone()).collect(), target: target.name.clone() })
    }

    /// The classes among the targets, in sort order: as numbers where all are numbers, else as text.
    fn classes(&self, frames: impl IntoIterator<Item = Result<Frame>>) -> Result<Option<Arc<[String]>>> {
        if self.task != Task::Classify {
            return Ok(None);
        }
        let mut seen = std::collections::BTreeSet::new();
        for frame in frames {
            let frame = frame?;
            let at = frame.position(&self.target).ok_or_else(|| Error::column(&self.target, "is not there"))?;
            for text in frame.texts(at)?.iter().flatten() {
                if !seen.contains(text) {
                    seen.insert(text.to_string());
                }
            }
        }
        let mut classes: Vec<String> = seen.into_iter().collect();
        if classes.len() < 2 {
            return Err(Error::column(&self.target, "a classifier needs two classes to learn from")
                .with_hint(format!("all rows are {}", classes.first().map_or("missing", String::as_str))));
        }
        sort_classes(&mut classes);
        Ok(Some(classes.into()))
    }

    fn rows<'a>(&self, frame: &'a Frame, classes: Option<&[String]>, missing: bool, start: u64) -> Result<Owned<'a>> {
        let at = frame.position(&self.target).ok_or_else(|| Error::column(&self.target, "is not there"))?;
        let y = match classes {
            Some(classes) => {
                let labels = frame.texts(at)?;
                let codes = labels.iter().enumerate().map(|(row, text)| {
                    let row = start + row as u64;
                    let text = text.ok_or_else(|| Error::cell(&self.target, row, "the target is missing"))?;
                    let code = classes.iter().position(|c| c == text);
                    code.map(|c| c as u32)
                        .ok_or_else(|| Error::cell(&self.target, row, format!("`{text}` is no class that was learnt")))
                });
                Y::Classes(codes.collect::<Result<Vec<_>>>()?, classes.to_vec())
            }
            None => {
                let values = frame.numbers(at)?;
                match values.iter().position(|v| !v.is_finite()) {
                    Some(row) => {
                        return Err(Error::cell(&self.target, start + row as u64, "the target is missing or infinite"));
                    }
                    None => Y::Values(values),
                }
            }
        };
        let weight = frame.weights(start)?;
        // The inputs are taken as a frame of their own so that the columns borrow from `frame` itself.
        let x = Inputs::new(frame, &self.inputs)?;
        x.check(missing, start)?;
        Ok(Owned { x, y, weight, group: None, upper: None })
    }

    fn fitted<M: Predict>(&self, outcome: Outcome<M>, classes: Option<Arc<[String]>>, fields: &[Field]) -> Fitted {
        let taken =
            self.inputs.iter().filter_map(|name| fields.iter().find(|f| &f.name == name).cloned()).collect::<Vec<_>>();
        let mut notes = outcome.notes;
        if let Json::Object(told) = outcome.model.told(&Names { inputs: &taken, classes: classes.as_deref() }) {
            told.into_iter().for_each(|(key, value)| notes[key] = value);
        }
        let model = Predictor::new(outcome.model, taken, classes);
        Fitted { notes, stopped: outcome.stopped, ..Fitted::new(model) }
    }
}

/// The inputs of some rows, as a frame of their own.
pub(crate) struct Inputs {
    frame: Frame,
}

impl Inputs {
    pub fn new(frame: &Frame, names: &[String]) -> Result<Self> {
        Ok(Self { frame: frame.select(names)? })
    }

    pub fn frame(&self) -> &Frame {
        &self.frame
    }

    /// Refuses infinite values and codes beyond the levels; gaps too, unless `missing`.
    pub fn check(&self, missing: bool, start: u64) -> Result<()> {
        let owned = Columns::new(&self.frame)?;
        let columns = owned.columns();
        for (field, column) in self.frame.fields().iter().zip(&columns) {
            let bad = |i: usize, width: usize, what: &str| Error::cell(&field.name, start + (i / width) as u64, what);
            let (infinite, absent, width) = match *column {
                Column::F32(v) => (v.iter().position(|x| x.is_infinite()), v.iter().position(|x| x.is_nan()), 1),
                Column::F64(v) => (v.iter().position(|x| x.is_infinite()), v.iter().position(|x| x.is_nan()), 1),
                Column::Block { values, width } => {
                    (values.iter().position(|x| x.is_infinite()), values.iter().position(|x| x.is_nan()), width.max(1))
                }
                Column::Level { codes, levels } => match codes.iter().position(|&c| c >= levels && c != crate::MISSING)
                {
                    Some(i) => return Err(bad(i, 1, "a code beyond the levels")),
                    None => (None, None, 1),
                },
            };
            if let Some(i) = infinite {
                return Err(bad(i, width, "an infinite value").with_hint("mend the value, or leave the row out"));
            }
            if let (Some(i), false) = (absent, missing) {
                return Err(bad(i, width, "a missing value, which this estimator cannot read")
                    .with_hint("put an `impute` step before it"));
            }
        }
        Ok(())
    }
}

enum Y<'a> {
    Classes(Vec<u32>, Vec<String>),
    Values(Cow<'a, [f64]>),
}

struct Owned<'a> {
    x: Inputs,
    y: Y<'a>,
    weight: Option<Cow<'a, [f64]>>,
    group: Option<Vec<u32>>,
    upper: Option<Vec<f64>>,
}

impl Owned<'_> {
    /// With what the frame says of groups and events.
    fn with_groups(mut self, frame: &Frame) -> Result<Self> {
        self.group = frame.groups(0)?;
        if let (Some(seen), Y::Values(times)) = (frame.events(0)?, &self.y) {
            let upper = |(&seen, &time): (&bool, &f64)| if seen { time } else { f64::INFINITY };
            self.upper = Some(seen.iter().zip(times.iter()).map(upper).collect());
        }
        Ok(self)
    }

    fn with<T>(&self, then: impl FnOnce(&Samples<'_>) -> Result<T>) -> Result<T> {
        let owned = Columns::new(&self.x.frame)?;
        let columns = owned.columns();
        let (y, classes) = match &self.y {
            Y::Classes(codes, names) => (Target::Classes { codes, count: names.len() }, Some(&names[..])),
            Y::Values(values) => (Target::Values(values), None),
        };
        let x = Design { columns: &columns, rows: self.x.frame.rows() };
        let (weight, group, upper) = (self.weight.as_deref(), self.group.as_deref(), self.upper.as_deref());
        let names: Vec<String> = self.x.frame.fields().iter().map(|field| field.name.clone()).collect();
        then(&Samples { x, y, weight, group, upper, classes, names: Some(&names) })
    }
}

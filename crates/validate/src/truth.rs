//! What is true of a frame's rows, what they weigh, and what a model says of them.
//!
//! Classes are sorted as numbers where all are numbers, else as text, as every classifier sorts its own. A
//! classifier may know fewer classes than the rows have (a fold without the rare one) or more (a hold-out
//! without it): probabilities are matched by the class names that its `probability` column carries.

use arkwright_core::{
    Context, Error, Frame, Kind, Model, PREDICTION, PROBABILITY, Result, Signature, Task, Wiring, sort_classes,
    target_of,
};
use arkwright_measure as measure;
use arrow::array::{Array, AsArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Float64Type};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// What is true of n rows.
#[derive(Clone, Debug, PartialEq)]
pub enum Truth {
    /// A class a row.
    Classes {
        /// n codes, places in `names`.
        codes: Vec<u32>,
        /// The classes, sorted.
        names: Arc<[String]>,
    },
    /// A number a row, n.
    Values(Vec<f64>),
    /// A number a row, n, of rows that belong to groups.
    Ranked {
        /// The number, to a ranking the relevance.
        relevance: Vec<f64>,
        /// The code of its group.
        group: Vec<u32>,
    },
    /// A time a row, n.
    Survival {
        /// The time.
        time: Vec<f64>,
        /// Whether its end was seen.
        seen: Vec<bool>,
    },
}

impl Truth {
    /// The truth in a frame's target column, the classes those that occur.
    ///
    /// # Errors
    /// When there is no target, or a value of it is missing or infinite.
    pub fn of(frame: &Frame) -> Result<Self> {
        Self::among(frame, &[])
    }

    /// The truth in a frame's target column; the classes are those that occur and `known` ones (a model's).
    ///
    /// # Errors
    /// As [`Truth::of`].
    pub fn among(frame: &Frame, known: &[String]) -> Result<Self> {
        let target = target_of(frame.fields())?;
        let at = frame.position(&target.name).unwrap_or_default();
        if Task::of(target)? == Task::Regress {
            let values = frame.numbers(at)?;
            return match values.iter().position(|v| !v.is_finite()) {
                Some(row) => Err(Error::cell(&target.name, row as u64, "the target is missing or infinite")),
                None => Self::numbers(frame, values.into_owned()),
            };
        }
        let labels = frame.texts(at)?;
        if let Some(row) = (0..labels.len()).find(|&row| labels.is_null(row)) {
            return Err(Error::cell(&target.name, row as u64, "the target is missing"));
        }
        let seen: std::collections::BTreeSet<&str> =
            labels.iter().flatten().chain(known.iter().map(String::as_str)).collect();
        let mut names: Vec<String> = seen.into_iter().map(str::to_string).collect();
        sort_classes(&mut names);
        let places: std::collections::HashMap<&str, u32> =
            names.iter().enumerate().map(|(i, name)| (name.as_str(), i as u32)).collect();
        let codes = labels.iter().flatten().map(|label| places[label]).collect();
        Ok(Self::Classes { codes, names: names.into() })
    }

    /// Numbers with what is known beside them: an event makes times of them, a group a ranking.
    fn numbers(frame: &Frame, values: Vec<f64>) -> Result<Self> {
        if let Some(seen) = frame.events(0)? {
            return Ok(Self::Survival { time: values, seen });
        }
        Ok(match frame.groups(0)? {
            Some(group) => Self::Ranked { relevance: values, group },
            None => Self::Values(values),
        })
    }

    /// The number of rows.
    pub fn rows(&self) -> usize {
        self.borrowed().rows()
    }

    /// The classes, sorted; none for numbers.
    pub fn classes(&self) -> Option<&[String]> {
        match self {
            Self::Classes { names, .. } => Some(names),
            _ => None,
        }
    }

    /// The numbers; none for classes.
    pub fn values(&self) -> Option<&[f64]> {
        self.borrowed().values()
    }

    /// What the measures call it.
    pub fn task(&self) -> measure::Task {
        self.borrowed().task()
    }

    /// As the measures take it.
    pub fn borrowed(&self) -> measure::Truth<'_> {
        match self {
            Self::Classes { codes, names } => measure::Truth::Classes { codes, count: names.len() },
            Self::Values(values) => measure::Truth::Values(values),
            Self::Ranked { relevance, group } => measure::Truth::Ranked { relevance, group },
            Self::Survival { time, seen } => measure::Truth::Survival { time, seen },
        }
    }

    /// The truth of some rows, in their order; the classes stay.
    #[must_use]
    pub fn take(&self, rows: &[u32]) -> Self {
        match self {
            Self::Classes { codes, names } => Self::Classes { codes: pick(codes, rows), names: names.clone() },
            Self::Values(values) => Self::Values(pick(values, rows)),
            Self::Ranked { relevance, group } => {
                Self::Ranked { relevance: pick(relevance, rows), group: pick(group, rows) }
            }
            Self::Survival { time, seen } => Self::Survival { time: pick(time, rows), seen: pick(seen, rows) },
        }
    }
}

/// The values at some rows.
pub(crate) fn pick<T: Copy>(values: &[T], rows: &[u32]) -> Vec<T> {
    rows.iter().map(|&row| values[row as usize]).collect()
}

/// What a model says of n rows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Predictions {
    /// A probability for each class.
    Probabilities {
        /// n x `count`, row-major.
        values: Vec<f64>,
        /// The number of classes.
        count: usize,
    },
    /// A class a row, of a classifier without probabilities.
    Classes(Vec<u32>),
    /// A number a row, n.
    Values(Vec<f64>),
}

impl Predictions {
    /// The answers in what a predictor gave: its `probability` column, or else `prediction`. `classes` is the
    /// truth's order of classes, `None` for numbers.
    ///
    /// # Errors
    /// When there are no answers, or classes that `classes` lacks.
    pub fn of(given: &Frame, classes: Option<&[String]>) -> Result<Self> {
        let Some(classes) = classes else {
            let at = given.position(PREDICTION).ok_or_else(no_answer)?;
            return Ok(Self::Values(given.numbers(at)?.into_owned()));
        };
        if let Some(at) = given.position(PROBABILITY) {
            return probabilities(given, at, classes);
        }
        let at = given.position(PREDICTION).ok_or_else(no_answer)?;
        let labels = given.texts(at)?;
        let codes = labels.iter().map(|label| {
            let label = label.ok_or_else(|| Error::column(PREDICTION, "a classifier gave no class for a row"))?;
            place(label, classes)
        });
        Ok(Self::Classes(codes.collect::<Result<_>>()?))
    }

    /// The number of rows.
    pub fn rows(&self) -> usize {
        match self {
            Self::Probabilities { values, count } => values.len() / (*count).max(1),
            Self::Classes(codes) => codes.len(),
            Self::Values(values) => values.len(),
        }
    }

    /// As the measures take them.
    pub fn borrowed(&self) -> measure::Predicted<'_> {
        match self {
            Self::Probabilities { values, .. } => measure::Predicted::Probabilities { values },
            Self::Classes(codes) => measure::Predicted::Classes(codes),
            Self::Values(values) => measure::Predicted::Values(values),
        }
    }

    /// The predictions of some rows, in their order.
    #[must_use]
    pub fn take(&self, rows: &[u32]) -> Self {
        match self {
            Self::Probabilities { values, count } => Self::Probabilities {
                values: rows.iter().flat_map(|&row| &values[row as usize * count..][..*count]).copied().collect(),
                count: *count,
            },
            Self::Classes(codes) => Self::Classes(pick(codes, rows)),
            Self::Values(values) => Self::Values(pick(values, rows)),
        }
    }

    /// Puts the predictions of some rows in the place of theirs.
    ///
    /// # Errors
    /// When they are of another kind.
    pub fn put(&mut self, rows: &[u32], part: &Self) -> Result<()> {
        match (self, part) {
            (Self::Probabilities { values, count }, Self::Probabilities { values: new, count: k }) if count == k => {
                for (&row, new) in rows.iter().zip(new.chunks_exact(*k)) {
                    values[row as usize * *k..][..*k].copy_from_slice(new);
                }
            }
            (Self::Classes(codes), Self::Classes(new)) => {
                rows.iter().zip(new).for_each(|(&row, new)| codes[row as usize] = *new);
            }
            (Self::Values(values), Self::Values(new)) => {
                rows.iter().zip(new).for_each(|(&row, new)| values[row as usize] = *new);
            }
            _ => return Err(two_kinds()),
        }
        Ok(())
    }

    /// The probabilities of one class, or the numbers; none where only labels are known.
    pub fn column(&self, class: usize) -> Option<Vec<f64>> {
        match self {
            Self::Probabilities { values, count } if class < *count => {
                Some(values.chunks_exact(*count).map(|row| row[class]).collect())
            }
            Self::Values(values) => Some(values.clone()),
            _ => None,
        }
    }

    /// Predictions of one kind, one below the other.
    pub(crate) fn joined(parts: Vec<Self>) -> Result<Self> {
        let mut parts = parts.into_iter();
        let mut whole = parts.next().ok_or_else(|| Error::data("there are no rows to predict"))?;
        for part in parts {
            match (&mut whole, part) {
                (Self::Probabilities { values, count }, Self::Probabilities { values: more, count: k })
                    if *count == k =>
                {
                    values.extend(more);
                }
                (Self::Classes(codes), Self::Classes(more)) => codes.extend(more),
                (Self::Values(values), Self::Values(more)) => values.extend(more),
                _ => return Err(two_kinds()),
            }
        }
        Ok(whole)
    }
}

fn two_kinds() -> Error {
    Error::data("a model gave two kinds of answers")
}

fn no_answer() -> Error {
    Error::data(format!("the model gives no `{PREDICTION}`, so it cannot be judged"))
        .with_hint("the last step must be an estimator that learns the target")
}

fn place(class: &str, classes: &[String]) -> Result<u32> {
    let at = classes.iter().position(|c| c == class);
    at.map(|i| i as u32).ok_or_else(|| Error::data(format!("the model knows a class `{class}` that the rows do not")))
}

fn probabilities(given: &Frame, at: usize, classes: &[String]) -> Result<Predictions> {
    let wrong = |what: &str| Error::column(PROBABILITY, what);
    let Kind::Vector { names: Some(names), .. } = &given.fields()[at].kind else {
        return Err(wrong("the classes of the probabilities are not named"));
    };
    let list = given.columns()[at].as_fixed_size_list_opt().ok_or_else(|| wrong("is no list of fixed size"))?;
    let width = list.value_length() as usize;
    if width != names.len() {
        return Err(wrong("has another number of classes than names"));
    }
    let part = list.values().slice(list.value_offset(0) as usize, list.len() * width);
    let part = cast(&part, &DataType::Float64)?;
    let part: &[f64] = part.as_primitive::<Float64Type>().values();
    let places = names.iter().map(|name| place(name, classes)).collect::<Result<Vec<_>>>()?;
    let count = classes.len();
    let mut values = vec![0.0; list.len() * count];
    for (to, from) in values.chunks_exact_mut(count.max(1)).zip(part.chunks_exact(width.max(1))) {
        places.iter().zip(from).for_each(|(&place, p)| to[place as usize] = *p);
    }
    Ok(Predictions::Probabilities { values, count })
}

/// Rows predicted at a time by one thread.
const CHUNK: usize = 4096;

/// What a model says of a frame's rows. `classes` is the order of classes wanted (see [`Truth::classes`]),
/// `None` for numbers. A row's answer does not depend on its batch, so chunks run side by side.
///
/// # Errors
/// When the frame lacks what the model takes, or its answers cannot be read.
pub fn predict(model: &dyn Model, frame: &Frame, classes: Option<&[String]>, ctx: &Context) -> Result<Predictions> {
    // Only what it takes matters here: a frame that holds a `prediction` already can be predicted again.
    let takes = Signature { takes: model.signature().takes.clone(), gives: Arc::new([]) };
    let wiring = Wiring::new(&takes, frame.fields())?;
    let taken = wiring.taken(frame);
    let one = |start: usize| {
        if ctx.is_stopped() {
            return Err(Error::Stopped);
        }
        Predictions::of(&model.apply(&taken.slice(start, CHUNK), ctx)?, classes)
    };
    let starts: Vec<usize> = (0..frame.rows()).step_by(CHUNK).collect();
    let parts: Result<Vec<_>> = match starts.len() {
        1 => starts.into_iter().map(one).collect(),
        _ => starts.into_par_iter().map(one).collect(),
    };
    Predictions::joined(parts?)
}

//! Cross-validation: every row is predicted by a model that did not learn from it.
//!
//! Each fold is a [`Subset`] of the rows, fitted through [`Context::fit`], so that a fold that was fitted
//! before is loaded. Folds run side by side and are put together in their order. The overall score is the mean
//! of the folds' scores, as scikit-learn's `cross_val_score` users take it: models of different folds differ in
//! level, so that their predictions thrown together are ranked by fold as much as by row, and the area under
//! the curve of constants would not be 0.5. Its interval resamples the rows (percentile bootstrap), fewer times
//! for many rows, whose intervals are narrow anyway.

use crate::split::Fold;
use crate::truth::{Predictions, Truth, pick, predict};
use arkwright_core::{Context, Error, Event, Fitted, Frame, Part, Result, Source, Subset, Train, collect};
use arkwright_measure::{Bootstrap, FoldPrepared, Metric, Prepared};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Rows with their truth, read once for all who are judged on them.
pub struct Labelled {
    train: Train,
    frame: Frame,
    truth: Truth,
    weight: Option<Vec<f64>>,
}

impl Labelled {
    /// Reads the rows of `train`; its `models` are passed to every fit, its `valid` rows to none.
    ///
    /// # Errors
    /// When the rows cannot be read or a target is missing.
    pub fn new(train: Train, ctx: &Context) -> Result<Self> {
        let frame = collect(train.data.as_ref(), ctx)?;
        let (truth, weight) = (Truth::of(&frame)?, frame.weights(0)?.map(Cow::into_owned));
        Ok(Self { train: Train { valid: None, ..train }, frame, truth, weight })
    }

    /// All rows.
    pub fn frame(&self) -> &Frame {
        &self.frame
    }

    /// What is true of them.
    pub fn truth(&self) -> &Truth {
        &self.truth
    }

    /// Fits a part on some rows.
    ///
    /// # Errors
    /// As [`Context::fit`]; a fit that was cut short is [`Error::Stopped`], since its score would mislead.
    pub fn fit(&self, part: &Part, rows: &[u32], ctx: &Context) -> Result<Fitted> {
        let data = Subset::new(self.train.data.clone(), rows.to_vec());
        let fitted = ctx.fit(part, Train { data, ..self.train.clone() })?;
        match fitted.stopped {
            true => Err(Error::Stopped),
            false => Ok(fitted),
        }
    }

    /// What a model says of some rows, classes in the order of [`Labelled::truth`].
    ///
    /// # Errors
    /// As [`predict`].
    pub fn predict(&self, fitted: &Fitted, rows: &[u32], ctx: &Context) -> Result<Predictions> {
        predict(fitted.model.as_ref(), &self.frame.take(rows)?, self.truth.classes(), ctx)
    }

    /// Scores what was predicted of some rows; `None` where the metric is not defined on them (one class).
    ///
    /// # Errors
    /// When the metric does not suit, or a prediction is no number.
    pub fn score(&self, metric: Metric, rows: &[u32], predictions: &Predictions) -> Result<Option<f64>> {
        let (truth, weight) = (self.truth.take(rows), self.weight.as_ref().map(|w| pick(w, rows)));
        defined(metric.score(truth.borrowed(), predictions.borrowed(), weight.as_deref()))
            .map(|score| score.filter(|v| v.is_finite()))
    }
}

/// What a measure says; `None` where it is not defined on the rows, which is no fault.
fn defined<T>(told: Result<T, arkwright_measure::Error>) -> Result<Option<T>> {
    use arkwright_measure::Error::{NoPairs, NoWeight, OneClass, TooFew};
    match told {
        Ok(value) => Ok(Some(value)),
        Err(OneClass { .. } | NoPairs { .. } | TooFew { .. } | NoWeight) => Ok(None),
        Err(error) => Err(measured(error)),
    }
}

/// A metric by the name that the file gives it.
///
/// # Errors
/// When there is none of that name, with the nearest that there is.
pub fn named_metric(name: &str) -> Result<Metric> {
    use arkwright_measure::Error::UnknownMetric;
    Metric::parse(name).map_err(|error| {
        let hint = match error {
            // Near in spelling, or another tool's name of the same.
            UnknownMetric { suggestion: Some(known), .. } => format!("did you mean `{known}`?"),
            _ => format!("the metrics are {}", Metric::all().map(Metric::name).collect::<Vec<_>>().join(", ")),
        };
        Error::setting(format!("there is no metric `{name}`")).with_hint(hint)
    })
}

/// A measure's error as the core's.
pub(crate) fn measured(error: arkwright_measure::Error) -> Error {
    Error::data(error.to_string())
}

/// Predictions of rows by models that did not learn from them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OutOfFold {
    /// The rows that some fold tests, ascending.
    pub rows: Vec<u32>,
    /// What was said of them; with repeats, the mean of what was said (of labels, the first).
    pub predictions: Predictions,
}

/// What is computed beside the scores.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Scoring {
    /// Whether each fold's model is scored on the rows that it learnt from, too: needed by
    /// [`crate::verdict`]; costs k - 1 more predictions of every row.
    pub train: bool,
    /// The share of resamples inside an interval, in (0, 1); 0.95 by default. `None`: no intervals.
    pub level: Option<f64>,
}

impl Default for Scoring {
    fn default() -> Self {
        Self { train: false, level: Some(0.95) }
    }
}

/// A metric's scores.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Score {
    /// The metric's name.
    pub metric: String,
    /// The mean of the folds' scores, of those on which it is defined.
    pub value: f64,
    /// The lower end of its interval.
    pub low: Option<f64>,
    /// The upper end of its interval.
    pub high: Option<f64>,
    /// The score of each fold; `None` where it is not defined (one class).
    pub folds: Vec<Option<f64>>,
    /// The score of each fold's model on the rows that it learnt from, if asked for.
    pub train: Vec<Option<f64>>,
}

impl Score {
    /// The mean of the scores on the rows learnt from.
    pub fn train_mean(&self) -> Option<f64> {
        mean(&self.train)
    }
}

/// The mean of what is there.
pub(crate) fn mean(values: &[Option<f64>]) -> Option<f64> {
    let known: Vec<f64> = values.iter().copied().flatten().collect();
    (!known.is_empty()).then(|| known.iter().sum::<f64>() / known.len() as f64)
}

/// The scores of a cross-validation, small enough to keep beside a model. The predictions are not in it:
/// [`out_of_fold`] makes them again from the remembered fits.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CrossValidated {
    /// The rows tested.
    pub rows: u64,
    /// The scores, in the order of the metrics asked for.
    pub scores: Vec<Score>,
}

impl CrossValidated {
    /// The scores of a metric.
    pub fn score(&self, metric: &str) -> Option<&Score> {
        self.scores.iter().find(|s| s.metric == metric)
    }

    /// The overall score of a metric.
    pub fn value(&self, metric: &str) -> Option<f64> {
        self.score(metric).map(|s| s.value)
    }
}

/// Scores a part on rows that it did not learn from, with intervals.
///
/// # Errors
/// When a fold cannot be fitted, a metric does not suit, or the computation is stopped.
pub fn cross_validate(
    part: &Part,
    data: Arc<dyn Source>,
    folds: &[Fold],
    metrics: &[Metric],
    ctx: &Context,
) -> Result<CrossValidated> {
    let rows = Labelled::new(Train::on(data), ctx)?;
    cross_validate_with(part, &rows, folds, metrics, Scoring::default(), ctx)
}

/// As [`cross_validate`], on rows that are already read, with a choice of what to compute.
///
/// # Errors
/// As [`cross_validate`].
pub fn cross_validate_with(
    part: &Part,
    rows: &Labelled,
    folds: &[Fold],
    metrics: &[Metric],
    scoring: Scoring,
    ctx: &Context,
) -> Result<CrossValidated> {
    suited(metrics, rows)?;
    let done = AtomicU64::new(0);
    ctx.go_on(Event::Begin { total: Some(folds.len() as u64), unit: "folds" })?;
    let one = |fold: &Fold| {
        let judged = judge(part, rows, fold, metrics, scoring.train, ctx)?;
        ctx.go_on(Event::Step { done: done.fetch_add(1, Ordering::Relaxed) + 1 })?;
        Ok(judged)
    };
    let judged: Vec<Judged> = folds.par_iter().map(one).collect::<Result<_>>()?;
    ctx.go_on(Event::End)?;
    let (tested, train): (Vec<_>, Vec<_>) = judged.into_iter().map(|j| (j.tested, j.train)).unzip();
    let there = tested_rows(rows.frame.rows(), folds);
    let told = folds.iter().zip(&tested).map(|(fold, predictions)| FoldTold {
        truth: rows.truth.take(&fold.test),
        weight: rows.weight.as_ref().map(|w| pick(w, &fold.test)),
        predictions,
    });
    let told: Vec<FoldTold<'_>> = told.collect();
    let prepared: Vec<FoldPrepared<'_>> = told
        .iter()
        .zip(folds)
        .map(|(told, fold)| {
            let place = |row: &u32| there.partition_point(|r| r < row) as u32;
            let metrics = metrics.iter().map(|&metric| told.prepared(metric)).collect::<Result<_>>()?;
            Ok(FoldPrepared { rows: fold.test.iter().map(place).collect(), metrics })
        })
        .collect::<Result<_>>()?;
    let intervals = match scoring.level {
        Some(level) => {
            let bootstrap = Bootstrap { level, resamples: resamples(there.len()), seed: ctx.root_seed() };
            bootstrap.over_folds(there.len(), &prepared).map_err(measured)?
        }
        None => vec![None; metrics.len()],
    };
    let scores = metrics.iter().zip(intervals).enumerate().map(|(m, (metric, interval))| {
        let score = |fold: &FoldPrepared<'_>| match &fold.metrics[m] {
            Some(prepared) => Ok(defined(prepared.score())?.filter(|v| v.is_finite())),
            None => Ok(None),
        };
        let scores = prepared.iter().map(score).collect::<Result<Vec<_>>>()?;
        let value = mean(&scores).ok_or_else(|| {
            Error::data(format!("{metric} is not defined on any fold"))
                .with_hint("fewer folds, or [split] kind = \"stratified\", have more of each class in a fold")
        })?;
        Ok(Score {
            metric: metric.name().to_string(),
            value,
            low: interval.map(|i| i.low),
            high: interval.map(|i| i.high),
            folds: scores,
            train: train.iter().flatten().map(|scores| scores[m]).collect(),
        })
    });
    Ok(CrossValidated { rows: there.len() as u64, scores: scores.collect::<Result<_>>()? })
}

/// What is true of a fold's rows, and what was said of them.
struct FoldTold<'a> {
    truth: Truth,
    weight: Option<Vec<f64>>,
    predictions: &'a Predictions,
}

impl FoldTold<'_> {
    fn prepared(&self, metric: Metric) -> Result<Option<Prepared<'_>>> {
        defined(Prepared::new(metric, self.truth.borrowed(), self.predictions.borrowed(), self.weight.as_deref()))
    }
}

/// The rows that some fold tests, ascending.
fn tested_rows(rows: usize, folds: &[Fold]) -> Vec<u32> {
    let mut tested = vec![false; rows];
    folds.iter().flat_map(|fold| &fold.test).for_each(|&row| tested[row as usize] = true);
    (0..rows as u32).filter(|&row| tested[row as usize]).collect()
}

/// Resamples for an interval: 1,000, or as many as keep the work about the same for many rows, at least 100.
fn resamples(rows: usize) -> usize {
    (8_000_000 / rows.max(1)).clamp(100, 1_000)
}

fn suited(metrics: &[Metric], rows: &Labelled) -> Result<()> {
    let task = rows.truth.task();
    match metrics.iter().find(|m| !m.suits(task)) {
        Some(metric) => {
            let target = match task {
                arkwright_measure::Task::Regression => "a number",
                _ => "a class",
            };
            Err(Error::setting(format!("`{metric}` does not suit a target that is {target}")))
        }
        None => Ok(()),
    }
}

/// The out-of-fold predictions of a part, for those who want more than scores: curves, calibration, stacking.
///
/// # Errors
/// As [`cross_validate`].
pub fn out_of_fold(part: &Part, rows: &Labelled, folds: &[Fold], ctx: &Context) -> Result<OutOfFold> {
    let tested: Vec<Predictions> =
        folds.par_iter().map(|fold| Ok(judge(part, rows, fold, &[], false, ctx)?.tested)).collect::<Result<_>>()?;
    gather(rows, folds, &tested)
}

struct Judged {
    tested: Predictions,
    train: Option<Vec<Option<f64>>>,
}

fn judge(part: &Part, rows: &Labelled, fold: &Fold, metrics: &[Metric], train: bool, ctx: &Context) -> Result<Judged> {
    let fitted = rows.fit(part, &fold.train, ctx)?;
    let tested = rows.predict(&fitted, &fold.test, ctx)?;
    let train = match train {
        true => {
            let learnt = rows.predict(&fitted, &fold.train, ctx)?;
            Some(metrics.iter().map(|&m| rows.score(m, &fold.train, &learnt)).collect::<Result<_>>()?)
        }
        false => None,
    };
    Ok(Judged { tested, train })
}

/// Puts the folds' predictions in the order of the rows; what was said more than once is averaged.
fn gather(rows: &Labelled, folds: &[Fold], tested: &[Predictions]) -> Result<OutOfFold> {
    let n = rows.frame.rows();
    let mut times = vec![0u32; n];
    folds.iter().flat_map(|fold| &fold.test).for_each(|&row| times[row as usize] += 1);
    let there = tested_rows(n, folds);
    let width = match tested.first() {
        Some(Predictions::Probabilities { count, .. }) => *count,
        Some(_) => 1,
        None => return Err(Error::data("there are no folds")),
    };
    if let Some(Predictions::Classes(_)) = tested.first() {
        let mut labels: Vec<Option<u32>> = vec![None; n];
        for (fold, predicted) in folds.iter().zip(tested) {
            let Predictions::Classes(codes) = predicted else { return Err(mixed()) };
            fold.test.iter().zip(codes).for_each(|(&row, &code)| {
                labels[row as usize].get_or_insert(code);
            });
        }
        let codes = labels.into_iter().flatten().collect();
        return Ok(OutOfFold { rows: there, predictions: Predictions::Classes(codes) });
    }
    let mut sums = vec![0.0; n * width];
    for (fold, predicted) in folds.iter().zip(tested) {
        let values = match predicted {
            Predictions::Probabilities { values, count } if *count == width => values,
            Predictions::Values(values) if width == 1 => values,
            _ => return Err(mixed()),
        };
        for (&row, said) in fold.test.iter().zip(values.chunks_exact(width)) {
            let sum = &mut sums[row as usize * width..][..width];
            sum.iter_mut().zip(said).for_each(|(sum, p)| *sum += p);
        }
    }
    let values = there
        .iter()
        .flat_map(|&row| {
            let times = f64::from(times[row as usize]);
            sums[row as usize * width..][..width].iter().map(move |sum| sum / times)
        })
        .collect();
    let predictions = match tested.first() {
        Some(Predictions::Probabilities { count, .. }) => Predictions::Probabilities { values, count: *count },
        _ => Predictions::Values(values),
    };
    Ok(OutOfFold { rows: there, predictions })
}

fn mixed() -> Error {
    Error::data("the folds' models gave different kinds of answers")
}

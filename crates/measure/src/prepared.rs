//! A metric with its truth and prediction, checked, sorted and binned once, so that it can be taken many times
//! under other weights: as it is, and for each bootstrap resample.
//!
//! A mean over rows keeps the rows' losses; a ranking keeps its order; a measure of labels keeps the labels. A
//! resample is then a weight (how often a row was drawn) and costs one pass, O(n), whatever the metric.

use crate::calibration::Binned;
use crate::classification::{self, Average, Confusion, ZeroDivision};
use crate::lists::{self, Ask, Lists};
use crate::ranking::{self, ClassAverage, Ranking};
use crate::regression::{self, Loss};
use crate::survival::Concordance;
use crate::{Error, Metric, Predicted, Result, Task, Truth, distribution, input, probability};
use std::borrow::Cow;

/// A metric with its rows; see the module.
#[derive(Debug, Clone)]
pub struct Prepared<'a> {
    metric: Metric,
    rows: usize,
    weight: Option<&'a [f64]>,
    /// The lists that rows belong to: a resample draws whole lists.
    lists: Option<Lists>,
    form: Form<'a>,
}

#[derive(Debug, Clone)]
enum Form<'a> {
    Mean { losses: Vec<f64>, root: bool },
    Ranked { classes: Vec<Ranking>, average: ClassAverage },
    Labels { truth: &'a [u32], labels: Cow<'a, [u32]>, count: usize },
    Explained { truth: &'a [f64], predicted: &'a [f64], forgiven: bool },
    Median { errors: Vec<(f64, u32)> },
    Binned(Binned),
    Lists(Vec<Option<f64>>),
    Concordance(Concordance),
}

/// The bins of `calibration_error`.
const CALIBRATION_BINS: usize = 10;

impl<'a> Prepared<'a> {
    /// Checks that `metric` suits `truth` and `predicted`, and that these are sound.
    ///
    /// # Errors
    /// A metric that does not suit them, no rows, differing lengths, values, codes or weights out of range.
    pub fn new(metric: Metric, truth: Truth<'a>, predicted: Predicted<'a>, weight: Option<&'a [f64]>) -> Result<Self> {
        let rows = truth.rows();
        input::rows("truth", rows)?;
        input::weights(weight, rows)?;
        let lists = match truth {
            Truth::Ranked { group, .. } => {
                input::length("group", rows, group.len())?;
                Some(Lists::new(group, |_| true))
            }
            _ => None,
        };
        let form = match truth {
            Truth::Classes { codes, count } => Form::of_classes(metric, codes, count, predicted)?,
            _ => Form::of_values(metric, truth, lists.as_ref(), predicted)?,
        };
        Ok(Prepared { metric, rows, weight, lists, form })
    }

    /// The metric.
    #[must_use]
    pub fn metric(&self) -> Metric {
        self.metric
    }

    /// The number of rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The lists that rows belong to, if they do: they are drawn whole.
    pub(crate) fn lists(&self) -> Option<&Lists> {
        self.lists.as_ref()
    }

    /// The metric's value.
    ///
    /// # Errors
    /// A truth for which the metric is not defined: one class only, say.
    pub fn score(&self) -> Result<f64> {
        let value = match self.weight {
            None => self.value(|_| 1.0),
            Some(w) => self.value(|row| w[row]),
        };
        let measure = self.metric.name();
        value.ok_or(match self.form {
            Form::Lists(_) | Form::Concordance(_) => Error::NoPairs { measure },
            _ => Error::OneClass { measure },
        })
    }

    /// The metric's value where row i is there `counts[i]` times; `None` where it is not defined.
    pub(crate) fn resampled(&self, counts: &[u32]) -> Option<f64> {
        let value = match self.weight {
            None => self.value(|row| f64::from(counts[row])),
            Some(w) => self.value(|row| f64::from(counts[row]) * w[row]),
        };
        value.filter(|v| v.is_finite())
    }

    fn value(&self, weight: impl Fn(usize) -> f64 + Copy) -> Option<f64> {
        match &self.form {
            Form::Mean { losses, root: false } => Some(probability::mean(losses, weight)),
            Form::Mean { losses, root: true } => Some(probability::mean(losses, weight).sqrt()),
            Form::Ranked { classes, average } if self.metric == Metric::AveragePrecision => {
                ranking::average_over(classes, *average, weight, |r, w| r.average_precision(w))
            }
            Form::Ranked { classes, average } => ranking::average_over(classes, *average, weight, |r, w| r.auc(w)),
            Form::Labels { truth, labels, count } => {
                of_labels(self.metric, &Confusion::counted(truth, labels, *count, weight))
            }
            Form::Explained { truth, predicted, forgiven } => {
                Some(regression::explained(truth, predicted, *forgiven, weight))
            }
            Form::Median { errors } => distribution::median_sorted(errors, weight),
            Form::Binned(binned) => Some(binned.error(weight)),
            Form::Lists(of_each) => lists::mean(self.lists.as_ref()?, of_each, weight),
            Form::Concordance(sorted) => sorted.index(weight),
        }
    }
}

impl<'a> Form<'a> {
    fn of_classes(metric: Metric, codes: &'a [u32], count: usize, predicted: Predicted<'a>) -> Result<Self> {
        if count < 2 {
            return Err(Error::Setting { name: "count", value: count as f64, needs: "at least 2 classes" });
        }
        input::codes("truth", codes, count)?;
        let task = if count == 2 { Task::Binary } else { Task::Multiclass };
        if !metric.suits(task) {
            return Err(unsuited(metric, "a number as target, and the target is a class"));
        }
        match (metric, predicted) {
            (Metric::LogLoss, Predicted::Probabilities { values }) => {
                Ok(Form::Mean { losses: probability::log_losses(codes, count, values)?, root: false })
            }
            (Metric::Brier, Predicted::Probabilities { values }) => {
                Ok(Form::Mean { losses: probability::brier_losses(codes, count, values)?, root: false })
            }
            (Metric::CalibrationError, Predicted::Probabilities { values }) => {
                Ok(Form::Binned(Binned::new(codes, count, values, CALIBRATION_BINS)?))
            }
            (Metric::LogLoss | Metric::Brier | Metric::CalibrationError, _) => Err(unsuited(metric, "probabilities")),
            (Metric::RocAuc | Metric::RocAucWeighted | Metric::AveragePrecision, predicted) => {
                Ok(Form::Ranked { classes: rankings(metric, codes, count, predicted)?, average: class_average(metric) })
            }
            (_, Predicted::Probabilities { values }) => {
                input::probabilities(values, codes.len(), count)?;
                let labels = classification::labels(values, count)?;
                Ok(Form::Labels { truth: codes, labels: Cow::Owned(labels), count })
            }
            (_, Predicted::Classes(labels)) => {
                input::length("prediction", codes.len(), labels.len())?;
                input::codes("prediction", labels, count)?;
                Ok(Form::Labels { truth: codes, labels: Cow::Borrowed(labels), count })
            }
            (_, Predicted::Values(_)) => Err(unsuited(metric, "labels or probabilities")),
        }
    }

    fn of_values(metric: Metric, of: Truth<'a>, lists: Option<&Lists>, predicted: Predicted<'a>) -> Result<Self> {
        let (Predicted::Values(predicted), Some(truth)) = (predicted, of.values()) else {
            return Err(unsuited(metric, "one predicted number for each row, since the target is a number"));
        };
        let ranked = |ask| match lists {
            Some(lists) => Ok(Form::Lists(lists::of_each(ask, lists, truth, predicted)?)),
            None => Err(unsuited(metric, "lists of rows: name the column that holds their groups")),
        };
        let mean = |loss, root| Ok(Form::Mean { losses: regression::losses(loss, truth, predicted)?, root });
        match metric {
            Metric::Mse => mean(Loss::Squared, false),
            Metric::Rmse => mean(Loss::Squared, true),
            Metric::Mae => mean(Loss::Absolute, false),
            Metric::Mape => mean(Loss::Percentage, false),
            Metric::PoissonDeviance => mean(Loss::Poisson, false),
            Metric::GammaDeviance => mean(Loss::Gamma, false),
            Metric::TweedieDeviance => mean(Loss::Tweedie(1.5), false),
            Metric::Ndcg => ranked(Ask::Ndcg(None)),
            Metric::Ndcg10 => ranked(Ask::Ndcg(Some(10))),
            Metric::Map => ranked(Ask::AveragePrecision),
            Metric::Mrr => ranked(Ask::ReciprocalRank),
            Metric::Concordance | Metric::ConcordanceRisk => {
                let Truth::Survival { time, seen } = of else {
                    return Err(unsuited(metric, "to know whose end was seen: name the column that holds the events"));
                };
                let sign = if metric == Metric::Concordance { 1.0 } else { -1.0 };
                let signed: Vec<f64> = predicted.iter().map(|p| sign * p).collect();
                Ok(Form::Concordance(Concordance::new(time, seen, &signed)?))
            }
            Metric::MedianAe => Ok(Form::Median { errors: regression::sorted_errors(truth, predicted)? }),
            Metric::R2 | Metric::ExplainedVariance => {
                regression::spread_checked(metric.name(), truth, predicted, None)?;
                Ok(Form::Explained { truth, predicted, forgiven: metric == Metric::ExplainedVariance })
            }
            _ => Err(unsuited(metric, "a class as target, and the target is a number")),
        }
    }
}

fn unsuited(metric: Metric, needs: &'static str) -> Error {
    Error::Unsuited { metric: metric.name(), needs }
}

fn class_average(metric: Metric) -> ClassAverage {
    if metric == Metric::RocAucWeighted { ClassAverage::Weighted } else { ClassAverage::Macro }
}

/// One ranking, of the positive class, for two classes; one for each class otherwise.
fn rankings(metric: Metric, codes: &[u32], count: usize, predicted: Predicted<'_>) -> Result<Vec<Ranking>> {
    match (predicted, count) {
        (Predicted::Probabilities { values }, 2) => {
            input::length("probabilities", codes.len() * 2, values.len())?;
            let score: Vec<f64> = values.chunks_exact(2).map(|row| row[1]).collect();
            Ok(vec![Ranking::new(&ranking::positives(codes, 1), &score)?])
        }
        (Predicted::Probabilities { values }, _) => ranking::one_vs_rest(codes, count, values),
        (Predicted::Values(score), 2) => Ok(vec![Ranking::new(&ranking::positives(codes, 1), score)?]),
        (Predicted::Values(_), _) => Err(unsuited(metric, "a probability for each class")),
        (Predicted::Classes(_), _) => Err(unsuited(metric, "probabilities or scores, not labels")),
    }
}

fn of_labels(metric: Metric, confusion: &Confusion) -> Option<f64> {
    let one = if confusion.count == 2 { Average::Class(1) } else { Average::Macro };
    let scores = |average| confusion.scores(average, 1.0, ZeroDivision::Zero).ok();
    match metric {
        Metric::Accuracy => Some(confusion.accuracy()),
        Metric::BalancedAccuracy => Some(confusion.balanced_accuracy()),
        Metric::Mcc => Some(confusion.mcc()),
        Metric::Kappa => Some(confusion.kappa()),
        Metric::F1 => scores(one).map(|s| s.f_score),
        Metric::Precision => scores(one).map(|s| s.precision),
        Metric::Recall => scores(one).map(|s| s.recall),
        Metric::F1Micro => scores(Average::Micro).map(|s| s.f_score),
        Metric::F1Macro => scores(Average::Macro).map(|s| s.f_score),
        Metric::F1Weighted => scores(Average::Weighted).map(|s| s.f_score),
        _ => None,
    }
}

//! The metrics by name: what each suits, which way is better, and the one door to all of them.
//!
//! A new metric is a variant of [`Metric`], a line in [`TABLE`], and an arm where [`crate::Prepared`] is made.
//! For classes, the positive class of a binary problem is the last code; measures of one class (`f1`,
//! `precision`, `recall`, `roc_auc`, `average_precision`) are the positive class's there and the macro average
//! over classes otherwise.

use crate::{Error, Prepared, Result};
use serde::{Deserialize, Serialize};

/// What is predicted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Task {
    /// One of two classes.
    Binary,
    /// One of three or more classes.
    Multiclass,
    /// A number.
    Regression,
}

/// What is true of n rows.
#[derive(Debug, Clone, Copy)]
pub enum Truth<'a> {
    /// The class of each row.
    Classes {
        /// n codes, each below `count`.
        codes: &'a [u32],
        /// The number of classes, at least 2, whether or not all occur.
        count: usize,
    },
    /// The number of each row, n.
    Values(&'a [f64]),
    /// The relevance of each row of a list; the metrics of numbers take it as a number, too.
    Ranked {
        /// n numbers, at least 0 for the metrics of lists.
        relevance: &'a [f64],
        /// n codes; rows of one code are one list.
        group: &'a [u32],
    },
    /// The time that each row lasted; the metrics of numbers take it as a number, too.
    Survival {
        /// n numbers.
        time: &'a [f64],
        /// n: whether the end was seen, or came after the time.
        seen: &'a [bool],
    },
}

impl<'a> Truth<'a> {
    /// The numbers, where they are no classes.
    #[must_use]
    pub fn values(&self) -> Option<&'a [f64]> {
        match *self {
            Truth::Classes { .. } => None,
            Truth::Values(values) | Truth::Ranked { relevance: values, .. } | Truth::Survival { time: values, .. } => {
                Some(values)
            }
        }
    }
}

impl Truth<'_> {
    /// The number of rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        match self {
            Truth::Classes { codes, .. } => codes.len(),
            _ => self.values().map_or(0, <[f64]>::len),
        }
    }

    /// What the truth makes of the problem.
    #[must_use]
    pub fn task(&self) -> Task {
        match self {
            Truth::Classes { count: 0..=2, .. } => Task::Binary,
            Truth::Classes { .. } => Task::Multiclass,
            _ => Task::Regression,
        }
    }
}

/// What was predicted for n rows.
#[derive(Debug, Clone, Copy)]
pub enum Predicted<'a> {
    /// A probability for each class. The label is the most probable class, a tie going to the lower code; for
    /// another threshold pass the labels as `Classes`.
    Probabilities {
        /// n x count, row-major; each row sums to 1.
        values: &'a [f64],
    },
    /// A class for each row, n: enough for the metrics of labels.
    Classes(&'a [u32]),
    /// A number for each row, n. For two classes: a score that is greater where the positive class is more
    /// likely, which is enough for `roc_auc` and `average_precision`.
    Values(&'a [f64]),
}

/// A measure of a prediction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Metric {
    /// Area below the ROC curve; macro one-vs-rest for more than two classes.
    RocAuc,
    /// One-vs-rest area below the ROC curve, classes weighted by their rows.
    RocAucWeighted,
    /// Average precision; macro one-vs-rest for more than two classes.
    AveragePrecision,
    /// Mean negative log likelihood.
    LogLoss,
    /// Mean squared error of the probabilities.
    Brier,
    /// Expected calibration error in ten bins of one width.
    CalibrationError,
    /// Share of rows labelled right.
    Accuracy,
    /// Mean recall of the classes.
    BalancedAccuracy,
    /// F1 score; macro for more than two classes.
    F1,
    /// F1 score of all classes together.
    F1Micro,
    /// Mean F1 score of the classes.
    F1Macro,
    /// Mean F1 score of the classes, weighted by their rows.
    F1Weighted,
    /// Precision; macro for more than two classes.
    Precision,
    /// Recall; macro for more than two classes.
    Recall,
    /// Matthews' correlation coefficient.
    Mcc,
    /// Cohen's kappa.
    Kappa,
    /// Root mean squared error.
    Rmse,
    /// Mean squared error.
    Mse,
    /// Mean absolute error.
    Mae,
    /// Median absolute error.
    MedianAe,
    /// Mean absolute percentage error, as a fraction.
    Mape,
    /// Coefficient of determination.
    R2,
    /// Explained variance.
    ExplainedVariance,
    /// Mean Poisson deviance.
    PoissonDeviance,
    /// Mean gamma deviance.
    GammaDeviance,
    /// Mean Tweedie deviance of power 1.5.
    TweedieDeviance,
    /// Normalised discounted cumulative gain of lists.
    Ndcg,
    /// The same of the first ten places.
    #[serde(rename = "ndcg_10")]
    Ndcg10,
    /// Mean average precision of lists.
    Map,
    /// Mean reciprocal rank of the first relevant row of lists.
    Mrr,
    /// Concordance of predicted times with those that passed.
    Concordance,
    /// Concordance of predicted risks with the times that passed.
    ConcordanceRisk,
}

/// What is known of a metric.
#[derive(Debug, Clone, Copy)]
pub struct About {
    /// The metric.
    pub metric: Metric,
    /// Its name in files, tables and on the command line.
    pub name: &'static str,
    /// Its name in a picture's caption.
    pub title: &'static str,
    /// The tasks it suits.
    pub tasks: &'static [Task],
    /// Whether a greater value is a better prediction.
    pub greater_is_better: bool,
    /// What it says, in a sentence.
    pub says: &'static str,
}

const CLASSES: &[Task] = &[Task::Binary, Task::Multiclass];
const NUMBERS: &[Task] = &[Task::Regression];

const fn about(
    metric: Metric,
    name: &'static str,
    title: &'static str,
    tasks: &'static [Task],
    greater_is_better: bool,
    says: &'static str,
) -> About {
    About { metric, name, title, tasks, greater_is_better, says }
}

/// Every metric, in the order of [`Metric`]'s variants.
pub const TABLE: &[About] = &[
    about(
        Metric::RocAuc,
        "roc_auc",
        "ROC AUC",
        CLASSES,
        true,
        "How often a positive row is ranked above a negative one; 0.5 is chance, 1 is perfect.",
    ),
    about(
        Metric::RocAucWeighted,
        "roc_auc_weighted",
        "ROC AUC, weighted",
        CLASSES,
        true,
        "ROC AUC of each class against the rest, averaged by the classes' sizes.",
    ),
    about(
        Metric::AveragePrecision,
        "average_precision",
        "average precision",
        CLASSES,
        true,
        "Precision averaged over recall; the share of positives is chance, 1 is perfect.",
    ),
    about(
        Metric::LogLoss,
        "log_loss",
        "log loss",
        CLASSES,
        false,
        "Mean of minus the log of the probability given to the true class; 0 is perfect.",
    ),
    about(
        Metric::Brier,
        "brier",
        "Brier score",
        CLASSES,
        false,
        "Mean squared error of the probabilities; 0 is perfect.",
    ),
    about(
        Metric::CalibrationError,
        "calibration_error",
        "calibration error",
        CLASSES,
        false,
        "Mean distance between a probability and how often it comes true, in ten bins; 0 is perfect.",
    ),
    about(Metric::Accuracy, "accuracy", "accuracy", CLASSES, true, "Share of rows given the right label."),
    about(
        Metric::BalancedAccuracy,
        "balanced_accuracy",
        "balanced accuracy",
        CLASSES,
        true,
        "Mean over the classes of the share of their rows given the right label.",
    ),
    about(Metric::F1, "f1", "F1", CLASSES, true, "Harmonic mean of precision and recall."),
    about(
        Metric::F1Micro,
        "f1_micro",
        "F1, micro",
        CLASSES,
        true,
        "F1 of all classes' counts together; here the same as accuracy.",
    ),
    about(
        Metric::F1Macro,
        "f1_macro",
        "F1, macro",
        CLASSES,
        true,
        "F1 of each class, averaged with every class counting the same.",
    ),
    about(
        Metric::F1Weighted,
        "f1_weighted",
        "F1, weighted",
        CLASSES,
        true,
        "F1 of each class, averaged by the classes' sizes.",
    ),
    about(Metric::Precision, "precision", "precision", CLASSES, true, "Share of rows called positive that are."),
    about(Metric::Recall, "recall", "recall", CLASSES, true, "Share of positive rows called so."),
    about(
        Metric::Mcc,
        "mcc",
        "Matthews correlation",
        CLASSES,
        true,
        "Correlation between true and predicted labels; 0 is chance, 1 is perfect.",
    ),
    about(
        Metric::Kappa,
        "kappa",
        "Cohen's kappa",
        CLASSES,
        true,
        "Agreement of labels beyond what chance gives; 0 is chance, 1 is perfect.",
    ),
    about(Metric::Rmse, "rmse", "RMSE", NUMBERS, false, "Square root of the mean squared error, in the target's unit."),
    about(Metric::Mse, "mse", "mean squared error", NUMBERS, false, "Mean squared error."),
    about(Metric::Mae, "mae", "mean absolute error", NUMBERS, false, "Mean absolute error, in the target's unit."),
    about(
        Metric::MedianAe,
        "median_ae",
        "median absolute error",
        NUMBERS,
        false,
        "Median absolute error: half the rows are nearer than this.",
    ),
    about(
        Metric::Mape,
        "mape",
        "mean absolute percentage error",
        NUMBERS,
        false,
        "Mean absolute error as a fraction of the true value.",
    ),
    about(
        Metric::R2,
        "r2",
        "R\u{b2}",
        NUMBERS,
        true,
        "Share of the target's variance that is predicted; 0 is the mean, 1 is perfect.",
    ),
    about(
        Metric::ExplainedVariance,
        "explained_variance",
        "explained variance",
        NUMBERS,
        true,
        "Share of the target's variance that is predicted, a constant error forgiven.",
    ),
    about(
        Metric::PoissonDeviance,
        "poisson_deviance",
        "Poisson deviance",
        NUMBERS,
        false,
        "Mean Poisson deviance, for counts; 0 is perfect.",
    ),
    about(
        Metric::GammaDeviance,
        "gamma_deviance",
        "gamma deviance",
        NUMBERS,
        false,
        "Mean gamma deviance, for amounts above 0; 0 is perfect.",
    ),
    about(
        Metric::TweedieDeviance,
        "tweedie_deviance",
        "Tweedie deviance",
        NUMBERS,
        false,
        "Mean Tweedie deviance of power 1.5, for amounts of which many are 0; 0 is perfect.",
    ),
    about(
        Metric::Ndcg,
        "ndcg",
        "NDCG",
        NUMBERS,
        true,
        "Gain of each list's order, discounted down the list, as a share of the best order's; needs groups.",
    ),
    about(Metric::Ndcg10, "ndcg_10", "NDCG at 10", NUMBERS, true, "NDCG of the first ten places; needs groups."),
    about(
        Metric::Map,
        "map",
        "mean average precision",
        NUMBERS,
        true,
        "Average precision of each list, a relevance above 0 being relevant, averaged; needs groups.",
    ),
    about(
        Metric::Mrr,
        "mrr",
        "mean reciprocal rank",
        NUMBERS,
        true,
        "One over the place of each list's first relevant row, averaged; needs groups.",
    ),
    about(
        Metric::Concordance,
        "concordance",
        "concordance",
        NUMBERS,
        true,
        "How often the one of two who lasts longer is said to; 0.5 is chance, 1 is perfect; needs an event column.",
    ),
    about(
        Metric::ConcordanceRisk,
        "concordance_risk",
        "concordance of risks",
        NUMBERS,
        true,
        "How often the one of two who lasts less is given the higher risk; 0.5 is chance; needs an event column.",
    ),
];

/// What other tools call our metrics: never accepted, but answered with our name.
const ELSEWHERE: &[(&str, &str)] = &[
    ("auc", "roc_auc"),
    ("auroc", "roc_auc"),
    ("roc_auc_ovr", "roc_auc"),
    ("roc_auc_ovr_weighted", "roc_auc_weighted"),
    ("aucpr", "average_precision"),
    ("auc_pr", "average_precision"),
    ("pr_auc", "average_precision"),
    ("logloss", "log_loss"),
    ("neg_log_loss", "log_loss"),
    ("cross_entropy", "log_loss"),
    ("binary_logloss", "log_loss"),
    ("multi_logloss", "log_loss"),
    ("brier_score", "brier"),
    ("neg_brier_score", "brier"),
    ("brier_score_loss", "brier"),
    ("ece", "calibration_error"),
    ("acc", "accuracy"),
    ("f1_score", "f1"),
    ("f1score", "f1"),
    ("matthews_corrcoef", "mcc"),
    ("matthews", "mcc"),
    ("cohen_kappa", "kappa"),
    ("cohen_kappa_score", "kappa"),
    ("root_mean_squared_error", "rmse"),
    ("neg_root_mean_squared_error", "rmse"),
    ("mean_squared_error", "mse"),
    ("neg_mean_squared_error", "mse"),
    ("l2", "mse"),
    ("mean_absolute_error", "mae"),
    ("neg_mean_absolute_error", "mae"),
    ("l1", "mae"),
    ("median_absolute_error", "median_ae"),
    ("neg_median_absolute_error", "median_ae"),
    ("mean_absolute_percentage_error", "mape"),
    ("r2_score", "r2"),
    ("r_squared", "r2"),
    ("explained_variance_score", "explained_variance"),
    ("mean_poisson_deviance", "poisson_deviance"),
    ("poisson", "poisson_deviance"),
    ("mean_gamma_deviance", "gamma_deviance"),
    ("gamma", "gamma_deviance"),
    ("mean_tweedie_deviance", "tweedie_deviance"),
    ("tweedie", "tweedie_deviance"),
    ("ndcg_score", "ndcg"),
    ("ndcg@10", "ndcg_10"),
    ("mean_average_precision", "map"),
    ("mean_reciprocal_rank", "mrr"),
    ("concordance_index", "concordance"),
    ("c_index", "concordance"),
];

impl Metric {
    /// Every metric.
    pub fn all() -> impl Iterator<Item = Metric> {
        TABLE.iter().map(|about| about.metric)
    }

    /// The metric of this name, exactly.
    ///
    /// # Errors
    /// An unknown name, with the nearest right spelling where one is near.
    pub fn parse(name: &str) -> Result<Metric> {
        if let Some(about) = TABLE.iter().find(|about| about.name == name) {
            return Ok(about.metric);
        }
        let plain = name.trim().to_lowercase().replace(['-', ' '], "_");
        let known = TABLE.iter().map(|a| (a.name, a.name)).chain(ELSEWHERE.iter().copied());
        let suggestion = known
            .map(|(spelling, ours)| (strsim::damerau_levenshtein(spelling, &plain), ours))
            .filter(|&(distance, ours)| distance <= 1 + ours.len().min(plain.len()) / 4)
            .min_by_key(|&(distance, _)| distance)
            .map(|(_, ours)| ours);
        Err(Error::UnknownMetric { name: name.to_owned(), suggestion })
    }

    /// What a report shows for `task` when nothing is asked for; the first chooses the model.
    #[must_use]
    pub fn defaults(task: Task) -> &'static [Metric] {
        use Metric::*;
        match task {
            Task::Binary => &[RocAuc, LogLoss, AveragePrecision, Brier, Accuracy, BalancedAccuracy, F1],
            Task::Multiclass => &[LogLoss, RocAuc, Accuracy, BalancedAccuracy, F1],
            Task::Regression => &[Rmse, Mae, MedianAe, R2],
        }
    }

    /// What is known of it.
    #[must_use]
    pub fn about(self) -> &'static About {
        &TABLE[self as usize]
    }

    /// Its name in files, tables and on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.about().name
    }

    /// Whether a greater value is a better prediction.
    #[must_use]
    pub fn greater_is_better(self) -> bool {
        self.about().greater_is_better
    }

    /// Whether it suits `task`.
    #[must_use]
    pub fn suits(self, task: Task) -> bool {
        self.about().tasks.contains(&task)
    }

    /// The value of this metric for `predicted` against `truth`, each row counting `weight` (default 1).
    ///
    /// # Errors
    /// A metric that does not suit them, differing lengths, values or weights out of range, or a truth for
    /// which the metric is not defined (one class, say).
    pub fn score(self, truth: Truth<'_>, predicted: Predicted<'_>, weight: Option<&[f64]>) -> Result<f64> {
        Prepared::new(self, truth, predicted, weight)?.score()
    }
}

impl std::fmt::Display for Metric {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

impl std::str::FromStr for Metric {
    type Err = Error;

    fn from_str(name: &str) -> Result<Metric> {
        Metric::parse(name)
    }
}

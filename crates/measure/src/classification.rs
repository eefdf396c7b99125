//! How often is the label right? All from one table of counts: [`Confusion`].
//!
//! With `c[t][p]` the weight of the rows of class t that were labelled p, precision of a class is
//! `c[k][k] / sum_t c[t][k]`, recall `c[k][k] / sum_p c[k][p]`, and
//! `F_beta = (1 + beta^2) tp / ((1 + beta^2) tp + beta^2 fn + fp)`. Matthews' correlation for several classes is
//! Gorodkin's (2004).

use crate::{Error, Result, input};
use serde::{Deserialize, Serialize};

/// The label of each row of `probabilities` (n x `count`, row-major): the most probable class, a tie going to
/// the lower code.
///
/// # Errors
/// No classes, or a length that is not a multiple of `count`.
pub fn labels(probabilities: &[f64], count: usize) -> Result<Vec<u32>> {
    if count == 0 {
        return Err(Error::Setting { name: "count", value: 0.0, needs: "at least 1" });
    }
    input::length("probabilities", probabilities.len() / count * count, probabilities.len())?;
    let best = |row: &[f64]| (1..count).fold(0, |best, k| if row[k] > row[best] { k } else { best }) as u32;
    Ok(probabilities.chunks_exact(count).map(best).collect())
}

/// The label of each row from the probability of the positive class (n): 1 where it is at least `threshold`.
#[must_use]
pub fn labels_at(probability: &[f64], threshold: f64) -> Vec<u32> {
    probability.iter().map(|&p| u32::from(p >= threshold)).collect()
}

/// Rows counted by true class and label.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Confusion {
    /// The number of classes k.
    pub count: usize,
    /// k x k weights, row-major: true class by label.
    pub cells: Vec<f64>,
}

/// What a score is where nothing is there to divide by (a class never predicted has no precision).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ZeroDivision {
    /// 0: the default, scikit-learn's too.
    #[default]
    Zero,
    /// 1.
    One,
}

impl ZeroDivision {
    fn divide(self, above: f64, below: f64) -> f64 {
        match (below > 0.0, self) {
            (true, _) => above / below,
            (false, ZeroDivision::Zero) => 0.0,
            (false, ZeroDivision::One) => 1.0,
        }
    }
}

/// How the scores of several classes become one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Average {
    /// The score of one class only.
    Class(u32),
    /// Counts are added up over the classes before dividing.
    Micro,
    /// Every class that occurs, as truth or as label, counts the same.
    Macro,
    /// A class counts by the weight of its rows.
    Weighted,
}

/// Precision, recall and F score of a class, or of an average of classes.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ClassScore {
    /// Share of rows so labelled that are of the class.
    pub precision: f64,
    /// Share of the class's rows that are so labelled.
    pub recall: f64,
    /// Weighted harmonic mean of the two.
    pub f_score: f64,
    /// The weight of the class's rows.
    pub support: f64,
}

impl Confusion {
    /// Counts `truth` (n codes) against `predicted` (n codes); all codes below `count`.
    ///
    /// # Errors
    /// No rows, differing lengths, codes out of range, or impossible weights.
    pub fn new(truth: &[u32], predicted: &[u32], count: usize, weight: Option<&[f64]>) -> Result<Confusion> {
        input::rows("truth", truth.len())?;
        input::length("predicted", truth.len(), predicted.len())?;
        input::codes("truth", truth, count)?;
        input::codes("predicted", predicted, count)?;
        input::weights(weight, truth.len())?;
        Ok(Confusion::counted(truth, predicted, count, input::weigh(weight)))
    }

    pub(crate) fn counted(truth: &[u32], predicted: &[u32], count: usize, weight: impl Fn(usize) -> f64) -> Confusion {
        let mut cells = vec![0.0; count * count];
        for (row, (&t, &p)) in truth.iter().zip(predicted).enumerate() {
            cells[t as usize * count + p as usize] += weight(row);
        }
        Confusion { count, cells }
    }

    /// The weight of the rows of class `truth` labelled `predicted`.
    #[must_use]
    pub fn cell(&self, truth: usize, predicted: usize) -> f64 {
        self.cells[truth * self.count + predicted]
    }

    /// The weight of the rows of each class.
    #[must_use]
    pub fn truths(&self) -> Vec<f64> {
        self.cells.chunks_exact(self.count.max(1)).map(|row| row.iter().sum()).collect()
    }

    /// The weight of the rows given each label.
    #[must_use]
    pub fn labels(&self) -> Vec<f64> {
        (0..self.count).map(|p| (0..self.count).map(|t| self.cell(t, p)).sum()).collect()
    }

    fn total(&self) -> f64 {
        self.cells.iter().sum()
    }

    fn right(&self) -> f64 {
        (0..self.count).map(|k| self.cell(k, k)).sum()
    }

    /// Share of rows labelled right.
    #[must_use]
    pub fn accuracy(&self) -> f64 {
        self.right() / self.total()
    }

    /// Mean recall of the classes that have rows.
    #[must_use]
    pub fn balanced_accuracy(&self) -> f64 {
        let truths = self.truths();
        let recalls = (0..self.count).filter(|&k| truths[k] > 0.0).map(|k| self.cell(k, k) / truths[k]);
        let (sum, n) = recalls.fold((0.0, 0.0), |(sum, n), r| (sum + r, n + 1.0));
        sum / n
    }

    /// Matthews' correlation coefficient, -1 to 1; 0 where truth or labels are all of one class.
    #[must_use]
    pub fn mcc(&self) -> f64 {
        let (truths, labels, s) = (self.truths(), self.labels(), self.total());
        let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
        let covariance = self.right() * s - dot(&truths, &labels);
        let spread = (s * s - dot(&labels, &labels)) * (s * s - dot(&truths, &truths));
        if spread > 0.0 { covariance / spread.sqrt() } else { 0.0 }
    }

    /// Cohen's kappa, -1 to 1; 0 where chance alone would agree on everything.
    #[must_use]
    pub fn kappa(&self) -> f64 {
        let (truths, labels, s) = (self.truths(), self.labels(), self.total());
        let chance: f64 = truths.iter().zip(&labels).map(|(t, l)| t * l).sum::<f64>() / s;
        if s > chance { (self.right() - chance) / (s - chance) } else { 0.0 }
    }

    /// Precision, recall and F score of every class, in the order of codes; `beta` (default choice 1) is how
    /// many times more recall matters than precision.
    #[must_use]
    pub fn class_scores(&self, beta: f64, zero: ZeroDivision) -> Vec<ClassScore> {
        let (truths, labels) = (self.truths(), self.labels());
        (0..self.count).map(|k| class_score(self.cell(k, k), labels[k], truths[k], beta, zero)).collect()
    }

    /// Precision, recall and F score averaged as `average` says.
    ///
    /// # Errors
    /// [`Average::Class`] of a class that there is not; `beta` below 0.
    pub fn scores(&self, average: Average, beta: f64, zero: ZeroDivision) -> Result<ClassScore> {
        if !(beta >= 0.0 && beta.is_finite()) {
            return Err(Error::Setting { name: "beta", value: beta, needs: "at least 0" });
        }
        let classes = self.class_scores(beta, zero);
        let total = self.total();
        let shares: Vec<f64> = match average {
            Average::Class(class) => {
                return classes.get(class as usize).copied().ok_or(Error::Code {
                    what: "average",
                    row: 0,
                    code: class,
                    count: self.count,
                });
            }
            Average::Micro => return Ok(class_score(self.right(), total, total, beta, zero)),
            Average::Macro => {
                let labels = self.labels();
                (0..self.count).map(|k| f64::from(classes[k].support + labels[k] > 0.0)).collect()
            }
            Average::Weighted => classes.iter().map(|c| c.support).collect(),
        };
        let sum: f64 = shares.iter().sum();
        let mean =
            |of: fn(&ClassScore) -> f64| zero.divide(classes.iter().zip(&shares).map(|(c, s)| of(c) * s).sum(), sum);
        Ok(ClassScore {
            precision: mean(|c| c.precision),
            recall: mean(|c| c.recall),
            f_score: mean(|c| c.f_score),
            support: total,
        })
    }
}

fn class_score(hits: f64, labelled: f64, support: f64, beta: f64, zero: ZeroDivision) -> ClassScore {
    let b2 = beta * beta;
    ClassScore {
        precision: zero.divide(hits, labelled),
        recall: zero.divide(hits, support),
        f_score: zero.divide((1.0 + b2) * hits, b2 * support + labelled),
        support,
    }
}

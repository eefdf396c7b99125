//! Does the score put the positive rows first? ROC and precision-recall curves and the areas below them.
//!
//! All of them walk once down the rows sorted by score, counting the weight of positives (`tp`) and
//! negatives (`fp`) passed; rows of equal score are passed together. [`Ranking`] keeps the sorted order,
//! so that many weightings of the same rows (bootstrap resamples) cost one sort and O(n) each.
//!
//! The area below the ROC curve is the chance that a positive is ranked above a negative, a tie counting
//! half (Hanley and McNeil, 1982). Average precision is the step-wise sum over recall,
//! `sum (R_i - R_(i-1)) P_i`, without interpolation.

use crate::{Error, Result, input};
use serde::{Deserialize, Serialize};

/// The rows of a binary problem in descending order of score.
#[derive(Debug, Clone)]
pub struct Ranking {
    /// Each row and whether it is positive, best score first.
    rows: Vec<(u32, bool)>,
    /// Where each group of equal scores ends, and its score.
    groups: Vec<(u32, f64)>,
}

impl Ranking {
    /// Sorts `score` (n, finite; greater means more likely positive) with `truth` (n, true where positive).
    ///
    /// # Errors
    /// No rows, differing lengths, or a score that is not finite.
    pub fn new(truth: &[bool], score: &[f64]) -> Result<Ranking> {
        input::rows("truth", truth.len())?;
        input::length("score", truth.len(), score.len())?;
        input::finite("score", score)?;
        // 0.0 and -0.0 are one score; the row breaks ties so that the order is the same everywhere.
        let mut sorted: Vec<(f64, u32)> = score.iter().enumerate().map(|(i, &s)| (s + 0.0, i as u32)).collect();
        sorted.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        let mut groups: Vec<(u32, f64)> = Vec::new();
        for (i, &(s, _)) in sorted.iter().enumerate() {
            match groups.last_mut() {
                Some(last) if last.1 == s => last.0 = i as u32 + 1,
                _ => groups.push((i as u32 + 1, s)),
            }
        }
        let rows = sorted.iter().map(|&(_, row)| (row, truth[row as usize])).collect();
        Ok(Ranking { rows, groups })
    }

    /// Calls `visit(tp, fp, score)` after each group of equal scores, with the weights passed so far.
    fn walk(&self, weight: impl Fn(usize) -> f64, mut visit: impl FnMut(f64, f64, f64)) {
        let (mut tp, mut fp, mut start) = (0.0, 0.0, 0usize);
        for &(end, score) in &self.groups {
            for &(row, positive) in &self.rows[start..end as usize] {
                let w = weight(row as usize);
                if positive { tp += w } else { fp += w }
            }
            start = end as usize;
            visit(tp, fp, score);
        }
    }

    /// The weight of the positive and of the negative rows.
    pub(crate) fn totals(&self, weight: impl Fn(usize) -> f64) -> (f64, f64) {
        let mut totals = (0.0, 0.0);
        self.walk(weight, |tp, fp, _| totals = (tp, fp));
        totals
    }

    /// The area below the ROC curve; `None` where a class has no weight.
    pub(crate) fn auc(&self, weight: impl Fn(usize) -> f64) -> Option<f64> {
        let (mut area, mut tp, mut fp) = (0.0, 0.0, 0.0);
        self.walk(weight, |tp_now, fp_now, _| {
            area += (fp_now - fp) * (tp + tp_now) / 2.0;
            (tp, fp) = (tp_now, fp_now);
        });
        (tp > 0.0 && fp > 0.0).then(|| (area / (tp * fp)).min(1.0))
    }

    /// Average precision; `None` where no positive has weight.
    pub(crate) fn average_precision(&self, weight: impl Fn(usize) -> f64) -> Option<f64> {
        let (mut sum, mut tp) = (0.0, 0.0);
        self.walk(weight, |tp_now, fp_now, _| {
            if tp_now > tp {
                sum += (tp_now - tp) * tp_now / (tp_now + fp_now);
            }
            tp = tp_now;
        });
        (tp > 0.0).then(|| (sum / tp).min(1.0))
    }
}

/// True where `codes` is `class`: what the binary measures take as truth.
#[must_use]
pub fn positives(codes: &[u32], class: u32) -> Vec<bool> {
    codes.iter().map(|&c| c == class).collect()
}

/// The area below the ROC curve of `score` (n) for `truth` (n, true where positive); 0.5 is chance.
///
/// # Errors
/// One class only, no rows, differing lengths, a score that is not finite, or impossible weights.
pub fn roc_auc(truth: &[bool], score: &[f64], weight: Option<&[f64]>) -> Result<f64> {
    let ranking = Ranking::new(truth, score)?;
    input::weights(weight, truth.len())?;
    ranking.auc(input::weigh(weight)).ok_or(Error::OneClass { measure: "roc_auc" })
}

/// How the scores of several classes become one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClassAverage {
    /// Every class counts the same.
    Macro,
    /// A class counts by the weight of its rows.
    Weighted,
}

/// The one-vs-rest ROC AUC of `probabilities` (n x `count`, row-major) for `codes` (n): each class against
/// all others, averaged. Classes without rows are left out of the average.
///
/// # Errors
/// One class only, codes out of range, differing lengths, values that are not finite, impossible weights.
pub fn roc_auc_ovr(
    codes: &[u32],
    count: usize,
    probabilities: &[f64],
    average: ClassAverage,
    weight: Option<&[f64]>,
) -> Result<f64> {
    let rankings = one_vs_rest(codes, count, probabilities)?;
    input::weights(weight, codes.len())?;
    average_over(&rankings, average, input::weigh(weight), Ranking::auc).ok_or(Error::OneClass { measure: "roc_auc" })
}

/// One ranking for each class against the rest.
pub(crate) fn one_vs_rest(codes: &[u32], count: usize, scores: &[f64]) -> Result<Vec<Ranking>> {
    input::rows("truth", codes.len())?;
    input::codes("truth", codes, count)?;
    input::length("probabilities", codes.len() * count, scores.len())?;
    (0..count)
        .map(|class| {
            let score: Vec<f64> = scores.iter().skip(class).step_by(count).copied().collect();
            Ranking::new(&positives(codes, class as u32), &score)
        })
        .collect()
}

/// The average of `measure` over the classes for which it is defined; `None` where there are none.
pub(crate) fn average_over<'a, W: Fn(usize) -> f64 + Copy>(
    rankings: &'a [Ranking],
    average: ClassAverage,
    weight: W,
    measure: impl Fn(&'a Ranking, W) -> Option<f64>,
) -> Option<f64> {
    let (mut sum, mut total) = (0.0, 0.0);
    for ranking in rankings {
        let Some(value) = measure(ranking, weight) else { continue };
        let share = match average {
            ClassAverage::Macro => 1.0,
            ClassAverage::Weighted => ranking.totals(weight).0,
        };
        sum += share * value;
        total += share;
    }
    (total > 0.0).then(|| sum / total)
}

/// Average precision of `score` (n) for `truth` (n, true where positive); the share of positives is chance.
///
/// # Errors
/// No positive rows, no rows, differing lengths, a score that is not finite, or impossible weights.
pub fn average_precision(truth: &[bool], score: &[f64], weight: Option<&[f64]>) -> Result<f64> {
    let ranking = Ranking::new(truth, score)?;
    input::weights(weight, truth.len())?;
    ranking.average_precision(input::weigh(weight)).ok_or(Error::OneClass { measure: "average_precision" })
}

/// A ROC curve: one point for each threshold, from (0, 0) to (1, 1).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RocCurve {
    /// The share of negatives called positive, rising.
    pub false_positive_rate: Vec<f64>,
    /// The share of positives called positive, rising.
    pub true_positive_rate: Vec<f64>,
    /// Rows with a score of at least this are called positive; falling. The first is the largest finite
    /// number: nothing is called positive.
    pub thresholds: Vec<f64>,
}

/// The ROC curve of `score` (n) for `truth` (n). Points on a straight line between their neighbours are left
/// out, which changes neither picture nor area.
///
/// # Errors
/// One class only, no rows, differing lengths, a score that is not finite, or impossible weights.
pub fn roc_curve(truth: &[bool], score: &[f64], weight: Option<&[f64]>) -> Result<RocCurve> {
    let ranking = Ranking::new(truth, score)?;
    input::weights(weight, truth.len())?;
    let mut points: Vec<(f64, f64, f64)> = vec![(0.0, 0.0, f64::MAX)];
    ranking.walk(input::weigh(weight), |tp, fp, s| {
        if let [.., a, b] = points[..]
            && (b.0 - a.0) * (tp - b.1) == (b.1 - a.1) * (fp - b.0)
        {
            points.pop();
        }
        points.push((fp, tp, s));
    });
    let (negatives, positives, _) = points[points.len() - 1];
    if positives == 0.0 || negatives == 0.0 {
        return Err(Error::OneClass { measure: "roc_curve" });
    }
    Ok(RocCurve {
        false_positive_rate: points.iter().map(|p| p.0 / negatives).collect(),
        true_positive_rate: points.iter().map(|p| p.1 / positives).collect(),
        thresholds: points.iter().map(|p| p.2).collect(),
    })
}

/// A precision-recall curve, from the lowest threshold (recall 1) to (recall 0, precision 1).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PrecisionRecallCurve {
    /// The share of positives among the rows called positive; ends with 1.
    pub precision: Vec<f64>,
    /// The share of positives called positive, falling; ends with 0.
    pub recall: Vec<f64>,
    /// Rows with a score of at least this are called positive; rising, one fewer than there are points.
    pub thresholds: Vec<f64>,
    /// The share of positives among all rows: the precision of chance.
    pub prevalence: f64,
}

/// The precision-recall curve of `score` (n) for `truth` (n).
///
/// # Errors
/// No positive rows, no rows, differing lengths, a score that is not finite, or impossible weights.
pub fn precision_recall_curve(truth: &[bool], score: &[f64], weight: Option<&[f64]>) -> Result<PrecisionRecallCurve> {
    let ranking = Ranking::new(truth, score)?;
    input::weights(weight, truth.len())?;
    let mut points: Vec<(f64, f64, f64)> = Vec::new();
    ranking.walk(input::weigh(weight), |tp, fp, s| {
        if tp + fp > points.last().map_or(0.0, |p| p.0 + p.1) {
            points.push((tp, fp, s));
        }
    });
    let (positives, negatives) = points.last().map_or((0.0, 0.0), |p| (p.0, p.1));
    if positives == 0.0 {
        return Err(Error::OneClass { measure: "precision_recall_curve" });
    }
    points.reverse();
    let mut precision: Vec<f64> = points.iter().map(|p| p.0 / (p.0 + p.1)).collect();
    let mut recall: Vec<f64> = points.iter().map(|p| p.0 / positives).collect();
    precision.push(1.0);
    recall.push(0.0);
    Ok(PrecisionRecallCurve {
        precision,
        recall,
        thresholds: points.iter().map(|p| p.2).collect(),
        prevalence: positives / (positives + negatives),
    })
}

impl RocCurve {
    /// At most `points` (at least 2) of the curve's points, the ends among them: what is stored and drawn.
    #[must_use]
    pub fn thinned(&self, points: usize) -> RocCurve {
        let keep = spread(self.thresholds.len(), points);
        RocCurve {
            false_positive_rate: keep.iter().map(|&i| self.false_positive_rate[i]).collect(),
            true_positive_rate: keep.iter().map(|&i| self.true_positive_rate[i]).collect(),
            thresholds: keep.iter().map(|&i| self.thresholds[i]).collect(),
        }
    }
}

impl PrecisionRecallCurve {
    /// At most `points` (at least 2) of the curve's points, the ends among them: what is stored and drawn.
    #[must_use]
    pub fn thinned(&self, points: usize) -> PrecisionRecallCurve {
        let keep = spread(self.precision.len(), points);
        PrecisionRecallCurve {
            precision: keep.iter().map(|&i| self.precision[i]).collect(),
            recall: keep.iter().map(|&i| self.recall[i]).collect(),
            thresholds: keep.iter().filter_map(|&i| self.thresholds.get(i)).copied().collect(),
            prevalence: self.prevalence,
        }
    }
}

/// At most `keep` of `0..n`, evenly spread, both ends included.
fn spread(n: usize, keep: usize) -> Vec<usize> {
    let keep = keep.max(2);
    if n <= keep {
        return (0..n).collect();
    }
    (0..keep).map(|i| i * (n - 1) / (keep - 1)).collect()
}

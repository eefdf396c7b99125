//! Does it learn too closely, or too little?
//!
//! A learning curve scores models of more and more rows, a validation curve models of one setting's values;
//! both on the rows learnt from and on the others. [`verdict`] puts what they show into words.

use crate::cross::{Labelled, mean, measured};
use crate::split::Fold;
use arkwright_core::{Context, Error, Part, Random, Result};
use arkwright_measure::Metric;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

/// A point of a curve.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CurvePoint {
    /// What was varied: `0.5` of the rows, a setting's value.
    pub label: String,
    /// Rows learnt from, in the smallest fold.
    pub rows: u64,
    /// The score of each fold on the rows learnt from; `None` where it is not defined.
    pub train: Vec<Option<f64>>,
    /// The score of each fold on the rows not learnt from.
    pub valid: Vec<Option<f64>>,
}

impl CurvePoint {
    /// The mean of the scores on rows learnt from, and on rows not learnt from.
    pub fn means(&self) -> (Option<f64>, Option<f64>) {
        (mean(&self.train), mean(&self.valid))
    }
}

/// A learning or validation curve.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Curve {
    /// The metric's name.
    pub metric: String,
    /// The points, in the order asked for.
    pub points: Vec<CurvePoint>,
}

/// Scores models of growing parts of each fold's training rows. `shares` are in (0, 1]; a smaller part lies
/// within a greater one.
///
/// # Errors
/// Impossible shares, or as [`crate::cross_validate`].
pub fn learning_curve(
    part: &Part,
    rows: &Labelled,
    folds: &[Fold],
    shares: &[f64],
    metric: Metric,
    ctx: &Context,
) -> Result<Curve> {
    if let Some(share) = shares.iter().find(|s| !(**s > 0.0 && **s <= 1.0)) {
        return Err(Error::setting(format!("{share} is no share of the rows: above 0, at most 1")));
    }
    let orders: Vec<Vec<u32>> = folds
        .iter()
        .enumerate()
        .map(|(fold, rows)| {
            let mut order = rows.train.clone();
            Random::new(ctx.root_seed(), &format!("learning curve {fold}")).shuffle(&mut order);
            order
        })
        .collect();
    let smaller = |fold: usize, share: f64| {
        let train = &orders[fold];
        let size = ((share * train.len() as f64).round() as usize).clamp(1, train.len().max(1));
        let mut train = train[..size].to_vec();
        train.sort_unstable();
        Fold { train, test: folds[fold].test.clone() }
    };
    let cases = shares
        .iter()
        .map(|&share| (share.to_string(), part, (0..folds.len()).map(|fold| smaller(fold, share)).collect()))
        .collect();
    curve(cases, rows, metric, ctx)
}

/// Scores parts that differ in one setting, each with the label of its value.
///
/// # Errors
/// As [`crate::cross_validate`].
pub fn validation_curve(
    parts: &[(String, Part)],
    rows: &Labelled,
    folds: &[Fold],
    metric: Metric,
    ctx: &Context,
) -> Result<Curve> {
    curve(parts.iter().map(|(label, part)| (label.clone(), part, folds.to_vec())).collect(), rows, metric, ctx)
}

fn curve(cases: Vec<(String, &Part, Vec<Fold>)>, rows: &Labelled, metric: Metric, ctx: &Context) -> Result<Curve> {
    let points = cases
        .into_par_iter()
        .map(|(label, part, folds)| {
            let scores: Vec<(Option<f64>, Option<f64>)> = folds
                .par_iter()
                .map(|fold| {
                    let fitted = rows.fit(part, &fold.train, ctx)?;
                    let score = |at: &[u32]| rows.score(metric, at, &rows.predict(&fitted, at, ctx)?);
                    Ok((score(&fold.train)?, score(&fold.test)?))
                })
                .collect::<Result<_>>()?;
            let (train, valid) = scores.into_iter().unzip();
            let smallest = folds.iter().map(|fold| fold.train.len()).min().unwrap_or_default();
            Ok(CurvePoint { label, rows: smallest as u64, train, valid })
        })
        .collect::<Result<Vec<_>>>()?;
    Ok(Curve { metric: metric.name().to_string(), points })
}

/// How well a model fits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FitQuality {
    /// It knows the rows that it learnt from much better than others.
    Over,
    /// It learnt little more than a baseline knows.
    Under,
    /// Neither.
    Fine,
}

/// How well a model fits, in a word and in words.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Verdict {
    /// In a word.
    pub quality: FitQuality,
    /// In words, with the scores.
    pub words: String,
}

/// A number with four significant digits.
fn short(value: f64) -> String {
    let digits = if value == 0.0 { 0 } else { value.abs().log10().floor() as i32 };
    format!("{value:.*}", (3 - digits).clamp(0, 8) as usize)
}

/// Less than this share of the way from the baseline to perfect is little to have learnt.
const LITTLE: f64 = 0.1;
/// A gain on new rows below this share of the gain on rows learnt from is a wide gap.
const KEPT: f64 = 0.67;
/// Above this share the two are alike.
const ALIKE: f64 = 0.9;

/// Judges a score on the rows learnt from against one on other rows, both measured as a share of the way from
/// the baseline's score to a perfect one: *under* where even the rows learnt from are less than a tenth of the
/// way, *over* where less than two thirds of what was gained there is kept on other rows, else *fine*. A rule
/// of thumb: it says where to look first.
///
/// # Errors
/// When a score is no finite number.
pub fn verdict(train: f64, valid: f64, baseline: f64, metric: Metric) -> Result<Verdict> {
    if let Some(score) = [train, valid, baseline].iter().find(|s| !s.is_finite()) {
        return Err(measured(arkwright_measure::Error::Setting { name: "score", value: *score, needs: "finite" }));
    }
    let perfect = if metric.greater_is_better() { 1.0 } else { 0.0 };
    let way: f64 = perfect - baseline;
    // A baseline that is perfect leaves no way to go.
    let gain = |score: f64| if way.abs() < 1e-12 { 1.0 } else { (score - baseline) / way };
    let (learnt, kept) = (gain(train), gain(valid));
    let scores = format!(
        "{metric} {} on rows learnt from, {} on others, {} by the baseline",
        short(train),
        short(valid),
        short(baseline)
    );
    let (quality, what) = if learnt < LITTLE {
        (
            FitQuality::Under,
            "It learnt little more than the baseline knows: more inputs or a more flexible model may help",
        )
    } else if kept < KEPT * learnt {
        (
            FitQuality::Over,
            "It knows the rows that it learnt from much better than others: more rows, fewer inputs or a simpler model may help",
        )
    } else if kept < ALIKE * learnt {
        (FitQuality::Fine, "It does better on the rows that it learnt from than on new ones, within what is usual")
    } else {
        (FitQuality::Fine, "It does about as well on new rows as on those that it learnt from")
    };
    Ok(Verdict { quality, words: format!("{what} ({scores}).") })
}

//! How sure is a score? Percentile intervals from resampling the rows with replacement (Efron and Tibshirani,
//! 1993, chapter 13).
//!
//! A resample is never copied out: it is a count for each row, and a metric takes counts as weights, so one
//! sort serves all resamples. Metrics and models that are resampled together see the same draws, which makes
//! their differences paired. Resample r of seed s has a SplitMix64 generator of its own, started from a mix of
//! the two; the result is the same whatever the number of threads.
//!
//! Rows that belong to lists are drawn with their list: the lists are what chance drew.
//!
//! A resample may leave a metric undefined (a rare class may not be drawn). Such resamples are set aside; where
//! they are more than half, there is no interval.

use crate::distribution::quantile_sorted;
use crate::{Error, Prepared, Result, input};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

/// How rows are resampled.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Bootstrap {
    /// How many resamples are drawn; 1,000 by default, enough for the ends of a 95 % interval.
    pub resamples: usize,
    /// The share of resamples that lie inside the interval, above 0 and below 1; 0.95 by default.
    pub level: f64,
    /// Where the random numbers start; 0 by default.
    pub seed: u64,
}

impl Default for Bootstrap {
    fn default() -> Self {
        Bootstrap { resamples: 1_000, level: 0.95, seed: 0 }
    }
}

/// A score and how far chance alone could move it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Interval {
    /// The score of the rows as they are.
    pub value: f64,
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
    /// The resamples on which the score is defined.
    pub resamples: usize,
}

/// How much two predictions of the same rows differ in a metric.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Difference {
    /// First minus second, of the rows as they are.
    pub value: f64,
    /// The lower end of the difference.
    pub low: f64,
    /// The upper end of the difference.
    pub high: f64,
    /// The share of resamples in which the first is the better, a tie counting half.
    pub first_is_better: f64,
    /// The resamples on which both are defined.
    pub resamples: usize,
}

/// What was said of the rows of one fold.
#[derive(Debug, Clone)]
pub struct FoldPrepared<'a> {
    /// Where its rows stand among all.
    pub rows: Vec<u32>,
    /// The metrics, each of these rows; `None` where it is not defined on them.
    pub metrics: Vec<Option<Prepared<'a>>>,
}

impl Bootstrap {
    /// The interval of one metric.
    ///
    /// # Errors
    /// Impossible settings, or a metric not defined on the rows or on most resamples.
    pub fn interval(&self, prepared: &Prepared<'_>) -> Result<Interval> {
        Ok(self.intervals(std::slice::from_ref(prepared))?[0])
    }

    /// The interval of each of several metrics, or models, of the same rows, from the same resamples.
    ///
    /// # Errors
    /// As [`Bootstrap::interval`], and rows that differ in number.
    pub fn intervals(&self, prepared: &[Prepared<'_>]) -> Result<Vec<Interval>> {
        let drawn = self.draw_prepared(prepared)?;
        let interval = |(k, p): (usize, &Prepared<'_>)| {
            let values = drawn.iter().filter_map(|values| values[k]).collect();
            self.percentiles(p.metric().name(), p.score()?, values)
        };
        prepared.iter().enumerate().map(interval).collect()
    }

    /// How much `first` and `second`, of the same rows, differ: from the same resamples.
    ///
    /// # Errors
    /// As [`Bootstrap::intervals`].
    pub fn paired(&self, first: &Prepared<'_>, second: &Prepared<'_>) -> Result<Difference> {
        let pair = [first.clone(), second.clone()];
        let differences: Vec<f64> = self.draw_prepared(&pair)?.iter().filter_map(|v| Some(v[0]? - v[1]?)).collect();
        let sign = if first.metric().greater_is_better() { 1.0 } else { -1.0 };
        let wins: f64 = differences
            .iter()
            .map(|d| match (d * sign).total_cmp(&0.0) {
                _ if *d == 0.0 => 0.5,
                std::cmp::Ordering::Greater => 1.0,
                _ => 0.0,
            })
            .sum();
        let first_is_better = wins / differences.len().max(1) as f64;
        let Interval { value, low, high, resamples } =
            self.percentiles(first.metric().name(), first.score()? - second.score()?, differences)?;
        Ok(Difference { value, low, high, first_is_better, resamples })
    }

    /// The interval of any measure of `rows` rows: `measure` is given how often each row was drawn, and says
    /// `None` where it is not defined. Its value on the rows as they are is taken with every count 1.
    ///
    /// # Errors
    /// Impossible settings, no rows, or a measure not defined on the rows or on most resamples.
    pub fn of(&self, rows: usize, measure: impl Fn(&[u32]) -> Option<f64> + Sync) -> Result<Interval> {
        let value =
            measure(&vec![1; rows]).ok_or(Error::Resamples { measure: "the measure", defined: 0, resamples: 1 })?;
        let values = self.draw(rows, |counts| measure(counts).filter(|v| v.is_finite()))?;
        self.percentiles("the measure", value, values.into_iter().flatten().collect())
    }

    /// The interval of the mean over folds, of each of several metrics. All `rows` rows are resampled
    /// together, so that one which several folds test is there as often in each of them. A fold on which a
    /// metric is not defined is left out of its mean. `None`: it is defined on no fold, or on too few resamples.
    ///
    /// # Errors
    /// Impossible settings or no rows.
    pub fn over_folds(&self, rows: usize, folds: &[FoldPrepared<'_>]) -> Result<Vec<Option<Interval>>> {
        let metrics = folds.first().map_or(0, |fold| fold.metrics.len());
        let of_each = |scored: Vec<Vec<Option<f64>>>| -> Vec<Option<f64>> {
            (0..metrics).map(|k| mean(scored.iter().filter_map(|fold| fold[k]))).collect()
        };
        let whole = folds.iter().map(|fold| fold.metrics.iter().map(|p| p.as_ref()?.score().ok()).collect());
        let values = of_each(whole.collect());
        let drawn = self.draw(rows, |counts| {
            let resampled = folds.iter().map(|fold| {
                let counts: Vec<u32> = fold.rows.iter().map(|&row| counts[row as usize]).collect();
                fold.metrics.iter().map(|p| p.as_ref()?.resampled(&counts)).collect()
            });
            of_each(resampled.collect())
        })?;
        let interval = |k: usize| {
            let resampled = drawn.iter().filter_map(|values| values[k]).collect();
            self.percentiles("the mean over folds", values[k]?, resampled).ok()
        };
        Ok((0..metrics).map(interval).collect())
    }

    fn draw_prepared(&self, prepared: &[Prepared<'_>]) -> Result<Vec<Vec<Option<f64>>>> {
        let Some(first) = prepared.first() else { return Ok(Vec::new()) };
        for p in prepared {
            input::length("prediction", first.rows(), p.rows())?;
        }
        let all = |counts: &[u32]| prepared.iter().map(|p| p.resampled(counts)).collect();
        match first.lists() {
            None => self.draw(first.rows(), all),
            Some(lists) => self.draw(lists.len(), |drawn| {
                let mut counts = vec![0; first.rows()];
                lists.iter().zip(drawn).for_each(|(rows, &count)| {
                    rows.iter().for_each(|&row| counts[row as usize] = count);
                });
                all(&counts)
            }),
        }
    }

    /// What `measure` says of each resample, in order.
    fn draw<T: Send>(&self, rows: usize, measure: impl Fn(&[u32]) -> T + Sync) -> Result<Vec<T>> {
        input::rows("truth", rows)?;
        if self.resamples == 0 {
            return Err(Error::Setting { name: "resamples", value: 0.0, needs: "at least 1" });
        }
        if !(self.level > 0.0 && self.level < 1.0) {
            return Err(Error::Setting { name: "level", value: self.level, needs: "above 0 and below 1" });
        }
        let one = |counts: &mut Vec<u32>, resample: usize| {
            counts.clear();
            counts.resize(rows, 0);
            let mut random = SplitMix::new(self.seed, resample as u64);
            for _ in 0..rows {
                counts[random.below(rows)] += 1;
            }
            measure(counts)
        };
        Ok((0..self.resamples).into_par_iter().map_init(Vec::new, one).collect())
    }

    fn percentiles(&self, measure: &'static str, value: f64, mut values: Vec<f64>) -> Result<Interval> {
        if values.len() * 2 < self.resamples {
            return Err(Error::Resamples { measure, defined: values.len(), resamples: self.resamples });
        }
        values.sort_unstable_by(f64::total_cmp);
        let tail = (1.0 - self.level) / 2.0;
        let (low, high) = (quantile_sorted(&values, tail), quantile_sorted(&values, 1.0 - tail));
        Ok(Interval { value, low, high, resamples: values.len() })
    }
}

/// The mean of what is there.
fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let (count, sum) = values.fold((0u32, 0.0), |(count, sum), value| (count + 1, sum + value));
    (count > 0).then(|| sum / f64::from(count))
}

/// The generator of one resample (Steele, Lea and Flood, 2014).
struct SplitMix(u64);

impl SplitMix {
    fn new(seed: u64, stream: u64) -> SplitMix {
        let start = SplitMix(seed).next();
        SplitMix(SplitMix(start ^ stream.wrapping_mul(0xD1B5_4A32_D192_ED03)).next())
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number below `n`: the high half of a product, off by at most n / 2^64.
    fn below(&mut self, n: usize) -> usize {
        ((u128::from(self.next()) * n as u128) >> 64) as usize
    }
}

//! Does one column give another away? Correlations, information, and scores of one feature alone.
//!
//! [`one_feature_score`] is what a leakage audit asks: how well does this column predict the target by itself?
//! A category is replaced by the target's mean among the other rows of its level, the rows dealt into five
//! hands in turn and each hand scored by the other four, so that an identifier (every level once) scores like
//! chance and not like an oracle. A number is cut into 32 bins of equal count and treated the same, so that
//! relations that rise and fall are seen; monotone ones are also scored exactly, by rank.

use crate::distribution::quantile_sorted;
use crate::ranking::{Ranking, positives};
use crate::{Error, Result, Truth, input};

fn pair(a: &[f64], b: &[f64]) -> Result<()> {
    input::rows("first column", a.len())?;
    input::length("second column", a.len(), b.len())?;
    input::finite("first column", a)?;
    input::finite("second column", b)
}

/// Pearson's correlation of `a` (n) and `b` (n), -1 to 1; 0 where one is constant.
///
/// # Errors
/// No rows, differing lengths, or values that are not finite.
pub fn pearson(a: &[f64], b: &[f64]) -> Result<f64> {
    pair(a, b)?;
    let n = a.len() as f64;
    let (ma, mb) = (a.iter().sum::<f64>() / n, b.iter().sum::<f64>() / n);
    let (mut aa, mut bb, mut ab) = (0.0, 0.0, 0.0);
    for (x, y) in a.iter().zip(b) {
        aa += (x - ma) * (x - ma);
        bb += (y - mb) * (y - mb);
        ab += (x - ma) * (y - mb);
    }
    Ok(if aa > 0.0 && bb > 0.0 { (ab / (aa.sqrt() * bb.sqrt())).clamp(-1.0, 1.0) } else { 0.0 })
}

/// Spearman's rank correlation of `a` (n) and `b` (n): Pearson's of their ranks, ties sharing their mean rank.
///
/// # Errors
/// As [`pearson`].
pub fn spearman(a: &[f64], b: &[f64]) -> Result<f64> {
    pair(a, b)?;
    pearson(&ranks(a), &ranks(b))
}

/// The rank of each value, from 1; ties share their mean rank.
#[must_use]
pub fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_unstable_by(|&i, &j| (values[i] + 0.0).total_cmp(&(values[j] + 0.0)).then(i.cmp(&j)));
    let mut ranks = vec![0.0; values.len()];
    let mut start = 0;
    while start < order.len() {
        let mut end = start + 1;
        while end < order.len() && values[order[end]] == values[order[start]] {
            end += 1;
        }
        for &row in &order[start..end] {
            ranks[row] = (start + end + 1) as f64 / 2.0;
        }
        start = end;
    }
    ranks
}

/// A table of counts of two columns of codes; the codes present are numbered densely.
struct Contingency {
    cells: Vec<(f64, usize, usize)>,
    rows: Vec<f64>,
    columns: Vec<f64>,
    total: f64,
}

impl Contingency {
    fn new(a: &[u32], b: &[u32]) -> Result<Contingency> {
        input::rows("first column", a.len())?;
        input::length("second column", a.len(), b.len())?;
        let (a, ka) = dense(a);
        let (b, kb) = dense(b);
        let mut pairs: Vec<(usize, usize)> = a.iter().copied().zip(b.iter().copied()).collect();
        pairs.sort_unstable();
        let (mut rows, mut columns) = (vec![0.0; ka], vec![0.0; kb]);
        let mut cells: Vec<(f64, usize, usize)> = Vec::new();
        for (i, j) in pairs {
            rows[i] += 1.0;
            columns[j] += 1.0;
            match cells.last_mut() {
                Some(last) if (last.1, last.2) == (i, j) => last.0 += 1.0,
                _ => cells.push((1.0, i, j)),
            }
        }
        Ok(Contingency { cells, rows, columns, total: a.len() as f64 })
    }
}

fn dense(codes: &[u32]) -> (Vec<usize>, usize) {
    let mut present = codes.to_vec();
    present.sort_unstable();
    present.dedup();
    (codes.iter().map(|c| present.partition_point(|p| p < c)).collect(), present.len())
}

/// Mutual information of two columns of codes (n each), in nats; 0 where they are independent.
///
/// # Errors
/// No rows, or differing lengths.
pub fn mutual_information(a: &[u32], b: &[u32]) -> Result<f64> {
    let t = Contingency::new(a, b)?;
    let term = |&(c, i, j): &(f64, usize, usize)| c / t.total * libm::log(c * t.total / (t.rows[i] * t.columns[j]));
    Ok(t.cells.iter().map(term).sum::<f64>().max(0.0))
}

/// Cramer's V of two columns of codes (n each), 0 to 1; 0 where one is constant. Not corrected for bias: with
/// many levels and few rows it is too high.
///
/// # Errors
/// No rows, or differing lengths.
pub fn cramers_v(a: &[u32], b: &[u32]) -> Result<f64> {
    let t = Contingency::new(a, b)?;
    let least = t.rows.len().min(t.columns.len()) as f64 - 1.0;
    if least == 0.0 {
        return Ok(0.0);
    }
    // chi2 / n = sum c^2 / (row * column) - 1, so that empty cells need no visit.
    let phi2 = t.cells.iter().map(|&(c, i, j)| c * c / (t.rows[i] * t.columns[j])).sum::<f64>() - 1.0;
    Ok((phi2.max(0.0) / least).sqrt().min(1.0))
}

/// Share of the variance of `values` (n) that lies between the levels of `codes` (n): eta squared, 0 to 1; 0
/// where the values are constant. In-sample: a level for each row gives 1.
///
/// # Errors
/// No rows, differing lengths, or values that are not finite.
pub fn eta_squared(codes: &[u32], values: &[f64]) -> Result<f64> {
    input::rows("codes", codes.len())?;
    input::length("values", codes.len(), values.len())?;
    input::finite("values", values)?;
    let (codes, count) = dense(codes);
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    let (mut sums, mut sizes, mut all) = (vec![0.0; count], vec![0.0; count], 0.0);
    for (&c, v) in codes.iter().zip(values) {
        sums[c] += v - mean;
        sizes[c] += 1.0;
        all += (v - mean) * (v - mean);
    }
    let between: f64 = sums.iter().zip(&sizes).map(|(s, n): (&f64, &f64)| s * s / n).sum();
    Ok(if all > 0.0 { (between / all).min(1.0) } else { 0.0 })
}

/// A column that might give the target away.
#[derive(Debug, Clone, Copy)]
pub enum Feature<'a> {
    /// Numbers, n; NaN is missing, and its own group.
    Values(&'a [f64]),
    /// Codes of levels, n; missing is a code of its own.
    Codes(&'a [u32]),
}

/// How well one feature alone predicts the target. For classes: ROC AUC, 0.5 (chance) to 1, of the best of the
/// classes against the rest. For numbers: share of variance explained, 0 to 1. See the module for how.
///
/// # Errors
/// No rows, differing lengths, codes out of range, target values that are not finite, or one class only.
pub fn one_feature_score(feature: Feature<'_>, truth: Truth<'_>) -> Result<f64> {
    let rows = truth.rows();
    input::rows("truth", rows)?;
    let (groups, by_rank) = match feature {
        Feature::Codes(codes) => (dense(codes), None),
        Feature::Values(values) => (binned(values), Some(filled(values))),
    };
    input::length("feature", rows, groups.0.len())?;
    match truth {
        Truth::Values(values) | Truth::Ranked { relevance: values, .. } | Truth::Survival { time: values, .. } => {
            input::finite("truth", values)?;
            let rank = by_rank.map_or(Ok(0.0), |filled| spearman(&filled, values).map(|r| r * r))?;
            let predicted = level_means(&groups, values);
            Ok(crate::regression::explained(values, &predicted, false, |_| 1.0).max(rank).clamp(0.0, 1.0))
        }
        Truth::Classes { codes, count } => {
            input::codes("truth", codes, count)?;
            let mut best: Option<f64> = None;
            for class in if count == 2 { 1..2 } else { 0..count } {
                let positive = positives(codes, class as u32);
                let target: Vec<f64> = positive.iter().map(|&p| f64::from(u8::from(p))).collect();
                let auc = |score: &[f64]| Ok::<_, Error>(Ranking::new(&positive, score)?.auc(|_| 1.0));
                let by_level = auc(&level_means(&groups, &target))?;
                let by_rank = by_rank.as_deref().map_or(Ok(None), auc)?.map(|a| a.max(1.0 - a));
                best = [best, by_level, by_rank].into_iter().flatten().reduce(f64::max);
            }
            best.map(|b| b.max(0.5)).ok_or(Error::OneClass { measure: "one_feature_score" })
        }
    }
}

const HANDS: usize = 5;
const BINS: usize = 32;

/// The mean of `target` among the rows of the same level in the other four hands; the mean of those hands where
/// the level is not in them.
fn level_means(groups: &(Vec<usize>, usize), target: &[f64]) -> Vec<f64> {
    let (codes, count) = groups;
    let mut sums = vec![[0.0; HANDS]; *count];
    let mut sizes = vec![[0.0; HANDS]; *count];
    let (mut sum, mut size) = ([0.0; HANDS], [0.0; HANDS]);
    for (row, (&c, &t)) in codes.iter().zip(target).enumerate() {
        let hand = row % HANDS;
        sums[c][hand] += t;
        sizes[c][hand] += 1.0;
        sum[hand] += t;
        size[hand] += 1.0;
    }
    let others = |v: &[f64; HANDS], hand: usize| (0..HANDS).filter(|&h| h != hand).map(|h| v[h]).sum::<f64>();
    codes
        .iter()
        .enumerate()
        .map(|(row, &c)| {
            let hand = row % HANDS;
            let (level, all) = (others(&sizes[c], hand), others(&size, hand));
            match (level > 0.0, all > 0.0) {
                (true, _) => others(&sums[c], hand) / level,
                (false, true) => others(&sum, hand) / all,
                (false, false) => 0.0,
            }
        })
        .collect()
}

/// Bins of equal count, and one for what is missing.
fn binned(values: &[f64]) -> (Vec<usize>, usize) {
    let mut sorted: Vec<f64> =
        values.iter().filter(|v| !v.is_nan()).map(|v| v.clamp(f64::MIN, f64::MAX) + 0.0).collect();
    sorted.sort_unstable_by(f64::total_cmp);
    if sorted.is_empty() {
        return (vec![0; values.len()], 1);
    }
    // The value itself where few differ; else borders at quantiles.
    let mut borders = sorted.clone();
    borders.dedup();
    if borders.len() > BINS {
        borders = (1..BINS).map(|i| quantile_sorted(&sorted, i as f64 / BINS as f64)).collect();
        borders.dedup();
    }
    let bin = |v: &f64| if v.is_nan() { borders.len() + 1 } else { borders.partition_point(|b| b < v) };
    (values.iter().map(bin).collect(), borders.len() + 2)
}

/// The values as finite numbers that keep their order, what is missing below all others.
fn filled(values: &[f64]) -> Vec<f64> {
    let least = values.iter().copied().filter(|v| v.is_finite()).fold(0.0, f64::min);
    values.iter().map(|v| if v.is_nan() { least - 1.0 } else { v.clamp(f64::MIN, f64::MAX) }).collect()
}

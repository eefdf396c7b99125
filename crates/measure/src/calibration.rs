//! Does 70 % mean 70 %? Rows are put into bins by predicted probability, and each bin's mean probability is
//! compared with how often it came true.
//!
//! The expected calibration error is the mean distance between the two, bins weighted by their rows (Naeini,
//! Cooper and Hauskrecht, 2015; for several classes on the most probable one: Guo et al., 2017).

use crate::distribution::quantile_sorted;
use crate::{Error, Result, classification, input};
use serde::{Deserialize, Serialize};

/// How the borders of bins are chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Bins {
    /// Bins of one width between 0 and 1.
    #[default]
    Uniform,
    /// Bins of as near as possible the same number of rows.
    Quantile,
}

/// One bin of a reliability curve.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Bin {
    /// The lower border.
    pub low: f64,
    /// The upper border; a row on it belongs to this bin, as in scikit-learn.
    pub high: f64,
    /// The mean predicted probability of the bin's rows.
    pub predicted: f64,
    /// The share of the bin's rows that came true.
    pub observed: f64,
    /// The weight of the bin's rows.
    pub weight: f64,
    /// The number of rows.
    pub rows: usize,
}

/// How often predicted probabilities come true; bins without rows are left out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reliability {
    /// The bins with rows, upwards.
    pub bins: Vec<Bin>,
    /// The expected calibration error.
    pub error: f64,
    /// The largest distance of any bin.
    pub greatest_error: f64,
}

/// The reliability curve of `probability` (n, of the positive class) for `truth` (n) in `bins` bins.
///
/// # Errors
/// No rows, no bins, differing lengths, values outside 0 to 1, or impossible weights.
pub fn reliability(
    truth: &[bool],
    probability: &[f64],
    bins: usize,
    kind: Bins,
    weight: Option<&[f64]>,
) -> Result<Reliability> {
    input::rows("truth", truth.len())?;
    input::length("probability", truth.len(), probability.len())?;
    input::weights(weight, truth.len())?;
    let edges = borders(probability, bins, kind)?;
    let binned = Binned {
        bin: assign(&edges, probability),
        hit: truth.to_vec(),
        probability: probability.to_vec(),
        bins: edges.len() - 1,
    };
    let sums = binned.sums(input::weigh(weight));
    let bins: Vec<Bin> = sums
        .iter()
        .zip(edges.windows(2))
        .filter(|(sum, _)| sum.weight > 0.0)
        .map(|(sum, edge)| Bin {
            low: edge[0],
            high: edge[1],
            predicted: sum.predicted / sum.weight,
            observed: sum.observed / sum.weight,
            weight: sum.weight,
            rows: sum.rows,
        })
        .collect();
    let greatest_error = bins.iter().map(|b| (b.predicted - b.observed).abs()).fold(0.0, f64::max);
    Ok(Reliability { error: error_of(&sums), greatest_error, bins })
}

/// The expected calibration error of `probabilities` (n x `count`, row-major) for `codes` (n), in `bins` bins of
/// one width: of the positive (last) class for two classes, of the most probable class for more.
///
/// # Errors
/// Fewer than two classes, no rows, no bins, differing lengths, codes out of range, rows that are not
/// probabilities, or impossible weights.
pub fn expected_calibration_error(
    codes: &[u32],
    count: usize,
    probabilities: &[f64],
    bins: usize,
    weight: Option<&[f64]>,
) -> Result<f64> {
    let binned = Binned::new(codes, count, probabilities, bins)?;
    input::weights(weight, codes.len())?;
    Ok(binned.error(input::weigh(weight)))
}

/// Rows in their bins: what every weighting of them shares.
#[derive(Debug, Clone)]
pub(crate) struct Binned {
    bin: Vec<u32>,
    hit: Vec<bool>,
    probability: Vec<f64>,
    bins: usize,
}

#[derive(Debug, Clone, Default)]
struct Sum {
    weight: f64,
    predicted: f64,
    observed: f64,
    rows: usize,
}

impl Binned {
    pub(crate) fn new(codes: &[u32], count: usize, probabilities: &[f64], bins: usize) -> Result<Binned> {
        if count < 2 {
            return Err(Error::Setting { name: "count", value: count as f64, needs: "at least 2 classes" });
        }
        input::rows("truth", codes.len())?;
        input::codes("truth", codes, count)?;
        input::probabilities(probabilities, codes.len(), count)?;
        let named = if count == 2 { vec![1; codes.len()] } else { classification::labels(probabilities, count)? };
        let probability: Vec<f64> =
            named.iter().zip(probabilities.chunks_exact(count)).map(|(&k, row)| row[k as usize]).collect();
        let hit = named.iter().zip(codes).map(|(k, c)| k == c).collect();
        let edges = borders(&probability, bins, Bins::Uniform)?;
        Ok(Binned { bin: assign(&edges, &probability), hit, probability, bins })
    }

    fn sums(&self, weight: impl Fn(usize) -> f64) -> Vec<Sum> {
        let mut sums = vec![Sum::default(); self.bins];
        for (row, &bin) in self.bin.iter().enumerate() {
            let (w, sum) = (weight(row), &mut sums[bin as usize]);
            sum.weight += w;
            sum.predicted += w * self.probability[row];
            sum.observed += if self.hit[row] { w } else { 0.0 };
            sum.rows += 1;
        }
        sums
    }

    pub(crate) fn error(&self, weight: impl Fn(usize) -> f64) -> f64 {
        error_of(&self.sums(weight))
    }
}

fn error_of(sums: &[Sum]) -> f64 {
    let total: f64 = sums.iter().map(|s| s.weight).sum();
    sums.iter().map(|s| (s.predicted - s.observed).abs()).sum::<f64>() / total
}

fn borders(probability: &[f64], bins: usize, kind: Bins) -> Result<Vec<f64>> {
    if bins == 0 {
        return Err(Error::Setting { name: "bins", value: 0.0, needs: "at least 1" });
    }
    if let Some(row) = probability.iter().position(|p| !(0.0..=1.0).contains(p)) {
        return Err(Error::NotProbabilities { row });
    }
    Ok(match kind {
        Bins::Uniform => (0..=bins).map(|i| i as f64 / bins as f64).collect(),
        Bins::Quantile => {
            let mut sorted = probability.to_vec();
            sorted.sort_unstable_by(f64::total_cmp);
            (0..=bins).map(|i| quantile_sorted(&sorted, i as f64 / bins as f64)).collect()
        }
    })
}

/// The bin of each value: a value on an inner border belongs to the bin below it.
fn assign(edges: &[f64], values: &[f64]) -> Vec<u32> {
    let inner = &edges[1..edges.len() - 1];
    values.iter().map(|v| inner.partition_point(|edge| edge < v) as u32).collect()
}

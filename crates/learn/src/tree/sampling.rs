//! The rows that a round of boosting learns from: all, some drawn at random, or those that err most.
//!
//! *Bagging* (Friedman 2002) draws a share without putting back, anew every `subsample_freq` rounds; the two
//! classes may have a share each. *GOSS* (Ke et al. 2017) keeps the rows whose gradient times hessian is largest
//! and draws some of the others, whose gradients and hessians then count as much more as makes their sum right.

use super::bins::choose;
use super::gbdt::Gbdt;
use super::grid::{Grid, Pair};
use crate::samples::{Samples, Target};
use arkwright_core::{Context, Error, Random, Result};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

/// Rows worked on at a time.
const CHUNK: usize = 16_384;

/// How the rows of a round are chosen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SampleStrategy {
    /// At random, the share `subsample`.
    #[default]
    Bagging,
    /// By their gradients: `top_rate` and `other_rate`.
    Goss,
}

/// The rows that bagging draws.
pub(super) struct Bagging {
    every: u32,
    /// Rows, and the share of them that is drawn; none where all are taken.
    parts: Vec<(Vec<u32>, f64)>,
}

impl Bagging {
    /// # Errors
    /// When classes are to have shares, and there are not two.
    pub(super) fn new(settings: &Gbdt, train: &Samples<'_>, rows: &[u32]) -> Result<Self> {
        let shares = [settings.neg_bagging_fraction, settings.pos_bagging_fraction];
        let parts = if shares != [1.0, 1.0] {
            let Target::Classes { codes, count: 2 } = train.y else {
                return Err(Error::setting(
                    "`pos_bagging_fraction` and `neg_bagging_fraction` are for two classes, and the target is not",
                )
                .with_hint("subsample = 0.8 draws among all rows"));
            };
            let of = |class: u32| rows.iter().copied().filter(|&row| codes[row as usize].min(1) == class).collect();
            vec![(of(0), shares[0]), (of(1), shares[1])]
        } else if settings.subsample < 1.0 {
            vec![(rows.to_vec(), settings.subsample)]
        } else {
            Vec::new()
        };
        Ok(Self { every: settings.subsample_freq, parts })
    }

    /// The rows of a round, in their order; `None` for all.
    pub(super) fn draw(&self, round: u32, ctx: &Context) -> Option<Vec<u32>> {
        let round = round - round % self.every;
        let mut drawn = Vec::new();
        for (part, (rows, share)) in self.parts.iter().enumerate() {
            let wanted = ((rows.len() as f64 * share).round() as usize).max(1).min(rows.len());
            let purpose = if part == 0 { format!("rows {round}") } else { format!("rows {round} {part}") };
            drawn.extend(choose(rows, wanted, &mut ctx.random(&purpose)));
        }
        if self.parts.len() > 1 {
            drawn.sort_unstable();
        }
        (!self.parts.is_empty()).then_some(drawn)
    }
}

/// The rows that GOSS chose.
pub(super) struct Goss {
    /// In their order.
    pub(super) rows: Vec<u32>,
    /// For each, how much it counts.
    counts: Vec<f64>,
}

impl Goss {
    /// Chooses among rows by the size of each, the sum over the outputs of |gradient x hessian|. Of equal sizes at
    /// the border all are kept.
    pub(super) fn choose(rows: &[u32], sizes: &[f64], settings: &Gbdt, random: &mut Random) -> Self {
        let part = |share: f64| ((rows.len() as f64 * share) as usize).clamp(1, rows.len());
        let mut sorted = sizes.to_vec();
        let (_, border, _) = sorted.select_nth_unstable_by(part(settings.top_rate) - 1, |a, b| b.total_cmp(a));
        let border = *border;
        let small: Vec<u32> = (0..rows.len() as u32).filter(|&at| sizes[at as usize] < border).collect();
        let drawn = choose(&small, part(settings.other_rate).min(small.len()), random);
        let more = small.len() as f64 / drawn.len().max(1) as f64;
        let mut counts = vec![0.0; rows.len()];
        drawn.iter().for_each(|&at| counts[at as usize] = more);
        counts.iter_mut().zip(sizes).filter(|(_, size)| **size >= border).for_each(|(count, _)| *count = 1.0);
        let kept = || (0..rows.len()).filter(|&at| counts[at] > 0.0);
        Self { rows: kept().map(|at| rows[at]).collect(), counts: kept().map(|at| counts[at]).collect() }
    }

    /// Makes the pairs of the chosen rows count as they should; gives the grid that they are on then.
    pub(super) fn amplify(&self, pairs: &mut [Pair], grid: Grid) -> Grid {
        let scaled: Vec<(f64, f64)> = self
            .rows
            .par_iter()
            .zip(&self.counts)
            .with_min_len(CHUNK)
            .map(|(&row, count)| {
                let Pair { gradient, hessian } = pairs[row as usize];
                let (gradient, hessian) = grid.fine(gradient.into(), hessian.into());
                (gradient * count, hessian * count)
            })
            .collect();
        let largest =
            scaled.iter().fold((0.0, 0.0), |most: (f64, f64), pair| (most.0.max(pair.0.abs()), most.1.max(pair.1)));
        let grid = Grid::new(self.rows.len(), largest.0, largest.1);
        for (&row, (gradient, hessian)) in self.rows.iter().zip(scaled) {
            pairs[row as usize] = grid.pair(gradient, hessian);
        }
        grid
    }
}

/// Adds the size of each row's pair.
pub(super) fn add_sizes(rows: &[u32], pairs: &[Pair], grid: Grid, sizes: &mut [f64]) {
    sizes.par_iter_mut().zip(rows).with_min_len(CHUNK).for_each(|(size, &row)| {
        let Pair { gradient, hessian } = pairs[row as usize];
        let (gradient, hessian) = grid.fine(gradient.into(), hessian.into());
        *size += (gradient * hessian).abs();
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn goss_keeps_the_largest_and_its_sums_are_right_on_average() {
        let rows: Vec<u32> = (0..1000).collect();
        let sizes: Vec<f64> = (0..1000).map(|i| f64::from(i * 7919 % 1000)).collect();
        let settings = Gbdt { top_rate: 0.2, other_rate: 0.1, ..Gbdt::default() };
        let (mut sum, draws) = (0.0, 200);
        for seed in 0..draws {
            let goss = Goss::choose(&rows, &sizes, &settings, &mut Random::new(seed, "goss"));
            assert_eq!(goss.rows.len(), 300);
            assert!(goss.rows.is_sorted());
            assert!((800..1000).all(|size| goss.rows.iter().any(|&row| sizes[row as usize] == f64::from(size))));
            sum += goss.rows.iter().zip(&goss.counts).map(|(&row, count)| sizes[row as usize] * count).sum::<f64>();
        }
        let all: f64 = sizes.iter().sum();
        // The standard error of the mean is 0.16 per cent.
        assert!((sum / draws as f64 / all - 1.0).abs() < 0.006, "{sum} {all}");
    }
}

//! Ranking: the rows of each group in the order of their relevance.
//!
//! A pair of rows of one group, of which the first is the more relevant, has the loss
//! `log(1 + exp(s_j - s_i))` in their scores: RankNet (Burges et al. 2005), here `rank_pairwise`. LambdaMART
//! (Burges 2010), `lambdarank`, multiplies each pair's gradient by how much NDCG would change if the two
//! changed places, so that the top of a list counts most; pairs with both rows beyond
//! `lambdarank_truncation_level` are left out. As LightGBM does, a pair's weight is divided by how far apart
//! its scores are, and a group's gradients by the logarithm of their sum, so that long groups do not rule.
//! Cost: the pairs of each group, for `lambdarank` truncation x rows. A row's weight scales its own gradient.

use super::exp::sigmoid;
use super::whole::Whole;
use arkwright_core::{Error, Result};
use arkwright_measure::lists::{Lists, discount, gain, ideal, ndcg};
use rayon::prelude::*;

/// What a pair counts.
enum Pairs {
    /// All the same.
    Even,
    /// What NDCG gains; with the first places at which a pair must begin, and each group's ideal.
    Gain { truncation: usize, ideals: Vec<f64>, discounts: Vec<f64> },
}

pub(super) struct Ranking<'a> {
    relevance: &'a [f64],
    weight: Option<&'a [f64]>,
    group: &'a [u32],
    /// The rows of each group that count.
    lists: Lists,
    pairs: Pairs,
}

impl<'a> Ranking<'a> {
    fn new(relevance: &'a [f64], group: &'a [u32], weight: Option<&'a [f64]>, pairs: Pairs) -> Result<Self> {
        let lists = Lists::new(group, |row| weight.is_none_or(|w| w[row] > 0.0));
        let of = |row: &u32| relevance[*row as usize];
        if lists.iter().all(|rows| rows.iter().all(|row| of(row) == of(&rows[0]))) {
            return Err(Error::data("no group has two rows of different relevance, so there is no order to learn")
                .with_hint("the group is the query, and a group's rows are the answers to it"));
        }
        Ok(Self { relevance, weight, group, lists, pairs })
    }

    /// RankNet.
    pub(super) fn pairwise(relevance: &'a [f64], group: &'a [u32], weight: Option<&'a [f64]>) -> Result<Self> {
        Self::new(relevance, group, weight, Pairs::Even)
    }

    /// LambdaMART.
    pub(super) fn lambda(
        relevance: &'a [f64],
        group: &'a [u32],
        weight: Option<&'a [f64]>,
        truncation: usize,
    ) -> Result<Self> {
        let mut ranking = Self::new(relevance, group, weight, Pairs::Even)?;
        let best = |rows: &[u32]| ideal(rows.iter().map(|&row| relevance[row as usize]), truncation);
        let ideals = ranking.lists.iter().map(best).collect();
        let longest = ranking.lists.iter().map(<[u32]>::len).max().unwrap_or(0);
        let discounts = (0..longest).map(discount).collect();
        ranking.pairs = Pairs::Gain { truncation, ideals, discounts };
        Ok(ranking)
    }

    /// The gradients and hessians of a group's rows, in their order.
    fn list(&self, at: usize, rows: &[u32], raw: &[f64]) -> Vec<(f64, f64)> {
        let mut pairs = vec![(0.0, 0.0); rows.len()];
        let relevance = |i: usize| self.relevance[rows[i] as usize];
        let score = |i: usize| raw[rows[i] as usize];
        // The gradient of log(1 + exp(-difference)) for the better of two, less for the worse.
        let mut add = |better: usize, worse: usize, difference: f64, times: f64| {
            let p = sigmoid(-difference);
            let (gradient, hessian) = (p * times, p * (1.0 - p) * times);
            pairs[better].0 -= gradient;
            pairs[worse].0 += gradient;
            pairs[better].1 += hessian;
            pairs[worse].1 += hessian;
            gradient
        };
        match &self.pairs {
            Pairs::Even => {
                for i in 0..rows.len() {
                    for j in (0..rows.len()).filter(|&j| relevance(i) > relevance(j)) {
                        add(i, j, score(i) - score(j), 1.0);
                    }
                }
            }
            Pairs::Gain { ideals, .. } if ideals[at] <= 0.0 => {}
            Pairs::Gain { truncation, ideals, discounts } => {
                let mut order: Vec<usize> = (0..rows.len()).collect();
                order.sort_by(|&a, &b| score(b).total_cmp(&score(a)));
                let spread = score(order[0]) != score(order[rows.len() - 1]);
                let mut sum = 0.0;
                for first in 0..rows.len().min(*truncation) {
                    for second in first + 1..rows.len() {
                        let (mut better, mut worse) = (order[first], order[second]);
                        if relevance(better) == relevance(worse) {
                            continue;
                        }
                        if relevance(better) < relevance(worse) {
                            (better, worse) = (worse, better);
                        }
                        let difference = score(better) - score(worse);
                        let gained = gain(relevance(better)) - gain(relevance(worse));
                        let mut times = gained * (discounts[first] - discounts[second]) / ideals[at];
                        if spread {
                            times /= 0.01 + difference.abs();
                        }
                        sum += 2.0 * add(better, worse, difference, times);
                    }
                }
                if sum > 0.0 {
                    let times = libm::log2(1.0 + sum) / sum;
                    pairs.iter_mut().for_each(|(gradient, hessian)| {
                        *gradient *= times;
                        *hessian *= times;
                    });
                }
            }
        }
        pairs
    }

    /// The mean loss of the pairs.
    fn of_pairs(&self, raw: &[f64]) -> f64 {
        let of = |rows: &[u32]| {
            let (mut sum, mut count) = (0.0, 0.0);
            for &i in rows {
                for &j in rows.iter().filter(|&&j| self.relevance[i as usize] > self.relevance[j as usize]) {
                    let difference = raw[i as usize] - raw[j as usize];
                    sum += libm::log1p(libm::exp(-difference.abs())) + (-difference).max(0.0);
                    count += 1.0;
                }
            }
            (sum, count)
        };
        let lists: Vec<&[u32]> = self.lists.iter().collect();
        let parts: Vec<(f64, f64)> = lists.into_par_iter().map(of).collect();
        let (sum, count) = parts.into_iter().fold((0.0, 0.0), |(a, b), (sum, count)| (a + sum, b + count));
        sum / count
    }
}

impl Whole for Ranking<'_> {
    fn name(&self) -> &str {
        match self.pairs {
            Pairs::Even => "rank_pairwise",
            Pairs::Gain { .. } => "lambdarank",
        }
    }

    fn gradients(&self, raw: &[f64], gradient: &mut [f64], hessian: &mut [f64]) {
        let lists: Vec<&[u32]> = self.lists.iter().collect();
        let made: Vec<Vec<(f64, f64)>> =
            lists.par_iter().enumerate().map(|(at, rows)| self.list(at, rows, raw)).collect();
        for (&row, (g, h)) in lists.into_iter().flatten().zip(made.into_iter().flatten()) {
            let w = self.weight.map_or(1.0, |w| w[row as usize]);
            (gradient[row as usize], hessian[row as usize]) = (g * w, h * w);
        }
    }

    /// The mean loss of a pair; of `lambdarank` what is missing to a perfect NDCG.
    fn loss(&self, raw: &[f64]) -> f64 {
        match self.pairs {
            Pairs::Even => self.of_pairs(raw),
            Pairs::Gain { truncation, .. } => {
                1.0 - ndcg(self.relevance, raw, self.group, Some(truncation), self.weight).unwrap_or(1.0)
            }
        }
    }
}

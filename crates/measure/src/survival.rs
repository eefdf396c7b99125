//! Do those who are said to live longer live longer? Concordance of times of which some are only known to
//! be later (Harrell, 1982).
//!
//! Two rows can be compared where the earlier time was seen to end: then the other lived longer, whether or
//! not its end was seen. Of two equal times one seen and one censored, the censored one is the longer. The
//! index is the weight of pairs whose predictions stand in the order of their times, equal predictions
//! counting half, over that of all pairs that can be compared. Cost: O(n log n), by a tree of sums over the
//! predictions' ranks.

use crate::{Error, Result, input, regression};

/// Rows sorted for concordance, so that it can be taken under many weights.
#[derive(Debug, Clone)]
pub(crate) struct Concordance {
    /// Rows, latest first; of one time the censored first.
    order: Vec<u32>,
    /// Where each run of rows of one time and one fate ends in `order`, and whether their end was seen.
    runs: Vec<(u32, bool)>,
    /// The rank of each row's prediction, from 1 on; equal predictions share one.
    rank: Vec<u32>,
}

impl Concordance {
    pub(crate) fn new(time: &[f64], seen: &[bool], predicted: &[f64]) -> Result<Self> {
        regression::check(time, predicted)?;
        input::length("seen", time.len(), seen.len())?;
        let mut order: Vec<u32> = (0..time.len() as u32).collect();
        let key = |row: u32| (time[row as usize] + 0.0, seen[row as usize]);
        order.sort_by(|&a, &b| key(b).0.total_cmp(&key(a).0).then(key(a).1.cmp(&key(b).1)));
        let ends = (1..=order.len()).filter(|&at| at == order.len() || key(order[at]) != key(order[at - 1]));
        let runs = ends.map(|at| (at as u32, key(order[at - 1]).1)).collect();
        let mut sorted: Vec<f64> = predicted.iter().map(|p| p + 0.0).collect();
        sorted.sort_unstable_by(f64::total_cmp);
        sorted.dedup();
        let rank = predicted.iter().map(|&p| sorted.partition_point(|&s| s <= p) as u32).collect();
        Ok(Self { order, runs, rank })
    }

    /// The index; `None` where no two rows can be compared.
    pub(crate) fn index(&self, weight: impl Fn(usize) -> f64) -> Option<f64> {
        let mut later = Sums(vec![0.0; self.rank.iter().max().map_or(0, |&rank| rank as usize) + 1]);
        let (mut all, mut right, mut pairs, mut start) = (0.0, 0.0, 0.0, 0);
        for &(end, seen) in &self.runs {
            let run = &self.order[start..end as usize];
            start = end as usize;
            if seen {
                for &row in run {
                    let (rank, w) = (self.rank[row as usize] as usize, weight(row as usize));
                    let (below, upto) = (later.upto(rank - 1), later.upto(rank));
                    right += w * (all - upto + (upto - below) / 2.0);
                    pairs += w * all;
                }
            }
            for &row in run {
                let w = weight(row as usize);
                later.add(self.rank[row as usize] as usize, w);
                all += w;
            }
        }
        (pairs > 0.0).then(|| (right / pairs).clamp(0.0, 1.0))
    }
}

/// Sums over ranks up to one, each change and each answer in O(log n) (Fenwick, 1994).
struct Sums(Vec<f64>);

impl Sums {
    fn add(&mut self, rank: usize, value: f64) {
        let mut at = rank;
        while at < self.0.len() {
            self.0[at] += value;
            at += at & at.wrapping_neg();
        }
    }

    fn upto(&self, rank: usize) -> f64 {
        let (mut at, mut sum) = (rank, 0.0);
        while at > 0 {
            sum += self.0[at];
            at -= at & at.wrapping_neg();
        }
        sum
    }
}

/// Harrell's concordance index of `predicted` (n; greater means a longer time) for `time` (n), of which the
/// end was `seen` (n) or is only known to be later; 0.5 is chance. For risks, turn their signs.
///
/// # Errors
/// Differing lengths, numbers that are not finite, impossible weights, or no two rows that can be compared.
pub fn concordance(time: &[f64], seen: &[bool], predicted: &[f64], weight: Option<&[f64]>) -> Result<f64> {
    let sorted = Concordance::new(time, seen, predicted)?;
    input::weights(weight, time.len())?;
    sorted.index(input::weigh(weight)).ok_or(Error::NoPairs { measure: "concordance" })
}

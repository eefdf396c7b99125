//! Boosting in which trees are left out (DART; Rashmi & Gilad-Bachrach 2015).
//!
//! Later trees of plain boosting mend a few rows each. Here a round first leaves some of the earlier trees out of
//! the answers, learns what is missing then, and makes room: with `k` trees left out the new one counts
//! `learning_rate / (k + 1)` and each of them `k / (k + 1)` of what it did (LightGBM's normalisation). A tree is
//! left out with a chance in proportion to its weight.

use super::gbdt::Gbdt;
use arkwright_core::Random;

/// What trees weigh while trees are left out.
#[derive(Default)]
pub(super) struct Dart {
    /// The weight of each round of this run.
    weights: Vec<f64>,
}

impl Dart {
    /// The rounds of this run, counted from 0, that the next one leaves out.
    pub(super) fn choose(&self, settings: &Gbdt, random: &mut Random) -> Vec<usize> {
        if self.weights.is_empty() || random.unit() < settings.skip_drop {
            return Vec::new();
        }
        let most = match settings.max_drop {
            0 => usize::MAX,
            most => most as usize,
        };
        let sum: f64 = self.weights.iter().sum();
        let n = self.weights.len() as f64;
        // With a rate that leaves out no more than the limit, on average.
        let rate = settings.drop_rate.min(most as f64 / n);
        let drawn = self.weights.iter().map(|weight| random.unit() < rate * weight * n / sum);
        drawn.enumerate().filter_map(|(round, out)| out.then_some(round)).take(most).collect()
    }

    /// Counts a new round, and those left out for it.
    pub(super) fn count(&mut self, learning_rate: f64, out: &[usize]) {
        let k = out.len() as f64;
        out.iter().for_each(|&round| self.weights[round] *= k / (k + 1.0));
        self.weights.push(learning_rate / (k + 1.0));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_are_left_out_as_the_rate_says_and_no_more_than_the_limit() {
        let settings = |max_drop| Gbdt { drop_rate: 0.2, skip_drop: 0.5, max_drop, ..Gbdt::default() };
        let mut dart = Dart::default();
        (0..100).for_each(|_| dart.count(0.1, &[]));
        let mut random = Random::new(1, "dart");
        let mut mean = |max_drop| {
            let drawn: Vec<usize> = (0..4000).map(|_| dart.choose(&settings(max_drop), &mut random).len()).collect();
            (drawn.iter().sum::<usize>() as f64 / 4000.0, drawn.into_iter().max())
        };
        // Half of the rounds leave out 20 of 100.
        assert!((mean(0).0 - 10.0).abs() < 0.6);
        let (some, most) = mean(5);
        assert!(some < 2.6 && most == Some(5));
    }

    #[test]
    fn weights_are_those_of_the_paper() {
        let mut dart = Dart::default();
        dart.count(0.3, &[]);
        dart.count(0.3, &[0]);
        assert_eq!(dart.weights, [0.15, 0.15]);
        dart.count(0.3, &[0, 1]);
        assert!(dart.weights.iter().zip([0.1, 0.1, 0.1]).all(|(a, b): (&f64, f64)| (a - b).abs() < 1e-15));
    }
}

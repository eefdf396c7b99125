//! Drawing rows with putting back, evenly or by their weights: what bagging, forests and AdaBoost have in common.

use arkwright_core::{Random, must};
use serde::{Deserialize, Serialize};

/// How many rows a bag draws.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(untagged, expecting = "a number of rows, or a share of all above 0 and at most 1")]
pub enum MaxSamples {
    /// So many, at least 1.
    Count(u32),
    /// A share of all, above 0 and at most 1; where rows have weights, of their sum.
    Share(f64),
}

impl MaxSamples {
    pub(crate) fn check(self) -> Result<(), must::Fault> {
        match self {
            Self::Count(count) => must::be_at_least("max_samples", count, 1),
            Self::Share(share) => must::be_a_share("max_samples", share),
        }
    }

    /// Draws from so many rows that weigh so much.
    pub(crate) fn of(this: Option<Self>, rows: usize, weight: f64) -> usize {
        match this {
            None => rows,
            Some(Self::Count(count)) => count as usize,
            // A sum of weights without bounds asks for draws without end.
            Some(Self::Share(share)) => ((weight * share).round() as usize).clamp(1, u32::MAX as usize),
        }
    }
}

/// A bag that rows are drawn from with putting back.
///
/// Where rows have weights each is drawn as often as its weight asks for and then counts once, so that a weight of
/// two is the same, in distribution, as a row that is there twice. A draw is done in one step, however many rows there
/// are (Walker 1977, as Vose 1991 makes the table).
pub(crate) struct Bag {
    rows: usize,
    draws: usize,
    /// For each row: how much of its place is its own, and whose the rest is. Empty where all are alike.
    alias: Vec<(f64, u32)>,
}

impl Bag {
    /// A bag of rows; their weights are finite and none is negative, and some are above 0.
    pub(crate) fn new(rows: usize, weight: Option<&[f64]>, draws: Option<MaxSamples>) -> Self {
        let sum = weight.map_or(rows as f64, |weight| weight.iter().sum());
        let alias = weight.map_or(Vec::new(), |weight| alias(weight, sum));
        Self { rows, draws: MaxSamples::of(draws, rows, sum), alias }
    }

    /// Draws, one after the other.
    pub(crate) fn draw(&self, random: &mut Random) -> impl Iterator<Item = usize> {
        (0..self.draws).map(move |_| {
            let place = random.below(self.rows as u64) as usize;
            match self.alias.get(place) {
                Some(&(own, other)) if random.unit() >= own => other as usize,
                _ => place,
            }
        })
    }

    /// How often each row is drawn.
    pub(crate) fn times(&self, random: &mut Random) -> Vec<u32> {
        let mut times = vec![0; self.rows];
        self.draw(random).for_each(|row| times[row] += 1);
        times
    }
}

/// The table of a draw by weight: places of one size, each filled by a row's own weight and by another's.
fn alias(weight: &[f64], sum: f64) -> Vec<(f64, u32)> {
    let mut own: Vec<f64> = weight.iter().map(|w| w / sum * weight.len() as f64).collect();
    let (mut small, mut large): (Vec<u32>, Vec<u32>) = (0..own.len() as u32).partition(|&row| own[row as usize] < 1.0);
    let mut table: Vec<(f64, u32)> = (0..own.len() as u32).map(|row| (1.0, row)).collect();
    while let Some(&more) = large.last() {
        let Some(less) = small.pop() else { break };
        table[less as usize] = (own[less as usize], more);
        own[more as usize] -= 1.0 - own[less as usize];
        if own[more as usize] < 1.0 {
            large.pop();
            small.push(more);
        }
    }
    // What rounding leaves short of a whole place is one; but a row that weighs nothing is never drawn.
    let heaviest = (0..weight.len()).fold(0, |best, row| if weight[row] > weight[best] { row } else { best });
    for row in small.into_iter().filter(|&row| weight[row as usize] <= 0.0) {
        table[row as usize] = (0.0, heaviest as u32);
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_table_gives_each_row_its_share(weight in prop::collection::vec(prop_oneof![Just(0.0), 1e-3..1e3], 1..40)) {
            let sum: f64 = weight.iter().sum();
            prop_assume!(sum > 0.0);
            let table = alias(&weight, sum);
            let mut share = vec![0.0; weight.len()];
            for (row, (own, other)) in table.into_iter().enumerate() {
                prop_assert!((0.0..=1.0 + 1e-9).contains(&own));
                share[row] += own / weight.len() as f64;
                share[other as usize] += (1.0 - own) / weight.len() as f64;
            }
            for (share, weight) in share.iter().zip(&weight) {
                prop_assert!((share - weight / sum).abs() < 1e-9, "{share} for {weight} of {sum}");
                prop_assert!(*weight > 0.0 || *share == 0.0);
            }
        }
    }

    #[test]
    fn rows_are_drawn_as_often_as_their_weights_ask() {
        let weight = [0.0, 1.0, 2.0, 7.0];
        let bag = Bag::new(4, Some(&weight), Some(MaxSamples::Count(100_000)));
        let times = bag.times(&mut Random::new(1, "test"));
        assert_eq!((times[0], times.iter().sum::<u32>()), (0, 100_000));
        for (times, weight) in times.iter().zip(weight) {
            // Four standard deviations of a share of 100,000 draws are below 0.0064.
            assert!((f64::from(*times) / 1e5 - weight / 10.0).abs() < 0.0064, "{times}");
        }
        let draws = |of| Bag::new(4, Some(&weight), of).draws;
        assert_eq!((draws(None), draws(Some(MaxSamples::Share(0.5)))), (4, 5));
    }
}

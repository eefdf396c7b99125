//! How much a row counts for a tree: its own weight, how often it was drawn, and what its class weighs.

use crate::samples::{Samples, Target};
use arkwright_core::Random;
use serde::{Deserialize, Serialize};

/// How much the classes count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TreeClassWeight {
    /// All classes count the same in all, however rare.
    Balanced,
    /// The same, among the rows that each tree drew.
    BalancedSubsample,
}

/// How often each of `n` rows is drawn when `draws` are, with putting back.
pub(super) fn draw(n: usize, draws: usize, random: &mut Random) -> Vec<u16> {
    let mut times = vec![0u16; n];
    for _ in 0..draws {
        let drawn = &mut times[random.below(n as u64) as usize];
        *drawn = drawn.saturating_add(1);
    }
    times
}

/// What each class weighs so that all count the same, by how often each is there (`n / (k count)`).
pub(super) fn balanced(counts: &[f64]) -> Vec<f64> {
    let present = counts.iter().filter(|count| **count > 0.0).count() as f64;
    let all: f64 = counts.iter().sum();
    counts.iter().map(|count| if *count > 0.0 { all / (present * count) } else { 0.0 }).collect()
}

/// The weights of all rows, with what their class weighs.
pub(super) fn of_classes(train: &Samples<'_>, rows: &[u32]) -> Option<Vec<f64>> {
    let Target::Classes { codes, count } = train.y else { return None };
    let mut counts = vec![0.0; count];
    rows.iter().for_each(|&row| counts[codes[row as usize] as usize] += 1.0);
    let classes = balanced(&counts);
    let own = |row: usize| train.weight.map_or(1.0, |w| w[row]);
    Some(codes.iter().enumerate().map(|(row, &class)| own(row) * classes[class as usize]).collect())
}

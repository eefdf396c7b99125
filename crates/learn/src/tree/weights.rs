//! How much a row counts for a tree: its own weight, and what its class weighs.

use crate::ClassWeight;
use crate::samples::{Samples, Target};
use arkwright_core::Result;
use serde::{Deserialize, Serialize};

/// How much the classes count in a forest.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(untagged, expecting = "`balanced`, `balanced_subsample`, or a weight for each class: { yes = 5, no = 1 }")]
pub enum ForestClassWeight {
    /// As the rows of each tree ask for.
    Drawn(Subsample),
    /// The same for all trees.
    Whole(ClassWeight),
}

/// Class weights that differ from tree to tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Subsample {
    /// All classes count the same in all, among the rows that each tree drew.
    BalancedSubsample,
}

/// What each class weighs so that all count the same, by how often each is there (`n / (k count)`).
pub(super) fn balanced(counts: &[f64]) -> Vec<f64> {
    let present = counts.iter().filter(|count| **count > 0.0).count() as f64;
    let all: f64 = counts.iter().sum();
    counts.iter().map(|count| if *count > 0.0 { all / (present * count) } else { 0.0 }).collect()
}

/// The weights of all rows, with what their class weighs; `None` where the target has no classes.
pub(super) fn of_classes(given: &ForestClassWeight, train: &Samples<'_>, rows: &[u32]) -> Result<Option<Vec<f64>>> {
    let Target::Classes { codes, count } = train.y else { return Ok(None) };
    let classes = match given {
        ForestClassWeight::Whole(table @ ClassWeight::Of(_)) => table.factors(codes, count, None, train.classes)?,
        _ => {
            let mut counts = vec![0.0; count];
            rows.iter().for_each(|&row| counts[codes[row as usize] as usize] += 1.0);
            balanced(&counts)
        }
    };
    let own = |row: usize| train.weight.map_or(1.0, |w| w[row]);
    Ok(Some(codes.iter().enumerate().map(|(row, &class)| own(row) * classes[class as usize]).collect()))
}

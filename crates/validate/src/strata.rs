//! Strata: parts of the rows that every fold gets the same share of, classes or quantiles of a number.
//!
//! Rows are laid out stratum by stratum and dealt to the folds in turn, so that each fold's count of each
//! stratum, and each fold's size, are within one row of the others'.

use arkwright_core::{Frame, Kind, Random, Result, target_of};
use std::collections::HashMap;

/// A stratum for each row: its class in order of appearance, or its quantile of `quantiles`. A missing target
/// is a stratum of its own: who learns will refuse it with its place.
pub(crate) fn codes(frame: &Frame, quantiles: u32) -> Result<Vec<u32>> {
    let target = target_of(frame.fields())?;
    let at = frame.position(&target.name).unwrap_or_default();
    match target.kind {
        Kind::Number => Ok(ranked(&frame.numbers(at)?, quantiles)),
        _ => {
            let labels = frame.texts(at)?;
            let mut seen: HashMap<Option<&str>, u32> = HashMap::new();
            Ok(labels
                .iter()
                .map(|label| {
                    let next = seen.len() as u32;
                    *seen.entry(label).or_insert(next)
                })
                .collect())
        }
    }
}

/// The quantile of each value; equal values share one, and missing ones come last.
fn ranked(values: &[f64], quantiles: u32) -> Vec<u32> {
    let mut order: Vec<u32> = (0..values.len() as u32).collect();
    let value = |row: u32| values[row as usize];
    order.sort_by(|&a, &b| value(a).is_nan().cmp(&value(b).is_nan()).then(value(a).total_cmp(&value(b))));
    let mut codes = vec![0; values.len()];
    let mut first = 0;
    for (rank, &row) in order.iter().enumerate() {
        if rank > 0 && value(row).total_cmp(&value(order[rank - 1])).is_ne() {
            first = rank;
        }
        codes[row as usize] = match value(row).is_nan() {
            true => quantiles,
            false => (first as u64 * u64::from(quantiles) / values.len() as u64) as u32,
        };
    }
    codes
}

/// The rows of each stratum, shuffled or in order.
fn members(strata: &[u32], random: Option<&mut Random>) -> Vec<Vec<u32>> {
    let count = strata.iter().max().map_or(0, |&s| s as usize + 1);
    let mut members = vec![Vec::new(); count];
    for (row, &stratum) in strata.iter().enumerate() {
        members[stratum as usize].push(row as u32);
    }
    if let Some(random) = random {
        members.iter_mut().for_each(|rows| random.shuffle(rows));
    }
    members
}

/// A fold for each row.
pub(crate) fn folds(strata: &[u32], k: usize, random: Option<&mut Random>) -> Vec<u32> {
    let mut assigned = vec![0; strata.len()];
    for (place, row) in members(strata, random).into_iter().flatten().enumerate() {
        assigned[row as usize] = (place % k) as u32;
    }
    assigned
}

/// The `wanted` test rows. The last row of a stratum stays in train, so that what is tested was learnt.
pub(crate) fn hold_out(strata: &[u32], wanted: usize, random: Option<&mut Random>) -> Vec<u32> {
    let members = members(strata, random);
    let sizes: Vec<usize> = members.iter().map(Vec::len).collect();
    let counts = shares(&sizes, wanted);
    // The last rows, so that an unshuffled hold-out is the end of each stratum.
    members.iter().zip(counts).flat_map(|(rows, count)| rows[rows.len() - count..].iter().copied()).collect()
}

/// How many of each stratum to take for `wanted` in all: proportional, the largest remainders first.
fn shares(sizes: &[usize], wanted: usize) -> Vec<usize> {
    let rows: usize = sizes.iter().sum();
    let cap = |i: usize| sizes[i].saturating_sub(1);
    let exact = |i: usize| wanted as u128 * sizes[i] as u128;
    let mut counts: Vec<usize> = (0..sizes.len()).map(|i| ((exact(i) / rows as u128) as usize).min(cap(i))).collect();
    let mut order: Vec<usize> = (0..sizes.len()).collect();
    order.sort_by_key(|&i| std::cmp::Reverse(exact(i) % rows as u128));
    let mut missing = wanted - counts.iter().sum::<usize>();
    // A second pass is needed only where strata of a single row give none.
    while missing > 0 {
        let before = missing;
        for &i in &order {
            if missing > 0 && counts[i] < cap(i) {
                counts[i] += 1;
                missing -= 1;
            }
        }
        if before == missing {
            break;
        }
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_proportional_and_the_largest_remainders_come_first() {
        assert_eq!(shares(&[50, 30, 20], 10), [5, 3, 2]);
        assert_eq!(shares(&[7, 2, 1], 3), [2, 1, 0]);
        assert_eq!(shares(&[1, 1, 8], 3), [0, 0, 3]);
        assert_eq!(shares(&[1, 1, 1], 2), [0, 0, 0]);
    }

    #[test]
    fn equal_values_share_a_quantile_and_missing_ones_have_their_own() {
        assert_eq!(ranked(&[1.0, 2.0, 3.0, 4.0], 2), [0, 0, 1, 1]);
        assert_eq!(ranked(&[5.0, 5.0, 5.0, 9.0, f64::NAN], 5), [0, 0, 0, 3, 5]);
    }
}

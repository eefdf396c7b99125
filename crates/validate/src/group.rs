//! Groups: rows that stay together when rows are split.
//!
//! Plain folds deal the groups, largest first, each to the lightest fold (as `GroupKFold`). Stratified folds
//! deal them by how uneven their classes are, each to where the classes' shares stay most even (as
//! `StratifiedGroupKFold`): cost O(groups x folds x classes).

use arkwright_core::{Error, Random, Result};

fn sizes(groups: &[u32]) -> Vec<usize> {
    let mut sizes = vec![0; groups.iter().max().map_or(0, |&g| g as usize + 1)];
    groups.iter().for_each(|&g| sizes[g as usize] += 1);
    sizes
}

fn enough(groups: usize, parts: usize) -> Result<()> {
    match groups >= parts {
        true => Ok(()),
        false => Err(Error::data(format!("{groups} groups cannot make {parts} parts that share none"))
            .with_hint("set fewer `folds`, or another column with `by`")),
    }
}

/// The groups' numbers, shuffled or in order of appearance.
fn order(groups: usize, random: Option<&mut Random>) -> Vec<u32> {
    let mut order: Vec<u32> = (0..groups as u32).collect();
    if let Some(random) = random {
        random.shuffle(&mut order);
    }
    order
}

/// A fold for each row.
pub(crate) fn folds(groups: &[u32], k: usize, random: Option<&mut Random>) -> Result<Vec<u32>> {
    let sizes = sizes(groups);
    enough(sizes.len(), k)?;
    let mut order = order(sizes.len(), random);
    order.sort_by_key(|&g| std::cmp::Reverse(sizes[g as usize]));
    let mut weights = vec![0; k];
    let mut fold_of = vec![0; sizes.len()];
    for g in order {
        let lightest = (0..k).min_by_key(|&fold| weights[fold]).unwrap_or_default();
        weights[lightest] += sizes[g as usize];
        fold_of[g as usize] = lightest as u32;
    }
    Ok(groups.iter().map(|&g| fold_of[g as usize]).collect())
}

/// Test rows, as near to `wanted` as whole groups allow.
pub(crate) fn hold_out(groups: &[u32], wanted: usize, random: Option<&mut Random>) -> Result<Vec<u32>> {
    let sizes = sizes(groups);
    enough(sizes.len(), 2)?;
    let mut order = order(sizes.len(), random);
    let mut tested = vec![false; sizes.len()];
    let (mut rows, mut count) = (0usize, 0);
    // From the end, so that an unshuffled hold-out is the last groups.
    while let Some(g) = order.pop() {
        let with = rows + sizes[g as usize];
        if with.abs_diff(wanted) < rows.abs_diff(wanted) && count + 1 < sizes.len() {
            (tested[g as usize], rows, count) = (true, with, count + 1);
        }
    }
    if count == 0 {
        // Every group is over twice too large: the smallest is the nearest.
        let smallest = (0..sizes.len()).min_by_key(|&g| sizes[g]).unwrap_or_default();
        tested[smallest] = true;
    }
    Ok(rows_where(groups, |g| tested[g as usize]))
}

fn rows_where(groups: &[u32], keep: impl Fn(u32) -> bool) -> Vec<u32> {
    (0..groups.len() as u32).filter(|&row| keep(groups[row as usize])).collect()
}

/// A fold for each row, the strata in the same share in each as far as whole groups allow.
pub(crate) fn stratified_folds(
    groups: &[u32],
    strata: &[u32],
    k: usize,
    random: Option<&mut Random>,
) -> Result<Vec<u32>> {
    let fold_of = deal(groups, strata, &vec![1.0 / k as f64; k], random)?;
    Ok(groups.iter().map(|&g| fold_of[g as usize]).collect())
}

/// Test rows, the strata in the same share as in train as far as whole groups allow.
pub(crate) fn stratified_hold_out(
    groups: &[u32],
    strata: &[u32],
    wanted: usize,
    random: Option<&mut Random>,
) -> Result<Vec<u32>> {
    let share = wanted as f64 / groups.len() as f64;
    let part_of = deal(groups, strata, &[1.0 - share, share], random)?;
    let test = rows_where(groups, |g| part_of[g as usize] == 1);
    match test.is_empty() || test.len() == groups.len() {
        true => hold_out(groups, wanted, None),
        false => Ok(test),
    }
}

/// A part for each group so that each part has its share of every stratum.
fn deal(groups: &[u32], strata: &[u32], shares: &[f64], random: Option<&mut Random>) -> Result<Vec<u32>> {
    let k = strata.iter().max().map_or(0, |&s| s as usize + 1);
    let sizes = sizes(groups);
    enough(sizes.len(), shares.len())?;
    let mut counts = vec![0.0f64; sizes.len() * k];
    let mut totals = vec![0.0f64; k];
    for (&g, &s) in groups.iter().zip(strata) {
        counts[g as usize * k + s as usize] += 1.0;
        totals[s as usize] += 1.0;
    }
    let of = |g: u32| &counts[g as usize * k..][..k];
    let uneven = |g: u32| spread(of(g).iter().copied());
    let mut order = order(sizes.len(), random);
    order.sort_by(|&a, &b| uneven(b).total_cmp(&uneven(a)));
    let mut held = vec![0.0f64; shares.len() * k];
    let mut rows = vec![0.0f64; shares.len()];
    let mut part_of = vec![0; sizes.len()];
    let mut empty = shares.len();
    for (dealt, &g) in order.iter().enumerate() {
        // The last groups go to the parts that have none yet.
        let must_fill = sizes.len() - dealt <= empty;
        let mut best: Option<(f64, f64, usize)> = None;
        for part in (0..shares.len()).filter(|&part| !must_fill || rows[part] == 0.0) {
            let filled = |other: usize, s: usize| {
                let added = if other == part { of(g)[s] } else { 0.0 };
                (held[other * k + s] + added) / (totals[s] * shares[other])
            };
            let uneven = (0..k).filter(|&s| totals[s] > 0.0).map(|s| spread((0..shares.len()).map(|o| filled(o, s))));
            let (uneven, size) = (uneven.sum::<f64>() / k as f64, rows[part] / shares[part]);
            let nearer = best.is_none_or(|(u, r, _)| uneven < u - 1e-12 || (uneven <= u + 1e-12 && size < r));
            if nearer {
                best = Some((uneven, size, part));
            }
        }
        let part = best.map_or(0, |(_, _, part)| part);
        empty -= usize::from(rows[part] == 0.0);
        rows[part] += sizes[g as usize] as f64;
        of(g).iter().enumerate().for_each(|(s, count)| held[part * k + s] += count);
        part_of[g as usize] = part as u32;
    }
    Ok(part_of)
}

/// The standard deviation.
fn spread(values: impl Iterator<Item = f64> + Clone) -> f64 {
    let n = values.clone().count() as f64;
    let mean = values.clone().sum::<f64>() / n;
    (values.map(|v| (v - mean) * (v - mean)).sum::<f64>() / n).sqrt()
}

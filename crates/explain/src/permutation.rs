//! Permutation importance: how much worse are the answers if a column is shuffled (Breiman, 2001)?
//!
//! The column is shuffled as it stands in a request, before any preparation, so that one number covers all
//! that was made of it. Columns that tell the same share the importance: shuffled alone each looks idle, so
//! they can be shuffled together. Cost: one prediction of all rows a column and repeat.
//!
//! Of a wide table most columns are of no use to the model: blocks of them are shuffled together first, halved
//! where an answer changes, and what changes none has an importance of 0 (cost: some log2 p predictions a column
//! in use). Where more than `most` are in use, neighbours are shuffled together.

use crate::asked::{Judged, Steps, sampled};
use arkwright_core::{Context, Error, Frame, Model, Random, Result};
use arkwright_measure::Metric;
use arrow::array::{ArrayRef, UInt32Array};
use arrow::compute::take;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// How columns are shuffled.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Permutation {
    /// Times that a column is shuffled, at least 1; 5 by default.
    pub repeats: usize,
    /// Rows asked about at most; more change little and cost in proportion. 10,000 by default.
    pub rows: usize,
    /// Columns that are shuffled together, each group with a name; the others are shuffled one by one.
    pub groups: Vec<(String, Vec<String>)>,
    /// The columns to shuffle one by one; when absent, every one that the model takes and no group has.
    pub columns: Option<Vec<String>>,
    /// Columns or groups asked about one by one at most, at least 1; of more, neighbours become one group.
    /// 1,000 by default.
    pub most: usize,
    /// Where the random numbers start.
    pub seed: u64,
}

/// Columns from which on the idle ones are looked for first.
const WIDE: usize = 200;

impl Default for Permutation {
    fn default() -> Self {
        Self { repeats: 5, rows: 10_000, groups: Vec::new(), columns: None, most: 1_000, seed: 0 }
    }
}

/// How much depends on a column, or on a group of them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Importance {
    /// The column's name, or the group's.
    pub name: String,
    /// The columns shuffled.
    pub columns: Vec<String>,
    /// How much worse the metric became, on average; below 0 where shuffling helped.
    pub mean: f64,
    /// The standard deviation over the repeats (of n, as scikit-learn's).
    pub std: f64,
    /// How much worse it became each time.
    pub drops: Vec<f64>,
}

/// How much depends on each column.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Importances {
    /// The metric's name.
    pub metric: String,
    /// Its value on the rows as they are.
    pub score: f64,
    /// The rows asked about.
    pub rows: u64,
    /// The columns, the most important first.
    pub columns: Vec<Importance>,
}

/// Shuffles each column that the model takes and says how much worse `metric` becomes. `frame` holds what the
/// model takes, the target, and the weight if there is one; as a rule the hold-out.
///
/// # Errors
/// When a column is missing, is in two groups, or the metric is not defined.
pub fn permutation_importance(
    model: &dyn Model,
    frame: &Frame,
    metric: Metric,
    settings: &Permutation,
    ctx: &Context,
) -> Result<Importances> {
    if settings.repeats == 0 || settings.rows == 0 || settings.most == 0 {
        return Err(Error::setting("importance needs at least one repeat, one row and one column"));
    }
    let frame = sampled(frame, settings.rows, settings.seed, "permutation rows")?;
    let judged = Judged::new(model, &frame, metric, ctx)?;
    let alone = settings.columns.as_deref().unwrap_or(&model.signature().takes);
    let groups = groups(alone, &settings.groups)?;
    let (groups, idle) = match groups.len() > WIDE && settings.columns.is_none() {
        true => used(&judged, groups, settings.seed)?,
        false => (groups, Vec::new()),
    };
    let groups = neighbours(groups, settings.most);
    let drops = drops(&judged, &groups, settings, ctx)?;
    let idle = idle.into_iter().map(|group| (group, vec![0.0; settings.repeats]));
    let mut columns: Vec<Importance> = groups
        .into_iter()
        .zip(drops)
        .chain(idle)
        .map(|((name, columns), drops)| {
            let n = drops.len() as f64;
            let mean = drops.iter().sum::<f64>() / n;
            let std = (drops.iter().map(|d| (d - mean) * (d - mean)).sum::<f64>() / n).sqrt();
            Importance { name, columns, mean, std, drops }
        })
        .collect();
    // Of equals the one that the model takes first.
    columns.sort_by(|a, b| b.mean.total_cmp(&a.mean));
    Ok(Importances { metric: metric.name().to_string(), score: judged.score, rows: frame.rows() as u64, columns })
}

/// How much worse the metric becomes for each group and repeat.
fn drops(judged: &Judged<'_>, groups: &[Group], settings: &Permutation, ctx: &Context) -> Result<Vec<Vec<f64>>> {
    let places = places(judged, groups)?;
    let sign = if judged.metric.greater_is_better() { 1.0 } else { -1.0 };
    let steps = Steps::begin(ctx, "permutation", groups.len() * settings.repeats, "shuffles")?;
    // `None` where no answer is another.
    let ask = |group: usize, repeat: usize| -> Result<Option<f64>> {
        let purpose = format!("permutation of {}, {repeat}", groups[group].0);
        let columns = shuffled(judged, &places[group], Random::new(settings.seed, &purpose))?;
        let Some(after) = judged.changed(columns)? else { return Ok(None) };
        Ok(Some(sign * (judged.score - judged.score_of(&after)?)))
    };
    let first = (0..groups.len()).into_par_iter().map(|group| {
        let drop = ask(group, 0)?;
        steps.done(if drop.is_some() { 1 } else { settings.repeats })?;
        Ok(drop)
    });
    let first: Vec<Option<f64>> = first.collect::<Result<_>>()?;
    let again: Vec<(usize, usize)> = (0..groups.len())
        .filter(|&group| first[group].is_some())
        .flat_map(|group| (1..settings.repeats).map(move |repeat| (group, repeat)))
        .collect();
    let again = again.into_par_iter().map(|(group, repeat)| {
        let drop = ask(group, repeat)?.unwrap_or(0.0);
        steps.done(1)?;
        Ok(drop)
    });
    let mut again = again.collect::<Result<Vec<f64>>>()?.into_iter();
    steps.end()?;
    let all = |first: Option<f64>| match first {
        Some(first) => std::iter::once(first).chain(again.by_ref().take(settings.repeats - 1)).collect(),
        None => vec![0.0; settings.repeats],
    };
    Ok(first.into_iter().map(all).collect())
}

/// A name, and the columns that are shuffled together under it.
type Group = (String, Vec<String>);

fn places(judged: &Judged<'_>, groups: &[Group]) -> Result<Vec<Vec<usize>>> {
    let of = |(_, columns): &Group| columns.iter().map(|c| judged.asked.place(c)).collect();
    groups.iter().map(of).collect()
}

/// Some columns shuffled, all in the same way.
fn shuffled(judged: &Judged<'_>, places: &[usize], mut random: Random) -> Result<Vec<(usize, ArrayRef)>> {
    let rows = &judged.asked.rows;
    let mut order: Vec<u32> = (0..rows.rows() as u32).collect();
    random.shuffle(&mut order);
    let order = UInt32Array::from(order);
    places.iter().map(|&place| Ok((place, take(&rows.columns()[place], &order, None)?))).collect()
}

/// The groups that change an answer when they are shuffled, and those that do not.
fn used(judged: &Judged<'_>, groups: Vec<Group>, seed: u64) -> Result<(Vec<Group>, Vec<Group>)> {
    let places = places(judged, &groups)?;
    let mut in_use = vec![false; groups.len()];
    let steps = Steps::begin(judged.asked.ctx, "columns in use", groups.len(), "columns")?;
    let mut blocks: Vec<Range<usize>> = std::iter::once(0..groups.len()).collect();
    while !blocks.is_empty() {
        let changes: Vec<bool> = blocks
            .par_iter()
            .map(|block| {
                let purpose = format!("permutation of {} to {}", block.start, block.end);
                let columns = shuffled(judged, &places[block.clone()].concat(), Random::new(seed, &purpose))?;
                let changed = judged.changed(columns)?.is_some();
                // A block that changes something is done when its halves are.
                steps.done(if changed && block.len() > 1 { 0 } else { block.len() })?;
                Ok(changed)
            })
            .collect::<Result<_>>()?;
        let mut halves = Vec::new();
        for (block, _) in blocks.into_iter().zip(changes).filter(|(_, changed)| *changed) {
            match block.len() {
                1 => in_use[block.start] = true,
                n => halves.extend([block.start..block.start + n / 2, block.start + n / 2..block.end]),
            }
        }
        blocks = halves;
    }
    steps.end()?;
    let mut in_use = in_use.into_iter();
    Ok(groups.into_iter().partition(|_| in_use.next().unwrap_or(true)))
}

/// At most so many groups: where there are more, neighbours are shuffled together.
fn neighbours(groups: Vec<Group>, most: usize) -> Vec<Group> {
    if groups.len() <= most {
        return groups;
    }
    let together = |groups: &[Group]| match groups {
        [one] => one.clone(),
        several => {
            let name = format!("{} and {} more", several[0].0, several.len() - 1);
            (name, several.iter().flat_map(|(_, columns)| columns.clone()).collect())
        }
    };
    groups.chunks(groups.len().div_ceil(most)).map(together).collect()
}

/// The given groups, and every other of the columns as its own.
fn groups(alone: &[String], given: &[Group]) -> Result<Vec<Group>> {
    let mut grouped = std::collections::HashSet::new();
    for column in given.iter().flat_map(|(_, columns)| columns) {
        if !grouped.insert(column.as_str()) {
            return Err(Error::column(column, "is in two groups"));
        }
    }
    let alone = alone.iter().filter(|c| !grouped.contains(c.as_str())).map(|c| (c.clone(), vec![c.clone()]));
    Ok(given.iter().cloned().chain(alone).collect())
}

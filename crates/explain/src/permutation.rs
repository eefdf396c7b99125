//! Permutation importance: how much worse are the answers if a column is shuffled (Breiman, 2001)?
//!
//! The column is shuffled as it stands in a request, before any preparation, so that one number covers all
//! that was made of it. Columns that tell the same share the importance: shuffled alone each looks idle, so
//! they can be shuffled together. Cost: one prediction of all rows a column and repeat.

use crate::asked::{Judged, sampled};
use arkwright_core::{Context, Error, Frame, Model, Random, Result};
use arkwright_measure::Metric;
use arrow::array::UInt32Array;
use arrow::compute::take;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

/// How columns are shuffled.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Permutation {
    /// Times that a column is shuffled, at least 1; 5 by default.
    pub repeats: usize,
    /// Rows asked about at most; more change little and cost in proportion. 10,000 by default.
    pub rows: usize,
    /// Columns that are shuffled together, each group with a name; the others are shuffled one by one.
    pub groups: Vec<(String, Vec<String>)>,
    /// Where the random numbers start.
    pub seed: u64,
}

impl Default for Permutation {
    fn default() -> Self {
        Self { repeats: 5, rows: 10_000, groups: Vec::new(), seed: 0 }
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
    if settings.repeats == 0 || settings.rows == 0 {
        return Err(Error::setting("importance needs at least one repeat and one row"));
    }
    let frame = sampled(frame, settings.rows, settings.seed, "permutation rows")?;
    let judged = Judged::new(model, &frame, metric, ctx)?;
    let score = judged.score(&judged.asked.rows)?;
    let groups = groups(&model.signature().takes, &settings.groups)?;
    let places = groups
        .iter()
        .map(|(_, columns)| columns.iter().map(|c| judged.asked.place(c)).collect::<Result<Vec<_>>>())
        .collect::<Result<Vec<_>>>()?;
    let tasks: Vec<(usize, usize)> =
        (0..groups.len()).flat_map(|group| (0..settings.repeats).map(move |repeat| (group, repeat))).collect();
    let sign = if metric.greater_is_better() { 1.0 } else { -1.0 };
    let drops: Vec<f64> = tasks
        .into_par_iter()
        .map(|(group, repeat)| {
            let mut order: Vec<u32> = (0..frame.rows() as u32).collect();
            let purpose = format!("permutation of {}, {repeat}", groups[group].0);
            Random::new(settings.seed, &purpose).shuffle(&mut order);
            let order = UInt32Array::from(order);
            let columns = places[group]
                .iter()
                .map(|&place| Ok((place, take(&judged.asked.rows.columns()[place], &order, None)?)))
                .collect::<Result<Vec<_>>>()?;
            Ok(sign * (score - judged.score(&judged.asked.replaced(columns)?)?))
        })
        .collect::<Result<_>>()?;
    let mut columns: Vec<Importance> = groups
        .into_iter()
        .zip(drops.chunks_exact(settings.repeats))
        .map(|((name, columns), drops)| {
            let n = drops.len() as f64;
            let mean = drops.iter().sum::<f64>() / n;
            let std = (drops.iter().map(|d| (d - mean) * (d - mean)).sum::<f64>() / n).sqrt();
            Importance { name, columns, mean, std, drops: drops.to_vec() }
        })
        .collect();
    // Of equals the one that the model takes first.
    columns.sort_by(|a, b| b.mean.total_cmp(&a.mean));
    Ok(Importances { metric: metric.name().to_string(), score, rows: frame.rows() as u64, columns })
}

/// The given groups, and every other column as its own.
fn groups(takes: &[String], given: &[(String, Vec<String>)]) -> Result<Vec<(String, Vec<String>)>> {
    let mut grouped = std::collections::HashSet::new();
    for column in given.iter().flat_map(|(_, columns)| columns) {
        if !grouped.insert(column.as_str()) {
            return Err(Error::column(column, "is in two groups"));
        }
    }
    let alone = takes.iter().filter(|c| !grouped.contains(c.as_str())).map(|c| (c.clone(), vec![c.clone()]));
    Ok(given.iter().cloned().chain(alone).collect())
}

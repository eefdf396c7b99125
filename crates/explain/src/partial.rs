//! What would the answers be if a column had this value?
//!
//! *Partial dependence* (Friedman, 2001) sets the column to a value in every row and averages the answers;
//! the single rows are kept for a sample (ICE, Goldstein et al., 2015), since an average may hide opposite ways.
//! It asks about rows that cannot be where columns go together. *Accumulated local effects* (Apley & Zhu, 2020)
//! move each row only across its own bin, average the differences and add them up; they are centred on 0.

use crate::asked::{Asked, sampled};
use arkwright_core::{Context, Error, Frame, Kind, Model, Result};
use arkwright_measure::distribution::quantile;
use arrow::array::{ArrayRef, Float64Array, UInt32Array};
use arrow::compute::{cast, take};
use arrow::datatypes::DataType;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

/// How a column is varied.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Partial {
    /// Values tried at most: of a number from its 5 % to its 95 % quantile, of a category its most frequent
    /// ones. 20 by default.
    pub points: usize,
    /// Rows averaged over at most; 500 by default.
    pub rows: usize,
    /// Rows kept one by one at most; 30 by default.
    pub single: usize,
    /// Where the random numbers start that choose rows.
    pub seed: u64,
}

impl Default for Partial {
    fn default() -> Self {
        Self { points: 20, rows: 500, single: 30, seed: 0 }
    }
}

/// How one output depends on a column.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PartialDependence {
    /// The column.
    pub column: String,
    /// The output: a class (its probability), or `prediction`.
    pub output: String,
    /// The values tried, as text.
    pub labels: Vec<String>,
    /// The values tried, where they are numbers.
    pub values: Option<Vec<f64>>,
    /// The mean answer at each value.
    pub mean: Vec<f64>,
    /// The answers of single rows at each value.
    pub single: Vec<Vec<f64>>,
}

/// Sets a column to value after value and averages the answers: one result an output (the last of two classes,
/// every one of more).
///
/// # Errors
/// When the model does not take the column, or it is neither a number nor a category.
pub fn partial_dependence(
    model: &dyn Model,
    frame: &Frame,
    column: &str,
    settings: &Partial,
    ctx: &Context,
) -> Result<Vec<PartialDependence>> {
    let frame = sampled(frame, settings.rows.max(1), settings.seed, "partial rows")?;
    let asked = Asked::new(model, &frame, ctx)?;
    let place = asked.place(column)?;
    let tried = tried(&asked.rows, place, settings.points.max(1))?;
    let outputs = asked.outputs();
    // value -> output -> row
    let answers: Vec<Vec<Vec<f64>>> = tried
        .par_iter()
        .map(|(_, _, constant)| {
            let rows = asked.replaced(vec![(place, constant.clone())])?;
            let answers = asked.answers(&rows, asked.classes.as_deref())?;
            outputs.iter().map(|(_, output)| asked.output(&answers, *output)).collect()
        })
        .collect::<Result<_>>()?;
    let rows = asked.rows.rows();
    let single = settings.single.min(rows);
    Ok(outputs
        .into_iter()
        .enumerate()
        .map(|(o, (output, _))| PartialDependence {
            column: column.to_string(),
            output,
            labels: tried.iter().map(|(label, _, _)| label.clone()).collect(),
            values: tried.iter().map(|(_, value, _)| *value).collect(),
            mean: answers.iter().map(|of| of[o].iter().sum::<f64>() / rows as f64).collect(),
            single: (0..single).map(|i| answers.iter().map(|of| of[o][i * rows / single]).collect()).collect(),
        })
        .collect())
}

/// A value as text, as a number, and in every row.
type Tried = (String, Option<f64>, ArrayRef);

fn tried(rows: &Frame, place: usize, points: usize) -> Result<Vec<Tried>> {
    let (field, column) = (&rows.fields()[place], &rows.columns()[place]);
    if field.kind == Kind::Number {
        let values = known(rows, place)?;
        return grid(&values, points, column.data_type())
            .into_iter()
            .map(|value| Ok((value.to_string(), Some(value), constant(column, value, rows.rows())?)))
            .collect();
    }
    if !matches!(field.kind, Kind::Category | Kind::Level { .. }) {
        return Err(Error::column(&field.name, format!("a {} has no values to try one after the other", field.kind)));
    }
    let texts = rows.texts(place)?;
    let mut levels: BTreeMap<&str, (usize, u32)> = BTreeMap::new();
    for (row, text) in texts.iter().enumerate() {
        if let Some(text) = text {
            levels.entry(text).or_insert((0, row as u32)).0 += 1;
        }
    }
    let mut levels: Vec<(&str, (usize, u32))> = levels.into_iter().collect();
    levels.sort_by_key(|(_, (count, _))| std::cmp::Reverse(*count));
    levels.truncate(points);
    levels
        .into_iter()
        .map(|(level, (_, row))| {
            // A row that has it is repeated, so that the column keeps its type.
            let everywhere = UInt32Array::from(vec![row; rows.rows()]);
            Ok((level.to_string(), None, take(column, &everywhere, None)?))
        })
        .collect()
}

/// The finite numbers of a column.
fn known(rows: &Frame, place: usize) -> Result<Vec<f64>> {
    let values: Vec<f64> = rows.numbers(place)?.iter().copied().filter(|v| v.is_finite()).collect();
    match values.is_empty() {
        true => Err(Error::column(&rows.fields()[place].name, "there are no values to try: all are missing")),
        false => Ok(values),
    }
}

/// All values where they are few, else evenly spaced ones between the 5 % and the 95 % quantile.
fn grid(values: &[f64], points: usize, data_type: &DataType) -> Vec<f64> {
    let mut distinct = values.to_vec();
    distinct.sort_by(f64::total_cmp);
    distinct.dedup();
    if distinct.len() <= points {
        return distinct;
    }
    let at = |q| quantile(values, q).unwrap_or(distinct[0]);
    let (low, high) = (at(0.05), at(0.95));
    let whole = !data_type.is_floating();
    let mut grid: Vec<f64> = (0..points)
        .map(|i| low + (high - low) * i as f64 / (points.max(2) - 1) as f64)
        .map(|v| if whole { v.round() } else { v })
        .collect();
    grid.dedup();
    grid
}

/// A number in every row, in the type of the column.
fn constant(column: &ArrayRef, value: f64, rows: usize) -> Result<ArrayRef> {
    numbers(column, vec![value; rows])
}

fn numbers(column: &ArrayRef, values: Vec<f64>) -> Result<ArrayRef> {
    let wide: ArrayRef = Arc::new(Float64Array::from(values));
    Ok(cast(&wide, column.data_type())?)
}

/// How one output changes along a column, all else as it goes together with it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AccumulatedEffect {
    /// The column.
    pub column: String,
    /// The output: a class (its probability), or `prediction`.
    pub output: String,
    /// Ends of the bins: quantiles of the column, ascending.
    pub edges: Vec<f64>,
    /// The effect at each end; its mean over the rows is 0.
    pub effect: Vec<f64>,
    /// Rows in each bin.
    pub counts: Vec<u64>,
}

/// Accumulated local effects of a number over at most `bins` bins of about as many rows; rows without a value
/// are left out.
///
/// # Errors
/// When the model does not take the column, or it is no number or constant.
pub fn accumulated_effects(
    model: &dyn Model,
    frame: &Frame,
    column: &str,
    bins: usize,
    ctx: &Context,
) -> Result<Vec<AccumulatedEffect>> {
    let whole = Asked::new(model, frame, ctx)?;
    let place = whole.place(column)?;
    if whole.rows.fields()[place].kind != Kind::Number {
        return Err(Error::column(column, "local effects are those of a number"));
    }
    let values = whole.rows.numbers(place)?;
    let there: Vec<u32> = (0..values.len() as u32).filter(|&row| values[row as usize].is_finite()).collect();
    let asked = Asked::new(model, &frame.take(&there)?, ctx)?;
    let values = known(&asked.rows, place)?;
    let mut edges: Vec<f64> = (0..=bins.max(1))
        .map(|i| quantile(&values, i as f64 / bins.max(1) as f64).map_err(|e| Error::data(e.to_string())))
        .collect::<Result<_>>()?;
    edges.dedup();
    if edges.len() < 2 {
        return Err(Error::column(column, "has one value only, so nothing changes along it"));
    }
    // The bin of each row: the first whose upper end is not below it.
    let bin: Vec<usize> =
        values.iter().map(|v| edges[1..].partition_point(|edge| edge < v).min(edges.len() - 2)).collect();
    let end = |offset: usize| {
        let at = numbers(&asked.rows.columns()[place], bin.iter().map(|&b| edges[b + offset]).collect())?;
        asked.answers(&asked.replaced(vec![(place, at)])?, asked.classes.as_deref())
    };
    let (low, high) = (end(0)?, end(1)?);
    let mut counts = vec![0u64; edges.len() - 1];
    bin.iter().for_each(|&b| counts[b] += 1);
    asked
        .outputs()
        .into_iter()
        .map(|(output, o)| {
            let (low, high) = (asked.output(&low, o)?, asked.output(&high, o)?);
            let mut change = vec![0.0; counts.len()];
            bin.iter().enumerate().for_each(|(row, &b)| change[b] += high[row] - low[row]);
            let mut effect = vec![0.0];
            for (change, count) in change.iter().zip(&counts) {
                let so_far = effect[effect.len() - 1];
                effect.push(so_far + if *count > 0 { change / *count as f64 } else { 0.0 });
            }
            // A row lies halfway between the ends of its bin, as near as the bins tell.
            let middle = counts.iter().enumerate().map(|(b, &count)| count as f64 * (effect[b] + effect[b + 1]) / 2.0);
            let mean = middle.sum::<f64>() / values.len() as f64;
            effect.iter_mut().for_each(|e| *e -= mean);
            Ok(AccumulatedEffect {
                column: column.to_string(),
                output,
                edges: edges.clone(),
                effect,
                counts: counts.clone(),
            })
        })
        .collect()
}

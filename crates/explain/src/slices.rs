//! For which parts of the rows are the answers better or worse?
//!
//! A slice is the rows of one category, or of one quarter of a number's range of ranks; rows without a value
//! are a slice of their own. A metric on few rows says little, so small slices are left out.

use arkwright_core::{Error, Frame, Kind, Result};
use arkwright_measure::Metric;
use arkwright_measure::distribution::quantile;
use arkwright_validate::{Predictions, Truth};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How rows are sliced.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Slices {
    /// The columns to slice by: categories and numbers.
    pub columns: Vec<String>,
    /// The metrics.
    pub metrics: Vec<Metric>,
    /// Categories of a column at most, the most frequent first; 10 by default.
    pub levels: usize,
    /// Parts that a number is cut into; 4 by default.
    pub parts: usize,
    /// Rows of a slice at least; 30 by default.
    pub min_rows: usize,
}

impl Default for Slices {
    fn default() -> Self {
        Self { columns: Vec::new(), metrics: Vec::new(), levels: 10, parts: 4, min_rows: 30 }
    }
}

/// The scores of slices.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sliced {
    /// The metrics' names.
    pub metrics: Vec<String>,
    /// Their values over all rows; `None` where one is not defined.
    pub overall: Vec<Option<f64>>,
    /// The slices, column by column.
    pub slices: Vec<Slice>,
}

/// The scores of one slice.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Slice {
    /// The column.
    pub column: String,
    /// The category, the range `from to to`, or `missing`.
    pub label: String,
    /// Its rows.
    pub rows: u64,
    /// The metrics' values; `None` where one is not defined (one class only).
    pub scores: Vec<Option<f64>>,
}

/// Scores slices of rows whose truth and predictions are known.
///
/// # Errors
/// When a column is missing or cannot be sliced by, lengths differ, or a metric does not suit.
pub fn slices(
    frame: &Frame,
    truth: &Truth,
    predictions: &Predictions,
    weight: Option<&[f64]>,
    settings: &Slices,
) -> Result<Sliced> {
    if [truth.rows(), predictions.rows()].iter().any(|&rows| rows != frame.rows()) {
        return Err(Error::data("rows, truth and predictions differ in number"));
    }
    let all: Vec<u32> = (0..frame.rows() as u32).collect();
    let overall = scores(&all, truth, predictions, weight, &settings.metrics)?;
    let mut slices = Vec::new();
    for column in &settings.columns {
        frame.column(column)?;
        let place = frame.position(column).unwrap_or_default();
        for (label, rows) in cut(frame, place, settings)? {
            if rows.len() >= settings.min_rows.max(1) {
                let scores = scores(&rows, truth, predictions, weight, &settings.metrics)?;
                slices.push(Slice { column: column.clone(), label, rows: rows.len() as u64, scores });
            }
        }
    }
    Ok(Sliced { metrics: settings.metrics.iter().map(|m| m.name().to_string()).collect(), overall, slices })
}

fn scores(
    rows: &[u32],
    truth: &Truth,
    predictions: &Predictions,
    weight: Option<&[f64]>,
    metrics: &[Metric],
) -> Result<Vec<Option<f64>>> {
    let (truth, predictions) = (truth.take(rows), predictions.take(rows));
    let weight: Option<Vec<f64>> = weight.map(|w| rows.iter().map(|&row| w[row as usize]).collect());
    metrics
        .iter()
        .map(|metric| match metric.score(truth.borrowed(), predictions.borrowed(), weight.as_deref()) {
            Ok(value) => Ok(Some(value).filter(|v| v.is_finite())),
            Err(error @ arkwright_measure::Error::Unsuited { .. }) => Err(Error::setting(error.to_string())),
            Err(_) => Ok(None),
        })
        .collect()
}

/// The rows of each slice of a column.
fn cut(frame: &Frame, place: usize, settings: &Slices) -> Result<Vec<(String, Vec<u32>)>> {
    let field = &frame.fields()[place];
    match field.kind {
        Kind::Number => by_number(frame, place, settings.parts.max(1)),
        Kind::Category | Kind::Level { .. } => by_category(frame, place, settings.levels),
        _ => Err(Error::column(&field.name, format!("a {} cannot be sliced by", field.kind))),
    }
}

const MISSING: &str = "missing";

fn by_category(frame: &Frame, place: usize, most: usize) -> Result<Vec<(String, Vec<u32>)>> {
    let texts = frame.texts(place)?;
    let mut slices: BTreeMap<&str, Vec<u32>> = BTreeMap::new();
    let mut missing = Vec::new();
    for (row, text) in texts.iter().enumerate() {
        match text {
            Some(text) => slices.entry(text).or_default().push(row as u32),
            None => missing.push(row as u32),
        }
    }
    let mut slices: Vec<(String, Vec<u32>)> =
        slices.into_iter().map(|(label, rows)| (label.to_string(), rows)).collect();
    slices.sort_by_key(|(_, rows)| std::cmp::Reverse(rows.len()));
    slices.truncate(most);
    slices.push((MISSING.to_string(), missing));
    Ok(slices)
}

fn by_number(frame: &Frame, place: usize, parts: usize) -> Result<Vec<(String, Vec<u32>)>> {
    let values = frame.numbers(place)?;
    let known: Vec<f64> = values.iter().copied().filter(|v| !v.is_nan()).collect();
    let missing = (0..values.len() as u32).filter(|&row| values[row as usize].is_nan()).collect();
    let mut edges: Vec<f64> = match known.is_empty() {
        true => Vec::new(),
        false => (0..=parts).filter_map(|i| quantile(&known, i as f64 / parts as f64).ok()).collect(),
    };
    edges.dedup();
    if edges.len() == 1 {
        edges.push(edges[0]);
    }
    // A value on an edge belongs to the slice below it, the lowest to the first.
    let mut slices: Vec<(String, Vec<u32>)> =
        edges.windows(2).map(|ends| (format!("{} to {}", short(ends[0]), short(ends[1])), Vec::new())).collect();
    for (row, value) in values.iter().enumerate().filter(|(_, v)| !v.is_nan()) {
        let slice = edges[1..].partition_point(|edge| edge < value).min(slices.len() - 1);
        slices[slice].1.push(row as u32);
    }
    slices.push((MISSING.to_string(), missing));
    Ok(slices)
}

/// A number to four digits.
fn short(value: f64) -> String {
    if value == 0.0 || !value.is_finite() {
        return value.to_string();
    }
    let digits = (3 - value.abs().log10().floor() as i32).max(0) as usize;
    let text = format!("{value:.digits$}");
    match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_string(),
        false => text,
    }
}

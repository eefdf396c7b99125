//! SHAP summaries: how far did each column move each answer (Lundberg & Lee, 2017)?
//!
//! The model splits its answers itself ([`arkwright_core::Skills::attribute`]); behind a chain it does so among
//! what preparation made of the columns. Those parts are added up to the column that they came from, as far
//! as names tell: `sold.year`, `colour=red` and `age.missing` belong to `sold`, `colour` and `age`. Sums are
//! kept: base plus all parts is the raw answer (log-odds for a classifier).

use crate::asked::{Steps, sampled};
use arkwright_core::{Attribute, Attribution, Context, Error, Frame, Kind, Model, Result};
use arkwright_measure::association;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::collections::{HashMap, HashSet};

/// How answers are summed up.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Shap {
    /// Rows whose answers are split at most; 1,000 by default.
    pub rows: usize,
    /// Multiplications that it may take, as the model counts them ([`Attribute::cost`]), before fewer rows are
    /// split, though never fewer than 50: a row of a forest of deep trees costs a hundred million. 4e9 by
    /// default.
    pub work: f64,
    /// Where the random numbers start that choose them.
    pub seed: u64,
}

impl Default for Shap {
    fn default() -> Self {
        Self { rows: 1_000, work: 4e9, seed: 0 }
    }
}

/// How far columns moved answers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ShapSummary {
    /// The rows whose answers were split.
    pub rows: u64,
    /// The outputs, in the model's order: one for two classes (the log-odds of the last) and for a number.
    pub outputs: Vec<ShapOutput>,
}

/// How far columns moved one output.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ShapOutput {
    /// The output: a class, or `prediction`.
    pub output: String,
    /// The mean answer.
    pub base: f64,
    /// The columns, the one that moves most first.
    pub columns: Vec<ShapColumn>,
}

/// How far a column moved an output, row by row.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ShapColumn {
    /// The column, as in a request where names tell.
    pub column: String,
    /// What was made of it, as the last step sees it.
    pub inputs: Vec<String>,
    /// How far it moved the answers, on average, whichever way.
    pub mean_abs: f64,
    /// How far it moved each row's answer.
    pub values: Vec<f64>,
    /// The column's value in each row as a rank from 0 (the lowest) to 1; `None` where it is missing or no
    /// number.
    pub ranks: Vec<Option<f64>>,
}

/// Splits the answers for (a sample of) the rows among the columns.
///
/// # Errors
/// When the model cannot split its answers, or the frame lacks what it takes.
pub fn summary(model: &dyn Model, frame: &Frame, settings: &Shap, ctx: &Context) -> Result<ShapSummary> {
    let skill = model.skills().attribute.ok_or_else(|| {
        Error::data("this model cannot split its answers among its inputs").with_hint("ask for permutation importance")
    })?;
    let most = settings.rows.max(1).min((settings.work / skill.cost().max(1.0)).max(LEAST) as usize);
    let rows = sampled(frame, most, settings.seed, "shap rows")?;
    let parts = parts(skill, &rows.select(&model.signature().takes)?, ctx)?;
    let first = parts.first().ok_or_else(|| Error::data("there are no rows to explain"))?;
    let (p, k) = (first.inputs.len(), first.outputs.len());
    if parts
        .iter()
        .any(|part| part.inputs.len() != p || part.base.len() != k || part.values.len() % (p * k).max(1) != 0)
    {
        return Err(Error::data("a model split its answers into parts that do not fit its inputs"));
    }
    let columns = grouped(&first.inputs, &rows);
    let ranks: Vec<Vec<Option<f64>>> = columns.par_iter().map(|(column, _)| ranks(&rows, column)).collect();
    let outputs = (0..k)
        .map(|output| {
            let mut all: Vec<ShapColumn> = columns
                .iter()
                .zip(&ranks)
                .map(|((column, places), ranks)| {
                    let values: Vec<f64> = parts
                        .iter()
                        .flat_map(|part| part.values.chunks_exact(p * k))
                        .map(|row| places.iter().map(|&place| row[output * p + place]).sum())
                        .collect();
                    ShapColumn {
                        column: column.clone(),
                        inputs: places.iter().map(|&place| first.inputs[place].clone()).collect(),
                        mean_abs: values.iter().map(|v| v.abs()).sum::<f64>() / values.len().max(1) as f64,
                        values,
                        ranks: ranks.clone(),
                    }
                })
                .collect();
            all.sort_by(|a, b| b.mean_abs.total_cmp(&a.mean_abs));
            ShapOutput { output: first.outputs[output].clone(), base: first.base[output], columns: all }
        })
        .collect();
    Ok(ShapSummary { rows: rows.rows() as u64, outputs })
}

/// Rows below which `work` does not go.
const LEAST: f64 = 50.0;
/// Rows split at a time by one thread, at most.
const CHUNK: usize = 256;
/// Multiplications between two looks at whether to stop: some hundredths of a second.
const BREATH: f64 = 2e7;

/// The answers' parts, some rows at a time.
fn parts(skill: &dyn Attribute, rows: &Frame, ctx: &Context) -> Result<Vec<Attribution>> {
    let chunk = CHUNK.min((BREATH / skill.cost().max(1.0)) as usize).max(1);
    let steps = Steps::begin(ctx, "shap", rows.rows(), "rows")?;
    let starts: Vec<usize> = (0..rows.rows()).step_by(chunk).collect();
    let one = |start: usize| {
        let some = rows.slice(start, chunk);
        let part = skill.attribute(&some, ctx)?;
        steps.done(some.rows())?;
        Ok(part)
    };
    let parts = starts.into_par_iter().map(one).collect::<Result<_>>()?;
    steps.end()?;
    Ok(parts)
}

/// The columns that inputs came from, in order of appearance, each with its inputs' places.
fn grouped(inputs: &[String], rows: &Frame) -> Vec<(String, Vec<usize>)> {
    let known: HashSet<&str> = rows.fields().iter().map(|f| f.name.as_str()).collect();
    let mut places: HashMap<&str, usize> = HashMap::new();
    let mut columns: Vec<(String, Vec<usize>)> = Vec::new();
    for (place, input) in inputs.iter().enumerate() {
        let source = source_column(input, &known);
        let at = *places.entry(source).or_insert(columns.len());
        match columns.get_mut(at) {
            Some((_, places)) => places.push(place),
            None => columns.push((source.to_string(), vec![place])),
        }
    }
    columns
}

/// The column that an input was made of: the longest known name that it begins with, followed by `.` or `=`;
/// itself where names do not tell.
pub fn source_column<'a>(input: &'a str, known: &HashSet<&str>) -> &'a str {
    let ends = input.char_indices().rev().filter(|(_, c)| matches!(c, '.' | '=')).map(|(at, _)| &input[..at]);
    std::iter::once(input).chain(ends).find(|name| known.contains(name)).unwrap_or(input)
}

/// The ranks of a column's numbers from 0 to 1, equal ones in the middle of their ranks.
fn ranks(rows: &Frame, column: &str) -> Vec<Option<f64>> {
    let none = vec![None; rows.rows()];
    let Some(at) = rows.position(column).filter(|&at| matches!(rows.fields()[at].kind, Kind::Number)) else {
        return none;
    };
    let Ok(values) = rows.numbers(at) else { return none };
    let known: Vec<f64> = values.iter().copied().filter(|v| !v.is_nan()).collect();
    let last = (known.len().max(2) - 1) as f64;
    let mut ranked = association::ranks(&known).into_iter();
    values.iter().map(|v| if v.is_nan() { None } else { Some((ranked.next()? - 1.0) / last) }).collect()
}

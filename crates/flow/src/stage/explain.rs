//! The explain stage: which inputs the answers depend on, asked of the whole way from request to answer.
//!
//! Its cost is bounded whatever the model and the table: of a forest of deep trees fewer rows are split among the
//! columns, and of a wide table only the columns are shuffled that moved single answers most. What was asked of how
//! many is told with the answers.

use crate::run::{Rows, Runner};
use arkwright_bundle::Bundle;
use arkwright_core::{Context, Frame, Kind, Model, Result};
use arkwright_explain::permutation::{Importance, Permutation, permutation_importance};
use arkwright_explain::shap::{Shap, ShapSummary, source_column, summary};
use arkwright_report::chart::{Swarm, SwarmRow};
use arkwright_validate::named_metric;
use serde::{Deserialize, Serialize};
use std::collections::{HashMap, HashSet};

/// The version of the stage's output.
pub const VERSION: u32 = 2;

/// Rows that importances are asked of; more change little and cost in proportion.
const ROWS: usize = 5_000;
/// Rows that importances are asked of at least.
const FEW_ROWS: usize = 1_000;
/// Cells that shuffling prepares anew before fewer rows are asked of.
const CELLS: usize = 2_000_000_000;
/// Times that each column is shuffled.
const REPEATS: usize = 5;
/// Columns beyond which only those that moved single answers most are shuffled.
const WIDE: usize = 200;
/// How many of a wide table are.
const ASKED: usize = 100;
/// Rows whose answers are split among the inputs.
const ATTRIBUTED: usize = 400;
/// Numbers that splitting gives before fewer rows are split.
const PARTS: usize = 20_000_000;
/// Columns of which single answers are shown.
const SHOWN: usize = 15;

/// Which inputs moved the answers.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Explained {
    /// The metric whose loss tells.
    pub metric: String,
    /// The inputs, the most telling first.
    pub importances: Vec<Importance>,
    /// The rows held out that the importances were asked of.
    pub rows: u64,
    /// The inputs that were not shuffled, since others moved single answers more.
    pub left_out: usize,
    /// How far each input moved single answers (SHAP), where the model can tell.
    pub attributions: Option<Swarm>,
    /// The rows whose answers were split.
    pub attributed: u64,
}

/// Asks which inputs moved the answers on the hold-out.
///
/// # Errors
/// When the answers cannot be scored; when stopped.
pub(crate) fn explain(runner: &Runner<'_>, ctx: &Context) -> Result<Explained> {
    let (data, _) = runner.system().header.request_data()?;
    let test = runner.table(data)?.take(&runner.split(data)?.1)?;
    let bundle = runner.bundle(Rows::Training)?;
    let request = bundle.request().conform(&test.to_batch()?, 0)?;
    let Some(name) = runner.system().metrics.first() else { return Ok(Explained::default()) };
    let metric = named_metric(name)?;
    let split = attributions(&bundle, &request, ctx)?;
    let columns = split.as_ref().and_then(|split| most_moving(&bundle, split));
    let takes = bundle.signature().takes.len();
    let asked = columns.as_ref().map_or(takes, Vec::len);
    let rows = (CELLS / (takes * asked * REPEATS).max(1)).clamp(FEW_ROWS, ROWS);
    let settings = Permutation { rows, columns, repeats: REPEATS, seed: ctx.root_seed(), ..Permutation::default() };
    let told = permutation_importance(&bundle, &request, metric, &settings, ctx)?;
    Ok(Explained {
        metric: told.metric,
        importances: told.columns,
        rows: told.rows,
        left_out: takes - asked,
        attributed: split.as_ref().map_or(0, |split| split.rows),
        attributions: split.as_ref().and_then(swarm),
    })
}

/// How far the inputs of the last step moved single answers, where it can tell.
fn attributions(bundle: &Bundle, request: &Frame, ctx: &Context) -> Result<Option<ShapSummary>> {
    let answer = bundle.answer();
    if answer.model.skills().attribute.is_none() {
        return Ok(None);
    }
    let frame = bundle.input_of(&answer.name, request, ctx)?;
    let classes = answer.model.signature().gives.iter().filter_map(|field| match field.kind {
        Kind::Vector { width, .. } => width,
        _ => None,
    });
    let parts = frame.columns().len() * classes.max().unwrap_or(1);
    let rows = ATTRIBUTED.min(PARTS / parts.max(1)).max(1);
    let settings = Shap { rows, seed: ctx.root_seed(), ..Shap::default() };
    summary(answer.model.as_ref(), &frame, &settings, ctx).map(Some)
}

/// Of a wide table the columns to shuffle: those that moved single answers most, and those that a step before the
/// last makes new columns of, whose names tell nothing of them.
fn most_moving(bundle: &Bundle, split: &ShapSummary) -> Option<Vec<String>> {
    let takes = &bundle.signature().takes;
    if takes.len() <= WIDE {
        return None;
    }
    let mut moved: HashMap<&str, f64> = HashMap::new();
    for column in split.outputs.iter().flat_map(|output| &output.columns) {
        *moved.entry(&column.column).or_default() += column.mean_abs;
    }
    let answer = &bundle.answer().name;
    let mut hidden: HashSet<&str> = HashSet::new();
    for step in bundle.steps().iter().filter(|step| &step.name != answer) {
        let signature = step.model.signature();
        let read: HashSet<&str> = signature.takes.iter().map(String::as_str).collect();
        if signature.gives.iter().any(|field| !read.contains(source_column(&field.name, &read))) {
            hidden.extend(read);
        }
    }
    let rank = |name: &str| moved.get(name).copied().unwrap_or(0.0);
    let mut columns: Vec<&String> = takes.iter().collect();
    columns.sort_by(|a, b| rank(b).total_cmp(&rank(a)));
    let (most, rest) = columns.split_at(ASKED);
    let hidden = rest.iter().filter(|name| hidden.contains(name.as_str())).take(ASKED);
    Some(most.iter().filter(|name| rank(name) > 0.0).chain(hidden).map(|name| (*name).clone()).collect())
}

/// The picture of the last output: the positive class, or the number.
fn swarm(told: &ShapSummary) -> Option<Swarm> {
    let output = told.outputs.last()?;
    let rows = output
        .columns
        .iter()
        .take(SHOWN)
        .map(|c| SwarmRow {
            name: c.column.clone(),
            attributions: c.values.clone(),
            values: c.ranks.iter().map(|r| r.unwrap_or(f64::NAN)).collect(),
        })
        .collect();
    let label = match output.output.as_str() {
        "prediction" => "how far the column moved the prediction".to_string(),
        class => format!("how far the column moved the score of {class}"),
    };
    Some(Swarm { title: "What moved single answers".into(), label, rows })
}

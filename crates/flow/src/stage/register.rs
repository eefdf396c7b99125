//! The register stage: the bundle goes into the registry, with what its gates said.

use super::Work;
use super::judge::Judged;
use crate::run::{Rows, Runner, stored};
use arkwright_core::{Context, Error, Json, Result};
use arkwright_store::{Gates, NewModel};
use serde::{Deserialize, Serialize};

/// The version of the stage's output.
pub const VERSION: u32 = 1;

/// What is to be known of a version, for programs; the report has it in words.
fn card(runner: &Runner<'_>, judged: &Judged, refit: bool) -> Result<Json> {
    let (data, section) = runner.system().header.request_data()?;
    let table = &runner.plan.tables[data];
    let board = runner.leaderboard()?;
    let chosen = board.and_then(|b| b.candidates.into_iter().find(|c| c.chosen)).map(|c| c.name);
    let aside: Vec<&str> = table.profile.iter().filter(|c| c.set_aside.is_some()).map(|c| c.name.as_str()).collect();
    Ok(serde_json::json!({
        "task": runner.system().task,
        "target": section.target,
        "chosen": chosen,
        "rows": table.rows,
        "held_out": judged.rows,
        "refit_on_all_rows": refit,
        "set_aside": aside,
    }))
}

/// A registered version.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Registered {
    /// Its number.
    pub version: i64,
    /// Whether every gate was passed; a model that was not is never promoted.
    pub passed: bool,
    /// What each gate said.
    pub gates: Vec<Gate>,
    /// Whether it was fitted once more on all rows after it was judged.
    pub refit: bool,
    /// The bundle's hash.
    pub bundle: String,
}

/// What a gate said.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Gate {
    /// The metric.
    pub metric: String,
    /// Its value on the hold-out.
    pub value: f64,
    /// The smallest value that passes.
    pub min: Option<f64>,
    /// The largest value that passes.
    pub max: Option<f64>,
    /// Whether it passed.
    pub passed: bool,
}

/// What the gates said together.
fn said(gates: &[Gate]) -> Gates {
    match gates {
        [] => Gates::Ungated,
        some if some.iter().all(|gate| gate.passed) => Gates::Passed,
        _ => Gates::Failed,
    }
}

/// Registers the bundle.
///
/// # Errors
/// When a gate names a metric that was not measured, or the store fails.
pub(crate) fn register(runner: &Runner<'_>, _ctx: &Context) -> Result<Registered> {
    let judged: Judged = runner.notes(&Work::Judge)?;
    let header = &runner.system().header;
    let gates = header
        .evaluate
        .gate
        .iter()
        .map(|(metric, bounds)| {
            let score = judged.scores.iter().find(|s| &s.metric == metric).ok_or_else(|| {
                Error::setting(format!("the gate on `{metric}` has nothing to look at"))
                    .with_hint(format!("add it: metrics = [..., \"{metric}\"]"))
            })?;
            let above = bounds.min.is_none_or(|min| score.value >= min);
            let below = bounds.max.is_none_or(|max| score.value <= max);
            Ok(Gate {
                metric: metric.clone(),
                value: score.value,
                min: bounds.min,
                max: bounds.max,
                passed: above && below,
            })
        })
        .collect::<Result<Vec<_>>>()?;
    let passed = said(&gates).allow();
    let refit = header.evaluate.refit;
    let bundle = runner.bundle(if refit { Rows::All } else { Rows::Training })?;
    let metrics = serde_json::to_value(&judged.scores).map_err(|e| Error::Saved(e.to_string()))?;
    let store = &runner.project.store;
    let model = NewModel {
        system: header.name.clone(),
        bundle: store.put_bundle(&bundle).map_err(stored)?,
        run: runner.id,
        gates: said(&gates),
        card: card(runner, &judged, refit)?,
        metrics,
    };
    let version = store.register_model(&model).map_err(stored)?.version;
    Ok(Registered { version, passed, gates, refit, bundle: bundle.hash()?.to_string() })
}

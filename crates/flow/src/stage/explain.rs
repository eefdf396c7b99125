//! The explain stage: which inputs the answers depend on, asked of the whole way from request to answer.

use crate::run::{Rows, Runner};
use arkwright_core::{Context, Error, Frame, Result};
use arkwright_explain::permutation::{Importance, Permutation, permutation_importance};
use arkwright_explain::shap::{Shap, ShapSummary, summary};
use arkwright_measure::Metric;
use arkwright_report::chart::{Swarm, SwarmRow};
use serde::{Deserialize, Serialize};

/// The version of the stage's output.
pub const VERSION: u32 = 1;

/// Rows that importances are asked of; more change little and cost in proportion.
const ROWS: usize = 5_000;
/// Rows whose answers are split among the inputs.
const ATTRIBUTED: usize = 400;
/// Columns of which single answers are shown.
const SHOWN: usize = 15;

/// Which inputs moved the answers.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Explained {
    /// The metric whose loss tells.
    pub metric: String,
    /// The inputs, the most telling first.
    pub importances: Vec<Importance>,
    /// How far each input moved single answers (SHAP), where the model can tell.
    pub attributions: Option<Swarm>,
}

/// Asks which inputs moved the answers on the hold-out.
///
/// # Errors
/// When the answers cannot be scored.
pub(crate) fn explain(runner: &Runner<'_>, ctx: &Context) -> Result<Explained> {
    let (data, _) = runner.system().header.request_data()?;
    let test = runner.table(data)?.take(&runner.split(data)?.1)?;
    let bundle = runner.bundle(Rows::Training)?;
    let request = bundle.request().conform(&test.to_batch()?, 0)?;
    let Some(name) = runner.system().metrics.first() else { return Ok(Explained::default()) };
    let metric = Metric::parse(name).map_err(|e| Error::setting(e.to_string()))?;
    let settings = Permutation { rows: ROWS, seed: ctx.root_seed(), ..Permutation::default() };
    let told = permutation_importance(&bundle, &request, metric, &settings, ctx)?;
    let attributions = attributions(&bundle, &request, ctx)?;
    Ok(Explained { metric: told.metric, importances: told.columns, attributions })
}

fn attributions(bundle: &arkwright_bundle::Bundle, request: &Frame, ctx: &Context) -> Result<Option<Swarm>> {
    let answer = bundle.answer();
    if answer.model.skills().attribute.is_none() {
        return Ok(None);
    }
    let frame = bundle.input_of(&answer.name, request, ctx)?;
    let settings = Shap { rows: ATTRIBUTED, seed: ctx.root_seed() };
    Ok(swarm(&summary(answer.model.as_ref(), &frame, &settings, ctx)?))
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
        class => format!("how far the column moved the log-odds of `{class}`"),
    };
    Some(Swarm { title: "What moved single answers".into(), label, rows })
}

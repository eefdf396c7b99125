//! `arkwright runs` and `arkwright models`: what is in the store.

use crate::failure::Failure;
use crate::place::Place;
use crate::show::{bad, good, minute, number, plain, say, say_json, strong, table};
use arkwright_flow::stored;
use arkwright_store::{Gates, RunStatus};
use serde::Serialize;
use std::process::ExitCode;

/// Lists the newest runs.
pub fn runs(limit: u32, place: &Place) -> Result<ExitCode, Failure> {
    let runs = place.store_to_read()?.list_runs(None, limit).map_err(stored)?;
    if place.global.json {
        return json(&runs);
    }
    let rows = runs
        .iter()
        .map(|r| {
            let status = match r.status {
                RunStatus::Done => good("done"),
                RunStatus::Running => "running".to_string(),
                RunStatus::Killed => bad("killed"),
                RunStatus::Failed => bad("failed"),
                RunStatus::Stopped => "stopped".to_string(),
                RunStatus::GateFailed => bad("gate failed"),
            };
            let error = r.error.as_deref().map_or(String::new(), |e| plain(e).chars().take(60).collect());
            vec![r.id.to_string(), strong(&r.system), status, minute(&r.started), error]
        })
        .collect();
    print(&table(&["#run", "system", "status", "started (UTC)", "error"], rows))
}

/// Lists the registered models, or points an alias at one.
pub fn models(alias: Option<&str>, place: &Place) -> Result<ExitCode, Failure> {
    let store = place.store_to_read()?;
    if let Some(text) = alias {
        let parsed = text.split_once('@').and_then(|(name, rest)| {
            let (alias, version) = rest.split_once('=')?;
            Some((name, alias, version.parse::<i64>().ok()?))
        });
        let (name, alias, version) =
            parsed.ok_or_else(|| Failure::usage(format!("`{text}` is no alias"), "--alias churn@production=3"))?;
        store.set_alias(name, alias, version).map_err(stored)?;
    }
    let models = store.list_models(None).map_err(stored)?;
    if place.global.json {
        return json(&models);
    }
    let rows = models
        .iter()
        .map(|m| {
            let gates = match m.gates {
                Gates::Passed => good("passed"),
                Gates::Failed => bad("failed"),
                Gates::Ungated => "ungated".to_string(),
            };
            let first = m.metrics.get(0);
            let score = first
                .and_then(|s| Some(format!("{} {}", s.get("metric")?.as_str()?, number(s.get("value")?.as_f64()?))));
            vec![
                strong(&m.system),
                m.version.to_string(),
                m.aliases.join(", "),
                gates,
                score.unwrap_or_default(),
                minute(&m.created),
            ]
        })
        .collect();
    print(&table(&["model", "#version", "aliases", "gates", "hold-out", "registered (UTC)"], rows))
}

fn json(value: &impl Serialize) -> Result<ExitCode, Failure> {
    say_json(value)?;
    Ok(ExitCode::SUCCESS)
}

fn print(text: &str) -> Result<ExitCode, Failure> {
    say(text)?;
    Ok(ExitCode::SUCCESS)
}

//! The store, as the server sees it: which models there are, their bundles, runs and reports.
//!
//! All that is known here of the store is in this file. Its calls block, so they are made where that is
//! allowed; what it says of its inside goes to the log, never to a client.

use crate::models::{Card, Shelf, Version};
use crate::problem::Problem;
use arkwright_bundle::Bundle;
use arkwright_core::{Hash, Registry};
use arkwright_report::RunReport;
use arkwright_store::{Error, ModelVersion, Run, Store};
use serde_json::Value;

/// The store's models and runs.
#[derive(Clone)]
pub(crate) struct Library {
    pub(crate) store: Store,
    pub(crate) registry: Registry,
}

impl Library {
    /// The models by name.
    pub(crate) async fn shelf(&self) -> Result<Shelf, Problem> {
        let versions = self.ask(|library| library.store.list_models(None)).await?;
        let mut shelf = Shelf::new();
        for model in versions {
            let card: &mut Card = shelf.entry(model.system.clone()).or_default();
            card.aliases.extend(model.aliases.iter().map(|alias| (alias.clone(), model.version)));
            card.versions.push(version_of(model));
        }
        Ok(shelf)
    }

    /// A bundle by its hash.
    pub(crate) async fn bundle(&self, hash: Hash) -> Result<Bundle, Problem> {
        self.ask(move |library| library.store.get_bundle(&hash, &library.registry))
            .await
            .map_err(|problem| Problem::fault(problem.inside.unwrap_or(problem.message)))
    }

    /// The newest runs.
    pub(crate) async fn runs(&self, limit: u32) -> Result<Vec<Run>, Problem> {
        self.ask(move |library| library.store.list_runs(None, limit)).await
    }

    /// A run, and its report where it has one.
    pub(crate) async fn run(&self, id: i64) -> Result<(Run, Option<RunReport>), Problem> {
        let (run, report) = self
            .ask(move |library| {
                let run = library.store.run(id)?;
                match library.store.report(id) {
                    Ok(report) => Ok((run, Some(report))),
                    Err(Error::Missing { .. }) => Ok((run, None)),
                    Err(error) => Err(error),
                }
            })
            .await?;
        let report = report.map(serde_json::from_value).transpose();
        Ok((run, report.map_err(|e| Problem::fault(format!("the report of run {id}: {e}")))?))
    }

    async fn ask<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Self) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Problem> {
        let library = self.clone();
        let asked = tokio::task::spawn_blocking(move || work(&library)).await;
        asked.map_err(|e| Problem::fault(e.to_string()))?.map_err(|error| match error {
            Error::Missing { what, hint } | Error::Name { what, hint } => {
                let problem = Problem::not_found(what);
                match hint {
                    Some(hint) => problem.with_hint(hint),
                    None => problem,
                }
            }
            other => Problem::fault(other.to_string()),
        })
    }
}

fn version_of(model: ModelVersion) -> Version {
    Version {
        number: model.version,
        made: model.created,
        gates: model.gates,
        run: model.run,
        bundle: Some(model.bundle),
        metrics: metrics(&model.metrics),
    }
}

/// Scores, kept as `{name: value}` or as a list of `{metric, value}`.
fn metrics(json: &Value) -> Vec<(String, f64)> {
    match json {
        Value::Object(map) => map.iter().filter_map(|(name, value)| Some((name.clone(), value.as_f64()?))).collect(),
        Value::Array(items) => items
            .iter()
            .filter_map(|item| {
                let name = item.get("metric").or_else(|| item.get("name"))?.as_str()?;
                Some((name.to_string(), item.get("value")?.as_f64()?))
            })
            .collect(),
        _ => Vec::new(),
    }
}

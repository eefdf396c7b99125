//! `arkwright.lock`: what a run resolved to. Defaults spelt out, the data's fingerprints, the stages' keys
//! and versions. It holds no clock and no host, so the same run writes the same bytes.

use crate::plan::Plan;
use crate::project::Project;
use arkwright_core::{Error, Json, Result};
use serde_json::json;
use std::io::Write;

/// The name of the lock file, beside the system file.
pub const FILE: &str = "arkwright.lock";

/// Writes the lock file where it changed.
pub(crate) fn write(project: &Project, plan: &Plan) -> Result<()> {
    let data: serde_json::Map<String, Json> =
        plan.tables.iter().map(|(name, t)| (name.clone(), json!({ "key": t.key, "rows": t.rows }))).collect();
    let stages: serde_json::Map<String, Json> =
        plan.stages.iter().map(|s| (s.name.clone(), json!({ "key": s.key, "version": s.work.version() }))).collect();
    let steps: serde_json::Map<String, Json> =
        plan.system.steps.iter().map(|s| (s.name.clone(), s.part.to_json())).collect();
    let lock = json!({
        "format": 1,
        "arkwright": env!("CARGO_PKG_VERSION"),
        "system": plan.system.header.name,
        "data": data,
        "split": plan.system.split,
        "metrics": plan.system.metrics,
        "steps": steps,
        "stages": stages,
    });
    let text = serde_json::to_string_pretty(&lock).map_err(|e| Error::Saved(e.to_string()))? + "\n";
    let path = project.file.folder.join(FILE);
    if std::fs::read_to_string(&path).is_ok_and(|before| before == text) {
        return Ok(());
    }
    let io = |source| Error::Io { doing: format!("writing `{}`", path.display()), source };
    arkwright_data::replace(&path, |mut file| file.write_all(text.as_bytes()).map_err(io))
}

//! The audit stage: leakage, looked for before anything is fitted.

use crate::file::section::OnLeak;
use crate::run::Runner;
use arkwright_core::{Context, Error, Result};
use arkwright_data::leakage::{self, Finding, Severity};
use arkwright_validate::SplitKind;
use serde::{Deserialize, Serialize};

/// The version of the stage's output.
pub const VERSION: u32 = 1;

/// What the audit found.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Audit {
    /// The findings.
    pub findings: Vec<Finding>,
}

/// Looks for columns that give the target away, rows on both sides of the split, identifiers among the
/// inputs, and time running backwards.
///
/// # Errors
/// When the rows cannot be compared.
pub(crate) fn audit(runner: &Runner<'_>, data: &str, ctx: &Context) -> Result<Audit> {
    let frame = runner.table(data)?;
    let (train, test) = runner.split(data)?;
    let in_time = runner.system().split.kind == SplitKind::Time;
    let split = leakage::Split { train: &train, test: &test, in_time };
    let findings = leakage::audit(&frame, &split, runner.project.engine.threads())?;
    for finding in &findings {
        ctx.warn(&finding.message);
    }
    Ok(Audit { findings })
}

/// Refuses what the file says is to be refused. What was found is kept; what is done about it is not, so that
/// another word in the file holds at once.
///
/// # Errors
/// When something severe was found and the file says `leakage = "refuse"`.
pub(crate) fn refuse(found: &Audit, on_leak: OnLeak) -> Result<()> {
    match (found.findings.iter().find(|f| f.severity == Severity::Severe), on_leak) {
        (Some(first), OnLeak::Refuse) => Err(Error::data(format!("leakage: {}", first.message))
            .with_hint("leave the column out, or set [checks] leakage = \"warn\"")),
        _ => Ok(()),
    }
}

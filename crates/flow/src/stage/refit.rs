//! The refit stage: what was chosen and judged is fitted once more, on all rows, the hold-out included.
//!
//! Only where the file asks for it: no score tells how good the result is, since nothing is left to judge
//! it on.

use crate::run::{Rows, Runner};
use arkwright_core::{Hash, Result};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The version of the stage's output.
pub const VERSION: u32 = 1;

/// What was fitted again.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Refitted {
    /// The names of the fits, by step.
    pub fits: BTreeMap<String, Option<Hash>>,
}

/// Fits the steps from request to answer on all rows, with the settings that the first fits chose.
///
/// # Errors
/// When a step cannot be fitted.
pub(crate) fn refit(runner: &Runner<'_>) -> Result<Refitted> {
    let fit = |step: &crate::file::Step| Ok((step.name.clone(), runner.fitted(&step.name, Rows::All)?.key));
    Ok(Refitted { fits: runner.system().route().into_iter().map(fit).collect::<Result<_>>()? })
}

//! The stages: what each does, one file a stage.

use crate::file::System;
use crate::plan::Stage;
use arkwright_core::{Hash, Hasher, Json};
use arkwright_validate::Split;

pub mod audit;
pub mod explain;
pub mod judge;
pub mod refit;
pub mod register;
pub mod report;
pub mod split;

/// What a stage does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Work {
    /// Reads, types and checks a data set.
    Read(String),
    /// Sets the hold-out of a data set aside.
    Split(String),
    /// Looks for leakage in a data set.
    Audit(String),
    /// Fits a step.
    Fit(String),
    /// Scores the way from request to answer on the hold-out.
    Judge,
    /// Asks which inputs moved the answers.
    Explain,
    /// Fits what was chosen once more, on all rows.
    Refit,
    /// Puts the bundle into the registry, and says whether it passed its gates.
    Register,
}

impl Work {
    /// The stage's name for people.
    pub fn name(&self) -> String {
        match self {
            Self::Read(name) | Self::Split(name) | Self::Audit(name) | Self::Fit(name) => {
                format!("{} {name}", self.label())
            }
            _ => self.label().to_string(),
        }
    }

    /// What it does, in a word.
    pub fn label(&self) -> &'static str {
        match self {
            Self::Read(_) => "read",
            Self::Split(_) => "split",
            Self::Audit(_) => "audit",
            Self::Fit(_) => "fit",
            Self::Judge => "judge",
            Self::Explain => "explain",
            Self::Refit => "refit",
            Self::Register => "register",
        }
    }

    /// The version of what it does: it goes up when the same inputs give another output. A golden test
    /// guards each.
    pub fn version(&self) -> u32 {
        match self {
            Self::Read(_) => crate::table::VERSION,
            Self::Split(_) => split::VERSION,
            Self::Audit(_) => audit::VERSION,
            Self::Fit(_) => 2,
            Self::Judge => judge::VERSION,
            Self::Explain => explain::VERSION,
            Self::Refit => refit::VERSION,
            Self::Register => register::VERSION,
        }
    }
}

/// The stages that give a data set's training rows.
pub(crate) fn table_needs(system: &System, data: &str) -> Vec<Work> {
    let mut needs = vec![Work::Read(data.to_string())];
    if system.header.data.get(data).is_some_and(|d| d.target.is_some()) {
        needs.push(Work::Split(data.to_string()));
    }
    needs
}

/// The name of the training rows that those stages give.
pub(crate) fn rows_name(stages: &[Stage], needs: &[usize]) -> Hash {
    needs.iter().fold(Hasher::new("training rows"), |h, &n| h.hash(&stages[n].key)).finish()
}

/// What of the split decides the hold-out; the number of folds does not.
pub(crate) fn hold_out_settings(split: &Split) -> Json {
    let mut json = serde_json::to_value(split).unwrap_or_default();
    if let Some(map) = json.as_object_mut() {
        map.remove("folds");
        map.remove("repeats");
    }
    json
}

//! The sections of the file, each a plain struct. What they mean is in the guide's reference, which is
//! made from these comments.

use arkwright_core::{DateOrder, Role, Settings, Task, must};
use arkwright_data::NotationSettings;
use arkwright_data::checks::Check;
use arkwright_data::typing::ColumnSettings;
use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// `[system]`: what the system is called and what it does.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct SystemSection {
    /// The name, of `a-z`, `0-9`, `-` and `_`; default: the folder's.
    pub name: Option<String>,
    /// What is learnt; default: from the target (text, booleans or at most 20 distinct whole numbers:
    /// classify; else regress).
    pub task: Option<Task>,
    /// The seed of every random choice; default 0, or `--seed`.
    pub seed: Option<u64>,
}

impl Settings for SystemSection {}

/// `[data]` or `[data.NAME]`: a table.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct DataSection {
    /// A file (CSV, JSON lines, Parquet, Arrow) or a pattern of files, relative to the system file.
    pub source: String,
    /// The format, where the extension does not say: csv, jsonl, parquet, arrow.
    pub format: Option<String>,
    /// The column that is learnt.
    pub target: Option<String>,
    /// The column that names a row; it is carried along and never learnt from.
    pub key: Option<String>,
    /// The column that says how much a row counts.
    pub weight: Option<String>,
    /// The column whose equal values must stay together when the data is split; to a ranking, the query.
    pub group: Option<String>,
    /// The column that says whether the end of the time in `target` was seen (1), or the time is only known to
    /// be longer (0).
    pub event: Option<String>,
    /// The column that says when a row happened.
    pub time: Option<String>,
    /// Columns that are left out.
    pub ignore: Vec<String>,
    /// SQL over the table `source` that builds the table; runs before the split, not part of the bundle.
    pub query: Option<String>,
    /// What columns are, where their values mislead.
    pub columns: BTreeMap<String, ColumnSettings>,
    /// Constraints on columns.
    pub checks: BTreeMap<String, Check>,
    /// The largest share of rows that may be unreadable before the table is refused.
    pub max_bad_share: Option<f64>,
    /// What stands before a fraction in text: `.` or `,`. Default: what the values of a CSV show.
    pub decimal: Option<char>,
    /// What parts groups of three digits in text: `,`, `.`, a blank, `'` or `_`. Default: what the values of a CSV
    /// show; a point where `decimal` is a comma.
    pub thousands: Option<char>,
    /// What comes first in dates such as 1/2/2024: day_first or month_first. Default: what a day above 12 shows;
    /// where none does, the column stays text.
    pub dates: Option<DateOrder>,
}

impl Settings for DataSection {
    fn check(&self) -> Result<(), (&'static str, String)> {
        if self.source.is_empty() {
            return Err(("source", "is missing: name a file".into()));
        }
        if self.decimal.is_some_and(|c| !matches!(c, '.' | ',')) {
            return Err(("decimal", "is a point or a comma".into()));
        }
        if self.thousands.is_some_and(|c| !matches!(c, ',' | '.' | ' ' | '\'' | '_')) {
            return Err(("thousands", "is one of `,`, `.`, a blank, `'` and `_`".into()));
        }
        if self.thousands.is_some_and(|c| c == self.notation().said().decimal) {
            return Err(("thousands", "is what stands before a fraction already".into()));
        }
        must::be_within("max_bad_share", self.max_bad_share.unwrap_or(0.0), 0.0, 1.0)
    }
}

/// `[prepare]`: what happens to the columns before a model sees them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct PrepareSection {
    /// New columns, each a row-wise SQL expression over the others.
    pub derive: IndexMap<String, String>,
}

impl Settings for PrepareSection {}

/// `[checks]`: what to do about what the audit finds.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ChecksSection {
    /// What becomes of a run whose columns give the target away: warn or refuse.
    pub leakage: OnLeak,
}

/// What is done about leakage.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OnLeak {
    /// It is told.
    #[default]
    Warn,
    /// The run stops before anything is fitted.
    Refuse,
}

impl Settings for ChecksSection {}

/// `[tune]`: how settings marked `tune.` are searched.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct TuneSection {
    /// How many settings are tried for each candidate; the first is always the defaults.
    pub trials: u32,
    /// Folds within the training rows that score a trial.
    pub folds: u32,
}

impl Default for TuneSection {
    fn default() -> Self {
        Self { trials: 20, folds: 3 }
    }
}

impl Settings for TuneSection {
    fn check(&self) -> Result<(), (&'static str, String)> {
        must::be_at_least("trials", self.trials, 1)?;
        must::be_at_least("folds", self.folds, 2)
    }
}

/// `[evaluate]`: how models are judged.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct EvaluateSection {
    /// Metrics by name; the first chooses among the candidates.
    pub metrics: Vec<String>,
    /// What the hold-out must show before a model is promoted: `gate.roc_auc = { min = 0.8 }`.
    pub gate: IndexMap<String, GateSection>,
    /// Whether the model that is registered is fitted once more on all rows, the hold-out included.
    pub refit: bool,
}

impl Settings for EvaluateSection {}

/// The bounds of a metric.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct GateSection {
    /// The smallest value that passes.
    pub min: Option<f64>,
    /// The largest value that passes.
    pub max: Option<f64>,
}

/// `[serve]`: the way from a request to its answer.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ServeSection {
    /// The step that answers; default: the last.
    pub answer: Option<String>,
    /// The data set whose columns a request has; default: the one with the target.
    pub request: Option<String>,
}

impl Settings for ServeSection {}

impl DataSection {
    /// What is said of how numbers and dates are written.
    pub fn notation(&self) -> NotationSettings {
        NotationSettings { decimal: self.decimal, thousands: self.thousands, dates: self.dates }
    }

    /// The parts that the section gives to columns.
    pub fn roles(&self) -> BTreeMap<String, Role> {
        let named = [
            (&self.target, Role::Target),
            (&self.key, Role::Key),
            (&self.weight, Role::Weight),
            (&self.group, Role::Group),
            (&self.time, Role::EventTime),
            (&self.event, Role::Event),
        ];
        named.into_iter().filter_map(|(name, role)| Some((name.clone()?, role))).collect()
    }
}

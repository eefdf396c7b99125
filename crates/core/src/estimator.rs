//! Estimators: settings that can be fitted.

use crate::{Context, Error, Field, Hash, Json, Kind, Model, Result, Role, Source};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// What is to be learnt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Task {
    /// One of a set of classes; the target's kind is [`Kind::Category`].
    Classify,
    /// A number; the target's kind is [`Kind::Number`].
    Regress,
}

impl Task {
    /// The task that a target of this kind sets.
    ///
    /// # Errors
    /// When a target of this kind sets none.
    pub fn of(target: &Field) -> Result<Self> {
        match target.kind {
            Kind::Category => Ok(Self::Classify),
            Kind::Number => Ok(Self::Regress),
            _ => Err(Error::column(&target.name, format!("a {} cannot be a target", target.kind))
                .with_hint("a target is a category or a number")),
        }
    }
}

impl fmt::Display for Task {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Classify => "classify",
            Self::Regress => "regress",
        })
    }
}

/// What a step takes goes, what it gives is added, the rest passes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Signature {
    /// The names of the columns that it takes.
    pub takes: Vec<String>,
    /// The columns that it gives; before fitting, widths and levels may be unknown.
    pub gives: Arc<[Field]>,
}

/// How an estimator reads its source; memory is planned before a row is read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reads {
    /// Nothing: the fit depends on the fields alone.
    Nothing,
    /// Passes over the rows: any size fits.
    Passes,
    /// All rows at once.
    #[default]
    All,
}

/// What an estimator learns from.
#[derive(Clone)]
pub struct Train {
    /// The rows to learn from.
    pub data: Arc<dyn Source>,
    /// Rows to watch while learning (early stopping). A `hold_out` makes them; never the rows that score.
    pub valid: Option<Arc<dyn Source>>,
    /// Steps that the settings name (`embed = "vectors"`), by key.
    pub models: BTreeMap<String, Arc<dyn Model>>,
}

impl Train {
    /// Learning from a source alone.
    pub fn on(data: Arc<dyn Source>) -> Self {
        Self { data, valid: None, models: BTreeMap::new() }
    }
}

/// What fitting gives.
#[derive(Clone)]
pub struct Fitted {
    /// The model.
    pub model: Arc<dyn Model>,
    /// What the next step learns from, where that is not the model applied to the data (resampling,
    /// out-of-fold encoding). Training and serving differ here and nowhere else.
    pub rows: Option<Arc<dyn Source>>,
    /// What the fit tells the report: a leaderboard, trials, a learning curve. Kept beside the model,
    /// not in it.
    pub notes: Json,
    /// The name of this fit; filled in by [`Context::fit`].
    pub key: Option<Hash>,
    /// Cut from outside: a checkpoint, never cached.
    pub stopped: bool,
}

impl Fitted {
    /// A finished fit.
    pub fn new(model: impl Model + 'static) -> Self {
        Self::of(Arc::new(model))
    }

    /// A finished fit of a model that is shared already.
    pub fn of(model: Arc<dyn Model>) -> Self {
        Self { model, rows: None, notes: Json::Null, key: None, stopped: false }
    }
}

/// Settings that can be fitted. An estimator never knows who composes it.
pub trait Estimator: Send + Sync {
    /// What fitting on such fields would take and give. The plan calls it before a row is read, so
    /// that a graph whose kinds do not fit is refused at once.
    ///
    /// # Errors
    /// When a column is missing or of a kind that cannot be used.
    fn output(&self, input: &[Field]) -> Result<Signature>;

    /// How it reads its source.
    fn reads(&self) -> Reads {
        Reads::All
    }

    /// Fits. Parts within are fitted through [`Context::fit`]; randomness comes from
    /// [`Context::random`]; the same settings, rows and seed give the same bytes with any number of threads.
    ///
    /// # Errors
    /// When the data cannot be learnt from.
    fn fit(&self, train: Train, ctx: &Context) -> Result<Fitted>;
}

/// A parsed estimator with its identity: what composers hold.
#[derive(Clone)]
pub struct Part {
    /// The kind it is known by.
    pub kind: &'static str,
    /// The version of its algorithm: it goes up when the same settings and data give another output.
    pub version: u32,
    /// The estimator.
    pub estimator: Arc<dyn Estimator>,
    /// Its settings, defaults spelt out: a comment or a spelt-out default changes nothing.
    pub settings: Json,
}

impl Part {
    /// Its kind, version and settings: what a composer's own settings hold of it.
    pub fn to_json(&self) -> Json {
        serde_json::json!({ "kind": self.kind, "version": self.version, "settings": self.settings })
    }
}

impl fmt::Debug for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind, self.settings)
    }
}

/// The single target among some fields.
///
/// # Errors
/// When there is none, or more than one.
pub fn target_of(fields: &[Field]) -> Result<&Field> {
    let mut targets = fields.iter().filter(|f| f.role == Role::Target);
    match (targets.next(), targets.next()) {
        (Some(target), None) => Ok(target),
        (None, _) => Err(Error::data("there is no target to learn").with_hint("name one: target = \"COLUMN\"")),
        (Some(a), Some(b)) => Err(Error::data(format!("two targets, `{}` and `{}`", a.name, b.name))),
    }
}

//! The search: an estimator that fits another one with the settings that do best.
//!
//! All trials are fitted and scored on the first fold; the better half goes on to the second, and so on
//! (successive halving over folds, after Jamieson & Talwalkar, 2016): with 3 folds 20 trials cost 35 fits
//! instead of 60. A trial is dropped for its score at the end of a round and never for when it came back, so
//! the result is the same with any number of threads. The best of those with all folds, by the mean of its
//! folds' scores, is fitted on all rows. Trial 0 is the defaults.

use crate::sampler::Sampler;
use crate::space::{Range, Space, Values};
use crate::study::{State, Study, Trial};
use crate::template::{Template, filled};
use arkwright_core::{
    Context, Error, Estimator, Event, Field, Fitted, Json, Map, Node, Part, Reads, Registry, Result, Settings,
    Signature, Spec, Train, Value, must, schema_of,
};
use arkwright_measure::Metric;
use arkwright_validate::{Fold, Labelled, Split, folds, named_metric};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Whether trials are given up early.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Pruning {
    /// After each fold the worse half is dropped.
    #[default]
    Halving,
    /// Every trial has all folds.
    None,
}

/// The settings of a search beside the estimator within, what varies, and the split.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct SearchSettings {
    /// Settings tried, at least 1; the first are the defaults.
    pub trials: u32,
    /// The metric that chooses; by default the first of the task's.
    pub metric: Option<String>,
    /// Folds that score a trial, at least 2.
    pub folds: u32,
    /// How values are chosen.
    pub sampler: Sampler,
    /// Whether trials are given up early.
    pub pruning: Pruning,
}

impl Default for SearchSettings {
    fn default() -> Self {
        Self { trials: 20, metric: None, folds: 3, sampler: Sampler::Random, pruning: Pruning::Halving }
    }
}

impl Settings for SearchSettings {
    fn check(&self) -> Result<(), (&'static str, String)> {
        must::be_at_least("trials", self.trials, 1)?;
        must::be_at_least("folds", self.folds, 2)?;
        match self.metric.as_deref().map(Metric::parse) {
            Some(Err(error)) => Err(("metric", format!("names no metric: {error}"))),
            _ => Ok(()),
        }
    }
}

/// Fits another estimator with the settings that do best.
pub struct Search {
    template: Template,
    defaults: Part,
    space: Space,
    split: Option<Split>,
    settings: SearchSettings,
}

/// What a search tells the report.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct History {
    /// The metric that chose.
    pub metric: String,
    /// Whether a greater value is better.
    pub greater_is_better: bool,
    /// The number of the best trial.
    pub best: usize,
    /// All trials, by number.
    pub trials: Vec<Trial>,
    /// What the fit of the best on all rows told in turn.
    pub notes: Json,
}

/// The spec of `search`.
pub fn search_spec() -> Spec {
    Spec {
        kind: Search::KIND,
        version: 1,
        about: "fits an estimator with the settings that score best on rows that they were not fitted on",
        tasks: &[],
        prepare: &[],
        schema,
        parse,
        within: None,
        models: &[],
    }
}

fn schema() -> schemars::Schema {
    let mut schema = schema_of::<SearchSettings>();
    let range = serde_json::json!({
        "type": "object",
        "description": "a range (low, high, log, step), some choices, or a table of these"
    });
    if let Some(properties) = schema.get_mut("properties").and_then(Json::as_object_mut) {
        properties.insert("of".into(), serde_json::json!({ "$ref": "#/$defs/estimator" }));
        properties.insert("split".into(), serde_json::json!({ "$ref": "#/$defs/split" }));
        properties.insert("tune".into(), serde_json::json!({ "type": "object", "additionalProperties": range }));
    }
    schema.insert("required".into(), serde_json::json!(["of", "tune"]));
    schema
}

fn parse(mut map: Map, registry: &Registry) -> Result<Part> {
    let place = map.span;
    let of = map
        .take("of")
        .ok_or_else(|| Error::setting("`of` is missing").at_place(place).with_hint("of = { kind = \"gbdt\" }"))?;
    let space = match map.take("tune") {
        Some(Value { node: Node::Map(tune), span }) => Space::read(Map { span: tune.span.or(span), ..tune })?,
        Some(other) => {
            return Err(
                Error::setting(format!("`tune`: {} where a table is needed", other.describe())).at_place(other.span)
            );
        }
        None => {
            return Err(Error::setting("`tune` is missing")
                .at_place(place)
                .with_hint("tune.learning_rate = { low = 0.01, high = 0.3, log = true }"));
        }
    };
    let split = Split::take(&mut map)?;
    let folds_given = map.get("folds").is_some();
    let mut settings = SearchSettings::read(map)?;
    if let (Some(split), false) = (&split, folds_given) {
        settings.folds = split.folds;
    }
    // A setting may count for nothing in one trial and for much in another, but not where all that varies is numbers.
    if space.dimensions.iter().all(|dimension| !matches!(dimension.range, Range::Choices(_))) {
        Template::new(of.clone(), registry.clone()).check(&space.dimensions)?;
    }
    let template = Template::new(of, registry.for_task(None));
    let defaults = template.fill(&Values::new())?;
    template.check(&space.dimensions)?;
    let json = serde_json::json!({
        "of": defaults.to_json(),
        "tune": space,
        "split": split,
        "search": settings.resolved(),
    });
    let estimator = Arc::new(Search { template, defaults, space, split, settings });
    Ok(Part { kind: Search::KIND, version: 1, estimator, settings: json })
}

impl Search {
    /// The kind in the file.
    pub const KIND: &'static str = "search";

    /// The estimator that a search settled on: what stands under `of` in its table, with the best trial's
    /// settings.
    ///
    /// # Errors
    /// When the history is another search's.
    pub fn settled(table: &Map, history: &History) -> Result<Value> {
        let best = history.trials.iter().find(|t| t.number == history.best);
        match (table.get("of"), best) {
            (Some(of), Some(best)) => filled(of.clone(), &best.values),
            _ => Err(Error::Saved("the history is of another search".into())),
        }
    }

    fn metric(&self, rows: &Labelled) -> Result<Metric> {
        let task = rows.truth().task();
        let metric = match &self.settings.metric {
            Some(name) => named_metric(name)?,
            None => Metric::defaults(task)[0],
        };
        match metric.suits(task) {
            true => Ok(metric),
            false => Err(Error::setting(format!("the metric `{metric}` does not suit the target"))),
        }
    }

    fn folds(&self, rows: &Labelled, ctx: &Context) -> Result<Vec<Fold>> {
        let split = match &self.split {
            Some(split) => split.clone(),
            None => Split::for_target(rows.frame().fields())?,
        };
        folds(rows.frame(), &Split { folds: self.settings.folds, ..split }, ctx.root_seed())
    }

    /// The trials and their parts. Equal settings are one part, scored once: a trial is told the score of
    /// the first like it.
    fn trials(&self, study: &mut Study) -> Vec<Asked> {
        let mut parts = Vec::new();
        let mut seen = HashMap::new();
        for _ in 0..self.settings.trials {
            let Some(trial) = study.ask() else { break };
            match self.template.fill(&trial.values) {
                Ok(part) => {
                    let first = *seen.entry(part.settings.to_string()).or_insert(trial.number);
                    parts.push(Asked { number: trial.number, part, first });
                }
                Err(error) => study.fail(trial.number, error.to_string()),
            }
        }
        parts
    }

    /// One round: all open trials on one fold. `Break` when asked to end.
    fn round(&self, study: &mut Study, asked: &[Asked], round: &Round<'_>, ctx: &Context) -> ControlFlow<()> {
        let open = study.ranked();
        let live: Vec<&Asked> = asked.iter().filter(|a| open.contains(&a.number)).collect();
        let scored: Vec<(usize, Result<f64>)> = live
            .par_iter()
            .filter(|a| a.first == a.number)
            .map(|a| (a.number, round.score(&a.part, &ctx.child(&format!("trial {}", a.number)), ctx)))
            .collect();
        // A round that was cut short says nothing: some trials came back before others.
        if scored.iter().any(|(_, score)| score.as_ref().is_err_and(Error::is_stop)) {
            return ControlFlow::Break(());
        }
        let scores: HashMap<usize, &Result<f64>> = scored.iter().map(|(number, score)| (*number, score)).collect();
        let mut flow = ControlFlow::Continue(());
        for a in live {
            match scores.get(&a.first) {
                Some(Ok(score)) => {
                    study.tell_round(a.number, *score);
                    let so_far = study.trials()[a.number].score.unwrap_or(*score);
                    let event = Event::Figure { name: round.metric.name(), step: a.number as u64, value: so_far };
                    if ctx.tell(event).is_break() {
                        flow = ControlFlow::Break(());
                    }
                }
                Some(Err(error)) => study.fail(a.number, error.to_string()),
                None => study.fail(a.number, "the same settings were given up"),
            }
        }
        flow
    }

    /// Fits the rounds will take if no trial fails.
    fn planned(&self, trials: usize, rounds: usize) -> u64 {
        let mut live = trials;
        let mut planned = 0;
        for _ in 0..rounds {
            planned += live as u64;
            live = self.kept(live);
        }
        planned
    }

    fn kept(&self, live: usize) -> usize {
        match self.settings.pruning {
            Pruning::Halving => live.div_ceil(2),
            Pruning::None => live,
        }
    }
}

struct Asked {
    number: usize,
    part: Part,
    /// The first trial of the same settings.
    first: usize,
}

struct Round<'a> {
    rows: &'a Labelled,
    fold: &'a Fold,
    metric: Metric,
    done: &'a AtomicU64,
}

impl Round<'_> {
    /// Fits under `trial` and tells `search` that one more fit is done.
    fn score(&self, part: &Part, trial: &Context, search: &Context) -> Result<f64> {
        let fitted = self.rows.fit(part, &self.fold.train, trial)?;
        let predicted = self.rows.predict(&fitted, &self.fold.test, trial)?;
        let score = self.rows.score(self.metric, &self.fold.test, &predicted)?;
        let done = self.done.fetch_add(1, Ordering::Relaxed) + 1;
        if search.tell(Event::Step { done }).is_break() {
            return Err(Error::Stopped);
        }
        score.ok_or_else(|| Error::data(format!("{} is not defined on a fold", self.metric)))
    }
}

impl Estimator for Search {
    fn output(&self, input: &[Field]) -> Result<Signature> {
        self.defaults.estimator.output(input)
    }

    fn reads(&self) -> Reads {
        Reads::All
    }

    fn fit(&self, train: Train, ctx: &Context) -> Result<Fitted> {
        let rows = Labelled::new(train.clone(), ctx)?;
        let metric = self.metric(&rows)?;
        let folds = self.folds(&rows, ctx)?;
        let seed = ctx.random("trials").u64();
        let mut study = Study::new(self.space.clone(), self.settings.sampler, seed, metric.greater_is_better());
        let asked = self.trials(&mut study);
        let done = AtomicU64::new(0);
        let total = Some(self.planned(asked.len(), folds.len()));
        let mut stopped = ctx.tell(Event::Begin { total, unit: "fits" }).is_break();
        for (i, fold) in folds.iter().enumerate() {
            if stopped {
                break;
            }
            let round = Round { rows: &rows, fold, metric, done: &done };
            stopped = self.round(&mut study, &asked, &round, ctx).is_break();
            if i + 1 < folds.len() && !stopped {
                let ranked = study.ranked();
                ranked[self.kept(ranked.len())..].iter().for_each(|&number| study.prune(number));
            }
        }
        // Cut short, those that got furthest are the ones to choose from.
        let open = study.ranked();
        let most = open.iter().map(|&n| study.trials()[n].rounds.len()).max().unwrap_or_default();
        for number in open {
            match study.trials()[number].rounds.len() {
                rounds if rounds == most && rounds > 0 => study.finish(number),
                _ => study.prune(number),
            }
        }
        let _ = ctx.tell(Event::End);
        let Some(best) = study.best().cloned() else {
            let why = study.trials().iter().find(|t| t.state == State::Failed).and_then(|t| t.error.clone());
            return Err(match (stopped, why) {
                (true, _) => Error::Stopped,
                (false, Some(why)) => Error::data(format!("no trial could be scored: {why}")),
                (false, None) => Error::data("no trial could be scored"),
            });
        };
        let fitted = ctx.fit(&self.template.fill(&best.values)?, train)?;
        let history = History {
            metric: metric.name().to_string(),
            greater_is_better: metric.greater_is_better(),
            best: best.number,
            trials: study.trials().to_vec(),
            notes: fitted.notes,
        };
        let notes = serde_json::to_value(history).map_err(|e| Error::Saved(e.to_string()))?;
        Ok(Fitted { notes, stopped: stopped || fitted.stopped, rows: fitted.rows, ..Fitted::of(fitted.model) })
    }
}

//! The plan: the stages that make a system, each named by a fingerprint.
//!
//! A stage is a pure function of the stages that it needs and of its part of the file. Its key hashes the
//! two, the stage's version and the seed, so that caching, resuming, lineage and "what would this edit
//! rerun?" are one idea. Keys of stages that never ran are known too: the rows of a fold, or of a step
//! seen through another, have names before they exist.

use crate::choose::Choose;
use crate::file::{Place, Step, System};
use crate::stage::{self, Work};
use crate::table::{Asked, TableNotes};
use arkwright_core::{
    Applied, Context, Error, Field, Frame, Hash, Hasher, Json, Remembered, Result, Source, Train, fit_key, follow,
};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A system with its stages.
#[derive(Clone)]
pub struct Plan {
    /// The system.
    pub system: System,
    /// The tables' notes, by data set: the read stages run while planning, for the kinds to be known.
    pub tables: BTreeMap<String, TableNotes>,
    /// The stages, each after those that it needs.
    pub stages: Vec<Stage>,
}

/// A stage of a plan.
#[derive(Clone, Debug, Serialize)]
pub struct Stage {
    /// Its name: `fit prediction`.
    pub name: String,
    /// What it does.
    #[serde(skip)]
    pub work: Work,
    /// The stages that it needs, by place in the plan.
    pub needs: Vec<usize>,
    /// Its fingerprint.
    pub key: Hash,
    /// Whether it is done, and why not.
    pub state: State,
    /// What is inside, for people: a candidate's cross-validation.
    pub parts: Vec<Inner>,
    /// What the key is made of, for telling why it changed.
    #[serde(skip)]
    pub because: Because,
}

/// What a key is made of, by the names that people know: `[split]`, `the seed`.
pub type Because = BTreeMap<String, Hash>;

/// Something inside a stage that is kept by itself.
#[derive(Clone, Debug, Serialize)]
pub struct Inner {
    /// Its name.
    pub name: String,
    /// Whether it is kept.
    pub cached: bool,
}

/// Whether a stage is done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Its output is kept.
    Cached,
    /// It will run, because.
    Run(String),
}

/// A source that has a name and fields, and no rows yet.
struct Planned {
    fields: Arc<[Field]>,
    identity: Hash,
}

impl Source for Planned {
    fn fields(&self) -> &Arc<[Field]> {
        &self.fields
    }

    fn rows(&self) -> Option<u64> {
        None
    }

    fn identity(&self) -> Option<Hash> {
        Some(self.identity)
    }

    fn scan(&self, _batch: usize) -> Result<Box<dyn Iterator<Item = Result<Frame>> + Send + '_>> {
        Err(Error::data("these rows are only planned"))
    }
}

/// What planning knows of a step.
struct Known {
    place: usize,
    key: Hash,
    step: Step,
}

impl Plan {
    /// Plans a system whose tables have been read, and refuses a graph whose kinds do not fit.
    ///
    /// # Errors
    /// A step that cannot take what it is given, with its place in the file.
    pub(crate) fn new(
        system: System,
        tables: BTreeMap<String, TableNotes>,
        asked: &BTreeMap<String, Asked>,
        ctx: &Context,
    ) -> Result<Self> {
        let mut maker = Maker { ctx, tables: &tables, system: &system, stages: Vec::new(), known: BTreeMap::new() };
        for (name, section) in &system.header.data {
            let notes = &tables[name];
            maker.push(Work::Read(name.clone()), vec![], asked[name].because.clone(), notes.key);
            if section.target.is_some() {
                maker.split(name);
                maker.audit(name);
            }
        }
        for step in &system.steps {
            maker.fit(step)?;
        }
        maker.finish()?;
        let mut stages = maker.stages;
        explain_states(&mut stages, &last(ctx, &system.header.name), ctx);
        Ok(Self { system, tables, stages })
    }

    /// The stage of a piece of work.
    ///
    /// # Errors
    /// When the plan has none.
    pub fn stage(&self, work: &Work) -> Result<usize> {
        self.stages
            .iter()
            .position(|s| &s.work == work)
            .ok_or_else(|| Error::data(format!("the plan has no stage `{}`", work.name())))
    }

    /// Whether nothing is left to do.
    pub fn is_done(&self) -> bool {
        self.stages.iter().all(|s| s.state == State::Cached)
    }

    /// Keeps what this plan's keys are made of, so that the next plan can say what changed.
    pub(crate) fn remember(&self, ctx: &Context) {
        let before = |s: &Stage| (s.name.clone(), Before { key: s.key, because: s.because.clone() });
        let last: Last = self.stages.iter().map(before).collect();
        if let Ok(notes) = serde_json::to_value(last) {
            ctx.keep(&last_key(&self.system.header.name), &Remembered { parts: None, notes });
        }
    }
}

fn last_key(system: &str) -> Hash {
    Hasher::new("last plan").text(system).finish()
}

/// A stage as it was at the last run.
#[derive(Serialize, Deserialize)]
struct Before {
    key: Hash,
    because: Because,
}

/// The stages of the last run, by name.
type Last = BTreeMap<String, Before>;

fn last(ctx: &Context, system: &str) -> Last {
    ctx.kept(&last_key(system)).and_then(|kept| Last::deserialize(kept.notes).ok()).unwrap_or_default()
}

/// Tells for each stage that is to run what changed since the last run.
fn explain_states(stages: &mut [Stage], last: &Last, ctx: &Context) {
    let runs: Vec<bool> = stages.iter().map(|s| s.state != State::Cached).collect();
    let names: Vec<String> = stages.iter().map(|s| s.name.clone()).collect();
    // What changed at a stage or above it; a table that was read while planning changed, and is cached.
    let mut changes: Vec<Option<String>> = Vec::new();
    for stage in stages {
        let before = last.get(&stage.name);
        // Another file may hold the same rows: then nothing changed.
        let moved = before.filter(|before| before.key != stage.key);
        let own = moved.and_then(|before| changed(&before.because, &stage.because));
        let above = stage.needs.iter().find_map(|&need| changes[need].clone());
        let after: Vec<&str> = stage.needs.iter().filter(|&&n| runs[n]).map(|&n| names[n].as_str()).collect();
        if let State::Run(why) = &mut stage.state {
            *why = match (before, &own, &above) {
                (None, ..) => "not done yet".into(),
                (_, Some(own), _) => own.clone(),
                _ if ctx.is_damaged(&stage.key) => DAMAGED.into(),
                _ if !after.is_empty() => format!("after {}", after.join(", ")),
                (_, None, Some(above)) => above.clone(),
                (Some(before), ..) if before.key == stage.key => "its output is gone: freed, or deleted".into(),
                _ => "not done yet".into(),
            };
        }
        changes.push(own.or(above));
    }
}

/// Why a stage is to run whose output is not what was kept.
pub(crate) const DAMAGED: &str = "its output is damaged";

/// What is not as it was, in words.
fn changed(before: &Because, now: &Because) -> Option<String> {
    const SHOWN: usize = 3;
    let names: BTreeSet<&String> = before.keys().chain(now.keys()).collect();
    let names: Vec<&str> =
        names.into_iter().filter(|name| before.get(*name) != now.get(*name)).map(String::as_str).collect();
    match names.len() {
        0 => None,
        n if n > SHOWN => Some(format!("{} and {} more changed", names[..SHOWN].join(", "), n - SHOWN)),
        _ => Some(format!("{} changed", names.join(" and "))),
    }
}

/// Settings as what a key is made of, one by one.
pub(crate) fn made_of(place: &str, settings: &Json) -> Because {
    let settings = settings.as_object().into_iter().flatten();
    settings.map(|(key, value)| (format!("`{key}` in {place}"), settings_hash(value))).collect()
}

pub(crate) fn settings_hash(json: &Json) -> Hash {
    Hasher::new("settings").json(json).finish()
}

fn version_hash(version: u32) -> Hash {
    Hasher::new("version").number(version.into()).finish()
}

/// What a step is made of: its settings, its candidates one by one.
fn step_is_made_of(step: &Step) -> Because {
    let mut settings = step.part.settings.clone();
    let candidates = match settings.as_object_mut().filter(|_| step.part.kind == Choose::KIND) {
        Some(map) => map.remove("candidates").unwrap_or_default(),
        None => Json::Null,
    };
    let mut because = made_of(&format!("[step.{}]", step.name), &settings);
    for candidate in candidates.as_array().into_iter().flatten() {
        let name = candidate["name"].as_str().unwrap_or_default();
        because.insert(format!("the candidate `{name}`"), settings_hash(candidate));
    }
    because.insert(format!("the version of `{}`", step.part.kind), version_hash(step.part.version));
    because
}

struct Maker<'a> {
    ctx: &'a Context,
    tables: &'a BTreeMap<String, TableNotes>,
    system: &'a System,
    stages: Vec<Stage>,
    known: BTreeMap<String, Known>,
}

impl Maker<'_> {
    /// Adds a stage whose key is made of its work, what it needs, and `because`.
    fn add(&mut self, work: Work, needs: Vec<usize>, because: Because) -> usize {
        let mut hasher = Hasher::new("stage").text(work.label()).number(work.version().into());
        for need in &needs {
            hasher = hasher.hash(&self.stages[*need].key);
        }
        for (name, hash) in &because {
            hasher = hasher.text(name).hash(hash);
        }
        self.push(work, needs, because, hasher.finish())
    }

    fn push(&mut self, work: Work, needs: Vec<usize>, mut because: Because, key: Hash) -> usize {
        // The key has it already.
        because.insert(format!("the version of `{}`", work.label()), version_hash(work.version()));
        let state = match self.ctx.has(&key) {
            true => State::Cached,
            false => State::Run(String::new()),
        };
        self.stages.push(Stage { name: work.name(), work, needs, key, state, parts: Vec::new(), because });
        self.stages.len() - 1
    }

    fn at(&self, work: &Work) -> usize {
        self.stages.iter().position(|s| &s.work == work).unwrap_or_default()
    }

    fn seed(&self) -> (String, Hash) {
        ("the seed".into(), Hasher::new("seed").number(self.ctx.root_seed()).finish())
    }

    fn settings(&self, what: &str, json: &Json) -> (String, Hash) {
        (what.into(), settings_hash(json))
    }

    fn split(&mut self, data: &str) {
        let read = self.at(&Work::Read(data.to_string()));
        let split = self.settings("[split]", &stage::hold_out_settings(&self.system.split));
        let because = BTreeMap::from([split, self.seed()]);
        self.add(Work::Split(data.to_string()), vec![read], because);
    }

    fn audit(&mut self, data: &str) {
        let needs = vec![self.at(&Work::Read(data.to_string())), self.at(&Work::Split(data.to_string()))];
        self.add(Work::Audit(data.to_string()), needs, BTreeMap::new());
    }

    /// The fields and the name of the rows at a place, and the stages that give them.
    fn rows(&self, place: &Place) -> Result<(Arc<[Field]>, Hash, Vec<usize>)> {
        match place {
            Place::Name(name) => match (self.tables.get(name), self.known.get(name)) {
                (Some(table), _) => {
                    let needs = stage::table_needs(self.system, name).iter().map(|w| self.at(w)).collect::<Vec<_>>();
                    Ok((table.fields.clone().into(), stage::rows_name(&self.stages, &needs), needs))
                }
                (None, Some(_)) => Err(Error::setting(format!("`{name}` is a step: say what it is applied to"))
                    .with_hint(format!("{name}(DATA)"))),
                (None, None) => Err(Error::setting(format!("there is no `{name}`"))),
            },
            Place::Applied(step, inner) => {
                let known = self.known.get(step).ok_or_else(|| {
                    Error::setting(format!("`{step}` is no step, and only a step is applied to data"))
                })?;
                let (fields, rows, mut needs) = self.rows(inner)?;
                let signature = known.step.part.estimator.output(&fields).map_err(|e| e.within(step.clone()))?;
                needs.push(known.place);
                Ok((follow(&fields, &signature)?, Applied::name(&rows, &known.key), needs))
            }
        }
    }

    fn fit(&mut self, step: &Step) -> Result<()> {
        let refuse = |e: Error| match e {
            Error::Setting { .. } => e.at_place(step.span),
            other => {
                let hint = other.hint();
                let error = Error::setting(format!("step `{}`: {other}", step.name)).at_place(step.span);
                match hint {
                    Some(hint) => error.with_hint(hint),
                    None => error,
                }
            }
        };
        let (fields, identity, needs) = self.rows(&step.fit).map_err(refuse)?;
        step.part.estimator.output(&fields).map_err(refuse)?;
        let source = Arc::new(Planned { fields, identity });
        let train = Train::on(source.clone());
        let key = fit_key(&step.part, &train, self.ctx.root_seed())
            .ok_or_else(|| Error::data("rows without a name cannot be planned"))?;
        let mut because = step_is_made_of(step);
        because.extend([self.seed()]);
        let place = self.push(Work::Fit(step.name.clone()), needs, because, key);
        self.stages[place].parts = Choose::inner_keys(&step.part, source.as_ref(), self.ctx.root_seed())
            .into_iter()
            .map(|(name, key)| Inner { name, cached: key.is_some_and(|key| self.ctx.has(&key)) })
            .collect();
        self.known.insert(step.name.clone(), Known { place, key, step: step.clone() });
        Ok(())
    }

    /// The stages after the fits: judge, explain, gate, register.
    fn finish(&mut self) -> Result<()> {
        let (data, _) = self.system.header.request_data()?;
        let mut needs: Vec<usize> = self.system.route().iter().map(|s| self.known[&s.name].place).collect();
        needs.push(self.at(&Work::Read(data.to_string())));
        needs.push(self.at(&Work::Split(data.to_string())));
        let metrics = self.settings("the metrics", &self.system.metrics.clone().into());
        let route: Json = self.system.route().iter().map(|s| serde_json::json!([s.name, s.from])).collect();
        let route = self.settings("the way from request to answer", &route);
        let judged = BTreeMap::from([metrics, route.clone(), self.seed()]);
        let judge = self.add(Work::Judge, needs.clone(), judged.clone());
        self.add(Work::Explain, needs.clone(), judged);
        let evaluate = &self.system.header.evaluate;
        let gates = self.settings("the gates", &serde_json::to_value(&evaluate.gate).unwrap_or_default());
        let name = self.settings("the name", &self.system.header.name.clone().into());
        let refit = evaluate.refit.then(|| self.add(Work::Refit, needs.clone(), BTreeMap::from([self.seed()])));
        needs.push(judge);
        needs.extend(refit);
        // The rows' name does not tell it, and the bundle does.
        let request = serde_json::to_value(&self.tables[data].request).unwrap_or_default();
        let request = self.settings("the types of the columns", &request);
        self.add(Work::Register, needs, BTreeMap::from([gates, name, route, request]));
        Ok(())
    }
}

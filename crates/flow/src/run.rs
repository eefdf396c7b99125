//! Running a plan: what is kept is loaded when somebody needs it, the rest is done, stages that do not
//! need each other side by side.
//!
//! Every stage keeps its output under its key the moment it is done, so that a run killed at any moment
//! goes on from there. What is kept is looked at before it is used: see `inspect`.

use crate::choose::{Choose, Leaderboard};
use crate::file::{Place, System};
use crate::lock;
use crate::plan::{Plan, Stage, State};
use crate::project::{Failed, Project};
use crate::stage::explain::Explained;
use crate::stage::judge::Judged;
use crate::stage::register::Registered;
use crate::stage::{self, Work};
use crate::table;
use arkwright_bundle::Bundle;
use arkwright_core::{
    Applied, Context, Error, Event, Fitted, Frame, Hash, Hasher, Json, Parts, Remembered, Result, Source, Table, Train,
    collect,
};
use arkwright_report::run::RunReport;
use arkwright_store::{NewRun, RunStatus, Stage as StageRow, StageStatus};
use rayon::prelude::*;
use serde::de::DeserializeOwned;
use std::sync::{Arc, Mutex};
use std::time::Instant;

/// What a run gives.
#[derive(serde::Serialize)]
pub struct Ran {
    /// The run's number in the store; `None` when nothing was left to do.
    pub run: Option<i64>,
    /// The system's name.
    pub system: String,
    /// The candidates, where the answer was chosen among some.
    pub leaderboard: Option<Leaderboard>,
    /// The scores on the hold-out.
    pub judged: Judged,
    /// Which inputs moved the answers.
    pub explained: Explained,
    /// The version in the registry, and what the gates said.
    pub registered: Registered,
    /// How long each stage that ran took, in seconds.
    pub seconds: Vec<(String, f64)>,
    /// All of it as a report.
    #[serde(skip)]
    pub report: RunReport,
}

/// Runs what a plan has left to do.
///
/// # Errors
/// When a stage fails or the computation is stopped; what was done is kept.
pub fn run(project: &Project, plan: &Plan, ctx: &Context) -> Result<Ran, Failed> {
    let plan = plan.clone();
    let mut runner = Runner { project, plan, ctx, id: None, tables: Mutex::default(), fits: Mutex::default() };
    runner.inspect()?;
    if !runner.plan.is_done() {
        runner.id = Some(project.store.begin_run(&new_run(project, &runner.plan, ctx)).map_err(stored)?);
    }
    let result = runner.run();
    if let (Some(id), Err(error)) = (runner.id, &result) {
        let status = if error.is_stop() { RunStatus::Stopped } else { RunStatus::Failed };
        // The error at hand says more than one of the store's would.
        let _ = project.store.finish_run(id, status, Some(&error.to_string()));
    }
    result.map_err(Failed::from)
}

fn new_run(project: &Project, plan: &Plan, ctx: &Context) -> NewRun {
    NewRun {
        system: plan.system.header.name.clone(),
        file: Hash::of(project.file.text.as_bytes()),
        plan: plan.stages.iter().fold(Hasher::new("plan"), |h, s| h.hash(&s.key)).finish(),
        seed: ctx.root_seed(),
    }
}

/// An error of the store's, with its hint.
pub fn stored(error: arkwright_store::Error) -> Error {
    let told = Error::data(error.to_string());
    match error.hint() {
        Some(hint) => told.with_hint(hint),
        None => told,
    }
}

/// A plan at work.
pub(crate) struct Runner<'a> {
    pub(crate) project: &'a Project,
    pub(crate) plan: Plan,
    pub(crate) ctx: &'a Context,
    /// The run's number in the store, where anything is left to do.
    pub(crate) id: Option<i64>,
    tables: Mutex<Vec<(String, Frame)>>,
    fits: Mutex<Vec<((String, Rows), Fitted)>>,
}

/// Which rows of a data set with a target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rows {
    /// Those that are not held out.
    Training,
    /// All of them.
    All,
}

impl Runner<'_> {
    fn run(&self) -> Result<Ran> {
        let mut seconds = Vec::new();
        for level in self.levels() {
            if level.iter().any(|&place| matches!(self.plan.stages[place].work, Work::Fit(_))) {
                self.refuse_leakage()?;
            }
            let done = level
                .par_iter()
                .map(|&place| {
                    let stage = &self.plan.stages[place];
                    let ctx = self.ctx.child(&stage.name);
                    let _ = ctx.tell(Event::Begin { total: None, unit: "" });
                    let start = Instant::now();
                    let result = self.work(&stage.work, &ctx).map_err(|e| e.within(stage.name.clone()));
                    let _ = ctx.tell(Event::End);
                    result.map(|()| (place, start.elapsed().as_secs_f64()))
                })
                .collect::<Result<Vec<_>>>()?;
            for (place, took) in done {
                let stage = &self.plan.stages[place];
                self.record(stage, StageStatus::Done, took)?;
                seconds.push((stage.name.clone(), took));
            }
        }
        self.finish(seconds)
    }

    fn finish(&self, seconds: Vec<(String, f64)>) -> Result<Ran> {
        self.refuse_leakage()?;
        let id = self.id;
        let system = &self.plan.system;
        let judged: Judged = self.notes(&Work::Judge)?;
        let explained: Explained = self.notes(&Work::Explain)?;
        let registered: Registered = self.notes(&Work::Register)?;
        let leaderboard = self.leaderboard()?;
        let report =
            crate::stage::report::report(self, id, leaderboard.as_ref(), &judged, &explained, &registered, &seconds)?;
        if let Some(id) = id {
            let json = serde_json::to_value(&report).map_err(|e| Error::Saved(e.to_string()))?;
            self.project.store.put_report(id, &json).map_err(stored)?;
            for stage in self.plan.stages.iter().filter(|s| s.state == State::Cached) {
                self.record(stage, StageStatus::Cached, 0.0)?;
            }
            lock::write(self.project, &self.plan)?;
            let status = if registered.passed { RunStatus::Done } else { RunStatus::GateFailed };
            self.project.store.finish_run(id, status, None).map_err(stored)?;
            self.plan.remember(self.ctx);
        }
        Ok(Ran {
            run: id,
            system: system.header.name.clone(),
            leaderboard,
            judged,
            explained,
            registered,
            seconds,
            report,
        })
    }

    fn refuse_leakage(&self) -> Result<()> {
        let mut audits = self.plan.stages.iter().filter(|s| matches!(s.work, Work::Audit(_)));
        let on_leak = self.system().header.checks.leakage;
        audits.try_for_each(|s| stage::audit::refuse(&self.notes(&s.work)?, on_leak))
    }

    fn record(&self, stage: &Stage, status: StageStatus, seconds: f64) -> Result<()> {
        let Some(id) = self.id else { return Ok(()) };
        let row = StageRow { name: stage.name.clone(), key: stage.key, status, seconds };
        self.project.store.record_stage(id, &row).map_err(stored)
    }

    /// The stages that are to run, in levels whose stages do not need each other.
    fn levels(&self) -> Vec<Vec<usize>> {
        let stages = &self.plan.stages;
        let mut depth = vec![0; stages.len()];
        let mut levels: Vec<Vec<usize>> = Vec::new();
        // Nothing is fitted before the audits are through, though no fit depends on them.
        let audits = || (0..stages.len()).filter(|&i| matches!(stages[i].work, Work::Audit(_)));
        for (i, stage) in stages.iter().enumerate() {
            let before = audits().filter(|_| matches!(stage.work, Work::Fit(_)));
            let needs: Vec<usize> = stage.needs.iter().copied().chain(before).collect();
            let below = needs.iter().filter(|&&n| stages[n].state != State::Cached).map(|&n| depth[n] + 1);
            depth[i] = below.max().unwrap_or(0);
            if stage.state != State::Cached {
                levels.resize(levels.len().max(depth[i] + 1), Vec::new());
                levels[depth[i]].push(i);
            }
        }
        levels
    }

    fn work(&self, work: &Work, ctx: &Context) -> Result<()> {
        match work {
            // Reading happens while planning, for the kinds to be known; what was kept of it may be damaged.
            Work::Read(data) => {
                let prepare = self.project.file.header.prepare()?;
                let asked = table::asked(self.project, data, &prepare)?;
                match table::read(self.project, data, &prepare, asked.name, ctx)?.key == self.key(work)? {
                    true => Ok(()),
                    false => Err(Error::data("the table changed while it was worked on").with_hint("run again")),
                }
            }
            Work::Split(data) => {
                let (train, test) = stage::split::split(&self.table(data)?, &self.plan.system.split, ctx)?;
                let mut parts = Parts::new("split");
                parts.put("train", train);
                parts.put("test", test);
                self.keep(work, Some(parts), Json::Null)
            }
            Work::Audit(data) => {
                let found = stage::audit::audit(self, data, ctx)?;
                self.keep_notes(work, &found)
            }
            Work::Fit(step) => self.fit(step, Rows::Training, ctx).map(drop),
            Work::Judge => self.keep_notes(work, &stage::judge::judge(self, ctx)?),
            Work::Explain => self.keep_notes(work, &stage::explain::explain(self, ctx)?),
            Work::Refit => self.keep_notes(work, &stage::refit::refit(self)?),
            Work::Register => self.keep_notes(work, &stage::register::register(self, ctx)?),
        }
    }

    fn keep_notes(&self, work: &Work, notes: &impl serde::Serialize) -> Result<()> {
        self.keep(work, None, serde_json::to_value(notes).map_err(|e| Error::Saved(e.to_string()))?)
    }

    fn keep(&self, work: &Work, parts: Option<Parts>, notes: Json) -> Result<()> {
        let key = self.key(work)?;
        self.ctx.keep(&key, &Remembered { parts, notes });
        match self.ctx.has(&key) {
            true => Ok(()),
            false => Err(Error::data("a result could not be kept").with_hint("is the disk full?")),
        }
    }

    pub(crate) fn key(&self, work: &Work) -> Result<Hash> {
        Ok(self.plan.stages[self.plan.stage(work)?].key)
    }

    /// What a stage told.
    pub(crate) fn notes<T: DeserializeOwned>(&self, work: &Work) -> Result<T> {
        let kept = self.kept(work)?;
        T::deserialize(kept.notes).map_err(|e| Error::Saved(format!("{}: {e}", work.name())))
    }

    pub(crate) fn kept(&self, work: &Work) -> Result<Remembered> {
        self.ctx
            .kept(&self.key(work)?)
            .ok_or_else(|| Error::data(format!("the output of `{}` is gone", work.name())).with_hint("run again"))
    }

    /// A data set, whole.
    pub(crate) fn table(&self, data: &str) -> Result<Frame> {
        let found = |tables: &Vec<(String, Frame)>| tables.iter().find(|(n, _)| n == data).map(|(_, f)| f.clone());
        if let Some(frame) = self.tables.lock().ok().and_then(|t| found(&t)) {
            return Ok(frame);
        }
        let frame = table::load(self.ctx, &self.plan.tables[data])?;
        if let Ok(mut tables) = self.tables.lock() {
            tables.push((data.to_string(), frame.clone()));
        }
        Ok(frame)
    }

    /// The rows of a data set to learn from and to judge on.
    pub(crate) fn split(&self, data: &str) -> Result<(Vec<u32>, Vec<u32>)> {
        let parts = self.kept(&Work::Split(data.to_string()))?.parts;
        let parts = parts.ok_or_else(|| Error::Saved("a split without rows".into()))?;
        Ok((parts.get("train")?.to_vec(), parts.get("test")?.to_vec()))
    }

    /// The rows at a place to fit on.
    pub(crate) fn source(&self, place: &Place, rows: Rows) -> Result<Arc<dyn Source>> {
        match place {
            Place::Name(data) => {
                let mut needs = stage::table_needs(&self.plan.system, data);
                if rows == Rows::All {
                    needs.retain(|work| !matches!(work, Work::Split(_)));
                }
                let places = needs.iter().map(|w| self.plan.stage(w)).collect::<Result<Vec<_>>>()?;
                let name = stage::rows_name(&self.plan.stages, &places);
                let frame = self.table(data)?;
                let frame = match needs.iter().any(|w| matches!(w, Work::Split(_))) {
                    true => frame.take(&self.split(data)?.0)?,
                    false => frame,
                };
                Ok(Table::new(frame, Some(name)))
            }
            Place::Applied(step, inner) => {
                let fitted = self.fitted(step, rows)?;
                let learnt_on = &self.step(step)?.fit;
                if let (Some(given), true) = (&fitted.rows, learnt_on == inner.as_ref()) {
                    return Ok(given.clone());
                }
                Ok(Applied::new(self.source(inner, rows)?, fitted.model.clone(), fitted.key, self.ctx)?)
            }
        }
    }

    fn step(&self, name: &str) -> Result<&crate::file::Step> {
        let step = self.system().steps.iter().find(|s| s.name == name);
        step.ok_or_else(|| Error::setting(format!("there is no step `{name}`")))
    }

    pub(crate) fn system(&self) -> &System {
        &self.plan.system
    }

    /// A fitted step.
    pub(crate) fn fitted(&self, step: &str, rows: Rows) -> Result<Fitted> {
        let name = (step.to_string(), rows);
        let found = self.fits.lock().ok().and_then(|f| f.iter().find(|(n, _)| *n == name).map(|(_, f)| f.clone()));
        match found {
            Some(fitted) => Ok(fitted),
            None => self.fit(step, rows, &self.ctx.child(&format!("fit {step}"))),
        }
    }

    /// Fits a step, or loads it where it was fitted before.
    fn fit(&self, name: &str, rows: Rows, ctx: &Context) -> Result<Fitted> {
        let step = self.step(name)?;
        let planned = self.key(&Work::Fit(name.to_string()))?;
        let kept = if rows == Rows::Training { ctx.recall(&planned) } else { None };
        let fitted = match (kept, rows) {
            (Some(kept), _) => kept,
            (None, Rows::Training) => {
                let fitted = ctx.fit(&step.part, Train::on(self.source(&step.fit, rows)?))?;
                if fitted.key != Some(planned) {
                    return Err(Error::data(format!("the fit of `{name}` has another name than the plan gave it")));
                }
                fitted
            }
            (None, Rows::All) => {
                let notes = self.kept(&Work::Fit(name.to_string()))?.notes;
                let part = Choose::settled(step.table.clone(), &notes, ctx.registry())?;
                ctx.fit(&part, Train::on(self.source(&step.fit, rows)?))?
            }
        };
        if fitted.stopped {
            return Err(Error::Stopped);
        }
        if fitted.key.is_some_and(|key| !ctx.has(&key)) {
            return Err(Error::data(format!("the fit of `{name}` could not be kept")).with_hint("is the disk full?"));
        }
        self.know(name, rows, &fitted);
        Ok(fitted)
    }

    /// Keeps a fitted step at hand.
    pub(crate) fn know(&self, step: &str, rows: Rows, fitted: &Fitted) {
        if let Ok(mut fits) = self.fits.lock() {
            fits.push(((step.to_string(), rows), fitted.clone()));
        }
    }

    /// The leaderboard of the step that answers, if it chose among candidates.
    pub(crate) fn leaderboard(&self) -> Result<Option<Leaderboard>> {
        let answer = self.system().answer();
        let kept = self.kept(&Work::Fit(answer.name.clone()))?;
        Ok(serde_json::from_value(kept.notes).ok())
    }

    /// The bundle: the steps from a request to its answer, as fitted on some rows.
    pub(crate) fn bundle(&self, rows: Rows) -> Result<Bundle> {
        let system = self.system();
        let (data, _) = system.header.request_data()?;
        let steps = system
            .route()
            .into_iter()
            .map(|step| {
                let fitted = self.fitted(&step.name, rows)?;
                Ok(arkwright_bundle::Step { name: step.name.clone(), model: fitted.model, from: step.from.clone() })
            })
            .collect::<Result<Vec<_>>>()?;
        // What was learnt from, so that the bundle can tell what it never saw.
        let learnt = collect(self.source(&Place::Name(data.to_string()), rows)?.as_ref(), self.ctx)?;
        let request = self.plan.tables[data].request.iter().map(|field| field.clone().learnt_from(&learnt));
        Bundle::new(arkwright_bundle::Graph {
            system: system.header.name.clone(),
            task: system.task,
            request: request.collect::<Result<_>>()?,
            answer: system.answer().name.clone(),
            meta: serde_json::json!({ "target": system.header.data[data].target, "key": system.header.data[data].key }),
            steps,
        })
    }
}

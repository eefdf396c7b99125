//! A project: a system file, opened, with the store and the reader that serve it.

use crate::file::{Header, System, read};
use crate::plan::{DAMAGED, Plan, State};
use crate::run::stored;
use crate::stage::Work;
use crate::stage::register::Registered;
use crate::table::{self, Asked, TableNotes};
use arkwright_core::{Context, Error, Observer, Registry, Result, Span, Task};
use arkwright_data::Engine;
use arkwright_measure::Metric;
use arkwright_store::Store;
use arkwright_validate::{Split, named_metric};
use rayon::prelude::*;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// The name of the system file.
pub const FILE: &str = "arkwright.toml";

/// What the command line may set.
#[derive(Clone, Default)]
pub struct Options {
    /// The seed; over the file's.
    pub seed: Option<u64>,
    /// Bytes of data held at once.
    pub memory: Option<u64>,
}

/// An error, and the file in which its place lies.
#[derive(Debug)]
pub struct Failed {
    /// What went wrong.
    pub error: Error,
    /// The file's name and text, where the error points into it.
    pub file: Option<(String, String)>,
}

impl From<Error> for Failed {
    fn from(error: Error) -> Self {
        Self { error, file: None }
    }
}

impl Failed {
    /// Whether the file or its use is at fault, rather than the data or the run.
    pub fn is_usage(&self) -> bool {
        matches!(self.error, Error::Setting { .. })
    }
}

/// A system file that was read, and found right as far as can be told without its data.
pub struct SystemFile {
    /// The folder that paths in the file are relative to.
    pub folder: PathBuf,
    /// The file.
    pub path: PathBuf,
    /// Its text.
    pub text: String,
    /// What it says before its data is read.
    pub header: Header,
}

impl SystemFile {
    /// Reads the system file, or that of a folder.
    ///
    /// # Errors
    /// When there is no such file, or it is wrong.
    pub fn read(path: &Path) -> Result<Self, Failed> {
        let (file, text) = read_file(path)?;
        let folder = file.parent().map(Path::to_path_buf).unwrap_or_default();
        let header = header(&folder, &text).map_err(|error| located(&file, &text, error))?;
        Ok(Self { folder, path: file, text, header })
    }
}

/// A system file, and what serves it.
pub struct Project {
    /// The system file.
    pub file: SystemFile,
    /// Where results are kept.
    pub store: Arc<Store>,
    /// What reads tables.
    pub engine: Arc<Engine>,
    registry: Registry,
    options: Options,
}

impl Project {
    /// A project of a system file.
    pub fn new(file: SystemFile, registry: Registry, engine: Arc<Engine>, store: Arc<Store>, options: Options) -> Self {
        Self { file, store, engine, registry, options }
    }

    /// A context for planning and running: seed, memory, who listens, what ends it, what is remembered.
    pub fn context(&self, observer: Arc<dyn Observer>, stop: Arc<AtomicBool>) -> Context {
        let seed = self.options.seed.or(self.file.header.seed).unwrap_or(0);
        let ctx = Context::new(seed)
            .with_registry(self.registry.clone())
            .with_memory(self.options.memory)
            .with_observer(observer)
            .with_stop(stop);
        match self.store.memo() {
            Some(memo) => ctx.with_memo(Arc::new(memo)),
            None => ctx,
        }
    }

    /// Reads the tables and plans what is to be done.
    ///
    /// # Errors
    /// When a table cannot be read, or the steps do not fit it.
    pub fn plan(&self, ctx: &Context) -> Result<Plan, Failed> {
        self.try_plan(ctx).map_err(|error| located(&self.file.path, &self.file.text, error))
    }

    fn try_plan(&self, ctx: &Context) -> Result<Plan> {
        let prepare = self.file.header.prepare()?;
        let names: Vec<&String> = self.file.header.data.keys().collect();
        let tables = names
            .par_iter()
            .map(|name| {
                let ctx = ctx.child(&format!("read {name}"));
                let read = || {
                    let asked = table::asked(self, name, &prepare)?;
                    Ok((table::read(self, name, &prepare, asked.name, &ctx)?, asked))
                };
                let (notes, asked) = read().map_err(|e: Error| e.within(format!("data `{name}`")))?;
                Ok((((*name).clone(), notes), ((*name).clone(), asked)))
            })
            .collect::<Result<Vec<_>>>()?;
        let (tables, asked): (BTreeMap<_, TableNotes>, BTreeMap<_, Asked>) = tables.into_iter().unzip();
        let mut plan = Plan::new(self.system(&tables)?, tables, &asked, ctx)?;
        if let Some(stage) = plan.stages.iter_mut().find(|s| s.work == Work::Register && s.state == State::Cached) {
            let kept = ctx.kept(&stage.key).and_then(|kept| Registered::deserialize(kept.notes).ok());
            let why = match kept {
                Some(registered) => self.outdated(&registered, false)?,
                None => Some(DAMAGED.into()),
            };
            stage.state = why.map_or(State::Cached, State::Run);
        }
        Ok(plan)
    }

    /// Why the registry is not as the last stage left it, if it is not: it moved on since, or lost something.
    /// What is kept there is read if `read`, and otherwise looked at from outside.
    pub(crate) fn outdated(&self, registered: &Registered, read: bool) -> Result<Option<String>> {
        let name = &self.file.header.name;
        let version = match self.store.resolve(&format!("{name}:{}", registered.version)) {
            Ok(version) => version,
            Err(arkwright_store::Error::Missing { .. }) => return Ok(Some("the registry does not know it".into())),
            Err(error) => return Err(stored(error)),
        };
        let is_whole = match read {
            true => self.store.get_folder(&version.bundle).is_ok(),
            false => self.store.is_whole(&version.bundle).map_err(stored)?,
        };
        let newest = self.store.resolve(name).ok().map(|newest| newest.version);
        Ok(if registered.passed && newest != Some(version.version) {
            Some("another version was registered since".into())
        } else if !is_whole {
            Some("its bundle in the registry is damaged".into())
        } else if version.run.is_none_or(|run| self.store.report(run).is_err()) {
            Some("its report is damaged or gone".into())
        } else {
            None
        })
    }

    fn system(&self, tables: &BTreeMap<String, TableNotes>) -> Result<System> {
        let (request, _) = self.file.header.request_data()?;
        let notes = &tables[request];
        let task = self.file.header.task.or(notes.task).ok_or_else(|| Error::setting("the task is not known"))?;
        let split = match &self.file.header.split {
            Some(split) => split.clone(),
            None => Split::for_target(&notes.fields)?,
        };
        let place = |name: &str| self.file.header.spans.item(&["evaluate", "metrics"], name);
        let mut metrics = metrics(&self.file.header.evaluate.metrics, task, notes.classes, &place)?;
        // A gate's metric is measured, named or not.
        let gated: Vec<String> = self.file.header.evaluate.gate.keys().cloned().collect();
        if !gated.is_empty() {
            let place = |name: &str| self.file.header.spans.key(&["evaluate", "gate", name]);
            let gated = self::metrics(&gated, task, notes.classes, &place)?;
            metrics.extend(gated.into_iter().filter(|g| !metrics.contains(g)).collect::<Vec<_>>());
        }
        self.file.header.system(task, split, metrics, &self.registry)
    }

    /// The long form of the file, as TOML.
    ///
    /// # Errors
    /// As [`Project::plan`].
    pub fn long(&self, plan: &Plan) -> Result<String> {
        crate::file::write(&plan.system.long)
    }
}

/// The metrics of a file, or those of the task; gates need not name them all.
fn metrics(
    named: &[String],
    task: Task,
    classes: Option<usize>,
    place: &dyn Fn(&str) -> Option<Span>,
) -> Result<Vec<String>> {
    use arkwright_measure::Task as Measured;
    let suits = match (task, classes) {
        (Task::Regress, _) => Measured::Regression,
        (Task::Classify, Some(2)) => Measured::Binary,
        (Task::Classify, _) => Measured::Multiclass,
    };
    if named.is_empty() {
        return Ok(Metric::defaults(suits).iter().map(|m| m.name().to_string()).collect());
    }
    named
        .iter()
        .map(|name| {
            let metric = named_metric(name).map_err(|e| e.at_place(place(name)))?;
            match metric.suits(suits) {
                true => Ok(metric.name().to_string()),
                false => {
                    let these = Metric::all().filter(|m| m.suits(suits)).map(Metric::name).collect::<Vec<_>>();
                    Err(Error::setting(format!("the metric `{name}` does not suit this task"))
                        .at_place(place(name))
                        .with_hint(format!("these do: {}", these.join(", "))))
                }
            }
        })
        .collect()
}

fn located(file: &Path, text: &str, error: Error) -> Failed {
    let name = file.file_name().map_or_else(|| FILE.to_string(), |n| n.to_string_lossy().into_owned());
    Failed { file: error.span().map(|_| (name, text.to_string())), error }
}

fn header(folder: &Path, text: &str) -> Result<Header> {
    let folder = std::fs::canonicalize(if folder.as_os_str().is_empty() { Path::new(".") } else { folder });
    let name = folder.ok().and_then(|f| f.file_name().map(|n| n.to_string_lossy().into_owned())).unwrap_or_default();
    Header::read(read(text)?, &name)
}

fn read_file(path: &Path) -> Result<(PathBuf, String)> {
    let file = if path.is_dir() { path.join(FILE) } else { path.to_path_buf() };
    match std::fs::read_to_string(&file) {
        Ok(text) => Ok((file, text)),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
            Err(Error::setting(format!("there is no system file at `{}`", file.display()))
                .with_hint("arkwright new NAME --from table.csv --target COLUMN writes one"))
        }
        Err(e) if e.kind() == std::io::ErrorKind::InvalidData => {
            Err(Error::setting(format!("`{}` is not text in UTF-8", file.display())))
        }
        Err(source) => Err(Error::Io { doing: format!("reading `{}`", file.display()), source }),
    }
}

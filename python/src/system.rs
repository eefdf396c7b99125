//! Whole systems: run from their file, and their bundles loaded from a store or a folder.

use crate::failure::{of_system, raised};
use crate::specs::registry;
use crate::table::Table;
use crate::work::{quietly, work};
use arkwright_bundle::{Bundle, MANIFEST, type_name};
use arkwright_core::{Context, Error, Event, Kind, Model as _, Observer, PROBABILITY, Role, Stop};
use arkwright_data::Engine;
use arkwright_flow::{Options, Project, SystemFile, stored};
use arkwright_store::Store;
use pyo3::prelude::*;
use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// The name of the store's folder.
const STORE: &str = ".arkwright";

/// Opens a store whose artifacts may lie elsewhere.
type Opener = fn(&str, Option<&str>) -> arkwright_store::Result<Store>;

/// The store at a place; without one the nearest, from the working folder upwards, else a new one here.
fn store(place: Option<&str>, open: Opener) -> Result<Store, Error> {
    let named = |e: std::io::Error| Error::Io { doing: "finding the working folder".into(), source: e };
    let here = std::env::current_dir().map_err(named)?;
    let found = here.ancestors().map(|folder| folder.join(STORE)).find(|store| store.is_dir());
    let home = found.unwrap_or_else(|| here.join(STORE));
    let near = home.to_string_lossy();
    let location = place.unwrap_or(&near);
    // A server keeps rows; files lie in a folder.
    let beside = ["postgres://", "postgresql://"].iter().any(|s| location.starts_with(s)).then_some(near.as_ref());
    Ok(open(location, beside).map_err(stored)?.with_home(&home))
}

/// The work that is under way, for whoever shows it.
#[derive(Default)]
struct Watch {
    shown: Mutex<Shown>,
}

#[derive(Default)]
struct Shown {
    /// Steps done, steps in all and their unit, by the path of the work.
    under_way: BTreeMap<String, (u64, Option<u64>, String)>,
    warnings: Vec<String>,
}

impl Observer for Watch {
    fn on(&self, path: &str, event: Event<'_>) -> ControlFlow<Stop> {
        let mut shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        match event {
            Event::Begin { total, unit } => {
                shown.under_way.insert(path.to_string(), (0, total, unit.to_string()));
            }
            Event::Step { done } => {
                if let Some(work) = shown.under_way.get_mut(path) {
                    // Steps of several threads may arrive in any order.
                    work.0 = work.0.max(done);
                }
            }
            Event::End => {
                shown.under_way.remove(path);
            }
            Event::Warn { message } => shown.warnings.push(message.to_string()),
            Event::Figure { .. } => {}
        }
        ControlFlow::Continue(())
    }
}

/// Runs a system: a folder that holds an `arkwright.toml`, or the file. Gives what came of it as JSON.
///
/// `progress` is called now and then with a list of `(path, done, total, unit)` and a list of warnings.
#[pyfunction]
#[pyo3(signature = (path, *, store=None, seed=None, threads=None, progress=None))]
pub fn run(
    py: Python<'_>,
    path: PathBuf,
    store: Option<String>,
    seed: Option<u64>,
    threads: Option<usize>,
    progress: Option<Bound<'_, PyAny>>,
) -> PyResult<String> {
    let watch = Arc::new(Watch::default());
    let observer = watch.clone();
    let mut show = |_: Python<'_>| match &progress {
        Some(progress) => {
            let (under_way, warnings) = {
                let mut shown = watch.shown.lock().unwrap_or_else(PoisonError::into_inner);
                let told = |(path, (done, total, unit)): (&String, &(u64, Option<u64>, String))| {
                    (path.clone(), *done, *total, unit.clone())
                };
                (shown.under_way.iter().map(told).collect::<Vec<_>>(), std::mem::take(&mut shown.warnings))
            };
            progress.call1((under_way, warnings)).map(drop)
        }
        None => Ok(()),
    };
    let ran = work(py, threads, &mut show, move |stop| {
        // The file first: a wrong one makes no store.
        let file = SystemFile::read(&path)?;
        let store = Arc::new(self::store(store.as_deref(), Store::open)?);
        let engine = Arc::new(Engine::new(None, rayon::current_num_threads())?);
        let project = Project::new(file, registry().clone(), engine, store, Options { seed, memory: None });
        let ctx = project.context(observer, stop);
        let plan = project.plan(&ctx)?;
        arkwright_flow::run(&project, &plan, &ctx)
    })?;
    show(py)?;
    let ran = ran.map_err(of_system)?;
    serde_json::to_string(&ran).map_err(|e| raised(Error::Saved(e.to_string())))
}

/// A bundle: the whole way from a request to its answer.
#[pyclass(frozen, module = "arkwright._core")]
pub struct Served {
    bundle: Bundle,
    version: Option<i64>,
}

#[pymethods]
impl Served {
    /// A model by name (`churn`, `churn:3`, `churn@production`) from a store, or a bundle's folder.
    #[staticmethod]
    #[pyo3(signature = (name, store=None))]
    fn load(py: Python<'_>, name: String, store: Option<String>) -> PyResult<Self> {
        quietly(py, Some(1), move |_| {
            let folder = Path::new(&name);
            if folder.join(MANIFEST).is_file() {
                return Ok(Self { bundle: Bundle::load(folder, registry())?, version: None });
            }
            let store = self::store(store.as_deref(), Store::to_read)?;
            let version = store.resolve(&name).map_err(stored)?;
            let bundle = store.get_bundle(&version.bundle, registry()).map_err(stored)?;
            Ok(Self { bundle, version: Some(version.version) })
        })
    }

    /// The name of the system.
    #[getter]
    fn system(&self) -> &str {
        self.bundle.system()
    }

    /// The version in the registry, where it came from there.
    #[getter]
    fn version(&self) -> Option<i64> {
        self.version
    }

    /// `classify` or `regress`.
    #[getter]
    fn task(&self) -> String {
        self.bundle.task().to_string()
    }

    /// The names of the columns that a table must have.
    #[getter]
    fn inputs(&self) -> Vec<String> {
        self.bundle.request().required().iter().map(|f| f.name.clone()).collect()
    }

    /// The type that the target had in training: `int64`, `string`, `bool` ...; None where that is not known.
    #[getter]
    fn target_type(&self) -> Option<String> {
        let fields = self.bundle.request().fields();
        let target = fields.iter().find(|f| f.field.role == Role::Target)?;
        type_name(&target.data_type).ok()
    }

    /// The classes, in the order of their probabilities.
    #[getter]
    fn classes(&self) -> Option<Vec<String>> {
        self.bundle.signature().gives.iter().find_map(|field| match &field.kind {
            Kind::Vector { names: Some(names), .. } if field.name == PROBABILITY => Some(names.to_vec()),
            _ => None,
        })
    }

    /// The answers for a table, and what in it training never saw, in sentences.
    #[pyo3(signature = (table, threads=None))]
    fn predict(&self, py: Python<'_>, table: &Table, threads: Option<usize>) -> PyResult<(Table, Vec<String>)> {
        let (frame, unseen) = quietly(py, threads, |stop| {
            let request = self.bundle.request().conform(&table.frame.to_batch()?, 0)?;
            let unseen = self.bundle.request().unseen(&request)?;
            let ctx = Context::new(0).with_registry(registry().clone()).with_stop(stop);
            Ok((self.bundle.predict(&request, &ctx)?, unseen.told()))
        })?;
        Ok((Table { frame }, unseen))
    }
}

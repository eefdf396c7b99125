//! Where a command works: its store, its threads, its progress, and what Ctrl-C does.

use crate::args::Global;
use crate::failure::Failure;
use crate::progress::Progress;
use arkwright_core::Registry;
use arkwright_data::Engine;
use arkwright_flow::{Options, Project, SystemFile, stored};
use arkwright_store::Store;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// The name of the store's folder.
const STORE: &str = ".arkwright";

/// Opens a store whose artifacts may lie elsewhere.
type Opener = fn(&str, Option<&str>) -> arkwright_store::Result<Store>;

/// A command's surroundings.
pub struct Place {
    /// What every command takes.
    pub global: Global,
    /// Shows progress.
    pub progress: Arc<Progress>,
    /// Set by Ctrl-C.
    pub stop: Arc<AtomicBool>,
    /// What is known by name.
    pub registry: Registry,
    threads: usize,
}

impl Place {
    /// Sizes the one pool of threads, and listens for Ctrl-C.
    pub fn new(global: Global) -> Result<Self, Failure> {
        let threads =
            global.threads.map_or_else(|| std::thread::available_parallelism().map_or(1, Into::into), usize::from);
        rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build_global()
            .map_err(|e| Failure::usage(format!("{threads} threads cannot be started: {e}"), "--threads 2"))?;
        let stop = Arc::new(AtomicBool::new(false));
        let asked = stop.clone();
        let progress = Arc::new(Progress::new(global.quiet || global.json));
        // The first Ctrl-C ends what is under way at its next step; the second ends the program.
        let handler = ctrlc::set_handler(move || {
            if asked.swap(true, Ordering::SeqCst) {
                std::process::exit(130);
            }
        });
        handler.map_err(|e| Failure::usage(format!("Ctrl-C cannot be listened for: {e}"), "try again"))?;
        Ok(Self { global, progress, stop, registry: arkwright_flow::registry(), threads })
    }

    /// Runs work on the pool.
    pub fn compute<T: Send>(&self, work: impl FnOnce() -> T + Send) -> T {
        rayon::join(work, || ()).0
    }

    /// The threads of the pool.
    pub fn threads(&self) -> usize {
        self.threads
    }

    /// The store that the command line names, or the nearest one, made here if there is none.
    pub fn store(&self) -> Result<Arc<Store>, Failure> {
        self.open(Store::open)
    }

    /// The store for a command that only looks: where there is none, an empty one that is gone afterwards.
    pub fn store_to_read(&self) -> Result<Arc<Store>, Failure> {
        self.open(Store::to_read)
    }

    fn open(&self, open: Opener) -> Result<Arc<Store>, Failure> {
        let home = nearest_store()?;
        let here = home.to_string_lossy();
        let location = self.global.store.as_deref().unwrap_or(&here);
        // A server keeps rows; files lie in a folder unless another place is named.
        let beside = ["postgres://", "postgresql://"].iter().any(|s| location.starts_with(s)).then_some(here.as_ref());
        let store = open(location, self.global.artifacts.as_deref().or(beside)).map_err(stored)?;
        Ok(Arc::new(store.with_home(&home)))
    }

    /// What reads tables.
    pub fn engine(&self) -> Result<Arc<Engine>, Failure> {
        Ok(Arc::new(Engine::new(self.global.memory, self.threads)?))
    }

    /// The project of a system file.
    pub fn project(&self, file: SystemFile, store: Arc<Store>) -> Result<Project, Failure> {
        let options = Options { seed: self.global.seed, memory: self.global.memory };
        Ok(Project::new(file, self.registry.clone(), self.engine()?, store, options))
    }
}

/// Refuses a file that is not there; what names a server, or several files, is left to whoever reads it.
pub fn there(input: &str) -> Result<(), Failure> {
    match input == "-" || input.contains(['*', ':']) || Path::new(input).exists() {
        true => Ok(()),
        false => {
            let message = format!("there is no file `{input}`");
            Err(Failure::failed(message, Some("its path is taken from the folder that you are in".into())))
        }
    }
}

fn nearest_store() -> Result<PathBuf, Failure> {
    let here = std::env::current_dir()?;
    let found = here.ancestors().map(|folder| folder.join(STORE)).find(|store| store.is_dir());
    Ok(found.unwrap_or_else(|| here.join(STORE)))
}

//! Work outside Python's lock: on a pool of threads, while the caller waits and hears Ctrl-C.
//!
//! A pool is made once for each number of threads, and anew in a process that was forked, whose threads are
//! gone. The caller looks for signals twenty times a second; one ends the work at its next step, and is raised
//! once the work has ended.

use arkwright_core::Error;
use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use rayon::{ThreadPool, ThreadPoolBuilder};
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// How long the caller waits between two looks at signals.
const BREATH: Duration = Duration::from_millis(50);

type Pools = HashMap<(u32, usize), Arc<ThreadPool>>;
static POOLS: Mutex<Option<Pools>> = Mutex::new(None);

/// The pool of so many threads; without a number, `ARKWRIGHT_THREADS`, or as many as the machine has cores.
fn pool(threads: Option<usize>) -> PyResult<Arc<ThreadPool>> {
    let cores = || std::thread::available_parallelism().map_or(1, usize::from);
    let threads = match threads {
        Some(threads) => threads,
        None => match std::env::var("ARKWRIGHT_THREADS") {
            Ok(text) => text.parse().map_err(|_| {
                PyRuntimeError::new_err(format!("ARKWRIGHT_THREADS is `{text}`, which is no number of threads"))
            })?,
            Err(_) => cores(),
        },
    };
    let threads = if threads == 0 { cores() } else { threads };
    let mut pools = POOLS.lock().unwrap_or_else(PoisonError::into_inner);
    let pools = pools.get_or_insert_with(HashMap::new);
    let key = (std::process::id(), threads);
    if let Some(pool) = pools.get(&key) {
        return Ok(pool.clone());
    }
    let built = ThreadPoolBuilder::new().num_threads(threads).build();
    let built = built.map_err(|e| PyRuntimeError::new_err(format!("{threads} threads cannot be started: {e}")))?;
    // Of a process that was forked, the parent's pools have no threads here, and waiting for them never ends.
    pools.retain(|(process, _), pool| {
        let ours = *process == key.0;
        if !ours {
            std::mem::forget(pool.clone());
        }
        ours
    });
    Ok(pools.entry(key).or_insert(Arc::new(built)).clone())
}

/// Does `job` on a pool with the lock let go. The job is given a flag that says when to stop. `heard` is called
/// with the lock at each breath, and its error stops the job too.
pub fn work<T: Send>(
    py: Python<'_>,
    threads: Option<usize>,
    mut heard: impl FnMut(Python<'_>) -> PyResult<()>,
    job: impl FnOnce(Arc<AtomicBool>) -> T + Send,
) -> PyResult<T> {
    let pool = pool(threads)?;
    let stop = Arc::new(AtomicBool::new(false));
    std::thread::scope(|scope| {
        let (done, mut waiting) = channel();
        let asked = stop.clone();
        let worker = scope.spawn(move || {
            let answer = pool.install(|| job(asked));
            // Whoever waits is there until it is told.
            let _ = done.send(());
            answer
        });
        let mut raised = None;
        loop {
            let answer;
            (waiting, answer) = py.detach(move || {
                let answer = waiting.recv_timeout(BREATH);
                (waiting, answer)
            });
            if !matches!(answer, Err(RecvTimeoutError::Timeout)) {
                break;
            }
            if raised.is_none()
                && let Err(error) = py.check_signals().and_then(|()| heard(py))
            {
                stop.store(true, Ordering::SeqCst);
                raised = Some(error);
            }
        }
        let answer = worker.join();
        match (raised, answer) {
            (Some(error), _) => Err(error),
            (None, Ok(answer)) => Ok(answer),
            (None, Err(_)) => {
                Err(PyRuntimeError::new_err("arkwright itself failed; please report it with the lines above"))
            }
        }
    })
}

/// Work of one row: done at once by the caller, since waking a pool takes longer than the work.
pub fn at_once<T: Send>(py: Python<'_>, job: impl FnOnce() -> Result<T, Error> + Send) -> PyResult<T> {
    py.detach(job).map_err(crate::failure::raised)
}

/// Work that nobody listens to.
pub fn quietly<T: Send>(
    py: Python<'_>,
    threads: Option<usize>,
    job: impl FnOnce(Arc<AtomicBool>) -> Result<T, Error> + Send,
) -> PyResult<T> {
    work(py, threads, |_| Ok(()), job)?.map_err(crate::failure::raised)
}

//! Which runs are under way, and which lost their process.
//!
//! A run under way holds a lock that the system takes back the moment its process ends, however it ends. So a
//! run that the database calls running, and whose lock is free, was killed: no clock is asked, no process
//! number can be taken for another's, and a machine that was switched off is known as well. A folder has a
//! file for each run, locked by the process that runs it; a PostgreSQL server has its advisory locks, held by
//! one connection for all runs of a process.

use crate::database::Database;
use crate::error::{Error, Result};
use sqlx::{AnyConnection, Row};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// The locks of runs.
#[derive(Clone)]
pub(crate) enum Alive {
    /// Files in a folder.
    Files(Arc<Files>),
    /// A connection that holds advisory locks.
    Session(Arc<tokio::sync::Mutex<Option<AnyConnection>>>),
}

pub(crate) struct Files {
    folder: PathBuf,
    held: Mutex<BTreeMap<i64, File>>,
}

/// What the server's locks of runs are told from others by; their second number is the run's.
const HOLD: &str = "select pg_try_advisory_lock(470317, cast($1 as integer))";
const LET_GO: &str = "select pg_advisory_unlock(470317, cast($1 as integer))";
const HELD: &str = "select cast(objid as bigint) from pg_locks where locktype = 'advisory' and classid = 470317 \
                    and granted and database = (select oid from pg_database where datname = current_database())";

impl Alive {
    pub fn files(folder: &Path) -> Self {
        Self::Files(Arc::new(Files { folder: folder.to_path_buf(), held: Mutex::default() }))
    }

    pub fn session() -> Self {
        Self::Session(Arc::default())
    }

    /// Holds the lock of a run of this process.
    pub async fn hold(&self, db: &Database, run: i64) -> Result<()> {
        match self {
            Self::Files(files) => files.hold(run),
            Self::Session(session) => {
                let mut session = session.lock().await;
                let connection = match &mut *session {
                    Some(connection) => connection,
                    none => {
                        // Not the pool's: a lock is never to come back with a connection that others use.
                        let free = db.pool.acquire().await.map_err(Error::database("beginning a run"))?;
                        none.insert(free.detach())
                    }
                };
                let locked = sqlx::query(HOLD).bind(run).execute(connection).await;
                locked.map(|_| ()).map_err(Error::database("beginning a run"))
            }
        }
    }

    /// Lets go of a run that ended.
    pub async fn let_go(&self, run: i64) {
        match self {
            Self::Files(files) => files.let_go(run),
            Self::Session(session) => {
                if let Some(connection) = &mut *session.lock().await {
                    // Where it fails the connection is lost, and the lock with it.
                    let _ = sqlx::query(LET_GO).bind(run).execute(connection).await;
                }
            }
        }
    }

    /// Those of some runs that a living process holds.
    pub async fn among(&self, db: &Database, runs: &[i64]) -> Result<BTreeSet<i64>> {
        match self {
            Self::Files(files) => Ok(runs.iter().copied().filter(|&run| files.is_held(run)).collect()),
            Self::Session(_) => {
                let doing = "asking which runs are under way";
                let rows = sqlx::query(HELD).fetch_all(&db.pool).await.map_err(Error::database(doing))?;
                rows.iter().map(|row| row.try_get(0).map_err(Error::database(doing))).collect()
            }
        }
    }
}

impl Files {
    fn hold(&self, run: i64) -> Result<()> {
        let path = self.folder.join(run.to_string());
        let hold = || {
            fs::create_dir_all(&self.folder)?;
            let file = File::create(&path)?;
            // A place that knows no locks keeps runs all the same.
            let _ = file.lock();
            Ok(file)
        };
        let file = hold().map_err(Error::io("writing", &path))?;
        self.held.lock().unwrap_or_else(PoisonError::into_inner).insert(run, file);
        Ok(())
    }

    fn let_go(&self, run: i64) {
        // What was not held by this process has no file to remove.
        if self.held.lock().unwrap_or_else(PoisonError::into_inner).remove(&run).is_some() {
            let _ = fs::remove_file(self.folder.join(run.to_string()));
        }
    }

    fn is_held(&self, run: i64) -> bool {
        let Ok(file) = File::open(self.folder.join(run.to_string())) else { return false };
        match file.try_lock_shared() {
            Ok(()) => false,
            // Where locks are not known, nothing says that it was killed.
            Err(TryLockError::WouldBlock | TryLockError::Error(_)) => true,
        }
    }
}

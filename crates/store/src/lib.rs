//! The store: runs, artifacts, the registry of models, and the memory of fits.
//!
//! | file | its job |
//! |---|---|
//! | `store` | opens all of it; the only thing that the rooms below hold |
//! | `database` | the connection, the same for SQLite and PostgreSQL, and its migrations |
//! | `runs` | what ran: runs, stages, reports |
//! | `alive` | which runs are under way, and which lost their process |
//! | `models` | registered versions, aliases, and the names that people call them by |
//! | `artifacts` | bytes under the hash of their content, on disk or in an object store |
//! | `memo` | fitted parts under the names of their fits, for [`arkwright_core::Context`] |
//! | `clean` | frees what no registered version needs |
//!
//! By default it is a folder that can be copied to another machine:
//!
//! ```text
//! .arkwright/arkwright.db        SQLite, with a write-ahead log
//! .arkwright/artifacts/ab/cdef.. bytes, named by their BLAKE3 hash
//! .arkwright/memo/ab/cdef..      fitted parts, named by their fit
//! .arkwright/running/7           locked by the process of run 7, as long as it lives
//! ```
//!
//! Every call blocks until it is done and may be made from any thread, within a runtime or not; a server
//! makes them where blocking is allowed. Several processes may use one store at once, and one that dies
//! leaves nothing half there.
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod alive;
mod artifacts;
mod clean;
mod database;
mod error;
mod memo;
mod models;
mod runs;
mod store;

pub use clean::{Cleaned, Garbage};
pub use error::{Error, Result};
pub use memo::StoreMemo;
pub use models::{Gates, ModelVersion, NewModel, Reference, Which};
pub use runs::{NewRun, Run, RunStatus, Stage, StageStatus};
pub use store::{FOLDER, Store};

//! From one file to a served model: the file, the plan, the run.
//!
//! [`SystemFile::read`] reads the file. [`Project::plan`] reads the tables, checks that the kinds fit and names
//! every stage. [`run()`] does what is left to do. Everything else here is one stage or one section of
//! the file.
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod choose;
pub mod exchange;
pub mod file;
mod inspect;
mod lock;
mod new;
mod plan;
mod project;
mod run;
mod schema;
pub mod stage;
mod table;

pub use choose::{Candidate, Choose, Leaderboard};
pub use new::{Draft, draft};
pub use plan::{Because, Inner, Plan, Stage, State};
pub use project::{FILE, Failed, Options, Project, SystemFile};
pub use run::{Ran, run, stored};
pub use schema::schema;
pub use table::TableNotes;

use arkwright_core::Registry;

/// Everything that this program knows by name: the lists of all rooms.
pub fn registry() -> Registry {
    let specs = [arkwright_expr::specs(), arkwright_learn::specs(), arkwright_tune::specs(), vec![choose::spec()]];
    let formats = [arkwright_expr::formats(), arkwright_learn::formats(), arkwright_bundle::formats()];
    Registry::new(specs.concat(), formats.concat())
}

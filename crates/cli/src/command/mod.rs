//! The commands, one file each.

pub mod clean;
pub mod exchange;
pub mod list;
pub mod new;
pub mod plan;
pub mod predict;
pub mod report;
pub mod run;
pub mod schema;
pub mod serve;

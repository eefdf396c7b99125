//! The room's tests: files in and out, what columns are, checks, the leakage audit.
#![allow(clippy::unwrap_used, missing_docs)]

mod arrow_ipc;
mod bounds;
mod checks;
mod csv;
mod damage;
mod feather;
mod figures;
mod formats;
mod header;
mod json_lines;
mod leakage;
mod notation;
mod parquet;
mod place;
mod query;
mod roles;
mod round_trip;
mod several;
mod source;
mod spelling;
mod split_leaks;
mod threads;
mod typing;
mod write;

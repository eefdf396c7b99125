//! Data: tables in and out.
//!
//! An [`Engine`] reads files of rows into record batches, or has SQL build them; [`typing`] says what each
//! column is; [`checks`] and [`leakage`] look for what is wrong with them before anything is fitted;
//! [`write()`] puts frames into files; a [`ParquetSource`] gives rows that need not fit into memory.
//!
//! To add a file format, add a variant to [`FileFormat`], a reader beside [`mod@text`] or `binary.rs` that gives
//! a [`Raw`], and a writer in `write.rs`.
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod binary;
pub mod checks;
mod engine;
mod format;
mod guess;
mod ipc;
pub mod leakage;
pub mod literal;
mod locate;
mod native;
mod profile;
mod query;
mod raw;
mod source;
mod text;
pub mod typing;
mod whole;
mod write;

pub use engine::{Engine, Limits, Request};
pub use format::FileFormat;
pub use guess::NotationSettings;
pub use profile::{ColumnProfile, Numbers, infer_task};
pub use raw::{Bad, BadRow, Raw};
pub use source::ParquetSource;
pub use typing::{ColumnKind, ColumnSettings, Typed, Typing, ValueType};
pub use whole::replace;
pub use write::{write, write_file};

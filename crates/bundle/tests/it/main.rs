//! The tests of the bundle.
#![allow(clippy::unwrap_used, missing_docs)]

mod bundle;
mod conform;
mod disk;
mod golden;
mod json;
mod models;
mod notation;

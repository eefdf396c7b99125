//! Reports as a reader gets them: whole, escaped, finite, and kept as JSON.
#![allow(clippy::unwrap_used, missing_docs)]

mod charts;
mod pages;
#[allow(dead_code)]
#[path = "../../examples/sample_report.rs"]
mod sample;
mod shape;

//! The spine, end to end: from a file to a bundle that answers.
#![allow(clippy::unwrap_used, missing_docs)]

mod checks;
mod damage;
mod drafts;
mod errors;
mod explained;
mod golden;
mod graph;
mod labels;
mod larger;
mod notation;
mod ordered;
mod same_bytes;
mod systems;
mod workshop;

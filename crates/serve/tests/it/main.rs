//! The tests of the server: a real one on a free loopback port, asked over real connections.
#![allow(clippy::unwrap_used, missing_docs)]

mod api;
mod client;
mod connections;
mod model;
mod pages;
mod predictions;
mod safety;
mod stored;

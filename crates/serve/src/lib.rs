//! `arkwright serve`: predictions over HTTP, and pages to look at models and runs.
//!
//! | file | its job |
//! |---|---|
//! | [`config`](Config) | what a server allows, and where it may listen |
//! | `server` | the front that requests pass, the end |
//! | `workers`, `connection` | threads, the connections dealt among them, the two ways of a request |
//! | `quick` | plain requests for predictions, from bytes to bytes |
//! | `door` | host names, origins, the token |
//! | `predict`, `body`, `answer` | `POST /v1/models/NAME:predict`, from bytes to bytes |
//! | `models`, `reference` | which models there are, and those in memory |
//! | `library` | the store, as the server sees it |
//! | `about`, `catalogue` | what a model takes and gives; what all of them do |
//! | `api`, `openapi` | the other JSON routes, and their description |
//! | `metrics` | what is counted, as Prometheus reads it |
//! | `problem` | errors as a client sees them |
//! | `ui` | the pages |
//!
//! A server holds no state but a cache: another one on the same store answers the same.
//!
//! ```no_run
//! # async fn run(bundle: arkwright_bundle::Bundle) -> Result<(), arkwright_serve::Error> {
//! use arkwright_serve::{Config, Server};
//!
//! let mut server = Server::new(Config::default());
//! server.insert("churn", 1, bundle)?;
//! let listener = server.bind("127.0.0.1:8080".parse().unwrap()).await?;
//! server.serve(listener, std::future::pending()).await
//! # }
//! ```
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod about;
mod answer;
mod api;
mod body;
mod catalogue;
mod config;
mod connection;
mod door;
mod error;
mod library;
mod metrics;
mod models;
mod openapi;
mod predict;
mod problem;
mod quick;
mod reference;
mod server;
mod ui;
mod workers;

pub use config::Config;
pub use error::Error;
pub use server::{Log, Server};

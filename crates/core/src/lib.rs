//! The vocabulary of Arkwright: seven ideas, and no algorithm among them.
//!
//! | idea | type | in a sentence |
//! |---|---|---|
//! | frame | [`Frame`] | Arrow columns, what each *is* ([`Kind`]) and the part it plays ([`Role`]) |
//! | source | [`Source`] | rows that can be read again, in a fixed order |
//! | estimator, model | [`Estimator`], [`Model`] | settings, and what fitting them gives |
//! | system | the file, in `flow` | named data and named steps, a graph |
//! | bundle | in `bundle` | the fitted steps that lead from a request to its answer; itself a [`Model`] |
//! | spec | [`Spec`], [`Format`], [`Registry`] | the entry by which an estimator, or a saved model, is known |
//! | observer | [`Observer`] | what a long computation tells and asks |
//!
//! A step is fitted on a source and applied to frames. Whoever composes steps (a chain, a search, a
//! stack) holds [`Part`]s and fits them through [`Context::fit`], which names each fit by a [`Hash`] of
//! its settings and its data, so that nothing is fitted twice.
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod answer;
mod content;
mod context;
mod error;
mod estimator;
mod frame;
mod hash;
mod missing;
mod model;
pub mod must;
mod notation;
mod observe;
mod parts;
mod random;
mod row;
mod settings;
mod source;
mod spec;
mod value;
mod wiring;

pub use answer::{PREDICTION, PROBABILITY, QUANTILE, sort_classes};
pub use context::{Context, Memo, NoMemo, Remembered, fit_key};
pub use error::{Error, Result, nearest};
pub use estimator::{Estimator, Fitted, Part, Reads, Signature, Task, Train, target_of};
pub use frame::{Field, Frame, Kind, Role};
pub use hash::{Hash, Hasher};
pub use missing::{MISSING, is_missing};
pub use model::{Attribute, Attribution, Model, Skills, Tables};
pub use notation::{DateOrder, Notation};
pub use observe::{Event, Observer, Silent, Stop};
pub use parts::{Blob, BlobData, Parts};
pub use random::Random;
pub use row::{Cell, Named, Places, Row, Rowwise, Taken};
pub use settings::{Settings, from_value};
pub use source::{Applied, Source, Subset, Table, collect};
pub use spec::{Format, Leaf, Registry, Spec, schema_of};
pub use value::{Entry, Map, Node, Span, Value, counted, key_text};
pub use wiring::{Wiring, follow};

/// JSON, for settings and manifests; never for fitted floats.
pub type Json = serde_json::Value;

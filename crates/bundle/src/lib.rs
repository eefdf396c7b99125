//! The bundle: the fitted steps that lead from a request to its answer.
//!
//! | file | its job |
//! |---|---|
//! | `request` | what a request holds: fields, and the Arrow types that training had |
//! | `conform` | a raw table becomes a request frame |
//! | `json` | a JSON body becomes a request frame, without a value per cell |
//! | `unseen` | what in a request training never saw is counted |
//! | `row` | a JSON body of one row is answered without a frame |
//! | `bundle` | the graph of fitted steps; itself a [`arkwright_core::Model`] |
//! | `codec` | parts to bytes and back |
//! | `disk` | a bundle as a folder |
//! | `golden` | a bundle with a request and the answer that it must give for ever |
//!
//! Training, batch, request and Python all go through [`Request`], so that a value means the same
//! wherever it came from. A bundle holds data only: JSON without fitted floats, and safetensors.
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod bundle;
mod codec;
mod conform;
mod data_type;
mod disk;
pub mod golden;
mod json;
mod request;
mod row;
mod spelling;
mod table;
mod unseen;

pub use arkwright_core::MISSING;
pub use bundle::{Bundle, FORMAT, Graph, REQUEST, Step};
pub use codec::{MAX_DEPTH, decode, encode};
pub use data_type::{parse_type, type_name};
pub use disk::{ARRAYS, BUNDLE_VERSION, MANIFEST};
pub use request::{MAX_VALUES, Request, RequestField};
pub use row::Answer;
pub use unseen::{Unseen, UnseenColumn};

use arkwright_core::Format;

/// The saved formats of this room.
pub fn formats() -> Vec<Format> {
    vec![Format { name: FORMAT, version: 1, load: bundle::load }]
}

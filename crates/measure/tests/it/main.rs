//! The measures against scikit-learn, against themselves, and against what users get wrong.
#![allow(clippy::unwrap_used, missing_docs)]

mod bootstrap;
mod edges;
mod properties;
mod reference;

//! The command as its users meet it.
#![allow(clippy::unwrap_used, missing_docs)]

mod guide;

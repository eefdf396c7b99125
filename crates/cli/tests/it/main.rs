//! The command as its users meet it.
#![allow(clippy::unwrap_used, missing_docs)]

mod agree;
mod contract;
mod damage;
mod desk;
mod guide;
mod killed;
mod output;

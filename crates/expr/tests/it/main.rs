//! The room's tests: what expressions give, what is refused, one code for many rows and for one.
#![allow(clippy::unwrap_used, missing_docs)]

mod alone;
mod arithmetic;
mod casts;
mod conditions;
mod dates;
mod every;
mod grown;
mod inputs;
mod names;
mod order;
mod refused;
mod rows;
mod saved;
mod text;
mod unknown;

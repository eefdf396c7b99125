//! The system file: text to [`System`], in two stages so that no error loses its place.
//!
//! 1. [`read()`] makes spanned values of the TOML.
//! 2. The sections are taken out one by one ([`section`]), each read by its own strict struct; the short
//!    form (`[[model]]`) is rewritten into the long one ([`short`]), which is a rewriting of tables and
//!    nothing else; and the steps are given to the registry ([`graph`]).

mod graph;
mod read;
pub mod section;
mod short;
mod spans;
mod system;
mod write;

pub use graph::{Place, Step};
pub use read::read;
pub use short::{PREDICTION, TABLE, expand};
pub use spans::Spans;
pub use system::{Header, System, check_name};
pub use write::write;

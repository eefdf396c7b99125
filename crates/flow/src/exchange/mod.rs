//! Models from other programs, and for them.
//!
//! | file | its job |
//! |---|---|
//! | [`import`] | another program's trees become a bundle |
//! | [`export`] | a bundle of trees becomes another program's model |
//! | [`replay`] | an export is read back and must answer as the bundle does, before it is handed over |

mod export;
mod import;
mod replay;

pub use export::{Exported, export, held_out};
pub use import::{Imports, import};
pub use replay::Replayed;

//! The split stage: which rows are learnt from, and which are kept for the judge.

use arkwright_core::{Context, Frame, Result};
use arkwright_validate::{Split, hold_out};

/// The version of the stage's output.
pub const VERSION: u32 = 1;

/// The rows to learn from, and those held out.
///
/// # Errors
/// When the rows cannot be split so.
pub fn split(frame: &Frame, split: &Split, ctx: &Context) -> Result<(Vec<u32>, Vec<u32>)> {
    hold_out(frame, split, ctx.root_seed())
}

//! `arkwright clean`: frees what no registered version needs.

use crate::failure::Failure;
use crate::place::Place;
use crate::show::{say, say_json};
use arkwright_flow::stored;
use std::process::ExitCode;
use std::time::Duration;

/// What was touched less long ago may belong to a run under way.
const AGE: Duration = Duration::from_secs(600);

/// Frees, or lists, what no registered version needs.
pub fn clean(dry_run: bool, place: &Place) -> Result<ExitCode, Failure> {
    let freed = place.store_to_read()?.clean(AGE, dry_run).map_err(stored)?;
    if place.global.json {
        say_json(&freed)?;
    } else {
        let verb = if dry_run { "would free" } else { "freed" };
        let files = freed.garbage.len();
        say(&format!("{verb} {} in {files} file{}\n", size(freed.bytes), if files == 1 { "" } else { "s" }))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn size(bytes: u64) -> String {
    match bytes {
        b if b >= 1_000_000_000 => format!("{:.1} GB", b as f64 / 1e9),
        b if b >= 1_000_000 => format!("{:.1} MB", b as f64 / 1e6),
        b if b >= 1_000 => format!("{:.1} kB", b as f64 / 1e3),
        b => format!("{b} bytes"),
    }
}

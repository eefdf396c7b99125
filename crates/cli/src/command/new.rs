//! `arkwright new`: looks at a table and writes a system file that runs.

use crate::failure::Failure;
use crate::place::{Place, there};
use crate::show::{plain, say, say_json, strong, tell};
use arkwright_core::{Error, counted};
use arkwright_flow::FILE;
use std::io::Write;
use std::path::{Component, Path, PathBuf};
use std::process::ExitCode;

/// Makes the folder `name` with a system file for a table; overwrites nothing.
pub fn new(name: &str, from: &str, target: &str, place: &Place) -> Result<ExitCode, Failure> {
    let file = Path::new(name).join(FILE);
    if file.exists() {
        return Err(Failure::usage(format!("`{}` is there already", file.display()), "choose another name"));
    }
    there(from)?;
    let engine = place.engine()?;
    let written = from_folder(Path::new(from));
    let draft = place.compute(|| arkwright_flow::draft(&engine, Path::new(""), from, &written, name, target))?;
    let io = |source| Error::Io { doing: format!("writing `{}`", file.display()), source };
    std::fs::create_dir_all(name).map_err(io)?;
    let mut out = std::fs::OpenOptions::new().write(true).create_new(true).open(&file).map_err(io)?;
    out.write_all(draft.text.as_bytes()).map_err(io)?;
    if !place.global.quiet {
        for warning in &draft.warnings {
            tell(&format!("  ! {}", plain(warning)));
        }
    }
    if place.global.json {
        say_json(&serde_json::json!({
            "file": file, "rows": draft.rows, "columns": draft.columns.len(), "task": draft.task,
            "warnings": draft.warnings,
        }))?;
        return Ok(ExitCode::SUCCESS);
    }
    let (rows, columns) = (counted(draft.rows as u64, "row"), counted(draft.columns.len() as u64, "column"));
    let target = plain(target);
    let next = strong(&format!("arkwright run {name}"));
    say(&format!("{rows}, {columns}; `{target}` is to {}\nwrote {}; next: {next}\n", draft.task, file.display()))?;
    Ok(ExitCode::SUCCESS)
}

/// A path from the folder that is made to a file named from here.
fn from_folder(path: &Path) -> String {
    if path.is_absolute() || path.to_string_lossy().contains("://") {
        return path.to_string_lossy().into_owned();
    }
    let mut up = PathBuf::from("..");
    up.extend(path.components().filter(|c| !matches!(c, Component::CurDir)));
    up.to_string_lossy().into_owned()
}

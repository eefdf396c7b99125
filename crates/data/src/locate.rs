//! Where data lies: a file, a folder, a pattern (`2024/*.csv`, `**/*.parquet`), or bytes at hand.
//!
//! A folder or a pattern stands for its files in the order of their paths; hidden files and those whose
//! name starts with an underscore are no data.

use crate::FileFormat;
use arkwright_core::{Error, Result, nearest};
use std::path::{Path, PathBuf};

/// Files of one location, at most.
const FILES: usize = 100_000;

/// The files that a location stands for, relative to `base`.
pub(crate) fn files(base: &Path, location: &str) -> Result<Vec<PathBuf>> {
    if location.is_empty() {
        return Err(Error::data("the source is empty").with_hint("source = \"table.csv\""));
    }
    if let Some((scheme, _)) = location.split_once("://") {
        return Err(
            Error::data(format!("`{scheme}://` cannot be read yet")).with_hint("copy the files to this machine")
        );
    }
    let path = base.join(location);
    if path.is_file() || (path.exists() && !path.is_dir()) {
        return Ok(vec![path]);
    }
    let mut found = Vec::new();
    if path.is_dir() {
        walk(&path, false, &mut |file| {
            if FileFormat::of_source(&file).is_some() {
                found.push(file);
            }
        })?;
    } else if location.contains(['*', '?']) {
        let (root, pattern) = split(location);
        let root = base.join(root);
        if root.is_dir() {
            walk(&root, pattern.contains('/'), &mut |file| {
                let below = file.strip_prefix(&root).unwrap_or(&file).to_string_lossy().replace('\\', "/");
                if matches(pattern.as_bytes(), below.as_bytes()) {
                    found.push(file);
                }
            })?;
        }
    } else {
        return Err(absent(&path, location));
    }
    if found.is_empty() {
        return Err(Error::data(format!("no file of data at `{location}`"))
            .with_hint("CSV, JSON lines, Parquet and Arrow files are read"));
    }
    found.sort();
    Ok(found)
}

/// The one format of some files.
pub(crate) fn format_of(files: &[PathBuf], asked: Option<FileFormat>) -> Result<FileFormat> {
    if let Some(format) = asked {
        return Ok(format);
    }
    let formats = files
        .iter()
        .map(|f| {
            FileFormat::of_source(f).ok_or_else(|| {
                Error::data(format!("the name `{}` does not tell its format", crate::binary::name(f)))
                    .with_hint("say it: format = \"csv\", \"json_lines\", \"parquet\" or \"arrow\"")
            })
        })
        .collect::<Result<Vec<_>>>()?;
    match formats.iter().find(|f| **f != formats[0]) {
        Some(other) => Err(Error::data(format!("{} and {} files together", formats[0].name(), other.name()))
            .with_hint("name those of one format: source = \"folder/*.parquet\"")),
        None => Ok(formats[0]),
    }
}

fn absent(path: &Path, location: &str) -> Error {
    let error = Error::data(format!("there is no file `{location}`"));
    let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else { return error };
    let names: Vec<String> = std::fs::read_dir(folder)
        .map(|entries| entries.flatten().map(|e| e.file_name().to_string_lossy().into_owned()).collect())
        .unwrap_or_default();
    match nearest(&name.to_string_lossy(), names.iter().map(String::as_str)) {
        Some(near) => error.with_hint(format!("there is a `{near}`")),
        None => error.with_hint("paths are relative to the system file"),
    }
}

/// The folder before the first wildcard, and the pattern from there on.
fn split(location: &str) -> (&str, &str) {
    let wild = location.find(['*', '?']).unwrap_or(location.len());
    match location[..wild].rfind('/') {
        Some(slash) => (&location[..=slash], &location[slash + 1..]),
        None => ("", location),
    }
}

fn walk(folder: &Path, deep: bool, found: &mut dyn FnMut(PathBuf)) -> Result<()> {
    let mut folders = vec![folder.to_path_buf()];
    let mut seen = 0;
    while let Some(folder) = folders.pop() {
        let failed = |source| Error::Io { doing: format!("reading {}", folder.display()), source };
        for entry in std::fs::read_dir(&folder).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let name = entry.file_name();
            if name.to_string_lossy().starts_with(['.', '_']) {
                continue;
            }
            seen += 1;
            if seen > FILES {
                return Err(Error::data(format!("more than {FILES} files in {}", folder.display())));
            }
            // Links to folders are not followed: they may lead back up.
            match entry.file_type().map_err(failed)?.is_dir() {
                true if deep => folders.push(entry.path()),
                true => {}
                false => found(entry.path()),
            }
        }
    }
    Ok(())
}

/// `*` and `?` stand for characters other than `/`, `**/` for any folders.
fn matches(pattern: &[u8], text: &[u8]) -> bool {
    match pattern {
        [] => text.is_empty(),
        [b'*', b'*', b'/', rest @ ..] => {
            matches(rest, text) || text.iter().enumerate().any(|(i, b)| *b == b'/' && matches(rest, &text[i + 1..]))
        }
        [b'*', rest @ ..] => {
            let segment = text.iter().position(|b| *b == b'/').unwrap_or(text.len());
            (0..=segment).any(|n| matches(rest, &text[n..]))
        }
        [b'?', rest @ ..] => matches!(text, [b, after @ ..] if *b != b'/' && matches(rest, after)),
        [b, rest @ ..] => matches!(text, [t, after @ ..] if t == b && matches(rest, after)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_stand_for_files_and_two_stars_for_folders() {
        let yes =
            [("*.csv", "a.csv"), ("**/*.csv", "a.csv"), ("**/*.csv", "x/y/a.csv"), ("20??/a*.csv", "2024/ab.csv")];
        let no = [("*.csv", "x/a.csv"), ("*.csv", "a.csvx"), ("20??/a.csv", "20/24/a.csv")];
        assert!(yes.iter().all(|(p, t)| matches(p.as_bytes(), t.as_bytes())));
        assert!(!no.iter().any(|(p, t)| matches(p.as_bytes(), t.as_bytes())));
        assert_eq!(split("data/2024/*.csv"), ("data/2024/", "*.csv"));
    }
}

//! File formats.

use serde::{Deserialize, Serialize};
use std::path::Path;

/// A format of files of rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FileFormat {
    /// Text with a header and a record a line; the delimiter is found out. `.csv`, `.tsv`, `.txt`.
    Csv,
    /// A JSON object a line, or one array of objects. `.jsonl`, `.ndjson`, `.json`.
    #[serde(alias = "jsonl", alias = "json")]
    JsonLines,
    /// Apache Parquet. `.parquet`, `.pq`.
    Parquet,
    /// Apache Arrow IPC, a file or a stream. `.arrow`, `.arrows`, `.feather`, `.ipc`.
    #[serde(alias = "ipc")]
    Arrow,
}

impl FileFormat {
    /// The format's name as the file and the command spell it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::JsonLines => "json_lines",
            Self::Parquet => "parquet",
            Self::Arrow => "arrow",
        }
    }

    /// The format of a name, as `--format` takes it.
    pub fn parse(name: &str) -> Option<Self> {
        Self::of_extension(name).or(match name {
            "json_lines" => Some(Self::JsonLines),
            _ => None,
        })
    }

    /// The format of a file to read: also of a compressed text, `table.csv.gz`.
    pub fn of_source(path: &Path) -> Option<Self> {
        let inner = unpacked_name(path);
        Self::of_path(inner).filter(|format| inner == path || matches!(format, Self::Csv | Self::JsonLines))
    }

    /// The format that a path's extension tells.
    pub fn of_path(path: &Path) -> Option<Self> {
        Self::of_extension(path.extension()?.to_str()?)
    }

    fn of_extension(extension: &str) -> Option<Self> {
        match extension.to_ascii_lowercase().as_str() {
            "csv" | "tsv" | "tab" | "psv" | "txt" | "data" => Some(Self::Csv),
            "jsonl" | "ndjson" | "json" => Some(Self::JsonLines),
            "parquet" | "pq" => Some(Self::Parquet),
            "arrow" | "arrows" | "feather" | "ipc" => Some(Self::Arrow),
            _ => None,
        }
    }

    /// The format that the first bytes of some content tell; CSV where they tell nothing.
    pub fn of_content(bytes: &[u8]) -> Self {
        let first = bytes.iter().find(|b| !b.is_ascii_whitespace());
        match bytes {
            [b'P', b'A', b'R', b'1', ..] => Self::Parquet,
            [b'A', b'R', b'R', b'O', b'W', b'1', ..] | [0xFF, 0xFF, 0xFF, 0xFF, ..] => Self::Arrow,
            _ if first == Some(&b'{') => Self::JsonLines,
            _ if begins_array(bytes) => Self::JsonLines,
            _ => Self::Csv,
        }
    }
}

/// Whether something begins as an array of objects does.
fn begins_array(bytes: &[u8]) -> bool {
    let mut seen = bytes.iter().filter(|b| !b.is_ascii_whitespace());
    seen.next() == Some(&b'[') && seen.next() == Some(&b'{')
}

/// The path of a file without what says that it is compressed.
pub(crate) fn unpacked_name(path: &Path) -> &Path {
    match path.extension().is_some_and(|e| e.eq_ignore_ascii_case("gz")) {
        true => path.file_stem().map_or(path, Path::new),
        false => path,
    }
}

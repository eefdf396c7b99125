//! The engine: reads whole tables, and builds others from them by SQL.
//!
//! Everything asynchronous stays within: callers block. Rows come in one order, whatever the number of
//! threads: the files' order, the lines' order within them, and what the query makes of that.

use crate::format::unpacked_name;
use crate::text::{Text, csv, json, read_bytes, unpacked};
use crate::{FileFormat, NotationSettings, Raw, binary, locate, query};
use arkwright_core::{Error, Hash, Hasher, Result};
use arrow::datatypes::DataType;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Cursor, Read, Write};
use std::path::{Path, PathBuf};

/// The version of the readers: it goes up when the same bytes give other rows.
const VERSION: u64 = 3;

/// What to read.
#[derive(Clone, Debug)]
pub struct Request<'a> {
    /// The folder that a location is relative to.
    pub base: &'a Path,
    /// A file, a folder, a pattern such as `2024/*.csv`; any name where `bytes` are given.
    pub location: &'a str,
    /// The content itself, read from standard input or from a request.
    pub bytes: Option<&'a [u8]>,
    /// The format, where the name does not tell it. The content tells it for `bytes`.
    pub format: Option<FileFormat>,
    /// SQL over the table `source` that builds the table to use.
    pub query: Option<&'a str>,
    /// Columns whose types are known (those that a model was fitted on): in CSV and JSON lines they are
    /// read as that type where every value spells one, so that `01` stays text where text was learnt.
    pub types: BTreeMap<String, DataType>,
    /// How numbers and dates are written in CSV and JSON lines, where it is known.
    pub notation: NotationSettings,
    /// How much is too much.
    pub limits: Limits,
}

impl<'a> Request<'a> {
    /// A location relative to a folder.
    pub fn new(base: &'a Path, location: &'a str) -> Self {
        Self {
            base,
            location,
            bytes: None,
            format: None,
            query: None,
            types: BTreeMap::new(),
            notation: NotationSettings::default(),
            limits: Limits::default(),
        }
    }
}

/// How much is too much.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Limits {
    /// The share of rows that may be unreadable before the table is refused. Default 0.01.
    pub max_bad_share: f64,
    /// Columns of a table. Default 100,000.
    pub max_columns: usize,
    /// Bytes of a row of text. Default 16 MiB.
    pub max_row_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { max_bad_share: 0.01, max_columns: 100_000, max_row_bytes: 16 << 20 }
    }
}

/// Reads tables.
#[derive(Debug)]
pub struct Engine {
    memory: Option<u64>,
    threads: usize,
    runtime: tokio::runtime::Runtime,
}

impl Engine {
    /// An engine that may hold `memory` bytes and work with `threads` threads (0 counts as 1).
    ///
    /// # Errors
    /// When the system gives no runtime.
    pub fn new(memory: Option<u64>, threads: usize) -> Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|source| Error::Io { doing: "starting the reader".into(), source })?;
        Ok(Self { memory, threads: threads.max(1), runtime })
    }

    /// The threads that it works with.
    pub fn threads(&self) -> usize {
        self.threads
    }

    /// A name for what reading would give: the content of every file, the query, the readers' version.
    /// Where the files lie and what they are called does not count, but for `.tsv`.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub fn fingerprint(&self, request: &Request<'_>) -> Result<Hash> {
        let (format, content) = match request.bytes {
            Some(bytes) => {
                (request.format.unwrap_or_else(|| FileFormat::of_content(bytes)).name(), vec![Hash::of(bytes)])
            }
            None => {
                let files = locate::files(request.base, request.location)?;
                // What is named by its content is read twice.
                if let Some(pipe) = files.iter().find(|f| f.exists() && !f.is_file()) {
                    return Err(Error::data(format!("`{}` is no file: it cannot be read twice", pipe.display()))
                        .with_hint("write its rows to a file"));
                }
                let format = match locate::format_of(&files, request.format)? {
                    FileFormat::Csv if tabs(&files) => "tsv",
                    format => format.name(),
                };
                (format, crate::text::in_parallel(&files, self.threads, |f| content(f))?)
            }
        };
        let mut hasher = Hasher::new("data").number(VERSION).text(format).text(request.query.unwrap_or(""));
        hasher = hasher.number(request.limits.max_bad_share.to_bits());
        hasher = hasher.json(&serde_json::to_value(request.notation).unwrap_or_default());
        for (name, data_type) in &request.types {
            hasher = hasher.text(name).text(&data_type.to_string());
        }
        Ok(content.iter().fold(hasher, |hasher, hash| hasher.hash(hash)).finish())
    }

    /// Reads a whole table.
    ///
    /// # Errors
    /// When there is no such file, it is empty, has a header only, is not of its format, is not UTF-8, has
    /// too many bad rows, or needs more memory than allowed; when the query is wrong or does more than
    /// select from `source`.
    pub fn read(&self, request: &Request<'_>) -> Result<Raw> {
        let raw = self.read_files(request)?;
        self.allow(raw.bytes())?;
        match request.query {
            Some(sql) => query::run(sql, raw, self.memory, &self.runtime),
            None => Ok(raw),
        }
    }

    /// The bytes of a stream that a request will be given, such as standard input; an endless one ends at the
    /// memory allowed, and an endless line of text long before.
    ///
    /// # Errors
    /// When there are too many, or the stream cannot be read.
    pub fn bytes(&self, from: impl Read, request: &Request<'_>) -> Result<Vec<u8>> {
        let mut first = Vec::new();
        let failed = |source| Error::Io { doing: "reading standard input".into(), source };
        let mut from = unpacked(from).map_err(failed)?;
        from.by_ref().take(64).read_to_end(&mut first).map_err(failed)?;
        let format = request.format.unwrap_or_else(|| FileFormat::of_content(&first));
        read_bytes(Cursor::new(first).chain(from), "standard input", |b| longest(format, b, request), self.memory)
    }

    fn read_files(&self, request: &Request<'_>) -> Result<Raw> {
        if let Some(bytes) = request.bytes {
            let format = request.format.unwrap_or_else(|| FileFormat::of_content(bytes));
            return match format {
                FileFormat::Csv | FileFormat::JsonLines => {
                    let name = if request.location == "-" { "standard input" } else { request.location };
                    self.read_texts(vec![Text::new(name.into(), Cow::Borrowed(bytes))?], None, format, request)
                }
                _ => {
                    let failed = |source| Error::Io { doing: "keeping what was given".into(), source };
                    let mut kept = tempfile::NamedTempFile::new().map_err(failed)?;
                    kept.write_all(bytes).map_err(failed)?;
                    self.read_binary(&[kept.path().to_path_buf()], format, request)
                }
            };
        }
        let files = locate::files(request.base, request.location)?;
        let format = locate::format_of(&files, request.format)?;
        if let FileFormat::Parquet | FileFormat::Arrow = format {
            return self.read_binary(&files, format, request);
        }
        let mut texts = Vec::with_capacity(files.len());
        let mut total = 0;
        for path in &files {
            let file = binary::open(path)?;
            self.allow(total + file.metadata().map_or(0, |m| m.len()))?;
            let left = self.memory.map(|allowed| allowed.saturating_sub(total));
            let name = binary::name(path);
            let failed = |source| Error::Io { doing: format!("reading {name}"), source };
            let file = unpacked(file).map_err(failed)?;
            let bytes = read_bytes(file, &name, |bytes| longest(format, bytes, request), left)?;
            total += bytes.len() as u64;
            texts.push(Text::new(binary::name(path), Cow::Owned(bytes))?);
        }
        self.read_texts(texts, tabs(&files).then_some(b'\t'), format, request)
    }

    fn read_texts(
        &self,
        texts: Vec<Text<'_>>,
        delimiter: Option<u8>,
        format: FileFormat,
        request: &Request<'_>,
    ) -> Result<Raw> {
        match format {
            FileFormat::JsonLines => json::read(&texts, request, self.threads),
            _ => csv::read(&texts, delimiter, request, self.threads),
        }
    }

    fn read_binary(&self, files: &[PathBuf], format: FileFormat, request: &Request<'_>) -> Result<Raw> {
        match format {
            FileFormat::Parquet => binary::parquet(files, &request.limits, self.memory, self.threads),
            _ => binary::arrow(files, &request.limits, self.memory),
        }
    }

    fn allow(&self, needed: u64) -> Result<()> {
        match self.memory {
            Some(allowed) if needed > allowed => {
                Err(Error::Memory { what: "reading the table".into(), needed, allowed })
            }
            _ => Ok(()),
        }
    }
}

/// How long a line may be in a file that begins so.
fn longest(format: FileFormat, bytes: &[u8], request: &Request<'_>) -> usize {
    match format {
        FileFormat::Parquet | FileFormat::Arrow => usize::MAX,
        // An array may stand on one line.
        FileFormat::JsonLines if json::is_array(bytes) => usize::MAX,
        FileFormat::Csv | FileFormat::JsonLines => request.limits.max_row_bytes,
    }
}

/// Whether the files' names say that tabs part their cells.
fn tabs(files: &[PathBuf]) -> bool {
    let is_tsv = |file: &PathBuf| unpacked_name(file).extension().is_some_and(|e| e.eq_ignore_ascii_case("tsv"));
    files.iter().all(is_tsv)
}

/// The hash of a file's content.
pub(crate) fn content(path: &Path) -> Result<Hash> {
    let failed = |source| Error::Io { doing: format!("reading {}", path.display()), source };
    let mut file: File = binary::open(path)?;
    let mut hasher = blake3::Hasher::new();
    let mut buffer = vec![0; 1 << 18];
    loop {
        match file.read(&mut buffer).map_err(failed)? {
            0 => break,
            n => hasher.update(&buffer[..n]),
        };
    }
    Hash::parse(&hasher.finalize().to_hex()).ok_or_else(|| Error::data("a hash that is none"))
}

//! Parquet and Arrow IPC: formats that bring their types along. Row groups are read in parallel and put
//! together in their order.

use crate::raw::{plain_batch, plain_schema};
use crate::text::in_parallel;
use crate::{Bad, Limits, Raw, ipc};
use arkwright_core::{Error, Result};
use arrow::array::RecordBatch;
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder};
use std::collections::HashSet;
use std::fs::File;
use std::io::BufReader;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Rows of a batch.
const BATCH: usize = 16_384;

/// An open Parquet file.
pub(crate) struct Parquet {
    pub(crate) path: PathBuf,
    pub(crate) metadata: ArrowReaderMetadata,
}

impl Parquet {
    /// Opens a file and reads its footer.
    pub(crate) fn open(path: &Path) -> Result<Self> {
        let file = open(path)?;
        // What other programs wrote of their own types is not needed, and may be damaged.
        let metadata = guarded(path, "Parquet", || {
            ArrowReaderMetadata::load(&file, ArrowReaderOptions::new()).map_err(|e| damaged(path, "Parquet", &e))
        })?;
        Ok(Self { path: path.to_path_buf(), metadata })
    }

    /// The number of rows.
    pub(crate) fn rows(&self) -> u64 {
        self.metadata.metadata().file_metadata().num_rows().try_into().unwrap_or(0)
    }

    /// The number of row groups.
    pub(crate) fn groups(&self) -> usize {
        self.metadata.metadata().num_row_groups()
    }

    /// Reads a row group, some columns of it (by number) or all, `batch` rows at a time.
    pub(crate) fn group(
        &self,
        group: usize,
        columns: Option<&[usize]>,
        batch: usize,
    ) -> Result<impl Iterator<Item = Result<RecordBatch>> + Send + use<>> {
        // A file of its own: clones of one would share its place, and threads read several groups at once.
        let file = open(&self.path)?;
        let mut builder = ParquetRecordBatchReaderBuilder::new_with_metadata(file, self.metadata.clone())
            .with_row_groups(vec![group])
            .with_batch_size(batch);
        if let Some(columns) = columns {
            let mask = parquet::arrow::ProjectionMask::roots(builder.parquet_schema(), columns.iter().copied());
            builder = builder.with_projection(mask);
        }
        let path = self.path.clone();
        let mut reader =
            guarded(&path, "Parquet", || builder.build().map_err(|e| damaged(&path, "Parquet", &e)))?.fuse();
        let mut next =
            move || guarded(&path, "Parquet", || reader.next().transpose().map_err(|e| damaged(&path, "Parquet", &e)));
        Ok(std::iter::from_fn(move || next().transpose()))
    }
}

/// Reads some Parquet files of the same columns.
pub(crate) fn parquet(paths: &[PathBuf], limits: &Limits, memory: Option<u64>, threads: usize) -> Result<Raw> {
    let files = paths.iter().map(|p| Parquet::open(p)).collect::<Result<Vec<_>>>()?;
    let bytes: i64 =
        files.iter().flat_map(|f| f.metadata.metadata().row_groups().iter().map(|g| g.total_byte_size())).sum();
    allow(memory, bytes.try_into().unwrap_or(u64::MAX))?;
    let schemas: Vec<_> = files.iter().map(|f| (name(&f.path), f.metadata.schema().clone())).collect();
    let schema = one_schema(&schemas, limits)?;
    let groups: Vec<(usize, usize)> =
        files.iter().enumerate().flat_map(|(f, file)| (0..file.groups()).map(move |g| (f, g))).collect();
    let batches = in_parallel(&groups, threads, |&(f, g)| {
        let goes = places(&schema, files[f].metadata.schema());
        files[f].group(g, None, BATCH)?.map(|b| plain_batch(&b?, &schema, &goes)).collect::<Result<Vec<_>>>()
    })?;
    finish(schema, batches.concat(), &paths[0])
}

/// Reads some Arrow IPC files or streams of the same columns.
pub(crate) fn arrow(paths: &[PathBuf], limits: &Limits, memory: Option<u64>) -> Result<Raw> {
    let mut read = Vec::with_capacity(paths.len());
    for path in paths {
        let file = open(path)?;
        allow(memory, file.metadata().map_or(0, |m| m.len()))?;
        let (schema, batches) =
            guarded(path, "Arrow", || ipc::read(BufReader::new(file), memory).map_err(|e| damaged(path, "Arrow", &e)))?;
        read.push((name(path), schema, batches));
    }
    let schemas: Vec<_> = read.iter().map(|(name, schema, _)| (name.clone(), schema.clone())).collect();
    let schema = one_schema(&schemas, limits)?;
    let mut batches = Vec::new();
    for (_, own, some) in &read {
        let goes = places(&schema, own);
        for batch in some {
            batches.push(plain_batch(batch, &schema, &goes)?);
        }
    }
    finish(schema, batches, &paths[0])
}

fn finish(schema: SchemaRef, batches: Vec<RecordBatch>, path: &Path) -> Result<Raw> {
    if batches.iter().all(|b| b.num_rows() == 0) {
        return Err(Error::data(format!("{}: there are no rows", name(path))));
    }
    Ok(Raw { schema, batches, bad: Bad::default() })
}

/// The one schema of some files, in plain types; whole numbers give way to numbers.
fn one_schema(schemas: &[(String, SchemaRef)], limits: &Limits) -> Result<SchemaRef> {
    let Some((file, first)) = schemas.first() else { return Err(Error::data("no file to read")) };
    let mut seen = HashSet::with_capacity(first.fields().len());
    if let Some(twice) = first.fields().iter().find(|f| !seen.insert(f.name())) {
        return Err(Error::data(format!("{file}: two columns are called `{}`", twice.name())));
    }
    if first.fields().is_empty() {
        return Err(Error::data(format!("{file}: there are no columns")));
    }
    if first.fields().len() > limits.max_columns {
        let what = format!("{file}: {} columns, and {} are allowed", first.fields().len(), limits.max_columns);
        return Err(Error::data(what));
    }
    let first = plain_schema(first);
    let mut fields: Vec<Field> = first.fields().iter().map(|f| f.as_ref().clone()).collect();
    for (file, schema) in &schemas[1..] {
        let schema = plain_schema(schema);
        let differ = |name: &str, what: String| {
            Error::data(format!("{file}: the column `{name}` {what}"))
                .with_hint("files that are read together have the same columns")
        };
        if let Some(new) = schema.fields().iter().find(|f| !seen.contains(f.name())) {
            return Err(differ(new.name(), "is not in the first file".into()));
        }
        for field in &mut fields {
            let Ok(own) = schema.field_with_name(field.name()) else {
                return Err(differ(field.name(), "is in the first file and not here".into()));
            };
            let Some(wide) = wider(field.data_type(), own.data_type()) else {
                let what = format!("is of type {} where the first file has {}", own.data_type(), field.data_type());
                return Err(differ(field.name(), what));
            };
            *field = field.clone().with_data_type(wide);
        }
    }
    Ok(Arc::new(Schema::new(fields)))
}

fn wider(a: &DataType, b: &DataType) -> Option<DataType> {
    match (a, b) {
        _ if a == b => Some(a.clone()),
        (DataType::Null, other) | (other, DataType::Null) => Some(other.clone()),
        _ if a.is_integer() && b.is_integer() => Some(DataType::Int64),
        _ if a.is_numeric() && b.is_numeric() => Some(DataType::Float64),
        _ => None,
    }
}

fn places(schema: &SchemaRef, own: &SchemaRef) -> Vec<usize> {
    let places: std::collections::HashMap<&str, usize> =
        own.fields().iter().enumerate().map(|(i, f)| (f.name().as_str(), i)).collect();
    schema.fields().iter().map(|f| places.get(f.name().as_str()).copied().unwrap_or(0)).collect()
}

fn allow(memory: Option<u64>, needed: u64) -> Result<()> {
    match memory {
        Some(allowed) if needed > allowed => Err(Error::Memory { what: "reading the table".into(), needed, allowed }),
        _ => Ok(()),
    }
}

/// Opens a file to read.
pub(crate) fn open(path: &Path) -> Result<File> {
    let failed = |source| Error::Io { doing: format!("reading {}", path.display()), source };
    let file = File::open(path).map_err(failed)?;
    match file.metadata().map_err(failed)?.is_dir() {
        true => Err(Error::data(format!("{} is a folder", path.display()))),
        false => Ok(file),
    }
}

/// A file's name without its folder.
pub(crate) fn name(path: &Path) -> String {
    path.file_name().map_or_else(|| path.display().to_string(), |n| n.to_string_lossy().into_owned())
}

/// Runs a reader that panics at some damage and tells an error at other.
fn guarded<T>(path: &Path, format: &str, read: impl FnOnce() -> Result<T>) -> Result<T> {
    let damaged = |_| Err(damaged(path, format, &"what it says of itself does not fit together"));
    catch_unwind(AssertUnwindSafe(read)).unwrap_or_else(damaged)
}

fn damaged(path: &Path, format: &str, error: &dyn std::fmt::Display) -> Error {
    Error::data(format!("{}: the file cannot be read as {format}: {error}", name(path)))
        .with_hint("is it complete, and of that format?")
}

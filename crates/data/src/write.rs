//! Frames into files: CSV, JSON lines, Parquet (zstd) and Arrow IPC. A file is there whole or not at all
//! ([`replace`]), and a full disk leaves nothing behind.

use crate::{FileFormat, replace};
use arkwright_core::{Error, Frame, Result};
use arrow::array::RecordBatch;
use arrow::datatypes::{DataType, SchemaRef};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;
use std::io::{BufWriter, Write};
use std::path::Path;

/// Rows of a Parquet row group.
const ROW_GROUP: usize = 1 << 18;

/// Writes frames of the same fields into a file, whole or not at all, and tells the number of rows. The
/// format is that of the path's extension where none is asked for.
///
/// # Errors
/// When the path does not tell a format, there is no frame, a column's type does not fit the format, or the
/// system refuses (a full disk, a folder that is not there).
pub fn write_file(
    path: &Path,
    format: Option<FileFormat>,
    frames: impl IntoIterator<Item = Result<Frame>>,
) -> Result<u64> {
    let Some(format) = format.or_else(|| FileFormat::of_path(path)) else {
        return Err(Error::data(format!("the name `{}` does not tell a format", path.display()))
            .with_hint("end it in .csv, .jsonl, .parquet or .arrow, or say --format"));
    };
    replace(path, |file| put(file, format, frames, &path.display().to_string()))
}

/// Writes frames of the same fields to a stream, such as standard output, and tells the number of rows.
/// Arrow is written as an IPC stream here.
///
/// # Errors
/// As [`write_file`].
pub fn write(
    out: impl Write + Send,
    format: FileFormat,
    frames: impl IntoIterator<Item = Result<Frame>>,
) -> Result<u64> {
    put(out, format, frames, "the output")
}

fn put(
    out: impl Write + Send,
    format: FileFormat,
    frames: impl IntoIterator<Item = Result<Frame>>,
    name: &str,
) -> Result<u64> {
    let mut out = Heard { out: BufWriter::with_capacity(1 << 18, out), error: None };
    let result = put_all(&mut out, format, frames);
    match (out.error.take(), result) {
        // The system's own word says more than what a writer made of it.
        (Some(source), _) => Err(Error::Io { doing: format!("writing {name}"), source }),
        (None, result) => result.map_err(|e| e.within(format!("writing {name}"))),
    }
}

fn put_all(
    out: &mut (impl Write + Send),
    format: FileFormat,
    frames: impl IntoIterator<Item = Result<Frame>>,
) -> Result<u64> {
    let mut frames = frames.into_iter();
    let Some(first) = frames.next().transpose()? else { return Err(Error::data("there is nothing to write")) };
    let first = first.to_batch()?;
    let mut writer = Writer::new(&mut *out, format, first.schema())?;
    let mut rows = 0;
    let mut write = |batch: &RecordBatch| {
        rows += batch.num_rows() as u64;
        writer.write(batch)
    };
    write(&first)?;
    for frame in frames {
        write(&frame?.to_batch()?)?;
    }
    writer.finish()?;
    out.flush().map_err(|source| Error::Io { doing: "writing".into(), source })?;
    Ok(rows)
}

enum Writer<W: Write + Send> {
    Csv(Box<arrow::csv::Writer<W>>),
    Json(arrow::json::LineDelimitedWriter<W>),
    Parquet(Box<ArrowWriter<W>>),
    Arrow(Box<arrow::ipc::writer::StreamWriter<W>>),
}

impl<W: Write + Send> Writer<W> {
    fn new(out: W, format: FileFormat, schema: SchemaRef) -> Result<Self> {
        Ok(match format {
            FileFormat::Csv => {
                if let Some(field) = schema.fields().iter().find(|f| f.data_type().is_nested()) {
                    return Err(Error::column(field.name(), "CSV holds no lists of numbers")
                        .with_hint("write Parquet, Arrow or JSON lines"));
                }
                Self::Csv(Box::new(arrow::csv::Writer::new(out)))
            }
            FileFormat::JsonLines => {
                // A missing value is spelt out, so that every line has every column.
                Self::Json(
                    arrow::json::WriterBuilder::new()
                        .with_explicit_nulls(true)
                        .build::<_, arrow::json::writer::LineDelimited>(out),
                )
            }
            FileFormat::Parquet => {
                if let Some(field) = schema.fields().iter().find(|f| f.data_type() == &DataType::Null) {
                    return Err(Error::column(field.name(), "a column without a type cannot be written as Parquet"));
                }
                let properties = WriterProperties::builder()
                    .set_compression(Compression::ZSTD(ZstdLevel::default()))
                    .set_max_row_group_row_count(Some(ROW_GROUP))
                    .build();
                Self::Parquet(Box::new(ArrowWriter::try_new(out, schema, Some(properties)).map_err(told)?))
            }
            FileFormat::Arrow => Self::Arrow(Box::new(arrow::ipc::writer::StreamWriter::try_new(out, &schema)?)),
        })
    }

    fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        match self {
            Self::Csv(writer) => writer.write(batch)?,
            Self::Json(writer) => writer.write(batch)?,
            Self::Parquet(writer) => writer.write(batch).map_err(told)?,
            Self::Arrow(writer) => writer.write(batch)?,
        }
        Ok(())
    }

    fn finish(self) -> Result<()> {
        match self {
            Self::Csv(_) => {}
            Self::Json(mut writer) => writer.finish()?,
            Self::Parquet(writer) => drop(writer.close().map_err(told)?),
            Self::Arrow(mut writer) => writer.finish()?,
        }
        Ok(())
    }
}

fn told(error: parquet::errors::ParquetError) -> Error {
    Error::data(error.to_string())
}

/// A stream that remembers what the system said when it failed.
struct Heard<W: Write> {
    out: BufWriter<W>,
    error: Option<std::io::Error>,
}

impl<W: Write> Heard<W> {
    fn hear<T>(&mut self, result: std::io::Result<T>) -> std::io::Result<T> {
        result.map_err(|error| {
            let kind = error.kind();
            self.error.get_or_insert(error);
            kind.into()
        })
    }
}

impl<W: Write> Write for Heard<W> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let result = self.out.write(bytes);
        self.hear(result)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        let result = self.out.flush();
        self.hear(result)
    }
}

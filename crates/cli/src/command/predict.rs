//! `arkwright predict`: scores a file with a registered model.

use crate::failure::Failure;
use crate::place::{Place, there};
use crate::show::{say, say_json, tell, unsaid};
use arkwright_bundle::{Bundle, Unseen};
use arkwright_core::{Context, Error, Field, Frame, Kind, Result, Role, counted};
use arkwright_data::{FileFormat, write, write_file};
use arkwright_flow::stored;
use arrow::array::{Array, ArrayRef, AsArray, Float64Array};
use arrow::datatypes::{DataType, Float64Type};
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::io::{Write, stdout};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

/// Rows that are answered at a time.
const BATCH: usize = 16_384;

/// Reads `input`, answers each row with `model`, writes to `output`. Rows keep their order and their count. With
/// `--json` what goes to standard output is JSON: the answers line by line, or what was written where.
pub fn predict(
    model: &str,
    input: &str,
    output: &str,
    format: Option<&str>,
    keep: bool,
    place: &Place,
) -> Result<ExitCode, Failure> {
    let format = format.map(|name| {
        FileFormat::parse(name)
            .ok_or_else(|| Failure::usage(format!("`{name}` is no format"), "csv, jsonl, parquet or arrow"))
    });
    let format = format.transpose()?;
    let target_format = match (output, format) {
        ("-", _) if place.global.json => FileFormat::JsonLines,
        ("-", format) => format.unwrap_or(FileFormat::Csv),
        (path, format) => FileFormat::of_path(Path::new(path)).or(format).ok_or_else(|| {
            Failure::usage(format!("what format is `{path}` to be?"), "--format csv, jsonl, parquet or arrow")
        })?,
    };
    if let (Ok(read), Ok(written)) = (Path::new(input).canonicalize(), Path::new(output).canonicalize())
        && read == written
        && read.is_file()
    {
        return Err(Failure::usage(format!("`{input}` is both the input and the output"), "-o another file"));
    }
    there(input)?;
    let store = place.store_to_read()?;
    let version = store.resolve(model).map_err(stored)?;
    let bundle = store.get_bundle(&version.bundle, &place.registry).map_err(stored)?;
    let engine = place.engine()?;
    let bytes;
    let mut request = arkwright_data::Request::new(Path::new(""), input);
    request.types = bundle
        .request()
        .fields()
        .iter()
        // What people write otherwise than programs do is read by the request, which knows how.
        .map(|f| (f.field.name.clone(), if f.notation.is_plain() { f.data_type.clone() } else { DataType::Utf8 }))
        .collect::<BTreeMap<_, _>>();
    if input == "-" {
        request.format = format;
        bytes = engine.bytes(std::io::stdin().lock(), &request)?;
        request.bytes = Some(&bytes);
    }
    if FileFormat::of_source(Path::new(input)).is_none() {
        request.format = format;
    }
    let ctx = Context::new(0).with_stop(place.stop.clone());
    let (scored, unseen) = place.compute(|| -> Result<(Frame, Unseen)> {
        let raw = engine.read(&request)?;
        if raw.bad.count > 0 {
            // An answer for each row is promised, so a row that cannot be read is an error here.
            let first = raw.bad.first.first().map_or(String::new(), |b| format!(": line {}: {}", b.line, b.reason));
            return Err(Error::data(format!("{} cannot be read{first}", counted(raw.bad.count, "row")))
                .with_hint("mend or remove them"));
        }
        answer(&bundle, &raw.into_frame()?, keep, &ctx)
    })?;
    if !place.global.quiet {
        unseen.told().iter().for_each(|line| tell(&format!("warning: {line}")));
    }
    if output == "-" {
        match write(stdout(), target_format, [Ok(scored)]) {
            Err(Error::Io { source, .. }) => return Err(unsaid(source)),
            written => written?,
        };
        stdout().flush().map_err(unsaid)?;
        return Ok(ExitCode::SUCCESS);
    }
    let rows = write_file(Path::new(output), Some(target_format), [Ok(scored)])?;
    let name = format!("{}:{}", version.system, version.version);
    match place.global.json {
        true => say_json(&serde_json::json!({ "model": name, "rows": rows, "written": output }))?,
        false if place.global.quiet => {}
        false => say(&format!("wrote {output}: {}, answered by {name}\n", counted(rows, "row")))?,
    }
    Ok(ExitCode::SUCCESS)
}

/// The answers to rows, as columns: the key if there is one, the inputs if kept, the prediction, and a
/// probability for each class; and the values that training never saw.
fn answer(bundle: &Bundle, raw: &Frame, keep: bool, ctx: &Context) -> Result<(Frame, Unseen)> {
    let starts: Vec<usize> = (0..raw.rows().max(1)).step_by(BATCH).collect();
    let parts = starts
        .par_iter()
        .map(|&start| {
            if ctx.is_stopped() {
                return Err(Error::Stopped);
            }
            let rows = raw.slice(start, BATCH);
            let request = bundle.request().conform(&rows.to_batch()?, start as u64)?;
            let unseen = bundle.request().unseen(&request)?;
            let given = bundle.predict(&request, ctx)?;
            let mut frame = match keep {
                true => rows,
                false => key(&rows, bundle),
            };
            for (field, column) in given.fields().iter().zip(given.columns()) {
                frame = match &field.kind {
                    Kind::Vector { names: Some(names), .. } => spread(frame, &field.name, names, column)?,
                    _ => added(&frame, field.clone(), column.clone())?,
                };
            }
            Ok((frame, unseen))
        })
        .collect::<Result<Vec<_>>>()?;
    let (frames, counts): (Vec<Frame>, Vec<Unseen>) = parts.into_iter().unzip();
    let mut unseen = Unseen::default();
    counts.iter().for_each(|count| unseen.merge(count));
    Ok((Frame::concat(&frames)?, unseen))
}

/// The column that names the rows, if the system declares one.
fn key(rows: &Frame, bundle: &Bundle) -> Frame {
    let key = bundle.request().fields().iter().find(|f| f.field.role == Role::Key).map(|f| f.field.name.clone());
    rows.filter(|f| Some(&f.name) == key.as_ref())
}

/// A column for each number of a vector.
fn spread(mut frame: Frame, name: &str, names: &[String], column: &ArrayRef) -> Result<Frame> {
    let list = column.as_fixed_size_list();
    let values: &Float64Array = list.values().as_primitive::<Float64Type>();
    let width = names.len();
    for (i, class) in names.iter().enumerate() {
        let one: Float64Array =
            (0..list.len()).map(|row| Some(values.value(list.value_offset(row) as usize + i))).collect();
        debug_assert_eq!(list.value_length() as usize, width);
        let field = Field::new(format!("{name}_{class}"), Kind::Number, Role::Output);
        frame = added(&frame, field, Arc::new(one))?;
    }
    Ok(frame)
}

/// The frame with one more column, which takes no other's place.
fn added(frame: &Frame, field: Field, column: ArrayRef) -> Result<Frame> {
    match frame.position(&field.name) {
        Some(_) => Err(Error::column(&field.name, "the table has a column that is called as the answer's")
            .with_hint("rename it, or leave out --keep")),
        None => frame.with(field, column),
    }
}

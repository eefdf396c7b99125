//! JSON lines: an object a line, its members the columns; a member that a line lacks is missing there.
//!
//! Numbers, `true` and `false` keep their types. Strings stay text, but for the spellings of a missing
//! value and columns of nothing but ISO dates; arrays and objects are kept as their JSON text.

use super::{Block, Column, Cutter, Text, allow_bad, in_parallel, line_of};
use crate::guess::{Guess, Notations, Settled, field};
use crate::{Bad, Raw, Request};
use arkwright_core::{Error, Json, Result, is_missing};
use arrow::array::{RecordBatch, RecordBatchOptions};
use arrow::datatypes::{Field, Schema, SchemaRef};
use std::collections::HashMap;
use std::sync::Arc;

type Object = serde_json::Map<String, Json>;

/// Reads some files; a column is there when any line has it, in the order of first sight.
pub(crate) fn read(texts: &[Text<'_>], request: &Request<'_>, threads: usize) -> Result<Raw> {
    let (limits, notations) = (&request.limits, request.notation.notations());
    let mut names: Vec<String> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    let mut guesses: Vec<Guess> = Vec::new();
    let (mut bad, mut blocks, mut rows) = (Bad::default(), Vec::new(), 0u64);
    for (at, text) in texts.iter().enumerate() {
        let bytes = &*text.bytes;
        let (mut cutter, mut start) = (Cutter::new(at, text.start, 64), text.start);
        while start < bytes.len() {
            let (line, next) = line(bytes, start);
            if line.len() > limits.max_row_bytes {
                let at = line_of(bytes, start);
                let what = format!("{}: line {at} is longer than {} bytes", text.name, limits.max_row_bytes);
                return Err(Error::data(what).with_hint("JSON lines hold one object a line"));
            }
            match parse(line) {
                Ok(None) => {}
                Ok(Some(object)) => {
                    for (name, value) in &object {
                        let place = match places.get(name) {
                            Some(place) => *place,
                            None if names.len() == limits.max_columns => {
                                let what = format!("{}: more than {} columns", text.name, limits.max_columns);
                                return Err(Error::data(what));
                            }
                            None => {
                                names.push(name.clone());
                                guesses.push(Guess::OPEN);
                                places.insert(name.clone(), names.len() - 1);
                                names.len() - 1
                            }
                        };
                        see(&mut guesses[place], value, &notations);
                    }
                    cutter.row(next);
                    rows += 1;
                }
                Err(_) if rows == 0 && line.trim_start().starts_with('[') => {
                    return Err(Error::data(format!("{}: one JSON array where an object a line is needed", text.name))
                        .with_hint("jq -c '.[]' FILE > NEW.jsonl"));
                }
                Err(reason) => bad.add(&text.name, || line_of(bytes, start), || reason),
            }
            start = next;
        }
        cutter.cut(bytes.len());
        blocks.extend(cutter.blocks);
    }
    allow_bad(&bad, rows, limits)?;
    if rows == 0 || names.is_empty() {
        let name = texts.first().map_or("", |t| t.name.as_str());
        return Err(Error::data(format!("{name}: the file is empty")));
    }
    let columns: Vec<_> = names.iter().zip(guesses).map(|(name, guess)| (guess, request.types.get(name))).collect();
    let settled = notations.settle(&columns);
    let fields: Vec<Field> = names.iter().zip(&settled).map(|(name, settled)| field(name, settled)).collect();
    let schema: SchemaRef = Arc::new(Schema::new(fields));
    let batches = in_parallel(&blocks, threads, |block| fill(block, &texts[block.text], &places, &settled, &schema))?;
    Ok(Raw { schema, batches, bad })
}

/// The line at `start`, and where the next one starts.
fn line(bytes: &[u8], start: usize) -> (&str, usize) {
    let len = bytes[start..].iter().position(|b| *b == b'\n').unwrap_or(bytes.len() - start);
    let line = std::str::from_utf8(&bytes[start..start + len]).unwrap_or_default();
    (line.trim(), (start + len + 1).min(bytes.len()))
}

/// The object of a line; none on an empty one.
fn parse(line: &str) -> Result<Option<Object>, String> {
    if line.is_empty() {
        return Ok(None);
    }
    match serde_json::from_str(line) {
        Ok(Json::Object(object)) => Ok(Some(object)),
        Ok(_) => Err("no JSON object".into()),
        Err(error) => Err(format!("no JSON: {error}")),
    }
}

fn see(guess: &mut Guess, value: &Json, notations: &Notations) {
    match value {
        Json::Null => {}
        Json::Bool(b) => guess.see_plain(if *b { "true" } else { "false" }),
        Json::Number(number) => guess.see_plain(&number.to_string()),
        Json::String(text) if is_missing(text) => {}
        Json::String(text) => guess.see_string(text, notations),
        Json::Array(_) | Json::Object(_) => guess.see_other(),
    }
}

fn fill(
    block: &Block,
    text: &Text<'_>,
    places: &HashMap<String, usize>,
    settled: &[Settled],
    schema: &SchemaRef,
) -> Result<RecordBatch> {
    let mut columns: Vec<Column> = settled.iter().map(|s| Column::new(s, block.rows)).collect();
    let mut filled = vec![usize::MAX; columns.len()];
    let (mut start, mut row) = (block.start, 0);
    while start < block.end {
        let (line, next) = line(&text.bytes, start);
        if let Ok(Some(object)) = parse(line) {
            for (name, value) in &object {
                let Some(&place) = places.get(name) else { continue };
                filled[place] = row;
                let column = &mut columns[place];
                match value {
                    Json::Null => column.push_null(),
                    Json::String(text) if is_missing(text) => column.push_null(),
                    Json::String(text) => column.push(text),
                    other => column.push_plain(&other.to_string()),
                }
            }
            for (column, filled) in columns.iter_mut().zip(&filled) {
                if *filled != row {
                    column.push_null();
                }
            }
            row += 1;
        }
        start = next;
    }
    let options = RecordBatchOptions::new().with_row_count(Some(block.rows));
    let columns = columns.into_iter().map(Column::finish).collect();
    Ok(RecordBatch::try_new_with_options(schema.clone(), columns, &options)?)
}

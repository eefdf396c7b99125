//! JSON lines: an object a line, its members the columns; a member that a line lacks is missing there. A file that is
//! one array of objects is read likewise, an object after the other.
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
        let form = Form::of(text)?;
        let mut start = form.start(text);
        let mut cutter = Cutter::new(at, start, 64);
        while start < bytes.len() {
            let (item, next) = form.item(bytes, start);
            if item.len() > limits.max_row_bytes {
                let at = line_of(bytes, start);
                let what = format!("{}: line {at} is longer than {} bytes", text.name, limits.max_row_bytes);
                return Err(Error::data(what).with_hint("JSON lines hold one object a line"));
            }
            match parse(item) {
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

/// Whether a text is one array.
pub(crate) fn is_array(bytes: &[u8]) -> bool {
    bytes.iter().find(|b| !b.is_ascii_whitespace()) == Some(&b'[')
}

/// How the objects of a text are parted.
#[derive(Clone, Copy, PartialEq)]
enum Form {
    /// By the ends of lines.
    Lines,
    /// By commas, within one pair of brackets.
    Array,
}

impl Form {
    fn of(text: &Text<'_>) -> Result<Self> {
        let bytes = &text.bytes[text.start..];
        match is_array(bytes) {
            false => Ok(Self::Lines),
            true if bytes.trim_ascii_end().ends_with(b"]") => Ok(Self::Array),
            true => Err(Error::data(format!("{}: the JSON array does not end", text.name))
                .with_hint("the file is cut short: fetch it again")),
        }
    }

    /// Where the first object begins, or blanks before it.
    fn start(self, text: &Text<'_>) -> usize {
        let bytes = &text.bytes[text.start..];
        match self {
            Self::Lines => text.start,
            Self::Array => text.start + bytes.iter().position(|b| *b == b'[').map_or(0, |at| at + 1),
        }
    }

    /// What stands at `start`, and where the next one starts.
    fn item(self, bytes: &[u8], start: usize) -> (&str, usize) {
        let (range, next) = match self {
            Self::Lines => {
                let len = bytes[start..].iter().position(|b| *b == b'\n').unwrap_or(bytes.len() - start);
                (start..start + len, (start + len + 1).min(bytes.len()))
            }
            Self::Array => {
                let end = end_of_element(bytes, start);
                match bytes.get(end) {
                    // Behind the last one there is nothing but the bracket.
                    Some(b']') if bytes[end + 1..].trim_ascii().is_empty() => (start..end, bytes.len()),
                    Some(b']') => (start..bytes.len(), bytes.len()),
                    _ => (start..end, (end + 1).min(bytes.len())),
                }
            }
        };
        (std::str::from_utf8(&bytes[range]).unwrap_or_default().trim(), next)
    }
}

/// Where an element of an array ends: before the comma or bracket that is no part of it.
fn end_of_element(bytes: &[u8], start: usize) -> usize {
    let (mut depth, mut in_text, mut at) = (0usize, false, start);
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'\\' if in_text => at += 1,
            b'"' => in_text = !in_text,
            _ if in_text => {}
            b'{' | b'[' => depth += 1,
            b',' | b']' if depth == 0 => return at,
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        at += 1;
    }
    bytes.len()
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
    let (form, mut start, mut row) = (Form::of(text)?, block.start, 0);
    while start < block.end {
        let (item, next) = form.item(&text.bytes, start);
        if let Ok(Some(object)) = parse(item) {
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

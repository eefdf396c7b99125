//! CSV (RFC 4180): a header, then a record a line; cells may be quoted, and hold delimiters, line breaks
//! and doubled quotes then. Spaces around an unquoted cell are no part of it, empty lines are no rows.
//!
//! A record that cannot be read (another number of cells than the header, a quote never closed, text after
//! a closing quote) is a bad row: told with its line and set aside, and reading goes on at the next line.

use super::{Block, Column, Cutter, Text, allow_bad, in_parallel, line_of, sniff};
use crate::guess::{Guess, Notations, Settled, field};
use crate::{Bad, Limits, Raw, Request};
use arkwright_core::{Error, Result, is_missing};
use arrow::array::{RecordBatch, RecordBatchOptions};
use arrow::datatypes::{Field, Schema, SchemaRef};
use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// Where a cell lies.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cell {
    start: usize,
    end: usize,
    quoted: bool,
    doubled: bool,
}

/// Finds the records of a text.
#[derive(Clone, Copy)]
pub(super) struct Scanner<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) delimiter: u8,
}

/// A record that was found.
pub(super) struct Record {
    /// Where the next one starts.
    pub(super) next: usize,
    /// Why it cannot be read.
    pub(super) fault: Option<&'static str>,
}

impl Scanner<'_> {
    /// Finds the cells of the record at `start`; none on an empty line.
    #[inline]
    pub(super) fn record(&self, start: usize, cells: &mut Vec<Cell>) -> Record {
        let (bytes, delimiter) = (self.bytes, self.delimiter);
        cells.clear();
        let mut at = start;
        loop {
            let blank = bytes[at..].iter().take_while(|b| **b == b' ').count();
            let quoted = bytes.get(at + blank) == Some(&b'"');
            let mut cell = Cell { start: at, end: at, quoted, doubled: false };
            if quoted {
                at += blank + 1;
                cell.start = at;
                loop {
                    match bytes[at..].iter().position(|b| *b == b'"') {
                        None => return self.fault(start, "a quote is never closed"),
                        Some(ahead) => at += ahead + 1,
                    }
                    if bytes.get(at) != Some(&b'"') {
                        break;
                    }
                    cell.doubled = true;
                    at += 1;
                }
                cell.end = at - 1;
                while matches!(bytes.get(at), Some(b' ' | b'\r')) {
                    at += 1;
                }
                match bytes.get(at) {
                    Some(b) if *b != delimiter && *b != b'\n' => {
                        return self.fault(start, "text after a closing quote");
                    }
                    _ => {}
                }
            } else {
                at += bytes[at..].iter().position(|b| *b == delimiter || *b == b'\n').unwrap_or(bytes.len() - at);
                cell.end = at;
                while cell.end > cell.start && matches!(bytes[cell.end - 1], b' ' | b'\r') {
                    cell.end -= 1;
                }
                while cell.start < cell.end && bytes[cell.start] == b' ' {
                    cell.start += 1;
                }
            }
            cells.push(cell);
            if bytes.get(at) == Some(&delimiter) {
                at += 1;
                continue;
            }
            if let [Cell { quoted: false, .. }] = cells[..]
                && cells[0].start == cells[0].end
            {
                cells.clear();
            }
            return Record { next: (at + 1).min(bytes.len()), fault: None };
        }
    }

    fn fault(&self, start: usize, fault: &'static str) -> Record {
        let next = self.bytes[start..].iter().position(|b| *b == b'\n').map_or(self.bytes.len(), |n| start + n + 1);
        Record { next, fault: Some(fault) }
    }

    /// What a cell spells.
    #[inline]
    fn text(&self, cell: &Cell) -> Cow<'_, str> {
        // The whole text was found to be UTF-8, and cells end at ASCII characters.
        let text = std::str::from_utf8(&self.bytes[cell.start..cell.end]).unwrap_or_default();
        match cell.doubled {
            true => Cow::Owned(text.replace("\"\"", "\"")),
            false => Cow::Borrowed(text),
        }
    }
}

/// A file whose header is read.
struct Opened<'a> {
    scanner: Scanner<'a>,
    /// Where the rows start.
    rows: usize,
    names: Vec<String>,
    /// For each of its cells, the column that it goes to.
    goes: Vec<usize>,
}

/// Reads some files of the same columns.
pub(crate) fn read(texts: &[Text<'_>], delimiter: Option<u8>, request: &Request<'_>, threads: usize) -> Result<Raw> {
    let (limits, notations) = (&request.limits, request.notation.notations());
    let mut files: Vec<Opened<'_>> = Vec::with_capacity(texts.len());
    for text in texts {
        let mut file = open(text, delimiter, request)?;
        if let Some(first) = files.first() {
            file.goes = same_columns(&first.names, &file.names, &text.name)?;
        }
        files.push(file);
    }
    let Some(names) = files.first().map(|f| f.names.clone()) else {
        return Err(Error::data("no file to read"));
    };

    // Every value is seen before a type is settled.
    let mut guesses = vec![Guess::OPEN; names.len()];
    let (mut bad, mut blocks, mut rows) = (Bad::default(), Vec::new(), 0);
    for (at, (text, file)) in texts.iter().zip(&files).enumerate() {
        let found =
            look(at, text, file, limits, &mut Seen { guesses: &mut guesses, notations: &notations, bad: &mut bad })?;
        rows += found.iter().map(|b| b.rows as u64).sum::<u64>();
        blocks.extend(found);
    }
    allow_bad(&bad, rows, limits)?;
    if rows == 0 {
        return Err(Error::data(format!("{}: there is a header and no rows", texts[0].name)));
    }

    let columns: Vec<_> = names.iter().zip(guesses).map(|(name, guess)| (guess, request.types.get(name))).collect();
    let settled = notations.settle(&columns);
    let fields: Vec<Field> = names.iter().zip(&settled).map(|(name, settled)| field(name, settled)).collect();
    let schema: SchemaRef = Arc::new(Schema::new(fields));
    let batches = in_parallel(&blocks, threads, |block| fill(block, &files[block.text], &settled, &schema))?;
    Ok(Raw { schema, batches, bad })
}

/// Reads the header.
fn open<'a>(text: &'a Text<'_>, delimiter: Option<u8>, request: &Request<'_>) -> Result<Opened<'a>> {
    let limits = &request.limits;
    let refuse = |what: String| Error::data(format!("{}: {what}", text.name));
    let bytes = &*text.bytes;
    let delimiter = delimiter.unwrap_or_else(|| sniff::delimiter(bytes, text.start, request.notation.decimal));
    let scanner = Scanner { bytes, delimiter };
    let (mut cells, mut at) = (Vec::new(), text.start);
    while at < bytes.len() {
        let record = scanner.record(at, &mut cells);
        if let Some(fault) = record.fault {
            return Err(refuse(format!("line {}, the header: {fault}", line_of(bytes, at))));
        }
        at = record.next;
        if !cells.is_empty() {
            break;
        }
    }
    if cells.is_empty() {
        return Err(refuse("the file is empty".into()));
    }
    if cells.len() > limits.max_columns {
        return Err(refuse(format!("{} columns, and {} are allowed", cells.len(), limits.max_columns)));
    }
    let mut names: Vec<String> = cells.iter().map(|c| scanner.text(c).trim().to_string()).collect();
    let counted = names.iter().enumerate().all(|(i, n)| *n == i.to_string());
    if !counted && names.iter().all(|n| crate::literal::float(n).is_some()) {
        return Err(refuse("the first line holds numbers where the columns' names are needed".into())
            .with_hint("put the names of the columns, one a cell, into the first line"));
    }
    for (i, name) in names.iter_mut().enumerate() {
        // What pandas writes over an index has no name.
        if name.is_empty() {
            *name = format!("column_{}", i + 1);
        }
    }
    let mut seen = HashSet::with_capacity(names.len());
    if let Some(twice) = names.iter().find(|n| !seen.insert(n.as_str())) {
        return Err(
            refuse(format!("two columns are called `{twice}`")).with_hint("rename one of them in the first line")
        );
    }
    let goes = (0..names.len()).collect();
    Ok(Opened { scanner, rows: at, names, goes })
}

/// Where the cells of a further file go.
fn same_columns(first: &[String], names: &[String], file: &str) -> Result<Vec<usize>> {
    let places: HashMap<&str, usize> = first.iter().enumerate().map(|(i, n)| (n.as_str(), i)).collect();
    let differ = |what: &str, name: &str| {
        Error::data(format!("{file}: the column `{name}` {what}"))
            .with_hint("files that are read together have the same columns")
    };
    let goes = names
        .iter()
        .map(|n| places.get(n.as_str()).copied().ok_or_else(|| differ("is not in the first file", n)))
        .collect::<Result<Vec<_>>>()?;
    match first.iter().find(|n| !names.contains(n)) {
        Some(lacking) if names.len() != first.len() => Err(differ("is in the first file and not here", lacking)),
        _ => Ok(goes),
    }
}

/// What was seen so far.
struct Seen<'a> {
    guesses: &'a mut [Guess],
    notations: &'a Notations,
    bad: &'a mut Bad,
}

/// Looks at every value of a file and cuts it into blocks.
fn look(at: usize, text: &Text<'_>, file: &Opened<'_>, limits: &Limits, seen: &mut Seen<'_>) -> Result<Vec<Block>> {
    let Seen { guesses, notations, bad } = seen;
    let (bytes, width) = (&*text.bytes, file.names.len());
    let mut cutter = Cutter::new(at, file.rows, width);
    let (mut cells, mut start) = (Vec::with_capacity(width), file.rows);
    while start < bytes.len() {
        let record = file.scanner.record(start, &mut cells);
        if record.next - start > limits.max_row_bytes {
            return Err(Error::data(format!(
                "{}: the row on line {} is longer than {} bytes",
                text.name,
                line_of(bytes, start),
                limits.max_row_bytes
            ))
            .with_hint("is a quote left open there?"));
        }
        if let Some(fault) = record.fault {
            bad.add(&text.name, || line_of(bytes, start), || fault.to_string());
        } else if cells.len() == width {
            for (cell, &goes) in cells.iter().zip(&file.goes) {
                let value = file.scanner.text(cell);
                if !is_missing(&value) {
                    guesses[goes].see(&value, notations);
                }
            }
            cutter.row(record.next);
        } else if !cells.is_empty() {
            let reason = || format!("{} cells where the header has {width}", cells.len());
            bad.add(&text.name, || line_of(bytes, start), reason);
        }
        start = record.next;
    }
    cutter.cut(bytes.len());
    Ok(cutter.blocks)
}

/// Fills the columns of a block.
fn fill(block: &Block, file: &Opened<'_>, settled: &[Settled], schema: &SchemaRef) -> Result<RecordBatch> {
    let width = file.names.len();
    let mut columns: Vec<Column> = settled.iter().map(|s| Column::new(s, block.rows)).collect();
    let (mut cells, mut at) = (Vec::with_capacity(width), block.start);
    while at < block.end {
        let record = file.scanner.record(at, &mut cells);
        if record.fault.is_none() && cells.len() == width {
            for (cell, &goes) in cells.iter().zip(&file.goes) {
                let value = file.scanner.text(cell);
                match is_missing(&value) {
                    true => columns[goes].push_null(),
                    false => columns[goes].push(&value),
                }
            }
        }
        at = record.next;
    }
    let options = RecordBatchOptions::new().with_row_count(Some(block.rows));
    let columns = columns.into_iter().map(Column::finish).collect();
    Ok(RecordBatch::try_new_with_options(schema.clone(), columns, &options)?)
}

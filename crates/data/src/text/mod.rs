//! Formats of text: CSV and JSON lines. Both read twice: once to settle every column's type from all of
//! its values, and once, in parallel, to fill the columns.

mod column;
pub(crate) mod csv;
pub(crate) mod json;
mod sniff;

pub(crate) use column::Column;

use crate::{Bad, Limits};
use arkwright_core::{Error, Result};
use rayon::prelude::*;
use std::borrow::Cow;
use std::io::{Cursor, ErrorKind, Read};

/// A text file in memory: its name for messages, and its bytes, known to be UTF-8, without a byte order mark.
pub(crate) struct Text<'a> {
    pub(crate) name: String,
    pub(crate) bytes: Cow<'a, [u8]>,
    /// Where the text starts: after a byte order mark.
    pub(crate) start: usize,
}

impl<'a> Text<'a> {
    /// Checks that bytes are UTF-8.
    pub(crate) fn new(name: String, bytes: Cow<'a, [u8]>) -> Result<Self> {
        let refuse = |what: String, hint: &str| Err(Error::data(format!("{name}: {what}")).with_hint(hint));
        let start = match &*bytes {
            [0xEF, 0xBB, 0xBF, ..] => 3,
            [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] => {
                return refuse("the text is UTF-16".into(), "convert it: iconv -f UTF-16 -t UTF-8 FILE > NEW");
            }
            [0x1F, 0x8B, ..] => return refuse("the file is compressed (gzip)".into(), "decompress it: gunzip FILE"),
            [0x28, 0xB5, 0x2F, 0xFD, ..] => {
                return refuse("the file is compressed (zstd)".into(), "decompress it: unzstd FILE");
            }
            [b'P', b'K', 3, 4, ..] => {
                return refuse("the file is a zip archive or a spreadsheet".into(), "save it as CSV, in UTF-8");
            }
            [b'P', b'A', b'R', b'1', ..] => return refuse("the file is Parquet".into(), "say format = \"parquet\""),
            [b'A', b'R', b'R', b'O', b'W', b'1', ..] => {
                return refuse("the file is Arrow IPC".into(), "say format = \"arrow\"");
            }
            _ => 0,
        };
        if let Err(error) = std::str::from_utf8(&bytes) {
            let at = error.valid_up_to();
            return refuse(
                format!("byte {at} (0x{:02x}), on line {}, is not UTF-8", bytes[at], line_of(&bytes, at)),
                "convert it, for example: iconv -f LATIN1 -t UTF-8 FILE > NEW",
            );
        }
        if let Some(at) = bytes.iter().take(65_536).position(|b| *b == 0) {
            return refuse(
                format!("byte {at} is zero: this is no text"),
                "say which format it is of: format = \"parquet\"",
            );
        }
        Ok(Self { name, bytes, start })
    }
}

/// What a stream holds, unpacked where it is compressed (gzip).
pub(crate) fn unpacked<'r>(mut from: impl Read + 'r) -> std::io::Result<Box<dyn Read + 'r>> {
    let mut first = Vec::new();
    from.by_ref().take(2).read_to_end(&mut first)?;
    let is_packed = first == [0x1F, 0x8B];
    let all = Cursor::new(first).chain(from);
    Ok(if is_packed { Box::new(flate2::read::MultiGzDecoder::new(all)) } else { Box::new(all) })
}

/// Bytes that are read at a time.
const CHUNK: u64 = 1 << 20;

/// The bytes of a text. One that goes on without a line break is refused long before its end, which may never
/// come, and so is one that is larger than `allowed`. `longest` tells from the beginning how long a line may be.
pub(crate) fn read_bytes(
    mut from: impl Read,
    name: &str,
    longest: impl Fn(&[u8]) -> usize,
    allowed: Option<u64>,
) -> Result<Vec<u8>> {
    let (mut bytes, mut line) = (Vec::new(), 0);
    loop {
        let before = bytes.len();
        let read = from.by_ref().take(CHUNK).read_to_end(&mut bytes);
        match read {
            Ok(0) => return Ok(bytes),
            Ok(_) => {}
            Err(e)
                if matches!(e.kind(), ErrorKind::UnexpectedEof | ErrorKind::InvalidInput | ErrorKind::InvalidData) =>
            {
                return Err(Error::data(format!("{name}: the compressed file cannot be unpacked: {e}"))
                    .with_hint("it is cut short or damaged: fetch it again"));
            }
            Err(source) => return Err(Error::Io { doing: format!("reading {name}"), source }),
        }
        let held = bytes.len() as u64;
        if let Some(allowed) = allowed.filter(|allowed| held > *allowed) {
            return Err(Error::Memory { what: format!("reading {name}"), needed: held, allowed });
        }
        let longest = longest(&bytes);
        match bytes[before..].iter().rposition(|b| *b == b'\n') {
            Some(at) => line = before + at + 1,
            None if bytes.len() - line > longest => {
                return Err(Error::data(format!(
                    "{name}: line {} is longer than {longest} bytes",
                    line_of(&bytes, line)
                ))
                .with_hint("is it a text of lines at all?"));
            }
            None => {}
        }
    }
}

/// The line, counted from 1, on which a byte lies.
pub(crate) fn line_of(bytes: &[u8], at: usize) -> u64 {
    1 + bytes[..at].iter().filter(|b| **b == b'\n').count() as u64
}

/// Rows that lie next to each other in a text: what one thread fills columns from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Block {
    pub(crate) text: usize,
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) rows: usize,
}

/// Cuts a text into blocks while its rows are counted.
pub(crate) struct Cutter {
    text: usize,
    start: usize,
    rows: usize,
    per_block: usize,
    pub(crate) blocks: Vec<Block>,
}

impl Cutter {
    /// Blocks of about a million values each.
    pub(crate) fn new(text: usize, start: usize, columns: usize) -> Self {
        let per_block = ((1 << 20) / columns.max(1)).clamp(64, 1 << 16);
        Self { text, start, rows: 0, per_block, blocks: Vec::new() }
    }

    /// A row that ends before `end`.
    #[inline]
    pub(crate) fn row(&mut self, end: usize) {
        self.rows += 1;
        if self.rows == self.per_block {
            self.cut(end);
        }
    }

    /// Ends the block at `end`.
    pub(crate) fn cut(&mut self, end: usize) {
        if self.rows > 0 {
            self.blocks.push(Block { text: self.text, start: self.start, end, rows: self.rows });
        }
        (self.start, self.rows) = (end, 0);
    }
}

/// Refuses more bad rows than allowed.
pub(crate) fn allow_bad(bad: &Bad, good: u64, limits: &Limits) -> Result<()> {
    let share = bad.count as f64 / (bad.count + good).max(1) as f64;
    if bad.count == 0 || share <= limits.max_bad_share {
        return Ok(());
    }
    let shown: Vec<String> =
        bad.first.iter().take(3).map(|b| format!("{} line {}: {}", b.file, b.line, b.reason)).collect();
    Err(Error::data(format!(
        "{} of {} rows cannot be read, and {} % are allowed: {}",
        bad.count,
        bad.count + good,
        limits.max_bad_share * 100.0,
        shown.join("; ")
    ))
    .with_hint("mend the file, or allow more: max_bad_share = 0.05"))
}

/// Does `work` for every item, on the pool that the caller stands in, or alone with one thread; the results come
/// in the items' order, and of errors the first.
pub(crate) fn in_parallel<T: Sync, R: Send>(
    items: &[T],
    threads: usize,
    work: impl Fn(&T) -> Result<R> + Sync + Send,
) -> Result<Vec<R>> {
    if threads.min(items.len()) <= 1 {
        return items.iter().map(work).collect();
    }
    let all: Vec<Result<R>> = items.par_iter().map(work).collect();
    all.into_iter().collect()
}

//! Whatever a file holds, reading it ends with a table or with a word: no panic, no abort, no endless line.

use crate::place::{Place, engine};
use arkwright_core::Result;
use arkwright_data::{Engine, FileFormat, Request, write};
use proptest::prelude::*;
use std::io::Read;
use std::path::Path;

const TABLE: &str = "when,amount,city,code\n31/12/2024,\"1.234,5\",Oslo,007\n1/2/2024,\"12,5\",\"a \"\"b\"\"\n c\",?\n";

const FORMATS: [FileFormat; 4] = [FileFormat::Csv, FileFormat::JsonLines, FileFormat::Parquet, FileFormat::Arrow];

/// The table as a file of a format.
fn whole(format: FileFormat) -> Vec<u8> {
    let mut request = Request::new(Path::new(""), "t.csv");
    request.bytes = Some(TABLE.as_bytes());
    let frame = engine(1).read(&request).unwrap().into_frame().unwrap();
    let mut bytes = Vec::new();
    write(&mut bytes, format, [Ok(frame)]).unwrap();
    bytes
}

/// Reads bytes as a format, in memory that any of these tables fits into.
fn read(bytes: &[u8], format: FileFormat) -> Result<usize> {
    let mut request = Request::new(Path::new(""), "t");
    (request.bytes, request.format) = (Some(bytes), Some(format));
    let raw = Engine::new(Some(64 << 20), 2)?.read(&request)?;
    let rows = raw.rows();
    raw.into_frame()?;
    Ok(rows)
}

fn feather(name: &str) -> Vec<u8> {
    std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name)).unwrap()
}

#[test]
fn whole_files_are_read() {
    for format in FORMATS {
        assert_eq!(read(&whole(format), format).unwrap(), 2, "{}", format.name());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn any_bytes_end_with_a_table_or_a_word(
        bytes in proptest::collection::vec(any::<u8>(), 0..400),
        format in 0..4usize,
    ) {
        let _ = read(&bytes, FORMATS[format]);
    }

    #[test]
    fn any_text_ends_with_a_table_or_a_word(text in "[-+0-9.,;:/\"' \n\r\tTZaeté|{}\\[\\]\u{a0}]{0,200}") {
        let _ = read(text.as_bytes(), FileFormat::Csv);
        let _ = read(text.as_bytes(), FileFormat::JsonLines);
    }

    #[test]
    fn a_cut_and_changed_file_ends_with_a_table_or_a_word(
        format in 0..4usize,
        cut in 0.5..1.01f64,
        changes in proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>()), 0..6),
    ) {
        let mut bytes = whole(FORMATS[format]);
        bytes.truncate((cut * bytes.len() as f64) as usize);
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        let _ = read(&bytes, FORMATS[format]);
    }

    #[test]
    fn changed_compressed_files_end_with_a_table_or_a_word(
        lz4 in any::<bool>(),
        changes in proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>()), 1..6),
    ) {
        let mut bytes = feather(if lz4 { "lz4.feather" } else { "zstd.feather" });
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        let _ = read(&bytes, FileFormat::Arrow);
    }
}

#[test]
fn a_changed_footer_of_a_compressed_file_ends_with_a_table_or_a_word() {
    for name in ["lz4.feather", "zstd.feather"] {
        let whole = feather(name);
        // Where blocks lie and how long they are: each byte a little and much off.
        for at in whole.len() - 300.min(whole.len())..whole.len() {
            for change in [1, 8, 64, 255] {
                let mut bytes = whole.clone();
                bytes[at] = bytes[at].wrapping_sub(change);
                let _ = read(&bytes, FileFormat::Arrow);
            }
        }
    }
}

/// Where a compressed buffer begins: eight bytes of a length, then the mark of the codec.
fn compressed_at(bytes: &[u8], magic: [u8; 4]) -> usize {
    bytes.windows(4).position(|w| w == magic).unwrap() - 8
}

#[test]
fn a_length_beyond_all_memory_in_a_compressed_file_is_refused() {
    for (name, magic) in [("lz4.feather", [4, 0x22, 0x4D, 0x18]), ("zstd.feather", [0x28, 0xB5, 0x2F, 0xFD])] {
        for length in [1_i64 << 62, 1 << 46, 1 << 30] {
            let mut bytes = feather(name);
            let at = compressed_at(&bytes, magic);
            bytes[at..at + 8].copy_from_slice(&length.to_le_bytes());
            let error = read(&bytes, FileFormat::Arrow).unwrap_err().to_string();
            assert!(error.contains("it unfolds to"), "{name}: {error}");
            // Without a limit, what the system has is the limit.
            if length > 1 << 40 {
                let place = Place::with("t.feather", &bytes);
                assert!(place.refused("t.feather").contains("it unfolds to"), "{name}");
            }
        }
    }
}

/// A stream without end and without a line break.
fn endless() -> impl Read {
    std::io::repeat(b'x')
}

#[test]
fn an_endless_line_is_refused_long_before_its_end() {
    let mut request = Request::new(Path::new(""), "-");
    for format in [FileFormat::Csv, FileFormat::JsonLines] {
        request.format = Some(format);
        let error = engine(1).bytes(endless(), &request).unwrap_err();
        assert_eq!(error.to_string(), "standard input: line 1 is longer than 16777216 bytes");
        assert!(error.hint().is_some());
    }
    request.format = Some(FileFormat::Parquet);
    let error = Engine::new(Some(1 << 22), 1).unwrap().bytes(endless(), &request).unwrap_err();
    assert!(matches!(error, arkwright_core::Error::Memory { allowed: 4_194_304, .. }), "{error}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_device_without_end_is_refused_as_a_file_too() {
    let mut request = Request::new(Path::new("/dev"), "zero");
    request.format = Some(FileFormat::Csv);
    assert!(engine(1).read(&request).unwrap_err().to_string().contains("zero: line 1 is longer"));
}

#[test]
fn many_short_lines_are_no_long_one() {
    let text = format!("a\n{}", "1\n".repeat(2 << 20));
    let bytes = engine(1).bytes(text.as_bytes(), &Request::new(Path::new(""), "-")).unwrap();
    assert_eq!(bytes, text.as_bytes());
}

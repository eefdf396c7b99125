//! How a format is told: by a name, by a word, by the first bytes.

use crate::place::Place;
use arkwright_data::FileFormat::{Arrow, Csv, JsonLines, Parquet};
use arkwright_data::{FileFormat, ParquetSource};
use std::path::Path;

#[test]
fn an_extension_tells_a_format_in_any_case() {
    let known = [
        ("t.csv", Csv),
        ("t.TSV", Csv),
        ("a.b.txt", Csv),
        ("t.jsonl", JsonLines),
        ("t.ndjson", JsonLines),
        ("t.json", JsonLines),
        ("t.Parquet", Parquet),
        ("t.pq", Parquet),
        ("t.arrow", Arrow),
        ("t.feather", Arrow),
    ];
    for (name, format) in known {
        assert_eq!(FileFormat::of_path(Path::new(name)), Some(format), "{name}");
    }
    for name in ["t", "csv", ".csv", "t.csv.gz", "t.xlsx", "t.csv/"] {
        assert_eq!(FileFormat::of_path(Path::new(name)).is_some(), name == "t.csv/", "{name}");
    }
}

#[test]
fn every_format_is_known_by_its_name() {
    for format in [Csv, JsonLines, Parquet, Arrow] {
        assert_eq!(FileFormat::parse(format.name()), Some(format));
        assert_eq!(serde_json::to_value(format).unwrap(), format.name());
    }
    assert_eq!(FileFormat::parse("jsonl"), Some(JsonLines));
    assert_eq!(FileFormat::parse("excel"), None);
}

#[test]
fn the_first_bytes_tell_a_format() {
    let known: [(&[u8], FileFormat); 6] = [
        (b"PAR1\x15", Parquet),
        (b"ARROW1\0\0", Arrow),
        (b"\xff\xff\xff\xff\x10\0\0\0", Arrow),
        (b"\n  {\"a\": 1}", JsonLines),
        (b"a,{b}\n", Csv),
        (b"", Csv),
    ];
    for (bytes, format) in known {
        assert_eq!(FileFormat::of_content(bytes), format, "{bytes:?}");
    }
}

#[test]
fn a_format_that_is_said_goes_before_the_name() {
    let place = Place::with("t.txt", "{\"a\": 1}\n");
    let mut request = place.request("t.txt");
    request.format = Some(JsonLines);
    let raw = crate::place::engine(1).read(&request).unwrap();
    assert_eq!(raw.schema.field(0).name(), "a");
    assert!(ParquetSource::open(&place.path().join("t.txt"), None).is_err());
}

//! How a format is told: by a name, by a word, by the first bytes.

use crate::place::Place;
use arkwright_data::FileFormat::{Arrow, Csv, JsonLines, Parquet};
use arkwright_data::{FileFormat, ParquetSource};
use std::io::Write;
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
fn a_compressed_text_is_a_source_and_nothing_to_write_to() {
    for (name, format) in
        [("t.csv.gz", Some(Csv)), ("t.JSONL.GZ", Some(JsonLines)), ("t.parquet.gz", None), ("t.gz", None)]
    {
        assert_eq!(FileFormat::of_source(Path::new(name)), format, "{name}");
        assert_eq!(FileFormat::of_path(Path::new(name)), None, "{name}");
    }
}

#[test]
fn a_compressed_text_is_read_as_the_text_itself() {
    let text = "a\tb\n1\tx, y\n2\tz\n";
    // In two members, as `cat a.gz b.gz` makes them.
    let packed = |part: &str| {
        let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        packer.write_all(part.as_bytes()).unwrap();
        packer.finish().unwrap()
    };
    let place = Place::with("t.tsv", text);
    let packed = [packed(&text[..7]), packed(&text[7..])].concat();
    std::fs::write(place.path().join("t.tsv.gz"), &packed).unwrap();
    let engine = crate::place::engine(1);
    let read = |name: &str| engine.read(&place.request(name)).map(|raw| raw.into_frame().unwrap());
    assert_eq!(read("t.tsv.gz").unwrap(), read("t.tsv").unwrap());
    let stream = engine.bytes(packed.as_slice(), &place.request("-")).unwrap();
    assert_eq!(stream, text.as_bytes());
    std::fs::write(place.path().join("cut.csv.gz"), &packed[..packed.len() - 9]).unwrap();
    assert!(read("cut.csv.gz").unwrap_err().to_string().contains("cut.csv.gz: the compressed file cannot be unpacked"));
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
    let known: [(&[u8], FileFormat); 7] = [
        (b"PAR1\x15", Parquet),
        (b"ARROW1\0\0", Arrow),
        (b"\xff\xff\xff\xff\x10\0\0\0", Arrow),
        (b"\n  {\"a\": 1}", JsonLines),
        (b" [\n {\"a\": 1}]", JsonLines),
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

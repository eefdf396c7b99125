//! Writing files: whole or not at all, the same bytes each time, and what each format looks like.

use crate::place::{Place, frame, words};
use arkwright_core::{Error, Frame, Kind, Result, Role};
use arkwright_data::{FileFormat, write, write_file};
use arrow::array::{
    ArrayRef, BooleanArray, Date32Array, FixedSizeListArray, Float64Array, Int64Array, NullArray, StringArray,
    TimestampMicrosecondArray,
};
use arrow::datatypes::Float64Type;
use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;

const ALL: [FileFormat; 4] = [FileFormat::Csv, FileFormat::JsonLines, FileFormat::Parquet, FileFormat::Arrow];

fn table() -> Frame {
    frame(vec![
        ("n", Kind::Number, Role::Key, Arc::new(Int64Array::from(vec![Some(1), None])) as ArrayRef),
        ("x", Kind::Number, Role::Input, Arc::new(Float64Array::from(vec![Some(0.1), Some(-2.0)]))),
        ("w, \"w\"", Kind::Category, Role::Input, Arc::new(StringArray::from(vec![Some("a,\nb"), None]))),
        ("b", Kind::Category, Role::Target, Arc::new(BooleanArray::from(vec![Some(true), None]))),
        ("d", Kind::Time, Role::EventTime, Arc::new(Date32Array::from(vec![Some(19_782), Some(-1)]))),
        ("t", Kind::Time, Role::Input, Arc::new(TimestampMicrosecondArray::from(vec![None, Some(1_500_000)]))),
    ])
}

fn vectors() -> Frame {
    let pairs = [Some(vec![Some(1.0), Some(2.0)]), Some(vec![Some(3.0), Some(4.0)])];
    let pairs = FixedSizeListArray::from_iter_primitive::<Float64Type, _, _>(pairs, 2);
    frame(vec![("v", Kind::Vector { width: Some(2), names: None }, Role::Input, Arc::new(pairs) as ArrayRef)])
}

fn bytes(format: FileFormat, frames: impl IntoIterator<Item = Result<Frame>>) -> Vec<u8> {
    let mut bytes = Vec::new();
    write(&mut bytes, format, frames).unwrap();
    bytes
}

#[test]
fn csv_quotes_what_needs_it_and_leaves_missing_values_empty() {
    let text = String::from_utf8(bytes(FileFormat::Csv, [Ok(table()), Ok(table().slice(1, 1))])).unwrap();
    let second = ",-2.0,,,1969-12-31,1970-01-01T00:00:01.500\n";
    let expected = format!("n,x,\"w, \"\"w\"\"\",b,d,t\n1,0.1,\"a,\nb\",true,2024-02-29,\n{second}{second}");
    assert_eq!(text, expected);
}

#[test]
fn every_line_of_json_has_every_column() {
    let frames = [
        Ok(table().select(&["n", "x", "w, \"w\"", "b"]).unwrap()),
        Ok(table().select(&["n", "x", "w, \"w\"", "b"]).unwrap().slice(1, 1)),
    ];
    let text = String::from_utf8(bytes(FileFormat::JsonLines, frames)).unwrap();
    let second = "{\"n\":null,\"x\":-2.0,\"w, \\\"w\\\"\":null,\"b\":null}\n";
    let first = "{\"n\":1,\"x\":0.1,\"w, \\\"w\\\"\":\"a,\\nb\",\"b\":true}\n";
    assert_eq!(text, format!("{first}{second}{second}"));
    assert_eq!(
        String::from_utf8(bytes(FileFormat::JsonLines, [Ok(vectors())])).unwrap(),
        "{\"v\":[1.0,2.0]}\n{\"v\":[3.0,4.0]}\n"
    );
}

#[test]
fn kinds_and_roles_come_back_from_parquet_and_arrow() {
    let place = Place::new();
    for name in ["t.parquet", "t.arrow", "t.feather"] {
        for table in [table(), vectors()] {
            assert_eq!(write_file(&place.path().join(name), None, [Ok(table.clone())]).unwrap(), 2);
            assert_eq!(place.read(name).frame(), table, "{name}");
        }
    }
}

#[test]
fn the_same_frames_are_the_same_bytes() {
    for format in ALL {
        assert_eq!(bytes(format, [Ok(table()), Ok(table())]), bytes(format, [Ok(table()), Ok(table())]));
        assert_ne!(bytes(format, [Ok(table()), Ok(table())]), bytes(format, [Ok(table())]), "{}", format.name());
    }
}

/// What lies in a folder, with its content.
fn lies_in(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap())
        .map(|e| (e.file_name().to_string_lossy().into_owned(), std::fs::read(e.path()).unwrap()))
        .collect();
    files.sort();
    files
}

#[test]
fn a_write_that_fails_leaves_the_old_file_whole_and_nothing_beside_it() {
    for format in ALL {
        let place = Place::with("out", "what was there");
        let out = place.path().join("out");
        let failing = [Ok(table()), Err(Error::data("the rows ran out"))];
        let said = words(&write_file(&out, Some(format), failing).unwrap_err());
        assert!(said.contains("the rows ran out") && said.contains("out: "), "{said}");
        assert_eq!(lies_in(place.path()), [("out".to_string(), b"what was there".to_vec())], "{}", format.name());
        assert_eq!(write_file(&out, Some(format), [Ok(table())]).unwrap(), 2);
        assert_eq!(lies_in(place.path()), [("out".to_string(), bytes(format, [Ok(table())]))]);
    }
}

#[test]
fn what_a_format_does_not_hold_is_refused_and_the_old_file_stays() {
    let place = Place::with("out", "what was there");
    let refused = |format, frame: Frame| {
        let said = words(&write_file(&place.path().join("out"), Some(format), [Ok(frame)]).unwrap_err());
        assert_eq!(lies_in(place.path()), [("out".to_string(), b"what was there".to_vec())]);
        said
    };
    let said = refused(FileFormat::Csv, vectors());
    assert!(said.contains("column `v`: CSV holds no lists of numbers (write Parquet, Arrow or JSON lines)"), "{said}");
    let nothing: ArrayRef = Arc::new(NullArray::new(1));
    let said = refused(FileFormat::Parquet, frame(vec![("z", Kind::Text, Role::Input, nothing)]));
    assert!(said.contains("column `z`: a column without a type"), "{said}");
}

#[test]
fn a_place_that_cannot_be_written_is_told() {
    let place = Place::new();
    let refused = |name: &str, frames: Vec<Result<Frame>>| {
        words(&write_file(&place.path().join(name), None, frames).unwrap_err())
    };
    assert!(refused("none/t.csv", vec![Ok(table())]).contains("none/t.csv: there is no folder"));
    assert!(!refused("none/t.csv", vec![Ok(table())]).contains(".writing-"));
    assert!(refused("t.xlsx", vec![Ok(table())]).contains("does not tell a format (end it in .csv"));
    assert!(refused("t.csv", vec![]).contains("there is nothing to write"));
    assert!(lies_in(place.path()).is_empty());
    place.file("folder.csv/inside", "");
    assert!(refused("folder.csv", vec![Ok(table())]).contains("folder.csv"));
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_told_in_the_system_s_own_words() {
    for format in ALL {
        let said = words(&write_file(Path::new("/dev/full"), Some(format), [Ok(table())]).unwrap_err());
        assert!(said.contains("/dev/full") && said.contains("No space left on device"), "{}: {said}", format.name());
    }
}

/// A stream that takes some bytes and then fails.
struct Short(usize);

impl Write for Short {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self.0 {
            0 => Err(io::Error::other("the other side hung up")),
            left => {
                let taken = left.min(bytes.len());
                self.0 -= taken;
                Ok(taken)
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_stream_that_ends_early_is_an_error_wherever_it_ends() {
    for format in ALL {
        let whole = bytes(format, [Ok(table())]);
        for room in [0, 1, whole.len() / 2, whole.len() - 1] {
            let error = write(Short(room), format, [Ok(table())]).unwrap_err();
            assert!(error.to_string().contains("writing the output: the other side hung up"), "{error}");
        }
        assert_eq!(write(Short(whole.len()), format, [Ok(table())]).unwrap(), 2);
    }
}

#[cfg(unix)]
#[test]
fn a_link_stays_a_link_and_its_file_is_replaced() {
    let place = Place::with("real.csv", "old");
    let link = place.path().join("link.csv");
    std::os::unix::fs::symlink("real.csv", &link).unwrap();
    write_file(&link, None, [Ok(table())]).unwrap();
    assert!(link.is_symlink());
    assert_eq!(std::fs::read(place.path().join("real.csv")).unwrap(), bytes(FileFormat::Csv, [Ok(table())]));
}

#[cfg(unix)]
#[test]
fn a_link_to_a_file_that_is_not_there_yet_stays_a_link() {
    let place = Place::new();
    std::fs::create_dir(place.path().join("far")).unwrap();
    let (link, further) = (place.path().join("link.csv"), place.path().join("far/further.csv"));
    std::os::unix::fs::symlink("far/further.csv", &link).unwrap();
    std::os::unix::fs::symlink("real.csv", &further).unwrap();
    write_file(&link, None, [Ok(table())]).unwrap();
    assert!(link.is_symlink() && further.is_symlink());
    assert_eq!(std::fs::read(place.path().join("far/real.csv")).unwrap(), bytes(FileFormat::Csv, [Ok(table())]));
}

#[cfg(unix)]
#[test]
fn links_that_lead_round_are_refused() {
    let place = Place::new();
    std::os::unix::fs::symlink("b.csv", place.path().join("a.csv")).unwrap();
    std::os::unix::fs::symlink("a.csv", place.path().join("b.csv")).unwrap();
    let error = write_file(&place.path().join("a.csv"), None, [Ok(table())]).unwrap_err();
    assert!(error.to_string().contains("links"), "{error}");
    assert!(place.path().join("a.csv").is_symlink());
}

//! Random small tables, written in each format and read back: equal, as far as the format can hold them.
//!
//! Parquet and Arrow hold everything. CSV and JSON lines know no types, so a table is read back with its types
//! known; they have no infinite or undefined numbers that stay apart from missing ones (CSV writes infinity), and
//! a text that spells a missing value is one. CSV cuts the spaces around a cell.

use crate::place::{Place, Table, engine, frame};
use arkwright_core::{Frame, Kind, Role, is_missing};
use arkwright_data::{Engine, FileFormat, Request, write_file};
use arrow::array::{
    ArrayRef, BooleanArray, Date32Array, Float64Array, Int64Array, StringArray, TimestampMicrosecondArray,
};
use proptest::prelude::*;
use proptest::sample::select;
use std::path::Path;
use std::sync::Arc;

/// Text of pieces that are hard on readers.
fn text() -> impl Strategy<Value = String> {
    let pieces = vec![
        "a",
        "é",
        "漢",
        "😀",
        " ",
        "  ",
        ",",
        ";",
        "\t",
        "|",
        "\"",
        "\"\"",
        "'",
        "\n",
        "\r\n",
        "\r",
        "\\",
        "/",
        "{",
        "[1]",
        "007",
        "1",
        "-2.5",
        "true",
        "NA",
        "NaN",
        "null",
        "?",
        "2024-02-29",
        "inf",
        "#",
        "\u{feff}",
        "=1+1",
    ];
    prop::collection::vec(select(pieces), 0..4).prop_map(|pieces| pieces.concat())
}

/// One row: a value or none of each type.
type Row = (Option<i64>, Option<f64>, Option<bool>, Option<String>, Option<i32>, Option<i64>);

/// Days from the year 1 to the year 9999, the years that are spelt with four digits.
const DAYS: std::ops::Range<i32> = -719_162..2_932_897;

fn rows() -> impl Strategy<Value = Vec<Row>> {
    let micros = i64::from(DAYS.start) * 86_400_000_000..i64::from(DAYS.end) * 86_400_000_000;
    let number = prop_oneof![prop::num::f64::ANY, (-9..9_i32).prop_map(f64::from)];
    let row = (
        prop::option::of(any::<i64>()),
        prop::option::of(number),
        prop::option::of(any::<bool>()),
        prop::option::of(text()),
        prop::option::of(DAYS),
        prop::option::of(micros),
    );
    prop::collection::vec(row, 1..12)
}

fn table(rows: &[Row]) -> Frame {
    let whole: ArrayRef = Arc::new(rows.iter().map(|r| r.0).collect::<Int64Array>());
    frame(vec![
        ("whole", Kind::Number, Role::Input, whole),
        ("number", Kind::Number, Role::Target, Arc::new(rows.iter().map(|r| r.1).collect::<Float64Array>())),
        ("boolean", Kind::Category, Role::Input, Arc::new(rows.iter().map(|r| r.2).collect::<BooleanArray>())),
        ("text", Kind::Category, Role::Input, Arc::new(rows.iter().map(|r| r.3.as_deref()).collect::<StringArray>())),
        ("day", Kind::Time, Role::Input, Arc::new(rows.iter().map(|r| r.4).collect::<Date32Array>())),
        ("at", Kind::Time, Role::Key, Arc::new(rows.iter().map(|r| r.5).collect::<TimestampMicrosecondArray>())),
    ])
}

/// A frame that was written and read back, its types known.
fn back(frame: &Frame, format: FileFormat) -> Table {
    let place = Place::new();
    let path = place.path().join("t");
    write_file(&path, Some(format), [Ok(frame.clone())]).unwrap();
    let mut request = place.request("t");
    request.format = Some(format);
    let schema = frame.to_batch().unwrap().schema();
    request.types = schema.fields().iter().map(|f| (f.name().clone(), f.data_type().clone())).collect();
    Table::of(engine(1).read(&request).unwrap())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn parquet_and_arrow_hold_everything(rows in rows()) {
        let table = table(&rows);
        for format in [FileFormat::Parquet, FileFormat::Arrow] {
            prop_assert_eq!(&back(&table, format).frame(), &table, "{}", format.name());
        }
    }

    #[test]
    fn json_lines_hold_all_but_numbers_that_are_none(mut rows in rows()) {
        for row in &mut rows {
            row.1 = row.1.filter(|v| v.is_finite());
            row.3 = row.3.take().filter(|t| !is_missing(t));
        }
        let table = table(&rows);
        let back = back(&table, FileFormat::JsonLines).frame();
        prop_assert_eq!(back.columns(), table.columns());
    }

    #[test]
    fn csv_holds_all_but_undefined_numbers_and_spaces_around_text(mut rows in rows()) {
        for row in &mut rows {
            row.1 = row.1.filter(|v| !v.is_nan());
            row.3 = row.3.take().map(|t| t.trim().to_string()).filter(|t| !is_missing(t));
        }
        let table = table(&rows);
        let back = back(&table, FileFormat::Csv).frame();
        prop_assert_eq!(back.columns(), table.columns());
    }

    #[test]
    fn a_column_of_text_alone_comes_back_from_csv(texts in prop::collection::vec(prop::option::of(text()), 1..8)) {
        let texts = texts.into_iter().map(|t| t.map(|t| t.trim().to_string()).filter(|t| !is_missing(t)));
        let column: ArrayRef = Arc::new(texts.collect::<StringArray>());
        let table = frame(vec![("a", Kind::Category, Role::Input, column)]);
        let back = back(&table, FileFormat::Csv).frame();
        prop_assert_eq!(back.columns(), table.columns());
    }

    #[test]
    fn what_cannot_be_read_is_refused_and_never_panics(
        pieces in prop::collection::vec(select(vec![
            "a", "b", ",", ";", "\"", "\n", "\r\n", "1", "2.5", "NA", " ", "{", "}", "\"a\":", "[", "]", "\u{feff}", "é", "\\",
        ]), 0..40),
        format in select(vec![FileFormat::Csv, FileFormat::JsonLines]),
        share in select(vec![0.0, 0.5, 1.0]),
    ) {
        let text = pieces.concat();
        let mut request = Request { bytes: Some(text.as_bytes()), ..Request::new(Path::new(""), "-") };
        request.format = Some(format);
        request.limits.max_bad_share = share;
        if let Ok(raw) = engine(1).read(&request) {
            let (good, bad) = (raw.rows(), raw.bad.count as usize);
            prop_assert!(good > 0 && good + bad <= 1 + text.matches('\n').count());
            prop_assert!(bad as f64 <= share * (good + bad) as f64);
            prop_assert!(Table::of(raw).rows() == good);
        }
    }

    #[test]
    fn a_changed_byte_of_a_typed_file_never_panics(at in 0.0..1.0_f64, byte: u8, arrow: bool) {
        let format = if arrow { FileFormat::Arrow } else { FileFormat::Parquet };
        let row: Row = (Some(1), Some(0.5), None, Some("word".into()), Some(3), Some(4));
        let mut bytes = Vec::new();
        arkwright_data::write(&mut bytes, format, [Ok(table(&vec![row; 20]))]).unwrap();
        let at = (at * bytes.len() as f64) as usize;
        bytes[at] = byte;
        let request = Request { bytes: Some(&bytes), format: Some(format), ..Request::new(Path::new(""), "-") };
        // A damaged length may ask for more memory than there is.
        let _ = Engine::new(Some(1 << 20), 1).unwrap().read(&request);
    }
}

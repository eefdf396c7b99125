//! Arrow IPC as other programs write it: files and streams, types that Parquet has not, damage.

use crate::place::{Place, Table, engine};
use arkwright_data::{FileFormat, Request};
use arrow::array::{
    ArrayRef, Date64Array, Decimal256Array, DictionaryArray, DurationSecondArray, Float32Array, Int32Array, Int64Array,
    NullArray, RecordBatch, RunArray, StringArray, Time32SecondArray, TimestampSecondArray,
};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, Int8Type, Int32Type, Schema, TimeUnit, i256};
use arrow::ipc::writer::{FileWriter, StreamWriter};
use std::path::Path;
use std::sync::Arc;

fn file(batches: &[RecordBatch]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut writer = FileWriter::try_new(&mut bytes, batches[0].schema_ref()).unwrap();
    batches.iter().for_each(|b| writer.write(b).unwrap());
    writer.finish().unwrap();
    drop(writer);
    bytes
}

fn stream(batches: &[RecordBatch]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut writer = StreamWriter::try_new(&mut bytes, batches[0].schema_ref()).unwrap();
    batches.iter().for_each(|b| writer.write(b).unwrap());
    writer.finish().unwrap();
    drop(writer);
    bytes
}

fn batch(columns: Vec<(&str, ArrayRef)>) -> RecordBatch {
    RecordBatch::try_from_iter(columns).unwrap()
}

fn whole(values: &[i64]) -> ArrayRef {
    Arc::new(Int64Array::from(values.to_vec()))
}

fn read(columns: Vec<(&str, ArrayRef)>) -> Table {
    Place::with("t.arrow", file(&[batch(columns)])).read("t.arrow")
}

#[test]
fn a_file_and_a_stream_of_the_same_batches_are_the_same_table() {
    let batches = [batch(vec![("a", whole(&[1, 2]))]), batch(vec![("a", whole(&[3]))])];
    for (name, bytes) in [("t.arrow", file(&batches)), ("t.arrows", stream(&batches)), ("t.feather", stream(&batches))]
    {
        assert_eq!(Place::with(name, bytes).read(name).whole("a"), [Some(1), Some(2), Some(3)], "{name}");
    }
}

#[test]
fn coded_text_and_runs_are_text() {
    let words = [Some("x"), Some("x"), None, Some("y")];
    let coded: DictionaryArray<Int8Type> = words.into_iter().collect();
    let ends = Int32Array::from(vec![2, 3, 4]);
    let runs = RunArray::<Int32Type>::try_new(&ends, &StringArray::from(vec![Some("x"), None, Some("y")])).unwrap();
    let table = read(vec![("coded", Arc::new(coded) as ArrayRef), ("runs", Arc::new(runs))]);
    assert_eq!(table.texts("coded"), words);
    assert_eq!(table.texts("runs"), words);
}

#[test]
fn half_numbers_large_decimals_and_days_in_milliseconds_have_plain_types() {
    let half = cast(&Float32Array::from(vec![0.5, -2.0]), &DataType::Float16).unwrap();
    let wide = Decimal256Array::from(vec![Some(i256::from_i128(25)), None]).with_precision_and_scale(40, 1).unwrap();
    let table = read(vec![
        ("half", half),
        ("wide", Arc::new(wide)),
        ("day", Arc::new(Date64Array::from(vec![86_400_000, -86_400_000]))),
    ]);
    assert_eq!(table.data_type("half"), &DataType::Float32);
    assert_eq!(table.column("half").as_ref(), &Float32Array::from(vec![0.5, -2.0]));
    assert_eq!(table.numbers("wide"), [Some(2.5), None]);
    assert_eq!(table.days("day"), [Some(1), Some(-1)]);
}

#[test]
fn types_that_nothing_learns_from_are_kept() {
    let table = read(vec![
        ("nothing", Arc::new(NullArray::new(2)) as ArrayRef),
        ("span", Arc::new(DurationSecondArray::from(vec![1, 2]))),
        ("clock", Arc::new(Time32SecondArray::from(vec![1, 2]))),
    ]);
    assert_eq!(table.data_type("nothing"), &DataType::Null);
    assert_eq!(table.data_type("span"), &DataType::Duration(TimeUnit::Second));
    assert_eq!(table.data_type("clock"), &DataType::Time32(TimeUnit::Second));
}

#[test]
fn a_column_of_nothing_takes_the_type_of_the_next_file() {
    let place = Place::new();
    place.file("1.arrow", file(&[batch(vec![("a", Arc::new(NullArray::new(2)) as ArrayRef)])]));
    place.file("2.arrow", file(&[batch(vec![("a", whole(&[7]))])]));
    assert_eq!(place.read("*.arrow").whole("a"), [None, None, Some(7)]);
}

#[test]
fn seconds_beyond_what_microseconds_hold_are_refused_and_not_lost() {
    let far = TimestampSecondArray::from(vec![1, i64::MAX / 2]);
    let place = Place::with("t.arrow", file(&[batch(vec![("at", Arc::new(far) as ArrayRef)])]));
    let said = place.refused("t.arrow");
    assert!(said.contains("column `at`"), "{said}");
}

#[test]
fn two_columns_of_one_name_are_refused() {
    let field = Field::new("a", DataType::Int64, true);
    let schema = Arc::new(Schema::new(vec![field.clone(), field]));
    let twice = RecordBatch::try_new(schema, vec![whole(&[1]), whole(&[2])]).unwrap();
    let said = Place::with("t.arrow", file(&[twice])).refused("t.arrow");
    assert!(said.contains("t.arrow: two columns are called `a`"), "{said}");
}

#[test]
fn a_table_without_rows_or_columns_is_refused() {
    let empty = batch(vec![("a", whole(&[]))]);
    assert!(Place::with("t.arrow", file(&[empty])).refused("t.arrow").contains("t.arrow: there are no rows"));
    let none = RecordBatch::new_empty(Arc::new(Schema::empty()));
    assert!(Place::with("t.arrow", stream(&[none])).refused("t.arrow").contains("t.arrow: there are no columns"));
}

#[test]
fn what_is_cut_short_or_is_no_arrow_is_refused() {
    let batches = [batch(vec![("a", whole(&(0..1000).collect::<Vec<_>>()))])];
    let (file, stream) = (file(&batches), stream(&batches));
    for bad in [&file[..file.len() / 2], &stream[..stream.len() / 2], b"ARROW1\0\0", b"", b"a,b\n1,2\n"] {
        let said = Place::with("t.arrow", bad).refused("t.arrow");
        assert!(said.contains("t.arrow: the file cannot be read as Arrow"), "{said}");
    }
}

#[test]
fn a_length_that_is_damaged_asks_for_no_memory() {
    let coded: DictionaryArray<Int8Type> = ["x", "y", "x"].into_iter().map(Some).collect();
    let batches = [batch(vec![("a", whole(&[1, 2, 3])), ("b", Arc::new(coded) as ArrayRef)])];
    for good in [file(&batches), stream(&batches)] {
        for (at, byte) in (0..good.len()).flat_map(|at| [0x7f, 0xff, good[at] ^ 1].map(|byte| (at, byte))) {
            let mut bad = good.clone();
            bad[at] = byte;
            let request =
                Request { bytes: Some(&bad), format: Some(FileFormat::Arrow), ..Request::new(Path::new(""), "-") };
            // Rows or an error; not the end of the process.
            if let Err(error) = engine(1).read(&request) {
                assert!(matches!(error, arkwright_core::Error::Data { .. }), "byte {at}: {error}");
            }
        }
    }
}

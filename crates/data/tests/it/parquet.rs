//! Parquet as other programs write it: dictionaries, every width of number, decimals, times with zones, nested
//! columns, several row groups, files that are damaged or do not go together.

use crate::place::{Place, Table, engine, words};
use arkwright_data::{Engine, Request};
use arrow::array::{
    ArrayRef, Decimal128Array, DictionaryArray, Float32Array, Float64Array, Int8Array, Int32Array, Int64Array,
    LargeStringArray, ListArray, RecordBatch, StringArray, StringViewArray, StructArray, TimestampMillisecondArray,
    TimestampNanosecondArray, TimestampSecondArray, UInt64Array,
};
use arrow::datatypes::{DataType, Field, Int32Type, Int64Type};
use parquet::arrow::ArrowWriter;
use parquet::file::properties::WriterProperties;
use std::path::Path;
use std::sync::Arc;

/// The bytes of a file of some columns, `group` rows to a row group.
pub fn parquet(columns: Vec<(&str, ArrayRef)>, group: usize) -> Vec<u8> {
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let properties = WriterProperties::builder().set_max_row_group_row_count(Some(group)).build();
    let mut bytes = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), Some(properties)).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    bytes
}

fn read(columns: Vec<(&str, ArrayRef)>) -> Table {
    Place::with("t.parquet", parquet(columns, 1 << 20)).read("t.parquet")
}

fn whole(values: &[i64]) -> ArrayRef {
    Arc::new(Int64Array::from(values.to_vec()))
}

#[test]
fn text_is_text_however_it_is_stored() {
    let words = [Some("long enough to lie out of line"), None, Some("x"), Some("NA")];
    let table = read(vec![
        ("plain", Arc::new(StringArray::from(words.to_vec())) as ArrayRef),
        ("large", Arc::new(LargeStringArray::from(words.to_vec()))),
        ("view", Arc::new(StringViewArray::from(words.to_vec()))),
        ("coded", Arc::new(words.into_iter().collect::<DictionaryArray<Int32Type>>())),
    ]);
    for name in table.names() {
        // What is text in a typed file is never taken for a missing value.
        assert_eq!(table.texts(name), words, "{name}");
    }
}

#[test]
fn points_in_time_are_microseconds_in_utc() {
    let ten = 1_704_103_200;
    let table = read(vec![
        ("s", Arc::new(TimestampSecondArray::from(vec![Some(ten), None])) as ArrayRef),
        ("ms", Arc::new(TimestampMillisecondArray::from(vec![ten * 1000 + 1, -1]))),
        ("ns", Arc::new(TimestampNanosecondArray::from(vec![ten * 1_000_000_000 + 1999, 0]))),
        ("zone", Arc::new(TimestampMillisecondArray::from(vec![ten * 1000, 0]).with_timezone("+02:00"))),
    ]);
    let ten = ten * 1_000_000;
    assert_eq!(table.micros("s"), [Some(ten), None]);
    assert_eq!(table.micros("ms"), [Some(ten + 1000), Some(-1000)]);
    assert_eq!(table.micros("ns"), [Some(ten + 1), Some(0)]);
    assert_eq!(table.micros("zone"), [Some(ten), Some(0)]);
}

#[test]
fn decimals_are_numbers() {
    let cents = Decimal128Array::from(vec![Some(12_345), None, Some(-1)]).with_precision_and_scale(10, 2).unwrap();
    assert_eq!(read(vec![("price", Arc::new(cents) as ArrayRef)]).numbers("price"), [Some(123.45), None, Some(-0.01)]);
}

#[test]
fn numbers_keep_their_width() {
    let table = read(vec![
        ("small", Arc::new(Int8Array::from(vec![Some(-128), None])) as ArrayRef),
        ("natural", Arc::new(UInt64Array::from(vec![u64::MAX, 0]))),
        ("single", Arc::new(Float32Array::from(vec![0.1, f32::NAN]))),
    ]);
    assert_eq!(table.column("small").as_ref(), &Int8Array::from(vec![Some(-128), None]));
    assert_eq!(table.column("natural").as_ref(), &UInt64Array::from(vec![u64::MAX, 0]));
    assert_eq!(table.column("single").as_ref(), &Float32Array::from(vec![0.1, f32::NAN]));
}

#[test]
fn nested_columns_are_kept_as_they_are() {
    let pairs = StructArray::from(vec![(Arc::new(Field::new("x", DataType::Int64, true)), whole(&[1, 2]))]);
    let lists = ListArray::from_iter_primitive::<Int64Type, _, _>([Some(vec![Some(1), Some(2)]), None]);
    let table = read(vec![("pair", Arc::new(pairs) as ArrayRef), ("list", Arc::new(lists)), ("n", whole(&[5, 6]))]);
    assert!(matches!(table.data_type("pair"), DataType::Struct(_)));
    assert!(matches!(table.data_type("list"), DataType::List(_)));
    assert_eq!(table.whole("n"), [Some(5), Some(6)]);
}

#[test]
fn row_groups_come_in_their_order_whoever_reads_them() {
    let place = Place::with("t.parquet", parquet(vec![("n", whole(&(0..700).collect::<Vec<_>>()))], 7));
    for threads in [1, 4] {
        let raw = engine(threads).read(&place.request("t.parquet")).unwrap();
        assert_eq!(raw.batches.len(), 100);
        assert_eq!(Table::of(raw).whole("n"), (0..700).map(Some).collect::<Vec<_>>());
    }
}

#[test]
fn whole_numbers_of_one_file_give_way_to_numbers_of_another() {
    let place = Place::new();
    place.file("1.parquet", parquet(vec![("a", whole(&[1])), ("b", Arc::new(Int32Array::from(vec![2])))], 9));
    place.file("2.parquet", parquet(vec![("b", whole(&[3])), ("a", Arc::new(Float64Array::from(vec![0.5])))], 9));
    let table = place.read("*.parquet");
    assert_eq!(table.names(), ["a", "b"]);
    assert_eq!(table.numbers("a"), [Some(1.0), Some(0.5)]);
    assert_eq!(table.whole("b"), [Some(2), Some(3)]);
}

#[test]
fn a_number_that_the_common_type_does_not_hold_is_refused_and_not_lost() {
    let place = Place::new();
    place.file("1.parquet", parquet(vec![("id", Arc::new(UInt64Array::from(vec![u64::MAX])) as ArrayRef)], 9));
    place.file("2.parquet", parquet(vec![("id", whole(&[-1]))], 9));
    let said = place.refused("*.parquet");
    assert!(said.contains("column `id`") && said.contains("18446744073709551615"), "{said}");
}

#[test]
fn files_of_other_columns_are_refused() {
    let place = Place::new();
    place.file("1.parquet", parquet(vec![("a", whole(&[1])), ("b", whole(&[1]))], 9));
    let beside = |columns| {
        place.file("2.parquet", parquet(columns, 9));
        place.refused("*.parquet")
    };
    let text: ArrayRef = Arc::new(StringArray::from(vec!["x"]));
    assert!(beside(vec![("a", whole(&[1]))]).contains("2.parquet: the column `b` is in the first file and not here"));
    let said = beside(vec![("a", whole(&[1])), ("b", whole(&[1])), ("c", whole(&[1]))]);
    assert!(said.contains("2.parquet: the column `c` is not in the first file"), "{said}");
    let said = beside(vec![("a", whole(&[1])), ("b", text)]);
    assert!(said.contains("the column `b` is of type Utf8 where the first file has Int64"), "{said}");
}

#[test]
fn a_file_that_is_cut_short_or_is_no_parquet_is_refused() {
    let good = parquet(vec![("a", whole(&(0..1000).collect::<Vec<_>>()))], 100);
    for bad in [&good[..good.len() / 2], &good[4..], b"", b"a,b\n1,2\n"] {
        let said = Place::with("t.parquet", bad).refused("t.parquet");
        assert!(said.contains("t.parquet: the file cannot be read as Parquet"), "{said}");
        assert!(said.contains("is it complete"), "{said}");
    }
}

#[test]
fn a_file_without_rows_or_columns_is_refused() {
    let said = Place::with("t.parquet", parquet(vec![("a", whole(&[]))], 9)).refused("t.parquet");
    assert!(said.contains("t.parquet: there are no rows"), "{said}");
}

#[test]
fn bytes_at_hand_are_read_as_a_file_is() {
    let bytes = parquet(vec![("a", whole(&[1, 2, 3]))], 2);
    let request = Request { bytes: Some(&bytes), ..Request::new(Path::new(""), "-") };
    assert_eq!(Table::of(engine(1).read(&request).unwrap()).whole("a"), [Some(1), Some(2), Some(3)]);
}

#[test]
fn more_columns_or_memory_than_allowed_are_refused() {
    let bytes = parquet(vec![("a", whole(&(0..10_000).collect::<Vec<_>>())), ("b", whole(&[0; 10_000]))], 1 << 20);
    let place = Place::with("t.parquet", bytes);
    let mut request = place.request("t.parquet");
    let error = Engine::new(Some(20_000), 1).unwrap().read(&request).unwrap_err();
    assert!(matches!(error, arkwright_core::Error::Memory { needed: 20_001.., allowed: 20_000, .. }), "{error}");
    request.limits.max_columns = 1;
    assert!(words(&engine(1).read(&request).unwrap_err()).contains("2 columns, and 1 are allowed"));
}

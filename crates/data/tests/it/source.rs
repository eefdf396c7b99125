//! Parquet as a source: rows in the file's order, read as they are asked for, some of the columns.

use crate::parquet::parquet;
use crate::place::{Place, words};
use arkwright_core::{Field, Frame, Kind, Role, Source};
use arkwright_data::{FileFormat, ParquetSource, write_file};
use arrow::array::{ArrayRef, Int64Array, StringArray, StringViewArray};
use std::sync::Arc;

/// 25 rows in row groups of 10.
fn table() -> Place {
    let whole: ArrayRef = Arc::new(Int64Array::from_iter_values(0..25));
    let words: ArrayRef = Arc::new(StringViewArray::from_iter_values((0..25).map(|i| format!("w{i}"))));
    let tens: ArrayRef = Arc::new((0..25).map(|i| (i % 10 > 0).then_some(10 * i)).collect::<Int64Array>());
    Place::with("t.parquet", parquet(vec![("n", whole), ("word", words), ("ten", tens)], 10))
}

fn fields(names: &[(&str, Kind, Role)]) -> Option<Arc<[Field]>> {
    Some(names.iter().map(|(name, kind, role)| Field::new(*name, kind.clone(), *role)).collect())
}

fn rows(source: &ParquetSource, batch: usize) -> Vec<Frame> {
    source.scan(batch).unwrap().map(|f| f.unwrap()).collect()
}

#[test]
fn rows_come_in_order_however_many_are_asked_for() {
    let place = table();
    let source = ParquetSource::open(&place.path().join("t.parquet"), None).unwrap();
    assert_eq!(source.rows(), Some(25));
    for (batch, expected) in [(4, vec![4, 4, 2, 4, 4, 2, 4, 1]), (100, vec![10, 10, 5]), (0, vec![1; 25])] {
        let frames = rows(&source, batch);
        assert_eq!(frames.iter().map(Frame::rows).collect::<Vec<_>>(), expected);
        let all = Frame::concat(&frames).unwrap();
        assert_eq!(all.columns()[0].as_ref(), &Int64Array::from_iter_values(0..25));
        let words: Vec<String> = (0..25).map(|i| format!("w{i}")).collect();
        assert_eq!(all.columns()[1].as_ref(), &StringArray::from(words));
        assert_eq!((all.columns()[2].null_count(), all.texts(2).unwrap().value(24)), (3, "240"));
    }
    // They can be read again.
    assert_eq!(rows(&source, 7), rows(&source, 7));
}

#[test]
fn some_columns_are_read_in_the_order_asked() {
    let place = table();
    let asked = fields(&[("ten", Kind::Number, Role::Target), ("n", Kind::Category, Role::Input)]);
    let source = ParquetSource::open(&place.path().join("t.parquet"), asked.clone()).unwrap();
    let all = Frame::concat(&rows(&source, 8)).unwrap();
    assert_eq!(Some(all.fields().clone()), asked);
    assert_eq!((all.texts(0).unwrap().value(3), all.texts(1).unwrap().value(3)), ("30", "3"));
    let none = ParquetSource::open(&place.path().join("t.parquet"), fields(&[])).unwrap();
    assert_eq!(rows(&none, 100).iter().map(Frame::rows).collect::<Vec<_>>(), [10, 10, 5]);
}

#[test]
fn kinds_and_roles_are_those_that_were_written() {
    let place = Place::new();
    let path = place.path().join("t.parquet");
    let column: ArrayRef = Arc::new(StringArray::from(vec!["a", "b"]));
    let frame = crate::place::frame(vec![("y", Kind::Category, Role::Target, column)]);
    write_file(&path, Some(FileFormat::Parquet), [Ok(frame.clone()), Ok(frame.clone())]).unwrap();
    let source = ParquetSource::open(&path, None).unwrap();
    assert_eq!(source.fields(), frame.fields());
    assert_eq!(source.rows(), Some(4));
}

#[test]
fn its_name_is_its_content_and_its_columns() {
    let (here, there) = (table(), table());
    let of = |place: &Place, fields| ParquetSource::open(&place.path().join("t.parquet"), fields).unwrap().identity();
    let whole = of(&here, None);
    assert!(whole.is_some());
    assert_eq!(of(&there, None), whole);
    let one = || fields(&[("n", Kind::Number, Role::Input)]);
    assert_ne!(of(&here, one()), whole);
    assert_eq!(of(&here, one()), of(&there, one()));
    assert_ne!(of(&here, fields(&[("n", Kind::Number, Role::Target)])), of(&here, one()));
    let other: ArrayRef = Arc::new(Int64Array::from_iter_values(1..26));
    let other = Place::with("t.parquet", parquet(vec![("n", other)], 10));
    assert_ne!(of(&other, one()), of(&here, one()));
}

#[test]
fn a_column_that_is_not_there_is_answered_with_the_nearest() {
    let place = table();
    let asked = fields(&[("words", Kind::Text, Role::Input)]);
    let said = words(&ParquetSource::open(&place.path().join("t.parquet"), asked).err().unwrap());
    assert_eq!(said, "column `words`: is not in t.parquet (there is a `word`)");
    assert!(ParquetSource::open(&place.path().join("none.parquet"), None).is_err());
}

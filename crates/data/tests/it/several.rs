//! Several files as one table, by folder and by pattern; and the fingerprint of what is read, which knows the
//! content and not the place.

use crate::place::{Place, engine, words};
use arkwright_core::Hash;
use arkwright_data::{FileFormat, Request};
use arrow::datatypes::DataType;
use std::path::Path;

/// The values of column `a` of a location.
fn read(place: &Place, location: &str) -> Vec<i64> {
    place.read(location).whole("a").into_iter().flatten().collect()
}

#[test]
fn files_come_in_the_order_of_their_paths() {
    let place = Place::new();
    for (name, a) in [("data/b.csv", 3), ("data/a.csv", 1), ("data/10.csv", 0), ("data/aa.csv", 2), ("data/x/0.csv", 9)]
    {
        place.file(name, format!("a\n{a}\n"));
    }
    assert_eq!(read(&place, "data"), [0, 1, 2, 3]);
    assert_eq!(read(&place, "data/*.csv"), [0, 1, 2, 3]);
    assert_eq!(read(&place, "data/a*.csv"), [1, 2]);
    assert_eq!(read(&place, "data/?.csv"), [1, 3]);
    assert_eq!(read(&place, "data/*/0.csv"), [9]);
    assert_eq!(read(&place, "**/*.csv"), [0, 1, 2, 3, 9]);
    assert_eq!(read(&place, "data/a.csv"), [1]);
}

#[test]
fn what_is_hidden_or_no_data_is_passed_over() {
    let place = Place::with("data/a.csv", "a\n1\n");
    for name in ["data/.b.csv", "data/_SUCCESS", "data/_c.csv", "data/README.md", "data/.git/x.csv"] {
        place.file(name, "a\n2\n");
    }
    assert_eq!(read(&place, "data"), [1]);
    assert_eq!(read(&place, "data/*.csv"), [1]);
    assert_eq!(read(&place, "**/*.csv"), [1]);
    // A file that is named is read.
    assert_eq!(read(&place, "data/_c.csv"), [2]);
}

#[test]
fn columns_are_found_by_name_and_each_file_has_its_own_delimiter_and_mark() {
    let place = Place::with("1.csv", "a,b\n1,x\n");
    place.file("2.csv", "\u{feff}b;a\r\ny;2\r\n");
    place.file("3.csv", "a,b\n");
    place.file("4.csv", "\"b\"\t\"a\"\nz\t3\n");
    let table = place.read("*.csv");
    assert_eq!(table.names(), ["a", "b"]);
    assert_eq!(table.whole("a"), [Some(1), Some(2), Some(3)]);
    assert_eq!(table.texts("b"), [Some("x"), Some("y"), Some("z")]);
}

#[test]
fn the_type_of_a_column_is_settled_by_all_files() {
    let place = Place::with("1.csv", "a,b\n1,1\n");
    place.file("2.csv", "a,b\n0.5,x\n");
    let table = place.read("*.csv");
    assert_eq!(table.numbers("a"), [Some(1.0), Some(0.5)]);
    assert_eq!(table.texts("b"), [Some("1"), Some("x")]);
}

#[test]
fn a_file_of_other_columns_is_refused_by_name() {
    let place = Place::with("1.csv", "a,b\n1,2\n");
    let beside = |text: &str| {
        place.file("2.csv", text);
        place.refused("*.csv")
    };
    assert!(beside("a\n1\n").contains("2.csv: the column `b` is in the first file and not here"));
    assert!(beside("a,c\n1,2\n").contains("2.csv: the column `c` is not in the first file"));
    assert!(beside("a,b,c\n1,2,3\n").contains("2.csv: the column `c` is not in the first file"));
    assert!(beside("").contains("2.csv: the file is empty"));
}

#[test]
fn bad_rows_name_their_file() {
    let place = Place::with("1.csv", "a,b\n1,2\n");
    place.file("2.csv", "a,b\n3,4\n5\n");
    assert!(place.refused("*.csv").contains("1 of 3 rows cannot be read, and 1 % are allowed: 2.csv line 3: 1 cells"));
}

#[test]
fn lines_of_json_may_lie_in_several_files() {
    let place = Place::with("1.jsonl", "{\"a\": 1}\n");
    place.file("2.ndjson", "{\"b\": true, \"a\": 2}\n");
    let table = place.read(".");
    assert_eq!(table.names(), ["a", "b"]);
    assert_eq!(table.booleans("b"), [None, Some(true)]);
}

#[test]
fn what_is_not_there_or_not_of_one_format_is_refused() {
    let place = Place::with("data/train.csv", "a\n1\n");
    assert!(place.refused("data/trian.csv").contains("there is no file `data/trian.csv` (there is a `train.csv`)"));
    assert!(place.refused("data/*.parquet").contains("no file of data at `data/*.parquet`"));
    assert!(place.refused("").contains("the source is empty"));
    assert!(place.refused("s3://bucket/t.csv").contains("`s3://` cannot be read yet"));
    place.file("data/more.jsonl", "{\"a\": 2}\n");
    assert!(place.refused("data").contains("json_lines and csv files together"));
    place.file("table.dat", "a\n1\n");
    assert!(place.refused("table.dat").contains("the name `table.dat` does not tell its format"));
    let mut request = place.request("table.dat");
    request.format = Some(FileFormat::Csv);
    assert_eq!(engine(1).read(&request).unwrap().rows(), 1);
}

fn fingerprint(request: &Request<'_>) -> Hash {
    engine(1).fingerprint(request).unwrap()
}

/// The fingerprint of some files in a folder of their own.
fn of(files: &[(&str, &str)]) -> Hash {
    let place = Place::new();
    files.iter().for_each(|(name, text)| drop(place.file(name, text)));
    fingerprint(&place.request("."))
}

#[test]
fn the_fingerprint_knows_the_content_and_not_the_place() {
    let first = of(&[("1.csv", "a\n1\n"), ("2.csv", "a\n2\n")]);
    // Another folder, then other names in the same order.
    assert_eq!(of(&[("1.csv", "a\n1\n"), ("2.csv", "a\n2\n")]), first);
    assert_eq!(of(&[("x.csv", "a\n1\n"), ("y.csv", "a\n2\n")]), first);
    // One byte, the order, and where a file ends.
    assert_ne!(of(&[("1.csv", "a\n1\n"), ("2.csv", "a\n3\n")]), first);
    assert_ne!(of(&[("1.csv", "a\n1\n"), ("2.csv", "a\n2\n\n")]), first);
    assert_ne!(of(&[("2.csv", "a\n1\n"), ("1.csv", "a\n2\n")]), first);
    assert_ne!(of(&[("1.csv", "a\n1\na\n2\n")]), first);
    assert_ne!(of(&[("1.csv", "a\n1\n")]), first);
    let place = Place::with("t.csv", "a\n1\n");
    let bytes = Request { bytes: Some(b"a\n1\n"), ..Request::new(Path::new(""), "-") };
    assert_eq!(fingerprint(&place.request("t.csv")), fingerprint(&bytes));
}

#[test]
fn the_fingerprint_knows_what_is_made_of_the_content() {
    let place = Place::with("t.csv", "a\n1\n");
    let mut all = vec![fingerprint(&place.request("t.csv"))];
    let mut with = |change: &dyn Fn(&mut Request<'_>)| {
        let mut request = place.request("t.csv");
        change(&mut request);
        all.push(fingerprint(&request));
    };
    with(&|r| r.query = Some("select a from source"));
    with(&|r| r.query = Some("select a  from source"));
    with(&|r| r.format = Some(FileFormat::JsonLines));
    with(&|r| r.limits.max_bad_share = 0.5);
    with(&|r| r.types = [("a".to_string(), DataType::Utf8)].into());
    with(&|r| r.types = [("a".to_string(), DataType::Float64)].into());
    for (i, one) in all.iter().enumerate() {
        assert!(!all[..i].contains(one), "{i} is like one before");
    }
    // How the work is done does not count.
    assert_eq!(engine(4).fingerprint(&place.request("t.csv")).unwrap(), all[0]);
}

#[test]
fn the_same_bytes_read_in_another_way_have_another_fingerprint() {
    // What is called .tsv is parted by tabs, whatever is in it.
    assert_ne!(of(&[("t.tsv", "a,b\n1,2\n")]), of(&[("t.csv", "a,b\n1,2\n")]));
}

#[test]
fn a_file_that_is_gone_has_no_fingerprint() {
    let place = Place::with("t.csv", "a\n1\n");
    std::fs::remove_file(place.path().join("t.csv")).unwrap();
    let error = engine(1).fingerprint(&place.request("t.csv")).unwrap_err();
    assert!(words(&error).contains("there is no file `t.csv`"));
}

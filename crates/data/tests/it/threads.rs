//! The same table, and what is found in it, byte for byte with 1 and with 4 threads.

use crate::place::{Place, engine, frame, noise};
use arkwright_core::{Frame, Kind, Role};
use arkwright_data::typing::Typing;
use arkwright_data::{FileFormat, leakage, write};
use arrow::array::{ArrayRef, Float64Array, StringArray};
use std::fmt::Write;
use std::sync::Arc;

fn bytes(frame: &Frame) -> Vec<u8> {
    let mut bytes = Vec::new();
    write(&mut bytes, FileFormat::Arrow, [Ok(frame.clone())]).unwrap();
    bytes
}

/// Reads a location with 1 and with 4 threads; the table is cut into at least `blocks` pieces.
fn same(place: &Place, location: &str, blocks: usize) {
    let mut request = place.request(location);
    request.limits.max_bad_share = 0.5;
    let one = engine(1).read(&request).unwrap();
    let four = engine(4).read(&request).unwrap();
    assert!(one.batches.len() >= blocks, "{} batches", one.batches.len());
    assert_eq!(one.batches, four.batches);
    assert_eq!(one.bad, four.bad);
    assert_eq!(bytes(&one.into_frame().unwrap()), bytes(&four.into_frame().unwrap()));
}

#[test]
fn a_csv_file_of_many_rows() {
    let mut text = String::from("n,word,x,day\n");
    for row in 0..200_000 {
        let x = noise(row, 1);
        match row % 1000 {
            7 => text.push_str("a bad row\n"),
            8 => writeln!(text, "{row},\"two\nlines, {row}\",,NA").unwrap(),
            _ => writeln!(text, "{row},w{},{x},2024-02-{:02}", row % 77, 1 + row % 28).unwrap(),
        }
    }
    same(&Place::with("t.csv", text), "t.csv", 4);
}

#[test]
fn many_small_csv_files() {
    let place = Place::new();
    for file in 0..40 {
        place.file(&format!("{file:02}.csv"), format!("a,b\n{file},x{file}\n{},\n", noise(file, 2)));
    }
    same(&place, "*.csv", 40);
}

#[test]
fn a_file_of_json_lines() {
    let mut text = String::new();
    for row in 0..70_000 {
        match row % 1000 {
            7 => text.push_str("{\"broken\":\n"),
            8 => writeln!(text, "{{\"list\": [{row}]}}").unwrap(),
            _ => writeln!(text, "{{\"n\": {row}, \"x\": {}, \"even\": {}}}", noise(row, 3), row % 2 == 0).unwrap(),
        }
    }
    same(&Place::with("t.jsonl", text), "t.jsonl", 4);
}

/// Numbers, categories and a target that one of them gives away.
fn table(rows: usize) -> Frame {
    let numbers = |salt| -> ArrayRef { Arc::new((0..rows).map(|r| Some(noise(r, salt))).collect::<Float64Array>()) };
    let words: StringArray =
        (0..rows).map(|r| (r % 11 > 0).then(|| format!("w{}", (noise(r, 7) * 9.0) as u32))).collect();
    let y: Float64Array = (0..rows).map(|r| Some(3.0 * noise(r, 2) - 1.0)).collect();
    frame(vec![
        ("a", Kind::Number, Role::Input, numbers(1)),
        ("b", Kind::Number, Role::Input, numbers(2)),
        ("c", Kind::Category, Role::Input, Arc::new(words)),
        ("d", Kind::Number, Role::Input, numbers(3)),
        ("e", Kind::Number, Role::Input, numbers(4)),
        ("y", Kind::Number, Role::Target, Arc::new(y)),
    ])
}

#[test]
fn what_columns_are_and_what_leaks() {
    let table = table(5000);
    let roles = [("y".to_string(), Role::Target)];
    let typed = [1, 4]
        .map(|threads| Typing { roles: roles.clone().into(), threads, ..Typing::default() }.apply(&table).unwrap());
    assert_eq!(typed[0].frame, typed[1].frame);
    assert_eq!(typed[0].columns, typed[1].columns);
    let (train, test): (Vec<u32>, Vec<u32>) = (0..5000).partition(|row| row % 5 > 0);
    let split = leakage::Split { train: &train, test: &test, in_time: false };
    let found = [1, 4].map(|threads| leakage::audit(&typed[0].frame, &split, threads).unwrap());
    assert_eq!(found[0], found[1]);
    assert_eq!(found[0].iter().map(|f| f.column.as_deref()).collect::<Vec<_>>(), [Some("b")]);
}

#[test]
fn a_query() {
    let mut text = String::from("g,x\n");
    (0..20_000).for_each(|row| writeln!(text, "{},{}", row % 13, noise(row, 5)).unwrap());
    let place = Place::with("t.csv", text);
    let mut request = place.request("t.csv");
    request.query = Some("select g, sum(x) as s, count(*) as n from source group by g");
    let told = [1, 4, 4].map(|threads| bytes(&engine(threads).read(&request).unwrap().into_frame().unwrap()));
    assert_eq!(told[0], told[1]);
    assert_eq!(told[1], told[2]);
}

//! JSON lines: members that come and go, values of several types, lines that are no objects.

use crate::place::{Place, Table, engine, words};
use arkwright_data::{BadRow, FileFormat, Request};
use arrow::datatypes::DataType;
use std::path::Path;

fn json(text: &str) -> Table {
    Place::with("t.jsonl", text).read("t.jsonl")
}

fn refused(text: &str) -> String {
    Place::with("t.jsonl", text).refused("t.jsonl")
}

#[test]
fn a_member_that_a_line_lacks_is_missing_and_a_new_one_is_a_column() {
    let table = json("{\"b\": 1}\n{\"a\": 2, \"b\": 3}\n{\"a\": 4, \"c\": \"x\"}\n{}\n");
    assert_eq!(table.names(), ["b", "a", "c"]);
    assert_eq!(table.whole("a"), [None, Some(2), Some(4), None]);
    assert_eq!(table.whole("b"), [Some(1), Some(3), None, None]);
    assert_eq!(table.texts("c"), [None, None, Some("x"), None]);
}

#[test]
fn a_column_may_come_late_in_a_long_file() {
    let mut text = String::new();
    (0..20_000).for_each(|i| text.push_str(&format!("{{\"a\": {i}}}\n")));
    text.push_str("{\"late\": true, \"a\": 0.5}\n");
    let table = json(&text);
    assert_eq!(table.names(), ["a", "late"]);
    assert_eq!((table.numbers("a")[19_999], table.numbers("a")[20_000]), (Some(19_999.0), Some(0.5)));
    assert_eq!(table.column("late").null_count(), 20_000);
    assert_eq!(table.booleans("late")[20_000], Some(true));
}

#[test]
fn null_and_the_spellings_of_nothing_are_missing() {
    let table = json("{\"a\": null, \"b\": \"NA\"}\n{\"a\": 1.5, \"b\": \"x\"}\n{\"a\": \"?\", \"b\": \" \"}\n");
    assert_eq!(table.numbers("a"), [None, Some(1.5), None]);
    assert_eq!(table.texts("b"), [None, Some("x"), None]);
}

#[test]
fn numbers_and_booleans_keep_their_types_and_strings_stay_text() {
    let table = json("{\"i\": 1, \"f\": 1.0, \"b\": true, \"s\": \"1\", \"t\": \"true\"}\n");
    assert_eq!(table.whole("i"), [Some(1)]);
    assert_eq!(table.numbers("f"), [Some(1.0)]);
    assert_eq!(table.booleans("b"), [Some(true)]);
    assert_eq!(table.texts("s"), [Some("1")]);
    assert_eq!(table.texts("t"), [Some("true")]);
}

#[test]
fn numbers_are_exact() {
    let table = json("{\"i\": 9007199254740993, \"f\": 0.1}\n{\"i\": -9223372036854775808, \"f\": 1e-300}\n");
    assert_eq!(table.whole("i"), [Some(9_007_199_254_740_993), Some(i64::MIN)]);
    assert_eq!(table.numbers("f"), [Some(0.1), Some(1e-300)]);
    assert_eq!(json("{\"a\": 9223372036854775808}\n").texts("a"), [Some("9223372036854775808")]);
}

#[test]
fn one_value_of_another_type_makes_a_column_text() {
    let table = json("{\"a\": 1, \"b\": true, \"c\": 2}\n{\"a\": \"x\", \"b\": 0, \"c\": [3]}\n");
    assert_eq!(table.texts("a"), [Some("1"), Some("x")]);
    assert_eq!(table.texts("b"), [Some("true"), Some("0")]);
    assert_eq!(table.texts("c"), [Some("2"), Some("[3]")]);
}

#[test]
fn strings_of_iso_dates_are_dates() {
    let table = json("{\"d\": \"2024-02-29\", \"t\": \"2024-01-01T10:00:00Z\"}\n{\"d\": null}\n");
    assert_eq!(table.days("d"), [Some(19_782), None]);
    assert_eq!(table.micros("t"), [Some(1_704_103_200_000_000), None]);
}

#[test]
fn what_is_nested_is_kept_as_its_json_text() {
    let table = json("{\"a\": {\"y\": [1, 2.5], \"x\": null}, \"b\": []}\n{\"a\": null, \"b\": [\"q\"]}\n");
    assert_eq!(table.texts("a"), [Some("{\"y\":[1,2.5],\"x\":null}"), None]);
    assert_eq!(table.texts("b"), [Some("[]"), Some("[\"q\"]")]);
}

#[test]
fn escapes_are_read() {
    let table = json("{\"a\\u0062\": \"line\\nend \\\"q\\\" \\u00e9 \\ud83d\\ude00\"}\n");
    assert_eq!(table.names(), ["ab"]);
    assert_eq!(table.texts("ab"), [Some("line\nend \"q\" é 😀")]);
}

#[test]
fn empty_lines_and_windows_line_ends_and_a_mark_do_not_count() {
    let table = json("\u{feff}\n{\"a\": 1}\r\n\r\n   \n{\"a\": 2}");
    assert_eq!(table.whole("a"), [Some(1), Some(2)]);
    assert_eq!(table.bad.count, 0);
}

#[test]
fn a_broken_line_is_told_with_its_number() {
    let said = refused("{\"a\": 1}\n\n{\"a\":\n{\"a\": 3}\n");
    assert!(said.contains("1 of 3 rows cannot be read"), "{said}");
    assert!(said.contains("t.jsonl line 3: no JSON: EOF while parsing"), "{said}");
    assert!(refused("{\"a\": 1}\n5\n").contains("line 2: no JSON object"));
    assert!(refused("{\"a\": NaN}\n").contains("line 1: no JSON: "));
    assert!(refused("{\"a\": 1} {\"a\": 2}\n").contains("line 1: no JSON: trailing characters"));
}

#[test]
fn broken_lines_within_the_share_are_set_aside() {
    let place = Place::with("t.jsonl", "{\"a\": 1}\n{\"a\": \"lost\", }\n{\"a\": 3}\n");
    let mut request = place.request("t.jsonl");
    request.limits.max_bad_share = 0.4;
    let table = Table::of(engine(1).read(&request).unwrap());
    // The broken line settles no type either.
    assert_eq!(table.whole("a"), [Some(1), Some(3)]);
    assert_eq!(table.bad.count, 1);
    let BadRow { file, line, reason } = &table.bad.first[0];
    assert_eq!((file.as_str(), *line), ("t.jsonl", 2));
    assert!(reason.starts_with("no JSON: trailing comma"), "{reason}");
}

#[test]
fn an_array_of_objects_is_read_as_its_objects_on_lines_are() {
    let lines = "{\"a\": 1, \"b\": \"x],{\\\"\"}\n{\"a\": 2.5}\n{\"b\": \"\", \"c\": [1, {\"d\": []}]}\n";
    let objects: Vec<&str> = lines.lines().collect();
    let read = |text: &str| {
        let place = Place::with("t.jsonl", text);
        let raw = engine(2).read(&place.request("t.jsonl")).unwrap();
        (raw.schema.clone(), raw.bad.count, raw.into_frame().unwrap())
    };
    let expected = read(lines);
    for array in [
        format!("[{}]", objects.join(",")),
        format!("\u{feff} [\n  {}\n]\n", objects.join(" ,\n  ")),
        format!("[{}]", objects.join(",").replace(": ", "\n:\n ")),
    ] {
        assert_eq!(read(&array), expected, "{array}");
    }
    // Longer than a line may be, and of many blocks.
    let many: Vec<String> = (0..70_000).map(|i| format!("{{\"a\": {i}, \"b\": \"é{}\"}}", i % 7)).collect();
    assert_eq!(read(&format!("[{}]", many.join(","))), read(&many.join("\n")));
}

#[test]
fn a_broken_array_is_refused() {
    for (array, told) in [
        ("[{\"a\": 1}, {\"a\": 2}", "the JSON array does not end"),
        ("[{\"a\": 1}, {\"a\": 2]", "1 of 2 rows cannot be read"),
        ("[{\"a\": 1} {\"a\": 2}]", "1 of 1 rows cannot be read"),
        ("[{\"a\": 1}] [{\"a\": 2}]", "1 of 1 rows cannot be read"),
        ("[{\"a\": 1}, 2]", "no JSON object"),
        ("[]", "the file is empty"),
        ("[", "the JSON array does not end"),
    ] {
        let said = refused(array);
        assert!(said.contains(told), "{array}: {said}");
    }
}

#[test]
fn an_empty_file_is_refused() {
    for nothing in ["", "\n\n", "{}\n{}\n"] {
        assert!(refused(nothing).contains("t.jsonl: the file is empty"), "{nothing:?}");
    }
}

#[test]
fn too_long_a_line_and_too_many_columns_are_refused() {
    let place = Place::with("t.jsonl", "{\"a\": 1}\n{\"b\": 22}\n");
    let mut request = place.request("t.jsonl");
    request.limits.max_row_bytes = 8;
    let said = words(&engine(1).read(&request).unwrap_err());
    assert!(said.contains("t.jsonl: line 2 is longer than 8 bytes"), "{said}");
    request.limits.max_row_bytes = 9;
    request.limits.max_columns = 1;
    assert!(words(&engine(1).read(&request).unwrap_err()).contains("more than 1 columns"));
    request.limits.max_columns = 2;
    assert_eq!(engine(1).read(&request).unwrap().rows(), 2);
}

#[test]
fn a_known_type_is_read_where_every_value_is_one() {
    let place = Place::with("t.jsonl", "{\"a\": 1, \"b\": 7, \"c\": \"7\"}\n");
    let mut request = place.request("t.jsonl");
    let types = [("a", DataType::Float64), ("b", DataType::Utf8), ("c", DataType::Int64)];
    request.types = types.into_iter().map(|(name, t)| (name.to_string(), t)).collect();
    let table = Table::of(engine(1).read(&request).unwrap());
    assert_eq!(table.numbers("a"), [Some(1.0)]);
    assert_eq!(table.texts("b"), [Some("7")]);
    // A string is text, and no number is read out of it.
    assert_eq!(table.texts("c"), [Some("7")]);
}

#[test]
fn bytes_at_hand_tell_their_format() {
    let read = |bytes: &[u8], format| {
        let request = Request { bytes: Some(bytes), format, ..Request::new(Path::new(""), "-") };
        engine(1).read(&request).map(Table::of)
    };
    assert_eq!(read(b" \n{\"a\": 1}\n", None).unwrap().whole("a"), [Some(1)]);
    assert_eq!(read(b"a\n1\n", None).unwrap().whole("a"), [Some(1)]);
    assert_eq!(read(b"{\"a\": 1}\n2\n", Some(FileFormat::Csv)).unwrap().names(), ["{\"a\": 1}"]);
    let said = words(&read(b"{\"a\": 1\n", None).unwrap_err());
    assert!(said.contains("standard input line 1: no JSON"), "{said}");
}

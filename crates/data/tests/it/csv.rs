//! CSV, record by record: cells, quotes, line ends, and rows that cannot be read.

use crate::place::{Place, Table, csv, engine, refused, words};
use arkwright_data::BadRow;

/// Reads a file of which `share` of the rows may be bad.
fn lenient(text: &str, share: f64) -> Table {
    let place = Place::with("t.csv", text);
    let mut request = place.request("t.csv");
    request.limits.max_bad_share = share;
    Table::of(engine(1).read(&request).unwrap())
}

fn bad(line: u64, reason: &str) -> BadRow {
    BadRow { file: "t.csv".into(), line, reason: reason.into() }
}

#[test]
fn windows_line_ends_are_no_part_of_a_value() {
    let table = csv("a,b\r\nx,y\r\nz,\"w\"\r\n\r\n");
    assert_eq!(table.names(), ["a", "b"]);
    assert_eq!(table.texts("a"), [Some("x"), Some("z")]);
    assert_eq!(table.texts("b"), [Some("y"), Some("w")]);
}

#[test]
fn line_ends_of_carriage_returns_alone_are_refused() {
    assert!(refused("a,b\r1,2\r3,4\r").contains("there is a header and no rows"));
}

#[test]
fn quoted_cells_hold_delimiters_line_breaks_and_quotes() {
    let table = csv("a,b\n\"x, y\",\"he said \"\"no\"\"\"\n\"two\nlines\",plain\n\"\"\"\",\"\r\n\"\n");
    assert_eq!(table.texts("a"), [Some("x, y"), Some("two\nlines"), Some("\"")]);
    // A cell of nothing but a line break says nothing.
    assert_eq!(table.texts("b"), [Some("he said \"no\""), Some("plain"), None]);
}

#[test]
fn a_quote_within_a_cell_is_a_character() {
    let table = csv("size,n\n5\" pipe,1\nO\"\"Brien,2\n");
    assert_eq!(table.texts("size"), [Some("5\" pipe"), Some("O\"\"Brien")]);
}

#[test]
fn spaces_around_a_cell_go_and_those_within_quotes_stay() {
    let table = csv("a,b\n  x y  ,\" z \"\n   \"q\"  , 7\n");
    assert_eq!(table.texts("a"), [Some("x y"), Some("q")]);
    assert_eq!(table.texts("b"), [Some(" z "), Some("7")]);
}

#[test]
fn empty_lines_are_no_rows_and_the_last_line_needs_no_end() {
    let table = csv("\n\na,b\n\n1,2\n   \n3,4\n\n\n\n5,6");
    assert_eq!(table.whole("a"), [Some(1), Some(3), Some(5)]);
    assert_eq!(table.whole("b"), [Some(2), Some(4), Some(6)]);
    assert_eq!(table.bad.count, 0);
}

#[test]
fn a_row_of_empty_cells_is_a_row_and_so_is_an_empty_quoted_cell() {
    let table = csv("a,b\n1,2\n,\n3,4\n");
    assert_eq!(table.whole("a"), [Some(1), None, Some(3)]);
    let table = csv("a\nx\n\"\"\n\ny\n");
    assert_eq!(table.texts("a"), [Some("x"), None, Some("y")]);
}

#[test]
fn rows_of_another_length_are_refused_with_their_lines() {
    let said = refused("a,b\n1,2\n3\n4,5,6\n7,8\n");
    assert!(said.contains("2 of 4 rows cannot be read, and 1 % are allowed"), "{said}");
    assert!(said.contains("t.csv line 3: 1 cells where the header has 2"), "{said}");
    assert!(said.contains("t.csv line 4: 3 cells where the header has 2"), "{said}");
    assert!(said.contains("max_bad_share"), "{said}");
}

#[test]
fn lines_are_counted_through_quoted_line_breaks() {
    let said = refused("a,b\n\"x\ny\",1\n2\n");
    assert!(said.contains("t.csv line 4: 1 cells"), "{said}");
}

#[test]
fn one_bad_row_of_two_hundred_is_set_aside_and_told() {
    let mut text = String::from("a,b\n");
    for i in 0..199 {
        text.push_str(&format!("{i},{}\n", 2 * i));
        if i == 99 {
            text.push_str("1,2,3\n");
        }
    }
    let table = csv(&text);
    assert_eq!(table.rows(), 199);
    assert_eq!(table.whole("b")[198], Some(396));
    assert_eq!(table.bad.count, 1);
    assert_eq!(table.bad.first, [bad(102, "3 cells where the header has 2")]);
}

#[test]
fn what_a_bad_row_holds_settles_no_type() {
    let table = lenient("a,b\n1,2\nword,x,y\n3,4\n", 0.5);
    assert_eq!(table.whole("a"), [Some(1), Some(3)]);
    assert_eq!(table.whole("b"), [Some(2), Some(4)]);
}

#[test]
fn the_share_of_bad_rows_may_be_reached_and_not_passed() {
    let half = "a,b\n1,2\n3\n";
    assert_eq!(lenient(half, 0.5).rows(), 1);
    let place = Place::with("t.csv", half);
    let mut request = place.request("t.csv");
    request.limits.max_bad_share = 0.49;
    assert!(words(&engine(1).read(&request).unwrap_err()).contains("1 of 2 rows"));
}

#[test]
fn a_quote_never_closed_costs_its_own_line_only() {
    let table = lenient("a,b\n\"x,1\ny,2\nz,3\n", 0.5);
    assert_eq!(table.texts("a"), [Some("y"), Some("z")]);
    assert_eq!(table.bad.first, [bad(2, "a quote is never closed")]);
}

#[test]
fn text_after_a_closing_quote_makes_a_bad_row() {
    let table = lenient("a,b\n\"x\"y,1\nz,2\n", 0.5);
    assert_eq!(table.texts("a"), [Some("z")]);
    assert_eq!(table.bad.first, [bad(2, "text after a closing quote")]);
}

#[test]
fn ten_bad_rows_are_told_and_all_are_counted() {
    let table = lenient(&format!("a,b\n1,2\n{}", "x\n".repeat(12)), 1.0);
    assert_eq!((table.rows(), table.bad.count, table.bad.first.len()), (1, 12, 10));
    assert_eq!(table.bad.first[9], bad(12, "1 cells where the header has 2"));
}

#[test]
fn a_row_longer_than_allowed_is_refused_with_its_line() {
    let place = Place::with("t.csv", "a,b\n1,2\n\"a long cell,\nover two lines\",3\n");
    let mut request = place.request("t.csv");
    request.limits.max_row_bytes = 20;
    let said = words(&engine(1).read(&request).unwrap_err());
    assert!(said.contains("t.csv: the row on line 3 is longer than 20 bytes"), "{said}");
    assert!(said.contains("is a quote left open there?"), "{said}");
    request.limits.max_row_bytes = 60;
    assert_eq!(engine(1).read(&request).unwrap().rows(), 2);
}

#[test]
fn more_columns_than_allowed_are_refused() {
    let place = Place::with("t.csv", "a,b,c\n1,2,3\n");
    let mut request = place.request("t.csv");
    request.limits.max_columns = 2;
    assert!(words(&engine(1).read(&request).unwrap_err()).contains("3 columns, and 2 are allowed"));
    request.limits.max_columns = 3;
    assert_eq!(engine(1).read(&request).unwrap().rows(), 1);
}

#[test]
fn a_table_larger_than_the_memory_is_refused() {
    let place = Place::with("t.csv", format!("a\n{}", "1\n".repeat(1000)));
    let small = arkwright_data::Engine::new(Some(1000), 1).unwrap();
    let error = small.read(&place.request("t.csv")).unwrap_err();
    assert!(matches!(error, arkwright_core::Error::Memory { needed: 2002, allowed: 1000, .. }), "{error}");
    let large = arkwright_data::Engine::new(Some(1 << 20), 1).unwrap();
    assert_eq!(large.read(&place.request("t.csv")).unwrap().rows(), 1000);
}

//! The first line of a CSV file, the character that parts its cells, and files that are no CSV at all.

use crate::place::{Place, csv, refused};

#[test]
fn a_byte_order_mark_is_no_part_of_the_first_name() {
    let table = csv("\u{feff}a,b\n1,2\n");
    assert_eq!(table.names(), ["a", "b"]);
    assert_eq!(csv("\u{feff}\"a\",b\n1,2\n").names(), ["a", "b"]);
}

#[test]
fn names_are_kept_as_they_are_spelt() {
    let table = csv("Größe (cm), \"a,b\" ,\"two\nlines\"\n1,2,3\n");
    assert_eq!(table.names(), ["Größe (cm)", "a,b", "two\nlines"]);
}

#[test]
fn a_column_without_a_name_is_called_by_its_place() {
    let table = csv(",x,\n1,2,3\n");
    assert_eq!(table.names(), ["column_1", "x", "column_3"]);
    assert_eq!(table.whole("column_3"), [Some(3)]);
}

#[test]
fn two_columns_of_one_name_are_refused() {
    let said = refused("a,b,a\n1,2,3\n");
    assert!(said.contains("t.csv: two columns are called `a`"), "{said}");
    assert!(said.contains("rename one"), "{said}");
    // Names differ by their case.
    assert_eq!(csv("a,A\n1,2\n").names(), ["a", "A"]);
}

#[test]
fn a_first_line_of_numbers_is_no_header() {
    let said = refused("1.5,2\n3,4\n");
    assert!(said.contains("the first line holds numbers where the columns' names are needed"), "{said}");
    // Columns that are counted have names.
    assert_eq!(csv("0,1,2\n7,8,9\n").names(), ["0", "1", "2"]);
    assert_eq!(csv("2020,b\n1,2\n").names(), ["2020", "b"]);
}

#[test]
fn a_header_that_cannot_be_read_is_refused_with_its_line() {
    let said = refused("\n\"a,b\n1,2\n");
    assert!(said.contains("t.csv: line 2, the header: a quote is never closed"), "{said}");
}

#[test]
fn the_delimiter_is_found_out() {
    for delimiter in [",", ";", "\t", "|"] {
        let table = csv(format!("a{delimiter}b\n1{delimiter}x\n2{delimiter}y\n"));
        assert_eq!(table.names(), ["a", "b"], "{delimiter:?}");
        assert_eq!(table.whole("a"), [Some(1), Some(2)]);
        assert_eq!(table.texts("b"), [Some("x"), Some("y")]);
    }
}

#[test]
fn a_decimal_comma_parts_no_cells() {
    let table = csv("a;b\n1,5;2\n3,5;4\n");
    assert_eq!(table.numbers("a"), [Some(1.5), Some(3.5)]);
    assert_eq!(table.whole("b"), [Some(2), Some(4)]);
}

#[test]
fn a_delimiter_within_quotes_does_not_count() {
    let table = csv("\"a,x,y\";b\n\"1,2,3\";2\n");
    assert_eq!(table.names(), ["a,x,y", "b"]);
}

#[test]
fn the_delimiter_that_fits_most_rows_is_taken() {
    // A comma parts the header into more cells, and no row.
    let table = csv("a,b;c,d\n1;2\n3;4\n");
    assert_eq!(table.names(), ["a,b", "c,d"]);
}

#[test]
fn a_file_of_one_column_has_no_delimiter() {
    let table = csv("name\nx;y\nz\n");
    assert_eq!(table.texts("name"), [Some("x;y"), Some("z")]);
}

#[test]
fn what_is_called_tsv_is_parted_by_tabs() {
    let text = "a,b\tc\n1,2\t3\n";
    let place = Place::with("t.tsv", text);
    assert_eq!(place.read("t.tsv").names(), ["a,b", "c"]);
    let one = Place::with("t.tsv", "a,b\n1,x\n").read("t.tsv");
    assert_eq!(one.texts("a,b"), [Some("1,x")]);
}

#[test]
fn latin_1_is_refused_with_its_place() {
    // name\n is 5 bytes, ana\n is 4, caf is 3.
    let said = refused(b"name\nana\ncaf\xe9\n");
    assert!(said.contains("t.csv: byte 12 (0xe9), on line 3, is not UTF-8"), "{said}");
    assert!(said.contains("iconv -f LATIN1 -t UTF-8"), "{said}");
    assert_eq!(csv("name\nana\ncafé\n").texts("name")[1], Some("café"));
}

#[test]
fn what_is_no_text_is_told_by_its_first_bytes() {
    let cases: [(&[u8], &str); 8] = [
        (b"\xff\xfea\0,\0b\0\n\0", "the text is UTF-16"),
        (b"\xfe\xff\0a\0,\0b", "the text is UTF-16"),
        (b"\x1f\x8b\x08\0\0\0\0\0", "the compressed file cannot be unpacked"),
        (b"\x28\xb5\x2f\xfd\x04", "compressed (zstd)"),
        (b"PK\x03\x04\x14\0", "a zip archive or a spreadsheet"),
        (b"PAR1\x15\x04", "the file is Parquet"),
        (b"ARROW1\0\0", "the file is Arrow IPC"),
        (b"a\0,b\n", "byte 1 is zero: this is no text"),
    ];
    for (bytes, expected) in cases {
        let said = refused(bytes);
        assert!(said.contains(expected), "{said}");
        assert!(!said.ends_with("()"), "there is no hint: {said}");
    }
}

#[test]
fn a_file_without_rows_is_refused() {
    for nothing in ["", "\u{feff}", "\n\n  \n\r\n"] {
        let said = refused(nothing);
        assert!(said.contains("t.csv: the file is empty"), "{nothing:?}: {said}");
    }
    for header in ["a,b", "a,b\n", "a,b\r\n\r\n"] {
        let said = refused(header);
        assert!(said.contains("t.csv: there is a header and no rows"), "{header:?}: {said}");
    }
}

//! Numbers and dates as people write them.

use crate::place::{Place, Table, csv, engine, words};
use arkwright_core::{DateOrder, Kind, Notation};
use arkwright_data::{ColumnSettings, NotationSettings, Request, Typing, ValueType};
use std::path::Path;

const GERMAN: &str = "price;count;when\n1.234,56;1.000;31.12.2024\n12,5;7;1.1.2024\n-0,25;2.500;2.1.2024\n";

#[test]
fn a_table_with_a_decimal_comma_is_read_as_its_columns_show() {
    let table = csv(GERMAN);
    assert_eq!(table.numbers("price"), [Some(1234.56), Some(12.5), Some(-0.25)]);
    assert_eq!(table.whole("count"), [Some(1000), Some(7), Some(2500)]);
    assert_eq!(table.days("when"), [Some(20_088), Some(19_723), Some(19_724)]);
}

#[test]
fn what_programs_write_is_read_as_ever() {
    let table = csv("a,b\n1.5,1.234\n2.5,5.678\n");
    assert_eq!(table.numbers("b"), [Some(1.234), Some(5.678)]);
}

fn read(text: &str, notation: NotationSettings) -> Table {
    let mut request = Request::new(Path::new(""), "t.csv");
    request.bytes = Some(text.as_bytes());
    request.notation = notation;
    Table::of(engine(1).read(&request).unwrap())
}

#[test]
fn a_setting_decides_what_the_values_leave_open() {
    let text = "a,b\n\"1,234\",1/2/2024\n";
    let open = read(text, NotationSettings::default());
    assert_eq!((open.texts("a"), open.texts("b")), (vec![Some("1,234")], vec![Some("1/2/2024")]));
    let english = NotationSettings { decimal: Some('.'), thousands: Some(','), dates: Some(DateOrder::MonthFirst) };
    let read = read(text, english);
    assert_eq!((read.whole("a"), read.days("b")), (vec![Some(1234)], vec![Some(19_724)]));
}

#[test]
fn a_comma_is_no_delimiter_where_it_is_the_decimal_sign() {
    let comma = NotationSettings { decimal: Some(','), ..NotationSettings::default() };
    assert_eq!(read("a\n1,5\n2,5\n", comma).numbers("a"), [Some(1.5), Some(2.5)]);
}

#[test]
fn text_of_other_formats_is_read_as_dates_too_and_the_notation_is_told() {
    let place = Place::new();
    place.file("t.jsonl", "{\"d\": \"31/12/2024\", \"n\": 1.234}\n{\"d\": \"1/2/2024\", \"n\": 2}\n");
    let raw = engine(1).read(&Request::new(place.path(), "t.jsonl")).unwrap();
    let notation = Notation { dates: Some(DateOrder::DayFirst), ..Notation::default() };
    assert_eq!(raw.notations(), [("d".to_string(), notation)].into());
    let table = Table::of(raw);
    assert_eq!((table.days("d")[1], table.numbers("n")[0]), (Some(19_754), Some(1.234)));
}

#[test]
fn dates_that_could_be_either_are_left_with_a_word_on_the_setting() {
    let typed =
        Typing { keep: vec!["d".into()], ..Typing::default() }.apply(&csv("d,x\n1/2/2024,1\n3/4/2024,2\n").frame());
    let notes = typed.unwrap().columns[0].notes.concat();
    assert!(notes.contains("dates = \"day_first\""), "{notes}");
}

#[test]
fn text_that_is_said_to_be_something_is_read_in_its_notation() {
    let table = csv("d;n\n31/12/2024;1.234,5\n1/2/2024;x\n");
    let said = NotationSettings { decimal: Some(','), ..NotationSettings::default() };
    let number = ColumnSettings { value_type: Some(ValueType::Number), kind: None };
    let keep = vec!["d".into(), "n".into()];
    let typing = Typing { columns: [("n".to_string(), number)].into(), keep, notation: said, ..Typing::default() };
    let first = Table { batch: table.batch.slice(0, 1), ..table };
    let typed = typing.apply(&first.frame()).unwrap();
    assert_eq!(typed.frame.fields().iter().map(|f| f.kind.clone()).collect::<Vec<_>>(), [Kind::Time, Kind::Number]);
    assert_eq!(typed.frame.numbers(1).unwrap()[0], 1234.5);
    let notation = Notation { decimal: ',', thousands: Some('.'), dates: None };
    assert_eq!(typed.notations, [("n".to_string(), notation)].into());
    let text = ColumnSettings { value_type: Some(ValueType::Text), kind: None };
    let typed = Typing { columns: [("n".to_string(), text)].into(), ..typing }.apply(&first.frame()).unwrap();
    assert_eq!(typed.frame.texts(1).unwrap().value(0), "1.234,5");
}

#[test]
fn numbers_that_could_be_either_are_left_with_a_word_on_the_setting() {
    let typed = Typing::default().apply(&csv("a;x\n1,234;1\n5,678;2\n").frame()).unwrap();
    let notes = typed.columns[0].notes.concat();
    assert!(notes.contains("decimal"), "{notes}");
}

#[test]
fn the_notation_is_part_of_the_fingerprint() {
    let place = Place::new();
    place.file("t.csv", GERMAN);
    let mut request = Request::new(place.path(), "t.csv");
    let before = engine(1).fingerprint(&request).unwrap();
    request.notation.decimal = Some(',');
    assert_ne!(engine(1).fingerprint(&request).unwrap(), before);
    request.location = "absent.csv";
    assert!(words(&engine(1).fingerprint(&request).unwrap_err()).contains("absent"));
}

//! What an input column is taken for, when it is set aside, and what the user may say of it.

use crate::place::{csv, frame, words};
use arkwright_core::{Frame, Kind, Role};
use arkwright_data::ColumnProfile;
use arkwright_data::typing::{ColumnKind, ColumnSettings, Typing};
use arrow::array::{ArrayRef, AsArray, Float64Array, Int64Array, ListArray, StringArray, StructArray};
use arrow::datatypes::{DataType, Field, Float64Type, Int64Type};
use std::sync::Arc;

pub fn texts<S: ToString>(values: impl IntoIterator<Item = S>) -> ArrayRef {
    Arc::new(values.into_iter().map(|v| Some(v.to_string())).collect::<StringArray>())
}

pub fn whole(values: impl IntoIterator<Item = i64>) -> ArrayRef {
    Arc::new(Int64Array::from_iter_values(values))
}

/// One input, as it is typed by default.
fn one(column: ArrayRef) -> ColumnProfile {
    named("a", column)
}

fn named(name: &str, column: ArrayRef) -> ColumnProfile {
    Typing::default().apply(&input(name, column)).unwrap().columns.remove(0)
}

fn input(name: &str, column: ArrayRef) -> Frame {
    frame(vec![(name, Kind::Text, Role::Input, column)])
}

#[test]
fn each_type_has_its_kind() {
    let table =
        csv("n,f,b,word,day,at\n1,0.5,true,x,2024-01-01,2024-01-01T10:00\n3,1.5,false,y,2024-01-02,2024-01-01T11:00\n");
    let typed = Typing::default().apply(&table.frame()).unwrap();
    let kinds: Vec<&str> = typed.columns.iter().map(|c| c.kind.as_str()).collect();
    assert_eq!(kinds, ["number", "number", "category", "category", "time", "time"]);
    assert_eq!(typed.frame.fields()[3].kind, Kind::Category);
    assert_eq!(typed.task, None);
}

#[test]
fn text_of_which_most_values_differ_is_free_text() {
    // 150 values: 101 that differ are more than half and more than a hundred, 100 are not.
    let of = |distinct: usize| one(texts((0..150).map(|i| format!("w{}", i % distinct))));
    assert_eq!(
        (of(101).kind.as_str(), of(101).set_aside.as_deref()),
        ("text", Some("free text: 101 of 150 values differ"))
    );
    assert_eq!((of(100).kind.as_str(), of(100).set_aside), ("category", None));
}

#[test]
fn twenty_values_that_all_differ_name_their_rows_and_nineteen_say_nothing() {
    let aside = "every value differs: an identifier or free text";
    assert_eq!(one(texts((0..20).map(|i| format!("w{i}")))).set_aside.as_deref(), Some(aside));
    assert_eq!(one(texts((0..19).map(|i| format!("w{i}")))).set_aside, None);
}

#[test]
fn long_text_is_free_text() {
    let of = |length: usize| one(texts((0..63).map(|i| format!("{:0length$}", i % 21)))).kind;
    assert_eq!((of(65).as_str(), of(64).as_str()), ("text", "category"));
}

#[test]
fn what_no_model_can_learn_from_is_set_aside_with_a_word() {
    let aside = |column| one(column).set_aside;
    assert_eq!(aside(texts(["x"; 5])).as_deref(), Some("the same value in every row"));
    assert_eq!(aside(whole([7; 5])).as_deref(), Some("the same value in every row"));
    let nothing: ArrayRef = Arc::new(Float64Array::from(vec![None, Some(f64::NAN)]));
    assert_eq!(aside(nothing).as_deref(), Some("every value is missing"));
    let sometimes = one(Arc::new(Int64Array::from(vec![Some(7), None, Some(7)])));
    assert_eq!((sometimes.set_aside, sometimes.notes), (None, vec!["one value, or missing".to_string()]));
    assert_eq!(aside(whole(100..120)).as_deref(), Some("it numbers the rows"));
    assert_eq!(aside(whole(100..119)), None);
    assert_eq!(aside(whole((0..20).map(|i| 3 * i))), None);
}

#[test]
fn a_column_called_an_identifier_is_set_aside_where_all_values_differ() {
    let squares = || whole((0..20).map(|i| i * i));
    for name in ["customer_id", "id", "userId", "UserID", "Unnamed: 0"] {
        let aside = named(name, squares()).set_aside;
        assert_eq!(aside.as_deref(), Some("every value differs, and it is called an identifier"), "{name}");
        assert_eq!(named(name, whole((0..20).map(|i| i / 2))).set_aside, None, "{name}");
    }
    for name in ["paid", "ID", "grid", "ids"] {
        // `ID` is an identifier by its small letters.
        assert_eq!(named(name, squares()).set_aside.is_some(), name == "ID", "{name}");
    }
}

#[test]
fn what_is_set_aside_is_not_in_the_frame_and_still_told() {
    let table = csv("a,b,c\n1,x,5\n1,y,6\n");
    let typed = Typing { ignore: vec!["b".into()], ..Typing::default() }.apply(&table.frame()).unwrap();
    let names: Vec<&str> = typed.frame.fields().iter().map(|f| f.name.as_str()).collect();
    assert_eq!(names, ["c"]);
    assert_eq!(typed.columns.iter().map(|c| c.name.as_str()).collect::<Vec<_>>(), ["a", "b", "c"]);
    assert_eq!(typed.columns[1].set_aside.as_deref(), Some("left out by the user"));
}

#[test]
fn what_is_used_elsewhere_or_said_to_be_something_stays() {
    let table = csv("a,b\n1,x\n1,x\n").frame();
    let kept = Typing { keep: vec!["a".into()], ..Typing::default() }.apply(&table).unwrap();
    assert_eq!(kept.frame.fields().len(), 1);
    let category = ColumnSettings { kind: Some(ColumnKind::Category), value_type: None };
    let category = Typing { columns: [("a".to_string(), category)].into(), ..Typing::default() }.apply(&table).unwrap();
    assert_eq!((category.frame.fields()[0].name.as_str(), &category.frame.fields()[0].kind), ("a", &Kind::Category));
}

#[test]
fn text_that_is_all_iso_dates_is_time() {
    let days = one(texts(["2024-02-29", "1970-01-01"]));
    assert_eq!((days.kind.as_str(), days.data_type.as_str()), ("time", "Date32"));
    assert_eq!(one(texts(["2024-02-29", "soon"])).kind, "category");
}

#[test]
fn lists_of_one_length_are_vectors_and_others_are_nothing() {
    let lists = |second: Vec<Option<i64>>| -> ArrayRef {
        Arc::new(ListArray::from_iter_primitive::<Int64Type, _, _>([Some(vec![Some(1), Some(2)]), Some(second)]))
    };
    let typed = Typing::default().apply(&input("a", lists(vec![Some(3), Some(4)]))).unwrap();
    assert_eq!(typed.frame.fields()[0].kind, Kind::Vector { width: Some(2), names: None });
    let values = typed.frame.columns()[0].as_fixed_size_list().values().clone();
    assert_eq!(values.as_primitive::<Float64Type>().values().to_vec(), [1.0, 2.0, 3.0, 4.0]);
    let aside = "values of a type that nothing here learns from";
    assert_eq!(one(lists(vec![Some(3)])).set_aside.as_deref(), Some(aside));
    let pair = StructArray::from(vec![(Arc::new(Field::new("x", DataType::Int64, true)), whole([1, 2]))]);
    assert_eq!(one(Arc::new(pair)).set_aside.as_deref(), Some(aside));
}

#[test]
fn text_that_is_almost_numbers_gets_a_word() {
    let mut values: Vec<String> = (0..20).map(|i| (i % 10).to_string()).collect();
    values[6] = "n.a.".into();
    let note = "19 of 20 values are numbers; the first that is not is `n.a.` in row 7";
    assert_eq!(one(texts(&values)).notes, [note]);
    values[7] = "n.a.".into();
    assert!(one(texts(&values)).notes.is_empty());
    let commas = one(texts(["1,5", "2,5", "2,5"])).notes;
    assert!(commas[0].starts_with("the values look like numbers with a decimal comma"), "{commas:?}");
}

#[test]
fn an_infinite_input_is_refused_with_its_row() {
    let table = input("a", Arc::new(Float64Array::from(vec![1.0, f64::INFINITY])));
    let told = words(&Typing::default().apply(&table).unwrap_err());
    assert!(told.contains("column `a`, row 2: the value is infinite") && told.contains("set_aside"), "{told}");
    let left_out = Typing { ignore: vec!["a".into()], ..Typing::default() };
    assert!(left_out.apply(&table).is_ok());
}

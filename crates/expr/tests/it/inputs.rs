//! What comes in: every Arrow type of a kind says the same, and what is of another kind is refused.

use crate::rows::{applied, fit, flag, flags, frame, given, number, numbers, text, texts};
use arkwright_core::{Context, Estimator, Field, Frame, Kind, Role};
use arkwright_expr::Derive;
use arrow::array::{
    ArrayRef, Date64Array, Decimal128Array, DictionaryArray, Float32Array, Int8Array, Int64Array, LargeStringArray,
    NullArray, StringViewArray, UInt64Array, new_null_array,
};
use arrow::datatypes::{DataType, Int32Type};
use std::sync::Arc;

fn of(kind: Kind, column: ArrayRef) -> Frame {
    let rows = column.len();
    Frame::new([Field::input("c", kind)], vec![column], rows).unwrap()
}

#[test]
fn numbers_of_every_type_compute_as_one() {
    let columns: [ArrayRef; 6] = [
        numbers([Some(7.0), None]),
        Arc::new(Int64Array::from(vec![Some(7), None])),
        Arc::new(Int8Array::from(vec![Some(7), None])),
        Arc::new(UInt64Array::from(vec![Some(7), None])),
        Arc::new(Float32Array::from(vec![Some(7.0), None])),
        Arc::new(Decimal128Array::from(vec![Some(700), None]).with_precision_and_scale(10, 2).unwrap()),
    ];
    for column in columns {
        let table = of(Kind::Number, column);
        assert_eq!(number(&table, "c / 2"), [Some(3.5), None]);
        assert_eq!(number(&table, "c * 100 % 8"), [Some(4.0), None]);
        assert_eq!(flag(&table, "c = 7"), [Some(true), None]);
        assert_eq!(text(&table, "cast(c / 2 as text)"), [Some("3.5".to_string()), None]);
    }
}

#[test]
fn texts_of_every_type_read_as_one() {
    let dictionary: DictionaryArray<Int32Type> = vec![Some("ab"), None].into_iter().collect();
    let columns: [ArrayRef; 4] = [
        texts([Some("ab"), None]),
        Arc::new(LargeStringArray::from(vec![Some("ab"), None])),
        Arc::new(StringViewArray::from(vec![Some("ab"), None])),
        Arc::new(dictionary),
    ];
    for kind in [Kind::Category, Kind::Text] {
        for column in &columns {
            let table = of(kind.clone(), column.clone());
            assert_eq!(text(&table, "upper(c) || 'C'"), [Some("ABC".to_string()), None]);
            assert_eq!(number(&table, "length(c)"), [Some(2.0), None]);
        }
    }
}

#[test]
fn a_category_of_whole_numbers_is_text() {
    let table = of(Kind::Category, Arc::new(Int64Array::from(vec![Some(7), None])));
    assert_eq!(text(&table, "c || '-a'"), [Some("7-a".to_string()), None]);
    assert_eq!(flag(&table, "c = '7'"), [Some(true), None]);
}

#[test]
fn a_day_in_milliseconds_is_a_day() {
    let table = of(Kind::Time, Arc::new(Date64Array::from(vec![86_400_000, 0])));
    assert_eq!(number(&table, "date_part('day', c)"), [Some(2.0), Some(1.0)]);
}

#[test]
fn true_and_false_are_known_before_there_are_rows_or_texts_are_meant() {
    let table = frame([("a", flags([true, false])), ("b", flags([true, true])), ("t", texts(["x", "y"]))]);
    assert_eq!(flag(&table, "a and b and t = 'x'"), [Some(true), Some(false)]);
    assert_eq!(number(&table, "case when a and not b then 1 when t = 'y' then 2 end"), [None, Some(2.0)]);
    assert_eq!(text(&table, "case when a then t else 'no' end"), ["x", "no"].map(|t| Some(t.to_string())));
}

#[test]
fn what_an_expression_gives_is_known_from_the_fields_alone() {
    let fields = [
        Field::input("x", Kind::Number),
        Field::input("t", Kind::Category),
        Field::input("note", Kind::Text),
        Field::input("at", Kind::Time),
    ];
    let cases = [
        ("x + 1", Kind::Number),
        ("length(note)", Kind::Number),
        ("null", Kind::Number),
        ("at - at", Kind::Number),
        ("x > 1", Kind::Category),
        ("upper(t)", Kind::Category),
        ("note || t", Kind::Category),
        ("at + interval '1 day'", Kind::Time),
        ("cast(t as date)", Kind::Time),
    ];
    for (sql, kind) in cases {
        let signature = Derive::new([("given", sql)]).output(&fields).unwrap();
        assert_eq!(signature.gives.last().unwrap(), &Field::input("given", kind), "{sql}");
    }
}

#[test]
fn another_type_than_was_fitted_on_is_refused_by_name() {
    let x = fit(&Derive::new([("given", "c + 1")]), &of(Kind::Number, numbers([1.0]))).unwrap();
    let ok = fit(&Derive::new([("given", "not c")]), &of(Kind::Category, flags([true]))).unwrap();
    let at = fit(&Derive::new([("given", "date_part('year', c)")]), &of(Kind::Time, crate::rows::days([1]))).unwrap();
    let cases = [
        (&x, texts(["1"]), "column `c`: Utf8 where Float64 is needed"),
        (&x, flags([true]), "column `c`: Boolean where Float64 is needed"),
        (&ok, texts(["true"]), "column `c`: Utf8 where Boolean is needed"),
        (&ok, numbers([1.0]), "column `c`: Float64 where Boolean is needed"),
        (&at, texts(["1970-01-01"]), "column `c`: Utf8 where Date32 is needed"),
        (&at, numbers([1.0]), "column `c`: Float64 where Date32 is needed"),
    ];
    for (model, column, wanted) in cases {
        let error = model.apply(&of(Kind::Number, column), &Context::new(1)).unwrap_err();
        assert_eq!(error.to_string(), wanted);
    }
}

#[test]
fn a_column_of_nothing_fits_every_type() {
    let nothing: ArrayRef = Arc::new(NullArray::new(2));
    let cases = [
        ("c + 1", of(Kind::Number, numbers([1.0]))),
        ("not c", of(Kind::Category, flags([true]))),
        ("upper(c)", of(Kind::Category, texts(["a"]))),
        ("c + interval '1 day'", of(Kind::Time, crate::rows::days([1]))),
    ];
    for (sql, table) in cases {
        let model = fit(&Derive::new([("given", sql)]), &table).unwrap();
        let out = applied(model.as_ref(), &of(table.fields()[0].kind.clone(), nothing.clone())).unwrap();
        let wanted = new_null_array(given(&table, sql).data_type(), 2);
        assert_eq!(out.column("given").unwrap(), &wanted, "{sql}");
    }
}

#[test]
fn weights_groups_and_keys_may_be_computed_with() {
    for role in [Role::Weight, Role::Group, Role::Key, Role::EventTime, Role::Output] {
        let table = Frame::new([Field::new("c", Kind::Number, role)], vec![numbers([4.0])], 1).unwrap();
        assert_eq!(number(&table, "c / 8"), [Some(0.5)], "{role:?}");
    }
    assert_eq!(given(&of(Kind::Number, numbers([4.0])), "c").data_type(), &DataType::Float64);
}

#[test]
fn however_many_categories_are_true_and_false_they_are_found_before_there_are_rows() {
    let names: Vec<String> = (0..12).map(|i| format!("c{i}")).collect();
    let fields: Vec<Field> = names.iter().map(|n| Field::input(n, Kind::Category)).collect();
    let each = Derive::new(names.iter().map(|n| (format!("not_{n}"), format!("not {n}"))));
    assert_eq!(each.output(&fields).unwrap().gives.len(), 24);
    // The first two compile either way.
    let later = Derive::new([("a", "c0 is null"), ("b", "upper(c1)"), ("c", "not c0")]);
    assert!(later.output(&fields).is_ok());
    let both = Derive::new([("a", "not c0"), ("b", "upper(c0)")]);
    assert!(both.output(&fields).is_err());
}

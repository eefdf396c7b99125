//! Names that mean nothing and types that do not fit: told by name, with the nearest spelling.

use crate::rows::{days, flags, frame, numbers, refusal, texts, told};
use arkwright_core::{Entry, Field, Frame, Kind, Map, Node, Role, Settings, Span, Value};
use arkwright_expr::Derive;
use arrow::array::{ArrayRef, FixedSizeListArray};
use arrow::datatypes::Float64Type;
use std::sync::Arc;

fn table() -> Frame {
    let columns: [(&str, ArrayRef); 5] = [
        ("income", numbers([1.0])),
        ("age", numbers([2.0])),
        ("total.charges", numbers([2.0])),
        ("town", texts(["a"])),
        ("day", days([1])),
    ];
    frame(columns)
}

#[test]
fn an_unknown_column_is_told_with_the_nearest() {
    let cases =
        [("incom / 2", "incom", "income"), ("age + Income", "Income", "income"), ("upper(twon)", "twon", "town")];
    for (sql, name, near) in cases {
        let (message, hint) = told(&table(), sql);
        assert_eq!(message, format!("derive `given`: there is no column `{name}`"), "{sql}");
        assert_eq!(hint, format!("did you mean `{near}`?"), "{sql}");
    }
    let (message, hint) = told(&table(), "nothing_like_it * 2");
    assert_eq!(message, "derive `given`: there is no column `nothing_like_it`");
    assert_eq!(hint, "text stands in single quotes: 'text'; names as they are spelt in the table");
}

#[test]
fn an_earlier_derived_column_may_be_the_nearest() {
    let error = refusal(&table(), &Derive::new([("monthly", "income / 12"), ("dear", "montly > 50")]));
    assert_eq!(error.to_string(), "derive `dear`: there is no column `montly`");
    assert_eq!(error.hint().unwrap(), "did you mean `monthly`?");
}

#[test]
fn a_name_with_a_dot_is_told_to_be_quoted() {
    let (message, hint) = told(&table(), "total.charges / 2");
    assert_eq!(message, "derive `given`: there is no column `charges` of `total`");
    assert_eq!(hint, "in double quotes it is one name: \"total.charges\"");
    let (message, hint) = told(&table(), "customers.income / 2");
    assert_eq!(message, "derive `given`: there is no column `income` of `customers`");
    assert_eq!(hint, "an expression sees its own row alone, and no tables: `income`");
}

#[test]
fn columns_that_cannot_be_computed_with_say_why() {
    let vector = FixedSizeListArray::from_iter_primitive::<Float64Type, _, _>([Some([Some(1.0), Some(2.0)])], 2);
    let fields = [
        Field::input("x", Kind::Number),
        Field::new("goal", Kind::Number, Role::Target),
        Field::input("pixels", Kind::Vector { width: Some(2), names: None }),
    ];
    let columns: Vec<ArrayRef> = vec![numbers([1.0]), numbers([2.0]), Arc::new(vector)];
    let table = Frame::new(fields, columns, 1).unwrap();
    let (message, hint) = told(&table, "x - goal");
    assert_eq!(
        (message.as_str(), hint.as_str()),
        ("derive `given`: there is no column `goal` here: it is the target", "")
    );
    let (message, hint) = told(&table, "x + pixels");
    assert_eq!(message, "derive `given`: there is no column `pixels` to compute with: it is a vector");
    assert_eq!(hint, "");
}

#[test]
fn an_unknown_function_is_told_with_the_nearest() {
    for (sql, name, near) in
        [("uper(town)", "uper", "upper"), ("rond(age, 2)", "rond", "round"), ("LENGHT(town)", "lenght", "length")]
    {
        let (message, hint) = told(&table(), sql);
        assert_eq!(message, format!("derive `given`: there is no function `{name}`"), "{sql}");
        assert_eq!(hint, format!("did you mean `{near}`?"), "{sql}");
    }
    let (message, hint) = told(&table(), "nothing_of_the_kind(age)");
    assert_eq!(message, "derive `given`: there is no function `nothing_of_the_kind`");
    assert!(hint.contains("SQL"), "{hint}");
}

#[test]
fn types_that_do_not_fit_are_told() {
    let table = frame([("x", numbers([1.0])), ("t", texts(["a"])), ("ok", flags([true])), ("day", days([1]))]);
    let cases = [
        ("t + 1", "Utf8 + "),
        ("-t", "'-'"),
        ("x and x", "AND"),
        ("not x", "NOT"),
        ("x like 'a%'", "Float64"),
        ("sqrt(t)", "sqrt"),
        ("date_part('year', x)", "date_part"),
        ("date_part('fortnight', day)", "fortnight"),
        ("upper()", "upper"),
        ("substr(t, 'one')", "substr"),
        ("day + day", "Date32"),
        ("day > x", "Date32"),
        ("case when x > 1 then day else 1.5 end", "Date32"),
        ("cast(t as colour)", "colour"),
    ];
    for (sql, wanted) in cases {
        let error = crate::rows::fit(&Derive::new([("given", sql)]), &table).map(|_| sql).unwrap_err();
        let message = error.to_string();
        assert!(message.starts_with("derive `given`: ") && message.contains(wanted), "{sql}: {message}");
        assert!(!message.contains("rror") && message.len() < 160, "{sql}: {message}");
    }
}

#[test]
fn a_file_is_pointed_at_where_the_expression_stands() {
    let place = |start| Some(Span { start, end: start + 1 });
    let entry = |key: &str, at, text: &str| Entry {
        key: key.into(),
        key_span: place(at),
        value: Value { node: Node::Text(text.into()), span: place(at + 5) },
    };
    let settings = |second: &str| {
        let columns = Map { entries: vec![entry("a", 10, "x + 1"), entry("b", 20, second)], span: place(5) };
        let value = Value { node: Node::Map(columns), span: place(5) };
        Map { entries: vec![Entry { key: "columns".into(), key_span: place(0), value }], span: place(0) }
    };
    assert_eq!(Derive::read(settings("a * 2")).unwrap(), Derive::new([("a", "x + 1"), ("b", "a * 2")]));
    for broken in ["a *", "", "a as c", "(a"] {
        let error = Derive::read(settings(broken)).unwrap_err();
        assert_eq!(error.span(), place(25), "{error}");
        assert!(error.to_string().starts_with("`b`: "), "{error}");
    }
    let mut other = settings("a");
    other.entries[0].key = "column".into();
    assert_eq!(Derive::read(other).unwrap_err().hint().unwrap(), "did you mean `columns`?");
}

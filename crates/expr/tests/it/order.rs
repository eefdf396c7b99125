//! Derived columns among each other and beside what they read: order, names, what passes untouched.

use crate::rows::{applied, days, fit, flags, frame, numbers, refusal, texts};
use arkwright_core::{Context, Estimator, Field, Frame, Kind, Reads, Role};
use arkwright_expr::Derive;
use arrow::array::{ArrayRef, Int64Array};
use std::sync::Arc;

fn table() -> Frame {
    frame([("x", numbers([1.0, 2.0])), ("y", numbers([10.0, 20.0])), ("t", texts(["a", "b"]))])
}

fn names(fields: &[Field]) -> Vec<&str> {
    fields.iter().map(|f| f.name.as_str()).collect()
}

fn column(frame: &Frame, name: &str) -> Vec<f64> {
    frame.numbers(frame.position(name).unwrap()).unwrap().into_owned()
}

#[test]
fn a_later_expression_uses_earlier_ones() {
    let derive = Derive::new([
        ("a", "x + 1"),
        ("b", "a * 10"),
        ("c", "y - x"),
        ("d", "b + c + a"),
        ("e", "case when d > 40 then t else 'few' end"),
        ("f", "e = 'few'"),
        ("g", "case when f then 1 else length(e) + 1 end"),
    ]);
    let out = applied(fit(&derive, &table()).unwrap().as_ref(), &table()).unwrap();
    assert_eq!(column(&out, "a"), [2.0, 3.0]);
    assert_eq!(column(&out, "b"), [20.0, 30.0]);
    assert_eq!(column(&out, "c"), [9.0, 18.0]);
    assert_eq!(column(&out, "d"), [31.0, 51.0]);
    assert_eq!(out.texts(out.position("e").unwrap()).unwrap().iter().flatten().collect::<Vec<_>>(), ["few", "b"]);
    assert_eq!(column(&out, "f"), [1.0, 0.0]);
    assert_eq!(column(&out, "g"), [1.0, 2.0]);
    assert_eq!(names(out.fields()), ["x", "y", "t", "a", "b", "c", "d", "e", "f", "g"]);
}

#[test]
fn one_piece_and_two_say_the_same() {
    let zeros = frame([("x", numbers([0.0, 3.0])), ("y", numbers([0.0, 1.0]))]);
    let derive = Derive::new([("ratio", "x / y"), ("two", "coalesce(ratio, -1)"), ("one", "coalesce(x / y, -1)")]);
    let out = applied(fit(&derive, &zeros).unwrap().as_ref(), &zeros).unwrap();
    assert_eq!(column(&out, "two"), [-1.0, 3.0]);
    assert_eq!(column(&out, "one"), [-1.0, 3.0]);
}

#[test]
fn only_what_is_read_is_taken_and_the_rest_passes() {
    let model = fit(&Derive::new([("twice", "y * 2")]), &table()).unwrap();
    assert_eq!(model.signature().takes, ["y"]);
    assert_eq!(names(&model.signature().gives), ["y", "twice"]);
    assert_eq!(names(applied(model.as_ref(), &table()).unwrap().fields()), ["x", "t", "y", "twice"]);
}

#[test]
fn what_is_taken_is_given_back_as_it_came() {
    let whole: ArrayRef = Arc::new(Int64Array::from(vec![Some(9007199254740993), None]));
    let fields = [Field::new("id", Kind::Number, Role::Key), Field::new("day", Kind::Time, Role::EventTime)];
    let table = Frame::new(fields.clone(), vec![whole.clone(), days([1, 2])], 2).unwrap();
    let model = fit(&Derive::new([("next", "id + date_part('day', day)")]), &table).unwrap();
    let out = applied(model.as_ref(), &table).unwrap();
    assert_eq!(out.fields()[..2], fields);
    assert_eq!(out.columns()[..2], table.columns()[..]);
    assert_eq!(out.fields()[2], Field::input("next", Kind::Number));
}

#[test]
fn constants_need_no_columns_and_fill_every_row() {
    let model = fit(&Derive::new([("one", "1"), ("half", "one / 2"), ("yes", "one = 1")]), &table()).unwrap();
    assert!(model.signature().takes.is_empty());
    let out = model.apply(&Frame::empty(3), &Context::new(1)).unwrap();
    assert_eq!(column(&out, "half"), [0.5; 3]);
    assert_eq!(column(&out, "yes"), [1.0; 3]);
}

#[test]
fn nothing_derived_changes_nothing_and_no_rows_stay_none() {
    let none = fit(&Derive::default(), &table()).unwrap();
    assert_eq!(applied(none.as_ref(), &table()).unwrap(), table());
    let model = fit(&Derive::new([("z", "x / y"), ("u", "upper(t)")]), &table().slice(0, 0)).unwrap();
    let out = applied(model.as_ref(), &table().slice(0, 0)).unwrap();
    assert_eq!((out.rows(), names(out.fields())), (0, vec!["x", "y", "t", "z", "u"]));
    assert_eq!(column(&applied(model.as_ref(), &table()).unwrap(), "z"), [0.1, 0.1]);
}

#[test]
fn one_row_is_read_for_its_types_and_no_more() {
    assert_eq!(Derive::new([("z", "x")]).reads(), Reads::Passes);
    let flagged = frame([("ok", flags([Some(true), None]))]);
    let derive = Derive::new([("n", "case when ok then 1 else 0 end")]);
    assert_eq!(column(&applied(fit(&derive, &flagged).unwrap().as_ref(), &flagged).unwrap(), "n"), [1.0, 0.0]);
}

#[test]
fn a_name_that_is_taken_is_refused() {
    let error = refusal(&table(), &Derive::new([("z", "x"), ("t", "y")]));
    assert_eq!(error.to_string(), "derive: there is a column `t` already");
    assert_eq!(error.hint().unwrap(), "give the derived column a name of its own");
    // The target's name too, though no expression may read it.
    let fields = [Field::input("x", Kind::Number), Field::new("goal", Kind::Number, Role::Target)];
    let learnt = Frame::new(fields, vec![numbers([1.0]), numbers([2.0])], 1).unwrap();
    let error = refusal(&learnt, &Derive::new([("goal", "x")]));
    assert_eq!(error.to_string(), "derive: there is a column `goal` already");
}

#[test]
fn a_name_given_twice_is_refused() {
    let error = refusal(&table(), &Derive::new([("z", "x"), ("z", "y")]));
    assert!(error.to_string().contains("`z`"), "{error}");
    assert!(error.to_string().contains("twice"), "{error}");
}

#[test]
fn an_expression_that_uses_a_later_one_is_told_to_come_after_it() {
    let circles: [&[(&str, &str)]; 3] = [
        &[("share", "monthly / y"), ("monthly", "x / 12")],
        &[("share", "monthly + 1"), ("monthly", "share - 1")],
        &[("z", "x"), ("share", "monthly * z"), ("w", "z"), ("monthly", "w")],
    ];
    for circle in circles {
        let error = refusal(&table(), &Derive::new(circle.iter().copied()));
        assert_eq!(error.to_string(), "derive `share`: there is no column `monthly` yet");
        assert_eq!(error.hint().unwrap(), "an expression may use those above it: put `monthly` first");
    }
}

#[test]
fn an_expression_cannot_use_itself() {
    let error = refusal(&table(), &Derive::new([("share", "share + x")]));
    assert_eq!(error.to_string(), "derive `share`: there is no column `share` yet");
    assert_eq!(error.hint().unwrap(), "an expression cannot use itself");
}

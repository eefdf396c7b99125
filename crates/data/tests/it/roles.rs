//! What the user says of columns: their types and roles; targets, weights and times that cannot be one.

use crate::place::{Table, csv, frame, words};
use crate::typing::{texts, whole};
use arkwright_core::{Kind, Role, Task};
use arkwright_data::typing::{ColumnKind, ColumnSettings, Typed, Typing};
use arkwright_data::{ValueType, infer_task};
use arrow::array::{ArrayRef, BooleanArray, Float64Array};
use arrow::datatypes::DataType;
use std::sync::Arc;

fn numbers(values: &[f64]) -> ArrayRef {
    Arc::new(Float64Array::from(values.to_vec()))
}

/// Column `a` read as a type.
fn read_as(column: ArrayRef, value_type: ValueType) -> arkwright_core::Result<Table> {
    let columns = [("a".to_string(), ColumnSettings { kind: None, value_type: Some(value_type) })].into();
    let table = frame(vec![("a", Kind::Text, Role::Input, column)]);
    let typed = Typing { columns, keep: vec!["a".into()], ..Typing::default() }.apply(&table)?;
    Ok(Table { batch: typed.frame.to_batch()?, bad: Default::default() })
}

fn refused(column: ArrayRef, value_type: ValueType) -> String {
    words(&read_as(column, value_type).unwrap_err())
}

#[test]
fn text_is_read_as_the_type_that_is_said() {
    assert_eq!(read_as(texts(["1", "-2"]), ValueType::Integer).unwrap().whole("a"), [Some(1), Some(-2)]);
    assert_eq!(read_as(texts(["1", "2.5"]), ValueType::Number).unwrap().numbers("a"), [Some(1.0), Some(2.5)]);
    assert_eq!(read_as(texts(["TRUE", "false"]), ValueType::Boolean).unwrap().booleans("a"), [Some(true), Some(false)]);
    assert_eq!(read_as(texts(["1970-01-02"; 2]), ValueType::Date).unwrap().days("a"), [Some(1); 2]);
    let micros = read_as(texts(["1970-01-02", "1970-01-01 00:00:01"]), ValueType::Timestamp).unwrap().micros("a");
    assert_eq!(micros, [Some(86_400_000_000), Some(1_000_000)]);
    assert_eq!(read_as(whole([1, 2]), ValueType::Text).unwrap().texts("a"), [Some("1"), Some("2")]);
}

#[test]
fn text_that_spells_another_type_is_refused_with_its_row() {
    for (value, wanted, what) in [
        ("x", ValueType::Number, "a number"),
        ("1.5", ValueType::Integer, "a whole number"),
        ("007", ValueType::Integer, "a whole number"),
        ("yes", ValueType::Boolean, "true or false"),
        ("30.2.2024", ValueType::Date, "a date"),
        ("2024-01-01T25:00", ValueType::Timestamp, "a point in time"),
    ] {
        let good = match wanted {
            ValueType::Boolean => "true",
            ValueType::Date | ValueType::Timestamp => "2024-01-01",
            _ => "1",
        };
        let told = refused(texts([good, good, value]), wanted);
        assert!(told.contains(&format!("column `a`, row 3: `{value}` is not {what}")), "{told}");
        assert!(told.contains("under [data]: checks.a = { type = "), "{told}");
    }
}

#[test]
fn a_number_is_not_cut_to_a_whole_one() {
    assert_eq!(read_as(numbers(&[1.0, -2.0]), ValueType::Integer).unwrap().whole("a"), [Some(1), Some(-2)]);
    let told = refused(numbers(&[1.0, 1.5]), ValueType::Integer);
    assert!(told.contains("column `a`, row 2: `1.5` is not a whole number"), "{told}");
    assert!(refused(numbers(&[1e300]), ValueType::Integer).contains("is not a whole number"));
    assert!(refused(numbers(&[f64::INFINITY]), ValueType::Integer).contains("is not a whole number"));
}

#[test]
fn nan_is_a_missing_whole_number() {
    assert_eq!(read_as(numbers(&[1.0, f64::NAN]), ValueType::Integer).unwrap().whole("a"), [Some(1), None]);
}

fn typed(text: &str, roles: &[(&str, Role)], task: Option<Task>) -> arkwright_core::Result<Typed> {
    let roles = roles.iter().map(|(name, role)| (name.to_string(), *role)).collect();
    Typing { roles, task, ..Typing::default() }.apply(&csv(text).frame())
}

fn not_typed(text: &str, roles: &[(&str, Role)], task: Option<Task>) -> String {
    words(&typed(text, roles, task).unwrap_err())
}

#[test]
fn the_target_sets_the_task() {
    assert_eq!(infer_task(&texts(["a", "b"])), Task::Classify);
    assert_eq!(infer_task(&(Arc::new(BooleanArray::from(vec![true])) as ArrayRef)), Task::Classify);
    assert_eq!(infer_task(&whole(0..20)), Task::Classify);
    assert_eq!(infer_task(&whole(0..21)), Task::Regress);
    assert_eq!(infer_task(&numbers(&[0.0, 1.0, 1.0])), Task::Classify);
    assert_eq!(infer_task(&numbers(&[0.0, 1.0, 2.0])), Task::Regress);
    assert_eq!(infer_task(&numbers(&[0.0, 0.5])), Task::Regress);
}

#[test]
fn a_target_is_held_as_its_task_needs_it() {
    let classes = typed("x,y\n1,1.0\n3,0.0\n5,NA\n", &[("y", Role::Target)], None).unwrap();
    assert_eq!(classes.task, Some(Task::Classify));
    assert_eq!(classes.frame.fields()[1].kind, Kind::Category);
    assert_eq!(classes.frame.columns()[1].data_type(), &DataType::Int64);
    // A row without a target stays.
    assert_eq!((classes.frame.rows(), classes.frame.columns()[1].null_count()), (3, 1));
    let regressed = typed("x,y\n1,1\n3,0\n", &[("y", Role::Target)], Some(Task::Regress)).unwrap();
    assert_eq!((regressed.task, &regressed.frame.fields()[1].kind), (Some(Task::Regress), &Kind::Number));
}

#[test]
fn a_target_that_cannot_be_one_is_refused() {
    let y = [("y", Role::Target)];
    assert!(not_typed("x,y\n1,\n2,\n", &y, None).contains("column `y`: the target is missing in every row"));
    let told = not_typed("x,y\n1,a\n2,b\n", &y, Some(Task::Regress));
    assert!(told.contains("a target of type Utf8 is no number (task = \"classify\"?)"), "{told}");
    let told = not_typed("x,y\n1,0.5\n2,1\n", &y, Some(Task::Classify));
    assert!(told.contains("a target of type Float64 holds no classes (task = \"regress\"?)"), "{told}");
    assert!(not_typed("x,y\n1,1.5\n2,inf\n", &y, None).contains("column `y`, row 2: the value is infinite"));
}

#[test]
fn weights_and_times_are_checked() {
    for bad in ["-1", "", "inf"] {
        let told = not_typed(&format!("x,w\n1,2\n3,{bad}\n"), &[("w", Role::Weight)], None);
        assert!(told.contains("column `w`, row 2: a weight is missing, below 0 or infinite"), "{told}");
    }
    assert!(not_typed("x,w\n1,a\n", &[("w", Role::Weight)], None).contains("a weight of type Utf8 is no number"));
    assert!(typed("x,w\n1,0\n2,0.5\n", &[("w", Role::Weight)], None).is_ok());
    let told = not_typed("x,t\n1,monday\n2,tuesday\n", &[("t", Role::EventTime)], None);
    assert!(
        told.contains("the time of the rows is neither a date nor a number") && told.contains("2024-02-29"),
        "{told}"
    );
    assert!(typed("x,t\n1,2024-01-01\n2,2024-01-02\n", &[("t", Role::EventTime)], None).is_ok());
}

#[test]
fn keys_and_groups_stay_whatever_is_in_them() {
    let text: String = (0..30).map(|i| format!("k{i},same,{}\n", i % 7)).collect();
    let typed = typed(&format!("k,g,x\n{text}"), &[("k", Role::Key), ("g", Role::Group)], None).unwrap();
    let roles: Vec<Role> = typed.frame.fields().iter().map(|f| f.role).collect();
    assert_eq!(roles, [Role::Key, Role::Group, Role::Input]);
}

#[test]
fn a_column_that_is_not_there_is_answered_with_the_nearest() {
    let told = not_typed("income,y\n1,2\n", &[("z", Role::Target)], None);
    assert!(told.contains("there is no column `z`, the target"), "{told}");
    let unknown = |typing: Typing| words(&typing.apply(&csv("income,y\n1,2\n").frame()).unwrap_err());
    let told = unknown(Typing { ignore: vec!["incme".into()], ..Typing::default() });
    assert_eq!(told, "there is no column `incme` (did you mean `income`?)");
    let settings = ColumnSettings { kind: Some(ColumnKind::Number), value_type: None };
    let told = unknown(Typing { columns: [("nothing like it".to_string(), settings)].into(), ..Typing::default() });
    assert_eq!(told, "there is no column `nothing like it` (the columns are income, y)");
}

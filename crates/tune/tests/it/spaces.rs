use arkwright_core::{Entry, Error, Map, Node, Span, Value};
use arkwright_tune::{Range, Space};

/// A value with a place: text `n` bytes into the file is at `n..n + 1`.
fn at(node: Node, start: usize) -> Value {
    Value { node, span: Some(Span { start, end: start + 1 }) }
}

fn table(entries: Vec<(&str, Node)>, start: usize) -> Node {
    let entry = |(i, (key, node)): (usize, (&str, Node))| Entry {
        key: key.into(),
        key_span: Some(Span { start: start + 10 * i + 1, end: start + 10 * i + 2 }),
        value: at(node, start + 10 * i + 5),
    };
    Node::Map(Map {
        entries: entries.into_iter().enumerate().map(entry).collect(),
        span: Some(Span { start, end: start + 100 }),
    })
}

fn read(name: &str, range: Node) -> Result<Space, Error> {
    let Node::Map(map) = table(vec![(name, range)], 1000) else { panic!("a table") };
    Space::read(map)
}

fn one(entries: Vec<(&str, Node)>) -> Range {
    read("x", table(entries, 0)).unwrap().dimensions.remove(0).range
}

use Node::{Bool, Float, Integer, List};

#[test]
fn types_follow_the_ends() {
    assert_eq!(
        one(vec![("low", Integer(8)), ("high", Integer(128)), ("log", Bool(true))]),
        Range::Int { low: 8, high: 128, log: true, step: 1 }
    );
    assert_eq!(
        one(vec![("low", Integer(0)), ("high", Float(0.5))]),
        Range::Float { low: 0.0, high: 0.5, log: false, step: None }
    );
    assert_eq!(
        one(vec![("low", Integer(0)), ("high", Integer(1)), ("step", Float(0.25))]),
        Range::Float { low: 0.0, high: 1.0, log: false, step: Some(0.25) }
    );
    let choices = List(vec![at(Node::Text("a".into()), 0), at(Bool(false), 0), at(Integer(3), 0)]);
    assert_eq!(one(vec![("choices", choices)]), Range::Choices(vec!["a".into(), false.into(), 3.into()]));
}

#[test]
fn a_table_of_ranges_is_a_level_down() {
    let space =
        read("inner", table(vec![("scale", table(vec![("low", Float(0.0)), ("high", Float(1.0))], 100))], 0)).unwrap();
    assert_eq!(space.dimensions[0].name, "inner.scale");
}

#[test]
fn impossible_ranges_are_reported_with_their_place() {
    let cases = [
        (vec![("low", Integer(3)), ("high", Integer(1))], "`high` must be at least `low`", 15),
        (vec![("low", Float(3.0)), ("high", Float(1.0))], "`high` must be at least `low`", 15),
        (vec![("low", Integer(0)), ("high", Integer(9)), ("log", Bool(true))], "must lie above 0", 5),
        (vec![("low", Float(0.0)), ("high", Float(1.0)), ("log", Bool(true))], "must lie above 0", 5),
        (
            vec![("low", Float(0.1)), ("high", Float(1.0)), ("log", Bool(true)), ("step", Float(0.1))],
            "exclude each other",
            35,
        ),
        (vec![("low", Integer(0)), ("high", Integer(9)), ("step", Integer(0))], "`step` must be above 0", 25),
        (vec![("low", Integer(0)), ("high", Float(f64::INFINITY))], "`high` must be a finite number", 15),
        (vec![("low", Node::Text("a".into())), ("high", Integer(1))], "`low` must be a finite number", 5),
        (vec![("low", Integer(0)), ("high", Integer(9)), ("log", Integer(1))], "`log` is true or false", 25),
        (vec![("low", Integer(i64::MIN)), ("high", Integer(i64::MAX))], "`high`", 15),
        (vec![("low", Integer(0))], "needs both `low` and `high`", 0),
        (vec![("choices", List(vec![]))], "at least one value", 5),
        (vec![("choices", List(vec![at(Integer(1), 0)])), ("low", Integer(0))], "exclude each other", 11),
        (vec![("low", Integer(0)), ("hig", Integer(9))], "unknown key `hig`", 11),
    ];
    for (entries, told, place) in cases {
        let error = read("x", table(entries, 0)).unwrap_err();
        assert!(error.to_string().contains(told) && error.to_string().contains("`x`"), "{error}");
        assert_eq!(error.span().map(|s| s.start), Some(place), "{error}");
    }
    let error = read("x", Integer(3)).unwrap_err();
    assert!(error.to_string().contains("says neither `low` and `high` nor `choices`"), "{error}");
    let error = read("x", List(vec![at(Integer(3), 0)])).unwrap_err();
    assert_eq!(error.hint().unwrap(), "x = { choices = [3] }");
    assert!(Space::read(Map::default()).unwrap_err().to_string().contains("nothing to tune"));
}

#[test]
fn a_misspelt_key_of_a_range_has_the_right_spelling_as_a_hint() {
    let error = read("x", table(vec![("low", Integer(0)), ("hihg", Integer(9))], 0)).unwrap_err();
    assert_eq!(error.hint().unwrap(), "did you mean `high`?");
}

//! Expressions grown at random, against a reading of the same tree in plain Rust: every operation on a
//! missing value is missing, and so is every number that is not finite.

use crate::alone::alone;
use crate::rows::{applied, cells, fit, frame};
use arkwright_core::{Frame, Registry};
use arkwright_expr::{Derive, formats};
use arrow::array::{ArrayRef, Float64Array};
use proptest::prelude::*;
use std::sync::Arc;

/// A tree that gives a number.
#[derive(Clone, Debug)]
enum Tree {
    X,
    Y,
    Literal(f64),
    Negative(Box<Tree>),
    Binary(char, Box<Tree>, Box<Tree>),
    Coalesce(Box<Tree>, Box<Tree>),
    NullIf(Box<Tree>, Box<Tree>),
    Case(Condition, Box<Tree>, Box<Tree>),
}

/// A tree that gives true, false, or neither.
#[derive(Clone, Debug)]
enum Condition {
    Less(Box<Tree>, Box<Tree>),
    Equal(Box<Tree>, Box<Tree>),
    Between(Box<Tree>, Box<Tree>, Box<Tree>),
    Missing(Box<Tree>),
    Both(Box<Condition>, Box<Condition>),
    Not(Box<Condition>),
}

impl Tree {
    fn sql(&self) -> String {
        match self {
            Self::X => "x".into(),
            Self::Y => "y".into(),
            Self::Literal(v) => format!("{v:?}"),
            Self::Negative(a) => format!("(- {})", a.sql()),
            Self::Binary(op, a, b) => format!("({} {op} {})", a.sql(), b.sql()),
            Self::Coalesce(a, b) => format!("coalesce({}, {})", a.sql(), b.sql()),
            Self::NullIf(a, b) => format!("nullif({}, {})", a.sql(), b.sql()),
            Self::Case(c, a, b) => format!("case when {} then {} else {} end", c.sql(), a.sql(), b.sql()),
        }
    }

    fn value(&self, x: Option<f64>, y: Option<f64>) -> Option<f64> {
        let of = |tree: &Self| tree.value(x, y);
        let value = match self {
            Self::X => x,
            Self::Y => y,
            Self::Literal(v) => Some(*v),
            Self::Negative(a) => of(a).map(|a| -a),
            Self::Binary('+', a, b) => of(a).zip(of(b)).map(|(a, b)| a + b),
            Self::Binary('-', a, b) => of(a).zip(of(b)).map(|(a, b)| a - b),
            Self::Binary('*', a, b) => of(a).zip(of(b)).map(|(a, b)| a * b),
            Self::Binary('/', a, b) => of(a).zip(of(b)).map(|(a, b)| a / b),
            Self::Binary(_, a, b) => of(a).zip(of(b)).map(|(a, b)| a % b),
            Self::Coalesce(a, b) => of(a).or_else(|| of(b)),
            Self::NullIf(a, b) => of(a).filter(|a| of(b) != Some(*a)),
            Self::Case(c, a, b) => of(if c.holds(x, y) == Some(true) { a } else { b }),
        };
        value.filter(|v| v.is_finite())
    }
}

impl Condition {
    fn sql(&self) -> String {
        match self {
            Self::Less(a, b) => format!("({} < {})", a.sql(), b.sql()),
            Self::Equal(a, b) => format!("({} = {})", a.sql(), b.sql()),
            Self::Between(a, b, c) => format!("({} between {} and {})", a.sql(), b.sql(), c.sql()),
            Self::Missing(a) => format!("({} is null)", a.sql()),
            Self::Both(a, b) => format!("({} and {})", a.sql(), b.sql()),
            Self::Not(a) => format!("(not {})", a.sql()),
        }
    }

    fn holds(&self, x: Option<f64>, y: Option<f64>) -> Option<bool> {
        let of = |tree: &Tree| tree.value(x, y);
        let both = |a: Option<bool>, b: Option<bool>| match (a, b) {
            (Some(false), _) | (_, Some(false)) => Some(false),
            (Some(true), Some(true)) => Some(true),
            _ => None,
        };
        match self {
            Self::Less(a, b) => of(a).zip(of(b)).map(|(a, b)| a < b),
            Self::Equal(a, b) => of(a).zip(of(b)).map(|(a, b)| a == b),
            Self::Between(a, b, c) => {
                let (a, b, c) = (of(a), of(b), of(c));
                both(a.zip(b).map(|(a, b)| a >= b), a.zip(c).map(|(a, c)| a <= c))
            }
            Self::Missing(a) => Some(of(a).is_none()),
            Self::Both(a, b) => both(a.holds(x, y), b.holds(x, y)),
            Self::Not(a) => a.holds(x, y).map(|a| !a),
        }
    }
}

fn literal() -> impl Strategy<Value = f64> {
    prop::sample::select(vec![0.0, 0.1, 0.5, 1.0, 2.0, 3.0, 7.0, 1e-10, 1e200])
}

fn condition(tree: impl Strategy<Value = Tree> + Clone + 'static) -> impl Strategy<Value = Condition> {
    let pair = (tree.clone(), tree.clone());
    let leaf = prop_oneof![
        pair.clone().prop_map(|(a, b)| Condition::Less(a.into(), b.into())),
        pair.clone().prop_map(|(a, b)| Condition::Equal(a.into(), b.into())),
        (pair, tree.clone()).prop_map(|((a, b), c)| Condition::Between(a.into(), b.into(), c.into())),
        tree.prop_map(|a| Condition::Missing(a.into())),
    ];
    leaf.prop_recursive(2, 4, 2, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(a, b)| Condition::Both(a.into(), b.into())),
            inner.prop_map(|a| Condition::Not(a.into())),
        ]
    })
}

fn tree() -> impl Strategy<Value = Tree> {
    let leaf = prop_oneof![Just(Tree::X), Just(Tree::Y), literal().prop_map(Tree::Literal)];
    leaf.prop_recursive(4, 24, 3, |inner| {
        let pair = (inner.clone(), inner.clone());
        let op = prop::sample::select(vec!['+', '-', '*', '/', '%']);
        prop_oneof![
            4 => (op, pair.clone()).prop_map(|(op, (a, b))| Tree::Binary(op, a.into(), b.into())),
            1 => inner.clone().prop_map(|a| Tree::Negative(a.into())),
            1 => pair.clone().prop_map(|(a, b)| Tree::Coalesce(a.into(), b.into())),
            1 => pair.clone().prop_map(|(a, b)| Tree::NullIf(a.into(), b.into())),
            2 => (condition(inner), pair).prop_map(|(c, (a, b))| Tree::Case(c, a.into(), b.into())),
        ]
    })
}

fn table(rows: &[(Option<f64>, Option<f64>)]) -> Frame {
    let x: ArrayRef = Arc::new(rows.iter().map(|r| r.0).collect::<Float64Array>());
    let y: ArrayRef = Arc::new(rows.iter().map(|r| r.1).collect::<Float64Array>());
    frame([("x", x), ("y", y)])
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    #[test]
    fn a_grown_expression_gives_what_plain_rust_gives(tree in tree(), more in prop::collection::vec((literal(), literal()), 1..20)) {
        // Missing values, both zeros and equal values, in every pairing, then what chance adds.
        let known = [None, Some(0.0), Some(-0.0), Some(2.0), Some(-1.5)];
        let mut rows: Vec<_> = known.iter().flat_map(|x| known.iter().map(|y| (*x, *y))).collect();
        rows.extend(more.into_iter().map(|(x, y)| (Some(x), Some(-y))));
        let (sql, table) = (tree.sql(), table(&rows));
        let model = fit(&Derive::new([("given", &sql)]), &table).unwrap();
        let out = applied(model.as_ref(), &table).unwrap();
        let given = out.numbers(out.position("given").unwrap()).unwrap();
        for ((x, y), given) in rows.iter().zip(given.iter()) {
            let wanted = tree.value(*x, *y);
            prop_assert_eq!(Some(*given).filter(|v| !v.is_nan()), wanted, "{} at x = {:?}, y = {:?}", sql, x, y);
        }
        alone(model.as_ref(), &table, 3)?;
        let loaded = Registry::new([], formats()).load(&model.save().unwrap()).unwrap();
        let again = applied(loaded.as_ref(), &table).unwrap();
        prop_assert_eq!(cells(again.column("given").unwrap()), cells(out.column("given").unwrap()));
    }
}

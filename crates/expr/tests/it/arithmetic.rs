//! Arithmetic: missing values, `/` and `%` on whole numbers and on zero, numbers that are not finite.
//! What is expected is worked out by hand, or by `f64` where it is one operation.

use crate::rows::{flag, frame, number, numbers};
use arkwright_core::Frame;

/// Two columns; one value is missing in each.
fn pairs() -> Frame {
    let x = numbers([Some(7.0), Some(-7.0), Some(0.0), None, Some(2.5)]);
    let y = numbers([Some(2.0), Some(2.0), Some(0.0), Some(3.0), None]);
    frame([("x", x), ("y", y)])
}

/// One number in a single row, and what an expression makes of it.
fn of(x: f64, sql: &str) -> Option<f64> {
    number(&frame([("x", numbers([x]))]), sql)[0]
}

#[test]
fn a_missing_operand_makes_the_answer_missing() {
    let cases = [
        ("x + y", [Some(9.0), Some(-5.0), Some(0.0), None, None]),
        ("x - y", [Some(5.0), Some(-9.0), Some(0.0), None, None]),
        ("x * y", [Some(14.0), Some(-14.0), Some(0.0), None, None]),
        ("-x", [Some(-7.0), Some(7.0), Some(0.0), None, Some(-2.5)]),
        ("x + null", [None; 5]),
        ("null", [None; 5]),
    ];
    for (sql, wanted) in cases {
        assert_eq!(number(&pairs(), sql), wanted, "{sql}");
    }
}

#[test]
fn products_come_before_sums_and_parentheses_before_both() {
    assert_eq!(number(&pairs(), "x + y * 2")[..3], [Some(11.0), Some(-3.0), Some(0.0)]);
    assert_eq!(number(&pairs(), "(x + y) * 2")[..3], [Some(18.0), Some(-10.0), Some(0.0)]);
    assert_eq!(number(&pairs(), "x - y - 1")[..3], [Some(4.0), Some(-10.0), Some(-1.0)]);
}

#[test]
fn dividing_by_zero_gives_a_missing_value() {
    assert_eq!(number(&pairs(), "x / y"), [Some(3.5), Some(-3.5), None, None, None]);
    assert_eq!(number(&pairs(), "x / 0"), [None; 5]);
    assert_eq!(number(&pairs(), "x / nullif(y, 0)"), [Some(3.5), Some(-3.5), None, None, None]);
}

#[test]
fn a_remainder_has_the_sign_of_what_is_divided_and_by_zero_is_missing() {
    assert_eq!(number(&pairs(), "x % y"), [Some(1.0), Some(-1.0), None, None, None]);
    assert_eq!(number(&pairs(), "x % -2"), [Some(1.0), Some(-1.0), Some(0.0), None, Some(0.5)]);
    assert_eq!(number(&pairs(), "x % 0"), [None; 5]);
}

#[test]
fn whole_numbers_divide_as_numbers_do() {
    let cases = [
        ("1 / 12", Some(1.0 / 12.0)),
        ("7 / 2", Some(3.5)),
        ("7 % 4", Some(3.0)),
        ("1 / 0", None),
        ("0 / 0", None),
        ("1 % 0", None),
        ("cast(x as int) / 2", Some(3.5)),
        ("cast(x as int) / cast(x as bigint)", Some(1.0)),
        ("cast(x as int) / cast(x - 7 as int)", None),
        ("cast(x as int) % cast(x - 7 as int)", None),
        ("length('seven') / 2", Some(2.5)),
    ];
    for (sql, wanted) in cases {
        assert_eq!(of(7.0, sql), wanted, "{sql}");
    }
}

#[test]
fn decimals_and_short_floats_divide_as_numbers_do() {
    let decimal = |op: &str| format!("cast(x as decimal(10, 2)) {op} cast(y as decimal(10, 2))");
    assert_eq!(number(&pairs(), &decimal("/")), [Some(3.5), Some(-3.5), None, None, None]);
    assert_eq!(number(&pairs(), &decimal("%")), [Some(1.0), Some(-1.0), None, None, None]);
    assert_eq!(number(&pairs(), "cast(x as decimal(10, 2)) / cast(y as int)")[2], None);
    // 1/3 in single precision would be 0.3333333432674408.
    assert_eq!(of(1.0, "cast(x as real) / cast(3 as real)"), Some(1.0 / 3.0));
}

#[test]
fn a_number_that_is_not_finite_is_missing() {
    let cases = [
        (1000.0, "exp(x)"),
        (0.0, "ln(x)"),
        (-1.0, "ln(x)"),
        (-1.0, "sqrt(x)"),
        (1e308, "x * 10"),
        (1e308, "x + x"),
        (-1e308, "x - 1e308"),
        (1e200, "power(x, 2)"),
        (0.0, "power(x, -1)"),
        (0.0, "cast('inf' as double)"),
        (0.0, "cast('NaN' as double)"),
        (0.0, "1e400"),
    ];
    for (x, sql) in cases {
        assert_eq!(of(x, sql), None, "{sql} of {x}");
    }
}

#[test]
fn a_number_that_is_not_finite_is_missing_within_an_expression_too() {
    assert_eq!(number(&pairs(), "coalesce(x / y, 99)"), [3.5, -3.5, 99.0, 99.0, 99.0].map(Some));
    assert_eq!(flag(&pairs(), "x / y > 1"), [Some(true), Some(false), None, None, None]);
    assert_eq!(flag(&pairs(), "(x / y) is null"), [false, false, true, true, true].map(Some));
    assert_eq!(flag(&pairs(), "x < 1e400"), [None; 5]);
    // 1 / (1 / 0) is not 1 / infinity.
    assert_eq!(of(0.0, "1 / (1 / x)"), None);
    assert_eq!(of(0.0, "case when x / x > 50 then 1 else 2 end"), Some(2.0));
    assert_eq!(of(-1.0, "coalesce(ln(x), 5)"), Some(5.0));
    assert_eq!(of(1e308, "coalesce(x * 10, 5)"), Some(5.0));
    assert_eq!(of(0.0, "coalesce(cast('NaN' as double), 5)"), Some(5.0));
    assert_eq!(of(0.0, "case when 0 / 0 > 50 then 1 else 2 end"), Some(2.0));
}

#[test]
fn numbers_that_come_in_infinite_or_not_a_number_are_missing() {
    let odd = frame([("x", numbers([f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1.0]))]);
    assert_eq!(number(&odd, "coalesce(x, 7)"), [7.0, 7.0, 7.0, 1.0].map(Some));
    assert_eq!(flag(&odd, "x > 0"), [None, None, None, Some(true)]);
    assert_eq!(flag(&odd, "x is null"), [true, true, true, false].map(Some));
}

#[test]
fn there_is_one_zero() {
    let zeros = frame([("x", numbers([0.0, -0.0, -0.3]))]);
    assert_eq!(flag(&zeros, "x = 0"), [true, true, false].map(Some));
    assert_eq!(flag(&zeros, "x in (0, 5)"), [true, true, false].map(Some));
    assert_eq!(flag(&zeros, "x in (-0.0, 5)"), [true, true, false].map(Some));
    assert_eq!(flag(&zeros, "-x in (0, 5)"), [true, true, false].map(Some));
    assert_eq!(flag(&zeros, "round(x) in (0, 5)"), [true; 3].map(Some));
    assert_eq!(
        number(&zeros, "case x when 0 then 1 when 5 then 2 when 6 then 3 else 4 end"),
        [1.0, 1.0, 4.0].map(Some)
    );
    assert_eq!(number(&zeros, "nullif(x, 0)"), [None, None, Some(-0.3)]);
}

#[test]
fn functions_of_numbers_give_what_their_names_say() {
    let exact = [
        (-7.0, "abs(x)", 7.0),
        (2.5, "round(x)", 3.0),
        (-2.5, "round(x)", -3.0),
        (1234.5678, "round(x, 2)", 1234.57),
        (1234.5678, "round(x, -2)", 1200.0),
        (-2.5, "floor(x)", -3.0),
        (-2.5, "ceil(x)", -2.0),
        (-2.7, "trunc(x)", -2.0),
        (-2.7, "signum(x)", -1.0),
        (2.0, "power(x, 10)", 1024.0),
        (49.0, "sqrt(x)", 7.0),
        (0.0, "exp(x)", 1.0),
        (1.0, "ln(x)", 0.0),
        (0.0, "cos(x)", 1.0),
        (0.0, "pi()", std::f64::consts::PI),
        (3.0, "greatest(x, 5, 4)", 5.0),
        (3.0, "least(x, 5, 4)", 3.0),
        (3.0, "greatest(x, null)", 3.0),
    ];
    for (x, sql, wanted) in exact {
        assert_eq!(of(x, sql), Some(wanted), "{sql} of {x}");
    }
    let near = [(1000.0, "log10(x)", 3.0), (8.0, "log(2, x)", 3.0), (8.0, "log2(x)", 3.0), (27.0, "cbrt(x)", 3.0)];
    for (x, sql, wanted) in near {
        assert!((of(x, sql).unwrap() - wanted).abs() < 1e-12, "{sql} of {x}");
    }
}

//! What a row cannot answer alone, or not twice in the same way, is refused before anything is computed.

use crate::rows::{days, frame, numbers, texts, told};
use arkwright_core::Frame;
use arkwright_expr::columns_in;

fn table() -> Frame {
    frame([("x", numbers([1.0])), ("y", numbers([2.0])), ("t", texts(["a"])), ("day", days([1]))])
}

const ROW_ALONE: &str = "an expression sees its own row alone; build the table by `[data] query` instead";
const AGREE: &str = "training and a request must agree: write the value itself, or bring it as a column";

#[test]
fn text_of_a_length_that_a_row_chooses_is_refused() {
    let asked = [
        "lpad(t, cast(x as bigint))",
        "rpad(t, 2000000000, 'x')",
        "repeat(t, cast(y as int))",
        "repeat(t, 20000)",
        "repeat(repeat(t, 10000), 10000)",
        "repeat(rpad(t, 10000, 'x') || 'a', 10000)",
    ];
    for sql in asked {
        let (words, _) = told(&table(), sql);
        assert!(words.contains("of no fixed length up to 10000"), "{sql}: {words}");
    }
}

#[test]
fn aggregates_are_refused_by_name() {
    let cases = [
        ("sum(x)", "sum"),
        ("avg(x) - x", "avg"),
        ("count(*)", "count"),
        ("count(distinct t)", "count"),
        ("MAX(x)", "max"),
        ("case when x > min(x) then 1 end", "min"),
        ("coalesce(x, median(x))", "median"),
        ("stddev(x)", "stddev"),
        ("array_length(array_agg(x))", "array_agg"),
        ("sum(x) filter (where x > 1)", "sum"),
    ];
    for (sql, name) in cases {
        let (message, hint) = told(&table(), sql);
        assert_eq!(message, format!("derive `given`: the aggregate `{name}` in a row expression"), "{sql}");
        assert_eq!(hint, ROW_ALONE);
    }
}

#[test]
fn windows_are_refused_by_name() {
    let cases = [
        ("row_number() over ()", "row_number"),
        ("lag(x) over (order by day)", "lag"),
        ("x - lag(x, 1, 0) over (partition by t order by day)", "lag"),
        ("sum(x) over (partition by t)", "sum"),
        ("rank() over (order by x desc)", "rank"),
        ("first_value(x) over (order by day)", "first_value"),
        ("avg(x) over (order by day rows between 2 preceding and current row)", "avg"),
    ];
    for (sql, name) in cases {
        let (message, hint) = told(&table(), sql);
        assert_eq!(message, format!("derive `given`: the window function `{name}` in a row expression"), "{sql}");
        assert_eq!(hint, ROW_ALONE);
    }
}

#[test]
fn queries_and_other_tables_are_refused() {
    let queries = [
        "(select 1)",
        "x + (select 2)",
        "x in (select 1)",
        "x not in (select 1)",
        "exists (select 1)",
        "(select max(price) from items)",
        "case when x > any(select 1) then 1 end",
    ];
    for sql in queries {
        let (message, hint) = told(&table(), sql);
        assert_eq!(message, "derive `given`: a subquery in a row expression", "{sql}");
        assert_eq!(hint, ROW_ALONE);
    }
}

#[test]
fn the_clock_and_chance_are_refused() {
    let cases = [
        ("now()", "now()"),
        ("current_timestamp", "now()"),
        ("current_date", "current_date()"),
        ("current_date - day", "current_date()"),
        ("today()", "current_date()"),
        ("current_time", "current_time()"),
        ("random()", "random()"),
        ("x + 0 * random()", "random()"),
        ("case when x > 1 then uuid() else t end", "uuid()"),
        ("date_part('year', NOW())", "now()"),
    ];
    for (sql, name) in cases {
        let (message, hint) = told(&table(), sql);
        assert_eq!(message, format!("derive `given`: `{name}` answers otherwise each time it is asked"), "{sql}");
        assert_eq!(hint, AGREE);
    }
}

#[test]
fn what_is_no_single_value_is_refused() {
    let cases = [
        ("$1 + x", "a placeholder"),
        ("unnest(make_array(x, y))", "unnest"),
        ("make_array(x, y)", "gives List"),
        ("string_to_array(t, ',')", "gives List"),
        ("named_struct('a', x)", "gives Struct"),
        ("interval '1 day'", "gives Interval"),
        ("cast(t as bytea)", "gives Binary"),
        ("make_time(1, 2, 3)", "gives Time"),
    ];
    for (sql, wanted) in cases {
        let (message, hint) = told(&table(), sql);
        assert!(message.starts_with("derive `given`: ") && message.contains(wanted), "{sql}: {message}");
        assert!(!hint.is_empty(), "{sql}");
    }
}

#[test]
fn what_is_no_expression_is_refused() {
    let syntax = [
        "",
        "   ",
        "x +",
        "+",
        "(x",
        "x)",
        "x y z",
        "x, y",
        "x +* y",
        "'open",
        "\"open",
        "select x",
        "x;",
        "x ==",
        "case when x then",
        "cast(x as)",
        "x in ()",
        "between 1 and 2",
        "x between 1",
        "f(",
        "-- x",
        "*",
        "x.*",
    ];
    for sql in syntax {
        let (message, hint) = told(&table(), sql);
        assert!(
            message.starts_with("derive `given`: ") && message.len() > "derive `given`: ".len(),
            "{sql}: {message}"
        );
        assert!(!hint.is_empty() || sql == "x.*" || sql == "*" || sql == "x in ()", "{sql}: {message}");
        assert!(!message.contains('\n') && !message.contains("Error"), "{sql}: {message}");
    }
}

#[test]
fn what_fails_whatever_the_row_is_refused() {
    for sql in ["regexp_like(t, '(')", "sqrt(-1)", "t ~ '[z-a]'", "make_date(2024, 13, 1)", "x + sqrt(-1)"] {
        let (message, _) = told(&table(), sql);
        assert!(message.starts_with("derive `given`: ") && !message.contains("ecution error"), "{sql}: {message}");
    }
}

#[test]
fn a_name_is_said_once() {
    let (message, hint) = told(&table(), "x + 1 as z");
    assert_eq!(message, "derive `given`: `as z` says the name twice");
    assert_eq!(hint, "the key is the name: derive = { name = \"expression\" }");
}

#[test]
fn what_is_too_long_or_too_deep_is_refused() {
    let long = format!("x + {}", "1".repeat(10_000));
    assert_eq!(told(&table(), &long).0, "derive `given`: an expression of more than 10000 characters");
    assert_eq!(columns_in(&long).unwrap_err().to_string(), "an expression of more than 10000 characters");
    let deep = vec!["x"; 400].join(" + ");
    let (message, hint) = told(&table(), &deep);
    assert_eq!(message, "derive `given`: the expression is nested more than 250 deep");
    assert_eq!(hint, "split it: a later expression may use an earlier one by name");
    let longest = vec!["x"; 4999].join("+");
    assert_eq!(told(&table(), &longest).0, message);
    let brackets = format!("{}x{}", "(".repeat(3000), ")".repeat(3000));
    assert!(told(&table(), &brackets).0.starts_with("derive `given`: "));
}

#[test]
fn what_is_wide_but_not_deep_is_not_refused() {
    let list = (0..400).map(|i| i.to_string()).collect::<Vec<_>>().join(", ");
    assert_eq!(crate::rows::flag(&table(), &format!("x in ({list})")), [Some(true)]);
    let sum = vec!["x"; 200].join(" + ");
    assert_eq!(crate::rows::number(&table(), &sum), [Some(200.0)]);
}

//! Expressions of every kind, and rows with most of what can happen in them.

use crate::rows::{DAY, SECOND, frame};
use arkwright_core::Frame;
use arrow::array::{ArrayRef, BooleanArray, Date32Array, Float64Array, StringArray, TimestampMicrosecondArray};
use proptest::prelude::*;
use std::sync::Arc;

/// Expressions of every kind, over `x`, `y`, `t`, `u`, `ok`, `day` and `at`.
pub(crate) const EXPRESSIONS: [(&str, &str); 40] = [
    ("sum", "x + y * 3 - 1"),
    ("ratio", "x / y"),
    ("rest", "x % y"),
    ("guarded", "x / nullif(y, 0)"),
    ("whole", "cast(x as int) / cast(y as int)"),
    ("decimal", "cast(x as decimal(12, 3)) * cast(y as decimal(12, 3))"),
    ("root", "sqrt(x) + ln(abs(y) + 1)"),
    ("power", "power(x, 3)"),
    ("grown", "exp(x / 10)"),
    ("turned", "sin(x) * cos(y) + atan2(x, y)"),
    ("rounded", "round(x, 2)"),
    ("highest", "greatest(x, y, 0)"),
    ("filled", "coalesce(ratio, x, y, -1)"),
    ("case", "case when x > y then x when x = y then 0 when t = 'a' then y end"),
    ("choice", "case t when 'a' then 1 when '12' then 2 when 'Bob' then 3 else 4 end"),
    ("zero", "case round(x) when 0 then 'none' when 1 then 'one' when 2 then 'two' end"),
    ("above", "x > y"),
    ("logic", "x > 0 and ok or not (y <= 1) and t like '%b%'"),
    ("member", "x in (0, 1, 2.5, null)"),
    ("words", "t in ('a', 'Bob', '12', 'x-1', 'none', 'other')"),
    ("between", "y between -1 and x"),
    ("absent", "x is null or t is null"),
    ("distinct", "x is distinct from y"),
    ("like", "t like 'B%' or u ilike '%É%'"),
    ("pattern", "regexp_like(u, '^[a-z]+[0-9]*$')"),
    ("swapped", "regexp_replace(u, '([a-z])([0-9])', '\\2\\1', 'g')"),
    ("replaced", "replace(t, 'b', u)"),
    ("cut", "substr(u, 2, 3) || '|' || left(t, 1)"),
    ("joined", "concat(t, '-', u, '-', cast(x as text))"),
    ("shouted", "upper(u)"),
    ("length", "length(u) + strpos(u, 'b')"),
    ("read", "cast(t as double)"),
    ("counted", "cast(t as int) % 5"),
    ("dated", "cast(t as date)"),
    ("month", "date_part('month', day) + extract(year from at) * 12"),
    ("hour", "date_part('hour', at)"),
    ("midnight", "date_trunc('day', at)"),
    ("next", "day + interval '1 month'"),
    ("span", "at - day"),
    ("late", "span / 3600 > 12"),
];

/// A row: two numbers, two texts, true or false, a day, a moment; each may be missing.
pub(crate) type Row =
    (Option<f64>, Option<f64>, Option<String>, Option<String>, Option<bool>, Option<i32>, Option<i64>);

pub(crate) fn table(rows: Vec<Row>) -> Frame {
    let x: Float64Array = rows.iter().map(|r| r.0).collect();
    let y: Float64Array = rows.iter().map(|r| r.1).collect();
    let t: StringArray = rows.iter().map(|r| r.2.as_deref()).collect();
    let u: StringArray = rows.iter().map(|r| r.3.as_deref()).collect();
    let ok: BooleanArray = rows.iter().map(|r| r.4).collect();
    let day: Date32Array = rows.iter().map(|r| r.5).collect();
    let at: TimestampMicrosecondArray = rows.iter().map(|r| r.6).collect();
    let columns: [(&str, ArrayRef); 7] = [
        ("x", Arc::new(x)),
        ("y", Arc::new(y)),
        ("t", Arc::new(t)),
        ("u", Arc::new(u)),
        ("ok", Arc::new(ok)),
        ("day", Arc::new(day)),
        ("at", Arc::new(at)),
    ];
    frame(columns)
}

/// A few rows with most of what can happen in them.
pub(crate) fn sample() -> Frame {
    let row = |x: f64, y: f64, t: &str, u: &str| {
        let moment = x.clamp(-9.0, 9.0) as i64 * DAY + 5 * SECOND;
        (Some(x), Some(y), Some(t.to_string()), Some(u.to_string()), Some(x > y), Some(y as i32), Some(moment))
    };
    table(vec![
        row(1.0, 3.0, "a", "ab1"),
        row(0.1, 0.0, "12", "été"),
        row(-0.0, 0.0, "2024-02-29", ""),
        (None, None, None, None, None, None, None),
        row(1e300, -1e300, "1e3", "b2c3"),
        row(2.5, 1e-300, "Bob", "B"),
    ])
}

fn number() -> impl Strategy<Value = Option<f64>> {
    let known = prop::sample::select(vec![0.0, -0.0, 1.0, -1.0, 2.0, 2.5, 0.1, 1e-300, 1e300, f64::MIN_POSITIVE]);
    prop::option::weighted(0.85, prop_oneof![known, -10.0..10.0f64, any::<f64>()])
}

fn word() -> impl Strategy<Value = Option<String>> {
    let known =
        prop::sample::select(vec!["a", "b", "Bob", "", "12", "-7", "1e3", "2024-02-29", "2024-13-01", "x-1", "É"]);
    prop::option::weighted(0.85, prop_oneof![known.prop_map(String::from), "[a-zB0-9é ]{0,30}"])
}

pub(crate) fn row() -> impl Strategy<Value = Row> {
    let day = prop::option::weighted(0.85, -200_000..200_000i32);
    let at = prop::option::weighted(0.85, -5_000_000_000 * SECOND..5_000_000_000 * SECOND);
    (number(), number(), word(), word(), prop::option::weighted(0.85, any::<bool>()), day, at)
}

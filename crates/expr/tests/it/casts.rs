//! Casts: what can be cast is, and what cannot is missing, so that one bad value does not stop a table.

use crate::rows::{DAY, LEAP_DAY, SECOND, day, flag, flags, frame, moment, number, numbers, text, texts};
use arkwright_core::Frame;

fn spelt() -> Frame {
    frame([("t", texts([Some("12"), Some("-3"), Some("3.5"), Some("1e3"), Some("abc"), Some(""), None]))])
}

#[test]
fn text_that_spells_no_number_is_missing() {
    let whole = [Some(12.0), Some(-3.0), None, None, None, None, None];
    let any = [Some(12.0), Some(-3.0), Some(3.5), Some(1000.0), None, None, None];
    for sql in ["cast(t as int)", "cast(t as bigint)", "try_cast(t as int)", "t::int", "arrow_cast(t, 'Int64')"] {
        assert_eq!(number(&spelt(), sql), whole, "{sql}");
    }
    for sql in ["cast(t as double)", "t::double", "cast(t as float)", "arrow_cast(t, 'Float64')"] {
        assert_eq!(number(&spelt(), sql), any, "{sql}");
    }
    assert_eq!(number(&spelt(), "cast(t as decimal(10, 1))")[..3], [Some(12.0), Some(-3.0), Some(3.5)]);
    assert_eq!(number(&spelt(), "cast(t as decimal(10, 1))")[4], None);
}

#[test]
fn a_constant_that_cannot_be_cast_is_missing_too() {
    assert_eq!(number(&spelt(), "cast('abc' as int)"), [None; 7]);
    assert_eq!(number(&spelt(), "coalesce(cast('abc' as int), 4)"), [Some(4.0); 7]);
    assert_eq!(day(&spelt(), "cast('soon' as date)"), [None; 7]);
}

#[test]
fn a_number_beyond_its_type_is_missing() {
    let far = frame([("x", numbers([2147483647.0, 2147483648.0, -2147483649.0, 1e300]))]);
    assert_eq!(number(&far, "cast(x as int)"), [Some(2147483647.0), None, None, None]);
    assert_eq!(number(&far, "cast(x as bigint)"), [Some(2147483647.0), Some(2147483648.0), Some(-2147483649.0), None]);
    let long = frame([("t", texts(["99999999999", "127", "128"]))]);
    assert_eq!(number(&long, "cast(t as int)"), [None, Some(127.0), Some(128.0)]);
    assert_eq!(number(&long, "cast(t as bigint)"), [Some(99999999999.0), Some(127.0), Some(128.0)]);
    assert_eq!(number(&long, "cast(t as tinyint)"), [None, Some(127.0), None]);
    assert_eq!(number(&long, "cast(t as decimal(3, 0))"), [None, Some(127.0), Some(128.0)]);
}

#[test]
fn a_whole_number_is_cut_towards_zero() {
    let x = frame([("x", numbers([Some(2.9), Some(-2.9), None]))]);
    assert_eq!(number(&x, "cast(x as int)"), [Some(2.0), Some(-2.0), None]);
    assert_eq!(number(&x, "cast(x as int) * 2"), [Some(4.0), Some(-4.0), None]);
}

#[test]
fn numbers_and_truth_become_text_and_each_other() {
    let table = frame([("x", numbers([Some(2.5), Some(0.0), None])), ("ok", flags([Some(true), Some(false), None]))]);
    assert_eq!(text(&table, "cast(x as text)")[0].as_deref(), Some("2.5"));
    assert_eq!(text(&table, "cast(x as text)")[2], None);
    assert_eq!(text(&table, "cast(cast(x as int) as varchar)")[..2], ["2", "0"].map(|t| Some(t.to_string())));
    assert_eq!(number(&table, "cast(ok as int)"), [Some(1.0), Some(0.0), None]);
    assert_eq!(number(&table, "cast(ok as double) * 10"), [Some(10.0), Some(0.0), None]);
    assert_eq!(flag(&table, "cast(x as boolean)"), [Some(true), Some(false), None]);
    let words = frame([("t", texts([Some("true"), Some("false"), Some("maybe"), None]))]);
    assert_eq!(flag(&words, "cast(t as boolean)"), [Some(true), Some(false), None, None]);
}

#[test]
fn text_that_spells_no_day_is_missing() {
    let dates = frame([("t", texts([Some("2024-02-29"), Some("2023-02-29"), Some("soon"), None]))]);
    assert_eq!(day(&dates, "cast(t as date)"), [Some(LEAP_DAY), None, None, None]);
    assert_eq!(day(&dates, "t::date"), [Some(LEAP_DAY), None, None, None]);
    let times =
        frame([("t", texts([Some("2024-02-29T01:00:00"), Some("2024-02-29 01:00:00"), Some("2024-02-29T25:00:00")]))]);
    let one = i64::from(LEAP_DAY) * DAY + 3600 * SECOND;
    assert_eq!(moment(&times, "cast(t as timestamp)"), [Some(one), Some(one), None]);
}

#[test]
fn text_beside_a_number_is_read_as_one() {
    assert_eq!(flag(&spelt(), "t > 5"), [Some(true), Some(false), Some(false), Some(true), None, None, None]);
    let member = [Some(true), Some(false), Some(false), Some(true), None, None, None];
    assert_eq!(flag(&spelt(), "t in (12, 1000)"), member);
    assert_eq!(flag(&spelt(), "t between 12 and 1000"), member);
    assert_eq!(flag(&spelt(), "5 < t"), member);
    assert_eq!(flag(&spelt(), "t is not distinct from 12")[..3], [Some(true), Some(false), Some(false)]);
}

#[test]
fn the_system_of_the_hours_reads_its_hours() {
    // The expression of systems/bikes: hours of twelve, with am and pm.
    let hours = frame([("hr", texts([Some("12am"), Some("1am"), Some("12pm"), Some("11pm"), Some("noon"), None]))]);
    let sql = "cast(replace(replace(hr, 'am', ''), 'pm', '') as int) % 12 + case when hr like '%pm' then 12 else 0 end";
    assert_eq!(number(&hours, sql), [Some(0.0), Some(1.0), Some(12.0), Some(23.0), None, None]);
}

#[test]
fn what_fails_on_a_row_is_missing_there_alone() {
    let table = frame([
        ("x", numbers([4.0, -1.0, 9.0, 16.0, 1.0])),
        ("t", texts(["2024-02-29", "soon", "", "1970-01-01", "1970-01-02"])),
    ]);
    assert_eq!(number(&table, "sqrt(x)"), [Some(2.0), None, Some(3.0), Some(4.0), Some(1.0)]);
    assert_eq!(day(&table, "to_date(t)"), [Some(LEAP_DAY), None, None, Some(0), Some(1)]);
    let made = "make_date(2024, cast(x as int), 29)";
    assert_eq!(day(&table, made), [Some(LEAP_DAY + 60), None, Some(LEAP_DAY + 213), None, Some(LEAP_DAY - 31)]);
    assert_eq!(text(&table, "substr(t, 1, cast(x as int))")[..2], [Some("2024".to_string()), None]);
    assert_eq!(number(&table, "case when x < 0 then 0 else sqrt(x) end")[..2], [Some(2.0), Some(0.0)]);
}

//! Dates and times: their parts, spans between them, steps along the calendar. A span is in seconds.

use crate::rows::{DAY, LEAP_DAY, SECOND, applied, day, days, fit, flag, frame, moment, moments, number, text};
use arkwright_core::Frame;
use arkwright_expr::Derive;
use arrow::array::{ArrayRef, TimestampMillisecondArray, TimestampNanosecondArray, TimestampSecondArray};
use std::sync::Arc;

/// 29 February 2024, 13:45:30.
const MOMENT: i64 = LEAP_DAY as i64 * DAY + (13 * 3600 + 45 * 60 + 30) * SECOND;

/// A leap day (a Thursday), the day before 1970 (a Wednesday), and one that is missing.
fn table() -> Frame {
    let at = moments([Some(MOMENT), Some(-SECOND), None]);
    frame([("day", days([Some(LEAP_DAY), Some(-1), None])), ("at", at)])
}

#[test]
fn parts_of_a_day() {
    let cases = [
        ("year", 2024.0, 1969.0),
        ("quarter", 1.0, 4.0),
        ("month", 2.0, 12.0),
        ("week", 9.0, 1.0),
        ("day", 29.0, 31.0),
        ("dow", 4.0, 3.0),
        ("doy", 60.0, 365.0),
    ];
    for (part, leap, before) in cases {
        for column in ["day", "at"] {
            let wanted = [Some(leap), Some(before), None];
            assert_eq!(number(&table(), &format!("date_part('{part}', {column})")), wanted, "{part} of {column}");
            assert_eq!(number(&table(), &format!("extract({part} from {column})")), wanted, "{part} of {column}");
        }
    }
}

#[test]
fn parts_of_a_moment() {
    let cases = [
        ("hour", 13.0, 23.0),
        ("minute", 45.0, 59.0),
        ("second", 30.0, 59.0),
        ("epoch", (MOMENT / SECOND) as f64, -1.0),
    ];
    for (part, then, before) in cases {
        let sql = format!("date_part('{part}', at)");
        assert_eq!(number(&table(), &sql), [Some(then), Some(before), None], "{part}");
    }
    assert_eq!(number(&table(), "date_part('hour', day)"), [Some(0.0), Some(0.0), None]);
}

#[test]
fn a_moment_is_cut_to_the_start_of_its_part() {
    let midnight = i64::from(LEAP_DAY) * DAY;
    let cases = [
        ("hour", midnight + 13 * 3600 * SECOND, -3600 * SECOND),
        ("day", midnight, -DAY),
        ("month", midnight - 28 * DAY, -31 * DAY),
        ("year", midnight - (31 + 28) * DAY, -365 * DAY),
    ];
    for (part, leap, before) in cases {
        let sql = format!("date_trunc('{part}', at)");
        assert_eq!(moment(&table(), &sql), [Some(leap), Some(before), None], "{part}");
    }
    assert_eq!(number(&table(), "date_part('month', date_trunc('month', day))"), [Some(2.0), Some(12.0), None]);
}

#[test]
fn a_span_is_a_number_of_seconds_whatever_it_is_taken_between() {
    let from = days([Some(LEAP_DAY - 1), Some(LEAP_DAY), None]);
    let to = days([Some(LEAP_DAY + 1), Some(LEAP_DAY), Some(1)]);
    let at = moments([Some(MOMENT), None, Some(0)]);
    let spans = frame([("from_day", from), ("to_day", to), ("at", at)]);
    assert_eq!(number(&spans, "to_day - from_day"), [Some(2.0 * 86_400.0), Some(0.0), None]);
    let seconds = (13 * 3600 + 45 * 60 + 30) as f64;
    assert_eq!(number(&spans, "at - (at - interval '90 seconds')"), [Some(90.0), None, Some(90.0)]);
    assert_eq!(number(&spans, "at - from_day"), [Some(86_400.0 + seconds), None, None]);
    assert_eq!(number(&spans, "at - to_day"), [Some(seconds - 86_400.0), None, Some(-86_400.0)]);
}

#[test]
fn a_later_expression_counts_with_a_span() {
    let spans = frame([("a", moments([MOMENT, 0])), ("b", moments([MOMENT - 5400 * SECOND, SECOND / 2]))]);
    let model = fit(&Derive::new([("span", "a - b"), ("hours", "span / 3600")]), &spans).unwrap();
    let out = applied(model.as_ref(), &spans).unwrap();
    assert_eq!(*out.numbers(out.position("span").unwrap()).unwrap(), [5400.0, -0.5]);
    assert_eq!(*out.numbers(out.position("hours").unwrap()).unwrap(), [1.5, -0.5 / 3600.0]);
}

#[test]
fn steps_follow_the_calendar() {
    assert_eq!(day(&table(), "day + interval '1 day'"), [Some(LEAP_DAY + 1), Some(0), None]);
    // A month after the last of December is the last of January; a year after a leap day, 28 February.
    assert_eq!(day(&table(), "day + interval '1 month'"), [Some(LEAP_DAY + 29), Some(30), None]);
    assert_eq!(day(&table(), "day + interval '1 year'"), [Some(LEAP_DAY + 365), Some(364), None]);
    assert_eq!(day(&table(), "day - interval '1 month'"), [Some(LEAP_DAY - 31), Some(-32), None]);
    let later = [Some(MOMENT + 5400 * SECOND), Some(5399 * SECOND), None];
    assert_eq!(moment(&table(), "at + interval '90 minutes'"), later);
}

#[test]
fn days_compare_with_each_other_and_with_what_is_written() {
    assert_eq!(flag(&table(), "day > '2024-01-01'"), [Some(true), Some(false), None]);
    assert_eq!(flag(&table(), "day = date '2024-02-29'"), [Some(true), Some(false), None]);
    assert_eq!(flag(&table(), "at > day"), [Some(true), Some(true), None]);
    assert_eq!(flag(&table(), "day between '1969-01-01' and '1970-01-01'"), [Some(false), Some(true), None]);
}

#[test]
fn days_are_made_of_numbers_and_spelt() {
    assert_eq!(day(&table(), "make_date(2024, 2, 29)"), [Some(LEAP_DAY); 3]);
    assert_eq!(day(&table(), "make_date(date_part('year', day), 1, 1)"), [Some(LEAP_DAY - 59), Some(-365), None]);
    let months = text(&table(), "to_char(day, '%Y-%m')");
    assert_eq!(months, [Some("2024-02".to_string()), Some("1969-12".to_string()), None]);
    let midnight = i64::from(LEAP_DAY) * DAY;
    assert_eq!(moment(&table(), "to_timestamp('2024-02-29T00:00:00')"), [Some(midnight); 3]);
    assert_eq!(moment(&table(), "cast(day as timestamp)"), [Some(midnight), Some(-DAY), None]);
    assert_eq!(day(&table(), "cast(at as date)"), [Some(LEAP_DAY), Some(-1), None]);
}

#[test]
fn moments_of_every_unit_are_one_thing() {
    let second = MOMENT / SECOND;
    let units: [ArrayRef; 3] = [
        Arc::new(TimestampSecondArray::from(vec![second])),
        Arc::new(TimestampMillisecondArray::from(vec![second * 1000])),
        Arc::new(TimestampNanosecondArray::from(vec![second * 1_000_000_000]).with_timezone("UTC")),
    ];
    for column in units {
        let table = frame([("at", column)]);
        assert_eq!(moment(&table, "at + interval '1 second'"), [Some(MOMENT + SECOND)]);
        assert_eq!(number(&table, "date_part('hour', at)"), [Some(13.0)]);
    }
}

#[test]
fn days_far_from_ours_stand_beside_points_in_time() {
    // The last day of 9999, which tables write for "no end": 8,029 years after 1970, 1,947 of them leap years.
    let last: i32 = 8030 * 365 + 1947 - 1;
    let far = frame([("until", days([Some(last), None])), ("at", moments([Some(MOMENT), Some(0)]))]);
    assert_eq!(flag(&far, "at < until"), [Some(true), None]);
    assert_eq!(flag(&far, "until between at and at"), [Some(false), None]);
    assert_eq!(flag(&far, "at in (until)"), [Some(false), None]);
    assert_eq!(number(&far, "until - at"), [Some((i64::from(last) * 86_400 - MOMENT / SECOND) as f64), None]);
    assert_eq!(moment(&far, "cast('9999-12-31' as timestamp)"), [Some(i64::from(last) * DAY); 2]);
    assert_eq!(moment(&far, "until::timestamp"), [Some(i64::from(last) * DAY), None]);
}

//! What a piece of text spells in the form of programs: a number, true or false, a date, nothing at all.
//!
//! Only spellings that read back without loss count as numbers: `007` is a code, and so is a whole number
//! beyond 64 bits. What people write otherwise is brought into this form by a [`Notation`] first.

use arkwright_core::Notation;
use arrow::array::{ArrayRef, AsArray, StringArray};
use arrow::datatypes::{DataType, TimeUnit};
use std::sync::Arc;

/// What a text can be read as, as bits: more than one where it spells more than one.
pub(crate) const INTEGER: u8 = 1;
pub(crate) const FLOAT: u8 = 2;
pub(crate) const BOOLEAN: u8 = 4;
pub(crate) const DATE: u8 = 8;
pub(crate) const LOCAL: u8 = 16;
pub(crate) const ZONED: u8 = 32;
pub(crate) const TIMES: u8 = DATE | LOCAL | ZONED;

/// The type of points in time that readers give: microseconds, without a zone, in UTC where one was told.
pub(crate) const STAMP: DataType = DataType::Timestamp(TimeUnit::Microsecond, None);

pub(crate) fn spells(text: &str) -> u8 {
    let bytes = text.as_bytes();
    match bytes.first() {
        Some(b'0'..=b'9') => match number(bytes) {
            0 => moment(text).map_or(0, |m| m.spells),
            found => found,
        },
        Some(b'+' | b'-' | b'.' | b'i' | b'I') => number(bytes),
        Some(b't' | b'T' | b'f' | b'F') if boolean(text).is_some() => BOOLEAN,
        // June 12, 1998.
        Some(b'a'..=b'z' | b'A'..=b'Z') if bytes.last().is_some_and(u8::is_ascii_digit) => {
            moment(text).map_or(0, |m| m.spells)
        }
        _ => 0,
    }
}

fn number(bytes: &[u8]) -> u8 {
    let digits = |from: usize| bytes[from..].iter().take_while(|b| b.is_ascii_digit()).count();
    let start = usize::from(matches!(bytes[0], b'+' | b'-'));
    let whole = digits(start);
    let mut at = start + whole;
    if whole > 1 && bytes[start] == b'0' {
        return 0;
    }
    if at == bytes.len() {
        let fits = whole > 0 && (whole <= 18 || std::str::from_utf8(bytes).is_ok_and(|t| t.parse::<i64>().is_ok()));
        return if fits { INTEGER | FLOAT } else { 0 };
    }
    let mut fraction = 0;
    if bytes[at] == b'.' {
        fraction = digits(at + 1);
        at += 1 + fraction;
    }
    if whole + fraction == 0 {
        let infinite = |word: &str| bytes[start..].eq_ignore_ascii_case(word.as_bytes());
        return if infinite("inf") || infinite("infinity") { FLOAT } else { 0 };
    }
    if at < bytes.len() && matches!(bytes[at], b'e' | b'E') {
        at += 1;
        at += usize::from(at < bytes.len() && matches!(bytes[at], b'+' | b'-'));
        let exponent = digits(at);
        if exponent == 0 {
            return 0;
        }
        at += exponent;
    }
    if at == bytes.len() { FLOAT } else { 0 }
}

/// A text column in the form of programs, where its values are numbers or dates of a notation; what else it holds
/// stays, and so do columns of other types.
pub(crate) fn plain(column: &ArrayRef, notation: &Notation) -> ArrayRef {
    match column.as_string_opt::<i32>() {
        Some(texts) if !notation.is_plain() => {
            let plain = |text| match notation.number(text) {
                Some(number) if float(&number).is_some() => number,
                _ => notation.date(text),
            };
            Arc::new(texts.iter().map(|text| text.map(plain)).collect::<StringArray>())
        }
        _ => column.clone(),
    }
}

/// The number that a text spells.
pub fn float(text: &str) -> Option<f64> {
    if text.is_empty() || number(text.as_bytes()) & FLOAT == 0 { None } else { text.parse().ok() }
}

/// The whole number that a text spells.
pub fn integer(text: &str) -> Option<i64> {
    if text.is_empty() || number(text.as_bytes()) & INTEGER == 0 { None } else { text.parse().ok() }
}

/// `true` or `false`, in small letters, capitals, or with a capital.
pub fn boolean(text: &str) -> Option<bool> {
    match text {
        "true" | "True" | "TRUE" => Some(true),
        "false" | "False" | "FALSE" => Some(false),
        _ => None,
    }
}

/// The day, counted from 1970-01-01, that an ISO date (`2024-02-29`) spells.
pub fn date(text: &str) -> Option<i32> {
    moment(text).filter(|m| m.spells & DATE != 0).map(|m| m.day)
}

/// The microseconds since 1970-01-01 that an ISO date or timestamp spells (`2024-02-29T12:30:00.5+02:00`,
/// `2024-02-29 12:30`), in UTC where it tells a zone.
pub fn timestamp(text: &str) -> Option<i64> {
    moment(text).map(|m| i64::from(m.day) * 86_400_000_000 + m.micros)
}

struct Moment {
    day: i32,
    micros: i64,
    spells: u8,
}

fn moment(text: &str) -> Option<Moment> {
    // What any notation reads: 2024/2/29, Feb 29 2024.
    iso_moment(text).or_else(|| iso_moment(&Notation::default().date(text)))
}

fn iso_moment(text: &str) -> Option<Moment> {
    let bytes = text.as_bytes();
    let two = |at: usize| match bytes.get(at..at + 2) {
        Some([a @ b'0'..=b'9', b @ b'0'..=b'9']) => Some(i64::from(a - b'0') * 10 + i64::from(b - b'0')),
        _ => None,
    };
    let is = |at: usize, byte: u8| bytes.get(at) == Some(&byte);
    let (year, month, of_month) = (two(0)? * 100 + two(2)?, two(5)?, two(8)?);
    if !is(4, b'-') || !is(7, b'-') || !(1..=12).contains(&month) || of_month < 1 || of_month > month_days(year, month)
    {
        return None;
    }
    let day = i32::try_from(days(year, month, of_month)).ok()?;
    if bytes.len() == 10 {
        return Some(Moment { day, micros: 0, spells: TIMES });
    }
    let (hour, minute) = (two(11)?, two(14)?);
    if !(is(10, b'T') || is(10, b' ')) || !is(13, b':') || hour > 23 || minute > 59 {
        return None;
    }
    let mut micros = (hour * 60 + minute) * 60_000_000;
    let mut at = 16;
    if is(at, b':') {
        let second = two(at + 1).filter(|s| *s <= 59)?;
        micros += second * 1_000_000;
        at += 3;
        if is(at, b'.') {
            let digits = bytes[at + 1..].iter().take_while(|b| b.is_ascii_digit()).count();
            if !(1..=9).contains(&digits) {
                return None;
            }
            let six = |i: usize| if i < digits { i64::from(bytes[at + 1 + i] - b'0') } else { 0 };
            micros += (0..6).fold(0, |sum, i| sum * 10 + six(i));
            at += 1 + digits;
        }
    }
    let spells = match &bytes[at..] {
        [] => LOCAL,
        [b'Z' | b'z'] => ZONED,
        [sign @ (b'+' | b'-'), zone @ ..] => {
            let minutes_at = match zone {
                [_, _, b':', _, _] => at + 4,
                [_, _, _, _] => at + 3,
                _ => return None,
            };
            let offset = (two(at + 1)? * 60 + two(minutes_at)?) * 60_000_000;
            micros -= if *sign == b'+' { offset } else { -offset };
            ZONED
        }
        _ => return None,
    };
    Some(Moment { day, micros, spells })
}

fn month_days(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days from 1970-01-01 in the proleptic Gregorian calendar (Hinnant, "chrono-compatible low-level date algorithms").
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year - era * 400;
    let of_year = (153 * (if month > 2 { month - 3 } else { month + 9 }) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timestamps_are_microseconds_in_utc() {
        // Values from Python: int(datetime.fromisoformat(...).timestamp() * 1e6), local ones as UTC.
        assert_eq!(timestamp("2024-02-29T12:30:00.5+02:00"), Some(1_709_202_600_500_000));
        assert_eq!(timestamp("1969-12-31 23:59:59"), Some(-1_000_000));
        assert_eq!(timestamp("2024-02-29T12:30:00-0530"), Some(1_709_229_600_000_000));
        assert_eq!(date("2000-03-01"), Some(11_017));
        for wrong in
            ["2024-13-01", "2024-1-1", "2024-01-01T24:00", "2024-01-01T10:00:00.", "2024-01-01T10:00+1", "2024-01-01é"]
        {
            assert_eq!(timestamp(wrong), None, "{wrong}");
        }
    }
}

//! What a piece of text spells: a number, true or false, a date, nothing at all.
//!
//! Readers of text look at every value of a column before they settle its type: a [`Guess`] starts as
//! everything and loses what a value cannot be, so that no type is ever taken from a sample and proved
//! wrong by a later row. Only spellings that read back without loss count as numbers: `007` is a code,
//! and so is a whole number beyond 64 bits.

use arrow::datatypes::{DataType, TimeUnit};

/// What all values of a column seen so far could be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Guess {
    could: u8,
    seen: bool,
}

const INTEGER: u8 = 1;
const FLOAT: u8 = 2;
const BOOLEAN: u8 = 4;
const DATE: u8 = 8;
const LOCAL: u8 = 16;
const ZONED: u8 = 32;
const TIMES: u8 = DATE | LOCAL | ZONED;

impl Guess {
    /// Nothing seen yet.
    pub(crate) const OPEN: Self = Self { could: 63, seen: false };

    /// Sees a value that is not missing.
    #[inline]
    pub(crate) fn see(&mut self, text: &str) {
        if self.could != 0 || !self.seen {
            self.narrow(spells(text));
        }
    }

    /// Sees a value that is text whatever it spells, but for dates: a string of JSON.
    pub(crate) fn see_string(&mut self, text: &str) {
        self.narrow(spells(text) & TIMES);
    }

    /// Sees a value that fits no type but text.
    pub(crate) fn see_other(&mut self) {
        self.narrow(0);
    }

    fn narrow(&mut self, could: u8) {
        self.could &= could;
        self.seen = true;
    }

    /// The narrowest type that holds every value seen.
    pub(crate) fn data_type(self) -> DataType {
        match self.could {
            _ if !self.seen => DataType::Null,
            c if c & INTEGER != 0 => DataType::Int64,
            c if c & FLOAT != 0 => DataType::Float64,
            c if c & BOOLEAN != 0 => DataType::Boolean,
            c if c & DATE != 0 => DataType::Date32,
            c if c & TIMES != 0 => STAMP,
            _ => DataType::Utf8,
        }
    }

    /// The type that a column is known to be of, where every value seen fits it; else the narrowest.
    pub(crate) fn known(self, wanted: &DataType) -> DataType {
        let fits = |bits: u8| !self.seen || self.could & bits != 0;
        match wanted {
            DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View | DataType::Dictionary(..) => DataType::Utf8,
            t if t.is_integer() && fits(INTEGER) => DataType::Int64,
            t if t.is_numeric() && fits(FLOAT) => DataType::Float64,
            DataType::Boolean if fits(BOOLEAN) => DataType::Boolean,
            DataType::Date32 if fits(DATE) => DataType::Date32,
            DataType::Timestamp(..) if fits(TIMES) => STAMP,
            _ => self.data_type(),
        }
    }
}

/// The type of points in time that readers give: microseconds, without a zone, in UTC where one was told.
pub(crate) const STAMP: DataType = DataType::Timestamp(TimeUnit::Microsecond, None);

fn spells(text: &str) -> u8 {
    let bytes = text.as_bytes();
    match bytes.first() {
        Some(b'0'..=b'9') => match number(bytes) {
            0 => moment(text).map_or(0, |m| m.spells),
            found => found,
        },
        Some(b'+' | b'-' | b'.' | b'i' | b'I') => number(bytes),
        Some(b't' | b'T' | b'f' | b'F') if boolean(text).is_some() => BOOLEAN,
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

    fn guess(values: &[&str]) -> DataType {
        let mut guess = Guess::OPEN;
        values.iter().for_each(|v| guess.see(v));
        guess.data_type()
    }

    #[test]
    fn a_column_is_of_the_narrowest_type_that_holds_all_its_values() {
        assert_eq!(guess(&["1", "-20", "0"]), DataType::Int64);
        assert_eq!(guess(&["1", "2.5"]), DataType::Float64);
        assert_eq!(guess(&["1", "1e5", ".5", "-inf"]), DataType::Float64);
        assert_eq!(guess(&["True", "false"]), DataType::Boolean);
        assert_eq!(guess(&["true", "1"]), DataType::Utf8);
        assert_eq!(guess(&["2024-02-29"]), DataType::Date32);
        assert_eq!(guess(&["2024-02-29", "2024-01-01 10:00"]), STAMP);
        assert_eq!(guess(&["2024-01-01 10:00", "2024-01-01T10:00Z"]), DataType::Utf8);
        assert_eq!(guess(&["2023-02-29"]), DataType::Utf8);
        assert_eq!(guess(&[]), DataType::Null);
    }

    #[test]
    fn spellings_that_a_number_would_lose_stay_text() {
        for code in ["007", "00", "99999999999999999999", "1.2.3", "1e", "-", "+", ".", "1_000", "1,5", "12abc", "e5"] {
            assert_eq!(guess(&[code]), DataType::Utf8, "{code}");
        }
        assert_eq!(guess(&["9223372036854775807"]), DataType::Int64);
        assert_eq!(guess(&["9223372036854775808"]), DataType::Utf8);
    }

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

    #[test]
    fn a_known_type_holds_where_the_values_fit_it() {
        let mut guess = Guess::OPEN;
        guess.see("1");
        assert_eq!(guess.known(&DataType::Utf8), DataType::Utf8);
        assert_eq!(guess.known(&DataType::Float32), DataType::Float64);
        guess.see("x");
        assert_eq!(guess.known(&DataType::Float64), DataType::Utf8);
        assert_eq!(Guess::OPEN.known(&DataType::Boolean), DataType::Boolean);
    }
}

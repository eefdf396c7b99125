//! How people write numbers and dates where a program writes `1234.56` and `2024-12-31`: for files and requests
//! alike.
//!
//! A notation only brings a text into the form of programs. What reads that form reads the rest, so that nobody
//! else knows of commas. A mark of thousands counts where it parts groups of three and nothing else, so that
//! `1.5` is no fifteen.

use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// How numbers and dates are written.
///
/// ```
/// # use arkwright_core::{DateOrder, Notation};
/// let german = Notation { decimal: ',', thousands: Some('.'), dates: Some(DateOrder::DayFirst) };
/// assert_eq!(german.number("-1.234,5").as_deref(), Some("-1234.5"));
/// assert_eq!(german.number("1.5"), None);
/// assert_eq!(german.date("3.10.1990"), "1990-10-03");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Notation {
    /// What stands before the fraction: `.` or `,`.
    pub decimal: char,
    /// What parts groups of three digits. A blank stands for every kind of blank, `'` for both apostrophes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub thousands: Option<char>,
    /// What `1/2/2024` is; without, it is no date.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dates: Option<DateOrder>,
}

/// What comes first in a date whose year is last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DateOrder {
    /// `31/12/2024`, `31.12.2024`, `31-12-2024`.
    DayFirst,
    /// `12/31/2024`, `12-31-2024`; between points the day is first everywhere.
    MonthFirst,
}

impl Default for Notation {
    /// The form of programs.
    fn default() -> Self {
        Self { decimal: '.', thousands: None, dates: None }
    }
}

impl Notation {
    /// Whether it is the form of programs.
    pub fn is_plain(&self) -> bool {
        *self == Self::default()
    }

    /// A number in the form of programs; `None` where the marks in it are not of this notation. What else is
    /// in the text is looked at by whoever reads it as a number.
    pub fn number<'a>(&self, text: &'a str) -> Option<Cow<'a, str>> {
        let marked = |c: char| c == self.decimal || self.thousands.is_some_and(|mark| is_mark(mark, c));
        if self.decimal == '.' && self.thousands.is_none() || !text.contains(|c| marked(c) || c == '.') {
            return Some(Cow::Borrowed(text));
        }
        let (whole, fraction) = match text.split_once(self.decimal) {
            Some((whole, fraction)) => (whole, Some(fraction)),
            None => (text, None),
        };
        let digits = whole.trim_start_matches(['+', '-']);
        let mut plain = String::with_capacity(text.len());
        plain.push_str(&whole[..whole.len() - digits.len()]);
        match self.thousands {
            Some(mark) if digits.contains(|c| is_mark(mark, c)) => {
                for (i, group) in digits.split(|c| is_mark(mark, c)).enumerate() {
                    let fits = match i {
                        0 => (1..=3).contains(&group.len()) && !group.starts_with('0'),
                        _ => group.len() == 3,
                    };
                    if !fits || !group.bytes().all(|b| b.is_ascii_digit()) {
                        return None;
                    }
                    plain.push_str(group);
                }
            }
            _ => plain.push_str(digits),
        }
        if plain.contains('.') || fraction.is_some_and(|f| f.contains(['.', ','])) {
            return None;
        }
        if let Some(fraction) = fraction {
            plain.push('.');
            plain.push_str(fraction);
        }
        Some(Cow::Owned(plain))
    }

    /// A date in the form of programs, with the time that stands behind it, which has its seconds then. `2024/12/31`
    /// and `Dec 31, 2024` are read in every notation. What is no date of this notation stays as it is.
    pub fn date<'a>(&self, text: &'a str) -> Cow<'a, str> {
        match self.iso(text) {
            Some(iso) => Cow::Owned(seconds(&iso).unwrap_or(iso)),
            None => seconds(text).map_or(Cow::Borrowed(text), Cow::Owned),
        }
    }

    fn iso(&self, text: &str) -> Option<String> {
        let (year, month, day, time) = self.numbered(text).or_else(|| named(text))?;
        let time = match time.as_bytes() {
            [] => String::new(),
            // What spreadsheets write of the morning: 9:05.
            [b' ' | b'T', b'0'..=b'9', b':', ..] => format!("T0{}", &time[1..]),
            [b' ' | b'T', ..] => format!("T{}", &time[1..]),
            _ => return None,
        };
        Some(format!("{year}-{month:0>2}-{day:0>2}{time}"))
    }

    /// Year, month and day of a date whose month is a number, and what stands behind it.
    fn numbered<'a>(&self, text: &'a str) -> Option<(&'a str, Cow<'a, str>, &'a str, &'a str)> {
        let (first, mark, rest) = up_to_mark(text)?;
        let (second, other, rest) = up_to_mark(rest)?;
        let (third, time) = digits(rest);
        let (year, month, day) = match (self.dates, first.len(), third.len()) {
            _ if mark != other || second.len() > 2 => return None,
            (_, 4, 1..=2) if mark == '/' => (first, second, third),
            (Some(DateOrder::DayFirst), 1..=2, 4) => (third, second, first),
            (Some(DateOrder::MonthFirst), 1..=2, 4) if mark != '.' => (third, first, second),
            _ => return None,
        };
        Some((year, month.into(), day, time))
    }
}

/// The English months, by which a date is known whatever comes first in it.
const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// Year, month and day of a date whose month is a name, `Jun 12 1998` or `12 June, 1998`, and what stands behind it.
fn named(text: &str) -> Option<(&str, Cow<'_, str>, &str, &str)> {
    let (day, name, rest) = match digits(text) {
        ("", _) => {
            let (name, rest) = letters(text);
            let (day, rest) = digits(after_gap(rest)?);
            (day, name, rest)
        }
        (day, rest) => {
            let (name, rest) = letters(after_gap(rest)?);
            (day, name, rest)
        }
    };
    let (year, time) = digits(after_gap(rest)?);
    let is = |month: &&str| {
        let short = matches!(name.len(), 3 | 4) && (name.len() == 3 || month.starts_with("sept"));
        let whole = name.len() == month.len();
        (short || whole) && month.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name))
    };
    let month = MONTHS.iter().position(is)? + 1;
    (matches!(day.len(), 1 | 2) && year.len() == 4).then(|| (year, month.to_string().into(), day, time))
}

/// What stands behind the blank, comma, point or dash between two parts of a date.
fn after_gap(text: &str) -> Option<&str> {
    [", ", ". ", " ", "-"].iter().find_map(|gap| text.strip_prefix(gap))
}

/// The digits that a text begins with, and the rest.
fn digits(text: &str) -> (&str, &str) {
    text.split_at(text.bytes().take_while(u8::is_ascii_digit).count())
}

/// The letters that a text begins with, and the rest.
fn letters(text: &str) -> (&str, &str) {
    text.split_at(text.bytes().take_while(u8::is_ascii_alphabetic).count())
}

/// A date with hour and minute, with seconds put in; `None` where there are some, or it is something else.
fn seconds(text: &str) -> Option<String> {
    const FORM: &[u8] = b"0000-00-00T00:00";
    let fits = |(form, byte): (&u8, &u8)| match form {
        b'0' => byte.is_ascii_digit(),
        b'T' => matches!(byte, b'T' | b' '),
        form => form == byte,
    };
    let bytes = text.as_bytes();
    let has_minutes = bytes.len() >= FORM.len() && FORM.iter().zip(bytes).all(fits);
    let ends = matches!(bytes.get(FORM.len()), None | Some(b'Z' | b'z' | b'+' | b'-' | b' '));
    (has_minutes && ends).then(|| format!("{}:00{}", &text[..FORM.len()], &text[FORM.len()..]))
}

/// The digits before the next mark of a date, the mark, and what stands behind it.
fn up_to_mark(text: &str) -> Option<(&str, char, &str)> {
    let (digits, rest) = digits(text);
    let mark = char::from(*rest.as_bytes().first()?);
    (!digits.is_empty() && matches!(mark, '/' | '.' | '-')).then(|| (digits, mark, &rest[1..]))
}

fn is_mark(mark: char, c: char) -> bool {
    match mark {
        ' ' => matches!(c, ' ' | '\u{a0}' | '\u{2009}' | '\u{202f}'),
        '\'' => matches!(c, '\'' | '\u{2019}'),
        _ => c == mark,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_count_where_the_notation_puts_them() {
        let of = |decimal, thousands| Notation { decimal, thousands, dates: None };
        let german = of(',', Some('.'));
        for (text, plain) in [("1.234.567,89", "1234567.89"), ("+12,5", "+12.5"), ("1.234", "1234"), ("7", "7")] {
            assert_eq!(german.number(text).as_deref(), Some(plain), "{text}");
        }
        for text in ["1.23", "12.34,5", "0.123", "1,2,3", "1,5.000", "1234.567", ".123", "1.234.", "--.5"] {
            assert_eq!(german.number(text), None, "{text}");
        }
        assert_eq!(of('.', Some(',')).number("1,234.5").as_deref(), Some("1234.5"));
        assert_eq!(of('.', Some(',')).number("1,5"), None);
        assert_eq!(of(',', Some(' ')).number("1\u{202f}234,5").as_deref(), Some("1234.5"));
        assert_eq!(of(',', Some(' ')).number("1.5"), None);
        assert_eq!(of('.', Some('\'')).number("1’234.50").as_deref(), Some("1234.50"));
        assert_eq!(of(',', None).number("1.234"), None);
        assert_eq!(Notation::default().number("1,5").as_deref(), Some("1,5"));
    }

    #[test]
    fn a_date_is_turned_round_as_its_order_says() {
        let of = |dates| Notation { dates, ..Notation::default() };
        let (day, month) = (of(Some(DateOrder::DayFirst)), of(Some(DateOrder::MonthFirst)));
        assert_eq!(day.date("1/2/2024"), "2024-02-01");
        assert_eq!(month.date("1/2/2024"), "2024-01-02");
        assert_eq!(day.date("31.12.2024 9:05"), "2024-12-31T09:05:00");
        assert_eq!(day.date("31-12-2024T23:59:59Z"), "2024-12-31T23:59:59Z");
        assert_eq!(of(None).date("2024/2/29"), "2024-02-29");
        for text in ["1/2/24", "1/2-2024", "31/12", "2024-02-29", "1/2/2024é", "", "//", "1/123/2024"] {
            assert_eq!(day.date(text), text);
        }
        assert_eq!(month.date("1.2.2024"), "1.2.2024");
        for (text, iso) in
            [("2001/01/01 00:47", "2001-01-01T00:47:00"), ("2001-01-01T00:47+02:00", "2001-01-01T00:47:00+02:00")]
        {
            assert_eq!(of(None).date(text), iso);
        }
        assert_eq!(of(None).date("1/2/2024"), "1/2/2024");
    }

    #[test]
    fn a_month_with_a_name_is_known_wherever_it_stands() {
        let plain = Notation::default();
        for text in ["Jun 12 1998", "June 12, 1998", "12 jun 1998", "12-JUN-1998", "12. June 1998"] {
            assert_eq!(plain.date(text), "1998-06-12", "{text}");
        }
        assert_eq!(plain.date("Sept 3 2001 9:05"), "2001-09-03T09:05:00");
        assert_eq!(plain.date("May 31 1998"), "1998-05-31");
        for text in ["Jun 12 98", "Juno 12 1998", "June 1998", "12 1998", "Ju 12 1998", "Jun  1998", "J", "12 Jun"] {
            assert_eq!(plain.date(text), text);
        }
    }
}

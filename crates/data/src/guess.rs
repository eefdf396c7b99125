//! What the columns of a table of text are: their types, and the notation of their numbers and dates.
//!
//! Readers of text look at every value of a column before they settle its type: a [`Guess`] starts as everything
//! and loses what a value cannot be, so that no type is ever taken from a sample and proved wrong by a later row.
//! It does so for each notation that the table may be in: the form of programs, a decimal comma, marks of
//! thousands, days first, months first.
//!
//! A column whose values fit one notation only has decided: `12,5` has a decimal comma, `31/12/2024` its day
//! first. The other columns go with those that have, if these agree: `1.234` beside `12,5` is a thousand and
//! more. Where none has decided, what may be one thing or another (`1,234`, `1/2/2024`) stays text, and
//! [`crate::typing`] says which setting decides.

use crate::literal::{BOOLEAN, DATE, FLOAT, INTEGER, STAMP, TIMES, spells};
use arkwright_core::{DateOrder, Notation};
use arrow::datatypes::{DataType, Field};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What is said of a table's notation; what is not said is found out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotationSettings {
    /// What stands before a fraction: `.` or `,`.
    pub decimal: Option<char>,
    /// What parts groups of three digits; with a decimal comma a point, where nothing else is said.
    pub thousands: Option<char>,
    /// What comes first in a date whose year is last.
    pub dates: Option<DateOrder>,
}

impl NotationSettings {
    /// The notation that was said, where it was.
    pub fn said(&self) -> Notation {
        let decimal = self.decimal.unwrap_or(if self.thousands == Some('.') { ',' } else { '.' });
        let thousands = self.thousands.or((decimal == ',').then_some('.'));
        Notation { decimal, thousands, dates: self.dates }
    }

    /// The notations that a text may be in, beside the form of programs.
    pub(crate) fn notations(&self) -> Notations {
        let number = |(decimal, thousands)| Notation { decimal, thousands: Some(thousands), dates: None };
        let order = |dates| Notation { dates: Some(dates), ..Notation::default() };
        let said = Notation { dates: None, ..self.said() };
        Notations {
            numbers: match self.decimal.is_some() || self.thousands.is_some() {
                true => [said].into_iter().filter(|n| !n.is_plain()).collect(),
                false => [(',', '.'), (',', ' '), ('.', ','), ('.', '\'')].map(number).to_vec(),
            },
            dates: match self.dates {
                Some(dates) => vec![order(dates)],
                None => [DateOrder::DayFirst, DateOrder::MonthFirst].map(order).to_vec(),
            },
            said: *self,
        }
    }
}

/// The notations that a table may be in, beside the form of programs.
#[derive(Clone, Debug)]
pub(crate) struct Notations {
    numbers: Vec<Notation>,
    dates: Vec<Notation>,
    said: NotationSettings,
}

/// What all values of a column seen so far could be: what [`spells`] says, for each notation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Guess {
    could: u32,
    seen: bool,
}

const PLAIN: u32 = 63;
const NUMBER: u8 = INTEGER | FLOAT;

/// Where the bits of a number in notation `i` stand.
fn number_at(i: usize) -> usize {
    6 + 2 * i
}

/// Where the bits of a time in notation `i` stand.
fn time_at(i: usize) -> usize {
    14 + 3 * i
}

impl Guess {
    /// Nothing seen yet.
    pub(crate) const OPEN: Self = Self { could: u32::MAX, seen: false };

    /// Sees a value that is not missing.
    #[inline]
    pub(crate) fn see(&mut self, text: &str, notations: &Notations) {
        if self.could == 0 {
            return;
        }
        let plain = spells(text);
        let mut could = u32::from(plain);
        if self.could & !PLAIN != 0 {
            could |= self.numbers(text, plain, notations) | self.times(text, plain, notations);
        }
        self.narrow(could);
    }

    /// Sees a value that the form of programs holds for: a number of JSON.
    pub(crate) fn see_plain(&mut self, text: &str) {
        self.narrow(spells(text).into());
    }

    /// Sees a value that is text whatever it spells, but for dates: a string of JSON.
    pub(crate) fn see_string(&mut self, text: &str, notations: &Notations) {
        if self.could != 0 {
            let plain = spells(text) & TIMES;
            self.narrow(u32::from(plain) | self.times(text, plain, notations));
        }
    }

    /// Sees a value that fits no type but text.
    pub(crate) fn see_other(&mut self) {
        self.narrow(0);
    }

    /// Whether the values are text whatever comes.
    pub(crate) fn is_text(self) -> bool {
        self.could == 0
    }

    fn narrow(&mut self, could: u32) {
        self.could &= could;
        self.seen = true;
    }

    /// The notations in which a text is a number, of those still in question.
    fn numbers(self, text: &str, plain: u8, notations: &Notations) -> u32 {
        // Without a mark a number is the same in all notations.
        if plain & INTEGER != 0 {
            return 0xFF << number_at(0);
        }
        let mut could = 0;
        for (i, notation) in notations.numbers.iter().enumerate() {
            let at = number_at(i);
            let open = self.could >> at & u32::from(NUMBER) != 0;
            let same = plain & FLOAT != 0 && notation.decimal == '.';
            let bits = match same || !open {
                true => plain & NUMBER,
                false => notation.number(text).map_or(0, |t| spells(&t) & NUMBER),
            };
            could |= u32::from(bits) << at;
        }
        could
    }

    /// The orders in which a text is a date, of those still in question.
    fn times(self, text: &str, plain: u8, notations: &Notations) -> u32 {
        let mut could = 0;
        for (i, notation) in notations.dates.iter().enumerate() {
            let at = time_at(i);
            let bits = match plain & TIMES {
                0 if self.could >> at & 7 == 0 || !text.starts_with(|c: char| c.is_ascii_digit()) => 0,
                0 => spells(&notation.date(text)) & TIMES,
                plain => plain,
            };
            could |= u32::from(bits / DATE) << at;
        }
        could
    }

    fn has(self, bits: u8) -> bool {
        self.could & u32::from(bits) != 0
    }

    /// Whether the values are numbers in notation `i`, and times in notation `i`.
    fn number_in(self, i: usize) -> bool {
        self.seen && self.could >> number_at(i) & u32::from(FLOAT) != 0
    }

    fn time_in(self, i: usize) -> bool {
        self.seen && self.could >> time_at(i) & 7 != 0
    }

    /// The guess in notations of numbers and of times; `None` is the form of programs.
    fn under(self, number: Option<usize>, time: Option<usize>) -> Self {
        let take = |at: usize, bits: u8| self.could >> at & u32::from(bits);
        let number = number.map_or(take(0, NUMBER), |i| take(number_at(i), NUMBER));
        let time = time.map_or(take(0, TIMES), |i| take(time_at(i), 7) * u32::from(DATE));
        Self { could: number | time | take(0, BOOLEAN), seen: self.seen }
    }

    /// The narrowest type that holds every value seen.
    fn data_type(self) -> DataType {
        match self.could {
            _ if !self.seen => DataType::Null,
            _ if self.has(INTEGER) => DataType::Int64,
            _ if self.has(FLOAT) => DataType::Float64,
            _ if self.has(BOOLEAN) => DataType::Boolean,
            _ if self.has(DATE) => DataType::Date32,
            _ if self.has(TIMES) => STAMP,
            _ => DataType::Utf8,
        }
    }

    /// The type that a column is known to be of, where every value seen fits it; else the narrowest.
    fn known(self, wanted: &DataType) -> DataType {
        let fits = |bits: u8| !self.seen || self.has(bits);
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

/// What a column is.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Settled {
    pub(crate) data_type: DataType,
    pub(crate) notation: Notation,
    /// The dates may have their day first or their month.
    pub(crate) either_order: bool,
}

impl Notations {
    /// What the columns of a table are, when every value was seen. `known` are the types that some are known
    /// to be of.
    pub(crate) fn settle(&self, columns: &[(Guess, Option<&DataType>)]) -> Vec<Settled> {
        let guesses: Vec<Guess> = columns.iter().map(|(guess, _)| *guess).collect();
        let (number, time) = (self.number(&guesses), self.time(&guesses));
        columns.iter().map(|(guess, known)| self.column(*guess, *known, number, time)).collect()
    }

    /// The notation of numbers that was said, or that the columns which have decided agree upon.
    fn number(&self, guesses: &[Guess]) -> Option<usize> {
        if self.numbers_said() {
            return (!self.numbers.is_empty()).then_some(0);
        }
        let decided: Vec<(Guess, char)> = guesses.iter().filter_map(|g| Some((*g, self.decimal_of(*g)?))).collect();
        let (_, decimal) = *decided.first()?;
        let agree = decided.iter().all(|(_, other)| *other == decimal);
        (0..self.numbers.len()).find(|&i| agree && decided.iter().all(|(g, _)| g.number_in(i)))
    }

    /// The decimal sign of a column, where its values fit one only.
    fn decimal_of(&self, guess: Guess) -> Option<char> {
        let mut fitting = (0..self.numbers.len()).filter(|&i| guess.number_in(i)).map(|i| self.numbers[i].decimal);
        let first = fitting.next()?;
        fitting.all(|other| other == first).then_some(first)
    }

    fn numbers_said(&self) -> bool {
        self.said.decimal.is_some() || self.said.thousands.is_some()
    }

    /// The order of dates that was said, or that the columns which have decided agree upon.
    fn time(&self, guesses: &[Guess]) -> Option<usize> {
        if self.said.dates.is_some() {
            return Some(0);
        }
        let mut decided = guesses.iter().filter_map(|g| self.order_of(*g));
        let first = decided.next()?;
        decided.all(|other| other == first).then_some(first)
    }

    /// The order of a column's dates, where its values fit one only.
    fn order_of(&self, guess: Guess) -> Option<usize> {
        let mut fitting = (0..self.dates.len()).filter(|&i| guess.time_in(i));
        fitting.next().filter(|_| fitting.next().is_none())
    }

    /// What a column is, beside what the table agrees upon.
    fn column(&self, guess: Guess, known: Option<&DataType>, number: Option<usize>, time: Option<usize>) -> Settled {
        let own = || self.decimal_of(guess).and_then(|_| (0..self.numbers.len()).find(|&i| guess.number_in(i)));
        let agreed = number.filter(|&i| guess.number_in(i));
        // A decimal comma in the table, or a word of the user, changes what `1.234` is.
        let strong = |i: &usize| self.numbers_said() || self.numbers[*i].decimal == ',';
        let number = match guess.has(FLOAT) {
            true => agreed.filter(strong),
            false => agreed.or_else(own),
        };
        let order = time.filter(|&i| guess.time_in(i)).or_else(|| self.order_of(guess));
        let either_order = order.is_none() && !guess.has(TIMES) && guess.time_in(0);
        let read = guess.under(number, order.filter(|_| !guess.has(TIMES)));
        let data_type = known.map_or_else(|| read.data_type(), |wanted| read.known(wanted));
        let notation = match &data_type {
            t if t.is_numeric() => number.map(|i| self.numbers[i]),
            t if t.is_temporal() => order.map(|i| self.dates[i]),
            _ => None,
        };
        Settled { data_type, notation: notation.unwrap_or_default(), either_order }
    }
}

/// A field of a table as it was read: its notation beside it.
pub(crate) fn field(name: &str, settled: &Settled) -> Field {
    let field = Field::new(name, settled.data_type.clone(), true);
    match serde_json::to_string(&settled.notation) {
        Ok(text) if !settled.notation.is_plain() => field.with_metadata([(NOTATION.to_string(), text)].into()),
        _ => field,
    }
}

/// The notations of a table's columns, where they are not the form of programs.
pub(crate) fn notations_of<'a>(fields: impl IntoIterator<Item = &'a Field>) -> BTreeMap<String, Notation> {
    let read = |field: &Field| serde_json::from_str(field.metadata().get(NOTATION)?).ok();
    fields.into_iter().filter_map(|field| Some((field.name().clone(), read(field)?))).collect()
}

/// Where a field says its notation.
const NOTATION: &str = "arkwright.notation";

#[cfg(test)]
mod tests {
    use super::*;

    /// The columns of a table.
    fn settled(settings: NotationSettings, columns: &[&[&str]]) -> Vec<Settled> {
        let notations = settings.notations();
        let see = |values: &&[&str]| {
            let mut guess = Guess::OPEN;
            values.iter().for_each(|v| guess.see(v, &notations));
            (guess, None)
        };
        notations.settle(&columns.iter().map(see).collect::<Vec<_>>())
    }

    fn types(columns: &[&[&str]]) -> Vec<DataType> {
        settled(NotationSettings::default(), columns).into_iter().map(|s| s.data_type).collect()
    }

    fn guess(values: &[&str]) -> DataType {
        types(&[values]).remove(0)
    }

    #[test]
    fn a_column_is_of_the_narrowest_type_that_holds_all_its_values() {
        assert_eq!(guess(&["1", "-20", "0"]), DataType::Int64);
        assert_eq!(guess(&["1", "2.5"]), DataType::Float64);
        assert_eq!(guess(&["1", "1e5", ".5", "-inf"]), DataType::Float64);
        assert_eq!(guess(&["True", "false"]), DataType::Boolean);
        assert_eq!(guess(&["true", "1"]), DataType::Utf8);
        assert_eq!(guess(&["2024-02-29"]), DataType::Date32);
        assert_eq!(guess(&["2024/2/29", "2024-02-29"]), DataType::Date32);
        assert_eq!(guess(&["2024-02-29", "2024-01-01 10:00"]), STAMP);
        assert_eq!(guess(&["2024-01-01 10:00", "2024-01-01T10:00Z"]), DataType::Utf8);
        assert_eq!(guess(&["2023-02-29"]), DataType::Utf8);
        assert_eq!(guess(&[]), DataType::Null);
    }

    #[test]
    fn spellings_that_a_number_would_lose_stay_text() {
        for code in ["007", "00", "99999999999999999999", "1.2.3", "1e", "-", "+", ".", "1_000", "12abc", "e5"] {
            assert_eq!(guess(&[code]), DataType::Utf8, "{code}");
        }
        assert_eq!(guess(&["9223372036854775807"]), DataType::Int64);
        assert_eq!(guess(&["9223372036854775808"]), DataType::Utf8);
    }

    #[test]
    fn a_known_type_holds_where_the_values_fit_it() {
        let notations = NotationSettings::default().notations();
        let known = |values: &[&str], wanted: DataType| {
            let mut guess = Guess::OPEN;
            values.iter().for_each(|v| guess.see(v, &notations));
            notations.settle(&[(guess, Some(&wanted))]).remove(0).data_type
        };
        assert_eq!(known(&["1"], DataType::Utf8), DataType::Utf8);
        assert_eq!(known(&["1"], DataType::Float32), DataType::Float64);
        assert_eq!(known(&["1", "x"], DataType::Float64), DataType::Utf8);
        assert_eq!(known(&[], DataType::Boolean), DataType::Boolean);
        assert_eq!(known(&["12,5"], DataType::Utf8), DataType::Utf8);
    }

    #[test]
    fn one_column_with_a_decimal_comma_decides_for_the_table() {
        let columns: [&[&str]; 3] = [&["12,5", "1.234,56"], &["1.234", "7"], &["a,b", "1,5"]];
        let all = settled(NotationSettings::default(), &columns);
        assert_eq!(all[0].notation, Notation { decimal: ',', thousands: Some('.'), dates: None });
        assert_eq!((&all[1].data_type, all[1].notation), (&DataType::Int64, all[0].notation));
        assert_eq!((&all[2].data_type, all[2].notation), (&DataType::Utf8, Notation::default()));
        // Alone it is what programs write.
        assert_eq!(types(&columns[1..2]), [DataType::Float64]);
    }

    #[test]
    fn columns_that_disagree_are_read_each_as_it_is() {
        let all = settled(NotationSettings::default(), &[&["12,5"], &["51.25"], &["1.234"], &["1,234"]]);
        let types: Vec<_> = all.iter().map(|s| s.data_type.clone()).collect();
        assert_eq!(types, [DataType::Float64, DataType::Float64, DataType::Float64, DataType::Utf8]);
        assert_eq!(all.iter().map(|s| s.notation.decimal).collect::<Vec<_>>(), [',', '.', '.', '.']);
    }

    #[test]
    fn what_could_be_either_stays_text_until_something_decides() {
        assert_eq!(guess(&["1,234"]), DataType::Utf8);
        assert_eq!(types(&[&["1,234"], &["0.5"]]), [DataType::Int64, DataType::Float64]);
        assert_eq!(types(&[&["1,234"], &["0,5"]]), [DataType::Float64, DataType::Float64]);
        assert_eq!(types(&[&["1,234.5"], &["1'234"]]), [DataType::Float64, DataType::Int64]);
        assert_eq!(types(&[&["1 234,5", "7"]]), [DataType::Float64]);
        let comma = NotationSettings { decimal: Some(','), ..NotationSettings::default() };
        assert_eq!(settled(comma, &[&["1,234"], &["1.234"]])[0].data_type, DataType::Float64);
        assert_eq!(settled(comma, &[&["1,234"], &["1.234"]])[1].data_type, DataType::Int64);
        assert_eq!(settled(comma, &[&["51.25"]])[0].data_type, DataType::Float64);
        let point = NotationSettings { decimal: Some('.'), ..NotationSettings::default() };
        assert_eq!(settled(point, &[&["12,5"]])[0].data_type, DataType::Utf8);
    }

    #[test]
    fn a_day_above_twelve_decides_the_order_of_dates() {
        let order = |columns: &[&[&str]]| {
            let all = settled(NotationSettings::default(), columns);
            (all[0].data_type.clone(), all[0].notation.dates, all[0].either_order)
        };
        let (day, month) = (Some(DateOrder::DayFirst), Some(DateOrder::MonthFirst));
        assert_eq!(order(&[&["1/2/2024", "31/12/2024"]]), (DataType::Date32, day, false));
        assert_eq!(order(&[&["1/2/2024", "12/31/2024 9:05"]]), (STAMP, month, false));
        assert_eq!(order(&[&["1.2.2024"]]), (DataType::Date32, day, false));
        assert_eq!(order(&[&["1/2/2024"]]), (DataType::Utf8, None, true));
        assert_eq!(order(&[&["1/2/2024"], &["12/31/2024"]]), (DataType::Date32, month, false));
        assert_eq!(order(&[&["1/2/2024"], &["12/31/2024"], &["31/12/2024"]]), (DataType::Utf8, None, true));
        assert_eq!(order(&[&["13/13/2024"]]), (DataType::Utf8, None, false));
        let said = NotationSettings { dates: month, ..NotationSettings::default() };
        assert_eq!(settled(said, &[&["1/2/2024"]])[0].notation.dates, month);
        assert_eq!(settled(said, &[&["31/12/2024"]])[0].data_type, DataType::Utf8);
    }
}

//! How values are spelt as text, so that a category means the same from CSV, Parquet, JSON and Python.
//!
//! A category is compared by its spelling. What training read as whole numbers comes back as `1`, `1.0`
//! (a column with gaps, read by pandas), `"1"` or `"01"`; all of them are `1` here.

use arrow::array::Float64Array;
use arrow::array::{ArrayRef, Float32Array};
use arrow::datatypes::DataType;
use arrow::util::display::array_value_to_string;
use std::borrow::Cow;
use std::sync::Arc;

/// How training spelt a category.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Spelling {
    /// As it stands; a whole number without a fraction.
    Plain,
    /// Whole numbers.
    Whole,
    /// Numbers with a fraction, of 64 bits.
    Double,
    /// Numbers with a fraction, of 32 bits.
    Single,
    /// `true` and `false`.
    Bool,
}

impl Spelling {
    pub(crate) fn of(data_type: &DataType) -> Self {
        match data_type {
            t if t.is_integer() => Self::Whole,
            DataType::Float64 => Self::Double,
            DataType::Float32 | DataType::Float16 => Self::Single,
            DataType::Boolean => Self::Bool,
            DataType::Dictionary(_, value) => Self::of(value),
            _ => Self::Plain,
        }
    }

    /// Text as training would have spelt it; what training could not have read stays as it is.
    /// Blanks around it are no part of it.
    pub(crate) fn text<'a>(self, text: &'a str) -> Cow<'a, str> {
        let text = text.trim();
        match self {
            Self::Plain => Cow::Borrowed(text),
            Self::Bool => match text {
                t if t.eq_ignore_ascii_case("true") => Cow::Borrowed("true"),
                t if t.eq_ignore_ascii_case("false") => Cow::Borrowed("false"),
                _ => Cow::Borrowed(text),
            },
            Self::Whole => match (text.parse::<i128>(), text.parse::<f64>()) {
                (Ok(whole), _) => same_or(text, whole.to_string()),
                (_, Ok(number)) if number.is_finite() => Cow::Owned(self.number(number)),
                _ => Cow::Borrowed(text),
            },
            Self::Double | Self::Single => match text.parse::<f64>() {
                Ok(number) if number.is_finite() => Cow::Owned(self.number(number)),
                _ => Cow::Borrowed(text),
            },
        }
    }

    /// A finite number as training would have spelt it.
    pub(crate) fn number(self, number: f64) -> String {
        match self {
            Self::Single => arrow_spells(Arc::new(Float32Array::from(vec![number as f32]))),
            // 2^63 and beyond no whole number is read back exactly.
            Self::Plain | Self::Whole | Self::Bool if number.fract() == 0.0 && number.abs() < 9.2e18 => {
                (number as i64).to_string()
            }
            _ => arrow_spells(Arc::new(Float64Array::from(vec![number]))),
        }
    }

    /// A whole number as training would have spelt it.
    pub(crate) fn whole(self, whole: i128) -> String {
        match self {
            Self::Double | Self::Single => self.number(whole as f64),
            _ => whole.to_string(),
        }
    }
}

fn same_or(text: &str, spelt: String) -> Cow<'_, str> {
    if text == spelt { Cow::Borrowed(text) } else { Cow::Owned(spelt) }
}

fn arrow_spells(one: ArrayRef) -> String {
    array_value_to_string(&one, 0).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use arkwright_core::{MISSING, is_missing};

    #[test]
    fn a_whole_number_is_spelt_alike_whatever_it_came_as() {
        for text in ["1", "01", "1.0", " 1 ", "1e0", "+1"] {
            assert_eq!(Spelling::Whole.text(text), "1", "{text}");
        }
        assert_eq!(Spelling::Whole.number(1.0), "1");
        assert_eq!(Spelling::Whole.text("18446744073709551615"), "18446744073709551615");
        assert_eq!(Spelling::Whole.text("one"), "one");
        assert_eq!(Spelling::Whole.number(1.5), "1.5");
    }

    #[test]
    fn text_keeps_its_zeros_and_booleans_lose_their_capitals() {
        assert_eq!(Spelling::Plain.text(" 007 "), "007");
        assert_eq!(Spelling::Plain.number(7.0), "7");
        assert_eq!(Spelling::Bool.text("True"), "true");
        assert_eq!(Spelling::Double.text("1"), "1.0");
        assert_eq!(Spelling::Single.number(0.1), "0.1");
    }

    #[test]
    fn the_missing_tokens_are_those_of_the_contract() {
        assert!(MISSING.iter().all(|t| is_missing(t)));
        assert!(is_missing("   ") && is_missing(" ? ") && is_missing("      "));
        assert!(!is_missing("none") && !is_missing("nan") && !is_missing("N"));
    }
}

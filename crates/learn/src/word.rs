//! Settings that are a number, or a word for how it is found.

use serde::Deserializer;
use serde::de::{Error, Unexpected, Visitor};
use std::fmt;

/// Reads a number, or the place of one of some words; `expecting` tells the reader of an error what would be right.
pub(crate) fn word_or_number<'de, D: Deserializer<'de>>(
    deserializer: D,
    words: &'static [&'static str],
    expecting: &'static str,
) -> Result<Result<usize, f64>, D::Error> {
    deserializer.deserialize_any(Reader { words, expecting })
}

struct Reader {
    words: &'static [&'static str],
    expecting: &'static str,
}

impl Visitor<'_> for Reader {
    type Value = Result<usize, f64>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.expecting)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        let at = self.words.iter().position(|word| *word == text);
        at.map(Ok).ok_or_else(|| E::invalid_value(Unexpected::Str(text), &self))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Self::Value, E> {
        Ok(Err(number))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Self::Value, E> {
        Ok(Err(number as f64))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Self::Value, E> {
        Ok(Err(number as f64))
    }
}

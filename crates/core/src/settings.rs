//! Settings: plain structs, read from a [`Value`] so that every error knows its place.
//!
//! A struct of settings derives serde's `Deserialize` with `#[serde(default, deny_unknown_fields)]` and
//! neither `flatten` nor `tag`, which lose the place. [`Settings::check`] refuses impossible values.

use crate::must::Fault;
use crate::{Entry, Error, Json, Map, Node, Result, Value};
use serde::de::{DeserializeOwned, DeserializeSeed, Deserializer, Expected, IntoDeserializer, Unexpected, Visitor};
use std::fmt;

/// A struct of settings that the file can spell.
pub trait Settings: DeserializeOwned + serde::Serialize + schemars::JsonSchema {
    /// Refuses values that cannot be: `("learning_rate", "must be above 0")`.
    ///
    /// # Errors
    /// The key at fault and what is wrong with it; [`crate::must`] words the usual ones.
    fn check(&self) -> Result<(), Fault> {
        Ok(())
    }

    /// The settings with every default spelt out: what fingerprints are made of.
    fn resolved(&self) -> Json {
        serde_json::to_value(self).unwrap_or(Json::Null)
    }

    /// Reads and checks settings.
    ///
    /// # Errors
    /// An unknown key, a wrong type or an impossible value, with its place.
    fn read(map: Map) -> Result<Self> {
        Self::read_with(map, Self::check)
    }

    /// Reads settings, with another check of impossible values.
    ///
    /// # Errors
    /// As [`Settings::read`].
    fn read_with(map: Map, check: impl Fn(&Self) -> Result<(), Fault>) -> Result<Self> {
        let places: Vec<(String, _)> = map.entries.iter().map(|e| (e.key.clone(), e.value.span)).collect();
        let whole = map.span;
        let settings: Self = from_value(Value::from(map))?;
        check(&settings).map_err(|(key, message)| {
            let place = places.iter().find(|(k, _)| k == key).and_then(|(_, span)| *span).or(whole);
            Error::Setting { message: format!("`{key}` {message}"), span: place, hint: None }
        })?;
        Ok(settings)
    }
}

/// Reads any type that serde can from a value.
///
/// # Errors
/// A wrong type or an unknown key, with its place.
pub fn from_value<T: DeserializeOwned>(value: Value) -> Result<T> {
    T::deserialize(Reader(value)).map_err(|Problem(error)| error)
}

struct Problem(Error);

impl fmt::Debug for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for Problem {}

impl serde::de::Error for Problem {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self(Error::setting(message.to_string()))
    }

    fn invalid_type(found: Unexpected<'_>, wanted: &dyn Expected) -> Self {
        Self(Error::setting(format!("{} is needed, not {}", needed(wanted, ""), told(found))))
    }

    fn invalid_value(found: Unexpected<'_>, wanted: &dyn Expected) -> Self {
        let limit = match (found, wanted.to_string().as_str()) {
            (Unexpected::Signed(n), "u32") if n > 0 => " of at most 4294967295",
            _ => "",
        };
        Self(Error::setting(format!("{} is needed, not {}", needed(wanted, limit), told(found))))
    }

    fn unknown_field(field: &str, expected: &'static [&'static str]) -> Self {
        Self(unknown("key", field, expected))
    }

    fn unknown_variant(variant: &str, expected: &'static [&'static str]) -> Self {
        Self(unknown("value", variant, expected))
    }

    fn missing_field(field: &'static str) -> Self {
        Self(Error::setting(format!("`{field}` is missing")))
    }
}

/// What was found, as the file spells it.
fn told(found: Unexpected<'_>) -> String {
    match found {
        Unexpected::Bool(b) => format!("`{b}`"),
        Unexpected::Unsigned(n) => format!("`{n}`"),
        Unexpected::Signed(n) => format!("`{n}`"),
        Unexpected::Float(x) => format!("`{x:?}`"),
        Unexpected::Str(text) => format!("the text `{text}`"),
        Unexpected::Unit => "nothing".into(),
        Unexpected::Seq => "a list".into(),
        Unexpected::Map => "a table".into(),
        other => other.to_string(),
    }
}

/// What was needed, in the words of people rather than of Rust.
fn needed(wanted: &dyn Expected, limit: &str) -> String {
    let wanted = wanted.to_string();
    match wanted.as_str() {
        "u8" | "u16" | "u32" | "u64" | "usize" if limit.is_empty() => "a whole number from 0 up".into(),
        "u8" | "u16" | "u32" | "u64" | "usize" | "i8" | "i16" | "i32" | "i64" | "isize" => {
            format!("a whole number{limit}")
        }
        "f32" | "f64" => "a number".into(),
        "a boolean" => "true or false".into(),
        "a string" => "text".into(),
        "a sequence" => "a list".into(),
        "a map" => "a table".into(),
        other if other.starts_with("struct ") => "a table".into(),
        other => other.to_string(),
    }
}

fn unknown(what: &str, word: &str, expected: &[&str]) -> Error {
    let hint = match expected {
        [] => "there are no settings here".to_string(),
        some => format!("possible: {}", some.join(", ")),
    };
    Error::setting(format!("unknown {what} `{word}`")).with_hint(hint).nearest(word, expected.iter().copied())
}

struct Reader(Value);

impl Reader {
    fn visit<'de, V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Problem> {
        let span = self.0.span;
        let result = match self.0.node {
            Node::Null => visitor.visit_unit(),
            Node::Bool(b) => visitor.visit_bool(b),
            Node::Integer(i) => visitor.visit_i64(i),
            Node::Float(f) => visitor.visit_f64(f),
            Node::Text(t) => visitor.visit_string(t),
            Node::List(items) => visitor.visit_seq(Items(items.into_iter())),
            Node::Map(map) => visitor.visit_map(Entries { entries: map.entries.into_iter(), value: None }),
        };
        result.map_err(|problem| place(problem, span))
    }
}

fn place(problem: Problem, span: Option<crate::Span>) -> Problem {
    Problem(problem.0.at_place(span))
}

impl<'de> Deserializer<'de> for Reader {
    type Error = Problem;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Problem> {
        self.visit(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Problem> {
        match self.0.node {
            Node::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Problem> {
        match self.0.node {
            Node::Integer(i) => visitor.visit_f64(i as f64),
            _ => self.visit(visitor),
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Problem> {
        let (span, what) = (self.0.span, self.0.describe());
        let result = match self.0.node {
            Node::Text(text) => visitor.visit_enum(text.into_deserializer()),
            Node::Map(map) if map.entries.len() == 1 => {
                visitor.visit_enum(serde::de::value::MapAccessDeserializer::new(Entries {
                    entries: map.entries.into_iter(),
                    value: None,
                }))
            }
            _ => Err(Problem(Error::setting(format!("{what} where a name is needed")))),
        };
        result.map_err(|problem| place(problem, span))
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _name: &'static str, visitor: V) -> Result<V::Value, Problem> {
        visitor.visit_newtype_struct(self)
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 char str string bytes byte_buf
        unit unit_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}

struct Items(std::vec::IntoIter<Value>);

impl<'de> serde::de::SeqAccess<'de> for Items {
    type Error = Problem;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Problem> {
        self.0.next().map(|value| seed.deserialize(Reader(value))).transpose()
    }
}

struct Entries {
    entries: std::vec::IntoIter<Entry>,
    value: Option<Entry>,
}

impl<'de> serde::de::MapAccess<'de> for Entries {
    type Error = Problem;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Problem> {
        let Some(entry) = self.entries.next() else { return Ok(None) };
        let key = Value { node: Node::Text(entry.key.clone()), span: entry.key_span };
        self.value = Some(entry);
        seed.deserialize(Reader(key)).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Problem> {
        let Some(entry) = self.value.take() else {
            return Err(Problem(Error::setting("a value without a key")));
        };
        let (key, span) = (entry.key, entry.value.span);
        seed.deserialize(Reader(entry.value)).map_err(|Problem(error)| {
            // Name the key once, at the innermost level.
            Problem(match error {
                Error::Setting { message, span: None, hint } => {
                    Error::Setting { message: format!("`{key}`: {message}"), span, hint }
                }
                Error::Setting { message, span: inner, hint } if inner == span && !message.starts_with('`') => {
                    Error::Setting { message: format!("`{key}`: {message}"), span, hint }
                }
                other => other,
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Span;
    use serde::{Deserialize, Serialize};

    #[derive(Debug, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
    #[serde(default, deny_unknown_fields)]
    struct Demo {
        learning_rate: f64,
        depth: Option<u32>,
        growth: Growth,
        columns: Vec<String>,
    }

    #[derive(Debug, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
    #[serde(rename_all = "snake_case")]
    enum Growth {
        #[default]
        LeafWise,
        LevelWise,
    }

    impl Settings for Demo {
        fn check(&self) -> Result<(), (&'static str, String)> {
            if self.learning_rate < 0.0 {
                return Err(("learning_rate", "must not be negative".into()));
            }
            Ok(())
        }
    }

    fn map(entries: Vec<(&str, Node)>) -> Map {
        let entries = entries
            .into_iter()
            .enumerate()
            .map(|(i, (key, node))| Entry {
                key: key.into(),
                key_span: Some(Span { start: 10 * i, end: 10 * i + 1 }),
                value: Value { node, span: Some(Span { start: 10 * i + 5, end: 10 * i + 6 }) },
            })
            .collect();
        Map { entries, span: Some(Span { start: 0, end: 100 }) }
    }

    #[test]
    fn settings_are_read_with_whole_numbers_where_numbers_are_meant() {
        let read = Demo::read(map(vec![
            ("learning_rate", Node::Integer(1)),
            ("depth", Node::Integer(3)),
            ("growth", Node::Text("level_wise".into())),
        ]))
        .unwrap();
        assert_eq!(read, Demo { learning_rate: 1.0, depth: Some(3), growth: Growth::LevelWise, columns: Vec::new() });
    }

    #[test]
    fn an_unknown_key_is_pointed_at_with_the_nearest_spelling() {
        let error = Demo::read(map(vec![("depth", Node::Integer(1)), ("learning_rat", Node::Float(0.1))])).unwrap_err();
        assert_eq!(error.span(), Some(Span { start: 10, end: 11 }));
        assert_eq!(error.hint().unwrap(), "did you mean `learning_rate`?");
    }

    #[test]
    fn what_is_needed_is_said_in_words_of_people() {
        let cases = [
            ("depth", Node::Text("deep".into()), "`depth`: a whole number from 0 up is needed, not the text `deep`"),
            ("depth", Node::Integer(-1), "`depth`: a whole number from 0 up is needed, not `-1`"),
            (
                "depth",
                Node::Integer(1 << 40),
                "`depth`: a whole number of at most 4294967295 is needed, not `1099511627776`",
            ),
            ("depth", Node::Float(0.5), "`depth`: a whole number from 0 up is needed, not `0.5`"),
            ("learning_rate", Node::Bool(true), "`learning_rate`: a number is needed, not `true`"),
            ("columns", Node::Integer(3), "`columns`: a list is needed, not `3`"),
        ];
        for (key, node, told) in cases {
            assert_eq!(Demo::read(map(vec![(key, node)])).unwrap_err().to_string(), told);
        }
    }

    #[test]
    fn a_wrong_type_a_wrong_name_and_an_impossible_value_are_pointed_at() {
        let cases = [
            ("depth", Node::Text("deep".into()), "`depth`"),
            ("depth", Node::Integer(-1), "`depth`"),
            ("growth", Node::Text("leafwise".into()), "leafwise"),
            ("learning_rate", Node::Float(-1.0), "`learning_rate` must not be negative"),
            ("columns", Node::Bool(true), "`columns`"),
        ];
        for (key, node, told) in cases {
            let error = Demo::read(map(vec![(key, node)])).unwrap_err();
            assert_eq!(error.span(), Some(Span { start: 5, end: 6 }), "{error}");
            assert!(error.to_string().contains(told), "{error}");
        }
    }
}

//! Values of the system file, each with its place, so that no error loses it.
//!
//! The file, a tuner and Python all speak in these; none of them brings its own type into the rooms.

use crate::Json;
use serde::{Deserialize, Serialize};

/// A range of bytes in the file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    /// The first byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

/// A value and where it stands; `span` is `None` for one that came from code.
#[derive(Clone, Debug, PartialEq)]
pub struct Value {
    /// What it is.
    pub node: Node,
    /// Where it stands.
    pub span: Option<Span>,
}

/// What a value is.
#[derive(Clone, Debug, PartialEq)]
pub enum Node {
    /// Nothing; the file cannot spell it, Python can.
    Null,
    /// True or false.
    Bool(bool),
    /// A whole number.
    Integer(i64),
    /// A number.
    Float(f64),
    /// Text.
    Text(String),
    /// Values in order.
    List(Vec<Value>),
    /// Named values.
    Map(Map),
}

/// Named values in the order of the file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Map {
    /// The entries.
    pub entries: Vec<Entry>,
    /// Where the table stands.
    pub span: Option<Span>,
}

/// A named value.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// The name.
    pub key: String,
    /// Where the name stands.
    pub key_span: Option<Span>,
    /// The value.
    pub value: Value,
}

impl Value {
    /// What the value is, in words.
    pub fn describe(&self) -> &'static str {
        match self.node {
            Node::Null => "nothing",
            Node::Bool(_) => "true or false",
            Node::Integer(_) => "a whole number",
            Node::Float(_) => "a number",
            Node::Text(_) => "text",
            Node::List(_) => "a list",
            Node::Map(_) => "a table",
        }
    }

    /// The same without places.
    pub fn to_json(&self) -> Json {
        match &self.node {
            Node::Null => Json::Null,
            Node::Bool(b) => Json::from(*b),
            Node::Integer(i) => Json::from(*i),
            Node::Float(f) => Json::from(*f),
            Node::Text(t) => Json::from(t.as_str()),
            Node::List(items) => items.iter().map(Self::to_json).collect(),
            Node::Map(map) => map.to_json(),
        }
    }
}

impl From<Json> for Value {
    fn from(json: Json) -> Self {
        let node = match json {
            Json::Null => Node::Null,
            Json::Bool(b) => Node::Bool(b),
            Json::Number(n) => match n.as_i64() {
                Some(i) => Node::Integer(i),
                None => Node::Float(n.as_f64().unwrap_or(f64::NAN)),
            },
            Json::String(s) => Node::Text(s),
            Json::Array(items) => Node::List(items.into_iter().map(Self::from).collect()),
            Json::Object(map) => Node::Map(Map {
                entries: map
                    .into_iter()
                    .map(|(key, value)| Entry { key, key_span: None, value: Self::from(value) })
                    .collect(),
                span: None,
            }),
        };
        Self { node, span: None }
    }
}

impl Map {
    /// The value of a key.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.entries.iter().find(|e| e.key == key).map(|e| &e.value)
    }

    /// Takes the value of a key out, so that what is left can be given to a stricter reader.
    pub fn take(&mut self, key: &str) -> Option<Value> {
        let at = self.entries.iter().position(|e| e.key == key)?;
        Some(self.entries.remove(at).value)
    }

    /// Sets the value of a key, replacing one that is there.
    pub fn set(&mut self, key: &str, value: Value) {
        match self.entries.iter_mut().find(|e| e.key == key) {
            Some(entry) => entry.value = value,
            None => self.entries.push(Entry { key: key.to_string(), key_span: None, value }),
        }
    }

    /// The same without places.
    pub fn to_json(&self) -> Json {
        Json::Object(self.entries.iter().map(|e| (e.key.clone(), e.value.to_json())).collect())
    }
}

impl From<Map> for Value {
    fn from(map: Map) -> Self {
        let span = map.span;
        Self { node: Node::Map(map), span }
    }
}
/// So many of something, in words: `1 row`, `2 rows`.
///
/// ```
/// # use arkwright_core::counted;
/// assert_eq!([counted(1, "row"), counted(0, "row")], ["1 row", "0 rows"]);
/// ```
pub fn counted(count: u64, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

/// A name as a key of the file: bare where it may be, else in quotes.
///
/// ```
/// # use arkwright_core::key_text;
/// assert_eq!(format!("[data.checks.{}]", key_text("Release Date")), "[data.checks.\"Release Date\"]");
/// ```
pub fn key_text(name: &str) -> String {
    match !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-') {
        true => name.to_string(),
        false => serde_json::Value::from(name).to_string(),
    }
}

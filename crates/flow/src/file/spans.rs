//! Where things stand in the file, for what turns out to be wrong once the tables are known: a column that is
//! not there, a metric that does not suit.

use arkwright_core::{Entry, Map, Node, Span, Value};

/// The file as it was read.
#[derive(Clone, Debug, Default)]
pub struct Spans(Map);

impl Spans {
    /// The places of what a file says.
    pub fn new(file: Map) -> Self {
        Self(file)
    }

    /// Where the value under a path of keys stands.
    pub fn value(&self, path: &[&str]) -> Option<Span> {
        self.entry(path)?.value.span
    }

    /// Where the last key of a path stands.
    pub fn key(&self, path: &[&str]) -> Option<Span> {
        self.entry(path)?.key_span
    }

    /// Where a text stands in the list under a path.
    pub fn item(&self, path: &[&str], text: &str) -> Option<Span> {
        match &self.entry(path)?.value.node {
            Node::List(items) => items.iter().find(|item| matches!(&item.node, Node::Text(t) if t == text))?.span,
            _ => None,
        }
    }

    fn entry(&self, path: &[&str]) -> Option<&Entry> {
        let (last, tables) = path.split_last()?;
        let within = |map, key: &&str| match Map::get(map, key) {
            Some(Value { node: Node::Map(inner), .. }) => Some(inner),
            _ => None,
        };
        tables.iter().try_fold(&self.0, within)?.entries.iter().find(|entry| entry.key == *last)
    }
}

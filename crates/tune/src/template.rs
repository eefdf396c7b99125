//! A part's table with holes, filled with a trial's values.
//!
//! Composers hold the estimator they are about under `of`, or under `steps`, whose last one learns. The values
//! go to the innermost of them, so that `search(hold_out(chain(prepare, gbdt)))` tunes the gbdt; nothing else
//! is known of what is inside.

use crate::space::{Dimension, Values};
use arkwright_core::{Entry, Error, Json, Map, Node, Part, Registry, Result, Span, Value};

/// A table to be filled.
#[derive(Clone)]
pub(crate) struct Template {
    of: Value,
    registry: Registry,
}

impl Template {
    pub(crate) fn new(of: Value, registry: Registry) -> Self {
        Self { of, registry }
    }

    /// The part with some values set and the defaults for the rest.
    pub(crate) fn fill(&self, values: &Values) -> Result<Part> {
        self.registry.parse(filled(self.of.clone(), values)?)
    }

    /// Tries both ends of every range, so that a setting that does not exist or cannot have such a value is
    /// reported before anything is fitted, at its place.
    pub(crate) fn check(&self, dimensions: &[Dimension]) -> Result<()> {
        for dimension in dimensions {
            for end in dimension.range.ends() {
                let mut of = self.of.clone();
                set(innermost(&mut of)?, &dimension.name, placed(end, dimension.span), dimension.span)?;
                self.registry.parse(of).map_err(|error| error.at_place(dimension.span))?;
            }
        }
        Ok(())
    }
}

/// An estimator's table with some values set.
pub(crate) fn filled(mut of: Value, values: &Values) -> Result<Value> {
    for (name, value) in values {
        set(innermost(&mut of)?, name, Value::from(value.clone()), None)?;
    }
    Ok(of)
}

/// A value that stands where its range does.
fn placed(json: Json, span: Option<Span>) -> Value {
    Value { span, ..Value::from(json) }
}

/// The table of the estimator that learns.
fn innermost(of: &mut Value) -> Result<&mut Map> {
    if let Node::Text(kind) = &of.node {
        // A bare text is a kind with its defaults.
        let kind = Value { node: Node::Text(kind.clone()), span: of.span };
        let mut map = Map { entries: Vec::new(), span: of.span };
        map.set("kind", kind);
        of.node = Node::Map(map);
    }
    let (span, what) = (of.span, of.describe());
    let Node::Map(map) = &mut of.node else {
        return Err(Error::setting(format!("{what} where an estimator is needed")).at_place(span));
    };
    let inner = map.entries.iter().position(|e| match e.key.as_str() {
        "of" => matches!(e.value.node, Node::Map(_) | Node::Text(_)),
        "steps" => matches!(&e.value.node, Node::List(steps) if !steps.is_empty()),
        _ => false,
    });
    let Some(inner) = inner else { return Ok(map) };
    match &mut map.entries[inner].value {
        Value { node: Node::List(steps), .. } => match steps.last_mut() {
            Some(last) => innermost(last),
            None => Err(Error::setting("there are no steps").at_place(span)),
        },
        of => innermost(of),
    }
}

/// Sets a value by its dotted name, making the tables on the way.
fn set(map: &mut Map, name: &str, value: Value, key_span: Option<Span>) -> Result<()> {
    let (first, rest) = match name.split_once('.') {
        Some((first, rest)) => (first, Some(rest)),
        None => (name, None),
    };
    if map.get(first).is_none() {
        let empty = Value { node: Node::Map(Map::default()), span: key_span };
        map.entries.push(Entry { key: first.to_string(), key_span, value: empty });
    }
    let Some(entry) = map.entries.iter_mut().find(|e| e.key == first) else { return Ok(()) };
    match (rest, &mut entry.value.node) {
        (None, _) => entry.value = value,
        (Some(rest), Node::Map(inner)) => set(inner, rest, value, key_span)?,
        (Some(_), _) => {
            return Err(Error::setting(format!("`{first}` is no table, so `{name}` cannot vary")).at_place(key_span));
        }
    }
    Ok(())
}

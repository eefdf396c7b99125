//! Values back to TOML: what `plan --expand` prints.

use arkwright_core::{Error, Map, Node, Result, Value};

/// The table as TOML. Reading it gives the same values.
///
/// # Errors
/// When a value cannot be spelt in TOML, such as nothing inside a list.
pub fn write(map: &Map) -> Result<String> {
    let table = table(map)?;
    toml::to_string(&table).map_err(|e| Error::setting(e.to_string()))
}

fn table(map: &Map) -> Result<toml::Table> {
    map.entries
        .iter()
        .filter(|entry| entry.value.node != Node::Null)
        .map(|entry| Ok((entry.key.clone(), value(&entry.value)?)))
        .collect()
}

fn value(v: &Value) -> Result<toml::Value> {
    Ok(match &v.node {
        Node::Null => return Err(Error::setting("TOML cannot spell nothing").at_place(v.span)),
        Node::Bool(b) => (*b).into(),
        Node::Integer(i) => (*i).into(),
        Node::Float(f) => (*f).into(),
        Node::Text(t) => t.as_str().into(),
        Node::List(items) => toml::Value::Array(items.iter().map(value).collect::<Result<_>>()?),
        Node::Map(map) => toml::Value::Table(table(map)?),
    })
}

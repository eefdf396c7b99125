//! TOML to values with their places.

use arkwright_core::{Entry, Error, Map, Node, Result, Span, Value};
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Reads TOML. Every value and key remembers its bytes in `text`.
///
/// # Errors
/// When the text is not TOML, with the place.
pub fn read(text: &str) -> Result<Map> {
    let table = DeTable::parse(text).map_err(|e| {
        Error::setting(e.message().to_string())
            .at_place(e.span().map(span))
            .with_hint("the file is TOML: https://toml.io")
    })?;
    let whole = span(table.span());
    map(table.into_inner(), whole)
}

fn span(range: Range<usize>) -> Span {
    Span { start: range.start, end: range.end }
}

fn map(table: DeTable<'_>, place: Span) -> Result<Map> {
    let entries = table
        .into_iter()
        .map(|(key, item)| {
            Ok(Entry { key_span: Some(span(key.span())), key: key.into_inner().into_owned(), value: value(item)? })
        })
        .collect::<Result<Vec<_>>>()?;
    Ok(Map { entries, span: Some(place) })
}

fn value(item: Spanned<DeValue<'_>>) -> Result<Value> {
    let place = span(item.span());
    let node = match item.into_inner() {
        DeValue::String(text) if text.contains("${env:") => {
            return Err(Error::setting_at(place, "`${...}` is not read yet: no source of this version needs a secret"));
        }
        DeValue::String(text) => Node::Text(text.into_owned()),
        DeValue::Boolean(b) => Node::Bool(b),
        DeValue::Integer(i) => {
            let number = i64::from_str_radix(i.as_str(), i.radix());
            Node::Integer(number.map_err(|_| Error::setting_at(place, format!("`{i}` is too large a number")))?)
        }
        DeValue::Float(f) => {
            let number = f.as_str().parse::<f64>();
            Node::Float(number.map_err(|_| Error::setting_at(place, format!("`{f}` is not a number")))?)
        }
        // A date is spelt as text wherever the file needs one.
        DeValue::Datetime(date) => Node::Text(date.to_string()),
        DeValue::Array(items) => Node::List(items.into_iter().map(value).collect::<Result<Vec<_>>>()?),
        DeValue::Table(table) => Node::Map(map(table, place)?),
    };
    Ok(Value { node, span: Some(place) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_remembers_its_place() {
        let text = "[[model]]\nkind = \"gbdt\"\ntune.learning_rate = { low = 0.01, high = 0x3 }\n";
        let read = read(text).unwrap();
        let Some(Value { node: Node::List(models), .. }) = read.get("model") else { panic!("{read:?}") };
        let Node::Map(model) = &models[0].node else { panic!("{models:?}") };
        let kind = model.get("kind").unwrap().span.unwrap();
        assert_eq!(&text[kind.start..kind.end], "\"gbdt\"");
        assert_eq!(
            model.get("tune").unwrap().to_json(),
            serde_json::json!({"learning_rate": {"low": 0.01, "high": 3}})
        );
    }

    #[test]
    fn what_is_not_toml_is_pointed_at() {
        let error = read("a = 1\nb = = 2").unwrap_err();
        assert!(error.span().is_some_and(|s| s.start >= 6), "{error:?}");
    }
}

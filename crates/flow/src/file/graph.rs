//! The steps of a system, and how they hang together.

use arkwright_core::{Error, Map, Node, Part, Registry, Result, Span, Value};

/// How deep `a(b(c))` may go.
const DEEPEST: usize = 100;

/// Something a step is fitted on or applied to: a data set or a step; or, as `a(b)`, step a applied to b.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// A data set, a step, or `request`.
    Name(String),
    /// A step applied to a place: `prepared(history)`.
    Applied(String, Box<Place>),
}

/// The name of what a request brings.
pub const REQUEST: &str = "request";

/// A named step.
#[derive(Clone, Debug)]
pub struct Step {
    /// Its name.
    pub name: String,
    /// What it is.
    pub part: Part,
    /// What it is, as a table that the registry parses.
    pub table: Value,
    /// What it learns from.
    pub fit: Place,
    /// What it is applied to on the way from a request to its answer: earlier steps or `request`.
    pub from: Vec<String>,
    /// Where it stands in the file.
    pub span: Option<Span>,
}

impl Place {
    /// Reads `name` or `a(b)`.
    ///
    /// # Errors
    /// When the parentheses do not match or a name is empty.
    pub fn parse(text: &str) -> Result<Self> {
        let text = text.trim();
        if text.bytes().filter(|b| *b == b'(').count() > DEEPEST {
            return Err(Error::setting(format!("steps are applied to each other more than {DEEPEST} deep")));
        }
        match text.split_once('(') {
            None if text.is_empty() || text.contains(')') => {
                Err(Error::setting(format!("`{text}` is not a place")).with_hint("a data set, a step, or step(data)"))
            }
            None => Ok(Self::Name(text.to_string())),
            Some((step, rest)) => {
                let inner = rest.strip_suffix(')').ok_or_else(|| {
                    Error::setting(format!("`{text}`: a parenthesis is not closed")).with_hint("step(data)")
                })?;
                if step.trim().is_empty() {
                    return Err(Error::setting(format!("`{text}` names no step")));
                }
                Ok(Self::Applied(step.trim().to_string(), Box::new(Self::parse(inner)?)))
            }
        }
    }

    /// Every name in it.
    pub fn names(&self) -> Vec<&str> {
        match self {
            Self::Name(name) => vec![name],
            Self::Applied(step, inner) => {
                let mut names = inner.names();
                names.push(step);
                names
            }
        }
    }

    /// The data set at its root.
    pub fn root(&self) -> &str {
        match self {
            Self::Name(name) => name,
            Self::Applied(_, inner) => inner.root(),
        }
    }
}

/// Reads `[step.NAME]` tables in the order of the file, each naming only data and earlier steps, so that
/// there is no circle.
///
/// # Errors
/// A wrong step, or a name that is not there yet, with its place.
pub fn steps(map: Map, data: &[&str], registry: &Registry) -> Result<Vec<Step>> {
    let mut steps: Vec<Step> = Vec::new();
    for entry in map.entries {
        let place = entry.key_span.or(entry.value.span);
        let Value { node: Node::Map(mut table), span } = entry.value else {
            return Err(Error::setting(format!("`step.{}` is a table", entry.key)).at_place(entry.value.span));
        };
        if entry.key == REQUEST || data.contains(&entry.key.as_str()) {
            return Err(Error::setting(format!("the name `{}` is taken", entry.key)).at_place(place));
        }
        let known: Vec<String> =
            data.iter().map(|d| (*d).to_string()).chain(steps.iter().map(|s| s.name.clone())).collect();
        let fit = one_place(table.take("fit"), &entry.key, place, &known)?;
        let from = from(table.take("from"), &steps)?;
        let table = Value { node: Node::Map(table), span: span.or(place) };
        let part = registry.parse(table.clone())?;
        steps.push(Step { name: entry.key, part, table, fit, from, span: place });
    }
    Ok(steps)
}

fn one_place(value: Option<Value>, step: &str, place: Option<Span>, known: &[String]) -> Result<Place> {
    let value = value.ok_or_else(|| {
        Error::setting(format!("`step.{step}` does not say what it learns from"))
            .at_place(place)
            .with_hint("fit = \"DATA\"")
    })?;
    let Node::Text(text) = &value.node else {
        return Err(Error::setting(format!("`fit`: {} where a name is needed", value.describe())).at_place(value.span));
    };
    let fit = Place::parse(text).map_err(|e| e.at_place(value.span))?;
    for name in fit.names() {
        if !known.iter().any(|k| k == name) {
            return Err(unknown(name, known, value.span));
        }
    }
    Ok(fit)
}

fn from(value: Option<Value>, steps: &[Step]) -> Result<Vec<String>> {
    let Some(value) = value else { return Ok(vec![REQUEST.to_string()]) };
    let span = value.span;
    let items = match value.node {
        Node::Text(_) => vec![value],
        Node::List(items) if !items.is_empty() => items,
        _ => return Err(Error::setting("`from` names a step, `request`, or a list of them").at_place(span)),
    };
    let known: Vec<String> = std::iter::once(REQUEST.to_string()).chain(steps.iter().map(|s| s.name.clone())).collect();
    items
        .into_iter()
        .map(|item| match item.node {
            Node::Text(name) if known.contains(&name) => Ok(name),
            Node::Text(name) => Err(unknown(&name, &known, item.span)),
            _ => Err(Error::setting(format!("`from`: {} where a name is needed", item.describe())).at_place(item.span)),
        })
        .collect()
}

fn unknown(name: &str, known: &[String], place: Option<Span>) -> Error {
    Error::setting(format!("there is no `{name}` here or above"))
        .at_place(place)
        .with_hint(format!("known here: {}", known.join(", ")))
        .nearest(name, known.iter().map(String::as_str))
}

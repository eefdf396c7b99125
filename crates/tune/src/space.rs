//! What may vary: `tune.learning_rate = { low = 0.01, high = 0.3, log = true }`.
//!
//! A range of whole numbers is one whose ends are whole; anything else is a range of numbers. `choices` are
//! tried as they are, whatever they are. A table without `low`, `high` and `choices` is a level down:
//! `tune.loss.alpha = {...}` varies `alpha` of the table `loss`. Everything is checked when it is read, and
//! what cannot be is reported with its place.

use arkwright_core::{Entry, Error, Json, Map, Node, Result, Span, Value};
use serde::{Deserialize, Serialize};

/// A trial's values by dotted name, in the order of the space.
pub type Values = serde_json::Map<String, Json>;

/// What may vary, in the order of the file.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Space {
    /// The settings that vary.
    pub dimensions: Vec<Dimension>,
}

/// A setting that varies.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Dimension {
    /// The setting's dotted name.
    pub name: String,
    /// Its values.
    pub range: Range,
    /// Where its name stands in the file.
    #[serde(skip)]
    pub span: Option<Span>,
}

/// The values of a setting.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Range {
    /// Whole numbers from `low` to `high`, both included.
    Int {
        /// The smallest.
        low: i64,
        /// The greatest.
        high: i64,
        /// Whether the logarithm is uniform.
        log: bool,
        /// The distance of values; 1 unless said.
        step: i64,
    },
    /// Numbers from `low` to `high`.
    Float {
        /// The smallest.
        low: f64,
        /// The greatest.
        high: f64,
        /// Whether the logarithm is uniform.
        log: bool,
        /// The distance of values, if they are discrete.
        step: Option<f64>,
    },
    /// One of some values.
    Choices(Vec<Json>),
}

const KEYS: [&str; 5] = ["low", "high", "log", "step", "choices"];

impl Dimension {
    /// A setting that varies, from code.
    pub fn new(name: impl Into<String>, range: Range) -> Self {
        Self { name: name.into(), range, span: None }
    }
}

impl Space {
    /// Reads a `tune` table.
    ///
    /// # Errors
    /// An unknown key or an impossible range, with its place.
    pub fn read(map: Map) -> Result<Self> {
        let place = map.span;
        let mut dimensions = Vec::new();
        level("", map, &mut dimensions)?;
        match dimensions.is_empty() {
            true => Err(Error::setting("there is nothing to tune")
                .at_place(place)
                .with_hint("tune.learning_rate = { low = 0.01, high = 0.3, log = true }")),
            false => Ok(Self { dimensions }),
        }
    }
}

fn level(prefix: &str, map: Map, dimensions: &mut Vec<Dimension>) -> Result<()> {
    for Entry { key, key_span, value } in map.entries {
        let (place, what) = (value.span.or(key_span), value.describe());
        let name = if prefix.is_empty() { key } else { format!("{prefix}.{key}") };
        match value.node {
            Node::Map(inner) if ["low", "high", "choices"].iter().any(|key| inner.get(key).is_some()) => {
                let range = range(&name, inner, place)?;
                dimensions.push(Dimension { name, range, span: key_span.or(place) });
            }
            Node::Map(inner) if inner.entries.iter().any(|e| matches!(e.value.node, Node::Map(_))) => {
                level(&name, inner, dimensions)?;
            }
            Node::List(choices) => {
                // A bare list can only be meant as choices; the file has one way to say so.
                let spelt = Value { node: Node::List(choices), span: None }.to_json();
                return Err(Error::setting(format!("`{name}`: a list where a range is needed"))
                    .at_place(place)
                    .with_hint(format!("{name} = {{ choices = {spelt} }}")));
            }
            _ => {
                return Err(Error::setting(format!(
                    "`{name}`: {what} that says neither `low` and `high` nor `choices`"
                ))
                .at_place(place)
                .with_hint(format!("{name} = {{ low = 0.01, high = 0.3 }}")));
            }
        }
    }
    Ok(())
}

fn range(name: &str, mut map: Map, place: Option<Span>) -> Result<Range> {
    let place = map.span.or(place);
    if let Some(entry) = map.entries.iter().find(|e| !KEYS.contains(&e.key.as_str())) {
        let error = Error::setting(format!("`{name}`: unknown key `{}`", entry.key)).at_place(entry.key_span.or(place));
        return Err(error.with_hint(format!("possible: {}", KEYS.join(", "))).nearest(&entry.key, KEYS));
    }
    if let Some(choices) = map.take("choices") {
        let at = choices.span.or(place);
        if let Some(entry) = map.entries.first() {
            return Err(Error::setting(format!("`{name}`: `choices` and `{}` exclude each other", entry.key))
                .at_place(entry.key_span.or(place)));
        }
        return match choices.node {
            Node::List(items) if !items.is_empty() => Ok(Range::Choices(items.iter().map(Value::to_json).collect())),
            _ => Err(Error::setting(format!("`{name}`: `choices` is a list of at least one value")).at_place(at)),
        };
    }
    let log = match map.take("log") {
        None => false,
        Some(Value { node: Node::Bool(log), .. }) => log,
        Some(other) => {
            return Err(Error::setting(format!("`{name}`: `log` is true or false")).at_place(other.span.or(place)));
        }
    };
    let mut end = |key: &str| {
        let value = map.take(key)?;
        Some((value.span.or(place), value.node))
    };
    let (low, high, step) = (end("low"), end("high"), end("step"));
    let (Some((low_at, low)), Some((high_at, high))) = (low, high) else {
        return Err(Error::setting(format!("`{name}`: a range needs both `low` and `high`")).at_place(place));
    };
    let step_at = step.as_ref().and_then(|(at, _)| *at).or(place);
    let step = step.map(|(_, node)| node);
    if log && step.is_some() {
        return Err(Error::setting(format!("`{name}`: `step` and `log` exclude each other")).at_place(step_at));
    }
    let above = |at| Error::setting(format!("`{name}`: `high` must be at least `low`")).at_place(at);
    let positive = |at| Error::setting(format!("`{name}`: with `log` the range must lie above 0")).at_place(at);
    let stepped = || Error::setting(format!("`{name}`: `step` must be above 0")).at_place(step_at);
    if let (Node::Integer(low), Node::Integer(high), None | Some(Node::Integer(_))) = (&low, &high, &step) {
        let step = if let Some(Node::Integer(step)) = step { step } else { 1 };
        return match (*low, *high) {
            (low, high) if high < low => Err(above(high_at)),
            (low, _) if log && low < 1 => Err(positive(low_at)),
            _ if step < 1 => Err(stepped()),
            // Ends so far apart that their distance overflows are a slip.
            (low, high) if high.checked_sub(low).is_none_or(|d| d == i64::MAX) => Err(above(high_at)),
            (low, high) => Ok(Range::Int { low, high, log, step }),
        };
    }
    let (low, high) = (number(name, "low", &low, low_at)?, number(name, "high", &high, high_at)?);
    let step = step.map(|node| number(name, "step", &node, step_at)).transpose()?;
    match (low, high) {
        (low, high) if high < low => Err(above(high_at)),
        (low, _) if log && low <= 0.0 => Err(positive(low_at)),
        _ if step.is_some_and(|step| step <= 0.0) => Err(stepped()),
        (low, high) => Ok(Range::Float { low, high, log, step }),
    }
}

fn number(name: &str, key: &str, node: &Node, place: Option<Span>) -> Result<f64> {
    let value = match node {
        Node::Integer(i) => Some(*i as f64),
        Node::Float(f) if f.is_finite() => Some(*f),
        _ => None,
    };
    value.ok_or_else(|| Error::setting(format!("`{name}`: `{key}` must be a finite number")).at_place(place))
}

impl Range {
    /// The values at its ends, or all its choices: what a plan tries out before anything is fitted.
    pub fn ends(&self) -> Vec<Json> {
        match self {
            Self::Int { low, high, .. } => vec![Json::from(*low), Json::from(*high)],
            Self::Float { low, high, .. } => vec![Json::from(*low), Json::from(*high)],
            Self::Choices(choices) => choices.clone(),
        }
    }

    /// Values spread over it for a grid: all choices, or at most `points` from end to end.
    pub fn spread(&self, points: usize) -> Vec<Json> {
        let share = |i: usize| if points < 2 { 0.0 } else { i as f64 / (points - 1) as f64 };
        let between = |low: f64, high: f64, log: bool, t: f64| match log {
            true => libm::exp(libm::log(low) + t * (libm::log(high) - libm::log(low))).clamp(low, high),
            false => low + t * (high - low),
        };
        match *self {
            Self::Choices(ref choices) => choices.clone(),
            Self::Int { low, high, log, step } => {
                let count = (high - low) / step;
                let mut values: Vec<i64> = match (log, count < points as i64) {
                    (_, true) => (0..=count).map(|i| low + i * step).collect(),
                    (true, false) => (0..points)
                        .map(|i| libm::round(between(low as f64, high as f64, true, share(i))) as i64)
                        .collect(),
                    (false, false) => {
                        (0..points).map(|i| low + libm::round(share(i) * count as f64) as i64 * step).collect()
                    }
                };
                values.dedup();
                values.into_iter().map(Json::from).collect()
            }
            Self::Float { low, high, log, step } => {
                let mut values: Vec<f64> = match step {
                    Some(step) => {
                        let count = steps(low, high, step);
                        let points = points.min(count as usize + 1);
                        let share = |i: usize| if points < 2 { 0.0 } else { i as f64 / (points - 1) as f64 };
                        (0..points).map(|i| low + libm::round(share(i) * count as f64) * step).collect()
                    }
                    None => (0..points).map(|i| between(low, high, log, share(i))).collect(),
                };
                values.dedup();
                values.into_iter().map(Json::from).collect()
            }
        }
    }
}

/// How many steps fit between the ends, forgiving the last bits of `0.1 * 3`.
pub(crate) fn steps(low: f64, high: f64, step: f64) -> u64 {
    libm::floor((high - low) / step + 1e-9) as u64
}

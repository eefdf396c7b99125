//! Constraints on columns, by their place or by their name.
//!
//! A table in the file is known by the names of its columns; a matrix has places only. Both forms become one
//! thing a feature once the columns are there ([`Constraints::of`]). A name stands for all features of its
//! column: of a vector each of its numbers.

use super::gbdt::Gbdt;
use crate::samples::{Column, Samples};
use arkwright_core::{Error, Field, Kind, Result, nearest};
use serde::de::{MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;

/// Whether answers may only rise (1) or fall (-1) with a feature, or either (0).
///
/// ```
/// # use arkwright_learn::tree::{Gbdt, MonotonicCst};
/// let named: Gbdt = serde_json::from_str(r#"{ "monotonic_cst": { "age": 1, "price": -1 } }"#)?;
/// let placed = Gbdt { monotonic_cst: vec![1, -1].into(), ..Gbdt::default() };
/// assert!(matches!(named.monotonic_cst, MonotonicCst::Named(_)));
/// assert!(matches!(placed.monotonic_cst, MonotonicCst::Each(_)));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub enum MonotonicCst {
    /// One a feature, in their order; empty: either, for all.
    Each(Vec<i8>),
    /// By the name of a column; those without a name here: either.
    Named(BTreeMap<String, i8>),
}

impl Default for MonotonicCst {
    fn default() -> Self {
        Self::Each(Vec::new())
    }
}

impl From<Vec<i8>> for MonotonicCst {
    fn from(directions: Vec<i8>) -> Self {
        Self::Each(directions)
    }
}

impl MonotonicCst {
    /// The directions, in any order.
    fn directions(&self) -> Vec<i8> {
        match self {
            Self::Each(directions) => directions.clone(),
            Self::Named(named) => named.values().copied().collect(),
        }
    }

    /// Whether one feature at least is bound.
    pub(super) fn binds(&self) -> bool {
        self.directions().iter().any(|&direction| direction != 0)
    }

    /// Whether all are 1, 0 or -1.
    pub(super) fn is_valid(&self) -> bool {
        self.directions().iter().all(|direction| (-1..=1).contains(direction))
    }
}

impl Serialize for MonotonicCst {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Each(directions) => directions.serialize(serializer),
            Self::Named(named) => named.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for MonotonicCst {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Directions)
    }
}

struct Directions;

impl<'de> Visitor<'de> for Directions {
    type Value = MonotonicCst;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("1, 0 or -1 by the name of a column: { age = 1, price = -1 }, or a list with one a feature")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<MonotonicCst, A::Error> {
        let mut directions = Vec::new();
        while let Some(direction) = list.next_element()? {
            directions.push(direction);
        }
        Ok(MonotonicCst::Each(directions))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<MonotonicCst, A::Error> {
        let mut named = BTreeMap::new();
        while let Some((name, direction)) = map.next_entry()? {
            named.insert(name, direction);
        }
        Ok(MonotonicCst::Named(named))
    }
}

impl schemars::JsonSchema for MonotonicCst {
    fn schema_name() -> Cow<'static, str> {
        "MonotonicCst".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "description": "1 (rises), -1 (falls) or 0 by the name of a column; or a list with one a feature.",
            "anyOf": [
                { "type": "object", "additionalProperties": { "enum": [-1, 0, 1] } },
                { "type": "array", "items": { "enum": [-1, 0, 1] } }
            ]
        })
    }
}

/// A member of a set of features: a feature by its place, counted from 0, or a column by its name.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Member {
    /// A feature.
    At(usize),
    /// A column.
    Named(String),
}

impl From<usize> for Member {
    fn from(place: usize) -> Self {
        Self::At(place)
    }
}

impl From<&str> for Member {
    fn from(name: &str) -> Self {
        Self::Named(name.into())
    }
}

impl<'de> Deserialize<'de> for Member {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(OfMember)
    }
}

struct OfMember;

impl Visitor<'_> for OfMember {
    type Value = Member;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a column, or the place of a feature, counted from 0")
    }

    fn visit_str<E: serde::de::Error>(self, name: &str) -> Result<Member, E> {
        Ok(Member::Named(name.into()))
    }

    fn visit_u64<E: serde::de::Error>(self, place: u64) -> Result<Member, E> {
        Ok(Member::At(usize::try_from(place).unwrap_or(usize::MAX)))
    }

    fn visit_i64<E: serde::de::Error>(self, place: i64) -> Result<Member, E> {
        let negative = || E::invalid_value(serde::de::Unexpected::Signed(place), &self);
        u64::try_from(place).map_err(|_| negative()).and_then(|place| self.visit_u64(place))
    }
}

impl schemars::JsonSchema for Member {
    fn schema_name() -> Cow<'static, str> {
        "Member".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "description": "The name of a column, or the place of a feature, counted from 0.",
            "anyOf": [{ "type": "string" }, { "type": "integer", "minimum": 0 }]
        })
    }
}

/// What the settings ask of the features that are there.
pub(super) struct Constraints {
    /// A direction a feature; empty where none is bound.
    pub(super) directions: Vec<i8>,
    /// Sets of features that may act together, all features in one at least; empty: all.
    pub(super) sets: Vec<Vec<usize>>,
}

impl Constraints {
    /// # Errors
    /// When a feature or a column is not there, or a category is to have a direction.
    pub(super) fn of(settings: &Gbdt, train: &Samples<'_>) -> Result<Self> {
        let column = |column: &Column<'_>| match column {
            Column::Block { width, .. } => (*width, false),
            column => (1, matches!(column, Column::Level { .. })),
        };
        let columns = train.x.columns.iter().map(column).collect::<Vec<_>>();
        Self::on(settings, &Layout::new(columns, train.names.unwrap_or_default()))
    }

    /// The same before the columns are there, where their numbers of features are known.
    ///
    /// # Errors
    /// As [`Constraints::of`].
    pub(super) fn check(settings: &Gbdt, inputs: &[Field]) -> Result<()> {
        let column = |field: &Field| match &field.kind {
            Kind::Vector { width, .. } => width.map(|width| (width, false)),
            kind => Some((1, matches!(kind, Kind::Level { .. } | Kind::Category))),
        };
        let names: Vec<String> = inputs.iter().map(|field| field.name.clone()).collect();
        match inputs.iter().map(column).collect::<Option<Vec<_>>>() {
            Some(columns) => Self::on(settings, &Layout::new(columns, &names)).map(|_| ()),
            None => Ok(()),
        }
    }

    fn on(settings: &Gbdt, layout: &Layout<'_>) -> Result<Self> {
        let features = layout.features();
        let directions = match &settings.monotonic_cst {
            MonotonicCst::Each(directions) if [0, features].contains(&directions.len()) => directions.clone(),
            MonotonicCst::Each(directions) => {
                let given = directions.len();
                return Err(Error::setting(format!("`monotonic_cst` has {given} directions for {features} features"))
                    .with_hint("give one a feature, or name the columns: { age = 1 }"));
            }
            MonotonicCst::Named(named) => {
                let mut directions = vec![0; features];
                for (name, &direction) in named {
                    directions[layout.place("monotonic_cst", name)?].fill(direction);
                }
                directions
            }
        };
        for (place, (span, is_level)) in layout.spans.iter().zip(&layout.levels).enumerate() {
            let bound = directions.get(span.clone()).is_some_and(|some| some.iter().any(|&d| d != 0));
            if bound && *is_level {
                let name = layout.names.get(place).cloned().unwrap_or_else(|| place.to_string());
                return Err(Error::setting(format!(
                    "`monotonic_cst`: column `{name}` is a category, whose levels have no order"
                ))
                .with_hint("bind numbers only"));
            }
        }
        Ok(Self { directions, sets: sets(settings, layout)? })
    }
}

fn sets(settings: &Gbdt, layout: &Layout<'_>) -> Result<Vec<Vec<usize>>> {
    let features = layout.features();
    let mut sets = Vec::with_capacity(settings.interaction_cst.len());
    for members in &settings.interaction_cst {
        let mut set = Vec::new();
        for member in members {
            match member {
                Member::At(feature) if *feature < features => set.push(*feature),
                Member::At(feature) => {
                    return Err(Error::setting(format!(
                        "`interaction_cst` names feature {feature}, and there are {features}, counted from 0"
                    )));
                }
                Member::Named(name) => set.extend(layout.place("interaction_cst", name)?),
            }
        }
        sets.push(set);
    }
    let rest: Vec<usize> = (0..features).filter(|feature| !sets.iter().any(|set| set.contains(feature))).collect();
    if !sets.is_empty() && !rest.is_empty() {
        sets.push(rest);
    }
    Ok(sets)
}

/// Which features each column has.
struct Layout<'a> {
    spans: Vec<Range<usize>>,
    levels: Vec<bool>,
    /// The columns' names; none where they have none.
    names: &'a [String],
}

impl<'a> Layout<'a> {
    /// Of columns of so many features, levels or not.
    fn new(columns: Vec<(usize, bool)>, names: &'a [String]) -> Self {
        let mut start = 0;
        let span = |width: usize| {
            start += width;
            start - width..start
        };
        let names = if names.len() == columns.len() { names } else { &[] };
        let (widths, levels): (Vec<usize>, Vec<bool>) = columns.into_iter().unzip();
        Self { spans: widths.into_iter().map(span).collect(), levels, names }
    }

    fn features(&self) -> usize {
        self.spans.last().map_or(0, |span| span.end)
    }

    /// The features of a column.
    fn place(&self, key: &str, name: &str) -> Result<Range<usize>> {
        if self.names.is_empty() {
            return Err(Error::setting(format!("`{key}` names `{name}`, and the columns have no names here"))
                .with_hint("say places, counted from 0"));
        }
        let at = self.names.iter().position(|own| own == name).ok_or_else(|| {
            let error = Error::setting(format!("`{key}`: there is no column `{name}` among the inputs"));
            match nearest(name, self.names.iter().map(String::as_str)) {
                Some(near) => error.with_hint(format!("did you mean `{near}`?")),
                None => error.with_hint(format!("the inputs are {}", self.names.join(", "))),
            }
        })?;
        Ok(self.spans[at].clone())
    }
}

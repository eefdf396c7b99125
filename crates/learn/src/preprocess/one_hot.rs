//! Vectors of 0 and 1 for categories: one place a level.
//!
//! The learners of this crate read levels unwidened and need no such step; it is for those that see
//! numbers only, and for export. What is missing, and what was never seen, is all zero, unless rare values were
//! pooled in a level `(other)`, which the unseen join.

use super::choice::{choose, expect, names, pass};
use super::lookup::{Counts, Known, Limits, Lookup};
use arkwright_core::{
    Context, Error, Estimator, Field, Fitted, Format, Frame, Kind, Leaf, Model, Parts, Reads, Registry, Result,
    Settings, Signature, Train,
};
use arrow::array::{ArrayRef, AsArray, FixedSizeListArray, Float64Array};
use arrow::datatypes::{DataType, UInt32Type};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Makes a vector of 0 and 1 of each category or column of levels; its places are named `COL=level`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct OneHot {
    /// The columns; all inputs that are categories or levels if not given.
    pub columns: Option<Vec<String>>,
    /// Whether the first level is left out, which the others determine. Default: no.
    pub drop_first: bool,
    /// How often a value of a category must come to have a level of its own. Default: 1.
    pub min_frequency: u64,
    /// How many levels a category has at most, `(other)` included. Default: 255.
    pub max_levels: usize,
}

impl Default for OneHot {
    fn default() -> Self {
        Self { columns: None, drop_first: false, min_frequency: 1, max_levels: 255 }
    }
}

impl Settings for OneHot {
    fn check(&self) -> Result<(), (&'static str, String)> {
        match self.max_levels {
            0 | 1 => Err(("max_levels", "must be at least 2".into())),
            n if n > 1 << 20 => Err(("max_levels", "must be at most 1048576".into())),
            _ => Ok(()),
        }
    }
}

impl Leaf for OneHot {
    const KIND: &'static str = "one_hot";
    const ABOUT: &'static str = "Makes vectors of 0 and 1 of categories: one place a level.";

    fn estimator(self) -> Arc<dyn Estimator> {
        Arc::new(self)
    }
}

impl OneHot {
    fn chosen(&self, input: &[Field]) -> Result<Vec<usize>> {
        let usable = |kind: &Kind| matches!(kind, Kind::Category | Kind::Level { .. });
        choose(input, self.columns.as_deref(), usable, "a category")
    }
}

impl Estimator for OneHot {
    fn output(&self, input: &[Field]) -> Result<Signature> {
        let takes = names(input, &self.chosen(input)?);
        let gives = takes.iter().map(|name| Field::input(name, Kind::Vector { width: None, names: None })).collect();
        Ok(Signature { takes, gives })
    }

    fn reads(&self) -> Reads {
        Reads::Passes
    }

    fn fit(&self, train: Train, ctx: &Context) -> Result<Fitted> {
        let fields = train.data.fields().clone();
        let at = self.chosen(&fields)?;
        let limits = Limits { min_frequency: self.min_frequency, max_levels: self.max_levels, missing_level: false };
        let to_count: Vec<usize> = at.iter().copied().filter(|&i| fields[i].kind == Kind::Category).collect();
        let mut counts: Vec<Counts> = to_count.iter().map(|_| Counts::default()).collect();
        if !to_count.is_empty() {
            pass(train.data.as_ref(), ctx, |frame, _| {
                counts.iter_mut().zip(&to_count).try_for_each(|(counts, &i)| counts.see(frame, i, ctx))
            })?;
        }
        let mut counts = counts.into_iter();
        let levels = at.iter().map(|&i| match &fields[i].kind {
            Kind::Level { levels: Some(levels) } => Ok(Known { levels: levels.clone(), ..Known::default() }),
            Kind::Level { levels: None } => Err(Error::column(&fields[i].name, "its levels are not known")),
            _ => Ok(counts.next().map(|c| c.levels(limits)).unwrap_or_default()),
        });
        let saved = Saved {
            takes: names(&fields, &at),
            coded: at.iter().map(|&i| fields[i].kind != Kind::Category).collect(),
            levels: levels.collect::<Result<_>>()?,
            drop_first: self.drop_first,
        };
        let model = Widener::new(saved).ok_or_else(|| Error::data("a level comes twice"))?;
        Ok(Fitted::new(model))
    }
}

#[derive(Clone, Serialize, Deserialize)]
struct Saved {
    takes: Vec<String>,
    /// Which columns come as codes already.
    coded: Vec<bool>,
    levels: Vec<Known>,
    drop_first: bool,
}

struct Widener {
    saved: Saved,
    signature: Signature,
    lookups: Vec<Lookup>,
}

impl Widener {
    fn new(saved: Saved) -> Option<Self> {
        let lookups: Vec<Lookup> = saved.levels.iter().cloned().map(Lookup::new).collect::<Option<_>>()?;
        if lookups.len() != saved.takes.len() || saved.coded.len() != saved.takes.len() {
            return None;
        }
        let first = usize::from(saved.drop_first);
        let gives = saved
            .takes
            .iter()
            .zip(&lookups)
            .map(|(name, lookup)| {
                let kept = lookup.known.levels.iter().skip(first);
                let names: Arc<[String]> = kept.map(|level| format!("{name}={level}")).collect();
                Field::input(name, Kind::Vector { width: Some(names.len()), names: Some(names) })
            })
            .collect();
        Some(Self { signature: Signature { takes: saved.takes.clone(), gives }, lookups, saved })
    }

    fn codes(&self, input: &Frame, i: usize) -> Result<Vec<Option<u32>>> {
        if !self.saved.coded[i] {
            return self.lookups[i].codes(input, i);
        }
        let codes = input.columns()[i]
            .as_primitive_opt::<UInt32Type>()
            .ok_or_else(|| Error::column(&self.signature.takes[i], "levels are codes of type UInt32"))?;
        Ok(codes.iter().collect())
    }
}

pub(super) const FORMAT: Format = Format { name: "one_hot", version: 1, load };

fn load(parts: &Parts, _registry: &Registry) -> Result<Arc<dyn Model>> {
    let model = Widener::new(parts.get_json()?);
    Ok(Arc::new(model.ok_or_else(|| parts.damaged("columns and levels do not fit"))?))
}

impl Model for Widener {
    fn format(&self) -> &'static str {
        FORMAT.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn apply(&self, input: &Frame, _ctx: &Context) -> Result<Frame> {
        expect(input, self.lookups.len())?;
        let first = usize::from(self.saved.drop_first);
        let mut columns: Vec<ArrayRef> = Vec::with_capacity(self.lookups.len());
        for (i, lookup) in self.lookups.iter().enumerate() {
            let width = lookup.len().saturating_sub(first);
            let mut values = vec![0.0; width * input.rows()];
            for (row, code) in self.codes(input, i)?.into_iter().enumerate() {
                let place = code.and_then(|code| (code as usize).checked_sub(first)).filter(|place| *place < width);
                if let Some(place) = place {
                    values[row * width + place] = 1.0;
                }
            }
            columns.push(vectors(values, width, input.rows())?);
        }
        Frame::new(self.signature.gives.clone(), columns, input.rows())
    }

    fn save(&self) -> Result<Parts> {
        let mut parts = Parts::new(FORMAT.name);
        parts.put_json(&self.saved)?;
        Ok(parts)
    }
}

fn vectors(values: Vec<f64>, width: usize, rows: usize) -> Result<ArrayRef> {
    let item = Arc::new(arrow::datatypes::Field::new("item", DataType::Float64, true));
    let values = Arc::new(Float64Array::from(values));
    Ok(Arc::new(FixedSizeListArray::try_new_with_length(item, width as i32, values, None, rows)?))
}

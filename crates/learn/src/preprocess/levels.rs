//! Codes of fitted levels for categories.
//!
//! A column of text becomes a column of `u32` codes, the levels in sort order: to a linear model the
//! unwidened form of one-hot columns, to a tree a native category. What is missing, and what was never
//! seen, is null, unless there is a level for it: the rare values are pooled in a level `(other)`, which the
//! unseen join.

use super::choice::{choose, expect, names, pass};
use super::lookup::{Counts, Known, Limits, Lookup};
use arkwright_core::{
    Cell, Context, Error, Estimator, Field, Fitted, Format, Frame, Kind, Leaf, Model, Parts, Reads, Registry, Result,
    Row, Rowwise, Settings, Signature, Skills, Taken, Train,
};
use arrow::array::ArrayRef;
use rayon::prelude::*;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Gives categories the codes of fitted levels.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Levels {
    /// The columns; all inputs that are categories if not given.
    pub columns: Option<Vec<String>>,
    /// How often a value must come to have a level of its own. Default: 1.
    pub min_frequency: u64,
    /// How many levels a column has at most, `(other)` and `(missing)` included; the most frequent are
    /// kept, of equally frequent ones the first in sort order. Default: 255, which trees code in a byte.
    pub max_levels: usize,
    /// Whether missing values have a level `(missing)` where there were any while training, rather
    /// than no code. Default: no, since trees read a missing code natively.
    pub missing_level: bool,
}

impl Default for Levels {
    fn default() -> Self {
        Self { columns: None, min_frequency: 1, max_levels: 255, missing_level: false }
    }
}

impl Settings for Levels {
    fn check(&self) -> Result<(), (&'static str, String)> {
        match self.max_levels {
            0 | 1 => Err(("max_levels", "must be at least 2".into())),
            n if n > 1 << 24 => Err(("max_levels", "must be at most 16777216".into())),
            _ => Ok(()),
        }
    }
}

impl Leaf for Levels {
    const KIND: &'static str = "levels";
    const ABOUT: &'static str = "Gives categories the codes of fitted levels: one-hot, unwidened.";

    fn estimator(self) -> Arc<dyn Estimator> {
        Arc::new(self)
    }
}

impl Levels {
    /// The fitted step that gives columns the codes of levels that are known already: each column with its
    /// levels in the order of their codes. Any other value has no code.
    ///
    /// # Errors
    /// When a level of a column comes twice.
    pub fn fitted(columns: Vec<(String, Vec<String>)>) -> Result<Arc<dyn Model>> {
        let lookup = |(name, levels): (String, Vec<String>)| {
            let lookup = Lookup::new(Known { levels: levels.into(), other: None, absent: None });
            let lookup = lookup.ok_or_else(|| Error::column(&name, "two of its levels are spelt alike"))?;
            Ok((name, lookup))
        };
        let (takes, lookups) = columns.into_iter().map(lookup).collect::<Result<Vec<_>>>()?.into_iter().unzip();
        Ok(Arc::new(Leveller::new(takes, lookups)))
    }

    fn chosen(&self, input: &[Field]) -> Result<Vec<usize>> {
        choose(input, self.columns.as_deref(), |kind| *kind == Kind::Category, "a category")
    }
}

impl Estimator for Levels {
    fn output(&self, input: &[Field]) -> Result<Signature> {
        let takes = names(input, &self.chosen(input)?);
        let gives = takes.iter().map(|name| Field::input(name, Kind::Level { levels: None })).collect();
        Ok(Signature { takes, gives })
    }

    fn reads(&self) -> Reads {
        Reads::Passes
    }

    fn fit(&self, train: Train, ctx: &Context) -> Result<Fitted> {
        let fields = train.data.fields().clone();
        let at = self.chosen(&fields)?;
        let limits = Limits {
            min_frequency: self.min_frequency,
            max_levels: self.max_levels,
            missing_level: self.missing_level,
        };
        let mut counts: Vec<Counts> = at.iter().map(|_| Counts::default()).collect();
        pass(train.data.as_ref(), ctx, |frame, _| {
            counts.par_iter_mut().zip(&at).try_for_each(|(counts, &i)| counts.see(frame, i, ctx))
        })?;
        let lookups = counts.into_iter().filter_map(|c| Lookup::new(c.levels(limits))).collect();
        Ok(Fitted::new(Leveller::new(names(&fields, &at), lookups)))
    }
}

struct Leveller {
    signature: Signature,
    lookups: Vec<Lookup>,
}

impl Leveller {
    fn new(takes: Vec<String>, lookups: Vec<Lookup>) -> Self {
        let gives = takes
            .iter()
            .zip(&lookups)
            .map(|(name, lookup)| Field::input(name, Kind::Level { levels: Some(lookup.known.levels.clone()) }))
            .collect();
        Self { signature: Signature { takes, gives }, lookups }
    }
}

#[derive(Serialize, Deserialize)]
struct Saved {
    takes: Vec<String>,
    levels: Vec<Known>,
}

pub(super) const FORMAT: Format = Format { name: "levels", version: 1, load };

fn load(parts: &Parts, _registry: &Registry) -> Result<Arc<dyn Model>> {
    let saved: Saved = parts.get_json()?;
    let lookups: Option<Vec<Lookup>> = saved.levels.into_iter().map(Lookup::new).collect();
    match lookups {
        Some(lookups) if lookups.len() == saved.takes.len() => Ok(Arc::new(Leveller::new(saved.takes, lookups))),
        _ => Err(parts.damaged("columns and levels do not fit")),
    }
}

/// Rows from which on the columns are coded in parallel.
const MANY: usize = 4096;

impl Model for Leveller {
    fn format(&self) -> &'static str {
        FORMAT.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn apply(&self, input: &Frame, _ctx: &Context) -> Result<Frame> {
        expect(input, self.lookups.len())?;
        let code = |(i, lookup): (usize, &Lookup)| -> Result<ArrayRef> { Ok(Arc::new(lookup.array(input, i)?)) };
        let columns = match input.rows() < MANY {
            true => self.lookups.iter().enumerate().map(code).collect::<Result<Vec<_>>>()?,
            false => self.lookups.par_iter().enumerate().map(code).collect::<Result<Vec<_>>>()?,
        };
        Frame::new(self.signature.gives.clone(), columns, input.rows())
    }

    fn save(&self) -> Result<Parts> {
        let mut parts = Parts::new(FORMAT.name);
        let levels = self.lookups.iter().map(|lookup| lookup.known.clone()).collect();
        parts.put_json(&Saved { takes: self.signature.takes.clone(), levels })?;
        Ok(parts)
    }

    fn skills(&self) -> Skills<'_> {
        Skills { row: Some(self), ..Skills::default() }
    }
}

impl Rowwise for Leveller {
    fn add<'a>(&'a self, row: &mut Row<'a>, taken: Taken<'_>) -> Option<()> {
        for (i, lookup) in self.lookups.iter().enumerate() {
            let cell = taken.cell(row, i);
            row.cells.push(lookup.cell(cell)?.map_or(Cell::Missing, Cell::Code));
        }
        Some(())
    }
}

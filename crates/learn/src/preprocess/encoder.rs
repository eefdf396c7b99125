//! Encoders of categories by the target: what `target_encode` and `ordered_target_encode` share.
//!
//! Both end in a table with the code of each level, which is all that is kept. They differ in the codes that the
//! next step learns from, of which none may know its row's own target.

use super::choice::expect;
use super::lookup::{Counts, Known, Limits, Lookup};
use arkwright_core::{
    Cell, Context, Error, Field, Format, Frame, Hasher, Json, Kind, Model, Parts, Registry, Result, Row, Rowwise,
    Signature, Skills, Source, Table, Taken, Task, sort_classes, target_of,
};
use arrow::array::{ArrayRef, Float64Array};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::sync::Arc;

/// For each row the level that it has, if any.
type Codes = Vec<Option<u32>>;

/// The levels of some columns, and each row's.
pub(super) fn looked_up(frame: &Frame, at: &[usize], ctx: &Context) -> Result<(Vec<Lookup>, Vec<Codes>)> {
    let limits = Limits { min_frequency: 1, max_levels: usize::MAX, missing_level: true };
    let (mut lookups, mut codes) = (Vec::with_capacity(at.len()), Vec::with_capacity(at.len()));
    for &i in at {
        let mut counts = Counts::default();
        counts.see(frame, i, ctx)?;
        let lookup = Lookup::new(counts.levels(limits)).ok_or_else(|| Error::data("a level comes twice"))?;
        codes.push(lookup.codes(frame, i)?);
        lookups.push(lookup);
    }
    Ok((lookups, codes))
}

/// What the next step learns from: what passes, and codes that do not know their row's own target.
pub(super) fn learnt_rows(
    kind: &str,
    settings: Json,
    frame: &Frame,
    model: &Encoder,
    columns: Vec<Vec<f64>>,
    data: &dyn Source,
    ctx: &Context,
) -> Result<Arc<dyn Source>> {
    let rest = frame.filter(|f| !model.signature.takes.contains(&f.name));
    let fields: Vec<Field> = rest.fields().iter().chain(model.signature.gives.iter()).cloned().collect();
    let given = columns.into_iter().map(|values| Arc::new(Float64Array::from(values)) as ArrayRef);
    let columns = rest.columns().iter().cloned().chain(given).collect();
    let identity = data
        .identity()
        .map(|rows| Hasher::new(&format!("{kind} rows")).hash(&rows).json(&settings).number(ctx.root_seed()).finish());
    Ok(Table::new(Frame::new(fields, columns, frame.rows())?, identity))
}

/// The target as numbers: one column, or for more than two classes one a class.
pub(super) struct Answers {
    pub(super) columns: Vec<Vec<f64>>,
    pub(super) classes: Vec<String>,
    pub(super) class: Option<Vec<usize>>,
    pub(super) weight: Vec<f64>,
}

impl Answers {
    pub(super) fn of(frame: &Frame) -> Result<Self> {
        let target = target_of(frame.fields())?;
        let at = frame.position(&target.name).unwrap_or_default();
        let weight = frame.weights(0)?.map_or_else(|| vec![1.0; frame.rows()], Cow::into_owned);
        if Task::of(target)? == Task::Regress {
            let y = frame.numbers(at)?.into_owned();
            if let Some(row) = y.iter().position(|v| !v.is_finite()) {
                return Err(Error::cell(&target.name, row as u64, "the target is missing or infinite"));
            }
            return Ok(Self { columns: vec![y], classes: Vec::new(), class: None, weight });
        }
        let labels = frame.texts(at)?;
        if let Some(row) = labels.iter().position(|label| label.is_none()) {
            return Err(Error::cell(&target.name, row as u64, "the target is missing"));
        }
        let mut classes: Vec<String> = labels.iter().flatten().map(str::to_string).collect();
        classes.sort_unstable();
        classes.dedup();
        sort_classes(&mut classes);
        let find = |label: &str| classes.iter().position(|c| c == label).unwrap_or_default();
        let class: Vec<usize> = labels.iter().flatten().map(find).collect();
        let column = |c: usize| class.iter().map(|&of| f64::from(u8::from(of == c))).collect();
        let (columns, names) = match classes.len() {
            0..=2 => (vec![column(1)], Vec::new()),
            k => ((0..k).map(column).collect(), classes.clone()),
        };
        Ok(Self { columns, classes: names, class: Some(class), weight })
    }
}

pub(super) fn signature(takes: Vec<String>, classes: &[String]) -> Signature {
    let gives = takes
        .iter()
        .flat_map(|name| match classes.is_empty() {
            true => vec![Field::input(name, Kind::Number)],
            false => classes.iter().map(|class| Field::input(format!("{name}.{class}"), Kind::Number)).collect(),
        })
        .collect();
    Signature { takes, gives }
}

/// Codes of levels, as a table.
pub(super) struct Encoder {
    signature: Signature,
    classes: Vec<String>,
    lookups: Vec<Lookup>,
    /// The overall mean of each given column.
    means: Vec<f64>,
    /// The codes of the levels, one given column after the other.
    tables: Vec<f64>,
}

impl Encoder {
    pub(super) fn new(takes: Vec<String>, classes: Vec<String>, lookups: Vec<Lookup>, tables: Vec<f64>) -> Self {
        Self { signature: signature(takes, &classes), classes, lookups, means: Vec::new(), tables }
    }

    pub(super) fn with_means(self, means: Vec<f64>) -> Self {
        Self { means, ..self }
    }

    /// Given columns for each taken one.
    fn outputs(&self) -> usize {
        self.classes.len().max(1)
    }
}

#[derive(Serialize, Deserialize)]
struct Saved {
    takes: Vec<String>,
    classes: Vec<String>,
    levels: Vec<Known>,
}

pub(super) const FORMAT: Format = Format { name: "target_encode", version: 1, load };

fn load(parts: &Parts, _registry: &Registry) -> Result<Arc<dyn Model>> {
    let saved: Saved = parts.get_json()?;
    let damaged = || parts.damaged("columns, levels and numbers do not fit");
    let lookups: Vec<Lookup> = saved.levels.into_iter().map(Lookup::new).collect::<Option<_>>().ok_or_else(damaged)?;
    let (means, tables): (&[f64], &[f64]) = (parts.get("means")?, parts.get("codes")?);
    let columns = saved.takes.len();
    let model = Encoder::new(saved.takes, saved.classes, lookups, tables.to_vec()).with_means(means.to_vec());
    let width: usize = model.lookups.iter().map(|l| l.len()).sum::<usize>() * model.outputs();
    let right = model.lookups.len() == columns && means.len() == columns * model.outputs() && tables.len() == width;
    if right { Ok(Arc::new(model)) } else { Err(damaged()) }
}

impl Model for Encoder {
    fn format(&self) -> &'static str {
        FORMAT.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn apply(&self, input: &Frame, _ctx: &Context) -> Result<Frame> {
        expect(input, self.lookups.len())?;
        let mut columns: Vec<ArrayRef> = Vec::with_capacity(self.means.len());
        let mut tables = &self.tables[..];
        for (i, lookup) in self.lookups.iter().enumerate() {
            let codes = lookup.codes(input, i)?;
            for c in 0..self.outputs() {
                let (table, after) = tables.split_at(lookup.len());
                tables = after;
                let overall = self.means[i * self.outputs() + c];
                let value = |code: &Option<u32>| code.map_or(overall, |code| table[code as usize]);
                columns.push(Arc::new(Float64Array::from_iter_values(codes.iter().map(value))));
            }
        }
        Frame::new(self.signature.gives.clone(), columns, input.rows())
    }

    fn save(&self) -> Result<Parts> {
        let mut parts = Parts::new(FORMAT.name);
        let levels = self.lookups.iter().map(|lookup| lookup.known.clone()).collect();
        parts.put_json(&Saved { takes: self.signature.takes.clone(), classes: self.classes.clone(), levels })?;
        parts.put("means", self.means.clone());
        parts.put("codes", self.tables.clone());
        Ok(parts)
    }

    fn skills(&self) -> Skills<'_> {
        Skills { row: Some(self), ..Skills::default() }
    }
}

impl Rowwise for Encoder {
    fn add<'a>(&'a self, row: &mut Row<'a>, taken: Taken<'_>) -> Option<()> {
        let mut tables = &self.tables[..];
        for (i, lookup) in self.lookups.iter().enumerate() {
            let code = lookup.cell(taken.cell(row, i))?;
            for c in 0..self.outputs() {
                let (table, after) = tables.split_at(lookup.len());
                tables = after;
                let overall = self.means[i * self.outputs() + c];
                row.cells.push(Cell::of_number(code.map_or(overall, |code| table[code as usize]))?);
            }
        }
        Some(())
    }
}

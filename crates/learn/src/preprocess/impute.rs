//! Fills the gaps in columns of numbers, and remembers where they were.
//!
//! A gap is a null or a NaN. Each column is filled with one number that it had on average while
//! training; a column `COL.missing` of 0 and 1 says where it was filled, so that a model can learn from the
//! gap itself. Rows count as they weigh.

use super::choice::{choose, expect, finite, names, pass};
use super::quantile;
use arkwright_core::{
    Cell, Context, Estimator, Field, Fitted, Format, Frame, Kind, Leaf, Model, Parts, Reads, Registry, Result, Row,
    Rowwise, Settings, Signature, Skills, Taken, Train,
};
use arrow::array::{Array, ArrayRef, Float64Array};
use arrow::datatypes::DataType;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::sync::Arc;

/// What a gap is filled with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Strategy {
    /// The mean. Learns in one pass over rows of any number.
    #[default]
    Mean,
    /// The median: not moved by outliers. Holds the columns in memory.
    Median,
    /// The most frequent value; of equally frequent ones the smallest.
    MostFrequent,
    /// `fill_value`.
    Constant,
}

/// Fills the gaps in columns of numbers. Settings are named as in scikit-learn's `SimpleImputer`.
///
/// A column that was empty while training is filled with 0 and the user is told. Columns of other kinds
/// pass: levels have a code for what is missing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Impute {
    /// The columns; all inputs that are numbers if not given.
    pub columns: Option<Vec<String>>,
    /// What a gap is filled with. Default: the mean.
    pub strategy: Strategy,
    /// The number for the strategy `constant`; 0 if not given.
    pub fill_value: Option<f64>,
    /// Whether a column `COL.missing` is added for each column that had gaps while training. Default: yes.
    pub add_indicator: bool,
}

impl Default for Impute {
    fn default() -> Self {
        Self { columns: None, strategy: Strategy::Mean, fill_value: None, add_indicator: true }
    }
}

impl Settings for Impute {
    fn check(&self) -> Result<(), (&'static str, String)> {
        match self.fill_value {
            Some(_) if self.strategy != Strategy::Constant => {
                Err(("fill_value", "is for the strategy `constant` only".into()))
            }
            Some(v) if !v.is_finite() => Err(("fill_value", "must be finite".into())),
            _ => Ok(()),
        }
    }
}

impl Leaf for Impute {
    const KIND: &'static str = "impute";
    const ABOUT: &'static str = "Fills missing numbers, and adds columns that say where they were missing.";

    fn estimator(self) -> Arc<dyn Estimator> {
        Arc::new(self)
    }
}

impl Impute {
    fn chosen(&self, input: &[Field]) -> Result<Vec<usize>> {
        choose(input, self.columns.as_deref(), |kind| *kind == Kind::Number, "a number")
    }
}

impl Estimator for Impute {
    fn output(&self, input: &[Field]) -> Result<Signature> {
        let at = self.chosen(input)?;
        let takes = names(input, &at);
        // Which columns have gaps is known once rows were read.
        Ok(signature(takes, &[]))
    }

    fn reads(&self) -> Reads {
        match self.strategy {
            Strategy::Mean | Strategy::Constant => Reads::Passes,
            Strategy::Median | Strategy::MostFrequent => Reads::All,
        }
    }

    fn fit(&self, train: Train, ctx: &Context) -> Result<Fitted> {
        let fields = train.data.fields().clone();
        let at = self.chosen(&fields)?;
        let takes = names(&fields, &at);
        let mut gaps: Vec<Gaps> = at.iter().map(|_| Gaps::new(self.strategy)).collect();
        let mut held = 0;
        pass(train.data.as_ref(), ctx, |frame, start| {
            let weights = frame.weights(start)?;
            for (gaps, &i) in gaps.iter_mut().zip(&at) {
                let values = frame.numbers(i)?;
                finite(&fields[i].name, &values, start)?;
                gaps.see(&values, weights.as_deref());
            }
            if self.reads() == Reads::All {
                held += 16 * (at.len() * frame.rows()) as u64;
                ctx.allow("the values of the columns to impute", held)?;
            }
            Ok(())
        })?;
        let constant = self.fill_value.unwrap_or(0.0);
        let mut fill = Vec::with_capacity(at.len());
        let mut indicators = Vec::new();
        for (i, gaps) in gaps.iter_mut().enumerate() {
            let value = gaps.fill(self.strategy, constant);
            if value.is_none() {
                ctx.warn(&format!("column `{}` has no value at all; it is filled with 0", takes[i]));
            } else if self.add_indicator && gaps.missing > 0 {
                indicators.push(i);
            }
            fill.push(value.unwrap_or(0.0));
        }
        Ok(Fitted::new(Imputer { signature: signature(takes, &indicators), fill, indicators }))
    }
}

/// What is known of a column while passing over it.
struct Gaps {
    missing: u64,
    weight: f64,
    mean: f64,
    seen: Vec<(f64, f64)>,
    counts: HashMap<u64, f64>,
    strategy: Strategy,
}

impl Gaps {
    fn new(strategy: Strategy) -> Self {
        Self { missing: 0, weight: 0.0, mean: 0.0, seen: Vec::new(), counts: HashMap::new(), strategy }
    }

    fn see(&mut self, values: &[f64], weights: Option<&[f64]>) {
        let weighted = values.iter().enumerate().map(|(i, &v)| (v, weights.map_or(1.0, |w| w[i])));
        let present = weighted.filter(|(v, _)| !v.is_nan());
        self.missing += values.iter().filter(|v| v.is_nan()).count() as u64;
        match self.strategy {
            Strategy::Mean | Strategy::Constant => {
                // Around the mean so far, so that no digits are lost to a large offset.
                let shift = self.mean;
                let (weight, sum) = present.fold((0.0, 0.0), |(w, s), (v, u)| (w + u, s + u * (v - shift)));
                self.weight += weight;
                if self.weight > 0.0 {
                    self.mean += sum / self.weight;
                }
            }
            Strategy::Median => self.seen.extend(present),
            // Adding 0 makes one value of 0 and -0.
            Strategy::MostFrequent => {
                present.for_each(|(v, w)| *self.counts.entry((v + 0.0).to_bits()).or_insert(0.0) += w);
            }
        }
    }

    /// `None` where nothing was seen.
    fn fill(&mut self, strategy: Strategy, constant: f64) -> Option<f64> {
        match strategy {
            Strategy::Mean => (self.weight > 0.0).then_some(self.mean),
            Strategy::Constant => Some(constant),
            Strategy::Median => quantile(&mut self.seen, 0.5),
            Strategy::MostFrequent => {
                let counts = self.counts.iter().map(|(&bits, &count)| (f64::from_bits(bits), count));
                let best = counts.max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.total_cmp(&a.0)));
                best.map(|(value, _)| value)
            }
        }
    }
}

fn signature(takes: Vec<String>, indicators: &[usize]) -> Signature {
    let filled = takes.iter().map(|name| Field::input(name, Kind::Number));
    let added = indicators.iter().map(|&i| Field::input(format!("{}.missing", takes[i]), Kind::Number));
    let gives = filled.chain(added).collect();
    Signature { takes, gives }
}

struct Imputer {
    signature: Signature,
    fill: Vec<f64>,
    indicators: Vec<usize>,
}

#[derive(Serialize, Deserialize)]
struct Saved {
    takes: Vec<String>,
    indicators: Vec<usize>,
}

pub(super) const FORMAT: Format = Format { name: "impute", version: 1, load };

fn load(parts: &Parts, _registry: &Registry) -> Result<Arc<dyn Model>> {
    let saved: Saved = parts.get_json()?;
    let fill: &[f64] = parts.get("fill")?;
    if fill.len() != saved.takes.len() || saved.indicators.iter().any(|&i| i >= fill.len()) {
        return Err(parts.damaged("columns and numbers do not fit"));
    }
    let signature = signature(saved.takes, &saved.indicators);
    Ok(Arc::new(Imputer { signature, fill: fill.to_vec(), indicators: saved.indicators }))
}

impl Model for Imputer {
    fn format(&self) -> &'static str {
        FORMAT.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn apply(&self, input: &Frame, _ctx: &Context) -> Result<Frame> {
        expect(input, self.fill.len())?;
        let mut columns: Vec<ArrayRef> = Vec::with_capacity(self.signature.gives.len());
        for (i, &fill) in self.fill.iter().enumerate() {
            let values = input.numbers(i)?;
            finite(&self.signature.takes[i], &values, 0)?;
            let array = &input.columns()[i];
            let whole = array.data_type() == &DataType::Float64 && array.null_count() == 0;
            columns.push(match whole && !values.iter().any(|v| v.is_nan()) {
                true => array.clone(),
                false => {
                    let mut values = values.into_owned();
                    values.iter_mut().filter(|v| v.is_nan()).for_each(|v| *v = fill);
                    Arc::new(Float64Array::from(values))
                }
            });
        }
        for &i in &self.indicators {
            let values = input.numbers(i)?;
            columns
                .push(Arc::new(Float64Array::from_iter_values(values.iter().map(|v| f64::from(u8::from(v.is_nan()))))));
        }
        Frame::new(self.signature.gives.clone(), columns, input.rows())
    }

    fn save(&self) -> Result<Parts> {
        let mut parts = Parts::new(FORMAT.name);
        parts.put_json(&Saved { takes: self.signature.takes.clone(), indicators: self.indicators.clone() })?;
        parts.put("fill", self.fill.clone());
        Ok(parts)
    }

    fn skills(&self) -> Skills<'_> {
        Skills { row: Some(self), ..Skills::default() }
    }
}

impl Rowwise for Imputer {
    fn add<'a>(&'a self, row: &mut Row<'a>, taken: Taken<'_>) -> Option<()> {
        for (i, &fill) in self.fill.iter().enumerate() {
            let value = taken.cell(row, i).number()?;
            row.cells.push(Cell::of_number(if value.is_nan() { fill } else { value })?);
        }
        for &i in &self.indicators {
            let value = taken.cell(row, i).number()?;
            row.cells.push(Cell::Number(f64::from(u8::from(value.is_nan()))));
        }
        Some(())
    }
}

//! Puts columns of numbers on a common scale: `(x - centre) / scale`.
//!
//! Missing values stay missing. A column that was constant while training is only centred. Means and
//! variances are made batch by batch and merged (Chan, Golub & LeVeque 1979), so that they are exact to
//! rounding for any offset and need no memory. Rows count as they weigh.

use super::choice::{choose, expect, finite, names, pass};
use super::quantile;
use arkwright_core::{
    Cell, Context, Estimator, Field, Fitted, Format, Frame, Kind, Leaf, Model, Parts, Reads, Registry, Result, Row,
    Rowwise, Settings, Signature, Skills, Taken, Train,
};
use arrow::array::{ArrayRef, Float64Array};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// What becomes the centre and the scale.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// Mean and standard deviation (of the population, divided by n).
    #[default]
    Standard,
    /// Smallest value and range: 0 to 1.
    Minmax,
    /// Median and the range between the quartiles: not moved by outliers. Holds the columns in memory.
    Robust,
    /// Zero and the largest absolute value: -1 to 1, zeros stay.
    Maxabs,
}

/// Puts columns of numbers on a common scale, as scikit-learn's `StandardScaler`, `MinMaxScaler`,
/// `RobustScaler` and `MaxAbsScaler`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Scale {
    /// The columns; all inputs that are numbers if not given.
    pub columns: Option<Vec<String>>,
    /// What becomes the centre and the scale. Default: mean and standard deviation.
    pub method: Method,
}

impl Settings for Scale {}

impl Leaf for Scale {
    const KIND: &'static str = "scale";
    const ABOUT: &'static str = "Puts columns of numbers on a common scale.";

    fn estimator(self) -> Arc<dyn Estimator> {
        Arc::new(self)
    }
}

impl Scale {
    fn chosen(&self, input: &[Field]) -> Result<Vec<usize>> {
        choose(input, self.columns.as_deref(), |kind| *kind == Kind::Number, "a number")
    }
}

impl Estimator for Scale {
    fn output(&self, input: &[Field]) -> Result<Signature> {
        Ok(signature(names(input, &self.chosen(input)?)))
    }

    fn reads(&self) -> Reads {
        match self.method {
            Method::Robust => Reads::All,
            _ => Reads::Passes,
        }
    }

    fn fit(&self, train: Train, ctx: &Context) -> Result<Fitted> {
        let fields = train.data.fields().clone();
        let at = self.chosen(&fields)?;
        let mut moments: Vec<Moments> = at.iter().map(|_| Moments::default()).collect();
        let robust = self.method == Method::Robust;
        let mut held = 0;
        pass(train.data.as_ref(), ctx, |frame, start| {
            let weights = frame.weights(start)?;
            for (moments, &i) in moments.iter_mut().zip(&at) {
                let values = frame.numbers(i)?;
                finite(&fields[i].name, &values, start)?;
                moments.see(&values, weights.as_deref(), robust);
            }
            if robust {
                held += 16 * (at.len() * frame.rows()) as u64;
                ctx.allow("the values of the columns to scale", held)?;
            }
            Ok(())
        })?;
        let (centre, scale) = moments.iter_mut().map(|m| m.centre_and_scale(self.method)).unzip();
        Ok(Fitted::new(Scaler { signature: signature(names(&fields, &at)), centre, scale }))
    }
}

/// What is known of a column while passing over it.
struct Moments {
    weight: f64,
    mean: f64,
    squares: f64,
    low: f64,
    high: f64,
    seen: Vec<(f64, f64)>,
}

impl Default for Moments {
    fn default() -> Self {
        let (low, high) = (f64::INFINITY, f64::NEG_INFINITY);
        Self { weight: 0.0, mean: 0.0, squares: 0.0, low, high, seen: Vec::new() }
    }
}

impl Moments {
    fn see(&mut self, values: &[f64], weights: Option<&[f64]>, keep: bool) {
        let present = || {
            let weighted = values.iter().enumerate().map(|(i, &v)| (v, weights.map_or(1.0, |w| w[i])));
            weighted.filter(|(v, w)| !v.is_nan() && *w > 0.0)
        };
        if keep {
            self.seen.extend(present());
        }
        let (mut weight, mut sum) = (0.0, 0.0);
        for (v, w) in present() {
            weight += w;
            sum += w * v;
            self.low = self.low.min(v);
            self.high = self.high.max(v);
        }
        if weight <= 0.0 {
            return;
        }
        let mean = sum / weight;
        // The second sum is zero but for rounding, and takes that rounding out of the first.
        let (squares, rest) =
            present().fold((0.0, 0.0), |(s, r), (v, w)| (s + w * (v - mean) * (v - mean), r + w * (v - mean)));
        let squares = squares - rest * rest / weight;
        let mean = mean + rest / weight;
        let (total, apart) = (self.weight + weight, mean - self.mean);
        self.squares += squares + apart * apart * (self.weight * weight / total);
        self.mean += apart * (weight / total);
        self.weight = total;
    }

    fn centre_and_scale(&mut self, method: Method) -> (f64, f64) {
        if self.weight <= 0.0 {
            return (0.0, 1.0);
        }
        let (centre, scale) = match method {
            Method::Standard => {
                let variance = (self.squares / self.weight).max(0.0);
                // What rounding alone can make of a constant column; scikit-learn's bound.
                let noise = self.weight * f64::EPSILON * variance + (self.weight * self.mean * f64::EPSILON).powi(2);
                (self.mean, if variance <= noise { 0.0 } else { variance.sqrt() })
            }
            Method::Minmax => (self.low, self.high - self.low),
            Method::Maxabs => (0.0, self.low.abs().max(self.high.abs())),
            Method::Robust => {
                let mut at = |q| quantile(&mut self.seen, q).unwrap_or(0.0);
                (at(0.5), at(0.75) - at(0.25))
            }
        };
        // A scale of 0, and one that overflowed, would make an infinite value of a finite one.
        let usable = scale.is_finite() && scale >= f64::MIN_POSITIVE;
        (centre, if usable { scale } else { 1.0 })
    }
}

fn signature(takes: Vec<String>) -> Signature {
    let gives = takes.iter().map(|name| Field::input(name, Kind::Number)).collect();
    Signature { takes, gives }
}

struct Scaler {
    signature: Signature,
    centre: Vec<f64>,
    scale: Vec<f64>,
}

pub(super) const FORMAT: Format = Format { name: "scale", version: 1, load };

fn load(parts: &Parts, _registry: &Registry) -> Result<Arc<dyn Model>> {
    let takes: Vec<String> = parts.get_json()?;
    let (centre, scale): (&[f64], &[f64]) = (parts.get("centre")?, parts.get("scale")?);
    if centre.len() != takes.len() || scale.len() != takes.len() {
        return Err(parts.damaged("columns and numbers do not fit"));
    }
    Ok(Arc::new(Scaler { signature: signature(takes), centre: centre.to_vec(), scale: scale.to_vec() }))
}

impl Model for Scaler {
    fn format(&self) -> &'static str {
        FORMAT.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn apply(&self, input: &Frame, _ctx: &Context) -> Result<Frame> {
        expect(input, self.centre.len())?;
        let column = |i: usize| -> Result<ArrayRef> {
            let values = input.numbers(i)?;
            finite(&self.signature.takes[i], &values, 0)?;
            let (centre, scale) = (self.centre[i], self.scale[i]);
            Ok(Arc::new(Float64Array::from_iter_values(values.iter().map(|v| (v - centre) / scale))))
        };
        let columns = (0..self.centre.len()).map(column).collect::<Result<_>>()?;
        Frame::new(self.signature.gives.clone(), columns, input.rows())
    }

    fn save(&self) -> Result<Parts> {
        let mut parts = Parts::new(FORMAT.name);
        parts.put_json(&self.signature.takes)?;
        parts.put("centre", self.centre.clone());
        parts.put("scale", self.scale.clone());
        Ok(parts)
    }

    fn skills(&self) -> Skills<'_> {
        Skills { row: Some(self), ..Skills::default() }
    }
}

impl Rowwise for Scaler {
    fn add<'a>(&'a self, row: &mut Row<'a>, taken: Taken<'_>) -> Option<()> {
        for (i, (centre, scale)) in self.centre.iter().zip(&self.scale).enumerate() {
            let value = taken.cell(row, i).number()?;
            row.cells.push(Cell::of_number((value - centre) / scale)?);
        }
        Some(())
    }
}

//! The fitted linear model: coefficients, an intercept, a link.
//!
//! `raw = intercept + sum of coef x`, and the answer is the raw value itself, its exponential, its logistic function, or the
//! softmax of one raw value a class. What a column adds to the raw value beyond what it adds on average is
//! its SHAP value exactly (Lundberg & Lee 2017, for independent inputs): `coef (x - mean)`.

use super::design::{CHUNK, Layout, Shape, add_products};
use crate::link::{odds, softmax};
use crate::{Column, Design, Predict};
use arkwright_core::{Parts, Result};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

/// How raw values become answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Link {
    /// The raw value is the answer.
    Identity,
    /// The answer is the exponential of the raw value.
    Log,
    /// One raw value, the log-odds of the second of two classes.
    Logistic,
    /// A raw value a class.
    Softmax,
}

/// A fitted linear model.
#[derive(Clone, Debug, PartialEq)]
pub struct LinearModel {
    layout: Layout,
    link: Link,
    coef: Vec<f64>,
    intercept: Vec<f64>,
    means: Vec<f64>,
}

impl LinearModel {
    /// A model of k raw values of p numbers: `coef` is k x p, `intercept` k long, `means` p long.
    pub(crate) fn new(layout: Layout, link: Link, coef: Vec<f64>, intercept: Vec<f64>, means: Vec<f64>) -> Self {
        Self { layout, link, coef, intercept, means }
    }

    /// The coefficients, k x p: p numbers for each raw value, in the order of the columns, levels unfolded.
    pub fn coef(&self) -> &[f64] {
        &self.coef
    }

    /// The intercepts, one a raw value: one for regression and for two classes, else one a class.
    pub fn intercept(&self) -> &[f64] {
        &self.intercept
    }

    /// Whether a design unfolds as the one that was fitted on.
    fn fits(&self, x: &Design<'_>) -> bool {
        x.columns.len() == self.layout.shapes().len() && Layout::of(x) == self.layout
    }

    /// The answers of some rows, from their raw values.
    fn answer(&self, raw: &[f64], out: &mut [f64]) {
        match self.link {
            Link::Identity => out.copy_from_slice(raw),
            Link::Log => raw.iter().zip(out).for_each(|(raw, out)| *out = libm::exp(raw.clamp(-700.0, 700.0))),
            Link::Logistic => raw.iter().zip(out.chunks_exact_mut(2)).for_each(|(&raw, out)| {
                (out[0], out[1]) = odds(raw);
            }),
            Link::Softmax => {
                out.copy_from_slice(raw);
                out.chunks_exact_mut(self.intercept.len()).for_each(softmax);
            }
        }
    }
}

impl Predict for LinearModel {
    const FORMAT: &'static str = "linear";

    fn outputs(&self) -> usize {
        match self.link {
            Link::Logistic => 2,
            Link::Identity | Link::Log | Link::Softmax => self.intercept.len(),
        }
    }

    fn predict(&self, x: &Design<'_>, out: &mut [f64]) {
        let (k, outputs) = (self.intercept.len(), self.outputs());
        if !self.fits(x) || out.len() != x.rows * outputs {
            // A design of another shape is refused before it comes here.
            out.fill(f64::NAN);
            return;
        }
        let chunk = |(i, out): (usize, &mut [f64])| {
            let rows = i * CHUNK..i * CHUNK + out.len() / outputs;
            let mut raw = self.intercept.repeat(rows.len());
            add_products(x, &self.layout, &self.coef, rows, &mut raw);
            debug_assert!(raw.len() * outputs == out.len() * k);
            self.answer(&raw, out);
        };
        match x.rows {
            0 => {}
            n if n <= CHUNK => chunk((0, out)),
            _ => out.par_chunks_mut(CHUNK * outputs).enumerate().for_each(chunk),
        }
    }

    fn save(&self, parts: &mut Parts) -> Result<()> {
        parts.put_json(&self.link)?;
        parts.put("layout", self.layout.encode());
        parts.put("coef", self.coef.clone());
        parts.put("intercept", self.intercept.clone());
        parts.put("means", self.means.clone());
        Ok(())
    }

    fn load(parts: &Parts) -> Result<Self> {
        let link: Link = parts.get_json()?;
        let layout = Layout::decode(parts.get("layout")?).ok_or_else(|| parts.damaged("`layout` is cut"))?;
        let (coef, intercept, means) = (parts.get("coef")?, parts.get("intercept")?, parts.get("means")?);
        let (k, p) = (intercept.len(), layout.width());
        let right = match link {
            Link::Identity | Link::Log | Link::Logistic => k == 1,
            Link::Softmax => k >= 2,
        };
        if !right || k.checked_mul(p) != Some(coef.len()) || means.len() != p {
            return Err(parts.damaged("the coefficients do not fit the columns"));
        }
        Ok(Self::new(layout, link, coef.to_vec(), intercept.to_vec(), means.to_vec()))
    }

    fn attributes(&self) -> bool {
        true
    }

    fn attribute(&self, x: &Design<'_>) -> Option<(Vec<f64>, Vec<f64>)> {
        if !self.fits(x) {
            return None;
        }
        let (k, p, c) = (self.intercept.len(), self.layout.width(), x.columns.len());
        let mut values = vec![0.0; x.rows * k * c];
        let mut base = self.intercept.clone();
        for (j, (column, (shape, at))) in x.columns.iter().zip(self.layout.columns()).enumerate() {
            for (r, base) in base.iter_mut().enumerate() {
                let coef = &self.coef[r * p + at..][..shape.width()];
                let mean: f64 = coef.iter().zip(&self.means[at..]).map(|(b, m)| b * m).sum();
                *base += mean;
                for row in 0..x.rows {
                    values[(row * k + r) * c + j] = part(column, shape, coef, row) - mean;
                }
            }
        }
        Some((values, base))
    }
}

/// What a column adds to the raw value of a row.
fn part(column: &Column<'_>, shape: Shape, coef: &[f64], row: usize) -> f64 {
    match *column {
        Column::F32(values) => coef[0] * f64::from(values[row]),
        Column::F64(values) => coef[0] * values[row],
        Column::Level { codes, .. } => coef.get(codes[row] as usize).copied().unwrap_or(0.0),
        Column::Block { values, .. } => {
            let width = shape.width();
            super::design::dot(coef, &values[row * width..(row + 1) * width])
        }
    }
}

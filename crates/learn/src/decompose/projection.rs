//! A fitted projection: rows less a mean, in k directions.

use crate::dense::{Matrix, Panels};
use crate::{Design, Given, Transform};
use arkwright_core::{Field, Kind, Parts, Result, Role};
use rayon::prelude::*;
use std::sync::Arc;

/// k directions, `(x - mean) . direction x scale`.
#[derive(Clone, Debug)]
pub struct Projection {
    name: String,
    mean: Vec<f64>,
    components: Vec<f64>,
    scale: Vec<f64>,
    panels: Panels,
}

/// Rows answered at a time.
const CHUNK: usize = 1024;

impl Projection {
    /// `components` is k x p, `mean` p long, `scale` k long.
    pub(super) fn new(name: String, mean: Vec<f64>, components: Vec<f64>, scale: Vec<f64>) -> Self {
        let panels = Panels::new(&components, mean.len(), scale.len());
        Self { name, mean, components, scale, panels }
    }

    /// The directions, k x p, of unit length, in the order of what they explain. The largest entry of each is positive.
    pub fn components(&self) -> &[f64] {
        &self.components
    }

    /// What is taken from the columns first, p numbers.
    pub fn mean(&self) -> &[f64] {
        &self.mean
    }

    /// The rows in the new directions, n x k.
    pub fn project(&self, x: &Design<'_>) -> Vec<f64> {
        let mut rows = Matrix::of(x);
        rows.each_row(|_, row| row.iter_mut().zip(&self.mean).for_each(|(x, m)| *x -= m));
        let k = self.scale.len();
        let mut out = vec![0.0; x.rows * k];
        if rows.width() > 0 && k > 0 {
            out.par_chunks_mut(CHUNK * k).enumerate().for_each(|(i, out)| {
                self.panels.products(rows.span(i * CHUNK..i * CHUNK + out.len() / k), out);
                for out in out.chunks_exact_mut(k) {
                    out.iter_mut().zip(&self.scale).for_each(|(out, scale)| *out *= scale);
                }
            });
        }
        out
    }
}

/// The column that a projection gives; `k` once it is known.
pub(super) fn field(name: &str, k: Option<usize>) -> Field {
    let names: Option<Arc<[String]>> = k.map(|k| (0..k).map(|i| format!("{name}{i}")).collect());
    Field::new(name, Kind::Vector { width: k, names }, Role::Input)
}

impl Transform for Projection {
    const FORMAT: &'static str = "projection";

    fn gives(&self) -> Vec<Field> {
        vec![field(&self.name, Some(self.scale.len()))]
    }

    fn width(&self) -> usize {
        self.mean.len()
    }

    fn transform(&self, x: &Design<'_>) -> Vec<Given> {
        vec![Given::Vectors(self.project(x), self.scale.len())]
    }

    fn save(&self, parts: &mut Parts) -> Result<()> {
        parts.put_json(&self.name)?;
        parts.put("mean", self.mean.clone());
        parts.put("components", self.components.clone());
        parts.put("scale", self.scale.clone());
        Ok(())
    }

    fn load(parts: &Parts) -> Result<Self> {
        let name: String = parts.get_json()?;
        let (mean, components, scale) = (parts.get("mean")?, parts.get("components")?, parts.get("scale")?);
        if scale.len().checked_mul(mean.len()) != Some(components.len()) {
            return Err(parts.damaged("the directions do not fit the columns"));
        }
        Ok(Self::new(name, mean.to_vec(), components.to_vec(), scale.to_vec()))
    }
}

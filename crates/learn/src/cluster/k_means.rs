//! k-means: the k centres that lie nearest to the rows.
//!
//! Minimises the inertia `sum_i w_i min_c |x_i - c|^2` over k centres by turns: each row goes to its nearest
//! centre, each centre to the mean of its rows (Lloyd 1982, "Least squares quantization in PCM"). It ends at a
//! minimum that depends on where it starts, so the start matters: k-means++ draws each further centre with a
//! probability in proportion to the squared distance from those that are there (Arthur & Vassilvitskii 2007),
//! the best of a few draws at a time. A round costs at most n k p multiplications, and far fewer as the centres settle, see
//! `lloyd`; memory n p.

use super::lloyd::{Lloyd, refine};
use super::seeding::{at_random, plus_plus};
use crate::dense::{Matrix, Panels};
use crate::linear::design::dot;
use crate::step::steps;
use crate::{Design, FitInputs, Given, LiftInputs, MISSING, Outcome, Transform};
use arkwright_core::{Context, Error, Estimator, Event, Field, Kind, Leaf, Parts, Result, Role, Settings, must};
use rayon::prelude::*;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// k-means clustering. Settings are named as in scikit-learn's `KMeans`, and mean the same.
///
/// ```
/// use arkwright_core::Context;
/// use arkwright_learn::cluster::KMeans;
/// use arkwright_learn::{Column, Design, FitInputs};
/// let x = [Column::F64(&[0.0, 0.1, 9.0, 9.1])];
/// let design = Design { columns: &x, rows: 4 };
/// let model = KMeans { n_clusters: 2, ..KMeans::default() }.fit(&design, None, &Context::new(1)).unwrap().model;
/// let labels = model.labels(&design);
/// assert!(labels[0] == labels[1] && labels[1] != labels[2] && labels[2] == labels[3]);
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct KMeans {
    /// The columns; all inputs that are numbers, levels or vectors if not given.
    pub columns: Option<Vec<String>>,
    /// The number of clusters, at least 1 and at most the rows. Default: 8.
    pub n_clusters: usize,
    /// How the first centres are chosen. Default: `k-means++`, which seldom starts badly.
    pub init: Init,
    /// How often it starts anew; the result of lowest inertia stays. Default: 1, enough after k-means++.
    pub n_init: usize,
    /// Rounds at most. Default: 300.
    pub max_iter: u64,
    /// It ends when the centres' squared steps sum up to no more than this share of the columns' mean variance.
    /// Default: 1e-4.
    pub tol: f64,
    /// Whether the columns that it takes stay beside those that it gives. Default: no.
    pub passthrough: bool,
    /// What the columns that it gives are called: NAME for the cluster, NAME_distance for the distances.
    /// Default: `cluster`.
    pub name: String,
}

/// How the first centres are chosen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Init {
    /// Rows far from one another, by chance.
    #[default]
    #[serde(rename = "k-means++")]
    PlusPlus,
    /// Any rows, by chance.
    #[serde(rename = "random")]
    Random,
}

impl Default for KMeans {
    fn default() -> Self {
        Self {
            columns: None,
            n_clusters: 8,
            init: Init::PlusPlus,
            n_init: 1,
            max_iter: 300,
            tol: 1e-4,
            passthrough: false,
            name: "cluster".into(),
        }
    }
}

impl Settings for KMeans {
    fn check(&self) -> Result<(), (&'static str, String)> {
        must::be_at_least("n_clusters", self.n_clusters, 1)?;
        must::be_at_least("n_init", self.n_init, 1)?;
        must::be_at_least("max_iter", self.max_iter, 1)?;
        must::not_be_negative("tol", self.tol)
    }
}

impl Leaf for KMeans {
    const KIND: &'static str = "k_means";
    const ABOUT: &'static str = "Clusters around k means: the cluster of each row and its distances from all of them.";

    fn estimator(self) -> Arc<dyn Estimator> {
        Arc::new(LiftInputs(self))
    }
}

impl KMeans {
    /// Fits from centres that are given, k x p, instead of drawing them.
    ///
    /// # Errors
    /// When there are fewer rows than clusters, or the centres are of another shape.
    pub fn fit_from(
        &self,
        x: &Design<'_>,
        weight: Option<&[f64]>,
        centres: &[f64],
        ctx: &Context,
    ) -> Result<Outcome<KMeansModel>> {
        if centres.len() != self.n_clusters * x.width() {
            return Err(Error::data(format!("{} numbers where n_clusters x columns are needed", centres.len())));
        }
        self.run(x, weight, Some(centres), ctx)
    }

    fn run(
        &self,
        x: &Design<'_>,
        weight: Option<&[f64]>,
        start: Option<&[f64]>,
        ctx: &Context,
    ) -> Result<Outcome<KMeansModel>> {
        let k = self.n_clusters;
        if x.rows < k {
            return Err(Error::data(format!("{} rows cannot make {k} clusters", x.rows))
                .with_hint(format!("set n_clusters to at most {}", x.rows)));
        }
        let mut rows = Matrix::within(x, ctx)?;
        let (p, mean) = (rows.width(), rows.means(weight));
        if mean.iter().any(|m| !m.is_finite()) {
            return Err(
                Error::data("the numbers are too large for distances").with_hint("put a `scale` step before it")
            );
        }
        // Distances between rows near the origin are the exact ones.
        rows.each_row(|_, row| row.iter_mut().zip(&mean).for_each(|(x, m)| *x -= m));
        let squares = Matrix::new(rows.values().iter().map(|v| v * v).collect(), rows.rows(), p);
        let variance = squares.means(None).iter().sum::<f64>() / p.max(1) as f64;
        drop(squares);
        let tol = self.tol * variance;
        let mut random = ctx.random("k-means");
        let mut best: Option<Lloyd> = None;
        let starts = if start.is_some() { 1 } else { self.n_init };
        let _ = ctx.tell(Event::Begin { total: Some(self.max_iter), unit: "rounds" });
        for _ in 0..starts {
            let centres = match (start, self.init) {
                (Some(given), _) => given.iter().enumerate().map(|(i, c)| c - mean[i % p.max(1)]).collect(),
                (None, Init::PlusPlus) => plus_plus(&rows, weight, k, &mut random),
                (None, Init::Random) => at_random(&rows, k, &mut random),
            };
            let found = refine(&rows, weight, centres, self.max_iter, tol, ctx);
            if best.as_ref().is_none_or(|best| found.inertia < best.inertia) {
                best = Some(found);
            }
        }
        let _ = ctx.tell(Event::End);
        let best = best.ok_or_else(|| Error::data("nothing was tried"))?;
        if !best.converged && !best.stopped {
            ctx.warn(&format!("k_means did not converge in {} rounds; raise max_iter", best.iterations));
        }
        let centres = best.centres.iter().enumerate().map(|(i, c)| c + mean[i % p.max(1)]).collect();
        let mut notes = steps(best.iterations, best.converged);
        notes["inertia"] = best.inertia.into();
        let model = KMeansModel::new(self.name.clone(), centres, mean, k);
        Ok(Outcome { model, notes, stopped: best.stopped })
    }
}

impl FitInputs for KMeans {
    type Model = KMeansModel;

    fn columns(&self) -> Option<&[String]> {
        self.columns.as_deref()
    }

    fn gives(&self) -> Vec<Field> {
        fields(&self.name, None)
    }

    fn keeps_inputs(&self) -> bool {
        self.passthrough
    }

    fn fit(&self, x: &Design<'_>, weight: Option<&[f64]>, ctx: &Context) -> Result<Outcome<KMeansModel>> {
        self.run(x, weight, None, ctx)
    }
}

/// The cluster and the distances as columns; `k` once it is fitted.
fn fields(name: &str, k: Option<usize>) -> Vec<Field> {
    let levels: Option<Arc<[String]>> = k.map(|k| (0..k).map(|c| c.to_string()).collect());
    let distances = Kind::Vector { width: k, names: levels.clone() };
    vec![
        Field::new(name, Kind::Level { levels }, Role::Input),
        Field::new(format!("{name}_distance"), distances, Role::Input),
    ]
}

/// Fitted centres.
#[derive(Clone, Debug)]
pub struct KMeansModel {
    name: String,
    centres: Vec<f64>,
    mean: Vec<f64>,
    k: usize,
    panels: Panels,
    squares: Vec<f64>,
}

/// Rows answered at a time.
const CHUNK: usize = 1024;

impl KMeansModel {
    fn new(name: String, centres: Vec<f64>, mean: Vec<f64>, k: usize) -> Self {
        let p = mean.len();
        let centred: Vec<f64> = centres.iter().enumerate().map(|(i, c)| c - mean[i % p.max(1)]).collect();
        let squares = (0..k).map(|c| square(&centred[c * p..(c + 1) * p])).collect();
        Self { name, panels: Panels::new(&centred, p, k), squares, centres, mean, k }
    }

    /// The centres, k x p, in the columns' units.
    pub fn centres(&self) -> &[f64] {
        &self.centres
    }

    /// The squared distances of some rows from all centres, n x k.
    fn distances(&self, x: &Design<'_>) -> Vec<f64> {
        let mut rows = Matrix::of(x);
        rows.each_row(|_, row| row.iter_mut().zip(&self.mean).for_each(|(x, m)| *x -= m));
        let (p, k) = (rows.width(), self.k);
        let mut out = vec![0.0; x.rows * k];
        if p == 0 {
            return out;
        }
        out.par_chunks_mut(CHUNK * k).enumerate().for_each(|(i, out)| {
            let rows = rows.span(i * CHUNK..i * CHUNK + out.len() / k);
            self.panels.products(rows, out);
            for (row, out) in rows.chunks_exact(p).zip(out.chunks_exact_mut(k)) {
                let own = square(row);
                for (out, c) in out.iter_mut().zip(&self.squares) {
                    let d = own - 2.0 * *out + c;
                    // A gap stays one.
                    *out = if d < 0.0 { 0.0 } else { d };
                }
            }
        });
        out
    }

    /// The nearest centre of each row, of equal ones the first; [`MISSING`] where a number is.
    pub fn labels(&self, x: &Design<'_>) -> Vec<u32> {
        self.distances(x).chunks_exact(self.k).map(nearest).collect()
    }
}

fn nearest(distances: &[f64]) -> u32 {
    let mut best = 0;
    for (i, d) in distances.iter().enumerate() {
        if d.is_nan() {
            return MISSING;
        }
        if *d < distances[best] {
            best = i;
        }
    }
    best as u32
}

/// The square of a vector's length.
pub(super) fn square(v: &[f64]) -> f64 {
    dot(v, v)
}

impl Transform for KMeansModel {
    const FORMAT: &'static str = "k_means";

    fn gives(&self) -> Vec<Field> {
        fields(&self.name, Some(self.k))
    }

    fn width(&self) -> usize {
        self.mean.len()
    }

    fn transform(&self, x: &Design<'_>) -> Vec<Given> {
        let mut distances = self.distances(x);
        let labels = distances.chunks_exact(self.k).map(nearest).collect();
        distances.iter_mut().for_each(|d| *d = d.sqrt());
        vec![Given::Codes(labels), Given::Vectors(distances, self.k)]
    }

    fn save(&self, parts: &mut Parts) -> Result<()> {
        parts.put_json(&(&self.name, self.k))?;
        parts.put("centres", self.centres.clone());
        parts.put("mean", self.mean.clone());
        Ok(())
    }

    fn load(parts: &Parts) -> Result<Self> {
        let (name, k): (String, usize) = parts.get_json()?;
        let (centres, mean) = (parts.get("centres")?, parts.get("mean")?);
        if k == 0 || k.checked_mul(mean.len()) != Some(centres.len()) {
            return Err(parts.damaged("the centres do not fit the columns"));
        }
        Ok(Self::new(name, centres.to_vec(), mean.to_vec(), k))
    }
}

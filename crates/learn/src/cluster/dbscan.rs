//! DBSCAN: clusters are where rows lie close together.
//!
//! A row with at least `min_samples` rows within `eps`, itself among them, is a core; cores within `eps` of one another are of one
//! cluster, whatever its shape; a row within `eps` of a core belongs to its cluster too, and the rest is noise (Ester,
//! Kriegel, Sander & Xu 1996, "A density-based algorithm for discovering clusters"). The clusters are numbered by their first core, and a row near to
//! cores of several belongs to the first. Two searches for each row, among all rows and among the cores: about n log n p
//! where columns are few, n^2 p where they are many; memory n p, however many rows lie close together.
//!
//! What is kept are the cores, so that rows to come are told by the same rule.

use crate::dense::Matrix;
use crate::neighbors::index::{Algorithm, Index};
use crate::neighbors::metric::{Distance, Metric};
use crate::neighbors::nearest::Wanted;
use crate::{Design, FitInputs, Given, LiftInputs, MISSING, Outcome, Transform};
use arkwright_core::{Context, Estimator, Field, Kind, Leaf, Parts, Result, Role, Settings, must};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Density-based clustering. Settings are named as in scikit-learn's `DBSCAN`, and mean the same.
///
/// ```
/// use arkwright_core::Context;
/// use arkwright_learn::cluster::Dbscan;
/// use arkwright_learn::{Column, Design, FitInputs, MISSING};
/// let x = [Column::F64(&[0.0, 0.1, 0.2, 5.0, 5.1, 5.2, 9.0])];
/// let rows = Design { columns: &x, rows: 7 };
/// let model = Dbscan { min_samples: 3, ..Dbscan::default() }.fit(&rows, None, &Context::new(1)).unwrap().model;
/// assert_eq!(model.labels(&rows), [0, 0, 0, 1, 1, 1, MISSING]);
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Dbscan {
    /// The columns; all inputs that are numbers, levels or vectors if not given.
    pub columns: Option<Vec<String>>,
    /// How far a row may be to be near, above 0. Default: 0.5.
    pub eps: f64,
    /// How many rows, or how much weight, a core has near, at least 1. Default: 5.
    pub min_samples: usize,
    /// How far two rows are apart. Default: `euclidean`.
    pub metric: Metric,
    /// How near rows are found; the answers are the same. Default: `auto`, a tree where columns are few.
    pub algorithm: Algorithm,
    /// Rows a leaf of the tree, at least 1. Default: 30.
    pub leaf_size: usize,
    /// The exponent of `minkowski`, at least 1. Default: 2.
    pub p: f64,
    /// Whether the columns that it takes stay beside the one that it gives. Default: no.
    pub passthrough: bool,
    /// What the column that it gives is called. Default: `cluster`.
    pub name: String,
}

impl Default for Dbscan {
    fn default() -> Self {
        Self {
            columns: None,
            eps: 0.5,
            min_samples: 5,
            metric: Metric::Euclidean,
            algorithm: Algorithm::Auto,
            leaf_size: 30,
            p: 2.0,
            passthrough: false,
            name: "cluster".into(),
        }
    }
}

impl Settings for Dbscan {
    fn check(&self) -> Result<(), (&'static str, String)> {
        must::be_above_0("eps", self.eps)?;
        must::be_at_least("min_samples", self.min_samples, 1)?;
        must::be_at_least("leaf_size", self.leaf_size, 1)?;
        must::be_at_least("p", self.p, 1.0)?;
        must::be_above_0("p", self.p)
    }
}

impl Leaf for Dbscan {
    const KIND: &'static str = "dbscan";
    const ABOUT: &'static str = "Clusters of any shape where rows lie close together; the rest is noise.";

    fn estimator(self) -> Arc<dyn Estimator> {
        Arc::new(LiftInputs(self))
    }
}

impl FitInputs for Dbscan {
    type Model = Dense;

    fn columns(&self) -> Option<&[String]> {
        self.columns.as_deref()
    }

    fn gives(&self) -> Vec<Field> {
        vec![field(&self.name, None)]
    }

    fn keeps_inputs(&self) -> bool {
        self.passthrough
    }

    fn fit(&self, x: &Design<'_>, weight: Option<&[f64]>, ctx: &Context) -> Result<Outcome<Dense>> {
        let rows = Matrix::within(x, ctx)?;
        let distance = Distance::of(self.metric, self.p);
        let wanted = Wanted::Within(distance.reduce(self.eps));
        let index = Index::new(rows.clone(), distance, self.algorithm, self.leaf_size);
        let own = |i: usize| weight.map_or(1.0, |w| w[i]);
        let least = self.min_samples as f64;
        let enough = index.ask(&rows, wanted, |_, near| near.iter().map(|n| own(n.row as usize)).sum::<f64>() >= least);
        drop(index);
        let (cores, others): (Vec<usize>, Vec<usize>) = (0..rows.rows()).partition(|&i| enough[i]);
        let others = rows.take(others.into_iter());
        let rows = rows.take(cores.iter().copied());
        let index = Index::new(rows.clone(), distance, self.algorithm, self.leaf_size);
        let mut groups = Groups::new(rows.rows());
        for start in (0..rows.rows()).step_by(BATCH) {
            let end = (start + BATCH).min(rows.rows());
            let batch = rows.take(start..end);
            // One link to each of the rows before it is enough.
            let before = index.ask(&batch, wanted, |at, near| {
                near.iter().map(|n| n.row).take_while(|&row| (row as usize) < start + at).collect::<Vec<u32>>()
            });
            for (at, before) in before.iter().enumerate() {
                before.iter().for_each(|&row| groups.join(start + at, row as usize));
            }
        }
        let (labels, clusters) = groups.numbered();
        let settings = Kept {
            metric: self.metric,
            algorithm: self.algorithm,
            leaf_size: self.leaf_size,
            clusters,
            width: rows.width(),
            name: self.name.clone(),
        };
        let model = Dense { kept: settings, eps: self.eps, p: self.p, rows, labels, index };
        // A core is never noise.
        let noise = model.labels_of(&others).iter().filter(|label| **label == MISSING).count();
        let notes = serde_json::json!({ "clusters": clusters, "cores": cores.len(), "noise": noise });
        Ok(Outcome { model, notes, stopped: false })
    }
}

/// Rows whose near rows are held at a time.
const BATCH: usize = 4096;

/// Which rows belong together.
struct Groups {
    /// A row before it of the same group, or itself.
    before: Vec<u32>,
}

impl Groups {
    fn new(n: usize) -> Self {
        Self { before: (0..n as u32).collect() }
    }

    fn first(&mut self, mut i: usize) -> usize {
        while self.before[i] as usize != i {
            self.before[i] = self.before[self.before[i] as usize];
            i = self.before[i] as usize;
        }
        i
    }

    fn join(&mut self, a: usize, b: usize) {
        let (a, b) = (self.first(a), self.first(b));
        self.before[a.max(b)] = a.min(b) as u32;
    }

    /// The group of each row, numbered by their first rows, and how many there are.
    fn numbered(mut self) -> (Vec<u32>, usize) {
        let (mut labels, mut count) = (vec![0; self.before.len()], 0);
        for i in 0..labels.len() {
            let first = self.first(i);
            if first == i {
                labels[i] = count;
                count += 1;
            } else {
                labels[i] = labels[first];
            }
        }
        (labels, count as usize)
    }
}

fn field(name: &str, clusters: Option<usize>) -> Field {
    let levels: Option<Arc<[String]>> = clusters.map(|k| (0..k).map(|c| c.to_string()).collect());
    Field::new(name, Kind::Level { levels }, Role::Input)
}

/// Cores and their clusters.
pub struct Dense {
    kept: Kept,
    eps: f64,
    p: f64,
    rows: Matrix,
    labels: Vec<u32>,
    index: Index,
}

#[derive(Clone, Serialize, Deserialize)]
struct Kept {
    metric: Metric,
    algorithm: Algorithm,
    leaf_size: usize,
    clusters: usize,
    width: usize,
    name: String,
}

impl Dense {
    /// The cluster of each row; [`MISSING`] for noise.
    pub fn labels(&self, x: &Design<'_>) -> Vec<u32> {
        self.labels_of(&Matrix::of(x))
    }

    fn labels_of(&self, rows: &Matrix) -> Vec<u32> {
        let wanted = Wanted::Within(self.index.distance().reduce(self.eps));
        self.index
            .ask(rows, wanted, |_, near| near.iter().map(|n| self.labels[n.row as usize]).min().unwrap_or(MISSING))
    }
}

impl Transform for Dense {
    const FORMAT: &'static str = "dbscan";

    fn gives(&self) -> Vec<Field> {
        vec![field(&self.kept.name, Some(self.kept.clusters))]
    }

    fn width(&self) -> usize {
        self.kept.width
    }

    fn transform(&self, x: &Design<'_>) -> Vec<Given> {
        vec![Given::Codes(self.labels(x))]
    }

    fn save(&self, parts: &mut Parts) -> Result<()> {
        parts.put_json(&self.kept)?;
        parts.put("numbers", vec![self.eps, self.p]);
        parts.put("cores", self.rows.values().to_vec());
        parts.put("labels", self.labels.clone());
        Ok(())
    }

    fn load(parts: &Parts) -> Result<Self> {
        let kept: Kept = parts.get_json()?;
        let &[eps, p] = parts.get("numbers")? else { return Err(parts.damaged("`numbers` is cut")) };
        let (cores, labels): (&[f64], &[u32]) = (parts.get("cores")?, parts.get("labels")?);
        let (n, width) = (labels.len(), kept.width);
        let known = labels.iter().all(|&label| (label as usize) < kept.clusters);
        if n.checked_mul(width) != Some(cores.len()) || !known || kept.clusters > n {
            return Err(parts.damaged("the cores do not fit their clusters"));
        }
        let rows = Matrix::new(cores.to_vec(), n, width);
        let index = Index::new(rows.clone(), Distance::of(kept.metric, p), kept.algorithm, kept.leaf_size);
        Ok(Self { kept, eps, p, rows, labels: labels.to_vec(), index })
    }
}

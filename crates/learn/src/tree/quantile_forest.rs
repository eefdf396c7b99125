//! Quantiles from a forest (Meinshausen 2006): how wide an answer is, not only where its middle lies.
//!
//! A leaf keeps the targets of all training rows that fall into it. A row asked falls into one leaf a tree;
//! a training row weighs for it the mean over the trees of its share of that leaf, where it lies in the same,
//! and a quantile is the least target up to which the training rows weigh so much. The mean answer is the
//! forest's own. Rows asked in regions where targets scatter get wide ranges, others narrow ones.

use super::forest::Forest;
use super::gbdt::counted;
use super::node::Ensemble;
use crate::samples::{Design, Samples, Target};
use crate::{Fit, Names, Outcome, Predict};
use arkwright_core::{Context, Error, Json, Parts, Result, Task, must};
use rayon::prelude::*;

/// A forest that learns quantiles beside the mean.
pub(super) struct QuantileForest {
    pub(super) forest: Forest,
    pub(super) quantiles: Vec<f64>,
}

/// Whether quantiles can be asked for.
pub(super) fn check(quantiles: Option<&[f64]>) -> Result<(), must::Fault> {
    let Some(quantiles) = quantiles else { return Ok(()) };
    let in_order = quantiles.windows(2).all(|pair| pair[0] < pair[1]);
    match !quantiles.is_empty() && in_order && quantiles.iter().all(|q| *q > 0.0 && *q < 1.0) {
        true => Ok(()),
        false => Err(("quantiles", "must be numbers between 0 and 1, each above the one before it".into())),
    }
}

impl Fit for QuantileForest {
    type Model = Quantiles;
    const TASKS: &'static [Task] = &[Task::Regress];
    const MISSING: bool = true;

    fn quantiles(&self) -> Vec<String> {
        self.quantiles.iter().map(f64::to_string).collect()
    }

    fn fit(&self, train: &Samples<'_>, _valid: Option<&Samples<'_>>, ctx: &Context) -> Result<Outcome<Quantiles>> {
        let Target::Values(y) = train.y else {
            return Err(Error::setting("`quantiles` are of numbers, and the target is of classes"));
        };
        let Outcome { model, notes, stopped } = self.forest.fit(train, ctx)?;
        let model = Quantiles::new(model, train, y, self.quantiles.clone())?;
        Ok(Outcome { model, notes, stopped })
    }
}

/// A fitted forest whose leaves keep their targets.
#[derive(Clone, Debug, PartialEq)]
pub struct Quantiles {
    trees: Ensemble,
    quantiles: Vec<f64>,
    /// The distinct targets, in order.
    targets: Vec<f64>,
    /// Where the rows of each leaf end, in `ranks` and `shares`.
    ends: Vec<u32>,
    /// The rank of each row's target, and what share of its leaf it is.
    ranks: Vec<u32>,
    shares: Vec<f64>,
}

/// Rows answered at a time.
const BLOCK: usize = 64;

impl Quantiles {
    fn new(trees: Ensemble, train: &Samples<'_>, y: &[f64], quantiles: Vec<f64>) -> Result<Self> {
        let rows = counted(train)?;
        if rows.len().checked_mul(trees.trees()).is_none_or(|all| u32::try_from(all).is_err()) {
            return Err(Error::data("the leaves would keep more rows than they can count")
                .with_hint("learn from a sample, or grow fewer trees"));
        }
        let mut targets: Vec<f64> = rows.iter().map(|&row| y[row as usize]).collect();
        targets.sort_by(f64::total_cmp);
        targets.dedup();
        let rank = |row: u32| targets.partition_point(|t| *t < y[row as usize]) as u32;
        let gathered = trees.gathered(&train.x);
        let p = trees.features();
        // The rows of each leaf, in the order of their targets.
        let kept = |tree: usize| {
            let leaf = |row: u32| trees.leaf_of(tree, &gathered[row as usize * p..(row as usize + 1) * p]);
            let mut all: Vec<(usize, u32, u32)> = rows.iter().map(|&row| (leaf(row), rank(row), row)).collect();
            all.sort_unstable();
            all
        };
        let (mut ends, mut ranks, mut shares) = (vec![0; trees.leaves()], Vec::new(), Vec::new());
        for all in (0..trees.trees()).into_par_iter().map(kept).collect::<Vec<_>>() {
            for rows in all.chunk_by(|a, b| a.0 == b.0) {
                let weight = |row: u32| train.weight.map_or(1.0, |w| w[row as usize]);
                let sum: f64 = rows.iter().map(|row| weight(row.2)).sum();
                ranks.extend(rows.iter().map(|row| row.1));
                shares.extend(rows.iter().map(|row| weight(row.2) / sum));
                ends[rows[0].0] = ranks.len() as u32;
            }
        }
        // A leaf that no row falls into keeps none.
        (1..ends.len()).for_each(|leaf| ends[leaf] = ends[leaf].max(ends[leaf - 1]));
        Ok(Self { trees, quantiles, targets, ends, ranks, shares })
    }

    /// The forest, without its quantiles.
    pub fn trees(&self) -> &Ensemble {
        &self.trees
    }

    /// The quantiles of one gathered row; `weight` has a place for each target, nothing but zeros.
    fn tell(&self, row: &[u32], weight: &mut [f64], out: &mut [f64]) {
        let mut touched = Vec::new();
        for tree in 0..self.trees.trees() {
            let leaf = self.trees.leaf_of(tree, row);
            let start = if leaf == 0 { 0 } else { self.ends[leaf - 1] as usize };
            for at in start..self.ends[leaf] as usize {
                weight[self.ranks[at] as usize] += self.shares[at];
                touched.push(self.ranks[at]);
            }
        }
        touched.sort_unstable();
        touched.dedup();
        let all: f64 = touched.iter().map(|&rank| weight[rank as usize]).sum();
        let (mut below, mut next) = (0.0, 0);
        for &rank in &touched {
            below += weight[rank as usize];
            // A little room for rounding: a share of exactly 0.5 is to reach the median.
            while next < out.len() && below >= self.quantiles[next] * all * (1.0 - 1e-12) {
                out[next] = self.targets[rank as usize];
                next += 1;
            }
            weight[rank as usize] = 0.0;
        }
        let last = touched.last().map_or(0.0, |&rank| self.targets[rank as usize]);
        out[next..].fill(last);
    }
}

impl Predict for Quantiles {
    const FORMAT: &'static str = "quantile_forest";

    fn outputs(&self) -> usize {
        1 + self.quantiles.len()
    }

    fn quantiles(&self) -> Vec<String> {
        self.quantiles.iter().map(f64::to_string).collect()
    }

    fn predict(&self, x: &Design<'_>, out: &mut [f64]) {
        let (p, k) = (self.trees.features(), self.outputs());
        let mut means = vec![0.0; x.rows];
        self.trees.predict(x, &mut means);
        let rows = self.trees.gathered(x);
        out.par_chunks_mut(BLOCK * k).enumerate().for_each(|(block, out)| {
            let mut weight = vec![0.0; self.targets.len()];
            for (i, out) in out.chunks_exact_mut(k).enumerate() {
                let row = block * BLOCK + i;
                out[0] = means[row];
                self.tell(&rows[row * p..(row + 1) * p], &mut weight, &mut out[1..]);
            }
        });
    }

    fn save(&self, parts: &mut Parts) -> Result<()> {
        let mut trees = Parts::new(Ensemble::FORMAT);
        self.trees.save(&mut trees)?;
        parts.children.insert("trees".into(), trees);
        parts.put("quantiles", self.quantiles.clone());
        parts.put("targets", self.targets.clone());
        parts.put("ends", self.ends.clone());
        parts.put("ranks", self.ranks.clone());
        parts.put("shares", self.shares.clone());
        Ok(())
    }

    fn load(parts: &Parts) -> Result<Self> {
        let model = Self {
            trees: Ensemble::load(parts.child("trees")?)?,
            quantiles: parts.get::<f64>("quantiles")?.to_vec(),
            targets: parts.get::<f64>("targets")?.to_vec(),
            ends: parts.get::<u32>("ends")?.to_vec(),
            ranks: parts.get::<u32>("ranks")?.to_vec(),
            shares: parts.get::<f64>("shares")?.to_vec(),
        };
        let fits = check(Some(&model.quantiles)).is_ok()
            && model.trees.outputs() == 1
            && model.ends.len() == model.trees.leaves()
            && model.ends.windows(2).all(|pair| pair[0] <= pair[1])
            && model.ends.last().map_or(0, |end| *end as usize) == model.ranks.len()
            && model.ranks.len() == model.shares.len()
            && model.ranks.iter().all(|rank| (*rank as usize) < model.targets.len())
            && model.targets.iter().chain(&model.shares).all(|x| x.is_finite());
        match fits {
            true => Ok(model),
            false => Err(parts.damaged("what its leaves keep does not fit its trees")),
        }
    }

    fn attribute(&self, x: &Design<'_>) -> Option<(Vec<f64>, Vec<f64>)> {
        self.trees.attribute(x)
    }

    fn attributes(&self) -> bool {
        true
    }

    fn told(&self, names: &Names<'_>) -> Json {
        self.trees.told(names)
    }
}

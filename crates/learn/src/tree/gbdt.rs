//! Gradient boosting on histograms (Friedman 2001; Ke et al. 2017).
//!
//! Every tree is a Newton step: it is grown on the loss's gradients and hessians at the answers so far, its
//! leaves give `-G/(H + l2)`, and `learning_rate` of that is added. With `k` classes above two, a round
//! grows one tree a class. Cost: a round reads n x p bins some two or three times.

use super::bins::{self, Binned, View, choose};
use super::cart::DEEPEST;
use super::choice::Choice;
use super::grid::{Gradients, Grid, Pair};
use super::grow::{Ground, GrowPolicy, Grower, ways};
use super::node::{Ensemble, Grown};
use super::objective::Objective;
use super::split::Rules;
use crate::samples::Samples;
use crate::{Fit, Lift, Outcome};
use arkwright_core::{Context, Error, Estimator, Event, Leaf, Result, Settings, Task, must};
use pulp::Arch;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::ops::Range;
use std::sync::Arc;

/// Rows worked on at a time.
const CHUNK: usize = 16_384;
/// Rows, evenly spaced, that the training loss is told of.
const WATCHED: usize = 10_000;

/// Histogram gradient boosting. Reads missing values and levels as they are.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Gbdt {
    /// Rounds of boosting; a round is one tree, or one a class of more than two. 100.
    pub n_estimators: u32,
    /// How much of each tree's step is taken, above 0. 0.1.
    pub learning_rate: f64,
    /// In which order a tree grows: `leaf_wise`, `depth_wise` or `symmetric`. leaf_wise.
    pub grow_policy: GrowPolicy,
    /// Leaves a tree, at least 2. 31.
    pub max_leaf_nodes: u32,
    /// Questions from a tree's root to a leaf; when absent, 512.
    pub max_depth: Option<u32>,
    /// Rows a leaf. 20.
    pub min_samples_leaf: u32,
    /// The sum of hessians a leaf. 0.001.
    pub min_child_weight: f64,
    /// What a split must gain. 0.
    pub min_split_gain: f64,
    /// The penalty on the squares of the leaves' values. 1: without one, a leaf of rows that are all but certain
    /// takes a step without measure.
    pub l2_regularization: f64,
    /// Bins a column, between 2 and 65,000; above 255 twice the memory. 255.
    pub max_bins: u32,
    /// The share of the rows that each round draws, without putting back. 1.
    pub subsample: f64,
    /// The share of the features that each tree may use. 1.
    pub max_features: f64,
    /// The share of those that each level of a tree may use. 1.
    pub max_features_by_level: f64,
    /// The share of those that each leaf may be split by. 1.
    pub max_features_by_node: f64,
    /// Whether answers may only rise (1) or fall (-1) with each feature, or either (0): one a feature, in their
    /// order. Empty: either.
    pub monotonic_cst: Vec<i8>,
    /// Sets of features, by their place, that may act together; those in no set form one more. Empty: all.
    pub interaction_cst: Vec<Vec<usize>>,
    /// Rounds without a better loss on the rows held out after which to stop; the best round is kept.
    /// Absent: never.
    pub patience: Option<u32>,
    /// Levels up to which each is tried alone against the rest. 4.
    pub max_cat_to_onehot: u32,
    /// Levels that go to one side at most. 32.
    pub max_cat_threshold: u32,
    /// Rows that join a side at a time when levels are split. 100.
    pub min_samples_group: u32,
    /// Added to a level's hessians before levels are sorted; levels of fewer rows are left out. 10.
    pub cat_smooth: f64,
    /// Added to `l2_regularization` where levels are split. 10.
    pub cat_l2: f64,
}

impl Default for Gbdt {
    fn default() -> Self {
        Self {
            n_estimators: 100,
            learning_rate: 0.1,
            grow_policy: GrowPolicy::LeafWise,
            max_leaf_nodes: 31,
            max_depth: None,
            min_samples_leaf: 20,
            min_child_weight: 1e-3,
            min_split_gain: 0.0,
            l2_regularization: 1.0,
            max_bins: 255,
            subsample: 1.0,
            max_features: 1.0,
            max_features_by_level: 1.0,
            max_features_by_node: 1.0,
            monotonic_cst: Vec::new(),
            interaction_cst: Vec::new(),
            patience: None,
            max_cat_to_onehot: 4,
            max_cat_threshold: 32,
            min_samples_group: 100,
            cat_smooth: 10.0,
            cat_l2: 10.0,
        }
    }
}

impl Settings for Gbdt {
    fn check(&self) -> Result<(), (&'static str, String)> {
        must::be_at_least("n_estimators", self.n_estimators, 1)?;
        must::be_at_least("max_leaf_nodes", self.max_leaf_nodes, 2)?;
        must::be_at_least("max_depth", self.max_depth.unwrap_or(1), 1)?;
        must::be_at_least("min_samples_leaf", self.min_samples_leaf, 1)?;
        must::be_at_least("patience", self.patience.unwrap_or(1), 1)?;
        must::be_at_least("max_cat_threshold", self.max_cat_threshold, 1)?;
        if !(2..=65_000).contains(&self.max_bins) {
            return Err(("max_bins", "must be between 2 and 65000".into()));
        }
        if self.monotonic_cst.iter().any(|direction| !(-1..=1).contains(direction)) {
            return Err(("monotonic_cst", "must hold 1, 0 and -1 only".into()));
        }
        must::be_above_0("learning_rate", self.learning_rate)?;
        for (key, value) in [
            ("min_child_weight", self.min_child_weight),
            ("min_split_gain", self.min_split_gain),
            ("l2_regularization", self.l2_regularization),
            ("cat_smooth", self.cat_smooth),
            ("cat_l2", self.cat_l2),
        ] {
            must::not_be_negative(key, value)?;
        }
        must::be_a_share("subsample", self.subsample)?;
        must::be_a_share("max_features", self.max_features)?;
        must::be_a_share("max_features_by_level", self.max_features_by_level)?;
        must::be_a_share("max_features_by_node", self.max_features_by_node)
    }
}

impl Leaf for Gbdt {
    const KIND: &'static str = "gbdt";
    const VERSION: u32 = 2;
    const ABOUT: &'static str = "Gradient boosting of trees on histograms";
    const TASKS: &'static [Task] = &[Task::Classify, Task::Regress];
    const PREPARE: &'static [&'static str] = &["dates", "levels"];

    fn estimator(self) -> Arc<dyn Estimator> {
        Arc::new(Lift(self))
    }
}

impl Fit for Gbdt {
    type Model = Ensemble;
    const TASKS: &'static [Task] = &[Task::Classify, Task::Regress];
    const MISSING: bool = true;

    fn fit(&self, train: &Samples<'_>, valid: Option<&Samples<'_>>, ctx: &Context) -> Result<Outcome<Ensemble>> {
        let rows = counted(train)?;
        let views = bins::views(&train.x);
        self.fits(views.len())?;
        let max_bins = self.max_bins as usize;
        ctx.allow("the table in bins", Binned::bytes(train.x.rows, views.len(), max_bins))?;
        let features = bins::learn(&views, &rows, max_bins, &mut ctx.random("bins"));
        let table = Binned::new(&views, features, train.x.rows);
        if self.patience.is_some() && valid.is_none() {
            ctx.warn("`patience` does nothing here: no rows are held out to watch");
        }
        Ok(Boosting::new(self, train, &table, rows).run(valid, &views, ctx))
    }
}

impl Gbdt {
    /// Refuses constraints on features that are not there.
    fn fits(&self, features: usize) -> Result<()> {
        if ![0, features].contains(&self.monotonic_cst.len()) {
            let given = self.monotonic_cst.len();
            return Err(Error::setting(format!("`monotonic_cst` has {given} directions for {features} features")));
        }
        match self.interaction_cst.iter().flatten().find(|&&feature| feature >= features) {
            Some(feature) => Err(Error::setting(format!(
                "`interaction_cst` names feature {feature}, and there are {features}, counted from 0"
            ))),
            None => Ok(()),
        }
    }

    /// The sets of features that may act together, all features in one at least.
    fn interactions(&self, features: usize) -> Vec<Vec<usize>> {
        let mut sets = self.interaction_cst.clone();
        let rest: Vec<usize> = (0..features).filter(|feature| !sets.iter().any(|set| set.contains(feature))).collect();
        if !sets.is_empty() && !rest.is_empty() {
            sets.push(rest);
        }
        sets
    }
}

/// The rows that count: those whose weight is not 0.
pub(super) fn counted(train: &Samples<'_>) -> Result<Vec<u32>> {
    let n = train.x.rows;
    if u32::try_from(n).is_err() {
        return Err(
            Error::data(format!("{n} rows are more than a tree can hold")).with_hint("learn from a sample of them")
        );
    }
    let rows: Vec<u32> = match train.weight {
        Some(weight) => (0..n as u32).filter(|&row| weight[row as usize] > 0.0).collect(),
        None => (0..n as u32).collect(),
    };
    match rows.is_empty() {
        true => Err(Error::data("there are no rows of a weight above 0 to learn from")),
        false => Ok(rows),
    }
}

/// Boosting under way.
struct Boosting<'a> {
    settings: &'a Gbdt,
    objective: Objective<'a>,
    weight: Option<&'a [f64]>,
    table: &'a Binned,
    grower: Grower<'a>,
    model: Ensemble,
    /// The rows that count, in their order.
    rows: Vec<u32>,
    raw: Vec<f64>,
    /// Sets of features that may act together.
    interactions: Vec<Vec<usize>>,
}

impl<'a> Boosting<'a> {
    fn new(settings: &'a Gbdt, train: &Samples<'a>, table: &'a Binned, rows: Vec<u32>) -> Self {
        let objective = Objective::of(train.y);
        let base = objective.base(&rows, train.weight);
        let rules = Rules {
            l2: settings.l2_regularization,
            min_samples_leaf: settings.min_samples_leaf.into(),
            min_child_weight: settings.min_child_weight,
            min_split_gain: settings.min_split_gain,
            max_cat_to_onehot: settings.max_cat_to_onehot as usize,
            max_cat_threshold: settings.max_cat_threshold as usize,
            min_samples_group: settings.min_samples_group.into(),
            cat_smooth: settings.cat_smooth,
            cat_l2: settings.cat_l2,
            monotone: settings.monotonic_cst.clone(),
        };
        let raw = base.iter().copied().cycle().take(table.rows * base.len()).collect();
        Self {
            settings,
            weight: train.weight,
            table,
            grower: Grower::new(
                table,
                rules,
                settings.grow_policy,
                settings.max_leaf_nodes as usize,
                settings.max_depth.unwrap_or(DEEPEST).min(DEEPEST),
            ),
            model: Ensemble::new(&train.x, objective.link(), 1, base),
            objective,
            rows,
            raw,
            interactions: settings.interactions(table.features.len()),
        }
    }

    fn run(mut self, valid: Option<&Samples<'_>>, views: &[(View<'_>, usize)], ctx: &Context) -> Outcome<Ensemble> {
        let rounds = self.settings.n_estimators;
        let k = self.objective.outputs();
        let mut watch = valid.filter(|valid| valid.x.rows > 0).map(|valid| Watch::new(&self.model, valid));
        let (mut train_loss, mut best, mut stopped) = (Vec::new(), (f64::INFINITY, 0), false);
        let _ = ctx.tell(Event::Begin { total: Some(rounds.into()), unit: "trees" });
        for round in 0..rounds {
            self.round(round, views.len(), ctx);
            let step = u64::from(round) + 1;
            let mut go_on = ctx.tell(Event::Step { done: step }).is_continue();
            train_loss.push(self.train_loss());
            go_on &=
                ctx.tell(Event::Figure { name: "train_loss", step, value: train_loss[round as usize] }).is_continue();
            if let Some(watch) = &mut watch {
                let loss = watch.next(&self.model, k);
                go_on &= ctx.tell(Event::Figure { name: "valid_loss", step, value: loss }).is_continue();
                if loss < best.0 {
                    best = (loss, round);
                }
                if self.settings.patience.is_some_and(|patience| round - best.1 >= patience) {
                    break;
                }
            }
            if !go_on {
                stopped = round + 1 < rounds;
                break;
            }
        }
        let _ = ctx.tell(Event::End);
        let grown = self.model.trees() / k;
        let mut notes = json!({ "loss": self.objective.name(), "rounds": grown, "train_loss": train_loss });
        if let Some(watch) = watch {
            notes["valid_loss"] = json!(watch.losses);
            notes["best_round"] = json!(best.1 + 1);
            if self.settings.patience.is_some() {
                self.model.truncate((best.1 as usize + 1) * k);
            }
        }
        Outcome { model: self.model, notes, stopped }
    }

    /// Grows the trees of one round.
    fn round(&mut self, round: u32, features: usize, ctx: &Context) {
        let k = self.objective.outputs();
        let drawn = match self.settings.subsample {
            share if share < 1.0 => {
                let wanted = ((self.rows.len() as f64 * share).round() as usize).max(1);
                Some(choose(&self.rows, wanted, &mut ctx.random(&format!("rows {round}"))))
            }
            _ => None,
        };
        let grid = self.objective.grid(self.rows.len(), &self.raw, self.weight);
        let mut probabilities = Vec::new();
        self.objective.probabilities(&self.raw, &mut probabilities);
        let mut pairs = vec![Pair::default(); self.table.rows];
        let mut words = vec![0; self.table.rows];
        for class in 0..k {
            let tree = round as usize * k + class;
            let random = |purpose: &str| ctx.random(&format!("features {tree} {purpose}"));
            let choice = Choice {
                tree: self.allowed(tree, features, ctx).into(),
                by_level: self.settings.max_features_by_level,
                by_node: self.settings.max_features_by_node,
                interactions: &self.interactions,
                random: &random,
            };
            self.objective.pairs(&self.raw, &probabilities, class, self.weight, grid, &mut pairs);
            let mut rows = drawn.as_ref().unwrap_or(&self.rows).clone();
            self.words(
                &pairs,
                grid,
                ctx.random(&format!("rounding {round} {class}")).below(1 << 32) as u32,
                &mut words,
            );
            let ground = Ground { gradients: Gradients { pairs: &pairs, words: &words, grid }, choice: &choice };
            let (mut grown, leaves) = self.grower.grow(&mut rows, ground);
            grown.values.iter_mut().for_each(|value| *value *= self.settings.learning_rate);
            self.cover(&mut grown, &rows, &leaves);
            if drawn.is_none() {
                self.step(&grown, &rows, &leaves, class);
            } else {
                self.step_all(&grown, class);
            }
            self.model.push(&grown, &self.table.features);
        }
    }

    /// The words of all rows for one tree.
    fn words(&self, pairs: &[Pair], grid: Grid, salt: u32, words: &mut [u64]) {
        let chunks = words.par_chunks_mut(CHUNK).zip(pairs.par_chunks(CHUNK)).zip(self.table.hashes.par_chunks(CHUNK));
        chunks.for_each(|((words, pairs), hashes)| {
            Arch::new().dispatch(|| {
                for ((word, &pair), &hash) in words.iter_mut().zip(pairs).zip(hashes) {
                    *word = grid.word(pair, bins::mix(hash ^ salt));
                }
            });
        });
    }

    /// The features that a tree may use.
    fn allowed(&self, tree: usize, features: usize, ctx: &Context) -> Vec<bool> {
        let share = self.settings.max_features;
        if share >= 1.0 {
            return vec![true; features];
        }
        let wanted = ((features as f64 * share).round() as usize).max(1);
        let mut allowed = vec![false; features];
        let drawn = ctx.random(&format!("features {tree}")).sample(features, wanted);
        drawn.into_iter().for_each(|feature| allowed[feature] = true);
        allowed
    }

    /// Counts the weight of the rows in each leaf and branch.
    fn cover(&self, grown: &mut Grown, rows: &[u32], leaves: &[Range<usize>]) {
        grown.leaf_cover = leaves
            .iter()
            .map(|leaf| match self.weight {
                Some(weight) => rows[leaf.clone()].iter().map(|&row| weight[row as usize]).sum(),
                None => leaf.len() as f64,
            })
            .collect();
        grown.sum_covers();
    }

    /// Adds a tree to the raw answers of the rows it was grown on. A leaf's rows are in order, so every
    /// chunk of the answers finds its own by bisection.
    fn step(&mut self, grown: &Grown, rows: &[u32], leaves: &[Range<usize>], class: usize) {
        let k = self.objective.outputs();
        self.raw.par_chunks_mut(CHUNK * k).enumerate().for_each(|(chunk, raw)| {
            let start = chunk * CHUNK;
            let end = start + raw.len() / k;
            for (leaf, value) in leaves.iter().zip(&grown.values) {
                let rows = &rows[leaf.clone()];
                let from = rows.partition_point(|&row| (row as usize) < start);
                let to = from + rows[from..].partition_point(|&row| (row as usize) < end);
                for &row in &rows[from..to] {
                    raw[(row as usize - start) * k + class] += value;
                }
            }
        });
    }

    /// Adds a tree to the raw answers of all rows, by their bins.
    fn step_all(&mut self, grown: &Grown, class: usize) {
        let k = self.objective.outputs();
        let nodes: Vec<_> = grown
            .branches
            .iter()
            .map(|b| {
                (
                    self.table.place(b.feature),
                    ways(self.table, b.feature, |bin| b.cut.takes(bin), b.missing_left),
                    b.left,
                    b.right,
                )
            })
            .collect();
        let root = if nodes.is_empty() { !0 } else { 0 };
        self.raw.par_chunks_mut(CHUNK * k).enumerate().for_each(|(chunk, raw)| {
            for (i, raw) in raw.chunks_exact_mut(k).enumerate() {
                let mut at: i32 = root;
                while at >= 0 {
                    let (place, ways, left, right) = &nodes[at as usize];
                    at = if ways[place.bin(chunk * CHUNK + i)] { *left } else { *right };
                }
                raw[class] += grown.values[!at as usize];
            }
        });
    }

    fn train_loss(&self) -> f64 {
        let k = self.objective.outputs();
        let every = self.rows.len().div_ceil(WATCHED);
        let rows: Vec<u32> = self.rows.iter().copied().step_by(every).collect();
        let raw: Vec<f64> =
            rows.iter().flat_map(|&row| &self.raw[row as usize * k..(row as usize + 1) * k]).copied().collect();
        self.objective.loss(&raw, &rows, self.weight)
    }
}

/// The rows held out, watched while boosting.
struct Watch<'a> {
    objective: Objective<'a>,
    weight: Option<&'a [f64]>,
    numbers: Vec<u32>,
    gathered: Vec<u32>,
    raw: Vec<f64>,
    losses: Vec<f64>,
}

impl<'a> Watch<'a> {
    fn new(model: &Ensemble, valid: &Samples<'a>) -> Self {
        let n = valid.x.rows;
        Self {
            objective: Objective::of(valid.y),
            weight: valid.weight,
            numbers: (0..n as u32).collect(),
            gathered: model.gathered(&valid.x),
            raw: model.base.iter().copied().cycle().take(n * model.base.len()).collect(),
            losses: Vec::new(),
        }
    }

    /// The loss with the trees of the newest round.
    fn next(&mut self, model: &Ensemble, k: usize) -> f64 {
        model.add_trees(model.trees() - k, &self.gathered, &mut self.raw);
        let loss = self.objective.loss(&self.raw, &self.numbers, self.weight);
        self.losses.push(loss);
        loss
    }
}

//! The rounds of boosting: gradients at the answers so far, a tree on them, and a step.
//!
//! A round costs a pass over the rows for the gradients, two or three for the tree, and one for the step; what it
//! works on is kept between rounds.

use super::bins::{self, Binned, View, choose};
use super::cart::DEEPEST;
use super::choice::Choice;
use super::gbdt::Gbdt;
use super::grid::{Gradients, Grid, Pair};
use super::grow::{Ground, Grower, ways};
use super::node::{Ensemble, Grown, shapes};
use super::objective::Objective;
use super::split::Rules;
use super::watch::Watch;
use crate::Outcome;
use crate::samples::Samples;
use arkwright_core::{Context, Error, Event, Result};
use pulp::Arch;
use rayon::prelude::*;
use serde_json::json;
use std::ops::Range;

/// Rows worked on at a time.
const CHUNK: usize = 16_384;
/// Rows, evenly spaced, that the training loss is told of.
const WATCHED: usize = 10_000;

/// Boosting under way.
pub(super) struct Boosting<'a> {
    settings: &'a Gbdt,
    objective: Box<dyn Objective + 'a>,
    weight: Option<&'a [f64]>,
    table: &'a Binned,
    grower: Grower<'a>,
    pub(super) model: Ensemble,
    /// The rows that count, in their order.
    rows: Vec<u32>,
    raw: Vec<f64>,
    /// Sets of features that may act together.
    interactions: Vec<Vec<usize>>,
    /// What a round works on.
    work: Vec<f64>,
    pairs: Vec<Pair>,
    words: Vec<u64>,
}

impl<'a> Boosting<'a> {
    pub(super) fn new(
        settings: &'a Gbdt,
        objective: Box<dyn Objective + 'a>,
        train: &Samples<'a>,
        table: &'a Binned,
        rows: Vec<u32>,
    ) -> Self {
        let base = objective.base(&rows);
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
            model: Ensemble::new(shapes(&train.x), objective.link(), 1, base),
            objective,
            rows,
            raw,
            interactions: settings.interactions(table.features.len()),
            work: Vec::new(),
            pairs: vec![Pair::default(); table.rows],
            words: vec![0; table.rows],
        }
    }

    pub(super) fn run(
        mut self,
        mut watch: Option<Watch<'_>>,
        views: &[(View<'_>, usize)],
        ctx: &Context,
    ) -> Result<Outcome<Ensemble>> {
        let rounds = self.settings.n_estimators;
        let k = self.objective.outputs();
        let (mut train_loss, mut stopped) = (Vec::new(), false);
        let _ = ctx.tell(Event::Begin { total: Some(rounds.into()), unit: "trees" });
        for round in 0..rounds {
            self.round(round, views.len(), ctx)?;
            let step = u64::from(round) + 1;
            let mut go_on = ctx.tell(Event::Step { done: step }).is_continue();
            train_loss.push(self.train_loss());
            go_on &=
                ctx.tell(Event::Figure { name: "train_loss", step, value: train_loss[round as usize] }).is_continue();
            if let Some(watch) = &mut watch {
                go_on &= watch.next(&self.model, round, ctx)?;
                if self.settings.patience.is_some_and(|patience| round - watch.best.1 >= patience) {
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
            if let Some(metric) = watch.metric {
                notes[format!("valid_{metric}")] = json!(watch.scores);
            }
            notes["best_round"] = json!(watch.best.1 + 1);
            if self.settings.patience.is_some() {
                self.model.truncate((watch.best.1 as usize + 1) * k);
            }
        }
        Ok(Outcome { model: self.model, notes, stopped })
    }

    /// Grows the trees of one round.
    fn round(&mut self, round: u32, features: usize, ctx: &Context) -> Result<()> {
        let k = self.objective.outputs();
        let drawn = match self.settings.subsample {
            share if share < 1.0 => {
                let wanted = ((self.rows.len() as f64 * share).round() as usize).max(1);
                Some(choose(&self.rows, wanted, &mut ctx.random(&format!("rows {round}"))))
            }
            _ => None,
        };
        self.work.clear();
        let (gradient, hessian) = self.objective.start(&self.raw, &mut self.work);
        if !(gradient.is_finite() && hessian.is_finite()) {
            return Err(Error::data(format!("the gradients of `{}` are no longer finite", self.objective.name()))
                .with_hint("lower `learning_rate`, or look for wild values in the target"));
        }
        let grid = Grid::new(self.rows.len(), gradient, hessian);
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
            self.objective.pairs(&self.raw, &self.work, class, grid, &mut self.pairs);
            let mut rows = drawn.as_ref().unwrap_or(&self.rows).clone();
            let salt = ctx.random(&format!("rounding {round} {class}")).below(1 << 32) as u32;
            round_to_words(&self.pairs, &self.table.hashes, grid, salt, &mut self.words);
            let gradients = Gradients { pairs: &self.pairs, words: &self.words, grid };
            let ground = Ground { gradients, choice: &choice };
            let (mut grown, leaves) = self.grower.grow(&mut rows, ground);
            self.renew(&mut grown, &rows, &leaves);
            grown.values.iter_mut().for_each(|value| *value *= self.settings.learning_rate);
            self.cover(&mut grown, &rows, &leaves);
            if drawn.is_none() {
                self.step(&grown, &rows, &leaves, class);
            } else {
                self.step_all(&grown, class);
            }
            self.model.push(&grown, &self.table.features);
        }
        Ok(())
    }

    /// Gives the leaves the values that the loss finds best, where it knows better than the tree.
    fn renew(&self, grown: &mut Grown, rows: &[u32], leaves: &[Range<usize>]) {
        grown.values.par_iter_mut().zip(leaves).for_each(|(value, leaf)| {
            if let Some(best) = self.objective.renew(&self.raw, &rows[leaf.clone()]) {
                *value = best;
            }
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
        let every = self.rows.len().div_ceil(WATCHED);
        let rows: Vec<u32> = self.rows.iter().copied().step_by(every).collect();
        self.objective.loss(&self.raw, &rows)
    }
}

/// The words of all rows for one tree.
fn round_to_words(pairs: &[Pair], hashes: &[u32], grid: Grid, salt: u32, words: &mut [u64]) {
    let chunks = words.par_chunks_mut(CHUNK).zip(pairs.par_chunks(CHUNK)).zip(hashes.par_chunks(CHUNK));
    chunks.for_each(|((words, pairs), hashes)| {
        Arch::new().dispatch(|| {
            for ((word, &pair), &hash) in words.iter_mut().zip(pairs).zip(hashes) {
                *word = grid.word(pair, bins::mix(hash ^ salt));
            }
        });
    });
}

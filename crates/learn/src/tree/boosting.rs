//! The rounds of boosting: gradients at the answers so far, a tree on them, and a step.
//!
//! A round costs a pass over the rows for the gradients, two or three for the tree, and one for the step; what it
//! works on is kept between rounds. Where boosting goes on from a model, its rounds count as done: they are seen in
//! the answers so far and in the seeds, so that 50 rounds and 50 more are 100.

use super::bins::{self, Binned, Hashes};
use super::cart::DEEPEST;
use super::choice::Choice;
use super::constraint::Constraints;
use super::dart::Dart;
use super::gbdt::{BoostingType, Gbdt};
use super::grid::{Gradients, Grid, Pair};
use super::grow::{Ground, Grower, ways};
use super::linear_leaf::{self, Function, Linear};
use super::node::{Ensemble, Grown, shapes};
use super::objective::{Objective, each_pair};
use super::refit::goes_with;
use super::sampling::{Bagging, Goss, SampleStrategy, add_sizes};
use super::split::Rules;
use super::step::Leaves;
use super::watch::Watch;
use super::wide::{Plain, Way};
use crate::Outcome;
use crate::samples::Samples;
use arkwright_core::{Context, Error, Event, Result};
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
    /// The rows that count, in their order; empty where all of the table do.
    rows: Vec<u32>,
    /// The rows of the last tree, leaf by leaf.
    parted: Vec<u32>,
    bagging: Bagging,
    raw: Vec<f64>,
    /// In a forest: the raw answers that all trees start from.
    still: Option<Vec<f64>>,
    /// All rows, gathered, where trees are left out or leaves hold functions.
    gathered: Vec<u32>,
    /// Rounds that the model had before.
    before: u32,
    dart: Dart,
    /// The leaves at the best round, where later rounds change them.
    best: Option<(Vec<f64>, Option<Linear>)>,
    /// Sets of features that may act together.
    interactions: Vec<Vec<usize>>,
    /// What a round works on.
    work: Vec<f64>,
    pairs: Vec<Pair>,
    words: Vec<u64>,
}

impl<'a> Boosting<'a> {
    /// Boosting from the best constant on, or from a model.
    ///
    /// # Errors
    /// When the model is of other columns or another loss, or the settings do not suit the target.
    pub(super) fn new(
        settings: &'a Gbdt,
        objective: Box<dyn Objective + 'a>,
        train: &Samples<'a>,
        table: &'a Binned,
        constraints: Constraints,
        warm: Option<Ensemble>,
        ctx: &Context,
    ) -> Result<Self> {
        let rows = counted(train)?;
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
            monotone: constraints.directions,
        };
        let mut model = match warm {
            Some(model) => model,
            None => Ensemble::new(shapes(&train.x), objective.link(), 1, objective.base(&rows)),
        };
        goes_with(&model, &train.x, objective.as_ref())?;
        if settings.linear_tree && model.linear.is_none() {
            model.linear = Some(Linear::plain(model.leaves()));
        }
        let raw = model.raw(&train.x, 0..model.rounds());
        let gathers = settings.linear_tree || settings.boosting_type == BoostingType::Dart;
        let gathered = if gathers {
            ctx.allow("the rows that leaves read", (table.rows * model.features() * 4) as u64)?;
            model.gathered(&train.x)
        } else {
            Vec::new()
        };
        let (depth, leaves) = (settings.max_depth.unwrap_or(DEEPEST), settings.max_leaf_nodes as usize);
        Ok(Self {
            settings,
            weight: train.weight,
            table,
            grower: Grower::new(table, rules, settings.grow_policy, leaves, depth.min(DEEPEST)),
            bagging: Bagging::new(settings, train, &rows)?,
            objective,
            rows: if rows.len() == table.rows { Vec::new() } else { rows },
            parted: Vec::new(),
            still: (settings.boosting_type == BoostingType::Rf).then(|| raw.clone()),
            raw,
            gathered,
            before: model.rounds() as u32,
            model,
            dart: Dart::default(),
            best: None,
            interactions: constraints.sets,
            work: Vec::new(),
            pairs: vec![Pair::default(); table.rows],
            words: vec![0; table.rows],
        })
    }

    pub(super) fn run(mut self, mut watch: Option<Watch<'_>>, ctx: &Context) -> Result<Outcome<Ensemble>> {
        let rounds = self.settings.n_estimators;
        let k = self.objective.outputs();
        let is_forest = self.still.is_some();
        let (mut train_loss, mut stopped) = (Vec::new(), false);
        let _ = ctx.tell(Event::Begin { total: Some(rounds.into()), unit: "trees" });
        for done in 1..=rounds {
            let round = self.before + done - 1;
            let dropped = self.round(round, ctx)?;
            let mut go_on = ctx.tell(Event::Step { done: done.into() }).is_continue();
            let loss = self.train_loss();
            train_loss.push(loss);
            go_on &= ctx.tell(Event::Figure { name: "train_loss", step: done.into(), value: loss }).is_continue();
            if let Some(watch) = &mut watch {
                watch.shrink(&self.model, &dropped);
                go_on &= watch.next(&self.model, round, is_forest, ctx)?;
                let changes = self.settings.boosting_type == BoostingType::Dart && self.settings.patience.is_some();
                if changes && watch.best.1 == round {
                    self.best = Some((self.model.values.clone(), self.model.linear.clone()));
                }
                if self.settings.patience.is_some_and(|patience| round.saturating_sub(watch.best.1) >= patience) {
                    break;
                }
            }
            if !go_on {
                stopped = done < rounds;
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
                if let Some((values, linear)) = self.best.take() {
                    (self.model.values, self.model.linear) = (values, linear);
                }
                self.model.truncate((watch.best.1 as usize + 1) * k);
            }
        }
        if is_forest {
            let trees = self.model.trees();
            self.model.scale_trees(0..trees, k as f64 / trees.max(1) as f64);
        }
        Ok(Outcome { model: self.model, notes, stopped })
    }

    /// Grows the trees of one round; gives the rounds that were left out for it.
    fn round(&mut self, round: u32, ctx: &Context) -> Result<Dropped> {
        let k = self.objective.outputs();
        let dropped = self.leave_out(round, ctx);
        let raw = self.still.as_ref().unwrap_or(&self.raw);
        self.work.clear();
        let (gradient, hessian) = self.objective.start(raw, &mut self.work);
        if !(gradient.is_finite() && hessian.is_finite()) {
            return Err(Error::data(format!("the gradients of `{}` are no longer finite", self.objective.name()))
                .with_hint("lower `learning_rate`, or look for wild values in the target"));
        }
        let fine = Grid::new(self.counted(), gradient, hessian);
        let goss = self.goss(round, fine, ctx);
        let drawn = match &goss {
            Some(goss) => Some(goss.rows.clone()),
            None => self.bagging.draw(round, ctx),
        };
        for class in 0..k {
            let tree = round as usize * k + class;
            let random = |purpose: &str| ctx.random(&format!("features {tree} {purpose}"));
            let choice = Choice {
                tree: self.allowed(tree, ctx).into(),
                by_level: self.settings.max_features_by_level,
                by_node: self.settings.max_features_by_node,
                interactions: &self.interactions,
                random: &random,
            };
            let raw = self.still.as_ref().unwrap_or(&self.raw);
            let salt = ctx.random(&format!("rounding {round} {class}")).below(1 << 32) as u32;
            let hashes = self.table.hashes();
            let grid = match &goss {
                None => {
                    // Each chunk's words are made while its pairs are in the cache.
                    let chunks = self.pairs.par_chunks_mut(CHUNK).zip(self.words.par_chunks_mut(CHUNK));
                    chunks.enumerate().for_each(|(chunk, (pairs, words))| {
                        let start = chunk * CHUNK;
                        self.objective.pairs(raw, &self.work, class, fine, start, pairs);
                        Way::best().plain(Round { pairs, hashes, start, grid: fine, salt, words });
                    });
                    fine
                }
                Some(goss) => {
                    each_pair(self.objective.as_ref(), raw, &self.work, class, fine, &mut self.pairs);
                    let grid = goss.amplify(&mut self.pairs, fine);
                    Way::best().plain(Round {
                        pairs: &self.pairs,
                        hashes,
                        start: 0,
                        grid,
                        salt,
                        words: &mut self.words,
                    });
                    grid
                }
            };
            let mut rows = std::mem::take(&mut self.parted);
            rows.clear();
            match &drawn {
                Some(drawn) => rows.extend(drawn),
                None => rows.extend(self.some_rows(1)),
            }
            let gradients = Gradients { pairs: &self.pairs, words: &self.words, grid };
            let (mut grown, leaves) = self.grower.grow(&mut rows, Ground { gradients, choice: &choice });
            self.renew(&mut grown, &rows, &leaves);
            let mut functions = self.functions(&grown, &rows, &leaves, gradients);
            let rate = self.rate(&dropped);
            grown.values.iter_mut().for_each(|value| *value *= rate);
            functions.iter_mut().for_each(|function| function.scale(rate));
            self.cover(&mut grown, &rows, &leaves);
            self.model.push(&grown, &self.table.features);
            if let Some(linear) = &mut self.model.linear {
                linear.push(&functions);
            }
            if self.settings.linear_tree {
                self.model.add_some(tree..tree + 1, &self.gathered, &mut self.raw);
            } else if drawn.is_none() {
                let k = self.objective.outputs();
                Leaves { rows: &rows, ranges: &leaves }.add(&grown.values, &mut self.raw, k, class);
            } else {
                self.step_all(&grown, class);
            }
            self.parted = rows;
        }
        self.put_back(&dropped);
        Ok(dropped)
    }

    /// How much of a tree's step is taken.
    fn rate(&self, dropped: &Dropped) -> f64 {
        match self.still {
            Some(_) => 1.0,
            None => self.settings.learning_rate / (1.0 + dropped.rounds.len() as f64),
        }
    }

    /// Takes the trees that this round leaves out from the raw answers.
    fn leave_out(&mut self, round: u32, ctx: &Context) -> Dropped {
        if self.settings.boosting_type != BoostingType::Dart {
            return Dropped::default();
        }
        let rounds = self.dart.choose(self.settings, &mut ctx.random(&format!("dropped {round}")));
        self.dart.count(self.settings.learning_rate, &rounds);
        let k = self.objective.outputs();
        let first = |own: usize| (self.before as usize + own) * k;
        let trees: Vec<Range<usize>> = rounds.iter().map(|&own| first(own)..first(own) + k).collect();
        let sum = self.model.sum_of(&trees, &self.gathered, self.table.rows);
        add(&mut self.raw, &sum, -1.0);
        Dropped { rounds, trees, sum }
    }

    /// Puts the trees that were left out back, with less weight.
    fn put_back(&mut self, dropped: &Dropped) {
        let left = dropped.left();
        dropped.trees.iter().for_each(|trees| self.model.scale_trees(trees.clone(), left));
        add(&mut self.raw, &dropped.sum, left);
    }

    /// The rows that err most and some others, once the first steps are done, as LightGBM does: before, all err.
    fn goss(&mut self, round: u32, grid: Grid, ctx: &Context) -> Option<Goss> {
        let warm_up = f64::from(round) < 1.0 / self.settings.learning_rate;
        if self.settings.data_sample_strategy != SampleStrategy::Goss || warm_up {
            return None;
        }
        let rows: Vec<u32> = self.some_rows(1).collect();
        let mut sizes = vec![0.0; rows.len()];
        for class in 0..self.objective.outputs() {
            each_pair(self.objective.as_ref(), &self.raw, &self.work, class, grid, &mut self.pairs);
            add_sizes(&rows, &self.pairs, grid, &mut sizes);
        }
        Some(Goss::choose(&rows, &sizes, self.settings, &mut ctx.random(&format!("goss {round}"))))
    }

    /// The linear functions of a tree's leaves.
    fn functions(
        &self,
        grown: &Grown,
        rows: &[u32],
        leaves: &[Range<usize>],
        gradients: Gradients<'_>,
    ) -> Vec<Function> {
        match self.settings.linear_tree {
            false => vec![Function::default(); leaves.len()],
            true => linear_leaf::fit(
                grown,
                &linear_leaf::Ground {
                    rows,
                    leaves,
                    gradients,
                    gathered: &self.gathered,
                    features: &self.table.features,
                    l2: self.settings.l2_regularization,
                    lambda: self.settings.linear_lambda,
                },
            ),
        }
    }

    /// Gives the leaves the values that the loss finds best, where it knows better than the tree.
    fn renew(&self, grown: &mut Grown, rows: &[u32], leaves: &[Range<usize>]) {
        let raw = self.still.as_ref().unwrap_or(&self.raw);
        grown.values.par_iter_mut().zip(leaves).for_each(|(value, leaf)| {
            if let Some(best) = self.objective.renew(raw, &rows[leaf.clone()]) {
                *value = best;
            }
        });
    }

    /// The features that a tree may use.
    fn allowed(&self, tree: usize, ctx: &Context) -> Vec<bool> {
        let features = self.table.features.len();
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

    /// How many rows count.
    fn counted(&self) -> usize {
        if self.rows.is_empty() { self.table.rows } else { self.rows.len() }
    }

    /// Every so many of the rows that count.
    fn some_rows(&self, every: usize) -> impl Iterator<Item = u32> + '_ {
        let all = if self.rows.is_empty() { self.table.rows as u32 } else { 0 };
        (0..all).step_by(every).chain(self.rows.iter().copied().step_by(every))
    }

    fn train_loss(&self) -> f64 {
        let rows: Vec<u32> = self.some_rows(self.counted().div_ceil(WATCHED)).collect();
        match &self.still {
            Some(still) => self.objective.loss(&mean(still, &self.raw, self.model.rounds()), &rows),
            None => self.objective.loss(&self.raw, &rows),
        }
    }
}

/// The trees that a round left out.
#[derive(Default)]
pub(super) struct Dropped {
    /// Rounds of this run.
    rounds: Vec<usize>,
    /// Their trees.
    pub(super) trees: Vec<Range<usize>>,
    /// What they added to the raw answers of the training rows.
    sum: Vec<f64>,
}

impl Dropped {
    /// How much of them is left.
    pub(super) fn left(&self) -> f64 {
        let k = self.rounds.len() as f64;
        k / (k + 1.0)
    }
}

/// Adds a multiple of some raw answers to others.
pub(super) fn add(raw: &mut [f64], more: &[f64], times: f64) {
    raw.iter_mut().zip(more).for_each(|(raw, more)| *raw += times * more);
}

/// The raw answers of a forest: the mean over its rounds of what they add to where all start.
pub(super) fn mean(still: &[f64], raw: &[f64], rounds: usize) -> Vec<f64> {
    still.iter().zip(raw).map(|(still, raw)| still + (raw - still) / rounds.max(1) as f64).collect()
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

/// Rounds pairs to words, for one tree.
struct Round<'a> {
    pairs: &'a [Pair],
    hashes: Hashes<'a>,
    /// The first row.
    start: usize,
    grid: Grid,
    salt: u32,
    words: &'a mut [u64],
}

impl Plain for Round<'_> {
    type Out = ();

    #[inline(always)]
    fn run(self) {
        let (grid, salt) = (self.grid, self.salt);
        let rows = self.words.iter_mut().zip(self.pairs);
        match self.hashes {
            Hashes::Kept(hashes) => {
                for ((word, &pair), &hash) in rows.zip(&hashes[self.start..]) {
                    *word = grid.word(pair, bins::mix(hash ^ salt));
                }
            }
            Hashes::Words(bins) => {
                for ((word, &pair), &bins) in rows.zip(&bins[self.start..]) {
                    *word = grid.word(pair, bins::mix(bins::hash(0, bins) ^ salt));
                }
            }
        }
    }
}

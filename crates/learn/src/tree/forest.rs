//! Trees that are averaged: how a forest is grown.
//!
//! Each tree is grown on a draw of rows with putting back, by their weights where they have some, and looks at a
//! draw of features in each node; the trees' class shares, or means, are averaged. Trees are grown side by side, each
//! with random numbers of its own, so that the forest is the same on any number of threads. A single tree is a forest
//! of one that draws nothing.

use super::absolute::Medians;
use super::bins;
use super::cart::{Cart, DEEPEST, Limits, Table};
use super::gbdt::counted;
use super::impurity::{Classes, Criterion, Item, ItemOf, Numbers, Tally};
use super::level_order::LevelOrder;
use super::node::{Ensemble, Grown, Link, shapes};
use super::out_of_bag::OutOfBag;
use super::parting;
use super::pruning::{Pruned, Worth, path, prune};
use super::weights::{ForestClassWeight, balanced, of_classes};
use crate::Outcome;
use crate::bag::{Bag, MaxSamples};
use crate::samples::{Samples, Target};
use arkwright_core::{Context, Error, Event, Random, Result, must};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::borrow::Cow;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// Bins a column of numbers: a deep tree that cuts a column seven times still tells 32 of them apart, and
/// their thresholds lie in the first cache while rows are binned.
const BINS: usize = parting::BINS - 1;
/// Bins a column of levels.
const LEVELS: usize = 255;

/// How many features a node looks at.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(untagged, expecting = "`sqrt`, `log2`, or a share of the features above 0 and at most 1")]
pub enum MaxFeatures {
    /// A number that depends on theirs.
    Of(Root),
    /// A share of them, above 0 and at most 1.
    Share(f64),
}

/// How the number of features looked at grows with that of all.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Root {
    /// The square root.
    Sqrt,
    /// The logarithm to base 2.
    Log2,
}

impl MaxFeatures {
    fn of(self, features: usize) -> usize {
        let p = features as f64;
        let wanted = match self {
            Self::Of(Root::Sqrt) => p.sqrt(),
            Self::Of(Root::Log2) => libm::log2(p.max(1.0)),
            Self::Share(share) => p * share,
        };
        (wanted as usize).clamp(1, features.max(1))
    }

    fn check(self) -> Result<(), (&'static str, String)> {
        match self {
            Self::Share(share) if !(share > 0.0 && share <= 1.0) => {
                Err(("max_features", "must be above 0 and at most 1, or `sqrt` or `log2`".into()))
            }
            _ => Ok(()),
        }
    }
}

/// What a tree and both forests have in common.
#[derive(Clone, Debug)]
pub(super) struct Forest {
    pub(super) n_estimators: u32,
    pub(super) criterion: Option<Criterion>,
    pub(super) max_depth: Option<u32>,
    pub(super) max_leaf_nodes: Option<u32>,
    pub(super) min_samples_split: u32,
    pub(super) min_samples_leaf: u32,
    pub(super) min_weight_fraction_leaf: f64,
    pub(super) min_impurity_decrease: f64,
    pub(super) max_features: Option<MaxFeatures>,
    pub(super) bootstrap: bool,
    pub(super) max_samples: Option<MaxSamples>,
    pub(super) class_weight: Option<ForestClassWeight>,
    pub(super) ccp_alpha: f64,
    pub(super) oob_score: bool,
    pub(super) random_cuts: bool,
}

// Three kinds of settings with one behaviour.
macro_rules! tree_learner {
    ($type:ty, $kind:literal, $about:literal) => {
        impl Settings for $type {
            fn check(&self) -> Result<(), (&'static str, String)> {
                Forest::from(self).check()?;
                quantile_forest::check(self.quantiles())
            }
        }

        impl Leaf for $type {
            const KIND: &'static str = $kind;
            const VERSION: u32 = 3;
            const ABOUT: &'static str = $about;
            const TASKS: &'static [Task] = &[Task::Classify, Task::Regress];
            const PREPARE: &'static [&'static str] = &["dates", "levels"];

            fn suits(&self, task: Task) -> Result<(), arkwright_core::must::Fault> {
                Forest::from(self).applies(task, self.quantiles().is_some())
            }

            fn estimator(self) -> Arc<dyn Estimator> {
                match self.quantiles().map(<[f64]>::to_vec) {
                    Some(quantiles) => Arc::new(Lift(QuantileForest { forest: Forest::from(&self), quantiles })),
                    None => Arc::new(Lift(self)),
                }
            }
        }

        impl Fit for $type {
            type Model = Ensemble;
            const TASKS: &'static [Task] = &[Task::Classify, Task::Regress];
            const MISSING: bool = true;

            fn fit(
                &self,
                train: &Samples<'_>,
                _valid: Option<&Samples<'_>>,
                ctx: &Context,
            ) -> Result<Outcome<Ensemble>> {
                Forest::from(self).fit(train, ctx)
            }
        }
    };
}
pub(super) use tree_learner;

/// What all trees are grown with.
struct Given<'a> {
    table: &'a Table,
    limits: Limits,
    /// Whether to tell what the nodes are worth.
    worth: bool,
    /// What each tree draws its rows from; `None` where it sees all of them.
    bag: Option<Bag>,
    /// Whether what classes weigh depends on a tree's rows.
    by_tree: bool,
}

/// The trees as they were grown, and what they were worth.
type Trees = Vec<Option<(Grown, Worth)>>;

impl Forest {
    pub(super) fn check(&self) -> Result<(), must::Fault> {
        must::be_at_least("n_estimators", self.n_estimators, 1)?;
        must::be_at_least("max_depth", self.max_depth.unwrap_or(1), 1)?;
        must::be_at_least("max_leaf_nodes", self.max_leaf_nodes.unwrap_or(2), 2)?;
        must::be_at_least("min_samples_split", self.min_samples_split, 2)?;
        must::be_at_least("min_samples_leaf", self.min_samples_leaf, 1)?;
        must::be_within("min_weight_fraction_leaf", self.min_weight_fraction_leaf, 0.0, 0.5)?;
        must::not_be_negative("min_impurity_decrease", self.min_impurity_decrease)?;
        self.max_samples.map_or(Ok(()), MaxSamples::check)?;
        must::not_be_negative("ccp_alpha", self.ccp_alpha)?;
        if self.oob_score && !self.bootstrap {
            return Err(("oob_score", "needs `bootstrap`: without it every tree sees all rows".into()));
        }
        if self.max_samples.is_some() && !self.bootstrap {
            return Err(("max_samples", "needs `bootstrap`: without it every tree sees all rows".into()));
        }
        self.max_features.map_or(Ok(()), MaxFeatures::check)
    }

    /// Fits, and tells in the notes what it was asked for.
    pub(super) fn fit(&self, train: &Samples<'_>, ctx: &Context) -> Result<Outcome<Ensemble>> {
        let model = self.model(train, ctx)?;
        let stopped = model.trees() < self.n_estimators as usize;
        let mut notes = json!({ "trees": model.trees(), "leaves": model.leaves() });
        if self.oob_score && !stopped {
            let told = self.out_of_bag(&model, train, &counted(train)?, ctx)?;
            notes["oob_score"] = json!(told.score);
            notes["oob_rows"] = json!(told.rows);
        }
        Ok(Outcome { model, notes, stopped })
    }

    pub(super) fn fit_out_of_bag(&self, train: &Samples<'_>, ctx: &Context) -> Result<(Ensemble, OutOfBag)> {
        if !self.bootstrap {
            return Err(Error::setting("`bootstrap` is off: every tree sees all rows, and none is out of a bag"));
        }
        let model = self.model(train, ctx)?;
        if model.trees() < self.n_estimators as usize {
            return Err(Error::Stopped);
        }
        let told = self.out_of_bag(&model, train, &counted(train)?, ctx)?;
        Ok((model, told))
    }

    /// The rows that each tree drew are drawn again: no memory is spent on them while the trees grow.
    fn out_of_bag(&self, model: &Ensemble, train: &Samples<'_>, rows: &[u32], ctx: &Context) -> Result<OutOfBag> {
        let bag = self.bag(self.weights(train, rows)?.as_deref(), rows);
        let bits = |tree: u32| {
            let times = bag.times(&mut random_of(tree, ctx));
            let mut bits = vec![0u64; train.x.rows.div_ceil(64)];
            let drawn = rows.iter().zip(&times).filter(|(_, times)| **times > 0);
            drawn.for_each(|(&row, _)| bits[row as usize / 64] |= 1 << (row % 64));
            bits
        };
        let drawn: Vec<_> = (0..self.n_estimators).into_par_iter().map(bits).collect();
        Ok(model.out_of_bag(train, rows, &drawn))
    }

    /// The weights of all rows, if they have some, with what their classes weigh for all trees alike.
    fn weights<'a>(&self, train: &Samples<'a>, rows: &[u32]) -> Result<Option<Cow<'a, [f64]>>> {
        let owned = match &self.class_weight {
            Some(classes) if !self.by_tree() => of_classes(classes, train, rows)?,
            _ => None,
        };
        Ok(owned.map(Cow::Owned).or(train.weight.map(Cow::Borrowed)))
    }

    /// Whether what classes weigh depends on the rows that a tree drew.
    fn by_tree(&self) -> bool {
        matches!(self.class_weight, Some(ForestClassWeight::Drawn(_))) && self.bootstrap
    }

    /// What the rows of the trees are drawn from.
    fn bag(&self, weight: Option<&[f64]>, rows: &[u32]) -> Bag {
        let weight: Option<Vec<f64>> = weight.map(|weight| rows.iter().map(|&row| weight[row as usize]).collect());
        Bag::new(rows.len(), weight.as_deref(), self.max_samples)
    }

    pub(super) fn model(&self, train: &Samples<'_>, ctx: &Context) -> Result<Ensemble> {
        let table = table(train, ctx)?;
        let mut model = empty(train);
        for (grown, worth) in self.trees(train, &table, self.ccp_alpha > 0.0, ctx)?.into_iter().flatten() {
            let grown = if self.ccp_alpha > 0.0 { prune(grown, &worth, self.ccp_alpha) } else { grown };
            model.push(&grown, &table.features);
        }
        match model.trees() {
            0 => Err(Error::Stopped),
            _ => Ok(model),
        }
    }

    /// One tree, on a table that is in bins already.
    pub(super) fn tree(&self, train: &Samples<'_>, table: &Table, ctx: &Context) -> Result<Grown> {
        let trees = self.trees(train, table, false, ctx)?;
        trees.into_iter().flatten().next().map(|tree| tree.0).ok_or(Error::Stopped)
    }

    pub(super) fn pruning_path(&self, train: &Samples<'_>, ctx: &Context) -> Result<Vec<Pruned>> {
        let trees = self.trees(train, &table(train, ctx)?, true, ctx)?;
        let first = trees.first().and_then(Option::as_ref).ok_or(Error::Stopped)?;
        Ok(path(&first.0, &first.1))
    }

    /// Grows the trees on sums that suit the target.
    fn trees(&self, train: &Samples<'_>, table: &Table, worth: bool, ctx: &Context) -> Result<Trees> {
        let rows = counted(train)?;
        let weight = self.weights(train, &rows)?;
        // What is drawn by its weight counts once each time.
        let bag = self.bootstrap.then(|| self.bag(weight.as_deref(), &rows));
        let weight = weight.as_deref().filter(|_| bag.is_none());
        let by_tree = self.by_tree();
        let limits = self.limits(table.features.len(), &train.y);
        let given = &Given { table, limits, worth, bag, by_tree };
        let criterion = self.criterion_for(train)?;
        let of = |row: u32| weight.map_or(1.0, |w| w[row as usize]);
        let trees = match train.y {
            Target::Classes { codes, count } if weight.is_none() && !by_tree && count <= usize::from(u16::MAX) => {
                let item = |&row: &u32| Item { row, y: codes[row as usize] as u16, weight: 1 };
                let items: Vec<_> = rows.iter().map(item).collect();
                match count {
                    2 => self.grow(&Classes::<u32, 2>::new(count, criterion), &items, given, ctx),
                    _ => self.grow(&Classes::<u32, 0>::new(count, criterion), &items, given, ctx),
                }
            }
            Target::Classes { codes, count } => {
                let item = |&row: &u32| Item { row, y: codes[row as usize], weight: of(row) };
                let items: Vec<_> = rows.iter().map(item).collect();
                match count {
                    2 => self.grow(&Classes::<f64, 2>::new(count, criterion), &items, given, ctx),
                    _ => self.grow(&Classes::<f64, 0>::new(count, criterion), &items, given, ctx),
                }
            }
            Target::Values(y) => {
                // Squares are summed up around the mean, where they lose nothing to rounding.
                let (sum, total) =
                    rows.iter().fold((0.0, 0.0), |(s, t), &row| (s + of(row) * y[row as usize], t + of(row)));
                let centre = if criterion == Criterion::SquaredError { sum / total } else { 0.0 };
                let item = |&row: &u32| Item { row, y: y[row as usize] - centre, weight: of(row) };
                let items: Vec<_> = rows.iter().map(item).collect();
                match criterion {
                    Criterion::AbsoluteError => self.grow(&Medians, &items, given, ctx),
                    other => {
                        let poisson = other == Criterion::Poisson;
                        if poisson && (sum <= 0.0 || items.iter().any(|item| item.y < 0.0)) {
                            return Err(Error::data("`poisson` counts: no target may be negative, nor all be 0"));
                        }
                        self.grow(&Numbers { centre, poisson }, &items, given, ctx)
                    }
                }
            }
        };
        Ok(trees)
    }

    /// The criterion that is set, or what suits the target.
    fn criterion_for(&self, train: &Samples<'_>) -> Result<Criterion> {
        use Criterion::{AbsoluteError, Entropy, Gini, LogLoss, Poisson, SquaredError};
        match (train.y, self.criterion) {
            (Target::Classes { .. }, None) => Ok(Gini),
            (Target::Values(_), None) => Ok(SquaredError),
            (Target::Classes { .. }, Some(set @ (Gini | Entropy | LogLoss))) => Ok(set),
            (Target::Values(_), Some(set @ (SquaredError | AbsoluteError | Poisson))) => Ok(set),
            (Target::Classes { .. }, _) => {
                Err(Error::setting("`criterion` is for numbers, and the target is of classes")
                    .with_hint("possible: gini, entropy, log_loss"))
            }
            (Target::Values(_), _) => Err(Error::setting("`criterion` is for classes, and the target is a number")
                .with_hint("possible: squared_error, absolute_error, poisson")),
        }
    }

    fn limits(&self, features: usize, y: &Target<'_>) -> Limits {
        let default = match y {
            Target::Classes { .. } => MaxFeatures::Of(Root::Sqrt),
            Target::Values(_) => MaxFeatures::Share(1.0),
        };
        Limits {
            max_depth: self.max_depth.unwrap_or(DEEPEST).min(DEEPEST),
            max_leaf_nodes: self.max_leaf_nodes.map_or(usize::MAX, |most| most as usize),
            min_samples_split: self.min_samples_split as usize,
            min_samples_leaf: self.min_samples_leaf as usize,
            min_weight_fraction_leaf: self.min_weight_fraction_leaf,
            min_impurity_decrease: self.min_impurity_decrease,
            max_features: self.max_features.unwrap_or(default).of(features),
            random_cuts: self.random_cuts,
        }
    }

    /// Grows the trees; after a stop the rest are left out.
    fn grow<T: Tally>(&self, tally: &T, items: &[ItemOf<T>], given: &Given<'_>, ctx: &Context) -> Trees {
        let cart = Cart { table: given.table, limits: &given.limits, tally, worth: given.worth };
        let (stop, done) = (AtomicBool::new(false), AtomicU64::new(0));
        let _ = ctx.tell(Event::Begin { total: Some(self.n_estimators.into()), unit: "trees" });
        let grow = |tree: u32| {
            if stop.load(Ordering::Relaxed) {
                return None;
            }
            let mut random = random_of(tree, ctx);
            let sample = given.sample::<T>(items, &mut random);
            // Cuts that are drawn are not sought, and a tree of all rows sorts levels in each node.
            let level_order = match given.bag.is_some() && !self.random_cuts {
                true => LevelOrder::of(tally, &sample, given.table),
                false => LevelOrder::default(),
            };
            let grown = cart.grow(sample, level_order, random);
            let done = done.fetch_add(1, Ordering::Relaxed) + 1;
            if ctx.tell(Event::Step { done }).is_break() {
                stop.store(true, Ordering::Relaxed);
            }
            Some(grown)
        };
        let trees = (0..self.n_estimators).into_par_iter().map(grow).collect();
        let _ = ctx.tell(Event::End);
        trees
    }
}

impl Given<'_> {
    /// The rows of a tree: each that was drawn, once, with a weight for how often.
    fn sample<T: Tally>(&self, items: &[ItemOf<T>], random: &mut Random) -> Vec<ItemOf<T>> {
        let Some(bag) = &self.bag else { return items.to_vec() };
        let times = bag.times(random);
        let drawn = || items.iter().zip(&times).filter(|(_, times)| **times > 0);
        let mut classes = Vec::new();
        if self.by_tree {
            for (item, &times) in drawn() {
                let class = T::class(item);
                classes.resize(classes.len().max(class + 1), 0.0);
                classes[class] += f64::from(times);
            }
            classes = balanced(&classes);
        }
        drawn().map(|(item, &times)| T::drawn(item, times, classes.get(T::class(item)).copied())).collect()
    }
}

/// The random numbers of a tree: first those that draw its rows, then those that grow it.
fn random_of(tree: u32, ctx: &Context) -> Random {
    ctx.random(&format!("tree {tree}"))
}

/// The rows as trees see them.
pub(super) fn table(train: &Samples<'_>, ctx: &Context) -> Result<Table> {
    let rows = counted(train)?;
    let views = bins::views(&train.x);
    let n = train.x.rows;
    ctx.allow("the table in bins", n as u64 * (2 * Table::stride(views.len()) as u64 + 24))?;
    let mut features = bins::learn(&views, &rows, BINS, &mut ctx.random("bins"));
    for (feature, view) in features.iter_mut().zip(&views).filter(|(feature, _)| feature.is_level()) {
        bins::learn(std::slice::from_ref(view), &rows, LEVELS, &mut ctx.random("bins"))
            .into_iter()
            .for_each(|learnt| *feature = learnt);
    }
    Ok(Table::new(&views, features, n))
}

/// A forest without trees.
pub(super) fn empty(train: &Samples<'_>) -> Ensemble {
    let (link, outputs) = match train.y {
        Target::Values(_) => (Link::Mean, 1),
        Target::Classes { count: 2, .. } => (Link::Probability, 1),
        Target::Classes { count, .. } => (Link::Probability, count),
    };
    Ensemble::new(shapes(&train.x), link, outputs, vec![0.0; outputs])
}

//! A tree, a forest of trees (Breiman 2001), and extremely random trees (Geurts, Ernst & Wehenkel 2006).
//!
//! Each tree of a forest is grown on a draw of rows with putting back, and looks at a draw of features in
//! each node; the trees' class shares, or means, are averaged. Trees are grown side by side, each with
//! random numbers of its own, so that the forest is the same on any number of threads.

use super::bins::{self, column};
use super::cart::{Cart, Columns, DEEPEST, Limits};
use super::gbdt::counted;
use super::impurity::{Item, Measure};
use super::node::{Ensemble, Grown, Link};
use crate::samples::{Samples, Target};
use crate::{Fit, Lift, Outcome};
use arkwright_core::{Context, Error, Estimator, Event, Leaf, Result, Settings, Task, must};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// Bins a column.
const BINS: usize = 255;

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

/// One decision tree. Reads missing values and levels as they are.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct DecisionTree {
    /// Questions from the root to a leaf; when absent, 512.
    pub max_depth: Option<u32>,
    /// Leaves; no limit when absent. With one, the leaf that gains most is split next.
    pub max_leaf_nodes: Option<u32>,
    /// Rows that a node needs to be split, at least 2. 2.
    pub min_samples_split: u32,
    /// Rows a leaf. 1.
    pub min_samples_leaf: u32,
    /// How much purer a split must make the whole. 0.
    pub min_impurity_decrease: f64,
    /// Features that a node looks at: `sqrt`, `log2` or a share. All when absent.
    pub max_features: Option<MaxFeatures>,
}

impl Default for DecisionTree {
    fn default() -> Self {
        Self {
            max_depth: None,
            max_leaf_nodes: None,
            min_samples_split: 2,
            min_samples_leaf: 1,
            min_impurity_decrease: 0.0,
            max_features: None,
        }
    }
}

/// A forest of trees, each grown on a draw of the rows. Reads missing values and levels as they are.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct RandomForest {
    /// Trees. 100.
    pub n_estimators: u32,
    /// Questions from the root to a leaf; when absent, 512.
    pub max_depth: Option<u32>,
    /// Leaves a tree; no limit when absent. With one, the leaf that gains most is split next.
    pub max_leaf_nodes: Option<u32>,
    /// Rows that a node needs to be split, at least 2. 2.
    pub min_samples_split: u32,
    /// Rows a leaf. 1.
    pub min_samples_leaf: u32,
    /// How much purer a split must make the whole. 0.
    pub min_impurity_decrease: f64,
    /// Features that a node looks at: `sqrt`, `log2` or a share. When absent, `sqrt` to classify and all
    /// to regress.
    pub max_features: Option<MaxFeatures>,
    /// Whether each tree draws its rows with putting back. true.
    pub bootstrap: bool,
}

impl Default for RandomForest {
    fn default() -> Self {
        Self {
            n_estimators: 100,
            max_depth: None,
            max_leaf_nodes: None,
            min_samples_split: 2,
            min_samples_leaf: 1,
            min_impurity_decrease: 0.0,
            max_features: None,
            bootstrap: true,
        }
    }
}

/// Extremely random trees: cuts are drawn, evenly over a node's bins, and the best draw is taken. Reads
/// missing values and levels as they are.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ExtraTrees {
    /// Trees. 100.
    pub n_estimators: u32,
    /// Questions from the root to a leaf; when absent, 512.
    pub max_depth: Option<u32>,
    /// Leaves a tree; no limit when absent. With one, the leaf that gains most is split next.
    pub max_leaf_nodes: Option<u32>,
    /// Rows that a node needs to be split, at least 2. 2.
    pub min_samples_split: u32,
    /// Rows a leaf. 1.
    pub min_samples_leaf: u32,
    /// How much purer a split must make the whole. 0.
    pub min_impurity_decrease: f64,
    /// Features that a node looks at: `sqrt`, `log2` or a share. When absent, `sqrt` to classify and all
    /// to regress.
    pub max_features: Option<MaxFeatures>,
    /// Whether each tree draws its rows with putting back. false.
    pub bootstrap: bool,
}

impl Default for ExtraTrees {
    fn default() -> Self {
        Self {
            n_estimators: 100,
            max_depth: None,
            max_leaf_nodes: None,
            min_samples_split: 2,
            min_samples_leaf: 1,
            min_impurity_decrease: 0.0,
            max_features: None,
            bootstrap: false,
        }
    }
}

/// What the three have in common.
struct Forest {
    n_estimators: u32,
    max_depth: Option<u32>,
    max_leaf_nodes: Option<u32>,
    min_samples_split: u32,
    min_samples_leaf: u32,
    min_impurity_decrease: f64,
    max_features: Option<MaxFeatures>,
    bootstrap: bool,
    random_cuts: bool,
}

impl From<&DecisionTree> for Forest {
    fn from(s: &DecisionTree) -> Self {
        Self {
            n_estimators: 1,
            max_depth: s.max_depth,
            max_leaf_nodes: s.max_leaf_nodes,
            min_samples_split: s.min_samples_split,
            min_samples_leaf: s.min_samples_leaf,
            min_impurity_decrease: s.min_impurity_decrease,
            max_features: Some(s.max_features.unwrap_or(MaxFeatures::Share(1.0))),
            bootstrap: false,
            random_cuts: false,
        }
    }
}

impl From<&RandomForest> for Forest {
    fn from(s: &RandomForest) -> Self {
        Self {
            n_estimators: s.n_estimators,
            max_depth: s.max_depth,
            max_leaf_nodes: s.max_leaf_nodes,
            min_samples_split: s.min_samples_split,
            min_samples_leaf: s.min_samples_leaf,
            min_impurity_decrease: s.min_impurity_decrease,
            max_features: s.max_features,
            bootstrap: s.bootstrap,
            random_cuts: false,
        }
    }
}

impl From<&ExtraTrees> for Forest {
    fn from(s: &ExtraTrees) -> Self {
        Self {
            n_estimators: s.n_estimators,
            max_depth: s.max_depth,
            max_leaf_nodes: s.max_leaf_nodes,
            min_samples_split: s.min_samples_split,
            min_samples_leaf: s.min_samples_leaf,
            min_impurity_decrease: s.min_impurity_decrease,
            max_features: s.max_features,
            bootstrap: s.bootstrap,
            random_cuts: true,
        }
    }
}

const TASKS: &[Task] = &[Task::Classify, Task::Regress];
const PREPARE: &[&str] = &["dates", "levels"];

macro_rules! forest {
    ($type:ty, $kind:literal, $about:literal) => {
        impl Settings for $type {
            fn check(&self) -> Result<(), (&'static str, String)> {
                Forest::from(self).check()
            }
        }

        impl Leaf for $type {
            const KIND: &'static str = $kind;
            const ABOUT: &'static str = $about;
            const TASKS: &'static [Task] = TASKS;
            const PREPARE: &'static [&'static str] = PREPARE;

            fn estimator(self) -> Arc<dyn Estimator> {
                Arc::new(Lift(self))
            }
        }

        impl Fit for $type {
            type Model = Ensemble;
            const TASKS: &'static [Task] = TASKS;
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

// Three kinds of settings with one behaviour.
forest!(DecisionTree, "decision_tree", "One decision tree");
forest!(RandomForest, "random_forest", "The mean of trees, each grown on a draw of rows and features");
forest!(ExtraTrees, "extra_trees", "The mean of trees whose cuts are drawn at random");

impl Forest {
    fn check(&self) -> Result<(), (&'static str, String)> {
        must::be_at_least("n_estimators", self.n_estimators, 1)?;
        must::be_at_least("max_depth", self.max_depth.unwrap_or(1), 1)?;
        must::be_at_least("max_leaf_nodes", self.max_leaf_nodes.unwrap_or(2), 2)?;
        must::be_at_least("min_samples_split", self.min_samples_split, 2)?;
        must::be_at_least("min_samples_leaf", self.min_samples_leaf, 1)?;
        must::not_be_negative("min_impurity_decrease", self.min_impurity_decrease)?;
        self.max_features.map_or(Ok(()), MaxFeatures::check)
    }

    fn fit(&self, train: &Samples<'_>, ctx: &Context) -> Result<Outcome<Ensemble>> {
        let rows = counted(train)?;
        let views = bins::views(&train.x);
        let n = train.x.rows;
        ctx.allow("the table in bins", n as u64 * (views.len() as u64 + 24))?;
        let features = bins::learn(&views, &rows, BINS, &mut ctx.random("bins"));
        let columns = views.par_iter().zip(&features).map(|((view, _), feature)| column(feature, view, n)).collect();
        let table = Columns { features, bins: columns };
        let (items, measure, centre) = items(train, &rows);
        let gini = matches!((train.y, measure), (Target::Classes { .. }, Measure::Number));
        let all = table.features.len();
        let default = match train.y {
            Target::Classes { .. } => MaxFeatures::Of(Root::Sqrt),
            Target::Values(_) => MaxFeatures::Share(1.0),
        };
        let limits = Limits {
            max_depth: self.max_depth.unwrap_or(DEEPEST).min(DEEPEST),
            max_leaf_nodes: self.max_leaf_nodes.map_or(usize::MAX, |most| most as usize),
            min_samples_split: self.min_samples_split as usize,
            min_samples_leaf: self.min_samples_leaf as usize,
            // The Gini impurity of two classes is twice their variance.
            min_impurity_decrease: self.min_impurity_decrease / if gini { 2.0 } else { 1.0 },
            max_features: self.max_features.unwrap_or(default).of(all),
            random_cuts: self.random_cuts,
        };
        let cart = Cart { table: &table, limits: &limits, measure, centre };
        let trees = self.trees(&cart, &items, ctx);
        let mut model = empty(train, measure);
        trees.iter().flatten().for_each(|grown| model.push(grown, &table.features));
        if model.trees() == 0 {
            return Err(Error::Stopped);
        }
        let stopped = model.trees() < self.n_estimators as usize;
        let notes = json!({ "trees": model.trees(), "leaves": model.leaves() });
        Ok(Outcome { model, notes, stopped })
    }

    /// Grows the trees; after a stop the rest are left out.
    fn trees(&self, cart: &Cart<'_>, items: &[Item], ctx: &Context) -> Vec<Option<Grown>> {
        let (stop, done) = (AtomicBool::new(false), AtomicU64::new(0));
        let _ = ctx.tell(Event::Begin { total: Some(self.n_estimators.into()), unit: "trees" });
        let grow = |tree: u32| {
            if stop.load(Ordering::Relaxed) {
                return None;
            }
            let mut random = ctx.random(&format!("tree {tree}"));
            let sample = if self.bootstrap { draw(items, &mut random) } else { items.to_vec() };
            let grown = cart.grow(sample, random);
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

/// The rows as trees see them, what is summed up over them, and the mean that was taken off.
fn items(train: &Samples<'_>, rows: &[u32]) -> (Vec<Item>, Measure, f64) {
    let weight = |row: u32| train.weight.map_or(1.0, |w| w[row as usize]);
    let (measure, centre) = match train.y {
        Target::Classes { count: 2, .. } => (Measure::Number, 0.0),
        Target::Classes { count, .. } => (Measure::Classes(count), 0.0),
        Target::Values(y) => {
            let (sum, total) =
                rows.iter().fold((0.0, 0.0), |(s, t), &row| (s + weight(row) * y[row as usize], t + weight(row)));
            (Measure::Number, sum / total)
        }
    };
    let items = rows.iter().map(|&row| {
        let (class, number) = match train.y {
            Target::Classes { codes, .. } => (codes[row as usize], f64::from(codes[row as usize])),
            Target::Values(y) => (0, y[row as usize] - centre),
        };
        Item { row, class, weight: weight(row), value: weight(row) * number }
    });
    (items.collect(), measure, centre)
}

/// As many rows, drawn with putting back: each that was drawn, once, with a weight for how often.
fn draw(items: &[Item], random: &mut arkwright_core::Random) -> Vec<Item> {
    let mut times = vec![0u32; items.len()];
    for _ in 0..items.len() {
        times[random.below(items.len() as u64) as usize] += 1;
    }
    let drawn = items.iter().zip(&times).filter(|(_, times)| **times > 0);
    drawn
        .map(|(item, &times)| Item {
            weight: item.weight * f64::from(times),
            value: item.value * f64::from(times),
            ..*item
        })
        .collect()
}

/// A forest without trees.
fn empty(train: &Samples<'_>, measure: Measure) -> Ensemble {
    let (link, outputs) = match (train.y, measure) {
        (Target::Values(_), _) => (Link::Mean, 1),
        (_, Measure::Classes(k)) => (Link::Probability, k),
        _ => (Link::Probability, 1),
    };
    Ensemble::new(&train.x, link, outputs, vec![0.0; outputs])
}

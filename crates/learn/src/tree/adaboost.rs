//! AdaBoost: trees that look harder at what those before them got wrong.
//!
//! Classes (SAMME: Freund & Schapire 1997; Zhu, Zou, Rosset & Hastie 2009): a tree that errs on a share `e`
//! of the weight votes with `ln((1 - e)/e) + ln(k - 1)`, and the rows that it got wrong weigh more for the
//! next by the exponential of that. The answer is the softmax of the votes' mean, as in scikit-learn.
//! Numbers (AdaBoost.R2, Drucker 1997): each tree is grown on rows drawn by their weights; with the mean
//! loss `e`, relative to the largest, and `b = e/(1 - e)`, a row's weight is multiplied by `b` to the power
//! of one minus its loss. The answer is the median of the trees, weighted by `ln(1/b)`.

use super::applies::{NUMBERS, refuse};
use super::cart::Table;
use super::decision_tree::DecisionTree;
use super::forest::{Forest, empty, table};
use super::gbdt::counted;
use super::node::{Ensemble, Grown, Link, shapes};
use crate::bag::{Bag, MaxSamples};
use crate::samples::{Design, Samples, Target};
use crate::{Fit, Lift, Outcome, Predict};
use arkwright_core::{Context, Error, Estimator, Event, Leaf, Parts, Random, Result, Settings, Task, must};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::sync::Arc;

/// How a number's distance from the truth counts, once divided by the largest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AdaLoss {
    /// As it is.
    #[default]
    Linear,
    /// Its square.
    Square,
    /// One minus the exponential of minus it.
    Exponential,
}

/// Trees that look harder at what those before them got wrong. Reads missing values and levels as they are.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct AdaBoost {
    /// Trees at most; it ends early when one is without error or no better than chance. 50.
    pub n_estimators: u32,
    /// What each tree's vote is multiplied by, above 0. 1.
    pub learning_rate: f64,
    /// Questions from the root of a tree to a leaf. When absent, 1 to classify and 3 to regress.
    pub max_depth: Option<u32>,
    /// Numbers only: how a distance from the truth counts. `linear`.
    pub loss: AdaLoss,
}

impl Default for AdaBoost {
    fn default() -> Self {
        Self { n_estimators: 50, learning_rate: 1.0, max_depth: None, loss: AdaLoss::Linear }
    }
}

impl Settings for AdaBoost {
    fn check(&self) -> Result<(), must::Fault> {
        must::be_at_least("n_estimators", self.n_estimators, 1)?;
        must::be_above_0("learning_rate", self.learning_rate)?;
        must::be_at_least("max_depth", self.max_depth.unwrap_or(1), 1)
    }
}

const TASKS: &[Task] = &[Task::Classify, Task::Regress];

impl Leaf for AdaBoost {
    const KIND: &'static str = "adaboost";
    const VERSION: u32 = 2;
    const ABOUT: &'static str = "Small trees, each of which looks harder at what those before it got wrong";
    const TASKS: &'static [Task] = TASKS;
    const PREPARE: &'static [&'static str] = &["dates", "levels"];

    fn suits(&self, task: Task) -> Result<(), must::Fault> {
        refuse([("loss", self.loss != AdaLoss::Linear, task == Task::Regress, NUMBERS)])
    }

    fn estimator(self) -> Arc<dyn Estimator> {
        Arc::new(Lift(self))
    }
}

impl Fit for AdaBoost {
    type Model = AdaBoosted;
    const TASKS: &'static [Task] = TASKS;
    const MISSING: bool = true;

    fn fit(&self, train: &Samples<'_>, _valid: Option<&Samples<'_>>, ctx: &Context) -> Result<Outcome<AdaBoosted>> {
        let mut boosting = Boosting::new(self, train, ctx)?;
        let _ = ctx.tell(Event::Begin { total: Some(self.n_estimators.into()), unit: "trees" });
        let mut stopped = false;
        for round in 0..self.n_estimators {
            let goes_on = match train.y {
                Target::Classes { codes, count } => boosting.vote(codes, count)?,
                Target::Values(y) => boosting.step(y)?,
            };
            stopped = ctx.tell(Event::Step { done: u64::from(round) + 1 }).is_break();
            if stopped || !goes_on {
                break;
            }
        }
        let _ = ctx.tell(Event::End);
        let stopped = stopped && boosting.trees.len() < self.n_estimators as usize;
        let notes = json!({ "trees": boosting.trees.len(), "errors": boosting.errors });
        Ok(Outcome { model: boosting.model()?, notes, stopped })
    }
}

/// Boosting under way.
struct Boosting<'a> {
    settings: &'a AdaBoost,
    train: &'a Samples<'a>,
    table: Table,
    tree: Forest,
    ctx: &'a Context,
    random: Random,
    /// How much each row counts now; they sum up to 1.
    weight: Vec<f64>,
    trees: Vec<Grown>,
    /// What each tree's vote counts, and the share of the weight that it got wrong.
    votes: Vec<f64>,
    errors: Vec<f64>,
}

impl<'a> Boosting<'a> {
    fn new(settings: &'a AdaBoost, train: &'a Samples<'a>, ctx: &'a Context) -> Result<Self> {
        let default = if matches!(train.y, Target::Classes { .. }) { 1 } else { 3 };
        let tree = DecisionTree { max_depth: Some(settings.max_depth.unwrap_or(default)), ..DecisionTree::default() };
        let mut weight = vec![0.0; train.x.rows];
        for row in counted(train)? {
            weight[row as usize] = train.weight.map_or(1.0, |w| w[row as usize]);
        }
        normalise(&mut weight);
        Ok(Self {
            settings,
            train,
            table: table(train, ctx)?,
            tree: Forest::from(&tree),
            ctx,
            random: ctx.random("draws"),
            weight,
            trees: Vec::new(),
            votes: Vec::new(),
            errors: Vec::new(),
        })
    }

    /// Grows a tree on rows of such weights; gives it with its answers for all rows.
    fn grow(&self, weight: &[f64]) -> Result<(Grown, Vec<f64>)> {
        let samples = Samples { weight: Some(weight), ..*self.train };
        let grown = self.tree.tree(&samples, &self.table, self.ctx)?;
        let mut alone = empty(self.train);
        alone.push(&grown, &self.table.features);
        let mut answers = vec![0.0; self.train.x.rows * alone.outputs()];
        alone.predict(&self.train.x, &mut answers);
        Ok((grown, answers))
    }

    fn keep(&mut self, grown: Grown, vote: f64, error: f64) {
        self.trees.push(grown);
        self.votes.push(vote);
        self.errors.push(error);
    }

    /// A round of SAMME; gives whether there is to be another.
    fn vote(&mut self, codes: &[u32], k: usize) -> Result<bool> {
        let (grown, answers) = self.grow(&self.weight)?;
        let is_wrong: Vec<bool> =
            answers.chunks_exact(k).zip(codes).map(|(p, &code)| best(p) != code as usize).collect();
        let error: f64 = self.weight.iter().zip(&is_wrong).map(|(w, wrong)| if *wrong { *w } else { 0.0 }).sum();
        if error <= 0.0 {
            self.keep(grown, 1.0, 0.0);
            return Ok(false);
        }
        if error >= 1.0 - 1.0 / k as f64 {
            return match self.trees.is_empty() {
                true => Err(Error::data("the first tree is no better than chance, so there is nothing to boost")
                    .with_hint("let the trees be deeper: max_depth")),
                false => Ok(false),
            };
        }
        let vote = self.settings.learning_rate * (libm::log((1.0 - error) / error) + libm::log(k as f64 - 1.0));
        self.keep(grown, vote, error);
        let more = libm::exp(vote);
        self.weight.iter_mut().zip(&is_wrong).filter(|(_, wrong)| **wrong).for_each(|(w, _)| *w *= more);
        Ok(normalise(&mut self.weight))
    }

    /// A round of AdaBoost.R2; gives whether there is to be another.
    fn step(&mut self, y: &[f64]) -> Result<bool> {
        let those_that_count = self.weight.iter().filter(|w| **w > 0.0).count() as u32;
        let bag = Bag::new(self.weight.len(), Some(&self.weight), Some(MaxSamples::Count(those_that_count)));
        let drawn: Vec<f64> = bag.times(&mut self.random).into_iter().map(f64::from).collect();
        let (grown, answers) = self.grow(&drawn)?;
        let off = |row: usize| (answers[row] - y[row]).abs();
        let counts = |row: &usize| self.weight[*row] > 0.0;
        let most = (0..y.len()).filter(counts).map(off).fold(0.0, f64::max);
        let loss: Vec<f64> = (0..y.len())
            .map(|row| {
                let off = if most > 0.0 { off(row) / most } else { 0.0 };
                match self.settings.loss {
                    AdaLoss::Linear => off,
                    AdaLoss::Square => off * off,
                    AdaLoss::Exponential => 1.0 - libm::exp(-off),
                }
            })
            .collect();
        let error: f64 = self.weight.iter().zip(&loss).map(|(w, loss)| w * loss).sum();
        if error <= 0.0 {
            self.keep(grown, 1.0, 0.0);
            return Ok(false);
        }
        if error >= 0.5 {
            if self.trees.is_empty() {
                self.keep(grown, 1.0, error);
            }
            return Ok(false);
        }
        let (beta, rate) = (error / (1.0 - error), self.settings.learning_rate);
        self.keep(grown, -rate * libm::log(beta), error);
        self.weight.iter_mut().zip(&loss).for_each(|(w, loss)| *w *= libm::pow(beta, (1.0 - loss) * rate));
        Ok(normalise(&mut self.weight))
    }

    fn model(mut self) -> Result<AdaBoosted> {
        let total: f64 = self.votes.iter().sum();
        let mut trees = match self.train.y {
            Target::Classes { count: 2, .. } => Ensemble::new(shapes(&self.train.x), Link::Logistic, 1, vec![0.0]),
            Target::Classes { count, .. } => {
                Ensemble::new(shapes(&self.train.x), Link::Softmax, count, vec![0.0; count])
            }
            Target::Values(_) => empty(self.train),
        };
        for (grown, vote) in self.trees.iter_mut().zip(&self.votes) {
            let vote = vote / total;
            match self.train.y {
                // A leaf votes for its class, as the log-odds or as one share a class.
                Target::Classes { count: 2, .. } => {
                    grown.values.iter_mut().for_each(|p| *p = if *p > 0.5 { 2.0 * vote } else { -2.0 * vote });
                }
                Target::Classes { count, .. } => grown.values.chunks_exact_mut(count).for_each(|p| {
                    let (best, others) = (best(p), count as f64 - 1.0);
                    p.fill(-vote / others / others);
                    p[best] = vote / others;
                }),
                Target::Values(_) => {}
            }
            trees.push(grown, &self.table.features);
        }
        let weights = if matches!(self.train.y, Target::Values(_)) { self.votes } else { Vec::new() };
        Ok(AdaBoosted { trees, weights })
    }
}

/// The class of the highest share; of equal ones the first.
fn best(p: &[f64]) -> usize {
    (0..p.len()).fold(0, |best, c| if p[c] > p[best] { c } else { best })
}

/// Makes weights sum up to 1; false where they cannot.
fn normalise(weight: &mut [f64]) -> bool {
    let sum: f64 = weight.iter().sum();
    weight.iter_mut().for_each(|w| *w /= sum);
    sum > 0.0 && sum.is_finite()
}

/// Fitted trees that vote, or whose weighted median is the answer.
#[derive(Clone, Debug, PartialEq)]
pub struct AdaBoosted {
    trees: Ensemble,
    /// What each tree counts in the median; empty for classes, whose leaves hold their votes.
    weights: Vec<f64>,
}

impl AdaBoosted {
    /// The trees. Those of numbers are to be seen one by one: their mean is not the answer.
    pub fn trees(&self) -> &Ensemble {
        &self.trees
    }
}

/// Rows answered at a time.
const BLOCK: usize = 512;

impl Predict for AdaBoosted {
    const FORMAT: &'static str = "adaboost";

    fn outputs(&self) -> usize {
        self.trees.outputs()
    }

    fn predict(&self, x: &Design<'_>, out: &mut [f64]) {
        if self.weights.is_empty() {
            return self.trees.predict(x, out);
        }
        let p = self.trees.features();
        let rows = self.trees.gathered(x);
        let half = self.weights.iter().sum::<f64>() / 2.0;
        out.par_chunks_mut(BLOCK).enumerate().for_each(|(block, out)| {
            let mut answers: Vec<(f64, f64)> = Vec::with_capacity(self.weights.len());
            for (i, out) in out.iter_mut().enumerate() {
                let row = block * BLOCK + i;
                answers.clear();
                for (tree, &weight) in self.weights.iter().enumerate() {
                    let mut answer = [0.0];
                    self.trees.add_row(tree, &rows[row * p..(row + 1) * p], &mut answer);
                    answers.push((answer[0], weight));
                }
                answers.sort_by(|a, b| a.0.total_cmp(&b.0));
                let mut below = 0.0;
                let reached = answers.iter().find(|(_, weight)| {
                    below += weight;
                    below >= half
                });
                *out = reached.or(answers.last()).map_or(0.0, |answer| answer.0);
            }
        });
    }

    fn save(&self, parts: &mut Parts) -> Result<()> {
        let mut trees = Parts::new(Ensemble::FORMAT);
        self.trees.save(&mut trees)?;
        parts.children.insert("trees".into(), trees);
        parts.put("weight", self.weights.clone());
        Ok(())
    }

    fn load(parts: &Parts) -> Result<Self> {
        let trees = Ensemble::load(parts.child("trees")?)?;
        let weights = parts.get::<f64>("weight")?.to_vec();
        let fits = match trees.link() {
            Link::Mean => weights.len() == trees.trees() && trees.outputs() == 1,
            _ => weights.is_empty(),
        };
        match fits && weights.iter().all(|w| w.is_finite() && *w >= 0.0) {
            true => Ok(Self { trees, weights }),
            false => Err(parts.damaged("its weights are not those of its trees")),
        }
    }

    fn attribute(&self, x: &Design<'_>) -> Option<(Vec<f64>, Vec<f64>)> {
        self.weights.is_empty().then(|| self.trees.attribute(x)).flatten()
    }

    fn attributes(&self) -> bool {
        self.weights.is_empty()
    }
}

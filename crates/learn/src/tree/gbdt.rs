//! Gradient boosting on histograms (Friedman 2001; Ke et al. 2017).
//!
//! Every tree is a Newton step: it is grown on the loss's gradients and hessians at the answers so far, its
//! leaves give `-G/(H + l2)`, and `learning_rate` of that is added. With `k` classes above two, a round
//! grows one tree a class. Cost: a round reads n x p bins some two or three times.

use super::bins::{self, Binned};
use super::boosting::Boosting;
use super::grow::GrowPolicy;
use super::node::Ensemble;
use super::objective::{self, AftDistribution, CoxTies, CustomObjective, Loss, Objective};
use super::watch::Watch;
use crate::samples::Samples;
use crate::{ClassWeight, Fit, Lift, Outcome};
use arkwright_core::{Context, Error, Estimator, Leaf, Result, Settings, Task, must};
use arkwright_measure::Metric;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

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
    /// How much better counts as better. 0.
    pub min_delta: f64,
    /// The metric on the rows held out that `patience` goes by; absent: the loss.
    pub eval_metric: Option<String>,
    /// What is minimised. For classes `log_loss` (the default) or `one_vs_all`; for numbers `squared_error` (the
    /// default), `absolute_error`, `huber`, `quantile`, `poisson`, `gamma`, `tweedie` or `cross_entropy`; for
    /// relevances in groups `lambdarank` or `rank_pairwise`; for times with events `cox` or `aft`.
    pub loss: Option<Loss>,
    /// With `quantile`: which, above 0 and below 1. 0.5.
    pub quantile: f64,
    /// With `huber`: the distance, in the target's unit, from which on the error counts absolutely. 1.
    pub huber_delta: f64,
    /// With `tweedie`: the power of the mean that the variance is, above 1 and below 2. 1.5.
    pub tweedie_variance_power: f64,
    /// With `lambdarank`: a pair has to have a row among so many first ones. 30.
    pub lambdarank_truncation_level: u32,
    /// With `cox`: how ends at one time are counted, `efron` or `breslow`.
    pub cox_ties: CoxTies,
    /// With `aft`: the noise of the logarithm of a time, `normal`, `logistic` or `extreme`.
    pub aft_distribution: AftDistribution,
    /// With `aft`: the scale of the noise, above 0. 1.
    pub aft_scale: f64,
    /// For classes: `balanced` makes rare ones count as much as frequent ones; or a weight for each class.
    /// Absent: each row counts the same.
    pub class_weight: Option<ClassWeight>,
    /// For two classes: how much rows of the second count more, above 0. 1.
    pub scale_pos_weight: f64,
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
            min_delta: 0.0,
            eval_metric: None,
            loss: None,
            quantile: 0.5,
            huber_delta: 1.0,
            tweedie_variance_power: 1.5,
            lambdarank_truncation_level: 30,
            cox_ties: CoxTies::Efron,
            aft_distribution: AftDistribution::Normal,
            aft_scale: 1.0,
            class_weight: None,
            scale_pos_weight: 1.0,
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
        if let Some(loss @ (Loss::AbsoluteError | Loss::Quantile)) = self.loss
            && self.monotonic_cst.iter().any(|direction| *direction != 0)
        {
            let name = loss.name();
            return Err(("monotonic_cst", format!("does not go with `{name}`, which gives leaves values of its own")));
        }
        must::be_at_least("lambdarank_truncation_level", self.lambdarank_truncation_level, 1)?;
        for (key, value) in [
            ("learning_rate", self.learning_rate),
            ("huber_delta", self.huber_delta),
            ("aft_scale", self.aft_scale),
            ("scale_pos_weight", self.scale_pos_weight),
        ] {
            must::be_above_0(key, value)?;
        }
        must::be_between("quantile", self.quantile, 0.0, 1.0)?;
        must::be_between("tweedie_variance_power", self.tweedie_variance_power, 1.0, 2.0)?;
        if let Some(name) = &self.eval_metric {
            Metric::parse(name).map_err(|error| ("eval_metric", format!("is no metric: {error}")))?;
        }
        for (key, value) in [
            ("min_child_weight", self.min_child_weight),
            ("min_split_gain", self.min_split_gain),
            ("l2_regularization", self.l2_regularization),
            ("cat_smooth", self.cat_smooth),
            ("cat_l2", self.cat_l2),
            ("min_delta", self.min_delta),
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
    const GROUPS: bool = true;

    fn fit(&self, train: &Samples<'_>, valid: Option<&Samples<'_>>, ctx: &Context) -> Result<Outcome<Ensemble>> {
        self.boost(&|rows| objective::of(self, rows), train, valid, ctx)
    }
}

/// Gradient boosting on a loss of one's own.
#[derive(Clone)]
pub struct CustomGbdt {
    /// How trees are grown; what concerns the loss is not looked at.
    pub settings: Gbdt,
    /// The loss.
    pub objective: Arc<dyn CustomObjective>,
}

impl Fit for CustomGbdt {
    type Model = Ensemble;
    const TASKS: &'static [Task] = <Gbdt as Fit>::TASKS;
    const MISSING: bool = true;
    const GROUPS: bool = true;

    fn fit(&self, train: &Samples<'_>, valid: Option<&Samples<'_>>, ctx: &Context) -> Result<Outcome<Ensemble>> {
        self.settings.boost(&|rows| objective::custom(self.objective.as_ref(), rows), train, valid, ctx)
    }
}

/// Makes the objective for some rows.
type Losses<'a, 'o> = &'o dyn Fn(&Samples<'a>) -> Result<Box<dyn Objective + 'a>>;

impl Gbdt {
    fn boost<'a>(
        &self,
        losses: Losses<'a, '_>,
        train: &Samples<'a>,
        valid: Option<&Samples<'a>>,
        ctx: &Context,
    ) -> Result<Outcome<Ensemble>> {
        let rows = counted(train)?;
        let objective = losses(train)?;
        let views = bins::views(&train.x);
        self.fits(views.len())?;
        let max_bins = self.max_bins as usize;
        ctx.allow("the table in bins", Binned::bytes(train.x.rows, views.len(), max_bins))?;
        let features = bins::learn(&views, &rows, max_bins, &mut ctx.random("bins"));
        let table = Binned::new(&views, features, train.x.rows);
        if self.patience.is_some() && valid.is_none() {
            ctx.warn("`patience` does nothing here: no rows are held out to watch");
        }
        let boosting = Boosting::new(self, objective, train, &table, rows);
        let watched = valid.filter(|valid| valid.x.rows > 0);
        let watch = watched.map(|valid| Watch::new(self, losses(valid)?, &boosting.model, valid)).transpose()?;
        boosting.run(watch, &views, ctx)
    }

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
    pub(super) fn interactions(&self, features: usize) -> Vec<Vec<usize>> {
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

//! Gradient boosting on histograms (Friedman 2001; Ke et al. 2017).
//!
//! Every tree is a Newton step: it is grown on the loss's gradients and hessians at the answers so far, its
//! leaves give `-G/(H + l2)`, and `learning_rate` of that is added. With `k` classes above two, a round
//! grows one tree a class. Cost: a round reads n x p bins some two or three times.

use super::bins::{self, Binned};
use super::boosting::Boosting;
pub(super) use super::boosting::counted;
use super::constraint::{Constraints, Member, MonotonicCst};
use super::grow::GrowPolicy;
use super::node::Ensemble;
use super::objective::{self, AftDistribution, CoxTies, CustomObjective, Loss, Objective};
use super::sampling::SampleStrategy;
use super::watch::Watch;
use crate::samples::Samples;
use crate::{ClassWeight, Fit, Lift, Outcome};
use arkwright_core::{Context, Error, Estimator, Field, Leaf, Result, Settings, Task, must};
use arkwright_measure::Metric;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// How trees are put together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum BoostingType {
    /// Each on the errors of all before.
    #[default]
    Gbdt,
    /// Each on the errors of those before but some, which then count less (Rashmi & Gilad-Bachrach 2015). With
    /// `patience` the weights that the trees had at the best round are kept.
    Dart,
    /// Each on the errors of the best constant, with no shrinkage, for a mean (Breiman 2001).
    Rf,
}

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
    /// How trees are put together: `gbdt` one on the errors of all before, `dart` while some of those are left out,
    /// `rf` each on its own, for a mean. gbdt.
    pub boosting_type: BoostingType,
    /// How the rows of a round are chosen: `bagging` at random, `goss` those that err most and some others. bagging.
    pub data_sample_strategy: SampleStrategy,
    /// The share of the rows that each round draws, without putting back. 1.
    pub subsample: f64,
    /// Rounds from one draw to the next, at least 1. 1.
    pub subsample_freq: u32,
    /// For two classes: the share that each round draws of the rows of the second, above 0;
    /// in place of `subsample`. 1.
    pub pos_bagging_fraction: f64,
    /// For two classes: the share that each round draws of the rows of the first, above 0; in
    /// place of `subsample`. 1.
    pub neg_bagging_fraction: f64,
    /// With `goss`: the share of the rows, those of the largest gradients, that is kept; above 0. 0.2.
    pub top_rate: f64,
    /// With `goss`: the share of the rows that is drawn among the others; above 0, and at most 1 with `top_rate`. 0.1.
    pub other_rate: f64,
    /// With `dart`: the share of the earlier trees that a round leaves out, from 0 to 1. 0.1.
    pub drop_rate: f64,
    /// With `dart`: earlier rounds that are left out at most; 0: no limit. 50.
    pub max_drop: u32,
    /// With `dart`: the share of the rounds that leave none out, from 0 to 1. 0.5.
    pub skip_drop: f64,
    /// Whether each leaf holds a linear function of the numbers that its path asks about. false.
    pub linear_tree: bool,
    /// With `linear_tree`: the penalty on the squares of the slopes, 0 or above. 0, as in LightGBM.
    pub linear_lambda: f64,
    /// The share of the features that each tree may use. 1.
    pub max_features: f64,
    /// The share of those that each level of a tree may use. 1.
    pub max_features_by_level: f64,
    /// The share of those that each leaf may be split by. 1.
    pub max_features_by_node: f64,
    /// Whether answers may only rise (1) or fall (-1) with a column of numbers, or either (0): by name, as in
    /// `{ age = 1 }`, or a list with one a feature, in their order. Empty: either.
    pub monotonic_cst: MonotonicCst,
    /// Sets of columns, by name, or of features, by place, that may act together; those in no set form one more.
    /// Empty: all.
    pub interaction_cst: Vec<Vec<Member>>,
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
            boosting_type: BoostingType::Gbdt,
            data_sample_strategy: SampleStrategy::Bagging,
            subsample: 1.0,
            subsample_freq: 1,
            pos_bagging_fraction: 1.0,
            neg_bagging_fraction: 1.0,
            top_rate: 0.2,
            other_rate: 0.1,
            drop_rate: 0.1,
            max_drop: 50,
            skip_drop: 0.5,
            linear_tree: false,
            linear_lambda: 0.0,
            max_features: 1.0,
            max_features_by_level: 1.0,
            max_features_by_node: 1.0,
            monotonic_cst: MonotonicCst::default(),
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
        if !self.monotonic_cst.is_valid() {
            return Err(("monotonic_cst", "must hold 1, 0 and -1 only".into()));
        }
        if let Some(loss @ (Loss::AbsoluteError | Loss::Quantile)) = self.loss
            && self.monotonic_cst.binds()
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
            ("linear_lambda", self.linear_lambda),
        ] {
            must::not_be_negative(key, value)?;
        }
        must::be_at_least("subsample_freq", self.subsample_freq, 1)?;
        for (key, value) in [
            ("pos_bagging_fraction", self.pos_bagging_fraction),
            ("neg_bagging_fraction", self.neg_bagging_fraction),
            ("top_rate", self.top_rate),
            ("other_rate", self.other_rate),
        ] {
            must::be_a_share(key, value)?;
        }
        must::be_within("drop_rate", self.drop_rate, 0.0, 1.0)?;
        must::be_within("skip_drop", self.skip_drop, 0.0, 1.0)?;
        self.check_together()?;
        must::be_a_share("subsample", self.subsample)?;
        must::be_a_share("max_features", self.max_features)?;
        must::be_a_share("max_features_by_level", self.max_features_by_level)?;
        must::be_a_share("max_features_by_node", self.max_features_by_node)
    }
}

impl Gbdt {
    /// Settings that each are right and do not go together.
    fn check_together(&self) -> Result<(), (&'static str, String)> {
        let by_class = [self.pos_bagging_fraction, self.neg_bagging_fraction] != [1.0, 1.0];
        if by_class && self.subsample < 1.0 {
            return Err(("subsample", "does not go with shares of the classes, which take its place".into()));
        }
        if self.data_sample_strategy == SampleStrategy::Goss {
            if by_class || self.subsample < 1.0 {
                return Err(("data_sample_strategy", "`goss` chooses the rows itself; leave `subsample` at 1".into()));
            }
            if self.top_rate + self.other_rate > 1.0 {
                return Err(("other_rate", "and `top_rate` must not be above 1 together".into()));
            }
        }
        if self.boosting_type == BoostingType::Rf {
            if self.data_sample_strategy == SampleStrategy::Goss {
                return Err((
                    "data_sample_strategy",
                    "`goss` does not go with `rf`, whose gradients never change".into(),
                ));
            }
            let of_features = [self.max_features, self.max_features_by_level, self.max_features_by_node];
            if !by_class && self.subsample == 1.0 && of_features == [1.0; 3] {
                let what = "`rf` needs `subsample` or `max_features` below 1, or all its trees are the same";
                return Err(("boosting_type", what.into()));
            }
        }
        if self.linear_tree {
            if self.monotonic_cst.binds() {
                return Err(("linear_tree", "does not go with `monotonic_cst`, which binds numbers in leaves".into()));
            }
            if let Some(loss @ (Loss::AbsoluteError | Loss::Quantile)) = self.loss {
                return Err((
                    "linear_tree",
                    format!("does not go with `{}`, which gives leaves values of its own", loss.name()),
                ));
            }
        }
        Ok(())
    }
}

impl Leaf for Gbdt {
    const KIND: &'static str = "gbdt";
    const VERSION: u32 = 2;
    const ABOUT: &'static str = "Gradient boosting of trees on histograms";
    const TASKS: &'static [Task] = &[Task::Classify, Task::Regress];
    const PREPARE: &'static [&'static str] = &["dates", "levels"];

    fn suits(&self, task: Task) -> Result<(), must::Fault> {
        self.applies(task)
    }

    fn estimator(self) -> Arc<dyn Estimator> {
        Arc::new(Lift(self))
    }
}

impl Fit for Gbdt {
    type Model = Ensemble;
    const TASKS: &'static [Task] = &[Task::Classify, Task::Regress];
    const MISSING: bool = true;
    const GROUPS: bool = true;

    fn check_inputs(&self, inputs: &[Field]) -> Result<()> {
        Constraints::check(self, inputs)
    }

    fn fit(&self, train: &Samples<'_>, valid: Option<&Samples<'_>>, ctx: &Context) -> Result<Outcome<Ensemble>> {
        self.boost(&|rows| objective::of(self, rows), None, train, valid, ctx)
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
        self.settings.boost(&|rows| objective::custom(self.objective.as_ref(), rows), None, train, valid, ctx)
    }
}

/// Makes the objective for some rows.
type Losses<'a, 'o> = &'o (dyn Fn(&Samples<'a>) -> Result<Box<dyn Objective + 'a>> + Sync);

impl Gbdt {
    /// Goes on boosting from a fitted model: `n_estimators` rounds more, scikit-learn's `warm_start` and LightGBM's
    /// `init_model`. On the same rows, with the same settings and seed, 50 rounds and 50 more are 100 to the bit.
    /// With `dart` only trees of this run are left out.
    ///
    /// ```
    /// # use arkwright_core::Context;
    /// # use arkwright_learn::{Column, Design, Fit, Samples, Target, tree::Gbdt};
    /// # let x: Vec<f64> = (0..100).map(f64::from).collect();
    /// # let y: Vec<f64> = x.iter().map(|x| x * x).collect();
    /// let design = Design { columns: &[Column::F64(&x)], rows: 100 };
    /// let samples = Samples::new(design, Target::Values(&y));
    /// let ctx = Context::new(1);
    /// let half = Gbdt { n_estimators: 50, ..Gbdt::default() };
    /// let model = half.fit(&samples, None, &ctx)?.model;
    /// let model = half.go_on(model, &samples, None, &ctx)?.model;
    /// assert_eq!(model, Gbdt::default().fit(&samples, None, &ctx)?.model);
    /// # Ok::<(), arkwright_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// When the rows cannot be learnt from, the model is of other columns or another loss, or the settings make a
    /// forest (`rf`), whose trees are a mean that is done.
    pub fn go_on(
        &self,
        model: Ensemble,
        train: &Samples<'_>,
        valid: Option<&Samples<'_>>,
        ctx: &Context,
    ) -> Result<Outcome<Ensemble>> {
        if self.boosting_type == BoostingType::Rf {
            return Err(Error::setting(
                "`boosting_type` `rf` cannot go on from a model: the mean of its trees is done",
            )
            .with_hint("fit anew with more `n_estimators`"));
        }
        self.boost(&|rows| objective::of(self, rows), Some(model), train, valid, ctx)
    }

    fn boost<'a>(
        &self,
        losses: Losses<'a, '_>,
        warm: Option<Ensemble>,
        train: &Samples<'a>,
        valid: Option<&Samples<'a>>,
        ctx: &Context,
    ) -> Result<Outcome<Ensemble>> {
        // Inside the pool from here on: a thread from outside would hand over every piece of work, and sleep.
        rayon::scope(|_| self.boost_inside(losses, warm, train, valid, ctx))
    }

    fn boost_inside<'a>(
        &self,
        losses: Losses<'a, '_>,
        warm: Option<Ensemble>,
        train: &Samples<'a>,
        valid: Option<&Samples<'a>>,
        ctx: &Context,
    ) -> Result<Outcome<Ensemble>> {
        let rows = counted(train)?;
        let objective = losses(train)?;
        let views = bins::views(&train.x);
        let constraints = Constraints::of(self, train)?;
        let max_bins = self.max_bins as usize;
        ctx.allow("the table in bins", Binned::bytes(train.x.rows, views.len(), max_bins))?;
        let features = bins::learn(&views, &rows, max_bins, &mut ctx.random("bins"));
        drop(rows);
        let table = Binned::new(&views, features, train.x.rows);
        if self.patience.is_some() && valid.is_none() {
            ctx.warn("`patience` does nothing here: no rows are held out to watch");
        }
        let boosting = Boosting::new(self, objective, train, &table, constraints, warm, ctx)?;
        let watched = valid.filter(|valid| valid.x.rows > 0);
        let watch = watched.map(|valid| Watch::new(self, losses(valid)?, &boosting.model, valid)).transpose()?;
        boosting.run(watch, ctx)
    }
}

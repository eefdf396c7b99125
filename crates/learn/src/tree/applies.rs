//! Which settings of trees count for what, told before anything is fitted.
//!
//! A setting that another one, or the task, makes do nothing is a misunderstanding: whoever writes
//! `quantile = 0.9` wants quantiles, and without `loss = "quantile"` gets means. So a file that says it is refused.
//! A setting at its default says nothing. Programs that set settings one by one are not asked.

use super::forest::Forest;
use super::gbdt::{BoostingType, Gbdt};
use super::impurity::Criterion;
use super::objective::Loss;
use super::sampling::SampleStrategy;
use arkwright_core::Task;
use arkwright_core::must::Fault;

/// A setting, whether it is set, whether it counts, and when it does.
type Applies = (&'static str, bool, bool, &'static str);

/// Refuses the first setting that is set and counts for nothing.
pub(super) fn refuse(all: impl IntoIterator<Item = Applies>) -> Result<(), Fault> {
    match all.into_iter().find(|(_, is_set, counts, _)| *is_set && !counts) {
        Some((key, _, _, when)) => Err((key, format!("counts for nothing here: it is {when}"))),
        None => Ok(()),
    }
}

const CLASSES: &str = "for classes, and the target is a number";
pub(super) const NUMBERS: &str = "for numbers, and the target is a class";

impl Gbdt {
    /// Refuses a loss for another task, and settings that count for nothing.
    pub(super) fn applies(&self, task: Task) -> Result<(), Fault> {
        if let Some(loss) = self.loss.filter(|loss| loss.task() != task) {
            let target = if task == Task::Regress { "a number" } else { "a class" };
            let others = Loss::of(task).map(Loss::name).collect::<Vec<_>>().join(", ");
            return Err(("loss", format!("`{}` does not suit a target that is {target}: {others} do", loss.name())));
        }
        let own = Self::default();
        let loss = |wanted| self.loss == Some(wanted);
        let classes = task == Task::Classify;
        let (dart, goss) = (BoostingType::Dart, SampleStrategy::Goss);
        let (dart, goss) = (self.boosting_type == dart, self.data_sample_strategy == goss);
        let truncated = self.lambdarank_truncation_level != own.lambdarank_truncation_level;
        refuse([
            ("quantile", self.quantile != own.quantile, loss(Loss::Quantile), "for loss = \"quantile\""),
            ("huber_delta", self.huber_delta != own.huber_delta, loss(Loss::Huber), "for loss = \"huber\""),
            (
                "tweedie_variance_power",
                self.tweedie_variance_power != own.tweedie_variance_power,
                loss(Loss::Tweedie),
                "for loss = \"tweedie\"",
            ),
            ("lambdarank_truncation_level", truncated, loss(Loss::Lambdarank), "for loss = \"lambdarank\""),
            ("cox_ties", self.cox_ties != own.cox_ties, loss(Loss::Cox), "for loss = \"cox\""),
            ("aft_distribution", self.aft_distribution != own.aft_distribution, loss(Loss::Aft), "for loss = \"aft\""),
            ("aft_scale", self.aft_scale != own.aft_scale, loss(Loss::Aft), "for loss = \"aft\""),
            ("class_weight", self.class_weight.is_some(), classes, CLASSES),
            ("scale_pos_weight", self.scale_pos_weight != 1.0, classes, CLASSES),
            ("pos_bagging_fraction", self.pos_bagging_fraction != 1.0, classes, CLASSES),
            ("neg_bagging_fraction", self.neg_bagging_fraction != 1.0, classes, CLASSES),
            ("top_rate", self.top_rate != own.top_rate, goss, "for data_sample_strategy = \"goss\""),
            ("other_rate", self.other_rate != own.other_rate, goss, "for data_sample_strategy = \"goss\""),
            ("drop_rate", self.drop_rate != own.drop_rate, dart, "for boosting_type = \"dart\""),
            ("max_drop", self.max_drop != own.max_drop, dart, "for boosting_type = \"dart\""),
            ("skip_drop", self.skip_drop != own.skip_drop, dart, "for boosting_type = \"dart\""),
            ("linear_lambda", self.linear_lambda != own.linear_lambda, self.linear_tree, "for linear_tree = true"),
            ("min_delta", self.min_delta != own.min_delta, self.patience.is_some(), "for `patience`"),
            ("eval_metric", self.eval_metric.is_some(), self.patience.is_some(), "for `patience`"),
        ])
    }
}

impl Forest {
    /// Refuses a criterion for another task, and settings that count for nothing.
    pub(super) fn applies(&self, task: Task, quantiles: bool) -> Result<(), Fault> {
        let classes = task == Task::Classify;
        match self.criterion {
            Some(criterion) if criterion.is_of_classes() != classes => {
                let (target, others) = match task {
                    Task::Classify => ("a class", "gini, entropy, log_loss"),
                    Task::Regress => ("a number", "squared_error, absolute_error, poisson"),
                };
                return Err(("criterion", format!("does not suit a target that is {target}: {others} do")));
            }
            _ => {}
        }
        refuse([
            ("class_weight", self.class_weight.is_some(), classes, CLASSES),
            ("quantiles", quantiles, !classes, NUMBERS),
        ])
    }
}

impl Criterion {
    fn is_of_classes(self) -> bool {
        matches!(self, Self::Gini | Self::Entropy | Self::LogLoss)
    }
}

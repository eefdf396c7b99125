//! The losses by name, and what other tools call them.

use arkwright_core::{Task, nearest};
use schemars::JsonSchema;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

/// What boosting minimises.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Loss {
    /// The squared error: answers are means. For numbers, and their default.
    SquaredError,
    /// The absolute error: answers are medians, and no outlier pulls harder than another row.
    AbsoluteError,
    /// Squared up to `huber_delta`, absolute beyond.
    Huber,
    /// The pinball loss: answers are quantiles, `quantile` says which.
    Quantile,
    /// For counts: the variance is the mean. Answers are never negative.
    Poisson,
    /// For amounts above 0: the standard deviation is in proportion to the mean.
    Gamma,
    /// For amounts of which many are 0: the variance is the mean to the `tweedie_variance_power`.
    Tweedie,
    /// For numbers in 0 to 1 that are probabilities.
    CrossEntropy,
    /// For relevances of rows in groups: LambdaMART, the gain at the top of each list.
    Lambdarank,
    /// For relevances of rows in groups: pairs in their order, RankNet.
    RankPairwise,
    /// For times of which some ends are yet to come: Cox's partial likelihood. Answers are ratios of hazards.
    Cox,
    /// For such times: accelerated failure time. Answers are times.
    Aft,
    /// The log loss: answers are probabilities. For classes, and their default.
    LogLoss,
    /// For several classes: each against the rest.
    OneVsAll,
}

const NAMES: &[(&str, Loss)] = &[
    ("squared_error", Loss::SquaredError),
    ("absolute_error", Loss::AbsoluteError),
    ("huber", Loss::Huber),
    ("quantile", Loss::Quantile),
    ("poisson", Loss::Poisson),
    ("gamma", Loss::Gamma),
    ("tweedie", Loss::Tweedie),
    ("cross_entropy", Loss::CrossEntropy),
    ("lambdarank", Loss::Lambdarank),
    ("rank_pairwise", Loss::RankPairwise),
    ("cox", Loss::Cox),
    ("aft", Loss::Aft),
    ("log_loss", Loss::LogLoss),
    ("one_vs_all", Loss::OneVsAll),
];

/// What LightGBM, XGBoost and others call them: never accepted, but answered with our name.
const ELSEWHERE: &[(&str, &str)] = &[
    ("regression", "squared_error"),
    ("l2", "squared_error"),
    ("mse", "squared_error"),
    ("rmse", "squared_error"),
    ("reg:squarederror", "squared_error"),
    ("regression_l1", "absolute_error"),
    ("l1", "absolute_error"),
    ("mae", "absolute_error"),
    ("reg:absoluteerror", "absolute_error"),
    ("reg:pseudohubererror", "huber"),
    ("reg:quantileerror", "quantile"),
    ("pinball", "quantile"),
    ("count:poisson", "poisson"),
    ("reg:gamma", "gamma"),
    ("reg:tweedie", "tweedie"),
    ("xentropy", "cross_entropy"),
    ("crossentropy", "cross_entropy"),
    ("reg:logistic", "cross_entropy"),
    ("binary", "log_loss"),
    ("binary:logistic", "log_loss"),
    ("logloss", "log_loss"),
    ("multiclass", "log_loss"),
    ("softmax", "log_loss"),
    ("multi:softmax", "log_loss"),
    ("multi:softprob", "log_loss"),
    ("multiclassova", "one_vs_all"),
    ("ova", "one_vs_all"),
    ("ovr", "one_vs_all"),
    ("rank:ndcg", "lambdarank"),
    ("lambdamart", "lambdarank"),
    ("rank:pairwise", "rank_pairwise"),
    ("ranknet", "rank_pairwise"),
    ("survival:cox", "cox"),
    ("survival:aft", "aft"),
];

impl Loss {
    /// The name in the file.
    pub fn name(self) -> &'static str {
        NAMES.iter().find(|(_, loss)| *loss == self).map_or("", |(name, _)| name)
    }

    /// Those that learn what a task asks for.
    pub(in crate::tree) fn of(task: Task) -> impl Iterator<Item = Self> {
        NAMES.iter().map(|(_, loss)| *loss).filter(move |loss| loss.task() == task)
    }

    /// The task of what it learns.
    pub(in crate::tree) fn task(self) -> Task {
        match self {
            Self::LogLoss | Self::OneVsAll => Task::Classify,
            _ => Task::Regress,
        }
    }
}

impl<'de> Deserialize<'de> for Loss {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        if let Some((_, loss)) = NAMES.iter().find(|(ours, _)| *ours == name) {
            return Ok(*loss);
        }
        let theirs = ELSEWHERE.iter().find(|(theirs, _)| *theirs == name).map(|(_, ours)| *ours);
        let names = || NAMES.iter().map(|(name, _)| *name);
        Err(D::Error::custom(match theirs.or_else(|| nearest(&name, names())) {
            Some(near) => format!("unknown loss `{name}`: did you mean `{near}`?"),
            None => format!("unknown loss `{name}`: possible are {}", names().collect::<Vec<_>>().join(", ")),
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_loss_is_read_as_it_is_written_and_other_tools_names_are_answered_with_ours() {
        for (name, loss) in NAMES {
            assert_eq!(serde_json::to_value(loss).unwrap(), *name);
            assert_eq!(serde_json::from_value::<Loss>((*name).into()).unwrap(), *loss);
            assert_eq!(loss.name(), *name);
        }
        for (theirs, ours) in ELSEWHERE {
            let told = serde_json::from_value::<Loss>((*theirs).into()).unwrap_err().to_string();
            assert!(told.contains(&format!("did you mean `{ours}`?")), "{told}");
            assert!(NAMES.iter().any(|(name, _)| name == ours));
        }
    }
}

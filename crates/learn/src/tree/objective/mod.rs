//! What boosting minimises: a loss, its gradients, and where it starts.
//!
//! An [`Objective`] is a loss with the rows it is taken on. Once a round it is asked what no gradient and no
//! hessian exceeds (the histograms' grid of whole numbers needs to know), then for the pairs of each output
//! on that grid. Losses that are a sum over rows are [`pointwise`] and say what happens in one row only; those
//! of all rows together are [`whole`].
//!
//! | file | losses |
//! |---|---|
//! | [`squared`], [`huber`] | squared error, Huber's |
//! | [`pinball`] | absolute error, quantiles |
//! | [`positive`] | Poisson, gamma, Tweedie |
//! | [`classes`] | logistic (also of probabilities), softmax, one against the rest |
//! | [`ranking`] | LambdaMART, RankNet |
//! | [`cox`], [`aft`] | survival |

mod aft;
mod classes;
mod cox;
mod exp;
mod huber;
mod name;
mod pinball;
mod pointwise;
mod positive;
mod ranking;
mod squared;
mod whole;

pub use aft::AftDistribution;
pub use cox::CoxTies;
pub use name::Loss;
pub use whole::CustomObjective;

use super::gbdt::Gbdt;
use super::grid::{Grid, Pair};
use super::node::Link;
use crate::samples::{Samples, Target};
use arkwright_core::{Error, Result, Task};
use pointwise::{Pointwise, Rows};
use positive::Positive;
use rayon::prelude::*;
use std::borrow::Cow;
use whole::{Custom, Together};

/// Rows worked on at a time.
const CHUNK: usize = 16_384;

/// A loss with the rows it is taken on; `n` rows with `k` raw answers each.
pub(super) trait Objective: Send + Sync {
    /// The name of the loss.
    fn name(&self) -> &str;

    /// How raw answers become answers.
    fn link(&self) -> Link;

    /// Raw answers a row: k.
    fn outputs(&self) -> usize {
        1
    }

    /// The best constant raw answers, k, for some rows.
    fn base(&self, rows: &[u32]) -> Vec<f64>;

    /// Begins a round at raw answers (n x k): leaves in `work` what [`Objective::pairs`] will want, and gives
    /// what no row's gradient and hessian exceed in size.
    fn start(&self, raw: &[f64], work: &mut Vec<f64>) -> (f64, f64);

    /// The gradients and hessians of rows from `start` on for one output, on the grid. `raw` and `work` are of all
    /// rows.
    fn pairs(&self, raw: &[f64], work: &[f64], output: usize, grid: Grid, start: usize, out: &mut [Pair]);

    /// The mean loss at raw answers (n x k): over some rows where it is a sum over rows, else over all.
    fn loss(&self, raw: &[f64], rows: &[u32]) -> f64;

    /// The best value of a leaf that holds some rows, where it is not a step of Newton's method.
    fn renew(&self, _raw: &[f64], _rows: &[u32]) -> Option<f64> {
        None
    }
}

/// Every row's gradient and hessian for one output, on the grid.
pub(super) fn each_pair(of: &dyn Objective, raw: &[f64], work: &[f64], output: usize, grid: Grid, out: &mut [Pair]) {
    let chunks = out.par_chunks_mut(CHUNK).enumerate();
    chunks.for_each(|(chunk, out)| of.pairs(raw, work, output, grid, chunk * CHUNK, out));
}

/// The objective that the settings name, on some rows.
///
/// # Errors
/// When the loss does not go with the target, or needs more than is known of the rows.
pub(super) fn of<'a>(settings: &Gbdt, rows: &Samples<'a>) -> Result<Box<dyn Objective + 'a>> {
    match rows.y {
        Target::Values(y) => of_values(settings, y, rows),
        Target::Classes { codes, count } => of_classes(settings, codes, count, rows),
    }
}

/// Somebody's own loss on some rows.
///
/// # Errors
/// When its raw answers do not go with its link and the target.
pub(super) fn custom<'a>(of: &'a dyn CustomObjective, rows: &Samples<'a>) -> Result<Box<dyn Objective + 'a>> {
    let fits = match (of.link(), rows.y) {
        (Link::Logistic, Target::Classes { count, .. }) => count == 2 && of.outputs() == 1,
        (Link::Softmax | Link::OneVsAll, Target::Classes { count, .. }) => of.outputs() == count,
        (Link::Identity | Link::Exp | Link::Sigmoid, Target::Values(_)) => of.outputs() == 1,
        _ => false,
    };
    match fits && of.base(rows).len() == of.outputs() {
        true => Ok(Box::new(Together(Custom { of, rows: *rows }))),
        false => Err(Error::setting(format!(
            "the objective `{}` has {} raw answers a row under the link {:?}, which do not fit the target",
            of.name(),
            of.outputs(),
            of.link()
        ))),
    }
}

fn of_values<'a>(settings: &Gbdt, y: &'a [f64], rows: &Samples<'a>) -> Result<Box<dyn Objective + 'a>> {
    if settings.class_weight.is_some() || settings.scale_pos_weight != 1.0 {
        return Err(Error::setting(
            "`class_weight` and `scale_pos_weight` are for classes, and the target is a number",
        ));
    }
    let weight = rows.weight;
    let loss = settings.loss.unwrap_or(Loss::SquaredError);
    let must = |holds: &dyn Fn(f64) -> bool, what: &str| all_must(loss, y, holds, what);
    let positive = |_: ()| match y.iter().any(|&y| y > 0.0) {
        true => Ok(()),
        false => Err(Error::data(format!("`{}` has nothing to learn: the target is 0 everywhere", loss.name()))),
    };
    match loss {
        Loss::SquaredError => each(squared::Squared, y, weight),
        Loss::AbsoluteError => each(pinball::Pinball::absolute(), y, weight),
        Loss::Quantile => each(pinball::Pinball::quantile(settings.quantile), y, weight),
        Loss::Huber => each(huber::Huber { delta: settings.huber_delta }, y, weight),
        Loss::Poisson => {
            must(&|y| y >= 0.0, "0 or above").and_then(positive)?;
            each(Positive(positive::Poisson), y, weight)
        }
        Loss::Gamma => {
            must(&|y| y > 0.0, "above 0")?;
            each(Positive(positive::Gamma), y, weight)
        }
        Loss::Tweedie => {
            must(&|y| y >= 0.0, "0 or above").and_then(positive)?;
            each(Positive(positive::Tweedie { power: settings.tweedie_variance_power }), y, weight)
        }
        Loss::CrossEntropy => {
            must(&|y| (0.0..=1.0).contains(&y), "probabilities, from 0 to 1")?;
            each(classes::Logistic::probabilities(), y, weight)
        }
        Loss::Lambdarank | Loss::RankPairwise => {
            must(&|y| y >= 0.0, "relevances, 0 or above")?;
            let group = rows.group.ok_or_else(|| {
                Error::setting(format!("`{}` ranks the rows of each group, and there are no groups", loss.name()))
                    .with_hint("name the column that holds the query: [data] group = \"COLUMN\"")
            })?;
            if loss == Loss::RankPairwise {
                return Ok(Box::new(Together(ranking::Ranking::pairwise(y, group, weight)?)));
            }
            // The gain is 2^relevance.
            must(&|y| y <= 60.0, "relevances of 60 at most, grades such as 0 to 4")?;
            let truncation = settings.lambdarank_truncation_level as usize;
            Ok(Box::new(Together(ranking::Ranking::lambda(y, group, weight, truncation)?)))
        }
        Loss::Cox | Loss::Aft => {
            must(&|y| y >= 0.0, "times, 0 or above")?;
            let upper = rows.upper.ok_or_else(|| {
                Error::setting(format!("`{}` needs to know which times ended and which went on", loss.name()))
                    .with_hint("name the column that is 1 where the end was seen, else 0: [data] event = \"COLUMN\"")
            })?;
            if loss == Loss::Cox {
                return Ok(Box::new(Together(cox::Cox::new(y, upper, weight, settings.cox_ties)?)));
            }
            of_times(settings, y, upper, weight)
        }
        Loss::LogLoss | Loss::OneVsAll => Err(unsuited(loss, Task::Regress)),
    }
}

fn each<'a, P: Pointwise<Y = f64> + 'a>(
    of: P,
    y: &'a [f64],
    weight: Option<&'a [f64]>,
) -> Result<Box<dyn Objective + 'a>> {
    Ok(Box::new(Rows::new(of, Cow::Borrowed(y), weight.map(Cow::Borrowed))))
}

fn of_times<'a>(
    settings: &Gbdt,
    low: &[f64],
    upper: &[f64],
    weight: Option<&'a [f64]>,
) -> Result<Box<dyn Objective + 'a>> {
    if let Some((low, high)) = low.iter().zip(upper).find(|(low, high)| !(*high >= *low && **high > 0.0)) {
        return Err(Error::data(format!("`aft` learns times above 0, and one lies between {low} and {high}"))
            .with_hint("a time of 0 can be censored, not seen to end"));
    }
    if upper.iter().all(|high| *high == f64::INFINITY) || low.iter().all(|low| *low == 0.0) {
        return Err(Error::data("`aft` needs times that are bounded from below and times that are bounded from above")
            .with_hint("the event column is 1 where the end was seen"));
    }
    let bounds: Vec<(f64, f64)> = low.iter().copied().zip(upper.iter().copied()).collect();
    let aft = aft::Aft { noise: settings.aft_distribution, scale: settings.aft_scale };
    Ok(Box::new(Rows::new(aft, Cow::Owned(bounds), weight.map(Cow::Borrowed))))
}

fn of_classes<'a>(
    settings: &Gbdt,
    codes: &'a [u32],
    count: usize,
    rows: &Samples<'a>,
) -> Result<Box<dyn Objective + 'a>> {
    let loss = settings.loss.unwrap_or(Loss::LogLoss);
    let weight = class_weights(settings, codes, count, rows)?;
    match (loss, count) {
        (Loss::LogLoss | Loss::OneVsAll, 2) => {
            Ok(Box::new(Rows::new(classes::Logistic::classes(), Cow::Borrowed(codes), weight)))
        }
        (Loss::LogLoss, _) => Ok(Box::new(classes::Softmax::new(codes, count, weight))),
        (Loss::OneVsAll, _) => Ok(Box::new(classes::OneVsAll::new(codes, count, weight))),
        _ => Err(unsuited(loss, Task::Classify)),
    }
}

/// What each row counts, its class considered.
fn class_weights<'a>(
    settings: &Gbdt,
    codes: &[u32],
    count: usize,
    rows: &Samples<'a>,
) -> Result<Option<Cow<'a, [f64]>>> {
    if settings.scale_pos_weight != 1.0 && count != 2 {
        return Err(Error::setting(format!("`scale_pos_weight` is for two classes, and there are {count}"))
            .with_hint("class_weight = \"balanced\", or a weight for each class"));
    }
    let mut factors = match &settings.class_weight {
        Some(class_weight) => class_weight.factors(codes, count, rows.weight, rows.classes)?,
        None if settings.scale_pos_weight == 1.0 => return Ok(rows.weight.map(Cow::Borrowed)),
        None => vec![1.0; count],
    };
    if count == 2 {
        factors[1] *= settings.scale_pos_weight;
    }
    let own = |row: usize| rows.weight.map_or(1.0, |w| w[row]);
    let weights: Vec<f64> = codes.iter().enumerate().map(|(row, &code)| own(row) * factors[code as usize]).collect();
    match weights.iter().any(|&w| w > 0.0) {
        true => Ok(Some(Cow::Owned(weights))),
        false => Err(Error::data("every row weighs 0 once `class_weight` is applied")),
    }
}

fn all_must(loss: Loss, y: &[f64], holds: &dyn Fn(f64) -> bool, what: &str) -> Result<()> {
    match y.iter().find(|&&y| !holds(y)) {
        None => Ok(()),
        Some(y) => {
            Err(Error::data(format!("`{}` learns numbers that are {what}, and the target holds {y}", loss.name()))
                .with_hint("take another `loss`, or mend the target"))
        }
    }
}

fn unsuited(loss: Loss, task: Task) -> Error {
    let target = if task == Task::Regress { "a number" } else { "a class" };
    Error::setting(format!("the loss `{}` does not suit a target that is {target}", loss.name()))
        .with_hint("`log_loss` and `one_vs_all` learn classes, the others numbers; [system] task says which it is")
}

#[cfg(test)]
mod tests;

//! Categories as the mean of the target where they have that value, pulled towards the overall mean.
//!
//! With m the mean of the target, and n_v, m_v, s2_v the count, mean and variance of the rows of value v,
//!
//! ```text
//! code(v) = (n_v m_v + smooth m) / (n_v + smooth),    smooth = s2_v / s2 if not given
//! ```
//!
//! the empirical Bayes estimate for a normal target (Micci-Barreca 2001), as in scikit-learn's `TargetEncoder`.
//! A row must not see its own target in its code, or a learner trusts rare values blindly: the rows that
//! the next step learns from are encoded by models of the *other* folds, and only the model for rows to
//! come uses all. That is why it is not the model applied to the training rows.

use super::choice::{choose, names};
use super::encoder::{Answers, Encoder, learnt_rows, looked_up, signature};
use arkwright_core::{
    Context, Estimator, Field, Fitted, Kind, Leaf, Result, Settings, Signature, Task, Train, collect, must, target_of,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Encodes categories by the mean of the target, cross-fitted on the rows that it learns from.
///
/// A number `COL` for a number or two classes (the probability of the last); numbers `COL.CLASS` for more
/// classes. A missing value is a value of its own; one never seen gets the overall mean.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct TargetEncode {
    /// The columns; all inputs that are categories if not given.
    pub columns: Option<Vec<String>>,
    /// How many rows of the overall mean are mixed into each value; by empirical Bayes if not given.
    pub smooth: Option<f64>,
    /// The number of folds, at least 2. Default: 5.
    pub cv: usize,
}

impl Default for TargetEncode {
    fn default() -> Self {
        Self { columns: None, smooth: None, cv: 5 }
    }
}

impl Settings for TargetEncode {
    fn check(&self) -> Result<(), (&'static str, String)> {
        must::be_at_least("cv", self.cv, 2)?;
        must::not_be_negative("smooth", self.smooth.unwrap_or(0.0))
    }
}

impl Leaf for TargetEncode {
    const KIND: &'static str = "target_encode";
    const ABOUT: &'static str = "Encodes categories by the mean of the target, cross-fitted.";

    fn estimator(self) -> Arc<dyn Estimator> {
        Arc::new(self)
    }
}

impl TargetEncode {
    fn chosen(&self, input: &[Field]) -> Result<Vec<usize>> {
        choose(input, self.columns.as_deref(), |kind| *kind == Kind::Category, "a category")
    }
}

impl Estimator for TargetEncode {
    fn output(&self, input: &[Field]) -> Result<Signature> {
        let at = self.chosen(input)?;
        if !at.is_empty() {
            Task::of(target_of(input)?)?;
        }
        // How many classes there are is known once rows were read.
        Ok(signature(names(input, &at), &[]))
    }

    fn fit(&self, train: Train, ctx: &Context) -> Result<Fitted> {
        let fields = train.data.fields().clone();
        let at = self.chosen(&fields)?;
        if at.is_empty() {
            return Ok(Fitted::new(Encoder::new(Vec::new(), Vec::new(), Vec::new(), Vec::new())));
        }
        let frame = collect(train.data.as_ref(), ctx)?;
        let answers = Answers::of(&frame)?;
        let (lookups, codes) = looked_up(&frame, &at, ctx)?;
        let folds = self.folds(&answers, ctx);
        let (mut means, mut tables, mut columns) = (Vec::new(), Vec::new(), Vec::new());
        for (codes, lookup) in codes.iter().zip(&lookups) {
            let levels = lookup.len();
            for y in &answers.columns {
                let whole = Means::of(codes, levels, y, &answers.weight, |_| true, self.smooth);
                columns.push(self.out_of_fold(codes, levels, y, &answers.weight, &folds));
                means.push(whole.overall);
                tables.extend(whole.of_level);
            }
        }
        let model = Encoder::new(names(&fields, &at), answers.classes, lookups, tables).with_means(means);
        let settings = serde_json::to_value(self).unwrap_or_default();
        let rows = learnt_rows(Self::KIND, settings, &frame, &model, columns, train.data.as_ref(), ctx)?;
        Ok(Fitted { rows: Some(rows), ..Fitted::new(model) })
    }
}

impl TargetEncode {
    /// The fold of each row: shuffled, and for classes an even share of each.
    fn folds(&self, answers: &Answers, ctx: &Context) -> Vec<usize> {
        let mut order: Vec<usize> = (0..answers.weight.len()).collect();
        ctx.random("folds").shuffle(&mut order);
        if let Some(class) = &answers.class {
            order.sort_by_key(|&row| class[row]);
        }
        let mut folds = vec![0; order.len()];
        order.into_iter().enumerate().for_each(|(place, row)| folds[row] = place % self.cv);
        folds
    }

    /// The codes of all rows, each by the rows of the other folds.
    fn out_of_fold(&self, codes: &[Option<u32>], levels: usize, y: &[f64], w: &[f64], folds: &[usize]) -> Vec<f64> {
        let mut out = vec![0.0; codes.len()];
        for fold in 0..self.cv {
            let means = Means::of(codes, levels, y, w, |row| folds[row] != fold, self.smooth);
            let here = (0..codes.len()).filter(|&row| folds[row] == fold);
            here.for_each(|row| out[row] = means.code(codes[row]));
        }
        out
    }
}

/// The smoothed means of one target by the levels of one column.
struct Means {
    overall: f64,
    of_level: Vec<f64>,
}

impl Means {
    fn of(
        codes: &[Option<u32>],
        levels: usize,
        y: &[f64],
        w: &[f64],
        counts: impl Fn(usize) -> bool,
        smooth: Option<f64>,
    ) -> Self {
        let rows = || (0..y.len()).filter(|&row| counts(row) && w[row] > 0.0);
        let (total, sum) = rows().fold((0.0, 0.0), |(t, s), row| (t + w[row], s + w[row] * y[row]));
        let overall = if total > 0.0 { sum / total } else { 0.0 };
        let variance = rows().map(|row| w[row] * (y[row] - overall).powi(2)).sum::<f64>() / total;
        let (mut count, mut mean, mut squares) = (vec![0.0; levels], vec![0.0; levels], vec![0.0; levels]);
        let coded = || rows().filter_map(|row| codes[row].map(|code| (row, code as usize)));
        for (row, code) in coded() {
            count[code] += w[row];
            mean[code] += w[row] * y[row];
        }
        mean.iter_mut().zip(&count).filter(|(_, n)| **n > 0.0).for_each(|(m, n)| *m /= n);
        coded().for_each(|(row, code)| squares[code] += w[row] * (y[row] - mean[code]).powi(2));
        let of_level = (0..levels)
            .map(|v| {
                let (n, mean) = (count[v], mean[v]);
                let share = match smooth {
                    _ if n <= 0.0 => 0.0,
                    Some(m) => n / (n + m),
                    None => variance * n / (variance * n + squares[v] / n),
                };
                // A target without variance says nothing of any value.
                if share.is_finite() { share * mean + (1.0 - share) * overall } else { overall }
            })
            .collect();
        Self { overall, of_level }
    }

    fn code(&self, level: Option<u32>) -> f64 {
        level.map_or(self.overall, |level| self.of_level[level as usize])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Made by tests/reference/learn_linear.py with scikit-learn.
    #[derive(Deserialize)]
    struct Case {
        name: String,
        codes: Vec<u32>,
        y: Vec<f64>,
        folds: Vec<usize>,
        smooth: Option<f64>,
        cross_fitted: Vec<f64>,
        all: Vec<f64>,
        unseen: f64,
    }

    #[test]
    fn codes_are_scikit_learns_on_the_same_folds() {
        let text = include_str!("../../tests/fixtures/target_encode.json");
        let json: serde_json::Value = serde_json::from_str(text).unwrap();
        let cases: Vec<Case> = serde_json::from_value(json["cases"].clone()).unwrap();
        assert!(cases.len() >= 4);
        let close = |a: f64, b: f64| (a - b).abs() <= 1e-12 * (1.0 + b.abs());
        for case in cases {
            let codes: Vec<Option<u32>> = case.codes.iter().map(|&c| Some(c)).collect();
            let w = vec![1.0; codes.len()];
            let levels = case.all.len();
            let step = TargetEncode { smooth: case.smooth, ..TargetEncode::default() };
            let means = Means::of(&codes, levels, &case.y, &w, |_| true, case.smooth);
            assert!(means.of_level.iter().zip(&case.all).all(|(a, b)| close(*a, *b)), "{}", case.name);
            assert!(close(means.code(None), case.unseen), "{}", case.name);
            let out = step.out_of_fold(&codes, levels, &case.y, &w, &case.folds);
            assert!(out.iter().zip(&case.cross_fitted).all(|(a, b)| close(*a, *b)), "{}", case.name);
        }
    }
}

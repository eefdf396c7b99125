//! Categories as the mean of the target over the rows before: ordered target statistics (Prokhorenkova et al. 2018).
//!
//! The rows are put in a random order, and a row is encoded by the rows before it that have its value:
//!
//! ```text
//! code = (sum of the target before + smooth x prior) / (rows before + smooth)
//! ```
//!
//! where the prior is the mean of the target over all rows. So no row sees its own target, and each sees the mean
//! that a row to come would have seen at that moment. Early rows know little and late ones almost all, which tells
//! the learner how far rare values are to be trusted: that is why boosting does well on it (CatBoost). Rows to come
//! are encoded by all rows. Cost: one pass over the rows for each column; `target_encode` is its sibling by folds.

use super::choice::{choose, names};
use super::encoder::{Answers, Encoder, learnt_rows, looked_up, signature};
use arkwright_core::{
    Context, Error, Estimator, Field, Fitted, Kind, Leaf, Result, Settings, Signature, Task, Train, collect, must,
    target_of,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Encodes categories by the mean of the target over the rows before, in a random order, as CatBoost does.
///
/// A number `COL` for a number or two classes (the probability of the last); numbers `COL.CLASS` for more classes.
/// A missing value is a value of its own; one never seen gets the prior.
///
/// ```
/// use arkwright_core::{Context, Field, Frame, Kind, Leaf, Role, Table, Train};
/// use arkwright_learn::preprocess::OrderedTargetEncode;
/// use arrow::array::{ArrayRef, Float64Array, StringArray};
/// use std::sync::Arc;
///
/// let fields = [Field::input("city", Kind::Category), Field::new("y", Kind::Number, Role::Target)];
/// let city: ArrayRef = Arc::new(StringArray::from(vec!["Ulm", "Bonn", "Ulm", "Ulm"]));
/// let y: ArrayRef = Arc::new(Float64Array::from(vec![4.0, 2.0, 4.0, 2.0]));
/// let rows = Table::hashed(Frame::new(fields, vec![city, y], 4)?)?;
/// let step = OrderedTargetEncode { shuffle: false, ..OrderedTargetEncode::default() };
/// let fitted = step.estimator().fit(Train::on(rows), &Context::new(1))?;
/// let seen = fitted.rows.and_then(|rows| rows.in_memory()).ok_or("no rows")?;
/// let at = seen.position("city").ok_or("no column")?;
/// // The mean is 3. The last row has seen 4 and 4, and one row of the mean.
/// assert_eq!(seen.numbers(at)?[..], [3.0, 3.0, 3.5, 11.0 / 3.0]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct OrderedTargetEncode {
    /// The columns; all inputs that are categories if not given.
    pub columns: Option<Vec<String>>,
    /// How many rows of the prior are mixed into each value, above 0. 1, as in CatBoost.
    pub smooth: f64,
    /// Whether the order is random; `false` takes the rows as they come, where that is their order in time. true.
    pub shuffle: bool,
}

impl Default for OrderedTargetEncode {
    fn default() -> Self {
        Self { columns: None, smooth: 1.0, shuffle: true }
    }
}

impl Settings for OrderedTargetEncode {
    fn check(&self) -> Result<(), (&'static str, String)> {
        must::be_above_0("smooth", self.smooth)
    }
}

impl Leaf for OrderedTargetEncode {
    const KIND: &'static str = "ordered_target_encode";
    const ABOUT: &'static str = "Encodes categories by the mean of the target over the rows before.";

    fn estimator(self) -> Arc<dyn Estimator> {
        Arc::new(self)
    }
}

impl OrderedTargetEncode {
    fn chosen(&self, input: &[Field]) -> Result<Vec<usize>> {
        choose(input, self.columns.as_deref(), |kind| *kind == Kind::Category, "a category")
    }
}

impl Estimator for OrderedTargetEncode {
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
        if !answers.weight.iter().any(|w| *w > 0.0) {
            return Err(Error::data("there are no rows of a weight above 0 to learn from"));
        }
        let (lookups, codes) = looked_up(&frame, &at, ctx)?;
        let order = self.order(frame.rows(), ctx);
        let (mut priors, mut tables, mut columns) = (Vec::new(), Vec::new(), Vec::new());
        for (codes, lookup) in codes.iter().zip(&lookups) {
            for y in &answers.columns {
                let (prior, before, whole) = self.statistics(codes, lookup.len(), y, &answers.weight, &order);
                priors.push(prior);
                columns.push(before);
                tables.extend(whole);
            }
        }
        let model = Encoder::new(names(&fields, &at), answers.classes, lookups, tables).with_means(priors);
        let settings = serde_json::to_value(self).unwrap_or_default();
        let rows = learnt_rows(Self::KIND, settings, &frame, &model, columns, train.data.as_ref(), ctx)?;
        Ok(Fitted { rows: Some(rows), ..Fitted::new(model) })
    }
}

impl OrderedTargetEncode {
    fn order(&self, rows: usize, ctx: &Context) -> Vec<usize> {
        let mut order: Vec<usize> = (0..rows).collect();
        if self.shuffle {
            ctx.random("order").shuffle(&mut order);
        }
        order
    }

    /// The prior, the code of each row by the rows before it, and of each level by all.
    fn statistics(
        &self,
        codes: &[Option<u32>],
        levels: usize,
        y: &[f64],
        w: &[f64],
        order: &[usize],
    ) -> (f64, Vec<f64>, Vec<f64>) {
        let (total, sum) = y.iter().zip(w).fold((0.0, 0.0), |(total, sum), (y, w)| (total + w, sum + w * y));
        let prior = sum / total;
        let code = |sum: f64, weight: f64| (sum + self.smooth * prior) / (weight + self.smooth);
        let (mut sums, mut weights) = (vec![0.0; levels], vec![0.0; levels]);
        let mut before = vec![prior; codes.len()];
        for &row in order {
            let Some(level) = codes[row].map(|level| level as usize) else { continue };
            before[row] = code(sums[level], weights[level]);
            sums[level] += w[row] * y[row];
            weights[level] += w[row];
        }
        (prior, before, sums.into_iter().zip(weights).map(|(sum, weight)| code(sum, weight)).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statistics_are_those_of_pandas_on_the_rows_before() {
        let text = include_str!("../../tests/fixtures/boosting.json");
        let json: serde_json::Value = serde_json::from_str(text).unwrap();
        let few = &json["levels"]["few"];
        let read = |key: &str| -> Vec<f64> { serde_json::from_value(few[key].clone()).unwrap() };
        let codes: Vec<Option<u32>> = read("level").into_iter().map(|level| Some(level as u32)).collect();
        let (y, before, whole) = (read("y"), read("before"), read("whole"));
        let step = OrderedTargetEncode { smooth: 2.0, ..OrderedTargetEncode::default() };
        let order: Vec<usize> = (0..y.len()).collect();
        let ours = step.statistics(&codes, whole.len(), &y, &vec![1.0; y.len()], &order);
        let close = |a: &[f64], b: &[f64]| a.len() == b.len() && a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-8);
        assert!(close(&ours.1, &before) && close(&ours.2, &whole));
        // Another order is another row's past, and the same whole.
        let back: Vec<usize> = order.into_iter().rev().collect();
        let other = step.statistics(&codes, whole.len(), &y, &vec![1.0; y.len()], &back);
        assert!(!close(&other.1, &before) && close(&other.2, &whole));
        // A weight counts as repetition does.
        let weighed = step.statistics(&codes, whole.len(), &y, &vec![2.0; y.len()], &back);
        let order: Vec<usize> = (0..2 * y.len()).collect();
        let (codes, y) = (codes.repeat(2), y.repeat(2));
        let repeated = step.statistics(&codes, whole.len(), &y, &vec![1.0; y.len()], &order);
        assert!(close(&weighed.2, &repeated.2) && !close(&weighed.2, &whole));
    }
}

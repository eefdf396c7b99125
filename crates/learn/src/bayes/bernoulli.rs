//! Bernoulli naive Bayes: a thing is there or not, and each class has its own chance of it.
//!
//! ```text
//! ln P(c | x) = ln P(c) + sum_j [ b_j ln q_cj + (1 - b_j) ln(1 - q_cj) ] + constant,     b_j = 1 where x_j > binarize
//! ```
//!
//! with `q_cj = (N_cj + alpha) / (n_c + 2 alpha)`, of the n_c rows of a class those that have it. Unlike the multinomial kind
//! it counts what is absent as evidence too (McCallum & Nigam 1998). One pass; time n p, memory k p.

use super::tally::{Tally, check, log_priors};
use crate::dense::Matrix;
use crate::linear::design::Layout;
use crate::linear::{LinearModel, Link};
use crate::{Column, Design, FitRows, LiftRows, Outcome, Predict, Rows};
use arkwright_core::{Context, Estimator, Leaf, Parts, Result, Settings, Task, must};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Bernoulli naive Bayes. Settings are named as in scikit-learn's `BernoulliNB`.
///
/// ```
/// use arkwright_core::{Context, Leaf};
/// let settings = arkwright_learn::bayes::BernoulliNb { binarize: 0.5, ..Default::default() };
/// assert_eq!(settings.part().kind, "bernoulli_nb");
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct BernoulliNb {
    /// What is added to every count, above 0. Default: 1.
    pub alpha: f64,
    /// A number above this says that the thing is there. Default: 0, the mean of a scaled column.
    pub binarize: f64,
    /// Whether frequent classes are more likely from the start. Default: yes.
    pub fit_prior: bool,
    /// The shares of the classes, in their order, instead of learning them.
    pub class_prior: Option<Vec<f64>>,
}

impl Default for BernoulliNb {
    fn default() -> Self {
        Self { alpha: 1.0, binarize: 0.0, fit_prior: true, class_prior: None }
    }
}

impl Settings for BernoulliNb {
    fn check(&self) -> Result<(), (&'static str, String)> {
        must::be_above_0("alpha", self.alpha)?;
        check("class_prior", self.class_prior.as_deref())
    }
}

impl Leaf for BernoulliNb {
    const KIND: &'static str = "bernoulli_nb";
    const ABOUT: &'static str = "Naive Bayes of things that are there or not.";
    const TASKS: &'static [Task] = &[Task::Classify];
    const PREPARE: &'static [&'static str] = &["dates", "impute", "scale", "levels"];

    fn estimator(self) -> Arc<dyn Estimator> {
        Arc::new(LiftRows(self))
    }
}

impl FitRows for BernoulliNb {
    type Model = Switched;
    const TASKS: &'static [Task] = &[Task::Classify];
    const MISSING: bool = false;

    fn fit_rows(&self, rows: &dyn Rows, _ctx: &Context) -> Result<Outcome<Switched>> {
        let tally = Tally::read(rows, None, |_, _, x| switch(x, self.binarize))?;
        let mut base = log_priors(self.class_prior.as_deref(), self.fit_prior, &tally.weight)?;
        let p = tally.layout.width();
        let mut coef = Vec::with_capacity(tally.sums.len());
        for ((counts, weight), base) in tally.sums.chunks_exact(p.max(1)).zip(&tally.weight).zip(&mut base) {
            let whole = libm::log(weight + 2.0 * self.alpha);
            for there in counts {
                let absent = libm::log((weight - there).max(0.0) + self.alpha) - whole;
                coef.push(libm::log(there + self.alpha) - whole - absent);
                *base += absent;
            }
        }
        let means = tally.means();
        let model = LinearModel::new(Layout::block(p), Link::Softmax, coef, base, means);
        Ok(Switched { binarize: self.binarize, p, model }.into())
    }
}

fn switch(x: f64, binarize: f64) -> f64 {
    // A gap stays one.
    if x.is_nan() { x } else { f64::from(u8::from(x > binarize)) }
}

/// A linear model of what is there.
#[derive(Clone, Debug)]
pub struct Switched {
    binarize: f64,
    p: usize,
    model: LinearModel,
}

impl Predict for Switched {
    const FORMAT: &'static str = "switched";

    fn outputs(&self) -> usize {
        self.model.outputs()
    }

    fn predict(&self, x: &Design<'_>, out: &mut [f64]) {
        let mut rows = Matrix::of(x);
        rows.each_row(|_, row| row.iter_mut().for_each(|x| *x = switch(*x, self.binarize)));
        let columns = [Column::Block { values: rows.values(), width: rows.width() }];
        self.model.predict(&Design { columns: &columns, rows: x.rows }, out);
    }

    fn save(&self, parts: &mut Parts) -> Result<()> {
        parts.put_json(&self.p)?;
        parts.put("binarize", vec![self.binarize]);
        let mut linear = Parts::new(LinearModel::FORMAT);
        self.model.save(&mut linear)?;
        parts.children.insert("linear".into(), linear);
        Ok(())
    }

    fn load(parts: &Parts) -> Result<Self> {
        let &[binarize] = parts.get("binarize")? else { return Err(parts.damaged("`binarize` is no number")) };
        let (p, model) = (parts.get_json()?, LinearModel::load(parts.child("linear")?)?);
        match model.coef().len() == model.outputs() * p && model.outputs() >= 2 {
            true => Ok(Self { binarize, p, model }),
            false => Err(parts.damaged("the columns do not fit")),
        }
    }
}

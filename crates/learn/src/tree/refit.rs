//! The leaves of a fitted model anew, on other rows: LightGBM's `refit`.
//!
//! The questions stay. Round by round the new rows fall into the leaves, the loss is looked at from the answers so
//! far, and a leaf becomes
//!
//! ```text
//! decay x old + (1 - decay) x learning_rate x best,    best = -G / (H + l2)
//! ```
//!
//! or what the loss itself finds best. A leaf that no new row falls into shrinks to `decay` of what it was. A table
//! that changes slowly is followed at the cost of a few passes.

use super::boosting::counted;
use super::gbdt::{BoostingType, Gbdt};
use super::grid::{Grid, Pair};
use super::node::{Ensemble, Shape, shapes};
use super::objective::{self, Objective, each_pair};
use super::step::newton;
use crate::samples::{Design, Samples};
use arkwright_core::{Error, Result, must};
use rayon::prelude::*;

impl Gbdt {
    /// The same trees with the leaves' values anew, on other rows. `refit_decay_rate`, between 0 and 1, is how much
    /// of the old values stays; LightGBM's default is 0.9. The loss, `learning_rate` and `l2_regularization` are
    /// those of the settings, which should be those that the model was fitted with.
    ///
    /// ```
    /// # use arkwright_core::Context;
    /// # use arkwright_learn::{Column, Design, Fit, Predict, Samples, Target, tree::Gbdt};
    /// let x: Vec<f64> = (0..200).map(f64::from).collect();
    /// let before: Vec<f64> = x.iter().map(|x| x / 10.0).collect();
    /// let after: Vec<f64> = before.iter().map(|y| y + 5.0).collect();
    /// let design = Design { columns: &[Column::F64(&x)], rows: 200 };
    /// let settings = Gbdt::default();
    /// let model = settings.fit(&Samples::new(design, Target::Values(&before)), None, &Context::new(1))?.model;
    /// let model = settings.refit(&model, &Samples::new(design, Target::Values(&after)), 0.0)?;
    /// let mut answers = vec![0.0; 200];
    /// model.predict(&design, &mut answers);
    /// assert!((answers[100] - after[100]).abs() < 0.2);
    /// # Ok::<(), arkwright_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// When the model is none of boosting by this loss on such columns, has linear leaves, or the settings leave
    /// trees out (`dart`, `rf`), whose steps the model does not hold.
    pub fn refit(&self, model: &Ensemble, train: &Samples<'_>, refit_decay_rate: f64) -> Result<Ensemble> {
        must::be_within("refit_decay_rate", refit_decay_rate, 0.0, 1.0)
            .map_err(|(key, what)| Error::setting(format!("`{key}` {what}")))?;
        if self.boosting_type != BoostingType::Gbdt || model.is_linear() {
            return Err(Error::setting("only trees of plain boosting with a number in each leaf can be refitted")
                .with_hint("fit anew"));
        }
        let objective = objective::of(self, train)?;
        goes_with(model, &train.x, objective.as_ref())?;
        let rows = counted(train)?;
        let mut model = model.clone();
        let (gathered, p, k) = (model.gathered(&train.x), model.features(), model.outputs);
        let mut raw: Vec<f64> = model.base.iter().copied().cycle().take(train.x.rows * k).collect();
        let (mut work, mut pairs) = (Vec::new(), vec![Pair::default(); train.x.rows]);
        for round in 0..model.rounds() {
            work.clear();
            let (gradient, hessian) = objective.start(&raw, &mut work);
            if !(gradient.is_finite() && hessian.is_finite()) {
                return Err(Error::data("the gradients are not finite").with_hint("look for wild values in the target"));
            }
            let grid = Grid::new(rows.len(), gradient, hessian);
            for class in 0..k {
                let tree = round * k + class;
                each_pair(objective.as_ref(), &raw, &work, class, grid, &mut pairs);
                let (first, last) = (model.start(tree).1 as usize, model.ends[tree].1 as usize);
                let mut leaves = vec![Vec::new(); last - first];
                let of: Vec<usize> =
                    rows.par_iter().map(|&row| model.leaf_of(tree, &gathered[row as usize * p..][..p])).collect();
                rows.iter().zip(of).for_each(|(&row, leaf)| leaves[leaf - first].push(row));
                let best: Vec<f64> = leaves
                    .par_iter()
                    .map(|rows| match rows.is_empty() {
                        true => 0.0,
                        false => objective.renew(&raw, rows).unwrap_or_else(|| self.newton(rows, &pairs, grid)),
                    })
                    .collect();
                for (value, best) in model.values[first..last].iter_mut().zip(best) {
                    *value = refit_decay_rate * *value + (1.0 - refit_decay_rate) * self.learning_rate * best;
                }
            }
            model.add_some(round * k..(round + 1) * k, &gathered, &mut raw);
        }
        model.quick = Default::default();
        Ok(model)
    }

    fn newton(&self, rows: &[u32], pairs: &[Pair], grid: Grid) -> f64 {
        let sums = rows.iter().fold((0i64, 0u64), |(g, h), &row| {
            let pair = pairs[row as usize];
            (g + i64::from(pair.gradient), h + u64::from(pair.hessian))
        });
        newton(sums, self.l2_regularization, grid)
    }
}

/// Refuses a model that boosting by a loss on such columns does not give.
///
/// # Errors
/// When it is one.
pub(super) fn goes_with(model: &Ensemble, x: &Design<'_>, objective: &dyn Objective) -> Result<()> {
    if model.width != 1 || model.link != objective.link() || model.outputs != objective.outputs() {
        return Err(Error::setting(format!(
            "the model is none of boosting by `{}` on such a target",
            objective.name()
        ))
        .with_hint("take the loss that it was fitted with, and a target of as many classes"));
    }
    let own = shapes(x);
    let fits =
        |(model, own): (&Shape, &Shape)| model == own || matches!((model, own), (Shape::Foreign(_), Shape::Number));
    match own.len() == model.shapes.len() && model.shapes.iter().zip(&own).all(fits) {
        true => Ok(()),
        false => Err(Error::data(format!(
            "the model was fitted on {} columns that are not of the kinds of these {}",
            model.shapes.len(),
            own.len()
        ))
        .with_hint("give the columns that it was fitted on, in their order")),
    }
}

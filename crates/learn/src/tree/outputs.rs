//! What fitted trees tell besides their answers: raw answers, answers by some of the rounds, leaves, and which
//! columns moved the answers.

use super::node::Ensemble;
use crate::samples::Design;
use arkwright_core::{Error, Result};
use rayon::prelude::*;
use std::ops::{ControlFlow, Range};

/// How far columns moved raw answers: what comes out of [`Ensemble::shap_values`] and its kin.
#[derive(Clone, Debug, PartialEq)]
pub struct Shapley {
    /// Row by row and output by output: a value for each column, or for each pair of columns.
    pub values: Vec<f64>,
    /// For each output the answer of which no column is known. With a row's values it adds up to the row's raw
    /// answer.
    pub base: Vec<f64>,
}

impl Ensemble {
    /// How many rounds of boosting made the trees: a round is one tree, or one for each class of more than two.
    /// Of a forest, how many trees it has.
    pub fn rounds(&self) -> usize {
        self.trees() / self.trees_a_round()
    }

    /// Raw answers by some of the rounds (n x outputs): log-odds under a logistic or softmax link, the sum of
    /// the leaves for a forest, else the answer itself. The base counts with round 0, so that the raw answers
    /// of rounds `0..a` and `a..b` add up to those of `0..b`. Rounds beyond the last are left out. LightGBM's
    /// `raw_score` with `start_iteration` and `num_iteration`, and scikit-learn's `decision_function`.
    ///
    /// ```
    /// # use arkwright_core::Context;
    /// # use arkwright_learn::{Column, Design, Fit, Samples, Target, tree::Gbdt};
    /// # let height: Vec<f64> = (0..100).map(f64::from).collect();
    /// # let weight: Vec<f64> = height.iter().map(|h| h * h).collect();
    /// let x = Design { columns: &[Column::F64(&height)], rows: 100 };
    /// let samples = Samples::new(x, Target::Values(&weight));
    /// let model = Gbdt::default().fit(&samples, None, &Context::new(1))?.model;
    /// let (all, first, rest) = (model.raw(&x, 0..100), model.raw(&x, 0..10), model.raw(&x, 10..100));
    /// assert!((first[7] + rest[7] - all[7]).abs() < 1e-9);
    /// # Ok::<(), arkwright_core::Error>(())
    /// ```
    pub fn raw(&self, x: &Design<'_>, rounds: Range<usize>) -> Vec<f64> {
        let mut out = vec![0.0; x.rows * self.outputs];
        self.raws(x, self.trees_of(rounds), &mut out, |raw, out| out.copy_from_slice(raw));
        out
    }

    /// Answers by some of the rounds, as [`Predict::predict`](crate::Predict::predict) gives them by all: n
    /// probabilities of each class, or n values.
    ///
    /// # Panics
    /// When `out` has no place for each answer.
    pub fn predict_rounds(&self, x: &Design<'_>, rounds: Range<usize>, out: &mut [f64]) {
        assert_eq!(out.len(), x.rows * crate::Predict::outputs(self), "a place for each answer");
        self.answer(x, self.trees_of(rounds), out);
    }

    /// Calls `each(rounds, answers)` with the answers by the first round, by the first two, and so on, until
    /// it breaks. It costs hardly more than the answers by all rounds. scikit-learn's `staged_predict`.
    ///
    /// ```
    /// # use arkwright_core::Context;
    /// # use arkwright_learn::{Column, Design, Fit, Samples, Target, tree::Gbdt};
    /// # use std::ops::ControlFlow;
    /// # let height: Vec<f64> = (0..100).map(f64::from).collect();
    /// # let weight: Vec<f64> = height.iter().map(|h| h * h).collect();
    /// # let x = Design { columns: &[Column::F64(&height)], rows: 100 };
    /// # let samples = Samples::new(x, Target::Values(&weight));
    /// # let model = Gbdt::default().fit(&samples, None, &Context::new(1))?.model;
    /// let mut errors = Vec::new();
    /// model.staged_predict(&x, |_, answers| {
    ///     errors.push(answers.iter().zip(&weight).map(|(a, y)| (a - y).powi(2)).sum::<f64>());
    ///     ControlFlow::Continue(())
    /// });
    /// assert!(errors.len() == 100 && errors[99] < errors[0]);
    /// # Ok::<(), arkwright_core::Error>(())
    /// ```
    pub fn staged_predict(&self, x: &Design<'_>, mut each: impl FnMut(usize, &[f64]) -> ControlFlow<()>) {
        let classes = crate::Predict::outputs(self);
        let rows = self.gathered(x);
        let mut raw: Vec<f64> = self.base.iter().copied().cycle().take(x.rows * self.outputs).collect();
        let mut out = vec![0.0; x.rows * classes];
        for round in 1..=self.rounds() {
            let trees = (round - 1) * self.trees_a_round()..round * self.trees_a_round();
            self.add_some(trees.clone(), &rows, &mut raw);
            for (raw, out) in raw.chunks_exact(self.outputs).zip(out.chunks_exact_mut(classes)) {
                self.finish(raw, trees.end, out);
            }
            if each(round, &out).is_break() {
                return;
            }
        }
    }

    /// The leaf that each row ends in, of each tree (n x trees), counted within the tree. scikit-learn's `apply`
    /// and LightGBM's `pred_leaf`.
    pub fn apply(&self, x: &Design<'_>) -> Vec<u32> {
        let (rows, p, trees) = (self.gathered(x), self.features(), self.trees());
        let mut leaves = vec![0; x.rows * trees];
        if trees > 0 {
            leaves.par_chunks_mut(trees).enumerate().for_each(|(row, leaves)| {
                let row = &rows[row * p..(row + 1) * p];
                for (tree, leaf) in leaves.iter_mut().enumerate() {
                    let mut at = self.root(tree);
                    while at >= 0 {
                        at = self.step(at, row);
                    }
                    *leaf = !at as u32 - self.start(tree).1;
                }
            });
        }
        leaves
    }

    /// How far each column moved each raw answer (n x outputs x columns), where a column that is unknown goes
    /// both ways of a question as the training rows did: TreeSHAP, `tree_path_dependent` in shap. For a forest
    /// of the mean over its trees. The values of a row add up to its raw answer less the base.
    ///
    /// ```
    /// # use arkwright_core::Context;
    /// # use arkwright_learn::{Column, Design, Fit, Samples, Target, tree::Gbdt};
    /// # let height: Vec<f64> = (0..100).map(f64::from).collect();
    /// # let weight: Vec<f64> = height.iter().map(|h| h * h).collect();
    /// # let x = Design { columns: &[Column::F64(&height)], rows: 100 };
    /// # let samples = Samples::new(x, Target::Values(&weight));
    /// # let model = Gbdt::default().fit(&samples, None, &Context::new(1))?.model;
    /// let (shap, raw) = (model.shap_values(&x)?, model.raw(&x, 0..model.rounds()));
    /// assert!((shap.base[0] + shap.values[7] - raw[7]).abs() < 1e-6);
    /// # Ok::<(), arkwright_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// When leaves hold linear functions: TreeSHAP needs a number in each.
    pub fn shap_values(&self, x: &Design<'_>) -> Result<Shapley> {
        self.must_be_of_numbers("SHAP values")?;
        Ok(self.shap(x))
    }

    /// How far each pair of columns moved each raw answer beyond what either did alone (n x outputs x columns x
    /// columns), each half of it at either place of the pair; on the diagonal what is left of the column's own
    /// value. A row of a row's table adds up to the column's value in [`shap_values`](Self::shap_values).
    /// shap's `shap_interaction_values`.
    ///
    /// # Errors
    /// When leaves hold linear functions.
    pub fn shap_interaction_values(&self, x: &Design<'_>) -> Result<Shapley> {
        self.must_be_of_numbers("SHAP values")?;
        Ok(self.interactions(x))
    }

    /// How far each column moved each raw answer (n x outputs x columns), where a column that is unknown has
    /// the value that it has in a row of the background; the mean over its rows. shap's `interventional`. The
    /// base is the mean raw answer of the background. Costs at most rows x rows of the background x leaves.
    ///
    /// # Errors
    /// When the background has no rows, or leaves hold linear functions.
    pub fn shap_values_against(&self, x: &Design<'_>, background: &Design<'_>) -> Result<Shapley> {
        self.must_be_of_numbers("SHAP values")?;
        match background.rows {
            0 => Err(Error::data("the background has no rows to compare with")
                .with_hint("give some rows of the training table, 100 say")),
            _ => Ok(self.against(x, background)),
        }
    }

    /// Refuses leaves that hold linear functions.
    pub(super) fn must_be_of_numbers(&self, what: &str) -> Result<()> {
        match self.is_linear() {
            true => {
                Err(Error::data(format!("{what} need a number in each leaf, and these leaves hold linear functions"))
                    .with_hint("fit without `linear_tree`"))
            }
            false => Ok(()),
        }
    }

    fn trees_a_round(&self) -> usize {
        if self.width == 1 { self.outputs } else { 1 }
    }

    fn trees_of(&self, rounds: Range<usize>) -> Range<usize> {
        let place = |round: usize| round.min(self.rounds()) * self.trees_a_round();
        place(rounds.start)..place(rounds.end.max(rounds.start))
    }
}

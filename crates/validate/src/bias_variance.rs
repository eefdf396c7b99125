//! How much of the error is the model's shape (bias), how much the rows that it happened to see (variance)?
//!
//! The part is fitted on bootstrap resamples of the training rows and predicts the test rows each time
//! (mlxtend's `bias_variance_decomp`). For numbers, with f the mean prediction, the mean squared error is
//! `mean((f - y)^2) + mean((p - f)^2)`: bias, the noise included, plus variance. For classes the main
//! prediction is the mode; bias is its error and variance how often a model differs from it (Domingos, 2000):
//! their sum is not the error, since differing from a wrong main prediction may help.

use crate::cross::Labelled;
use crate::split::Fold;
use crate::truth::{Predictions, Truth};
use arkwright_core::{Context, Error, Part, Random, Result};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

/// The parts of an expected error.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct BiasVariance {
    /// The expected error: squared for numbers, the share of wrong labels for classes.
    pub error: f64,
    /// The error of the main prediction: the mean, or the most frequent class.
    pub bias: f64,
    /// How far single models are from the main prediction.
    pub variance: f64,
}

/// Decomposes the error on a fold's test rows over `rounds` resamples of its training rows (200 is usual).
///
/// # Errors
/// No rounds, or as [`crate::cross_validate`].
pub fn bias_variance(part: &Part, rows: &Labelled, fold: &Fold, rounds: usize, ctx: &Context) -> Result<BiasVariance> {
    if rounds == 0 || fold.train.is_empty() || fold.test.is_empty() {
        return Err(Error::setting("a decomposition needs at least one round and rows on both sides"));
    }
    let said: Vec<Predictions> = (0..rounds)
        .into_par_iter()
        .map(|round| {
            let mut random = Random::new(ctx.root_seed(), &format!("bias and variance {round}"));
            let drawn = (0..fold.train.len()).map(|_| fold.train[random.below(fold.train.len() as u64) as usize]);
            let fitted = rows.fit(part, &drawn.collect::<Vec<_>>(), ctx)?;
            rows.predict(&fitted, &fold.test, ctx)
        })
        .collect::<Result<_>>()?;
    match rows.truth().take(&fold.test) {
        Truth::Classes { codes, names } => of_classes(&codes, names.len(), &said),
        numbers => of_values(numbers.values().unwrap_or_default(), &said),
    }
}

fn of_values(truth: &[f64], said: &[Predictions]) -> Result<BiasVariance> {
    let said = said
        .iter()
        .map(|p| match p {
            Predictions::Values(values) => Ok(values.as_slice()),
            _ => Err(Error::data("a number was expected of every model")),
        })
        .collect::<Result<Vec<_>>>()?;
    let (rounds, n) = (said.len() as f64, truth.len() as f64);
    let main: Vec<f64> = (0..truth.len()).map(|i| said.iter().map(|p| p[i]).sum::<f64>() / rounds).collect();
    let distance = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum::<f64>() / n;
    Ok(BiasVariance {
        error: said.iter().map(|p| distance(p, truth)).sum::<f64>() / rounds,
        bias: distance(&main, truth),
        variance: said.iter().map(|p| distance(p, &main)).sum::<f64>() / rounds,
    })
}

fn of_classes(truth: &[u32], count: usize, said: &[Predictions]) -> Result<BiasVariance> {
    let said = said
        .iter()
        .map(|p| match p {
            Predictions::Classes(codes) => Ok(codes.clone()),
            Predictions::Probabilities { values, count } => {
                arkwright_measure::classification::labels(values, *count).map_err(crate::cross::measured)
            }
            Predictions::Values(_) => Err(Error::data("a class was expected of every model")),
        })
        .collect::<Result<Vec<_>>>()?;
    let main: Vec<u32> = (0..truth.len())
        .map(|i| {
            let mut votes = vec![0u32; count];
            said.iter().for_each(|p| votes[p[i] as usize] += 1);
            // Of equal votes the first class.
            (0..count).rev().max_by_key(|&class| votes[class]).unwrap_or_default() as u32
        })
        .collect();
    let differ = |a: &[u32], b: &[u32]| a.iter().zip(b).filter(|(a, b)| a != b).count() as f64 / truth.len() as f64;
    let rounds = said.len() as f64;
    Ok(BiasVariance {
        error: said.iter().map(|p| differ(p, truth)).sum::<f64>() / rounds,
        bias: differ(&main, truth),
        variance: said.iter().map(|p| differ(p, &main)).sum::<f64>() / rounds,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bias_and_variance_of_numbers_add_up_to_the_error() {
        let said = [Predictions::Values(vec![1.0, 2.0]), Predictions::Values(vec![3.0, 2.0])];
        let parts = of_values(&[1.0, 1.0], &said).unwrap();
        assert_eq!(parts, BiasVariance { error: 1.5, bias: 1.0, variance: 0.5 });
    }

    #[test]
    fn the_main_class_is_the_mode_and_of_equals_the_first() {
        let said = [Predictions::Classes(vec![1, 0]), Predictions::Classes(vec![0, 0])];
        let parts = of_classes(&[1, 0], 2, &said).unwrap();
        assert_eq!(parts, BiasVariance { error: 0.25, bias: 0.5, variance: 0.25 });
    }
}

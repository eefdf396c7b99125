//! Every loss: its gradients and hessians are its derivatives, its base is where it is least.

use super::*;
use crate::samples::{Column, Design};
use proptest::prelude::*;

/// Rows with all that any loss asks for.
struct Case {
    loss: Loss,
    settings: Gbdt,
    y: Vec<f64>,
    codes: Vec<u32>,
    upper: Vec<f64>,
    group: Vec<u32>,
    weight: Vec<f64>,
}

const ROWS: usize = 24;

impl Case {
    fn new(loss: Loss, uniform: &[f64]) -> Self {
        // Rows 0 and 4 are of one group and differ, so that there is something to learn.
        let mut uniform = uniform.to_vec();
        (uniform[0], uniform[4]) = (0.9, 0.1);
        let many = |of: &dyn Fn(f64) -> f64| uniform.iter().map(|&u| of(u)).collect::<Vec<f64>>();
        let y = match loss {
            Loss::Poisson | Loss::Lambdarank | Loss::RankPairwise => many(&|u| (u * 5.0).floor()),
            Loss::Tweedie => many(&|u| (u * 4.0 - 1.0).max(0.0)),
            Loss::CrossEntropy => uniform.to_vec(),
            // Rounded, so that there are ties.
            Loss::Cox => many(&|u| (u * 8.0).ceil()),
            Loss::Gamma | Loss::Aft => many(&|u| 0.3 + 3.0 * u),
            _ => many(&|u| 6.0 * u - 3.0),
        };
        let upper = y.iter().enumerate().map(|(i, &y)| match (i % 4, loss) {
            (0, _) => f64::INFINITY,
            (1, Loss::Aft) => 1.5 * y,
            _ => y,
        });
        Self {
            loss,
            settings: Gbdt { loss: Some(loss), quantile: 0.3, aft_scale: 1.3, ..Gbdt::default() },
            codes: uniform.iter().map(|u| (u * 2.99) as u32).collect(),
            upper: upper.collect(),
            y,
            group: (0..ROWS as u32).map(|i| i * 5 % 4).collect(),
            weight: (0..ROWS).map(|i| f64::from(1 + i as u32 % 3)).collect(),
        }
    }

    fn with<T>(&self, weighted: bool, then: impl FnOnce(&dyn Objective) -> T) -> T {
        let x = Design { columns: &[] as &[Column<'_>], rows: ROWS };
        let y = match self.loss {
            Loss::LogLoss | Loss::OneVsAll => Target::Classes { codes: &self.codes, count: 3 },
            _ => Target::Values(&self.y),
        };
        let rows = Samples {
            weight: weighted.then_some(&self.weight),
            group: Some(&self.group),
            upper: Some(&self.upper),
            ..Samples::new(x, y)
        };
        then(of(&self.settings, &rows).unwrap().as_ref())
    }

    /// What the mean loss has to be multiplied by to have the objective's gradients.
    fn times(&self, weighted: bool) -> f64 {
        let w = |i: usize| if weighted { self.weight[i] } else { 1.0 };
        let total: f64 = (0..ROWS).map(w).sum();
        match self.loss {
            // The mean squared error is twice what is minimised.
            Loss::SquaredError => total / 2.0,
            Loss::Cox => (0..ROWS).filter(|&i| self.upper[i] == self.y[i]).map(w).sum(),
            Loss::RankPairwise => {
                let pairs =
                    |i: usize| (0..ROWS).filter(|&j| self.group[i] == self.group[j] && self.y[i] > self.y[j]).count();
                (0..ROWS).map(pairs).sum::<usize>() as f64
            }
            _ => total,
        }
    }

    /// What a hessian is multiplied by on purpose; `None` where it stands in for none.
    fn caution(&self) -> Option<f64> {
        match self.loss {
            Loss::AbsoluteError | Loss::Quantile | Loss::Huber => None,
            Loss::Poisson => Some(positive::CAUTION),
            Loss::LogLoss => Some(1.5),
            _ => Some(1.0),
        }
    }
}

/// The gradients and hessians, n x k.
fn derivatives(objective: &dyn Objective, raw: &[f64]) -> Vec<(f64, f64)> {
    let (k, mut work) = (objective.outputs(), Vec::new());
    let (gradient, hessian) = objective.start(raw, &mut work);
    let grid = Grid::new(ROWS, gradient, hessian);
    let mut all = vec![(0.0, 0.0); raw.len()];
    for output in 0..k {
        let mut pairs = vec![Pair::default(); ROWS];
        each_pair(objective, raw, &work, output, grid, &mut pairs);
        for (row, pair) in pairs.into_iter().enumerate() {
            all[row * k + output] = grid.fine(pair.gradient.into(), pair.hessian.into());
        }
    }
    all
}

const SMOOTH: &[Loss] = &[
    Loss::SquaredError,
    Loss::AbsoluteError,
    Loss::Huber,
    Loss::Quantile,
    Loss::Poisson,
    Loss::Gamma,
    Loss::Tweedie,
    Loss::CrossEntropy,
    Loss::RankPairwise,
    Loss::Cox,
    Loss::Aft,
    Loss::LogLoss,
    Loss::OneVsAll,
];

const NOISES: &[AftDistribution] = &[AftDistribution::Normal, AftDistribution::Logistic, AftDistribution::Extreme];

fn check(case: &Case, raw: &[f64], weighted: bool) -> Result<(), TestCaseError> {
    // Of gradients, which are on a grid, the step is wider.
    const STEP: f64 = 1e-4;
    const WIDE: f64 = 2e-3;
    let rows: Vec<u32> = (0..ROWS as u32).collect();
    // A row's weight scales its own gradient in a ranking, and no pair's loss.
    let weighted = weighted && case.loss != Loss::RankPairwise;
    case.with(weighted, |objective| {
        let raw: Vec<f64> = raw[..ROWS * objective.outputs()].to_vec();
        let told = derivatives(objective, &raw);
        for at in 0..raw.len() {
            let moved = |by: f64| {
                let mut raw = raw.clone();
                raw[at] += by;
                raw
            };
            // Losses with a corner have no derivative at it.
            let corner = |y: f64| {
                case.caution().is_none()
                    && ((raw[at] - y).abs() < 2.0 * STEP || ((raw[at] - y).abs() - 1.0).abs() < 2.0 * STEP)
            };
            if corner(case.y[at / objective.outputs()]) {
                continue;
            }
            let loss = |by: f64| objective.loss(&moved(by), &rows) * case.times(weighted);
            let slope = (loss(STEP) - loss(-STEP)) / (2.0 * STEP);
            prop_assert!(
                (told[at].0 - slope).abs() < 1e-5 * (1.0 + slope.abs()),
                "{:?} at {at}: {} {slope}",
                case.loss,
                told[at].0
            );
            let Some(caution) = case.caution() else { continue };
            let gradient = |by: f64| derivatives(objective, &moved(by))[at].0;
            let curve = caution * (gradient(WIDE) - gradient(-WIDE)) / (2.0 * WIDE);
            prop_assert!(
                (told[at].1 - curve).abs() < 2e-4 * (1.0 + curve.abs()),
                "{:?} at {at}: {} {curve}",
                case.loss,
                told[at].1
            );
        }
        Ok(())
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn gradients_and_hessians_are_derivatives(
        uniform in prop::collection::vec(0.01f64..0.99, ROWS),
        raw in prop::collection::vec(-2.0f64..2.0, 3 * ROWS),
        weighted: bool,
    ) {
        for &loss in SMOOTH {
            let mut case = Case::new(loss, &uniform);
            check(&case, &raw, weighted)?;
            case.settings.cox_ties = CoxTies::Breslow;
            if loss == Loss::Cox {
                check(&case, &raw, weighted)?;
            }
            for &noise in NOISES.iter().filter(|_| loss == Loss::Aft) {
                case.settings.aft_distribution = noise;
                check(&case, &raw, weighted)?;
            }
        }
    }

    #[test]
    fn the_base_is_where_the_loss_is_least(uniform in prop::collection::vec(0.01f64..0.99, ROWS), weighted: bool) {
        let rows: Vec<u32> = (0..ROWS as u32).collect();
        for &loss in SMOOTH {
            let mut case = Case::new(loss, &uniform);
            for &noise in NOISES {
                case.settings.aft_distribution = noise;
                case.with(weighted, |objective| {
                    let base = objective.base(&rows);
                    let at = |base: &[f64]| objective.loss(&base.repeat(ROWS), &rows);
                    for output in 0..base.len() {
                        for by in [-0.01, 0.01] {
                            let mut other = base.clone();
                            other[output] += by;
                            prop_assert!(at(&base) <= at(&other) + 1e-12, "{loss:?} {noise:?}");
                        }
                    }
                    Ok(())
                })?;
            }
        }
    }

    #[test]
    fn a_pairs_gain_is_what_ndcg_changes_by_when_its_rows_change_places(
        uniform in prop::collection::vec(0.01f64..0.99, ROWS),
        raw in prop::collection::vec(-2.0f64..2.0, ROWS),
    ) {
        use arkwright_measure::lists::{ideal, ndcg};
        let case = Case::new(Loss::Lambdarank, &uniform);
        let told = case.with(false, |objective| derivatives(objective, &raw));
        let mut wanted = vec![0.0; ROWS];
        for group in 0..4 {
            let rows: Vec<usize> = (0..ROWS).filter(|&i| case.group[i] == group).collect();
            if ideal(rows.iter().map(|&i| case.y[i]), 30) == 0.0 {
                continue;
            }
            let alone = vec![0; rows.len()];
            let of = |raw: &[f64]| {
                let pick = |v: &[f64]| rows.iter().map(|&i| v[i]).collect::<Vec<f64>>();
                ndcg(&pick(&case.y), &pick(raw), &alone, None, None).unwrap()
            };
            let (mut own, mut sum) = (vec![0.0; ROWS], 0.0);
            for &i in &rows {
                for &j in rows.iter().filter(|&&j| case.y[i] > case.y[j]) {
                    let mut swapped = raw.clone();
                    swapped.swap(i, j);
                    let apart = raw[i] - raw[j];
                    let gain = (of(&swapped) - of(&raw)).abs() / (0.01 + apart.abs()) / (1.0 + apart.exp());
                    own[i] -= gain;
                    own[j] += gain;
                    sum += 2.0 * gain;
                }
            }
            rows.iter().filter(|_| sum > 0.0).for_each(|&i| wanted[i] = own[i] * (1.0 + sum).log2() / sum);
        }
        for (told, wanted) in told.iter().zip(&wanted) {
            prop_assert!((told.0 - wanted).abs() < 1e-6, "{} {wanted}", told.0);
            prop_assert!(told.1 >= 0.0);
        }
    }
}

#[test]
fn far_tails_of_times_are_finite_and_smooth() {
    for &noise in NOISES {
        for scale in [0.1, 1.0] {
            let aft = aft::Aft { noise, scale };
            for bounds in [(1.0, 1.0), (1.0, f64::INFINITY), (0.0, 1.0), (1.0, 1.5)] {
                for raw in [-300.0, -40.0, -5.0, 0.0, 5.0, 40.0, 300.0] {
                    let (gradient, hessian) = aft.pair(raw, bounds);
                    assert!(
                        gradient.is_finite() && hessian.is_finite() && hessian >= 0.0,
                        "{noise:?} {bounds:?} {raw}"
                    );
                    let wrong = if raw < -1.0 && bounds.0 > 0.0 {
                        gradient > 0.0
                    } else {
                        raw > 1.0 && bounds.1 < 2.0 && gradient < 0.0
                    };
                    assert!(!wrong, "{noise:?} {bounds:?} {raw}: {gradient}");
                }
            }
        }
    }
}

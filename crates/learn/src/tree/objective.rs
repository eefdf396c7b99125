//! What boosting minimises: its loss, its gradients, and where it starts.

use super::grid::{Grid, Pair};
use super::node::Link;
use crate::link::softmax;
use crate::samples::Target;
use pulp::Arch;
use rayon::prelude::*;

/// Rows worked on at a time.
const CHUNK: usize = 16_384;

/// A loss, with the target it is taken on.
pub(super) enum Objective<'a> {
    /// Half the squared error.
    Squared(&'a [f64]),
    /// Minus the log-likelihood of two classes.
    Logistic(Vec<f64>),
    /// The same of several classes.
    Softmax(&'a [u32], usize),
}

impl<'a> Objective<'a> {
    /// The loss for a target.
    pub(super) fn of(y: Target<'a>) -> Self {
        match y {
            Target::Values(values) => Self::Squared(values),
            Target::Classes { codes, count: 2 } => Self::Logistic(codes.iter().map(|&c| f64::from(c.min(1))).collect()),
            Target::Classes { codes, count } => Self::Softmax(codes, count),
        }
    }

    /// Raw answers a row.
    pub(super) fn outputs(&self) -> usize {
        match self {
            Self::Softmax(_, count) => *count,
            _ => 1,
        }
    }

    /// How raw answers become answers.
    pub(super) fn link(&self) -> Link {
        match self {
            Self::Squared(_) => Link::Identity,
            Self::Logistic(_) => Link::Logistic,
            Self::Softmax(..) => Link::Softmax,
        }
    }

    /// The name of the loss.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Squared(_) => "squared_error",
            _ => "log_loss",
        }
    }

    /// The best constant raw answers for some rows.
    pub(super) fn base(&self, rows: &[u32], weight: Option<&[f64]>) -> Vec<f64> {
        let w = |row: u32| weight.map_or(1.0, |w| w[row as usize]);
        let total: f64 = rows.iter().map(|&row| w(row)).sum();
        let share = |part: f64| (part / total).clamp(1e-15, 1.0 - 1e-15);
        match self {
            Self::Squared(y) => vec![rows.iter().map(|&row| w(row) * y[row as usize]).sum::<f64>() / total],
            Self::Logistic(y) => {
                let p = share(rows.iter().map(|&row| w(row) * y[row as usize]).sum());
                vec![libm::log(p / (1.0 - p))]
            }
            Self::Softmax(codes, count) => {
                let mut sums = vec![0.0; *count];
                rows.iter().for_each(|&row| sums[codes[row as usize] as usize] += w(row));
                sums.into_iter().map(|sum| libm::log(share(sum))).collect()
            }
        }
    }

    /// The grid that holds all gradients and hessians at these raw answers.
    pub(super) fn grid(&self, rows: usize, raw: &[f64], weight: Option<&[f64]>) -> Grid {
        let heaviest = weight.map_or(1.0, |w| w.iter().copied().fold(0.0, f64::max));
        match self {
            Self::Squared(y) => {
                let far = |(i, raw): (usize, &[f64])| {
                    let residuals = raw.iter().zip(&y[i * CHUNK..]).map(|(raw, y)| (raw - y).abs());
                    match weight {
                        Some(w) => residuals.zip(&w[i * CHUNK..]).map(|(r, w)| r * w).fold(0.0, f64::max),
                        None => residuals.fold(0.0, f64::max),
                    }
                };
                let furthest = raw.par_chunks(CHUNK).enumerate().map(far).reduce(|| 0.0, f64::max);
                Grid::new(rows, furthest, heaviest)
            }
            Self::Logistic(_) => Grid::new(rows, heaviest, heaviest / 4.0),
            Self::Softmax(_, k) => Grid::new(rows, heaviest, heaviest * factor(*k) / 4.0),
        }
    }

    /// The probabilities of all classes at these raw answers, where there are several; n x k.
    pub(super) fn probabilities(&self, raw: &[f64], out: &mut Vec<f64>) {
        if let Self::Softmax(_, k) = self {
            out.resize(raw.len(), 0.0);
            raw.par_chunks(CHUNK * k).zip(out.par_chunks_mut(CHUNK * k)).for_each(|(raw, out)| {
                for (raw, out) in raw.chunks_exact(*k).zip(out.chunks_exact_mut(*k)) {
                    let top = raw.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                    raw.iter().zip(out.iter_mut()).for_each(|(raw, out)| *out = exp(raw - top));
                    let sum: f64 = out.iter().sum();
                    out.iter_mut().for_each(|p| *p /= sum);
                }
            });
        }
    }

    /// Every row's gradient and hessian for one class, on the grid.
    pub(super) fn pairs(
        &self,
        raw: &[f64],
        probabilities: &[f64],
        class: usize,
        weight: Option<&[f64]>,
        grid: Grid,
        out: &mut [Pair],
    ) {
        let place = |chunk: usize, len: usize| chunk * CHUNK..chunk * CHUNK + len;
        out.par_chunks_mut(CHUNK).enumerate().for_each(|(chunk, out)| {
            let range = place(chunk, out.len());
            Arch::new().dispatch(|| match self {
                Self::Squared(y) => {
                    for ((out, raw), y) in out.iter_mut().zip(&raw[range.clone()]).zip(&y[range.clone()]) {
                        *out = grid.pair(raw - y, 1.0);
                    }
                    if let Some(w) = weight {
                        for (((out, raw), y), w) in
                            out.iter_mut().zip(&raw[range.clone()]).zip(&y[range.clone()]).zip(&w[range])
                        {
                            *out = grid.pair((raw - y) * w, *w);
                        }
                    }
                }
                Self::Logistic(y) => {
                    let rows = raw[range.clone()].iter().zip(&y[range.clone()]);
                    match weight {
                        None => out.iter_mut().zip(rows).for_each(|(out, (raw, y))| {
                            let p = 1.0 / (1.0 + exp(-raw));
                            *out = grid.pair(p - y, p * (1.0 - p));
                        }),
                        Some(w) => out.iter_mut().zip(rows).zip(&w[range]).for_each(|((out, (raw, y)), w)| {
                            let p = 1.0 / (1.0 + exp(-raw));
                            *out = grid.pair((p - y) * w, p * (1.0 - p) * w);
                        }),
                    }
                }
                Self::Softmax(codes, k) => {
                    let factor = factor(*k);
                    for (out, row) in out.iter_mut().zip(range) {
                        let p = probabilities[row * k + class];
                        let y = f64::from(u8::from(codes[row] as usize == class));
                        let w = weight.map_or(1.0, |w| w[row]);
                        *out = grid.pair((p - y) * w, factor * p * (1.0 - p) * w);
                    }
                }
            });
        });
    }

    /// The mean loss over some rows; `raw` holds theirs, one after another.
    pub(super) fn loss(&self, raw: &[f64], rows: &[u32], weight: Option<&[f64]>) -> f64 {
        let k = self.outputs();
        let (mut sum, mut total) = (0.0, 0.0);
        let mut p = vec![0.0; k];
        for (raw, &row) in raw.chunks_exact(k).zip(rows) {
            let row = row as usize;
            let w = weight.map_or(1.0, |w| w[row]);
            let loss = match self {
                Self::Squared(y) => (raw[0] - y[row]) * (raw[0] - y[row]),
                Self::Logistic(y) => {
                    let margin = if y[row] > 0.5 { raw[0] } else { -raw[0] };
                    libm::log1p(libm::exp(-margin.abs())) + (-margin).max(0.0)
                }
                Self::Softmax(codes, _) => {
                    p.copy_from_slice(raw);
                    softmax(&mut p);
                    -libm::log(p[codes[row] as usize].max(f64::MIN_POSITIVE))
                }
            };
            sum += w * loss;
            total += w;
        }
        sum / total
    }
}

/// Scales the diagonal of the hessian, which leaves out how the classes hang together (Friedman 2001).
fn factor(classes: usize) -> f64 {
    classes as f64 / (classes as f64 - 1.0)
}

/// The exponential to some 14 digits, without a branch or a table, so that loops over it vectorise and
/// every processor gives the same bits.
#[inline(always)]
fn exp(x: f64) -> f64 {
    const ROUND: f64 = 6_755_399_441_055_744.0;
    let x = x.clamp(-700.0, 700.0);
    let shifted = x * std::f64::consts::LOG2_E + ROUND;
    let whole = shifted - ROUND;
    let r = x - whole * 0.693_147_180_369_123_8 - whole * 1.908_214_929_270_587_7e-10;
    let mut sum = 1.0 / 479_001_600.0;
    for c in [39_916_800.0, 3_628_800.0, 362_880.0, 40_320.0, 5_040.0, 720.0, 120.0, 24.0, 6.0, 2.0, 1.0, 1.0] {
        sum = sum * r + 1.0 / c;
    }
    sum * f64::from_bits(shifted.to_bits().wrapping_add(1023) << 52)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_exponential_is_the_libraries(x in -690.0f64..690.0) {
            prop_assert!((exp(x) / libm::exp(x) - 1.0).abs() < 1e-13);
        }
    }
}

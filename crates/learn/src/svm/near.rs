//! Rows of the kernel `exp(-gamma |a - b|^2)` in single precision, in which they are kept.
//!
//! The squared distance is summed from differences, not from products: its relative error is that of single precision wherever the
//! rows lie, and `z e^-z` is below 0.37, so that of the kernel is too. Half the memory is read, and twice the lanes work.

use crate::dense::Matrix;
use pulp::Arch;
use std::ops::Range;

/// Rows a panel.
pub(super) const LANES: usize = 16;
/// Panels at a time.
const PANELS: usize = 4;

/// Rows as panels: the first numbers of sixteen rows, the second, and so on.
#[derive(Clone, Debug)]
pub(super) struct Near {
    panels: Vec<[f32; LANES]>,
    width: usize,
    gamma: f32,
}

impl Near {
    pub fn new(rows: &Matrix, gamma: f64) -> Self {
        let (n, p) = (rows.rows(), rows.width());
        let mut panels = vec![[0.0; LANES]; n.div_ceil(LANES) * p];
        for i in 0..n {
            let panel = &mut panels[i / LANES * p..][..p];
            panel.iter_mut().zip(rows.row(i)).for_each(|(out, x)| out[i % LANES] = *x as f32);
        }
        Self { panels, width: p, gamma: gamma as f32 }
    }

    /// The kernels of a row with those of some panels.
    pub fn kernels(&self, row: &[f64], panels: Range<usize>, out: &mut [f32]) {
        let row: Vec<f32> = row.iter().map(|x| *x as f32).collect();
        let p = self.width;
        Arch::new().dispatch(
            #[inline(always)]
            || {
                let row = row;
                let first = panels.start;
                let end = panels.end;
                for start in panels.step_by(PANELS) {
                    let count = PANELS.min(end - start);
                    // Where there are fewer than four, one is taken again.
                    let panel = |i: usize| &self.panels[(start + i.min(count - 1)) * p..][..p];
                    let [mut a, mut b, mut c, mut d] = [[0.0f32; LANES]; PANELS];
                    let vectors = panel(0).iter().zip(panel(1)).zip(panel(2)).zip(panel(3));
                    for (x, (((va, vb), vc), vd)) in row.iter().zip(vectors) {
                        for l in 0..LANES {
                            let apart = [x - va[l], x - vb[l], x - vc[l], x - vd[l]];
                            a[l] = apart[0].mul_add(apart[0], a[l]);
                            b[l] = apart[1].mul_add(apart[1], b[l]);
                            c[l] = apart[2].mul_add(apart[2], c[l]);
                            d[l] = apart[3].mul_add(apart[3], d[l]);
                        }
                    }
                    for (i, mut squares) in [a, b, c, d].into_iter().enumerate().take(count) {
                        for s in &mut squares {
                            *s = exp(-self.gamma * *s);
                        }
                        let at = (start - first + i) * LANES;
                        let many = LANES.min(out.len() - at);
                        out[at..at + many].copy_from_slice(&squares[..many]);
                    }
                }
            },
        );
    }
}

/// `e^x` of a number that is not above 0, to a unit or two in the last place; what would be below e^-87 is that.
#[inline(always)]
fn exp(x: f32) -> f32 {
    /// A sum with it has the whole part of the other summand in its lowest bits.
    const ROUND: f32 = 12_582_912.0;
    const LN2: [f32; 2] = [0.693_359_4, -2.121_944_4e-4];
    let x = x.max(-87.0);
    let rounded = x.mul_add(std::f32::consts::LOG2_E, ROUND);
    let n = rounded - ROUND;
    let r = n.mul_add(-LN2[1], n.mul_add(-LN2[0], x));
    let mut sum = 1.0 / 5040.0;
    for over in [720.0, 120.0, 24.0, 6.0, 2.0, 1.0, 1.0] {
        sum = r.mul_add(sum, 1.0 / over);
    }
    sum * f32::from_bits(rounded.to_bits().wrapping_add(127) << 23)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kernels_are_those_of_double_precision_but_for_its_last_places() {
        let mut random = arkwright_core::Random::seeded(4);
        let rows = Matrix::new((0..70 * 5).map(|_| 30.0 + random.normal()).collect(), 70, 5);
        let mut out = vec![0.0; 70];
        for gamma in [0.01, 0.3, 20.0] {
            Near::new(&rows, gamma).kernels(rows.row(3), 0..5, &mut out);
            for (j, kernel) in out.iter().enumerate() {
                let apart: f64 = rows.row(3).iter().zip(rows.row(j)).map(|(a, b)| (a - b) * (a - b)).sum();
                let wanted = libm::exp(-gamma * apart);
                assert!((f64::from(*kernel) - wanted).abs() < 3e-6 * gamma.max(1.0) * 1.0, "{kernel} {wanted}");
            }
            assert_eq!(out[3], 1.0);
        }
        for i in 0..8700 {
            let x = -i as f32 / 100.0;
            let wanted = libm::exp(f64::from(x));
            assert!((f64::from(exp(x)) - wanted).abs() <= 2.5e-7 * wanted, "{x}");
        }
    }
}

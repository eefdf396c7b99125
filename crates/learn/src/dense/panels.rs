//! Vectors that rows are multiplied with, eight side by side.
//!
//! A panel holds eight vectors, the first numbers of all of them, then the second, and so on: four rows meet a
//! panel in a tile of 32 sums that stay in registers, so that a multiplication costs little more than its
//! arithmetic. A sum runs over the columns in order, each step a fused multiplication, so its bits depend on the
//! two vectors alone.

use pulp::Arch;
use std::ops::Range;

/// Vectors a panel.
pub(crate) const LANES: usize = 8;
/// Rows a tile.
const ROWS: usize = 4;

/// k vectors of p numbers, in panels of eight; the last panel is filled up with zeros.
#[derive(Clone, Debug)]
pub(crate) struct Panels {
    values: Vec<[f64; LANES]>,
    count: usize,
    width: usize,
}

impl Panels {
    /// The panels of `vectors`, k x p.
    pub fn new(vectors: &[f64], width: usize, count: usize) -> Self {
        let mut values = vec![[0.0; LANES]; count.div_ceil(LANES) * width];
        if width > 0 {
            for (i, vector) in vectors.chunks_exact(width).take(count).enumerate() {
                let panel = &mut values[i / LANES * width..][..width];
                panel.iter_mut().zip(vector).for_each(|(out, v)| out[i % LANES] = *v);
            }
        }
        Self { values, count, width }
    }

    /// The number of panels.
    pub fn panels(&self) -> usize {
        self.count.div_ceil(LANES)
    }

    /// Calls `each` with a row's place, a panel's place and the eight products, for all `rows` (row-major) and the
    /// panels of a range; each row sees the panels in order.
    #[inline(always)]
    pub fn sweep(&self, rows: &[f64], panels: Range<usize>, mut each: impl FnMut(usize, usize, &[f64; LANES])) {
        if self.width == 0 {
            let count = panels.len();
            debug_assert!(count == 0 || rows.is_empty());
            return;
        }
        Arch::new().dispatch(
            #[inline(always)]
            || self.tiles(rows, panels, &mut each),
        );
    }

    #[inline(always)]
    fn tiles(&self, rows: &[f64], panels: Range<usize>, each: &mut impl FnMut(usize, usize, &[f64; LANES])) {
        let p = self.width;
        let mut four = vec![[0.0; ROWS]; p];
        for (group, rows) in rows.chunks(ROWS * p).enumerate() {
            for (r, row) in rows.chunks_exact(p).enumerate() {
                four.iter_mut().zip(row).for_each(|(out, v)| out[r] = *v);
            }
            let here = rows.len() / p;
            for panel in panels.clone() {
                let mut sums = [[0.0; LANES]; ROWS];
                tile(&four, &self.values[panel * p..(panel + 1) * p], &mut sums);
                for (r, sums) in sums.iter().enumerate().take(here) {
                    each(group * ROWS + r, panel, sums);
                }
            }
        }
    }

    /// Calls `each` with a panel's place and the eight products of one row, for the panels of a range: the same bits as
    /// [`Panels::sweep`] gives, four panels at a time.
    #[inline(always)]
    pub fn sweep_one(&self, row: &[f64], panels: Range<usize>, mut each: impl FnMut(usize, &[f64; LANES])) {
        let p = self.width;
        debug_assert_eq!(row.len(), p);
        Arch::new().dispatch(
            #[inline(always)]
            || {
                let end = panels.end;
                for start in panels.step_by(ROWS) {
                    let count = ROWS.min(end - start);
                    // Where there are fewer than four, one is taken again.
                    let panel = |i: usize| &self.values[(start + i.min(count - 1)) * p..][..p];
                    let [mut a, mut b, mut c, mut d] = [[0.0f64; LANES]; ROWS];
                    let vectors = panel(0).iter().zip(panel(1)).zip(panel(2)).zip(panel(3));
                    for (x, (((va, vb), vc), vd)) in row.iter().zip(vectors) {
                        for l in 0..LANES {
                            a[l] = x.mul_add(va[l], a[l]);
                            b[l] = x.mul_add(vb[l], b[l]);
                            c[l] = x.mul_add(vc[l], c[l]);
                            d[l] = x.mul_add(vd[l], d[l]);
                        }
                    }
                    for (i, sums) in [a, b, c, d].iter().enumerate().take(count) {
                        each(start + i, sums);
                    }
                }
            },
        );
    }

    /// The products of `rows` with all vectors, rows x k.
    pub fn products(&self, rows: &[f64], out: &mut [f64]) {
        let k = self.count;
        self.sweep(
            rows,
            0..self.panels(),
            #[inline(always)]
            |row, panel, products| {
                let at = panel * LANES;
                let many = LANES.min(k - at);
                out[row * k + at..row * k + at + many].copy_from_slice(&products[..many]);
            },
        );
    }
}

#[inline(always)]
fn tile(rows: &[[f64; ROWS]], panel: &[[f64; LANES]], out: &mut [[f64; LANES]; ROWS]) {
    let [mut a, mut b, mut c, mut d] = [[0.0f64; LANES]; ROWS];
    for (row, vector) in rows.iter().zip(panel) {
        for l in 0..LANES {
            a[l] = row[0].mul_add(vector[l], a[l]);
            b[l] = row[1].mul_add(vector[l], b[l]);
            c[l] = row[2].mul_add(vector[l], c[l]);
            d[l] = row[3].mul_add(vector[l], d[l]);
        }
    }
    *out = [a, b, c, d];
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn products_are_sums_in_order_whatever_stands_beside_them(
            p in 1usize..7, k in 1usize..20, n in 1usize..11, seed: u64,
        ) {
            let mut random = arkwright_core::Random::seeded(seed);
            let mut draw = |n: usize| (0..n).map(|_| random.normal()).collect::<Vec<f64>>();
            let (rows, vectors) = (draw(n * p), draw(k * p));
            let mut out = vec![0.0; n * k];
            Panels::new(&vectors, p, k).products(&rows, &mut out);
            for i in 0..n {
                for j in 0..k {
                    let sum = (0..p).fold(0.0f64, |sum, c| rows[i * p + c].mul_add(vectors[j * p + c], sum));
                    prop_assert_eq!(out[i * k + j].to_bits(), sum.to_bits());
                }
            }
            let panels = Panels::new(&vectors, p, k);
            panels.sweep_one(&rows[..p], 0..panels.panels(), |panel, sums| {
                for (sum, j) in sums.iter().zip(panel * LANES..k) {
                    assert_eq!(sum.to_bits(), out[j].to_bits());
                }
            });
        }
    }
}

//! A sieve for nearest rows: products in single precision, of six queries with sixteen rows at a time.
//!
//! Whether a row can be among the nearest is decided by a product: `|a - b|^2 = |a|^2 - 2 (a.b - |b|^2/2)`, so a row b is
//! nearer than a limit where its score `a.b - |b|^2/2` is above a threshold; for cosines the product alone is the score.
//! Scores are made in `f32` around the rows' mean, and the threshold is lowered by what rounding may do to them
//! (the usual bound of sums of products, twice), so that no near row is lost; what passes is measured exactly
//! elsewhere. Most rows fail, so nearly all time goes into products, at twice the speed of `f64`.
//!
//! Queries come in blocks and rows in stretches that stay in the cache.

use super::metric::Distance;
use crate::dense::Matrix;
use crate::linear::design::dot;
use pulp::Arch;

/// Rows a panel.
const LANES: usize = 16;
/// Queries a tile.
const TILE: usize = 6;
/// Numbers of a stretch of panels.
const STRETCH: usize = 64 * 1024;

/// The rows as panels: the first numbers of sixteen rows, the second, and so on.
pub(super) struct Screen {
    panels: Vec<[f32; LANES]>,
    /// What is taken from each product, sixteen a panel; infinite where a panel is filled up.
    halves: Vec<[f32; LANES]>,
    mean: Vec<f64>,
    rows: usize,
    /// The length of the longest row from the mean.
    longest: f64,
    cosine: bool,
}

/// A query as the sieve sees it.
struct Asked {
    /// Its length from the mean, for the bound of rounding.
    length: f64,
    square: f64,
}

impl Screen {
    /// The panels of some rows, for squared distances or (rows of unit length) cosines.
    pub fn new(rows: &Matrix, distance: Distance) -> Self {
        let (n, p) = (rows.rows(), rows.width());
        let cosine = distance == Distance::Cosine;
        let mut mean = if cosine { vec![0.0; p] } else { rows.means(None) };
        // Rows too large for a sum are taken as they are.
        mean.iter_mut().filter(|m| !m.is_finite()).for_each(|m| *m = 0.0);
        let mut panels = vec![[0.0; LANES]; n.div_ceil(LANES) * p];
        let mut halves = vec![[f32::INFINITY; LANES]; n.div_ceil(LANES)];
        let mut longest = 0.0;
        let mut centred = vec![0.0; p];
        for i in 0..n {
            centred.iter_mut().zip(rows.row(i)).zip(&mean).for_each(|((out, x), m)| *out = x - m);
            let square = dot(&centred, &centred);
            longest = if square <= longest { longest } else { square };
            halves[i / LANES][i % LANES] = if cosine { 0.0 } else { (square / 2.0) as f32 };
            let panel = &mut panels[i / LANES * p..][..p];
            panel.iter_mut().zip(&centred).for_each(|(out, x)| out[i % LANES] = *x as f32);
        }
        Self { panels, halves, mean, rows: n, longest: longest.sqrt(), cosine }
    }

    /// Calls `meet` with each query's place and each row that may be as near as the query's limit; `meet` gives the new limit,
    /// a reduced distance.
    pub fn sweep(&self, queries: &[f64], limits: &[f64], mut meet: impl FnMut(usize, usize) -> f64) {
        let p = self.mean.len();
        if p == 0 {
            // Rows without columns are all in one place.
            (0..limits.len()).for_each(|q| {
                (0..self.rows).for_each(|row| {
                    meet(q, row);
                })
            });
            return;
        }
        let mut asked = Vec::with_capacity(limits.len());
        let mut tiles = vec![[0.0f32; TILE]; limits.len().div_ceil(TILE) * p];
        for (q, query) in queries.chunks_exact(p).enumerate() {
            let tile = &mut tiles[q / TILE * p..][..p];
            let mut square = 0.0;
            for ((out, x), m) in tile.iter_mut().zip(query).zip(&self.mean) {
                square += (x - m) * (x - m);
                out[q % TILE] = (x - m) as f32;
            }
            asked.push(Asked { length: square.sqrt(), square });
        }
        let mut thresholds: Vec<f32> = asked.iter().zip(limits).map(|(a, l)| self.threshold(a, *l)).collect();
        // A query with a gap meets no row.
        asked.iter().zip(&mut thresholds).filter(|(a, _)| a.square.is_nan()).for_each(|(_, t)| *t = f32::INFINITY);
        thresholds.resize(tiles.len() / p * TILE, f32::INFINITY);
        let stretch = (STRETCH / (LANES * p)).max(1);
        let hit = |q: usize, panel: usize, scores: &[f32; LANES], threshold: &mut f32| {
            for (lane, score) in scores.iter().enumerate() {
                let row = panel * LANES + lane;
                if row < self.rows && passes(*score, *threshold) {
                    *threshold = self.threshold(&asked[q], meet(q, row));
                }
            }
        };
        Arch::new().dispatch(
            #[inline(always)]
            || {
                let (mut hit, mut thresholds) = (hit, thresholds);
                for start in (0..self.halves.len()).step_by(stretch) {
                    let end = (start + stretch).min(self.halves.len());
                    for (group, tile) in tiles.chunks_exact(p).enumerate() {
                        let thresholds = &mut thresholds[group * TILE..(group + 1) * TILE];
                        for panel in start..end {
                            let mut scores = [[0.0f32; LANES]; TILE];
                            multiply(tile, &self.panels[panel * p..(panel + 1) * p], &self.halves[panel], &mut scores);
                            for (q, scores) in scores.iter().enumerate() {
                                let any = scores.iter().fold(false, |any, s| any | passes(*s, thresholds[q]));
                                // Beyond the last query no threshold is passed, but by what is no number.
                                if any && group * TILE + q < asked.len() && thresholds[q] < f32::INFINITY {
                                    hit(group * TILE + q, panel, scores, &mut thresholds[q]);
                                }
                            }
                        }
                    }
                }
            },
        );
    }

    /// The score that a row as near as `limit` surely reaches.
    fn threshold(&self, asked: &Asked, limit: f64) -> f32 {
        let (p, a, b) = (self.mean.len() as f64, asked.length, self.longest);
        let single = (p + 4.0) * f64::from(f32::EPSILON) * b * (a + b / 2.0);
        let double = 8.0 * (p + 4.0) * f64::EPSILON * (a + b) * (a + b);
        let score = if self.cosine { 1.0 - limit } else { (asked.square - limit) / 2.0 };
        let low = score - single - double - f64::from(f32::MIN_POSITIVE);
        // Rounding to single precision must not raise it.
        let low = (low - low.abs() * f64::from(f32::EPSILON)) as f32;
        // Not comparable: everything passes.
        if low.is_nan() { f32::NEG_INFINITY } else { low.min(f32::MAX) }
    }
}

/// Whether a score reaches its threshold; what cannot be compared does.
#[inline(always)]
fn passes(score: f32, threshold: f32) -> bool {
    let below = score < threshold;
    !below
}

#[inline(always)]
fn multiply(tile: &[[f32; TILE]], panel: &[[f32; LANES]], halves: &[f32; LANES], out: &mut [[f32; LANES]; TILE]) {
    let [mut a, mut b, mut c, mut d, mut e, mut f] = [halves.map(|h| -h); TILE];
    for (query, row) in tile.iter().zip(panel) {
        for l in 0..LANES {
            a[l] = query[0].mul_add(row[l], a[l]);
            b[l] = query[1].mul_add(row[l], b[l]);
            c[l] = query[2].mul_add(row[l], c[l]);
            d[l] = query[3].mul_add(row[l], d[l]);
            e[l] = query[4].mul_add(row[l], e[l]);
            f[l] = query[5].mul_add(row[l], f[l]);
        }
    }
    *out = [a, b, c, d, e, f];
}

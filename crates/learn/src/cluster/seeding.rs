//! The first centres of k-means.
//!
//! Greedy k-means++ as in scikit-learn: each further centre is the best of 2 + ln k rows, drawn with
//! probabilities in proportion to the weight times the squared distance from the nearest centre. A row whose nearest centre
//! lies more than twice its own distance from a drawn row cannot come nearer to it (the triangle inequality),
//! and is not looked at.

use super::k_means::square;
use super::lloyd::apart;
use crate::dense::{LANES, Matrix, Panels};
use arkwright_core::Random;
use rayon::prelude::*;

/// k rows at random, all different.
pub(super) fn at_random(rows: &Matrix, k: usize, random: &mut Random) -> Vec<f64> {
    rows.take(random.sample(rows.rows(), k).into_iter()).into_values()
}

/// Rows a thread takes at a time.
const CHUNK: usize = 4096;
/// Rows that are multiplied with the draws at a time.
const GATHER: usize = 64;

/// The rows of a chunk beside the centres so far.
struct Chunk {
    start: usize,
    /// The squared lengths of the rows.
    own: Vec<f64>,
    /// The squared distance from the nearest centre, and which it is.
    closest: Vec<f64>,
    nearest: Vec<u32>,
}

/// Some rows that may become centres.
struct Draws {
    rows: Matrix,
    panels: Panels,
    squares: Vec<f64>,
    /// Their squared distances from the centres so far, draws x centres.
    from_centres: Vec<f64>,
    centres: usize,
}

impl Draws {
    fn new(rows: Matrix, centres: &[f64]) -> Self {
        let p = rows.width();
        let squares = (0..rows.rows()).map(|i| square(rows.row(i))).collect();
        let pairs = (0..rows.rows()).flat_map(|i| centres.chunks_exact(p).map(move |c| (i, c)));
        let from_centres = pairs.map(|(i, c)| apart(rows.row(i), c)).collect();
        let panels = Panels::new(rows.values(), p, rows.rows());
        Self { panels, squares, from_centres, centres: centres.len() / p, rows }
    }
}

/// k-means++ centres, k x p.
pub(super) fn plus_plus(rows: &Matrix, weight: Option<&[f64]>, k: usize, random: &mut Random) -> Vec<f64> {
    let (n, p) = (rows.rows(), rows.width());
    if p == 0 {
        return Vec::new();
    }
    let trials = 2 + (k as f64).ln() as usize;
    let w = |i: usize| weight.map_or(1.0, |w| w[i]);
    let starts = (0..n).step_by(CHUNK);
    let mut chunks: Vec<Chunk> = starts
        .map(|start| {
            let here = start..(start + CHUNK).min(n);
            Chunk {
                start,
                own: here.clone().map(|i| square(rows.row(i))).collect(),
                closest: vec![f64::INFINITY; here.len()],
                nearest: vec![0; here.len()],
            }
        })
        .collect();
    let first = pick(&mut (0..n).map(w), (0..n).map(w).sum::<f64>() * random.unit());
    let mut centres = rows.row(first).to_vec();
    let draw = Draws::new(rows.take([first].into_iter()), &[]);
    let mut potentials = take(&mut chunks, rows, weight, &draw, 0);
    while centres.len() < k * p {
        let total: f64 = potentials.iter().sum();
        let drawn: Vec<usize> = (0..trials)
            .map(|_| {
                let mut rest = random.unit() * total;
                // The chunk first, then the row in it.
                let mut at = 0;
                while at + 1 < chunks.len() && rest >= potentials[at] {
                    rest -= potentials[at];
                    at += 1;
                }
                let chunk = &chunks[at];
                let mut shares = chunk.closest.iter().enumerate().map(|(r, d)| w(chunk.start + r) * d);
                chunk.start + pick(&mut shares, rest)
            })
            .collect();
        let draws = Draws::new(rows.take(drawn.into_iter()), &centres);
        let parts: Vec<Vec<f64>> = chunks.par_iter().map(|chunk| chunk.potentials(rows, weight, &draws)).collect();
        let sums: Vec<f64> = (0..trials).map(|t| parts.iter().map(|part| part[t]).sum()).collect();
        let best = (0..trials).fold(0, |best, t| if sums[t] < sums[best] { t } else { best });
        let chosen = draws.rows.take([best].into_iter());
        let number = (centres.len() / p) as u32;
        let draw = Draws::new(chosen, &centres);
        centres.extend_from_slice(draw.rows.values());
        potentials = take(&mut chunks, rows, weight, &draw, number);
    }
    centres
}

/// The place where the running sum of shares passes `rest`: the last that has a share, if it never does.
fn pick(shares: &mut dyn Iterator<Item = f64>, mut rest: f64) -> usize {
    let mut last = 0;
    for (i, share) in shares.enumerate() {
        if share > 0.0 {
            last = i;
            if rest < share {
                return i;
            }
            rest -= share;
        }
    }
    last
}

/// Makes a drawn row centre `number`; gives the chunks' potentials.
fn take(chunks: &mut [Chunk], rows: &Matrix, weight: Option<&[f64]>, draw: &Draws, number: u32) -> Vec<f64> {
    chunks
        .par_iter_mut()
        .map(|chunk| {
            let mut nearer = Vec::new();
            chunk.each(rows, draw, &mut |r, distances| {
                if distances[0] < chunk.closest[r] {
                    nearer.push((r, distances[0]));
                }
            });
            for (r, d) in nearer {
                chunk.closest[r] = d;
                chunk.nearest[r] = number;
            }
            let w = |r: usize| weight.map_or(1.0, |w| w[chunk.start + r]);
            chunk.closest.iter().enumerate().map(|(r, d)| w(r) * d).sum()
        })
        .collect()
}

impl Chunk {
    /// What the potential of these rows would be with each of the draws.
    fn potentials(&self, rows: &Matrix, weight: Option<&[f64]>, draws: &Draws) -> Vec<f64> {
        let w = |r: usize| weight.map_or(1.0, |w| w[self.start + r]);
        let mut gains = vec![0.0; draws.rows.rows()];
        self.each(rows, draws, &mut |r, distances| {
            for (gain, d) in gains.iter_mut().zip(distances) {
                *gain += w(r) * (self.closest[r] - d).max(0.0);
            }
        });
        let now: f64 = self.closest.iter().enumerate().map(|(r, d)| w(r) * d).sum();
        gains.iter().map(|gain| now - gain).collect()
    }

    /// Calls `each` with the squared distances from all draws, for each row to which one of them may be the nearest.
    fn each(&self, rows: &Matrix, draws: &Draws, each: &mut dyn FnMut(usize, &[f64])) {
        let (p, t) = (rows.width(), draws.rows.rows());
        let mut open = Vec::with_capacity(GATHER);
        let mut gathered = Vec::with_capacity(GATHER * p);
        let mut out = vec![0.0; GATHER * t.div_ceil(LANES) * LANES];
        // The nearest draw of each centre decides for all of its rows.
        let reach: Vec<f64> = (0..draws.centres)
            .map(|c| (0..t).map(|i| draws.from_centres[i * draws.centres + c]).fold(f64::INFINITY, f64::min))
            .collect();
        let count = self.closest.len();
        for r in 0..count {
            let near = reach.get(self.nearest[r] as usize).is_none_or(|reach| *reach < 4.0001 * self.closest[r]);
            if near {
                open.push(r);
                gathered.extend_from_slice(rows.row(self.start + r));
            }
            if open.len() == GATHER || (r + 1 == count && !open.is_empty()) {
                draws.panels.products(&gathered, &mut out[..open.len() * t]);
                for (&r, out) in open.iter().zip(out.chunks_exact_mut(t)) {
                    for (d, c) in out.iter_mut().zip(&draws.squares) {
                        *d = (self.own[r] - 2.0 * *d + c).max(0.0);
                    }
                    each(r, out);
                }
                open.clear();
                gathered.clear();
            }
        }
    }
}

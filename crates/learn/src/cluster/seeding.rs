//! The first centres of k-means.
//!
//! Greedy k-means++ as in scikit-learn: each further centre is the best of 2 + ln k rows, drawn with
//! probabilities in proportion to the weight times the squared distance from the nearest centre. A row whose nearest centre
//! lies more than twice its own distance from a drawn row cannot come nearer to it (the triangle inequality),
//! and is not looked at.

use super::k_means::square;
use super::lloyd::apart;
use crate::dense::{Matrix, Panels};
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
    /// The rows to which one of the last draws may be the nearest, and their squared distances from all of them.
    open: Vec<u32>,
    distances: Vec<f64>,
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
                open: Vec::new(),
                distances: Vec::new(),
            }
        })
        .collect();
    let first = pick(&mut (0..n).map(w), (0..n).map(w).sum::<f64>() * random.unit());
    let mut drawn = vec![first];
    let mut centres: Vec<f64> = Vec::with_capacity(k * p);
    loop {
        let draws = Draws::new(rows.take(drawn.iter().copied()), &centres);
        let parts: Vec<Vec<f64>> = chunks.par_iter_mut().map(|chunk| chunk.look(rows, weight, &draws)).collect();
        let sums: Vec<f64> = (0..drawn.len()).map(|t| parts.iter().map(|part| part[t]).sum()).collect();
        let best = (0..drawn.len()).fold(0, |best, t| if sums[t] < sums[best] { t } else { best });
        let number = (centres.len() / p) as u32;
        centres.extend_from_slice(draws.rows.row(best));
        if centres.len() == k * p {
            return centres;
        }
        let count = drawn.len();
        let potentials: Vec<f64> = chunks.par_iter_mut().map(|chunk| chunk.take(best, count, number, weight)).collect();
        let total: f64 = potentials.iter().sum();
        drawn = (0..trials)
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
    }
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

impl Chunk {
    /// Measures from all draws the rows to which one of them may be the nearest. Gives what the potential of these
    /// rows would be with each.
    fn look(&mut self, rows: &Matrix, weight: Option<&[f64]>, draws: &Draws) -> Vec<f64> {
        let (p, t) = (rows.width(), draws.rows.rows());
        // The nearest draw of each centre decides for all of its rows.
        let reach: Vec<f64> = (0..draws.centres)
            .map(|c| (0..t).map(|i| draws.from_centres[i * draws.centres + c]).fold(f64::INFINITY, f64::min))
            .collect();
        let w = |r: usize| weight.map_or(1.0, |w| w[self.start + r]);
        let (mut now, mut gains) = (0.0, vec![0.0; t]);
        let mut gathered = Vec::with_capacity(GATHER * p);
        self.open.clear();
        self.distances.clear();
        let count = self.closest.len();
        for block in (0..count).step_by(GATHER) {
            let block = block..(block + GATHER).min(count);
            let before = self.open.len();
            self.open.extend(block.clone().map(|r| r as u32).filter(|&r| {
                let reach = reach.get(self.nearest[r as usize] as usize);
                reach.is_none_or(|reach| *reach < 4.0001 * self.closest[r as usize])
            }));
            let open = &self.open[before..];
            let seen = if open.len() == block.len() {
                rows.span(self.start + block.start..self.start + block.end)
            } else {
                gathered.clear();
                open.iter().for_each(|&r| gathered.extend_from_slice(rows.row(self.start + r as usize)));
                &gathered
            };
            let at = self.distances.len();
            self.distances.resize(at + open.len() * t, 0.0);
            let out = &mut self.distances[at..];
            draws.panels.products(seen, out);
            for (&r, out) in open.iter().zip(out.chunks_exact_mut(t)) {
                let r = r as usize;
                let (w, own, closest) = (w(r), self.own[r], self.closest[r]);
                for ((d, c), gain) in out.iter_mut().zip(&draws.squares).zip(&mut gains) {
                    *d = (own - 2.0 * *d + c).max(0.0).min(closest);
                    // The first draw finds everything infinitely far.
                    *gain += w * if closest.is_finite() { closest - *d } else { -*d };
                }
            }
            for r in block {
                now += if self.closest[r].is_finite() { w(r) * self.closest[r] } else { 0.0 };
            }
        }
        gains.iter().map(|gain| now - gain).collect()
    }

    /// Makes one of the `count` draws that were looked at centre `number`; gives the potential.
    fn take(&mut self, draw: usize, count: usize, number: u32, weight: Option<&[f64]>) -> f64 {
        for (&r, distances) in self.open.iter().zip(self.distances.chunks_exact(count)) {
            if distances[draw] < self.closest[r as usize] {
                self.closest[r as usize] = distances[draw];
                self.nearest[r as usize] = number;
            }
        }
        let w = |r: usize| weight.map_or(1.0, |w| w[self.start + r]);
        self.closest.iter().enumerate().map(|(r, d)| w(r) * d).sum()
    }
}

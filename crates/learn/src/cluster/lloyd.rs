//! Lloyd's rounds with bounds that spare most distances, exactly.
//!
//! For each row an upper bound of the distance to its own centre and a lower bound of the distance to any other
//! are kept (Hamerly 2010, "Making k-means even faster"). When the centres move, the one grows by its centre's step
//! and the other shrinks by the longest step of the others; while the first is below the second the row cannot
//! change sides, and nothing is computed. Rows for which that fails, also once the first is made exact, are gathered
//! and multiplied with all centres in tiles, where the two smallest distances are kept as they come out.
//! The bounds allow for rounding, so the clusters are those of plain rounds.
//!
//! Centres are sums over chunks of rows, added in order: the same bits for any number of threads.

use super::k_means::square;
use crate::dense::{LANES, Matrix, Panels};
use crate::linear::design::lanes;
use arkwright_core::{Context, Event};
use rayon::prelude::*;

/// What the rounds end with.
pub(super) struct Lloyd {
    /// k x p.
    pub centres: Vec<f64>,
    pub inertia: f64,
    pub iterations: u64,
    pub converged: bool,
    pub stopped: bool,
}

/// Rows that are multiplied with the centres at a time.
const GATHER: usize = 64;

/// The rows of a chunk: many enough that the sums of all chunks take little memory.
fn chunk(n: usize) -> usize {
    n.div_ceil(64).max(2048)
}

/// What is known of the rows of a chunk.
struct Bounds {
    label: Vec<u32>,
    upper: Vec<f64>,
    lower: Vec<f64>,
}

/// The centres of a round.
struct Centres {
    values: Vec<f64>,
    panels: Panels,
    /// Squared lengths, infinite in the last panel's empty places.
    squares: Vec<f64>,
    /// How far each has moved since the bounds were made, and the longest and second longest way.
    moved: Vec<f64>,
    longest: (usize, f64, f64),
    /// What rounding may do to a squared distance, in units of the squared lengths.
    slack: f64,
    largest: f64,
}

impl Centres {
    fn new(values: Vec<f64>, k: usize, p: usize, before: Option<&[f64]>) -> Self {
        let row = |c: usize| &values[c * p..(c + 1) * p];
        let panels = Panels::new(&values, p, k);
        let mut squares: Vec<f64> = (0..k).map(|c| square(row(c))).collect();
        let largest = squares.iter().copied().fold(0.0, f64::max);
        squares.resize(k.div_ceil(LANES) * LANES, f64::INFINITY);
        let moved: Vec<f64> = match before {
            Some(before) => (0..k).map(|c| apart(row(c), &before[c * p..(c + 1) * p]).sqrt()).collect(),
            None => vec![0.0; k],
        };
        let mut longest = (0, 0.0, 0.0);
        for (c, &way) in moved.iter().enumerate() {
            if way > longest.1 {
                longest = (c, way, longest.1);
            } else if way > longest.2 {
                longest.2 = way;
            }
        }
        Self { panels, squares, moved, longest, slack: 4.0 * (p as f64 + 4.0) * f64::EPSILON, largest, values }
    }
}

/// The squared distance of two vectors.
pub(super) fn apart(a: &[f64], b: &[f64]) -> f64 {
    lanes(a.len().min(b.len()), |i| (a[i] - b[i]) * (a[i] - b[i]))
}

/// Rounds from `centres`, k x p, until they settle.
pub(super) fn refine(
    rows: &Matrix,
    weight: Option<&[f64]>,
    centres: Vec<f64>,
    max_iter: u64,
    tol: f64,
    ctx: &Context,
) -> Lloyd {
    let (n, p) = (rows.rows(), rows.width());
    let k = centres.len().checked_div(p).unwrap_or(1);
    let size = chunk(n);
    let mut bounds: Vec<Bounds> = (0..n)
        .step_by(size)
        .map(|start| size.min(n - start))
        .map(|m| Bounds { label: vec![0; m], upper: vec![f64::INFINITY; m], lower: vec![0.0; m] })
        .collect();
    let mut centres = Centres::new(centres, k, p, None);
    let (mut iterations, mut converged, mut stopped) = (0, false, false);
    let mut settled = false;
    while iterations < max_iter && !converged && !stopped {
        iterations += 1;
        let (changed, mut sums) = round(rows, weight, &centres, &mut bounds, size);
        relocate(rows, weight, &centres, &bounds, size, &mut sums);
        let (sums, counts) = sums.split_at(k * p);
        let mut new = centres.values.clone();
        for ((new, sum), count) in new.chunks_exact_mut(p.max(1)).zip(sums.chunks_exact(p.max(1))).zip(counts) {
            if *count > 0.0 {
                new.iter_mut().zip(sum).for_each(|(new, sum)| *new = sum / count);
            }
        }
        let next = Centres::new(new, k, p, Some(&centres.values));
        let step: f64 = next.moved.iter().map(|way| way * way).sum();
        centres = next;
        settled = changed == 0 && iterations > 1;
        converged = settled || step <= tol;
        stopped = ctx.tell(Event::Step { done: iterations }).is_break();
    }
    if !settled {
        round(rows, weight, &centres, &mut bounds, size);
    }
    let inertia = inertia(rows, weight, &centres.values, &bounds, size);
    Lloyd { centres: centres.values, inertia, iterations, converged, stopped }
}

/// Sends each row to its nearest centre. Gives the number of rows that changed sides, and the sums of the rows of each
/// cluster (k x p) followed by its weight.
fn round(
    rows: &Matrix,
    weight: Option<&[f64]>,
    centres: &Centres,
    bounds: &mut [Bounds],
    size: usize,
) -> (usize, Vec<f64>) {
    let p = rows.width();
    let k = centres.moved.len();
    let parts: Vec<(usize, Vec<f64>)> = bounds
        .par_iter_mut()
        .enumerate()
        .map(|(i, bounds)| {
            let start = i * size;
            let changed = assign(rows, start, centres, bounds);
            let mut sums = vec![0.0; k * p + k];
            for (r, &label) in bounds.label.iter().enumerate() {
                let (c, row) = (label as usize, rows.row(start + r));
                let into = &mut sums[c * p..(c + 1) * p];
                match weight.map(|w| w[start + r]) {
                    None => into.iter_mut().zip(row).for_each(|(sum, x)| *sum += x),
                    Some(w) => into.iter_mut().zip(row).for_each(|(sum, x)| *sum += w * x),
                }
                sums[k * p + c] += weight.map_or(1.0, |w| w[start + r]);
            }
            (changed, sums)
        })
        .collect();
    let mut sums = vec![0.0; k * p + k];
    let mut changed = 0;
    for (count, part) in parts {
        changed += count;
        sums.iter_mut().zip(&part).for_each(|(sum, part)| *sum += part);
    }
    (changed, sums)
}

/// The two smallest of eight lanes of distances, as they come.
#[derive(Clone, Copy)]
struct Nearest {
    first: [f64; LANES],
    second: [f64; LANES],
    at: [f64; LANES],
}

impl Nearest {
    const NONE: Self = Self { first: [f64::INFINITY; LANES], second: [f64::INFINITY; LANES], at: [0.0; LANES] };

    #[inline(always)]
    fn see(&mut self, panel: usize, products: &[f64; LANES], squares: &[f64]) {
        for l in 0..LANES {
            let d = squares[l] - 2.0 * products[l];
            let (first, second) = (self.first[l], self.second[l]);
            let later = if d > first { d } else { first };
            self.second[l] = if later < second { later } else { second };
            self.at[l] = if d < first { panel as f64 } else { self.at[l] };
            self.first[l] = if d < first { d } else { first };
        }
    }

    /// The place of the smallest, of equal ones the first; the smallest; the second.
    fn end(&self) -> (usize, f64, f64) {
        let place = |l: usize| self.at[l] as usize * LANES + l;
        let mut best = 0;
        for l in 1..LANES {
            if (self.first[l], place(l)) < (self.first[best], place(best)) {
                best = l;
            }
        }
        let rest = (0..LANES).filter(|&l| l != best).map(|l| self.first[l]);
        let second = rest.chain([self.second[best]]).fold(f64::INFINITY, f64::min);
        (place(best), self.first[best], second)
    }
}

fn assign(rows: &Matrix, start: usize, centres: &Centres, bounds: &mut Bounds) -> usize {
    let p = rows.width();
    if p == 0 {
        return 0;
    }
    let mut open: Vec<usize> = Vec::with_capacity(GATHER);
    let mut gathered = Vec::with_capacity(GATHER * p);
    let mut near = [Nearest::NONE; GATHER];
    let mut changed = 0;
    let count = bounds.label.len();
    for block in (0..count).step_by(GATHER) {
        let block = block..(block + GATHER).min(count);
        open.clear();
        open.extend(block.clone().filter(|&r| bounds.is_open(r, rows.row(start + r), centres)));
        let seen = if open.len() == block.len() {
            rows.span(start + block.start..start + block.end)
        } else {
            gathered.clear();
            open.iter().for_each(|&r| gathered.extend_from_slice(rows.row(start + r)));
            &gathered
        };
        near[..open.len()].fill(Nearest::NONE);
        centres.panels.sweep(
            seen,
            0..centres.panels.panels(),
            #[inline(always)]
            |row, panel, products| {
                near[row].see(panel, products, &centres.squares[panel * LANES..(panel + 1) * LANES]);
            },
        );
        for ((&r, near), row) in open.iter().zip(&near).zip(seen.chunks_exact(p)) {
            let (label, first, second) = near.end();
            let own = square(row);
            let slack = centres.slack * (own + centres.largest);
            changed += usize::from(bounds.label[r] != label as u32);
            bounds.label[r] = label as u32;
            bounds.upper[r] = (own + first + slack).max(0.0).sqrt();
            bounds.lower[r] = (own + second - slack).max(0.0).sqrt();
        }
    }
    changed
}

impl Bounds {
    /// Moves the bounds of a row as the centres moved. Whether its nearest centre may be another one.
    fn is_open(&mut self, r: usize, row: &[f64], centres: &Centres) -> bool {
        let label = self.label[r] as usize;
        let (mover, longest, other) = centres.longest;
        let upper = self.upper[r] + centres.moved[label];
        let lower = self.lower[r] - if label == mover { other } else { longest };
        // What the additions themselves round off.
        self.upper[r] = upper * (1.0 + 4.0 * f64::EPSILON);
        self.lower[r] = if lower > 0.0 { lower * (1.0 - 4.0 * f64::EPSILON) } else { 0.0 };
        if self.upper[r] < self.lower[r] {
            return false;
        }
        if self.lower[r] > 0.0 {
            let p = row.len();
            let centre = &centres.values[label * p..(label + 1) * p];
            self.upper[r] = apart(row, centre).sqrt() * (1.0 + centres.slack);
        }
        self.upper[r] >= self.lower[r]
    }
}

/// Gives each cluster without rows the row farthest from its centre, as scikit-learn does.
fn relocate(
    rows: &Matrix,
    weight: Option<&[f64]>,
    centres: &Centres,
    bounds: &[Bounds],
    size: usize,
    sums: &mut [f64],
) {
    let p = rows.width();
    let k = centres.moved.len();
    let empty: Vec<usize> = (0..k).filter(|c| sums[k * p + c] <= 0.0).collect();
    if empty.is_empty() || p == 0 {
        return;
    }
    let label = |i: usize| bounds[i / size].label[i % size] as usize;
    let mut far: Vec<(f64, usize)> = (0..rows.rows())
        .filter(|&i| weight.is_none_or(|w| w[i] > 0.0))
        .map(|i| (apart(rows.row(i), &centres.values[label(i) * p..(label(i) + 1) * p]), i))
        .collect();
    far.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    for (&c, &(_, i)) in empty.iter().zip(&far) {
        let (from, w) = (label(i), weight.map_or(1.0, |w| w[i]));
        for (j, x) in rows.row(i).iter().enumerate() {
            sums[from * p + j] -= w * x;
            sums[c * p + j] = w * x;
        }
        sums[k * p + from] -= w;
        sums[k * p + c] = w;
    }
}

fn inertia(rows: &Matrix, weight: Option<&[f64]>, centres: &[f64], bounds: &[Bounds], size: usize) -> f64 {
    let p = rows.width();
    let parts: Vec<f64> = bounds
        .par_iter()
        .enumerate()
        .map(|(i, bounds)| {
            let one = |(r, label): (usize, &u32)| {
                let (row, c) = (i * size + r, *label as usize);
                weight.map_or(1.0, |w| w[row]) * apart(rows.row(row), &centres[c * p..(c + 1) * p])
            };
            bounds.label.iter().enumerate().map(one).sum::<f64>()
        })
        .collect();
    parts.iter().sum()
}

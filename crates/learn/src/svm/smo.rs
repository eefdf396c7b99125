//! Sequential minimal optimisation: two multipliers at a time.
//!
//! ```text
//! minimise  1/2 a'Qa + p'a   with  0 <= a_i <= c_i,  y'a = constant,   Q_ij = y_i y_j K(i, j)
//! ```
//!
//! which is what support vectors for classes, for numbers and for one class all come down to. Each step takes the pair that
//! violates the conditions of optimality most, the second chosen by the curvature too (Platt 1998; Fan, Chen & Lin
//! 2005, "Working set selection using second order information"), until no pair violates them by more than `tol`. Multipliers that are
//! stuck at a bound are set aside now and then (shrinking) and looked at again before the end, as in libsvm (Chang & Lin
//! 2011). With `f = y * gradient` the signs go away: a step changes `f` by two rows of kernels.
//!
//! What is still active lies side by side, so that the three passes of a step run in lanes. A step costs as many operations as there are
//! active multipliers, and 2 n p where the rows of kernels are not in the cache.

use super::cache::Cache;
use super::kernel::Kernels;
use arkwright_core::{Context, Event};
use pulp::Arch;

/// The problem: variables may share rows of kernels.
pub(super) struct Problem {
    /// The row of each variable.
    pub row: Vec<u32>,
    /// 1 or -1.
    pub y: Vec<f64>,
    pub p: Vec<f64>,
    pub c: Vec<f64>,
    /// Where the variables start, between 0 and c.
    pub start: Vec<f64>,
}

/// How long and how closely it is solved.
pub(super) struct Until<'a> {
    pub tol: f64,
    pub shrinking: bool,
    pub max_iter: u64,
    pub cache: usize,
    pub ctx: &'a Context,
}

/// The solution: `sum_i y_i a_i K(x_i, x) - rho` decides.
pub(super) struct Solution {
    /// y a, one a variable.
    pub signed: Vec<f64>,
    pub rho: f64,
    pub iterations: u64,
    pub converged: bool,
    pub stopped: bool,
}

/// The curvature where there is none.
const TAU: f64 = 1e-12;
/// Steps between two shrinkings.
const SHRINK: usize = 1000;

struct Smo<'a> {
    problem: Problem,
    cache: Cache<'a>,
    a: Vec<f64>,
    diagonal: Vec<f64>,
    /// The part of f that comes from multipliers at their upper bounds, for all variables.
    bounded: Vec<f64>,
    active: Active,
    /// Rows of kernels.
    rows: usize,
    /// Rows of kernels as the active variables see them.
    seen: [Vec<f32>; 2],
}

/// The variables that are active, side by side.
#[derive(Default)]
struct Active {
    at: Vec<u32>,
    /// Rows of kernels, where they are not the variables' own places.
    row: Option<Vec<u32>>,
    f: Vec<f64>,
    diagonal: Vec<f64>,
    /// 0 where y a may grow, else infinite; and where it may fall.
    up: Vec<f64>,
    down: Vec<f64>,
}

/// Solves a problem.
pub(super) fn solve(kernels: &Kernels, problem: Problem, until: &Until<'_>) -> Solution {
    let n = problem.y.len();
    let diagonal: Vec<f64> = problem.row.iter().map(|&row| kernels.with_itself(row as usize)).collect();
    let cache = Cache::new(kernels, until.cache);
    let a = problem.start.clone();
    let mut smo = Smo {
        problem,
        cache,
        a,
        diagonal,
        bounded: vec![0.0; n],
        active: Active::default(),
        rows: kernels.rows().rows(),
        seen: Default::default(),
    };
    let f = smo.begin();
    smo.activate((0..n as u32).collect(), f);
    let (mut iterations, mut converged, mut stopped, mut unshrunk) = (0, false, false, false);
    let mut wait = n.min(SHRINK);
    while iterations < until.max_iter {
        wait -= 1;
        if wait == 0 {
            wait = n.min(SHRINK);
            stopped = until.ctx.tell(Event::Step { done: iterations }).is_break();
            if stopped {
                break;
            }
            if until.shrinking {
                smo.shrink(until.tol, &mut unshrunk);
            }
        }
        if !smo.step(until.tol) {
            if smo.active.at.len() == n {
                converged = true;
                break;
            }
            smo.unshrink();
            if !smo.step(until.tol) {
                converged = true;
                break;
            }
            // What is far from its bound again is set aside at once.
            wait = 1;
        }
        iterations += 1;
    }
    smo.unshrink();
    let rho = smo.rho();
    let signed = smo.a.iter().zip(&smo.problem.y).map(|(a, y)| a * y).collect();
    Solution { signed, rho, iterations, converged, stopped }
}

impl Smo<'_> {
    /// f where the variables start.
    fn begin(&mut self) -> Vec<f64> {
        let mut f: Vec<f64> = self.problem.p.iter().zip(&self.problem.y).map(|(p, y)| p * y).collect();
        for i in 0..self.a.len() {
            if self.a[i] > 0.0 {
                let slot = self.cache.want(self.problem.row[i] as usize);
                let (by, row) = (self.a[i] * self.problem.y[i], &self.problem.row);
                add(&mut f, self.cache.kernels(slot), row, by);
                if self.a[i] >= self.problem.c[i] {
                    add(&mut self.bounded, self.cache.kernels(slot), row, by);
                }
            }
        }
        f
    }

    /// Makes some variables the active ones.
    fn activate(&mut self, at: Vec<u32>, f: Vec<f64>) {
        let row: Vec<u32> = at.iter().map(|&i| self.problem.row[i as usize]).collect();
        let plain = row.len() == self.rows && row.iter().enumerate().all(|(k, &row)| k as u32 == row);
        let diagonal = at.iter().map(|&i| self.diagonal[i as usize]).collect();
        let (up, down) = (vec![0.0; at.len()], vec![0.0; at.len()]);
        self.active = Active { at, row: (!plain).then_some(row), f, diagonal, up, down };
        (0..self.active.at.len()).for_each(|k| self.bound(k));
    }

    /// Which ways an active variable may go.
    fn bound(&mut self, k: usize) {
        let i = self.active.at[k] as usize;
        let (grows, falls) = (self.a[i] < self.problem.c[i], self.a[i] > 0.0);
        let (up, down) = if self.problem.y[i] > 0.0 { (grows, falls) } else { (falls, grows) };
        let wall = |free: bool| if free { 0.0 } else { f64::INFINITY };
        (self.active.up[k], self.active.down[k]) = (wall(up), wall(down));
    }

    /// One step; false where no pair violates the conditions by more than `tol`.
    fn step(&mut self, tol: f64) -> bool {
        let (first, top) = highest(&self.active.f, &self.active.up);
        if top == f64::NEG_INFINITY {
            return false;
        }
        let i = self.active.at[first] as usize;
        let slot = self.cache.want(self.problem.row[i] as usize);
        gather(self.cache.kernels(slot), &self.active.row, &mut self.seen[0]);
        let row = seen(self.cache.kernels(slot), &self.active.row, &self.seen[0]);
        let Some(second) = best(&self.active, row, top, self.diagonal[i], tol) else { return false };
        let j = self.active.at[second] as usize;
        let curve = (self.diagonal[i] + self.diagonal[j] - 2.0 * f64::from(row[second])).max(TAU);
        let wish = (top + self.active.f[second]) / curve;
        let (c, y) = (&self.problem.c, &self.problem.y);
        let room_i = if y[i] > 0.0 { c[i] - self.a[i] } else { self.a[i] };
        let room_j = if y[j] > 0.0 { self.a[j] } else { c[j] - self.a[j] };
        let way = wish.min(room_i).min(room_j);
        let before = [i, j].map(|i| self.a[i] >= self.problem.c[i]);
        // A bound that is reached is reached exactly.
        let moved = |a: f64, c: f64, by: f64, all: bool| match all {
            true if by > 0.0 => c,
            true => 0.0,
            false => (a + by).clamp(0.0, c),
        };
        let (by_i, by_j) = (way * y[i], -way * y[j]);
        let old = [self.a[i], self.a[j]];
        self.a[i] = moved(self.a[i], self.problem.c[i], by_i, way == room_i);
        self.a[j] = moved(self.a[j], self.problem.c[j], by_j, way == room_j);
        let by = [(self.a[i] - old[0]) * self.problem.y[i], (self.a[j] - old[1]) * self.problem.y[j]];
        let slots = [slot, self.cache.want(self.problem.row[j] as usize)];
        gather(self.cache.kernels(slots[1]), &self.active.row, &mut self.seen[1]);
        let rows = [0, 1].map(|k| seen(self.cache.kernels(slots[k]), &self.active.row, &self.seen[k]));
        add_two(&mut self.active.f, rows, by);
        for (k, (variable, was)) in [i, j].into_iter().zip(before).enumerate() {
            let is = self.a[variable] >= self.problem.c[variable];
            if is != was {
                let sign = if is { 1.0 } else { -1.0 };
                let by = sign * self.problem.c[variable] * self.problem.y[variable];
                add(&mut self.bounded, self.cache.kernels(slots[k]), &self.problem.row, by);
            }
        }
        self.bound(first);
        self.bound(second);
        true
    }

    /// Sets aside what is at a bound and would rather stay there.
    fn shrink(&mut self, tol: f64, unshrunk: &mut bool) {
        let active = &self.active;
        let (_, top) = highest(&active.f, &active.up);
        let low = active.f.iter().zip(&active.down).map(|(f, wall)| f - wall).fold(f64::NEG_INFINITY, f64::max);
        if !*unshrunk && top + low <= 10.0 * tol {
            *unshrunk = true;
            self.unshrink();
        }
        let active = &self.active;
        let stays = |k: &usize| {
            let (up, down) = (active.up[*k] == 0.0, active.down[*k] == 0.0);
            let aside = (!up && -active.f[*k] > top) || (!down && active.f[*k] > low);
            (up && down) || !aside
        };
        let kept: Vec<usize> = (0..active.at.len()).filter(stays).collect();
        if kept.len() < active.at.len() {
            let (at, f) = kept.iter().map(|&k| (active.at[k], active.f[k])).unzip();
            self.activate(at, f);
        }
    }

    /// Makes all variables active, and f of those that were set aside anew.
    fn unshrink(&mut self) {
        let n = self.a.len();
        if self.active.at.len() == n {
            return;
        }
        let mut f: Vec<f64> = (0..n).map(|i| self.problem.p[i] * self.problem.y[i] + self.bounded[i]).collect();
        for i in 0..n {
            if self.a[i] > 0.0 && self.a[i] < self.problem.c[i] {
                let slot = self.cache.want(self.problem.row[i] as usize);
                add(&mut f, self.cache.kernels(slot), &self.problem.row, self.a[i] * self.problem.y[i]);
            }
        }
        for (&i, known) in self.active.at.iter().zip(&self.active.f) {
            f[i as usize] = *known;
        }
        self.activate((0..n as u32).collect(), f);
    }

    /// The threshold: the mean of f over the free variables, or the middle of what the bounded ones allow.
    fn rho(&self) -> f64 {
        let (mut sum, mut count) = (0.0, 0.0);
        let (mut high, mut low) = (f64::INFINITY, f64::NEG_INFINITY);
        let active = &self.active;
        for ((f, up), down) in active.f.iter().zip(&active.up).zip(&active.down) {
            match (*up == 0.0, *down == 0.0) {
                (true, true) => (sum, count) = (sum + f, count + 1.0),
                (true, false) => high = high.min(*f),
                (false, true) => low = low.max(*f),
                (false, false) => {}
            }
        }
        match (count > 0.0, high.is_finite(), low.is_finite()) {
            (true, ..) => sum / count,
            (_, true, true) => (high + low) / 2.0,
            (_, true, false) => high,
            (_, false, true) => low,
            _ => 0.0,
        }
    }
}

/// Puts the kernels with the active variables side by side, where they are not.
fn gather(kernels: &[f32], row: &Option<Vec<u32>>, seen: &mut Vec<f32>) {
    if let Some(row) = row {
        seen.clear();
        seen.extend(row.iter().map(|&r| kernels[r as usize]));
    }
}

fn seen<'a>(kernels: &'a [f32], row: &Option<Vec<u32>>, seen: &'a [f32]) -> &'a [f32] {
    if row.is_some() { seen } else { kernels }
}

fn add(f: &mut [f64], kernels: &[f32], row: &[u32], by: f64) {
    f.iter_mut().zip(row).for_each(|(f, &r)| *f += by * f64::from(kernels[r as usize]));
}

fn add_two(f: &mut [f64], rows: [&[f32]; 2], by: [f64; 2]) {
    Arch::new().dispatch(
        #[inline(always)]
        || {
            let f = f;
            for ((f, a), b) in f.iter_mut().zip(rows[0]).zip(rows[1]) {
                *f = by[0].mul_add(f64::from(*a), by[1].mul_add(f64::from(*b), *f));
            }
        },
    );
}

/// Lanes of a search for the best.
const WIDE: usize = 8;

/// The place and value of the highest `-f` that no wall stops; of equal ones one that does not depend on threads.
fn highest(f: &[f64], wall: &[f64]) -> (usize, f64) {
    let wall = &wall[..f.len()];
    search(f.len(), |k| -f[k] - wall[k])
}

/// The partner that promises the largest decrease, where the pair violates the conditions by more than `tol`.
fn best(active: &Active, row: &[f32], top: f64, own: f64, tol: f64) -> Option<usize> {
    let (f, down, diagonal) = (&active.f[..], &active.down[..], &active.diagonal[..]);
    let (down, diagonal, row) = (&down[..f.len()], &diagonal[..f.len()], &row[..f.len()]);
    let (_, low) = search(f.len(), |k| f[k] - down[k]);
    if top + low < tol || low == f64::NEG_INFINITY {
        return None;
    }
    let (at, gain) = search(f.len(), |k| {
        let apart = top + f[k] - down[k];
        let curve = own + diagonal[k] - 2.0 * f64::from(row[k]);
        let curve = if curve > TAU { curve } else { TAU };
        let gain = apart * apart / curve;
        if apart > 0.0 { gain } else { f64::NEG_INFINITY }
    });
    (gain > 0.0).then_some(at)
}

/// The place and value of the highest `score`, found in lanes; of equal ones the first in its lane, of lanes the first.
#[inline(always)]
fn search(n: usize, score: impl Fn(usize) -> f64) -> (usize, f64) {
    Arch::new().dispatch(
        #[inline(always)]
        || {
            let score = score;
            let mut value = [f64::NEG_INFINITY; WIDE];
            let mut place = [0.0f64; WIDE];
            let whole = n / WIDE * WIDE;
            for start in (0..whole).step_by(WIDE) {
                for l in 0..WIDE {
                    let new = score(start + l);
                    let better = new > value[l];
                    value[l] = if better { new } else { value[l] };
                    place[l] = if better { (start + l) as f64 } else { place[l] };
                }
            }
            let (mut at, mut top) = (0, f64::NEG_INFINITY);
            for l in 0..WIDE {
                if value[l] > top {
                    (at, top) = (place[l] as usize, value[l]);
                }
            }
            for k in whole..n {
                let new = score(k);
                if new > top {
                    (at, top) = (k, new);
                }
            }
            (at, top)
        },
    )
}

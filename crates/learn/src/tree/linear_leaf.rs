//! Leaves that hold a linear function instead of a number (Shi, Li & Li 2019).
//!
//! The tree is grown as ever. Then each leaf gets a function of the numbers that its path asks about. With
//! gradients `g` and hessians `h` of the rows of the leaf and `m` the means of their numbers, by `h`, it makes
//!
//! ```text
//! sum of g f + h f² / 2,  plus l2 b² / 2 + linear_lambda |s|² / 2,    f = b + s (x - m)
//! ```
//!
//! least. About its means the two parts do not touch: `b` is what a plain leaf would hold, and `s` solves a
//! ridge regression of as many unknowns as numbers on the path. Without `l2` that is LightGBM's `linear_tree`.
//! A row that misses one of the numbers gets the plain leaf's value, as does a leaf with no more rows than
//! unknowns. Cost: rows x (numbers on the path)² a leaf.

use super::bins::Feature;
use super::grid::Gradients;
use super::node::{Ensemble, Grown};
use rayon::prelude::*;
use std::ops::Range;

/// What numbers before a number leave of it, as a share of its squares, for it to get a slope.
const LEFT: f64 = 1e-9;

/// The linear functions of the leaves of an ensemble.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Linear {
    /// One past the last slope of each leaf.
    pub(super) ends: Vec<u32>,
    /// Of each leaf, where it has slopes.
    pub(super) intercepts: Vec<f64>,
    /// What each slope is of.
    pub(super) features: Vec<u32>,
    pub(super) slopes: Vec<f64>,
}

/// The function of one leaf; without slopes it is the plain leaf's value.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Function {
    pub(super) intercept: f64,
    pub(super) slopes: Vec<(u32, f64)>,
}

impl Function {
    /// Multiplies it.
    pub(super) fn scale(&mut self, by: f64) {
        self.intercept *= by;
        self.slopes.iter_mut().for_each(|slope| slope.1 *= by);
    }
}

impl Linear {
    /// Functions without slopes for so many leaves.
    pub(super) fn plain(leaves: usize) -> Self {
        Self { ends: vec![0; leaves], intercepts: vec![0.0; leaves], features: Vec::new(), slopes: Vec::new() }
    }

    fn of(&self, leaf: usize) -> Range<usize> {
        let start = if leaf == 0 { 0 } else { self.ends[leaf - 1] };
        start as usize..self.ends[leaf] as usize
    }

    /// What a leaf's function gives for a gathered row; `None` where the plain leaf's value stands.
    #[inline]
    pub(super) fn value(&self, leaf: usize, row: &[u32]) -> Option<f64> {
        let slopes = self.of(leaf);
        if slopes.is_empty() {
            return None;
        }
        let mut value = self.intercepts[leaf];
        for (&feature, slope) in self.features[slopes.clone()].iter().zip(&self.slopes[slopes]) {
            let x = f32::from_bits(row[feature as usize]);
            if !x.is_finite() {
                return None;
            }
            value += f64::from(x) * slope;
        }
        Some(value)
    }

    /// Adds the functions of a tree's leaves.
    pub(super) fn push(&mut self, functions: &[Function]) {
        for function in functions {
            self.intercepts.push(function.intercept);
            self.features.extend(function.slopes.iter().map(|slope| slope.0));
            self.slopes.extend(function.slopes.iter().map(|slope| slope.1));
            self.ends.push(self.slopes.len() as u32);
        }
    }

    /// Keeps the first leaves only.
    pub(super) fn truncate(&mut self, leaves: usize) {
        self.ends.truncate(leaves);
        self.intercepts.truncate(leaves);
        let slopes = self.ends.last().map_or(0, |end| *end as usize);
        self.features.truncate(slopes);
        self.slopes.truncate(slopes);
    }

    /// Multiplies the functions of some leaves.
    pub(super) fn scale(&mut self, leaves: Range<usize>, by: f64) {
        let slopes = match leaves.is_empty() {
            true => 0..0,
            false => self.of(leaves.start).start..self.of(leaves.end - 1).end,
        };
        self.slopes[slopes].iter_mut().for_each(|slope| *slope *= by);
        self.intercepts[leaves].iter_mut().for_each(|intercept| *intercept *= by);
    }

    /// What is wrong with it, if anything; `numbers` says which features are.
    pub(super) fn fault(&self, leaves: usize, numbers: &[bool]) -> Option<&'static str> {
        let slopes = self.slopes.len();
        if self.ends.len() != leaves || self.intercepts.len() != leaves || self.features.len() != slopes {
            return Some("the lengths of its linear functions differ");
        }
        if !self.ends.is_sorted() || self.ends.last().map_or(0, |end| *end as usize) != slopes {
            return Some("its linear functions do not end where their slopes do");
        }
        if !self.features.iter().all(|&feature| numbers.get(feature as usize) == Some(&true)) {
            return Some("a slope is of something that is no number");
        }
        let good = |numbers: &[f64]| numbers.iter().all(|x| x.is_finite());
        (!(good(&self.slopes) && good(&self.intercepts))).then_some("a slope is not finite")
    }
}

impl Ensemble {
    /// Whether leaves hold linear functions, beside which answers are no sum of one number a leaf.
    pub fn is_linear(&self) -> bool {
        self.linear.as_ref().is_some_and(|linear| !linear.slopes.is_empty())
    }

    /// Multiplies what some trees add.
    pub(super) fn scale_trees(&mut self, trees: Range<usize>, by: f64) {
        if trees.is_empty() {
            return;
        }
        let leaves = self.start(trees.start).1 as usize..self.ends[trees.end - 1].1 as usize;
        self.values[leaves.start * self.width..leaves.end * self.width].iter_mut().for_each(|value| *value *= by);
        if let Some(linear) = &mut self.linear {
            linear.scale(leaves, by);
        }
        self.quick = Default::default();
    }
}

/// What the functions of a tree's leaves are fitted on.
pub(super) struct Ground<'a> {
    /// In the order of the leaves, and the range of each leaf.
    pub(super) rows: &'a [u32],
    pub(super) leaves: &'a [Range<usize>],
    pub(super) gradients: Gradients<'a>,
    /// All rows, gathered.
    pub(super) gathered: &'a [u32],
    pub(super) features: &'a [Feature],
    /// The penalties of the value at the means and of the slopes.
    pub(super) l2: f64,
    pub(super) lambda: f64,
}

/// The functions of a tree's leaves.
pub(super) fn fit(grown: &Grown, ground: &Ground<'_>) -> Vec<Function> {
    let paths = paths(grown, ground.features);
    paths.par_iter().zip(ground.leaves).map(|(path, leaf)| ground.function(path, leaf.clone())).collect()
}

/// The numbers that the path of each leaf asks about, each once, from the root down.
fn paths(grown: &Grown, features: &[Feature]) -> Vec<Vec<u32>> {
    let mut paths = vec![Vec::new(); grown.values.len()];
    let mut above = vec![Vec::new(); grown.branches.len()];
    for (at, branch) in grown.branches.iter().enumerate() {
        let mut path: Vec<u32> = std::mem::take(&mut above[at]);
        let feature = branch.feature as u32;
        if !features[branch.feature].is_level() && !path.contains(&feature) {
            path.push(feature);
        }
        for child in [branch.left, branch.right] {
            match usize::try_from(child) {
                Ok(child) => above[child] = path.clone(),
                Err(_) => paths[!child as usize] = path.clone(),
            }
        }
    }
    paths
}

impl Ground<'_> {
    fn function(&self, path: &[u32], leaf: Range<usize>) -> Function {
        let p = path.len();
        if p == 0 || leaf.len() <= p + 1 {
            return Function::default();
        }
        let width = self.features.len();
        let mut x = Vec::with_capacity(leaf.len() * p);
        let mut pairs = Vec::with_capacity(leaf.len());
        for &row in &self.rows[leaf] {
            let start = x.len();
            let own = &self.gathered[row as usize * width..][..width];
            x.extend(path.iter().map(|&feature| f64::from(f32::from_bits(own[feature as usize]))));
            if x[start..].iter().all(|x| x.is_finite()) {
                let pair = self.gradients.pairs[row as usize];
                pairs.push(self.gradients.grid.fine(pair.gradient.into(), pair.hessian.into()));
            } else {
                x.truncate(start);
            }
        }
        if pairs.len() <= p + 1 {
            return Function::default();
        }
        let (g, h) = pairs.iter().fold((0.0, 0.0), |(g, h), pair| (g + pair.0, h + pair.1));
        let mut mean = vec![0.0; p];
        for (x, pair) in x.chunks_exact(p).zip(&pairs) {
            mean.iter_mut().zip(x).for_each(|(mean, x)| *mean += pair.1 * x / h);
        }
        let (mut a, mut b) = (vec![0.0; p * p], vec![0.0; p]);
        let mut off = vec![0.0; p];
        for (x, &(g, h)) in x.chunks_exact(p).zip(&pairs) {
            off.iter_mut().zip(x.iter().zip(&mean)).for_each(|(off, (x, mean))| *off = x - mean);
            for i in 0..p {
                b[i] -= g * off[i];
                for j in 0..=i {
                    a[i * p + j] += h * off[i] * off[j];
                }
            }
        }
        let slopes = solve(&mut a, b, self.lambda);
        let intercept = -g / (h + self.l2) - slopes.iter().zip(&mean).map(|(slope, mean)| slope * mean).sum::<f64>();
        if !(intercept.is_finite() && slopes.iter().all(|slope| slope.is_finite())) {
            return Function::default();
        }
        Function { intercept, slopes: path.iter().copied().zip(slopes).filter(|slope| slope.1 != 0.0).collect() }
    }
}

/// The solution of `(A + lambda) s = b`, the lower half of A given, by Cholesky's way; an unknown of which those
/// before leave nothing is 0.
fn solve(a: &mut [f64], mut b: Vec<f64>, lambda: f64) -> Vec<f64> {
    let p = b.len();
    let mut kept = vec![true; p];
    for i in 0..p {
        let own = a[i * p + i] + lambda;
        for j in 0..=i {
            let known: f64 = (0..j).filter(|&k| kept[k]).map(|k| a[i * p + k] * a[j * p + k]).sum();
            if j < i {
                a[i * p + j] = if kept[j] { (a[i * p + j] - known) / a[j * p + j] } else { 0.0 };
            } else {
                let left = own - known;
                kept[i] = left > LEFT * own && left.is_finite();
                a[i * p + i] = if kept[i] { left.sqrt() } else { 1.0 };
            }
        }
    }
    for i in 0..p {
        let known: f64 = (0..i).filter(|&k| kept[k]).map(|k| a[i * p + k] * b[k]).sum();
        b[i] = if kept[i] { (b[i] - known) / a[i * p + i] } else { 0.0 };
    }
    for i in (0..p).rev() {
        let known: f64 = (i + 1..p).filter(|&k| kept[k]).map(|k| a[k * p + i] * b[k]).sum();
        b[i] = if kept[i] { (b[i] - known) / a[i * p + i] } else { 0.0 };
    }
    b
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_solution_solves_the_system_and_what_is_told_twice_counts_once(
            rows in prop::collection::vec(prop::array::uniform3(-3.0f64..3.0), 8..30),
            truth in prop::array::uniform3(-2.0f64..2.0),
            lambda in prop_oneof![Just(0.0), 0.1f64..2.0],
        ) {
            let table = |wide: bool| -> Vec<Vec<f64>> {
                rows.iter().map(|r| if wide { vec![r[0], r[1], 2.0 * r[0], r[2]] } else { r.to_vec() }).collect()
            };
            let system = |table: &[Vec<f64>]| {
                let p = table[0].len();
                let y = |r: &[f64; 3]| r.iter().zip(&truth).map(|(a, b)| a * b).sum::<f64>();
                let sum = |i: usize, j: usize| table.iter().map(|r| r[i] * r[j]).sum::<f64>();
                let a: Vec<f64> = (0..p * p).map(|at| sum(at / p, at % p)).collect();
                let b: Vec<f64> = (0..p).map(|i| table.iter().zip(&rows).map(|(t, r)| t[i] * y(r)).sum()).collect();
                (a, b)
            };
            let (a, b) = system(&table(false));
            let s = solve(&mut a.clone(), b.clone(), lambda);
            for i in 0..3 {
                let got: f64 = (0..3).map(|j| a[i * 3 + j] * s[j]).sum::<f64>() + lambda * s[i];
                prop_assert!((got - b[i]).abs() < 1e-6 * (1.0 + b[i].abs()), "{got} {}", b[i]);
            }
            if lambda == 0.0 {
                let (mut a, b) = system(&table(true));
                let s = solve(&mut a, b, 0.0);
                prop_assert_eq!(s[2], 0.0);
                for (got, wanted) in [s[0], s[1], s[3]].iter().zip(&truth) {
                    prop_assert!((got - wanted).abs() < 1e-4, "{got} {wanted}");
                }
            }
        }
    }
}

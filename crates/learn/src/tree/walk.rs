//! From rows to answers.
//!
//! A row is gathered into 32 bits a feature, and eight walks go side by side, so that the processor need
//! not wait for one node before it looks at another: eight trees for a single row, eight rows of one tree
//! in a batch. That is the general way. Through trees of up to 256 leaves a batch, and a single row, go
//! without a walk (`many.rs`; where the processor lacks byte permutes, a single row by `quick.rs`). Leaves are
//! added in the order of the trees everywhere, so all ways give the same bits.

use super::bins::View;
use super::many::Many;
use super::node::{CATEGORY, Ensemble, FEATURES, Link, MISSING_LEFT};
use super::wide::{ROWS, Sums, Way};
use crate::link::{odds, softmax};
use crate::samples::Design;
use rayon::prelude::*;
use std::ops::Range;

/// Walks that go side by side.
const WALKS: usize = 8;
/// Rows that pass a tree before the next tree is fetched.
const BLOCK: usize = 512;
/// Rows from which a batch is worth more than one thread.
const MANY: usize = 4 * BLOCK;
/// Rows from which a batch is worth giving the trees another form.
const WORTH: usize = 512;
/// Rows of a batch that walk all the same: as many as cost less than a whole block without a walk.
const FEW: usize = 16;

impl Ensemble {
    /// The child that a row goes to.
    #[inline(always)]
    pub(super) fn step(&self, at: i32, row: &[u32]) -> i32 {
        let node = &self.nodes[at as usize];
        let bits = row[(node.feature & (FEATURES - 1)) as usize];
        let x = f32::from_bits(bits);
        let missing_left = node.feature & MISSING_LEFT != 0;
        let left = if node.feature & CATEGORY == 0 {
            (x <= f32::from_bits(node.cut)) | (x.is_nan() & missing_left)
        } else {
            self.is_among(node.cut as usize, bits).unwrap_or(missing_left)
        };
        if left { node.left } else { node.right }
    }

    /// Whether a code is in the set that begins there; `None` for one that no training row had.
    #[inline(always)]
    pub(super) fn is_among(&self, set: usize, code: u32) -> Option<bool> {
        let word = code as usize / 32;
        (word < self.sets[set] as usize).then(|| self.sets[set + 1 + word] >> (code % 32) & 1 == 1)
    }

    /// The leaves that eight walks end in.
    #[inline(always)]
    fn descend<'r>(&self, mut at: [i32; WALKS], row: impl Fn(usize) -> &'r [u32]) -> [usize; WALKS] {
        loop {
            let mut open = false;
            for (i, at) in at.iter_mut().enumerate() {
                if *at >= 0 {
                    *at = self.step(*at, row(i));
                    open |= *at >= 0;
                }
            }
            if !open {
                return at.map(|leaf| !leaf as usize);
            }
        }
    }

    /// Adds what a leaf holds to a row's raw answers; `row` is the row, gathered.
    #[inline(always)]
    fn add<'r>(&self, tree: usize, leaf: usize, row: impl FnOnce() -> &'r [u32], raw: &mut [f64]) {
        if self.width == 1 {
            let at = if self.outputs == 1 { 0 } else { tree % self.outputs };
            let function = self.linear.as_ref().and_then(|linear| linear.value(leaf, row()));
            raw[at] += function.unwrap_or(self.values[leaf]);
        } else {
            let values = &self.values[leaf * self.width..(leaf + 1) * self.width];
            raw.iter_mut().zip(values).for_each(|(sum, value)| *sum += value);
        }
    }

    /// Adds the leaves of trees to the raw answers of one gathered row.
    fn add_to_row(&self, row: &[u32], trees: Range<usize>, raw: &mut [f64]) {
        let many = if Way::best().permutes() { self.quick.many(self) } else { None };
        if many.is_some_and(|many| many.add_row(row, trees.clone(), raw)) {
            return;
        }
        let all = trees == (0..self.trees());
        if all && self.quick_leaves(row, |tree, leaf| self.add(tree, leaf, || row, raw)) {
            return;
        }
        let mut tree = trees.start;
        while tree + WALKS <= trees.end {
            let roots = std::array::from_fn(|i| self.root(tree + i));
            for (i, leaf) in self.descend(roots, |_| row).into_iter().enumerate() {
                self.add(tree + i, leaf, || row, raw);
            }
            tree += WALKS;
        }
        for tree in tree..trees.end {
            let mut at = self.root(tree);
            while at >= 0 {
                at = self.step(at, row);
            }
            self.add(tree, !at as usize, || row, raw);
        }
    }

    /// The leaf of a tree that a gathered row falls into.
    pub(super) fn leaf_of(&self, tree: usize, row: &[u32]) -> usize {
        let mut at = self.root(tree);
        while at >= 0 {
            at = self.step(at, row);
        }
        !at as usize
    }

    /// Adds one tree's leaf to the raw answers of a gathered row.
    pub(super) fn add_row(&self, tree: usize, row: &[u32], raw: &mut [f64]) {
        self.add(tree, self.leaf_of(tree, row), || row, raw);
    }

    /// Adds one tree's leaves to the raw answers of gathered rows.
    fn add_tree(&self, tree: usize, rows: &[u32], p: usize, n: usize, raw: &mut [f64]) {
        let k = self.outputs;
        let root = self.root(tree);
        let mut row = 0;
        while row + WALKS <= n {
            let leaves = self.descend([root; WALKS], |i| &rows[(row + i) * p..(row + i + 1) * p]);
            for (i, leaf) in leaves.into_iter().enumerate() {
                let at = row + i;
                self.add(tree, leaf, || &rows[at * p..(at + 1) * p], &mut raw[at * k..(at + 1) * k]);
            }
            row += WALKS;
        }
        for row in row..n {
            let mut at = root;
            while at >= 0 {
                at = self.step(at, &rows[row * p..(row + 1) * p]);
            }
            self.add(tree, !at as usize, || &rows[row * p..(row + 1) * p], &mut raw[row * k..(row + 1) * k]);
        }
    }

    /// Adds the trees from `first` on to the raw answers (n x outputs) of gathered rows (n x features).
    pub(super) fn add_trees(&self, first: usize, rows: &[u32], raw: &mut [f64]) {
        self.add_some(first..self.trees(), rows, raw);
    }

    /// Adds some trees to the raw answers of gathered rows.
    pub(super) fn add_some(&self, trees: Range<usize>, rows: &[u32], raw: &mut [f64]) {
        let (p, k) = (self.features(), self.outputs);
        let block = |(rows, raw): (&[u32], &mut [f64])| {
            for tree in trees.clone() {
                self.add_tree(tree, rows, p, raw.len() / k, raw);
            }
        };
        if p == 0 {
            return block((rows, raw));
        }
        rows.par_chunks(BLOCK * p).zip(raw.par_chunks_mut(BLOCK * k)).for_each(block);
    }

    /// What some trees add to the raw answers of gathered rows; nothing where there are none.
    pub(super) fn sum_of(&self, trees: &[Range<usize>], rows: &[u32], n: usize) -> Vec<f64> {
        let mut sum = vec![0.0; if trees.is_empty() { 0 } else { n * self.outputs }];
        trees.iter().for_each(|trees| self.add_some(trees.clone(), rows, &mut sum));
        sum
    }

    /// All rows of a design, gathered: n x features.
    pub(super) fn gathered(&self, x: &Design<'_>) -> Vec<u32> {
        let (views, p) = (self.views(x), self.features());
        let mut rows = vec![0; x.rows * p];
        if p > 0 {
            rows.par_chunks_mut(BLOCK * p).enumerate().for_each(|(block, rows)| gather(&views, block * BLOCK, rows));
        }
        rows
    }

    /// Answers by some of the trees: probabilities of all classes, or one value a row.
    pub(super) fn answer(&self, x: &Design<'_>, trees: Range<usize>, out: &mut [f64]) {
        if x.rows == 0 || out.is_empty() {
            return;
        }
        let classes = out.len() / x.rows;
        self.raws(x, trees.clone(), out, |raw, out| {
            for (raw, out) in raw.chunks_exact(self.outputs).zip(out.chunks_exact_mut(classes)) {
                self.finish(raw, trees.len(), out);
            }
        });
    }

    /// Calls `finish(raw answers, out)` for blocks of rows, with the base where the first tree is among those
    /// asked for.
    pub(super) fn raws(
        &self,
        x: &Design<'_>,
        trees: Range<usize>,
        out: &mut [f64],
        finish: impl Fn(&[f64], &mut [f64]) + Sync,
    ) {
        if x.rows == 0 {
            return;
        }
        let (views, k) = (self.views(x), self.outputs);
        let many = match x.rows {
            1..=FEW => None,
            WORTH.. => self.quick.many(self),
            _ => self.quick.many_made(),
        };
        let base: Vec<f64> = if trees.start == 0 { self.base.clone() } else { vec![0.0; k] };
        self.blocks(x.rows, out, out.len() / x.rows, |start, n, out| {
            let mut raw: Vec<f64> = base.iter().copied().cycle().take(n * k).collect();
            match many {
                Some(many) => raw_block_of(many, &views, start, trees.clone(), &mut raw, &base),
                None => self.raw_block(&views, start, n, trees.clone(), &mut raw),
            }
            finish(&raw, out);
        });
    }

    /// Calls `each(first row, rows, out)` for blocks of rows, on many threads when there are many.
    fn blocks(&self, n: usize, out: &mut [f64], width: usize, each: impl Fn(usize, usize, &mut [f64]) + Sync) {
        if n < MANY {
            for (block, out) in out.chunks_mut(BLOCK * width).enumerate() {
                each(block * BLOCK, out.len() / width, out);
            }
        } else {
            out.par_chunks_mut(BLOCK * width)
                .enumerate()
                .for_each(|(block, out)| each(block * BLOCK, out.len() / width, out));
        }
    }

    /// Adds trees to the raw answers of `n` rows from `start` on.
    fn raw_block(&self, views: &[Option<View<'_>>], start: usize, n: usize, trees: Range<usize>, raw: &mut [f64]) {
        if trees.is_empty() {
            return;
        }
        let mut rows = vec![0; n * views.len()];
        gather(views, start, &mut rows);
        if n == 1 {
            return self.add_to_row(&rows, trees, raw);
        }
        for tree in trees {
            self.add_tree(tree, &rows, views.len(), n, raw);
        }
    }

    /// From raw answers to answers.
    pub(super) fn finish(&self, raw: &[f64], trees: usize, out: &mut [f64]) {
        let trees = trees.max(1) as f64;
        match (self.link, raw, &mut *out) {
            (Link::Identity, [raw], [out]) => *out = *raw,
            (Link::Exp, [raw], [out]) => *out = libm::exp(*raw),
            (Link::Sigmoid, [raw], [out]) => *out = odds(*raw).1,
            (Link::Mean, [raw], [out]) => *out = raw / trees,
            (Link::Logistic, [raw], [first, second]) => (*first, *second) = odds(*raw),
            (Link::Probability, [raw], [first, second]) => {
                *second = raw / trees;
                *first = 1.0 - *second;
            }
            (Link::Softmax, raw, out) => {
                out.copy_from_slice(raw);
                softmax(out);
            }
            (Link::OneVsRest, raw, out) => raw.iter().zip(out).for_each(|(raw, out)| *out = odds(*raw).1),
            (Link::OneVsAll, raw, out) => {
                raw.iter().zip(out.iter_mut()).for_each(|(raw, out)| *out = odds(*raw).1);
                let sum: f64 = out.iter().sum();
                let even = 1.0 / out.len() as f64;
                out.iter_mut().for_each(|p| *p = if sum > 0.0 { *p / sum } else { even });
            }
            (_, raw, out) => raw.iter().zip(out).for_each(|(raw, out)| *out = raw / trees),
        }
    }
}

/// The raw answers of rows from `start` on, without a walk.
fn raw_block_of(
    many: &Many,
    views: &[Option<View<'_>>],
    start: usize,
    trees: Range<usize>,
    raw: &mut [f64],
    base: &[f64],
) {
    let k = base.len();
    let mut sums = vec![Sums([0.0; ROWS]); k];
    for (block, raw) in raw.chunks_mut(ROWS * k).enumerate() {
        let rows = raw.len() / k;
        sums.iter_mut().zip(base).for_each(|(sums, base)| sums.0.fill(*base));
        many.add(views, start + block * ROWS, rows, trees.clone(), &mut sums);
        for (row, raw) in raw.chunks_exact_mut(k).enumerate() {
            raw.iter_mut().zip(&sums).for_each(|(raw, sums)| *raw = sums.0[row]);
        }
    }
}

fn gather(views: &[Option<View<'_>>], start: usize, rows: &mut [u32]) {
    if !views.is_empty() {
        for (i, row) in rows.chunks_exact_mut(views.len()).enumerate() {
            Ensemble::gather(views, start + i, row);
        }
    }
}

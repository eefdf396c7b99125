//! Classification and regression trees (Breiman, Friedman, Olshen & Stone 1984), grown on bins.
//!
//! A node is parted by the feature and cut that leave its children purest, among a random draw of features
//! where the settings say so, until it is pure or too small. The table lies row by row, 32 features in a
//! cache line, and a node's rows are parted in place, so that a node reads the memory of its rows once
//! whatever the number of features it looks at. Once a node has few rows, they are copied side by side, and
//! all that grows from it stays in the second cache, and then in the first. Cost: some n log n steps a
//! feature looked at.

use super::bins::{Feature, View};
use super::impurity::{ItemOf, Tally};
use super::level_order::{LevelOrder, up_to};
use super::node::{Branch, Cut, Grown};
use super::parting::{Constant, GROUP, Least, Node, Parting, Rows, Scratch};
use super::pruning::Worth;
use arkwright_core::Random;
use rayon::prelude::*;
use std::collections::BinaryHeap;
use std::ops::Range;

/// The longest way from a root to a leaf, whatever the settings say; a saved tree that is deeper is refused.
pub(super) const DEEPEST: u32 = 512;
/// Rows from which a node's features are looked at side by side.
const MANY: usize = 32_768;
/// Bytes of rows that are copied side by side, for the second cache and for the first.
const NEAR: [usize; 2] = [524_288, 32_768];
/// Bins in a cache line.
const LINE: usize = 32;
/// Rows binned at a time.
const CHUNK: usize = 16_384;

/// The limits of a tree.
#[derive(Clone, Debug)]
pub(super) struct Limits {
    pub(super) max_depth: u32,
    pub(super) max_leaf_nodes: usize,
    pub(super) min_samples_split: usize,
    pub(super) min_samples_leaf: usize,
    /// The share of the tree's weight that a leaf needs.
    pub(super) min_weight_fraction_leaf: f64,
    pub(super) min_impurity_decrease: f64,
    /// Features looked at in each node.
    pub(super) max_features: usize,
    /// Cuts are drawn, not sought.
    pub(super) random_cuts: bool,
}

/// A table of bins, row by row.
pub(super) struct Table {
    pub(super) features: Vec<Feature>,
    bins: Vec<u16>,
    /// Where the rows begin: at a cache line.
    start: usize,
    stride: usize,
}

impl Table {
    /// Bins all rows.
    pub(super) fn new(views: &[(View<'_>, usize)], features: Vec<Feature>, rows: usize) -> Self {
        let stride = Self::stride(features.len());
        let mut bins = vec![0; rows * stride + LINE];
        let start = bins.as_ptr().align_offset(2 * LINE).min(LINE);
        bins[start..start + rows * stride].par_chunks_mut(CHUNK * stride).enumerate().for_each(|(chunk, bins)| {
            for (at, (feature, (view, _))) in features.iter().zip(views).enumerate() {
                let rows = bins.len() / stride;
                feature.each_bin(view, chunk * CHUNK, rows, |row, bin| bins[row * stride + at] = bin);
            }
        });
        Self { features, bins, start, stride }
    }

    /// Bins a row, so that few rows lie across two cache lines.
    pub(super) fn stride(features: usize) -> usize {
        features.next_multiple_of(8).max(8)
    }

    /// All rows.
    pub(super) fn rows(&self) -> Rows<'_> {
        Rows { bins: &self.bins[self.start..], stride: self.stride }
    }
}

/// Grows one tree.
pub(super) struct Cart<'a, T> {
    pub(super) table: &'a Table,
    pub(super) limits: &'a Limits,
    pub(super) tally: &'a T,
    /// Whether to tell what the nodes are worth, so that the tree can be cut back.
    pub(super) worth: bool,
}

/// A leaf that may yet be split.
struct Open {
    rows: Range<usize>,
    depth: u32,
    parent: Option<(usize, bool)>,
    /// How often its rows were copied side by side.
    near: usize,
}

/// What is used while a tree grows.
struct Growth<'a, T: Tally> {
    cart: &'a Cart<'a, T>,
    level_order: LevelOrder,
    items: Vec<ItemOf<T>>,
    temp: Vec<ItemOf<T>>,
    /// Rows that were copied side by side.
    near: [Vec<u16>; NEAR.len()],
    order: Vec<u32>,
    scratch: Scratch<T::Cell>,
    random: Random,
    least: Least,
    weight: f64,
    grown: Grown,
    worth: Worth,
}

impl<T: Tally> Cart<'_, T> {
    /// Grows a tree on a sample.
    pub(super) fn grow(&self, items: Vec<ItemOf<T>>, level_order: LevelOrder, random: Random) -> (Grown, Worth) {
        let features = self.table.features.len();
        let mut growth = Growth {
            cart: self,
            level_order,
            temp: Vec::with_capacity(items.len()),
            near: Default::default(),
            order: (0..features as u32).collect(),
            scratch: Scratch::new(self.tally.stride(), features),
            random,
            least: Least { rows: self.limits.min_samples_leaf as f64, weight: 0.0 },
            weight: 0.0,
            grown: Grown::default(),
            worth: Worth::default(),
            items,
        };
        let root = Open { rows: 0..growth.items.len(), depth: 0, parent: None, near: 0 };
        let sums = growth.sums(&root);
        growth.weight = self.tally.weight(&sums);
        growth.worth.weight = growth.weight;
        growth.worth.constant = if self.worth { self.tally.constant(&growth.items) } else { 0.0 };
        growth.least.weight = self.limits.min_weight_fraction_leaf * growth.weight;
        match self.limits.max_leaf_nodes {
            usize::MAX => growth.deep(root),
            most => growth.best_first(root, most),
        }
        growth.grown.sum_covers();
        (growth.grown, growth.worth)
    }
}

impl<T: Tally> Growth<'_, T> {
    /// Without a limit of leaves the order does not matter: the left child is next.
    fn deep(&mut self, root: Open) {
        let mut stack = vec![root];
        while let Some(mut open) = stack.pop() {
            self.draw_near(&mut open);
            let sums = self.sums(&open);
            match self.seek(&open, &sums) {
                None => self.close(&open, &sums),
                Some(parting) => {
                    let [left, right] = self.split(&open, &sums, parting);
                    stack.push(right);
                    stack.push(left);
                }
            }
        }
    }

    /// With one, the leaf that gains most is split next.
    fn best_first(&mut self, root: Open, most: usize) {
        let (mut leaves, mut queue, mut rank) = (1, BinaryHeap::new(), 0u64);
        let ranked = |growth: &mut Self, open: Open, rank: u64| {
            let sums = growth.sums(&open);
            let parting = growth.seek(&open, &sums);
            let gain = parting.as_ref().map_or(0.0, |best| best.score - growth.score(&open, &sums));
            Ranked { gain, rank, open, parting }
        };
        queue.push(ranked(self, root, rank));
        while let Some(Ranked { open, parting, .. }) = queue.pop() {
            let sums = self.sums(&open);
            match parting.filter(|_| leaves < most) {
                None => self.close(&open, &sums),
                Some(parting) => {
                    leaves += 1;
                    for child in self.split(&open, &sums, parting) {
                        rank += 1;
                        queue.push(ranked(self, child, rank));
                    }
                }
            }
        }
    }

    fn sums(&self, open: &Open) -> Vec<T::Cell> {
        let mut sums = vec![T::Cell::default(); self.cart.tally.stride()];
        self.items[open.rows.clone()].iter().for_each(|item| self.cart.tally.add(&mut sums, item));
        sums
    }

    fn score(&self, open: &Open, sums: &[T::Cell]) -> f64 {
        self.cart.tally.score_of(&self.items[open.rows.clone()], sums)
    }

    /// Copies the rows of a node side by side, once they are few.
    fn draw_near(&mut self, open: &mut Open) {
        let stride = self.cart.table.stride;
        let fits = |bytes: &usize| 2 * stride * open.rows.len() <= *bytes;
        let wanted = NEAR.iter().take_while(|bytes| fits(bytes)).count();
        if wanted <= open.near {
            return;
        }
        let mut near = std::mem::take(&mut self.near[wanted - 1]);
        let from = rows(self.cart.table, &self.near, open.near);
        near.clear();
        for (at, item) in self.items[open.rows.clone()].iter_mut().enumerate() {
            near.extend_from_slice(&from.bins[item.row as usize * stride..][..stride]);
            item.row = at as u32;
        }
        self.near[wanted - 1] = near;
        open.near = wanted;
    }

    /// Parts a leaf's rows in place, keeping their order, and gives its children.
    fn split(&mut self, open: &Open, sums: &[T::Cell], parting: Parting) -> [Open; 2] {
        if self.cart.worth {
            self.worth.branches.push(self.score(open, sums));
            self.cart.tally.answer(&self.items[open.rows.clone()], sums, &mut self.worth.values);
        }
        let Parting { feature, mut cut, missing_left, .. } = parting;
        // What is cut by rank is known by its levels from here on.
        if let (Some(ranks), Cut::Below(last)) = (self.level_order.ranks(feature), &cut) {
            cut = Cut::Among(up_to(ranks, *last));
        }
        let absent = self.cart.table.features[feature].count as u16;
        let rows = rows(self.cart.table, &self.near, open.near);
        let items = &mut self.items[open.rows.clone()];
        self.temp.resize(self.temp.len().max(items.len()), items[0]);
        let bin = |item: &ItemOf<T>| rows.bin(item.row, feature);
        let left = match &cut {
            Cut::Below(last) => {
                let last = *last;
                part(items, &mut self.temp, |item| match bin(item) {
                    bin if bin == absent => missing_left,
                    bin => bin <= last,
                })
            }
            Cut::Among(_) => part(items, &mut self.temp, |item| match bin(item) {
                bin if bin == absent => missing_left,
                bin => cut.takes(bin.into()),
            }),
        };
        let at = self.grown.branches.len();
        self.grown.hang(open.parent, at as i32);
        self.grown.branches.push(Branch { feature, cut, missing_left, left: 0, right: 0, cover: 0.0 });
        let middle = open.rows.start + left;
        let child = |rows, is_left| Open { rows, depth: open.depth + 1, parent: Some((at, is_left)), near: open.near };
        [child(open.rows.start..middle, true), child(middle..open.rows.end, false)]
    }

    /// Makes a leaf.
    fn close(&mut self, open: &Open, sums: &[T::Cell]) {
        let leaf = !(self.grown.leaf_cover.len() as i32);
        if self.cart.worth {
            self.worth.leaves.push(self.score(open, sums));
        }
        self.grown.hang(open.parent, leaf);
        self.grown.leaf_cover.push(self.cart.tally.weight(sums));
        self.cart.tally.answer(&self.items[open.rows.clone()], sums, &mut self.grown.values);
    }

    /// The best parting of a leaf that may be parted.
    fn seek(&mut self, open: &Open, sums: &[T::Cell]) -> Option<Parting> {
        let Self { cart: Cart { table, limits, tally, .. }, items, near, order, scratch, random, level_order, .. } =
            self;
        let n = open.rows.len();
        let is_small = n < limits.min_samples_split.max(2 * limits.min_samples_leaf);
        if is_small || open.depth >= limits.max_depth {
            return None;
        }
        let items = &items[open.rows.clone()];
        if tally.is_pure(items, sums) {
            return None;
        }
        let rows = rows(table, near, open.near);
        let node = Node { tally: *tally, items, sums, rows, least: self.least, order: level_order };
        let p = order.len();
        let best = if limits.max_features >= p && !limits.random_cuts && n >= MANY {
            let groups = order.par_chunks(GROUP).map(|features| {
                let mut best = None;
                look(&node, table, features, &mut Scratch::new(tally.stride(), features.len()), &mut best);
                best
            });
            let mut best = None;
            groups.collect::<Vec<_>>().into_iter().flatten().for_each(|next| keep(&mut best, next));
            best
        } else {
            // Features that are the same in all rows do not count, and the draw goes on until one is found.
            let (mut best, mut looked, mut at) = (None, 0, 0);
            let draws = limits.max_features < p;
            while at < p && (looked < limits.max_features || best.is_none()) {
                let wanted = limits.max_features.saturating_sub(looked).clamp(1, GROUP.min(p - at));
                for i in at..at + wanted {
                    if draws {
                        let j = i + random.below((p - i) as u64) as usize;
                        order.swap(i, j);
                    }
                }
                let features = &order[at..at + wanted];
                at += wanted;
                looked += match limits.random_cuts {
                    false => look(&node, table, features, scratch, &mut best),
                    true => {
                        let draw = |&f: &u32| node.drawn(f as usize, &table.features[f as usize], scratch, random);
                        count(features.iter().map(draw), &mut best)
                    }
                };
            }
            best
        };
        let score = tally.score_of(items, sums);
        best.filter(|best| (best.score - score) / self.weight + 1e-15 >= limits.min_impurity_decrease)
    }
}

/// All rows, or those that were copied side by side.
fn rows<'a>(table: &'a Table, near: &'a [Vec<u16>], copies: usize) -> Rows<'a> {
    match copies {
        0 => table.rows(),
        copies => Rows { bins: &near[copies - 1], stride: table.stride },
    }
}

/// Looks at some features; gives the number of those that are not the same in all rows.
fn look<T: Tally>(
    node: &Node<'_, T>,
    table: &Table,
    features: &[u32],
    scratch: &mut Scratch<T::Cell>,
    best: &mut Option<Parting>,
) -> usize {
    node.sum_up(features, scratch);
    let seek = |(slot, &f): (usize, &u32)| node.best(slot, f as usize, &table.features[f as usize], scratch);
    count(features.iter().enumerate().map(seek), best)
}

fn count(found: impl Iterator<Item = Result<Option<Parting>, Constant>>, best: &mut Option<Parting>) -> usize {
    let varied = found.filter_map(Result::ok);
    varied.map(|next| next.into_iter().for_each(|next| keep(best, next))).count()
}

/// Keeps the parting that scores higher; of equal ones the first.
fn keep(best: &mut Option<Parting>, next: Parting) {
    if best.as_ref().is_none_or(|best| next.score > best.score) {
        *best = Some(next);
    }
}

/// Parts items in place without a jump, keeping their order; gives the number that go left.
#[inline(always)]
fn part<I: Copy>(items: &mut [I], temp: &mut [I], is_left: impl Fn(&I) -> bool) -> usize {
    let (mut left, mut right) = (0, 0);
    let temp = &mut temp[..items.len()];
    for i in 0..items.len() {
        let item = items[i];
        let goes = is_left(&item);
        items[left] = item;
        temp[right] = item;
        left += usize::from(goes);
        right += usize::from(!goes);
    }
    items[left..].copy_from_slice(&temp[..right]);
    left
}

impl Grown {
    /// Hangs a child from its parent: a branch, and whether the child is its left one.
    pub(super) fn hang(&mut self, parent: Option<(usize, bool)>, child: i32) {
        if let Some((at, is_left)) = parent {
            let branch = &mut self.branches[at];
            if is_left { branch.left = child } else { branch.right = child }
        }
    }
}

/// A leaf in the queue: the highest gain first, then the newest.
struct Ranked {
    gain: f64,
    rank: u64,
    open: Open,
    parting: Option<Parting>,
}

impl Ord for Ranked {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.gain.total_cmp(&other.gain).then(self.rank.cmp(&other.rank))
    }
}

impl PartialOrd for Ranked {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Ranked {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Ranked {}

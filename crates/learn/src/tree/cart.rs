//! Classification and regression trees (Breiman, Friedman, Olshen & Stone 1984), grown on bins.
//!
//! A node is parted by the feature and cut that leave its children purest, among a random draw of features
//! where the settings say so, until it is pure or too small. Rows are parted in place; a node of few rows
//! sorts their bins, a larger one sums up a histogram. Cost: some n log n steps a feature looked at.

use super::bins::Feature;
use super::impurity::{Constant, Item, Measure, Node, Parting, Scratch};
use super::node::{Branch, Grown};
use arkwright_core::Random;
use rayon::prelude::*;
use std::collections::BinaryHeap;
use std::ops::Range;

/// The longest way from a root to a leaf, whatever the settings say; a saved tree that is deeper is refused.
pub(super) const DEEPEST: u32 = 512;
/// Rows from which a node's features are looked at side by side.
const MANY: usize = 32_768;

/// The limits of a tree.
#[derive(Clone, Debug)]
pub(super) struct Limits {
    pub(super) max_depth: u32,
    pub(super) max_leaf_nodes: usize,
    pub(super) min_samples_split: usize,
    pub(super) min_samples_leaf: usize,
    pub(super) min_impurity_decrease: f64,
    /// Features looked at in each node.
    pub(super) max_features: usize,
    /// Cuts are drawn, not sought.
    pub(super) random_cuts: bool,
}

/// A table in columns of bytes.
pub(super) struct Columns {
    pub(super) features: Vec<Feature>,
    pub(super) bins: Vec<Vec<u8>>,
}

/// Grows one tree.
pub(super) struct Cart<'a> {
    pub(super) table: &'a Columns,
    pub(super) limits: &'a Limits,
    pub(super) measure: Measure,
    /// Added to the mean in each leaf: the numbers are centred.
    pub(super) centre: f64,
}

/// A leaf that may yet be split.
struct Open {
    rows: Range<usize>,
    depth: u32,
    sums: Vec<f64>,
    parent: Option<(usize, bool)>,
    best: Option<Parting>,
}

impl Cart<'_> {
    /// Grows a tree on a sample.
    pub(super) fn grow(&self, mut items: Vec<Item>, mut random: Random) -> Grown {
        let mut grown = Grown::default();
        let mut scratch = Scratch::default();
        let mut order: Vec<u32> = (0..self.table.features.len() as u32).collect();
        let mut temp = Vec::with_capacity(items.len());
        let mut root = self.open(&items, 0..items.len(), 0, None);
        let weight = self.measure.weight(&root.sums);
        root.best = self.seek(&root, &items, weight, &mut order, &mut scratch, &mut random);
        // Without a limit of leaves the order does not matter, and the last one opened goes on; with one,
        // the one that gains most.
        let is_limited = self.limits.max_leaf_nodes < usize::MAX;
        let (mut leaves, mut queue, mut rank) = (1, BinaryHeap::new(), 0u64);
        queue.push(Ranked { gain: 0.0, rank, open: root });
        while let Some(Ranked { mut open, .. }) = queue.pop() {
            let parting = open.best.take().filter(|_| leaves < self.limits.max_leaf_nodes);
            let Some(parting) = parting else {
                self.close(&open, &mut grown);
                continue;
            };
            leaves += 1;
            let at = grown.branches.len();
            hang(&mut grown, open.parent, at as i32);
            let middle = open.rows.start + self.part(&mut items[open.rows.clone()], &parting, &mut temp);
            for (rows, is_left) in [(open.rows.start..middle, true), (middle..open.rows.end, false)] {
                let mut child = self.open(&items, rows, open.depth + 1, Some((at, is_left)));
                child.best = self.seek(&child, &items, weight, &mut order, &mut scratch, &mut random);
                rank += 1;
                let gain = match &child.best {
                    Some(best) if is_limited => best.score - self.measure.score(&child.sums),
                    _ => 0.0,
                };
                queue.push(Ranked { gain, rank, open: child });
            }
            let Parting { feature, cut, missing_left, .. } = parting;
            grown.branches.push(Branch { feature, cut, missing_left, left: 0, right: 0, cover: 0.0 });
        }
        grown.sum_covers();
        grown
    }

    fn open(&self, items: &[Item], rows: Range<usize>, depth: u32, parent: Option<(usize, bool)>) -> Open {
        let mut sums = vec![0.0; self.measure.width() + 1];
        items[rows.clone()].iter().for_each(|item| self.measure.add(&mut sums, item));
        Open { rows, depth, sums, parent, best: None }
    }

    /// Makes a leaf.
    fn close(&self, open: &Open, grown: &mut Grown) {
        let leaf = !(grown.leaf_cover.len() as i32);
        hang(grown, open.parent, leaf);
        let weight = self.measure.weight(&open.sums);
        grown.leaf_cover.push(weight);
        match self.measure {
            Measure::Number => grown.values.push(self.centre + open.sums[1] / weight),
            Measure::Classes(k) => grown.values.extend(open.sums[..k].iter().map(|c| c / weight)),
        }
    }

    /// The best parting of a leaf that may be parted.
    fn seek(
        &self,
        open: &Open,
        all: &[Item],
        total: f64,
        order: &mut [u32],
        scratch: &mut Scratch,
        random: &mut Random,
    ) -> Option<Parting> {
        let (limits, items) = (self.limits, &all[open.rows.clone()]);
        let small = items.len() < limits.min_samples_split.max(2 * limits.min_samples_leaf);
        if small || open.depth >= limits.max_depth || self.is_pure(items) {
            return None;
        }
        let node =
            Node { measure: self.measure, items, sums: &open.sums, min_samples_leaf: limits.min_samples_leaf as f64 };
        let look = |feature: usize, scratch: &mut Scratch, random: Option<&mut Random>| {
            node.best(feature, &self.table.features[feature], &self.table.bins[feature], scratch, random)
        };
        let p = order.len();
        let mut best: Option<Parting> = None;
        if limits.max_features >= p && !limits.random_cuts {
            let found: Vec<_> = if items.len() >= MANY {
                (0..p).into_par_iter().map(|f| look(f, &mut Scratch::default(), None).ok().flatten()).collect()
            } else {
                (0..p).map(|f| look(f, scratch, None).ok().flatten()).collect()
            };
            found.into_iter().flatten().for_each(|next| keep(&mut best, next));
        } else {
            // Features that are the same in all rows do not count, and the draw goes on until one is found.
            let mut looked = 0;
            for i in 0..p {
                if looked >= limits.max_features && best.is_some() {
                    break;
                }
                let j = i + random.below((p - i) as u64) as usize;
                order.swap(i, j);
                match look(order[i] as usize, scratch, limits.random_cuts.then_some(&mut *random)) {
                    Err(Constant) => {}
                    Ok(found) => {
                        looked += 1;
                        found.into_iter().for_each(|next| keep(&mut best, next));
                    }
                }
            }
        }
        let gain = |best: &Parting| (best.score - self.measure.score(&open.sums)) / total;
        best.filter(|best| gain(best) + 1e-15 >= limits.min_impurity_decrease)
    }

    fn is_pure(&self, items: &[Item]) -> bool {
        let Some(first) = items.first() else { return true };
        match self.measure {
            Measure::Number => items.iter().all(|i| i.value * first.weight == first.value * i.weight),
            Measure::Classes(_) => items.iter().all(|i| i.class == first.class),
        }
    }

    /// Parts rows in place, keeping their order; gives the number that go left.
    fn part(&self, items: &mut [Item], parting: &Parting, temp: &mut Vec<Item>) -> usize {
        let count = self.table.features[parting.feature].count;
        let column = &self.table.bins[parting.feature];
        let mut ways: Vec<bool> = (0..count).map(|bin| parting.cut.takes(bin)).collect();
        ways.push(parting.missing_left);
        temp.clear();
        let mut left = 0;
        for i in 0..items.len() {
            let item = items[i];
            if ways[usize::from(column[item.row as usize])] {
                items[left] = item;
                left += 1;
            } else {
                temp.push(item);
            }
        }
        items[left..].copy_from_slice(temp);
        left
    }
}

/// Hangs a child from its parent.
fn hang(grown: &mut Grown, parent: Option<(usize, bool)>, child: i32) {
    if let Some((at, is_left)) = parent {
        let branch = &mut grown.branches[at];
        if is_left { branch.left = child } else { branch.right = child }
    }
}

/// Keeps the parting that scores higher; of equal ones the first.
fn keep(best: &mut Option<Parting>, next: Parting) {
    if best.as_ref().is_none_or(|best| next.score > best.score) {
        *best = Some(next);
    }
}

/// A leaf in the queue: the highest gain first, then the newest.
struct Ranked {
    gain: f64,
    rank: u64,
    open: Open,
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

//! A boosted tree, grown leaf by leaf (Shi 2007) or level by level.
//!
//! Of the leaves that may be split the one that gains most is next; level by level, one of the least depth.
//! The rows are one array, and a leaf is a range of it; a split parts the range in place, keeping the order
//! of the rows. Only the smaller child's histogram is summed up; the other is the parent's less that ([`super::seek`]).
//!
//! A small leaf is little work for many threads. So the leaves that are next in line are split with it, one a
//! thread or two: a leaf's children depend on nothing but the leaf, and most of those in line have their turn. What
//! was split in vain is put back in order.

use super::bins::Binned;
use super::choice::Choice;
use super::grid::{Gradients, Grid, Sum};
use super::histogram::Layout;
use super::node::{Branch, Grown};
use super::partition::part_by;
use super::seek::total;
use super::split::{Bounds, Rules, Search, Split};
use super::step::{Leaves, newton};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::ops::Range;
use std::sync::Arc;

/// Rows of a leaf up to which those next in line are split with it.
const SMALL: usize = 32_768;
/// Bytes that histograms may take before they are summed up anew for each leaf.
const POOL: usize = 1 << 30;

/// Grows trees on one table.
pub(super) struct Grower<'a> {
    pub(super) table: &'a Binned,
    pub(super) layout: Layout,
    pub(super) rules: Rules,
    pub(super) max_leaf_nodes: usize,
    pub(super) max_depth: u32,
    policy: GrowPolicy,
    /// Whether there is room for the histograms of all leaves.
    pub(super) keep: bool,
    free: Vec<Vec<u64>>,
    pub(super) temp: Vec<u32>,
}

/// In which order a tree grows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum GrowPolicy {
    /// The leaf that gains most is split next, as LightGBM does.
    #[default]
    LeafWise,
    /// Level by level, as XGBoost does; within a level the leaf that gains most is next.
    DepthWise,
    /// All leaves of a level ask the same question, as CatBoost's do: a tree of `2^depth` leaves, quick to
    /// answer and hard to overfit.
    Symmetric,
}

/// A leaf while the tree grows.
pub(super) struct Leaf {
    pub(super) rows: Range<usize>,
    pub(super) depth: u32,
    pub(super) sum: Sum,
    pub(super) l2: f64,
    pub(super) sums: Vec<u64>,
    pub(super) best: Option<Split>,
    pub(super) bounds: Bounds,
    /// Whether each feature may be used.
    pub(super) open: Arc<[bool]>,
    /// The features above.
    used: Vec<usize>,
    /// The branch above, and whether this is its left child.
    parent: Option<(usize, bool)>,
    /// What its best split makes of it, once that was worked out.
    children: Option<Box<[Leaf; 2]>>,
}

/// What is needed to split a leaf.
struct Task<'l> {
    at: usize,
    leaf: &'l Leaf,
    split: &'l Split,
    /// The features above the children, and those that each may be split by.
    used: Vec<usize>,
    open: [Arc<[bool]>; 2],
    /// Room for the smaller child's histogram, and the leaf's own.
    sums: [Vec<u64>; 2],
    /// The children will not be split.
    last: bool,
}

/// A grown tree, and the rows of each leaf.
pub(super) type Tree = (Grown, Vec<Range<usize>>);

/// What a tree is grown on.
#[derive(Clone, Copy)]
pub(super) struct Ground<'a> {
    pub(super) gradients: Gradients<'a>,
    pub(super) choice: &'a Choice<'a>,
}

impl<'a> Grower<'a> {
    pub(super) fn new(
        table: &'a Binned,
        rules: Rules,
        policy: GrowPolicy,
        max_leaf_nodes: usize,
        max_depth: u32,
    ) -> Self {
        let layout = Layout::new(table);
        let size = layout.size(table.features.len()) * size_of::<u64>();
        let most = max_leaf_nodes.min(table.rows);
        Self {
            table,
            layout,
            rules,
            max_leaf_nodes,
            max_depth,
            policy,
            keep: size.saturating_mul(most) <= POOL,
            free: Vec::new(),
            temp: vec![0; table.rows],
        }
    }

    /// Grows a tree on some rows, which are put in the order of its leaves; also gives each leaf's range.
    /// The leaves' values are steps of Newton's method, not yet shrunk.
    pub(super) fn grow(&mut self, rows: &mut [u32], ground: Ground<'_>) -> Tree {
        if self.policy == GrowPolicy::Symmetric {
            return self.symmetric(rows, ground);
        }
        let mut grown = Grown::default();
        let mut leaves = vec![self.root(rows, ground)];
        let mut queue = BinaryHeap::new();
        // A gain is above 0, and such floats sort as their bits do; of equal gains the older leaf is first.
        let by_level = self.policy == GrowPolicy::DepthWise;
        let put = |queue: &mut BinaryHeap<_>, leaves: &[Leaf], at: usize| {
            if let Some(best) = &leaves[at].best {
                let level = if by_level { leaves[at].depth } else { 0 };
                queue.push((Reverse(level), best.gain.to_bits(), Reverse(at)));
            }
        };
        put(&mut queue, &leaves, 0);
        while leaves.len() < self.max_leaf_nodes {
            let Some((.., Reverse(at))) = queue.pop() else { break };
            if leaves[at].children.is_none() {
                let mut chosen = vec![at];
                self.next_in_line(&mut chosen, &mut queue, &leaves, ground);
                let last = leaves.len() + 1 == self.max_leaf_nodes;
                self.divide(&mut leaves, &chosen, rows, ground, grown.branches.len(), last);
            }
            let leaf = &mut leaves[at];
            let (Some(split), Some(children)) = (leaf.best.take(), leaf.children.take()) else { continue };
            let branch = grown.branches.len();
            if let Some((above, is_left)) = leaf.parent {
                let child = branch as i32;
                if is_left { grown.branches[above].left = child } else { grown.branches[above].right = child }
            }
            grown.branches.push(Branch {
                feature: split.feature,
                cut: split.cut,
                missing_left: split.missing_left,
                left: 0,
                right: 0,
                cover: 0.0,
            });
            let [mut left, mut right] = *children;
            (left.parent, right.parent) = (Some((branch, true)), Some((branch, false)));
            leaves[at] = left;
            leaves.push(right);
            put(&mut queue, &leaves, at);
            put(&mut queue, &leaves, leaves.len() - 1);
        }
        for (at, leaf) in leaves.iter_mut().enumerate() {
            if let Some((branch, is_left)) = leaf.parent {
                let child = !(at as i32);
                if is_left { grown.branches[branch].left = child } else { grown.branches[branch].right = child }
            }
            self.give(std::mem::take(&mut leaf.sums));
            if let Some(children) = leaf.children.take() {
                // Two runs in order, which this sort merges.
                rows[leaf.rows.clone()].sort();
                children.into_iter().for_each(|child| self.give(child.sums));
            }
        }
        let ranges: Vec<Range<usize>> = leaves.iter().map(|leaf| leaf.rows.clone()).collect();
        let sums = Leaves { rows, ranges: &ranges }.sums(ground.gradients.pairs);
        let value = |(leaf, sums): (&Leaf, _)| leaf.bounds.keep(newton(sums, leaf.l2, ground.gradients.grid));
        grown.values = leaves.iter().zip(sums).map(value).collect();
        (grown, ranges)
    }

    fn root(&mut self, rows: &[u32], ground: Ground<'_>) -> Leaf {
        let grid = ground.gradients.grid;
        let sum = total(rows, ground.gradients);
        let l2 = self.rules.l2;
        let mut leaf = Leaf {
            rows: 0..rows.len(),
            depth: 0,
            sum,
            l2,
            sums: Vec::new(),
            best: None,
            bounds: Bounds::NONE,
            open: ground.choice.open(&[], 0, 0),
            used: Vec::new(),
            parent: None,
            children: None,
        };
        if self.max_leaf_nodes > 1 && self.can_split(&leaf, grid) {
            let sums = self.take();
            self.look_alone(&mut leaf, rows, sums, ground.gradients);
        }
        leaf
    }

    /// Adds leaves to split beside a small one: those that are next in the queue, and small as well. Where the
    /// features that a leaf may use are drawn by its number, there is none, since numbers are given in turn.
    fn next_in_line<T: Ord + Copy>(
        &self,
        chosen: &mut Vec<usize>,
        queue: &mut BinaryHeap<(T, u64, Reverse<usize>)>,
        leaves: &[Leaf],
        ground: Ground<'_>,
    ) {
        let most = (2 * rayon::current_num_threads()).min(self.max_leaf_nodes - leaves.len());
        if leaves[chosen[0]].rows.len() > SMALL || ground.choice.by_node < 1.0 {
            return;
        }
        let mut passed = Vec::new();
        while chosen.len() < most && passed.len() < 2 * most {
            let Some(entry) = queue.pop() else { break };
            passed.push(entry);
            let Reverse(at) = entry.2;
            if leaves[at].children.is_none() && leaves[at].rows.len() <= SMALL {
                chosen.push(at);
            }
        }
        queue.extend(passed);
    }

    /// Splits some leaves in two each, and finds how their children would be split. `number` is the next
    /// branch's.
    fn divide(
        &mut self,
        leaves: &mut [Leaf],
        chosen: &[usize],
        rows: &mut [u32],
        ground: Ground<'_>,
        number: usize,
        last: bool,
    ) {
        let room: Vec<[Vec<u64>; 2]> = chosen
            .iter()
            .map(|&at| {
                let own = std::mem::take(&mut leaves[at].sums);
                match (last, own.is_empty()) {
                    (true, _) => [Vec::new(), own],
                    (false, true) => [if self.keep { self.take() } else { Vec::new() }, self.take()],
                    (false, false) => [if self.keep { self.take() } else { Vec::new() }, own],
                }
            })
            .collect();
        let mut tasks = Vec::with_capacity(chosen.len());
        for (&at, sums) in chosen.iter().zip(room) {
            let leaf = &leaves[at];
            let Some(split) = &leaf.best else { continue };
            let mut used = leaf.used.clone();
            if !used.contains(&split.feature) {
                used.push(split.feature);
            }
            let open = [1, 2].map(|side| ground.choice.open(&used, leaf.depth + 1, 2 * number + side));
            tasks.push(Task { at, leaf, split, used, open, sums, last });
        }
        tasks.sort_unstable_by_key(|task| task.leaf.rows.start);
        let mut temp = std::mem::take(&mut self.temp);
        let (mut rest, mut rest_temp, mut start) = (rows, &mut temp[..], 0);
        let mut work = Vec::with_capacity(tasks.len());
        for task in tasks {
            let (before, size) = (task.leaf.rows.start - start, task.leaf.rows.len());
            start = task.leaf.rows.end;
            let (own, after) = rest[before..].split_at_mut(size);
            let (own_temp, after_temp) = rest_temp[before..].split_at_mut(size);
            (rest, rest_temp) = (after, after_temp);
            work.push((task, own, own_temp));
        }
        let (grower, gradients) = (&*self, ground.gradients);
        let one = |(task, rows, temp): (Task<'_>, &mut [u32], &mut [u32])| {
            (task.at, grower.children(task, rows, temp, gradients))
        };
        let done: Vec<_> = match work.len() {
            1 => work.into_iter().map(one).collect(),
            _ => work.into_par_iter().map(one).collect(),
        };
        self.temp = temp;
        for (at, (children, spare)) in done {
            leaves[at].children = Some(Box::new(children));
            spare.into_iter().for_each(|sums| self.give(sums));
        }
    }

    /// The children of a leaf, whose rows and room for them are given, and the histograms that nobody needs.
    fn children(
        &self,
        task: Task<'_>,
        rows: &mut [u32],
        temp: &mut [u32],
        gradients: Gradients<'_>,
    ) -> ([Leaf; 2], Vec<Vec<u64>>) {
        let Task { leaf, split, .. } = task;
        let middle = part_by(self.table, split, rows, temp);
        let (first, second) = rows.split_at(middle);
        let middle = leaf.rows.start + middle;
        let direction = self.rules.direction(split.feature);
        let search = Search::new(gradients.grid, &self.rules, leaf.sum, leaf.l2, leaf.bounds);
        let values = [split.left, leaf.sum - split.left].map(|sum| search.value(sum, split.l2));
        let bounds = leaf.bounds.part(direction, values[0], values[1]);
        let child = |rows: Range<usize>, sum: Sum, side: usize| Leaf {
            rows,
            depth: leaf.depth + 1,
            sum,
            l2: split.l2,
            sums: Vec::new(),
            best: None,
            bounds: bounds[side],
            open: task.open[side].clone(),
            used: task.used.clone(),
            parent: None,
            children: None,
        };
        let mut left = child(leaf.rows.start..middle, split.left, 0);
        let mut right = child(middle..leaf.rows.end, leaf.sum - split.left, 1);
        let spare = if task.last {
            task.sums.into()
        } else if first.len() <= second.len() {
            self.look([&mut left, &mut right], [first, second], task.sums, gradients)
        } else {
            self.look([&mut right, &mut left], [second, first], task.sums, gradients)
        };
        ([left, right], spare)
    }

    pub(super) fn can_split(&self, leaf: &Leaf, grid: Grid) -> bool {
        leaf.depth < self.max_depth
            && leaf.rows.len() as u64 >= 2 * self.rules.min_samples_leaf.max(1)
            && grid.hessian(leaf.sum) >= 2.0 * self.rules.min_child_weight
    }

    pub(super) fn take(&mut self) -> Vec<u64> {
        self.free.pop().unwrap_or_else(|| vec![0; self.layout.size(self.table.features.len())])
    }

    pub(super) fn give(&mut self, sums: Vec<u64>) {
        if !sums.is_empty() {
            self.free.push(sums);
        }
    }
}

/// Whether each bin of a feature goes left.
pub(super) fn ways(table: &Binned, feature: usize, takes: impl Fn(usize) -> bool, missing_left: bool) -> Vec<bool> {
    let count = table.features[feature].count;
    let mut ways: Vec<bool> = (0..count).map(takes).collect();
    ways.push(missing_left);
    ways.resize((1 << table.bits.min(8)).max(count + 1), missing_left);
    ways
}

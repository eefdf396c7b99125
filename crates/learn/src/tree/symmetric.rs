//! Symmetric trees: all leaves of a level ask the same question (Prokhorenkova et al. 2018).
//!
//! A question's gain is the sum of what it gains in each leaf; where it would part one too small, it gains
//! nothing there, and the leaf is parted all the same. Of levels a symmetric tree can tell one from the rest only.
//! The leaves lie side by side in the rows, so that they are parted, and their histograms summed up, on many
//! threads.

use super::bins::Scale;
use super::grid::Sum;
use super::grow::{Ground, Grower, Tree};
use super::histogram::{Sums, subtract};
use super::node::{Branch, Cut, Grown};
use super::partition::part_by;
use super::seek::total;
use super::split::{Bounds, Search, Split};
use super::step::{Leaves, newton};
use rayon::prelude::*;
use std::ops::Range;

/// Levels at most.
const DEEPEST: u32 = 16;

/// A leaf of the newest level.
struct Part {
    rows: Range<usize>,
    sum: Sum,
    sums: Vec<u64>,
    bounds: Bounds,
}

impl Grower<'_> {
    /// Grows a symmetric tree.
    pub(super) fn symmetric(&mut self, rows: &mut [u32], ground: Ground<'_>) -> Tree {
        let levels = self.max_depth.min(self.max_leaf_nodes.max(1).ilog2()).min(DEEPEST);
        let (gradients, grid, l2) = (ground.gradients, ground.gradients.grid, self.rules.l2);
        let mut leaves =
            vec![Part { rows: 0..rows.len(), sum: total(rows, gradients), sums: Vec::new(), bounds: Bounds::NONE }];
        if levels > 0 && self.keep {
            let mut sums = self.take();
            self.fill_all(&mut sums, rows, gradients);
            leaves[0].sums = sums;
        }
        let mut temp = std::mem::take(&mut self.temp);
        let (mut questions, mut used) = (Vec::new(), Vec::new());
        for level in 0..levels {
            let searches: Vec<Search<'_>> =
                leaves.iter().map(|leaf| Search::new(grid, &self.rules, leaf.sum, l2, leaf.bounds)).collect();
            let open = ground.choice.open(&used, level, 0);
            let Some(question) = self.question(&leaves, &searches, rows, ground, &open) else { break };
            let direction = self.rules.direction(question.feature);
            let middles = self.part_all(&leaves, rows, &mut temp, &question);
            let mut next = Vec::with_capacity(2 * leaves.len());
            for ((leaf, middle), search) in leaves.iter_mut().zip(middles).zip(&searches) {
                let left = total(&rows[leaf.rows.start..middle], gradients);
                let sums = [left, leaf.sum - left];
                let bounds = leaf.bounds.part(direction, search.value(sums[0], l2), search.value(sums[1], l2));
                let ranges = [leaf.rows.start..middle, middle..leaf.rows.end];
                for ((rows, sum), bounds) in ranges.into_iter().zip(sums).zip(bounds) {
                    next.push(Part { rows, sum, sums: Vec::new(), bounds });
                }
                // The parent's histogram goes to the child of more rows.
                let at = next.len() - 2;
                let large = at + usize::from(next[at].rows.len() < next[at + 1].rows.len());
                next[large].sums = std::mem::take(&mut leaf.sums);
            }
            leaves = next;
            if self.keep && level + 1 < levels {
                self.histograms(&mut leaves, rows, ground);
            }
            if !used.contains(&question.feature) {
                used.push(question.feature);
            }
            questions.push(question);
        }
        self.temp = temp;
        let ranges: Vec<Range<usize>> = leaves.iter().map(|leaf| leaf.rows.clone()).collect();
        let sums = Leaves { rows, ranges: &ranges }.sums(gradients.pairs);
        let value = |(leaf, sums): (&Part, _)| leaf.bounds.keep(newton(sums, l2, grid));
        let values = leaves.iter().zip(sums).map(value).collect();
        leaves.into_iter().for_each(|leaf| self.give(leaf.sums));
        (Grown { branches: branches(&questions), values, ..Grown::default() }, ranges)
    }

    /// The question that gains most over all leaves.
    fn question(
        &self,
        leaves: &[Part],
        searches: &[Search<'_>],
        rows: &[u32],
        ground: Ground<'_>,
        open: &[bool],
    ) -> Option<Split> {
        let least: f64 = searches.iter().map(|search| search.floor - search.score).sum();
        let found: Vec<Option<Split>> = (0..self.table.groups.len())
            .into_par_iter()
            .map(|g| {
                let group = self.table.groups[g];
                let size = self.layout.size(1);
                // Without room for all histograms, those of this group are summed up here.
                let own: Vec<Vec<u64>> = match self.keep {
                    true => Vec::new(),
                    false => leaves
                        .iter()
                        .map(|leaf| {
                            let mut sums = vec![0; group.lanes * size];
                            self.fill(&(g..g + 1), &mut sums, &rows[leaf.rows.clone()], ground.gradients);
                            sums
                        })
                        .collect(),
                };
                let mut best: Option<Split> = None;
                for feature in (group.first..group.first + group.lanes).filter(|&feature| open[feature]) {
                    let sums = |leaf: usize| match self.keep {
                        true => self.layout.feature(&leaves[leaf].sums, feature),
                        false => self.layout.feature(&own[leaf], feature - group.first),
                    };
                    let split = self.best_over(feature, searches, &sums, least);
                    if split.as_ref().is_some_and(|new| best.as_ref().is_none_or(|old| new.gain > old.gain)) {
                        best = split;
                    }
                }
                best
            })
            .collect();
        found.into_iter().flatten().reduce(|a, b| if b.gain > a.gain { b } else { a })
    }

    /// The best question of a feature.
    fn best_over<'s>(
        &self,
        feature: usize,
        searches: &[Search<'_>],
        sums: &impl Fn(usize) -> Sums<'s>,
        least: f64,
    ) -> Option<Split> {
        let count = self.table.features[feature].count;
        let number = matches!(self.table.features[feature].scale, Scale::Number(_));
        let l2 = self.rules.l2;
        let mut gains = vec![[0.0; 2]; count];
        let mut some_missing = false;
        for (leaf, search) in searches.iter().enumerate().filter(|(_, search)| search.total.packed != 0) {
            let sums = sums(leaf);
            let (missing, mut below) = (sums.at(count), Sum::default());
            let gain = |left: Sum| search.pair(left, l2).map_or(0.0, |score| score - search.score);
            for (gains, sum) in gains.iter_mut().zip(sums.first(count)) {
                below = if number { below + sum } else { sum };
                let right = gain(below);
                gains[0] += right;
                gains[1] += if missing.packed == 0 { right } else { gain(below + missing) };
            }
            some_missing |= missing.packed != 0;
        }
        let mut best: Option<(f64, usize, bool)> = None;
        for (bin, gains) in gains.iter().enumerate() {
            for (missing_left, &gain) in [false, true].into_iter().zip(gains) {
                if gain > best.map_or(least.max(0.0), |best| best.0) {
                    best = Some((gain, bin, missing_left));
                }
            }
        }
        let (gain, bin, mut missing_left) = best?;
        if !some_missing {
            // Nobody was missing: those to come go with the more.
            let left = (0..searches.len())
                .flat_map(|leaf| sums(leaf).first(bin + 1).skip(if number { 0 } else { bin }))
                .fold(Sum::default(), |a, b| a + b);
            let all = searches.iter().fold(Sum::default(), |sum, search| sum + search.total);
            missing_left = searches[0].grid.is_most(left, all);
        }
        let cut = match number {
            true => Cut::Below(bin as u16),
            false => {
                let mut set = vec![0u64; count.div_ceil(64)];
                set[bin / 64] |= 1 << (bin % 64);
                Cut::Among(set.into())
            }
        };
        Some(Split { gain, feature, cut, missing_left, left: Sum::default(), l2 })
    }

    /// Parts the rows of all leaves by a question; gives where each leaf's right child begins.
    fn part_all(&self, leaves: &[Part], rows: &mut [u32], temp: &mut [u32], question: &Split) -> Vec<usize> {
        let (mut rows, mut temp) = (rows, temp);
        let mut tasks = Vec::with_capacity(leaves.len());
        for leaf in leaves {
            let (own, rest) = std::mem::take(&mut rows).split_at_mut(leaf.rows.len());
            let (own_temp, rest_temp) = std::mem::take(&mut temp).split_at_mut(leaf.rows.len());
            tasks.push((leaf.rows.start, own, own_temp));
            (rows, temp) = (rest, rest_temp);
        }
        let table = self.table;
        tasks.into_par_iter().map(|(start, rows, temp)| start + part_by(table, question, rows, temp)).collect()
    }

    /// Sums up the histograms of a level: of each two siblings, the one with fewer rows; the other has its
    /// parent's, less that.
    fn histograms(&mut self, leaves: &mut [Part], rows: &[u32], ground: Ground<'_>) {
        for leaf in leaves.iter_mut().filter(|leaf| leaf.sums.is_empty()) {
            leaf.sums = self.take();
        }
        let all = 0..self.table.groups.len();
        let few = leaves.len() < 4 * rayon::current_num_threads();
        let grower = &*self;
        let pair = |pair: &mut [Part]| {
            let [left, right] = pair else { return };
            // The first of equal ones took the parent's histogram.
            let (small, large) = if left.rows.len() < right.rows.len() { (left, right) } else { (right, left) };
            let own = &rows[small.rows.clone()];
            match few {
                true => grower.fill_all(&mut small.sums, own, ground.gradients),
                false => grower.fill(&all, &mut small.sums, own, ground.gradients),
            }
            subtract(&mut large.sums, &small.sums, &all, grower.table, grower.layout);
        };
        match few {
            true => leaves.chunks_mut(2).for_each(pair),
            false => leaves.par_chunks_mut(2).for_each(pair),
        }
    }
}

/// The nodes of a tree whose levels ask some questions, level by level from the left.
fn branches(questions: &[Split]) -> Vec<Branch> {
    let mut branches = Vec::new();
    for (level, question) in questions.iter().enumerate() {
        let last = level + 1 == questions.len();
        for i in 0..1i32 << level {
            let below = |side: i32| match last {
                true => !(2 * i + side),
                false => (2 << level) - 1 + 2 * i + side,
            };
            branches.push(Branch {
                feature: question.feature,
                cut: question.cut.clone(),
                missing_left: question.missing_left,
                left: below(0),
                right: below(1),
                cover: 0.0,
            });
        }
    }
    branches
}

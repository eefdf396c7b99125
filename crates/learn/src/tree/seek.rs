//! The histograms of leaves, and the best splits in them, on many threads.
//!
//! Sums of whole numbers have no order, so rows may be shared out as suits: of many rows each thread sums up some to a
//! histogram of its own; of few, each works on some neighbouring groups of features. The best split is chosen in the
//! features' order.

use super::grid::{Gradients, Sum};
use super::grow::{Grower, Leaf};
use super::histogram::{fill, merge, subtract};
use super::split::{Search, Split};
use rayon::prelude::*;
use std::ops::Range;

/// Rows summed up at a time.
const BLOCK: usize = 16_384;
/// Rows and features that are worth a second thread.
const WORTH: usize = 16_384;
/// Rows that are worth a histogram of their own, to be added to another thread's.
const LEAST: usize = 4096;

impl Grower<'_> {
    /// Finds the best split of a leaf that has no sibling; `sums` is room for its histogram.
    pub(super) fn look_alone(&self, leaf: &mut Leaf, rows: &[u32], mut sums: Vec<u64>, gradients: Gradients<'_>) {
        let search = Search::new(gradients.grid, &self.rules, leaf.sum, leaf.l2, leaf.bounds);
        let filled = self.fill_first(&mut sums, rows, gradients);
        let open = leaf.open.clone();
        let found = self.each_span(rows.len(), std::slice::from_mut(&mut sums), |span, sums| {
            if !filled {
                self.fill(&span, sums[0], rows, gradients);
            }
            [self.scan(&span, sums[0], &search, &open), None]
        });
        [leaf.best, _] = found;
        leaf.sums = sums;
    }

    /// Finds the best splits of two siblings, the smaller first, with their rows; of the histograms the second is
    /// their parent's. Gives back those that are not needed.
    pub(super) fn look(
        &self,
        [small, large]: [&mut Leaf; 2],
        own: [&[u32]; 2],
        mut both: [Vec<u64>; 2],
        gradients: Gradients<'_>,
    ) -> Vec<Vec<u64>> {
        let grid = gradients.grid;
        let wanted = [self.can_split(small, grid), self.can_split(large, grid)];
        if wanted == [false, false] {
            return both.into();
        }
        let searches = [&*small, &*large].map(|leaf| Search::new(grid, &self.rules, leaf.sum, leaf.l2, leaf.bounds));
        let open = [small.open.clone(), large.open.clone()];
        if self.keep {
            let filled = self.fill_first(&mut both[0], own[0], gradients);
            let found = self.each_span(own[0].len(), &mut both, |span, sums| {
                let [few, many] = sums else { return [None, None] };
                if !filled {
                    self.fill(&span, few, own[0], gradients);
                }
                if wanted[1] {
                    subtract(many, few, &span, self.table, self.layout);
                }
                [
                    if wanted[0] { self.scan(&span, few, &searches[0], &open[0]) } else { None },
                    if wanted[1] { self.scan(&span, many, &searches[1], &open[1]) } else { None },
                ]
            });
            [small.best, large.best] = found;
            [small.sums, large.sums] = both;
        } else {
            let [_, mut sums] = both;
            let all = own[0].len() + own[1].len();
            let found = self.each_span(all, std::slice::from_mut(&mut sums), |span, sums| {
                let mut found = [None, None];
                for i in 0..2 {
                    if wanted[i] {
                        self.fill(&span, sums[0], own[i], gradients);
                        found[i] = self.scan(&span, sums[0], &searches[i], &open[i]);
                    }
                }
                found
            });
            [small.best, large.best] = found;
            return vec![sums];
        }
        let leaves = [small, large].into_iter().filter(|leaf| leaf.best.is_none());
        leaves.map(|leaf| std::mem::take(&mut leaf.sums)).collect()
    }

    /// Calls `each` for spans of groups with their part of some histograms, and keeps the best splits.
    fn each_span(
        &self,
        rows: usize,
        sums: &mut [Vec<u64>],
        each: impl Fn(Range<usize>, &mut [&mut [u64]]) -> [Option<Split>; 2] + Sync,
    ) -> [Option<Split>; 2] {
        let groups = &self.table.groups;
        let small = rows * self.table.features.len() < WORTH;
        let spans = if small { 1 } else { rayon::current_num_threads().min(groups.len()).max(1) };
        let mut rest: Vec<&mut [u64]> = sums.iter_mut().map(|sums| &mut sums[..]).collect();
        let mut parts = Vec::with_capacity(spans);
        for span in 0..spans {
            let span = span * groups.len() / spans..(span + 1) * groups.len() / spans;
            let size = self.layout.size(groups[span.clone()].iter().map(|group| group.lanes).sum());
            let part: Vec<&mut [u64]> = rest
                .iter_mut()
                .map(|rest| {
                    let (part, left) = std::mem::take(rest).split_at_mut(size);
                    *rest = left;
                    part
                })
                .collect();
            parts.push((span, part));
        }
        let found: Vec<[Option<Split>; 2]> = if spans == 1 {
            parts.into_iter().map(|(span, mut part)| each(span, &mut part)).collect()
        } else {
            parts.into_par_iter().map(|(span, mut part)| each(span, &mut part)).collect()
        };
        found.into_iter().fold([None, None], |[a, b], [next_a, next_b]| [better(a, next_a), better(b, next_b)])
    }

    /// Sums up all histograms of many rows on many threads, each of which reads its own rows; few rows are left
    /// to the threads that work on spans of groups. Sums of whole numbers have no order.
    fn fill_first(&self, sums: &mut [u64], rows: &[u32], of: Gradients<'_>) -> bool {
        let worth = rayon::current_num_threads() > 1 && rows.len() > 2 * LEAST;
        if worth {
            self.fill_all(sums, rows, of);
        }
        worth
    }

    /// Sums up all histograms of some rows.
    pub(super) fn fill_all(&self, sums: &mut [u64], rows: &[u32], of: Gradients<'_>) {
        self.fill_part(sums, rows, of, rayon::current_num_threads());
    }

    fn fill_part(&self, sums: &mut [u64], rows: &[u32], of: Gradients<'_>, parts: usize) {
        if parts <= 1 || rows.len() <= LEAST {
            return fill(sums, 0, self.table, self.layout, rows, of);
        }
        let (front, back) = rows.split_at(rows.len() / 2);
        let mut other = vec![0; sums.len()];
        rayon::join(
            || self.fill_part(sums, front, of, parts.div_ceil(2)),
            || self.fill_part(&mut other, back, of, parts / 2),
        );
        merge(sums, &other);
    }

    /// Sums up the histograms of a span of groups.
    pub(super) fn fill(&self, span: &Range<usize>, sums: &mut [u64], rows: &[u32], of: Gradients<'_>) {
        fill(sums, span.start, self.table, self.layout, rows, of);
    }

    /// The best split by a feature of a span of groups.
    fn scan(&self, span: &Range<usize>, sums: &[u64], search: &Search<'_>, allowed: &[bool]) -> Option<Split> {
        let first = self.table.groups.get(span.start).map_or(0, |group| group.first);
        let mut best = None;
        for (at, sums) in self.layout.features(sums).enumerate() {
            if allowed[first + at] {
                best = better(best, search.best(first + at, &self.table.features[first + at], sums, self.layout.way));
            }
        }
        best
    }
}

/// The sum over some rows.
pub(super) fn total(rows: &[u32], of: Gradients<'_>) -> Sum {
    let sum = |rows: &[u32]| rows.iter().fold(Sum::default(), |sum, &row| sum + of.grid.widen(of.words[row as usize]));
    if rows.len() <= BLOCK { sum(rows) } else { rows.par_chunks(BLOCK).map(sum).reduce(Sum::default, |a, b| a + b) }
}

/// The split that gains more; of equal ones the first.
fn better(a: Option<Split>, b: Option<Split>) -> Option<Split> {
    match (&a, &b) {
        (Some(x), Some(y)) if y.gain > x.gain => b,
        (None, _) => b,
        _ => a,
    }
}

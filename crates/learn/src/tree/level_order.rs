//! The order in which a tree of a forest sees the levels of its categories.
//!
//! Where levels are sorted by the target anew in each node, the best of all ways to part them is a cut in that order
//! (Breiman et al. 1984), and a deep tree takes it: with many levels of few rows it parts noise, and prefers such a
//! column to any other. So a tree that draws its rows sorts the levels of a column once, by those rows, and cuts them as
//! it cuts numbers (Wright & König 2019). A level that a node has no rows of has its place all the same (Au 2018 tells
//! what goes wrong where it has none), and one that was not drawn stands where the mean of all does. The rows that were
//! not drawn would give an order that fits less closely; but they are what the tree is judged by (`oob_score`), so they
//! have no say.

use super::cart::Table;
use super::impurity::{ItemOf, Tally};

/// For each feature the rank of each bin, the missing's last; none where levels are sorted in the node.
#[derive(Debug, Default)]
pub(super) struct LevelOrder(Vec<Vec<u16>>);

impl LevelOrder {
    /// From the rows that the tree drew.
    pub(super) fn of<T: Tally>(tally: &T, drawn: &[ItemOf<T>], table: &Table) -> Self {
        if !table.features.iter().any(|feature| feature.is_level()) {
            return Self::default();
        }
        let sums = |items: &[ItemOf<T>]| {
            let mut sums = vec![T::Cell::default(); tally.stride()];
            items.iter().for_each(|item| tally.add(&mut sums, item));
            sums
        };
        let all = sums(drawn);
        let mean = tally.level(drawn, &all, &all);
        let rank = |feature: usize| {
            let bin = |item: &ItemOf<T>| usize::from(table.rows().bin(item.row, feature));
            let mut items = drawn.to_vec();
            items.sort_by_key(bin);
            let mut keys = vec![mean; table.features[feature].count + 1];
            for level in items.chunk_by(|a, b| bin(a) == bin(b)) {
                keys[bin(&level[0])] = tally.level(level, &sums(level), &all);
            }
            let mut order: Vec<usize> = (0..keys.len()).collect();
            order.sort_by(|&a, &b| keys[a].total_cmp(&keys[b]));
            let mut ranks = vec![0; keys.len()];
            order.iter().zip(0u16..).for_each(|(&bin, rank)| ranks[bin] = rank);
            ranks
        };
        let of = |(at, feature): (usize, &super::bins::Feature)| if feature.is_level() { rank(at) } else { Vec::new() };
        Self(table.features.iter().enumerate().map(of).collect())
    }

    /// The ranks of a feature's bins.
    pub(super) fn ranks(&self, feature: usize) -> Option<&[u16]> {
        self.0.get(feature).map(Vec::as_slice).filter(|ranks| !ranks.is_empty())
    }
}

/// The bins up to a rank, a bit a bin.
pub(super) fn up_to(ranks: &[u16], last: u16) -> Box<[u64]> {
    let mut set = vec![0u64; ranks.len().div_ceil(64)];
    let bins = ranks.iter().enumerate().filter(|(_, rank)| **rank <= last);
    bins.for_each(|(bin, _)| set[bin / 64] |= 1 << (bin % 64));
    set.into()
}

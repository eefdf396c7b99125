//! The best way to part a node by a feature.
//!
//! A number is known by its bin among some thousands, so that a deep tree cuts about as finely as one that
//! sorts. Rows are summed up by bin. A node of many rows does so for a few features at once: a block of rows
//! is read from memory for the first feature and is near for the others. A node of few rows marks the bins
//! that it fills, in two levels of bits, so that a pass over them costs no more than its rows: nothing is ever
//! sorted but levels. Numbers are cut between two bins, each with the missing on either side where some are.
//! Levels are sorted by their mean or by the share of one class, once for a tree ([`LevelOrder`]) or in each node, and
//! cut there.

use super::bins::{Feature, Scale};
use super::impurity::{Cell, ItemOf, Tally};
use super::level_order::LevelOrder;
use super::node::Cut;
use arkwright_core::Random;

/// Features looked at together.
pub(super) const GROUP: usize = 6;
/// Rows that are near while the features of a group are summed up.
const BLOCK: usize = 512;
/// Rows from which a group is summed up at once, and all bins are passed over, for most are filled.
const WIDE: usize = 2048;
/// Bins of a feature, with that of the missing: the square of 64.
pub(super) const BINS: usize = 4096;

/// Bins, row by row.
#[derive(Clone, Copy)]
pub(super) struct Rows<'a> {
    pub(super) bins: &'a [u16],
    /// Bins a row.
    pub(super) stride: usize,
}

impl Rows<'_> {
    #[inline(always)]
    pub(super) fn bin(&self, row: u32, feature: usize) -> u16 {
        self.bins[row as usize * self.stride + feature]
    }
}

/// A way to part a node.
#[derive(Clone, Debug)]
pub(super) struct Parting {
    /// The children's scores, added up.
    pub(super) score: f64,
    pub(super) feature: usize,
    pub(super) cut: Cut,
    pub(super) missing_left: bool,
}

/// What a child must hold.
#[derive(Clone, Copy, Debug)]
pub(super) struct Least {
    pub(super) rows: f64,
    pub(super) weight: f64,
}

/// A node whose partings are sought.
pub(super) struct Node<'a, T: Tally> {
    pub(super) tally: &'a T,
    pub(super) items: &'a [ItemOf<T>],
    pub(super) sums: &'a [T::Cell],
    pub(super) rows: Rows<'a>,
    pub(super) least: Least,
    pub(super) order: &'a LevelOrder,
}

/// Memory that is used again for every node.
pub(super) struct Scratch<C> {
    /// Sums by bin of the features of a group; nothing but zeros between uses.
    sums: Vec<C>,
    /// The bins that hold rows.
    filled: [Filled; GROUP],
    /// Of one feature: the bins with rows, in order, and their sums.
    bins: Vec<u16>,
    dense: Vec<C>,
    left: Vec<C>,
    right: Vec<C>,
    with: Vec<C>,
}

impl<C: Cell> Scratch<C> {
    pub(super) fn new(stride: usize, features: usize) -> Self {
        let zeros = |cells: usize| vec![C::default(); cells];
        Self {
            sums: zeros(GROUP.min(features) * BINS * stride),
            filled: std::array::from_fn(|_| Filled { words: 0, bits: [0; BINS / 64] }),
            bins: Vec::new(),
            dense: Vec::new(),
            left: zeros(stride),
            right: zeros(stride),
            with: zeros(stride),
        }
    }
}

/// A set of bins, nothing in it between uses.
struct Filled {
    /// The words that are not 0, a bit a word.
    words: u64,
    /// A bit a bin.
    bits: [u64; BINS / 64],
}

impl Filled {
    #[inline(always)]
    fn mark(&mut self, bin: usize) {
        self.words |= 1 << (bin / 64);
        self.bits[bin / 64] |= 1 << (bin % 64);
    }

    /// Takes all bins out, in order.
    #[inline(always)]
    fn drain(&mut self, mut each: impl FnMut(usize)) {
        let mut words = std::mem::take(&mut self.words);
        while words != 0 {
            let word = words.trailing_zeros() as usize;
            words &= words - 1;
            let mut bits = std::mem::take(&mut self.bits[word]);
            while bits != 0 {
                each(64 * word + bits.trailing_zeros() as usize);
                bits &= bits - 1;
            }
        }
    }
}

/// The last of the bins, or ranks, that go left where this one does and a later one does not.
pub(super) fn between(last: u16, next: u16) -> u16 {
    last + (next - last - 1) / 2
}

/// Of one feature, the best score, how to reach it, and where the missing go.
type Found = Option<(f64, Cut, bool)>;

/// All rows of a node have the same bin of a feature.
pub(super) struct Constant;

impl<T: Tally> Node<'_, T> {
    /// Sums the node up by the bins of some features, at most a group.
    pub(super) fn sum_up(&self, features: &[u32], scratch: &mut Scratch<T::Cell>) {
        if T::ORDERED || self.items.len() < WIDE {
            return;
        }
        let cells = BINS * self.tally.stride();
        for block in self.items.chunks(BLOCK) {
            for (slot, &feature) in features.iter().enumerate() {
                self.add(block, feature as usize, &mut scratch.sums[slot * cells..(slot + 1) * cells], |_| {});
            }
        }
        for (slot, filled) in scratch.filled.iter_mut().enumerate().take(features.len()) {
            let sums = scratch.sums[slot * cells..(slot + 1) * cells].chunks_exact(self.tally.stride());
            sums.enumerate().filter(|(_, sums)| sums[0] != T::Cell::default()).for_each(|(bin, _)| filled.mark(bin));
        }
    }

    #[inline(always)]
    fn add(&self, block: &[ItemOf<T>], feature: usize, sums: &mut [T::Cell], mut mark: impl FnMut(usize)) {
        let stride = self.tally.stride();
        for item in block {
            let bin = usize::from(self.rows.bin(item.row, feature));
            self.tally.add(&mut sums[bin * stride..(bin + 1) * stride], item);
            mark(bin);
        }
    }

    /// Takes the sums of a feature: its filled bins, in order.
    fn take(&self, slot: usize, feature: usize, scratch: &mut Scratch<T::Cell>) {
        let stride = self.tally.stride();
        let Scratch { sums, filled, bins, dense, .. } = scratch;
        let sums = &mut sums[slot * BINS * stride..(slot + 1) * BINS * stride];
        let filled = &mut filled[slot];
        if self.items.len() < WIDE {
            self.add(self.items, feature, sums, |bin| filled.mark(bin));
        }
        bins.clear();
        dense.clear();
        filled.drain(|bin| {
            let sums = &mut sums[bin * stride..(bin + 1) * stride];
            bins.push(bin as u16);
            dense.extend_from_slice(sums);
            sums.fill(T::Cell::default());
        });
    }

    /// The best parting by a feature of the group that was summed up.
    pub(super) fn best(
        &self,
        slot: usize,
        index: usize,
        feature: &Feature,
        scratch: &mut Scratch<T::Cell>,
    ) -> Result<Option<Parting>, Constant> {
        if T::ORDERED {
            return T::seek(self, index, feature);
        }
        // A node of few rows uses the same memory for all features, so that it stays in the first cache.
        let slot = if self.items.len() < WIDE { 0 } else { slot };
        self.take(slot, index, scratch);
        if scratch.bins.len() < 2 {
            return Err(Constant);
        }
        let found = match &feature.scale {
            Scale::Number(_) => self.number(feature.count as u16, scratch),
            Scale::Level(_) => match self.order.ranks(index) {
                Some(ranks) => self.ranked(feature.count, ranks, scratch),
                None => self.levels(feature.count, scratch),
            },
        };
        Ok(found.map(|(score, cut, missing_left)| Parting { score, feature: index, cut, missing_left }))
    }

    /// The children's score with these sums on the left; `None` when one holds too little.
    #[inline(always)]
    fn pair(&self, left: &[T::Cell], right: &mut [T::Cell]) -> Option<f64> {
        right.iter_mut().zip(self.sums).zip(left).for_each(|((right, all), left)| *right = *all - *left);
        let enough = |sums: &[T::Cell]| {
            sums[0].real() >= self.least.rows
                && (self.least.weight <= 0.0 || self.tally.weight(sums) >= self.least.weight)
        };
        (enough(left) && enough(right)).then(|| self.tally.score(left) + self.tally.score(right))
    }

    fn number(&self, absent: u16, scratch: &mut Scratch<T::Cell>) -> Found {
        let stride = self.tally.stride();
        let Scratch { bins, dense, left, right, with, .. } = scratch;
        let (left, right, with) = (&mut left[..stride], &mut right[..stride], &mut with[..stride]);
        let some_missing = bins.last() == Some(&absent);
        let present = bins.len() - usize::from(some_missing);
        let (values, missing) = dense.split_at(present * stride);
        left.fill(T::Cell::default());
        let mut best: Option<(f64, usize, bool, f64)> = None;
        let ends = if some_missing { present } else { present - 1 };
        for (i, sums) in values.chunks_exact(stride).take(ends).enumerate() {
            left.iter_mut().zip(sums).for_each(|(left, sum)| *left += *sum);
            if let Some(score) = self.pair(left, right)
                && best.is_none_or(|b| score > b.0)
            {
                best = Some((score, i, false, left[0].real()));
            }
            if some_missing && i + 1 < present {
                with.copy_from_slice(left);
                with.iter_mut().zip(missing).for_each(|(with, missing)| *with += *missing);
                if let Some(score) = self.pair(with, right)
                    && best.is_none_or(|b| score > b.0)
                {
                    best = Some((score, i, true, with[0].real()));
                }
            }
        }
        let (score, at, missing_left, left) = best.filter(|b| b.0 > f64::NEG_INFINITY)?;
        let missing_left = if some_missing { missing_left } else { self.is_heavier(left) };
        // In the middle of the bins without rows, where new rows are as likely to belong to either side.
        let next = bins[..present].get(at + 1).map_or(bins[at] + 1, |next| *next);
        Some((score, Cut::Below(between(bins[at], next)), missing_left))
    }

    /// Whether so many rows are at least half. Where none was missing, the missing go with most rows.
    fn is_heavier(&self, left: f64) -> bool {
        2.0 * left >= self.sums[0].real()
    }

    /// Levels that are sorted already: the cut is a rank.
    fn ranked(&self, count: usize, ranks: &[u16], scratch: &mut Scratch<T::Cell>) -> Found {
        let mut order: Vec<usize> = (0..scratch.bins.len()).collect();
        order.sort_unstable_by_key(|&i| ranks[usize::from(scratch.bins[i])]);
        let (score, taken, left) = self.prefix(&order, scratch)?;
        let rank = |i: usize| ranks[usize::from(scratch.bins[order[i]])];
        let last = between(rank(taken - 1), rank(taken));
        let missing_left = match scratch.bins.last().map(|&bin| usize::from(bin)) == Some(count) {
            true => ranks[count] <= last,
            false => self.is_heavier(left),
        };
        Some((score, Cut::Below(last), missing_left))
    }

    /// Levels that are sorted among the node's rows.
    fn levels(&self, count: usize, scratch: &mut Scratch<T::Cell>) -> Found {
        let stride = self.tally.stride();
        let key = |i: &usize| self.tally.key(&scratch.dense[i * stride..(i + 1) * stride], self.sums);
        let mut order: Vec<usize> = (0..scratch.bins.len()).collect();
        order.sort_by(|a, b| key(a).total_cmp(&key(b)));
        let (score, taken, left) = self.prefix(&order, scratch)?;
        let bin = |&i: &usize| usize::from(scratch.bins[i]);
        let (lefts, rights) = (order[..taken].iter().map(bin), order[taken..].iter().map(bin));
        let is_heavier = self.is_heavier(left);
        let missing_left = match scratch.bins.last().map(|&bin| usize::from(bin)) == Some(count) {
            true => lefts.clone().any(|bin| bin == count),
            false => is_heavier,
        };
        Some((score, Cut::Among(self.parted(count, lefts, rights, is_heavier)), missing_left))
    }

    /// The levels that go left, a bit a bin: those that the node has no rows of go with most rows.
    pub(super) fn parted(
        &self,
        count: usize,
        lefts: impl Iterator<Item = usize>,
        rights: impl Iterator<Item = usize>,
        others_left: bool,
    ) -> Box<[u64]> {
        let mut set = vec![if others_left { u64::MAX } else { 0 }; count.div_ceil(64).max(1)];
        lefts.filter(|bin| *bin < count).for_each(|bin| set[bin / 64] |= 1 << (bin % 64));
        rights.filter(|bin| *bin < count).for_each(|bin| set[bin / 64] &= !(1 << (bin % 64)));
        set.into()
    }

    /// The best cut in an order of the filled bins: its score, how many go left, and the rows in them.
    fn prefix(&self, order: &[usize], scratch: &mut Scratch<T::Cell>) -> Option<(f64, usize, f64)> {
        let stride = self.tally.stride();
        let Scratch { dense, left, right, .. } = scratch;
        let sums = |i: usize| &dense[i * stride..(i + 1) * stride];
        left.fill(T::Cell::default());
        let mut best: Option<(f64, usize, f64)> = None;
        for (taken, &i) in order.iter().enumerate().take(order.len() - 1) {
            left.iter_mut().zip(sums(i)).for_each(|(left, sum)| *left += *sum);
            if let Some(score) = self.pair(left, right)
                && best.is_none_or(|b| score > b.0)
            {
                best = Some((score, taken + 1, left[0].real()));
            }
        }
        best.filter(|b| b.0 > f64::NEG_INFINITY)
    }

    /// A parting by a feature that is drawn: a threshold even over the bins from the lowest to the highest,
    /// or each level on either side.
    pub(super) fn drawn(
        &self,
        index: usize,
        feature: &Feature,
        scratch: &mut Scratch<T::Cell>,
        random: &mut Random,
    ) -> Result<Option<Parting>, Constant> {
        let absent = feature.count as u16;
        let (mut low, mut high, mut some_missing) = (u16::MAX, 0, false);
        for item in self.items {
            let bin = self.rows.bin(item.row, index);
            if bin == absent {
                some_missing = true;
            } else {
                (low, high) = (low.min(bin), high.max(bin));
            }
        }
        let none = low > high;
        if none || (low == high && !some_missing) {
            return Err(Constant);
        }
        let (cut, drawn_left) = match &feature.scale {
            Scale::Number(_) if low == high => (Cut::Below(low), false),
            Scale::Number(_) => {
                let last = low + random.below(u64::from(high - low)) as u16;
                (Cut::Below(last), some_missing && random.below(2) == 1)
            }
            Scale::Level(_) => {
                let words = feature.count.div_ceil(64).max(1);
                (Cut::Among((0..words).map(|_| random.u64()).collect()), random.below(2) == 1)
            }
        };
        let Scratch { left, right, .. } = scratch;
        left.fill(T::Cell::default());
        for item in self.items {
            let bin = self.rows.bin(item.row, index);
            if if bin == absent { drawn_left } else { cut.takes(bin.into()) } {
                self.tally.add(left, item);
            }
        }
        let missing_left = if some_missing { drawn_left } else { self.is_heavier(left[0].real()) };
        let mut score = self.pair(left, right).filter(|score| *score > f64::NEG_INFINITY);
        if T::ORDERED && score.is_some() {
            let is_left = |item: &ItemOf<T>| match self.rows.bin(item.row, index) {
                bin if bin == absent => drawn_left,
                bin => cut.takes(bin.into()),
            };
            let (on_left, on_right): (Vec<_>, Vec<_>) = self.items.iter().partition(|item| is_left(item));
            score = Some(self.tally.score_of(&on_left, left) + self.tally.score_of(&on_right, right));
        }
        Ok(score.map(|score| Parting { score, feature: index, cut, missing_left }))
    }
}

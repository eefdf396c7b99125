//! The best way to part a node by a feature.
//!
//! A number is known by its bin among some thousands, and a node spreads the bins that it holds over at most
//! 1,024 places: few bins are told apart one by one, and a wide node need not tell apart more. So a deep tree
//! cuts about as finely as one that sorts, and nothing is ever sorted but levels.
//!
//! Rows are summed up by the places of a few features at once: a block of rows is read from memory for the
//! first feature and is near for the others. A node of few rows marks the places that it fills, so that a
//! pass over them costs no more than its rows. Numbers are cut between two places, each with the missing on
//! either side where some are. Levels are sorted by their mean or by the share of one class, and cut there.

use super::bins::{Feature, Scale};
use super::impurity::{Cell, ItemOf, Tally};
use super::node::Cut;
use arkwright_core::Random;

/// Features summed up at once; their sums lie in the first cache.
pub(super) const GROUP: usize = 8;
/// Rows that are near while the features of a group are summed up.
const BLOCK: usize = 512;
/// Rows from which all bins are passed over, for most are filled.
const WIDE: usize = 1024;
/// Places of a node of many rows, and of few; the last is for the missing.
const COARSE: usize = 256;
const FINE: usize = 1024;

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
}

/// Memory that is used again for every node.
pub(super) struct Scratch<C> {
    /// Sums by place of the features of a group; nothing but zeros between uses.
    sums: Vec<C>,
    /// The places that hold rows, a bit a place.
    filled: [[u64; FINE / 64]; GROUP],
    /// How each feature's bins become places.
    spread: [Spread; GROUP],
    /// Of one feature: the places with rows, in order, and their sums.
    places: Vec<u16>,
    dense: Vec<C>,
    left: Vec<C>,
    right: Vec<C>,
    with: Vec<C>,
}

impl<C: Cell> Scratch<C> {
    pub(super) fn new(stride: usize, features: usize) -> Self {
        let zeros = |cells: usize| vec![C::default(); cells];
        Self {
            sums: zeros(GROUP.min(features) * FINE * stride),
            filled: Default::default(),
            spread: Default::default(),
            places: Vec::with_capacity(FINE),
            dense: Vec::with_capacity(FINE * stride),
            left: zeros(stride),
            right: zeros(stride),
            with: zeros(stride),
        }
    }
}

/// How bins become places: those from `low` on, `1 << shift` to a place.
#[derive(Clone, Copy, Debug, Default)]
struct Spread {
    low: u16,
    shift: u32,
    /// The bin of the missing, and their place.
    absent: u16,
    missing: u16,
}

impl Spread {
    #[inline(always)]
    fn place(&self, bin: u16) -> usize {
        // The missing have the highest bin, and no place is beyond theirs.
        if bin == self.absent { self.missing.into() } else { usize::from((bin - self.low) >> self.shift) }
    }

    /// The lowest bin of a place.
    fn first(&self, place: u16) -> u32 {
        u32::from(self.low) + (u32::from(place) << self.shift)
    }
}

/// Of one feature, the best score, how to reach it, and where the missing go.
type Found = Option<(f64, Cut, bool)>;

/// All rows of a node have the same bin of a feature.
pub(super) struct Constant;

impl<T: Tally> Node<'_, T> {
    /// Sums the node up by the places of some features, at most a group.
    pub(super) fn sum_up(&self, features: &[u32], table: &[Feature], scratch: &mut Scratch<T::Cell>) {
        if T::ORDERED {
            return;
        }
        let is_wide = self.items.len() >= WIDE;
        let places = if is_wide { COARSE } else { FINE };
        self.spread(features, table, places, scratch);
        let cells = places * self.tally.stride();
        for block in self.items.chunks(BLOCK) {
            for (slot, &feature) in features.iter().enumerate() {
                let sums = &mut scratch.sums[slot * cells..(slot + 1) * cells];
                let spread = scratch.spread[slot];
                match is_wide {
                    true => self.add(block, feature, spread, sums, |_| {}),
                    false => {
                        let filled = &mut scratch.filled[slot];
                        self.add(block, feature, spread, sums, |place| filled[place / 64] |= 1 << (place % 64));
                    }
                }
            }
        }
        if is_wide {
            for (slot, filled) in scratch.filled.iter_mut().enumerate().take(features.len()) {
                let places = scratch.sums[slot * cells..(slot + 1) * cells].chunks_exact(self.tally.stride());
                places.enumerate().for_each(|(place, sums)| {
                    filled[place / 64] |= u64::from(sums[0] != T::Cell::default()) << (place % 64);
                });
            }
        }
    }

    /// Finds how the features' bins are spread over the places.
    fn spread(&self, features: &[u32], table: &[Feature], places: usize, scratch: &mut Scratch<T::Cell>) {
        let mut ends = [(u16::MAX, 0u16); GROUP];
        for block in self.items.chunks(BLOCK) {
            for (&feature, ends) in features.iter().zip(&mut ends) {
                let absent = table[feature as usize].count as u16;
                for item in block {
                    let bin = self.rows.bin(item.row, feature as usize);
                    ends.0 = ends.0.min(bin);
                    ends.1 = ends.1.max(if bin == absent { 0 } else { bin });
                }
            }
        }
        for ((&feature, (low, high)), spread) in features.iter().zip(ends).zip(&mut scratch.spread) {
            let feature = &table[feature as usize];
            let absent = feature.count as u16;
            let room = places as u16 - 2;
            *spread = match feature.scale {
                Scale::Level(_) => Spread { low: 0, shift: 0, absent, missing: absent },
                Scale::Number(_) => {
                    let span = high.saturating_sub(low);
                    let shift = (0..16).find(|shift| span >> shift <= room).unwrap_or(16);
                    Spread { low, shift, absent, missing: room + 1 }
                }
            };
        }
    }

    #[inline(always)]
    fn add(
        &self,
        block: &[ItemOf<T>],
        feature: u32,
        spread: Spread,
        sums: &mut [T::Cell],
        mut mark: impl FnMut(usize),
    ) {
        let stride = self.tally.stride();
        for item in block {
            let place = spread.place(self.rows.bin(item.row, feature as usize));
            self.tally.add(&mut sums[place * stride..(place + 1) * stride], item);
            mark(place);
        }
    }

    /// Takes the sums of a feature out of the group: its filled places, in order.
    fn take(&self, slot: usize, scratch: &mut Scratch<T::Cell>) {
        let stride = self.tally.stride();
        let places = if self.items.len() >= WIDE { COARSE } else { FINE };
        scratch.places.clear();
        scratch.dense.clear();
        for (word, bits) in scratch.filled[slot][..places / 64].iter_mut().enumerate() {
            let mut left = std::mem::take(bits);
            while left != 0 {
                let place = 64 * word + left.trailing_zeros() as usize;
                left &= left - 1;
                scratch.places.push(place as u16);
                let sums = &mut scratch.sums[(slot * places + place) * stride..][..stride];
                scratch.dense.extend_from_slice(sums);
                sums.fill(T::Cell::default());
            }
        }
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
        self.take(slot, scratch);
        if scratch.places.len() < 2 {
            return Err(Constant);
        }
        let found = match &feature.scale {
            Scale::Number(_) => self.number(scratch.spread[slot], scratch),
            Scale::Level(_) => self.levels(feature.count, scratch),
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

    fn number(&self, spread: Spread, scratch: &mut Scratch<T::Cell>) -> Found {
        let stride = self.tally.stride();
        let Scratch { places, dense, left, right, with, .. } = scratch;
        let (left, right, with) = (&mut left[..stride], &mut right[..stride], &mut with[..stride]);
        let some_missing = places.last() == Some(&spread.missing);
        let present = places.len() - usize::from(some_missing);
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
        let last = spread.first(places[at] + 1) - 1;
        let last = match places[..present].get(at + 1) {
            Some(next) => last + (spread.first(*next) - 1 - last) / 2,
            None => last.min(u32::from(spread.absent) - 1),
        };
        Some((score, Cut::Below(last as u16), missing_left))
    }

    /// Whether so many rows are at least half. Where none was missing, the missing go with most rows.
    fn is_heavier(&self, left: f64) -> bool {
        2.0 * left >= self.sums[0].real()
    }

    fn levels(&self, count: usize, scratch: &mut Scratch<T::Cell>) -> Found {
        let stride = self.tally.stride();
        let Scratch { places: bins, dense, left, right, .. } = scratch;
        let sums = |i: usize| &dense[i * stride..(i + 1) * stride];
        let key = |i: usize| self.tally.key(sums(i), self.sums);
        let mut order: Vec<usize> = (0..bins.len()).collect();
        order.sort_by(|&a, &b| key(a).total_cmp(&key(b)));
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
        let (score, taken, left) = best.filter(|b| b.0 > f64::NEG_INFINITY)?;
        let mut set = vec![0u64; count.div_ceil(64).max(1)];
        let taken = order[..taken].iter().map(|&i| usize::from(bins[i]));
        let mut missing_left = (bins.last().map(|&b| usize::from(b)) != Some(count)) && self.is_heavier(left);
        for bin in taken {
            match bin < count {
                true => set[bin / 64] |= 1 << (bin % 64),
                false => missing_left = true,
            }
        }
        Some((score, Cut::Among(set.into()), missing_left))
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

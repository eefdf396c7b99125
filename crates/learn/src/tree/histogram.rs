//! Histograms: for every bin of every feature, the sums over a leaf's rows.
//!
//! Words of [`BLOCK`] rows at a time are summed in a small table of 64-bit numbers that stays in the first cache
//! (eight features take 16 KB), and taken out into the histogram. A row costs a feature one load, one addition
//! and one store, and no processor of today stores more than one or two numbers a cycle: the rest (finding the rows'
//! words, taking out the sums) is kept small beside that. A feature's gradients lie side by side, and behind them its
//! hessians and counts, so that both are taken out, subtracted and searched several at a time.

use super::bins::{Binned, Group};
use super::grid::{BLOCK, Gradients, Grid, Sum};
use super::prefetch::ask;
use super::wide::{Plain, Way};
use std::ops::Range;

/// Sums of 8-bit bins in the small table: 256, and four more so that neighbouring features do not share the same few
/// lines of a cache.
const STRIDE: usize = 260;
/// Features of 8-bit bins in a word.
const LANES: usize = 8;
/// Groups whose words are gathered at once: a line of the cache.
const LINE: usize = 8;
/// Rows whose words are asked for ahead.
const AHEAD: usize = 24;

/// How the histograms of a table lie in memory.
#[derive(Clone, Copy, Debug)]
pub(super) struct Layout {
    /// Sums a feature.
    stride: usize,
    pub(super) way: Way,
}

impl Layout {
    /// The layout for a table.
    pub(super) fn new(table: &Binned) -> Self {
        let most = table.features.iter().map(|f| f.count + 1).max().unwrap_or(1);
        Self { stride: most.next_multiple_of(8), way: Way::best() }
    }

    /// Numbers that so many features take.
    pub(super) fn size(self, features: usize) -> usize {
        2 * self.stride * features
    }

    /// The sums of a feature of a part of a histogram.
    pub(super) fn feature(self, part: &[u64], at: usize) -> Sums<'_> {
        let (gradients, packed) = part[self.size(at)..self.size(at + 1)].split_at(self.stride);
        Sums { gradients, packed }
    }

    /// The sums of each feature of a part of a histogram.
    pub(super) fn features(self, part: &[u64]) -> impl Iterator<Item = Sums<'_>> {
        (0..part.len() / self.size(1)).map(move |at| self.feature(part, at))
    }
}

/// The sums of a feature's bins, and behind them what else the histogram has room for.
#[derive(Clone, Copy)]
pub(super) struct Sums<'a> {
    pub(super) gradients: &'a [u64],
    pub(super) packed: &'a [u64],
}

impl<'a> Sums<'a> {
    /// A bin's.
    #[inline(always)]
    pub(super) fn at(self, bin: usize) -> Sum {
        Sum { gradient: self.gradients[bin] as i64, packed: self.packed[bin] }
    }

    /// Those of the first bins.
    pub(super) fn first(self, bins: usize) -> impl DoubleEndedIterator<Item = Sum> + ExactSizeIterator + 'a {
        let both = self.gradients[..bins].iter().zip(&self.packed[..bins]);
        both.map(|(&gradient, &packed)| Sum { gradient: gradient as i64, packed })
    }
}

/// Takes one histogram of a span of groups off another.
pub(super) fn subtract(from: &mut [u64], what: &[u64], span: &Range<usize>, table: &Binned, layout: Layout) {
    let first = table.groups.get(span.start).map_or(0, |group| group.first);
    layout.way.plain(Subtract { from, what, table, first, stride: layout.stride });
}

struct Subtract<'a> {
    from: &'a mut [u64],
    what: &'a [u64],
    table: &'a Binned,
    first: usize,
    stride: usize,
}

impl Plain for Subtract<'_> {
    type Out = ();

    #[inline(always)]
    fn run(self) {
        let both = self.from.chunks_exact_mut(self.stride).zip(self.what.chunks_exact(self.stride));
        for (at, (from, what)) in both.enumerate() {
            let used = (self.table.features[self.first + at / 2].count + 1).min(self.stride);
            from[..used].iter_mut().zip(&what[..used]).for_each(|(a, b)| *a = a.wrapping_sub(*b));
        }
    }
}

/// Adds one histogram to another.
pub(super) fn merge(into: &mut [u64], what: &[u64]) {
    into.iter_mut().zip(what).for_each(|(a, b)| *a = a.wrapping_add(*b));
}

/// Sums up some rows, given in order, to the histograms of neighbouring groups, from `first` on.
///
/// The rows' words are gathered a block at a time by a loop that does nothing else and asks for those of the next rows:
/// so the processor waits for many cache lines at once. Rows that lie side by side are read where they lie.
pub(super) fn fill(sums: &mut [u64], first: usize, table: &Binned, layout: Layout, rows: &[u32], of: Gradients<'_>) {
    if rows.is_empty() {
        return sums.fill(0);
    }
    let mut parts: Vec<&mut [u64]> = Vec::new();
    let mut rest = sums;
    for group in &table.groups[first..] {
        if rest.is_empty() {
            break;
        }
        let (part, left) = rest.split_at_mut(layout.size(group.lanes));
        parts.push(part);
        rest = left;
    }
    let groups = &table.groups[first..first + parts.len()];
    let (count, all) = (table.groups.len(), table.words());
    let mut fresh = Fresh { grid: of.grid, layout, table, narrow: [[0; STRIDE]; LANES], first: true };
    if is_run(rows) {
        let (start, end) = (rows[0] as usize, rows[0] as usize + rows.len());
        for start in (start..end).step_by(BLOCK) {
            let end = end.min(start + BLOCK);
            for (at, (sums, group)) in parts.iter_mut().zip(groups).enumerate() {
                let bins = all[start * count..end * count].chunks_exact(count).map(|row| row[first + at]);
                fresh.add(sums, group, bins.zip(of.words[start..end].iter().copied()));
            }
            fresh.first = false;
        }
        return;
    }
    let size = rows.len().min(BLOCK);
    let mut words = vec![0; size];
    let mut gathered = vec![0; parts.len() * size];
    let mut bins: Vec<&mut [u64]> = gathered.chunks_exact_mut(size).collect();
    for start in (0..rows.len()).step_by(BLOCK) {
        let (now, next) = rows[start..].split_at(size.min(rows.len() - start));
        for (line, bins) in bins.chunks_mut(LINE).enumerate() {
            let from = Rows { all, count, first: first + line * LINE, now, next };
            from.gather(bins);
        }
        each_ahead(now, next, |i, row, ahead| {
            if let Some(ahead) = ahead {
                ask(of.words, ahead as usize);
            }
            words[i] = of.words[row as usize];
        });
        for ((sums, bins), group) in parts.iter_mut().zip(&bins).zip(groups) {
            fresh.add(sums, group, bins[..now.len()].iter().copied().zip(words[..now.len()].iter().copied()));
        }
        fresh.first = false;
    }
}

/// Whether rows, which are in order, lie side by side.
fn is_run(rows: &[u32]) -> bool {
    match rows {
        [first, .., last] => (last - first) as usize == rows.len() - 1,
        _ => true,
    }
}

/// Where the words of some rows are found.
#[derive(Clone, Copy)]
struct Rows<'a> {
    all: &'a [u64],
    /// Words a row.
    count: usize,
    /// The first that is wanted.
    first: usize,
    now: &'a [u32],
    /// The rows that come after.
    next: &'a [u32],
}

impl Rows<'_> {
    /// Gathers the words of at most a line of neighbouring groups.
    fn gather(self, bins: &mut [&mut [u64]]) {
        match bins.len() {
            1 => self.gather_some::<1>(bins),
            2 => self.gather_some::<2>(bins),
            3 => self.gather_some::<3>(bins),
            4 => self.gather_some::<4>(bins),
            5 => self.gather_some::<5>(bins),
            6 => self.gather_some::<6>(bins),
            7 => self.gather_some::<7>(bins),
            _ => self.gather_some::<8>(bins),
        }
    }

    fn gather_some<const GROUPS: usize>(self, bins: &mut [&mut [u64]]) {
        let Some(bins) = bins.first_chunk_mut::<GROUPS>() else { return };
        let place = |row: u32| row as usize * self.count + self.first;
        each_ahead(self.now, self.next, |i, row, ahead| {
            if let Some(ahead) = ahead {
                ask(self.all, place(ahead));
            }
            let Some(from) = self.all[place(row)..].first_chunk::<GROUPS>() else { return };
            bins.iter_mut().zip(from).for_each(|(bins, &word)| bins[i] = word);
        });
    }
}

/// Calls `each` with the places of rows, the rows, and those [`AHEAD`] of them.
#[inline(always)]
fn each_ahead(now: &[u32], next: &[u32], mut each: impl FnMut(usize, u32, Option<u32>)) {
    let ahead = now.get(AHEAD..).unwrap_or_default();
    for (i, (&row, &ahead)) in now.iter().zip(ahead).enumerate() {
        each(i, row, Some(ahead));
    }
    for (i, &row) in now.iter().enumerate().skip(ahead.len()) {
        each(i, row, next.get(i - ahead.len()).copied());
    }
}

/// Sums that are not in the histogram yet.
struct Fresh<'a> {
    grid: Grid,
    layout: Layout,
    table: &'a Binned,
    /// Sums of words, a row of them for each feature; all zero between two blocks.
    narrow: [[u64; STRIDE]; LANES],
    /// Nothing was summed before.
    first: bool,
}

impl Fresh<'_> {
    /// Adds the bins and words of at most [`BLOCK`] rows to a group's histogram.
    fn add(&mut self, sums: &mut [u64], group: &Group, rows: impl Iterator<Item = (u64, u64)>) {
        if self.table.bits == 16 || !self.grid.blocks {
            return self.add_each(sums, rows);
        }
        match group.lanes {
            1 => self.add_some::<1>(rows),
            2 => self.add_some::<2>(rows),
            3 => self.add_some::<3>(rows),
            4 => self.add_some::<4>(rows),
            5 => self.add_some::<5>(rows),
            6 => self.add_some::<6>(rows),
            7 => self.add_some::<7>(rows),
            _ => self.add_some::<8>(rows),
        }
        let stride = self.layout.stride;
        let features = self.table.features[group.first..].iter();
        for ((narrow, both), feature) in self.narrow.iter_mut().zip(sums.chunks_exact_mut(2 * stride)).zip(features) {
            let (gradients, packed) = both.split_at_mut(stride);
            let used = feature.count + 1;
            self.layout.way.plain(TakeOut {
                narrow: &mut narrow[..used],
                gradients: &mut gradients[..used],
                packed: &mut packed[..used],
                grid: self.grid,
                first: self.first,
            });
        }
    }

    /// Unrolled; an index of a byte into 256 sums needs no check.
    #[inline(always)]
    fn add_some<const USED: usize>(&mut self, rows: impl Iterator<Item = (u64, u64)>) {
        let Some(narrow) = self.narrow.first_chunk_mut::<USED>() else { return };
        for (bins, word) in rows {
            for (lane, sums) in narrow.iter_mut().enumerate() {
                let sum = &mut sums[usize::from((bins >> (8 * lane)) as u8)];
                *sum = sum.wrapping_add(word);
            }
        }
    }

    /// Word by word, for features of 16-bit bins and for small tables.
    fn add_each(&mut self, sums: &mut [u64], rows: impl Iterator<Item = (u64, u64)>) {
        if self.first {
            sums.fill(0);
        }
        let (stride, bits) = (self.layout.stride, self.table.bits);
        let mask = (1 << bits) - 1;
        for (bins, word) in rows {
            let sum = self.grid.widen(word);
            for (lane, both) in sums.chunks_exact_mut(2 * stride).enumerate() {
                let bin = ((bins >> (bits * lane as u32)) & mask) as usize;
                both[bin] = both[bin].wrapping_add(sum.gradient as u64);
                both[stride + bin] = both[stride + bin].wrapping_add(sum.packed);
            }
        }
    }
}

/// Moves sums of words to a feature's histogram.
struct TakeOut<'a> {
    narrow: &'a mut [u64],
    gradients: &'a mut [u64],
    packed: &'a mut [u64],
    grid: Grid,
    first: bool,
}

impl Plain for TakeOut<'_> {
    type Out = ();

    #[inline(always)]
    fn run(self) {
        let all = self.narrow.iter_mut().zip(self.gradients).zip(self.packed);
        if self.first {
            for ((word, gradient), packed) in all {
                let sum = self.grid.widen(*word);
                (*word, *gradient, *packed) = (0, sum.gradient as u64, sum.packed);
            }
        } else {
            for ((word, gradient), packed) in all {
                let sum = self.grid.widen(*word);
                *word = 0;
                *gradient = gradient.wrapping_add(sum.gradient as u64);
                *packed = packed.wrapping_add(sum.packed);
            }
        }
    }
}

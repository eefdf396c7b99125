//! Bins: every value of a table replaced by a small number.
//!
//! A column's distinct values, or the quantiles of a sample of them, are cut into at most `max_bins` bins,
//! and a tree asks about bins only. A value that appears often gets a bin of its own, and the others share
//! the rest evenly (LightGBM's greedy rule). A missing value has the bin after the last. A level has its
//! own bin; of more levels than bins the rarest count as missing.
//!
//! Decisions are made on `f32`: a value is rounded *up* to one, and a threshold is one, so that `x <= t`
//! is the same for the value and for what it was rounded to. Two values that no `f32` separates share a
//! bin. A level is carried as its code in the same 32 bits; [`MISSING`] is the bits of a NaN.
//!
//! The bins of eight columns of a row lie in one `u64` (of four columns, where there are more than 256
//! bins), and a row's words side by side, so that a row of 64 columns is one line of a cache.

use super::foreign::{Numbers, Reading};
use super::ranks;
use super::wide::{self, Way};
use crate::samples::{Column, Design, MISSING};
use arkwright_core::Random;
use rayon::prelude::*;

/// Rows that quantiles are taken from.
const SAMPLE: usize = 200_000;
/// Words in a line of the cache.
const LINE: usize = 8;
/// Rows binned at a time.
const CHUNK: usize = 16_384;
/// Rows whose bins are searched side by side.
const ABREAST: usize = 64;

/// One feature as trees see it: a column, or one number of a block.
#[derive(Clone, Copy)]
pub(super) enum View<'a> {
    F32(&'a [f32]),
    F64(&'a [f64]),
    Part {
        values: &'a [f64],
        width: usize,
        at: usize,
    },
    Level {
        codes: &'a [u32],
        levels: u32,
    },
    /// A number as trees of another program read it.
    Foreign {
        values: Numbers<'a>,
        reading: Reading,
        thresholds: &'a [f64],
    },
}

impl View<'_> {
    /// The 32 bits that decisions are made on.
    #[inline]
    pub(super) fn bits(&self, row: usize) -> u32 {
        match self {
            Self::F32(values) => values[row].to_bits(),
            Self::F64(values) => ceil(values[row]).to_bits(),
            Self::Part { values, width, at } => ceil(values[row * width + at]).to_bits(),
            Self::Level { codes, .. } => codes[row],
            Self::Foreign { values, reading, thresholds } => reading.bits(values.at(row), thresholds),
        }
    }

    /// The numbers of rows from `start` on that decisions are made on.
    pub(super) fn numbers(&self, start: usize, out: &mut [f32]) {
        match self {
            Self::F32(values) => out.copy_from_slice(&values[start..start + out.len()]),
            Self::F64(values) => out.iter_mut().zip(&values[start..]).for_each(|(out, x)| *out = ceil(*x)),
            _ => out.iter_mut().enumerate().for_each(|(i, out)| *out = f32::from_bits(self.bits(start + i))),
        }
    }
}

/// The features of a design, in order, each with the column it belongs to.
pub(super) fn views<'a>(x: &Design<'a>) -> Vec<(View<'a>, usize)> {
    let mut all = Vec::with_capacity(x.columns.len());
    for (place, column) in x.columns.iter().enumerate() {
        match *column {
            Column::F32(values) => all.push((View::F32(values), place)),
            Column::F64(values) => all.push((View::F64(values), place)),
            Column::Level { codes, levels } => all.push((View::Level { codes, levels }, place)),
            Column::Block { values, width } => {
                all.extend((0..width).map(|at| (View::Part { values, width, at }, place)));
            }
        }
    }
    all
}

/// The least `f32` that is not below `x`; NaN stays NaN.
#[inline]
pub(super) fn ceil(x: f64) -> f32 {
    let near = x as f32;
    if f64::from(near) < x { near.next_up() } else { near }
}

/// How a feature's values become bins `0..count`; `count` itself is the bin of the missing.
#[derive(Clone, Debug)]
pub(super) struct Feature {
    pub(super) scale: Scale,
    /// Bins of values.
    pub(super) count: usize,
}

/// What the bins of a feature are made of.
#[derive(Clone, Debug)]
pub(super) enum Scale {
    /// Bin `b` holds what is above threshold `b - 1` and at most threshold `b`.
    Number(Vec<f32>),
    /// The bin of each code.
    Level(Vec<u16>),
}

impl Feature {
    /// Whether it is of levels.
    pub(super) fn is_level(&self) -> bool {
        matches!(self.scale, Scale::Level(_))
    }

    /// Learns the bins of a feature from some rows.
    fn learn(view: &View<'_>, rows: &[u32], sample: &[u32], max_bins: usize) -> Self {
        match *view {
            View::Level { codes, levels } => Self::of_levels(codes, levels as usize, rows, max_bins),
            _ => {
                let mut keys: Vec<u32> = sample
                    .iter()
                    .map(|&row| f32::from_bits(view.bits(row as usize)))
                    .filter(|x| !x.is_nan())
                    .map(|x| sortable(x + 0.0))
                    .collect();
                keys.sort_unstable();
                let thresholds = thresholds(&keys, max_bins);
                Self { count: thresholds.len() + 1, scale: Scale::Number(thresholds) }
            }
        }
    }

    fn of_levels(codes: &[u32], levels: usize, rows: &[u32], max_bins: usize) -> Self {
        let mut seen = vec![0u32; levels];
        for &row in rows {
            if let Some(count) = seen.get_mut(codes[row as usize] as usize) {
                *count += 1;
            }
        }
        let mut kept: Vec<usize> = (0..levels).filter(|&code| seen[code] > 0).collect();
        kept.sort_by_key(|&code| std::cmp::Reverse(seen[code]));
        kept.truncate(max_bins);
        kept.sort_unstable();
        let mut bins = vec![kept.len() as u16; levels];
        kept.iter().enumerate().for_each(|(bin, &code)| bins[code] = bin as u16);
        Self { count: kept.len(), scale: Scale::Level(bins) }
    }

    /// Calls `each` with the bins of some rows, from `start` on.
    pub(super) fn each_bin(&self, view: &View<'_>, start: usize, rows: usize, mut each: impl FnMut(usize, u16)) {
        let absent = self.count as u16;
        match &self.scale {
            Scale::Level(bins) => {
                for i in 0..rows {
                    each(i, bins.get(view.bits(start + i) as usize).copied().unwrap_or(absent));
                }
            }
            Scale::Number(thresholds) => {
                if thresholds.len() < 256 {
                    return each_rank(thresholds, view, start, rows, |i, rank| each(i, rank.map_or(absent, u16::from)));
                }
                // A search without branches over thresholds padded to one less than a power of two; of some rows
                // side by side, since a row's steps wait for each other.
                let size = (thresholds.len() + 1).next_power_of_two();
                let mut padded = thresholds.clone();
                padded.resize(size, f32::INFINITY);
                let (mut numbers, mut found) = ([0.0f32; ABREAST], [0u32; ABREAST]);
                for first in (0..rows).step_by(ABREAST) {
                    let numbers = &mut numbers[..ABREAST.min(rows - first)];
                    view.numbers(start + first, numbers);
                    found.fill(0);
                    let mut step = size / 2;
                    while step > 0 {
                        for (bin, &x) in found.iter_mut().zip(&*numbers) {
                            *bin += if x > padded[*bin as usize + step - 1] { step as u32 } else { 0 };
                        }
                        step /= 2;
                    }
                    for (i, (&bin, x)) in found.iter().zip(&*numbers).enumerate() {
                        each(first + i, if x.is_nan() { absent } else { bin as u16 });
                    }
                }
            }
        }
    }
}

/// Calls `each` with how many of at most 255 thresholds each row's number is above; `None` where it is missing.
fn each_rank(thresholds: &[f32], view: &View<'_>, start: usize, rows: usize, mut each: impl FnMut(usize, Option<u8>)) {
    let (way, search) = (Way::best(), ranks::search(thresholds));
    let (mut numbers, mut found) = ([0.0; wide::ROWS], wide::Bytes([0; wide::ROWS]));
    for first in (0..rows).step_by(wide::ROWS) {
        let now = wide::ROWS.min(rows - first);
        view.numbers(start + first, &mut numbers[..now]);
        way.rank(&search, &numbers, Some(&mut found), None);
        for (i, (&rank, x)) in found.0[..now].iter().zip(&numbers).enumerate() {
            each(first + i, (!x.is_nan()).then_some(rank));
        }
    }
}

/// Bits that sort as the numbers do.
fn sortable(x: f32) -> u32 {
    let bits = x.to_bits();
    if bits >> 31 == 1 { !bits } else { bits | 1 << 31 }
}

fn number(key: u32) -> f32 {
    f32::from_bits(if key >> 31 == 1 { key & !(1 << 31) } else { !key })
}

/// A threshold that `a` is at most and `b` is above.
fn between(a: f32, b: f32) -> f32 {
    let middle = ((f64::from(a) + f64::from(b)) / 2.0) as f32;
    if middle >= a && middle < b { middle } else { a }
}

/// The thresholds between the bins of sorted values.
fn thresholds(keys: &[u32], max_bins: usize) -> Vec<f32> {
    let mut distinct: Vec<(f32, usize)> = Vec::new();
    for run in keys.chunk_by(|a, b| a == b) {
        distinct.push((number(run[0]), run.len()));
    }
    if distinct.len() <= max_bins {
        return distinct.windows(2).map(|pair| between(pair[0].0, pair[1].0)).collect();
    }
    // Values that fill a bin get one each; the rest is shared among the bins that are left.
    let fair = keys.len() as f64 / max_bins as f64;
    let is_big = |count: usize| count as f64 >= fair;
    let big: Vec<usize> = distinct.iter().map(|d| d.1).filter(|&c| is_big(c)).collect();
    let (mut bins_left, mut rows_left) = (max_bins - big.len(), keys.len() - big.iter().sum::<usize>());
    let mut wanted = rows_left as f64 / bins_left.max(1) as f64;
    let (mut thresholds, mut held) = (Vec::with_capacity(max_bins), 0);
    for pair in distinct.windows(2) {
        let ((value, count), (next, next_count)) = (pair[0], pair[1]);
        held += count;
        if !is_big(count) {
            rows_left -= count;
        }
        let full =
            is_big(count) || held as f64 >= wanted || (is_big(next_count) && held as f64 >= (wanted * 0.5).max(1.0));
        if full {
            thresholds.push(between(value, next));
            held = 0;
            if thresholds.len() + 1 >= max_bins {
                break;
            }
            if !is_big(count) {
                bins_left = bins_left.saturating_sub(1);
                wanted = rows_left as f64 / bins_left.max(1) as f64;
            }
        }
    }
    thresholds
}

/// `k` of some rows, in their order (Knuth's algorithm S).
pub(super) fn choose(rows: &[u32], k: usize, random: &mut Random) -> Vec<u32> {
    let mut chosen = Vec::with_capacity(k);
    for (i, &row) in rows.iter().enumerate() {
        if random.below((rows.len() - i) as u64) < (k - chosen.len()) as u64 {
            chosen.push(row);
            if chosen.len() == k {
                break;
            }
        }
    }
    chosen
}

/// Learns the bins of all features from the rows that count.
pub(super) fn learn(views: &[(View<'_>, usize)], rows: &[u32], max_bins: usize, random: &mut Random) -> Vec<Feature> {
    let chosen;
    let sample = if rows.len() > SAMPLE {
        chosen = choose(rows, SAMPLE, random);
        &chosen
    } else {
        rows
    };
    views.par_iter().map(|(view, _)| Feature::learn(view, rows, sample, max_bins)).collect()
}

/// A table of bins, eight (or four) features to a word.
pub(super) struct Binned {
    pub(super) features: Vec<Feature>,
    pub(super) groups: Vec<Group>,
    pub(super) rows: usize,
    /// The bins: a word for each group, row by row; they begin at `start`, with a line of the cache.
    words: Vec<u64>,
    start: usize,
    /// The same, a byte each, feature by feature, where a bin is a byte: what parts rows by one feature reads no
    /// other's.
    bytes: Vec<u8>,
    /// Bits of a bin: 8 or 16.
    pub(super) bits: u32,
    /// A hash of each row's bins, where these are several words.
    hashes: Vec<u32>,
}

/// Where hashes of rows' bins are found.
#[derive(Clone, Copy)]
pub(super) enum Hashes<'a> {
    /// A hash a row.
    Kept(&'a [u32]),
    /// A word a row, quick to hash.
    Words(&'a [u64]),
}

/// A row's hash, so far, and another word of its bins.
#[inline(always)]
pub(super) fn hash(so_far: u32, word: u64) -> u32 {
    mix(so_far ^ (word as u32)).wrapping_add(mix((word >> 32) as u32))
}

/// Some neighbouring features, whose bins lie in one word; the first feature lowest.
#[derive(Clone, Copy, Debug)]
pub(super) struct Group {
    /// The first feature.
    pub(super) first: usize,
    /// How many features.
    pub(super) lanes: usize,
}

/// Where a feature's bins lie.
#[derive(Clone, Copy)]
pub(super) enum Place<'a> {
    /// A byte a row.
    Bytes(&'a [u8]),
    /// In words, of which a row has `groups`.
    Words { words: &'a [u64], groups: usize, shift: u32, mask: u64 },
}

impl Place<'_> {
    /// The bin of a row.
    #[inline(always)]
    pub(super) fn bin(&self, row: usize) -> usize {
        match *self {
            Self::Bytes(bytes) => usize::from(bytes[row]),
            Self::Words { words, groups, shift, mask } => ((words[row * groups] >> shift) & mask) as usize,
        }
    }
}

/// Spreads the bits of a hash (the finish of MurmurHash3).
#[inline(always)]
pub(super) fn mix(mut hash: u32) -> u32 {
    hash = (hash ^ (hash >> 16)).wrapping_mul(0x85EB_CA6B);
    hash = (hash ^ (hash >> 13)).wrapping_mul(0xC2B2_AE35);
    hash ^ (hash >> 16)
}

impl Binned {
    /// Bins all rows.
    pub(super) fn new(views: &[(View<'_>, usize)], features: Vec<Feature>, rows: usize) -> Self {
        let bits = if features.iter().all(|f| f.count < 256) { 8 } else { 16 };
        // Groups of even size, so that no thread waits for a fuller one.
        let count = features.len().div_ceil((64 / bits) as usize);
        let groups: Vec<Group> = (0..count)
            .map(|g| (g * features.len() / count, (g + 1) * features.len() / count))
            .map(|(first, end)| Group { first, lanes: end - first })
            .collect();
        let mut words = vec![0u64; rows * count + LINE];
        let start = words.as_ptr().align_offset(LINE * size_of::<u64>()).min(LINE);
        let chunks = words[start..start + rows * count].par_chunks_mut(CHUNK * count.max(1));
        chunks.enumerate().for_each(|(chunk, words)| {
            let rows = words.len() / count;
            for (g, group) in groups.iter().enumerate() {
                for lane in 0..group.lanes {
                    let (shift, at) = (bits * lane as u32, group.first + lane);
                    features[at].each_bin(&views[at].0, chunk * CHUNK, rows, |i, bin| {
                        words[i * count + g] |= u64::from(bin) << shift;
                    });
                }
            }
        });
        let mut hashes = vec![0u32; if count == 1 { 0 } else { rows }];
        if count > 1 {
            hashes
                .par_iter_mut()
                .zip(words[start..].par_chunks_exact(count))
                .with_min_len(CHUNK)
                .for_each(|(own, words)| *own = words.iter().fold(0, |own, &word| hash(own, word)));
        }
        let mut table = Self { features, groups, rows, words, start, bytes: Vec::new(), bits, hashes };
        if bits == 8 {
            let mut bytes = vec![0u8; rows * table.features.len()];
            bytes.par_chunks_mut(rows.max(1)).enumerate().for_each(|(at, bytes)| {
                let place = table.place(at);
                bytes.iter_mut().enumerate().for_each(|(row, byte)| *byte = place.bin(row) as u8);
            });
            table.bytes = bytes;
        }
        table
    }

    /// The bins: a word for each group, row by row.
    pub(super) fn words(&self) -> &[u64] {
        &self.words[self.start..self.start + self.rows * self.groups.len()]
    }

    /// Hashes of rows' bins.
    pub(super) fn hashes(&self) -> Hashes<'_> {
        match self.groups.len() {
            1 => Hashes::Words(self.words()),
            _ => Hashes::Kept(&self.hashes),
        }
    }

    /// Where a feature lies.
    pub(super) fn place(&self, feature: usize) -> Place<'_> {
        if !self.bytes.is_empty() {
            return Place::Bytes(&self.bytes[feature * self.rows..(feature + 1) * self.rows]);
        }
        let group = self.groups.partition_point(|g| g.first + g.lanes <= feature);
        Place::Words {
            words: &self.words()[group..],
            groups: self.groups.len(),
            shift: self.bits * (feature - self.groups[group].first) as u32,
            mask: (1 << self.bits) - 1,
        }
    }

    /// The bytes that a table of so many rows and features takes, at most.
    pub(super) fn bytes(rows: usize, features: usize, max_bins: usize) -> u64 {
        let lanes = if max_bins < 256 { 8 } else { 4 };
        let words = features.div_ceil(lanes);
        let bytes = if lanes == 8 { features } else { 0 };
        rows as u64 * (8 * words + bytes) as u64
    }
}

/// The bits of a level's code in a request: a code, or missing.
pub(super) const ABSENT: u32 = MISSING;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_value_that_appears_often_has_a_bin_of_its_own() {
        let mut values: Vec<f32> = (0..1000).map(|i| i as f32).collect();
        values.extend([500.0; 1000]);
        let mut keys: Vec<u32> = values.iter().map(|&v| sortable(v)).collect();
        keys.sort_unstable();
        let cuts = thresholds(&keys, 10);
        assert!(cuts.len() < 10 && cuts.contains(&499.5) && cuts.contains(&500.5), "{cuts:?}");
    }

    #[test]
    fn few_values_are_cut_in_the_middle() {
        let mut keys: Vec<u32> = [3.0, -1.0, 2.0, 2.0].map(sortable).to_vec();
        keys.sort_unstable();
        assert_eq!(thresholds(&keys, 255), vec![0.5, 2.5]);
    }

    proptest! {
        #[test]
        fn a_bin_says_the_same_as_its_thresholds(mut values in prop::collection::vec(-1e3f64..1e3, 1..300), max_bins in 2usize..40) {
            values[0] = f64::NAN;
            let rows: Vec<u32> = (0..values.len() as u32).collect();
            let view = View::F64(&values);
            let feature = Feature::learn(&view, &rows, &rows, max_bins);
            prop_assert!(feature.count <= max_bins);
            let Scale::Number(cuts) = &feature.scale else { unreachable!() };
            prop_assert!(cuts.windows(2).all(|c| c[0] < c[1]));
            let mut bins = vec![0; values.len()];
            feature.each_bin(&view, 0, values.len(), |row, bin| bins[row] = bin);
            for (row, bin) in bins.into_iter().enumerate() {
                let expected = match values[row] {
                    x if x.is_nan() => feature.count,
                    x => cuts.iter().filter(|&&t| x > f64::from(t)).count(),
                };
                prop_assert_eq!(bin as usize, expected);
            }
        }

        #[test]
        fn rounding_up_changes_no_decision(x: f64, t: f32) {
            prop_assume!(!t.is_nan());
            prop_assert_eq!(x <= f64::from(t), ceil(x) <= t);
        }
    }
}

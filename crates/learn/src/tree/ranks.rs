//! A row as bytes.
//!
//! All that trees ask of a number is which of their thresholds it is above, and they seldom have more than
//! 255 for a feature. So a value is replaced by a byte, its rank: how many of the feature's thresholds are
//! below it; and a node by a [`Question`]: is the byte at some place above this one? 64 rows of a feature
//! are one cache line then, and 64 questions one instruction. More thresholds are shared out among several
//! bytes. Where some nodes send the missing left and others right, the feature has a byte for each, 0 and
//! 255 where it is missing. A set of levels is a byte that is 1 for the levels that go right.
//!
//! Ranks are found by going down the thresholds, laid out as a search tree: 8 steps, none of them a guess.

use super::bins::View;
use super::node::{CATEGORY, Ensemble, FEATURES, MISSING_LEFT};
use super::wide::{Bytes, ROWS, Way};
use std::collections::HashMap;
use std::ops::Range;

/// Bytes of the levels' tables, at most.
const MOST: usize = 1 << 20;

/// What a node asks: whether the byte at a place is above `cut`; a row of which that is true goes right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Question {
    pub(super) place: u32,
    pub(super) cut: u8,
}

/// Thresholds as a search tree: the children of `i` are `2i` and `2i + 1`, the root is 1.
pub(super) type Search = [f32; 256];

/// One feature's bytes, or some of them.
#[derive(Clone, Debug)]
struct Source {
    feature: usize,
    /// Where the first byte goes.
    place: usize,
    scale: Scale,
}

#[derive(Clone, Debug)]
enum Scale {
    /// A byte that is 0 where the number is missing, then one that is 255; either may not be needed.
    Number { search: Box<Search>, left: bool, right: bool },
    /// Whether each code goes right; the last entry is for the missing and unseen.
    Level(Vec<u8>),
}

/// How rows become bytes.
#[derive(Clone, Debug)]
pub(super) struct Ranks {
    sources: Vec<Source>,
    /// Bytes a row.
    pub(super) places: usize,
}

/// The thresholds of a feature.
#[derive(Default)]
struct Cuts {
    all: Vec<f32>,
    left: bool,
    right: bool,
}

impl Ranks {
    /// The bytes that some nodes ask for, and what each node asks; `None` where they would be more than `most`
    /// a row.
    pub(super) fn of(model: &Ensemble, nodes: Range<usize>, most: usize) -> Option<(Self, Vec<Question>)> {
        let nodes = &model.nodes[nodes];
        let mut cuts: Vec<Cuts> = (0..model.features()).map(|_| Cuts::default()).collect();
        for node in nodes.iter().filter(|node| node.feature & CATEGORY == 0) {
            let cuts = &mut cuts[(node.feature & (FEATURES - 1)) as usize];
            cuts.all.push(f32::from_bits(node.cut));
            cuts.left |= node.feature & MISSING_LEFT != 0;
            cuts.right |= node.feature & MISSING_LEFT == 0;
        }
        let mut all = Self { sources: Vec::new(), places: 0 };
        let firsts: Vec<usize> =
            cuts.iter_mut().enumerate().map(|(feature, cuts)| all.numbers(feature, cuts)).collect();
        let (mut sets, mut bytes) = (HashMap::new(), 0);
        let mut questions = Vec::with_capacity(nodes.len());
        for node in nodes {
            let feature = (node.feature & (FEATURES - 1)) as usize;
            if node.feature & CATEGORY == 0 {
                let cuts = &cuts[feature];
                let rank = cuts.all.partition_point(|cut| *cut < f32::from_bits(node.cut));
                let bytes = usize::from(cuts.left) + usize::from(cuts.right);
                let second = usize::from(cuts.left && node.feature & MISSING_LEFT == 0);
                let place = firsts[feature] + rank / 255 * bytes + second;
                questions.push(Question { place: place as u32, cut: (rank % 255) as u8 });
            } else {
                let rights = rights(model, node.cut as usize, node.feature & MISSING_LEFT != 0);
                let next = all.places;
                let place = *sets.entry((feature, rights)).or_insert_with_key(|(_, rights)| {
                    bytes += rights.len();
                    all.sources.push(Source { feature, place: next, scale: Scale::Level(rights.clone()) });
                    all.places += 1;
                    next
                });
                questions.push(Question { place: place as u32, cut: 0 });
            }
            if all.places > most || bytes > MOST {
                return None;
            }
        }
        // A feature is read once for all its bytes.
        all.sources.sort_by_key(|source| source.feature);
        Some((all, questions))
    }

    /// Adds the bytes of a feature's thresholds, which it sorts, and tells where they begin.
    fn numbers(&mut self, feature: usize, cuts: &mut Cuts) -> usize {
        let first = self.places;
        cuts.all.sort_by(f32::total_cmp);
        cuts.all.dedup_by(|a, b| a == b);
        for some in cuts.all.chunks(255) {
            let scale = Scale::Number { search: search(some), left: cuts.left, right: cuts.right };
            self.sources.push(Source { feature, place: self.places, scale });
            self.places += usize::from(cuts.left) + usize::from(cuts.right);
        }
        first
    }

    /// The bytes of one row from its bits.
    pub(super) fn row(&self, row: &[u32], bytes: &mut [u8]) {
        for source in &self.sources {
            let (bits, bytes) = (row[source.feature], &mut bytes[source.place..]);
            match &source.scale {
                Scale::Number { search, left, right } => {
                    let x = f32::from_bits(bits);
                    let rank = rank(search, x);
                    if *left {
                        bytes[0] = rank;
                    }
                    if *right {
                        bytes[usize::from(*left)] = if x.is_nan() { 255 } else { rank };
                    }
                }
                Scale::Level(rights) => bytes[0] = rights[(bits as usize).min(rights.len() - 1)],
            }
        }
    }

    /// The bytes of `rows` rows, at most [`ROWS`], from `start` on; `bytes` has those of a place
    /// together.
    pub(super) fn block(&self, way: Way, views: &[Option<View<'_>>], start: usize, rows: usize, bytes: &mut [Bytes]) {
        let (mut numbers, mut codes) = ([0.0; ROWS], [u32::MAX; ROWS]);
        let mut read = None;
        for source in &self.sources {
            let view = &views[source.feature];
            let bytes = &mut bytes[source.place..];
            if read != Some(source.feature) {
                match (view, &source.scale) {
                    (None, _) => (numbers, codes) = ([f32::NAN; ROWS], [u32::MAX; ROWS]),
                    (Some(view), Scale::Number { .. }) => view.numbers(start, &mut numbers[..rows]),
                    (Some(view), Scale::Level(_)) => {
                        codes[..rows].iter_mut().enumerate().for_each(|(i, code)| *code = view.bits(start + i));
                    }
                }
                read = Some(source.feature);
            }
            match &source.scale {
                Scale::Number { search, left, right } => {
                    let (first, second) = bytes.split_at_mut(usize::from(*left));
                    way.rank(search, &numbers, first.first_mut(), second.first_mut().filter(|_| *right));
                }
                Scale::Level(rights) => {
                    let last = rights.len() - 1;
                    for (byte, code) in bytes[0].0.iter_mut().zip(codes) {
                        *byte = rights[(code as usize).min(last)];
                    }
                }
            }
        }
    }
}

/// Whether each code goes right, then whether all others do.
fn rights(model: &Ensemble, set: usize, missing_left: bool) -> Vec<u8> {
    let codes = 32 * model.sets[set];
    (0..=codes).map(|code| u8::from(!model.is_among(set, code).unwrap_or(missing_left))).collect()
}

/// Sorted thresholds as a search tree.
pub(super) fn search(cuts: &[f32]) -> Box<Search> {
    // What is left over is above every number.
    let mut tree = Box::new([f32::INFINITY; 256]);
    for level in 0..8 {
        for i in 0..1 << level {
            let at = ((2 * i + 1) << (7 - level)) - 1;
            tree[(1 << level) + i] = cuts.get(at).copied().unwrap_or(f32::INFINITY);
        }
    }
    tree
}

/// How many thresholds are below a number; 0 where it is missing.
#[inline(always)]
pub(super) fn rank(search: &Search, x: f32) -> u8 {
    let mut at = 1usize;
    for _ in 0..8 {
        at = 2 * (at & 255) + usize::from(search[at & 255] < x);
    }
    at as u8
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_rank_is_how_many_thresholds_are_below(mut cuts in prop::collection::vec(-9i8..9, 0..255), x: i8, bits: u32) {
            cuts.sort_unstable();
            let cuts: Vec<f32> = cuts.into_iter().map(f32::from).collect();
            let tree = search(&cuts);
            for x in [f32::from(x % 10), f32::from_bits(bits), f32::NAN, f32::INFINITY, f32::NEG_INFINITY, -0.0] {
                prop_assert_eq!(rank(&tree, x) as usize, cuts.iter().filter(|&&cut| cut < x).count());
                let numbers = [x; ROWS];
                for way in Way::all() {
                    let (mut left, mut right) = (Bytes([7; ROWS]), Bytes([7; ROWS]));
                    way.rank(&tree, &numbers, Some(&mut left), Some(&mut right));
                    prop_assert_eq!(left.0, [rank(&tree, x); ROWS]);
                    prop_assert_eq!(right.0, [if x.is_nan() { 255 } else { rank(&tree, x) }; ROWS]);
                }
            }
        }
    }
}

//! The best split of a leaf by a feature's histogram.
//!
//! With gradients `G` and hessians `H` summed over rows, a leaf lowers the loss by `G²/(H + l2) / 2`, so a
//! split gains `GL²/(HL + l2) + GR²/(HR + l2) - G²/(H + l2)` (Friedman 2001; Chen & Guestrin 2016). Numbers
//! are scanned from the lowest bin up, with the missing on either side. Levels are sorted by
//! `G/(H + cat_smooth)` and scanned from both ends (Fisher 1958; Ke et al. 2017), or tried one by one where
//! they are few; the missing are a level like any other there.

use super::bins::{Feature, Scale};
use super::grid::{Grid, Sum};
use super::histogram::Sums;
use super::node::Cut;
use super::wide::{Plain, Way};
use std::ops::Range;

/// What a split must keep to.
#[derive(Clone, Debug)]
pub(super) struct Rules {
    pub(super) l2: f64,
    pub(super) min_samples_leaf: u64,
    pub(super) min_child_weight: f64,
    pub(super) min_split_gain: f64,
    pub(super) max_cat_to_onehot: usize,
    pub(super) max_cat_threshold: usize,
    pub(super) min_samples_group: u64,
    pub(super) cat_smooth: f64,
    pub(super) cat_l2: f64,
    /// Whether answers may only rise (1) or fall (-1) with each feature; empty where none is bound.
    pub(super) monotone: Vec<i8>,
}

impl Rules {
    /// How the answers may go with a feature.
    pub(super) fn direction(&self, feature: usize) -> i8 {
        self.monotone.get(feature).copied().unwrap_or(0)
    }
}

/// What a leaf's value may be.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    pub(super) low: f64,
    pub(super) high: f64,
}

impl Bounds {
    /// No bounds.
    pub(super) const NONE: Self = Self { low: f64::NEG_INFINITY, high: f64::INFINITY };

    /// A value within.
    pub(super) fn keep(self, value: f64) -> f64 {
        value.max(self.low).min(self.high)
    }

    /// The bounds of two children whose values are these: a bound feature keeps them apart at their middle.
    pub(super) fn part(self, direction: i8, left: f64, right: f64) -> [Self; 2] {
        let middle = (left + right) / 2.0;
        match direction {
            0 => [self, self],
            1.. => [Self { high: self.high.min(middle), ..self }, Self { low: self.low.max(middle), ..self }],
            _ => [Self { low: self.low.max(middle), ..self }, Self { high: self.high.min(middle), ..self }],
        }
    }
}

/// A way to part a leaf.
#[derive(Clone, Debug)]
pub(super) struct Split {
    pub(super) gain: f64,
    pub(super) feature: usize,
    pub(super) cut: Cut,
    pub(super) missing_left: bool,
    pub(super) left: Sum,
    /// The penalty on the children's values.
    pub(super) l2: f64,
}

/// A leaf whose splits are sought.
#[derive(Clone, Copy)]
pub(super) struct Search<'a> {
    pub(super) grid: Grid,
    pub(super) rules: &'a Rules,
    pub(super) total: Sum,
    /// What a split must beat: the leaf's own score and the least gain.
    pub(super) floor: f64,
    pub(super) score: f64,
    bounds: Bounds,
}

impl<'a> Search<'a> {
    pub(super) fn new(grid: Grid, rules: &'a Rules, total: Sum, l2: f64, bounds: Bounds) -> Self {
        let mut search = Self { grid, rules, total, floor: 0.0, score: 0.0, bounds };
        search.score = search.one(total, l2);
        search.floor = search.score * (1.0 + 1e-12) + rules.min_split_gain.max(grid.noise(total, l2));
        search
    }

    /// The score of a leaf.
    fn one(&self, sum: Sum, l2: f64) -> f64 {
        let (g, h) = (self.grid.gradient(sum), self.grid.hessian(sum) + l2);
        if h <= 0.0 {
            return 0.0;
        }
        if self.rules.monotone.is_empty() {
            return g * g / h;
        }
        let value = self.bounds.keep(-g / h);
        -(2.0 * g + h * value) * value
    }

    /// The value of a leaf with such a sum.
    pub(super) fn value(&self, sum: Sum, l2: f64) -> f64 {
        let (g, h) = (self.grid.gradient(sum), self.grid.hessian(sum) + l2);
        self.bounds.keep(if h > 0.0 { -g / h } else { 0.0 })
    }

    /// The best split by a feature; `sums` holds its bins and then the missing.
    pub(super) fn best(&self, index: usize, feature: &Feature, sums: Sums<'_>, way: Way) -> Option<Split> {
        match feature.scale {
            Scale::Number(_) if self.rules.monotone.is_empty() => {
                let found = way.plain(Abreast { search: self, count: feature.count, sums })?;
                Some(self.number(index, found, sums.packed[feature.count] != 0))
            }
            Scale::Number(_) => self.bound(index, feature.count, sums),
            Scale::Level(_) => self.levels(index, feature.count, sums),
        }
    }

    /// The score of two children of a feature that the answers go with; `None` when one is too small, or they go
    /// the other way.
    #[inline(always)]
    fn directed(&self, left: Sum, l2: f64, direction: i8) -> Option<f64> {
        self.pair(left, l2)?;
        let right = self.total - left;
        let rise = self.value(right, l2) - self.value(left, l2);
        (rise * f64::from(direction) >= 0.0).then(|| self.one(left, l2) + self.one(right, l2))
    }

    /// The score of two children; `None` when one is too small. [`Abreast`] has it for many bins.
    #[inline(always)]
    pub(super) fn pair(&self, left: Sum, l2: f64) -> Option<f64> {
        let right = self.total - left;
        let (hl, hr) = (self.grid.hessian(left), self.grid.hessian(right));
        let few = self.grid.count(left).min(self.grid.count(right)) < self.rules.min_samples_leaf.max(1);
        if few || hl.min(hr) < self.rules.min_child_weight {
            return None;
        }
        if !self.rules.monotone.is_empty() {
            return Some(self.one(left, l2) + self.one(right, l2));
        }
        let (gl, gr) = (self.grid.gradient(left), self.grid.gradient(right));
        let (hl, hr) = (hl + l2, hr + l2);
        let below = hl * hr;
        (below > 0.0).then(|| (gl * gl * hr + gr * gr * hl) / below)
    }

    /// The best split by a number where answers are bound.
    fn bound(&self, index: usize, count: usize, sums: Sums<'_>) -> Option<Split> {
        let direction = self.rules.direction(index);
        let l2 = self.rules.l2;
        let pair = |left: Sum| match direction {
            0 => self.pair(left, l2),
            _ => self.directed(left, l2, direction),
        };
        let missing = sums.at(count);
        let ways: &[bool] = if missing.packed != 0 { &[false, true] } else { &[false] };
        let mut best: Option<Found> = None;
        let mut below = Sum::default();
        for (bin, sum) in sums.first(count).enumerate().filter(|(_, sum)| sum.packed != 0) {
            below += sum;
            for &missing_left in ways {
                let left = if missing_left { below + missing } else { below };
                if let Some(score) = pair(left)
                    && score > best.as_ref().map_or(self.floor, |best| best.score)
                {
                    best = Some(Found { score, bin, missing_left, left });
                }
            }
        }
        best.map(|found| self.number(index, found, missing.packed != 0))
    }

    /// The split by a number that was found.
    fn number(&self, index: usize, found: Found, some_missing: bool) -> Split {
        Split {
            gain: found.score - self.score,
            feature: index,
            cut: Cut::Below(found.bin as u16),
            missing_left: if some_missing { found.missing_left } else { self.grid.is_most(found.left, self.total) },
            left: found.left,
            l2: self.rules.l2,
        }
    }

    /// The best split by a level; the missing are one more.
    fn levels(&self, index: usize, count: usize, sums: Sums<'_>) -> Option<Split> {
        let rules = self.rules;
        let present = sums.first(count + 1).filter(|sum| sum.packed != 0).count();
        if present < 2 {
            return None;
        }
        let mut order = Vec::new();
        let mut best: Option<(f64, Range<usize>, Sum)> = None;
        let l2 = if count <= rules.max_cat_to_onehot {
            order.extend((0..=count).map(|bin| (0.0, bin)));
            for (bin, sum) in sums.first(count + 1).enumerate().filter(|(_, sum)| sum.packed != 0) {
                if let Some(score) = self.pair(sum, rules.l2)
                    && score > best.as_ref().map_or(self.floor, |b| b.0)
                {
                    best = Some((score, bin..bin + 1, sum));
                }
            }
            rules.l2
        } else {
            let l2 = rules.l2 + rules.cat_l2;
            order = self.order(count, sums);
            let longest = rules.max_cat_threshold.min(order.len().div_ceil(2));
            let front = self.scan(order.iter(), sums, longest, l2, self.floor);
            let floor = front.map_or(self.floor, |front| front.0);
            let back = self.scan(order.iter().rev(), sums, longest, l2, floor);
            best = match (front, back) {
                (_, Some((score, taken, left))) => Some((score, order.len() - taken..order.len(), left)),
                (front, None) => front.map(|(score, taken, left)| (score, 0..taken, left)),
            };
            l2
        };
        let (score, taken, left) = best?;
        let bins = &order[taken];
        let some_missing = sums.packed[count] != 0;
        let mut set = vec![0u64; count.div_ceil(64)];
        for &(_, bin) in bins.iter().filter(|taken| taken.1 < count) {
            set[bin / 64] |= 1 << (bin % 64);
        }
        Some(Split {
            gain: score - self.score,
            feature: index,
            cut: Cut::Among(set.into()),
            missing_left: if some_missing {
                bins.iter().any(|taken| taken.1 == count)
            } else {
                self.grid.is_most(left, self.total)
            },
            left,
            l2,
        })
    }

    /// The bins with rows enough, by their smoothed mean gradient.
    fn order(&self, count: usize, sums: Sums<'_>) -> Vec<(f64, usize)> {
        let smooth = self.rules.cat_smooth;
        let key = |sum: Sum| self.grid.gradient(sum) / (self.grid.hessian(sum) + smooth).max(f64::MIN_POSITIVE);
        let full = |sum: Sum| sum.packed != 0 && self.grid.count(sum) as f64 >= smooth;
        let all = sums.first(count + 1).enumerate().filter(|&(_, sum)| full(sum));
        let mut order: Vec<(f64, usize)> = all.map(|(bin, sum)| (key(sum), bin)).collect();
        order.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        order
    }

    /// The best number of bins to take from the front of an order, where that scores above the floor.
    fn scan<'o>(
        &self,
        order: impl Iterator<Item = &'o (f64, usize)>,
        sums: Sums<'_>,
        longest: usize,
        l2: f64,
        floor: f64,
    ) -> Option<(f64, usize, Sum)> {
        let (mut left, mut group) = (Sum::default(), 0);
        let mut best: Option<(f64, usize, Sum)> = None;
        for (i, &(_, bin)) in order.take(longest).enumerate() {
            left += sums.at(bin);
            group += self.grid.count(sums.at(bin));
            if self.grid.count(self.total - left) < self.rules.min_samples_group {
                break;
            }
            if group < self.rules.min_samples_group {
                continue;
            }
            let Some(score) = self.pair(left, l2) else { continue };
            group = 0;
            if score > best.map_or(floor, |b| b.0) {
                best = Some((score, i + 1, left));
            }
        }
        best
    }
}

/// Where a number is best cut.
struct Found {
    score: f64,
    bin: usize,
    missing_left: bool,
    left: Sum,
}

/// Bins whose scores are worked out at a time.
const BINS: usize = 256;

/// The best cut of a number by scores that are worked out side by side: first the sums of all bins below each, then
/// their scores, then the greatest. Scores are not negative, so that they compare as their bits do.
struct Abreast<'a> {
    search: &'a Search<'a>,
    count: usize,
    sums: Sums<'a>,
}

impl Plain for Abreast<'_> {
    type Out = Option<Found>;

    #[inline(always)]
    fn run(self) -> Option<Found> {
        let missing = self.sums.at(self.count);
        let some_missing = missing.packed != 0;
        let mut best: Option<Found> = None;
        let mut start = Sum::default();
        let (mut gradients, mut packed) = ([0u64; BINS], [0u64; BINS]);
        let mut scores = [[0u64; BINS]; 2];
        for first in (0..self.count).step_by(BINS) {
            let bins = BINS.min(self.count - first);
            let sums = self.sums.gradients[first..].iter().zip(&self.sums.packed[first..]);
            let mut below = start;
            for ((gradient, packed), (&g, &p)) in gradients[..bins].iter_mut().zip(&mut packed[..bins]).zip(sums) {
                below += Sum { gradient: g as i64, packed: p };
                (*gradient, *packed) = (below.gradient as u64, below.packed);
            }
            let mut most = 0;
            for (scores, more) in scores.iter_mut().zip([Sum::default(), missing]).take(1 + usize::from(some_missing)) {
                for ((score, &gradient), &packed) in scores[..bins].iter_mut().zip(&gradients).zip(&packed) {
                    *score = self.score(Sum { gradient: gradient as i64, packed } + more);
                    most = most.max(*score);
                }
            }
            if f64::from_bits(most) > best.as_ref().map_or(self.search.floor, |best| best.score)
                && let Some(at) = (0..bins).find(|&at| scores[0][at] == most || scores[1][at] == most)
            {
                let missing_left = scores[0][at] != most;
                let mut left = Sum { gradient: gradients[at] as i64, packed: packed[at] };
                if missing_left {
                    left += missing;
                }
                best = Some(Found { score: f64::from_bits(most), bin: first + at, missing_left, left });
            }
            start = below;
        }
        best
    }
}

impl Abreast<'_> {
    /// The bits of the score of two children; 0 where one is too small.
    #[inline(always)]
    fn score(&self, left: Sum) -> u64 {
        let Search { grid, rules, total, .. } = self.search;
        let right = *total - left;
        let (hl, hr) = (grid.hessian(left), grid.hessian(right));
        let few = grid.count(left).min(grid.count(right)) < rules.min_samples_leaf.max(1);
        let light = hl.min(hr) < rules.min_child_weight;
        let (gl, gr) = (grid.gradient(left), grid.gradient(right));
        let (hl, hr) = (hl + rules.l2, hr + rules.l2);
        let below = hl * hr;
        let score = (gl * gl * hr + gr * gr * hl) / below;
        let counts = !few & !light & (below > 0.0);
        if counts { score.to_bits() } else { 0 }
    }
}

//! How impure rows are, and the best way to part them by one feature.
//!
//! Gini impurity and variance are one thing here. With weight `w` and, of each class, its weight `c`, a
//! node's score is `Σ c²/w`; of numbers `(Σ w y)²/w`; and a split is the better the more the children's
//! scores exceed the parent's. Two classes are the numbers 0 and 1: their Gini impurity is twice the
//! variance. Levels are sorted by their mean (two classes, numbers: the best subset is among the prefixes,
//! Breiman et al. 1984) or by the share of the node's largest class (several classes: a heuristic).

use super::bins::{Feature, Scale};
use super::node::Cut;
use arkwright_core::Random;

/// Rows up to which sorting a node's bins beats summing up a histogram.
const FEW: usize = 96;

/// A row of a tree's sample.
#[derive(Clone, Copy, Debug)]
pub(super) struct Item {
    pub(super) row: u32,
    pub(super) class: u32,
    pub(super) weight: f64,
    /// The weight times the (centred) number.
    pub(super) value: f64,
}

/// What is summed up over rows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Measure {
    /// The weight, and the weighted number.
    Number,
    /// The weight of each of so many classes.
    Classes(usize),
}

impl Measure {
    /// Sums a node has, without the count that follows them.
    pub(super) fn width(self) -> usize {
        match self {
            Self::Number => 2,
            Self::Classes(k) => k,
        }
    }

    /// Adds a row to sums.
    #[inline(always)]
    pub(super) fn add(self, sums: &mut [f64], item: &Item) {
        match self {
            Self::Number => {
                sums[0] += item.weight;
                sums[1] += item.value;
            }
            Self::Classes(_) => sums[item.class as usize] += item.weight,
        }
        sums[self.width()] += 1.0;
    }

    /// The weight in sums.
    pub(super) fn weight(self, sums: &[f64]) -> f64 {
        match self {
            Self::Number => sums[0],
            Self::Classes(k) => sums[..k].iter().sum(),
        }
    }

    /// The score of sums.
    #[inline(always)]
    pub(super) fn score(self, sums: &[f64]) -> f64 {
        let (squares, weight) = match self {
            Self::Number => (sums[1] * sums[1], sums[0]),
            Self::Classes(k) => sums[..k].iter().fold((0.0, 0.0), |(q, w), c| (q + c * c, w + c)),
        };
        if weight > 0.0 { squares / weight } else { 0.0 }
    }

    /// The number by which levels are sorted.
    fn key(self, sums: &[f64], largest: usize) -> f64 {
        match self {
            Self::Number => sums[1] / sums[0],
            Self::Classes(k) => sums[largest] / sums[..k].iter().sum::<f64>(),
        }
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

/// A node whose partings are sought.
pub(super) struct Node<'a> {
    pub(super) measure: Measure,
    pub(super) items: &'a [Item],
    /// Its sums and count.
    pub(super) sums: &'a [f64],
    pub(super) min_samples_leaf: f64,
}

/// Memory that is used again for every feature.
#[derive(Default)]
pub(super) struct Scratch {
    histogram: Vec<f64>,
    keys: Vec<u32>,
    /// The bins with rows, in order, and their sums and counts.
    bins: Vec<u16>,
    sums: Vec<f64>,
    left: Vec<f64>,
    right: Vec<f64>,
}

impl Node<'_> {
    fn stride(&self) -> usize {
        self.measure.width() + 1
    }

    /// The best parting by a feature; `Err` when all rows have one bin. With `random`, a random one.
    pub(super) fn best(
        &self,
        index: usize,
        feature: &Feature,
        column: &[u8],
        scratch: &mut Scratch,
        random: Option<&mut Random>,
    ) -> Result<Option<Parting>, Constant> {
        self.collect(feature, column, scratch);
        if scratch.bins.len() < 2 {
            return Err(Constant);
        }
        let found = match (&feature.scale, random) {
            (Scale::Number(_), None) => self.number(feature.count, scratch),
            (Scale::Number(_), Some(random)) => self.random_number(feature.count, scratch, random),
            (Scale::Level(_), random) => self.levels(feature.count, scratch, random),
        };
        Ok(found.map(|(score, cut, missing_left)| Parting { score, feature: index, cut, missing_left }))
    }

    /// Sums up the node's bins.
    fn collect(&self, feature: &Feature, column: &[u8], scratch: &mut Scratch) {
        let stride = self.stride();
        scratch.bins.clear();
        scratch.sums.clear();
        if self.items.len() <= FEW {
            scratch.keys.clear();
            scratch.keys.extend(
                self.items.iter().enumerate().map(|(i, item)| u32::from(column[item.row as usize]) << 16 | i as u32),
            );
            scratch.keys.sort_unstable();
            for &key in &scratch.keys {
                let bin = (key >> 16) as u16;
                if scratch.bins.last() != Some(&bin) {
                    scratch.bins.push(bin);
                    scratch.sums.resize(scratch.sums.len() + stride, 0.0);
                }
                let at = scratch.sums.len() - stride;
                self.measure.add(&mut scratch.sums[at..], &self.items[(key & 0xffff) as usize]);
            }
            return;
        }
        scratch.histogram.clear();
        scratch.histogram.resize((feature.count + 1) * stride, 0.0);
        match self.measure {
            Measure::Number => {
                let (histogram, _) = scratch.histogram.as_chunks_mut::<3>();
                for item in self.items {
                    let sums = &mut histogram[usize::from(column[item.row as usize])];
                    sums[0] += item.weight;
                    sums[1] += item.value;
                    sums[2] += 1.0;
                }
            }
            measure => {
                for item in self.items {
                    let at = usize::from(column[item.row as usize]) * stride;
                    measure.add(&mut scratch.histogram[at..at + stride], item);
                }
            }
        }
        for (bin, sums) in scratch.histogram.chunks_exact(stride).enumerate() {
            if sums[stride - 1] > 0.0 {
                scratch.bins.push(bin as u16);
                scratch.sums.extend(sums);
            }
        }
    }

    /// The children's score with these sums on the left; `None` when one is too small.
    #[inline(always)]
    fn pair(&self, left: &[f64], right: &mut [f64]) -> Option<f64> {
        let count = self.stride() - 1;
        right.iter_mut().zip(self.sums).zip(left).for_each(|((right, all), left)| *right = all - left);
        (left[count].min(right[count]) >= self.min_samples_leaf)
            .then(|| self.measure.score(left) + self.measure.score(right))
    }

    fn number(&self, count: usize, scratch: &mut Scratch) -> Option<(f64, Cut, bool)> {
        let stride = self.stride();
        let some_missing = scratch.bins.last() == Some(&(count as u16));
        let present = scratch.bins.len() - usize::from(some_missing);
        let (values, missing) = scratch.sums.split_at(present * stride);
        scratch.left.clear();
        scratch.left.resize(stride, 0.0);
        scratch.right.clear();
        scratch.right.resize(2 * stride, 0.0);
        let (right, with) = scratch.right.split_at_mut(stride);
        let mut best: Option<(f64, usize, bool, f64)> = None;
        let ends = if some_missing { present } else { present - 1 };
        for (i, sums) in values.chunks_exact(stride).take(ends).enumerate() {
            scratch.left.iter_mut().zip(sums).for_each(|(left, sum)| *left += sum);
            if let Some(score) = self.pair(&scratch.left, right)
                && best.is_none_or(|b| score > b.0)
            {
                best = Some((score, i, false, scratch.left[stride - 1]));
            }
            if some_missing && i + 1 < present {
                with.iter_mut()
                    .zip(&scratch.left)
                    .zip(missing)
                    .for_each(|((with, left), missing)| *with = left + missing);
                if let Some(score) = self.pair(with, right)
                    && best.is_none_or(|b| score > b.0)
                {
                    best = Some((score, i, true, with[stride - 1]));
                }
            }
        }
        let (score, at, missing_left, left) = best?;
        // Where none was missing, the missing go with most rows.
        let heavier = 2.0 * left >= self.sums[stride - 1];
        Some((score, Cut::Below(scratch.bins[at]), if some_missing { missing_left } else { heavier }))
    }

    /// A random threshold between the lowest and the highest bin, even over the bins.
    fn random_number(&self, count: usize, scratch: &mut Scratch, random: &mut Random) -> Option<(f64, Cut, bool)> {
        let some_missing = scratch.bins.last() == Some(&(count as u16));
        let present = scratch.bins.len() - usize::from(some_missing);
        let last = if present > 1 {
            let (low, high) = (scratch.bins[0], scratch.bins[present - 1]);
            low + random.below(u64::from(high - low)) as u16
        } else {
            scratch.bins[0]
        };
        let missing_left = some_missing && present > 1 && random.below(2) == 1;
        self.given(count, scratch, Cut::Below(last), some_missing.then_some(missing_left))
    }

    /// The score of a given cut.
    fn given(
        &self,
        count: usize,
        scratch: &mut Scratch,
        cut: Cut,
        missing_left: Option<bool>,
    ) -> Option<(f64, Cut, bool)> {
        let stride = self.stride();
        scratch.left.clear();
        scratch.left.resize(stride, 0.0);
        scratch.right.clear();
        scratch.right.resize(stride, 0.0);
        for (&bin, sums) in scratch.bins.iter().zip(scratch.sums.chunks_exact(stride)) {
            let bin = bin as usize;
            if if bin == count { missing_left == Some(true) } else { cut.takes(bin) } {
                scratch.left.iter_mut().zip(sums).for_each(|(left, sum)| *left += sum);
            }
        }
        let score = self.pair(&scratch.left, &mut scratch.right)?;
        let heavier = 2.0 * scratch.left[stride - 1] >= self.sums[stride - 1];
        Some((score, cut, missing_left.unwrap_or(heavier)))
    }

    fn levels(&self, count: usize, scratch: &mut Scratch, random: Option<&mut Random>) -> Option<(f64, Cut, bool)> {
        let stride = self.stride();
        let mut set = vec![0u64; count.div_ceil(64).max(1)];
        let put = |set: &mut Vec<u64>, bin: usize| {
            if bin < count {
                set[bin / 64] |= 1 << (bin % 64);
            }
        };
        let some_missing = scratch.bins.last() == Some(&(count as u16));
        if let Some(random) = random {
            let missing_left = random.below(2) == 1;
            for i in 0..scratch.bins.len() {
                if random.below(2) == 1 {
                    put(&mut set, scratch.bins[i] as usize);
                }
            }
            return self.given(count, scratch, Cut::Among(set.into()), some_missing.then_some(missing_left));
        }
        let classes = &self.sums[..self.measure.width()];
        let largest = (0..classes.len()).fold(0, |best, i| if classes[i] > classes[best] { i } else { best });
        let sums = |i: usize| &scratch.sums[i * stride..(i + 1) * stride];
        let mut order: Vec<usize> = (0..scratch.bins.len()).collect();
        order.sort_by(|&a, &b| self.measure.key(sums(a), largest).total_cmp(&self.measure.key(sums(b), largest)));
        let (mut left, mut right) = (vec![0.0; stride], vec![0.0; stride]);
        let mut best: Option<(f64, usize, f64)> = None;
        for (taken, &i) in order.iter().enumerate().take(order.len() - 1) {
            left.iter_mut().zip(sums(i)).for_each(|(left, sum)| *left += sum);
            if let Some(score) = self.pair(&left, &mut right)
                && best.is_none_or(|b| score > b.0)
            {
                best = Some((score, taken + 1, left[stride - 1]));
            }
        }
        let (score, taken, left) = best?;
        let taken = &order[..taken];
        taken.iter().for_each(|&i| put(&mut set, scratch.bins[i] as usize));
        let heavier = 2.0 * left >= self.sums[stride - 1];
        let missing_left = if some_missing { taken.contains(&(scratch.bins.len() - 1)) } else { heavier };
        Some((score, Cut::Among(set.into()), missing_left))
    }
}

/// All rows of a node have the same bin of a feature.
pub(super) struct Constant;

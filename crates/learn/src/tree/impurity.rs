//! How impure rows are: what is summed up over them, and the score of the sums.
//!
//! A split is the better the more its children's scores exceed their parent's. With the weight `w` of a
//! node, the weight `c` of each class in it, and the weighted sum `s` of its numbers:
//!
//! | criterion | score |
//! |---|---|
//! | `gini` | `Σ c²/w` |
//! | `entropy`, `log_loss` | `Σ c log₂(c/w)` |
//! | `squared_error` | `s²/w` |
//! | `poisson` | `s ln(s/w)` |
//!
//! That is minus `w` times the impurity, up to a term that no split changes. Where rows count whole times,
//! classes are summed up in 32 bits: half the bytes, and exact in any order. The median of
//! `absolute_error` is no sum; it has a file of its own.

use super::bins::Feature;
use super::parting::{Constant, Node, Parting};
use serde::{Deserialize, Serialize};
use std::ops::{AddAssign, Sub};

/// What a split makes smaller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Criterion {
    /// Classes: the chance that two rows drawn from a node differ. The default for classes.
    Gini,
    /// Classes: the entropy in bits.
    Entropy,
    /// Another name of `entropy`.
    LogLoss,
    /// Numbers: the variance; a leaf answers the mean. The default for numbers.
    SquaredError,
    /// Numbers: the mean distance from the median, which a leaf answers. Slower by half or more.
    AbsoluteError,
    /// Counts and rates, never negative: half the Poisson deviance; a leaf answers the mean.
    Poisson,
}

/// A row of a tree's sample.
#[derive(Clone, Copy, Debug)]
pub(super) struct Item<Y, W> {
    /// Where its bins are.
    pub(super) row: u32,
    /// Its class or number.
    pub(super) y: Y,
    pub(super) weight: W,
}

/// A row of a tree's sample, as a tally has it.
pub(super) type ItemOf<T> = Item<<T as Tally>::Y, <T as Tally>::W>;

/// How rows are summed up. Sums are `stride` cells, the first of them the number of rows.
pub(super) trait Tally: Sync {
    type Y: Copy + Send + Sync;
    type W: Copy + Send + Sync;
    type Cell: Cell;

    /// The number of cells.
    fn stride(&self) -> usize;

    /// Adds a row to sums.
    fn add(&self, sums: &mut [Self::Cell], item: &ItemOf<Self>);

    /// The weight in sums.
    fn weight(&self, sums: &[Self::Cell]) -> f64;

    /// The score of sums; minus infinity where they cannot be a node.
    fn score(&self, sums: &[Self::Cell]) -> f64;

    /// The number by which levels are sorted, among rows of such sums.
    fn key(&self, sums: &[Self::Cell], all: &[Self::Cell]) -> f64;

    /// The number by which a level is sorted once for a whole tree.
    fn level(&self, _items: &[ItemOf<Self>], sums: &[Self::Cell], all: &[Self::Cell]) -> f64 {
        self.key(sums, all)
    }

    /// Whether no split can make a node purer.
    fn is_pure(&self, items: &[ItemOf<Self>], sums: &[Self::Cell]) -> bool;

    /// Adds what a leaf answers.
    fn answer(&self, items: &[ItemOf<Self>], sums: &[Self::Cell], out: &mut Vec<f64>);

    /// The class of a row; 0 of a number.
    fn class(item: &ItemOf<Self>) -> usize;

    /// The item of a row that was drawn some times, and of what its class weighs.
    fn drawn(item: &ItemOf<Self>, times: u32, class_weight: Option<f64>) -> ItemOf<Self>;

    /// The score of a node, where it is more than its sums tell.
    fn score_of(&self, _items: &[ItemOf<Self>], sums: &[Self::Cell]) -> f64 {
        self.score(sums)
    }

    /// What the score of the whole leaves out of its impurity, times its weight.
    fn constant(&self, items: &[ItemOf<Self>]) -> f64;

    /// Whether partings come from [`Tally::seek`], for a criterion that knows no sums.
    const ORDERED: bool = false;

    /// The best parting by a feature, where that takes more than sums.
    fn seek(_node: &Node<'_, Self>, _index: usize, _feature: &Feature) -> Result<Option<Parting>, Constant>
    where
        Self: Sized,
    {
        Ok(None)
    }
}

/// A number that sums are made of.
pub(super) trait Cell: Copy + Default + PartialEq + Send + Sync + AddAssign + Sub<Output = Self> {
    /// A class, as small as the cell allows.
    type Class: Copy + Send + Sync;
    /// A weight.
    type Weight: Copy + Send + Sync;
    const ONE: Self;
    fn of(weight: Self::Weight) -> Self;
    fn class(class: Self::Class) -> usize;
    fn real(self) -> f64;
    fn times(weight: Self::Weight, times: u32, class_weight: Option<f64>) -> Self::Weight;
}

/// Rows that count whole times.
impl Cell for u32 {
    type Class = u16;
    type Weight = u16;
    const ONE: Self = 1;

    #[inline(always)]
    fn of(weight: u16) -> Self {
        weight.into()
    }

    #[inline(always)]
    fn class(class: u16) -> usize {
        class.into()
    }

    #[inline(always)]
    fn real(self) -> f64 {
        self.into()
    }

    fn times(weight: u16, times: u32, _class_weight: Option<f64>) -> u16 {
        u16::try_from(times * u32::from(weight)).unwrap_or(u16::MAX)
    }
}

/// Rows of any weight.
impl Cell for f64 {
    type Class = u32;
    type Weight = f64;
    const ONE: Self = 1.0;

    #[inline(always)]
    fn of(weight: f64) -> Self {
        weight
    }

    #[inline(always)]
    fn class(class: u32) -> usize {
        class as usize
    }

    #[inline(always)]
    fn real(self) -> f64 {
        self
    }

    fn times(weight: f64, times: u32, class_weight: Option<f64>) -> f64 {
        weight * f64::from(times) * class_weight.unwrap_or(1.0)
    }
}

/// Sums of classes: the rows, then the weight of each class. `K` is their number where it is known when
/// this is compiled, else 0.
pub(super) struct Classes<C, const K: usize> {
    count: usize,
    entropy: bool,
    cell: std::marker::PhantomData<C>,
}

impl<C: Cell, const K: usize> Classes<C, K> {
    pub(super) fn new(count: usize, criterion: Criterion) -> Self {
        Self { count, entropy: criterion != Criterion::Gini, cell: std::marker::PhantomData }
    }
}

impl<C: Cell, const K: usize> Tally for Classes<C, K> {
    type Y = C::Class;
    type W = C::Weight;
    type Cell = C;

    #[inline(always)]
    fn stride(&self) -> usize {
        1 + if K > 0 { K } else { self.count }
    }

    #[inline(always)]
    fn add(&self, sums: &mut [C], item: &ItemOf<Self>) {
        sums[0] += C::ONE;
        sums[1 + C::class(item.y)] += C::of(item.weight);
    }

    #[inline(always)]
    fn weight(&self, sums: &[C]) -> f64 {
        sums[1..].iter().map(|c| c.real()).sum()
    }

    #[inline(always)]
    fn score(&self, sums: &[C]) -> f64 {
        let w = self.weight(sums);
        if self.entropy {
            let bits = |c: &C| if c.real() > 0.0 { c.real() * libm::log2(c.real() / w) } else { 0.0 };
            sums[1..].iter().map(bits).sum()
        } else {
            sums[1..].iter().map(|c| c.real() * c.real()).sum::<f64>() / w
        }
    }

    /// Two classes: the share of the second, by which the best of all subsets is a prefix (Breiman et al.
    /// 1984). More: the share of the largest, a heuristic.
    fn key(&self, sums: &[C], all: &[C]) -> f64 {
        let mut largest = self.stride() - 1;
        if largest > 2 {
            (1..=largest).rev().for_each(|c| {
                if all[c].real() >= all[largest].real() {
                    largest = c;
                }
            });
        }
        sums[largest].real() / self.weight(sums)
    }

    #[inline(always)]
    fn is_pure(&self, _items: &[ItemOf<Self>], sums: &[C]) -> bool {
        sums[1..].iter().filter(|c| **c != C::default()).count() < 2
    }

    fn answer(&self, _items: &[ItemOf<Self>], sums: &[C], out: &mut Vec<f64>) {
        let w = self.weight(sums);
        match self.stride() {
            // One number stands for two classes.
            3 => out.push(sums[2].real() / w),
            _ => out.extend(sums[1..].iter().map(|c| c.real() / w)),
        }
    }

    fn class(item: &ItemOf<Self>) -> usize {
        C::class(item.y)
    }

    fn drawn(item: &ItemOf<Self>, times: u32, class_weight: Option<f64>) -> ItemOf<Self> {
        Item { weight: C::times(item.weight, times, class_weight), ..*item }
    }

    fn constant(&self, items: &[ItemOf<Self>]) -> f64 {
        if self.entropy { 0.0 } else { items.iter().map(|item| C::of(item.weight).real()).sum() }
    }
}

/// Sums of numbers: the rows, their weight, and the weighted numbers.
pub(super) struct Numbers {
    /// Added to the mean in each leaf: the numbers are centred.
    pub(super) centre: f64,
    pub(super) poisson: bool,
}

impl Tally for Numbers {
    type Y = f64;
    type W = f64;
    type Cell = f64;

    #[inline(always)]
    fn stride(&self) -> usize {
        3
    }

    #[inline(always)]
    fn add(&self, sums: &mut [f64], item: &ItemOf<Self>) {
        sums[0] += 1.0;
        sums[1] += item.weight;
        sums[2] += item.weight * item.y;
    }

    #[inline(always)]
    fn weight(&self, sums: &[f64]) -> f64 {
        sums[1]
    }

    #[inline(always)]
    fn score(&self, sums: &[f64]) -> f64 {
        match self.poisson {
            false => sums[2] * sums[2] / sums[1],
            // A node of nothing but zeros would answer 0, and its deviance would not be finite elsewhere.
            true if sums[2] <= 1e-12 * sums[1] => f64::NEG_INFINITY,
            true => sums[2] * libm::log(sums[2] / sums[1]),
        }
    }

    fn key(&self, sums: &[f64], _all: &[f64]) -> f64 {
        sums[2] / sums[1]
    }

    fn is_pure(&self, items: &[ItemOf<Self>], _sums: &[f64]) -> bool {
        items.windows(2).all(|pair| pair[0].y == pair[1].y)
    }

    fn answer(&self, _items: &[ItemOf<Self>], sums: &[f64], out: &mut Vec<f64>) {
        out.push(self.centre + sums[2] / sums[1]);
    }

    fn class(_item: &ItemOf<Self>) -> usize {
        0
    }

    fn drawn(item: &ItemOf<Self>, times: u32, _class_weight: Option<f64>) -> ItemOf<Self> {
        Item { weight: item.weight * f64::from(times), ..*item }
    }

    fn constant(&self, items: &[ItemOf<Self>]) -> f64 {
        let term = |y: f64| match self.poisson {
            true if y > 0.0 => y * libm::log(y),
            true => 0.0,
            false => y * y,
        };
        items.iter().map(|item| item.weight * term(item.y)).sum()
    }
}

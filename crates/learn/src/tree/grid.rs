//! Gradients as whole numbers.
//!
//! Gradients and hessians are put on a grid of whole numbers once a tree, so a sum is an integer: it has no
//! order, a parent less one child is exactly the other, and any split of the rows among threads gives the same
//! bytes. The grid is kept twice. A [`Pair`] holds some 30 bits of each; leaves get their values from those. A
//! word holds what fits when the gradient, the hessian and the count of [`BLOCK`] rows are summed side by side
//! in 64 bits, 15 and 14 bits: histograms are summed from words, one addition a row and feature, and half the
//! memory of two. What a word cannot hold is rounded up or down with a chance that makes the mean right (Shi et
//! al. 2022); the chance depends on the row's bins, so that the order of rows does not matter. In a small table,
//! where a bit may decide and speed does not, words are of one row and hold all 28 bits of each.

use std::ops::{Add, AddAssign, Sub, SubAssign};

/// Rows whose words are summed before they must be taken out.
pub(super) const BLOCK: usize = 2048;
/// Rows from which on words are summed in blocks.
const MANY: usize = 8192;
/// Bits of a pair's parts.
const FINE: u32 = 30;

/// A row's gradient and hessian on the fine grid.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Pair {
    pub(super) gradient: i32,
    pub(super) hessian: u32,
}

/// The gradients and hessians of all rows.
#[derive(Clone, Copy)]
pub(super) struct Gradients<'a> {
    pub(super) pairs: &'a [Pair],
    pub(super) words: &'a [u64],
    pub(super) grid: Grid,
}

/// Sums over rows: gradients; hessians and count in one word.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[repr(C)]
pub(super) struct Sum {
    pub(super) gradient: i64,
    pub(super) packed: u64,
}

impl AddAssign for Sum {
    #[inline(always)]
    fn add_assign(&mut self, other: Self) {
        self.gradient = self.gradient.wrapping_add(other.gradient);
        self.packed = self.packed.wrapping_add(other.packed);
    }
}

impl SubAssign for Sum {
    #[inline(always)]
    fn sub_assign(&mut self, other: Self) {
        self.gradient = self.gradient.wrapping_sub(other.gradient);
        self.packed = self.packed.wrapping_sub(other.packed);
    }
}

impl Add for Sum {
    type Output = Self;
    #[inline(always)]
    fn add(mut self, other: Self) -> Self {
        self += other;
        self
    }
}

impl Sub for Sum {
    type Output = Self;
    #[inline(always)]
    fn sub(mut self, other: Self) -> Self {
        self -= other;
        self
    }
}

/// The grid.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Grid {
    /// The value of a gradient's unit in a sum.
    pub(super) gradient: f64,
    /// The value of a hessian's unit in a sum.
    pub(super) hessian: f64,
    /// Bits of the count in a sum.
    count_bits: u32,
    /// Bits of a word's gradient, without its sign, and hessian.
    bits: (u32, u32),
    /// Bits that they have less than a pair's.
    coarser: (u32, u32),
    /// Where the gradient and the hessian lie in a word.
    shifts: (u32, u32),
    /// Whether words of [`BLOCK`] rows may be summed.
    pub(super) blocks: bool,
}

impl Grid {
    /// The grid for so many rows with such largest values.
    pub(super) fn new(rows: usize, gradient: f64, hessian: f64) -> Self {
        let count_bits = usize::BITS - rows.leading_zeros();
        // A block's count takes `log + 1` bits, its hessians `log` more than one has, its gradients and their
        // sign `log + 1` more.
        let blocks = rows >= MANY;
        let log = if blocks { BLOCK.ilog2() } else { 1 };
        let both = 62 - 3 * log;
        // In a sum of all rows the hessians lie above the count.
        let hessian_bits = (both / 2).min(FINE - 2).min((64 - (2 * count_bits).min(62)).max(2));
        let gradient_bits = (both - both / 2).min(FINE - 2);
        Self {
            gradient: unit(gradient, gradient_bits as i32),
            hessian: unit(hessian, hessian_bits as i32),
            count_bits,
            bits: (gradient_bits, hessian_bits),
            coarser: if blocks { (FINE - gradient_bits, FINE - hessian_bits) } else { (0, 0) },
            shifts: (log + 1 + hessian_bits + log, log + 1),
            blocks,
        }
    }

    /// A row's values on the fine grid.
    #[inline(always)]
    pub(super) fn pair(&self, gradient: f64, hessian: f64) -> Pair {
        let (g, h) = self.finer();
        Pair { gradient: round(gradient * g), hessian: round(hessian * h) as u32 }
    }

    /// How many fine units are in a value of 1.
    #[inline(always)]
    fn finer(&self) -> (f64, f64) {
        ((1u64 << self.coarser.0) as f64 / self.gradient, (1u64 << self.coarser.1) as f64 / self.hessian)
    }

    /// The values of sums on the fine grid.
    #[inline]
    pub(super) fn fine(&self, gradient: i64, hessian: u64) -> (f64, f64) {
        let (g, h) = self.finer();
        (gradient as f64 / g, hessian as f64 / h)
    }

    /// A row's word. `chance` is a random number of the row's.
    #[inline(always)]
    pub(super) fn word(&self, pair: Pair, chance: u32) -> u64 {
        let (g, h) = self.coarser;
        let drawn = |bits: u32, chance: u32| (chance >> 1) >> (31 - bits);
        let (most_g, most_h) = ((1i32 << self.bits.0) - 1, (1u32 << self.bits.1) - 1);
        let gradient = (pair.gradient.wrapping_add(drawn(g, chance) as i32) >> g).clamp(-most_g, most_g);
        let other = chance.rotate_left(16).wrapping_mul(0x9E37_79B1);
        let hessian = ((pair.hessian.wrapping_add(drawn(h, other))) >> h).min(most_h);
        ((i64::from(gradient) << self.shifts.0) as u64).wrapping_add((u64::from(hessian) << self.shifts.1) | 1)
    }

    /// What a sum of words says.
    #[inline(always)]
    pub(super) fn widen(&self, word: u64) -> Sum {
        let (g, h) = self.shifts;
        let count = word & ((1 << h) - 1);
        let hessian = (word & ((1 << g) - 1)) >> h;
        Sum { gradient: word as i64 >> g, packed: (hessian << self.count_bits) | count }
    }

    /// The gradients' sum.
    #[inline(always)]
    pub(super) fn gradient(&self, sum: Sum) -> f64 {
        sum.gradient as f64 * self.gradient
    }

    /// The hessians' sum.
    #[inline(always)]
    pub(super) fn hessian(&self, sum: Sum) -> f64 {
        (sum.packed >> self.count_bits) as i64 as f64 * self.hessian
    }

    /// The number of rows.
    #[inline(always)]
    pub(super) fn count(&self, sum: Sum) -> u64 {
        sum.packed & ((1 << self.count_bits) - 1)
    }

    /// Whether a part has at least half of all rows.
    pub(super) fn is_most(&self, part: Sum, all: Sum) -> bool {
        2 * self.count(part) >= self.count(all)
    }

    /// What a split of a leaf may seem to gain by the rounding of words alone: the variance of its sums, over
    /// the hessians, for the luckiest of thousands of splits.
    pub(super) fn noise(&self, sum: Sum, l2: f64) -> f64 {
        let hessian = self.hessian(sum) + l2;
        if hessian <= 0.0 {
            return 0.0;
        }
        let step = self.gradient(sum) / hessian;
        let variance = self.gradient * self.gradient + step * step * self.hessian * self.hessian;
        8.0 * variance * self.count(sum) as f64 / hessian
    }
}

/// The power of two of which at most `2^bits` make the largest value.
fn unit(largest: f64, bits: i32) -> f64 {
    if !(largest > 0.0 && largest.is_finite()) {
        return 1.0;
    }
    let exponent = libm::ilogb(largest) + 1 - bits;
    libm::ldexp(1.0, exponent.max(-900))
}

/// The nearest whole number of a value below 2^31.
#[inline(always)]
fn round(x: f64) -> i32 {
    // Adding 1.5 x 2^52 leaves the whole number in the low bits; it vectorises where a cast does not.
    (x + 6_755_399_441_055_744.0).to_bits() as u32 as i32
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_block_of_words_adds_up_to_the_gradients(
            rows in prop::collection::vec((-1.0f64..1.0, 0.0f64..0.25, any::<u32>()), 1..BLOCK),
            table in prop_oneof![Just(0usize), Just(MANY), Just(1_000_000), Just(100_000_000)],
        ) {
            let grid = Grid::new(rows.len().max(table), 1.0, 0.25);
            let words = rows.iter().map(|&(g, h, chance)| grid.word(grid.pair(g, h), chance));
            let sum = match grid.blocks {
                true => grid.widen(words.fold(0, u64::wrapping_add)),
                false => words.fold(Sum::default(), |sum, word| sum + grid.widen(word)),
            };
            prop_assert_eq!(grid.count(sum), rows.len() as u64);
            let (g, h) = rows.iter().fold((0.0, 0.0), |(a, b), row| (a + row.0, b + row.1));
            let n = rows.len() as f64;
            prop_assert!((grid.gradient(sum) - g).abs() <= n * grid.gradient + 1e-6, "{} {}", grid.gradient(sum), g);
            prop_assert!((grid.hessian(sum) - h).abs() <= n * grid.hessian + 1e-6, "{} {}", grid.hessian(sum), h);
        }

        #[test]
        fn the_largest_values_of_a_block_do_not_spill(sign in prop_oneof![Just(-1.0), Just(1.0)], chance: u32) {
            let grid = Grid::new(1_000_000, 1.0, 0.25);
            let word = grid.word(grid.pair(sign, 0.25), chance);
            let sum = grid.widen((0..BLOCK).fold(0, |sum: u64, _| sum.wrapping_add(word)));
            prop_assert_eq!(grid.count(sum), BLOCK as u64);
            prop_assert!((grid.gradient(sum) / BLOCK as f64 - sign).abs() < 1e-4);
            prop_assert!((grid.hessian(sum) / BLOCK as f64 - 0.25).abs() < 1e-4);
        }
    }

    #[test]
    fn words_are_right_in_the_mean() {
        let grid = Grid::new(1_000_000, 1.0, 0.25);
        let pair = grid.pair(-1.234_5e-5, 4.321e-6);
        let mut random = arkwright_core::Random::new(1, "chance");
        let mut sum = Sum::default();
        for _ in 0..100_000 {
            sum += grid.widen(grid.word(pair, random.below(1 << 32) as u32));
        }
        assert!((grid.gradient(sum) / -1.234_5 - 1.0).abs() < 0.02, "{}", grid.gradient(sum));
        assert!((grid.hessian(sum) / 0.432_1 - 1.0).abs() < 0.02, "{}", grid.hessian(sum));
    }

    #[test]
    fn pairs_keep_as_many_bits_as_count() {
        let grid = Grid::new(1000, 0.9, 0.25);
        let pair = grid.pair(-0.123_456_789, 0.2);
        let (g, h) = grid.fine(1000 * i64::from(pair.gradient), 1000 * u64::from(pair.hessian));
        assert!((g + 123.456_789).abs() < 1e-5 && (h - 200.0).abs() < 1e-5, "{g} {h}");
    }
}

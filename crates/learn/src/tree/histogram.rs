//! Histograms: for every bin of every feature, the sums over a leaf's rows.
//!
//! Gradients are put on a grid of whole numbers once a tree, so a sum is an integer: it has no order, a
//! parent less one child is exactly the other, and any split of the rows among threads gives the same
//! bytes. A bin holds the gradients' sum in one word and, packed in another, the hessians' sum above the
//! count. The grid's step is a power of two: some 2^-30 of the largest gradient, and 2^-26 of the largest
//! hessian for half a million rows (the fewer bits, the more rows; 2^-16 at sixteen million).

use super::bins::{Binned, Group};
use std::ops::{Add, AddAssign, Sub, SubAssign};

/// Sums a feature of 8-bit bins: 256, and four more so that neighbouring features do not share the
/// same few lines of a cache.
const STRIDE: usize = 260;

/// A row's gradient and hessian on the grid.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Pair {
    pub(super) gradient: i32,
    pub(super) hessian: u32,
}

/// The gradients and hessians of all rows.
#[derive(Clone, Copy)]
pub(super) struct Gradients<'a> {
    pub(super) pairs: &'a [Pair],
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
    /// The value of a gradient's unit.
    pub(super) gradient: f64,
    /// The value of a hessian's unit.
    pub(super) hessian: f64,
    /// Bits of the count.
    pub(super) count_bits: u32,
}

impl Grid {
    /// The grid for so many rows with such largest values.
    pub(super) fn new(rows: usize, gradient: f64, hessian: f64) -> Self {
        let count_bits = usize::BITS - rows.leading_zeros();
        // The hessians' sum must fit above the count.
        let bits = (64 - 2 * count_bits).min(30) as i32;
        Self { gradient: unit(gradient, 30), hessian: unit(hessian, bits - 1), count_bits }
    }

    /// A row's values on the grid.
    #[inline]
    pub(super) fn pair(&self, gradient: f64, hessian: f64) -> Pair {
        Pair {
            gradient: round(gradient * (1.0 / self.gradient)),
            hessian: round(hessian * (1.0 / self.hessian)) as u32,
        }
    }

    /// A row's sum.
    #[inline(always)]
    pub(super) fn sum(&self, pair: Pair) -> Sum {
        Sum { gradient: i64::from(pair.gradient), packed: (u64::from(pair.hessian) << self.count_bits) | 1 }
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
}

/// The power of two of which at most `2^bits` make the largest value.
fn unit(largest: f64, bits: i32) -> f64 {
    if !(largest > 0.0 && largest.is_finite()) {
        return 1.0;
    }
    let exponent = libm::ilogb(largest) + 1 - bits;
    libm::ldexp(1.0, exponent.max(-1000))
}

/// The nearest whole number of a value below 2^31.
#[inline(always)]
fn round(x: f64) -> i32 {
    // Adding 1.5 x 2^52 leaves the whole number in the low bits; it vectorises where a cast does not.
    (x + 6_755_399_441_055_744.0).to_bits() as u32 as i32
}

/// How the histograms of a table lie in memory.
#[derive(Clone, Copy, Debug)]
pub(super) struct Layout {
    /// Sums a feature.
    pub(super) stride: usize,
}

impl Layout {
    /// The layout for a table.
    pub(super) fn new(table: &Binned) -> Self {
        let most = table.features.iter().map(|f| f.count + 1).max().unwrap_or(1);
        Self { stride: if table.bits == 8 { STRIDE } else { most } }
    }
}

/// Sets the sums of a group's features to zero.
pub(super) fn clear(sums: &mut [Sum], group: &Group, table: &Binned, layout: Layout) {
    for (lane, sums) in sums.chunks_exact_mut(layout.stride).enumerate() {
        sums[..=table.features[group.first + lane].count].fill(Sum::default());
    }
}

/// Takes one histogram of a group off another.
pub(super) fn subtract(from: &mut [Sum], what: &[Sum], group: &Group, table: &Binned, layout: Layout) {
    let pairs = from.chunks_exact_mut(layout.stride).zip(what.chunks_exact(layout.stride));
    for (lane, (from, what)) in pairs.enumerate() {
        let used = table.features[group.first + lane].count + 1;
        from[..used].iter_mut().zip(&what[..used]).for_each(|(a, b)| *a -= *b);
    }
}

/// Adds one histogram to another.
pub(super) fn merge(into: &mut [Sum], what: &[Sum]) {
    into.iter_mut().zip(what).for_each(|(a, b)| *a += *b);
}

/// Adds some rows, given in order, to the histogram of a group.
pub(super) fn add(sums: &mut [Sum], group: &Group, table: &Binned, layout: Layout, rows: &[u32], of: Gradients<'_>) {
    if table.bits == 16 {
        return add_wide(sums, group, layout.stride, rows, of);
    }
    let add = match group.lanes {
        1 => add_bytes::<1>,
        2 => add_bytes::<2>,
        3 => add_bytes::<3>,
        4 => add_bytes::<4>,
        5 => add_bytes::<5>,
        6 => add_bytes::<6>,
        7 => add_bytes::<7>,
        _ => add_bytes::<8>,
    };
    add(sums, &group.words, rows, of);
}

/// Features of 8-bit bins, unrolled; an index of a byte into 256 sums needs no check.
fn add_bytes<const LANES: usize>(sums: &mut [Sum], words: &[u64], rows: &[u32], of: Gradients<'_>) {
    let Gradients { pairs, grid } = of;
    let Ok(sums) = <&mut [[Sum; STRIDE]; LANES]>::try_from(sums.as_chunks_mut::<STRIDE>().0) else { return };
    let mut one = |word: u64, pair: Pair| {
        let sum = grid.sum(pair);
        for (lane, sums) in sums.iter_mut().enumerate() {
            sums[usize::from((word >> (8 * lane)) as u8)] += sum;
        }
    };
    match (rows.first(), rows.last()) {
        // No row is left out between the first and the last, so none need be looked up.
        (Some(&first), Some(&last)) if (last - first) as usize + 1 == rows.len() => {
            let range = first as usize..=last as usize;
            words[range.clone()].iter().zip(&pairs[range]).for_each(|(&word, &pair)| one(word, pair));
        }
        _ => rows.iter().for_each(|&row| one(words[row as usize], pairs[row as usize])),
    }
}

/// Features of 16-bit bins.
fn add_wide(sums: &mut [Sum], group: &Group, stride: usize, rows: &[u32], of: Gradients<'_>) {
    for &row in rows {
        let (word, sum) = (group.words[row as usize], of.grid.sum(of.pairs[row as usize]));
        for (lane, sums) in sums.chunks_exact_mut(stride).enumerate() {
            sums[usize::from((word >> (16 * lane)) as u16)] += sum;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grid_keeps_thirty_bits_of_gradients_and_all_counts() {
        let grid = Grid::new(1000, 0.9, 0.25);
        let pair = grid.pair(-0.123_456_789, 0.2);
        let sum = (0..1000).fold(Sum::default(), |sum, _| sum + grid.sum(pair));
        assert_eq!(grid.count(sum), 1000);
        assert!((grid.gradient(sum) + 123.456_789).abs() < 1e-6, "{}", grid.gradient(sum));
        assert!((grid.hessian(sum) - 200.0).abs() < 1e-4, "{}", grid.hessian(sum));
    }
}

//! Histograms: for every bin of every feature, the sums over a leaf's rows.
//!
//! Words of [`BLOCK`] rows at a time are summed in a small table of 64-bit numbers that stays in the first cache
//! (eight features take 16 KB), and taken out into the histogram. A row costs a feature one load, one addition
//! and one store.

use super::bins::{Binned, Group};
use super::grid::{BLOCK, Gradients, Grid, Sum};
use std::ops::Range;

/// Sums a feature of 8-bit bins: 256, and four more so that neighbouring features do not share the
/// same few lines of a cache.
const STRIDE: usize = 260;
/// Features of 8-bit bins in a word.
const LANES: usize = 8;

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

/// Takes one histogram of a span of groups off another.
pub(super) fn subtract(from: &mut [Sum], what: &[Sum], span: &Range<usize>, table: &Binned, layout: Layout) {
    let first = table.groups.get(span.start).map_or(0, |group| group.first);
    let pairs = from.chunks_exact_mut(layout.stride).zip(what.chunks_exact(layout.stride));
    for ((from, what), feature) in pairs.zip(&table.features[first..]) {
        let used = feature.count + 1;
        from[..used].iter_mut().zip(&what[..used]).for_each(|(a, b)| *a -= *b);
    }
}

/// Adds one histogram to another.
pub(super) fn merge(into: &mut [Sum], what: &[Sum]) {
    into.iter_mut().zip(what).for_each(|(a, b)| *a += *b);
}

/// Sums up some rows, given in order, to the histograms of neighbouring groups, from `first` on.
///
/// The rows' words are gathered a block at a time, all groups' together, by a loop that does nothing else: so
/// the processor waits for many cache lines at once.
pub(super) fn fill(sums: &mut [Sum], first: usize, table: &Binned, layout: Layout, rows: &[u32], of: Gradients<'_>) {
    let mut parts = Vec::new();
    let mut rest = sums;
    for group in &table.groups[first..] {
        if rest.is_empty() {
            break;
        }
        let (part, left) = rest.split_at_mut(group.lanes * layout.stride);
        parts.push(part);
        rest = left;
    }
    let (count, all) = (table.groups.len(), table.words());
    let size = rows.len().min(BLOCK);
    let mut words = [0u64; BLOCK];
    let mut gathered = vec![0u64; parts.len() * size];
    let mut bins: Vec<&mut [u64]> = gathered.chunks_exact_mut(size.max(1)).collect();
    let mut narrow = [[0u64; STRIDE]; LANES];
    for (at, rows) in rows.chunks(BLOCK).enumerate() {
        for (i, &row) in rows.iter().enumerate() {
            words[i] = of.words[row as usize];
            let start = row as usize * count + first;
            let from = &all[start..start + bins.len()];
            bins.iter_mut().zip(from).for_each(|(bins, &word)| bins[i] = word);
        }
        for ((sums, bins), group) in parts.iter_mut().zip(&bins).zip(&table.groups[first..]) {
            let block = Block { words: &words[..rows.len()], bins: &bins[..rows.len()], grid: of.grid, first: at == 0 };
            if table.bits == 16 || !of.grid.blocks {
                fill_wide(sums, layout.stride, table.bits, block);
            } else {
                fill_bytes(sums, &mut narrow, group, table, block);
            }
        }
    }
    if rows.is_empty() {
        parts.into_iter().for_each(|sums| sums.fill(Sum::default()));
    }
}

/// Some rows of a group.
#[derive(Clone, Copy)]
struct Block<'a> {
    words: &'a [u64],
    bins: &'a [u64],
    grid: Grid,
    /// Nothing was summed before.
    first: bool,
}

/// Sums of words, a row of them for each feature; all zero between two blocks.
type Narrow = [[u64; STRIDE]; LANES];

/// Features of 8-bit bins.
fn fill_bytes(sums: &mut [Sum], narrow: &mut Narrow, group: &Group, table: &Binned, block: Block<'_>) {
    let fill = match group.lanes {
        1 => fill_lanes::<1>,
        2 => fill_lanes::<2>,
        3 => fill_lanes::<3>,
        4 => fill_lanes::<4>,
        5 => fill_lanes::<5>,
        6 => fill_lanes::<6>,
        7 => fill_lanes::<7>,
        _ => fill_lanes::<8>,
    };
    let used = std::array::from_fn(|lane| match table.features.get(group.first + lane) {
        Some(feature) => feature.count + 1,
        None => 0,
    });
    fill(sums, narrow, used, block);
}

/// The same, unrolled; an index of a byte into 256 sums needs no check.
fn fill_lanes<const USED: usize>(sums: &mut [Sum], narrow: &mut Narrow, used: [usize; LANES], block: Block<'_>) {
    let Some(narrow) = narrow.first_chunk_mut::<USED>() else { return };
    for (&bins, &word) in block.bins.iter().zip(block.words) {
        for (lane, sums) in narrow.iter_mut().enumerate() {
            let sum = &mut sums[usize::from((bins >> (8 * lane)) as u8)];
            *sum = sum.wrapping_add(word);
        }
    }
    for ((narrow, sums), used) in narrow.iter_mut().zip(sums.chunks_exact_mut(STRIDE)).zip(used) {
        let both = narrow[..used].iter_mut().zip(&mut sums[..used]);
        if block.first {
            both.for_each(|(word, sum)| *sum = block.grid.widen(std::mem::take(word)));
        } else {
            both.for_each(|(word, sum)| *sum += block.grid.widen(std::mem::take(word)));
        }
    }
}

/// Word by word, for features of 16-bit bins and for small tables.
fn fill_wide(sums: &mut [Sum], stride: usize, bits: u32, block: Block<'_>) {
    if block.first {
        sums.fill(Sum::default());
    }
    let mask = (1 << bits) - 1;
    for (&bins, &word) in block.bins.iter().zip(block.words) {
        let sum = block.grid.widen(word);
        for (lane, sums) in sums.chunks_exact_mut(stride).enumerate() {
            sums[((bins >> (bits * lane as u32)) & mask) as usize] += sum;
        }
    }
}

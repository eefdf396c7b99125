//! Parting a leaf's rows in two, in place.
//!
//! The rows keep their order: what reads them later goes through memory one way, and a chunk of rows is found by
//! bisection. Many rows are parted block by block, on many threads: each block's go to the front and the back of a
//! place of their own, and are then copied to where the blocks before them end.

use super::bins::{Binned, Place};
use super::grow::ways;
use super::split::Split;
use rayon::prelude::*;

/// Rows parted at a time.
const BLOCK: usize = 16_384;

/// Parts rows by a split, keeping their order; gives the number that go left.
pub(super) fn part_by(table: &Binned, split: &Split, rows: &mut [u32], temp: &mut [u32]) -> usize {
    let ways = ways(table, split.feature, |bin| split.cut.takes(bin), split.missing_left);
    match table.place(split.feature) {
        Place::Bytes(bytes) => part(rows, temp, |row| ways[usize::from(bytes[row as usize])]),
        place => part(rows, temp, |row| ways[place.bin(row as usize)]),
    }
}

/// Parts rows by a question, keeping their order.
fn part(rows: &mut [u32], temp: &mut [u32], goes_left: impl Fn(u32) -> bool + Sync) -> usize {
    if rows.len() <= 2 * BLOCK {
        let left = part_block(rows, temp, &goes_left);
        rows[..left].copy_from_slice(&temp[..left]);
        copy_back(&mut rows[left..], &temp[left..]);
        return left;
    }
    let counts: Vec<usize> = rows
        .par_chunks(BLOCK)
        .zip(temp.par_chunks_mut(BLOCK))
        .map(|(rows, temp)| part_block(rows, temp, &goes_left))
        .collect();
    let left: usize = counts.iter().sum();
    let (mut lefts, mut rights) = rows.split_at_mut(left);
    let mut moves = Vec::with_capacity(counts.len());
    for (temp, &count) in temp.chunks(BLOCK).zip(&counts) {
        let (to_left, rest) = std::mem::take(&mut lefts).split_at_mut(count);
        lefts = rest;
        let (to_right, rest) = std::mem::take(&mut rights).split_at_mut(temp.len() - count);
        rights = rest;
        moves.push((temp, to_left, to_right));
    }
    moves.into_par_iter().for_each(|(temp, to_left, to_right)| {
        to_left.copy_from_slice(&temp[..to_left.len()]);
        copy_back(to_right, &temp[to_left.len()..]);
    });
    left
}

/// Copies rows that were put down from the back.
fn copy_back(to: &mut [u32], from: &[u32]) {
    to.iter_mut().zip(from.iter().rev()).for_each(|(to, &row)| *to = row);
}

/// Puts the rows that go left at the front of `out` and the others at its back, last first.
fn part_block(rows: &[u32], out: &mut [u32], goes_left: impl Fn(u32) -> bool) -> usize {
    let (mut left, mut right) = (0, out.len());
    for &row in rows {
        // Both places are written, and one of them counts: no branch to guess wrong.
        let is_left = usize::from(goes_left(row));
        out[left] = row;
        out[right - 1] = row;
        left += is_left;
        right -= 1 - is_left;
    }
    left
}

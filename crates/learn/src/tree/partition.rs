//! Parting a leaf's rows in two, in place.
//!
//! The rows keep their order: what reads them later goes through memory one way, and a chunk of rows is found by
//! bisection. Those that go left are moved to the front, the others to a place of their own and back from there.
//! Many rows are parted piece by piece, a thread each; the pieces' halves are then put together.

use super::bins::{Binned, Place};
use super::grow::ways;
use super::sift::{Set, sift};
use super::split::Split;
use super::wide::Way;
use rayon::prelude::*;

/// Rows that are worth a second thread.
const WORTH: usize = 32_768;

/// Parts rows by a split, keeping their order; gives the number that go left. `temp` has room for all.
pub(super) fn part_by(table: &Binned, split: &Split, rows: &mut [u32], temp: &mut [u32]) -> usize {
    let ways = ways(table, split.feature, |bin| split.cut.takes(bin), split.missing_left);
    match table.place(split.feature) {
        Place::Bytes(bytes) => {
            let (way, set) = (Way::best(), Set::of(|bin| ways[bin]));
            part(rows, temp, |rows, temp| sift(way, rows, temp, bytes, &set))
        }
        place => part(rows, temp, |rows, temp| {
            let (mut left, mut right) = (0, 0);
            for i in 0..rows.len() {
                let row = rows[i];
                let is_left = usize::from(ways[place.bin(row as usize)]);
                rows[left] = row;
                temp[right] = row;
                left += is_left;
                right += 1 - is_left;
            }
            left
        }),
    }
}

/// Parts rows by what moves those that go left to the front, and puts the others elsewhere.
fn part(rows: &mut [u32], temp: &mut [u32], sift: impl Fn(&mut [u32], &mut [u32]) -> usize + Sync) -> usize {
    let pieces = rayon::current_num_threads().min(rows.len() / WORTH);
    if pieces <= 1 {
        let left = sift(rows, temp);
        let right = rows.len() - left;
        rows[left..].copy_from_slice(&temp[..right]);
        return left;
    }
    let size = rows.len().div_ceil(pieces);
    let counts: Vec<usize> = rows
        .par_chunks_mut(size)
        .zip(temp.par_chunks_mut(size))
        .enumerate()
        .map(|(piece, (rows, temp))| {
            let left = sift(rows, temp);
            if piece > 0 {
                // Behind the others is just as much room.
                let right = rows.len() - left;
                temp[right..rows.len()].copy_from_slice(&rows[..left]);
            }
            left
        })
        .collect();
    let left: usize = counts.iter().sum();
    let (mut lefts, mut rights) = rows.split_at_mut(left);
    let mut moves = Vec::with_capacity(counts.len());
    for ((piece, temp), &count) in temp[..left + rights.len()].chunks(size).enumerate().zip(&counts) {
        let (to_left, rest) = std::mem::take(&mut lefts).split_at_mut(count);
        lefts = rest;
        let (to_right, rest) = std::mem::take(&mut rights).split_at_mut(temp.len() - count);
        rights = rest;
        let (from_right, from_left) = temp.split_at(temp.len() - count);
        if piece > 0 {
            moves.push((from_left, to_left));
        }
        moves.push((from_right, to_right));
    }
    moves.into_par_iter().for_each(|(from, to)| to.copy_from_slice(from));
    left
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_rows_are_parted_alike_by_any_number_of_threads() {
        let all: Vec<u32> = (0..5 * WORTH as u32 + 77).map(|i| 3 * i + i % 3).collect();
        let goes_left = |row: u32| row.wrapping_mul(0x9E37_79B9) >> 30 != 0;
        let (left, right): (Vec<u32>, Vec<u32>) = all.iter().partition(|&&row| goes_left(row));
        for threads in [1, 2, 3, 4, 7] {
            let (mut rows, mut temp) = (all.clone(), vec![0; all.len()]);
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            let sift = |rows: &mut [u32], temp: &mut [u32]| {
                let (front, back): (Vec<u32>, Vec<u32>) = rows.iter().partition(|&&row| goes_left(row));
                rows[..front.len()].copy_from_slice(&front);
                temp[..back.len()].copy_from_slice(&back);
                front.len()
            };
            assert_eq!(pool.install(|| part(&mut rows, &mut temp, sift)), left.len());
            assert_eq!((&rows[..left.len()], &rows[left.len()..]), (&left[..], &right[..]), "{threads} threads");
        }
    }
}

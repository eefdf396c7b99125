//! Rows picked by their bins: those whose bin is in a set stay, the others go.
//!
//! A set of bins is 256 bits. On processors that permute bytes the bins of 64 rows are looked up in it at once, and
//! sixteen rows are pressed together by an instruction, so that a row costs the load of its bin and little else;
//! elsewhere both places are written and one of them counts. Both ways give the same rows.

use super::wide::Way;

/// Some bins out of 256.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Set([u8; 32]);

impl Set {
    /// The bins that something holds for.
    pub(super) fn of(holds: impl Fn(usize) -> bool) -> Self {
        let mut set = [0; 32];
        (0..256).filter(|&bin| holds(bin)).for_each(|bin| set[bin / 8] |= 1 << (bin % 8));
        Self(set)
    }

    #[inline(always)]
    fn has(&self, bin: u8) -> bool {
        self.0[usize::from(bin / 8)] >> (bin % 8) & 1 == 1
    }
}

/// Moves rows whose bin is in a set to the front and puts the others elsewhere, both in their order; gives how many
/// stayed. `others` must have room for all.
pub(super) fn sift(way: Way, rows: &mut [u32], others: &mut [u32], bins: &[u8], set: &Set) -> usize {
    let others = &mut others[..rows.len()];
    #[cfg(target_arch = "x86_64")]
    if way.permutes() {
        // SAFETY: such a way was made where the processor was seen to have these instructions.
        return unsafe { avx512::sift(rows, others, bins, set) };
    }
    let _ = way;
    plain(rows, others, bins, set, 0, [0, 0])
}

/// Goes on from row `start`, where so many stayed and went.
fn plain(rows: &mut [u32], others: &mut [u32], bins: &[u8], set: &Set, start: usize, so_far: [usize; 2]) -> usize {
    let [mut stayed, mut went] = so_far;
    for i in start..rows.len() {
        // Both places are written, and one of them counts: no branch to guess wrong.
        let row = rows[i];
        let stays = usize::from(set.has(bins[row as usize]));
        rows[stayed] = row;
        others[went] = row;
        stayed += stays;
        went += 1 - stays;
    }
    stayed
}

#[cfg(target_arch = "x86_64")]
mod avx512 {
    use super::{Set, plain};
    use std::arch::x86_64::*;

    /// Rows whose bins are looked up at once.
    const ROWS: usize = 64;

    #[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vbmi")]
    pub(super) fn sift(rows: &mut [u32], others: &mut [u32], bins: &[u8], set: &Set) -> usize {
        assert!(others.len() >= rows.len(), "room for all rows");
        let whole = rows.len() / ROWS;
        let (mut stayed, mut went) = (0, 0);
        // The bins of the next rows are read before those of the last are looked up: bytes that were just written
        // cannot be read as one register yet.
        let mut bytes = [[0u8; ROWS]; 2];
        if whole > 0 {
            gather(&rows[..ROWS], bins, &mut bytes[0]);
        }
        for at in 0..whole {
            if at + 1 < whole {
                gather(&rows[(at + 1) * ROWS..(at + 2) * ROWS], bins, &mut bytes[(at + 1) % 2]);
            }
            let mask = among(&bytes[at % 2], set);
            for part in 0..ROWS / 16 {
                let stays = (mask >> (16 * part)) as u16;
                // SAFETY: sixteen rows are read that there are. As many are written to where at most the rows before
                // them were: `stayed` and `went` are at most where the sixteen begin, and `others` has room for all.
                unsafe {
                    let these = _mm512_loadu_si512(rows.as_ptr().add(at * ROWS + part * 16).cast());
                    let front = _mm512_maskz_compress_epi32(stays, these);
                    _mm512_storeu_si512(rows.as_mut_ptr().add(stayed).cast(), front);
                    let back = _mm512_maskz_compress_epi32(!stays, these);
                    _mm512_storeu_si512(others.as_mut_ptr().add(went).cast(), back);
                }
                stayed += stays.count_ones() as usize;
                went += stays.count_zeros() as usize;
            }
        }
        plain(rows, others, bins, set, whole * ROWS, [stayed, went])
    }

    /// The bins of 64 rows.
    #[inline]
    #[target_feature(enable = "avx512f")]
    fn gather(rows: &[u32], bins: &[u8], out: &mut [u8; ROWS]) {
        let end = _mm512_set1_epi32(bins.len().min(u32::MAX as usize) as i32);
        let mut beyond = 0;
        for part in rows.chunks_exact(16) {
            // SAFETY: sixteen rows are read from a part of sixteen.
            beyond |= _mm512_cmpge_epu32_mask(unsafe { _mm512_loadu_si512(part.as_ptr().cast()) }, end);
        }
        assert_eq!(beyond, 0, "a row of the table");
        for (out, &row) in out.iter_mut().zip(rows) {
            // SAFETY: all rows were seen to be below the number of bins.
            *out = unsafe { *bins.get_unchecked(row as usize) };
        }
    }

    /// Which of 64 bins are in a set; the lowest bit is the first one's.
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vbmi")]
    fn among(bins: &[u8; ROWS], set: &Set) -> u64 {
        // SAFETY: 64 bytes are read from 64, and 32 from 32.
        let (bins, set) = unsafe {
            let half = _mm256_loadu_si256(set.0.as_ptr().cast());
            (_mm512_loadu_si512(bins.as_ptr().cast()), _mm512_broadcast_i64x4(half))
        };
        // The byte of the set that holds a bin's bit, and that bit.
        let byte = _mm512_and_si512(_mm512_srli_epi16::<3>(bins), _mm512_set1_epi8(31));
        let held = _mm512_permutexvar_epi8(byte, set);
        let bits = _mm512_set1_epi64(0x8040_2010_0804_0201_u64 as i64);
        let bit = _mm512_shuffle_epi8(bits, _mm512_and_si512(bins, _mm512_set1_epi8(7)));
        _mm512_test_epi8_mask(held, bit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_rows_of_a_set_stay_and_the_others_go_in_their_order(
            bins in prop::collection::vec(any::<u8>(), 1..1000),
            picks in prop::collection::vec(any::<prop::sample::Index>(), 0..700),
            chosen in prop::collection::vec(any::<bool>(), 256),
        ) {
            let set = Set::of(|bin| chosen[bin]);
            let all: Vec<u32> = picks.iter().map(|pick| pick.index(bins.len()) as u32).collect();
            let (left, right): (Vec<u32>, Vec<u32>) = all.iter().partition(|&&row| chosen[bins[row as usize] as usize]);
            for way in Way::all() {
                let (mut rows, mut others) = (all.clone(), vec![0; all.len() + 3]);
                let stayed = sift(way, &mut rows, &mut others, &bins, &set);
                prop_assert_eq!(&rows[..stayed], &left[..]);
                prop_assert_eq!(&others[..right.len()], &right[..]);
            }
        }
    }
}

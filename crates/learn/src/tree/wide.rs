//! The loops that many rows, or many trees, go through side by side, for the widest registers there are.
//!
//! Each loop is written once in plain Rust, and compiled for any processor and again for AVX2; for AVX-512
//! with byte permutes (Ice Lake, Zen 4 and later) it is written by hand, because a table of 64 bytes then
//! fits in a register and 64 look-ups are one instruction. All give the same bits: bytes are only compared
//! and looked up, and sums are made in one order, each row's own.

use super::eight::{Eight, Lanes};
use super::many::Ask;
use super::ranks::{self, Search};

/// Rows that go side by side.
pub(super) const ROWS: usize = 256;
/// Trees that a single row goes through side by side, and leaves of a page.
pub(super) const TREES: usize = 64;

/// A byte a row.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(C, align(64))]
pub(super) struct Bytes(pub(super) [u8; ROWS]);

/// A sum a row.
#[derive(Clone, Copy, Debug)]
#[repr(C, align(64))]
pub(super) struct Sums(pub(super) [f64; ROWS]);

/// Values of 64 leaves: all first bytes, then all second bytes, and so on.
#[derive(Clone, Copy, Debug)]
#[repr(C, align(64))]
pub(super) struct Page(pub(super) [[u8; TREES]; 8]);

/// A question to one row of each of 64 trees: as [`Ask`], a byte a tree.
#[derive(Clone, Copy, Debug)]
#[repr(C, align(64))]
pub(super) struct Round {
    pub(super) place: [u8; TREES],
    pub(super) cut: [u8; TREES],
    pub(super) at: [u8; TREES],
    pub(super) to: [u8; TREES],
}

/// Bytes of a row that a [`Round`] can ask for.
pub(super) const PLACES: usize = 128;

/// Loops over eight rows at a time. `run` must be `#[inline(always)]`: it is compiled anew for each kind of
/// register.
pub(super) trait Loops {
    fn run<V: Eight>(self);
}

/// Work on plain loops. `run` must be `#[inline(always)]`: it is compiled anew for each kind of register.
pub(super) trait Plain {
    type Out;
    fn run(self) -> Self::Out;
}

/// Which instructions the loops use: only those that this processor was seen to have.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Way(Set);

#[derive(Clone, Copy, Debug, PartialEq)]
enum Set {
    Plain,
    #[cfg(target_arch = "x86_64")]
    Avx2,
    #[cfg(target_arch = "x86_64")]
    Avx512,
}

impl Way {
    /// All ways that this processor can go, the best one last.
    pub(super) fn all() -> Vec<Self> {
        let mut all = vec![Self(Set::Plain)];
        #[cfg(target_arch = "x86_64")]
        {
            if std::arch::is_x86_feature_detected!("avx2") {
                all.push(Self(Set::Avx2));
            }
            if std::arch::is_x86_feature_detected!("avx512f")
                && std::arch::is_x86_feature_detected!("avx512bw")
                && std::arch::is_x86_feature_detected!("avx512dq")
                && std::arch::is_x86_feature_detected!("avx512vl")
                && std::arch::is_x86_feature_detected!("avx512vbmi")
            {
                all.push(Self(Set::Avx512));
            }
        }
        all
    }

    /// The best way.
    pub(super) fn best() -> Self {
        Self::all().last().copied().unwrap_or(Self(Set::Plain))
    }

    /// Whether values are looked up in [`Page`]s, and [`Round`]s pay.
    pub(super) fn permutes(self) -> bool {
        match self.0 {
            #[cfg(target_arch = "x86_64")]
            Set::Avx512 => true,
            _ => false,
        }
    }

    /// Runs loops in the widest registers.
    #[inline]
    pub(super) fn run(self, loops: impl Loops) {
        match self.0 {
            Set::Plain => loops.run::<Lanes>(),
            // SAFETY: a `Way` of AVX2 or AVX-512 is made by `all` alone, which saw that the processor has it.
            #[cfg(target_arch = "x86_64")]
            Set::Avx2 => unsafe { avx2::run(loops) },
            #[cfg(target_arch = "x86_64")]
            Set::Avx512 => unsafe { avx512::run(loops) },
        }
    }

    /// Does work on plain loops in the widest registers.
    #[inline]
    pub(super) fn plain<P: Plain>(self, work: P) -> P::Out {
        match self.0 {
            Set::Plain => work.run(),
            // SAFETY: as above.
            #[cfg(target_arch = "x86_64")]
            Set::Avx2 => unsafe { avx2::plain(work) },
            #[cfg(target_arch = "x86_64")]
            Set::Avx512 => unsafe { avx512::plain(work) },
        }
    }

    /// The ranks of numbers: 0 for the missing in `left`, 255 in `right`.
    pub(super) fn rank(
        self,
        search: &Search,
        numbers: &[f32; ROWS],
        left: Option<&mut Bytes>,
        right: Option<&mut Bytes>,
    ) {
        match self.0 {
            Set::Plain => plain::rank(search, numbers, left, right),
            // SAFETY: as above.
            #[cfg(target_arch = "x86_64")]
            Set::Avx2 => unsafe { avx2::rank(search, numbers, left, right) },
            #[cfg(target_arch = "x86_64")]
            Set::Avx512 => unsafe { avx512::rank(search, numbers, left, right) },
        }
    }

    /// The leaves that rows end in, by the questions of a tree's nodes, parents first.
    pub(super) fn leaves(self, asks: &[Ask], bytes: &[Bytes], leaves: &mut Bytes) {
        match self.0 {
            Set::Plain => plain::leaves(asks, bytes, leaves),
            // SAFETY: as above.
            #[cfg(target_arch = "x86_64")]
            Set::Avx2 => unsafe { avx2::leaves(asks, bytes, leaves) },
            #[cfg(target_arch = "x86_64")]
            Set::Avx512 => unsafe { avx512::leaves(asks, bytes, leaves) },
        }
    }

    /// The leaves that rows end in where all nodes of a level ask the same.
    pub(super) fn levels(self, asks: &[Ask], bytes: &[Bytes], leaves: &mut Bytes) {
        match self.0 {
            Set::Plain => plain::levels(asks, bytes, leaves),
            // SAFETY: as above.
            #[cfg(target_arch = "x86_64")]
            Set::Avx2 => unsafe { avx2::levels(asks, bytes, leaves) },
            #[cfg(target_arch = "x86_64")]
            Set::Avx512 => unsafe { avx512::levels(asks, bytes, leaves) },
        }
    }

    /// Adds each row's leaf: its value in `values`, or in `pages` where this way permutes; of either there
    /// are 1, 2 or 4 times 64.
    pub(super) fn add(self, values: &[f64], pages: &[Page], leaves: &Bytes, sums: &mut Sums) {
        match self.0 {
            Set::Plain => plain::add(values, leaves, sums),
            // SAFETY: as above.
            #[cfg(target_arch = "x86_64")]
            Set::Avx2 => unsafe { avx2::add(values, leaves, sums) },
            #[cfg(target_arch = "x86_64")]
            Set::Avx512 => unsafe { avx512::add(pages, leaves, sums) },
        }
    }

    /// The leaves that one row ends in, of 64 trees, symmetric or not.
    pub(super) fn row(self, rounds: &[Round], symmetric: bool, bytes: &[u8; PLACES], leaves: &mut [u8; TREES]) {
        match self.0 {
            // SAFETY: as above.
            #[cfg(target_arch = "x86_64")]
            Set::Avx512 => unsafe { avx512::row(rounds, symmetric, bytes, leaves) },
            _ => plain::row(rounds, symmetric, bytes, leaves),
        }
    }
}

mod plain {
    use super::*;

    #[inline(always)]
    pub(super) fn rank(search: &Search, numbers: &[f32; ROWS], left: Option<&mut Bytes>, right: Option<&mut Bytes>) {
        let mut found = [0; ROWS];
        for (byte, x) in found.iter_mut().zip(numbers) {
            *byte = ranks::rank(search, *x);
        }
        if let Some(right) = right {
            for ((byte, rank), x) in right.0.iter_mut().zip(found).zip(numbers) {
                *byte = if x.is_nan() { 255 } else { rank };
            }
        }
        if let Some(left) = left {
            left.0 = found;
        }
    }

    #[inline(always)]
    pub(super) fn leaves(asks: &[Ask], bytes: &[Bytes], leaves: &mut Bytes) {
        leaves.0.fill(0);
        for ask in asks {
            for (leaf, byte) in leaves.0.iter_mut().zip(&bytes[ask.place as usize].0) {
                let right = (*leaf == ask.at) & (*byte > ask.cut);
                *leaf = if right { ask.to } else { *leaf };
            }
        }
    }

    #[inline(always)]
    pub(super) fn levels(asks: &[Ask], bytes: &[Bytes], leaves: &mut Bytes) {
        leaves.0.fill(0);
        for ask in asks {
            for (leaf, byte) in leaves.0.iter_mut().zip(&bytes[ask.place as usize].0) {
                *leaf |= if *byte > ask.cut { ask.to } else { 0 };
            }
        }
    }

    #[inline(always)]
    pub(super) fn add(values: &[f64], leaves: &Bytes, sums: &mut Sums) {
        for (sum, leaf) in sums.0.iter_mut().zip(&leaves.0) {
            *sum += values[*leaf as usize];
        }
    }

    pub(super) fn row(rounds: &[Round], symmetric: bool, bytes: &[u8; PLACES], leaves: &mut [u8; TREES]) {
        leaves.fill(0);
        for round in rounds {
            for (tree, leaf) in leaves.iter_mut().enumerate() {
                let right = bytes[round.place[tree] as usize] > round.cut[tree];
                if symmetric {
                    *leaf |= if right { round.to[tree] } else { 0 };
                } else if right && *leaf == round.at[tree] {
                    *leaf = round.to[tree];
                }
            }
        }
    }
}

/// The plain loops once more.
#[cfg(target_arch = "x86_64")]
mod avx2 {
    use super::super::eight::x86::Halves;
    use super::*;

    #[target_feature(enable = "avx2")]
    pub(super) fn run(loops: impl Loops) {
        loops.run::<Halves>();
    }

    #[target_feature(enable = "avx2")]
    pub(super) fn plain<P: Plain>(work: P) -> P::Out {
        work.run()
    }

    #[target_feature(enable = "avx2")]
    pub(super) fn rank(search: &Search, numbers: &[f32; ROWS], left: Option<&mut Bytes>, right: Option<&mut Bytes>) {
        plain::rank(search, numbers, left, right);
    }

    #[target_feature(enable = "avx2")]
    pub(super) fn leaves(asks: &[Ask], bytes: &[Bytes], leaves: &mut Bytes) {
        plain::leaves(asks, bytes, leaves);
    }

    #[target_feature(enable = "avx2")]
    pub(super) fn levels(asks: &[Ask], bytes: &[Bytes], leaves: &mut Bytes) {
        plain::levels(asks, bytes, leaves);
    }

    #[target_feature(enable = "avx2")]
    pub(super) fn add(values: &[f64], leaves: &Bytes, sums: &mut Sums) {
        plain::add(values, leaves, sums);
    }
}

#[cfg(target_arch = "x86_64")]
mod avx512 {
    use super::super::eight::x86::Wide;
    use super::*;
    use std::arch::x86_64::*;

    /// Where a row's leaf stands so that its value ends up in the row's place: of every eight rows that
    /// share a register of sums, two are in each quarter of the bytes.
    const ORDER: [u8; 64] = {
        let mut order = [0; 64];
        let mut i = 0;
        while i < 64 {
            order[i] = (8 * (i % 16 / 2) + 2 * (i / 16) + i % 2) as u8;
            i += 1;
        }
        order
    };

    #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl")]
    pub(super) fn run(loops: impl Loops) {
        loops.run::<Wide>();
    }

    #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl")]
    pub(super) fn plain<P: Plain>(work: P) -> P::Out {
        work.run()
    }

    #[inline]
    #[target_feature(enable = "avx512f")]
    fn bytes(from: &[u8; 64]) -> __m512i {
        // SAFETY: 64 bytes are read from an array of 64 bytes; the load needs no alignment.
        unsafe { _mm512_loadu_si512(from.as_ptr().cast()) }
    }

    #[inline]
    #[target_feature(enable = "avx512f")]
    fn put(value: __m512i, to: &mut [u8; 64]) {
        // SAFETY: 64 bytes are written to an array of 64 bytes; the store needs no alignment.
        unsafe { _mm512_storeu_si512(to.as_mut_ptr().cast(), value) }
    }

    #[inline]
    #[target_feature(enable = "avx512f")]
    fn floats(from: &[f32; 16]) -> __m512 {
        // SAFETY: 16 floats are read from an array of 16 floats; the load needs no alignment.
        unsafe { _mm512_loadu_ps(from.as_ptr()) }
    }

    /// The search tree lies in 16 registers, a level in one or in some; a step is a look-up in its level.
    #[target_feature(enable = "avx512f,avx512bw")]
    pub(super) fn rank(
        search: &Search,
        numbers: &[f32; ROWS],
        mut left: Option<&mut Bytes>,
        mut right: Option<&mut Bytes>,
    ) {
        let tree = search.as_chunks::<16>().0;
        let t: [__m512; 16] = std::array::from_fn(|i| floats(&tree[i]));
        let (one, all) = (_mm512_set1_epi32(1), _mm512_set1_epi32(255));
        let (bit5, bit6) = (_mm512_set1_epi32(32), _mm512_set1_epi32(64));
        for (i, numbers) in numbers.as_chunks::<16>().0.iter().enumerate() {
            let x = floats(numbers);
            let step = |at: __m512i, cut: __m512| {
                let above = _mm512_cmp_ps_mask::<_CMP_LT_OQ>(cut, x);
                let next = _mm512_add_epi32(at, at);
                _mm512_mask_add_epi32(next, above, next, one)
            };
            let mut at = one;
            for _ in 0..4 {
                at = step(at, _mm512_permutexvar_ps(at, t[0]));
            }
            at = step(at, _mm512_permutexvar_ps(at, t[1]));
            at = step(at, _mm512_permutex2var_ps(t[2], at, t[3]));
            let upper = _mm512_test_epi32_mask(at, bit5);
            let (low, high) = (_mm512_permutex2var_ps(t[4], at, t[5]), _mm512_permutex2var_ps(t[6], at, t[7]));
            at = step(at, _mm512_mask_blend_ps(upper, low, high));
            let (upper, last) = (_mm512_test_epi32_mask(at, bit5), _mm512_test_epi32_mask(at, bit6));
            let (low, high) = (_mm512_permutex2var_ps(t[8], at, t[9]), _mm512_permutex2var_ps(t[10], at, t[11]));
            let first = _mm512_mask_blend_ps(upper, low, high);
            let (low, high) = (_mm512_permutex2var_ps(t[12], at, t[13]), _mm512_permutex2var_ps(t[14], at, t[15]));
            let second = _mm512_mask_blend_ps(upper, low, high);
            at = step(at, _mm512_mask_blend_ps(last, first, second));
            // The last byte of `at`, which begins at 256, is the rank.
            let place = 16 * i..16 * i + 16;
            let missing = _mm512_cmp_ps_mask::<_CMP_UNORD_Q>(x, x);
            if let Some(right) = &mut right {
                let ranks = _mm512_cvtepi32_epi8(_mm512_mask_mov_epi32(at, missing, all));
                let to = &mut right.0[place.clone()];
                // SAFETY: 16 bytes are written to a slice of 16; the store needs no alignment.
                unsafe { _mm_storeu_si128(to.as_mut_ptr().cast(), ranks) }
            }
            if let Some(left) = &mut left {
                let to = &mut left.0[place];
                // SAFETY: as above.
                unsafe { _mm_storeu_si128(to.as_mut_ptr().cast(), _mm512_cvtepi32_epi8(at)) }
            }
        }
    }

    #[target_feature(enable = "avx512f,avx512bw")]
    pub(super) fn leaves(asks: &[Ask], rows: &[Bytes], leaves: &mut Bytes) {
        let mut now = [_mm512_setzero_si512(); 4];
        for ask in asks {
            let x = rows[ask.place as usize].0.as_chunks::<64>().0;
            let [cut, at, to] = [ask.cut, ask.at, ask.to].map(|byte| _mm512_set1_epi8(byte as i8));
            for i in 0..4 {
                let here = _mm512_cmpeq_epi8_mask(now[i], at);
                let right = _mm512_mask_cmpgt_epu8_mask(here, bytes(&x[i]), cut);
                now[i] = _mm512_mask_mov_epi8(now[i], right, to);
            }
        }
        for (to, now) in leaves.0.as_chunks_mut::<64>().0.iter_mut().zip(now) {
            put(now, to);
        }
    }

    #[target_feature(enable = "avx512f,avx512bw")]
    pub(super) fn levels(asks: &[Ask], rows: &[Bytes], leaves: &mut Bytes) {
        let mut now = [_mm512_setzero_si512(); 4];
        for ask in asks {
            let x = rows[ask.place as usize].0.as_chunks::<64>().0;
            let [cut, to] = [ask.cut, ask.to].map(|byte| _mm512_set1_epi8(byte as i8));
            for i in 0..4 {
                let right = _mm512_cmpgt_epu8_mask(bytes(&x[i]), cut);
                now[i] = _mm512_mask_add_epi8(now[i], right, now[i], to);
            }
        }
        for (to, now) in leaves.0.as_chunks_mut::<64>().0.iter_mut().zip(now) {
            put(now, to);
        }
    }

    #[target_feature(enable = "avx512f,avx512bw,avx512vbmi")]
    pub(super) fn add(pages: &[Page], leaves: &Bytes, sums: &mut Sums) {
        match pages {
            [page] => {
                let t: [__m512i; 8] = std::array::from_fn(|b| bytes(&page.0[b]));
                add_by(leaves, sums, |at| std::array::from_fn(|b| _mm512_permutexvar_epi8(at, t[b])));
            }
            [first, second] => {
                let t: [[__m512i; 2]; 8] = std::array::from_fn(|b| [bytes(&first.0[b]), bytes(&second.0[b])]);
                add_by(leaves, sums, |at| std::array::from_fn(|b| _mm512_permutex2var_epi8(t[b][0], at, t[b][1])));
            }
            pages => add_by(leaves, sums, |at| {
                std::array::from_fn(|b| {
                    let of = |i: usize| bytes(&pages[i].0[b]);
                    let low = _mm512_permutex2var_epi8(of(0), at, of(1));
                    let high = _mm512_permutex2var_epi8(of(2), at, of(3));
                    _mm512_mask_mov_epi8(low, _mm512_movepi8_mask(at), high)
                })
            }),
        }
    }

    /// Looks up the eight bytes of 64 values, then puts each value's together.
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512vbmi")]
    fn add_by(leaves: &Bytes, sums: &mut Sums, find: impl Fn(__m512i) -> [__m512i; 8]) {
        let order = bytes(&ORDER);
        let sums = sums.0.as_chunks_mut::<64>().0;
        for (leaves, sums) in leaves.0.as_chunks::<64>().0.iter().zip(sums) {
            let b = find(_mm512_permutexvar_epi8(order, bytes(leaves)));
            let two = |i: usize, high: bool| match high {
                false => _mm512_unpacklo_epi8(b[2 * i], b[2 * i + 1]),
                true => _mm512_unpackhi_epi8(b[2 * i], b[2 * i + 1]),
            };
            for half in 0..2 {
                let [p, q, r, s] = std::array::from_fn(|i| two(i, half == 1));
                for (quarter, four) in [
                    (_mm512_unpacklo_epi16(p, q), _mm512_unpacklo_epi16(r, s)),
                    (_mm512_unpackhi_epi16(p, q), _mm512_unpackhi_epi16(r, s)),
                ]
                .into_iter()
                .enumerate()
                {
                    let eight = [_mm512_unpacklo_epi32(four.0, four.1), _mm512_unpackhi_epi32(four.0, four.1)];
                    for (eighth, values) in eight.into_iter().enumerate() {
                        let at = 8 * (4 * half + 2 * quarter + eighth);
                        let sum = &mut sums[at..at + 8];
                        // SAFETY: eight numbers are read from and written to a slice of eight; neither needs
                        // alignment.
                        unsafe {
                            let before = _mm512_loadu_pd(sum.as_ptr());
                            _mm512_storeu_pd(sum.as_mut_ptr(), _mm512_add_pd(before, _mm512_castsi512_pd(values)));
                        }
                    }
                }
            }
        }
    }

    #[target_feature(enable = "avx512f,avx512bw,avx512vbmi")]
    pub(super) fn row(rounds: &[Round], symmetric: bool, row: &[u8; PLACES], leaves: &mut [u8; TREES]) {
        let halves = row.as_chunks::<64>().0;
        let (low, high) = (bytes(&halves[0]), bytes(&halves[1]));
        let mut now = _mm512_setzero_si512();
        for round in rounds {
            let x = _mm512_permutex2var_epi8(low, bytes(&round.place), high);
            let (cut, to) = (bytes(&round.cut), bytes(&round.to));
            if symmetric {
                now = _mm512_mask_add_epi8(now, _mm512_cmpgt_epu8_mask(x, cut), now, to);
            } else {
                let here = _mm512_cmpeq_epi8_mask(now, bytes(&round.at));
                now = _mm512_mask_mov_epi8(now, _mm512_mask_cmpgt_epu8_mask(here, x, cut), to);
            }
        }
        put(now, leaves);
    }
}

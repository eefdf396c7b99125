//! Eight numbers side by side, in the registers that there are.
//!
//! What is done to eight rows at a time is written once, over [`Eight`]; [`Way::run`](super::wide::Way::run)
//! compiles it for each kind of register. An operation does the same to each number as it does to one alone
//! (nothing is contracted), so all kinds give the same bits.

/// Eight numbers in memory.
pub(super) type Lanes = [f64; LANES];
/// Rows side by side.
pub(super) const LANES: usize = 8;

/// Eight numbers.
pub(super) trait Eight: Copy {
    fn splat(x: f64) -> Self;
    fn load(from: &Lanes) -> Self;
    fn store(self, to: &mut Lanes);
    fn plus(self, other: Self) -> Self;
    fn times(self, other: Self) -> Self;
    /// `yes` where a bit is set, `no` elsewhere; the lowest bit is the first number's.
    fn pick(bits: u8, yes: Self, no: Self) -> Self;
}

impl Eight for Lanes {
    #[inline(always)]
    fn splat(x: f64) -> Self {
        [x; LANES]
    }

    #[inline(always)]
    fn load(from: &Lanes) -> Self {
        *from
    }

    #[inline(always)]
    fn store(self, to: &mut Lanes) {
        *to = self;
    }

    #[inline(always)]
    fn plus(self, other: Self) -> Self {
        std::array::from_fn(|i| self[i] + other[i])
    }

    #[inline(always)]
    fn times(self, other: Self) -> Self {
        std::array::from_fn(|i| self[i] * other[i])
    }

    #[inline(always)]
    fn pick(bits: u8, yes: Self, no: Self) -> Self {
        std::array::from_fn(|i| if bits >> i & 1 == 1 { yes[i] } else { no[i] })
    }
}

#[cfg(target_arch = "x86_64")]
pub(super) mod x86 {
    use super::{Eight, Lanes};
    use std::arch::x86_64::*;

    /// In a register of AVX-512.
    #[derive(Clone, Copy)]
    pub(in super::super) struct Wide(__m512d);

    // SAFETY, of all below: `Way::run` alone uses this type, on a processor that was seen to have AVX-512F. Loads
    // and stores are of eight numbers, and need no alignment.
    impl Eight for Wide {
        #[inline(always)]
        fn splat(x: f64) -> Self {
            // SAFETY: as above.
            unsafe { Self(_mm512_set1_pd(x)) }
        }

        #[inline(always)]
        fn load(from: &Lanes) -> Self {
            // SAFETY: as above.
            unsafe { Self(_mm512_loadu_pd(from.as_ptr())) }
        }

        #[inline(always)]
        fn store(self, to: &mut Lanes) {
            // SAFETY: as above.
            unsafe { _mm512_storeu_pd(to.as_mut_ptr(), self.0) }
        }

        #[inline(always)]
        fn plus(self, other: Self) -> Self {
            // SAFETY: as above.
            unsafe { Self(_mm512_add_pd(self.0, other.0)) }
        }

        #[inline(always)]
        fn times(self, other: Self) -> Self {
            // SAFETY: as above.
            unsafe { Self(_mm512_mul_pd(self.0, other.0)) }
        }

        #[inline(always)]
        fn pick(bits: u8, yes: Self, no: Self) -> Self {
            // SAFETY: as above.
            unsafe { Self(_mm512_mask_blend_pd(bits, no.0, yes.0)) }
        }
    }

    /// In two registers of AVX2.
    #[derive(Clone, Copy)]
    pub(in super::super) struct Halves(__m256d, __m256d);

    impl Halves {
        #[inline(always)]
        fn both(self, other: Self, one: impl Fn(__m256d, __m256d) -> __m256d) -> Self {
            Self(one(self.0, other.0), one(self.1, other.1))
        }
    }

    // SAFETY, of all below: `Way::run` alone uses this type, on a processor that was seen to have AVX2. Loads and
    // stores are of twice four of eight numbers, and need no alignment.
    impl Eight for Halves {
        #[inline(always)]
        fn splat(x: f64) -> Self {
            // SAFETY: as above.
            let half = unsafe { _mm256_set1_pd(x) };
            Self(half, half)
        }

        #[inline(always)]
        fn load(from: &Lanes) -> Self {
            let halves = from.as_chunks::<4>().0;
            // SAFETY: as above.
            unsafe { Self(_mm256_loadu_pd(halves[0].as_ptr()), _mm256_loadu_pd(halves[1].as_ptr())) }
        }

        #[inline(always)]
        fn store(self, to: &mut Lanes) {
            let halves = to.as_chunks_mut::<4>().0;
            // SAFETY: as above.
            unsafe {
                _mm256_storeu_pd(halves[0].as_mut_ptr(), self.0);
                _mm256_storeu_pd(halves[1].as_mut_ptr(), self.1);
            }
        }

        #[inline(always)]
        fn plus(self, other: Self) -> Self {
            // SAFETY: as above.
            self.both(other, |a, b| unsafe { _mm256_add_pd(a, b) })
        }

        #[inline(always)]
        fn times(self, other: Self) -> Self {
            // SAFETY: as above.
            self.both(other, |a, b| unsafe { _mm256_mul_pd(a, b) })
        }

        #[inline(always)]
        fn pick(bits: u8, yes: Self, no: Self) -> Self {
            // SAFETY: as above.
            unsafe {
                let (first, second) = (_mm256_setr_epi64x(1, 2, 4, 8), _mm256_setr_epi64x(16, 32, 64, 128));
                let bits = _mm256_set1_epi64x(i64::from(bits));
                let mask = |of: __m256i| _mm256_castsi256_pd(_mm256_cmpeq_epi64(_mm256_and_si256(bits, of), of));
                Self(_mm256_blendv_pd(no.0, yes.0, mask(first)), _mm256_blendv_pd(no.1, yes.1, mask(second)))
            }
        }
    }
}

//! The one random generator: xoshiro256++ (Blackman & Vigna 2019), seeded through SplitMix64.
//!
//! A generator is made from a seed and a purpose, so that two uses of one seed never share a stream.
//! The same seed gives the same numbers on every platform.

use crate::Hasher;

/// A seeded stream of random numbers.
///
/// ```
/// use arkwright_core::Random;
/// let mut random = Random::new(7, "bagging");
/// assert!(random.below(10) < 10);
/// assert_eq!(Random::new(7, "x").u64(), Random::new(7, "x").u64());
/// ```
#[derive(Clone, Debug)]
pub struct Random {
    state: [u64; 4],
}

impl Random {
    /// A stream for one purpose under a seed.
    pub fn new(seed: u64, purpose: &str) -> Self {
        Self::seeded(Hasher::new("random").number(seed).text(purpose).finish().seed())
    }

    /// A stream from a seed that is already well mixed.
    pub fn seeded(mut seed: u64) -> Self {
        let state = std::array::from_fn(|_| {
            seed = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut z = seed;
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            z ^ (z >> 31)
        });
        Self { state }
    }

    /// 64 random bits.
    #[inline]
    pub fn u64(&mut self) -> u64 {
        let s = &mut self.state;
        let out = s[0].wrapping_add(s[3]).rotate_left(23).wrapping_add(s[0]);
        let t = s[1] << 17;
        s[2] ^= s[0];
        s[3] ^= s[1];
        s[1] ^= s[2];
        s[0] ^= s[3];
        s[2] ^= t;
        s[3] = s[3].rotate_left(45);
        out
    }

    /// A whole number in `0..n`, without bias (Lemire 2019); 0 when `n` is 0.
    #[inline]
    pub fn below(&mut self, n: u64) -> u64 {
        if n == 0 {
            return 0;
        }
        loop {
            let wide = u128::from(self.u64()) * u128::from(n);
            if (wide as u64) >= n.wrapping_neg() % n {
                return (wide >> 64) as u64;
            }
        }
    }

    /// A number in `[0, 1)` with 53 random bits.
    #[inline]
    pub fn unit(&mut self) -> f64 {
        (self.u64() >> 11) as f64 * (1.0 / (1u64 << 53) as f64)
    }

    /// A draw from the standard normal distribution (Marsaglia's polar method).
    pub fn normal(&mut self) -> f64 {
        loop {
            let (u, v) = (2.0 * self.unit() - 1.0, 2.0 * self.unit() - 1.0);
            let s = u * u + v * v;
            if s > 0.0 && s < 1.0 {
                return u * (-2.0 * s.ln() / s).sqrt();
            }
        }
    }

    /// Shuffles in place (Fisher-Yates).
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for i in (1..items.len()).rev() {
            items.swap(i, self.below(i as u64 + 1) as usize);
        }
    }

    /// `k` distinct indices of `0..n`, in random order; all of them when `k >= n`.
    pub fn sample(&mut self, n: usize, k: usize) -> Vec<usize> {
        let mut all: Vec<usize> = (0..n).collect();
        let k = k.min(n);
        for i in 0..k {
            let j = i + self.below((n - i) as u64) as usize;
            all.swap(i, j);
        }
        all.truncate(k);
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_stream_is_xoshiro256_plus_plus() {
        // State 1, 2, 3, 4: the first outputs of the authors' C program.
        let mut random = Random { state: [1, 2, 3, 4] };
        assert_eq!([random.u64(), random.u64(), random.u64()], [41_943_041, 58_720_359, 3_588_806_011_781_223]);
    }

    #[test]
    fn normal_draws_have_the_moments_of_a_normal() {
        let mut random = Random::new(1, "test");
        let draws: Vec<f64> = (0..100_000).map(|_| random.normal()).collect();
        let mean = draws.iter().sum::<f64>() / 1e5;
        let variance = draws.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / 1e5;
        assert!(mean.abs() < 0.02 && (variance - 1.0).abs() < 0.03, "{mean} {variance}");
    }

    proptest! {
        #[test]
        fn a_sample_is_of_distinct_indices(seed: u64, n in 0usize..50, k in 0usize..60) {
            let mut sample = Random::seeded(seed).sample(n, k);
            prop_assert_eq!(sample.len(), k.min(n));
            sample.sort_unstable();
            sample.dedup();
            prop_assert_eq!(sample.len(), k.min(n));
            prop_assert!(sample.iter().all(|&i| i < n));
        }
    }
}

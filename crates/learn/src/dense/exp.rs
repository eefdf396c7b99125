//! The exponential function in lanes.

/// `e^x` to about one unit in the last place, in operations that run in lanes and give the same bits on any machine. What would be
/// below e^-708 is that, what would be above e^709 is that.
#[inline(always)]
pub(crate) fn exp(x: f64) -> f64 {
    /// A sum with it has the whole part of the other summand in its lowest bits.
    const ROUND: f64 = 6_755_399_441_055_744.0;
    const LN2: [f64; 2] = [6.931_471_803_691_238e-1, 1.908_214_929_270_587_7e-10];
    let x = x.clamp(-708.0, 709.0);
    let rounded = x.mul_add(std::f64::consts::LOG2_E, ROUND);
    let n = rounded - ROUND;
    let r = n.mul_add(-LN2[1], n.mul_add(-LN2[0], x));
    // Taylor's series: |r| is at most ln(2)/2.
    let mut sum = 1.0 / 6_227_020_800.0;
    for over in
        [479_001_600.0, 39_916_800.0, 3_628_800.0, 362_880.0, 40_320.0, 5_040.0, 720.0, 120.0, 24.0, 6.0, 2.0, 1.0, 1.0]
    {
        sum = r.mul_add(sum, 1.0 / over);
    }
    sum * f64::from_bits(rounded.to_bits().wrapping_add(1023) << 52)
}

#[cfg(test)]
mod tests {
    #[test]
    fn it_is_the_exponential() {
        for i in -70_000..70_000 {
            let x = f64::from(i) * 0.010_007;
            let (got, wanted) = (super::exp(x), libm::exp(x));
            assert!((got - wanted).abs() <= 4e-16 * wanted, "{x}: {got} where {wanted} is wanted");
        }
        assert_eq!(super::exp(0.0), 1.0);
        assert!(super::exp(-1e300) < 1e-300 && super::exp(f64::NAN).is_nan());
    }
}

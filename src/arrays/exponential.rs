//! exp and expm1 without branches, so that a loop over a slice becomes vector instructions; `pulp`
//! compiles such a loop once for each instruction set and takes the best at run time.
//!
//! No multiplication is fused with an addition (no `mul_add`): a machine without that instruction
//! would have to emulate it, a hundred times slower, and the compiler never fuses by itself. So the
//! bits are the same on every machine; and a pass over a kernel matrix waits for memory, not for
//! these additions.

/// 2^52 + 2^51: added to a number below 2^51 and subtracted again, it leaves the nearest whole
/// number.
const WHOLE: f64 = 6_755_399_441_055_744.0;
/// ln 2 in two parts, the first with 32 bits, so that its product with an exponent is exact.
const LN_2_HIGH: f64 = f64::from_bits(0x3fe6_2e42_fee0_0000);
const LN_2_LOW: f64 = f64::from_bits(0x3dea_39ef_3579_3c76);
/// Below this exp is 0 and expm1 is -1, whatever the argument: exp(-745.2) is below half of the
/// least subnormal number.
const LEAST: f64 = -800.0;
/// 1/k! from k = 13 down to 2. For |r| <= ln(2)/2 the terms left out are below 2^-56 of expm1(r).
const TAYLOR: [f64; 12] = [
    1.0 / 6_227_020_800.0,
    1.0 / 479_001_600.0,
    1.0 / 39_916_800.0,
    1.0 / 3_628_800.0,
    1.0 / 362_880.0,
    1.0 / 40_320.0,
    1.0 / 5_040.0,
    1.0 / 720.0,
    1.0 / 120.0,
    1.0 / 24.0,
    1.0 / 6.0,
    1.0 / 2.0,
];

/// k and expm1(r) with x = k ln 2 + r, k whole and |r| <= ln(2)/2 (Cody and Waite).
#[inline(always)]
fn reduced(x: f64) -> (f64, f64) {
    let x = if x < LEAST { LEAST } else { x };
    let k = (x * std::f64::consts::LOG2_E + WHOLE) - WHOLE;
    let r = (x - k * LN_2_HIGH) - k * LN_2_LOW;
    let mut sum = TAYLOR[0];
    for coefficient in &TAYLOR[1..] {
        sum = sum * r + coefficient;
    }
    (k, r + (r * r) * sum)
}

/// 2^k for a whole k from -1022 to 1023.
#[inline(always)]
fn power(k: f64) -> f64 {
    // 2^52 + 1023 + k ends in the bits of 1023 + k: the exponent field of 2^k.
    f64::from_bits((k + (4_503_599_627_370_496.0 + 1023.0)).to_bits() << 52)
}

/// exp(x) for x <= 709, to 1 unit in the last place; subnormal values to 1 of theirs.
#[inline(always)]
pub(crate) fn exp(x: f64) -> f64 {
    let (k, p) = reduced(x);
    // In two steps, for k below the exponents of normal numbers.
    let first = if k < -1000.0 { -1000.0 } else { k };
    ((1.0 + p) * power(first)) * power(k - first)
}

/// exp(x) - 1 for x <= 709, to 1 unit in the last place for x <= 0 and 2 above.
#[inline(always)]
pub(crate) fn exp_m1(x: f64) -> f64 {
    let (k, p) = reduced(x);
    let scale = power(if k < -1000.0 { -1000.0 } else { k });
    scale * p + (scale - 1.0)
}

#[cfg(test)]
#[path = "exponential_tests.rs"]
mod tests;

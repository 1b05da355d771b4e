//! Pearson's type III curve: a gamma distribution, shifted and perhaps mirrored, with mean 0,
//! variance 1 and a given skewness. The normal distribution is the one of skewness 0.

use statrs::function::erf::erfc;
use statrs::function::gamma::{gamma_lr, gamma_ur};

/// Skewness below which the curve is the normal distribution to the last digits.
const NORMAL: f64 = 1e-12;

/// Shapes above which the incomplete gamma function is Temme's expansion: what sums terms of the
/// series loses about eps times the shape.
const LARGE: f64 = 1e6;

/// The probability of at least z.
pub(super) fn upper_tail(z: f64, skewness: f64) -> f64 {
    if skewness.abs() < NORMAL {
        return normal_upper_tail(z);
    }
    // (G - shape) / sqrt(shape) of a gamma variable G has skewness 2 / sqrt(shape).
    let (shape, beyond) = (4.0 / (skewness * skewness), 0.5 * z * skewness);
    let is_upper = skewness > 0.0;
    if beyond <= -1.0 {
        return if is_upper { 1.0 } else { 0.0 };
    }
    match (shape > LARGE, is_upper) {
        (true, _) => temme(shape, beyond, is_upper),
        (false, true) => gamma_ur(shape, shape * (1.0 + beyond)),
        (false, false) => gamma_lr(shape, shape * (1.0 + beyond)),
    }
}

/// The regularised upper (or lower) incomplete gamma function at a (1 + m), by Temme's uniform
/// expansion for large a with its first two terms (DLMF 8.12.3, 8.12.4, 8.12.9, 8.12.10).
fn temme(a: f64, m: f64, is_upper: bool) -> f64 {
    // m - ln(1 + m), whose two terms cancel.
    let half_square = if m.abs() < 0.01 {
        (2..13).rev().fold(0.0, |sum, k| f64::from(if k % 2 == 0 { 1 } else { -1 }) / f64::from(k) + sum * m) * m * m
    } else {
        m - m.ln_1p()
    };
    let eta = (2.0 * half_square).sqrt().copysign(m);
    let (first, second) = if eta.abs() < 0.01 {
        (-1.0 / 3.0 + eta * (1.0 / 12.0 + eta * (-2.0 / 135.0 + eta / 864.0)), -1.0 / 540.0 - eta / 288.0)
    } else {
        (1.0 / m - 1.0 / eta, eta.powi(-3) - m.powi(-3) - m.powi(-2) - 1.0 / (12.0 * m))
    };
    let rest = (-a * half_square).exp() / (2.0 * std::f64::consts::PI * a).sqrt() * (first + second / a);
    let sign = if is_upper { 1.0 } else { -1.0 };
    0.5 * erfc(sign * eta * (0.5 * a).sqrt()) + sign * rest
}

/// The z that is passed with this probability.
pub(super) fn upper_quantile(probability: f64, skewness: f64) -> f64 {
    let (mut low, mut high) = (-1.0, 1.0);
    while upper_tail(low, skewness) < probability && low > -1e6 {
        low *= 2.0;
    }
    while upper_tail(high, skewness) > probability && high < 1e6 {
        high *= 2.0;
    }
    // Bisection: the tail falls, and 100 halves are less than the last digit.
    for _ in 0..100 {
        let middle = f64::midpoint(low, high);
        if upper_tail(middle, skewness) > probability { low = middle } else { high = middle }
    }
    f64::midpoint(low, high)
}

/// 1 - Phi(z)
pub(super) fn normal_upper_tail(z: f64) -> f64 {
    0.5 * erfc(z / std::f64::consts::SQRT_2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_skewness_of_two_is_the_exponential_distribution() {
        for z in [-0.5, 0.0, 1.0, 4.0, 20.0] {
            let (tail, expected) = (upper_tail(z, 2.0), (-(z + 1.0)).exp());
            assert!((tail - expected).abs() <= 1e-13 * expected, "{z}: {tail} for {expected}");
            let mirrored = upper_tail(-z, -2.0);
            assert!((mirrored - (1.0 - expected)).abs() <= 1e-13, "{z}: {mirrored}");
        }
        assert_eq!((upper_tail(-1.5, 2.0), upper_tail(1.5, -2.0)), (1.0, 0.0));
    }

    #[test]
    fn the_expansion_joins_the_series_and_the_normal_distribution() {
        let edge = 2.0 / LARGE.sqrt();
        for z in [-5.0, -1.0, 0.0, 1.0, 2.0, 5.0, 12.0] {
            for sign in [-1.0, 1.0] {
                // The slope of the tail in the skewness is taken off by the mean of both sides.
                let at = |factor: f64| upper_tail(z, sign * edge * factor);
                let (series, expansion) = (at(1.0 + 1e-9), at(1.0 - 1e-9));
                assert!((series - expansion).abs() <= 3e-8 * series, "{z} {sign}: {series:e} {expansion:e}");
                let (normal, nearly) = (normal_upper_tail(z), upper_tail(z, sign * 1.001 * NORMAL));
                assert!((normal - nearly).abs() <= 1e-9 * normal, "{z} {sign}: {normal:e} {nearly:e}");
                // The first term of Edgeworth's series, and what is left is of the order of the
                // square.
                let skewness = sign * 1e-4;
                let density = (-0.5 * z * z).exp() / (2.0 * std::f64::consts::PI).sqrt();
                let edgeworth = normal + skewness / 6.0 * (z * z - 1.0) * density;
                let left = 1e-8 * (1.0 + z.abs()).powi(6) * density;
                assert!((upper_tail(z, skewness) - edgeworth).abs() <= left, "{z} {sign}");
            }
        }
    }

    #[test]
    fn a_quantile_is_passed_with_its_probability() {
        for skewness in [-1.0, -1e-3, 0.0, 0.3, 2.5] {
            for probability in [0.001, 0.05, 0.5, 0.9] {
                let z = upper_quantile(probability, skewness);
                assert!((upper_tail(z, skewness) - probability).abs() < 1e-10, "{probability} at {skewness}: {z}");
            }
        }
    }
}

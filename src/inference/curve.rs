//! Pearson's type III curve: a gamma distribution, shifted and perhaps mirrored, with mean 0,
//! variance 1 and a given skewness. The normal distribution is the one of skewness 0.

use statrs::function::erf::erfc;
use statrs::function::gamma::{gamma_lr, gamma_ur};

/// Skewness below which the curve is the normal distribution with the first term of Edgeworth's
/// series: what is left out is of the order of its square, and an incomplete gamma function of
/// shape 4 / skewness^2 loses that many digits.
const NEARLY_NORMAL: f64 = 1e-4;

/// The probability of at least z.
pub(super) fn upper_tail(z: f64, skewness: f64) -> f64 {
    if skewness.abs() < NEARLY_NORMAL {
        let density = (-0.5 * z * z).exp() / (2.0 * std::f64::consts::PI).sqrt();
        return normal_upper_tail(z) + skewness / 6.0 * (z * z - 1.0) * density;
    }
    let shape = 4.0 / (skewness * skewness);
    // (G - shape) / sqrt(shape) of a gamma variable G has skewness 2 / sqrt(shape).
    let place = shape + 2.0 * z / skewness;
    match (skewness > 0.0, place > 0.0) {
        (true, true) => gamma_ur(shape, place),
        (true, false) => 1.0,
        (false, true) => gamma_lr(shape, place),
        (false, false) => 0.0,
    }
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
    fn a_small_skewness_joins_the_normal_distribution() {
        for z in [-3.0, -1.0, 0.0, 1.0, 2.0, 5.0] {
            for sign in [-1.0, 1.0] {
                let (below, above) = (upper_tail(z, sign * 0.999 * NEARLY_NORMAL), upper_tail(z, sign * 1.001 * NEARLY_NORMAL));
                assert!((below - above).abs() <= 2e-7 * below + 1e-12, "{z} {sign}: {below} {above}");
            }
            assert!((upper_tail(z, 0.0) - normal_upper_tail(z)).abs() < 1e-300);
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

//! The sum of the singular values of a bidiagonal matrix, without the values: an integral that the
//! trapezoidal rule computes to the last digit.

use std::f64::consts::FRAC_2_PI;

use crate::arrays::sums::{sum, vectorised};

/// From one logarithm of t to the next. Of a singular value the rule gives (1 + 2 / cosh(pi^2 /
/// STEP) at most) times its share: off by 3e-17.
const STEP: f64 = 0.25;
/// Numbers t that are worked on side by side: four vectors of eight, so that divisions wait for
/// each other as little as possible.
const LANES: usize = 32;

/// |B|_* of the bidiagonal matrix B with these entries on and above its diagonal, the largest about
/// 1.
///
/// s = 2 / pi times the integral of s^2 / (s^2 + t^2) over all t > 0, for every s > 0; summed over
/// the singular values, the integrand is the trace of B'B (B'B + t^2 I)^-1. With t = e^u it falls
/// off on both sides like e^-|u| and is analytic for |Im u| < pi / 2, for which the trapezoidal
/// rule converges like e^(-pi^2 / step).
pub(super) fn nuclear_norm(diagonal: &[f64], above: &[f64]) -> f64 {
    // Of every column its own entry and that on its right.
    let steps: Vec<(f64, f64)> = diagonal.iter().zip(above.iter().chain(&[0.0])).map(|(on, above)| (on * on, above * above)).collect();
    let squared_norm: f64 = steps.iter().map(|(on, above)| on + above).sum();
    if squared_norm == 0.0 {
        return 0.0;
    }
    // Below the least t the integrand is n at most, above the largest |B|_F^2 / t^2: eps |B|_F / 8
    // is left out on either side, and |B|_F is no more than |B|_*.
    let (norm, n) = (squared_norm.sqrt(), diagonal.len() as f64);
    let (least, largest) = (0.125 * f64::EPSILON * norm / n, 8.0 / f64::EPSILON * norm);
    let count = ((largest / least).ln() / STEP).ceil() as usize + 1;
    let numbers: Vec<f64> = (0..count.next_multiple_of(LANES)).map(|k| least * (k as f64 * STEP).exp()).collect();
    let terms: Vec<f64> = numbers
        .as_chunks::<LANES>()
        .0
        .iter()
        .flat_map(|numbers| {
            vectorised(
                #[inline(always)]
                || traces(&steps, numbers),
            )
        })
        .zip(&numbers)
        .map(|(trace, t)| trace * t)
        .collect();
    FRAC_2_PI * STEP * sum(&terms)
}

/// tr(B'B (B'B + t^2 I)^-1) for each of these t.
///
/// Of B'B + t^2 I = L D L', D_i = a_i^2 + s_i with s_1 = t^2 and s_(i+1) = t^2 + b_i^2 s_i / D_i (a
/// on the diagonal, b above it). The trace is the sum of 1 - t^2 (dD_i/dt^2) / D_i = (a_i^2 + q_i)
/// / D_i with q_1 = 0 and q_(i+1) = b_i^2 (s_i^2 + a_i^2 q_i) / D_i^2: nothing is subtracted, and
/// every digit counts.
#[inline(always)]
fn traces(steps: &[(f64, f64)], numbers: &[f64; LANES]) -> [f64; LANES] {
    let (mut traces, mut s, mut q) = ([0.0; LANES], [0.0; LANES], [0.0; LANES]);
    for lane in 0..LANES {
        s[lane] = numbers[lane] * numbers[lane];
    }
    for &(on, above) in steps {
        for lane in 0..LANES {
            let inverse = 1.0 / (on + s[lane]);
            let weighted = on * q[lane];
            traces[lane] += (on + q[lane]) * inverse;
            let share = s[lane] * inverse;
            q[lane] = above * (share * share + weighted * inverse * inverse);
            s[lane] = numbers[lane] * numbers[lane] + above * share;
        }
    }
    traces
}

#[cfg(test)]
mod tests {
    use std::f64::consts::PI;

    use super::*;

    /// A matrix of ones on both diagonals, whose values are 2 cos(k pi / (2 n + 1)).
    #[test]
    fn sums_of_known_values() {
        for n in [1, 2, 5, 31, 100, 777] {
            let exact: f64 = (1..=n).map(|k| 2.0 * (f64::from(k) * PI / f64::from(2 * n + 1)).cos()).sum();
            let found = nuclear_norm(&vec![1.0; n as usize], &vec![1.0; n as usize - 1]);
            assert!((found - exact).abs() <= 8.0 * f64::EPSILON * exact, "{n}: {found} {exact}");
        }
        // Diagonal matrices: whatever the values, between the terms of the rule and far apart.
        for values in
            [vec![0.7], vec![1.0, 0.0, 0.5], (0..60).map(|k| 1.37f64.powi(-k)).collect(), (0..60).map(|k| 10f64.powi(-k)).collect()]
        {
            let (found, exact) = (nuclear_norm(&values, &vec![0.0; values.len() - 1]), values.iter().sum::<f64>());
            assert!((found - exact).abs() <= 4.0 * f64::EPSILON * exact, "{values:?}: {found} {exact}");
        }
        assert_eq!(nuclear_norm(&[0.0; 3], &[0.0; 2]), 0.0);
    }
}

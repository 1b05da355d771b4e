//! The Hilbert-Schmidt independence criterion.

use nalgebra::DMatrix;

use super::Undefined;
use super::gram::gram;
use super::scale::ldexp;
use super::twofold::Twofold;
use crate::measures::hsic::{Estimator, Options};

/// Biased: tr(K H L H) / (n-1)^2 (Gretton et al. 2005, eq. 9; Kornblith et al. 2019, eq. 3).
/// Unbiased: [tr(K~L~) + 1'K~1 1'L~1 / ((n-1)(n-2)) - 2/(n-2) 1'K~L~1] / (n(n-3)), K~ = K with zero
/// diagonal (Song et al. 2012, eq. 5).
///
/// # Errors
/// [`Undefined::TooFewExamples`], [`Undefined::ZeroMedian`], [`Undefined::NarrowBandwidth`],
/// [`Undefined::ZeroExample`],
/// [`Undefined::Unrepresentable`].
pub fn value(options: &Options, x: &DMatrix<f64>, y: &DMatrix<f64>) -> Result<f64, Undefined> {
    let n = x.nrows() as f64;
    let unbiased = options.estimator == Estimator::Unbiased;
    if n < if unbiased { 4.0 } else { 2.0 } {
        return Err(Undefined::TooFewExamples);
    }
    let (k, l) = (gram(options.kernel, x, unbiased)?, gram(options.kernel, y, unbiased)?);
    let mantissa = if unbiased { song(&k.matrix, &l.matrix) / (n * (n - 3.0)) } else { trace(&k.matrix, &l.matrix) / (n - 1.0).powi(2) };
    let scaled = |mantissa: f64| ldexp(mantissa * k.factor * l.factor, k.exponent + l.exponent);
    let value = scaled(mantissa);
    // What rounding may have taken from 0 must be in the range of f64 as well.
    let lost = scaled(f64::EPSILON * k.matrix.norm() * l.matrix.norm());
    if (mantissa == 0.0 && lost.is_finite()) || value.is_normal() { Ok(value) } else { Err(Undefined::Unrepresentable) }
}

/// tr(K H L H), H = I - 1 1'/n
pub(super) fn trace(k: &DMatrix<f64>, l: &DMatrix<f64>) -> f64 {
    let n = k.nrows();
    let h = DMatrix::identity(n, n) - DMatrix::from_element(n, n, 1.0 / n as f64);
    (&h * k * &h).dot(&(&h * l * &h))
}

/// tr(K~L~) + 1'K~1 1'L~1 / ((n-1)(n-2)) - 2/(n-2) 1'K~L~1 of matrices whose diagonal is zero.
///
/// The three terms cancel, so that they are summed in twice the precision.
pub(super) fn song(k: &DMatrix<f64>, l: &DMatrix<f64>) -> f64 {
    let n = k.nrows() as f64;
    let row = |matrix: &DMatrix<f64>, i: usize| matrix.row(i).iter().map(|entry| Twofold::from(*entry)).sum::<Twofold>();
    let rows: Vec<(Twofold, Twofold)> = (0..k.nrows()).map(|i| (row(k, i), row(l, i))).collect();
    let product: Twofold = k.iter().zip(l).map(|(k, l)| Twofold::from(*k) * Twofold::from(*l)).sum();
    let totals = rows.iter().map(|row| row.0).sum::<Twofold>() * rows.iter().map(|row| row.1).sum::<Twofold>();
    let of_rows: Twofold = rows.iter().map(|row| row.0 * row.1).sum();
    // Times (n-1)(n-2), so that no coefficient is rounded.
    let sum = Twofold::from((n - 1.0) * (n - 2.0)) * product + totals - Twofold::from(2.0 * (n - 1.0)) * of_rows;
    f64::from(sum) / ((n - 1.0) * (n - 2.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The mean over all quadruples of different examples of k_ij (l_ij + l_qr - 2 l_iq) (Song et
    /// al. 2012, eq. 4), in whole numbers.
    #[test]
    fn the_three_terms_are_a_mean_over_quadruples() {
        for n in [4usize, 5, 7] {
            let whole =
                |seed: usize| move |i: usize, j: usize| if i == j { 0 } else { ((i * j + i + j) * 37 + seed * (i + j)) as i64 % 19 - 4 };
            let (k, l) = (whole(1), whole(5));
            let (mut sum, mut quadruples) = (0i64, 0i64);
            for (i, j, q, r) in (0..n.pow(4)).map(|c| (c % n, c / n % n, c / n / n % n, c / n / n / n)) {
                if i != j && i != q && i != r && j != q && j != r && q != r {
                    sum += k(i, j) * (l(i, j) + l(q, r) - 2 * l(i, q));
                    quadruples += 1;
                }
            }
            let matrix = |entry: &dyn Fn(usize, usize) -> i64| DMatrix::from_fn(n, n, |i, j| entry(i, j) as f64);
            let got = song(&matrix(&k), &matrix(&l)) / (n as f64 * (n as f64 - 3.0));
            let want = sum as f64 / quadruples as f64;
            assert!((got - want).abs() <= 1e-14 * want.abs().max(1.0), "n = {n}: {got} instead of {want}");
        }
    }
}

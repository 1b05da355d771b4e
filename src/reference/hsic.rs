//! The Hilbert-Schmidt independence criterion.

use nalgebra::DMatrix;

use super::Undefined;
use super::gram::gram;
use super::scale::ldexp;
use crate::measures::hsic::{Estimator, Options};

/// Biased: tr(K H L H) / (n-1)^2 (Gretton et al. 2005, eq. 9; Kornblith et al. 2019, eq. 3).
/// Unbiased: [tr(K~L~) + 1'K~1 1'L~1 / ((n-1)(n-2)) - 2/(n-2) 1'K~L~1] / (n(n-3)), K~ = K with zero
/// diagonal (Song et al. 2012, eq. 5).
///
/// # Errors
/// [`Undefined::TooFewExamples`], [`Undefined::ZeroMedian`], [`Undefined::ZeroExample`],
/// [`Undefined::Unrepresentable`].
pub fn value(options: &Options, x: &DMatrix<f64>, y: &DMatrix<f64>) -> Result<f64, Undefined> {
    let n = x.nrows() as f64;
    let unbiased = options.estimator == Estimator::Unbiased;
    if n < if unbiased { 4.0 } else { 2.0 } {
        return Err(Undefined::TooFewExamples);
    }
    let (k, l) = (gram(options.kernel, x, unbiased)?, gram(options.kernel, y, unbiased)?);
    let mantissa = if unbiased { song(&k.matrix, &l.matrix) / (n * (n - 3.0)) } else { trace(&k.matrix, &l.matrix) / (n - 1.0).powi(2) };
    let value = ldexp(mantissa * k.factor * l.factor, k.exponent + l.exponent);
    if mantissa == 0.0 || value.is_normal() { Ok(value) } else { Err(Undefined::Unrepresentable) }
}

/// tr(K H L H), H = I - 1 1'/n
pub(super) fn trace(k: &DMatrix<f64>, l: &DMatrix<f64>) -> f64 {
    let n = k.nrows();
    let h = DMatrix::identity(n, n) - DMatrix::from_element(n, n, 1.0 / n as f64);
    (&h * k * &h).dot(&(&h * l * &h))
}

/// tr(K~L~) + 1'K~1 1'L~1 / ((n-1)(n-2)) - 2/(n-2) 1'K~L~1 of matrices whose diagonal is zero.
pub(super) fn song(k: &DMatrix<f64>, l: &DMatrix<f64>) -> f64 {
    let [product, totals, rows] = three_terms(k, l);
    product + totals - rows
}

/// Song's three terms; the last one is subtracted.
///
/// Their sum does not change when a_i + a_j is added to every entry i != j, but they cancel the
/// less the smaller the entries are: so the a_i that make the row sums zero are taken out first,
/// (sum_j k_ij) / (n-2) - 1'k1 / (2 (n-1)(n-2)). Others would do too, which is why this is not yet
/// the formula.
pub(super) fn three_terms(k: &DMatrix<f64>, l: &DMatrix<f64>) -> [f64; 3] {
    let n = k.nrows() as f64;
    let level = |k: &DMatrix<f64>| {
        let a = (k.column_sum() / (n - 2.0)).add_scalar(-k.sum() / (2.0 * (n - 1.0) * (n - 2.0)));
        let mut k = DMatrix::from_fn(k.nrows(), k.nrows(), |i, j| k[(i, j)] - (a[i] + a[j]));
        k.fill_diagonal(0.0);
        k
    };
    let (k, l) = (level(k), level(l));
    let (row_k, row_l) = (k.column_sum(), l.column_sum());
    [k.dot(&l), row_k.sum() * row_l.sum() / ((n - 1.0) * (n - 2.0)), 2.0 / (n - 2.0) * row_k.dot(&row_l)]
}

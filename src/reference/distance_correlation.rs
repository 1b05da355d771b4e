//! The distance correlation.

use nalgebra::DMatrix;

use super::dissimilarities::euclidean;
use super::{Side, Undefined};
use crate::measures::distance_correlation::{Estimator, Options};

/// Returns the sample distance correlation of the examples, a and b their Euclidean distances.
///
/// Biased (Szekely, Rizzo and Bakirov 2007, def. 4 and 5): dCov^2 = <HaH, HbH> / n^2 and
/// dCor = sqrt(dCov^2(X, Y) / sqrt(dCov^2(X, X) dCov^2(Y, Y))), H = I - 1 1'/n.
///
/// Corrected (Szekely and Rizzo 2013; 2014, section 2): <A, B> / sqrt(<A, A> <B, B>), not
/// rooted, of the U-centered distances; the factor 1 / (n(n-3)) cancels.
///
/// # Errors
/// [`Undefined::TooFewExamples`] below n = 2 (biased) or n = 4 (corrected);
/// [`Undefined::Constant`]; [`Undefined::ZeroSelfTerm`] when the U-centered distances of a side are
/// zero within rounding.
pub fn value(options: &Options, x: &DMatrix<f64>, y: &DMatrix<f64>) -> Result<f64, Undefined> {
    // The unit of the distances cancels.
    let side = |x: &DMatrix<f64>| (euclidean(x).0, x.ncols(), Undefined::Constant);
    of_distances(options, side(x), side(y))
}

/// The same where distances of a side were given.
///
/// # Errors
/// As [`value`]; [`Undefined::ConstantDissimilarities`] where given ones are all 0.
pub(super) fn of_sides(options: &Options, x: Side, y: Side) -> Result<f64, Undefined> {
    let side = |side: Side| match side {
        Side::Examples(x) => (euclidean(&x).0, x.ncols(), Undefined::Constant),
        Side::Dissimilarities(distances) => {
            let (n, largest) = (distances.nrows(), distances.amax());
            (if largest > 0.0 { distances / largest } else { distances }, n, Undefined::ConstantDissimilarities)
        }
    };
    of_distances(options, side(x), side(y))
}

/// The distances of both sides, each with the number of its neurons and why there is no value where
/// they are 0.
fn of_distances(options: &Options, x: (DMatrix<f64>, usize, Undefined), y: (DMatrix<f64>, usize, Undefined)) -> Result<f64, Undefined> {
    let corrected = options.estimator == Estimator::Corrected;
    if x.0.nrows() < if corrected { 4 } else { 2 } {
        return Err(Undefined::TooFewExamples);
    }
    let ((a, of_a, zero_a), (b, of_b, zero_b)) = (x, y);
    for (distances, zero) in [(&a, zero_a), (&b, zero_b)] {
        if distances.amax() == 0.0 {
            return Err(zero);
        }
    }
    let center = if corrected { u_centered } else { doubly_centered };
    let (centered_a, centered_b) = (center(&a), center(&b));
    for (distances, centered, p) in [(&a, &centered_a, of_a), (&b, &centered_b, of_b)] {
        let rounding = (8.0 * (a.nrows().max(p) as f64).sqrt() + 32.0) * f64::EPSILON;
        if corrected && centered.norm() <= rounding * distances.norm() {
            return Err(Undefined::ZeroSelfTerm);
        }
    }
    let ratio = centered_a.dot(&centered_b) / centered_a.norm() / centered_b.norm();
    // Never negative in exact arithmetic when biased.
    Ok(if corrected { ratio } else { ratio.max(0.0).sqrt() })
}

/// H a H
fn doubly_centered(a: &DMatrix<f64>) -> DMatrix<f64> {
    let n = a.nrows();
    let h = DMatrix::identity(n, n) - DMatrix::from_element(n, n, 1.0 / n as f64);
    &h * a * &h
}

/// a_ij - (sum_k a_ik) / (n-2) - (sum_k a_kj) / (n-2) + (sum_kl a_kl) / ((n-1)(n-2)), diagonal 0.
fn u_centered(a: &DMatrix<f64>) -> DMatrix<f64> {
    let n = a.nrows() as f64;
    let (rows, columns, total) = (a.column_sum() / (n - 2.0), a.row_sum() / (n - 2.0), a.sum() / ((n - 1.0) * (n - 2.0)));
    let mut centered = DMatrix::from_fn(a.nrows(), a.nrows(), |i, j| a[(i, j)] - rows[i] - columns[j] + total);
    centered.fill_diagonal(0.0);
    centered
}

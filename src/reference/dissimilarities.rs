//! Dissimilarities of all pairs of examples, from the entries as they are.
//!
//! Factors are powers of two, and sums are of products of entries. So whole numbers of moderate
//! size stay exact up to the last operations, and dissimilarities that are equal in exact
//! arithmetic are equal here: neighbours and ranks depend on it.

use nalgebra::DMatrix;

use super::Undefined;
use super::scale::{Scaled, exponent, ldexp};

/// Euclidean distances in units of 2^exponent, from differences of entries, which no offset spoils.
pub(super) fn euclidean(x: &DMatrix<f64>) -> (DMatrix<f64>, i32) {
    let raised = Scaled::raised(x);
    let spread = DMatrix::from_fn(x.nrows(), x.ncols(), |i, j| raised.matrix[(i, j)] - raised.matrix[(0, j)]).amax();
    let size = |largest: f64| if largest > 0.0 { exponent(largest) } else { 0 };
    let unit = size(spread);
    let distance = |i: usize, k: usize| {
        let difference = raised.matrix.row(i) - raised.matrix.row(k);
        let own = size(difference.amax());
        ldexp(difference.map(|entry| ldexp(entry, -own)).norm(), own - unit)
    };
    (DMatrix::from_fn(x.nrows(), x.nrows(), distance), raised.exponent + unit)
}

/// 1 - cosine of the examples, in up to n^2 p^2 operations.
///
/// # Errors
/// [`Undefined::ZeroExample`].
pub(super) fn cosine(x: &DMatrix<f64>) -> Result<DMatrix<f64>, Undefined> {
    let example = |i: usize| Scaled { matrix: x.rows(i, 1).transpose(), exponent: 0 }.resized(0).matrix;
    one_minus_cosines(&(0..x.nrows()).map(example).collect::<Vec<_>>()).ok_or(Undefined::ZeroExample)
}

/// 1 - cosine of the examples, each less the mean of all, in up to n^2 p^2 operations.
///
/// A neuron is centered as n z - sum(z), z its differences from its first entry: whole numbers stay
/// whole.
///
/// # Errors
/// [`Undefined::ZeroExample`] for an example within rounding of the mean.
pub(super) fn centered_cosine(x: &DMatrix<f64>) -> Result<DMatrix<f64>, Undefined> {
    let (n, raised) = (x.nrows() as f64, Scaled::raised(x).matrix);
    let from_first = DMatrix::from_fn(x.nrows(), x.ncols(), |i, j| raised[(i, j)] - raised[(0, j)]);
    let mut centered = Scaled { matrix: from_first, exponent: 0 }.resized(0).matrix;
    for mut neuron in centered.column_iter_mut() {
        let total = neuron.sum();
        neuron.iter_mut().for_each(|entry| *entry = n * *entry - total);
    }
    let blur = 8.0 * f64::EPSILON * centered.column_iter().map(|neuron| neuron.amax().powi(2)).sum::<f64>().sqrt();
    if centered.row_iter().any(|example| example.norm() <= blur) {
        return Err(Undefined::ZeroExample);
    }
    let example = |i: usize| Scaled { matrix: centered.rows(i, 1).transpose(), exponent: 0 }.resized(0).matrix;
    one_minus_cosines(&(0..x.nrows()).map(example).collect::<Vec<_>>()).ok_or(Undefined::ZeroExample)
}

/// 1 - Pearson's correlation of the examples over the neurons, in up to n^2 p^2 operations.
///
/// An example is centered as p z - sum(z), z its differences from its first entry: whole numbers
/// stay whole.
///
/// # Errors
/// [`Undefined::ConstantExample`].
pub(super) fn correlation(x: &DMatrix<f64>) -> Result<DMatrix<f64>, Undefined> {
    let example = |i: usize| {
        let raised = Scaled::raised(&x.rows(i, 1).transpose()).matrix;
        let from_first = Scaled { matrix: raised.add_scalar(-raised[0]), exponent: 0 }.resized(0).matrix;
        let total = from_first.sum();
        (from_first * x.ncols() as f64).add_scalar(-total)
    };
    one_minus_cosines(&(0..x.nrows()).map(example).collect::<Vec<_>>()).ok_or(Undefined::ConstantExample)
}

/// What rounding leaves of a dissimilarity of n x p entries, as a share of it.
pub(super) fn rounding(x: &DMatrix<f64>) -> f64 {
    (8.0 * (x.nrows().max(x.ncols()) as f64).sqrt() + 32.0) * f64::EPSILON
}

/// The places of numbers in ascending order, equal where numbers differ by no more than a share
/// `rounding` of themselves: ties of exact arithmetic that rounding has broken are ties again.
pub(super) fn levels(numbers: &[f64], rounding: f64) -> Vec<usize> {
    let mut order: Vec<usize> = (0..numbers.len()).collect();
    order.sort_by(|a, b| numbers[*a].total_cmp(&numbers[*b]));
    let mut levels = vec![0; numbers.len()];
    for pair in order.windows(2) {
        let (before, number) = (numbers[pair[0]], numbers[pair[1]]);
        levels[pair[1]] = levels[pair[0]] + usize::from(number - before > rounding * number);
    }
    levels
}

/// 1 - cosine of all pairs of vectors; none where a vector is zero.
fn one_minus_cosines(vectors: &[DMatrix<f64>]) -> Option<DMatrix<f64>> {
    let n = vectors.len();
    let above = |i: usize, k: usize| if i < k { one_minus_cosine(vectors[i].as_slice(), vectors[k].as_slice()) } else { 0.0 };
    vectors.iter().all(|vector| vector.amax() > 0.0).then(|| {
        let half = DMatrix::from_fn(n, n, above);
        &half + half.transpose()
    })
}

/// 1 - cos, for an angle below 60 degrees as sin^2 / (1 + cos), which keeps its digits near 0.
///
/// sin^2 |a|^2 |b|^2 is the sum of the squared minors of \[a b\] (Lagrange's identity), in p^2
/// operations. Of many neurons it is half the squared distance of the unit vectors instead, which
/// may break exact ties.
fn one_minus_cosine(a: &[f64], b: &[f64]) -> f64 {
    /// Beyond, minors take too long.
    const MANY: usize = 128;
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    let (of_a, of_b, product) = (dot(a, a), dot(b, b), dot(a, b));
    let squares = of_a * of_b;
    let cos = (product * product / squares).sqrt();
    if product <= 0.0 {
        return 1.0 + cos;
    }
    if cos <= 0.5 {
        return 1.0 - cos;
    }
    if a.len() > MANY {
        let (a_norm, b_norm) = (of_a.sqrt(), of_b.sqrt());
        return a.iter().zip(b).map(|(a, b)| (a / a_norm - b / b_norm).powi(2)).sum::<f64>() / 2.0;
    }
    let squared_minor = |k: usize, l: usize| minor(a[k], b[l], a[l], b[k]).powi(2);
    let squared_sine = (0..a.len()).map(|l| (0..l).map(|k| squared_minor(k, l)).sum::<f64>()).sum::<f64>() / squares;
    squared_sine / (1.0 + cos)
}

/// a b - c d with the rounding of both products made good (Dekker 1971).
fn minor(a: f64, b: f64, c: f64, d: f64) -> f64 {
    let (first, second) = (a * b, c * d);
    (first - second) + (a.mul_add(b, -first) - c.mul_add(d, -second))
}

#[cfg(test)]
#[path = "dissimilarities_tests.rs"]
mod tests;

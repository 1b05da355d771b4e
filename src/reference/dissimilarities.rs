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
mod tests {
    use super::*;

    /// Whole numbers without structure between -9 and 9.
    fn whole(n: usize, p: usize) -> DMatrix<f64> {
        DMatrix::from_fn(n, p, |i, j| (((i + 1) * (j + 7) * 31 + i * i * 13 + j * j * 5) % 19) as f64 - 9.0)
    }

    /// 1 - cos of whole vectors from sin^2 as a quotient of whole numbers.
    fn exact(a: &[i128], b: &[i128]) -> f64 {
        let dot = |a: &[i128], b: &[i128]| a.iter().zip(b).map(|(a, b)| a * b).sum::<i128>();
        let (squares, product) = (dot(a, a) * dot(b, b), dot(a, b));
        let cos = (product as f64).abs() / (squares as f64).sqrt();
        if product > 0 { (squares - product * product) as f64 / squares as f64 / (1.0 + cos) } else { 1.0 + cos }
    }

    fn assert_cosines_of(x: &DMatrix<f64>) {
        let rows: Vec<Vec<i128>> = x.row_iter().map(|row| row.iter().map(|entry| *entry as i128).collect()).collect();
        let got = cosine(x).unwrap();
        for (i, k) in (0..x.nrows()).flat_map(|i| (0..i).map(move |k| (i, k))) {
            let want = exact(&rows[i], &rows[k]);
            assert!((got[(i, k)] - want).abs() <= 1e-15 * want, "{:e} instead of {want:e}", got[(i, k)]);
        }
    }

    #[test]
    fn small_angles_keep_their_digits() {
        assert_cosines_of(&whole(9, 4));
        assert_cosines_of(&whole(9, 4).add_scalar(1e8));
        let near = DMatrix::from_row_slice(2, 2, &[1.0, 0.0, 1.0, ldexp(1.0, -200)]);
        assert_eq!(cosine(&near).unwrap()[(0, 1)], ldexp(1.0, -401));
    }

    #[test]
    fn multiples_tie_exactly() {
        let x = DMatrix::from_row_slice(4, 3, &[1.0, 2.0, 2.0, 3.0, 6.0, 6.0, -7.0, -14.0, -14.0, 1.0, 1.0, 0.0]);
        let got = cosine(&x).unwrap();
        assert_eq!((got[(0, 1)], got[(0, 2)], got[(1, 1)]), (0.0, 2.0, 0.0));
        assert_eq!(got[(0, 3)], got[(1, 3)]);
        let of_pairs = correlation(&DMatrix::from_row_slice(3, 2, &[0.1, 0.3, 0.7, 7.7, 0.3, 0.1])).unwrap();
        assert_eq!((of_pairs[(0, 1)], of_pairs[(0, 2)]), (0.0, 2.0));
    }

    #[test]
    fn a_correlation_does_not_see_the_mean_of_an_example() {
        let x = whole(6, 5);
        let moved = DMatrix::from_fn(6, 5, |i, j| x[(i, j)] + 1e8 * i as f64);
        assert_eq!(correlation(&x), correlation(&moved));
        assert_eq!(correlation(&x.resize(6, 6, 1.0).columns(5, 1).into_owned()), Err(Undefined::ConstantExample));
    }

    #[test]
    fn distances_of_whole_numbers_are_correctly_rounded() {
        let (got, exponent) = euclidean(&DMatrix::from_row_slice(3, 3, &[0.0, 0.0, 0.0, 2.0, 11.0, 10.0, 15.0, 0.0, 0.0]));
        assert_eq!((ldexp(got[(0, 1)], exponent), ldexp(got[(0, 2)], exponent)), (15.0, 15.0));
        let x = whole(7, 3);
        for k in [-1060, -500, 500, 1018] {
            let (scaled, exponent) = euclidean(&x.map(|entry| ldexp(entry, k)));
            let (plain, unit) = euclidean(&x);
            assert_eq!(scaled.map(|d| ldexp(d, exponent - unit - k)), plain, "2^{k}");
        }
    }
}

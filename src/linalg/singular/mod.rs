//! The singular values of a matrix, without vectors: to a band by products of blocks, from there to
//! two diagonals by reflections that stay in the cache, and then by counting; their sum by an
//! integral.
//!
//! To two diagonals directly, half of the work is products of the matrix with a vector, which read
//! all of it for every column: these run at the memory's speed.

mod band;
mod bidiagonal;
mod counting;
mod nuclear;

use faer::MatRef;

use crate::arrays::scale::{exponent, factors, largest_magnitude};

/// The min(m, n) singular values of an m x n matrix, descending, each to a few eps of the largest.
/// Bits do not depend on the number of threads.
pub(crate) fn singular_values(matrix: MatRef<'_, f64>) -> Vec<f64> {
    match bidiagonal(matrix) {
        Some(((diagonal, above), (a, b))) => counting::singular_values(&diagonal, &above).into_iter().map(|value| value * a * b).collect(),
        None => vec![0.0; matrix.nrows().min(matrix.ncols())],
    }
}

/// Their sum, to a few eps times the square root of their number, without the values. Bits do not
/// depend on the number of threads.
pub(crate) fn nuclear_norm(matrix: MatRef<'_, f64>) -> f64 {
    bidiagonal(matrix).map_or(0.0, |((diagonal, above), (a, b))| nuclear::nuclear_norm(&diagonal, &above) * a * b)
}

/// What a bidiagonal matrix has on and above its diagonal.
type Bidiagonal = (Vec<f64>, Vec<f64>);

/// A bidiagonal matrix with the singular values of this one but for two factors; none for a matrix
/// of zeros.
fn bidiagonal(matrix: MatRef<'_, f64>) -> Option<(Bidiagonal, (f64, f64))> {
    let largest = largest_magnitude(matrix);
    if largest == 0.0 {
        return None;
    }
    // The largest entry comes to lie between 1/2 and 1: squares neither overflow, nor vanish where
    // they matter.
    let exponent = exponent(largest);
    let tall = if matrix.nrows() < matrix.ncols() { matrix.transpose() } else { matrix };
    Some((band::of(tall, factors(-exponent)).into_bidiagonal(), factors(exponent)))
}

#[cfg(test)]
mod tests {
    use faer::Mat;
    use rand::SeedableRng;
    use rand_distr::{Distribution, StandardNormal};

    use super::*;
    use crate::linalg::decomposition::thin_svd;
    use crate::tolerance::{EPS, nothing};

    fn normal(rows: usize, columns: usize) -> Mat<f64> {
        let mut generator = rand_chacha::ChaCha8Rng::seed_from_u64((rows * 1000 + columns) as u64);
        Mat::from_fn(rows, columns, |_, _| StandardNormal.sample(&mut generator))
    }

    /// A 128 x 128 matrix with these singular values, exactly: between two Hadamard matrices, whose
    /// entries are 1 and -1; sums of 128 values must be exact.
    fn with_values(values: &[f64; 128]) -> Mat<f64> {
        let sign = |row: usize, column: usize| if (row & column).count_ones().is_multiple_of(2) { 1.0 } else { -1.0 };
        // The rows of one in another order, or the matrix would be symmetric.
        Mat::from_fn(128, 128, |row, column| {
            (0..128).map(|k| sign(row, (k * 45 + 7) % 128) * values[k] * sign(column, k)).sum::<f64>() / 128.0
        })
    }

    fn check(matrix: MatRef<'_, f64>, expected: &[f64], bound: f64, what: &str) {
        let bound = bound * expected[0];
        let found = singular_values(matrix);
        assert_eq!(found.len(), expected.len(), "{what}");
        let (sum, exact) = (nuclear_norm(matrix), expected.iter().sum::<f64>());
        assert!((sum - exact).abs() <= bound * (expected.len() as f64).sqrt(), "{what}: {sum:e}, {exact:e}");
        for (place, (found, expected)) in found.iter().zip(expected).enumerate() {
            assert!((found - expected).abs() <= bound, "{what}, value {place}: {found:e}, {expected:e}, bound {bound:e}");
        }
    }

    #[test]
    fn the_values_are_those_of_the_decomposition_with_vectors() {
        for (rows, columns) in [
            (1, 1),
            (2, 1),
            (1, 5),
            (2, 2),
            (3, 3),
            (31, 31),
            (32, 32),
            (33, 33),
            (64, 64),
            (65, 40),
            (40, 65),
            (97, 97),
            (300, 129),
            (33, 200),
        ] {
            let matrix = normal(rows, columns);
            // Both err.
            let bound = 2.0 * nothing(rows, columns);
            check(matrix.as_ref(), &thin_svd(matrix.as_ref()).unwrap().values, bound, &format!("{rows} x {columns}"));
        }
    }

    #[test]
    fn known_values_come_out() {
        let of = |value: fn(usize) -> f64| std::array::from_fn(value);
        let cases = [
            ("equal", of(|_| 0.75)),
            ("two of them", of(|i| if i < 50 { 1.0 } else { 0.5 })),
            ("linear", of(|i| 1.0 - i as f64 / 128.0)),
            ("graded", of(|i| 0.5f64.powi(i as i32 / 3))),
            ("rank 3", of(|i| if i < 3 { 1.0 } else { 0.0 })),
            ("close together", of(|i| 1.0 - i as f64 * 2f64.powi(-40))),
        ];
        for (what, values) in cases {
            check(with_values(&values).as_ref(), &values, 2.0 * 128f64.sqrt() * EPS, what);
        }
    }

    #[test]
    fn zeros_and_extreme_scales() {
        assert_eq!(singular_values(Mat::zeros(40, 70).as_ref()), vec![0.0; 40]);
        assert_eq!(nuclear_norm(Mat::zeros(40, 70).as_ref()), 0.0);
        let plain = normal(70, 40);
        let values = singular_values(plain.as_ref());
        for power in [-1000i64, -530, 500, 990] {
            let (a, b) = factors(power);
            let scaled = Mat::from_fn(70, 40, |row, column| plain[(row, column)] * a * b);
            let expected: Vec<f64> = values.iter().map(|value| value * a * b).collect();
            assert_eq!(singular_values(scaled.as_ref()), expected, "2^{power}");
            assert_eq!(nuclear_norm(scaled.as_ref()), nuclear_norm(plain.as_ref()) * a * b, "2^{power}");
        }
        // A diagonal matrix is one already.
        let diagonal = Mat::from_fn(90, 90, |row, column| if row == column { 1.0 + (row * 7 % 90) as f64 } else { 0.0 });
        check(diagonal.as_ref(), &(0..90).map(|i| 90.0 - i as f64).collect::<Vec<_>>(), EPS, "diagonal");
    }

    #[test]
    fn threads_change_no_bit() {
        // The second one is that of a layer beside one much wider.
        for matrix in [normal(700, 600), normal(16_384, 64)] {
            let of = |threads| {
                let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
                pool.install(|| (singular_values(matrix.as_ref()), nuclear_norm(matrix.as_ref())))
            };
            let one = of(1);
            assert!(one == of(2) && one == of(3) && one == of(5), "{:?}", matrix.shape());
        }
    }
}

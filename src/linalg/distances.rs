//! Euclidean distances between examples, and their medians.

use faer::Mat;
use rayon::prelude::*;

use crate::linalg::features::Features;
use crate::linalg::product::{scaled_copy, self_product, slice};
use crate::linalg::sums::squared_difference;

/// |x_i|^2 + |x_j|^2 - 2 x_i.x_j has lost digits when it is less than this share of |x_i|^2 + |x_j|^2: such a distance is computed again from
/// the differences.
const CANCELLED: f64 = 0.25;

/// The squared distances between examples of the scaled features: the lower triangle of an n x n matrix with a zero diagonal.
pub(crate) fn squared_distances(features: &Features) -> Mat<f64> {
    let norms = features.row_squared_norms();
    let mut distances = self_product(features.matrix().transpose());
    // One example a column, so that a difference runs over contiguous values.
    let examples = scaled_copy(features.matrix().transpose(), 1.0, 1.0);
    distances.as_mut().par_col_iter_mut().enumerate().for_each(|(j, column)| {
        let column = column.try_as_col_major_mut().expect("an owned matrix is column-major").as_slice_mut();
        column[j] = 0.0;
        for i in j + 1..column.len() {
            let both = norms[i] + norms[j];
            let expanded = both - 2.0 * column[i];
            column[i] = if expanded > CANCELLED * both {
                expanded
            } else {
                squared_difference(slice(examples.as_ref(), i), slice(examples.as_ref(), j))
            };
        }
    });
    distances
}

/// The n(n-1)/2 entries below the diagonal.
fn below_diagonal(lower: &Mat<f64>) -> Vec<f64> {
    (0..lower.ncols()).flat_map(|j| lower.col_as_slice(j)[j + 1..].iter().copied()).collect()
}

/// The two middle values of a list (the same one twice when its length is odd).
fn middle(values: &mut [f64]) -> (f64, f64) {
    let upper = values.len() / 2;
    let odd = values.len() % 2 == 1;
    let (below, middle, _) = values.select_nth_unstable_by(upper, f64::total_cmp);
    let middle = *middle;
    let lower = if odd { middle } else { below.iter().copied().max_by(f64::total_cmp).unwrap_or(middle) };
    (lower, middle)
}

/// The two middle distances i < j.
pub(crate) fn middle_distances(squared: &Mat<f64>) -> (f64, f64) {
    let (lower, upper) = middle(&mut below_diagonal(squared));
    (lower.sqrt(), upper.sqrt())
}

/// The median of all n^2 squared distances, the zero diagonal included.
pub(crate) fn median_of_all_squared(squared: &Mat<f64>) -> f64 {
    let pairs = below_diagonal(squared);
    let mut all = vec![0.0; squared.ncols()];
    all.extend_from_slice(&pairs);
    all.extend_from_slice(&pairs);
    let (lower, upper) = middle(&mut all);
    f64::midpoint(lower, upper)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_examples_keep_their_distance() {
        // Two examples 2^-30 apart, far from the mean: the expanded form would give 0 or noise.
        let delta = 2f64.powi(-30);
        let x = Mat::from_fn(4, 2, |row, column| match (row, column) {
            (0, _) => 1.0,
            (1, 0) => 1.0 + delta,
            (1, _) => 1.0,
            (2, _) => -1.0,
            _ => -1.0 + 0.5 * column as f64,
        });
        let features = Features::new(x.as_ref(), true);
        let scale = 2f64.powi(-2 * features.exponent() as i32);
        let got = squared_distances(&features)[(1, 0)];
        assert!((got / (delta * delta * scale) - 1.0).abs() < 1e-6, "{got:e}");
    }

    #[test]
    fn medians_by_hand() {
        // Points 0, 1, 3, 7 on a line: distances 1 3 7 2 6 4, sorted 1 2 3 4 6 7.
        let x = Mat::from_fn(4, 1, |row, _| [0.0, 1.0, 3.0, 7.0][row]);
        let features = Features::new(x.as_ref(), true);
        let unit = 2f64.powi(features.exponent() as i32);
        let squared = squared_distances(&features);
        let (lower, upper) = middle_distances(&squared);
        assert!((lower * unit - 3.0).abs() < 1e-14 && (upper * unit - 4.0).abs() < 1e-14);
        // All 16 squared: 0 x4, 1 1 4 4 9 9 16 16 36 36 49 49: the middle two are 4 and 9.
        assert!((median_of_all_squared(&squared) * unit * unit - 6.5).abs() < 1e-14);
    }
}

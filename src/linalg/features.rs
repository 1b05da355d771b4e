//! The features of one representation, scaled by a power of two, and what follows from them alone.

use std::sync::OnceLock;

use faer::{Mat, MatRef};
use rayon::prelude::*;

use crate::error::Error;
use crate::linalg::decomposition::{self, Decomposition};
use crate::linalg::product;
use crate::linalg::scale::{exponent, factors};
use crate::linalg::sums::{sum, sum_of_squares};

/// An n x p matrix, centered or not, times a power of two such that its largest entry is in [1/2, 1); and, each computed once and when
/// first asked for, the quantities that measures share.
#[derive(Debug)]
pub struct Features {
    matrix: Mat<f64>,
    exponent: i64,
    available: usize,
    squared_norm: OnceLock<f64>,
    row_squared_norms: OnceLock<Vec<f64>>,
    self_product_squared_norm: OnceLock<f64>,
    decomposition: OnceLock<Result<Decomposition, Error>>,
}

/// The value of a cell, computed outside its lock: a computation that runs in parallel must not hold a lock that another
/// of its own threads may ask for. Two threads may then compute the same value; they compute the same bits.
pub(crate) fn once<T>(cell: &OnceLock<T>, compute: impl FnOnce() -> T) -> &T {
    if let Some(value) = cell.get() {
        return value;
    }
    let value = compute();
    cell.get_or_init(|| value)
}

impl Features {
    /// Copies a view, scaled by a power of two, and centers its columns if asked to.
    ///
    /// A column is centered twice: the mean of what the first subtraction left is subtracted too, so that the result is accurate relative to
    /// the *centered* entries whatever the offset. A constant column becomes exactly 0.
    pub(crate) fn new(view: MatRef<'_, f64>, center: bool) -> Self {
        let (n, p) = view.shape();
        let largest = product::largest_entry(view);
        let outer = exponent(largest);
        let (a, b) = factors(-outer);
        let mut matrix = product::scaled_copy(view, a, b);
        if center {
            columns(&mut matrix).for_each(center_column);
        }
        let inner = exponent(product::largest_entry(matrix.as_ref()));
        let (a, b) = factors(-inner);
        if inner != 0 {
            columns(&mut matrix).for_each(|column| column.iter_mut().for_each(|value| *value *= a * b));
        }
        debug_assert_eq!(matrix.shape(), (n, p));
        Self {
            matrix,
            exponent: outer + inner,
            available: if center { n - 1 } else { n },
            squared_norm: OnceLock::new(),
            row_squared_norms: OnceLock::new(),
            self_product_squared_norm: OnceLock::new(),
            decomposition: OnceLock::new(),
        }
    }

    /// The scaled features, n x p: the features are this times 2^exponent.
    pub fn matrix(&self) -> MatRef<'_, f64> {
        self.matrix.as_ref()
    }

    /// One neuron over all examples.
    pub(crate) fn column(&self, column: usize) -> &[f64] {
        self.matrix.col_as_slice(column)
    }

    /// The power of two that was taken out.
    pub fn exponent(&self) -> i64 {
        self.exponent
    }

    /// The dimensions that n examples offer: n - 1 when centered, n when not.
    pub fn available(&self) -> usize {
        self.available
    }

    /// Number of examples.
    pub fn n(&self) -> usize {
        self.matrix.nrows()
    }

    /// Number of neurons.
    pub fn p(&self) -> usize {
        self.matrix.ncols()
    }

    /// True when every entry is 0: after centering, a constant representation.
    pub fn is_zero(&self) -> bool {
        self.squared_norm() == 0.0
    }

    /// |X|_F^2 of the scaled features.
    pub fn squared_norm(&self) -> f64 {
        *once(&self.squared_norm, || {
            let columns: Vec<f64> = (0..self.p()).into_par_iter().map(|column| sum_of_squares(self.column(column))).collect();
            sum(&columns)
        })
    }

    /// The squared norm of each row of the scaled features.
    pub fn row_squared_norms(&self) -> &[f64] {
        once::<Vec<f64>>(&self.row_squared_norms, || product::row_squared_norms(self.matrix()))
    }

    /// |X'X|_F^2 of the scaled features, from the p x p product.
    pub fn self_product_squared_norm(&self) -> f64 {
        *once(&self.self_product_squared_norm, || product::symmetric_squared_norm(product::self_product(self.matrix()).as_ref()))
    }

    /// The singular value decomposition, truncated to the numerical rank.
    ///
    /// # Errors
    /// [`Error::NoConvergence`].
    pub fn decomposition(&self) -> Result<&Decomposition, Error> {
        once(&self.decomposition, || decomposition::decompose(self.matrix(), self.available)).as_ref().map_err(Clone::clone)
    }
}

fn columns(matrix: &mut Mat<f64>) -> impl ParallelIterator<Item = &mut [f64]> {
    matrix.as_mut().par_col_iter_mut().map(|column| column.try_as_col_major_mut().expect("an owned matrix is column-major").as_slice_mut())
}

fn center_column(column: &mut [f64]) {
    let first = column[0];
    if column.iter().all(|&value| value == first) {
        // The mean of equal numbers may differ from them by rounding; what is constant must come out as exactly 0.
        column.fill(0.0);
        return;
    }
    for _ in 0..2 {
        let mean = sum(column) / column.len() as f64;
        column.iter_mut().for_each(|value| *value -= mean);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn centering_keeps_the_digits_of_a_large_offset() {
        // Entries k - 2 around a mean of 2^40 + 2: exact in f64, so the centered matrix must be exact up to its power of two.
        let view = Mat::from_fn(5, 1, |row, _| (1u64 << 40) as f64 + row as f64);
        let features = Features::new(view.as_ref(), true);
        assert_eq!(features.column(0), [-0.5, -0.25, 0.0, 0.25, 0.5]);
        assert_eq!(features.exponent(), 2);
    }

    #[test]
    fn constants_become_exact_zeros() {
        let features = Features::new(Mat::from_fn(7, 2, |_, column| 0.1 + column as f64).as_ref(), true);
        assert!(features.is_zero());
        assert_eq!(features.decomposition().unwrap().rank(), 0);
    }

    #[test]
    fn extreme_scales_come_to_the_same_bits() {
        let base = Mat::from_fn(6, 3, |row, column| ((row * 7 + column * 5) % 11) as f64 + 0.3);
        let plain = Features::new(base.as_ref(), true);
        for e in [-1000i64, -500, 900] {
            let (a, b) = factors(e);
            let scaled = Features::new(Mat::from_fn(6, 3, |row, column| base[(row, column)] * a * b).as_ref(), true);
            assert_eq!(scaled.matrix(), plain.matrix());
            assert_eq!(scaled.exponent(), plain.exponent() + e);
        }
    }
}

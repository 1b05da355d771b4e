//! Features of which a factor is known instead of the examples.

use faer::{Mat, MatRef};

use crate::linalg::features::Features;

impl Features {
    /// The features of n examples, of which F with F'F = X'X is given, times 2^exponent: whatever
    /// follows from inner products between neurons is the same. F may have fewer rows than there
    /// are examples.
    pub(crate) fn of_factor(factor: MatRef<'_, f64>, exponent: i64, n: usize, is_centered: bool) -> Self {
        let largest = factor.col_iter().map(|column| column.norm_max()).fold(0.0, f64::max);
        let mut features = Self::of(factor, largest, false);
        features.shape = (n, factor.ncols());
        features.available = if is_centered { n - 1 } else { n };
        features.exponent += exponent;
        features
    }
}

/// F with a row more: with sqrt(n) times the mean, that of the features as they are from that of
/// the centered ones.
pub(crate) fn with_row(factor: MatRef<'_, f64>, row: &[f64]) -> Mat<f64> {
    Mat::from_fn(factor.nrows() + 1, factor.ncols(), |at, column| if at == factor.nrows() { row[column] } else { factor[(at, column)] })
}

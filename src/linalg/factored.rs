//! Features of which something else is known than the examples: a factor, or inner products.

use std::sync::OnceLock;

use faer::{Mat, MatRef};

use crate::arrays::column_stats::{largest_and_hash, mixed};
use crate::arrays::gram::Gram;
use crate::arrays::scale::{exponent, factors, largest_magnitude};
use crate::arrays::sums::{sum, sum_of_squares};
use crate::linalg::features::Features;
use crate::linalg::wide::Neurons;

impl Features {
    /// The features of n examples, of which F with F'F = X'X is given, times 2^exponent: whatever
    /// follows from inner products between neurons is the same. F may have fewer rows than there
    /// are examples.
    pub(crate) fn of_factor(factor: MatRef<'_, f64>, exponent: i64, n: usize, is_centered: bool) -> Self {
        let mut features = Self::of(factor, largest_magnitude(factor), false);
        features.shape = (n, factor.ncols());
        features.available = if is_centered { n - 1 } else { n };
        features.exponent += exponent;
        features
    }
}

impl Features {
    /// The features of n examples of which the inner products are given, centered or not: what
    /// follows from these alone.
    pub(crate) fn of_gram(entries: MatRef<'_, f64>, largest: f64) -> Self {
        let n = entries.nrows();
        // An even power of two: the features have half of it.
        let outer = exponent(largest).div_euclid(2);
        let gram = Gram::of_entries(entries, -2 * outer);
        let columns: Vec<Vec<f64>> = (0..n).map(|column| gram.column(column)).collect();
        let hash = columns.iter().fold(0, |hash, column| mixed(hash ^ largest_and_hash(column).1));
        // tr(H K H), whether or not K is centered.
        let total = sum(&columns.iter().map(|column| sum(column)).collect::<Vec<_>>());
        let squared_norm = (sum(&gram.diagonal()) - total / n as f64).max(0.0);
        let norm = sum(&columns.iter().map(|column| sum_of_squares(column)).collect::<Vec<_>>()).sqrt();
        let mut features = Self::with((n, n), true, outer, (1.0, squared_norm));
        features.fingerprint = hash.into();
        features.neurons = Neurons::Unknown;
        features.gram = OnceLock::from(gram);
        features.given_error = norm;
        features
    }

    /// The features of n examples of which dissimilarities D are given: these, and -D^2 / 2 as the
    /// inner products, which they are but for centering where D are Euclidean distances (Torgerson
    /// 1952).
    pub(crate) fn of_dissimilarities(entries: MatRef<'_, f64>, largest: f64) -> Self {
        let exponent = exponent(largest);
        let (a, b) = factors(-exponent);
        let n = entries.nrows();
        let products = Mat::from_fn(n, n, |row, column| -0.5 * (entries[(row, column)] * a * b).powi(2));
        let mut features = Self::of_gram(products.as_ref(), largest_magnitude(products.as_ref()));
        // Of the units of the products' root to those of the features.
        features.dissimilarities = Some(Gram::of_entries(entries, -exponent - features.exponent));
        features.exponent += exponent;
        features
    }

    /// Dissimilarities that were given instead of examples, scaled as the features are.
    pub(crate) fn dissimilarities(&self) -> Option<&Gram> {
        self.dissimilarities.as_ref()
    }
}

/// F with a row more: with sqrt(n) times the mean, that of the features as they are from that of
/// the centered ones.
pub(crate) fn with_row(factor: MatRef<'_, f64>, row: &[f64]) -> Mat<f64> {
    Mat::from_fn(factor.nrows() + 1, factor.ncols(), |at, column| if at == factor.nrows() { row[column] } else { factor[(at, column)] })
}

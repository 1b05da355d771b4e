//! Symmetric matrices between examples, and values that are inner products of two of them: what a
//! permutation of the examples of one side changes, and nothing else.

use std::any::Any;
use std::sync::{Arc, OnceLock};

use faer::{Mat, MatRef};

use crate::arrays::product::{self_product, squared_norm, symmetric_squared_norm};
use crate::error::Error;
use crate::linalg::features::once;
use crate::prepared::artifacts::Artifacts;
use crate::tolerance::rounding;

/// A symmetric n x n matrix between examples: F F' of a factor F with n rows, or its entries.
///
/// It is this times 2^exponent, where a kernel matrix was scaled.
#[derive(Debug)]
pub struct ExampleMatrix {
    factor: Option<Mat<f64>>,
    entries: OnceLock<Mat<f64>>,
    squared_norm: OnceLock<f64>,
    error: f64,
    exponent: i64,
    artifacts: Artifacts,
}

impl ExampleMatrix {
    /// F F', off by c(n, p) eps `error` at most in the Frobenius norm.
    pub fn from_factor(factor: Mat<f64>, error: f64) -> Self {
        Self::new(Some(factor), OnceLock::new(), error)
    }

    /// The symmetric matrix of these entries, off by c(n, p) eps `error` at most in the Frobenius
    /// norm.
    pub fn from_entries(entries: Mat<f64>, error: f64) -> Self {
        Self::new(None, OnceLock::from(entries), error)
    }

    fn new(factor: Option<Mat<f64>>, entries: OnceLock<Mat<f64>>, error: f64) -> Self {
        Self { factor, entries, squared_norm: OnceLock::new(), error, exponent: 0, artifacts: Artifacts::default() }
    }

    /// The same matrix times 2^exponent.
    pub(crate) fn with_exponent(mut self, exponent: i64) -> Self {
        self.exponent = exponent;
        self
    }

    /// Number of examples.
    pub fn n(&self) -> usize {
        self.factor().map_or_else(|| self.entries().nrows(), |factor| factor.nrows())
    }

    /// F, where the matrix was given as F F'.
    pub fn factor(&self) -> Option<MatRef<'_, f64>> {
        self.factor.as_ref().map(Mat::as_ref)
    }

    /// All n^2 entries, both triangles; of F F' computed when first asked for, and kept.
    pub fn entries(&self) -> MatRef<'_, f64> {
        let compute = || {
            let factor = self.factor().expect("given by a factor or by its entries");
            let lower = self_product(factor.transpose().to_owned().as_ref());
            let lower = lower.as_ref();
            Mat::from_fn(lower.nrows(), lower.nrows(), |i, j| lower[(i.max(j), i.min(j))])
        };
        once::<Mat<f64>>(&self.entries, compute).as_ref()
    }

    /// The Frobenius norm.
    pub fn norm(&self) -> f64 {
        let compute = || match self.factor() {
            Some(factor) if factor.ncols() <= factor.nrows() => symmetric_squared_norm(self_product(factor).as_ref()),
            _ => squared_norm(self.entries()),
        };
        once(&self.squared_norm, compute).sqrt()
    }

    /// What the matrix is off by at most in the Frobenius norm, over c(n, p) eps.
    pub fn error(&self) -> f64 {
        self.error
    }

    /// The power of two that was taken out.
    pub fn exponent(&self) -> i64 {
        self.exponent
    }

    /// Returns something that is made of this matrix, as
    /// [`Prepared::artifact`](crate::Prepared::artifact) does of a representation.
    ///
    /// # Errors
    /// Those of the computation.
    pub fn artifact<T: Any + Send + Sync>(&self, key: &str, compute: impl FnOnce() -> Result<T, Error>) -> Result<Arc<T>, Error> {
        self.artifacts.get_or_compute(key, compute)
    }
}

/// factor * <A, B> of a matrix between the examples of X and one between those of Y.
#[derive(Debug, Clone)]
pub struct InnerProduct {
    /// A.
    pub x: Arc<ExampleMatrix>,
    /// B.
    pub y: Arc<ExampleMatrix>,
    /// What a permutation of the examples does not change.
    pub factor: f64,
}

impl InnerProduct {
    /// |factor| (|A| error of B + |B| error of A + |A| |B|): rounding included.
    fn condition(&self) -> f64 {
        let (of_x, of_y) = (self.x.norm(), self.y.norm());
        self.factor.abs() * (of_x * self.y.error() + of_y * self.x.error() + of_x * of_y)
    }
}

/// A value that is a sum of inner products of matrices between examples, or the root of one.
///
/// With the examples of Y in another order it is the same of P B P': so a permutation costs an
/// inner product, and the moments over all permutations follow from sums over the entries.
#[derive(Debug, Clone)]
pub struct InnerProducts {
    terms: Vec<InnerProduct>,
    rooted: bool,
    statistic: Option<Statistic>,
    condition: f64,
}

/// Which function of U-statistics a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Statistic {
    /// <A, B> times what examples do not change.
    Inner,
    /// <A, B> / sqrt(<A, A> <B, B>)
    Cosine,
}

impl InnerProducts {
    /// The sum of these.
    pub fn sum(terms: Vec<InnerProduct>) -> Self {
        let condition = terms.iter().map(InnerProduct::condition).sum();
        Self { terms, rooted: false, statistic: None, condition }
    }

    /// <A, B> / (|A| |B|).
    pub fn cosine(x: Arc<ExampleMatrix>, y: Arc<ExampleMatrix>) -> Self {
        let factor = 1.0 / (x.norm() * y.norm());
        let value = Self::sum(vec![InnerProduct { x, y, factor }]);
        // The norms are off as the product is.
        let condition = 2.0 * value.condition;
        Self { condition, ..value }
    }

    /// The same value, which is <A, B> of two U-centered matrices, each entry a function of its two
    /// examples alone but for terms that U-centering drops: a U-statistic of order 4 (Song et al.
    /// 2012).
    pub fn of_unbiased(self) -> Self {
        Self { statistic: Some(Statistic::Inner), ..self }
    }

    /// The same value, which is the cosine of two such matrices: of three U-statistics.
    pub fn of_unbiased_cosine(self) -> Self {
        Self { statistic: Some(Statistic::Cosine), ..self }
    }

    /// Which function of U-statistics the value is, where it is one.
    pub fn statistic(&self) -> Option<Statistic> {
        self.statistic
    }

    /// The square root of the sum.
    pub fn rooted(self) -> Self {
        Self { rooted: true, ..self }
    }

    /// The same value where it is known to be off by c(n, p) eps times this besides.
    pub fn with_condition(mut self, more: f64) -> Self {
        self.condition += more;
        self
    }

    /// What is summed.
    pub fn terms(&self) -> &[InnerProduct] {
        &self.terms
    }

    /// Whether the value is the root of the sum.
    pub fn is_rooted(&self) -> bool {
        self.rooted
    }

    /// The value of a sum of the terms.
    pub fn value(&self, sum: f64) -> f64 {
        if self.rooted { sum.max(0.0).sqrt() } else { sum }
    }

    /// The bound on the error of a value, of representations of n examples and at most p neurons.
    pub fn error_bound(&self, n: usize, p: usize, value: f64) -> f64 {
        let of_sum = rounding(n, p) * self.condition;
        // |sqrt a - sqrt b| is at most |a - b| / sqrt a, and at most sqrt |a - b|.
        if self.rooted { (of_sum / value).min(of_sum.sqrt()) } else { of_sum }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_factor_and_its_entries_are_one_matrix() {
        let factor = Mat::from_fn(5, 2, |i, j| (i * i) as f64 - 3.0 * j as f64);
        let of_factor = ExampleMatrix::from_factor(factor.clone(), 0.0);
        let of_entries = ExampleMatrix::from_entries(&factor * factor.transpose(), 0.0);
        assert_eq!(of_factor.entries(), of_entries.entries());
        assert_eq!((of_factor.n(), of_entries.n()), (5, 5));
        assert!((of_factor.norm() - of_entries.norm()).abs() < 1e-12 * of_entries.norm());
    }

    #[test]
    fn a_root_near_zero_loses_half_of_its_digits() {
        let matrix = Arc::new(ExampleMatrix::from_entries(Mat::identity(4, 4), 0.0));
        let squared = InnerProducts::cosine(Arc::clone(&matrix), matrix);
        let (of_square, rooted) = (squared.error_bound(4, 4, 0.5), squared.clone().rooted());
        assert_eq!(of_square, 2.0 * rounding(4, 4));
        assert_eq!(rooted.error_bound(4, 4, 0.0), of_square.sqrt());
        assert_eq!(rooted.error_bound(4, 4, 0.5), of_square / 0.5);
        assert_eq!((rooted.value(-1e-18), rooted.value(0.25), squared.value(0.25)), (0.0, 0.5, 0.25));
    }
}

//! Orthonormal bases for products in single precision: solved for in double precision, then rounded.

use faer::MatRef;

use crate::linalg::columns::Columns;
use crate::linalg::product::self_product;
use crate::linalg::single::{cross_product, rounded};
use crate::linalg::whitened::{cholesky, correct, solved, triangle};
use crate::tolerance::{rounding, single_rounding};

/// X = W R as in [`Whitened`](crate::linalg::whitened::Whitened), W rounded to f32.
///
/// X'X and W are computed in f64, so that rounding is not multiplied by the condition: the column space is that of X to eps condition, and what follows from it is off by
/// the rounding of W's entries and of products with them alone.
#[derive(Debug)]
pub(crate) struct SingleBasis {
    matrix: Columns<f32>,
    /// L of W'W = L L'; none where W is as orthonormal as products in f32 can tell.
    lower: Option<Columns<f64>>,
    condition: f64,
}

impl SingleBasis {
    /// None when X, of this |X|_F^2, is too ill conditioned for the Gram matrix, or wider than the `available` dimensions.
    pub(crate) fn new(x: MatRef<'_, f64>, squared_norm: f64, available: usize) -> Option<Self> {
        let (n, p) = x.shape();
        let (first, condition) = triangle(x, squared_norm, available)?;
        let matrix = solved(x, first.as_ref());
        let is_orthonormal = rounding(n, p) * condition * condition <= single_rounding(n);
        let lower = if is_orthonormal { None } else { Some(cholesky(self_product(matrix.as_ref()))?) };
        Some(Self { matrix: rounded(matrix.as_ref()), lower, condition })
    }

    /// The rank, p.
    pub(crate) fn rank(&self) -> usize {
        self.matrix.as_ref().ncols()
    }

    /// |X|_F over the least singular value, or up to twice that.
    pub(crate) fn condition(&self) -> f64 {
        self.condition
    }

    /// Q'A, r x q.
    pub(crate) fn project(&self, a: MatRef<'_, f32>) -> Columns<f64> {
        let mut product = cross_product(self.matrix.as_ref(), a);
        if let Some(lower) = &self.lower {
            correct(lower.as_ref(), product.as_mut());
        }
        product
    }

    /// Q'P, P another basis: r x s.
    pub(crate) fn meet(&self, other: &Self) -> Columns<f64> {
        let mut product = self.project(other.matrix.as_ref());
        if let Some(lower) = &other.lower {
            correct(lower.as_ref(), product.as_mut().transpose_mut());
        }
        product
    }
}

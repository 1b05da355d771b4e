//! Orthonormal bases for products in single precision: solved for in double precision, then
//! rounded.

use faer::MatRef;

use crate::arrays::columns::Columns;
use crate::arrays::product::self_product;
use crate::arrays::single::rounded;
use crate::linalg::basis::Basis;
use crate::linalg::cholesky_qr::{cholesky, solved, solved_and_rounded, triangle};
use crate::tolerance::{rounding, single_rounding};

/// X = W R as in [`CholeskyQr2`](crate::linalg::cholesky_qr::CholeskyQr2), W rounded to f32.
///
/// X'X and W are computed in f64, so that rounding is not multiplied by the condition: the column
/// space is that of X to eps condition, and what follows from it is off by the rounding of W's
/// entries and of products with them alone.
#[derive(Debug)]
pub(crate) struct SingleBasis {
    matrix: Columns<f32>,
    /// L of W'W = L L'; none where W is as orthonormal as products in f32 can tell.
    lower: Option<Columns<f64>>,
    condition: f64,
}

impl SingleBasis {
    /// None when X, of this |X|_F^2, is too ill conditioned for the Gram matrix, or wider than the
    /// `available` dimensions.
    pub(crate) fn new(x: MatRef<'_, f64>, squared_norm: f64, available: usize) -> Option<Self> {
        let (n, p) = x.shape();
        let (first, condition) = triangle(x, squared_norm, available)?;
        let is_orthonormal = rounding(n, p) * condition * condition <= single_rounding(n);
        if is_orthonormal {
            return Some(Self { matrix: solved_and_rounded(x, first.as_ref()), lower: None, condition });
        }
        let matrix = solved(x, first.as_ref());
        let lower = cholesky(self_product(matrix.as_ref()))?;
        Some(Self { matrix: rounded(matrix.as_ref()), lower: Some(lower), condition })
    }

    /// Q = W L'^-1.
    pub(crate) fn basis(&self) -> Basis<'_, f32> {
        Basis::new(self.matrix.as_ref(), self.lower.as_ref().map(Columns::as_ref), self.condition)
    }
}

#[cfg(test)]
#[path = "single_basis_tests.rs"]
mod tests;

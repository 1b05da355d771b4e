//! The sum of canonical correlations of two subspaces, and what it is divided by.

use nalgebra::DMatrix;

use super::{Undefined, jacobi};
use crate::measures::{Divisor, Summary};

/// rho: the sum of the singular values of Q_X' Q_Y (Bjorck and Golub 1973, theorem 1). r2: tr(P_X
/// P_Y) with the projectors P = Q Q'.
pub(super) fn sum(summary: Summary, qx: &DMatrix<f64>, qy: &DMatrix<f64>) -> Result<f64, Undefined> {
    match summary {
        Summary::Rho => Ok(jacobi::svd(&(&qx.transpose() * qy))?.s.iter().sum()),
        Summary::R2 => {
            let (px, py) = (qx * qx.transpose(), qy * qy.transpose());
            Ok(px.dot(&py))
        }
    }
}

/// The divisor, from the widths p1, p2 and the dimensions of the subspaces.
pub(super) fn divisor(divisor: Divisor, p1: usize, p2: usize, qx: &DMatrix<f64>, qy: &DMatrix<f64>) -> f64 {
    let (rx, ry) = (qx.ncols(), qy.ncols());
    match divisor {
        Divisor::MinRank => rx.min(ry) as f64,
        Divisor::MinWidth => p1.min(p2) as f64,
        Divisor::Geometric => ((rx * ry) as f64).sqrt(),
        Divisor::Max => rx.max(ry) as f64,
    }
}

//! The share of variance that a linear regression explains.

use nalgebra::DMatrix;

use super::scale::centered;
use super::{Undefined, jacobi};
use crate::measures::Degenerate;
use crate::measures::linear_regression::{Fit, Options};

/// R^2 = 1 - RSS / TSS: RSS the squared residuals of the least-squares fit of all target neurons,
/// TSS = |target|_F^2 (Kornblith et al. 2019, eq. 5).
///
/// # Errors
/// [`Undefined::Constant`] when either side is; [`Undefined::Degenerate`] when the predictor's rank
/// is n - 1.
pub fn value(options: &Options, x: &DMatrix<f64>, y: &DMatrix<f64>) -> Result<f64, Undefined> {
    let (xc, yc) = (centered(x).matrix, centered(y).matrix);
    if xc.amax() == 0.0 || yc.amax() == 0.0 {
        return Err(Undefined::Constant);
    }
    let r2 = |target: &DMatrix<f64>, predictor: &DMatrix<f64>| {
        let q = jacobi::basis(predictor)?;
        if options.degenerate == Degenerate::Error && q.ncols() == predictor.nrows() - 1 {
            return Err(Undefined::Degenerate);
        }
        // The fitted values are the projection of the target on the predictor's column space.
        let residual = target - &q * (q.transpose() * target);
        Ok(1.0 - residual.norm_squared() / target.norm_squared())
    };
    match options.direction {
        Fit::XFromY => r2(&xc, &yc),
        Fit::YFromX => r2(&yc, &xc),
        Fit::Sum => Ok(r2(&xc, &yc)? + r2(&yc, &xc)?),
    }
}

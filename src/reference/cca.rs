//! Canonical correlation analysis.

use nalgebra::DMatrix;

use super::scale::{Scaled, centered};
use super::{Undefined, correlations, jacobi};
use crate::measures::Degenerate;
use crate::measures::cca::{Center, Options};

/// sum_i rho_i / d or sum_i rho_i^2 / d, rho the cosines of the principal angles between the column
/// spaces of Xc and Yc (Hotelling 1936; Bjorck and Golub 1973; Kornblith et al. 2019, eq. 6 and 7).
///
/// # Errors
/// [`Undefined::Constant`]; [`Undefined::Degenerate`] when a rank fills the space: n - 1, or n when
/// not centered.
pub fn value(options: &Options, x: &DMatrix<f64>, y: &DMatrix<f64>) -> Result<f64, Undefined> {
    let features = |x| match options.center {
        Center::Yes => centered(x).matrix,
        Center::No => Scaled { matrix: x.clone(), exponent: 0 }.resized(0).matrix,
    };
    let (xc, yc) = (features(x), features(y));
    if xc.amax() == 0.0 || yc.amax() == 0.0 {
        return Err(Undefined::Constant);
    }
    let (qx, qy) = (jacobi::basis(&xc)?, jacobi::basis(&yc)?);
    let available = match options.center {
        Center::Yes => x.nrows() - 1,
        Center::No => x.nrows(),
    };
    if options.degenerate == Degenerate::Error && qx.ncols().max(qy.ncols()) >= available {
        return Err(Undefined::Degenerate);
    }
    Ok(correlations::sum(options.summary, &qx, &qy)? / correlations::divisor(options.divisor, x.ncols(), y.ncols(), &qx, &qy))
}

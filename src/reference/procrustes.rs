//! Orthogonal Procrustes.

use nalgebra::DMatrix;

use super::scale::centered;
use super::{Undefined, jacobi};
use crate::measures::procrustes::{Form, Options};

/// s = |A'B|_* with A = Xc / |Xc|_F and B = Yc / |Yc|_F; d = min |A R - B|_F over orthogonal R
/// (Schonemann 1966; Kornblith et al. 2019, appendix D.2; Williams et al. 2021, eq. 5).
///
/// A and B are turned to their principal axes first (a rotation, so that nothing changes): then the
/// product A'B = S_A (U_A'U_B) S_B keeps small directions apart from large ones. With A'B = U D V',
/// the distance is the residual of the partial rotation U V' and what of A it does not reach: d^2 =
/// |A U V' - B|^2 + |A - A U U'|^2 = 2 - 2 s, a sum of squares that keeps its digits near 0.
///
/// # Errors
/// [`Undefined::Constant`].
pub fn value(options: &Options, x: &DMatrix<f64>, y: &DMatrix<f64>) -> Result<f64, Undefined> {
    let (a, b) = (principal_axes(x)?, principal_axes(y)?);
    let product = jacobi::svd(&(a.transpose() * &b))?;
    if options.form == Form::Similarity {
        return Ok(product.s.iter().sum());
    }
    let k = product.s.iter().filter(|s| **s > 0.0).count();
    let v = product.v.columns(0, k);
    let u = DMatrix::from_fn(a.ncols(), k, |i, j| product.us[(i, j)] / product.s[j]);
    let au = &a * &u;
    let d = (&au * v.transpose() - &b).norm().hypot((&a - &au * u.transpose()).norm());
    Ok(match options.form {
        Form::Distance => d,
        Form::Squared => d * d,
        Form::Angle => 2.0 * (d / 2.0).asin(), // cos = 1 - d^2/2, without losing half the digits near 1
        Form::Disparity => d * d * (1.0 - d * d / 4.0),
        Form::Similarity => unreachable!("returned above"),
    })
}

/// U S, n x min(n, p), of the centered representation scaled to unit Frobenius norm.
fn principal_axes(x: &DMatrix<f64>) -> Result<DMatrix<f64>, Undefined> {
    let xc = centered(x).matrix;
    if xc.amax() == 0.0 {
        return Err(Undefined::Constant);
    }
    let (u, s) = jacobi::left(&xc)?;
    let norm = xc.norm();
    Ok(DMatrix::from_fn(u.nrows(), u.ncols(), |i, j| u[(i, j)] * (s[j] / norm)))
}

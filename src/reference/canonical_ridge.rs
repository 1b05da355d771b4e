//! The canonical ridge.

use nalgebra::DMatrix;

use super::scale::{Scaled, centered, ldexp};
use super::{Undefined, jacobi};
use crate::measures::Degenerate;
use crate::measures::canonical_ridge::{Bound, Options, Units};

/// tr[(Xc'Xc + kx I)^-1 Xc'Yc (Yc'Yc + ky I)^-1 Yc'Xc] / bound (Vinod 1976; Kornblith et al. 2019,
/// appendix D.1, eq. 24 to 27).
///
/// With R'R = Xc'Xc + k I and W = Xc R^-1 the trace is |W_X' W_Y|_F^2, and the a_i of the bounds
/// are the eigenvalues of W'W.
///
/// # Errors
/// [`Undefined::Constant`]; [`Undefined::Degenerate`] when a side without regularisation has rank n
/// - 1.
pub fn value(options: &Options, x: &DMatrix<f64>, y: &DMatrix<f64>) -> Result<f64, Undefined> {
    let (xc, yc) = (centered(x), centered(y));
    if xc.matrix.amax() == 0.0 || yc.matrix.amax() == 0.0 {
        return Err(Undefined::Constant);
    }
    let (wx, wy) = (shrunken_basis(options, options.kappa_x, &xc)?, shrunken_basis(options, options.kappa_y, &yc)?);
    let (a, b) = (eigenvalues(&wx), eigenvalues(&wy));
    let m = a.len().min(b.len());
    let length = |values: &[f64]| values.iter().map(|value| value * value).sum::<f64>().sqrt();
    let bound = match options.bound {
        Bound::Trace => a.iter().zip(&b).map(|(a, b)| a * b).sum(),
        Bound::Cauchy => length(&a[..m]) * length(&b[..m]),
        Bound::Separable => length(&a) * length(&b),
    };
    Ok((wx.transpose() * &wy).norm_squared() / bound)
}

/// W = Z R^-1 up to a factor, which the ratio does not see: Z = Xc V, the rotation of Xc that
/// leaves out its null directions, and R from the QR decomposition of Z above sqrt(k) I, which does
/// not square the condition number as Z'Z + k I would.
fn shrunken_basis(options: &Options, kappa: f64, xc: &Scaled) -> Result<DMatrix<f64>, Undefined> {
    let (n, p) = xc.matrix.shape();
    let (u, s) = jacobi::left(&xc.matrix)?;
    let rank = jacobi::rank(&s, n, p);
    if kappa == 0.0 && rank == n - 1 && options.degenerate == Degenerate::Error {
        return Err(Undefined::Degenerate);
    }
    let z = DMatrix::from_fn(n, rank, |i, j| u[(i, j)] * s[j]);
    let (root, inverse_root) = match options.units {
        Units::Absolute => (ldexp(kappa.sqrt(), -xc.exponent), ldexp(1.0 / kappa.sqrt(), xc.exponent)),
        Units::Relative => (kappa.sqrt() * s[0], 1.0 / kappa.sqrt() / s[0]),
    };
    // Both divided by sqrt(k) where k is large, so that nothing overflows.
    let (above, below) = if root > 1.0 { (inverse_root, 1.0) } else { (1.0, root) };
    let stacked = DMatrix::from_fn(n + rank, rank, |i, j| {
        if i < n {
            above * z[(i, j)]
        } else if i - n == j {
            below
        } else {
            0.0
        }
    });
    let r = stacked.qr().unpack_r();
    Ok(r.transpose().solve_lower_triangular(&z.transpose()).expect("R has no zero on its diagonal: Z has full rank").transpose())
}

/// The eigenvalues of W'W, descending.
fn eigenvalues(w: &DMatrix<f64>) -> Vec<f64> {
    let mut values: Vec<f64> = (w.transpose() * w).symmetric_eigenvalues().iter().copied().collect();
    values.sort_by(|a, b| b.total_cmp(a));
    values
}

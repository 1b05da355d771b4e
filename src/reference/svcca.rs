//! Singular vector canonical correlation analysis.

use nalgebra::DMatrix;

use super::scale::centered;
use super::{Undefined, correlations, jacobi};
use crate::measures::Degenerate;
use crate::measures::svcca::Options;

/// CCA of the fewest leading left singular vectors of Xc whose squared singular values hold the
/// threshold's share of |Xc|_F^2, and of those of Yc (Raghu et al. 2017, section 2; Kornblith et
/// al. 2019, Table 1).
///
/// # Errors
/// [`Undefined::Constant`]; [`Undefined::Degenerate`] when the kept dimensions reach n - 1, or the
/// threshold parts equal singular values.
pub fn value(options: &Options, x: &DMatrix<f64>, y: &DMatrix<f64>) -> Result<f64, Undefined> {
    let (ux, uy) = (kept(options, x)?, kept(options, y)?);
    if options.degenerate == Degenerate::Error && ux.ncols().max(uy.ncols()) >= x.nrows() - 1 {
        return Err(Undefined::Degenerate);
    }
    Ok(correlations::sum(options.summary, &ux, &uy)? / correlations::divisor(options.divisor, x.ncols(), y.ncols(), &ux, &uy))
}

/// U T: the kept left singular vectors.
fn kept(options: &Options, x: &DMatrix<f64>) -> Result<DMatrix<f64>, Undefined> {
    let (n, p) = x.shape();
    let xc = centered(x).matrix;
    if xc.amax() == 0.0 {
        return Err(Undefined::Constant);
    }
    let (u, s) = jacobi::left(&xc)?;
    let rank = jacobi::rank(&s, n, p);
    // The fewest k that leave out a share of 1 - threshold at most. One that is met exactly must
    // count as met: 4 n eps of the total are forgiven (but all of the variance, threshold 1, is all
    // of it, however little a direction holds).
    let variance: Vec<f64> = s[..rank].iter().map(|s| s * s).collect();
    let forgiven = if options.threshold == 1.0 { 0.0 } else { 4.0 * n as f64 * f64::EPSILON };
    let left_out = (1.0 - options.threshold + forgiven) * variance.iter().sum::<f64>();
    let mut k = 1;
    while variance[k..].iter().sum::<f64>() > left_out {
        k += 1;
    }
    // Singular values are equal when closer than their error, a modest multiple of eps times the
    // largest.
    let equal = (8.0 * (n.max(p) as f64).sqrt() + 32.0) * f64::EPSILON * s[0];
    while k < rank && s[k - 1] - s[k] <= equal {
        if options.degenerate == Degenerate::Error {
            return Err(Undefined::Degenerate);
        }
        k += 1;
    }
    Ok(u.columns(0, k).into_owned())
}

//! Projection weighted canonical correlation analysis.

use nalgebra::DMatrix;

use super::scale::centered;
use super::{Undefined, jacobi};
use crate::measures::Degenerate;
use crate::measures::pwcca::{Options, Weights};

/// sum_i alpha_i rho_i / sum_i alpha_i, alpha_i = sum_j |<h_i, x_j>|, i = 1 .. min(r_X, r_Y): x_j
/// the centered neurons and h_i the unit canonical variates of the weighting side (Morcos et al.
/// 2018, section 3; Kornblith et al. 2019, eq. 9).
///
/// Where a correlation repeats beside different ones, or is 0 beside directions without a partner,
/// its variates are any rotation of each other; then `degenerate=allow` takes the principal
/// directions of Xc within their span.
///
/// # Errors
/// [`Undefined::Constant`]; [`Undefined::Degenerate`] when a rank is n - 1 or variates are not
/// determined.
pub fn value(options: &Options, x: &DMatrix<f64>, y: &DMatrix<f64>) -> Result<f64, Undefined> {
    let (xc, yc) = (centered(x).matrix, centered(y).matrix);
    if xc.amax() == 0.0 || yc.amax() == 0.0 {
        return Err(Undefined::Constant);
    }
    let (bx, by) = (Basis::new(&xc)?, Basis::new(&yc)?);
    let allow = options.degenerate == Degenerate::Allow;
    if !allow && bx.rank().max(by.rank()) == x.nrows() - 1 {
        return Err(Undefined::Degenerate);
    }
    let by_x = match options.weights {
        Weights::Narrower => bx.rank() <= by.rank(),
        Weights::X => true,
        Weights::Y => false,
    };
    // From here on "a" is the weighting side. The rotations of Q_B' Q_A from the right are
    // complete, so that directions without a partner are there too.
    let (a, b, neurons) = if by_x { (bx, by, xc) } else { (by, bx, yc) };
    let paired = a.rank().min(b.rank());
    let svd = jacobi::svd(&(b.q.transpose() * &a.q))?;
    let rho = |i: usize| if i < paired { svd.s[i] } else { 0.0 };
    let projections = (&a.q * &svd.v).transpose() * &neurons; // row i: <h_i, x_j>
    let error: Vec<f64> = (0..paired)
        .map(|i| {
            let other = svd.us.column(i) / rho(i).max(f64::EPSILON);
            a.sensitivity(svd.v.column(i).as_slice()) + b.sensitivity(other.as_slice())
        })
        .collect();
    let bound = (8.0 * (x.nrows().max(x.ncols()).max(y.ncols()) as f64).sqrt() + 32.0) * f64::EPSILON;
    let equal = |i: usize, j: usize| {
        let error = error[i].max(if j < paired { error[j] } else { error[paired - 1] });
        rho(i) - rho(j) <= (bound * error).min(2f64.powi(-30))
    };

    let (mut weighted, mut total) = (0.0, 0.0);
    let mut first = 0;
    while first < paired {
        let mut end = first + 1; // of the block of equal correlations
        while end < a.rank() && equal(end.min(paired) - 1, end) {
            end += 1;
        }
        if first == 0 && end >= paired {
            return Ok((0..paired).map(rho).sum::<f64>() / paired as f64); // all equal: the weights do not matter
        }
        let block = projections.rows(first, end - first);
        let within = end.min(paired) - first;
        let alphas: Vec<f64> = if end - first == 1 {
            vec![block.iter().map(|projection| projection.abs()).sum()]
        } else if allow {
            let svd = jacobi::svd(&block.transpose())?;
            // Equal singular values leave the principal directions open too.
            if (0..within.min(svd.s.len() - 1)).any(|i| svd.s[i] - svd.s[i + 1] <= bound * a.s[0]) {
                return Err(Undefined::Degenerate);
            }
            let principal = svd.us; // p x block: column i is the i-th principal direction's <h_i, x_j>
            principal.column_iter().take(within).map(|column| column.iter().map(|projection| projection.abs()).sum()).collect()
        } else {
            return Err(Undefined::Degenerate);
        };
        for (i, alpha) in alphas.iter().enumerate() {
            weighted += alpha * rho(first + i);
            total += alpha;
        }
        first = end;
    }
    Ok(weighted / total)
}

/// Xc = Q S V': the left singular vectors and singular values up to the rank.
struct Basis {
    q: DMatrix<f64>,
    s: Vec<f64>,
}

impl Basis {
    fn new(xc: &DMatrix<f64>) -> Result<Basis, Undefined> {
        let (q, mut s) = jacobi::left(xc)?;
        s.truncate(jacobi::rank(&s, xc.nrows(), xc.ncols()));
        Ok(Basis { q: q.columns(0, s.len()).into_owned(), s })
    }

    fn rank(&self) -> usize {
        self.s.len()
    }

    /// s_max |S^-1 h|, how much a relative change of Xc turns the variate Q h: the first-order
    /// error of its correlation is that times eps.
    fn sensitivity(&self, h: &[f64]) -> f64 {
        h.iter().zip(&self.s).map(|(h, s)| (h * self.s[0] / s).powi(2)).sum::<f64>().sqrt()
    }
}

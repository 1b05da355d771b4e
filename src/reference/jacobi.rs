//! One-sided Jacobi singular value decomposition (Hestenes 1958; the order of de Rijk 1989).
//!
//! Plane rotations from the right make the columns of A orthogonal: A V = U S. It is slow, short,
//! and accurate to a relative error in every singular value that the columns' scaling does not
//! spoil (Demmel and Veselic 1992), and it shares nothing with bidiagonalisation.

use nalgebra::DMatrix;

use super::Undefined;

/// Columns this far below the largest count as zero: rounding leaves 2^-53, its square, ... of a
/// dependent column, and never quite nothing.
const NOTHING: f64 = 1.0 / (1u128 << 120) as f64;

/// A V = US.
pub(super) struct Svd {
    /// A V, m x n: orthogonal columns, longest first; zero where A V is nothing but rounding of
    /// rounding.
    pub us: DMatrix<f64>,
    /// Their lengths, descending.
    pub s: Vec<f64>,
    /// V, n x n, orthogonal and complete whatever the rank.
    pub v: DMatrix<f64>,
}

/// Decomposes A, of any shape; its largest entry should be near 1.
pub(super) fn svd(a: &DMatrix<f64>) -> Result<Svd, Undefined> {
    let (m, n) = a.shape();
    let tolerance = f64::EPSILON * (m as f64).sqrt();
    let floor = (NOTHING * a.norm()).powi(2);
    // A above the identity: what is done to the columns of A makes V below.
    let mut w = DMatrix::identity(m + n, n);
    for j in 0..n {
        w.view_mut((0, j), (m, 1)).copy_from(&a.column(j));
        w.view_mut((m, j), (n, 1)).fill(0.0);
        w[(m + j, j)] = 1.0;
    }
    for _ in 0..100 {
        let mut rotated = false;
        for p in 0..n {
            for q in p + 1..n {
                let dot = |i: usize, j: usize| w.view((0, i), (m, 1)).dot(&w.view((0, j), (m, 1)));
                if dot(q, q) > dot(p, p) {
                    w.swap_columns(p, q);
                    // The column that comes forward has not met those between: one more sweep.
                    rotated = true;
                }
                let dot = |i: usize, j: usize| w.view((0, i), (m, 1)).dot(&w.view((0, j), (m, 1)));
                let (pp, qq, pq) = (dot(p, p), dot(q, q), dot(p, q));
                if qq <= floor || pq.abs() <= tolerance * pp.sqrt() * qq.sqrt() {
                    continue;
                }
                rotated = true;
                let zeta = (qq - pp) / (2.0 * pq);
                let t = zeta.signum() / (zeta.abs() + zeta.hypot(1.0));
                let c = 1.0 / t.hypot(1.0);
                for i in 0..m + n {
                    let (a_p, a_q) = (w[(i, p)], w[(i, q)]);
                    w[(i, p)] = c * (a_p - t * a_q);
                    w[(i, q)] = c * (t * a_p + a_q);
                }
            }
        }
        if !rotated {
            let mut us = w.rows(0, m).into_owned();
            for mut column in us.column_iter_mut().filter(|column| column.norm_squared() <= floor) {
                column.fill(0.0);
            }
            let s = us.column_iter().map(|column| column.norm()).collect();
            return Ok(Svd { us, s, v: w.rows(m, n).into_owned() });
        }
    }
    Err(Undefined::NoConvergence)
}

/// The left singular vectors of X, n x min(n, p), and its singular values, descending. Vectors of
/// zero singular values mean nothing.
pub(super) fn left(x: &DMatrix<f64>) -> Result<(DMatrix<f64>, Vec<f64>), Undefined> {
    if x.ncols() > x.nrows() {
        let svd = svd(&x.transpose())?;
        return Ok((svd.v, svd.s));
    }
    let mut svd = svd(x)?;
    for (mut column, s) in svd.us.column_iter_mut().zip(&svd.s).filter(|(_, s)| **s > 0.0) {
        column /= *s;
    }
    Ok((svd.us, svd.s))
}

/// The number of singular values above max(n, p) * 2^-52 times the largest.
pub(super) fn rank(s: &[f64], n: usize, p: usize) -> usize {
    let cut = n.max(p) as f64 * f64::EPSILON * s[0];
    s.iter().filter(|s| **s > cut).count()
}

/// An orthonormal basis of the column space of X, n x rank.
pub(super) fn basis(x: &DMatrix<f64>) -> Result<DMatrix<f64>, Undefined> {
    let (q, s) = left(x)?;
    Ok(q.columns(0, rank(&s, x.nrows(), x.ncols())).into_owned())
}

#[cfg(test)]
#[path = "jacobi_tests.rs"]
mod tests;

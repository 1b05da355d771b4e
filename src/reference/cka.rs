//! Centered kernel alignment.

use nalgebra::DMatrix;

use super::Undefined;
use super::gram::gram;
use super::hsic::{song, trace};
use super::scale::centered;
use crate::measures::cka::{Estimator, Options};

/// HSIC(K, L) / sqrt(HSIC(K, K) HSIC(L, L)): tr(KHLH) in all three places (Cortes et al. 2012, def.
/// 4; Kornblith et al. 2019, eq. 4), or Song's unbiased estimator in all three (Szekely and Rizzo
/// 2014, eq. 2.3), where the factors 1/(n-1)^2 and 1/(n(n-3)) cancel.
///
/// # Errors
/// [`Undefined::TooFewExamples`], [`Undefined::Constant`] (also when all entries of a kernel matrix
/// are equal), [`Undefined::ZeroSelfTerm`], [`Undefined::ZeroMedian`],
/// [`Undefined::NarrowBandwidth`], [`Undefined::ZeroExample`].
pub fn value(options: &Options, x: &DMatrix<f64>, y: &DMatrix<f64>) -> Result<f64, Undefined> {
    let debiased = options.estimator == Estimator::Debiased;
    if debiased && x.nrows() < 4 {
        return Err(Undefined::TooFewExamples);
    }
    if centered(x).matrix.amax() == 0.0 || centered(y).matrix.amax() == 0.0 {
        return Err(Undefined::Constant);
    }
    let (k, l) = (gram(options.kernel, x, debiased)?.matrix, gram(options.kernel, y, debiased)?.matrix);
    let hsic = if debiased { song } else { trace };
    let (kl, kk, ll) = (hsic(&k, &l), hsic(&k, &k), hsic(&l, &l));
    let rounding = (8.0 * (x.nrows() as f64).sqrt() + 32.0) * f64::EPSILON;
    for (matrix, own) in [(&k, kk), (&l, ll)] {
        // Zero within rounding: as a sum of squares, whose entries err by rounding times the
        // matrix.
        if own <= (rounding * matrix.norm()).powi(2) {
            return Err(if debiased { Undefined::ZeroSelfTerm } else { Undefined::Constant });
        }
    }
    Ok(kl / kk.sqrt() / ll.sqrt())
}

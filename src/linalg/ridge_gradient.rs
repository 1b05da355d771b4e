//! What the errors of a ridge regression on held out examples see of a change of what it was fitted
//! to.
//!
//! With A and B what is trained on, M = A'A + lambda I, C = A'B, W = M^-1 C, R = B - A W the
//! residual of the fit, A_T what is held out and E = Y_T - A_T W the errors there, weights that move
//! by dW move half of |E|^2 by
//!
//! -<E, A_T dW> = -<K, M dW> with K = M^-1 A_T'E.
//!
//! To first order M dW = dC - dM W = dA'R + A'dB - A'dA W - d(lambda) W, so that this is
//!
//! <R K', dA> + <A K, dB> - <A K W', dA> - d(lambda) <K, W>, d(lambda) = 2 penalty <A, dA>.
//!
//! K is small where the errors are orthogonal to the predictor, as those of a good fit nearly are;
//! the bound of dW alone takes A_T'E for |A_T| |E| and M^-1 for its largest eigenvalue. |A K|^2 is
//! at most <K, M K> = <K, A_T'E>, and |R|^2 = |B|^2 - <W, C> - lambda |W|^2. Products and the
//! factorisation add their own errors to C and M. The second order, M dW less the above, is
//! -dM dW + dA'dB - (dA'dA + penalty |dA|^2) W, and A_T itself moves beside W.

use faer::MatRef;

use crate::arrays::product::{inner, squared_norm};

/// What the fit brings.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fitted {
    /// |A|_F^2
    pub(super) squared_norm: f64,
    /// lambda over that.
    pub(super) penalty: f64,
    /// No eigenvalue of M is smaller.
    pub(super) least: f64,
    /// What the factorisation of M errs by, over c eps.
    pub(super) factored: f64,
}

/// The matrices of one fold.
pub(super) struct Matrices<'a> {
    /// A_T'E
    pub(super) seen: MatRef<'a, f64>,
    /// K
    pub(super) solved: MatRef<'a, f64>,
    /// W
    pub(super) weights: MatRef<'a, f64>,
    /// C
    pub(super) products: MatRef<'a, f64>,
}

/// The sizes of one fold.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sizes {
    /// c(n, p) eps
    pub(super) unit: f64,
    /// |dX|_F and |dY|_F over unit: the norms of all examples about their mean.
    pub(super) predictor: f64,
    pub(super) response: f64,
    /// |A_T|_F, |E|_F, |W|_F, |B|_F
    pub(super) tested: f64,
    pub(super) error: f64,
    pub(super) weight: f64,
    pub(super) trained: f64,
    /// |dW|_F over unit is no larger.
    pub(super) moved_weights: f64,
    /// |dA_T|_F over |dX|_F is no larger.
    pub(super) with_mean: f64,
}

/// A bound on what half of |E|_F^2 moves by, over unit, as the weights move.
pub(super) fn moved_by_weights(fitted: &Fitted, matrices: &Matrices<'_>, sizes: &Sizes) -> f64 {
    let Sizes { unit, predictor, response, tested, error, weight, trained, moved_weights, with_mean } = *sizes;
    let Fitted { squared_norm: training, penalty, least, factored } = *fitted;
    let (norm, lambda) = (training.sqrt(), penalty * training);
    // A_T'E is a product of its own, and errs by c eps |A_T| |E|.
    let solved = squared_norm(matrices.solved).sqrt() + unit * tested * error / least;
    let through = (inner(matrices.solved, matrices.seen).max(0.0) + unit * tested * error * solved).sqrt();
    let explained = inner(matrices.weights, matrices.products) + lambda * weight * weight;
    // What is left of three terms, none of them above |B|^2.
    let residual = ((trained * trained - explained).max(0.0) + 4.0 * unit * trained * trained).sqrt();
    let shrunk = inner(matrices.solved, matrices.weights).abs();
    let by_data = predictor * (residual * solved + through * weight + 2.0 * penalty * norm * shrunk) + response * through;
    let rounded = training + factored + lambda;
    let by_rounding = solved * (rounded * weight + norm * trained);
    let moved_gram = 2.0 * (1.0 + penalty) * norm * predictor + rounded;
    let second = solved * (moved_gram * moved_weights + predictor * (response + (1.0 + penalty) * predictor * weight))
        + error * with_mean * predictor * moved_weights;
    by_data + by_rounding + unit * second
}

//! Factorisations of features: Cholesky QR, orthonormal bases, singular values, canonical
//! correlations.

pub(crate) mod basis;
pub(crate) mod cholesky_qr;
pub(crate) mod correlation;
pub(crate) mod decomposition;
pub(crate) mod differences;
pub(crate) mod factored;
pub(crate) mod features;
#[cfg(test)]
mod features_tests;
pub(crate) mod folds;
pub(crate) mod frame;
pub(crate) mod kept_directions;
pub(crate) mod norms;
pub(crate) mod reduced;
pub(crate) mod ridge;
mod ridge_gradient;
pub(crate) mod single_basis;
pub(crate) mod singular;
pub(crate) mod triangular_factor;
pub(crate) mod variate_weights;
pub(crate) mod wide;

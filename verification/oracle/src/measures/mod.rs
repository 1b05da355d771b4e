//! One file per measure.

pub mod canonical_ridge;
pub mod cca;
pub mod condition;
pub mod hsic;
pub mod linear_regression;
pub mod procrustes;
pub mod pwcca;
mod subspace_pair;
pub mod svcca;
mod truncation;
mod variate_weights;

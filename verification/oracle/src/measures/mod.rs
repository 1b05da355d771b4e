//! One file per measure.

pub mod canonical_ridge;
pub mod cca;
pub mod hsic;
pub mod linear_regression;
pub mod procrustes;
pub mod pwcca;
pub mod svcca;

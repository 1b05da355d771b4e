//! One file per measure.

pub mod canonical_ridge;
pub mod cca;
pub mod condition;
mod dissimilarity;
pub mod distance_correlation;
mod equal_correlations;
pub mod hsic;
pub mod linear_predictivity;
pub mod linear_regression;
pub mod mutual_knn;
pub mod procrustes;
pub mod pwcca;
pub mod rsa;
pub mod soft_matching;
mod subspace_pair;
pub mod svcca;
mod truncated_ridge;
mod truncation;
mod variate_weights;

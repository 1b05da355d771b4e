//! The reference path: every measure a second time, on nalgebra, by the textbook formula, one file each.
//!
//! It takes the option types from the rest of the crate and nothing else, and another formula than the fast path where one exists, so that the two can
//! only agree by being right. Below the measures stand the few tools they share: exact scaling and centering (`scale`), a one-sided Jacobi singular
//! value decomposition (`jacobi`), kernel matrices (`gram`) and the sum of canonical correlations (`correlations`).

pub mod canonical_ridge;
pub mod cca;
pub mod cka;
pub mod hsic;
pub mod linear_regression;
pub mod procrustes;
pub mod pwcca;
pub mod svcca;

mod correlations;
mod gram;
mod jacobi;
mod scale;

pub use crate::undefined::Undefined;

//! The reference path: every measure a second time, on nalgebra, by the textbook formula, one file
//! each.
//!
//! It takes the option types from the rest of the crate and nothing else, and another formula than
//! the fast path where one exists, so that the two can only agree by being right. Below the
//! measures stand the few tools they share: exact scaling and centering (`scale`), a one-sided
//! Jacobi singular value decomposition (`jacobi`), kernel matrices (`gram`), sums in twice the
//! precision (`twofold`) and the sum of
//! canonical correlations (`correlations`).

pub mod canonical_ridge;
pub mod cca;
pub mod cka;
pub mod distance_correlation;
pub mod hsic;
pub mod linear_predictivity;
pub mod linear_regression;
pub mod mutual_knn;
pub mod procrustes;
pub mod pwcca;
pub mod rsa;
pub mod soft_matching;
pub mod svcca;

mod correlations;
mod dissimilarities;
mod gram;
mod jacobi;
mod scale;
mod twofold;

pub use crate::undefined::Undefined;

use nalgebra::DMatrix;

use crate::representation::Representation;

/// The reference path of a measure with options `O`: a textbook formula on nalgebra matrices (n x
/// p1, n x p2).
pub type Reference<O> = fn(&O, &DMatrix<f64>, &DMatrix<f64>) -> Result<f64, Undefined>;

/// Returns the formula with its options as a function of two representations.
pub fn path<O: Send + Sync + 'static>(
    formula: Reference<O>,
    options: O,
) -> impl Fn(&Representation<'_>, &Representation<'_>) -> Result<f64, Undefined> + Send + Sync + 'static {
    let matrix = |r: &Representation<'_>| {
        let entries = DMatrix::from_fn(r.n(), r.p(), |row, column| r.view()[(row, column)]);
        if r.is_gram() { gram::root(entries) } else { entries }
    };
    move |x, y| formula(&options, &matrix(x), &matrix(y))
}

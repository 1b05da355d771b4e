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

use std::any::Any;

use nalgebra::DMatrix;

use crate::representation::Representation;

/// The reference path of a measure with options `O`: a textbook formula on nalgebra matrices (n x
/// p1, n x p2).
pub type Reference<O> = fn(&O, &DMatrix<f64>, &DMatrix<f64>) -> Result<f64, Undefined>;

/// What is known of one side: its examples, or dissimilarities of them that were given.
pub enum Side {
    /// n x p.
    Examples(DMatrix<f64>),
    /// n x n.
    Dissimilarities(DMatrix<f64>),
}

/// Returns the formula with its options as a function of two representations.
pub fn path<O: Send + Sync + 'static>(
    formula: Reference<O>,
    options: O,
) -> impl Fn(&Representation<'_>, &Representation<'_>) -> Result<f64, Undefined> + Send + Sync + 'static {
    let entries = |r: &Representation<'_>| DMatrix::from_fn(r.n(), r.p(), |row, column| r.view()[(row, column)]);
    let matrix = move |r: &Representation<'_>| match entries(r) {
        matrix if r.is_gram() => gram::root(matrix),
        // Points with these distances (Torgerson 1952).
        matrix if r.is_rdm() => gram::root(matrix.map(|distance| -distance * distance / 2.0)),
        matrix => matrix,
    };
    let side = move |r: &Representation<'_>| if r.is_rdm() { Side::Dissimilarities(entries(r)) } else { Side::Examples(matrix(r)) };
    move |x, y| {
        let options: &dyn Any = &options;
        if x.is_rdm() || y.is_rdm() {
            if let Some(options) = options.downcast_ref() {
                return rsa::of_sides(options, side(x), side(y));
            }
            if let Some(options) = options.downcast_ref() {
                return distance_correlation::of_sides(options, side(x), side(y));
            }
        }
        formula(options.downcast_ref().expect("they are these"), &matrix(x), &matrix(y))
    }
}

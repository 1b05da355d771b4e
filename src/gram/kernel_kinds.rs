//! Linear and cosine kernels, and distances: how their entries follow from the features, and how
//! much their matrices move.

use crate::arrays::sums::{sum, sum_of_squares};
use crate::error::Error;
use crate::gram::entry_errors::ByEntry;
use crate::gram::kernel_matrix::{Entry, Kind};
use crate::gram::product_errors::sum_of_products;
use crate::kernel::Centering;
use crate::linalg::features::Features;

/// What centering leaves of a mean, over eps and the length of a typical example (the root of the
/// mean square): the sum of n numbers that add up to 0 has partial sums of at most half of their
/// magnitudes, and errs by eps times these ([`tolerance`](crate::tolerance)), pairwise as it is;
/// their own rounding has a mean of half an eps of them at most.
pub(super) const OF_MEAN: f64 = 1.5;

pub(super) fn linear(features: &Features) -> Kind {
    // |d(XX')|_F <= 2 |X|_2 |dX|_F, and an entry of the product errs by eps |x_i| |x_j|.
    Kind {
        entry: Entry::Linear,
        exponent: 2 * features.exponent(),
        sensitivity: 3.0 * features.squared_norm() + features.given_error(),
        error: 3.0 * features.squared_norm() + features.given_error(),
        rounding: features.squared_norm() + features.given_error(),
        by_entry: None,
    }
}

/// An entry errs by a sum of p products, a(p) eps, the norms over which it stands, half as much and
/// eps / 2 each, and two operations; on the diagonal it is exact. Centering turns an example by eps
/// for the rounding of its entries and by what is left of a mean ([`OF_MEAN`]), as an angle at most
/// pi / 2 times that over its own length; the cosine moves by no more than its angle. Squares of a
/// short example vanish, p times half the least number, of its own and of the longer one's norm.
pub(super) fn cosine(name: &str, features: &Features, centering: Centering) -> Result<Kind, Error> {
    let norms: Vec<f64> = features.row_squared_norms().iter().map(|squared| squared.sqrt()).collect();
    // At most this, a row is zero for all one can tell.
    let zero = features.centering_error();
    if let Some(row) = norms.iter().position(|norm| *norm <= zero) {
        let is_zero =
            if features.available() == features.n() { "is zero, or below 1e-150 of the largest," } else { "equals the mean example" };
        return Err(Error::ZeroExample { name: name.to_string(), row, is_zero });
    }
    let least = norms.iter().copied().fold(f64::INFINITY, f64::min);
    let n = features.n() as f64;
    let sensitivity = 4.0 * n.sqrt() * features.squared_norm().sqrt() / least + n;
    let of_sums = 2.0 * sum_of_products(features.p()) + 2.0;
    let errors = if features.available() == features.n() {
        n * of_sums
    } else {
        let inverse = sum(&norms.iter().map(|norm| norm.powi(-2)).collect::<Vec<_>>()).sqrt();
        n * (of_sums + 2.0) + std::f64::consts::PI * OF_MEAN * features.squared_norm().sqrt() * inverse
    };
    let vanishing = |norm: &f64| (features.p() as f64 * (f64::MIN_POSITIVE / norm) / norm).powi(2);
    let errors = errors + 3.0 * (n * sum(&norms.iter().map(vanishing).collect::<Vec<_>>())).sqrt();
    let by_entry = Some(ByEntry::new(errors, n, features, centering));
    Ok(Kind { entry: Entry::Cosine { norms }, exponent: 0, sensitivity, error: sensitivity, rounding: n, by_entry })
}

/// The distances themselves: |x_i - x_j| moves by |dx_i - dx_j|, the sum of whose squares is at
/// most 2 n |dX|^2.
pub(super) fn distance(features: &Features) -> Result<Kind, Error> {
    if let Some(given) = features.dissimilarities() {
        let n = features.n();
        let norm = sum(&(0..n).map(|column| sum_of_squares(&given.column(column))).collect::<Vec<_>>()).sqrt();
        return Ok(Kind {
            entry: Entry::Distance,
            exponent: features.exponent(),
            sensitivity: 2.0 * norm,
            error: 2.0 * norm,
            rounding: norm,
            by_entry: None,
        });
    }
    if features.is_wide() {
        features.near_distances()?;
    }
    let moved = (2.0 * features.n() as f64).sqrt() * features.squared_norm().sqrt();
    Ok(Kind {
        entry: Entry::Distance,
        exponent: features.exponent(),
        sensitivity: 2.0 * moved,
        error: 2.0 * moved,
        rounding: moved,
        by_entry: None,
    })
}

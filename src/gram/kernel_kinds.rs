//! Linear and cosine kernels, and distances: how their entries follow from the features, and how
//! much their matrices move.

use crate::arrays::sums::{sum, sum_of_squares};
use crate::error::Error;
use crate::gram::kernel_matrix::{Entry, Kind};
use crate::linalg::features::Features;

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

pub(super) fn cosine(name: &str, features: &Features) -> Result<Kind, Error> {
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
    Ok(Kind {
        entry: Entry::Cosine { norms },
        exponent: 0,
        sensitivity: 4.0 * n.sqrt() * features.squared_norm().sqrt() / least + n,
        error: 4.0 * n.sqrt() * features.squared_norm().sqrt() / least + n,
        rounding: n,
        by_entry: None,
    })
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

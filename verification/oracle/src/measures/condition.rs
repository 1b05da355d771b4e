//! How much a representation magnifies errors.

use crate::algebra::interval_matrix::IntervalMatrix;
use crate::algebra::spectrum::Spectrum;
use crate::error::{OracleError, Side};
use crate::matrix::Matrix;
use crate::number::enclosure::Enclosure;
use crate::number::refine::{Attempt, refine};

/// sigma_max / sigma_min of the centered representation over its positive singular values, an
/// enclosure.
///
/// # Errors
/// `Constant` (naming X, for want of a better name), `Undecidable`.
pub fn condition_number(matrix: &Matrix) -> Result<Enclosure, OracleError> {
    let features = matrix.centered();
    features.require_nonzero(Side::X)?;
    let integers = features.to_integer_matrix();
    let rank = integers.independent_columns(integers.rows - 1).len();
    let square = IntervalMatrix::from_integers(&integers.smaller_square());
    let value = refine(|precision| {
        let spectrum = Spectrum::of_pencil(&square, None, precision)?;
        let smallest = spectrum.eigenvalue(rank - 1);
        if !smallest.is_positive() {
            return Err(Attempt::Unresolved("the smallest singular value".to_string()));
        }
        Ok(spectrum.eigenvalue(0).divide(&smallest, precision).square_root(precision))
    })?;
    Ok(Enclosure::from_interval(&value))
}

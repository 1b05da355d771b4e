//! Powers of two: the exact way to move a matrix to where nothing over- or underflows.

use faer::MatRef;
use rayon::prelude::*;

use crate::arrays::sums::vectorised;
use crate::error::Error;
use crate::scaled_value::ScaledValue;
pub(crate) use crate::scaled_value::{exponent, factors};

/// Entries that one thread looks at before another is asked to: less is done sooner alone.
const ALONE: usize = 1 << 15;

/// The largest magnitude of an entry; NaN or infinite where one of them is.
pub(crate) fn largest_magnitude(matrix: MatRef<'_, f64>) -> f64 {
    // Along what lies together in memory.
    let lines = if matrix.row_stride() == 1 { matrix } else { matrix.transpose() };
    let of_lines = |lines: MatRef<'_, f64>| {
        vectorised(
            #[inline(always)]
            || {
                let of_line = |line: faer::ColRef<'_, f64>| match line.try_as_col_major() {
                    Some(line) => bits(largest_of_slice(line.as_slice())),
                    None => line.iter().fold(0, |largest, value| bits(*value).max(largest)),
                };
                // A loop: what an iterator does by itself may be compiled for the least of machines.
                let mut largest = 0;
                for line in lines.col_iter() {
                    largest = of_line(line).max(largest);
                }
                largest
            },
        )
    };
    let largest = if lines.nrows() >= ALONE {
        let parts = |line: MatRef<'_, f64>| line.par_row_chunks(ALONE).map(of_lines).max().unwrap_or(0);
        lines.par_col_chunks(1).map(parts).max()
    } else if lines.nrows() * lines.ncols() <= ALONE {
        Some(of_lines(lines))
    } else {
        lines.par_col_chunks(ALONE.div_ceil(lines.nrows())).map(of_lines).max()
    };
    f64::from_bits(largest.unwrap_or(0) as u64)
}

/// The same of some values. To be called within [`vectorised`].
#[inline(always)]
pub(crate) fn largest_of_slice(values: &[f64]) -> f64 {
    f64::from_bits(values.iter().fold(0, |largest, value| bits(*value).max(largest)) as u64)
}

/// Without the sign the bits of numbers are in the order of the numbers, with infinity and NaN
/// above all others.
#[inline(always)]
fn bits(value: f64) -> i64 {
    (value.to_bits() & (u64::MAX >> 1)) as i64
}

/// value * 2^e.
///
/// # Errors
/// [`Error::Unrepresentable`] when a value other than 0 would become infinite, 0 or subnormal (and
/// so lose digits).
pub(crate) fn with_exponent(value: f64, e: i64) -> Result<f64, Error> {
    let scaled = ScaledValue::new(value, e);
    let ScaledValue { mantissa, exponent } = scaled;
    scaled.to_f64().ok_or(Error::Unrepresentable { mantissa, exponent })
}

/// A bound of value * 2^e: at least that, where it is below the range of f64.
///
/// # Errors
/// [`Error::Unrepresentable`] when it is above the range: what is only known to so much is not
/// known.
pub(crate) fn bound_with_exponent(value: f64, e: i64) -> Result<f64, Error> {
    match with_exponent(value, e) {
        Err(Error::Unrepresentable { exponent, .. }) if exponent < 0 => Ok(f64::MIN_POSITIVE),
        other => other,
    }
}

/// `error` * 2^e, of which a bound is `unit` times: no less, where that is below the range of f64.
///
/// # Errors
/// [`Error::Unrepresentable`] when it is above the range: a bound of what f64 holds of it would be
/// less than the error.
pub(crate) fn error_with_exponent(error: f64, unit: f64, e: i64) -> Result<f64, Error> {
    match with_exponent(error, e) {
        Err(Error::Unrepresentable { exponent, .. }) if exponent < 0 => Ok(f64::MIN_POSITIVE / unit),
        other => other,
    }
}

/// The same of a condition beside which the error is known: above the range it says no more than the
/// largest f64 does, unless a bound rests on it.
///
/// # Errors
/// As [`error_with_exponent`], where one does.
pub(crate) fn condition_with_exponent(condition: f64, unit: f64, e: i64, is_bounding: bool) -> Result<f64, Error> {
    match error_with_exponent(condition, unit, e) {
        Err(_) if !is_bounding => Ok(f64::MAX),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_magnitude_is_seen_wherever_it_stands() {
        for place in [0, 5, 34] {
            for value in [-3.0, f64::NEG_INFINITY, f64::NAN, -f64::NAN] {
                let mut values: Vec<f64> = (0..35).map(|index| f64::from(index % 5) - 2.0).collect();
                values[place] = value;
                let rows = MatRef::from_row_major_slice(&values, 7, 5);
                for view in [rows, rows.transpose(), rows.reverse_rows(), rows.reverse_rows_and_cols()] {
                    assert_eq!(largest_magnitude(view).to_bits(), value.abs().to_bits());
                }
            }
        }
        assert_eq!(largest_magnitude(MatRef::from_row_major_slice(&[0.0, -0.0], 2, 1)), 0.0);
    }

    /// More than one thread looks at: in one line, and in several.
    #[test]
    fn the_largest_magnitude_is_seen_in_large_matrices() {
        for (rows, columns) in [(3 * ALONE + 5, 1), (ALONE + 1, 3), (400, 301)] {
            let count = rows * columns;
            for place in [0, ALONE - 1, ALONE, count / 2, count - 1] {
                let mut values = vec![0.5; count];
                values[place] = -7.0;
                let matrix = MatRef::from_column_major_slice(&values, rows, columns);
                for view in [matrix, matrix.transpose(), matrix.reverse_rows(), matrix.transpose().reverse_rows()] {
                    assert_eq!(largest_magnitude(view), 7.0, "{rows} x {columns}, {place}");
                }
            }
        }
    }

    #[test]
    fn values_that_f64_cannot_hold_are_errors() {
        assert_eq!(with_exponent(0.75, 1024).unwrap(), 0.75 * 2f64.powi(1023) * 2.0);
        assert!(matches!(with_exponent(0.75, 1025), Err(Error::Unrepresentable { exponent: 1025, .. })));
        assert!(matches!(with_exponent(0.75, -1022), Err(Error::Unrepresentable { exponent: -1022, .. })));
        assert_eq!(with_exponent(0.5, -1021).unwrap(), f64::MIN_POSITIVE);
        assert_eq!(with_exponent(0.0, 5000).unwrap(), 0.0);
        assert_eq!(with_exponent(3e-300, 2000).unwrap(), 3e-300 * 2f64.powi(1000) * 2f64.powi(1000));
    }
}

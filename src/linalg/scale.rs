//! Powers of two: the exact way to move a matrix to where nothing over- or underflows.

use std::fmt;

use faer::MatRef;
use rayon::prelude::*;

use crate::error::Error;
use crate::linalg::sums::vectorised;

/// The largest magnitude of an entry; NaN or infinite where one of them is.
pub(crate) fn largest_magnitude(matrix: MatRef<'_, f64>) -> f64 {
    let of_slice = |values: &[f64]| {
        vectorised(
            #[inline(always)]
            || bits(largest_of_slice(values)),
        )
    };
    // Along what lies together in memory.
    let lines = if matrix.row_stride() == 1 { matrix } else { matrix.transpose() };
    let of_line = |line: faer::ColRef<'_, f64>| match line.try_as_col_major() {
        Some(line) => line.as_slice().par_chunks(1 << 15).map(of_slice).max().unwrap_or(0),
        None => line.iter().fold(0, |largest, value| bits(*value).max(largest)),
    };
    f64::from_bits(lines.par_col_iter().map(of_line).max().unwrap_or(0) as u64)
}

/// The same of some values. To be called within [`vectorised`].
#[inline(always)]
pub(crate) fn largest_of_slice(values: &[f64]) -> f64 {
    f64::from_bits(values.iter().fold(0, |largest, value| bits(*value).max(largest)) as u64)
}

/// Without the sign the bits of numbers are in the order of the numbers, with infinity and NaN above all others.
#[inline(always)]
fn bits(value: f64) -> i64 {
    (value.to_bits() & (u64::MAX >> 1)) as i64
}

/// The exponent e with |value| in [2^(e-1), 2^e); 0 for 0. Subnormal values included.
pub(crate) fn exponent(value: f64) -> i64 {
    if value == 0.0 {
        return 0;
    }
    let bits = ((value.to_bits() >> 52) & 0x7ff) as i64;
    if bits == 0 { exponent(value * 2f64.powi(64)) - 64 } else { bits - 1022 }
}

/// 2^e, exact, for e from -1074 to 1023.
fn power_of_two(e: i64) -> f64 {
    if e >= -1022 { f64::from_bits(((e + 1023) as u64) << 52) } else { f64::from_bits(1 << (e + 1074)) }
}

/// Two factors whose product is 2^e, so that the multiplication by 2^e never passes through infinity or zero on its way.
pub(crate) fn factors(e: i64) -> (f64, f64) {
    let half = e / 2;
    (power_of_two(half), power_of_two(e - half))
}

/// value * 2^e.
///
/// # Errors
/// [`Error::Unrepresentable`] when a value other than 0 would become infinite, 0 or subnormal (and so lose digits).
pub(crate) fn with_exponent(value: f64, e: i64) -> Result<f64, Error> {
    let target = exponent(value) + e;
    if value == 0.0 {
        Ok(0.0)
    } else if (-1021..=1024).contains(&target) {
        let mut scaled = value;
        let mut left = e;
        while left != 0 {
            let step = left.clamp(-1000, 1000);
            scaled *= power_of_two(step);
            left -= step;
        }
        Ok(scaled)
    } else {
        let ScaledValue { mantissa, exponent } = ScaledValue::new(value, e);
        Err(Error::Unrepresentable { measure: String::new(), mantissa, exponent })
    }
}

/// A number with its own power of two, mantissa * 2^exponent: f64 may not be able to hold it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ScaledValue {
    /// 0, or with a magnitude in [1/2, 1).
    pub mantissa: f64,
    /// The power of two.
    pub exponent: i64,
}

impl ScaledValue {
    /// value * 2^e.
    pub(crate) fn new(value: f64, e: i64) -> Self {
        let own = exponent(value);
        let (a, b) = factors(-own);
        Self { mantissa: value * a * b, exponent: if value == 0.0 { 0 } else { own + e } }
    }

    /// The number, where f64 can hold it with all its digits.
    pub fn to_f64(self) -> Option<f64> {
        with_exponent(self.mantissa, self.exponent).ok()
    }
}

impl fmt::Display for ScaledValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.to_f64() {
            Some(value) => write!(f, "{value:e}"),
            None => write!(f, "{} * 2^{}", self.mantissa, self.exponent),
        }
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

    #[test]
    fn exponents_bracket_their_value() {
        for value in [1.0, 0.75, 1.5, 2.0, 1e-300, 5e-324, 2.2e-308, f64::MAX, -3.0] {
            let e = exponent(value);
            let (a, b) = factors(-e);
            let unit = (value * a * b).abs();
            assert!((0.5..1.0).contains(&unit), "{value:e}: exponent {e} leaves {unit}");
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

    #[test]
    fn numbers_outside_the_range_of_f64_are_shown_with_their_power_of_two() {
        let shown = |value, e| ScaledValue::new(value, e).to_string();
        assert_eq!((shown(3.0, 0), shown(0.0, 9)), ("3e0".to_owned(), "0e0".to_owned()));
        assert_eq!((shown(1.5, -1200), shown(-1.5, 2000)), ("0.75 * 2^-1199".to_owned(), "-0.75 * 2^2001".to_owned()));
        assert_eq!((ScaledValue::new(5e-324, 1074).to_f64(), ScaledValue::new(1.5, -1200).to_f64()), (Some(1.0), None));
    }
}

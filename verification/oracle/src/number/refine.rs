//! Precision doubles until the enclosure is narrow.

use super::dyadic::Dyadic;
use super::interval::Interval;
use crate::error::OracleError;

/// Relative width that every enclosure reaches: 2^-144, past the 43rd decimal digit.
pub(crate) const TARGET_BITS: i64 = 144;

/// A value below 2^-600 in magnitude whose sign the largest precision leaves open is reported as an enclosure around zero.
const NEGLIGIBLE: i64 = -600;

const FIRST_PRECISION: usize = 256;
const LARGEST_PRECISION: usize = 4096;

/// Why a computation at one precision gave no interval.
pub(crate) enum Attempt {
    /// More bits may help; the text says what is open.
    Unresolved(String),
    /// No precision will.
    Failed(OracleError),
}

impl From<OracleError> for Attempt {
    fn from(error: OracleError) -> Self {
        Attempt::Failed(error)
    }
}

/// Runs `compute` with 256, 512, ... bits until its result is relatively narrower than 2^-144.
pub(crate) fn refine(
    mut compute: impl FnMut(usize) -> Result<Interval, Attempt>,
) -> Result<Interval, OracleError> {
    let mut precision = FIRST_PRECISION;
    loop {
        let open = match compute(precision) {
            Ok(value) if value.is_narrow(TARGET_BITS) => return Ok(value),
            Ok(value) => {
                let tiny = value.largest_magnitude() < Dyadic::power_of_two(NEGLIGIBLE);
                if tiny && value.contains_zero() {
                    return Ok(value);
                }
                "the enclosure stays too wide".to_string()
            }
            Err(Attempt::Unresolved(what)) => what,
            Err(Attempt::Failed(error)) => return Err(error),
        };
        if precision >= LARGEST_PRECISION {
            return Err(OracleError::Undecidable { what: open, precision });
        }
        precision *= 2;
    }
}

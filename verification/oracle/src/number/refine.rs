//! Precision doubles until the enclosure is narrow.

use super::dyadic::Dyadic;
use super::interval::Interval;
use crate::error::OracleError;

/// Relative width that every enclosure reaches: 2^-144, past the 43rd decimal digit.
pub(crate) const TARGET_BITS: i64 = 144;

/// A value below 2^-600 in magnitude whose sign the largest precision leaves open is reported as an
/// enclosure around zero.
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

/// Runs `compute` with 256, 512, ... bits until it is resolved.
pub(crate) fn resolve<T>(mut compute: impl FnMut(usize) -> Result<T, Attempt>) -> Result<T, OracleError> {
    let mut precision = FIRST_PRECISION;
    loop {
        match compute(precision) {
            Ok(value) => return Ok(value),
            Err(Attempt::Failed(error)) => return Err(error),
            Err(Attempt::Unresolved(what)) if precision >= LARGEST_PRECISION => {
                return Err(OracleError::Undecidable { what, precision });
            }
            Err(Attempt::Unresolved(_)) => precision *= 2,
        }
    }
}

/// Resolves `compute` until its result is relatively narrower than 2^-144.
pub(crate) fn refine(mut compute: impl FnMut(usize) -> Result<Interval, Attempt>) -> Result<Interval, OracleError> {
    resolve(|precision| {
        let value = compute(precision)?;
        if is_final(&value) { Ok(value) } else { Err(too_wide()) }
    })
}

/// Whether an enclosure needs no more bits.
pub(crate) fn is_final(value: &Interval) -> bool {
    let is_negligible = value.contains_zero() && value.largest_magnitude() < Dyadic::power_of_two(NEGLIGIBLE);
    is_negligible || value.is_narrow(TARGET_BITS)
}

pub(crate) fn too_wide() -> Attempt {
    Attempt::Unresolved("the enclosure stays too wide".to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn precision_doubles_until_the_largest() {
        let mut tried = Vec::new();
        let result = resolve::<()>(|precision| {
            tried.push(precision);
            Err(Attempt::Unresolved("never".to_string()))
        });
        assert_eq!(tried, [256, 512, 1024, 2048, 4096]);
        assert_eq!(result, Err(OracleError::Undecidable { what: "never".to_string(), precision: 4096 }));
    }

    #[test]
    fn narrow_and_negligible_enclosures_are_final() {
        let around = |value: Dyadic, exponent: i64| Interval::point(value).widen(&Dyadic::power_of_two(exponent), 4096);
        assert!(is_final(&around(Dyadic::one(), -146)) && !is_final(&around(Dyadic::one(), -143)));
        assert!(is_final(&around(Dyadic::zero(), -601)) && !is_final(&around(Dyadic::zero(), -600)));
        // A number proved nonzero gets all its digits, however small.
        assert!(!is_final(&around(Dyadic::power_of_two(-700), -705)));
    }
}

//! Numbers with a power of two of their own.

use std::fmt;

use serde::{Serialize, Serializer};

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
        let Self { mantissa, exponent } = Self::new(self.mantissa, self.exponent);
        // Below, f64 keeps fewer digits; above, none.
        let fits = mantissa == 0.0 || (-1021..=1024).contains(&exponent);
        fits.then(|| {
            let (a, b) = factors(exponent);
            mantissa * a * b
        })
    }
}

/// The number, or where f64 cannot hold it a text, as [`Display`](fmt::Display) writes it.
impl Serialize for ScaledValue {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.to_f64() {
            Some(value) => serializer.serialize_f64(value),
            None => serializer.collect_str(self),
        }
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

/// Two factors whose product is 2^e, so that the multiplication by 2^e never passes through
/// infinity or zero on its way.
pub(crate) fn factors(e: i64) -> (f64, f64) {
    let half = e / 2;
    (power_of_two(half), power_of_two(e - half))
}

#[cfg(test)]
mod tests {
    use super::*;

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
    fn numbers_outside_the_range_of_f64_are_shown_with_their_power_of_two() {
        let shown = |value, e| ScaledValue::new(value, e).to_string();
        assert_eq!((shown(3.0, 0), shown(0.0, 9)), ("3e0".to_owned(), "0e0".to_owned()));
        assert_eq!((shown(1.5, -1200), shown(-1.5, 2000)), ("0.75 * 2^-1199".to_owned(), "-0.75 * 2^2001".to_owned()));
        assert_eq!((ScaledValue::new(5e-324, 1074).to_f64(), ScaledValue::new(1.5, -1200).to_f64()), (Some(1.0), None));
    }

    #[test]
    fn serialized_it_is_a_number_where_there_is_one() {
        let written = |value: ScaledValue| serde_json::to_string(&value).unwrap();
        assert_eq!(written(ScaledValue::new(3.0, 0)), "3.0");
        assert_eq!(written(ScaledValue::new(1.5, -1200)), "\"0.75 * 2^-1199\"");
    }
}

//! Sums in twice the precision of f64, for formulas whose terms cancel.

use std::iter::Sum;
use std::ops::{Add, Mul, Sub};

/// An unevaluated sum of two doubles (Dekker 1971), good for about 30 digits.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Twofold(f64, f64);

impl From<f64> for Twofold {
    fn from(value: f64) -> Self {
        Self(value, 0.0)
    }
}

impl From<Twofold> for f64 {
    fn from(Twofold(high, low): Twofold) -> f64 {
        high + low
    }
}

impl Add for Twofold {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        let sum = self.0 + other.0;
        let of_other = sum - self.0;
        let low = (self.0 - (sum - of_other)) + (other.0 - of_other) + (self.1 + other.1);
        let high = sum + low;
        Self(high, low - (high - sum))
    }
}

impl Sub for Twofold {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        self + Self(-other.0, -other.1)
    }
}

impl Mul for Twofold {
    type Output = Self;

    fn mul(self, other: Self) -> Self {
        let product = self.0 * other.0;
        let low = self.0.mul_add(other.0, -product) + (self.0 * other.1 + self.1 * other.0);
        let high = product + low;
        Self(high, low - (high - product))
    }
}

impl Sum for Twofold {
    fn sum<I: Iterator<Item = Self>>(terms: I) -> Self {
        terms.fold(Self::default(), Add::add)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_double_drops_is_kept() {
        let of = |values: &[f64]| f64::from(values.iter().map(|value| Twofold::from(*value)).sum::<Twofold>());
        assert_eq!(of(&[1e16, 1.0, 1e-3, -1e16]), 1.001);
        // (2^27 + 1)^2 - 2^54 - 2^28 = 1
        let (a, b) = (Twofold::from(134_217_729.0), Twofold::from(-1.0));
        assert_eq!(f64::from(a * a + b * Twofold::from(2f64.powi(54)) - Twofold::from(2f64.powi(28))), 1.0);
        let third = Twofold::from(1.0 / 3.0);
        assert_eq!(f64::from((third * third - third * third) + Twofold(0.0, 1e-20)), 1e-20);
    }
}

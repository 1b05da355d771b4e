//! Numbers that carry the rounding errors of the additions that made them.

use serde::{Deserialize, Serialize};

/// a + b and what rounding took from it (Knuth's exact transformation).
fn two_sum(a: f64, b: f64) -> (f64, f64) {
    let sum = a + b;
    let of_b = sum - a;
    (sum, (a - (sum - of_b)) + (b - of_b))
}

/// A running sum, or a mean, of about 106 bits: `high` is its value as an f64, `low` what that
/// leaves out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Compensated {
    pub(super) high: f64,
    pub(super) low: f64,
}

impl Compensated {
    /// high + low, normalised.
    pub(super) fn of(high: f64, low: f64) -> Self {
        let (high, low) = two_sum(high, low);
        Self { high, low }
    }

    pub(super) fn add(self, value: f64) -> Self {
        let (high, error) = two_sum(self.high, value);
        Self::of(high, self.low + error)
    }

    pub(super) fn plus(self, other: Self) -> Self {
        let (high, error) = two_sum(self.high, other.high);
        Self::of(high, error + (self.low + other.low))
    }

    /// self - other, rounded once: right to eps even where the leading parts cancel.
    pub(super) fn minus(self, other: Self) -> f64 {
        let (high, error) = two_sum(self.high, -other.high);
        high + (error + (self.low - other.low))
    }

    /// Times a power of two given as two factors: exact, underflow apart.
    pub(super) fn scaled(self, (a, b): (f64, f64)) -> Self {
        Self { high: self.high * a * b, low: self.low * a * b }
    }

    pub(super) fn value(self) -> f64 {
        self.high
    }

    pub(super) fn is_finite(self) -> bool {
        self.high.is_finite() && self.low.is_finite()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_addition_rounds_away_is_kept() {
        let one = Compensated::default().add(1e16).add(1.0).add(1.0).add(-1e16);
        assert_eq!(one.value(), 2.0);
        // Powers of two, so that the small parts themselves are exact.
        let small = 2f64.powi(-30);
        let near = |low: f64| Compensated::of(1e8, low);
        assert_eq!(near(3.0 * small).minus(near(small)), 2.0 * small);
        assert_eq!(near(3.0 * small).plus(Compensated::of(-1e8, small)).value(), 4.0 * small);
    }
}

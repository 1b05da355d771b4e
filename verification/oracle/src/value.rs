//! What a measure returns.

use crate::number::dyadic::integer_square_root;
use crate::number::enclosure::Enclosure;
use crate::number::interval::Interval;
use dashu_int::{IBig, UBig};
use dashu_ratio::RBig;

/// Bits of the enclosure of a square root of a rational.
const ROOT_PRECISION: usize = 256;

/// The value of a measure on two representations.
#[derive(Clone, Debug, PartialEq)]
pub struct Value {
    /// Where the exact value lies.
    pub enclosure: Enclosure,
    /// Whether the enclosure is one rational number, the value itself.
    pub exact: bool,
    /// Facts about the computation: ranks, kept dimensions, bandwidths.
    pub notes: Vec<String>,
}

impl Value {
    pub(crate) fn exact(value: RBig) -> Self {
        Value::from_enclosure(Enclosure::exact(value))
    }

    pub(crate) fn from_interval(interval: &Interval) -> Self {
        Value::from_enclosure(Enclosure::from_interval(interval))
    }

    fn from_enclosure(enclosure: Enclosure) -> Self {
        let exact = enclosure.is_exact();
        Value { enclosure, exact, notes: Vec::new() }
    }

    pub(crate) fn with_note(mut self, note: String) -> Self {
        self.notes.push(note);
        self
    }

    /// rational / sqrt(radicand) for radicand > 0: exact where the radicand is the square of a
    /// rational.
    pub(crate) fn over_root(rational: &RBig, radicand: &RBig) -> Self {
        if rational.is_zero() {
            return Value::exact(RBig::ZERO);
        }
        // a / sqrt(b/c) = a c / sqrt(b c): one integer square root decides exactness.
        let denominator = IBig::from(radicand.denominator().clone());
        let integer = radicand.numerator() * &denominator;
        let (root, is_square) = integer_square_root(&integer);
        let numerator = rational * RBig::from(denominator);
        if is_square {
            return Value::exact(numerator / RBig::from(root));
        }
        let root = Interval::from_integer(integer).square_root(ROOT_PRECISION);
        let value = Interval::from_rational(&numerator, ROOT_PRECISION).divide(&root, ROOT_PRECISION);
        Value::from_interval(&value)
    }

    /// sqrt(radicand) for radicand >= 0: exact where it is rational.
    pub(crate) fn root_of(radicand: &RBig) -> Self {
        if radicand.is_zero() {
            return Value::exact(RBig::ZERO);
        }
        Value::over_root(radicand, radicand)
    }
}

/// numerator / denominator with denominator > 0.
pub(crate) fn ratio(numerator: IBig, denominator: IBig) -> RBig {
    let denominator = UBig::try_from(denominator).expect("denominators are positive here");
    RBig::from_parts(numerator, denominator)
}

/// Integers and their positive common denominator.
pub(crate) fn over_common_denominator(values: &[RBig]) -> (Vec<IBig>, IBig) {
    let denominator = values.iter().fold(IBig::ONE, |common, value| {
        // What the common denominator lacks of this one.
        let missing = value * RBig::from(common.clone());
        common * IBig::from(missing.denominator().clone())
    });
    let scaled = |value: &RBig| (value * RBig::from(denominator.clone())).numerator().clone();
    (values.iter().map(scaled).collect(), denominator)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_common_denominator_is_the_least() {
        let values =
            [(1, 6), (-3, 4), (2, 1), (0, 1)].map(|(numerator, denominator)| ratio(IBig::from(numerator), IBig::from(denominator)));
        assert_eq!(over_common_denominator(&values), ([2, -9, 24, 0].map(IBig::from).to_vec(), IBig::from(12)));
    }

    #[test]
    fn a_quotient_by_a_root_is_exact_where_the_root_is_rational() {
        let exact = Value::over_root(&ratio(IBig::from(-3), IBig::from(5)), &ratio(IBig::from(9), IBig::from(4)));
        assert!(exact.exact);
        assert_eq!(exact.enclosure, Enclosure::exact(ratio(IBig::from(-2), IBig::from(5))));
        let irrational = Value::over_root(&RBig::ONE, &RBig::from(2));
        assert!(!irrational.exact);
        assert!(irrational.enclosure.agrees_with_decimal("0.70710678118654752440084436210484903928483593768847403658834"));
    }
}

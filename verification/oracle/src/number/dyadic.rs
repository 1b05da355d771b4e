//! Numbers m * 2^e with an integer m of any length.
//!
//! Sums and products are exact; only [`Dyadic::round`], [`Dyadic::divide`] and
//! [`Dyadic::square_root`] lose anything, in a direction the caller names. All of it rests on exact
//! integer addition, multiplication, shift, floor division and integer square root, so no float
//! implementation has to be believed.

use dashu_base::{BitTest, SquareRootRem};
use dashu_int::{IBig, UBig};
use dashu_ratio::RBig;
use std::cmp::Ordering;

/// Where a result that does not fit goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Direction {
    Down,
    Up,
}

/// `mantissa * 2^exponent`; zero has mantissa zero and any exponent.
#[derive(Clone, Debug)]
pub(crate) struct Dyadic {
    mantissa: IBig,
    exponent: i64,
}

/// Number of bits of |value|.
pub(crate) fn bit_length(value: &IBig) -> i64 {
    value.bit_len() as i64
}

/// Floor of `value * 2^shift` (exact for shift >= 0).
pub(crate) fn shift_floor(value: &IBig, shift: i64) -> IBig {
    if shift >= 0 { value << shift as usize } else { value >> shift.unsigned_abs() as usize }
}

/// Floor of the square root of `value >= 0`, and whether it is exact.
pub(crate) fn integer_square_root(value: &IBig) -> (IBig, bool) {
    let magnitude: UBig = value.clone().try_into().expect("the square root is taken of nonnegative integers only");
    let (root, remainder) = magnitude.sqrt_rem();
    (IBig::from(root), remainder.is_zero())
}

/// Floor of numerator / denominator for denominator > 0, and whether it is exact.
pub(crate) fn divide_floor(numerator: &IBig, denominator: &IBig) -> (IBig, bool) {
    let quotient = numerator / denominator;
    let remainder = numerator - &quotient * denominator;
    if remainder.is_zero() {
        (quotient, true)
    } else if remainder < IBig::ZERO {
        (quotient - IBig::ONE, false)
    } else {
        (quotient, false)
    }
}

impl Dyadic {
    pub(crate) fn new(mantissa: IBig, exponent: i64) -> Self {
        Dyadic { mantissa, exponent }
    }

    pub(crate) fn zero() -> Self {
        Dyadic::new(IBig::ZERO, 0)
    }

    pub(crate) fn one() -> Self {
        Dyadic::new(IBig::ONE, 0)
    }

    /// 2^exponent.
    pub(crate) fn power_of_two(exponent: i64) -> Self {
        Dyadic::new(IBig::ONE, exponent)
    }

    /// A finite f64, exactly.
    pub(crate) fn from_f64(value: f64) -> Self {
        let bits = value.to_bits();
        let field = (bits >> 52 & 0x7ff) as i64;
        let fraction = (bits & ((1 << 52) - 1)) as i64;
        let (magnitude, exponent) = if field == 0 { (fraction, -1074) } else { (fraction | 1 << 52, field - 1075) };
        let signed = if value.is_sign_negative() { -magnitude } else { magnitude };
        Dyadic::new(IBig::from(signed), exponent)
    }

    pub(crate) fn is_zero(&self) -> bool {
        self.mantissa.is_zero()
    }

    pub(crate) fn is_negative(&self) -> bool {
        self.mantissa < IBig::ZERO
    }

    pub(crate) fn is_positive(&self) -> bool {
        self.mantissa > IBig::ZERO
    }

    /// e with 2^(e-1) <= |self| < 2^e; `i64::MIN` for zero.
    pub(crate) fn magnitude(&self) -> i64 {
        if self.is_zero() { i64::MIN } else { bit_length(&self.mantissa) + self.exponent }
    }

    pub(crate) fn negate(&self) -> Self {
        Dyadic::new(-&self.mantissa, self.exponent)
    }

    pub(crate) fn absolute(&self) -> Self {
        if self.is_negative() { self.negate() } else { self.clone() }
    }

    pub(crate) fn multiply(&self, other: &Self) -> Self {
        Dyadic::new(&self.mantissa * &other.mantissa, self.exponent + other.exponent)
    }

    /// self * 2^power.
    pub(crate) fn scale(&self, power: i64) -> Self {
        Dyadic::new(self.mantissa.clone(), self.exponent + power)
    }

    pub(crate) fn add(&self, other: &Self) -> Self {
        if self.is_zero() {
            return other.clone();
        }
        if other.is_zero() {
            return self.clone();
        }
        match self.exponent.cmp(&other.exponent) {
            Ordering::Equal => Dyadic::new(&self.mantissa + &other.mantissa, self.exponent),
            Ordering::Less => {
                let aligned = &other.mantissa << (other.exponent - self.exponent) as usize;
                Dyadic::new(aligned + &self.mantissa, self.exponent)
            }
            Ordering::Greater => {
                let aligned = &self.mantissa << (self.exponent - other.exponent) as usize;
                Dyadic::new(aligned + &other.mantissa, other.exponent)
            }
        }
    }

    pub(crate) fn subtract(&self, other: &Self) -> Self {
        self.add(&other.negate())
    }

    /// The neighbour of self with at most `precision` bits, below or above; self itself where it
    /// fits.
    pub(crate) fn round(self, precision: usize, direction: Direction) -> Self {
        let excess = bit_length(&self.mantissa) - precision as i64;
        if excess <= 0 {
            return self;
        }
        let shifted = match direction {
            Direction::Down => &self.mantissa >> excess as usize,
            Direction::Up => -(-&self.mantissa >> excess as usize),
        };
        Dyadic::new(shifted, self.exponent + excess)
    }

    /// self / other to at least `precision` bits; other must not be zero.
    pub(crate) fn divide(&self, other: &Self, precision: usize, direction: Direction) -> Self {
        if self.is_zero() {
            return Dyadic::zero();
        }
        let (numerator, denominator) =
            if other.is_negative() { (-&self.mantissa, -&other.mantissa) } else { (self.mantissa.clone(), other.mantissa.clone()) };
        let shift = (precision as i64 + 1 + bit_length(&denominator) - bit_length(&numerator)).max(0);
        let (floor, exact) = divide_floor(&shift_floor(&numerator, shift), &denominator);
        let quotient = if exact || direction == Direction::Down { floor } else { floor + IBig::ONE };
        Dyadic::new(quotient, self.exponent - other.exponent - shift).round(precision, direction)
    }

    /// Square root of a nonnegative number to at least `precision` bits.
    pub(crate) fn square_root(&self, precision: usize, direction: Direction) -> Self {
        if self.is_zero() {
            return Dyadic::zero();
        }
        let mut shift = (2 * precision as i64 + 2 - bit_length(&self.mantissa)).max(0);
        if (self.exponent - shift) % 2 != 0 {
            shift += 1;
        }
        let (floor, exact) = integer_square_root(&shift_floor(&self.mantissa, shift));
        let root = if exact || direction == Direction::Down { floor } else { floor + IBig::ONE };
        Dyadic::new(root, (self.exponent - shift) / 2).round(precision, direction)
    }

    /// Floor of self * 2^bits.
    pub(crate) fn to_fixed(&self, bits: i64) -> IBig {
        if self.is_zero() { IBig::ZERO } else { shift_floor(&self.mantissa, self.exponent + bits) }
    }

    /// The same number as a rational.
    pub(crate) fn to_rational(&self) -> RBig {
        if self.exponent >= 0 {
            RBig::from(&self.mantissa << self.exponent as usize)
        } else {
            RBig::from_parts(self.mantissa.clone(), UBig::ONE << self.exponent.unsigned_abs() as usize)
        }
    }

    /// A rational to `precision` bits.
    pub(crate) fn from_rational(value: &RBig, precision: usize, direction: Direction) -> Self {
        let numerator = Dyadic::new(value.numerator().clone(), 0);
        let denominator = Dyadic::new(IBig::from(value.denominator().clone()), 0);
        numerator.divide(&denominator, precision, direction)
    }
}

impl PartialEq for Dyadic {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Dyadic {}

impl PartialOrd for Dyadic {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Dyadic {
    fn cmp(&self, other: &Self) -> Ordering {
        let (sign, sign_other) = (self.mantissa.cmp(&IBig::ZERO), other.mantissa.cmp(&IBig::ZERO));
        if sign != sign_other || sign == Ordering::Equal {
            return sign.cmp(&sign_other);
        }
        let by_magnitude = self.magnitude().cmp(&other.magnitude());
        if by_magnitude != Ordering::Equal {
            return if sign == Ordering::Greater { by_magnitude } else { by_magnitude.reverse() };
        }
        self.subtract(other).mantissa.cmp(&IBig::ZERO)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounding_goes_in_the_named_direction_for_both_signs() {
        for mantissa in [-13_i64, 13] {
            let value = Dyadic::new(IBig::from(mantissa), 3);
            let down = value.clone().round(2, Direction::Down);
            let up = value.clone().round(2, Direction::Up);
            assert!(down < value && value < up);
            let neighbours = if mantissa > 0 { (12 * 8, 16 * 8) } else { (-16 * 8, -12 * 8) };
            assert_eq!(down, Dyadic::new(IBig::from(neighbours.0), 0));
            assert_eq!(up, Dyadic::new(IBig::from(neighbours.1), 0));
        }
    }

    #[test]
    fn quotients_and_roots_bracket_and_are_exact_where_they_can_be() {
        for (a, b) in [(1_i64, 3_i64), (-1, 3), (1, -3), (-7, -9), (10, 5), (6, 4)] {
            let (x, y) = (Dyadic::new(IBig::from(a), 0), Dyadic::new(IBig::from(b), -5));
            let down = x.divide(&y, 30, Direction::Down);
            let up = x.divide(&y, 30, Direction::Up);
            let quotient = RBig::from(a) / RBig::from(b) * RBig::from(32);
            assert!(down.to_rational() <= quotient && quotient <= up.to_rational(), "{a}/{b}");
            assert_eq!(down == up, a % b == 0 || (a, b) == (6, 4), "{a}/{b}");
            assert!(up.subtract(&down).magnitude() <= up.absolute().magnitude() - 28);
        }
        for (square, exponent) in [(2_i64, 0_i64), (2, 1), (9, 2), (9, -7), (1_000_003, -40)] {
            let x = Dyadic::new(IBig::from(square), exponent);
            let down = x.square_root(40, Direction::Down);
            let up = x.square_root(40, Direction::Up);
            assert!(down.multiply(&down) <= x && x <= up.multiply(&up));
            assert_eq!(down == up, square * (1 + exponent.rem_euclid(2)) == 9 || (square, exponent) == (2, 1));
            assert!(up.subtract(&down).magnitude() <= up.magnitude() - 38);
        }
    }

    #[test]
    fn every_kind_of_f64_is_taken_exactly() {
        for value in [0.0, -0.0, 1.0, -0.1, f64::MIN_POSITIVE, 5e-324, -f64::MAX, 1e-310] {
            assert_eq!(Dyadic::from_f64(value).to_rational(), RBig::try_from(value).unwrap());
        }
    }

    #[test]
    fn the_order_is_that_of_the_rationals() {
        let values = [-8.5, -8.0, -1e-300, 0.0, 1e-300, 0.75, 1.0, 3.0, 1e300];
        for a in values {
            for b in values {
                assert_eq!(Dyadic::from_f64(a).cmp(&Dyadic::from_f64(b)), a.partial_cmp(&b).unwrap(), "{a} {b}");
            }
        }
    }
}

//! One formula, two arithmetics: exact integers where the kernel is rational, intervals where it is
//! not.

use super::interval::Interval;
use dashu_int::IBig;

/// Addition and multiplication of one kind of number.
pub(crate) trait Arithmetic {
    type Number: Clone;
    fn zero(&self) -> Self::Number;
    fn add(&self, left: &Self::Number, right: &Self::Number) -> Self::Number;
    fn subtract(&self, left: &Self::Number, right: &Self::Number) -> Self::Number;
    fn multiply(&self, left: &Self::Number, right: &Self::Number) -> Self::Number;
    fn scale(&self, value: &Self::Number, factor: usize) -> Self::Number;
}

/// The integers.
pub(crate) struct ExactIntegers;

impl Arithmetic for ExactIntegers {
    type Number = IBig;

    fn zero(&self) -> IBig {
        IBig::ZERO
    }

    fn add(&self, left: &IBig, right: &IBig) -> IBig {
        left + right
    }

    fn subtract(&self, left: &IBig, right: &IBig) -> IBig {
        left - right
    }

    fn multiply(&self, left: &IBig, right: &IBig) -> IBig {
        left * right
    }

    fn scale(&self, value: &IBig, factor: usize) -> IBig {
        value * IBig::from(factor)
    }
}

/// Intervals rounded outward to `precision` bits.
#[derive(Clone, Copy)]
pub(crate) struct IntervalArithmetic {
    pub(crate) precision: usize,
}

impl Arithmetic for IntervalArithmetic {
    type Number = Interval;

    fn zero(&self) -> Interval {
        Interval::zero()
    }

    fn add(&self, left: &Interval, right: &Interval) -> Interval {
        left.add(right, self.precision)
    }

    fn subtract(&self, left: &Interval, right: &Interval) -> Interval {
        left.subtract(right, self.precision)
    }

    fn multiply(&self, left: &Interval, right: &Interval) -> Interval {
        left.multiply(right, self.precision)
    }

    fn scale(&self, value: &Interval, factor: usize) -> Interval {
        value.multiply(&Interval::from_integer(IBig::from(factor)), self.precision)
    }
}

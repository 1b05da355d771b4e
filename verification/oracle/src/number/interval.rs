//! Closed intervals with dyadic ends, every operation rounded outward to a given number of bits.

use super::dyadic::{Direction, Dyadic};
use dashu_int::IBig;
use dashu_ratio::RBig;

/// All reals between `lo` and `hi`, both included; `lo <= hi`.
#[derive(Clone, Debug)]
pub(crate) struct Interval {
    lo: Dyadic,
    hi: Dyadic,
}

impl Interval {
    pub(crate) fn new(lo: Dyadic, hi: Dyadic) -> Self {
        assert!(lo <= hi, "an interval's ends are in order");
        Interval { lo, hi }
    }

    pub(crate) fn point(value: Dyadic) -> Self {
        Interval { lo: value.clone(), hi: value }
    }

    pub(crate) fn zero() -> Self {
        Interval::point(Dyadic::zero())
    }

    pub(crate) fn one() -> Self {
        Interval::point(Dyadic::one())
    }

    pub(crate) fn from_integer(value: IBig) -> Self {
        Interval::point(Dyadic::new(value, 0))
    }

    pub(crate) fn from_rational(value: &RBig, precision: usize) -> Self {
        Interval::new(Dyadic::from_rational(value, precision, Direction::Down), Dyadic::from_rational(value, precision, Direction::Up))
    }

    pub(crate) fn lo(&self) -> &Dyadic {
        &self.lo
    }

    pub(crate) fn hi(&self) -> &Dyadic {
        &self.hi
    }

    pub(crate) fn is_point(&self) -> bool {
        self.lo == self.hi
    }

    pub(crate) fn is_positive(&self) -> bool {
        self.lo.is_positive()
    }

    pub(crate) fn contains_zero(&self) -> bool {
        !self.lo.is_positive() && !self.hi.is_negative()
    }

    pub(crate) fn midpoint(&self) -> Dyadic {
        if self.is_point() { self.lo.clone() } else { self.lo.add(&self.hi).scale(-1) }
    }

    /// The largest |x| in the interval.
    pub(crate) fn largest_magnitude(&self) -> Dyadic {
        self.lo.absolute().max(self.hi.absolute())
    }

    pub(crate) fn round(self, precision: usize) -> Self {
        Interval { lo: self.lo.round(precision, Direction::Down), hi: self.hi.round(precision, Direction::Up) }
    }

    pub(crate) fn negate(&self) -> Self {
        Interval { lo: self.hi.negate(), hi: self.lo.negate() }
    }

    /// self * 2^power, exactly.
    pub(crate) fn scale(&self, power: i64) -> Self {
        Interval { lo: self.lo.scale(power), hi: self.hi.scale(power) }
    }

    pub(crate) fn add(&self, other: &Self, precision: usize) -> Self {
        Interval { lo: self.lo.add(&other.lo), hi: self.hi.add(&other.hi) }.round(precision)
    }

    pub(crate) fn subtract(&self, other: &Self, precision: usize) -> Self {
        Interval { lo: self.lo.subtract(&other.hi), hi: self.hi.subtract(&other.lo) }.round(precision)
    }

    /// The interval of all |x|.
    pub(crate) fn absolute(&self) -> Self {
        if !self.lo.is_negative() {
            self.clone()
        } else if !self.hi.is_positive() {
            self.negate()
        } else {
            Interval::new(Dyadic::zero(), self.largest_magnitude())
        }
    }

    pub(crate) fn multiply(&self, other: &Self, precision: usize) -> Self {
        if other.is_point_cheaply() {
            return self.multiply_point(&other.lo, precision);
        }
        if self.is_point_cheaply() {
            return other.multiply_point(&self.lo, precision);
        }
        if !self.lo.is_negative() && !other.lo.is_negative() {
            return Interval { lo: self.lo.multiply(&other.lo), hi: self.hi.multiply(&other.hi) }.round(precision);
        }
        let products = [self.lo.multiply(&other.lo), self.lo.multiply(&other.hi), self.hi.multiply(&other.lo), self.hi.multiply(&other.hi)];
        let lo = products.iter().min().expect("four products").clone();
        let hi = products.into_iter().max().expect("four products");
        Interval { lo, hi }.round(precision)
    }

    pub(crate) fn multiply_point(&self, factor: &Dyadic, precision: usize) -> Self {
        let (at_lo, at_hi) = (self.lo.multiply(factor), self.hi.multiply(factor));
        let product = if factor.is_negative() { Interval { lo: at_hi, hi: at_lo } } else { Interval { lo: at_lo, hi: at_hi } };
        product.round(precision)
    }

    fn is_point_cheaply(&self) -> bool {
        self.lo == self.hi
    }

    /// self / other; `other` must not contain zero.
    pub(crate) fn divide(&self, other: &Self, precision: usize) -> Self {
        assert!(!other.contains_zero(), "a divisor's interval excludes zero");
        let (numerator, divisor) = if other.hi.is_negative() { (self.negate(), other.negate()) } else { (self.clone(), other.clone()) };
        let below = if numerator.lo.is_negative() { &divisor.lo } else { &divisor.hi };
        let above = if numerator.hi.is_negative() { &divisor.hi } else { &divisor.lo };
        Interval { lo: numerator.lo.divide(below, precision, Direction::Down), hi: numerator.hi.divide(above, precision, Direction::Up) }
    }

    /// Square root of what is known to be nonnegative: the part of the interval below zero cannot
    /// hold the number.
    pub(crate) fn square_root(&self, precision: usize) -> Self {
        assert!(!self.hi.is_negative(), "the square root is taken of nonnegative numbers only");
        let lo = if self.lo.is_negative() { Dyadic::zero() } else { self.lo.square_root(precision, Direction::Down) };
        Interval { lo, hi: self.hi.square_root(precision, Direction::Up) }
    }

    /// The interval widened by `radius >= 0` at both ends.
    pub(crate) fn widen(&self, radius: &Dyadic, precision: usize) -> Self {
        Interval { lo: self.lo.subtract(radius), hi: self.hi.add(radius) }.round(precision)
    }

    /// The part in [lo, hi], for a number known to lie there.
    pub(crate) fn intersect(&self, lo: &Dyadic, hi: &Dyadic) -> Self {
        Interval::new(self.lo.clone().max(lo.clone()), self.hi.clone().min(hi.clone()))
    }

    /// Whether hi - lo <= 2^-bits * min |x|.
    pub(crate) fn is_narrow(&self, bits: i64) -> bool {
        if self.is_point() {
            return true;
        }
        if self.contains_zero() {
            return false;
        }
        let smallest = self.lo.absolute().min(self.hi.absolute());
        self.hi.subtract(&self.lo) <= smallest.scale(-bits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn interval(lo: i64, hi: i64) -> Interval {
        Interval::new(Dyadic::new(IBig::from(lo), 0), Dyadic::new(IBig::from(hi), 0))
    }

    fn holds(outer: &Interval, value: &RBig) -> bool {
        outer.lo.to_rational() <= *value && *value <= outer.hi.to_rational()
    }

    #[test]
    fn operations_hold_the_results_of_all_members() {
        let intervals = [(-5, -2), (-3, 4), (0, 7), (2, 2), (3, 11), (-6, -6)];
        for &(a, b) in &intervals {
            for &(c, d) in &intervals {
                let (x, y) = (interval(a, b), interval(c, d));
                for i in a..=b {
                    for j in c..=d {
                        let (u, v) = (RBig::from(i), RBig::from(j));
                        assert!(holds(&x.add(&y, 2), &(&u + &v)));
                        assert!(holds(&x.subtract(&y, 2), &(&u - &v)));
                        assert!(holds(&x.multiply(&y, 2), &(&u * &v)), "{a} {b} {c} {d}");
                        if !y.contains_zero() {
                            assert!(holds(&x.divide(&y, 2), &(&u / &v)), "{a} {b} / {c} {d}");
                        }
                    }
                    assert!(holds(&x.absolute(), &RBig::from(i.abs())));
                }
            }
        }
    }

    #[test]
    fn the_tightest_product_is_found() {
        let product = interval(-3, 4).multiply(&interval(-5, -2), 64);
        assert_eq!((product.lo, product.hi), (Dyadic::new(IBig::from(-20), 0), Dyadic::new(IBig::from(15), 0)));
    }

    #[test]
    fn narrowness_is_relative_to_the_end_nearest_zero() {
        let near_one = Interval::new(Dyadic::one(), Dyadic::one().add(&Dyadic::power_of_two(-10)));
        assert!(near_one.is_narrow(10) && !near_one.is_narrow(11));
        assert!(!interval(-1, 1).is_narrow(0) && interval(0, 0).is_narrow(1000));
        assert!(!near_one.negate().is_narrow(11));
    }
}

//! Just enough arithmetic in twice the precision to apply a map to data with one rounding at the
//! end, and to know that rounding.

/// An unevaluated sum `high + low`, about 106 bits.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Precise {
    high: f64,
    low: f64,
}

fn two_sum(a: f64, b: f64) -> Precise {
    let high = a + b;
    let part = high - a;
    Precise { high, low: (a - (high - part)) + (b - part) }
}

fn two_product(a: f64, b: f64) -> Precise {
    let high = a * b;
    Precise { high, low: a.mul_add(b, -high) }
}

impl Precise {
    /// The nearest f64.
    pub(crate) fn rounded(self) -> f64 {
        self.high + self.low
    }

    /// What rounding to the nearest f64 leaves out.
    pub(crate) fn remainder(self) -> f64 {
        let rest = two_sum(self.high, self.low);
        rest.low
    }

    /// The sum.
    pub(crate) fn add(self, other: Precise) -> Precise {
        let sum = two_sum(self.high, other.high);
        two_sum(sum.high, sum.low + self.low + other.low)
    }

    /// The product with an f64.
    pub(crate) fn times(self, factor: f64) -> Precise {
        let product = two_product(self.high, factor);
        two_sum(product.high, self.low.mul_add(factor, product.low))
    }

    /// The quotient by an f64: two steps of long division.
    pub(crate) fn over(self, divisor: f64) -> Precise {
        let first = self.high / divisor;
        let rest = self.add(two_product(-first, divisor));
        two_sum(first, rest.rounded() / divisor)
    }
}

impl From<f64> for Precise {
    fn from(value: f64) -> Precise {
        Precise { high: value, low: 0.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::Precise;

    #[test]
    fn a_third_times_three_misses_one_by_the_square_of_the_rounding_unit() {
        let third = Precise::from(1.0).over(3.0);
        let missing = third.times(3.0).add(Precise::from(-1.0)).rounded();
        assert!(missing.abs() < 1e-31, "{missing:e}");
        assert!((third.remainder() - 1.0 / 3.0 * f64::EPSILON / 4.0).abs() < 1e-32, "{:e}", third.remainder());
    }

    #[test]
    fn a_sum_that_cancels_keeps_the_small_term() {
        let sum = Precise::from(1e16).add(Precise::from(1.0)).add(Precise::from(-1e16));
        assert_eq!(sum.rounded(), 1.0);
        assert_eq!(Precise::from(1e16).add(Precise::from(1.0)).remainder(), 1.0);
    }
}

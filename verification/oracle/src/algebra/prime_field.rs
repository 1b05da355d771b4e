//! Arithmetic modulo primes of one machine word, in Montgomery's form.

use dashu_int::IBig;

/// The integers modulo an odd number below 2^62; a value x stands as x * 2^64.
#[derive(Clone, Copy)]
pub(crate) struct PrimeField {
    prime: u64,
    /// -1 / prime modulo 2^64.
    negative_inverse: u64,
    /// 2^64 and 2^128 modulo the prime: one, and what turns a plain number into its form.
    one: u64,
    entry_factor: u64,
}

/// Every prime of [`primes`] is above 2^61.
pub(crate) const PRIME_BITS: usize = 61;

impl PrimeField {
    pub(crate) fn new(prime: u64) -> Self {
        // Newton's iteration doubles the correct low bits: 3, 6, ..., 96.
        let mut inverse = prime;
        for _ in 0..5 {
            inverse = inverse.wrapping_mul(2_u64.wrapping_sub(prime.wrapping_mul(inverse)));
        }
        let one = ((1_u128 << 64) % u128::from(prime)) as u64;
        let entry_factor = (u128::from(one) * u128::from(one) % u128::from(prime)) as u64;
        PrimeField { prime, negative_inverse: inverse.wrapping_neg(), one, entry_factor }
    }

    pub(crate) fn one(&self) -> u64 {
        self.one
    }

    /// value / 2^64 for value < prime * 2^64.
    fn reduce(&self, value: u128) -> u64 {
        let multiple = (value as u64).wrapping_mul(self.negative_inverse);
        let quotient = ((value + u128::from(multiple) * u128::from(self.prime)) >> 64) as u64;
        if quotient >= self.prime { quotient - self.prime } else { quotient }
    }

    pub(crate) fn multiply(&self, left: u64, right: u64) -> u64 {
        self.reduce(u128::from(left) * u128::from(right))
    }

    pub(crate) fn subtract(&self, left: u64, right: u64) -> u64 {
        if left >= right { left - right } else { left + self.prime - right }
    }

    pub(crate) fn power(&self, base: u64, mut exponent: u64) -> u64 {
        let (mut result, mut square) = (self.one, base);
        while exponent > 0 {
            if exponent & 1 == 1 {
                result = self.multiply(result, square);
            }
            square = self.multiply(square, square);
            exponent >>= 1;
        }
        result
    }

    /// 1 / value by Fermat's little theorem, for value != 0.
    pub(crate) fn inverse(&self, value: u64) -> u64 {
        self.power(value, self.prime - 2)
    }

    /// The form of an integer.
    pub(crate) fn enter(&self, value: &IBig) -> u64 {
        let prime = IBig::from(self.prime);
        let remainder = value % &prime;
        let positive = if remainder < IBig::ZERO { remainder + prime } else { remainder };
        let plain = u64::try_from(positive).expect("a remainder is below the prime");
        self.multiply(plain, self.entry_factor)
    }

    /// The number below the prime that a form stands for.
    pub(crate) fn leave(&self, value: u64) -> u64 {
        self.reduce(u128::from(value))
    }

    pub(crate) fn prime(&self) -> u64 {
        self.prime
    }
}

/// The primes below 2^62, descending.
pub(crate) fn primes() -> impl Iterator<Item = u64> {
    (0_u64..).map(|step| (1 << 62) - 1 - 2 * step).filter(|candidate| is_prime(*candidate))
}

/// The bases for which the test of Miller and Rabin is a proof below 3.3 * 10^24 (Sorenson and
/// Webster 2015).
const BASES: [u64; 13] = [2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41];

/// For odd candidates above the bases.
fn is_prime(candidate: u64) -> bool {
    if BASES.iter().any(|base| candidate.is_multiple_of(*base)) {
        return false;
    }
    let field = PrimeField::new(candidate);
    let minus_one = field.subtract(0, field.one);
    let twos = (candidate - 1).trailing_zeros();
    BASES.iter().all(|base| {
        let mut power = field.power(field.enter(&IBig::from(*base)), (candidate - 1) >> twos);
        if power == field.one || power == minus_one {
            return true;
        }
        (1..twos).any(|_| {
            power = field.multiply(power, power);
            power == minus_one
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_primes_below_two_to_the_62_are_the_published_ones() {
        // 2^62 - k for the k of the table of largest primes below powers of two.
        let found: Vec<u64> = primes().take(10).map(|prime| (1 << 62) - prime).collect();
        assert_eq!(found, [57, 87, 117, 143, 153, 167, 171, 195, 203, 273]);
        assert!(is_prime((1 << 61) - 1) && !is_prime(((1_u64 << 31) - 1) * ((1 << 29) - 3)));
    }

    #[test]
    fn the_form_obeys_plain_arithmetic() {
        let field = PrimeField::new(primes().next().unwrap());
        let numbers = [0_i64, 1, 2, -1, 1 << 61, i64::MAX, -123_456_789_012];
        for a in numbers {
            for b in numbers {
                let (left, right) = (field.enter(&IBig::from(a)), field.enter(&IBig::from(b)));
                let prime = i128::from(field.prime());
                let product = (i128::from(a).rem_euclid(prime) * i128::from(b).rem_euclid(prime)).rem_euclid(prime);
                assert_eq!(i128::from(field.leave(field.multiply(left, right))), product);
                let difference = (i128::from(a) - i128::from(b)).rem_euclid(prime);
                assert_eq!(i128::from(field.leave(field.subtract(left, right))), difference);
            }
            let form = field.enter(&IBig::from(a));
            if a != 0 {
                assert_eq!(field.multiply(form, field.inverse(form)), field.one());
            }
        }
    }
}

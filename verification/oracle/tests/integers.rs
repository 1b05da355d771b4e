//! The one thing this crate believes is dashu's integers; here they meet arithmetic modulo primes
//! on their own bytes.

mod support;

use dashu_base::SquareRootRem;
use dashu_int::UBig;
use support::Generator;

const PRIMES: [u64; 3] = [(1 << 61) - 1, 4_294_967_291, 1_000_000_007];

/// The number modulo a prime, byte by byte.
fn residue(number: &UBig, prime: u64) -> u64 {
    number.to_be_bytes().iter().fold(0, |rest, byte| ((u128::from(rest) * 256 + u128::from(*byte)) % u128::from(prime)) as u64)
}

fn drawn(generator: &mut Generator, bytes: usize) -> UBig {
    UBig::from_le_bytes(&generator.bytes(bytes))
}

/// Lengths around one word, around the thresholds of the faster products, and as long as the
/// certificates need.
const BYTES: [usize; 12] = [1, 7, 8, 9, 16, 17, 200, 201, 1000, 5000, 20_000, 60_000];

#[test]
fn products_quotients_and_roots_are_right_modulo_primes() {
    let mut generator = Generator::new(17);
    for left in BYTES {
        for right in BYTES {
            let (a, b, c) = (drawn(&mut generator, left), drawn(&mut generator, right), drawn(&mut generator, right / 2 + 1));
            let product = &a * &b + &c;
            for prime in PRIMES {
                let multiply = |x: u64, y: u64| u128::from(x) * u128::from(y) % u128::from(prime);
                let expected = (multiply(residue(&a, prime), residue(&b, prime)) + u128::from(residue(&c, prime))) % u128::from(prime);
                assert_eq!(u128::from(residue(&product, prime)), expected, "{left} {right} bytes");
            }
            if !b.is_zero() {
                let (quotient, remainder) = (&product / &b, &product % &b);
                assert!(remainder < b && quotient * &b + remainder == product, "{left} {right} bytes");
            }
            let (root, remainder) = product.sqrt_rem();
            assert!(&root * &root + &remainder == product && remainder <= &root + &root, "{left} {right} bytes");
        }
    }
}

#[test]
fn differences_and_shifts_undo_sums_and_shifts() {
    let mut generator = Generator::new(18);
    for bytes in BYTES {
        let (a, b) = (drawn(&mut generator, bytes), drawn(&mut generator, bytes));
        assert_eq!(&a + &b - &b, a);
        for shift in [1_usize, 31, 64, 65, 4000] {
            let shifted = &a << shift;
            assert_eq!(&shifted >> shift, a);
            for prime in PRIMES {
                let power = (0..shift).fold(1_u64, |power, _| (u128::from(power) * 2 % u128::from(prime)) as u64);
                let expected = u128::from(residue(&a, prime)) * u128::from(power) % u128::from(prime);
                assert_eq!(u128::from(residue(&shifted, prime)), expected, "{bytes} bytes by {shift}");
            }
        }
    }
}

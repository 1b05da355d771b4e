//! Draws without bias from one stream for each, the same on every machine and in every version.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// The generator of draw number `index` of a seed.
pub(super) fn generator(seed: u64, index: usize) -> ChaCha8Rng {
    let mut generator = ChaCha8Rng::seed_from_u64(seed);
    generator.set_stream(index as u64);
    generator
}

/// A whole number below `bound`, each equally likely (Lemire 2019). Written out, so that a seed
/// means the same whatever version of `rand` is used.
pub(super) fn below(generator: &mut ChaCha8Rng, bound: u64) -> u64 {
    let threshold = bound.wrapping_neg() % bound;
    loop {
        let product = u128::from(generator.random::<u64>()) * u128::from(bound);
        if product as u64 >= threshold {
            return (product >> 64) as u64;
        }
    }
}

/// Shuffles (Fisher and Yates; Durstenfeld 1964).
pub(super) fn shuffle<T>(items: &mut [T], generator: &mut ChaCha8Rng) {
    for last in (1..items.len()).rev() {
        items.swap(last, below(generator, last as u64 + 1) as usize);
    }
}

/// `count` different numbers below `n`, in ascending order.
pub(super) fn subset(n: usize, count: usize, generator: &mut ChaCha8Rng) -> Vec<u32> {
    let mut all: Vec<u32> = (0..n as u32).collect();
    for place in 0..count {
        all.swap(place, place + below(generator, (n - place) as u64) as usize);
    }
    all.truncate(count);
    all.sort_unstable();
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_order_of_three_is_equally_likely() {
        let mut counts = std::collections::BTreeMap::new();
        for index in 0..6000 {
            let mut items = [0, 1, 2];
            shuffle(&mut items, &mut generator(7, index));
            *counts.entry(items).or_insert(0) += 1;
        }
        // 5 degrees of freedom: 20.5 is passed once in a thousand seeds.
        let chi_squared: f64 = counts.values().map(|&count| (f64::from(count) - 1000.0).powi(2) / 1000.0).sum();
        assert!(counts.len() == 6 && chi_squared < 20.5, "{counts:?}");
    }

    #[test]
    fn a_subset_has_no_number_twice_and_every_number_as_often() {
        let mut counts = [0; 10];
        for index in 0..2000 {
            let subset = subset(10, 4, &mut generator(3, index));
            assert!(subset.len() == 4 && subset.is_sorted_by(|a, b| a < b));
            subset.iter().for_each(|&number| counts[number as usize] += 1);
        }
        assert!(counts.iter().all(|count| (*count - 800i32).abs() < 110), "{counts:?}");
    }
}

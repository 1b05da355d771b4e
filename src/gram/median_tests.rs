//! Tests of `median.rs`.

use rand::{RngExt, SeedableRng};

use super::*;

/// The values of two ranks as a first search and its followers find them, and how many passes
/// that took.
fn found(values: &[f64], sample: &[f64], ranks: (usize, usize), limit: usize) -> ((f64, f64), usize) {
    let pass = |search: &Search| {
        // In parts, as the tiles of a matrix are.
        values.chunks(100).fold(search.counts(), |all, part| {
            let mut counts = search.counts();
            search.observe(part, &mut counts);
            search.record(&counts);
            all.and(counts)
        })
    };
    let mut first = Search::first(sample, ranks.0, values.len());
    first.limit = limit;
    let counts = pass(&first);
    let mut passes = 1;
    let again = |search: &Search| {
        passes += 1;
        pass(search)
    };
    (select(ranks, first, counts, again), passes)
}

fn ascending(mut values: Vec<f64>) -> Vec<f64> {
    values.sort_by(f64::total_cmp);
    values
}

/// Asks for the middle ranks and the ends, with much and with little room, and compares with a
/// sort.
fn check(values: &[f64], sample: &[f64]) {
    let (sorted, sample) = (ascending(values.to_vec()), ascending(sample.to_vec()));
    let last = values.len() - 1;
    for (rank, next) in [(last / 2, values.len() / 2), (0, 1.min(last)), (last, last), (last / 3, last / 3)] {
        for limit in [COLLECTED, 10, 1, 0] {
            assert_eq!(
                found(values, &sample, (rank, next), limit).0,
                (sorted[rank], sorted[next]),
                "ranks {rank}, {next}, room for {limit}"
            );
        }
    }
}

#[test]
fn the_values_of_two_ranks_are_those_of_a_sort() {
    let mut generator = rand_chacha::ChaCha8Rng::seed_from_u64(5);
    for length in [1, 2, 3, 16, 63, 64, 65, 1000, 10_001] {
        let smooth: Vec<f64> = (0..length).map(|_| generator.random_range(0.0..3.0)).collect();
        let ties: Vec<f64> = (0..length).map(|_| f64::from(generator.random_range(0..5u32))).collect();
        let two: Vec<f64> = (0..length).map(|i| if i % 2 == 0 { 1.0 } else { 2.0 }).collect();
        let far: Vec<f64> = (0..length).map(|_| 2f64.powf(generator.random_range(-1070.0..1000.0))).collect();
        for values in [smooth, ties, two, far, vec![0.0; length], vec![0.7; length]] {
            let sample: Vec<f64> = (0..1000).map(|_| values[generator.random_range(0..length)]).collect();
            check(&values, &sample);
            check(&values, &[]);
            // Samples that mislead: from below, from above, from the middle only.
            for wrong in [0.0, 1e300, f64::MIN_POSITIVE, 1.5] {
                check(&values, &vec![wrong; 1000]);
            }
        }
    }
}

#[test]
fn a_fair_sample_needs_one_pass_and_little_room() {
    let mut generator = rand_chacha::ChaCha8Rng::seed_from_u64(6);
    let values: Vec<f64> = (0..1_000_000).map(|_| generator.random_range(0.0..1.0f64).powi(3)).collect();
    let sample = ascending((0..sample_size(values.len())).map(|_| values[generator.random_range(0..values.len())]).collect());
    let sorted = ascending(values.clone());
    let (middle, passes) = found(&values, &sample, (499_999, 500_000), 200_000);
    assert_eq!((middle, passes), ((sorted[499_999], sorted[500_000]), 1));
}

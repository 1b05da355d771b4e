//! Data like activations after a ReLU.
//!
//! They have a common part, so that no two layers are orthogonal, constant or equal.

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};

/// n x p values in row-major order, as files and NumPy have them.
pub fn activations(seed: u64, n: usize, p: usize) -> Vec<f64> {
    const COMMON: usize = 16;
    let mut generator = ChaCha8Rng::seed_from_u64(seed);
    let mut common = ChaCha8Rng::seed_from_u64(0);
    let mut values = Vec::with_capacity(n * p);
    let mixing: Vec<f64> = (0..COMMON * p).map(|_| StandardNormal.sample(&mut generator)).collect();
    let mut row = [0.0f64; COMMON];
    for _ in 0..n {
        row.iter_mut().for_each(|value| *value = StandardNormal.sample(&mut common));
        for column in 0..p {
            let shared: f64 = row.iter().zip(&mixing[column * COMMON..]).map(|(a, b)| a * b).sum();
            let own: f64 = StandardNormal.sample(&mut generator);
            values.push((0.25 * shared + own).max(0.0));
        }
    }
    values
}

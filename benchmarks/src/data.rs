//! What is measured: like activations after ReLU, with a common part, so that nothing is orthogonal, constant or equal.

use std::path::Path;

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

/// Writes n x p values as numpy does: version 1 of the format, f64 in C order.
pub fn npy(path: &Path, n: usize, p: usize, values: &[f64]) -> std::io::Result<()> {
    let header = format!("{{'descr': '<f8', 'fortran_order': False, 'shape': ({n}, {p}), }}");
    let padded = (10 + header.len() + 1).div_ceil(64) * 64 - 10;
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend((padded as u16).to_le_bytes());
    bytes.extend(header.as_bytes());
    bytes.resize(10 + padded - 1, b' ');
    bytes.push(b'\n');
    bytes.extend(values.iter().flat_map(|value| value.to_le_bytes()));
    std::fs::write(path, bytes)
}

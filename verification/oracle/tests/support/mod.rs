//! Matrices with exact closed forms, and drawn ones.
// Each test file uses its part.
#![allow(dead_code)]

use similitude_oracle::{Matrix, OracleError, Value, evaluate};

/// Columns `1..` of the 8 x 8 Hadamard matrix: centered, orthogonal, each of squared length 8.
pub fn hadamard(row: usize, column: usize) -> f64 {
    if (row & column).count_ones().is_multiple_of(2) { 1.0 } else { -1.0 }
}

/// Eight examples of the neurons that `weights` mixes from the columns 1, 2, ... of the Hadamard
/// matrix.
pub fn mixed(weights: &[&[f64]]) -> Matrix {
    let entries: Vec<f64> = (0..8)
        .flat_map(|row| {
            weights
                .iter()
                .map(move |neuron| neuron.iter().enumerate().map(|(index, weight)| weight * hadamard(row, index + 1)).sum::<f64>())
        })
        .collect();
    Matrix::from_row_major(8, weights.len(), &entries).unwrap()
}

pub fn matrix(columns: usize, entries: &[f64]) -> Matrix {
    Matrix::from_row_major(entries.len() / columns, columns, entries).unwrap()
}

pub fn rows(entries: &[Vec<f64>]) -> Matrix {
    matrix(entries[0].len(), &entries.concat())
}

/// The rational number that a value is.
pub fn exact(value: &Value) -> String {
    assert!(value.exact, "{}", value.enclosure);
    value.enclosure.lo().to_string()
}

/// The error that refuses the measure.
pub fn fails(spec: &str, x: &Matrix, y: &Matrix) -> OracleError {
    match evaluate(spec, x, y) {
        Ok(value) => panic!("{spec}: {}", value.enclosure),
        Err(error) => error,
    }
}

/// Twice an orthogonal matrix of integers.
pub const ORTHOGONAL: [[f64; 4]; 4] = [[1.0, 1.0, 1.0, 1.0], [1.0, -1.0, 1.0, -1.0], [1.0, 1.0, -1.0, -1.0], [1.0, -1.0, -1.0, 1.0]];

/// The rows times a matrix.
pub fn times(entries: &[Vec<f64>], factor: &[[f64; 4]; 4]) -> Vec<Vec<f64>> {
    let product = |row: &Vec<f64>| (0..4).map(|column| (0..4).map(|inner| row[inner] * factor[inner][column]).sum()).collect();
    entries.iter().map(product).collect()
}

/// The rows of four neurons, rotated and doubled.
pub fn turned(entries: &[Vec<f64>]) -> Vec<Vec<f64>> {
    times(entries, &ORTHOGONAL)
}

/// SplitMix64: numbers that are the same everywhere, for ever.
pub struct Generator(u64);

impl Generator {
    pub fn new(seed: u64) -> Self {
        Generator(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn bytes(&mut self, count: usize) -> Vec<u8> {
        (0..count).map(|_| (self.next() >> 32) as u8).collect()
    }

    /// Rows of integers from -bound to bound.
    pub fn integers(&mut self, rows: usize, columns: usize, bound: u64) -> Vec<Vec<f64>> {
        let mut entry = || (self.next() % (2 * bound + 1)) as f64 - bound as f64;
        (0..rows).map(|_| (0..columns).map(|_| entry()).collect()).collect()
    }
}

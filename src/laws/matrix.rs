//! A plain n x p matrix in row-major order: what cases draw and maps act on, before it becomes a
//! representation.

use nalgebra::DMatrix;

use crate::error::Error;
use crate::representation::Representation;

/// n examples x p neurons, row-major.
#[derive(Debug, Clone, PartialEq)]
pub struct Matrix {
    /// Examples.
    pub n: usize,
    /// Neurons.
    pub p: usize,
    /// The entries, example after example.
    pub values: Vec<f64>,
}

impl Matrix {
    /// The matrix whose entry in row i, column j is `entry(i, j)`, filled row by row.
    pub fn from_fn(n: usize, p: usize, mut entry: impl FnMut(usize, usize) -> f64) -> Self {
        let values = (0..n * p).map(|index| entry(index / p, index % p)).collect();
        Self { n, p, values }
    }

    /// The entry in row i, column j.
    pub fn at(&self, i: usize, j: usize) -> f64 {
        self.values[i * self.p + j]
    }

    /// Row i.
    pub fn row(&self, i: usize) -> &[f64] {
        &self.values[i * self.p..(i + 1) * self.p]
    }

    /// The rows in another order.
    pub fn rows(&self, order: &[usize]) -> Self {
        Self::from_fn(order.len(), self.p, |i, j| self.at(order[i], j))
    }

    /// The columns chosen, in the order given.
    pub fn columns(&self, chosen: &[usize]) -> Self {
        Self::from_fn(self.n, chosen.len(), |i, j| self.at(i, chosen[j]))
    }

    /// Every entry times a number.
    pub fn scaled(&self, factor: f64) -> Self {
        Self { values: self.values.iter().map(|value| value * factor).collect(), ..*self }
    }

    /// The columns less their means (in f64: for drawing and for measuring sizes, not for values
    /// that are compared).
    pub fn centered(&self) -> Self {
        let mean = |j: usize| (0..self.n).map(|i| self.at(i, j) / self.n as f64).sum::<f64>();
        let means: Vec<f64> = (0..self.p).map(mean).collect();
        Self::from_fn(self.n, self.p, |i, j| self.at(i, j) - means[j])
    }

    /// The largest magnitude of an entry.
    pub fn largest(&self) -> f64 {
        self.values.iter().fold(0.0, |most, value| value.abs().max(most))
    }

    /// The Frobenius norm, also where its square is outside the range of f64.
    pub fn norm(&self) -> f64 {
        let unit = self.largest();
        if unit == 0.0 { 0.0 } else { unit * self.values.iter().map(|value| (value / unit).powi(2)).sum::<f64>().sqrt() }
    }

    /// The product with another matrix, in f64.
    pub fn times(&self, other: &Matrix) -> Self {
        Self::from_fn(self.n, other.p, |i, j| (0..self.p).map(|k| self.at(i, k) * other.at(k, j)).sum())
    }

    /// The transpose.
    pub fn transposed(&self) -> Self {
        Self::from_fn(self.p, self.n, |i, j| self.at(j, i))
    }

    /// Largest over smallest singular value of the centered matrix among those above max(n, p) eps
    /// times the largest; 1 when there are none.
    pub fn condition(&self) -> f64 {
        let singular = self.singular_values();
        let cut = crate::tolerance::rank(self.n, self.p) * singular[0];
        let least = singular.iter().copied().filter(|&value| value > cut).fold(f64::INFINITY, f64::min);
        if least.is_finite() { singular[0] / least } else { 1.0 }
    }

    /// The singular values of the centered matrix over its largest entry, descending.
    pub(crate) fn singular_values(&self) -> Vec<f64> {
        let unit = self.largest();
        let unit = if unit == 0.0 { 1.0 } else { unit };
        let centered = self.centered();
        let singular = DMatrix::from_fn(self.n, self.p, |i, j| centered.at(i, j) / unit).singular_values();
        let mut values: Vec<f64> = singular.iter().copied().collect();
        values.sort_by(|a, b| b.total_cmp(a));
        values
    }

    /// As a representation that borrows the entries.
    ///
    /// # Errors
    /// As [`Representation::from_row_major`].
    pub fn representation<'a>(&'a self, name: &'a str) -> Result<Representation<'a>, Error> {
        Representation::from_row_major(name, self.n, self.p, &self.values[..])
    }
}

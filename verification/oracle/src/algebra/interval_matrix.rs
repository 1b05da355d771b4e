//! Products of matrices of intervals with matrices of points.

use super::integer_matrix::IntegerMatrix;
use crate::number::dyadic::Dyadic;
use crate::number::interval::Interval;

/// Row-major intervals.
#[derive(Clone, Debug)]
pub(crate) struct IntervalMatrix {
    pub(crate) rows: usize,
    pub(crate) columns: usize,
    pub(crate) entries: Vec<Interval>,
}

impl IntervalMatrix {
    pub(crate) fn from_integers(matrix: &IntegerMatrix) -> Self {
        let entries = matrix.entries.iter().cloned().map(Interval::from_integer).collect();
        IntervalMatrix { rows: matrix.rows, columns: matrix.columns, entries }
    }

    pub(crate) fn entry(&self, row: usize, column: usize) -> &Interval {
        &self.entries[row * self.columns + column]
    }

    pub(crate) fn transpose(&self) -> Self {
        let entries = (0..self.columns).flat_map(|column| (0..self.rows).map(move |row| (row, column)));
        let entries = entries.map(|(row, column)| self.entry(row, column).clone()).collect();
        IntervalMatrix { rows: self.columns, columns: self.rows, entries }
    }

    pub(crate) fn multiply(&self, other: &Self, precision: usize) -> Self {
        assert_eq!(self.columns, other.rows);
        let mut entries = Vec::with_capacity(self.rows * other.columns);
        for row in 0..self.rows {
            for column in 0..other.columns {
                let sum = (0..self.columns).fold(Interval::zero(), |sum, inner| {
                    let product = self.entry(row, inner).multiply(other.entry(inner, column), precision);
                    sum.add(&product, precision)
                });
                entries.push(sum);
            }
        }
        IntervalMatrix { rows: self.rows, columns: other.columns, entries }
    }

    /// V' S V for the symmetric matrix self, or V'V where `symmetric` is absent.
    pub(crate) fn congruence(symmetric: Option<&Self>, vectors: &Self, precision: usize) -> Self {
        let product;
        let transformed = match symmetric {
            Some(matrix) => {
                product = matrix.multiply(vectors, precision);
                &product
            }
            None => vectors,
        };
        let size = vectors.columns;
        let mut entries = vec![Interval::zero(); size * size];
        for row in 0..size {
            for column in 0..=row {
                let sum = (0..vectors.rows).fold(Interval::zero(), |sum, inner| {
                    let product = transformed.entry(inner, column).multiply(vectors.entry(inner, row), precision);
                    sum.add(&product, precision)
                });
                entries[column * size + row] = sum.clone();
                entries[row * size + column] = sum;
            }
        }
        IntervalMatrix { rows: size, columns: size, entries }
    }

    /// An upper bound of the largest row sum of magnitudes, which bounds the spectral norm of a
    /// symmetric matrix.
    pub(crate) fn largest_row_sum(&self, precision: usize) -> Dyadic {
        (0..self.rows)
            .map(|row| {
                (0..self.columns)
                    .fold(Interval::zero(), |sum, column| sum.add(&Interval::point(self.entry(row, column).largest_magnitude()), precision))
            })
            .map(|sum| sum.hi().clone())
            .max()
            .unwrap_or_else(Dyadic::zero)
    }

    /// An interval holding the Frobenius norm.
    pub(crate) fn frobenius_norm(&self, precision: usize) -> Interval {
        self.entries
            .iter()
            .fold(Interval::zero(), |sum, entry| {
                let magnitude = entry.absolute();
                sum.add(&magnitude.multiply(&magnitude, precision), precision)
            })
            .square_root(precision)
    }
}

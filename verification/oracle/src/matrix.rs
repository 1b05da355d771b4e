//! A representation as integers times one power of two, and its centering without rounding.

use crate::error::{OracleError, Side};
use crate::number::dyadic::{Dyadic, shift_floor};
use dashu_int::{IBig, UBig};
use dashu_ratio::RBig;

/// n x p finite numbers, rows are examples, held exactly.
#[derive(Clone, Debug)]
pub struct Matrix {
    rows: usize,
    columns: usize,
    /// Row-major; the entry is `integers[i] * 2^exponent`.
    integers: Vec<IBig>,
    exponent: i64,
}

/// Integers whose multiple by a positive rational `scale` is the centered (or raw) representation.
#[derive(Clone, Debug)]
pub(crate) struct Features {
    pub(crate) rows: usize,
    pub(crate) columns: usize,
    /// Row-major.
    pub(crate) integers: Vec<IBig>,
    pub(crate) scale: RBig,
}

impl Matrix {
    /// Takes `rows * columns` numbers, row after row. Every f64 is a dyadic rational, so nothing is
    /// lost.
    ///
    /// # Errors
    /// `Shape` for a wrong or zero size, `TooFewExamples` for fewer than two rows, `NotFinite` for
    /// NaN and infinities.
    pub fn from_row_major(rows: usize, columns: usize, entries: &[f64]) -> Result<Self, OracleError> {
        if rows == 0 || columns == 0 || rows.checked_mul(columns) != Some(entries.len()) {
            return Err(OracleError::Shape { rows, columns, length: entries.len() });
        }
        if rows < 2 {
            return Err(OracleError::TooFewExamples { what: "a representation", needed: 2, got: rows });
        }
        if let Some(position) = entries.iter().position(|entry| !entry.is_finite()) {
            let (row, column) = (position / columns, position % columns);
            return Err(OracleError::NotFinite { row, column, value: entries[position] });
        }
        let exponent = entries.iter().filter(|entry| **entry != 0.0).map(|entry| lowest_bit(*entry)).min().unwrap_or(0);
        let integers = entries.iter().map(|entry| Dyadic::from_f64(*entry).to_fixed(-exponent)).collect();
        Ok(Matrix { rows, columns, integers, exponent })
    }

    /// Number of examples n.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Number of neurons p.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// n*x - (column sum), with scale 2^exponent / n.
    pub(crate) fn centered(&self) -> Features {
        let count = IBig::from(self.rows);
        let mut integers: Vec<IBig> = self.integers.iter().map(|entry| entry * &count).collect();
        for column in 0..self.columns {
            let sum = (0..self.rows).fold(IBig::ZERO, |sum, row| sum + &self.integers[row * self.columns + column]);
            for row in 0..self.rows {
                integers[row * self.columns + column] -= &sum;
            }
        }
        let scale = power_of_two(self.exponent) / RBig::from(self.rows);
        Features { rows: self.rows, columns: self.columns, integers, scale }
    }

    /// The entries as they are.
    pub(crate) fn uncentered(&self) -> Features {
        let integers = self.integers.clone();
        Features { rows: self.rows, columns: self.columns, integers, scale: power_of_two(self.exponent) }
    }
}

impl Features {
    pub(crate) fn row(&self, row: usize) -> &[IBig] {
        &self.integers[row * self.columns..(row + 1) * self.columns]
    }

    pub(crate) fn is_zero(&self) -> bool {
        self.integers.iter().all(|entry| entry.is_zero())
    }

    /// Sum of squared integers: the squared Frobenius norm over scale^2.
    pub(crate) fn squared_norm(&self) -> IBig {
        self.integers.iter().fold(IBig::ZERO, |sum, entry| sum + entry * entry)
    }

    /// Inner products of all rows, n x n.
    pub(crate) fn inner_products(&self) -> Vec<IBig> {
        let size = self.rows;
        let mut products = vec![IBig::ZERO; size * size];
        for row in 0..size {
            for column in 0..=row {
                let product = self.row(row).iter().zip(self.row(column)).fold(IBig::ZERO, |sum, (left, right)| sum + left * right);
                products[column * size + row] = product.clone();
                products[row * size + column] = product;
            }
        }
        products
    }

    /// Squared Euclidean distances of all rows, n x n.
    pub(crate) fn squared_distances(&self) -> Vec<IBig> {
        let size = self.rows;
        let products = self.inner_products();
        let mut squared = Vec::with_capacity(size * size);
        for row in 0..size {
            for column in 0..size {
                let twice = shift_floor(&products[row * size + column], 1);
                squared.push(&products[row * size + row] + &products[column * size + column] - twice);
            }
        }
        squared
    }

    /// p*x - (row sum), with scale / p: every example centered over its neurons.
    pub(crate) fn centered_over_neurons(&self) -> Features {
        let count = IBig::from(self.columns);
        let center = |row: &[IBig]| {
            let sum = row.iter().fold(IBig::ZERO, |sum, entry| sum + entry);
            row.iter().map(|entry| entry * &count - &sum).collect::<Vec<IBig>>()
        };
        let integers = self.integers.chunks(self.columns).flat_map(center).collect();
        Features { rows: self.rows, columns: self.columns, integers, scale: &self.scale / RBig::from(self.columns) }
    }

    /// An error where the representation is constant.
    pub(crate) fn require_nonzero(&self, side: Side) -> Result<(), OracleError> {
        if self.is_zero() { Err(OracleError::Constant { side }) } else { Ok(()) }
    }
}

/// The number of examples that both matrices list.
pub(crate) fn common_rows(x: &Matrix, y: &Matrix) -> Result<usize, OracleError> {
    if x.rows == y.rows { Ok(x.rows) } else { Err(OracleError::ShapeMismatch { rows_x: x.rows, rows_y: y.rows }) }
}

/// 2^exponent as a rational.
pub(crate) fn power_of_two(exponent: i64) -> RBig {
    if exponent >= 0 {
        RBig::from(IBig::ONE << exponent as usize)
    } else {
        RBig::from_parts(IBig::ONE, UBig::ONE << exponent.unsigned_abs() as usize)
    }
}

/// Exponent of the lowest set bit of a finite nonzero number.
fn lowest_bit(value: f64) -> i64 {
    let bits = value.to_bits();
    let field = (bits >> 52 & 0x7ff) as i64;
    let fraction = bits & ((1 << 52) - 1);
    let (significand, exponent) = if field == 0 { (fraction, -1074) } else { (fraction | 1 << 52, field - 1075) };
    exponent + i64::from(significand.trailing_zeros())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_survive_exactly_at_every_scale() {
        let entries = [0.1, -5e-324, 1e300, 0.0, f64::MIN_POSITIVE, -3.0];
        let features = Matrix::from_row_major(3, 2, &entries).unwrap().uncentered();
        for (integer, entry) in features.integers.iter().zip(entries) {
            assert_eq!(RBig::from(integer.clone()) * &features.scale, RBig::try_from(entry).unwrap());
        }
    }

    #[test]
    fn the_common_power_of_two_leaves_no_even_matrix() {
        let features = Matrix::from_row_major(2, 2, &[8.0, 24.0, 16.0, 0.0]).unwrap().uncentered();
        assert_eq!(features.integers, [1, 3, 2, 0].map(IBig::from));
    }

    #[test]
    fn centered_columns_sum_to_zero_and_differ_from_the_raw_ones_by_the_mean() {
        let entries = [0.1, 1e8, 0.3, 1e8 + 1.0, -0.7, 1e8 + 5.0];
        let features = Matrix::from_row_major(3, 2, &entries).unwrap().centered();
        for column in 0..2 {
            let sum = (0..3).fold(IBig::ZERO, |sum, row| sum + &features.row(row)[column]);
            assert_eq!(sum, IBig::ZERO);
        }
        // The second column is 1e8 + (0, 1, 5), whose mean is 1e8 + 2.
        for (row, expected) in [-2, -1, 3].into_iter().enumerate() {
            assert_eq!(RBig::from(features.row(row)[1].clone()) * &features.scale, RBig::from(expected));
        }
    }

    #[test]
    fn bad_input_is_named() {
        assert_eq!(
            Matrix::from_row_major(2, 2, &[1.0, 2.0, f64::INFINITY, f64::NAN]).unwrap_err(),
            OracleError::NotFinite { row: 1, column: 0, value: f64::INFINITY }
        );
        assert_eq!(Matrix::from_row_major(2, 2, &[1.0]).unwrap_err(), OracleError::Shape { rows: 2, columns: 2, length: 1 });
        assert_eq!(Matrix::from_row_major(2, 0, &[]).unwrap_err(), OracleError::Shape { rows: 2, columns: 0, length: 0 });
        let one_row = Matrix::from_row_major(1, 2, &[1.0, 2.0]).unwrap_err();
        assert_eq!(one_row, OracleError::TooFewExamples { what: "a representation", needed: 2, got: 1 });
    }
}

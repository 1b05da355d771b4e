//! Matrices of integers and their fraction-free elimination.

use super::prime_field::{PrimeField, primes};
use dashu_int::IBig;

/// Row-major integers.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct IntegerMatrix {
    pub(crate) rows: usize,
    pub(crate) columns: usize,
    pub(crate) entries: Vec<IBig>,
}

impl IntegerMatrix {
    pub(crate) fn new(rows: usize, columns: usize, entries: Vec<IBig>) -> Self {
        assert_eq!(entries.len(), rows * columns);
        IntegerMatrix { rows, columns, entries }
    }

    pub(crate) fn entry(&self, row: usize, column: usize) -> &IBig {
        &self.entries[row * self.columns + column]
    }

    pub(crate) fn is_zero(&self) -> bool {
        self.entries.iter().all(|entry| entry.is_zero())
    }

    pub(crate) fn transpose(&self) -> Self {
        let entries = (0..self.columns).flat_map(|column| (0..self.rows).map(move |row| (row, column)));
        let entries = entries.map(|(row, column)| self.entry(row, column).clone()).collect();
        IntegerMatrix { rows: self.columns, columns: self.rows, entries }
    }

    pub(crate) fn multiply(&self, other: &Self) -> Self {
        assert_eq!(self.columns, other.rows);
        let mut entries = Vec::with_capacity(self.rows * other.columns);
        for row in 0..self.rows {
            for column in 0..other.columns {
                let sum = (0..self.columns).fold(IBig::ZERO, |sum, inner| sum + self.entry(row, inner) * other.entry(inner, column));
                entries.push(sum);
            }
        }
        IntegerMatrix { rows: self.rows, columns: other.columns, entries }
    }

    /// self' * other.
    pub(crate) fn transpose_multiply(&self, other: &Self) -> Self {
        self.transpose().multiply(other)
    }

    /// tr(self * other).
    pub(crate) fn trace_of_product(&self, other: &Self) -> IBig {
        assert_eq!((self.rows, self.columns), (other.columns, other.rows));
        let mut sum = IBig::ZERO;
        for row in 0..self.rows {
            for column in 0..self.columns {
                sum += self.entry(row, column) * other.entry(column, row);
            }
        }
        sum
    }

    /// Sum of squares.
    pub(crate) fn squared_norm(&self) -> IBig {
        self.entries.iter().fold(IBig::ZERO, |sum, entry| sum + entry * entry)
    }

    /// self' self or self self', whichever is smaller: both have the squared singular values as
    /// positive eigenvalues.
    pub(crate) fn smaller_square(&self) -> Self {
        if self.rows < self.columns { self.multiply(&self.transpose()) } else { self.transpose_multiply(self) }
    }

    /// The columns with these indices.
    pub(crate) fn select_columns(&self, columns: &[usize]) -> Self {
        let entries = (0..self.rows).flat_map(|row| columns.iter().map(move |column| self.entry(row, *column).clone())).collect();
        IntegerMatrix { rows: self.rows, columns: columns.len(), entries }
    }

    /// self with the columns of `other` to its right.
    pub(crate) fn beside(&self, other: &Self) -> Self {
        assert_eq!(self.rows, other.rows);
        let columns = self.columns + other.columns;
        let mut entries = Vec::with_capacity(self.rows * columns);
        for row in 0..self.rows {
            entries.extend_from_slice(&self.entries[row * self.columns..(row + 1) * self.columns]);
            entries.extend_from_slice(&other.entries[row * other.columns..(row + 1) * other.columns]);
        }
        IntegerMatrix { rows: self.rows, columns, entries }
    }

    /// The exact rank.
    pub(crate) fn rank(&self) -> usize {
        self.independent_columns(self.rows.min(self.columns)).len()
    }

    /// Indices of linearly independent columns that span all of them. `largest_rank` is a bound
    /// known beforehand.
    pub(crate) fn independent_columns(&self, largest_rank: usize) -> Vec<usize> {
        // Columns independent modulo a prime are independent; if they reach the bound, they span,
        // and no long elimination is needed.
        let modular = self.independent_columns_modulo_prime();
        if modular.len() == largest_rank.min(self.rows).min(self.columns) {
            return modular;
        }
        self.independent_columns_fraction_free()
    }

    fn independent_columns_modulo_prime(&self) -> Vec<usize> {
        let field = PrimeField::new(primes().next().expect("there are primes"));
        let mut table: Vec<u64> = self.entries.iter().map(|entry| field.enter(entry)).collect();
        let (rows, columns) = (self.rows, self.columns);
        let mut pivots = Vec::new();
        for column in 0..columns {
            let step = pivots.len();
            let Some(pivot_row) = (step..rows).find(|row| table[row * columns + column] != 0) else { continue };
            swap_rows(&mut table, columns, step, pivot_row);
            let inverse = field.inverse(table[step * columns + column]);
            for row in step + 1..rows {
                let factor = field.multiply(table[row * columns + column], inverse);
                if factor == 0 {
                    continue;
                }
                for inner in column..columns {
                    let product = field.multiply(factor, table[step * columns + inner]);
                    table[row * columns + inner] = field.subtract(table[row * columns + inner], product);
                }
            }
            pivots.push(column);
        }
        pivots
    }

    /// Bareiss elimination: every entry stays an integer, a minor of the matrix.
    fn independent_columns_fraction_free(&self) -> Vec<usize> {
        let mut table = self.entries.clone();
        let (rows, columns) = (self.rows, self.columns);
        let mut pivots = Vec::new();
        let mut previous = IBig::ONE;
        for column in 0..columns {
            let step = pivots.len();
            let Some(pivot_row) = (step..rows).find(|row| !table[row * columns + column].is_zero()) else {
                continue;
            };
            swap_rows(&mut table, columns, step, pivot_row);
            let pivot = table[step * columns + column].clone();
            for row in step + 1..rows {
                let factor = table[row * columns + column].clone();
                for inner in column..columns {
                    let minor = &pivot * &table[row * columns + inner] - &factor * &table[step * columns + inner];
                    table[row * columns + inner] = minor / &previous;
                }
            }
            previous = pivot;
            pivots.push(column);
        }
        pivots
    }
}

fn swap_rows<T>(table: &mut [T], columns: usize, first: usize, second: usize) {
    if first != second {
        let (low, high) = (first.min(second), first.max(second));
        let (head, tail) = table.split_at_mut(high * columns);
        head[low * columns..(low + 1) * columns].swap_with_slice(&mut tail[..columns]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matrix(rows: usize, columns: usize, entries: &[i64]) -> IntegerMatrix {
        IntegerMatrix::new(rows, columns, entries.iter().map(|entry| IBig::from(*entry)).collect())
    }

    #[test]
    fn both_eliminations_find_the_leftmost_independent_columns() {
        // Columns: a, 2a, b, a + b, c, 0.
        let a = matrix(4, 6, &[1, 2, 0, 1, 5, 0, 0, 0, 3, 3, 1, 0, -1, -2, 2, 1, 0, 0, 4, 8, 0, 4, 1, 0]);
        assert_eq!(a.independent_columns_fraction_free(), [0, 2, 4]);
        assert_eq!(a.independent_columns_modulo_prime(), [0, 2, 4]);
        assert_eq!(a.rank(), 3);
    }

    #[test]
    fn a_multiple_of_the_prime_does_not_hide_a_rank() {
        let prime = IBig::from(primes().next().unwrap());
        let a = IntegerMatrix::new(2, 2, vec![prime.clone(), IBig::ZERO, IBig::ZERO, prime]);
        assert!(a.independent_columns_modulo_prime().is_empty());
        assert_eq!(a.rank(), 2);
    }

    #[test]
    fn products_and_traces_agree() {
        let (a, b) = (matrix(2, 3, &[1, 2, 3, 4, 5, 6]), matrix(2, 3, &[7, 8, 9, 10, 11, 13]));
        let product = a.transpose_multiply(&b);
        assert_eq!(product, a.transpose().multiply(&b));
        let trace = (0..3).fold(IBig::ZERO, |sum, index| sum + product.entry(index, index));
        assert_eq!(a.transpose().trace_of_product(&b), trace);
        assert_eq!(trace, IBig::from(7 + 16 + 27 + 40 + 55 + 78));
        assert_eq!(a.beside(&b).select_columns(&[3, 0]), matrix(2, 2, &[7, 1, 10, 4]));
    }
}

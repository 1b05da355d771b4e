//! The triangular factor of a matrix that is seen a few rows at a time.
//!
//! R of A = Q R by Householder reflections, block by block (Demmel, Grigori, Hoemmen and Langou
//! 2012): R of the rows so far stands above the rows that wait, and both are reduced together.
//! Column by column it is backward stable, whatever the order of the rows and the condition of A.

use faer::dyn_stack::{MemBuffer, MemStack};
use faer::linalg::qr::no_pivoting::factor::{qr_in_place, qr_in_place_scratch, recommended_block_size};
use faer::prelude::default;
use faer::{Mat, MatRef};
use rayon::prelude::*;

use crate::arrays::columns::slice_mut;
use crate::linalg::decomposition::parts;

/// R of the rows seen so far, and below it rows that wait to be reduced.
pub(crate) struct TriangularFactor {
    rows: Mat<f64>,
    filled: usize,
}

impl TriangularFactor {
    /// Of a matrix of so many columns, in `capacity` rows at a time: with three times as many rows
    /// as columns, a third of the work is repeated.
    pub(crate) fn new(capacity: usize, columns: usize) -> Self {
        Self { rows: Mat::zeros(capacity, columns), filled: 0 }
    }

    /// Adds rows.
    pub(crate) fn add(&mut self, rows: MatRef<'_, f64>) {
        self.add_beside(&[rows]);
    }

    /// Adds rows whose columns are those of these matrices, side by side.
    pub(crate) fn add_beside(&mut self, parts: &[MatRef<'_, f64>]) {
        let rows = parts.first().map_or(0, MatRef::nrows);
        let mut from = 0;
        while from < rows {
            if self.filled == self.rows.nrows() {
                self.reduce();
            }
            let count = (self.rows.nrows() - self.filled).min(rows - from);
            let mut column = 0;
            for part in parts {
                let part = part.subrows(from, count);
                let to = self.rows.as_mut().submatrix_mut(self.filled, column, count, part.ncols());
                to.par_col_iter_mut().zip(part.par_col_iter()).for_each(|(mut to, from)| to.copy_from(from));
                column += part.ncols();
            }
            (from, self.filled) = (from + count, self.filled + count);
        }
    }

    /// Multiplies some columns of all rows so far by a * b.
    pub(crate) fn scale_columns(&mut self, from: usize, count: usize, (a, b): (f64, f64)) {
        let columns = self.rows.as_mut().submatrix_mut(0, from, self.filled, count);
        columns.par_col_iter_mut().for_each(|column| slice_mut(column).iter_mut().for_each(|entry| *entry = *entry * a * b));
    }

    fn reduce(&mut self) {
        let (rows, columns) = (self.filled, self.rows.ncols());
        let least = rows.min(columns);
        let parallelism = parts(rows * columns * least);
        let block_size = recommended_block_size::<f64>(rows, columns);
        let mut coefficients = Mat::zeros(block_size, least);
        let mut memory = MemBuffer::new(qr_in_place_scratch::<f64>(rows, columns, block_size, parallelism, default()));
        let matrix = self.rows.as_mut().subrows_mut(0, rows);
        qr_in_place(matrix, coefficients.as_mut(), parallelism, MemStack::new(&mut memory), default());
        for (column, entries) in self.rows.as_mut().col_iter_mut().enumerate() {
            slice_mut(entries)[(column + 1).min(rows)..].fill(0.0);
        }
        self.filled = least;
    }

    /// R, with as many rows as the matrix, or as columns where these are fewer.
    pub(crate) fn finish(mut self) -> Mat<f64> {
        self.reduce();
        self.rows.truncate(self.filled, self.rows.ncols());
        self.rows
    }
}

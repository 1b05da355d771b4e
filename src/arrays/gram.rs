//! The Gram matrix of the examples, summed over blocks of neurons.

use faer::linalg::matmul::matmul;
use faer::{Accum, Mat, MatRef};
use rayon::prelude::*;

use crate::arrays::columns::{Columns, slice_mut};
use crate::arrays::operations::count;
use crate::arrays::product::parallelism;
use crate::arrays::scale::factors;
use crate::arrays::tiles::{Tile, Tiling, width_for};

/// Neurons that are multiplied at once: what they take of a tile's rows and columns stays in the
/// cache (measured at 500 x 25,344 and 4000 x 16,384 from 128 to 2048: 4000 examples took 6.6 to 11
/// seconds).
const DEPTH: usize = 128;

/// X X' of n examples: the tiles of its lower triangle, as [`Tiling`] orders them, each a column.
///
/// An entry errs by c eps |x_i| |x_j|: each block adds one product of its neurons.
#[derive(Debug)]
pub(crate) struct Gram {
    tiling: Tiling,
    entries: Columns<f64>,
    is_empty: bool,
}

impl Gram {
    /// Of no neurons yet.
    pub(crate) fn new(n: usize) -> Self {
        let tiling = Tiling::new(n, width_for(n));
        Self { tiling, entries: Columns::unset(tiling.tile_entries(), tiling.count()), is_empty: true }
    }

    /// Of these symmetric entries, times 2^exponent.
    pub(crate) fn of_entries(entries: MatRef<'_, f64>, exponent: i64) -> Self {
        let mut gram = Self { is_empty: false, ..Self::new(entries.nrows()) };
        for (to, tile) in gram.entries.columns_mut().zip(gram.tiling.tiles()) {
            for (column, to) in tile.columns.clone().zip(to.chunks_mut(tile.rows.len())) {
                tile.rows.clone().zip(to).for_each(|(row, to)| *to = entries[(row, column)]);
            }
        }
        gram.rescale(exponent);
        gram
    }

    /// How many f64 it takes.
    pub(crate) fn size(n: usize) -> usize {
        Tiling::new(n, width_for(n)).entries()
    }

    /// Adds B B' of a block B of neurons.
    pub(crate) fn add(&mut self, block: MatRef<'_, f64>) {
        let accumulate = if self.is_empty { Accum::Replace } else { Accum::Add };
        let parallelism = self.tiling.parallelism();
        let tiles = self.tiling.tiles();
        self.entries.columns_mut().zip(&tiles).collect::<Vec<_>>().into_par_iter().with_max_len(1).for_each(|(entries, tile)| {
            for from in (0..block.ncols()).step_by(DEPTH) {
                let part = block.subcols(from, DEPTH.min(block.ncols() - from));
                tile.add_products(part, entries, if from == 0 { accumulate } else { Accum::Add }, parallelism);
            }
        });
        self.is_empty = false;
    }

    /// Multiplies it by 2^exponent.
    pub(crate) fn rescale(&mut self, exponent: i64) {
        if exponent == 0 || self.is_empty {
            return;
        }
        let (a, b) = factors(exponent.clamp(-2000, 2000));
        self.entries.as_mut().par_col_iter_mut().for_each(|column| slice_mut(column).iter_mut().for_each(|entry| *entry = *entry * a * b));
    }

    /// Copies the inner products of the examples of a tile, which may be one of another tiling.
    pub(crate) fn fill(&self, tile: &Tile, entries: &mut [f64]) {
        if let Some(own) = self.tile(tile) {
            entries[..own.len()].copy_from_slice(own);
            return;
        }
        for (column, entries) in tile.columns.clone().zip(entries.chunks_mut(tile.rows.len())) {
            for (row, entry) in tile.rows.clone().zip(entries) {
                if row >= column {
                    *entry = self.get(row, column);
                }
            }
        }
    }

    /// The inner products of the examples of a tile, where it is one of its own.
    pub(crate) fn tile(&self, tile: &Tile) -> Option<&[f64]> {
        let own = self.tiling.index(tile)?;
        Some(&self.entries.column(own)[..tile.rows.len() * tile.columns.len()])
    }

    /// The inner product of two examples.
    pub(crate) fn get(&self, i: usize, j: usize) -> f64 {
        let (tile, place) = self.tiling.place(i.max(j), i.min(j));
        self.entries.column(tile)[place]
    }

    /// The squared norm of each example.
    pub(crate) fn diagonal(&self) -> Vec<f64> {
        (0..self.tiling.n()).map(|i| self.get(i, i)).collect()
    }

    /// A column of the whole symmetric matrix.
    pub(crate) fn column(&self, j: usize) -> Vec<f64> {
        (0..self.tiling.n()).map(|i| self.get(i, j)).collect()
    }

    /// The lower triangle as a matrix of its own, from row and column `from` on, each entry as
    /// `entry` makes it of (row, column, value); what is above the diagonal is not set.
    pub(crate) fn lower(&self, from: usize, entry: impl Fn(usize, usize, f64) -> f64 + Sync) -> Columns<f64> {
        let n = self.tiling.n();
        let mut lower = Columns::unset(n - from, n - from);
        lower.as_mut().par_col_iter_mut().enumerate().for_each(|(column, to)| {
            let column = column + from;
            let to = slice_mut(to);
            for row in column..n {
                to[row - from] = entry(row, column, self.get(row, column));
            }
        });
        lower
    }

    /// X X' B, n x k.
    pub(crate) fn times(&self, b: MatRef<'_, f64>) -> Mat<f64> {
        count(b.nrows() * b.nrows() * b.ncols());
        let mut product = Mat::zeros(b.nrows(), b.ncols());
        let parallelism = parallelism(self.tiling.tile_entries() * b.ncols());
        for (index, tile) in self.tiling.tiles().iter().enumerate() {
            let (rows, columns) = (tile.rows.len(), tile.columns.len());
            let entries = MatRef::from_column_major_slice(&self.entries.column(index)[..rows * columns], rows, columns);
            let part = |range: &std::ops::Range<usize>| b.subrows(range.start, range.len());
            if tile.is_diagonal() {
                let whole = Mat::from_fn(rows, rows, |i, j| if i >= j { entries[(i, j)] } else { entries[(j, i)] });
                matmul(
                    product.as_mut().subrows_mut(tile.rows.start, rows),
                    Accum::Add,
                    whole.as_ref(),
                    part(&tile.columns),
                    1.0,
                    parallelism,
                );
            } else {
                matmul(product.as_mut().subrows_mut(tile.rows.start, rows), Accum::Add, entries, part(&tile.columns), 1.0, parallelism);
                let below = product.as_mut().subrows_mut(tile.columns.start, columns);
                matmul(below, Accum::Add, entries.transpose(), part(&tile.rows), 1.0, parallelism);
            }
        }
        product
    }
}

#[cfg(test)]
#[path = "gram_tests.rs"]
mod tests;

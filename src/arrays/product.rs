//! Products, and sums over them.

use faer::linalg::matmul::matmul;
use faer::linalg::matmul::triangular::{self, BlockStructure};
use faer::{Accum, Mat, MatMut, MatRef, Par};
use rayon::prelude::*;

use crate::arrays::columns::Columns;
use crate::arrays::operations::count;
use crate::arrays::short_product::{self, Entries};
use crate::arrays::sums::{dot, sum, sum_of_squares};

/// Products with fewer multiply-adds than this run on one thread: forking costs more than it gains
/// (measured at 512 x 64).
const FORK: usize = 1 << 23;

/// How many threads a product of this many multiply-adds gets. A product's bits do not depend on
/// it.
pub(crate) fn parallelism(multiply_adds: usize) -> Par {
    if multiply_adds < FORK { Par::Seq } else { Par::rayon(0) }
}

/// Products are computed in tiles of at most this many rows and columns, where there are many each
/// on one thread: measured 4 and, for a symmetric product, 12 percent faster than as one on two
/// threads (p = 2048).
const TILE: usize = 512;

/// A symmetric product of so few columns is sooner computed whole: half of it takes several calls.
const WHOLE: usize = 16;

/// Part of a product, from this row and column on.
pub(crate) struct Tile<'a> {
    pub(crate) row: usize,
    pub(crate) column: usize,
    pub(crate) entries: MatMut<'a, f64>,
}

/// A product in tiles of at most `size` rows and columns.
pub(crate) fn tiles(product: MatMut<'_, f64>, size: usize) -> Vec<Tile<'_>> {
    let (p, q) = product.shape();
    let (mut tiles, mut right) = (Vec::new(), product);
    for column in (0..q).step_by(size) {
        let (mut below, rest) = right.split_at_col_mut(size.min(q - column));
        for row in (0..p).step_by(size) {
            let (entries, rest) = below.split_at_row_mut(size.min(p - row));
            tiles.push(Tile { row, column, entries });
            below = rest;
        }
        right = rest;
    }
    tiles
}

/// How many threads a tile gets, in a product of this many tiles and multiply-adds.
pub(crate) fn within_tile(tiles: usize, multiply_adds: usize) -> Par {
    if tiles >= 4 * rayon::current_num_threads() { Par::Seq } else { parallelism(multiply_adds) }
}

/// A' B, p x q.
pub(crate) fn cross_product(a: MatRef<'_, f64>, b: MatRef<'_, f64>) -> Columns<f64> {
    if let Some(product) = short_product::multiply(a, b, Entries::All) {
        count(a.ncols() * b.ncols() * a.nrows());
        return product;
    }
    let mut product = Columns::unset(a.ncols(), b.ncols());
    cross_multiply(product.as_mut(), a, b);
    product
}

/// A B, m x q.
pub(crate) fn product(a: MatRef<'_, f64>, b: MatRef<'_, f64>) -> Mat<f64> {
    let mut product = Mat::zeros(a.nrows(), b.ncols());
    cross_multiply(product.as_mut(), a.transpose(), b);
    product
}

fn cross_multiply(product: MatMut<'_, f64>, a: MatRef<'_, f64>, b: MatRef<'_, f64>) {
    let (p, q) = product.shape();
    count(p * q * a.nrows());
    let parallelism = within_tile(p.div_ceil(TILE) * q.div_ceil(TILE), p * q * a.nrows());
    tiles(product, TILE).into_par_iter().with_max_len(1).for_each(|Tile { row, column, entries }| {
        let (left, right) = (a.subcols(row, entries.nrows()), b.subcols(column, entries.ncols()));
        matmul(entries, Accum::Replace, left.transpose(), right, 1.0, parallelism);
    });
}

/// A' A, of which only the lower triangle is computed (half the work); above the diagonal is what
/// was there.
pub(crate) fn self_product(a: MatRef<'_, f64>) -> Columns<f64> {
    let p = a.ncols();
    if let Some(product) = short_product::multiply(a, a, Entries::Lower) {
        count(p * p.div_ceil(2) * a.nrows());
        return product;
    }
    if p <= WHOLE {
        return cross_product(a, a);
    }
    count(p * p.div_ceil(2) * a.nrows());
    let mut product = Columns::unset(p, p);
    let (panels, whole) = (p.div_ceil(TILE), BlockStructure::Rectangular);
    let parallelism = within_tile(panels * (panels + 1) / 2, p * p * a.nrows() / 2);
    let lower: Vec<Tile<'_>> = tiles(product.as_mut(), TILE).into_iter().filter(|tile| tile.row >= tile.column).collect();
    lower.into_par_iter().with_max_len(1).for_each(|Tile { row, column, entries }| {
        let (left, right) = (a.subcols(row, entries.nrows()), a.subcols(column, entries.ncols()));
        let structure = if row == column { BlockStructure::TriangularLower } else { whole };
        triangular::matmul(entries, structure, Accum::Replace, left.transpose(), whole, right, whole, 1.0, parallelism);
    });
    product
}

/// Entries that one thread reads before another is asked to.
const ALONE: usize = 1 << 14;

/// A number of each column of a matrix.
fn of_columns(a: MatRef<'_, f64>, number: impl Fn(usize) -> f64 + Send + Sync) -> Vec<f64> {
    let columns = 0..a.ncols();
    if a.nrows() * a.ncols() <= ALONE { columns.map(number).collect() } else { columns.into_par_iter().map(number).collect() }
}

/// |S|_F^2 of a symmetric matrix given by its lower triangle.
pub(crate) fn symmetric_squared_norm(lower: MatRef<'_, f64>) -> f64 {
    symmetric_inner(lower, lower)
}

/// |A|_F^2 of a column-major matrix.
pub(crate) fn squared_norm(a: MatRef<'_, f64>) -> f64 {
    sum(&of_columns(a, |column| sum_of_squares(slice(a, column))))
}

/// <A, B> of column-major matrices.
pub(crate) fn inner(a: MatRef<'_, f64>, b: MatRef<'_, f64>) -> f64 {
    sum(&of_columns(a, |column| dot(slice(a, column), slice(b, column))))
}

/// <A, B> of symmetric matrices given by their lower triangles.
pub(crate) fn symmetric_inner(a: MatRef<'_, f64>, b: MatRef<'_, f64>) -> f64 {
    let columns = of_columns(a, |column| {
        let (a, b) = (&slice(a, column)[column..], &slice(b, column)[column..]);
        2.0 * dot(&a[1..], &b[1..]) + a[0] * b[0]
    });
    sum(&columns)
}

/// A column of a column-major matrix.
pub(crate) fn slice(a: MatRef<'_, f64>, column: usize) -> &[f64] {
    a.col(column).try_as_col_major().expect("a column-major matrix").as_slice()
}

/// The squared norm of each row.
pub(crate) fn row_squared_norms(a: MatRef<'_, f64>) -> Vec<f64> {
    // Columns are added in blocks, and blocks pairwise, so that the error does not grow with p.
    fn block(a: MatRef<'_, f64>, from: usize, to: usize) -> Vec<f64> {
        if to - from <= 64 {
            let mut norms = vec![0.0; a.nrows()];
            for column in from..to {
                norms.iter_mut().zip(slice(a, column)).for_each(|(norm, value)| *norm += value * value);
            }
            return norms;
        }
        let middle = from + (to - from) / 2;
        let (mut left, right) = rayon::join(|| block(a, from, middle), || block(a, middle, to));
        left.iter_mut().zip(right).for_each(|(left, right)| *left += right);
        left
    }
    block(a, 0, a.ncols())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Small whole numbers, whose products are exact.
    fn whole_numbers(n: usize, p: usize, seed: usize) -> Mat<f64> {
        Mat::from_fn(n, p, |row, column| ((row * 7 + column * 13 + seed + row * column) % 17) as f64 - 8.0)
    }

    #[test]
    fn tiles_are_the_whole_product() {
        for (p, q) in [(3, 5), (TILE, TILE + 1), (2 * TILE + 3, TILE - 1)] {
            let (a, b) = (whole_numbers(9, p, 1), whole_numbers(9, q, 2));
            let (cross, own) = (cross_product(a.as_ref(), b.as_ref()), self_product(a.as_ref()));
            let entry = |a: &Mat<f64>, b: &Mat<f64>, row: usize, column: usize| (0..9).map(|i| a[(i, row)] * b[(i, column)]).sum::<f64>();
            assert_eq!(cross.as_ref(), Mat::from_fn(p, q, |row, column| entry(&a, &b, row, column)));
            for (row, column) in (0..p).flat_map(|row| (0..=row).map(move |column| (row, column))) {
                assert_eq!(own.as_ref()[(row, column)], entry(&a, &a, row, column));
            }
        }
    }

    #[test]
    fn threads_change_no_bit() {
        let own = 2 * TILE + 40;
        let a = Mat::from_fn(700, own, |row, column| ((row * 31 + column * 17) as f64).sin());
        let of = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| (cross_product(a.as_ref(), a.as_ref().subcols(0, TILE + 9)), self_product(a.as_ref())))
        };
        let one = of(1);
        for other in [of(2), of(7)] {
            assert!(one.0.as_ref() == other.0.as_ref());
            assert!((0..own).all(|column| one.1.column(column)[column..] == other.1.column(column)[column..]));
        }
    }
}

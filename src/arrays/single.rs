//! Products in single precision of features that were centered in double precision; every sum over
//! products is in double precision.

use faer::linalg::matmul::matmul;
use faer::linalg::matmul::triangular::{self, BlockStructure};
use faer::{Accum, Mat, MatMut, MatRef, Par};
use rayon::prelude::*;

use crate::arrays::columns::{Columns, round, slice_mut};
use crate::arrays::operations::count;
use crate::arrays::product::{Tile, slice, squared_norm, symmetric_squared_norm, tiles, within_tile};
use crate::arrays::sums::{sum, vectorised};
use crate::tolerance::BLOCK;

/// The entries, each rounded once: they are in (-2, 2), so that none overflows, and what is below
/// 2^-149 does not matter beside the largest.
pub(crate) fn rounded(matrix: MatRef<'_, f64>) -> Columns<f32> {
    let mut single = Columns::unset(matrix.nrows(), matrix.ncols());
    single.as_mut().par_col_chunks_mut(1).zip(matrix.par_col_chunks(1)).for_each(|(to, from)| round_all(from, to));
    single
}

/// Rounds every entry of one matrix into another one.
pub(crate) fn round_all(from: MatRef<'_, f64>, to: MatMut<'_, f32>) {
    vectorised(
        #[inline(always)]
        || {
            for (column, to) in to.col_iter_mut().enumerate() {
                round(slice(from, column), slice_mut(to));
            }
        },
    );
}

/// Rows and columns of a product that are summed together: in f32 and in f64 they stay in the
/// cache.
const TILE: usize = 256;

/// A'B, p x q.
pub(crate) fn cross_product(a: MatRef<'_, f32>, b: MatRef<'_, f32>) -> Columns<f64> {
    let mut product = Columns::unset(a.ncols(), b.ncols());
    let tiles = tiles(product.as_mut(), TILE);
    let parallelism = within_tile(tiles.len(), TILE * TILE * BLOCK);
    tiles.into_par_iter().with_max_len(1).for_each(|Tile { row, column, mut entries }| {
        entries.copy_from(cross_tile(tile(a, row), tile(b, column), parallelism));
    });
    product
}

/// |A'B|_F^2
pub(crate) fn cross_squared_norm(a: MatRef<'_, f32>, b: MatRef<'_, f32>) -> f64 {
    let tiles = starts(a.ncols()).flat_map(|row| starts(b.ncols()).map(move |column| (row, column))).collect();
    sum_over(tiles, |(row, column), parallelism| squared_norm(cross_tile(tile(a, row), tile(b, column), parallelism).as_ref()))
}

fn cross_tile(a: MatRef<'_, f32>, b: MatRef<'_, f32>, parallelism: Par) -> Mat<f64> {
    count(a.nrows() * a.ncols() * b.ncols());
    let multiply = |a: MatRef<'_, f32>, b: MatRef<'_, f32>, product: &mut Mat<f32>| {
        matmul(product, Accum::Replace, a.transpose(), b, 1.0, parallelism);
    };
    summed(a, b, multiply)
}

/// |A'A|_F^2, from its lower triangle.
pub(crate) fn self_squared_norm(a: MatRef<'_, f32>) -> f64 {
    count(a.nrows() * a.ncols() * a.ncols().div_ceil(2));
    let tiles = starts(a.ncols()).flat_map(|row| starts(row + 1).map(move |column| (row, column))).collect();
    let whole = BlockStructure::Rectangular;
    sum_over(tiles, |(row, column), parallelism| {
        let structure = if row == column { BlockStructure::TriangularLower } else { whole };
        let multiply = |left: MatRef<'_, f32>, right: MatRef<'_, f32>, product: &mut Mat<f32>| {
            triangular::matmul(product, structure, Accum::Replace, left.transpose(), whole, right, whole, 1.0, parallelism);
        };
        let product = summed(tile(a, row), tile(a, column), multiply);
        // What is below the diagonal is above it too.
        if row == column { symmetric_squared_norm(product.as_ref()) } else { 2.0 * squared_norm(product.as_ref()) }
    })
}

/// The sum of what each tile gives, each of them on as many threads as it is told.
fn sum_over(tiles: Vec<(usize, usize)>, of_tile: impl Fn((usize, usize), Par) -> f64 + Sync) -> f64 {
    let parallelism = within_tile(tiles.len(), TILE * TILE * BLOCK);
    sum(&tiles.into_par_iter().with_max_len(1).map(|tile| of_tile(tile, parallelism)).collect::<Vec<_>>())
}

/// Where tiles of this many columns start.
fn starts(columns: usize) -> impl Iterator<Item = usize> {
    (0..columns).step_by(TILE)
}

fn tile(a: MatRef<'_, f32>, start: usize) -> MatRef<'_, f32> {
    a.subcols(start, TILE.min(a.ncols() - start))
}

/// The p x q sum over blocks of rows of what `multiply` makes of a block of A and of B.
fn summed(a: MatRef<'_, f32>, b: MatRef<'_, f32>, multiply: impl Fn(MatRef<'_, f32>, MatRef<'_, f32>, &mut Mat<f32>)) -> Mat<f64> {
    let mut sum = Mat::<f64>::zeros(a.ncols(), b.ncols());
    let mut product = Mat::<f32>::zeros(a.ncols(), b.ncols());
    for from in (0..a.nrows()).step_by(BLOCK) {
        let rows = BLOCK.min(a.nrows() - from);
        multiply(a.subrows(from, rows), b.subrows(from, rows), &mut product);
        vectorised(
            #[inline(always)]
            || {
                for (column, to) in sum.col_iter_mut().enumerate() {
                    slice_mut(to).iter_mut().zip(product.col_as_slice(column)).for_each(|(to, value)| *to += f64::from(*value));
                }
            },
        );
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiles_are_the_whole_product() {
        // Small whole numbers, whose products are exact in f32.
        let numbers = |p: usize, seed: usize| Mat::from_fn(BLOCK + 9, p, |row, column| ((row * 7 + column * 13 + seed) % 5) as f32 - 2.0);
        for (p, q) in [(3, 5), (TILE, TILE + 1), (2 * TILE + 3, 2)] {
            let (a, b) = (numbers(p, 1), numbers(q, 2));
            let wide = |a: &Mat<f32>| Mat::from_fn(a.nrows(), a.ncols(), |row, column| f64::from(a[(row, column)]));
            let exact = |a: &Mat<f32>, b: &Mat<f32>| (wide(a).transpose() * wide(b)).squared_norm_l2();
            assert_eq!(cross_squared_norm(a.as_ref(), b.as_ref()), exact(&a, &b), "{p} x {q}");
            assert_eq!(self_squared_norm(a.as_ref()), exact(&a, &a), "{p}");
            assert_eq!(cross_product(a.as_ref(), b.as_ref()).as_ref(), wide(&a).transpose() * wide(&b), "{p} x {q}");
        }
    }
}

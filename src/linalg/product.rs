//! Products, and sums over them.

use faer::linalg::matmul::matmul;
use faer::linalg::matmul::triangular::{self, BlockStructure};
use faer::{Accum, Mat, MatRef, Par};
use rayon::prelude::*;

use crate::linalg::sums::{dot, sum, sum_of_squares};

/// Products with fewer multiply-adds than this run on one thread: forking costs more than it gains (measured at 512 x 64).
const FORK: usize = 1 << 23;

/// How many threads a product of this many multiply-adds gets. A product's bits do not depend on it.
pub(crate) fn parallelism(multiply_adds: usize) -> Par {
    if multiply_adds < FORK { Par::Seq } else { Par::rayon(0) }
}

/// A' B, p x q.
pub(crate) fn cross_product(a: MatRef<'_, f64>, b: MatRef<'_, f64>) -> Mat<f64> {
    let mut product = Mat::zeros(a.ncols(), b.ncols());
    matmul(&mut product, Accum::Replace, a.transpose(), b, 1.0, parallelism(a.ncols() * b.ncols() * a.nrows()));
    product
}

/// A B, m x q.
pub(crate) fn product(a: MatRef<'_, f64>, b: MatRef<'_, f64>) -> Mat<f64> {
    cross_product(a.transpose(), b)
}

/// A' A, of which only the lower triangle is computed (half the work).
pub(crate) fn self_product(a: MatRef<'_, f64>) -> Mat<f64> {
    let mut product = Mat::zeros(a.ncols(), a.ncols());
    let parallelism = parallelism(a.ncols() * a.ncols() * a.nrows() / 2);
    let whole = BlockStructure::Rectangular;
    triangular::matmul(&mut product, BlockStructure::TriangularLower, Accum::Replace, a.transpose(), whole, a, whole, 1.0, parallelism);
    product
}

/// |S|_F^2 of a symmetric matrix given by its lower triangle.
pub(crate) fn symmetric_squared_norm(lower: MatRef<'_, f64>) -> f64 {
    symmetric_inner(lower, lower)
}

/// |A|_F^2 of a column-major matrix.
pub(crate) fn squared_norm(a: MatRef<'_, f64>) -> f64 {
    let columns: Vec<f64> = (0..a.ncols()).into_par_iter().map(|column| sum_of_squares(slice(a, column))).collect();
    sum(&columns)
}

/// <A, B> of symmetric matrices given by their lower triangles.
pub(crate) fn symmetric_inner(a: MatRef<'_, f64>, b: MatRef<'_, f64>) -> f64 {
    let columns: Vec<f64> = (0..a.ncols())
        .into_par_iter()
        .map(|column| {
            let (a, b) = (&slice(a, column)[column..], &slice(b, column)[column..]);
            2.0 * dot(&a[1..], &b[1..]) + a[0] * b[0]
        })
        .collect();
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

//! To an upper triangular band by block reflections from both sides, nearly all of it products.

use faer::dyn_stack::{MemBuffer, MemStack};
use faer::linalg::householder::{
    apply_block_householder_on_the_right_in_place_scratch, apply_block_householder_on_the_right_in_place_with_conj,
    apply_block_householder_transpose_on_the_left_in_place_scratch, apply_block_householder_transpose_on_the_left_in_place_with_conj,
};
use faer::linalg::qr::no_pivoting::factor::{qr_in_place, qr_in_place_scratch};
use faer::prelude::default;
use faer::{Conj, Mat, MatMut, MatRef, Par};
use rayon::prelude::*;

use super::bidiagonal::Band;
use crate::arrays::product::parallelism;

/// Diagonals above the main one: the more, the faster the products here and the slower the
/// reflections that follow (measured from 8 to 64, for 512, 1024 and 2048 columns).
pub(super) const WIDTH: usize = 24;

/// Columns of a tall matrix that one thread reflects at a time.
const COLUMNS: usize = 64;

/// A band with the singular values of (a * x) * b of every entry x of an m x n matrix, m >= n.
pub(super) fn of(matrix: MatRef<'_, f64>, (a, b): (f64, f64)) -> Band {
    let (m, n) = matrix.shape();
    let mut rest = Mat::from_fn(m, n, |row, column| matrix[(row, column)] * a * b);
    if m >= 2 * n {
        // From here on the rows beyond the triangle would be reflected for nothing.
        rest = triangle(rest);
    }
    let (m, mut band) = (rest.nrows(), Band::new(n, WIDTH.min(n)));
    for start in (0..n).step_by(WIDTH) {
        let end = n.min(start + WIDTH);
        let (mut panel, mut right) =
            rest.as_mut().subrows_mut(start, m - start).subcols_mut(start, n - start).split_at_col_mut(end - start);
        let factor = reflections(panel.as_mut());
        let parallelism = parallelism(2 * panel.nrows() * factor.ncols() * right.ncols());
        reflect_rows(panel.as_ref(), factor.as_ref(), right.as_mut(), parallelism);
        band.put(panel.as_ref(), |i, j| (start + i, start + j));
        // The rows beside the panel, as columns.
        let mut beside = right.as_ref().subrows(0, end - start).transpose().to_owned();
        if end < n {
            let factor = reflections(beside.as_mut());
            reflect_columns(beside.as_ref(), factor.as_ref(), right.subrows_mut(end - start, m - end));
            band.put(beside.as_ref(), |i, j| (start + j, end + i));
        }
    }
    band
}

/// R of A = Q R, n x n.
fn triangle(mut matrix: Mat<f64>) -> Mat<f64> {
    let (m, n) = matrix.shape();
    for start in (0..n).step_by(WIDTH) {
        let below = matrix.as_mut().subrows_mut(start, m - start).subcols_mut(start, n - start);
        let (mut panel, right) = below.split_at_col_mut(WIDTH.min(n - start));
        let factor = reflections(panel.as_mut());
        // Sums over very many rows are cut by the number of threads where a product may choose: so
        // each thread has columns of its own.
        right.par_col_chunks_mut(COLUMNS).for_each(|right| reflect_rows(panel.as_ref(), factor.as_ref(), right, Par::Seq));
    }
    Mat::from_fn(n, n, |row, column| if row <= column { matrix[(row, column)] } else { 0.0 })
}

/// Makes a panel upper triangular by reflections, whose vectors take the place of what becomes 0;
/// answers their factor.
fn reflections(mut panel: MatMut<'_, f64>) -> Mat<f64> {
    let (m, n) = panel.shape();
    let count = m.min(n);
    let mut factor = Mat::zeros(count, count);
    let mut memory = MemBuffer::new(qr_in_place_scratch::<f64>(m, n, count, Par::Seq, default()));
    qr_in_place(panel.as_mut(), factor.as_mut(), Par::Seq, MemStack::new(&mut memory), default());
    factor
}

/// Q'A
fn reflect_rows(panel: MatRef<'_, f64>, factor: MatRef<'_, f64>, matrix: MatMut<'_, f64>, parallelism: Par) {
    let (count, columns) = (factor.ncols(), matrix.ncols());
    let scratch = apply_block_householder_transpose_on_the_left_in_place_scratch::<f64>(panel.nrows(), count, columns);
    let (basis, mut memory) = (panel.subcols(0, count), MemBuffer::new(scratch));
    apply_block_householder_transpose_on_the_left_in_place_with_conj(
        basis,
        factor,
        Conj::No,
        matrix,
        parallelism,
        MemStack::new(&mut memory),
    );
}

/// A Q
fn reflect_columns(panel: MatRef<'_, f64>, factor: MatRef<'_, f64>, matrix: MatMut<'_, f64>) {
    let (count, rows) = (factor.ncols(), matrix.nrows());
    let parallelism = parallelism(2 * panel.nrows() * count * rows);
    let scratch = apply_block_householder_on_the_right_in_place_scratch::<f64>(panel.nrows(), count, rows);
    let (basis, mut memory) = (panel.subcols(0, count), MemBuffer::new(scratch));
    apply_block_householder_on_the_right_in_place_with_conj(basis, factor, Conj::No, matrix, parallelism, MemStack::new(&mut memory));
}

//! An orthonormal basis of the column space by matrix products: Cholesky QR, its second step done
//! on a p x p matrix.

use std::sync::OnceLock;

use faer::dyn_stack::{MemBuffer, MemStack};
use faer::linalg::cholesky::llt::factor::{cholesky_in_place, cholesky_in_place_scratch};
use faer::linalg::matmul::triangular::{self, BlockStructure};
use faer::linalg::triangular_solve::{solve_lower_triangular_in_place, solve_upper_triangular_in_place};
use faer::prelude::default;
use faer::{Accum, Mat, MatMut, MatRef, Par};
use rayon::prelude::*;

use crate::arrays::columns::{Columns, slice_mut};
use crate::arrays::product::{parallelism, product, self_product, slice, squared_norm};
use crate::arrays::single::round_all;
use crate::arrays::sums::{sum, sum_of_squares};
use crate::linalg::basis::Basis;
use crate::linalg::decomposition::parts;
use crate::linalg::features::once;

/// Up to this condition number |X|_F / s_min the Gram matrix tells the smallest singular value: it
/// is known to eps condition^2, here 2^-12.
const WELL_CONDITIONED: f64 = (1 << 20) as f64;
/// Steps of the power method for |L^-1|. The last one sees (L L')^-11 v: its square falls below a
/// quarter of the largest eigenvalue only where the starting vector v has less than 2^-22 of that
/// eigenvector (what smaller eigenvalues keep of v is then 4^-22 of its square at most). Hence the
/// factor 2.
const STEPS: usize = 12;
/// The same for |R|, which decides what is taken for equal: a start with a thousandth of the
/// largest singular vector in its square gives (1/1000)^(1/80), nine tenths, after this many.
const LARGEST_STEPS: usize = 40;
/// Rows that are solved for at a time: they stay in the cache, and 2000 of them are shared evenly.
const ROWS: usize = 256;
/// The same for columns of p x q products.
const COLUMNS: usize = 128;

/// CholeskyQR2 (Yamamoto et al. 2015): X = W R with W well conditioned, and a second Cholesky
/// factor L with W'W = L L'. Q = W L'^-1 is an orthonormal basis of the column space, which is
/// never formed.
///
/// W is X R^-1, row by row backward stable, so that X is W R to eps |X|. The loss of orthogonality
/// of W, eps condition^2, is removed by L, whose condition is near one. So Q'Y is exact to eps, and
/// its column space to eps condition, as from a Householder factorisation, while nearly all of the
/// work are products.
#[derive(Debug)]
pub(crate) struct CholeskyQr2 {
    matrix: Columns<f64>,
    /// L_1 of X'X = L_1 L_1'.
    first: Columns<f64>,
    lower: Columns<f64>,
    condition: f64,
    triangle: OnceLock<Mat<f64>>,
    largest: OnceLock<f64>,
    inverse_norm: OnceLock<f64>,
}

impl CholeskyQr2 {
    /// None when X, of this |X|_F^2, is too ill conditioned for the Gram matrix, or wider than the
    /// `available` dimensions.
    pub(crate) fn new(x: MatRef<'_, f64>, squared_norm: f64, available: usize) -> Option<Self> {
        let (first, condition) = triangle(x, squared_norm, available)?;
        let matrix = solved(x, first.as_ref());
        let lower = cholesky(self_product(matrix.as_ref()))?;
        Some(Self { matrix, first, lower, condition, triangle: OnceLock::new(), largest: OnceLock::new(), inverse_norm: OnceLock::new() })
    }

    /// |R^-1|_F, once, in p^3 / 6 operations.
    pub(crate) fn inverse_norm(&self) -> f64 {
        let compute = || {
            let p = self.first.as_ref().ncols();
            let squares = (0..p).into_par_iter().step_by(COLUMNS).map(|from| {
                // Columns of the inverse of a triangle end at the diagonal.
                let to = p.min(from + COLUMNS);
                let mut columns = Mat::from_fn(to, to - from, |row, column| f64::from(u8::from(row == from + column)));
                solve_upper_triangular_in_place(self.triangle().submatrix(0, 0, to, to), columns.as_mut(), Par::Seq);
                squared_norm(columns.as_ref())
            });
            sum(&squares.collect::<Vec<_>>()).sqrt()
        };
        *once(&self.inverse_norm, compute)
    }

    /// Q = W L'^-1.
    pub(crate) fn basis(&self) -> Basis<'_> {
        Basis::new(self.matrix.as_ref(), Some(self.lower.as_ref()), self.condition)
    }

    /// R = Q'X = L' L_1', p x p and upper triangular.
    pub(crate) fn triangle(&self) -> MatRef<'_, f64> {
        let compute = || {
            let p = self.first.as_ref().ncols();
            let mut triangle = Mat::zeros(p, p);
            let (upper, parallelism) = (BlockStructure::TriangularUpper, parallelism(p.pow(3) / 6));
            let (left, right) = (self.lower.as_ref().transpose(), self.first.as_ref().transpose());
            triangular::matmul(&mut triangle, upper, Accum::Replace, left, upper, right, upper, 1.0, parallelism);
            triangle
        };
        once::<Mat<f64>>(&self.triangle, compute).as_ref()
    }

    /// The largest singular value of X, by the power method: never more, and nine tenths of it or
    /// more.
    pub(crate) fn largest(&self) -> f64 {
        let compute = || {
            let mut vector = start(self.first.as_ref().ncols());
            let mut estimate: f64 = 0.0;
            for _ in 0..LARGEST_STEPS {
                unit(&mut vector);
                let image = product(self.triangle(), vector.as_ref());
                estimate = estimate.max(sum_of_squares(slice(image.as_ref(), 0)).sqrt());
                vector = product(self.triangle().transpose(), image.as_ref());
            }
            estimate
        };
        *once(&self.largest, compute)
    }
}

/// The coordinates in W of what has these coordinates in Q = W L'^-1: L'^-1 times them.
pub(crate) fn coordinates(lower: MatRef<'_, f64>, in_basis: MatRef<'_, f64>) -> Mat<f64> {
    let mut in_matrix = in_basis.to_owned();
    let upper = lower.transpose();
    in_matrix.as_mut().par_col_chunks_mut(COLUMNS).for_each(|columns| solve_upper_triangular_in_place(upper, columns, Par::Seq));
    in_matrix
}

/// L_1 of X'X = L_1 L_1', and |X|_F over the least singular value, or up to twice that. None as for
/// [`CholeskyQr2::new`].
pub(crate) fn triangle(x: MatRef<'_, f64>, squared_norm: f64, available: usize) -> Option<(Columns<f64>, f64)> {
    if x.ncols() > available {
        return None;
    }
    let first = cholesky(self_product(x))?;
    let condition = known_condition(first.as_ref(), squared_norm)?;
    Some((first, condition))
}

/// |X|_F, of this square, over the least singular value, or up to twice that, from L of X'X = L L';
/// none where it is more than the Gram matrix tells.
pub(crate) fn known_condition(lower: MatRef<'_, f64>, squared_norm: f64) -> Option<f64> {
    let condition = squared_norm.sqrt() * inverse_norm(lower);
    (condition <= WELL_CONDITIONED).then_some(condition)
}

/// P becomes L^-1 P, in place: of W'A, Q'A with Q = W L'^-1.
pub(crate) fn correct(lower: MatRef<'_, f64>, product: MatMut<'_, f64>) {
    product.par_col_chunks_mut(COLUMNS).for_each(|columns| solve_lower_triangular_in_place(lower, columns, Par::Seq));
}

/// L of the symmetric matrix whose lower triangle is given; none where it is not positive definite.
/// What is above the diagonal is never read.
pub(crate) fn cholesky(mut lower: Columns<f64>) -> Option<Columns<f64>> {
    let p = lower.as_ref().ncols();
    let parallelism = parts(p.pow(3));
    let mut memory = MemBuffer::new(cholesky_in_place_scratch::<f64>(p, parallelism, default()));
    cholesky_in_place(lower.as_mut(), default(), parallelism, MemStack::new(&mut memory), default()).ok()?;
    Some(lower)
}

/// X L'^-1
pub(crate) fn solved(x: MatRef<'_, f64>, lower: MatRef<'_, f64>) -> Columns<f64> {
    let mut matrix = Columns::unset(x.nrows(), x.ncols());
    matrix.as_mut().par_row_chunks_mut(ROWS).zip(x.par_row_chunks(ROWS)).for_each(|(mut rows, x)| {
        solve_rows(x, lower, rows.as_mut());
    });
    matrix
}

/// The same, each entry rounded to f32.
pub(crate) fn solved_and_rounded(x: MatRef<'_, f64>, lower: MatRef<'_, f64>) -> Columns<f32> {
    let mut matrix = Columns::unset(x.nrows(), x.ncols());
    let room = || Columns::unset(ROWS, x.ncols());
    matrix.as_mut().par_row_chunks_mut(ROWS).zip(x.par_row_chunks(ROWS)).for_each_init(room, |room, (to, x)| {
        let mut rows = room.as_mut().subrows_mut(0, x.nrows());
        solve_rows(x, lower, rows.as_mut());
        round_all(rows.as_ref(), to);
    });
    matrix
}

/// Some rows of X L'^-1.
#[inline]
fn solve_rows(x: MatRef<'_, f64>, lower: MatRef<'_, f64>, mut rows: MatMut<'_, f64>) {
    rows.copy_from(x);
    solve_lower_triangular_in_place(lower, rows.transpose_mut(), Par::Seq);
}

/// A fixed start without symmetries: fractional parts of multiples of the golden ratio.
fn start(p: usize) -> Mat<f64> {
    Mat::from_fn(p, 1, |row, _| (row as f64 * 0.618_033_988_749_894_9).fract() - 0.5 + 1e-3)
}

/// The vector becomes as long as 1.
fn unit(vector: &mut Mat<f64>) {
    let length = sum_of_squares(slice(vector.as_ref(), 0)).sqrt();
    slice_mut(vector.as_mut().col_mut(0)).iter_mut().for_each(|value| *value /= length);
}

/// |L^-1|_2 or up to twice that, by the power method on (L L')^-1.
pub(crate) fn inverse_norm(lower: MatRef<'_, f64>) -> f64 {
    let mut vector = start(lower.ncols());
    let mut estimate = 0.0;
    for _ in 0..STEPS {
        unit(&mut vector);
        solve_lower_triangular_in_place(lower, vector.as_mut(), Par::Seq);
        // |L^-1 v| for a unit vector v: never more than the norm.
        estimate = sum_of_squares(slice(vector.as_ref(), 0)).sqrt().max(estimate);
        solve_upper_triangular_in_place(lower.transpose(), vector.as_mut(), Par::Seq);
    }
    2.0 * estimate
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::linalg::decomposition::thin_svd;
    use crate::tolerance::EPS;
    use rand::SeedableRng;
    use rand_distr::{Distribution, StandardNormal};

    /// n x p with the singular values 1 ... 1 / condition in between on a logarithmic scale.
    pub(crate) fn graded(n: usize, p: usize, condition: f64) -> Mat<f64> {
        let mut generator = rand_chacha::ChaCha8Rng::seed_from_u64(7);
        let mut normal = |rows, columns| Mat::from_fn(rows, columns, |_, _| StandardNormal.sample(&mut generator));
        let (left, right) = (thin_svd(normal(n, p).as_ref()).unwrap().left, thin_svd(normal(p, p).as_ref()).unwrap().left);
        let scaled = Mat::from_fn(n, p, |row, column| left[(row, column)] * condition.powf(-(column as f64) / (p as f64 - 1.0)));
        scaled * right.transpose()
    }

    fn whitened(x: &Mat<f64>, available: usize) -> Option<CholeskyQr2> {
        CholeskyQr2::new(x.as_ref(), squared_norm(x.as_ref()), available)
    }

    fn largest(matrix: MatRef<'_, f64>) -> f64 {
        matrix.norm_max()
    }

    #[test]
    fn the_basis_is_orthonormal_and_gives_back_the_matrix() {
        for condition in [1.0, 1e3, 3e5] {
            let x = graded(900, 40, condition);
            let whitened = whitened(&x, 899).expect("well conditioned");
            let basis = whitened.basis().combine(Mat::identity(40, 40).as_ref());
            let gram = basis.transpose() * &basis;
            assert!(largest((gram - Mat::<f64>::identity(40, 40)).as_ref()) < 40.0 * EPS, "{condition:e}");
            let back = &basis * whitened.triangle();
            assert!(largest((back - &x).as_ref()) < 40.0 * EPS, "{condition:e}");
            // |X|_F / s_min, and the singular values are known.
            let exact = condition * (0..40).map(|i| condition.powf(-2.0 * f64::from(i) / 39.0)).sum::<f64>().sqrt();
            let ratio = whitened.basis().condition() / exact;
            assert!((0.999..=2.001).contains(&ratio), "{condition:e}: {ratio}");
        }
    }

    /// More columns than are solved for at a time.
    #[test]
    fn threads_change_no_bit() {
        let x = graded(900, COLUMNS + 30, 1e3);
        let of = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| {
                let whitened = whitened(&x, 899).unwrap();
                let product = whitened.basis().project(x.as_ref());
                (coordinates(whitened.lower.as_ref(), product.as_ref()), product.as_ref().to_owned(), whitened.triangle().to_owned())
            })
        };
        let (one, two) = (of(1), of(2));
        assert!(one == two);
        // Q'X is R.
        assert!(largest((one.1 - one.2).as_ref()) < COLUMNS as f64 * EPS);
    }

    #[test]
    fn what_the_gram_matrix_cannot_tell_is_refused() {
        assert!(whitened(&graded(900, 40, 1e7), 899).is_none());
        let x = graded(60, 40, 1.0);
        assert!(whitened(&x, 39).is_none() && whitened(&x, 40).is_some());
        let twice = Mat::from_fn(60, 2, |row, _| x[(row, 0)]);
        assert!(whitened(&twice, 59).is_none());
        assert!(whitened(&Mat::zeros(60, 2), 59).is_none());
    }
}

//! The thin singular value decomposition, and the numerical rank.

use faer::diag::Diag;
use faer::dyn_stack::{MemBuffer, MemStack};
use faer::linalg::svd::{ComputeSvdVectors, svd, svd_scratch};
use faer::prelude::default;
use faer::{Mat, MatRef, Par};

use crate::arrays::product::product;
use crate::arrays::sums::sum_of_squares;
use crate::error::Error;
use crate::linalg::basis::Basis;
use crate::tolerance;

/// The work is cut into this many parts whatever the number of threads, because the last bits of a
/// decomposition depend on the cut (and results must not depend on the machine's number of
/// threads).
const PARTS: usize = 8;
/// Matrices with fewer multiply-adds (n p min(n, p)) than this are decomposed in one part: 512 x
/// 512 took a third longer in eight, 1024 x 1024 as long.
const FORK: usize = 1 << 30;

/// How a factorisation of this many multiply-adds is cut.
pub(crate) fn parts(multiply_adds: usize) -> Par {
    if multiply_adds < FORK { Par::Seq } else { Par::rayon(PARTS) }
}

/// X = U S V', truncated to the numerical rank r.
#[derive(Debug)]
pub struct Decomposition {
    left: Left,
    right: Mat<f64>,
    values: Vec<f64>,
    rank: usize,
}

/// U.
#[derive(Debug)]
enum Left {
    /// Itself, n x min(n, p): the column space has no other basis.
    Vectors(Mat<f64>),
    /// Its coordinates in another basis of the column space, r x r.
    Coordinates(Mat<f64>),
}

impl Decomposition {
    /// Decomposes a matrix of n examples that offer `available` dimensions, which stands for one of
    /// n x p.
    pub(crate) fn new(matrix: MatRef<'_, f64>, (n, p): (usize, usize), available: usize) -> Result<Self, Error> {
        let ThinSvd { left, values, right } = thin_svd(matrix)?;
        let cut = tolerance::rank(n, p) * values[0];
        let rank = values.iter().take_while(|value| **value > cut).count().min(available);
        Ok(Self { left: Left::Vectors(left), right, values, rank })
    }

    /// Decomposes Q R by decomposing R, which is known to have full rank.
    pub(crate) fn in_basis(triangle: MatRef<'_, f64>) -> Result<Self, Error> {
        let ThinSvd { left, values, right } = thin_svd(triangle)?;
        let rank = values.len();
        Ok(Self { left: Left::Coordinates(left), right, values, rank })
    }

    /// The numerical rank: singular values above max(n, p) eps s_max, and no more than the examples
    /// allow.
    pub fn rank(&self) -> usize {
        self.rank
    }

    /// U, n x r, where no other basis of the column space is used.
    pub(crate) fn vectors(&self) -> Option<MatRef<'_, f64>> {
        match &self.left {
            Left::Vectors(vectors) => Some(vectors.as_ref().subcols(0, self.rank)),
            Left::Coordinates(_) => None,
        }
    }

    /// U as a basis of the column space, where no other one is used.
    pub(crate) fn basis(&self) -> Option<Basis<'_>> {
        self.vectors().map(|vectors| Basis::new(vectors, None, self.condition()))
    }

    /// Q'U, r x r, where the basis Q is not U itself.
    pub(crate) fn coordinates(&self) -> Option<MatRef<'_, f64>> {
        match &self.left {
            Left::Vectors(_) => None,
            Left::Coordinates(coordinates) => Some(coordinates.as_ref()),
        }
    }

    /// U'Q A of coordinates A in the basis Q: the same in the left singular vectors U.
    pub(crate) fn in_vectors(&self, coordinates: MatRef<'_, f64>) -> Mat<f64> {
        self.coordinates().map_or_else(|| coordinates.to_owned(), |u| product(u.transpose(), coordinates))
    }

    /// V, p x r.
    pub fn right(&self) -> MatRef<'_, f64> {
        self.right.as_ref().subcols(0, self.rank)
    }

    /// The r singular values of the scaled features, descending.
    pub fn values(&self) -> &[f64] {
        &self.values[..self.rank]
    }

    /// The least factor between a singular value and this share of the largest; infinite where all
    /// others are zero.
    pub(crate) fn margin(&self, cut: f64) -> f64 {
        let cut = cut * self.values[0];
        self.values.iter().map(|value| (value / cut).max(cut / value)).fold(f64::INFINITY, f64::min)
    }

    /// |X|_F over the least singular value kept: how much a relative change of X turns its column
    /// space at most.
    pub fn condition(&self) -> f64 {
        match self.values().last() {
            Some(least) => sum_of_squares(&self.values).sqrt() / least,
            None => 1.0,
        }
    }
}

/// A = U S V' of an m x n matrix, k = min(m, n).
pub(crate) struct ThinSvd {
    /// U, m x k.
    pub(crate) left: Mat<f64>,
    /// The k singular values, descending.
    pub(crate) values: Vec<f64>,
    /// V, n x k.
    pub(crate) right: Mat<f64>,
}

/// Decomposes a matrix.
///
/// # Errors
/// [`Error::NoConvergence`].
pub(crate) fn thin_svd(matrix: MatRef<'_, f64>) -> Result<ThinSvd, Error> {
    let (m, n) = matrix.shape();
    let k = m.min(n);
    let (mut left, mut values, mut right) = (Mat::zeros(m, k), Diag::<f64>::zeros(k), Mat::zeros(n, k));
    let (vectors, parallelism) = (ComputeSvdVectors::Thin, parts(m * n * k));
    let mut memory = MemBuffer::new(svd_scratch::<f64>(m, n, vectors, vectors, parallelism, default()));
    let memory = MemStack::new(&mut memory);
    svd(matrix, values.as_mut(), Some(left.as_mut()), Some(right.as_mut()), parallelism, memory, default())
        .map_err(|_| Error::NoConvergence { decomposition: "singular value decomposition", rows: m, columns: n })?;
    Ok(ThinSvd { left, values: values.column_vector().iter().copied().collect(), right })
}

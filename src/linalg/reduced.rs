//! Representations wider than their examples, in as many coordinates as the examples have
//! dimensions.
//!
//! X = L Q' with orthonormal columns of Q (p x m, m about n) that nobody needs: whatever is
//! invariant to orthogonal maps of the neurons follows from L, n x m. L comes from products by
//! Cholesky factorisations of X X' (CholeskyQR2: Yamamoto, Nakatsukasa, Yanagisawa and Fukaya
//! 2015), where its condition allows, and from Householder reflections elsewhere, block by block
//! (Demmel, Grigori, Hoemmen and Langou 2012). Either way each example is off by eps times its own
//! length, as rounded features are.
//!
//! The rows of centered features add up to 0. H = I - w w' / (1 + u), with u = 1 / sqrt(n) and w =
//! (1 + u, u, ..., u), maps that direction onto the first coordinate, where H X is 0: what is left
//! are n - 1 rows of full rank.

use faer::linalg::matmul::triangular::{self, BlockStructure};
use faer::prelude::ReborrowMut;
use faer::{Accum, Mat, MatMut, MatRef};
use rayon::prelude::*;

use crate::arrays::columns::{Columns, slice_mut};
use crate::arrays::gram::Gram;
use crate::arrays::neurons::Blocks;
use crate::arrays::product::{parallelism, slice};
use crate::arrays::sums::sum;
use crate::error::Error;
use crate::linalg::cholesky_qr::{cholesky, correct, known_condition};
use crate::linalg::triangular_factor::TriangularFactor;

/// The coordinates in which the examples have full rank.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Coordinates {
    n: usize,
    is_centered: bool,
}

impl Coordinates {
    pub(crate) fn new(n: usize, is_centered: bool) -> Self {
        Self { n, is_centered }
    }

    /// n - 1, or n of features that are not centered.
    fn count(self) -> usize {
        if self.is_centered { self.n - 1 } else { self.n }
    }

    /// u
    fn u(self) -> f64 {
        1.0 / (self.n as f64).sqrt()
    }

    /// H X X' H without its first row and column, from X X'.
    ///
    /// X X' 1 = 0, so that z of H K H = K - w z' - z w' follows from the first column of K alone.
    fn gram(self, gram: &Gram) -> Columns<f64> {
        if !self.is_centered {
            return gram.lower(0, |_, _, value| value);
        }
        let (u, first) = (self.u(), gram.column(0));
        let beta = 1.0 / (1.0 + u);
        let corner = 0.5 * beta * beta * first[0];
        let z: Vec<f64> = first.iter().map(|value| beta * value - corner * u).collect();
        gram.lower(1, |row, column, value| value - u * (z[row] + z[column]))
    }

    /// H B without its first row, which is 0.
    fn turned(self, block: MatRef<'_, f64>, mut to: MatMut<'_, f64>) {
        let skipped = usize::from(self.is_centered);
        let share = self.u() / (1.0 + self.u());
        to.rb_mut().par_col_iter_mut().zip(block.par_col_iter()).for_each(|(to, from)| {
            let (from, to) = (from.try_as_col_major().expect("a column-major block").as_slice(), slice_mut(to));
            let moved = if self.is_centered { share * from[0] } else { 0.0 };
            to.iter_mut().zip(&from[skipped..]).for_each(|(to, from)| *to = from - moved);
        });
    }

    /// H times L below a row of zeros, n x m: the same examples in the coordinates of L.
    fn restored(self, lower: MatRef<'_, f64>) -> Columns<f64> {
        let m = lower.ncols();
        let mut restored = Columns::unset(self.n, m);
        let u = self.u();
        restored.as_mut().par_col_iter_mut().enumerate().for_each(|(column, to)| {
            let (from, to) = (slice(lower, column), slice_mut(to));
            if self.is_centered {
                let total = sum(from);
                to[0] = -u * total;
                let moved = u * u / (1.0 + u) * total;
                to[1..].iter_mut().zip(from).for_each(|(to, from)| *to = from - moved);
            } else {
                to.copy_from_slice(from);
            }
        });
        restored
    }
}

/// L of the Cholesky factorisation of X X' in [`Coordinates`], where X has full rank and the Gram
/// matrix tells so.
///
/// L is a root of X X' with an error of eps |X|_F^2, so that its small directions are only known to
/// eps condition^2; [`Root::refined`] mends that.
#[derive(Debug)]
pub(crate) struct Root {
    coordinates: Coordinates,
    lower: Columns<f64>,
    condition: f64,
}

impl Root {
    /// None where the examples do not have full rank, or the condition is too large for the Gram
    /// matrix to tell.
    pub(crate) fn new(gram: &Gram, squared_norm: f64, coordinates: Coordinates) -> Option<Self> {
        let lower = cholesky(coordinates.gram(gram))?;
        let condition = known_condition(lower.as_ref(), squared_norm)?;
        Some(Self { coordinates, lower, condition })
    }

    /// |X|_F over the least singular value, or up to twice that.
    pub(crate) fn condition(&self) -> f64 {
        self.condition
    }

    /// The examples, n x m. Their column space is all that there is. The rest of them is as exact
    /// as the Gram matrix K, which is off by E with |E|_F <= c eps |X|_F^2: up to an orthogonal
    /// map, its root is off by |E|_F over twice the least singular value at most (of positive
    /// definite roots, |A - B|_F <= |A^2 - B^2|_F / (s_min(A) + s_min(B))), which is c eps |X|_F
    /// condition / 2.
    pub(crate) fn examples(&self) -> Columns<f64> {
        self.coordinates.restored(lower_triangle(self.lower.as_ref()).as_ref())
    }

    /// The examples, n x m, each to eps of its length, after another pass over the blocks: with W =
    /// L^-1 X and W W' = M M', X = (L M) Q'. None where M does not exist.
    ///
    /// # Errors
    /// Those of the pass.
    pub(crate) fn refined(&self, blocks: &Blocks<'_>) -> Result<Option<Columns<f64>>, Error> {
        let m = self.coordinates.count();
        let mut gram = Gram::new(m);
        let mut room = Columns::unset(m, 0);
        blocks(&mut |block| {
            if room.as_ref().ncols() != block.ncols() {
                room = Columns::unset(m, block.ncols());
            }
            self.coordinates.turned(block, room.as_mut());
            correct(self.lower.as_ref(), room.as_mut());
            gram.add(room.as_ref());
            Ok(())
        })?;
        let Some(second) = cholesky(gram.lower(0, |_, _, value| value)) else { return Ok(None) };
        let mut product = Mat::zeros(m, m);
        let structure = BlockStructure::TriangularLower;
        let (left, right) = (self.lower.as_ref(), second.as_ref());
        triangular::matmul(&mut product, structure, Accum::Replace, left, structure, right, structure, 1.0, parallelism(m.pow(3) / 6));
        Ok(Some(self.coordinates.restored(product.as_ref())))
    }
}

/// A copy with zeros above the diagonal.
fn lower_triangle(lower: MatRef<'_, f64>) -> Mat<f64> {
    Mat::from_fn(lower.nrows(), lower.ncols(), |row, column| if row >= column { lower[(row, column)] } else { 0.0 })
}

/// The examples by Householder reflections of their neurons, n x m with m = min(n, p), whatever
/// their rank.
///
/// # Errors
/// Those of the pass.
pub(crate) fn by_reflections(n: usize, p: usize, blocks: &Blocks<'_>) -> Result<Columns<f64>, Error> {
    let mut factor = TriangularFactor::new((3 * n).min(p), n);
    blocks(&mut |block| {
        factor.add(block.transpose());
        Ok(())
    })?;
    let triangle = factor.finish();
    let mut examples = Columns::unset(n, triangle.nrows());
    examples.as_mut().copy_from(triangle.transpose());
    Ok(examples)
}

#[cfg(test)]
#[path = "reduced_tests.rs"]
mod tests;

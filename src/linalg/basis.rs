//! Orthonormal bases of column spaces, and products with them.

use faer::{Mat, MatRef};

use crate::arrays::columns::Columns;
use crate::arrays::element::Element;
use crate::arrays::gram::Gram;
use crate::arrays::product::{cross_product, product};
use crate::linalg::cholesky_qr::{coordinates, correct};

/// An orthonormal basis Q of a column space, n x r, in f64 or with entries rounded to f32.
///
/// It is W, or W L'^-1 with L of W'W = L L', which is never formed: L is taken out of products.
#[derive(Debug, Clone, Copy)]
pub struct Basis<'a, T = f64> {
    matrix: MatRef<'a, T>,
    lower: Option<MatRef<'a, f64>>,
    condition: f64,
}

impl<'a, T: Element> Basis<'a, T> {
    /// The basis W, or W L'^-1, of a representation of this condition.
    pub(crate) fn new(matrix: MatRef<'a, T>, lower: Option<MatRef<'a, f64>>, condition: f64) -> Self {
        Self { matrix, lower, condition }
    }

    /// The numerical rank r.
    pub fn rank(&self) -> usize {
        self.matrix.ncols()
    }

    /// |X|_F over the least singular value kept, or up to twice that: how much a relative change of
    /// X turns its column space at most.
    pub fn condition(&self) -> f64 {
        self.condition
    }

    /// Q'A, r x q.
    pub(crate) fn project(&self, a: MatRef<'_, T>) -> Columns<f64> {
        let mut product = T::cross_product(self.matrix, a);
        self.correct_rows(&mut product);
        product
    }

    /// Q'P, P another basis: r x s.
    pub(crate) fn cross_gram(&self, other: &Self) -> Columns<f64> {
        let mut product = self.project(other.matrix);
        other.correct_columns(&mut product);
        product
    }

    /// W'A becomes Q'A.
    fn correct_rows(&self, product: &mut Columns<f64>) {
        if let Some(lower) = self.lower {
            correct(lower, product.as_mut());
        }
    }

    /// A W becomes A Q.
    fn correct_columns(&self, product: &mut Columns<f64>) {
        if let Some(lower) = self.lower {
            correct(lower, product.as_mut().transpose_mut());
        }
    }
}

impl Basis<'_> {
    /// Q' K Q of the Gram matrix K of some examples, whose trace is |Q'A|_F^2 where K is A A'.
    pub(crate) fn within(&self, gram: &Gram) -> Columns<f64> {
        let image = gram.times(self.matrix);
        let mut product = cross_product(self.matrix, image.as_ref());
        self.correct_rows(&mut product);
        self.correct_columns(&mut product);
        product
    }

    /// Q A, n x q, of coordinates r x q.
    pub fn combine(&self, in_basis: MatRef<'_, f64>) -> Mat<f64> {
        match self.lower {
            Some(lower) => product(self.matrix, coordinates(lower, in_basis).as_ref()),
            None => product(self.matrix, in_basis),
        }
    }
}

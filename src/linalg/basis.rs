//! Orthonormal bases of column spaces, and what is asked of them.

use faer::{Mat, MatRef};

use crate::arrays::columns::Columns;
use crate::arrays::gram::Gram;
use crate::arrays::product::{cross_product, product};
use crate::arrays::sums::sum;
use crate::linalg::cholesky_qr::CholeskyQr2;
use crate::linalg::decomposition::Decomposition;

/// An orthonormal basis Q of a column space, n x r.
#[derive(Debug, Clone, Copy)]
pub struct Basis<'a>(Kind<'a>);

#[derive(Debug, Clone, Copy)]
enum Kind<'a> {
    /// From products, where the condition allows it.
    CholeskyQr2(&'a CholeskyQr2),
    /// The left singular vectors.
    Singular(&'a Decomposition),
}

impl<'a> From<&'a CholeskyQr2> for Basis<'a> {
    fn from(whitened: &'a CholeskyQr2) -> Self {
        Self(Kind::CholeskyQr2(whitened))
    }
}

impl<'a> From<&'a Decomposition> for Basis<'a> {
    fn from(decomposition: &'a Decomposition) -> Self {
        Self(Kind::Singular(decomposition))
    }
}

impl Basis<'_> {
    /// The numerical rank r.
    pub fn rank(&self) -> usize {
        match self.0 {
            Kind::CholeskyQr2(whitened) => whitened.rank(),
            Kind::Singular(decomposition) => decomposition.rank(),
        }
    }

    /// |X|_F over the least singular value kept, or up to twice that: how much a relative change of
    /// X turns its column space at most.
    pub fn condition(&self) -> f64 {
        match self.0 {
            Kind::CholeskyQr2(whitened) => whitened.condition(),
            Kind::Singular(decomposition) => decomposition.condition(),
        }
    }

    /// Q'A, r x q.
    pub(crate) fn project(&self, a: MatRef<'_, f64>) -> Columns<f64> {
        let mut product = cross_product(self.matrix(), a);
        self.correct(&mut product);
        product
    }

    /// tr(Q' K Q) of the Gram matrix K of some examples: |Q'A|_F^2 where K is A A'.
    pub(crate) fn trace_of(&self, gram: &Gram) -> f64 {
        let image = gram.times(self.matrix());
        let mut product = cross_product(self.matrix(), image.as_ref());
        self.correct(&mut product);
        if let Kind::CholeskyQr2(whitened) = self.0 {
            whitened.correct(product.as_mut().transpose_mut());
        }
        let product = product.as_ref();
        sum(&(0..product.ncols()).map(|i| product[(i, i)]).collect::<Vec<_>>())
    }

    /// Q'P, P another basis: r x s.
    pub(crate) fn cross_gram(&self, other: &Self) -> Columns<f64> {
        let mut product = cross_product(self.matrix(), other.matrix());
        self.correct(&mut product);
        if let Kind::CholeskyQr2(whitened) = other.0 {
            whitened.correct(product.as_mut().transpose_mut());
        }
        product
    }

    /// Q A, n x q, of coordinates r x q.
    pub fn combine(&self, coordinates: MatRef<'_, f64>) -> Mat<f64> {
        match self.0 {
            Kind::CholeskyQr2(whitened) => product(whitened.matrix(), whitened.coordinates(coordinates).as_ref()),
            Kind::Singular(_) => product(self.matrix(), coordinates),
        }
    }

    fn correct(&self, product: &mut Columns<f64>) {
        if let Kind::CholeskyQr2(whitened) = self.0 {
            whitened.correct(product.as_mut());
        }
    }

    fn matrix(&self) -> MatRef<'_, f64> {
        match self.0 {
            Kind::CholeskyQr2(whitened) => whitened.matrix(),
            Kind::Singular(decomposition) => decomposition.vectors().expect("the basis is the decomposition's own"),
        }
    }
}

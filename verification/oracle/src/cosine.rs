//! The cosine of two integer vectors: ordered exactly, enclosed where it is irrational.

use crate::error::OracleError;
use crate::kernel::KernelMatrix;
use crate::matrix::Features;
use crate::number::dyadic::integer_square_root;
use crate::number::interval::Interval;
use crate::value::ratio;
use dashu_int::IBig;
use dashu_ratio::RBig;

/// x.y / sqrt(|x|^2 |y|^2) for two vectors that are not zero.
#[derive(Clone)]
pub(crate) struct Cosine {
    /// x.y
    product: IBig,
    /// |x|^2 |y|^2
    squared_norms: IBig,
}

impl Cosine {
    pub(crate) fn new(product: IBig, squared_norms: IBig) -> Self {
        Cosine { product, squared_norms }
    }

    /// The cosines of all pairs of rows. `on_zero` makes the error about a row that is zero.
    pub(crate) fn of_rows(features: &Features, on_zero: impl Fn(usize) -> OracleError) -> Result<KernelMatrix<Cosine>, OracleError> {
        let (size, products) = (features.rows, features.inner_products());
        let squared_norm = |row: usize| &products[row * size + row];
        if let Some(row) = (0..size).find(|row| squared_norm(*row).is_zero()) {
            return Err(on_zero(row));
        }
        let cosine =
            |row: usize, column: usize| Cosine::new(products[row * size + column].clone(), squared_norm(row) * squared_norm(column));
        Ok(KernelMatrix::symmetric(size, cosine))
    }

    /// The square with the sign of the cosine: rational, and in the order of the cosines.
    pub(crate) fn signed_square(&self) -> RBig {
        let square = ratio(&self.product * &self.product, self.squared_norms.clone());
        if self.product < IBig::ZERO { -square } else { square }
    }

    /// The cosine itself where it is rational.
    pub(crate) fn rational(&self) -> Option<RBig> {
        if self.product.is_zero() {
            return Some(RBig::ZERO);
        }
        let (root, is_square) = integer_square_root(&self.squared_norms);
        is_square.then(|| ratio(self.product.clone(), root))
    }

    pub(crate) fn enclose(&self, precision: usize) -> Interval {
        let root = Interval::from_integer(self.squared_norms.clone()).square_root(precision);
        Interval::from_integer(self.product.clone()).divide(&root, precision)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signed_squares_are_in_the_order_of_the_cosines() {
        // -1, -1/sqrt 2, 0, 3/5, 1/sqrt 2
        let cosines = [(-6, 36), (-1, 2), (0, 7), (3, 25), (1, 2)].map(|(s, n)| Cosine::new(IBig::from(s), IBig::from(n)));
        assert!(cosines.windows(2).all(|pair| pair[0].signed_square() < pair[1].signed_square()));
        let rational: Vec<Option<RBig>> = cosines.iter().map(Cosine::rational).collect();
        let fifths = ratio(IBig::from(3), IBig::from(5));
        assert_eq!(rational, [Some(RBig::from(-1)), None, Some(RBig::ZERO), Some(fifths), None]);
    }
}

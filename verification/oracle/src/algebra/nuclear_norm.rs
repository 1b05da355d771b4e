//! The nuclear norm of X'Y for integer matrices X and Y, certified.

use super::integer_matrix::IntegerMatrix;
use super::interval_matrix::IntervalMatrix;
use super::spectrum::Spectrum;
use crate::number::interval::Interval;
use crate::number::refine::Attempt;

/// X'Y prepared for its nuclear norm at any precision.
pub(crate) struct NuclearNorm {
    /// The pencil whose positive eigenvalues are the squared singular values of X'Y; `right` absent
    /// stands for the identity.
    left: IntervalMatrix,
    right: Option<IntervalMatrix>,
    /// The exact rank: that many singular values are positive, the others exactly zero.
    rank: usize,
}

impl NuclearNorm {
    /// Of X'Y for X (n x p) and Y (n x q), neither of them zero.
    pub(crate) fn of(x: &IntegerMatrix, y: &IntegerMatrix) -> Self {
        let independent = |matrix: &IntegerMatrix| matrix.select_columns(&matrix.independent_columns(matrix.rows));
        let rank = independent(x).transpose_multiply(&independent(y)).rank();
        if x.columns.min(y.columns) <= x.rows {
            let square = x.transpose_multiply(y).smaller_square();
            return NuclearNorm { left: IntervalMatrix::from_integers(&square), right: None, rank };
        }
        // Both are wide. The squares are also the eigenvalues of K L with K = X X' and L = Y Y': K
        // L w = lambda w with w = K_J u for independent columns K_J of K is the pencil K_J' L K_J u
        // = lambda K_JJ u.
        let (k, l) = (x.multiply(&x.transpose()), y.multiply(&y.transpose()));
        let chosen = k.independent_columns(k.rows);
        let columns = k.select_columns(&chosen);
        let right = columns.transpose().select_columns(&chosen);
        let left = columns.transpose_multiply(&l.multiply(&columns));
        NuclearNorm { left: IntervalMatrix::from_integers(&left), right: Some(IntervalMatrix::from_integers(&right)), rank }
    }

    pub(crate) fn enclose(&self, precision: usize) -> Result<Interval, Attempt> {
        let spectrum = Spectrum::of_pencil(&self.left, self.right.as_ref(), precision)?;
        Ok((0..self.rank).fold(Interval::zero(), |sum, index| sum.add(&spectrum.eigenvalue(index).square_root(precision), precision)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::number::dyadic::Dyadic;
    use dashu_int::IBig;

    #[test]
    fn wide_matrices_give_the_norm_of_their_narrow_equivalents() {
        // X' = [I; 0] padded by a repeated combination: X X' stays what a 3 x 3 factor gives.
        let narrow = IntegerMatrix::new(3, 3, [2, 0, 1, -1, 3, 0, 0, 1, 4].map(IBig::from).to_vec());
        let other = IntegerMatrix::new(3, 3, [1, 1, 0, 0, 2, -1, 5, 0, 1].map(IBig::from).to_vec());
        // Appending zero columns changes no singular value, but moves the computation to the
        // pencil.
        let zeros = IntegerMatrix::new(3, 1, vec![IBig::ZERO; 3]);
        let from_narrow = NuclearNorm::of(&narrow, &other).enclose(256).ok().unwrap();
        let wide = NuclearNorm::of(&narrow.beside(&zeros), &other.beside(&zeros));
        assert!(wide.right.is_some());
        let from_wide = wide.enclose(256).ok().unwrap();
        assert!(from_narrow.lo() <= from_wide.hi() && from_wide.lo() <= from_narrow.hi());
        assert!(from_wide.is_narrow(200) && from_narrow.is_narrow(200));
    }

    #[test]
    fn one_column_each_is_an_integer() {
        let (x, y) = ([3, -1, 2].map(IBig::from).to_vec(), [1, 1, -4].map(IBig::from).to_vec());
        let norm = NuclearNorm::of(&IntegerMatrix::new(3, 1, x), &IntegerMatrix::new(3, 1, y)).enclose(256).ok().unwrap();
        assert!(norm.is_point() && *norm.lo() == Dyadic::new(IBig::from(6), 0));
    }
}

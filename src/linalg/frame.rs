//! Features in an orthonormal basis of their column space: X = Q F. What a direction Q w sees of
//! them, and how well it is known.

use faer::linalg::triangular_solve::solve_upper_triangular_in_place;
use faer::{Mat, MatRef};
use rayon::prelude::*;

use crate::arrays::product::{parallelism, product, squared_norm};
use crate::arrays::sums::sum;
use crate::error::Error;
use crate::linalg::cholesky_qr::CholeskyQr2;
use crate::linalg::decomposition::Decomposition;
use crate::linalg::features::Features;

/// Columns that are solved for at a time.
const COLUMNS: usize = 128;

/// X = Q F.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Frame<'a> {
    /// F is R, upper triangular and known to have full rank: no singular values are needed.
    Triangle(&'a CholeskyQr2),
    /// F is S V', of the singular value decomposition.
    Singular(&'a Decomposition),
}

impl<'a> Frame<'a> {
    /// The frame that costs least: of a representation wider than its examples, and of one that may
    /// be deficient, only the singular values tell.
    ///
    /// # Errors
    /// As [`Features::basis`].
    pub(crate) fn of(features: &'a Features) -> Result<Self, Error> {
        Ok(match features.triangular()? {
            Some(whitened) => Self::Triangle(whitened),
            None => Self::Singular(features.decomposition()?),
        })
    }

    /// The frame that costs nothing beyond [`Features::basis`]; none of a wide representation.
    ///
    /// # Errors
    /// As [`Features::basis`].
    pub(crate) fn at_hand(features: &'a Features) -> Result<Option<Self>, Error> {
        if features.is_wide() { Ok(None) } else { Self::of(features).map(Some) }
    }

    /// The numerical rank r.
    pub(crate) fn rank(self) -> usize {
        match self {
            Self::Triangle(whitened) => whitened.basis().rank(),
            Self::Singular(decomposition) => decomposition.rank(),
        }
    }

    /// |X|_F over the least singular value, or up to twice that.
    pub(crate) fn condition(self) -> f64 {
        match self {
            Self::Triangle(whitened) => whitened.basis().condition(),
            Self::Singular(decomposition) => decomposition.condition(),
        }
    }

    /// The largest singular value; of a triangle an estimate, which is never more and at least
    /// nine tenths of it.
    pub(crate) fn largest(self) -> f64 {
        match self {
            Self::Triangle(whitened) => whitened.largest(),
            Self::Singular(decomposition) => decomposition.values()[0],
        }
    }

    /// The coordinates, in this frame's Q, of directions with these coordinates in
    /// [`Features::basis`].
    pub(crate) fn coordinates(self, in_basis: MatRef<'_, f64>) -> Mat<f64> {
        match self {
            Self::Triangle(_) => in_basis.to_owned(),
            Self::Singular(decomposition) => decomposition.in_vectors(in_basis),
        }
    }

    /// X'Q W up to a rotation of the neurons, which is not paid for where F is S V'.
    pub(crate) fn turned_projections(self, coordinates: MatRef<'_, f64>) -> Mat<f64> {
        match self {
            Self::Triangle(whitened) => product(whitened.triangle().transpose(), coordinates),
            Self::Singular(decomposition) => {
                let values = decomposition.values();
                Mat::from_fn(coordinates.nrows(), coordinates.ncols(), |row, column| values[row] * coordinates[(row, column)])
            }
        }
    }

    /// X'Q W: what each neuron (of a wide representation, each of its coordinates) has of each
    /// direction.
    pub(crate) fn projections(self, coordinates: MatRef<'_, f64>) -> Mat<f64> {
        let turned = self.turned_projections(coordinates);
        match self {
            Self::Triangle(_) => turned,
            Self::Singular(decomposition) => product(decomposition.right(), turned.as_ref()),
        }
    }

    /// F^+ W up to a rotation of the neurons: what a change of X, times this, turns Q W by.
    pub(crate) fn solved(self, coordinates: MatRef<'_, f64>) -> Mat<f64> {
        match self {
            Self::Triangle(whitened) => {
                let mut solved = coordinates.to_owned();
                solve_upper_triangular_in_place(
                    whitened.triangle(),
                    solved.as_mut(),
                    parallelism(coordinates.ncols() * self.rank().pow(2) / 2),
                );
                solved
            }
            Self::Singular(decomposition) => {
                let values = decomposition.values();
                Mat::from_fn(coordinates.nrows(), coordinates.ncols(), |row, column| coordinates[(row, column)] / values[row])
            }
        }
    }

    /// |F^+ W|_F^2 of directions with these coordinates in [`Features::basis`].
    pub(crate) fn solved_squared_norm(self, in_basis: MatRef<'_, f64>) -> f64 {
        let of = |columns: MatRef<'_, f64>| squared_norm(self.solved(self.coordinates(columns).as_ref()).as_ref());
        sum(&in_basis.par_col_chunks(COLUMNS).map(of).collect::<Vec<_>>())
    }

    /// The same of directions A that are known by A A' alone: tr(F^+ A A' F^+').
    pub(crate) fn solved_trace(self, in_basis: MatRef<'_, f64>) -> f64 {
        let once = self.solved(self.coordinates(in_basis).as_ref());
        let twice = self.solved(self.coordinates(once.transpose()).as_ref());
        trace(twice.as_ref())
    }

    /// |F^+|_F: how much a change of X turns its column space by at most, in the Frobenius norm.
    pub(crate) fn inverse_norm(self) -> f64 {
        match self {
            Self::Triangle(whitened) => whitened.inverse_norm(),
            Self::Singular(decomposition) => sum(&decomposition.values().iter().map(|s| s.powi(-2)).collect::<Vec<_>>()).sqrt(),
        }
    }

    /// F, r x p.
    pub(crate) fn factor(self) -> Mat<f64> {
        match self {
            Self::Triangle(whitened) => whitened.triangle().to_owned(),
            Self::Singular(decomposition) => {
                let (values, right) = (decomposition.values(), decomposition.right());
                Mat::from_fn(values.len(), right.nrows(), |row, column| values[row] * right[(column, row)])
            }
        }
    }
}

/// The sum of the diagonal.
pub(crate) fn trace(matrix: MatRef<'_, f64>) -> f64 {
    sum(&(0..matrix.ncols()).map(|i| matrix[(i, i)]).collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::linalg::cholesky_qr::tests::graded;

    fn features(condition: f64) -> Features {
        let x = graded(90, 12, condition);
        Features::of(x.as_ref(), x.norm_max(), true)
    }

    /// The same directions, seen in both frames.
    #[test]
    fn both_frames_see_the_same() {
        for condition in [1.0, 30.0, 1e5] {
            let features = features(condition);
            let (triangle, singular) = (Frame::of(&features).unwrap(), Frame::Singular(features.decomposition().unwrap()));
            assert!(matches!(triangle, Frame::Triangle(_)));
            assert_eq!(triangle.rank(), 12);
            let ratio = triangle.largest() / singular.largest();
            assert!((0.9..=1.0 + 1e-12).contains(&ratio), "{condition:e}: {ratio}");
            let doubled = triangle.condition() / singular.condition();
            assert!((0.999..=2.001).contains(&doubled), "{condition:e}: {doubled}");
            let w = Mat::from_fn(12, 3, |row, column| ((row * 3 + column) as f64).sin());
            let u = singular.coordinates(w.as_ref());
            let (a, b) = (triangle.projections(w.as_ref()), singular.projections(u.as_ref()));
            assert!((&a - &b).norm_max() < 1e-13 * a.norm_max(), "{condition:e}");
            let (a, b) = (triangle.turned_projections(w.as_ref()), singular.turned_projections(u.as_ref()));
            assert!((a.norm_l2() / b.norm_l2() - 1.0).abs() < 1e-13, "{condition:e}");
            let (a, b) = (triangle.solved(w.as_ref()), singular.solved(u.as_ref()));
            for column in 0..3 {
                let ratio = a.col(column).norm_l2() / b.col(column).norm_l2();
                assert!((ratio - 1.0).abs() < 1e-16f64.sqrt() * condition.sqrt(), "{condition:e}");
            }
            let lengths =
                [triangle.solved_squared_norm(w.as_ref()).sqrt() / b.norm_l2(), triangle.inverse_norm() / singular.inverse_norm()];
            assert!(lengths.iter().all(|ratio| (ratio - 1.0).abs() < 1e-16f64.sqrt() * condition.sqrt()), "{condition:e}: {lengths:?}");
            let squares = triangle.solved_trace(product(w.as_ref(), w.transpose()).as_ref());
            assert!((squares.sqrt() / b.norm_l2() - 1.0).abs() < 1e-16f64.sqrt() * condition, "{condition:e}");
            let turned = |frame: Frame<'_>, w: &Mat<f64>| product(frame.factor().transpose(), w.as_ref());
            assert!((&turned(triangle, &w) - &turned(singular, &u)).norm_max() < 1e-13 * triangle.largest(), "{condition:e}");
        }
    }

    #[test]
    fn a_deficient_or_wide_representation_has_singular_values() {
        let x = graded(90, 12, 1e9);
        assert!(matches!(Frame::of(&Features::of(x.as_ref(), x.norm_max(), true)).unwrap(), Frame::Singular(_)));
        let x = graded(40, 12, 10.0).transpose().to_owned();
        assert!(matches!(Frame::of(&Features::of(x.as_ref(), x.norm_max(), true)).unwrap(), Frame::Singular(_)));
    }
}

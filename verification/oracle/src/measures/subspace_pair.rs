//! Canonical correlations between two certified subspaces.

use super::cca::Summary;
use crate::algebra::interval_matrix::IntervalMatrix;
use crate::algebra::leading_subspace::LeadingSubspace;
use crate::algebra::spectrum::Spectrum;
use crate::number::dyadic::Dyadic;
use crate::number::interval::Interval;
use crate::number::refine::Attempt;

/// N_x'N_y for points N near orthonormal bases U of the exact subspaces.
pub(crate) struct SubspacePair {
    cross: IntervalMatrix,
    /// Bound of ||N_x'N_y - U_x'U_y||.
    shift: Dyadic,
}

impl SubspacePair {
    pub(crate) fn of(x: &LeadingSubspace, y: &LeadingSubspace, precision: usize) -> Self {
        let cross = x.basis.transpose().multiply(&y.basis, precision);
        let shift = x.error.add(&y.error).add(&x.error.multiply(&y.error));
        SubspacePair { cross, shift }
    }

    /// Sum of the (squared) correlations: the singular values of N_x'N_y, each off by at most the shift (Weyl).
    pub(crate) fn correlation_sum(&self, summary: Summary, precision: usize) -> Result<Interval, Attempt> {
        let is_wide = self.cross.rows <= self.cross.columns;
        let factor = if is_wide { self.cross.transpose() } else { self.cross.clone() };
        let spectrum = Spectrum::of_pencil(&IntervalMatrix::congruence(None, &factor, precision), None, precision)?;
        Ok((0..factor.columns).fold(Interval::zero(), |sum, index| {
            let rho = self.correlation(&spectrum, index, precision);
            let term = match summary {
                Summary::Rho => rho,
                Summary::SquaredRho => rho.multiply(&rho, precision),
            };
            sum.add(&term, precision)
        }))
    }

    /// The index-th correlation from the spectrum of the cross product's square.
    pub(crate) fn correlation(&self, spectrum: &Spectrum, index: usize, precision: usize) -> Interval {
        let near = spectrum.eigenvalue(index).square_root(precision);
        near.widen(&self.shift, precision).intersect(&Dyadic::zero(), &Dyadic::one())
    }

    /// (N_x'N_y)(N_x'N_y)' and how far it is from (U_x'U_y)(U_x'U_y)', whose eigenvectors are the variates in X's basis: with
    /// A = N_x'N_y and ||U_x'U_y|| <= 1, at most (||A|| + 1) shift <= (2 + shift) shift.
    pub(crate) fn square(&self, precision: usize) -> (IntervalMatrix, Dyadic) {
        let square = IntervalMatrix::congruence(None, &self.cross.transpose(), precision);
        let bound = Dyadic::new(2.into(), 0).add(&self.shift).multiply(&self.shift);
        (square, bound)
    }
}

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

    /// Sum of the (squared) correlations: the singular values of N_x'N_y, each off by at most the
    /// shift (Weyl).
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

    /// (N_x'N_y)(N_x'N_y)' and how far it is from (U_x'U_y)(U_x'U_y)', whose eigenvectors are the
    /// variates in X's basis: with A = N_x'N_y and ||U_x'U_y|| <= 1, at most (||A|| + 1) shift <=
    /// (2 + shift) shift.
    pub(crate) fn square(&self, precision: usize) -> (IntervalMatrix, Dyadic) {
        let square = IntervalMatrix::congruence(None, &self.cross.transpose(), precision);
        let bound = Dyadic::new(2.into(), 0).add(&self.shift).multiply(&self.shift);
        (square, bound)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::algebra::leading_subspace::PrincipalComponents;
    use crate::algebra::spectrum::tests::{Damage, damaged_certificate, meet};
    use crate::error::Side;
    use crate::matrix::{Features, Matrix};
    use crate::measures::truncation::explained_share;

    fn drawn(seed: i32, columns: usize) -> Features {
        let entries: Vec<f64> = (0..12 * columns as i32).map(|index| f64::from((index * index * seed + 7 * index) % 31)).collect();
        Matrix::from_row_major(12, columns, &entries).unwrap().centered()
    }

    fn leading(features: &Features, kept: usize, damage: Option<Damage>) -> LeadingSubspace {
        let components = PrincipalComponents::of(features, 11);
        let certificate = match damage {
            None => Spectrum::of_pencil(&components.square, None, 512).ok().unwrap(),
            Some(damage) => damaged_certificate(&components.square, None, damage),
        };
        components.leading_in(&certificate, kept, Side::X, 512).ok().unwrap()
    }

    #[test]
    fn tilted_subspaces_earn_wide_sums_that_still_hold_the_truth() {
        let (x, y) = (drawn(13, 4), drawn(11, 3));
        let exact_y = leading(&y, 2, None);
        for summary in [Summary::Rho, Summary::SquaredRho] {
            let sum = |own: &LeadingSubspace| SubspacePair::of(own, &exact_y, 512).correlation_sum(summary, 512).ok().unwrap();
            let exact = sum(&leading(&x, 2, None));
            assert!(exact.is_narrow(400));
            // Across the cut the tilt moves the correlations; within, it does not.
            for damage in [Damage::Turned(1, 2, 20), Damage::Turned(1, 3, 20), Damage::Rounded(30), Damage::Turned(0, 1, 20)] {
                let wide = sum(&leading(&x, 2, Some(damage)));
                assert!(meet(&exact, &wide), "{damage:?}");
                assert!(wide.is_narrow(6) && !wide.is_narrow(40), "{damage:?}");
            }
        }
    }

    #[test]
    fn the_bound_of_the_square_covers_its_eigenvalues() {
        let (x, y) = (drawn(13, 4), drawn(11, 3));
        let exact_y = leading(&y, 2, None);
        let spectrum = |own: &LeadingSubspace| {
            let (square, bound) = SubspacePair::of(own, &exact_y, 512).square(512);
            (Spectrum::of_pencil(&square, None, 512).ok().unwrap(), bound)
        };
        let (exact, none) = spectrum(&leading(&x, 2, None));
        assert!(none.magnitude() < -400);
        for damage in [Damage::Turned(1, 2, 20), Damage::Turned(0, 3, 20), Damage::Rounded(30)] {
            let (crude, bound) = spectrum(&leading(&x, 2, Some(damage)));
            let mut moved = false;
            for index in 0..2 {
                moved |= !meet(&crude.eigenvalue(index), &exact.eigenvalue(index));
                assert!(meet(&crude.eigenvalue(index).widen(&bound, 512), &exact.eigenvalue(index)), "{damage:?}");
            }
            assert!(moved, "{damage:?} moved nothing, so it tests nothing");
        }
    }

    #[test]
    fn tilted_predictors_earn_wide_shares_that_still_hold_the_truth() {
        let (x, target) = (drawn(13, 4), drawn(11, 3));
        let exact = explained_share(&target, &leading(&x, 2, None), 512);
        assert!(exact.is_narrow(400));
        for damage in [Damage::Turned(1, 2, 20), Damage::Turned(0, 3, 20), Damage::Rounded(30)] {
            let wide = explained_share(&target, &leading(&x, 2, Some(damage)), 512);
            assert!(meet(&exact, &wide) && wide.is_narrow(6), "{damage:?}");
        }
    }
}

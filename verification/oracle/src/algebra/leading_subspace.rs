//! The span of a representation's leading left singular vectors, certified.

use super::integer_matrix::IntegerMatrix;
use super::interval_matrix::IntervalMatrix;
use super::spectrum::Spectrum;
use crate::error::Side;
use crate::matrix::Features;
use crate::number::dyadic::Dyadic;
use crate::number::interval::Interval;
use crate::number::refine::Attempt;
use crate::rank::{Cuts, between, exceeds, open};
use dashu_int::IBig;
use dashu_ratio::RBig;

/// Which leading components stay.
pub(crate) enum Keep {
    /// The fewest whose squared singular values sum to at least this share of all.
    Variance(RBig),
    /// Those whose singular value is above the cut of the rank.
    Rank(Cuts),
    /// Of those, the fewest whose squared singular values sum to at least this share of theirs, and
    /// any that are equal to the last of these.
    RoundedVariance(RBig, Cuts),
}

/// How many leading components stay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Kept {
    pub(crate) dimensions: usize,
    /// Whether some of them stay only because they are equal to others.
    pub(crate) splits: bool,
}

/// Centered features and the exact square of theirs that is diagonalised.
pub(crate) struct PrincipalComponents {
    features: IntegerMatrix,
    /// X'X (p x p) or X X' (n x n), whichever is smaller.
    pub(crate) square: IntervalMatrix,
    /// Whether `square` is X X', whose eigenvectors are the left singular vectors themselves.
    is_gram: bool,
    total: IBig,
    pub(crate) rank: usize,
}

/// Points N near an orthonormal basis of the span of the leading left singular vectors.
pub(crate) struct LeadingSubspace {
    /// N, n x k
    pub(crate) basis: IntervalMatrix,
    /// Bound of ||N - U|| for some orthonormal basis U of the exact subspace.
    pub(crate) error: Dyadic,
}

impl PrincipalComponents {
    /// `limit` is the largest rank the features can have.
    pub(crate) fn of(features: &Features, limit: usize) -> Self {
        let matrix = features.to_integer_matrix();
        let is_gram = matrix.rows < matrix.columns;
        let square = matrix.smaller_square();
        let rank = matrix.independent_columns(limit).len();
        let total = features.squared_norm();
        PrincipalComponents { features: matrix, square: IntervalMatrix::from_integers(&square), is_gram, total, rank }
    }

    /// The first `kept` components, certified.
    ///
    /// With N as below and Q the other exact left singular vectors, Z = Q'N solves the Sylvester
    /// equation Lambda Z - Z D = Q'R for the residual R = X X' N - N D. The entries of D are at
    /// least d_k and those of Lambda at most lambda_{k+1}, so ||Z|| <= z = ||R|| / (d_k -
    /// lambda_{k+1}) (Davis and Kahan). The projection of N onto the exact subspace is N less what
    /// Z measures; its Gram matrix N'N - Z'Z is off the identity by at most tau = ||N'N - I|| +
    /// z^2, so its polar factor, an orthonormal basis of the exact subspace, is within tau of it
    /// and within z + tau of N.
    pub(crate) fn leading(&self, kept: usize, side: Side, precision: usize) -> Result<LeadingSubspace, Attempt> {
        self.leading_in(&self.spectrum(precision)?, kept, side, precision)
    }

    pub(crate) fn spectrum(&self, precision: usize) -> Result<Spectrum, Attempt> {
        Spectrum::of_pencil(&self.square, None, precision)
    }

    /// The first `kept` components by a given certificate of `square`.
    pub(crate) fn leading_in(&self, spectrum: &Spectrum, kept: usize, side: Side, precision: usize) -> Result<LeadingSubspace, Attempt> {
        let smallest = &spectrum.diagonal[kept - 1];
        let next = if kept < self.rank { spectrum.eigenvalue(kept).hi().clone() } else { Dyadic::zero() };
        let gap = smallest.subtract(&next);
        if !gap.is_positive() {
            return Err(open(
                format!("whether singular values {kept} and {} of {side} differ, between which the threshold falls", kept + 1),
                precision,
            ));
        }
        let vectors = leading_columns(&spectrum.vectors, kept);
        let mut residual = self.square.multiply(&vectors, precision);
        for (at, entry) in residual.entries.iter_mut().enumerate() {
            let moved = vectors.entries[at].multiply_point(&spectrum.diagonal[at % kept], precision);
            *entry = entry.subtract(&moved, precision);
        }
        let mut residual_norm = residual.frobenius_norm(precision);
        let (basis, defect) = if self.is_gram {
            (vectors, Interval::point(spectrum.epsilon.clone()))
        } else {
            // N = X V D^(-1/2): residual X (X'X V - V D) D^(-1/2), and N'N - I = D^(-1/2) F
            // D^(-1/2).
            let norm = Interval::from_integer(self.total.clone()).square_root(precision);
            let root = Interval::point(smallest.clone()).square_root(precision);
            residual_norm = residual_norm.multiply(&norm, precision).divide(&root, precision);
            let mut basis = IntervalMatrix::from_integers(&self.features).multiply(&vectors, precision);
            for (at, entry) in basis.entries.iter_mut().enumerate() {
                let root = Interval::point(spectrum.diagonal[at % kept].clone()).square_root(precision);
                *entry = entry.divide(&root, precision);
            }
            (basis, Interval::point(spectrum.phi.clone()).divide(&Interval::point(smallest.clone()), precision))
        };
        let z = residual_norm.divide(&Interval::point(gap), precision);
        let tau = defect.add(&z.multiply(&z, precision), precision);
        if *tau.hi() >= Dyadic::power_of_two(-1) {
            return Err(Attempt::Unresolved(format!("the leading singular vectors of {side}")));
        }
        Ok(LeadingSubspace { basis, error: z.add(&tau, precision).hi().clone() })
    }

    /// How many components `keep` keeps.
    pub(crate) fn kept(&self, keep: &Keep, side: Side, precision: usize) -> Result<Kept, Attempt> {
        let spectrum = self.spectrum(precision)?;
        match keep {
            Keep::Variance(share) => Ok(Kept { dimensions: self.holding(&spectrum, share, side, precision)?, splits: false }),
            Keep::Rank(cuts) => Ok(Kept { dimensions: self.numerical_rank(&spectrum, cuts, side, precision)?, splits: false }),
            Keep::RoundedVariance(share, cuts) => self.roughly_holding(&spectrum, share, cuts, side, precision),
        }
    }

    fn holding(&self, spectrum: &Spectrum, share: &RBig, side: Side, precision: usize) -> Result<usize, Attempt> {
        let wanted = Interval::from_rational(&(share * RBig::from(self.total.clone())), precision + 64);
        let mut held = Interval::zero();
        for kept in 1..self.rank {
            held = held.add(&spectrum.eigenvalue(kept - 1), precision);
            if held.lo() >= wanted.hi() {
                return Ok(kept);
            }
            if held.hi() >= wanted.lo() {
                return Err(open(format!("whether {kept} dimensions of {side} hold exactly the threshold"), precision));
            }
        }
        // All singular values together hold everything.
        Ok(self.rank)
    }

    fn numerical_rank(&self, spectrum: &Spectrum, cuts: &Cuts, side: Side, precision: usize) -> Result<usize, Attempt> {
        let cut = self.largest_times(spectrum, &cuts.rank, precision);
        for kept in 1..self.rank {
            let next = spectrum.eigenvalue(kept).square_root(precision);
            if !exceeds(&next, &cut, precision, || format!("whether singular value {} of {side} is above the cut of the rank", kept + 1))? {
                return Ok(kept);
            }
        }
        Ok(self.rank)
    }

    fn roughly_holding(&self, spectrum: &Spectrum, share: &RBig, cuts: &Cuts, side: Side, precision: usize) -> Result<Kept, Attempt> {
        let rank = self.numerical_rank(spectrum, cuts, side, precision)?;
        if *share == RBig::ONE {
            return Ok(Kept { dimensions: rank, splits: false });
        }
        let total = (0..rank).fold(Interval::zero(), |sum, index| sum.add(&spectrum.eigenvalue(index), precision));
        let left_out = |slack: RBig| {
            let most = RBig::ONE - share + slack;
            total.multiply(&Interval::from_rational(&most, precision + 64), precision)
        };
        let (least, most) = (left_out(&cuts.variance / RBig::from(2)), left_out(&cuts.variance * RBig::from(2)));
        let (mut dimensions, mut tail) = (rank, Interval::zero());
        while dimensions > 1 {
            tail = tail.add(&spectrum.eigenvalue(dimensions - 1), precision);
            let what = || format!("whether {} dimensions of {side} hold the threshold", dimensions - 1);
            if between(&tail, least.lo(), most.hi(), precision, what)? {
                break;
            }
            dimensions -= 1;
        }
        let equal = self.largest_times(spectrum, &cuts.equal, precision);
        let wanted = dimensions;
        while dimensions < rank {
            let root = |index: usize| spectrum.eigenvalue(index).square_root(precision);
            let gap = root(dimensions - 1).subtract(&root(dimensions), precision);
            let what = || format!("whether singular values {dimensions} and {} of {side} are equal", dimensions + 1);
            if exceeds(&gap, &equal, precision, what)? {
                break;
            }
            dimensions += 1;
        }
        Ok(Kept { dimensions, splits: dimensions > wanted })
    }

    /// The largest singular value, in integer units, times a factor.
    pub(crate) fn largest_times(&self, spectrum: &Spectrum, factor: &RBig, precision: usize) -> Interval {
        let factor = Interval::from_rational(factor, precision + 64);
        spectrum.eigenvalue(0).square_root(precision).multiply(&factor, precision)
    }
}

fn leading_columns(matrix: &IntervalMatrix, count: usize) -> IntervalMatrix {
    let entries = (0..matrix.rows).flat_map(|row| (0..count).map(move |column| matrix.entry(row, column).clone())).collect();
    IntervalMatrix { rows: matrix.rows, columns: count, entries }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::algebra::spectrum::tests::{Damage, damaged_certificate};
    use crate::matrix::Matrix;

    /// ||N - U||_2 <= error for some orthonormal basis U of the span of the accurate N.
    fn assert_error_bounds(accurate: &LeadingSubspace, crude: &LeadingSubspace) {
        // U (U'N) is the part of N inside; N - U (U'N) and N'N - I are what the bound must cover.
        let (exact, rough) = (&accurate.basis, &crude.basis);
        let inside = exact.multiply(&exact.transpose().multiply(rough, 512), 512);
        let mut outside = rough.clone();
        for (entry, inside) in outside.entries.iter_mut().zip(&inside.entries) {
            *entry = entry.subtract(inside, 512);
        }
        // The spectral norm is at least that of the largest column.
        for column in 0..outside.columns {
            let squared = (0..outside.rows).fold(Interval::zero(), |sum, row| {
                let entry = outside.entry(row, column).absolute();
                sum.add(&entry.multiply(&entry, 512), 512)
            });
            assert!(*squared.square_root(512).lo() <= crude.error, "the part outside the subspace exceeds the bound");
        }
        let gram = IntervalMatrix::congruence(None, rough, 512);
        for column in 0..gram.columns {
            // | ||n|| - 1 | <= ||n - u||
            let length = gram.entry(column, column).square_root(512);
            let defect = length.subtract(&Interval::one(), 512).absolute();
            assert!(*defect.lo() <= crude.error, "the length defect exceeds the bound");
        }
    }

    #[test]
    fn the_error_of_a_crude_basis_is_within_its_bound() {
        let entries: Vec<f64> = (0..60).map(|index| f64::from((index * index * 13 + 7 * index) % 29)).collect();
        for (rows, columns) in [(12, 5), (5, 12)] {
            let features = Matrix::from_row_major(rows, columns, &entries).unwrap().centered();
            let components = PrincipalComponents::of(&features, rows - 1);
            let fine = Spectrum::of_pencil(&components.square, None, 512).ok().unwrap();
            let damages = [
                Damage::Rounded(12),
                Damage::Rounded(30),
                Damage::Longer(12),
                Damage::Shorter(12),
                Damage::Turned(0, 1, 16),
                Damage::Turned(1, 3, 16),
                Damage::Turned(2, 3, 16),
            ];
            for damage in damages {
                let certificate = damaged_certificate(&components.square, None, damage);
                let mut certified = 0;
                for kept in 1..=components.rank {
                    let accurate = components.leading_in(&fine, kept, Side::X, 512).ok().unwrap();
                    assert!(accurate.error.magnitude() < -400);
                    let Ok(crude) = components.leading_in(&certificate, kept, Side::X, 512) else { continue };
                    assert_error_bounds(&accurate, &crude);
                    certified += 1;
                }
                assert!(certified >= 2, "{damage:?} was certified {certified} times");
            }
        }
    }
}

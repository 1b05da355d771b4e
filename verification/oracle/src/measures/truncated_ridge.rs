//! The canonical ridge of representations cut at a numerical rank.

use super::canonical_ridge::{Options, Scale, normaliser};
use super::truncation::{SIDES, Truncation, unresolved};
use crate::algebra::interval_matrix::IntervalMatrix;
use crate::error::OracleError;
use crate::kernel::exact_rational;
use crate::number::dyadic::{Direction, Dyadic};
use crate::number::interval::Interval;
use crate::number::refine::{Attempt, refine};
use crate::value::Value;

/// An approximation N G N' of the shrunk projector T = U g(U'K U) U' of one side, with K = Xc Xc',
/// g(l) = l / (l + kappa) and U an orthonormal basis of the leading left singular vectors.
struct ShrunkProjector {
    /// N, n x r
    basis: IntervalMatrix,
    /// The diagonal of G: enclosures of g at the approximate eigenvalues.
    diagonal: Vec<Interval>,
    /// Enclosures of g at the exact eigenvalues, descending.
    factors: Vec<Interval>,
    /// Bound of ||T - N G N'||.
    error: Dyadic,
    /// Bound of ||N||.
    length: Dyadic,
}

impl Truncation {
    /// tr(T_X T_Y) over its bound, where only the components up to the numerical ranks count.
    pub(crate) fn ridge(&self, options: &Options) -> Result<Value, OracleError> {
        let kappas = [options.kappa_x, options.kappa_y];
        let filled = (0..2).find(|side| kappas[*side] == 0.0 && self.ranks[*side] == self.examples - 1);
        if let (Some(side), false) = (filled, options.allow_degenerate) {
            return Err(self.degenerate(format!("with kappa zero {} projects onto everything", SIDES[side])));
        }
        let value = refine(|precision| {
            let of = |side: usize| self.shrunk(side, kappas[side], options.scale, precision);
            let (x, y) = (of(0)?, of(1)?);
            let trace = trace(&x, &y, precision);
            let bound = normaliser(&x.factors, &y.factors, self.ranks[0].min(self.ranks[1]), options.bound, precision);
            if !bound.is_positive() {
                return Err(Attempt::Unresolved("the normalisation".to_string()));
            }
            Ok(trace.divide(&bound, precision))
        })?;
        Ok(Value::from_interval(&value).with_note(self.note()))
    }

    fn shrunk(&self, side: usize, kappa: f64, scale: Scale, precision: usize) -> Result<ShrunkProjector, Attempt> {
        let (components, rank) = (&self.components[side], self.ranks[side]);
        let spectrum = components.spectrum(precision)?;
        let leading = components.leading_in(&spectrum, rank, SIDES[side], precision)?;
        let largest = spectrum.eigenvalue(0);
        let least = spectrum.eigenvalue(rank - 1);
        if !least.is_positive() || !spectrum.diagonal[rank - 1].is_positive() {
            return Err(unresolved(SIDES[side]));
        }
        let unit = &self.features[side].scale;
        let kappa = match scale {
            Scale::Absolute => Interval::from_rational(&(exact_rational(kappa) / (unit * unit)), precision),
            Scale::Relative => Interval::from_rational(&exact_rational(kappa), precision).multiply(&largest, precision),
        };
        // 1 / (1 + kappa / l) names each unknown once.
        let shrink = |eigenvalue: &Interval| {
            let share = Interval::one().add(&kappa.divide(eigenvalue, precision), precision);
            Interval::one().divide(&share, precision)
        };
        let factors: Vec<Interval> = (0..rank).map(|index| shrink(&spectrum.eigenvalue(index))).collect();
        let diagonal: Vec<Interval> = spectrum.diagonal[..rank].iter().map(|value| shrink(&Interval::point(value.clone()))).collect();
        // ||U'K U - D|| <= ||K|| (2 e + e^2) + ||N'K N - D|| for ||N - U|| <= e. As
        // g(A) - g(D) = kappa (D + kappa)^-1 (A - D) (A + kappa)^-1, g moves by at most that over
        // the least eigenvalue of A, and not at all without kappa.
        let e = &leading.error;
        let (twice, one) = (e.scale(1).add(&e.multiply(e)), Dyadic::one());
        let projected = self.features_times(side, &leading.basis, precision);
        let mut residual = IntervalMatrix::congruence(None, &projected, precision);
        for (index, value) in spectrum.diagonal[..rank].iter().enumerate() {
            let at = index * rank + index;
            residual.entries[at] = residual.entries[at].subtract(&Interval::point(value.clone()), precision);
        }
        let moved = largest.hi().multiply(&twice).add(&residual.largest_row_sum(precision));
        let length = one.add(e);
        let shift = if kappa.is_point() && kappa.lo().is_zero() {
            Dyadic::zero()
        } else {
            moved.divide(least.lo(), precision, Direction::Up).multiply(&length).multiply(&length)
        };
        let error = twice.add(&shift).round(precision, Direction::Up);
        Ok(ShrunkProjector { basis: leading.basis, diagonal, factors, error, length })
    }

    /// Xc'N in integer units, p x r.
    fn features_times(&self, side: usize, basis: &IntervalMatrix, precision: usize) -> IntervalMatrix {
        IntervalMatrix::from_integers(&self.features[side].to_integer_matrix().transpose()).multiply(basis, precision)
    }
}

/// tr(T_X T_Y): sum_ij a_i b_j (N_x'N_y)_ij^2, off by at most ||T_x - A|| ||T_y||_* + ||A||_* ||T_y
/// - B||, with nuclear norms of at most the ranks times ||N||^2.
fn trace(x: &ShrunkProjector, y: &ShrunkProjector, precision: usize) -> Interval {
    let cross = x.basis.transpose().multiply(&y.basis, precision);
    let mut sum = Interval::zero();
    for (row, a) in x.diagonal.iter().enumerate() {
        for (column, b) in y.diagonal.iter().enumerate() {
            let entry = cross.entry(row, column).absolute();
            let term = entry.multiply(&entry, precision).multiply(a, precision).multiply(b, precision);
            sum = sum.add(&term, precision);
        }
    }
    let rank = |side: &ShrunkProjector| Dyadic::new(side.diagonal.len().into(), 0);
    let of_x = x.error.multiply(&rank(y));
    let of_y = rank(x).multiply(&x.length).multiply(&x.length).multiply(&y.error);
    let widened = sum.widen(&of_x.add(&of_y), precision);
    // A trace of a product of semidefinite matrices.
    Interval::new(widened.lo().clone().max(Dyadic::zero()), widened.hi().clone())
}

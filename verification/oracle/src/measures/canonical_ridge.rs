//! Canonical ridge: regularised CCA between CCA, regression and CKA.

use super::truncation::Truncation;
use crate::algebra::basis::Basis;
use crate::algebra::integer_matrix::IntegerMatrix;
use crate::algebra::interval_matrix::IntervalMatrix;
use crate::algebra::spectrum::Spectrum;
use crate::error::{OracleError, Side};
use crate::kernel::exact_rational;
use crate::keys::Keys;
use crate::matrix::{Matrix, common_rows};
use crate::number::dyadic::Dyadic;
use crate::number::interval::Interval;
use crate::number::refine::{Attempt, refine};
use crate::rank::RankRule;
use crate::spec::Formula;
use crate::value::{Value, ratio};
use dashu_int::IBig;
use dashu_ratio::RBig;
use std::sync::Arc;

/// What kappa is measured in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scale {
    /// kappa itself is added to Xc'Xc.
    Absolute,
    /// kappa times the largest squared singular value of the centered representation is added.
    Relative,
}

/// The bound that the sum of squares is divided by. With l_i the descending eigenvalues of Xc Xc',
/// a_i = l_i / (l_i + kappa_X), b_i the same of Y, and m the smaller rank:
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bound {
    /// Equation 25: sum over i <= m of a_i b_i
    Trace,
    /// Equation 26: sqrt(sum over i <= m of a_i^2, times the same of b)
    Cauchy,
    /// Equation 27: sqrt(sum over all i of a_i^2, times the same of b)
    Separable,
}

/// Options of [`canonical_ridge`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Options {
    /// Regularisation of X, at least zero, taken exactly as the f64 it is.
    pub kappa_x: f64,
    /// Regularisation of Y.
    pub kappa_y: f64,
    /// What both are measured in.
    pub scale: Scale,
    /// The normalisation.
    pub bound: Bound,
    /// What counts as a dimension.
    pub rank: RankRule,
    /// Whether to go on where a side with kappa zero has rank n - 1, so that the value no longer
    /// compares.
    pub allow_degenerate: bool,
}

impl Formula for Options {
    fn parse(keys: &mut Keys<'_>) -> Result<Self, OracleError> {
        Ok(Options {
            kappa_x: keys.number("kappa-x", None)?,
            kappa_y: keys.number("kappa-y", None)?,
            scale: keys.choice("kappa", &[("absolute", Scale::Absolute), ("relative", Scale::Relative)])?,
            bound: keys.choice("bound", &[("trace", Bound::Trace), ("cauchy", Bound::Cauchy), ("separable", Bound::Separable)])?,
            rank: RankRule::Exact,
            allow_degenerate: keys.allows_degenerate()?,
        })
    }

    fn evaluate(&self, x: &Matrix, y: &Matrix) -> Result<Value, OracleError> {
        canonical_ridge(x, y, self)
    }

    fn with_rank_rule(&self, rank: RankRule) -> Option<Arc<dyn Formula>> {
        Some(Arc::new(Options { rank, ..*self }))
    }
}

/// tr[(Xc'Xc + kappa_X I)^-1 Xc'Yc (Yc'Yc + kappa_Y I)^-1 Yc'Xc] over its bound.
///
/// Exact where both kappa are zero. Where kappa is relative, the largest singular value is
/// enclosed, and the numerator, which falls in both kappa, is evaluated exactly at the ends. Where
/// a numerical rank is below the exact one, everything is enclosed.
///
/// # Errors
/// `ShapeMismatch`, `Constant`, `InvalidOption`, `Degenerate`, `Undecidable`, `Doubtful`.
pub fn canonical_ridge(x: &Matrix, y: &Matrix, options: &Options) -> Result<Value, OracleError> {
    let examples = common_rows(x, y)?;
    let side_x = RidgeSide::of(x, options.kappa_x, options.scale, Side::X)?;
    let side_y = RidgeSide::of(y, options.kappa_y, options.scale, Side::Y)?;
    if let Some(truncation) = Truncation::of(x, y, true, options.rank)? {
        return truncation.ridge(options);
    }
    let ranks = [side_x.rank, side_y.rank];
    let spans = |side: &RidgeSide| side.kappa.is_zero() && side.rank == examples - 1;
    if !options.allow_degenerate && (spans(&side_x) || spans(&side_y)) {
        let reason = format!("with kappa zero a representation of rank {} projects onto everything", examples - 1);
        return Err(OracleError::Degenerate { examples, rank_x: ranks[0], rank_y: ranks[1], reason });
    }
    let note = format!("ranks {} and {}", ranks[0], ranks[1]);
    let terms = ranks[0].min(ranks[1]);
    if side_x.kappa.is_zero() && side_y.kappa.is_zero() {
        let squared_bound = match options.bound {
            Bound::Trace | Bound::Cauchy => IBig::from(terms) * IBig::from(terms),
            Bound::Separable => IBig::from(ranks[0]) * IBig::from(ranks[1]),
        };
        let sum = numerator(&side_x, &side_y, &RBig::ZERO, &RBig::ZERO);
        return Ok(Value::over_root(&sum, &RBig::from(squared_bound)).with_note(note));
    }
    let exact = (options.scale == Scale::Absolute).then(|| numerator(&side_x, &side_y, &side_x.kappa, &side_y.kappa));
    let value = refine(|precision| {
        let (shrunk_x, shrunk_y) = (side_x.shrink(options.scale, precision)?, side_y.shrink(options.scale, precision)?);
        let sum = match &exact {
            Some(sum) => Interval::from_rational(sum, precision),
            None => numerator_over(&side_x, &side_y, &shrunk_x.kappa, &shrunk_y.kappa, precision),
        };
        Ok(sum.divide(&normaliser(&shrunk_x.factors, &shrunk_y.factors, terms, options.bound, precision), precision))
    })?;
    Ok(Value::from_interval(&value).with_note(note))
}

/// One representation in integer units.
struct RidgeSide {
    /// All centered neurons, or independent ones where kappa is zero: then only the column space
    /// matters.
    columns: IntegerMatrix,
    /// Of the columns: their Gram matrix, or with more neurons than examples that of their rows.
    square: IntegerMatrix,
    /// The positive eigenvalues of this are the squared singular values of the centered
    /// representation.
    spectral: IntervalMatrix,
    /// kappa in units of the integers' squares (absolute), or the plain factor (relative).
    kappa: RBig,
    rank: usize,
}

/// kappa in integer units and the factors l / (l + kappa).
struct Shrunk {
    kappa: Interval,
    factors: Vec<Interval>,
}

impl RidgeSide {
    fn of(matrix: &Matrix, kappa: f64, scale: Scale, side: Side) -> Result<Self, OracleError> {
        if !(kappa.is_finite() && kappa >= 0.0) {
            let option = if side == Side::X { "kappa-x" } else { "kappa-y" };
            return Err(OracleError::InvalidOption { option, value: kappa, expected: "a finite number of at least 0" });
        }
        let features = matrix.centered();
        features.require_nonzero(side)?;
        let kappa = match scale {
            Scale::Absolute => exact_rational(kappa) / (&features.scale * &features.scale),
            Scale::Relative => exact_rational(kappa),
        };
        let all = features.to_integer_matrix();
        let basis = Basis::of(&features, features.rows - 1);
        let rank = basis.rank();
        let full = all.smaller_square();
        let spectral = IntervalMatrix::from_integers(&full);
        let (columns, square) = if kappa.is_zero() { (basis.columns, basis.gram) } else { (all, full) };
        Ok(RidgeSide { columns, square, spectral, kappa, rank })
    }

    /// Whether the columns are fewer than the examples, so that `square` is X'X and not X X'.
    fn is_narrow(&self) -> bool {
        self.columns.rows >= self.columns.columns
    }

    /// (N, d) with X (X'X + kappa I)^-1 X' = (X X' + kappa I)^-1 X X' = N / d, n x n.
    fn shrunk_projector(&self, kappa: &RBig) -> (IntegerMatrix, IBig) {
        let (regularised, factor) = regularised(&self.square, kappa);
        let (mut projector, determinant) = if self.is_narrow() {
            let (solved, determinant) = regularised.solve(&self.columns.transpose());
            (self.columns.multiply(&solved), determinant)
        } else {
            regularised.solve(&self.square)
        };
        for entry in &mut projector.entries {
            *entry *= &factor;
        }
        (projector, determinant)
    }

    fn shrink(&self, scale: Scale, precision: usize) -> Result<Shrunk, Attempt> {
        if self.kappa.is_zero() {
            return Ok(Shrunk { kappa: Interval::zero(), factors: vec![Interval::one(); self.rank] });
        }
        let spectrum = Spectrum::of_pencil(&self.spectral, None, precision)?;
        let eigenvalues: Vec<Interval> = (0..self.rank).map(|index| spectrum.eigenvalue(index)).collect();
        if !eigenvalues[self.rank - 1].is_positive() {
            return Err(Attempt::Unresolved("the smallest singular value".to_string()));
        }
        let kappa = Interval::from_rational(&self.kappa, precision);
        let kappa = match scale {
            Scale::Absolute => kappa,
            Scale::Relative => kappa.multiply(&eigenvalues[0], precision),
        };
        // 1 / (1 + kappa / l) names each unknown once.
        let factors = eigenvalues
            .iter()
            .map(|eigenvalue| {
                let share = Interval::one().add(&kappa.divide(eigenvalue, precision), precision);
                Interval::one().divide(&share, precision)
            })
            .collect();
        Ok(Shrunk { kappa, factors })
    }
}

/// The exact trace for kappa in integer units.
fn numerator(x: &RidgeSide, y: &RidgeSide, kappa_x: &RBig, kappa_y: &RBig) -> RBig {
    if !(x.is_narrow() && y.is_narrow()) {
        let (projector_x, determinant_x) = x.shrunk_projector(kappa_x);
        let (projector_y, determinant_y) = y.shrunk_projector(kappa_y);
        return ratio(projector_x.trace_of_product(&projector_y), determinant_x * determinant_y);
    }
    let cross = x.columns.transpose_multiply(&y.columns);
    let (gram_x, factor_x) = regularised(&x.square, kappa_x);
    let (gram_y, factor_y) = regularised(&y.square, kappa_y);
    let (in_x, determinant_x) = gram_x.solve(&cross);
    let (in_y, determinant_y) = gram_y.solve(&cross.transpose());
    ratio(in_x.trace_of_product(&in_y) * factor_x * factor_y, determinant_x * determinant_y)
}

/// The trace for kappa anywhere in the intervals: it falls in both, because it is the trace of a
/// product of semidefinite matrices of which one shrinks with each.
fn numerator_over(x: &RidgeSide, y: &RidgeSide, kappa_x: &Interval, kappa_y: &Interval, precision: usize) -> Interval {
    let at = |end_x: &Dyadic, end_y: &Dyadic| numerator(x, y, &end_x.to_rational(), &end_y.to_rational());
    let least = Interval::from_rational(&at(kappa_x.hi(), kappa_y.hi()), precision);
    let most = Interval::from_rational(&at(kappa_x.lo(), kappa_y.lo()), precision);
    Interval::new(least.lo().clone(), most.hi().clone())
}

/// (v G + u I, v) for kappa = u / v, so that (G + kappa I)^-1 = v (v G + u I)^-1.
fn regularised(gram: &IntegerMatrix, kappa: &RBig) -> (IntegerMatrix, IBig) {
    let denominator = IBig::from(kappa.denominator().clone());
    let mut entries: Vec<IBig> = gram.entries.iter().map(|entry| entry * &denominator).collect();
    for index in 0..gram.rows {
        entries[index * gram.columns + index] += kappa.numerator();
    }
    (IntegerMatrix::new(gram.rows, gram.columns, entries), denominator)
}

/// What the trace is divided by, from the factors of both sides.
pub(super) fn normaliser(a: &[Interval], b: &[Interval], terms: usize, bound: Bound, precision: usize) -> Interval {
    let sum = |left: &[Interval], right: &[Interval]| {
        left.iter().zip(right).fold(Interval::zero(), |sum, (l, r)| sum.add(&l.multiply(r, precision), precision))
    };
    match bound {
        Bound::Trace => sum(&a[..terms], &b[..terms]),
        Bound::Cauchy => sum(&a[..terms], &a[..terms]).multiply(&sum(&b[..terms], &b[..terms]), precision).square_root(precision),
        Bound::Separable => sum(a, a).multiply(&sum(b, b), precision).square_root(precision),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_trace_over_an_interval_holds_the_traces_in_it() {
        let x = Matrix::from_row_major(5, 2, &[1.0, 0.0, 2.0, 5.0, 3.0, 1.0, -4.0, 1.0, 7.0, 2.0]).unwrap();
        let y = Matrix::from_row_major(5, 1, &[2.0, 3.0, 5.0, 7.0, 1.0]).unwrap();
        let side = |matrix: &Matrix| RidgeSide::of(matrix, 1.0, Scale::Relative, Side::X).unwrap();
        let (x, y) = (side(&x), side(&y));
        let between = |lo: i64, hi: i64| Interval::new(Dyadic::new(lo.into(), 0), Dyadic::new(hi.into(), 0));
        let whole = numerator_over(&x, &y, &between(30, 90), &between(10, 40), 100);
        for (kappa_x, kappa_y) in [(30, 10), (30, 40), (90, 10), (90, 40), (50, 20)] {
            let inner = Interval::from_rational(&numerator(&x, &y, &RBig::from(kappa_x), &RBig::from(kappa_y)), 100);
            assert!(whole.lo() <= inner.lo() && inner.hi() <= whole.hi(), "{kappa_x} {kappa_y}");
        }
    }

    #[test]
    fn wide_and_narrow_forms_of_the_trace_agree() {
        let entries: Vec<f64> = (0..24).map(|index| f64::from((index * index * 7 + 3 * index) % 17)).collect();
        let narrow = Matrix::from_row_major(6, 4, &entries).unwrap();
        // Zero neurons change nothing but the shape.
        let padded: Vec<f64> = entries.chunks(4).flat_map(|row| row.iter().copied().chain([0.0; 5])).collect();
        let wide = Matrix::from_row_major(6, 9, &padded).unwrap();
        let other = Matrix::from_row_major(6, 2, &[1.0, 0.0, 2.0, 5.0, 3.0, 1.0, -4.0, 1.0, 7.0, 2.0, 0.0, 9.0]).unwrap();
        let trace = |x: &Matrix, y: &Matrix| {
            let x = RidgeSide::of(x, 0.5, Scale::Absolute, Side::X).unwrap();
            let y = RidgeSide::of(y, 3.0, Scale::Absolute, Side::Y).unwrap();
            numerator(&x, &y, &x.kappa, &y.kappa)
        };
        assert_eq!(trace(&narrow, &other), trace(&wide, &other));
        assert_eq!(trace(&narrow, &narrow), trace(&narrow, &wide));
        assert_eq!(trace(&narrow, &narrow), trace(&wide, &wide));
    }
}

//! Canonical correlation analysis: the mean canonical correlation and the mean of the squares.

use super::truncation::Truncation;
use crate::algebra::basis::{Basis, Spaces};
use crate::algebra::interval_matrix::IntervalMatrix;
use crate::algebra::spectrum::Spectrum;
use crate::error::{OracleError, Side};
use crate::keys::Keys;
use crate::matrix::Matrix;
use crate::number::dyadic::Dyadic;
use crate::number::enclosure::Enclosure;
use crate::number::interval::Interval;
use crate::number::refine::{Attempt, is_final, refine, resolve, too_wide};
use crate::rank::RankRule;
use crate::spec::Formula;
use crate::value::Value;
use dashu_int::IBig;
use dashu_ratio::RBig;
use std::sync::Arc;

/// Which mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Summary {
    /// Mean of the canonical correlations.
    Rho,
    /// Mean of their squares.
    SquaredRho,
}

/// What the sum over the correlations is divided by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Divisor {
    /// min(r_X, r_Y)
    MinRank,
    /// min(p1, p2)
    MinWidth,
    /// sqrt(r_X r_Y)
    Geometric,
    /// max(r_X, r_Y)
    Max,
}

/// Options of [`cca`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Options {
    /// Which mean.
    pub summary: Summary,
    /// What it divides by.
    pub divisor: Divisor,
    /// Whether columns are centered first.
    pub center: bool,
    /// What counts as a dimension.
    pub rank: RankRule,
    /// Whether to return the constant where a rank leaves no room for a comparison.
    pub allow_degenerate: bool,
}

impl Formula for Options {
    fn parse(keys: &mut Keys<'_>) -> Result<Self, OracleError> {
        Ok(Options {
            summary: Summary::parse(keys)?,
            divisor: Divisor::parse(keys)?,
            center: keys.choice("center", &[("yes", true), ("no", false)])?,
            rank: RankRule::Exact,
            allow_degenerate: keys.allows_degenerate()?,
        })
    }

    fn evaluate(&self, x: &Matrix, y: &Matrix) -> Result<Value, OracleError> {
        cca(x, y, self)
    }

    fn with_rank_rule(&self, rank: RankRule) -> Option<Arc<dyn Formula>> {
        Some(Arc::new(Options { rank, ..*self }))
    }
}

impl Summary {
    pub(crate) fn parse(keys: &mut Keys<'_>) -> Result<Self, OracleError> {
        keys.choice("summary", &[("rho", Summary::Rho), ("r2", Summary::SquaredRho)])
    }
}

impl Divisor {
    pub(crate) fn parse(keys: &mut Keys<'_>) -> Result<Self, OracleError> {
        let divisors =
            [("min-rank", Divisor::MinRank), ("min-width", Divisor::MinWidth), ("geometric", Divisor::Geometric), ("max", Divisor::Max)];
        keys.choice("divisor", &divisors)
    }

    /// The square of the divisor.
    pub(crate) fn squared(self, ranks: [usize; 2], widths: [usize; 2]) -> IBig {
        let square = |value: usize| IBig::from(value) * IBig::from(value);
        match self {
            Divisor::MinRank => square(ranks[0].min(ranks[1])),
            Divisor::MinWidth => square(widths[0].min(widths[1])),
            Divisor::Geometric => IBig::from(ranks[0]) * IBig::from(ranks[1]),
            Divisor::Max => square(ranks[0].max(ranks[1])),
        }
    }
}

/// The mean (squared) canonical correlation of X and Y.
///
/// The mean of squares is rational; the mean of the correlations is enclosed, unless every positive
/// correlation is exactly 1.
///
/// # Errors
/// `ShapeMismatch`, `Constant`, `Degenerate` where a rank is n - 1 (n uncentered), `Undecidable`.
pub fn cca(x: &Matrix, y: &Matrix, options: &Options) -> Result<Value, OracleError> {
    if let Some(truncation) = Truncation::of(x, y, options.center, options.rank)? {
        return truncation.mean(options.summary, options.divisor, options.allow_degenerate);
    }
    let spaces = Spaces::of(x, y, options.center)?;
    if !options.allow_degenerate {
        spaces.require_comparison()?;
    }
    let ranks = [spaces.rank_x(), spaces.rank_y()];
    let squared_divisor = options.divisor.squared(ranks, [x.columns(), y.columns()]);
    let exact_sum = match options.summary {
        Summary::SquaredRho => Some(spaces.sum_of_squares()),
        Summary::Rho => {
            let ones = spaces.count_of_ones();
            (ones == spaces.cross.rank()).then(|| RBig::from(ones))
        }
    };
    let value = match exact_sum {
        Some(sum) => Value::over_root(&sum, &RBig::from(squared_divisor)),
        None => {
            let pencil = CanonicalPencil::of(&spaces, narrower_side(&spaces));
            Value::from_interval(&refine(|precision| {
                let sum = pencil.correlations(precision)?.iter().fold(Interval::zero(), |sum, rho| sum.add(rho, precision));
                let divisor = Interval::from_integer(squared_divisor.clone()).square_root(precision);
                Ok(sum.divide(&divisor, precision))
            })?)
        }
    };
    Ok(value.with_note(format!("ranks {} and {}", ranks[0], ranks[1])))
}

/// Pillai's trace: the exact sum of the squared canonical correlations of the centered
/// representations.
///
/// # Errors
/// `ShapeMismatch`, `Constant`.
pub fn pillai_trace(x: &Matrix, y: &Matrix) -> Result<Value, OracleError> {
    Ok(Value::exact(Spaces::of(x, y, true)?.sum_of_squares()))
}

/// The min(r_X, r_Y) canonical correlations in descending order, each relatively narrower than
/// 2^-144; those that are exactly zero come as exact zeros.
///
/// # Errors
/// `ShapeMismatch`, `Constant`, `Undecidable`.
pub fn canonical_correlations(x: &Matrix, y: &Matrix, center: bool) -> Result<Vec<Enclosure>, OracleError> {
    let spaces = Spaces::of(x, y, center)?;
    let pencil = CanonicalPencil::of(&spaces, narrower_side(&spaces));
    let found = resolve(|precision| {
        let found = pencil.correlations(precision)?;
        if found.iter().all(is_final) { Ok(found) } else { Err(too_wide()) }
    })?;
    let zeros = spaces.rank_x().min(spaces.rank_y()) - found.len();
    let zeros = std::iter::repeat_n(Enclosure::exact(RBig::ZERO), zeros);
    Ok(found.iter().map(Enclosure::from_interval).chain(zeros).collect())
}

pub(crate) fn narrower_side(spaces: &Spaces) -> Side {
    if spaces.rank_x() <= spaces.rank_y() { Side::X } else { Side::Y }
}

/// The symmetric pencil whose eigenvalues are the squared correlations:
/// (B_x'B_y)(B_y'B_y)^-1(B_y'B_x) against B_x'B_x, or with the sides exchanged.
pub(crate) struct CanonicalPencil<'a> {
    own: &'a Basis,
    numerators: Vec<IBig>,
    denominator: IBig,
    /// The exact number of positive correlations.
    positive: usize,
}

impl<'a> CanonicalPencil<'a> {
    pub(crate) fn of(spaces: &'a Spaces, side: Side) -> Self {
        let (own, other, cross) = match side {
            Side::X => (&spaces.x, &spaces.y, spaces.cross.clone()),
            Side::Y => (&spaces.y, &spaces.x, spaces.cross.transpose()),
        };
        let (solved, denominator) = other.gram.solve(&cross.transpose());
        let numerators = cross.multiply(&solved).entries;
        CanonicalPencil { own, numerators, denominator, positive: spaces.cross.rank() }
    }

    /// Both matrices of the pencil. A few more bits than the certificate carries, so that the
    /// quotients cost it nothing.
    pub(crate) fn matrices(&self, precision: usize) -> (IntervalMatrix, IntervalMatrix) {
        let size = self.own.rank();
        let denominator = Interval::from_integer(self.denominator.clone());
        let quotient = |entry: &IBig| Interval::from_integer(entry.clone()).divide(&denominator, precision + 128);
        let entries = self.numerators.iter().map(quotient).collect();
        (IntervalMatrix { rows: size, columns: size, entries }, IntervalMatrix::from_integers(&self.own.gram))
    }

    pub(crate) fn spectrum(&self, precision: usize) -> Result<Spectrum, Attempt> {
        let (explained, gram) = self.matrices(precision);
        Spectrum::of_pencil(&explained, Some(&gram), precision)
    }

    /// The positive correlations, descending.
    pub(crate) fn correlations(&self, precision: usize) -> Result<Vec<Interval>, Attempt> {
        let spectrum = self.spectrum(precision)?;
        Ok((0..self.positive).map(|index| correlation(&spectrum, index, precision)).collect())
    }
}

/// The square root of the index-th eigenvalue, which is known not to exceed 1.
pub(crate) fn correlation(spectrum: &Spectrum, index: usize, precision: usize) -> Interval {
    spectrum.eigenvalue(index).square_root(precision).intersect(&Dyadic::zero(), &Dyadic::one())
}

//! Singular vector canonical correlation analysis: CCA of the leading principal components.

use super::cca::{Divisor, Summary};
use crate::algebra::integer_matrix::IntegerMatrix;
use crate::algebra::interval_matrix::IntervalMatrix;
use crate::algebra::spectrum::Spectrum;
use crate::error::{OracleError, Side};
use crate::kernel::exact_rational;
use crate::matrix::{Features, Matrix, common_rows};
use crate::number::dyadic::{Direction, Dyadic};
use crate::number::interval::Interval;
use crate::number::refine::{Attempt, refine};
use crate::value::Value;
use dashu_int::IBig;
use dashu_ratio::RBig;

/// A threshold or a gap that this many bits leave open is reported as undecidable.
const TIE_PRECISION: usize = 1024;

/// Options of [`svcca`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Options {
    /// Which mean.
    pub summary: Summary,
    /// Share of the variance to keep, in (0, 1], taken exactly as the f64 it is.
    pub threshold: f64,
    /// What the sum is divided by; ranks are the kept dimensions.
    pub divisor: Divisor,
    /// Whether to go on where the kept dimensions reach n - 1.
    pub allow_degenerate: bool,
}

/// The mean (squared) canonical correlation of the fewest leading left singular vectors that hold `threshold` of the variance.
///
/// # Errors
/// `ShapeMismatch`, `Constant`, `InvalidOption`, `Degenerate` where the kept dimensions reach n - 1, `Undecidable` where the
/// threshold is met to the last bit or falls between equal singular values.
pub fn svcca(x: &Matrix, y: &Matrix, options: &Options) -> Result<Value, OracleError> {
    let examples = common_rows(x, y)?;
    if !(options.threshold > 0.0 && options.threshold <= 1.0) {
        return Err(OracleError::InvalidOption { option: "threshold", value: options.threshold, expected: "a number in (0, 1]" });
    }
    let threshold = exact_rational(options.threshold);
    let features = [x.centered(), y.centered()];
    features[0].require_nonzero(Side::X)?;
    features[1].require_nonzero(Side::Y)?;
    let uncorrelated = features[0].to_integer_matrix().transpose_multiply(&features[1].to_integer_matrix()).is_zero();
    let [x_side, y_side] = features.map(|features| PrincipalComponents::of(&features));
    let widths = [x.columns(), y.columns()];
    let mut kept = [0, 0];
    let value = refine(|precision| {
        let (leading_x, leading_y) = (x_side.leading(&threshold, Side::X, precision)?, y_side.leading(&threshold, Side::Y, precision)?);
        kept = [leading_x.basis.columns, leading_y.basis.columns];
        if !options.allow_degenerate && kept.contains(&(examples - 1)) {
            let reason = format!("the kept dimensions reach {}, so every canonical correlation is 1 whatever the data", examples - 1);
            return Err(Attempt::Failed(OracleError::Degenerate { examples, rank_x: kept[0], rank_y: kept[1], reason }));
        }
        if uncorrelated {
            return Ok(Interval::zero());
        }
        let sum = correlation_sum(&leading_x, &leading_y, options.summary, precision)?;
        let divisor = Interval::from_integer(options.divisor.squared(kept, widths)).square_root(precision);
        Ok(sum.divide(&divisor, precision))
    })?;
    Ok(Value::from_interval(&value).with_note(format!("kept {} and {} dimensions", kept[0], kept[1])))
}

/// Centered features and the exact square of theirs that is diagonalised.
struct PrincipalComponents {
    features: IntegerMatrix,
    /// X'X (p x p) or X X' (n x n), whichever is smaller.
    square: IntervalMatrix,
    /// Whether `square` is X X', whose eigenvectors are the left singular vectors themselves.
    is_gram: bool,
    total: IBig,
    rank: usize,
}

/// Points N near an orthonormal basis of the span of the leading left singular vectors.
struct LeadingSubspace {
    /// n x k
    basis: IntervalMatrix,
    /// Bound of ||N - U|| for some orthonormal basis U of the exact subspace.
    error: Dyadic,
}

impl PrincipalComponents {
    fn of(features: &Features) -> Self {
        let matrix = features.to_integer_matrix();
        let is_gram = matrix.rows < matrix.columns;
        let square = matrix.smaller_square();
        let rank = matrix.independent_columns(matrix.rows - 1).len();
        let total = features.squared_norm();
        PrincipalComponents { features: matrix, square: IntervalMatrix::from_integers(&square), is_gram, total, rank }
    }

    /// The fewest leading components that hold the threshold, certified.
    ///
    /// With N as below and Q the other exact left singular vectors, Z = Q'N solves the Sylvester equation Lambda Z - Z D = Q'R for the
    /// residual R = X X' N - N D. The entries of D are at least d_k and those of Lambda at most lambda_{k+1}, so
    /// ||Z|| <= z = ||R|| / (d_k - lambda_{k+1}) (Davis and Kahan). The projection of N onto the exact subspace is N less what Z
    /// measures; its Gram matrix N'N - Z'Z is off the identity by at most tau = ||N'N - I|| + z^2, so its polar factor, an
    /// orthonormal basis of the exact subspace, is within tau of it and within z + tau of N.
    fn leading(&self, threshold: &RBig, side: Side, precision: usize) -> Result<LeadingSubspace, Attempt> {
        let spectrum = Spectrum::of_pencil(&self.square, None, precision)?;
        let kept = self.kept_dimensions(&spectrum, threshold, side, precision)?;
        let smallest = &spectrum.diagonal[kept - 1];
        let next = if kept < self.rank { spectrum.eigenvalue(kept).hi().clone() } else { Dyadic::zero() };
        let gap = smallest.subtract(&next);
        if !gap.is_positive() {
            return Err(open(format!("whether singular values {kept} and {} of {side} differ, between which the threshold falls", kept + 1), precision));
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
            // N = X V D^(-1/2): residual X (X'X V - V D) D^(-1/2), and N'N - I = D^(-1/2) F D^(-1/2).
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

    fn kept_dimensions(&self, spectrum: &Spectrum, threshold: &RBig, side: Side, precision: usize) -> Result<usize, Attempt> {
        let wanted = threshold * RBig::from(self.total.clone());
        let wanted = [
            Dyadic::from_rational(&wanted, precision + 64, Direction::Down),
            Dyadic::from_rational(&wanted, precision + 64, Direction::Up),
        ];
        let mut held = Interval::zero();
        for kept in 1..self.rank {
            held = held.add(&spectrum.eigenvalue(kept - 1), precision);
            if *held.lo() >= wanted[1] {
                return Ok(kept);
            }
            if *held.hi() >= wanted[0] {
                return Err(open(format!("whether {kept} dimensions of {side} hold exactly the threshold"), precision));
            }
        }
        // All singular values together hold everything.
        Ok(self.rank)
    }
}

fn open(what: String, precision: usize) -> Attempt {
    if precision < TIE_PRECISION { Attempt::Unresolved(what) } else { Attempt::Failed(OracleError::Undecidable { what, precision }) }
}

fn leading_columns(matrix: &IntervalMatrix, count: usize) -> IntervalMatrix {
    let entries = (0..matrix.rows).flat_map(|row| (0..count).map(move |column| matrix.entry(row, column).clone())).collect();
    IntervalMatrix { rows: matrix.rows, columns: count, entries }
}

/// Sum of the (squared) singular values of U_x'U_y: those of N_x'N_y, each off by at most ||N_x'N_y - U_x'U_y||.
fn correlation_sum(x: &LeadingSubspace, y: &LeadingSubspace, summary: Summary, precision: usize) -> Result<Interval, Attempt> {
    let (narrow, wide) = if x.basis.columns <= y.basis.columns { (x, y) } else { (y, x) };
    let cross = narrow.basis.transpose().multiply(&wide.basis, precision);
    let square = symmetric_square(&cross, precision);
    let spectrum = Spectrum::of_pencil(&square, None, precision)?;
    let shift = x.error.add(&y.error).add(&x.error.multiply(&y.error));
    Ok((0..square.rows).fold(Interval::zero(), |sum, index| {
        let near = spectrum.eigenvalue(index).square_root(precision);
        let rho = near.widen(&shift, precision).intersect(&Dyadic::zero(), &Dyadic::one());
        let term = match summary {
            Summary::Rho => rho,
            Summary::SquaredRho => rho.multiply(&rho, precision),
        };
        sum.add(&term, precision)
    }))
}

fn symmetric_square(matrix: &IntervalMatrix, precision: usize) -> IntervalMatrix {
    IntervalMatrix::congruence(None, &matrix.transpose(), precision)
}

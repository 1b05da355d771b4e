//! Distance correlation: zero for independent variables, and only for them.
//!
//! The inner products of centered distance matrices are those of HSIC with the distance in place of
//! the kernel (Sejdinovic et al. 2013); the two signs cancel.

use super::dissimilarity::{Dissimilarities, InnerProduct};
use super::hsic;
use crate::error::{OracleError, Side};
use crate::keys::Keys;
use crate::matrix::{Matrix, common_rows};
use crate::number::dyadic::{Dyadic, integer_square_root, shift_floor};
use crate::number::enclosure::nearest_f64;
use crate::number::refine::refine;
use crate::spec::Formula;
use crate::value::{Value, ratio};
use dashu_int::IBig;
use dashu_ratio::RBig;

/// Bits of the terms that an error reports.
const REPORT_PRECISION: usize = 256;

/// Which estimator of the squared distance covariance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Estimator {
    /// The V-statistic <H A H, H B H> / n^2 of the distance matrices A and B (Szekely, Rizzo and
    /// Bakirov 2007).
    Biased,
    /// The U-centered one (Szekely and Rizzo 2014); needs four examples.
    BiasCorrected,
}

/// Options of [`distance_correlation`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// The estimator.
    pub estimator: Estimator,
}

impl Formula for Options {
    fn parse(keys: &mut Keys<'_>) -> Result<Self, OracleError> {
        let estimators = [("biased", Estimator::Biased), ("corrected", Estimator::BiasCorrected)];
        Ok(Options { estimator: keys.choice("estimator", &estimators)? })
    }

    fn evaluate(&self, x: &Matrix, y: &Matrix) -> Result<Value, OracleError> {
        distance_correlation(x, y, self)
    }
}

/// dCov^2(X, Y) / sqrt(dCov^2(X, X) dCov^2(Y, Y)) of the Euclidean distances: its square root in
/// [0, 1] where it is biased, itself in [-1, 1] where its bias is corrected.
///
/// # Errors
/// `ShapeMismatch`, `TooFewExamples`, `Constant`, `ZeroSelfTerm` where U-centering leaves nothing
/// of the distances, `Undecidable`.
pub fn distance_correlation(x: &Matrix, y: &Matrix, options: &Options) -> Result<Value, OracleError> {
    let examples = common_rows(x, y)?;
    if options.estimator == Estimator::BiasCorrected && examples < 4 {
        return Err(OracleError::TooFewExamples { what: "the bias-corrected distance correlation", needed: 4, got: examples });
    }
    x.centered().require_nonzero(Side::X)?;
    y.centered().require_nonzero(Side::Y)?;
    let (a, b) = (Dissimilarities::euclidean(x), Dissimilarities::euclidean(y));
    match options.estimator {
        Estimator::Biased => biased(&a, &b),
        Estimator::BiasCorrected => {
            let vanishes = [x, y].map(|side| is_additive(&side.uncentered().squared_distances(), examples));
            if vanishes.contains(&true) {
                return Err(zero_self_term(&a, &b, vanishes, [x, y].map(|side| side.uncentered().scale)));
            }
            InnerProduct::UCentered.value(&a, &b)
        }
    }
}

/// No self-term is zero: H A H = 0 means a_ij = u_i + u_j, the zero diagonal means u = 0, and a
/// constant representation is refused before.
fn biased(a: &Dissimilarities, b: &Dissimilarities) -> Result<Value, OracleError> {
    let product = InnerProduct::DoubleCentered;
    if let Some([cross, self_x, self_y]) = product.exact(a, b) {
        if cross.is_zero() {
            return Ok(Value::exact(RBig::ZERO));
        }
        let (root, is_square) = integer_square_root(&(self_x * self_y));
        if is_square {
            return Ok(Value::root_of(&ratio(cross, root)));
        }
    }
    let squared = |precision| product.normalised(a, b, precision).map(|value| value.intersect(&Dyadic::zero(), &Dyadic::one()));
    Ok(Value::from_interval(&refine(|precision| Ok(squared(precision)?.square_root(precision)))?))
}

fn zero_self_term(a: &Dissimilarities, b: &Dissimilarities, vanishes: [bool; 2], scales: [RBig; 2]) -> OracleError {
    let denominator = hsic::Estimator::Unbiased.denominator(a.size());
    let [_, self_x, self_y] = InnerProduct::UCentered.enclose(a, b, REPORT_PRECISION);
    let [self_x, self_y] = [(self_x, vanishes[0], &scales[0]), (self_y, vanishes[1], &scales[1])].map(|(term, vanishes, scale)| {
        let units = scale * scale / RBig::from(denominator.clone());
        if vanishes { 0.0 } else { nearest_f64(&(term.midpoint().to_rational() * units)) }
    });
    // A matrix that vanishes is orthogonal to every other.
    OracleError::ZeroSelfTerm { self_x, self_y, cross: 0.0 }
}

/// Whether the distances, roots of `squares`, are a_ij = u_i + u_j for all i != j: what U-centering
/// takes away, and nothing else.
///
/// That is so where a_0j - a_ij is the same for all j besides 0 and i, for every i: then a_ij =
/// a_0j - c_i = a_0i - c_j, so that a_0i + c_i is the same s for all i, and u_0 = s/2, u_i = a_0i -
/// s/2.
fn is_additive(squares: &[IBig], size: usize) -> bool {
    let at = |row: usize, column: usize| &squares[row * size + column];
    (1..size).all(|row| {
        let mut others = (1..size).filter(|other| *other != row);
        let first = others.next().expect("there are four examples");
        others.all(|other| sums_of_roots_agree([at(0, first), at(row, other)], [at(0, other), at(row, first)]))
    })
}

/// Whether sqrt(a) + sqrt(b) = sqrt(c) + sqrt(d).
///
/// The squares of both sides agree where sqrt(p) = e + sqrt(q), with p = 4ab, q = 4cd and
/// e = c + d - a - b. That holds where e + sqrt(q) is not negative and p - e^2 - q = 2 e sqrt(q),
/// of which the squares and the signs must agree.
fn sums_of_roots_agree([a, b]: [&IBig; 2], [c, d]: [&IBig; 2]) -> bool {
    let (p, q) = (shift_floor(&(a * b), 2), shift_floor(&(c * d), 2));
    let e = c + d - a - b;
    let squared = &e * &e;
    let rest = p - &squared - &q;
    let is_nonnegative = e >= IBig::ZERO || q >= squared;
    is_nonnegative && &rest * &rest == shift_floor(&(squared * &q), 2) && rest * e >= IBig::ZERO
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_of_roots_are_compared_exactly() {
        let agree = |a: [i64; 4]| {
            let [a, b, c, d] = a.map(IBig::from);
            sums_of_roots_agree([&a, &b], [&c, &d])
        };
        // 1 + 4 = 2 + 3; sqrt 2 + sqrt 18 = sqrt 8 + sqrt 8; sqrt 50 + 0 = sqrt 2 + sqrt 32; equal
        // in pairs.
        for roots in [[1, 16, 4, 9], [2, 18, 8, 8], [50, 0, 2, 32], [2, 32, 0, 50], [3, 7, 7, 3], [0, 0, 0, 0]] {
            assert!(agree(roots), "{roots:?}");
        }
        // 1 + 3 against 2 + 1, the same against 0 + sqrt 15, 0 + 1 against 1 + 1, sqrt 2 + sqrt 3
        // against sqrt 5 + 0, 3 against 5 + 2 both ways round: 3 = 5 - 2, so that only signs tell
        // the last two from equality.
        for roots in [[1, 9, 4, 1], [1, 9, 0, 15], [0, 1, 1, 1], [2, 3, 5, 0], [9, 0, 25, 4], [25, 4, 9, 0]] {
            assert!(!agree(roots), "{roots:?}");
        }
        // sqrt(10^20 + 1) + 10^10 is not 2 * 10^10, though it is in f64.
        let (square, more) = (IBig::from(10).pow(20), IBig::from(10).pow(20) + IBig::ONE);
        assert!(!sums_of_roots_agree([&more, &square], [&square, &square]));
    }
}

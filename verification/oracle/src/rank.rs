//! What counts as a dimension of a representation, and as equal.

use crate::error::OracleError;
use crate::kernel::exact_rational;
use crate::matrix::power_of_two;
use crate::number::dyadic::{Dyadic, integer_square_root};
use crate::number::interval::Interval;
use crate::number::refine::Attempt;
use dashu_int::IBig;
use dashu_ratio::RBig;

/// How the rank of a (centered) representation is found, and everything else on which a definition
/// jumps: whether canonical correlations or singular values are equal, and whether a share of the
/// variance is reached.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum RankRule {
    /// By the exact numbers.
    Exact,
    /// As floating-point implementations have to decide, for which a product of thin factors,
    /// rounded to f64, is of low rank. With c = 8 sqrt(max(n, p)) + 32:
    ///
    /// - the rank is the number of singular values above max(n, p) * epsilon * the largest, and the
    ///   column space that of the leading singular vectors;
    /// - canonical correlations are equal when closer than the least of 2^-30 and c * epsilon times
    ///   the condition numbers;
    /// - singular values are equal when closer than c * epsilon times the largest;
    /// - a share of the variance below 1 is reached when missed by 4 n epsilon.
    ///
    /// An implementation sees these numbers with an error of its own. Within a factor of two of its
    /// cut a decision is therefore [`OracleError::Doubtful`].
    Numerical {
        /// Unit roundoff scale, such as 2^-52; taken exactly.
        epsilon: f64,
    },
}

/// The cuts of [`RankRule::Numerical`] for one shape.
#[derive(Clone, Debug)]
pub(crate) struct Cuts {
    /// Of singular values over the largest.
    pub(crate) rank: RBig,
    /// c * epsilon
    pub(crate) equal: RBig,
    /// By what share of the variance a threshold below 1 may be missed.
    pub(crate) variance: RBig,
}

/// A decision with less than this many bits is open; with more it is undecidable.
const TIE_PRECISION: usize = 1024;

/// Correlations are never taken for equal when farther apart than 2 to this.
pub(crate) const CORRELATION_CAP: i64 = -30;

impl RankRule {
    /// The cuts for a representation of this shape; None where decisions are exact.
    pub(crate) fn cuts(self, rows: usize, columns: usize) -> Result<Option<Cuts>, OracleError> {
        match self {
            RankRule::Exact => Ok(None),
            RankRule::Numerical { epsilon } if epsilon > 0.0 && epsilon < 1.0 => {
                let (epsilon, longer) = (exact_rational(epsilon), rows.max(columns));
                // The root to 20 binary digits: every decision has a factor of two to spare.
                let root = RBig::from(integer_square_root(&(IBig::from(longer) << 40)).0) * power_of_two(-20);
                Ok(Some(Cuts {
                    rank: &epsilon * RBig::from(longer),
                    equal: &epsilon * (RBig::from(8) * root + RBig::from(32)),
                    variance: &epsilon * RBig::from(4 * rows),
                }))
            }
            RankRule::Numerical { epsilon } => {
                Err(OracleError::InvalidOption { option: "rank epsilon", value: epsilon, expected: "a number in (0, 1)" })
            }
        }
    }
}

/// Whether a number exceeds a cut, of which either may be known in part only.
///
/// `what` names the decision where it is not made: in doubt, because the number is within a factor
/// of two of the cut, or open, because its enclosure is too wide.
pub(crate) fn exceeds(number: &Interval, cut: &Interval, precision: usize, what: impl Fn() -> String) -> Result<bool, Attempt> {
    between(number, &cut.lo().scale(-1), &cut.hi().scale(1), precision, what)
}

/// Whether a number is at or above `high` and not at or below `low`; in doubt in between.
pub(crate) fn between(
    number: &Interval,
    low: &Dyadic,
    high: &Dyadic,
    precision: usize,
    what: impl Fn() -> String,
) -> Result<bool, Attempt> {
    if number.lo() >= high {
        return Ok(true);
    }
    if number.hi() <= low {
        return Ok(false);
    }
    if number.lo() > low && number.hi() < high {
        return Err(Attempt::Failed(OracleError::Doubtful { what: what() }));
    }
    Err(open(what(), precision))
}

/// Unresolved, or undecidable once the precision is large.
pub(crate) fn open(what: String, precision: usize) -> Attempt {
    if precision < TIE_PRECISION { Attempt::Unresolved(what) } else { Attempt::Failed(OracleError::Undecidable { what, precision }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decide(lo: i64, hi: i64, precision: usize) -> Result<bool, Attempt> {
        let number = |value: i64| Dyadic::new(value.into(), 0);
        exceeds(&Interval::new(number(lo), number(hi)), &Interval::point(number(100)), precision, || "it".to_string())
    }

    #[test]
    fn a_cut_is_passed_by_a_factor_of_two_or_in_doubt() {
        assert!(decide(200, 300, 256).is_ok_and(|above| above) && decide(0, 50, 256).is_ok_and(|above| !above));
        for inside in [(51, 199), (99, 101), (100, 100)] {
            let doubt = decide(inside.0, inside.1, 256);
            assert!(matches!(doubt, Err(Attempt::Failed(OracleError::Doubtful { .. }))), "{inside:?}");
        }
        // More bits may put it on one side.
        assert!(matches!(decide(150, 250, 256), Err(Attempt::Unresolved(_))));
        assert!(matches!(decide(150, 250, 1024), Err(Attempt::Failed(OracleError::Undecidable { .. }))));
    }

    #[test]
    fn cuts_follow_the_shape() {
        let cuts = RankRule::Numerical { epsilon: 0.5 }.cuts(9, 16).unwrap().unwrap();
        assert_eq!((cuts.rank, cuts.equal, cuts.variance), (RBig::from(8), RBig::from(32), RBig::from(18)));
        assert!(RankRule::Exact.cuts(9, 16).unwrap().is_none());
    }
}

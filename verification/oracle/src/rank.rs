//! What counts as a dimension of a representation.

use crate::error::OracleError;
use crate::kernel::exact_rational;
use dashu_ratio::RBig;

/// How the rank of a (centered) representation is found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum RankRule {
    /// The rank of the exact numbers.
    Exact,
    /// The number of singular values above max(n, p) * epsilon * the largest; the column space is
    /// that of the leading singular vectors. This is what floating-point implementations mean by
    /// rank: a product of thin factors, rounded to f64, is of full exact rank.
    Numerical {
        /// Unit roundoff scale, such as 2^-52; taken exactly.
        epsilon: f64,
    },
}

impl RankRule {
    /// The relative tolerance for a representation of this shape; None where the rank is exact.
    pub(crate) fn tolerance(self, rows: usize, columns: usize) -> Result<Option<RBig>, OracleError> {
        match self {
            RankRule::Exact => Ok(None),
            RankRule::Numerical { epsilon } if epsilon > 0.0 && epsilon < 1.0 => {
                Ok(Some(exact_rational(epsilon) * RBig::from(rows.max(columns))))
            }
            RankRule::Numerical { epsilon } => {
                Err(OracleError::InvalidOption { option: "rank epsilon", value: epsilon, expected: "a number in (0, 1)" })
            }
        }
    }
}

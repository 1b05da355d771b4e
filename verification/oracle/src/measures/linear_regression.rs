//! The share of variance that a linear fit explains.

use super::truncation::Truncation;
use crate::algebra::basis::Basis;
use crate::error::{OracleError, Side};
use crate::keys::Keys;
use crate::matrix::{Features, Matrix, common_rows};
use crate::rank::RankRule;
use crate::spec::Formula;
use crate::value::{Value, ratio};
use dashu_ratio::RBig;
use std::sync::Arc;

/// Which representation is fitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// X from Y: ||Q_Y' Xc||^2 / ||Xc||^2
    XFromY,
    /// Y from X
    YFromX,
    /// The sum of both.
    Sum,
}

/// Options of [`linear_regression`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Options {
    /// Which representation is fitted.
    pub direction: Direction,
    /// What counts as a dimension of a predictor.
    pub rank: RankRule,
    /// Whether to return the constant where a predictor has rank n - 1 and fits everything.
    pub allow_degenerate: bool,
}

impl Formula for Options {
    fn parse(keys: &mut Keys<'_>) -> Result<Self, OracleError> {
        let directions = [("x-from-y", Direction::XFromY), ("y-from-x", Direction::YFromX), ("sum", Direction::Sum)];
        Ok(Options {
            direction: keys.choice("direction", &directions)?,
            rank: RankRule::Exact,
            allow_degenerate: keys.allows_degenerate()?,
        })
    }

    fn evaluate(&self, x: &Matrix, y: &Matrix) -> Result<Value, OracleError> {
        linear_regression(x, y, self)
    }

    fn with_rank_rule(&self, rank: RankRule) -> Option<Arc<dyn Formula>> {
        Some(Arc::new(Options { rank, ..*self }))
    }
}

/// R^2 of the linear fit: exact, or enclosed where a numerical rank below the exact one cuts a
/// predictor.
///
/// # Errors
/// `ShapeMismatch`, `Constant` (either side: a constant predictor fits nothing, a constant target
/// has no variance), `Degenerate` where a predictor has rank n - 1.
pub fn linear_regression(x: &Matrix, y: &Matrix, options: &Options) -> Result<Value, OracleError> {
    let limit = common_rows(x, y)? - 1;
    let predictors: &[usize] = match options.direction {
        Direction::XFromY => &[1],
        Direction::YFromX => &[0],
        Direction::Sum => &[0, 1],
    };
    if let Some(truncation) = Truncation::of(x, y, true, options.rank)? {
        return truncation.explained(predictors, options.allow_degenerate);
    }
    let (features_x, features_y) = (x.centered(), y.centered());
    features_x.require_nonzero(Side::X)?;
    features_y.require_nonzero(Side::Y)?;
    let (basis_x, basis_y) = (Basis::of(&features_x, limit), Basis::of(&features_y, limit));
    let ranks = [basis_x.rank(), basis_y.rank()];
    if !options.allow_degenerate && predictors.iter().any(|side| ranks[*side] == limit) {
        let reason = format!("a predictor of rank {limit} fits any target exactly");
        return Err(OracleError::Degenerate { examples: limit + 1, rank_x: ranks[0], rank_y: ranks[1], reason });
    }
    let value = match options.direction {
        Direction::XFromY => explained(&features_x, &basis_y),
        Direction::YFromX => explained(&features_y, &basis_x),
        Direction::Sum => explained(&features_x, &basis_y) + explained(&features_y, &basis_x),
    };
    Ok(Value::exact(value).with_note(format!("ranks {} and {}", ranks[0], ranks[1])))
}

/// tr((B'B)^-1 (B'T)(B'T)') / ||T||^2 for the target T.
fn explained(target: &Features, predictor: &Basis) -> RBig {
    let products = predictor.columns.transpose_multiply(&target.to_integer_matrix());
    let (solved, determinant) = predictor.gram.solve(&products);
    ratio(solved.trace_of_product(&products.transpose()), determinant * target.squared_norm())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::algebra::basis::Spaces;

    #[test]
    fn it_is_the_correlation_of_identity_targets_with_the_projector() {
        // For one column each, R^2 is r^2 in both directions.
        let x = Matrix::from_row_major(4, 1, &[1.0, 2.0, 3.0, 4.0]).unwrap();
        let y = Matrix::from_row_major(4, 1, &[1.0, 3.0, 2.0, 5.0]).unwrap();
        let r2 = Spaces::of(&x, &y, true).unwrap().sum_of_squares();
        let value = |direction| linear_regression(&x, &y, &Options { direction, rank: RankRule::Exact, allow_degenerate: false }).unwrap();
        assert_eq!(*value(Direction::XFromY).enclosure.lo(), r2);
        assert_eq!(*value(Direction::YFromX).enclosure.lo(), r2);
        assert_eq!(*value(Direction::Sum).enclosure.lo(), &r2 + &r2);
    }
}

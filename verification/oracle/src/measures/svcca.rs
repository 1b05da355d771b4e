//! Singular vector canonical correlation analysis: CCA of the leading principal components.

use super::cca::{Divisor, Summary};
use super::subspace_pair::SubspacePair;
use crate::algebra::leading_subspace::{Keep, Kept, PrincipalComponents};
use crate::error::{OracleError, Side};
use crate::kernel::exact_rational;
use crate::keys::Keys;
use crate::matrix::{Matrix, common_rows};
use crate::number::interval::Interval;
use crate::number::refine::{refine, resolve};
use crate::rank::RankRule;
use crate::spec::Formula;
use crate::value::Value;
use std::sync::Arc;

/// Options of [`svcca`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Options {
    /// Which mean.
    pub summary: Summary,
    /// Share of the variance to keep, in (0, 1], taken exactly as the f64 it is.
    pub threshold: f64,
    /// What the sum is divided by; ranks are the kept dimensions.
    pub divisor: Divisor,
    /// What counts as a dimension, as equal singular values, and as holding the threshold.
    pub rank: RankRule,
    /// Whether to go on where the kept dimensions reach n - 1, and to keep all of several equal
    /// singular values where the threshold falls between them.
    pub allow_degenerate: bool,
}

impl Formula for Options {
    fn parse(keys: &mut Keys<'_>) -> Result<Self, OracleError> {
        Ok(Options {
            summary: Summary::parse(keys)?,
            threshold: keys.number("threshold", Some(0.99))?,
            divisor: Divisor::parse(keys)?,
            rank: RankRule::Exact,
            allow_degenerate: keys.allows_degenerate()?,
        })
    }

    fn evaluate(&self, x: &Matrix, y: &Matrix) -> Result<Value, OracleError> {
        svcca(x, y, self)
    }

    fn with_rank_rule(&self, rank: RankRule) -> Option<Arc<dyn Formula>> {
        Some(Arc::new(Options { rank, ..*self }))
    }
}

/// The mean (squared) canonical correlation of the fewest leading left singular vectors that hold
/// `threshold` of the variance.
///
/// # Errors
/// `ShapeMismatch`, `Constant`, `InvalidOption`, `Degenerate` where the kept dimensions reach n -
/// 1, `Undecidable` where the threshold is met to the last bit or falls between equal singular
/// values; with numerical ranks such a fall is `Degenerate`, and what rounding may decide either
/// way `Doubtful`.
pub fn svcca(x: &Matrix, y: &Matrix, options: &Options) -> Result<Value, OracleError> {
    let examples = common_rows(x, y)?;
    if !(options.threshold > 0.0 && options.threshold <= 1.0) {
        return Err(OracleError::InvalidOption { option: "threshold", value: options.threshold, expected: "a number in (0, 1]" });
    }
    let features = [x.centered(), y.centered()];
    features[0].require_nonzero(Side::X)?;
    features[1].require_nonzero(Side::Y)?;
    let uncorrelated = features[0].to_integer_matrix().transpose_multiply(&features[1].to_integer_matrix()).is_zero();
    let [x_side, y_side] = features.map(|features| PrincipalComponents::of(&features, examples - 1));
    let widths = [x.columns(), y.columns()];
    let kept = |components: &PrincipalComponents, columns: usize, side: Side| -> Result<Kept, OracleError> {
        let share = exact_rational(options.threshold);
        let keep = match options.rank.cuts(examples, columns)? {
            None => Keep::Variance(share),
            Some(cuts) => Keep::RoundedVariance(share, cuts),
        };
        resolve(|precision| components.kept(&keep, side, precision))
    };
    let (kept_x, kept_y) = (kept(&x_side, widths[0], Side::X)?, kept(&y_side, widths[1], Side::Y)?);
    let kept = [kept_x.dimensions, kept_y.dimensions];
    let degenerate = |reason: String| OracleError::Degenerate { examples, rank_x: kept[0], rank_y: kept[1], reason };
    if !options.allow_degenerate && (kept_x.splits || kept_y.splits) {
        return Err(degenerate("the threshold falls between equal singular values".to_string()));
    }
    if !options.allow_degenerate && kept.contains(&(examples - 1)) {
        let reason = format!("the kept dimensions reach {}, so every canonical correlation is 1 whatever the data", examples - 1);
        return Err(degenerate(reason));
    }
    let value = refine(|precision| {
        let (leading_x, leading_y) = (x_side.leading(kept[0], Side::X, precision)?, y_side.leading(kept[1], Side::Y, precision)?);
        if uncorrelated {
            return Ok(Interval::zero());
        }
        let sum = SubspacePair::of(&leading_x, &leading_y, precision).correlation_sum(options.summary, precision)?;
        let divisor = Interval::from_integer(options.divisor.squared(kept, widths)).square_root(precision);
        Ok(sum.divide(&divisor, precision))
    })?;
    Ok(Value::from_interval(&value).with_note(format!("kept {} and {} dimensions", kept[0], kept[1])))
}

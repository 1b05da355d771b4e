//! Projection-weighted canonical correlation analysis.

use super::cca::{CanonicalPencil, correlation, narrower_side};
use super::equal_correlations::weighted_mean;
use super::truncation::Truncation;
use super::variate_weights::{NeuronProducts, Slack, Tie};
use crate::algebra::basis::Spaces;
use crate::algebra::distinct::count_distinct_eigenvalues;
use crate::algebra::integer_matrix::IntegerMatrix;
use crate::algebra::spectrum::Spectrum;
use crate::error::{OracleError, Side};
use crate::keys::Keys;
use crate::matrix::Matrix;
use crate::number::interval::Interval;
use crate::number::refine::{Attempt, refine};
use crate::rank::RankRule;
use crate::spec::Formula;
use crate::value::{Value, ratio};
use dashu_int::IBig;
use dashu_ratio::RBig;
use std::ops::Range;
use std::sync::Arc;

/// Correlations that this many bits do not separate are suspected to be equal.
const TIE_PRECISION: usize = 1024;

/// Whose neurons weigh the correlations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weights {
    /// The representation of smaller rank; X where the ranks are equal.
    Narrower,
    /// X
    X,
    /// Y
    Y,
}

/// Options of [`pwcca`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Options {
    /// The weighting side.
    pub weights: Weights,
    /// What counts as a dimension.
    pub rank: RankRule,
    /// Whether to return 1 where a rank of n - 1 makes every correlation 1, and to use a repeated
    /// correlation's own principal directions (the left singular vectors of H_block' Xc) as its
    /// variates.
    pub allow_degenerate: bool,
}

impl Formula for Options {
    fn parse(keys: &mut Keys<'_>) -> Result<Self, OracleError> {
        Ok(Options {
            weights: keys.choice("weights", &[("narrower", Weights::Narrower), ("x", Weights::X), ("y", Weights::Y)])?,
            rank: RankRule::Exact,
            allow_degenerate: keys.allows_degenerate()?,
        })
    }

    fn evaluate(&self, x: &Matrix, y: &Matrix) -> Result<Value, OracleError> {
        pwcca(x, y, self)
    }

    fn with_rank_rule(&self, rank: RankRule) -> Option<Arc<dyn Formula>> {
        Some(Arc::new(Options { rank, ..*self }))
    }
}

/// sum alpha_i rho_i / sum alpha_i with alpha_i = sum_j |<h_i, x_j>| over the neurons of the
/// weighting side.
///
/// # Errors
/// `ShapeMismatch`, `Constant`, `Undecidable`, and `Degenerate` where a rank is n - 1, or where a
/// correlation repeats beside different ones: its variates, hence the weights, are then any
/// rotation of each other. Whether one repeats is decided exactly, or by the rule of numerical
/// ranks, and then may be `Doubtful`. Zero repeats where the weighting side has directions without
/// a partner; of such a block, if allowed, the first principal directions count.
pub fn pwcca(x: &Matrix, y: &Matrix, options: &Options) -> Result<Value, OracleError> {
    let numerical = Truncation::numerical(x, y, true, options.rank)?;
    if let Some(truncation) = numerical.as_ref().filter(|truncation| truncation.is_cut()) {
        let side = match options.weights {
            Weights::Narrower => None,
            Weights::X => Some(Side::X),
            Weights::Y => Some(Side::Y),
        };
        return truncation.weighted(side, options.allow_degenerate);
    }
    let spaces = Spaces::of(x, y, true)?;
    if !options.allow_degenerate {
        spaces.require_comparison()?;
    }
    let side = match options.weights {
        Weights::Narrower => narrower_side(&spaces),
        Weights::X => Side::X,
        Weights::Y => Side::Y,
    };
    let note = format!("weights from {side}, ranks {} and {}", spaces.rank_x(), spaces.rank_y());
    let products = CorrelationProducts::of(&spaces);
    if let Some(value) = products.common_correlation(&spaces) {
        return Ok(value.with_note(note).with_note("all correlations are equal".to_string()));
    }
    let (basis, features) = match side {
        Side::X => (&spaces.x, x.centered()),
        Side::Y => (&spaces.y, y.centered()),
    };
    let weighing = Weighing {
        spaces: &spaces,
        pencil: CanonicalPencil::of(&spaces, side),
        neurons: NeuronProducts::of(&features, &basis.columns),
        own_rank: basis.rank(),
        count: spaces.rank_x().min(spaces.rank_y()),
        ones: spaces.count_of_ones(),
        positive: spaces.cross.rank(),
    };
    if let Some(sides) = &numerical {
        let value = weighing.rounded_value(sides, usize::from(side == Side::Y), options.allow_degenerate)?;
        return Ok(Value::from_interval(&value).with_note(note));
    }
    let simple = weighing.simple_blocks();
    if let Some(value) = simple.map(|blocks| weighing.value(&blocks)).transpose()?.flatten() {
        return Ok(Value::from_interval(&value).with_note(note));
    }
    let blocks = weighing.repeated_blocks(&products, side)?;
    let repeated: Vec<String> =
        blocks.iter().filter(|block| block.len() > 1).map(|block| format!("{} to {}", block.start + 1, block.end)).collect();
    if repeated.is_empty() {
        let what = "correlations that differ by less than the largest precision resolves".to_string();
        return Err(OracleError::Undecidable { what, precision: TIE_PRECISION });
    }
    let reason = format!("canonical correlations {} of {} are equal", repeated.join(" and "), weighing.own_rank);
    if !options.allow_degenerate {
        return Err(spaces.degenerate(format!("{reason}, so their weights depend on the basis")));
    }
    match weighing.value(&blocks)? {
        Some(value) => Ok(Value::from_interval(&value).with_note(note).with_note(reason)),
        None => Err(spaces.degenerate(format!("{reason}, and their principal directions repeat too"))),
    }
}

/// P_X P_Y in the basis of X: an integer matrix over a denominator whose eigenvalues are the
/// squared correlations.
struct CorrelationProducts {
    numerators: IntegerMatrix,
    denominator: IBig,
}

impl CorrelationProducts {
    fn of(spaces: &Spaces) -> Self {
        let (in_y, determinant_y) = spaces.y.gram.solve(&spaces.cross.transpose());
        let (in_x, determinant_x) = spaces.x.gram.solve(&spaces.cross);
        CorrelationProducts { numerators: in_x.multiply(&in_y), denominator: determinant_x * determinant_y }
    }

    /// The value where all min(r_X, r_Y) correlations are equal: m sum rho^4 = (sum rho^2)^2.
    fn common_correlation(&self, spaces: &Spaces) -> Option<Value> {
        let count = RBig::from(spaces.rank_x().min(spaces.rank_y()));
        let matrix = &self.numerators;
        let trace = (0..matrix.rows).fold(IBig::ZERO, |sum, index| sum + matrix.entry(index, index));
        let fourth = matrix.trace_of_product(matrix);
        if &count * RBig::from(fourth) != RBig::from(&trace * &trace) {
            return None;
        }
        Some(Value::root_of(&(ratio(trace, self.denominator.clone()) / count)))
    }
}

struct Weighing<'a> {
    spaces: &'a Spaces,
    pencil: CanonicalPencil<'a>,
    neurons: NeuronProducts,
    /// Rank of the weighting side: that many eigenvalues, of which the first `count` are squared
    /// correlations.
    own_rank: usize,
    count: usize,
    /// Exact numbers of correlations that are 1, and that are positive.
    ones: usize,
    positive: usize,
}

impl Weighing<'_> {
    /// Every eigenvalue by itself, unless the exact counts already say that one of those that
    /// matter repeats.
    fn simple_blocks(&self) -> Option<Vec<Range<usize>>> {
        let zeros = self.own_rank - self.positive;
        let repeats = self.ones > 1 || (self.positive < self.count && zeros > 1);
        (!repeats).then(|| (0..self.own_rank).map(|index| index..index + 1).collect())
    }

    /// The weighted mean with these blocks of equal correlations; None where they are not
    /// separated, or a block's principal directions are not.
    fn value(&self, blocks: &[Range<usize>]) -> Result<Option<Interval>, OracleError> {
        let mut tied = false;
        let result = refine(|precision| {
            let spectrum = self.pencil.spectrum(precision)?;
            let weights = self.neurons.weights(&spectrum, blocks, self.count, &Slack::none(), precision).map_err(|tie| match tie {
                Tie::Unseparated if precision >= TIE_PRECISION => {
                    tied = true;
                    Attempt::Failed(self.spaces.degenerate("a repeated correlation".to_string()))
                }
                tie => tie.attempt(|reason| self.spaces.degenerate(reason)),
            })?;
            weighted_mean(&weights, &self.correlations(&spectrum, precision), precision)
        });
        match result {
            Ok(value) => Ok(Some(value)),
            Err(_) if tied => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn correlations(&self, spectrum: &Spectrum, precision: usize) -> Vec<Interval> {
        let of = |index: usize| if index < self.positive { correlation(spectrum, index, precision) } else { Interval::zero() };
        (0..self.count).map(of).collect()
    }

    /// The weighted mean with the blocks of correlations that are equal within rounding.
    fn rounded_value(&self, sides: &Truncation, own: usize, allow_degenerate: bool) -> Result<Interval, OracleError> {
        refine(|precision| {
            let spectrum = self.pencil.spectrum(precision)?;
            let correlations = self.correlations(&spectrum, precision);
            let equality = sides.equality(own, precision)?;
            let blocks = equality.blocks(&correlations, self.own_rank, precision)?;
            if blocks.is_one() {
                return Ok(blocks.mean(&correlations, precision));
            }
            let degenerate = |reason: String| self.spaces.degenerate(reason);
            blocks.require_simple(allow_degenerate).map_err(degenerate)?;
            let slack = Slack { directions: Some(equality.directions), ..Slack::none() };
            let weights = self.neurons.weights(&spectrum, &blocks.ranges, self.count, &slack, precision);
            weighted_mean(&weights.map_err(|tie| tie.attempt(degenerate))?, &correlations, precision)
        })
    }

    /// The blocks of exactly equal correlations. As many separated clusters as there are distinct
    /// eigenvalues prove that each cluster is one repeated eigenvalue.
    fn repeated_blocks(&self, products: &CorrelationProducts, side: Side) -> Result<Vec<Range<usize>>, OracleError> {
        // Ones and zeros are counted exactly, so they bound the number of distinct values without
        // any long arithmetic.
        let zeros = self.own_rank - self.positive;
        let bound = usize::from(self.ones > 0) + usize::from(zeros > 0) + self.positive - self.ones;
        let mut precision = TIE_PRECISION;
        let mut distinct = None;
        loop {
            let blocks = match self.pencil.spectrum(precision) {
                Ok(spectrum) => spectrum.separated_blocks(),
                Err(Attempt::Failed(error)) => return Err(error),
                Err(Attempt::Unresolved(_)) => Vec::new(),
            };
            if blocks.len() == bound {
                return Ok(blocks);
            }
            if distinct.is_none() {
                distinct = count_distinct_eigenvalues(&products.numerators).map(|count| {
                    // X's side lacks, or has beyond Y's, only zeros.
                    let zero_in_x = self.spaces.rank_x() > self.positive;
                    count - usize::from(zero_in_x) + usize::from(zeros > 0)
                });
            }
            if distinct == Some(blocks.len()) {
                return Ok(blocks);
            }
            if precision >= 2 * TIE_PRECISION {
                let what = format!("which of the {} canonical correlations on the side of {side} are equal", self.own_rank);
                return Err(OracleError::Undecidable { what, precision });
            }
            precision *= 2;
        }
    }
}

//! Column spaces cut at a numerical rank, and the measures of the CCA family on them.

use super::cca::{Divisor, Summary};
use super::equal_correlations::{Equality, weighted_mean};
use super::subspace_pair::SubspacePair;
use super::variate_weights::{NeuronProducts, Slack};
use crate::algebra::interval_matrix::IntervalMatrix;
use crate::algebra::leading_subspace::{Keep, LeadingSubspace, PrincipalComponents};
use crate::algebra::spectrum::Spectrum;
use crate::error::{OracleError, Side};
use crate::matrix::{Features, Matrix, common_rows};
use crate::number::dyadic::Dyadic;
use crate::number::interval::Interval;
use crate::number::refine::{Attempt, refine, resolve};
use crate::rank::{Cuts, RankRule};
use crate::value::Value;
use dashu_ratio::RBig;

/// Two representations of which the leading components up to their numerical ranks count.
pub(crate) struct Truncation {
    pub(super) examples: usize,
    /// The largest rank possible.
    limit: usize,
    pub(super) features: [Features; 2],
    pub(super) components: [PrincipalComponents; 2],
    pub(super) cuts: [Cuts; 2],
    /// The numerical ranks, certified.
    pub(crate) ranks: [usize; 2],
    widths: [usize; 2],
}

pub(super) const SIDES: [Side; 2] = [Side::X, Side::Y];

impl Truncation {
    /// None where the rule is exact, or finds the exact ranks.
    pub(crate) fn of(x: &Matrix, y: &Matrix, center: bool, rule: RankRule) -> Result<Option<Self>, OracleError> {
        Ok(Truncation::numerical(x, y, center, rule)?.filter(Truncation::is_cut))
    }

    /// None where the rule is exact.
    pub(crate) fn numerical(x: &Matrix, y: &Matrix, center: bool, rule: RankRule) -> Result<Option<Self>, OracleError> {
        let examples = common_rows(x, y)?;
        let cuts = (rule.cuts(examples, x.columns())?, rule.cuts(examples, y.columns())?);
        let (Some(cuts_x), Some(cuts_y)) = cuts else {
            return Ok(None);
        };
        let features = if center { [x.centered(), y.centered()] } else { [x.uncentered(), y.uncentered()] };
        for (features, side) in features.iter().zip(SIDES) {
            features.require_nonzero(side)?;
        }
        let limit = if center { examples - 1 } else { examples };
        let components = [&features[0], &features[1]].map(|features| PrincipalComponents::of(features, limit));
        let cuts = [cuts_x, cuts_y];
        let rank = |side: usize| -> Result<usize, OracleError> {
            let keep = Keep::Rank(cuts[side].clone());
            Ok(resolve(|precision| components[side].kept(&keep, SIDES[side], precision))?.dimensions)
        };
        let ranks = [rank(0)?, rank(1)?];
        Ok(Some(Truncation { examples, limit, features, components, cuts, ranks, widths: [x.columns(), y.columns()] }))
    }

    /// Whether a numerical rank is below the exact one.
    pub(crate) fn is_cut(&self) -> bool {
        self.ranks != [self.components[0].rank, self.components[1].rank]
    }

    pub(crate) fn note(&self) -> String {
        let [x, y] = [self.components[0].rank, self.components[1].rank];
        format!("numerical ranks {} and {}, exact ranks {x} and {y}", self.ranks[0], self.ranks[1])
    }

    pub(super) fn degenerate(&self, reason: String) -> OracleError {
        OracleError::Degenerate { examples: self.examples, rank_x: self.ranks[0], rank_y: self.ranks[1], reason }
    }

    /// Whether this side spans everything.
    fn spans(&self, side: usize) -> bool {
        self.ranks[side] == self.limit
    }

    fn require_comparison(&self, sides: &[usize], allow_degenerate: bool) -> Result<(), OracleError> {
        match sides.iter().find(|side| self.spans(**side)) {
            Some(side) if !allow_degenerate => Err(self.degenerate(format!("{} of rank {} spans everything", SIDES[*side], self.limit))),
            _ => Ok(()),
        }
    }

    fn leading(&self, side: usize, precision: usize) -> Result<LeadingSubspace, Attempt> {
        self.components[side].leading(self.ranks[side], SIDES[side], precision)
    }

    /// When canonical correlations are equal, and principal directions of the weighting side.
    pub(crate) fn equality(&self, own: usize, precision: usize) -> Result<Equality, Attempt> {
        let spectra = [self.components[0].spectrum(precision)?, self.components[1].spectrum(precision)?];
        let condition = |side: usize| {
            let root = |index: usize| spectra[side].eigenvalue(index).square_root(precision);
            let least = root(self.ranks[side] - 1);
            if least.is_positive() { Ok(root(0).divide(&least, precision)) } else { Err(unresolved(SIDES[side])) }
        };
        let equal = &(&self.cuts[0].equal).max(&self.cuts[1].equal).clone();
        let conditions = condition(0)?.add(&condition(1)?, precision);
        let directions = self.components[own].largest_times(&spectra[own], equal, precision);
        Ok(Equality::new(equal, &conditions, directions, precision))
    }

    /// The mean (squared) correlation.
    pub(crate) fn mean(&self, summary: Summary, divisor: Divisor, allow_degenerate: bool) -> Result<Value, OracleError> {
        self.require_comparison(&[0, 1], allow_degenerate)?;
        let value = refine(|precision| {
            let pair = SubspacePair::of(&self.leading(0, precision)?, &self.leading(1, precision)?, precision);
            let divisor = Interval::from_integer(divisor.squared(self.ranks, self.widths)).square_root(precision);
            Ok(pair.correlation_sum(summary, precision)?.divide(&divisor, precision))
        })?;
        Ok(Value::from_interval(&value).with_note(self.note()))
    }

    /// The sum over `predictors` of ||U_predictor' T||^2 / ||T||^2 with T the other side.
    pub(crate) fn explained(&self, predictors: &[usize], allow_degenerate: bool) -> Result<Value, OracleError> {
        self.require_comparison(predictors, allow_degenerate)?;
        let value = refine(|precision| {
            let mut sum = Interval::zero();
            for predictor in predictors {
                let leading = self.leading(*predictor, precision)?;
                sum = sum.add(&explained_share(&self.features[1 - predictor], &leading, precision), precision);
            }
            Ok(sum)
        })?;
        Ok(Value::from_interval(&value).with_note(self.note()))
    }

    /// The projection-weighted mean with weights from `side` (the narrower where None).
    pub(crate) fn weighted(&self, side: Option<Side>, allow_degenerate: bool) -> Result<Value, OracleError> {
        self.require_comparison(&[0, 1], allow_degenerate)?;
        if self.spans(0) || self.spans(1) {
            return Ok(Value::exact(RBig::ONE).with_note(self.note()));
        }
        let narrower = usize::from(self.ranks[1] < self.ranks[0]);
        let own = side.map_or(narrower, |side| usize::from(side == Side::Y));
        let count = self.ranks[0].min(self.ranks[1]);
        let neurons = IntervalMatrix::from_integers(&self.features[own].to_integer_matrix());
        let value = refine(|precision| {
            let (leading, other) = (self.leading(own, precision)?, self.leading(1 - own, precision)?);
            let pair = SubspacePair::of(&leading, &other, precision);
            let (square, missed) = pair.square(precision);
            let spectrum = Spectrum::of_pencil(&square, None, precision)?;
            let correlations: Vec<Interval> = (0..count).map(|index| pair.correlation(&spectrum, index, precision)).collect();
            let equality = self.equality(own, precision)?;
            let blocks = equality.blocks(&correlations, self.ranks[own], precision)?;
            if blocks.is_one() {
                return Ok(blocks.mean(&correlations, precision));
            }
            blocks.require_simple(allow_degenerate).map_err(|reason| self.degenerate(reason))?;
            let products = neurons.transpose().multiply(&leading.basis, precision);
            let products = NeuronProducts::new(&self.features[own], products);
            let slack = Slack { residual: missed, direction: leading.error, directions: Some(equality.directions) };
            let weights = products
                .weights(&spectrum, &blocks.ranges, count, &slack, precision)
                .map_err(|tie| tie.attempt(|reason| self.degenerate(reason)))?;
            weighted_mean(&weights, &correlations, precision)
        })?;
        Ok(Value::from_interval(&value).with_note(format!("weights from {}", SIDES[own])).with_note(self.note()))
    }
}

pub(super) fn unresolved(side: Side) -> Attempt {
    Attempt::Unresolved(format!("the smallest singular value of {side}"))
}

/// ||U'T||^2 / ||T||^2 for the target T and the exact basis U that N is near; ||U'T|| and ||N'T||
/// differ by at most ||U - N|| ||T||.
pub(crate) fn explained_share(target: &Features, predictor: &LeadingSubspace, precision: usize) -> Interval {
    let norm = Interval::from_integer(target.squared_norm()).square_root(precision);
    let target = IntervalMatrix::from_integers(&target.to_integer_matrix());
    let products = predictor.basis.transpose().multiply(&target, precision);
    let share = products.frobenius_norm(precision).divide(&norm, precision).widen(&predictor.error, precision);
    let share = share.intersect(&Dyadic::zero(), &Dyadic::one());
    share.multiply(&share, precision)
}

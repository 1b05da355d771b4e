//! Column spaces cut at a numerical rank, and the measures of the CCA family on them.

use super::cca::{Divisor, Summary};
use super::subspace_pair::SubspacePair;
use super::variate_weights::{NeuronProducts, Slack, Tie};
use crate::algebra::interval_matrix::IntervalMatrix;
use crate::algebra::leading_subspace::{Keep, LeadingSubspace, PrincipalComponents};
use crate::algebra::spectrum::Spectrum;
use crate::error::{OracleError, Side};
use crate::matrix::{Features, Matrix, common_rows};
use crate::number::dyadic::Dyadic;
use crate::number::interval::Interval;
use crate::number::refine::{Attempt, refine, resolve};
use crate::rank::RankRule;
use crate::value::Value;
use dashu_ratio::RBig;

/// Correlations that this many bits do not separate are reported as repeated.
const TIE_PRECISION: usize = 1024;

/// Two representations of which at least one has a numerical rank below its exact rank.
pub(crate) struct Truncation {
    examples: usize,
    /// The largest rank possible.
    limit: usize,
    features: [Features; 2],
    components: [PrincipalComponents; 2],
    keeps: [Keep; 2],
    /// The numerical ranks, certified.
    pub(crate) ranks: [usize; 2],
    widths: [usize; 2],
}

const SIDES: [Side; 2] = [Side::X, Side::Y];

impl Truncation {
    /// None where the rule is exact, or finds the exact ranks.
    pub(crate) fn of(x: &Matrix, y: &Matrix, center: bool, rule: RankRule) -> Result<Option<Self>, OracleError> {
        let examples = common_rows(x, y)?;
        let tolerances = (rule.tolerance(examples, x.columns())?, rule.tolerance(examples, y.columns())?);
        let (Some(tolerance_x), Some(tolerance_y)) = tolerances else {
            return Ok(None);
        };
        let features = if center { [x.centered(), y.centered()] } else { [x.uncentered(), y.uncentered()] };
        for (features, side) in features.iter().zip(SIDES) {
            features.require_nonzero(side)?;
        }
        let limit = if center { examples - 1 } else { examples };
        let components = [&features[0], &features[1]].map(|features| PrincipalComponents::of(features, limit));
        let keeps = [Keep::AboveLargest(tolerance_x), Keep::AboveLargest(tolerance_y)];
        let kept = |side: usize| resolve(|precision| components[side].kept(&keeps[side], SIDES[side], precision));
        let ranks = [kept(0)?, kept(1)?];
        if ranks == [components[0].rank, components[1].rank] {
            return Ok(None);
        }
        Ok(Some(Truncation { examples, limit, features, components, keeps, ranks, widths: [x.columns(), y.columns()] }))
    }

    pub(crate) fn note(&self) -> String {
        let [x, y] = [self.components[0].rank, self.components[1].rank];
        format!("numerical ranks {} and {}, exact ranks {x} and {y}", self.ranks[0], self.ranks[1])
    }

    fn degenerate(&self, reason: String) -> OracleError {
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
        self.components[side].leading(&self.keeps[side], SIDES[side], precision)
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
        let blocks: Vec<_> = (0..self.ranks[own]).map(|index| index..index + 1).collect();
        let neurons = IntervalMatrix::from_integers(&self.features[own].to_integer_matrix());
        let value = refine(|precision| {
            let (leading, other) = (self.leading(own, precision)?, self.leading(1 - own, precision)?);
            let pair = SubspacePair::of(&leading, &other, precision);
            let (square, missed) = pair.square(precision);
            let spectrum = Spectrum::of_pencil(&square, None, precision)?;
            let products = neurons.transpose().multiply(&leading.basis, precision);
            let products = NeuronProducts::new(&self.features[own], products);
            let slack = Slack { residual: missed, direction: leading.error };
            let weights = products.weights(&spectrum, &blocks, count, &slack, precision).map_err(|tie| match tie {
                Tie::Unseparated if precision >= TIE_PRECISION => Attempt::Failed(self.degenerate(format!(
                    "canonical correlations agree to more than {} bits, so their weights depend on the basis",
                    precision / 2
                ))),
                Tie::Unseparated => Attempt::Unresolved("whether the canonical correlations are simple".to_string()),
                Tie::Other(attempt) => attempt,
            })?;
            let (mut weighted, mut total) = (Interval::zero(), Interval::zero());
            for (index, weight) in weights.iter().enumerate() {
                let rho = pair.correlation(&spectrum, index, precision);
                weighted = weighted.add(&weight.multiply(&rho, precision), precision);
                total = total.add(weight, precision);
            }
            if !total.is_positive() {
                return Err(Attempt::Unresolved("whether the weights vanish".to_string()));
            }
            Ok(weighted.divide(&total, precision))
        })?;
        Ok(Value::from_interval(&value).with_note(format!("weights from {}", SIDES[own])).with_note(self.note()))
    }
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

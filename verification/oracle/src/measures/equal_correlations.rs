//! Which canonical correlations are equal within rounding.

use crate::number::dyadic::Dyadic;
use crate::number::interval::Interval;
use crate::number::refine::Attempt;
use crate::rank::{CORRELATION_CAP, between};
use dashu_ratio::RBig;
use std::ops::Range;

/// When numbers count as equal.
pub(crate) struct Equality {
    /// Correlations at most this far apart are equal: the error of a correlation is at least c
    /// epsilon on either side.
    low: Dyadic,
    /// Those at least this far apart are not: it is at most c epsilon times the condition number.
    high: Dyadic,
    /// Singular values of a block of variates closer than this are equal, in integer units.
    pub(crate) directions: Interval,
}

/// The correlations of the weighting side in blocks of equal ones.
pub(crate) struct Blocks {
    /// Indices; beyond the correlations stand directions without a partner.
    pub(crate) ranges: Vec<Range<usize>>,
    count: usize,
}

impl Equality {
    /// `conditions` is the sum of both condition numbers.
    pub(crate) fn new(equal: &RBig, conditions: &Interval, directions: Interval, precision: usize) -> Self {
        let cap = Dyadic::power_of_two(CORRELATION_CAP);
        let equal = Interval::from_rational(equal, precision);
        let most = equal.multiply(conditions, precision).hi().clone();
        // Twice the least error over the factor of two that a decision has to spare, and twice the
        // largest error.
        Equality { low: equal.lo().clone().min(cap.scale(-1)), high: most.min(cap).scale(1), directions }
    }

    /// The blocks of some descending correlations of a side of this rank.
    pub(crate) fn blocks(&self, correlations: &[Interval], rank: usize, precision: usize) -> Result<Blocks, Attempt> {
        let count = correlations.len();
        let mut ranges: Vec<Range<usize>> = Vec::new();
        let mut first = 0;
        for index in 1..=rank.min(count + 1) {
            let apart = match index {
                _ if index == rank => true,
                _ if index == count => {
                    let what = || format!("whether canonical correlation {count} is zero, as those beyond it are");
                    between(&correlations[count - 1], &self.low, &self.high, precision, what)?
                }
                _ if index > count => true,
                _ => {
                    let what = || format!("whether canonical correlations {index} and {} are equal", index + 1);
                    let gap = correlations[index - 1].subtract(&correlations[index], precision);
                    between(&gap, &self.low, &self.high, precision, what)?
                }
            };
            if apart {
                // Whatever has no partner has correlation zero.
                let end = if index > count { rank } else { index };
                ranges.push(first..end);
                first = end;
            }
        }
        Ok(Blocks { ranges, count })
    }
}

impl Blocks {
    /// Whether all correlations are equal, so that the weights do not matter.
    pub(crate) fn is_one(&self) -> bool {
        self.ranges[0].end >= self.count
    }

    /// The mean of the correlations.
    pub(crate) fn mean(&self, correlations: &[Interval], precision: usize) -> Interval {
        let sum = correlations.iter().fold(Interval::zero(), |sum, rho| sum.add(rho, precision));
        sum.divide(&Interval::from_integer(self.count.into()), precision)
    }

    /// The reason why the variates are not determined, where a block of several correlations, or of
    /// zero beside directions without a partner, is not allowed.
    pub(crate) fn require_simple(&self, allowed: bool) -> Result<(), String> {
        match self.ranges.iter().find(|range| range.start < self.count && range.len() > 1) {
            Some(range) if !allowed => {
                Err(format!("canonical correlations {} to {} are equal, so their weights depend on the basis", range.start + 1, range.end))
            }
            _ => Ok(()),
        }
    }
}

/// sum alpha_i rho_i / sum alpha_i
pub(crate) fn weighted_mean(weights: &[Interval], correlations: &[Interval], precision: usize) -> Result<Interval, Attempt> {
    let (mut weighted, mut total) = (Interval::zero(), Interval::zero());
    for (weight, rho) in weights.iter().zip(correlations) {
        weighted = weighted.add(&weight.multiply(rho, precision), precision);
        total = total.add(weight, precision);
    }
    if !total.is_positive() {
        return Err(Attempt::Unresolved("whether the weights vanish".to_string()));
    }
    Ok(weighted.divide(&total, precision))
}

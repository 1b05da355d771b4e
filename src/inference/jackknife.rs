//! The jackknife: a standard error from leaving out examples, or groups of them, one after the
//! other.

use statrs::distribution::{ContinuousCDF, StudentsT};

use crate::arrays::sums::sum;
use crate::measure::Measure;
use crate::prepared::Pair;
use crate::representation::Representation;
use crate::score::Score;

use super::analytic::{Shares, has_analytic};
use super::draw::{generator, shuffle};
use super::error::Error;
use super::examples::Examples;
use super::interval::Interval;
use super::numbers::mean;
use super::resamples::{refuse_held_out, rows};
use super::stop::each;

/// A score and its values with each group of examples left out.
#[derive(Debug, Clone)]
pub struct Jackknife {
    /// The score of all examples.
    pub score: Score,
    /// The value without each group.
    pub values: Vec<f64>,
    /// The seed that put examples into groups, where groups have several.
    pub seed: u64,
}

/// Refuses a measure that divides the examples into those that it fits and those that it predicts.
///
/// # Errors
/// [`Error::HeldOut`].
pub(super) fn refuse_divided_anew(measure: &Measure) -> Result<(), Error> {
    let divided =
        "without an example the others are divided otherwise, which the jackknife takes for the effect of that example, n - 1 times";
    refuse_held_out(measure, divided)
}

/// The values of a measure without each of `groups` groups of examples, as equal in size as can be;
/// without each example where none are given (Quenouille 1956; Tukey 1958).
///
/// Each costs a comparison; without each example of debiased CKA, unbiased HSIC and corrected
/// distance correlation (no median bandwidth) all of them cost one ([`analytic`](super::analytic)).
/// Not for measures that jump (neighbours, ranks, medians), where leaving out one example says
/// nothing of the spread: leave out groups of more than sqrt n examples (Shao and Wu 1989), or take
/// [`resample`](super::resample).
///
/// # Errors
/// [`Error::Measure`] where the score has no value, [`Error::Resample`] where it has none without a
/// group, [`Error::Groups`], [`Error::HeldOut`].
pub fn jackknife(
    measure: &Measure,
    x: &Representation<'_>,
    y: &Representation<'_>,
    groups: Option<usize>,
    seed: u64,
) -> Result<Jackknife, Error> {
    let examples = Examples::of([x, y])?;
    let n = examples.count;
    refuse_divided_anew(measure)?;
    let groups = groups.unwrap_or(n);
    if groups < 2 || groups > n {
        return Err(Error::Groups { groups, n });
    }
    if groups == x.n()
        && has_analytic(measure).is_ok()
        && let Some((score, values)) = in_closed_form(measure, x, y)?
    {
        return Ok(Jackknife { score, values, seed });
    }
    let score = measure.compare(x, y)?;
    let mut order: Vec<u32> = (0..n as u32).collect();
    if groups < n {
        // What stands together in a file may belong together.
        shuffle(&mut order, &mut generator(seed, 0));
    }
    let without = |group: usize| {
        let (from, to) = (group * n / groups, (group + 1) * n / groups);
        let mut kept = [&order[..from], &order[to..]].concat();
        kept.sort_unstable();
        let kept = examples.expand(&kept);
        let value = rows(x, &kept).and_then(|x| Ok(measure.compare(&x, &rows(y, &kept)?)?.value));
        let failed = |cause: crate::error::Error| Error::Resample {
            what: "jackknife group",
            number: group,
            count: groups,
            seed,
            cause: Box::new(cause),
            remedy: "Leave out fewer examples at once (more groups), or give more examples",
        };
        value.map_err(failed)
    };
    let values = each(groups, without)?;
    Ok(Jackknife { score, values, seed })
}

/// The score, and its values without each example, where these follow from sums over its entries.
fn in_closed_form(measure: &Measure, x: &Representation<'_>, y: &Representation<'_>) -> Result<Option<(Score, Vec<f64>)>, Error> {
    let (x, y) = (measure.prepare(x)?, measure.prepare(y)?);
    let pair = Pair::new(&x, &y)?;
    let score = measure.compare_pair(&pair)?;
    let values = Shares::of(measure, &pair)?.and_then(|shares| shares.without_each());
    Ok(values.map(|values| (score, values)))
}

impl Jackknife {
    /// sqrt((g - 1) / g times the sum of squares around the mean) of g values.
    pub fn standard_error(&self) -> f64 {
        let groups = self.values.len() as f64;
        ((groups - 1.0) / groups * self.power_sum(2)).sqrt()
    }

    /// (g - 1) (mean - score): the bias of the score, up to terms of the order 1/n^2.
    pub fn bias(&self) -> f64 {
        (self.values.len() as f64 - 1.0) * (mean(&self.values) - self.score.value)
    }

    /// The score +- t standard errors, t of Student's distribution with g - 1 degrees of freedom.
    ///
    /// # Errors
    /// [`Error::Level`].
    pub fn interval(&self, level: f64) -> Result<Interval, Error> {
        if !(level > 0.0 && level < 1.0) {
            return Err(Error::Level { level });
        }
        let freedom = self.values.len() as f64 - 1.0;
        let t = StudentsT::new(0.0, 1.0, freedom).expect("at least one degree of freedom").inverse_cdf(0.5 + level / 2.0);
        let half = t * self.standard_error();
        Ok(Interval { lo: self.score.value - half, hi: self.score.value + half, level, method: "jackknife" })
    }

    /// The acceleration of [`Resampled::bca`](super::Resampled::bca): a sixth of the skewness of
    /// the values, mirrored (Efron 1987); 0 where they are all equal.
    pub fn acceleration(&self) -> f64 {
        let spread = self.power_sum(2);
        if spread > 0.0 { -self.power_sum(3) / (6.0 * spread.powf(1.5)) } else { 0.0 }
    }

    fn power_sum(&self, power: i32) -> f64 {
        let around = mean(&self.values);
        sum(&self.values.iter().map(|value| (value - around).powi(power)).collect::<Vec<_>>())
    }
}

//! Scores compared on the same resamples: which of two is higher, and which of several is highest.

use crate::claims::Direction;
use crate::measure::Measure;
use crate::representation::Representation;
use crate::score::Score;

use super::error::Error;
use super::examples::Examples;
use super::interval::{Interval, tails};
use super::null::lead;
use super::numbers::{mean, quantile, sd};
use super::resamples::{Resamples, Resampling, rows};

/// Two scores and their differences on the same resamples.
#[derive(Debug, Clone)]
pub struct Paired {
    /// The first.
    pub first: Score,
    /// The second.
    pub second: Score,
    /// How much more alike the first pair is than the second, on each resample.
    pub differences: Vec<f64>,
    /// How they were drawn.
    pub resamples: Resamples,
    /// How many examples they were drawn of.
    pub examples: usize,
}

/// Whether the first pair is more alike than the second: A more like B than like C (A, B and A, C),
/// which of two models is nearer to a third. Both on the same resamples, so that what the examples
/// do to both cancels.
///
/// # Errors
/// As [`resample`](super::resample); all four representations must be of the same examples.
pub fn paired(
    measure: &Measure,
    first: (&Representation<'_>, &Representation<'_>),
    second: (&Representation<'_>, &Representation<'_>),
    resamples: &Resamples,
) -> Result<Paired, Error> {
    let examples = Examples::of([first.0, first.1, second.0, second.1])?;
    resamples.suit(measure)?;
    let direction = measure.properties().direction;
    let scores = [measure.compare(first.0, first.1)?, measure.compare(second.0, second.1)?];
    let differences = resamples.each(examples, |sample| {
        let value =
            |pair: (&Representation<'_>, &Representation<'_>)| Ok(measure.compare(&rows(pair.0, sample)?, &rows(pair.1, sample)?)?.value);
        Ok(lead(direction, value(first)?, value(second)?))
    })?;
    let [first, second] = scores;
    Ok(Paired { first, second, differences, resamples: *resamples, examples: examples.count })
}

impl Paired {
    /// How much more alike the first pair is: positive for more alike, of distances too.
    pub fn difference(&self) -> f64 {
        lead(self.first.direction, self.first.value, self.second.value)
    }

    /// The standard error of the difference.
    pub fn standard_error(&self) -> f64 {
        self.resamples.scale(self.examples) * sd(&self.differences)
    }

    /// An interval for the difference, made as [`Resampled::interval`](super::Resampled::interval).
    ///
    /// # Errors
    /// [`Error::Level`], [`Error::TooFewDraws`].
    pub fn interval(&self, level: f64) -> Result<Interval, Error> {
        let [low, high] = tails(level, self.differences.len())?;
        if self.resamples.resampling == Resampling::Bootstrap {
            let [lo, hi] = [low, high].map(|share| quantile(&self.differences, share));
            return Ok(Interval { lo, hi, level, method: "percentile" });
        }
        let (around, scale) = (mean(&self.differences), self.resamples.scale(self.examples));
        let end = |share: f64| self.difference() - scale * (quantile(&self.differences, share) - around);
        Ok(Interval { lo: end(high), hi: end(low), level, method: "halves" })
    }

    /// The two-sided p-value of no difference: the share of resamples whose difference is as far
    /// from their mean as the difference is from 0, (b + 1) / (m + 1).
    pub fn p(&self) -> f64 {
        let (around, scale, difference) = (mean(&self.differences), self.resamples.scale(self.examples), self.difference().abs());
        let reached = self.differences.iter().filter(|other| scale * (*other - around).abs() >= difference).count() as f64;
        (reached + 1.0) / (self.differences.len() as f64 + 1.0)
    }
}

/// Which of several representations is most like X, and how often it is on resamples.
#[derive(Debug, Clone)]
pub struct Stability {
    /// The score of each.
    pub scores: Vec<Score>,
    /// The place of the most alike.
    pub best: usize,
    /// The share of the resamples in which each is the most alike; ties go to the first.
    pub shares: Vec<f64>,
}

/// How stable the maximum of a row of a sweep is.
///
/// # Errors
/// As [`resample`](super::resample); [`Error::TooFew`] candidates.
pub fn row_maximum(
    measure: &Measure,
    x: &Representation<'_>,
    candidates: &[Representation<'_>],
    resamples: &Resamples,
) -> Result<Stability, Error> {
    if candidates.len() < 2 {
        return Err(Error::TooFew { what: "candidates for a maximum", given: candidates.len(), needed: 2 });
    }
    let examples = Examples::of(std::iter::once(x).chain(candidates))?;
    resamples.suit(measure)?;
    let direction = measure.properties().direction;
    let scores = candidates.iter().map(|candidate| measure.compare(x, candidate)).collect::<Result<Vec<_>, _>>()?;
    let winners = resamples.each(examples, |sample| {
        let x = measure.prepare(&rows(x, sample)?)?;
        let value = |candidate: &Representation<'_>| Ok(measure.compare_prepared(&x, &measure.prepare(&rows(candidate, sample)?)?)?.value);
        Ok(most_alike(direction, &candidates.iter().map(value).collect::<Result<Vec<f64>, crate::error::Error>>()?))
    })?;
    let share = |place: usize| winners.iter().filter(|winner| **winner == place).count() as f64 / winners.len() as f64;
    let best = most_alike(direction, &scores.iter().map(|score| score.value).collect::<Vec<_>>());
    Ok(Stability { best, shares: (0..candidates.len()).map(share).collect(), scores })
}

/// The place of the most alike value, the first of equal ones.
fn most_alike(direction: Direction, values: &[f64]) -> usize {
    (1..values.len()).fold(0, |best, place| if lead(direction, values[place], values[best]) > 0.0 { place } else { best })
}

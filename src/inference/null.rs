//! The null by permutation: what a measure would say if nothing connected the examples of X with
//! those of Y.

use crate::claims::{Direction, Properties};
use crate::measure::Measure;
use crate::prepared::{Pair, Prepared};
use crate::representation::Representation;
use crate::score::Score;

use super::engine;
use super::error::Error;
use super::examples::Examples;
use super::numbers::{mean, quantile, sd};
use super::permutations::Permutations;
use super::resamples::rows;
use super::stop::each;

/// How values of permuted examples are computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// By inner products, where the measure is made of them; else by comparisons.
    Fastest,
    /// By preparing Y with its examples in the new order, and comparing.
    Comparisons,
}

/// A score among the values that permutations of the examples of Y give.
#[derive(Debug, Clone)]
pub struct Null {
    /// The score of the examples as they are.
    pub score: Score,
    /// The value of each permutation, in the order drawn.
    pub values: Vec<f64>,
    /// How many of them are at least as alike as the score, those included that are less alike by
    /// no more than both error bounds.
    pub reached: usize,
    /// How many of these are within the error bounds of the score: ties, or undecided.
    pub undecided: usize,
    /// The seed.
    pub seed: u64,
    /// How permutations were chosen, in words.
    pub scheme: &'static str,
    /// Whether the values are inner products, and not comparisons of their own.
    pub by_inner_products: bool,
    /// How far apart the score and a permuted value may be and still be equal.
    pub slack: f64,
    properties: Properties,
}

/// The values of a measure for permutations of the examples of Y.
///
/// A measure that is an inner product of matrices between examples
/// ([`Definition::inner_products`](crate::Definition::inner_products)) costs n^2 / 2 multiply-adds
/// a permutation, or n r s where the matrices have factors of few columns r and s; two matrices of
/// n^2 entries are kept. Any other measure is compared again, in the time and memory of one
/// comparison for each thread.
///
/// ```
/// use similitude::inference::{Permutations, Scheme, permutation_null};
/// use similitude::{Measure, Representation};
/// let x = Representation::from_row_major("x", 6, 1, vec![1., 2., 3., 4., 5., 6.])?;
/// let y = Representation::from_row_major("y", 6, 1, vec![1., 2., 3., 4., 5., 7.])?;
/// let permutations = Permutations::new(199, 1).with_scheme(Scheme::Within(vec![0, 0, 0, 1, 1, 1]));
/// let null = permutation_null(&Measure::parse("cka")?, &x, &y, &permutations)?;
/// // Few orders are possible within threes: 36.
/// assert!(null.p() > 1.0 / 72.0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`Error::Measure`] where the score has no value, [`Error::Resample`] where that of a permutation
/// has none, and those of [`Permutations`] and [`Scheme`](super::Scheme) that do not fit.
pub fn permutation_null(
    measure: &Measure,
    x: &Representation<'_>,
    y: &Representation<'_>,
    permutations: &Permutations,
) -> Result<Null, Error> {
    permutation_null_by(Way::Fastest, measure, x, y, permutations)
}

/// As [`permutation_null`], in this way.
///
/// # Errors
/// As [`permutation_null`].
pub fn permutation_null_by(
    way: Way,
    measure: &Measure,
    x: &Representation<'_>,
    y: &Representation<'_>,
    permutations: &Permutations,
) -> Result<Null, Error> {
    let (prepared_x, prepared_y) = (measure.prepare(x)?, measure.prepare(y)?);
    let pair = Pair::new(&prepared_x, &prepared_y)?;
    if way == Way::Fastest
        && let Some(null) = permutation_null_of_pair(measure, &pair, permutations)?
    {
        return Ok(null);
    }
    let examples = Examples::of([x, y])?;
    let drawer = permutations.of(examples)?;
    let score = measure.compare_pair(&pair)?;
    let value = |index: usize| {
        let permuted = rows(y, &drawer.permutation(index));
        let compared = permuted.and_then(|y| measure.compare_prepared(&prepared_x, &measure.prepare(&y)?));
        let failed = |cause: crate::error::Error| Error::Resample {
            what: "permutation",
            number: index,
            count: drawer.count,
            seed: drawer.seed,
            cause: Box::new(cause),
            remedy: "A measure without a value on some orders of the examples has no null by permutation",
        };
        compared.map(|score| (score.value, bound(&score))).map_err(failed)
    };
    let values: Vec<(f64, f64)> = each(drawer.count, value)?;
    Ok(Null::new(measure, score, values, (permutations, examples), false))
}

/// The same of a prepared pair, for a measure that is made of inner products; none for any other,
/// which needs the representations themselves.
///
/// # Errors
/// As [`permutation_null`].
pub fn permutation_null_of_pair(measure: &Measure, pair: &Pair<'_>, permutations: &Permutations) -> Result<Option<Null>, Error> {
    // The score first: what is undefined says so before anything else is computed.
    let score = measure.compare_pair(pair)?;
    let examples = Examples::of_positions([pair.x(), pair.y()].map(Prepared::positions), pair.n())?;
    let drawer = permutations.of(examples)?;
    let Some(products) = measure.inner_products(pair)? else { return Ok(None) };
    let widest = pair.x().p().max(pair.y().p());
    let values = engine::values(&products, &drawer)?.into_iter();
    let bounded = values.map(|value| (value, products.error_bound(pair.n(), widest, value))).collect();
    Ok(Some(Null::new(measure, score, bounded, (permutations, examples), true)))
}

/// The bound on the error of a score.
pub(super) fn bound(score: &Score) -> f64 {
    score.diagnostics.get("error_bound").unwrap_or(0.0)
}

/// How much more alike the first value is than the second.
pub(super) fn lead(direction: Direction, first: f64, second: f64) -> f64 {
    match direction {
        Direction::Similarity => first - second,
        Direction::Distance => second - first,
    }
}

/// The most alike that a measure can say: its value of a representation with itself, or the end of
/// its range; none where there is no end.
pub(super) fn best(properties: &Properties) -> Option<f64> {
    let end = match properties.direction {
        Direction::Similarity => properties.range.upper,
        Direction::Distance => properties.range.lower,
    };
    properties.self_value.or(Some(end)).filter(|best| best.is_finite())
}

impl Null {
    pub(super) fn new(
        measure: &Measure,
        score: Score,
        values: Vec<(f64, f64)>,
        (permutations, examples): (&Permutations, Examples),
        by_inner_products: bool,
    ) -> Self {
        let properties = measure.properties();
        let of_score = bound(&score);
        let leads = |(value, bound): &(f64, f64)| (lead(properties.direction, *value, score.value), bound + of_score);
        let reached = values.iter().map(leads).filter(|(lead, slack)| *lead >= -slack).count();
        let undecided = values.iter().map(leads).filter(|(lead, slack)| lead.abs() <= *slack).count();
        let slack = values.iter().map(leads).map(|(_, slack)| slack).fold(0.0, f64::max);
        let values = values.into_iter().map(|(value, _)| value).collect();
        let (seed, scheme) = (permutations.seed, permutations.describe(examples));
        Self { score, values, reached, undecided, seed, scheme, by_inner_products, slack, properties }
    }

    /// Adds another null of the same permutations, value by value; [`Null::divide`] makes it whole.
    pub(super) fn add(&mut self, other: &Self) {
        self.score.value += other.score.value;
        self.values.iter_mut().zip(&other.values).for_each(|(sum, value)| *sum += value);
        self.slack += other.slack;
    }

    /// Makes the mean of a sum of nulls.
    pub(super) fn divide(&mut self, count: f64) {
        self.score.value /= count;
        self.values.iter_mut().for_each(|value| *value /= count);
        // Sums and quotients round too.
        self.slack = self.slack / count + (count + 1.0) * f64::EPSILON * self.score.value.abs();
        let leads = || self.values.iter().map(|value| lead(self.properties.direction, *value, self.score.value));
        (self.reached, self.undecided) =
            (leads().filter(|lead| *lead >= -self.slack).count(), leads().filter(|lead| lead.abs() <= self.slack).count());
    }

    /// (b + 1) / (m + 1), b of m permutations at least as alike: a valid p-value whatever m
    /// (Phipson and Smyth 2010), never below [`Null::floor`].
    pub fn p(&self) -> f64 {
        (self.reached as f64 + 1.0) / (self.values.len() as f64 + 1.0)
    }

    /// 1 / (m + 1): the least p-value that m permutations can give.
    pub fn floor(&self) -> f64 {
        1.0 / (self.values.len() as f64 + 1.0)
    }

    /// The mean of the permuted values.
    pub fn mean(&self) -> f64 {
        mean(&self.values)
    }

    /// Their standard deviation (divisor m - 1).
    pub fn sd(&self) -> f64 {
        sd(&self.values)
    }

    /// How many standard deviations the score is more alike than the mean of the null: positive for
    /// more alike, of distances too. None where all permutations give one value.
    pub fn z(&self) -> Option<f64> {
        let sd = self.sd();
        // Values that differ by rounding alone have no spread.
        (sd > self.slack).then(|| lead(self.properties.direction, self.score.value, self.mean()) / sd)
    }

    /// The quantile of the permuted values at this share, between neighbours by straight lines
    /// (Hyndman and Fan's type 7).
    ///
    /// # Errors
    /// [`Error::Level`].
    pub fn quantile(&self, share: f64) -> Result<f64, Error> {
        if !(0.0..=1.0).contains(&share) {
            return Err(Error::Level { level: share });
        }
        Ok(quantile(&self.values, share))
    }

    /// The value that only a score with p <= level is more alike than: the floor(level (m + 1))-th
    /// most alike of the permuted values.
    ///
    /// # Errors
    /// [`Error::Level`]; [`Error::TooFewDraws`] where no p-value reaches the level.
    pub fn critical(&self, level: f64) -> Result<f64, Error> {
        if !(level > 0.0 && level < 1.0) {
            return Err(Error::Level { level });
        }
        let place = (level * (self.values.len() as f64 + 1.0) * (1.0 + f64::EPSILON)).floor() as usize;
        if place == 0 {
            let needed = (1.0 / level - 1.0).ceil() as usize;
            return Err(Error::TooFewDraws { given: self.values.len(), needed, purpose: format!("a test at the level {level}") });
        }
        let mut values = self.values.clone();
        values.sort_by(f64::total_cmp);
        if self.properties.direction == Direction::Similarity {
            values.reverse();
        }
        Ok(values[place.min(values.len()) - 1])
    }

    /// The calibrated score (s - critical) / (best - critical): at most 0 where p > level, 1 for
    /// the best value. None for a measure without a best value. Not clamped at 0.
    ///
    /// The scale of "Revisiting the Platonic Representation Hypothesis: An Aristotelian View"
    /// (arXiv:2602.14486, 2026), which calibrates any similarity by permutations.
    ///
    /// # Errors
    /// As [`Null::critical`].
    pub fn calibrated(&self, level: f64) -> Result<Option<f64>, Error> {
        Ok(above(&self.properties, self.score.value, self.critical(level)?, self.slack))
    }

    /// The score corrected for chance, (s - mean) / (best - mean): 0 in the mean where nothing
    /// connects the examples, 1 for the best value. None for a measure without a best value.
    ///
    /// The form of the adjusted Rand index (Hubert and Arabie 1985).
    pub fn excess(&self) -> Option<f64> {
        above(&self.properties, self.score.value, self.mean(), self.slack)
    }
}

/// (s - from) / (best - from); none where the two ends are no farther apart than `slack`.
pub(super) fn above(properties: &Properties, score: f64, from: f64, slack: f64) -> Option<f64> {
    let whole = lead(properties.direction, best(properties)?, from);
    (whole > slack).then(|| lead(properties.direction, score, from) / whole)
}

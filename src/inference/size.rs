//! What fewer examples would have given, and how many are needed.

use crate::arrays::sums::sum;
use crate::measure::Measure;
use crate::representation::Representation;
use crate::score::Score;

use super::curve::normal_upper_tail;
use super::draw::{generator, subset};
use super::error::Error;
use super::examples::Examples;
use super::interval::tails;
use super::numbers::{mean, quantile, sd};
use super::resamples::rows;
use super::stop::each;

/// A measure on subsets of one size.
#[derive(Debug, Clone, PartialEq)]
pub struct SampleSize {
    /// Examples of a subset.
    pub n: usize,
    /// The value of each subset, in the order drawn.
    pub values: Vec<f64>,
    /// Their mean.
    pub mean: f64,
    /// The standard error of a value of so many examples: the standard deviation over sqrt(1 -
    /// m/n), because subsets of m of n examples share some.
    pub standard_error: f64,
    /// The middle of the values, at the level asked for.
    pub interval: [f64; 2],
}

/// A measure at several sample sizes, and where it goes.
#[derive(Debug, Clone)]
pub struct SampleSizes {
    /// The score of all examples.
    pub score: Score,
    /// How many examples there are: as many as rows, but where rows are positions.
    pub examples: usize,
    /// n/16, n/8, n/4 and n/2 examples, those that the measure takes.
    pub sizes: Vec<SampleSize>,
    /// What the value tends to with more examples: a of a + b/m, fitted to the means and the score
    /// by least squares.
    pub limit: f64,
    /// b: b/n is the bias of the value of n examples.
    pub slope: f64,
    /// How far the curve a + b/m is from the means and the score at the most, beyond two standard
    /// errors of the means: bias falls in another way than 1/m then, as that of biased measures
    /// does while there are fewer examples than neurons.
    pub misfit: f64,
    level: f64,
}

/// The values of a measure on `count` random subsets of n/16, n/8, n/4 and n/2 of the examples,
/// with intervals at `level`.
///
/// Costs `count` comparisons of each size. Sizes below the least that the measure takes, or below
/// 4, are left out.
///
/// # Errors
/// [`Error::Measure`] where the score has no value, [`Error::Resample`] where that of a subset has
/// none, [`Error::TooFewDraws`], [`Error::Level`]; [`Error::TooFew`] examples for two sizes.
pub fn sample_size_curve(
    measure: &Measure,
    x: &Representation<'_>,
    y: &Representation<'_>,
    count: usize,
    seed: u64,
    level: f64,
) -> Result<SampleSizes, Error> {
    let examples = Examples::of([x, y])?;
    let n = examples.count;
    let [low, high] = tails(level, count)?;
    let score = measure.compare(x, y)?;
    let least = measure.properties().minimum_examples.max(4);
    let sizes: Vec<usize> = [16, 8, 4, 2].into_iter().map(|part| n / part).filter(|size| *size >= least).collect();
    if sizes.len() < 2 {
        return Err(Error::TooFew { what: "examples for a curve of two sizes, n/4 and n/2", given: n, needed: 4 * least });
    }
    let of_size = |size: usize| {
        let one = |number: usize| {
            let chosen = examples.expand(&subset(n, size, &mut generator(seed, number)));
            let value = rows(x, &chosen).and_then(|x| Ok(measure.compare(&x, &rows(y, &chosen)?)?.value));
            let remedy = "So few of the examples have no value: give more examples";
            value.map_err(|cause: crate::error::Error| Error::Resample {
                what: "subset",
                number,
                count,
                seed,
                cause: Box::new(cause),
                remedy,
            })
        };
        let values = each(count, one)?;
        let standard_error = sd(&values) / (1.0 - size as f64 / n as f64).sqrt();
        let interval = [quantile(&values, low), quantile(&values, high)];
        Ok(SampleSize { n: size, mean: mean(&values), standard_error, interval, values })
    };
    let sizes = sizes.into_iter().map(of_size).collect::<Result<Vec<_>, Error>>()?;
    let (limit, slope, misfit) = fitted(&sizes, (n, score.value));
    Ok(SampleSizes { score, examples: n, sizes, limit, slope, misfit, level })
}

/// a and b of a + b/m, by least squares, and the largest residual.
fn fitted(sizes: &[SampleSize], all: (usize, f64)) -> (f64, f64, f64) {
    let points = sizes.iter().map(|size| (size.n, size.mean)).chain([all]);
    let (at, values): (Vec<f64>, Vec<f64>) = points.map(|(n, value)| (1.0 / n as f64, value)).unzip();
    let (middle, average) = (mean(&at), mean(&values));
    let products = sum(&at.iter().zip(&values).map(|(at, value)| (at - middle) * (value - average)).collect::<Vec<_>>());
    let slope = products / sum(&at.iter().map(|at| (at - middle).powi(2)).collect::<Vec<_>>());
    let limit = average - slope * middle;
    let errors = sizes.iter().map(|size| sd(&size.values) / (size.values.len() as f64).sqrt()).chain([0.0]);
    let beyond = at.iter().zip(&values).zip(errors).map(|((at, value), error)| (limit + slope * at - value).abs() - 2.0 * error);
    let misfit = beyond.fold(0.0, f64::max);
    (limit, slope, misfit)
}

impl SampleSizes {
    /// The number of examples of which the value is within `tolerance` of its limit, at the level:
    /// bias b/n and a normal error, which falls as 1 / sqrt n, together. The limit is of these
    /// examples, and no more certain than their score.
    ///
    /// # Errors
    /// [`Error::Level`] for a tolerance that is not positive; [`Error::LimitUnknown`] where the
    /// curve misses the values by more than that.
    pub fn needed(&self, tolerance: f64) -> Result<f64, Error> {
        if tolerance <= 0.0 || !tolerance.is_finite() {
            return Err(Error::Level { level: tolerance });
        }
        if self.misfit > tolerance {
            return Err(Error::LimitUnknown { misfit: self.misfit, tolerance, n: self.examples });
        }
        // Of few examples errors fall faster than the root: a size whose error was seen is believed
        // up to the next one. From the largest size down, until one is not enough as it stands.
        let mut needed = f64::INFINITY;
        for (place, size) in self.sizes.iter().enumerate().rev() {
            let from = if place == 0 { 1.0 } else { size.n as f64 };
            let to = self.sizes.get(place + 1).map_or(MOST, |next| next.n as f64);
            let is_enough = |n: f64| self.held(size, n, tolerance) >= self.level;
            if !is_enough(to) {
                break;
            }
            needed = first(from, to, is_enough);
            if needed > from {
                break;
            }
        }
        Ok(needed)
    }

    /// The probability that a value of n examples is within the tolerance, by the error of a size.
    fn held(&self, size: &SampleSize, n: f64, tolerance: f64) -> f64 {
        let (bias, error) = (self.slope.abs() / n, size.standard_error * (size.n as f64 / n).sqrt());
        if error == 0.0 {
            return if bias <= tolerance { 1.0 } else { 0.0 };
        }
        normal_upper_tail((bias - tolerance) / error) - normal_upper_tail((bias + tolerance) / error)
    }
}

/// More examples than there are.
const MOST: f64 = 1e18;

/// The least whole number from `from` to `to`, which is enough, that is.
fn first(from: f64, to: f64, is_enough: impl Fn(f64) -> bool) -> f64 {
    if is_enough(from) {
        return from;
    }
    let (mut below, mut enough) = (from, to);
    while enough - below > 1.0 {
        let middle = f64::midpoint(below, enough).floor();
        if middle <= below || middle >= enough {
            break;
        }
        if is_enough(middle) { enough = middle } else { below = middle }
    }
    enough
}

#[cfg(test)]
mod tests {
    use super::super::interval::normal_quantile;
    use super::*;
    use crate::measure::Measure;
    use crate::representation::Representation;

    /// Curves of two sizes whose errors are these shares of the tolerance 0.01, and this bias.
    fn needed(shares: [f64; 2], slope: f64) -> f64 {
        let x = Representation::from_row_major("x", 4, 1, vec![1.0, 2.0, 3.0, 5.0]).unwrap();
        let score = Measure::parse("cka").unwrap().compare(&x, &x).unwrap();
        let quantile = normal_quantile(0.975);
        let size = |(n, share): (usize, f64)| SampleSize {
            n,
            values: vec![],
            mean: 0.5,
            standard_error: 0.01 * share / quantile,
            interval: [0.0, 1.0],
        };
        let sizes = [100, 200].into_iter().zip(shares).map(size).collect();
        SampleSizes { score, examples: 4, sizes, limit: 0.5, slope, misfit: 0.0, level: 0.95 }.needed(0.01).unwrap()
    }

    #[test]
    fn the_examples_needed_by_hand() {
        // Twice the tolerance at 200: four times as many, whatever 100 says of them.
        assert_eq!(needed([2.9, 1.999], 0.0), 800.0);
        // Too large at 100, small enough at 200: no more than these.
        assert_eq!(needed([1.9, 0.5], 0.0), 200.0);
        assert_eq!(needed([1.2, 0.5], 0.0), 144.0);
        // Small enough at both: what the smaller one says, and not the root of the larger one.
        assert_eq!(needed([0.899, 0.1], 0.0), 81.0);
        // At 300 the bias b/n alone is the tolerance; by counting up, 322.
        assert_eq!(needed([0.9, 0.1], -3.0), 322.0);
    }
}

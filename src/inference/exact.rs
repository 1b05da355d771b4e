//! Mean, variance and third moment of a measure over all n! permutations, without drawing one.

use std::sync::Arc;

use faer::MatRef;

use crate::arrays::sums::sum;
use crate::claims::{Direction, Properties};
use crate::error::Error as MeasureError;
use crate::measure::Measure;
use crate::prepared::{ExampleMatrix, InnerProduct, Pair, Prepared};
use crate::representation::Representation;
use crate::score::Score;
use crate::tolerance::{EPS, nothing};

use super::curve::{upper_quantile, upper_tail};
use super::error::Error;
use super::examples::{Examples, small_pairs};
use super::moments::central;
use super::null::{above, bound, lead};
use super::sums::Permuted;

/// A score among the values that all n! permutations of the examples give, by their first three
/// moments.
#[derive(Debug, Clone)]
pub struct ExactNull {
    /// The score of the examples as they are.
    pub score: Score,
    /// The moments are those of the score's square: of a measure that is a root, as the biased
    /// distance correlation.
    pub of_square: bool,
    value: f64,
    mean: f64,
    sd: f64,
    skewness: f64,
    bounds: [f64; 3],
    /// The share of all orders that are at least as alike, of so few examples that all were looked
    /// at.
    enumerated: Option<f64>,
    properties: Properties,
}

/// The moments of a measure over all permutations of the examples of Y, for a measure that is one
/// inner product of matrices between examples: CKA and HSIC with any kernel and estimator, R2_CCA,
/// linear regression (one direction), distance correlation, RSA by any comparison but Kendall's.
///
/// Of each side n^2 sums, and n^3 / 2 multiply-adds for the third moment, once (n r^2 where its
/// matrix has a factor of r columns); of a pair a few hundred multiplications. Three n x n matrices
/// of each side are held at the most.
///
/// The formulas, with their derivation, stand in `inference/moments.rs`; for doubly centered
/// matrices they are those of Kazi-Aoual, Hitier, Sabatier and Lebreton 1995 and of Josse, Pages
/// and Husson 2008.
///
/// # Errors
/// [`Error::Measure`] where the score has no value; [`Error::NotAnInnerProduct`];
/// [`Error::ConstantNull`] where all permutations give one value.
pub fn exact_null(measure: &Measure, x: &Representation<'_>, y: &Representation<'_>) -> Result<ExactNull, Error> {
    let (x, y) = (measure.prepare(x)?, measure.prepare(y)?);
    exact_null_of_pair(measure, &Pair::new(&x, &y)?)
}

/// Asks, without any data, whether the moments of a measure over all permutations are known.
///
/// # Errors
/// [`Error::NotAnInnerProduct`].
pub fn has_exact_null(measure: &Measure) -> Result<(), Error> {
    // Being an inner product is the measure's own; a small pair is enough to ask.
    for [x, y] in small_pairs(measure)? {
        if let Err(error @ Error::NotAnInnerProduct { .. }) = exact_null(measure, &x, &y) {
            return Err(error);
        }
    }
    // Whatever else a small pair lacks, the data may have.
    Ok(())
}

/// The same of a prepared pair: what concerns one side is kept with it, and computed once however
/// many others it meets.
///
/// # Errors
/// As [`exact_null`].
pub fn exact_null_of_pair(measure: &Measure, pair: &Pair<'_>) -> Result<ExactNull, Error> {
    let score = measure.compare_pair(pair)?;
    let products = measure.inner_products(pair)?;
    let products = products.as_ref().filter(|products| products.terms().len() == 1);
    let Some(products) = products else { return Err(Error::NotAnInnerProduct { measure: score.measure }) };
    let positions = [pair.x(), pair.y()].map(Prepared::positions);
    Examples::of_positions(positions, pair.n())?.require_rows("moments over all orders")?;
    let InnerProduct { x, y, factor } = &products.terms()[0];
    let permuted = |matrix: &ExampleMatrix| -> Result<Arc<Permuted>, MeasureError> {
        matrix.artifact("sums over its permutations", || Ok(Permuted::of(matrix)))
    };
    let (x, y) = (permuted(x)?, permuted(y)?);
    let n = pair.n() as f64;
    let scale = factor * x.norm * y.norm;
    if !scale.is_finite() {
        let cause = MeasureError::Unrepresentable { mantissa: *factor, exponent: 0 };
        return Err(cause.of_measure(&score.measure).into());
    }
    // Of matrices of norm 1, so that neither square nor cube over- or underflows.
    let mean = n * n * x.mean * y.mean + x.trace * y.trace / (n - 1.0);
    let [variance, third] = central(&x.distinct, &y.distinct);
    let unit = nothing(pair.n(), 0);
    // A matrix of zeros has no direction: HSIC of a constant layer is 0 in every order.
    if scale == 0.0 || variance.value <= unit * variance.magnitude {
        let value = products.value(if scale == 0.0 { 0.0 } else { scale * mean });
        return Err(Error::ConstantNull { measure: score.measure, n: pair.n(), value });
    }
    let (sd, skewness) = (variance.value.sqrt(), third.value / variance.value.powf(1.5));
    // The mean of all entries errs by unit / n, a trace by unit sqrt n.
    let product = |a: f64, b: f64, unit: f64| unit * (a.abs() + b.abs() + unit);
    let of_mean = n * n * product(x.mean, y.mean, unit / n) + product(x.trace, y.trace, unit * n.sqrt()) / (n - 1.0);
    let relative = unit * variance.magnitude / variance.value;
    let bounds = [
        scale.abs() * (of_mean + 4.0 * EPS * mean.abs()),
        scale.abs() * sd * relative,
        unit * third.magnitude / variance.value.powf(1.5) + 2.0 * skewness.abs() * relative,
    ];
    let of_square = products.is_rooted();
    let value = if of_square { score.value * score.value } else { score.value };
    let properties = measure.properties();
    let (mean, sd, skewness) = (scale * mean, scale.abs() * sd, scale.signum() * skewness);
    let InnerProduct { x: a, y: b, factor } = &products.terms()[0];
    let enumerated = (pair.n() <= ENUMERATED).then(|| {
        let widest = pair.x().p().max(pair.y().p());
        let own = bound(&score);
        let values = of_all_orders(a.entries(), b.entries()).into_iter().map(|inner| products.value(factor * inner));
        let reaches = |value: f64| lead(properties.direction, value, score.value) >= -(own + products.error_bound(pair.n(), widest, value));
        let reached: Vec<bool> = values.map(reaches).collect();
        reached.iter().filter(|reached| **reached).count() as f64 / reached.len() as f64
    });
    Ok(ExactNull { score, of_square, value, mean, sd, skewness, bounds, enumerated, properties })
}

/// Examples of which all orders are looked at: 5040 of 7.
const ENUMERATED: usize = 7;

/// <A, P B P'> for every order P.
fn of_all_orders(a: MatRef<'_, f64>, b: MatRef<'_, f64>) -> Vec<f64> {
    let n = a.nrows();
    let mut orders = vec![vec![0]];
    for next in 1..n {
        let longer = |order: Vec<usize>| (0..=next).map(move |place| [&order[..place], &[next], &order[place..]].concat());
        orders = orders.into_iter().flat_map(longer).collect();
    }
    let inner = |order: Vec<usize>| sum(&(0..n * n).map(|at| a[(at / n, at % n)] * b[(order[at / n], order[at % n])]).collect::<Vec<_>>());
    orders.into_iter().map(inner).collect()
}

impl ExactNull {
    /// The mean over all permutations.
    pub fn mean(&self) -> f64 {
        self.mean
    }

    /// The standard deviation over all permutations (divisor n!).
    pub fn sd(&self) -> f64 {
        self.sd
    }

    /// The skewness over all permutations: the third central moment over the cube of the standard
    /// deviation.
    pub fn skewness(&self) -> f64 {
        self.skewness
    }

    /// Bounds on the rounding errors of mean, standard deviation and skewness, for the matrices
    /// between examples as they were computed.
    pub fn error_bounds(&self) -> [f64; 3] {
        self.bounds
    }

    /// How many standard deviations the score (its square, where the moments are of that) is above
    /// the mean.
    pub fn z(&self) -> f64 {
        lead(self.properties.direction, self.value, self.mean) / self.sd
    }

    /// The p-value: of up to 7 examples the share of all n! orders that are at least as alike; of
    /// more by Pearson's type III curve of these three moments (Josse, Pages and Husson 2008),
    /// which approximates that share, and never below 1 / n!. The curve is good where no few
    /// examples hold most of the variance: with examples of Student's t with 2 degrees of freedom
    /// p-values of linear CKA near 0.05 were right and those in the middle off by 0.1
    /// (`verification/CALIBRATION.md`). Draw permutations there.
    pub fn p(&self) -> f64 {
        let skewness = if self.properties.direction == Direction::Similarity { self.skewness() } else { -self.skewness() };
        let orders: f64 = (1..=self.score.n).map(|factor| factor as f64).product();
        self.enumerated.unwrap_or_else(|| upper_tail(self.z(), skewness).max(1.0 / orders))
    }

    /// The value that the curve passes with probability `level`, on the scale of the score.
    ///
    /// # Errors
    /// [`Error::Level`].
    pub fn critical(&self, level: f64) -> Result<f64, Error> {
        if !(level > 0.0 && level < 1.0) {
            return Err(Error::Level { level });
        }
        let (sign, skewness) = match self.properties.direction {
            Direction::Similarity => (1.0, self.skewness()),
            Direction::Distance => (-1.0, -self.skewness()),
        };
        let critical = self.mean + sign * self.sd * upper_quantile(level, skewness);
        Ok(if self.of_square { critical.max(0.0).sqrt() } else { critical })
    }

    /// As [`Null::calibrated`](super::Null::calibrated), with the critical value of the curve.
    ///
    /// # Errors
    /// [`Error::Level`].
    pub fn calibrated(&self, level: f64) -> Result<Option<f64>, Error> {
        Ok(above(&self.properties, self.score.value, self.critical(level)?, 0.0))
    }

    /// As [`Null::excess`](super::Null::excess), with the exact mean; of the square where the
    /// moments are of that, whose best value is 1 as the root's is.
    pub fn excess(&self) -> Option<f64> {
        above(&self.properties, self.value, self.mean, 0.0)
    }
}

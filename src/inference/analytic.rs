//! The standard error of an unbiased estimator, without resamples.
//!
//! With A and B U-centered (rows sum to 0, zero diagonals), HSIC_1 = S / (n (n - 3)), S the sum of
//! a_ij b_ij. It is a U-statistic of order 4 (Song et al. 2012): what is left of it without example
//! i is, with t_i the sum over j of a_ij b_ij,
//!
//!   U_(i) = (S - 2 t_i (n - 2) / (n - 3)) / ((n - 1) (n - 4)),
//!
//! because the rows of A without column i sum to -a_ij. Of the quadruples 4 / n have example i, so
//! that the mean over them is g_i = (n U - (n - 4) U_(i)) / 4 = (S + (n - 2) t_i) / (2 (n - 1) (n -
//! 3)), and the variance of U is 16 / n times that of g (Hoeffding 1948). Functions of several
//! U-statistics have the same by their gradient.

use rayon::prelude::*;

use crate::arrays::product::slice;
use crate::arrays::sums::{dot, sum};
use crate::measure::Measure;
use crate::prepared::{ExampleMatrix, Pair, Statistic};
use crate::representation::Representation;
use crate::score::Score;
use crate::tolerance::EPS;

use super::error::Error;
use super::examples::{Examples, small_pairs};
use super::interval::{Interval, normal_quantile};

/// A score with how much each example moves it.
#[derive(Debug, Clone)]
pub struct Analytic {
    /// The score of all examples.
    pub score: Score,
    /// The influence of each example on the score: their mean is 0, and the root of their sum of
    /// squares over n is the standard error.
    pub influences: Vec<f64>,
}

/// The asymptotic standard error of debiased CKA, unbiased HSIC and corrected distance correlation:
/// that of U-statistics of order 4 (Hoeffding 1948; Song et al. 2012), of CKA and distance
/// correlation by their gradient. Where the kernel depends on all examples (a median bandwidth,
/// centered rows) it is not known.
///
/// Costs n^2 for a pair, and a matrix of n x n for each side. The jackknife of HSIC is sqrt(n (n -
/// 1)) / (n - 4) times it. Of independent representations the standard error is of the order 1 / n,
/// and the interval is wider than its level asks for: take a null there.
///
/// # Errors
/// [`Error::Measure`] where the score has no value; [`Error::NotUnbiased`].
pub fn analytic(measure: &Measure, x: &Representation<'_>, y: &Representation<'_>) -> Result<Analytic, Error> {
    Examples::of([x, y])?.require_rows("an analytic standard error")?;
    let (x, y) = (measure.prepare(x)?, measure.prepare(y)?);
    let pair = Pair::new(&x, &y)?;
    let score = measure.compare_pair(&pair)?;
    let Some(shares) = Shares::of(measure, &pair)? else { return Err(Error::NotUnbiased { measure: score.measure }) };
    Ok(Analytic { influences: shares.influences(), score })
}

/// Asks, without any data, whether the standard error of a measure is known.
///
/// # Errors
/// [`Error::NotUnbiased`].
pub fn has_analytic(measure: &Measure) -> Result<(), Error> {
    // Being made of U-statistics is the measure's own; a small pair is enough to ask.
    let [[x, y], [given_x, given_y]] = small_pairs(measure)?;
    let found = match analytic(measure, &x, &y) {
        Err(Error::Measure(_)) => analytic(measure, &given_x, &given_y),
        found => found,
    };
    match found {
        Err(error @ Error::NotUnbiased { .. }) => Err(error),
        // What has no value on this pair may have one on others.
        _ => Ok(()),
    }
}

impl Analytic {
    /// sqrt(sum of squared influences) / n
    pub fn standard_error(&self) -> f64 {
        dot(&self.influences, &self.influences).sqrt() / self.influences.len() as f64
    }

    /// The score +- z standard errors, z of the normal distribution.
    ///
    /// # Errors
    /// [`Error::Level`].
    pub fn interval(&self, level: f64) -> Result<Interval, Error> {
        if !(level > 0.0 && level < 1.0) {
            return Err(Error::Level { level });
        }
        let half = normal_quantile((1.0 - level) / 2.0).abs() * self.standard_error();
        Ok(Interval { lo: self.score.value - half, hi: self.score.value + half, level, method: "analytic" })
    }
}

/// What each example adds to the inner products that a value is made of, each over the norms of its
/// matrices.
pub(super) struct Shares {
    statistic: Statistic,
    /// The factor on <A, B> / (|A| |B|).
    factor: f64,
    between: Vec<f64>,
    of_x: Vec<f64>,
    of_y: Vec<f64>,
}

impl Shares {
    /// None where the value is no function of U-statistics.
    ///
    /// # Errors
    /// Those of the comparison.
    pub(super) fn of(measure: &Measure, pair: &Pair<'_>) -> Result<Option<Self>, Error> {
        let Some(products) = measure.inner_products(pair)? else { return Ok(None) };
        let (Some(statistic), [term]) = (products.statistic(), products.terms()) else { return Ok(None) };
        let of = |a: &ExampleMatrix, b: &ExampleMatrix| -> Vec<f64> {
            let (a_entries, b_entries) = (a.entries(), b.entries());
            let scale = 1.0 / (a.norm() * b.norm());
            (0..a.n()).into_par_iter().map(|j| scale * dot(slice(a_entries, j), slice(b_entries, j))).collect()
        };
        let (x, y) = (&term.x, &term.y);
        let selves = |side: &ExampleMatrix| if statistic == Statistic::Cosine { of(side, side) } else { Vec::new() };
        Ok(Some(Self { statistic, factor: term.factor * (x.norm() * y.norm()), between: of(x, y), of_x: selves(x), of_y: selves(y) }))
    }

    /// How much each example moves the value: 4 (g_i - U) of a U-statistic.
    fn influences(&self) -> Vec<f64> {
        let n = self.between.len() as f64;
        let around = |shares: &[f64]| -> Vec<f64> {
            let mean = sum(shares) / n;
            shares.iter().map(|share| share - mean).collect()
        };
        let between = around(&self.between);
        match self.statistic {
            // Of S, and not of S / (n (n - 3)): 2 (n - 2) / ((n - 1) (n - 3)) times n (n - 3).
            Statistic::Inner => between.iter().map(|share| self.factor * scale(n) * share).collect(),
            Statistic::Cosine => {
                // The norms are 1: d (s / sqrt(a b)) = ds - s (da + db) / 2.
                let cosine = sum(&self.between);
                let (x, y) = (around(&self.of_x), around(&self.of_y));
                (0..between.len()).map(|i| self.factor * scale(n) * (between[i] - 0.5 * cosine * (x[i] + y[i]))).collect()
            }
        }
    }

    /// The value without each example. None where examples are too few, or where what is left of a
    /// self-term has lost half of its digits.
    pub(super) fn without_each(&self) -> Option<Vec<f64>> {
        if self.between.len() < 5 {
            return None;
        }
        let n = self.between.len() as f64;
        // Over n (n - 3), as S is here.
        let without = |total: f64, share: f64| (total - 2.0 * share * (n - 2.0) / (n - 3.0)) * n * (n - 3.0) / ((n - 1.0) * (n - 4.0));
        let total = sum(&self.between);
        let of = |i: usize| match self.statistic {
            Statistic::Inner => Some(self.factor * without(total, self.between[i])),
            Statistic::Cosine => {
                let (x, y) = (without(sum(&self.of_x), self.of_x[i]), without(sum(&self.of_y), self.of_y[i]));
                (x.min(y) > EPS.sqrt()).then(|| self.factor * without(total, self.between[i]) / (x * y).sqrt())
            }
        };
        (0..self.between.len()).map(of).collect()
    }
}

/// 2 n (n - 2) / (n - 1)
fn scale(n: f64) -> f64 {
    2.0 * n * (n - 2.0) / (n - 1.0)
}

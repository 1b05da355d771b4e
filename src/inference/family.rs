//! The null of a whole sweep: the maximum over layers is larger than any of them by chance too.

use std::convert::Infallible;

use crate::measure::Measure;
use crate::prepared::{Pair, Prepared};
use crate::representation::Representation;

use super::error::Error;
use super::examples::Examples;
use super::layer_pairs::LayerPairs;
use super::null::{Null, bound, lead, permutation_null_of_pair};
use super::permutations::{Drawer, Permutations};
use super::resamples::rows;
use super::stop::each;

/// The nulls of all pairs of layers, each permutation the same for all of them.
#[derive(Debug, Clone)]
pub struct FamilyNull {
    /// The null of each pair: row after row, rows are layers of X.
    pub nulls: Vec<Null>,
    /// Which pairs are claims.
    pub pairs: LayerPairs,
}

/// The nulls of every layer of X with every layer of Y, all by the same permutations of the
/// examples of Y: what the layers of one network share, they share in the null.
///
/// # Errors
/// As [`permutation_null`](super::permutation_null), for each pair; [`Error::TooFew`] layers.
pub fn family_null(
    measure: &Measure,
    xs: &[Representation<'_>],
    ys: &[Representation<'_>],
    permutations: &Permutations,
) -> Result<FamilyNull, Error> {
    family(measure, (xs, ys), LayerPairs::new(xs.len(), ys.len()), permutations)
}

/// The nulls of the layers of one network with each other. Of a measure that does not see which
/// side is which, the null of two layers is one, whichever comes first.
///
/// # Errors
/// As [`family_null`].
pub fn family_null_of_itself(measure: &Measure, layers: &[Representation<'_>], permutations: &Permutations) -> Result<FamilyNull, Error> {
    family(measure, (layers, layers), LayerPairs::of_itself(layers.len(), measure), permutations)
}

fn family(
    measure: &Measure,
    (xs, ys): (&[Representation<'_>], &[Representation<'_>]),
    of: LayerPairs,
    permutations: &Permutations,
) -> Result<FamilyNull, Error> {
    let few = |what, given: usize| if given == 0 { Err(Error::TooFew { what, given, needed: 1 }) } else { Ok(()) };
    few("layers of X", xs.len())?;
    few("layers of Y", ys.len())?;
    let examples = Examples::of(xs.iter().chain(ys))?;
    let prepare = |layers: &[Representation<'_>]| layers.iter().map(|layer| measure.prepare(layer)).collect::<Result<Vec<Prepared>, _>>();
    let (prepared_x, prepared_y) = (prepare(xs)?, prepare(ys)?);
    let own: Vec<usize> = of.places().filter(|place| of.shared_with(*place) == *place).collect();
    let pair = |place: &usize| Ok((Pair::new(&prepared_x[place / of.columns], &prepared_y[place % of.columns])?, place % of.columns));
    let pairs: Vec<(Pair<'_>, usize)> = own.iter().map(pair).collect::<Result<_, Error>>()?;
    let fast = pairs
        .iter()
        .map(|(pair, _)| permutation_null_of_pair(measure, pair, permutations))
        .collect::<Result<Option<Vec<Null>>, Error>>()?;
    let nulls = match fast {
        Some(nulls) => nulls,
        None => {
            let values = compared(measure, &pairs, ys, &permutations.of(examples)?)?;
            let of_pair = |(number, (pair, _)): (usize, &(Pair<'_>, usize))| {
                let of_this = values.iter().map(|values| values[number]).collect();
                Ok(Null::new(measure, measure.compare_pair(pair)?, of_this, (permutations, examples), false))
            };
            pairs.iter().enumerate().map(of_pair).collect::<Result<_, Error>>()?
        }
    };
    let of_place = |place: usize| nulls[own.partition_point(|other| *other < of.shared_with(place))].clone();
    Ok(FamilyNull { nulls: of.places().map(of_place).collect(), pairs: of })
}

/// The values of these pairs, given with the place of their layer of Y, with their error bounds,
/// for each permutation.
fn compared(
    measure: &Measure,
    pairs: &[(Pair<'_>, usize)],
    ys: &[Representation<'_>],
    drawer: &Drawer,
) -> Result<Vec<Vec<(f64, f64)>>, Error> {
    let of_permutation = |number: usize| {
        let order = drawer.permutation(number);
        let permuted = ys.iter().map(|y| measure.prepare(&rows(y, &order)?)).collect::<Result<Vec<_>, _>>();
        let scores = permuted.and_then(|ys| {
            let pairs = pairs.iter().map(|(pair, column)| (pair.x(), &ys[*column]));
            pairs.map(|(x, y)| measure.compare_prepared(x, y).map(|score| (score.value, bound(&score)))).collect()
        });
        scores.map_err(|cause: crate::error::Error| Error::Resample {
            what: "permutation",
            number,
            count: drawer.count,
            seed: drawer.seed,
            cause: Box::new(cause),
            remedy: "A measure without a value on some orders of the examples has no null by permutation",
        })
    };
    each(drawer.count, of_permutation)
}

impl FamilyNull {
    /// The nulls of the mean over several layers of the same pairs, from those of each layer by the
    /// same permutations: what a mean over matched layers would be by chance.
    ///
    /// # Errors
    /// The first of `layers`; [`Error::TooFew`] of them.
    pub fn mean_over_layers(layers: impl IntoIterator<Item = Result<Self, Error>>) -> Result<Self, Error> {
        let mut layers = layers.into_iter();
        let mut total = layers.next().ok_or(Error::TooFew { what: "layers", given: 0, needed: 1 })??;
        let mut count = 1;
        for layer in layers {
            count += 1;
            total.add(&layer?);
        }
        Ok(total.over(count))
    }

    /// Adds the nulls of another layer, by the same permutations; [`FamilyNull::over`] makes the
    /// mean of them.
    pub(crate) fn add(&mut self, layer: &Self) {
        self.nulls.iter_mut().zip(&layer.nulls).for_each(|(sum, null)| sum.add(null));
    }

    /// The mean of the nulls of so many layers that were added.
    pub(crate) fn over(mut self, layers: usize) -> Self {
        self.nulls.iter_mut().for_each(|sum| sum.divide(layers as f64));
        self
    }

    /// The p-values adjusted for the search over all pairs, by the step-down maximum of z (Westfall
    /// and Young 1993): the probability that the largest z of the null reaches that of the score,
    /// over the pairs whose scores are no larger. Never below the unadjusted ones; a pair whose
    /// permutations all give one value has 1. A layer with itself is no claim, and keeps its own.
    pub fn adjusted(&self) -> Vec<f64> {
        self.stepped_down(|claims| step_down(&claims.iter().map(|place| &self.nulls[*place]).collect::<Vec<_>>()))
    }

    /// The p-values adjusted for the search over each row alone, as [`FamilyNull::adjusted`] over
    /// its pairs: whether the best match of a layer of X among the layers of Y is more than chance.
    /// They do not pay for the number of rows.
    pub fn adjusted_in_rows(&self) -> Vec<f64> {
        let mut all = self.unadjusted();
        for row in 0..self.pairs.rows {
            let places: Vec<usize> = (0..self.pairs.columns).map(|column| row * self.pairs.columns + column).collect();
            let places: Vec<usize> = places.into_iter().filter(|place| !self.pairs.is_layer_with_itself(*place)).collect();
            let nulls: Vec<&Null> = places.iter().map(|place| &self.nulls[*place]).collect();
            places.iter().zip(step_down(&nulls)).for_each(|(place, p)| all[*place] = p);
        }
        all
    }

    /// The p-value of each pair by itself.
    pub fn unadjusted(&self) -> Vec<f64> {
        self.nulls.iter().map(Null::p).collect()
    }

    fn stepped_down(&self, adjust: impl FnOnce(&[usize]) -> Vec<f64>) -> Vec<f64> {
        let adjusted: Result<_, Infallible> = self.pairs.adjusted(&self.unadjusted(), |claims| Ok(adjust(claims)));
        adjusted.unwrap_or_else(|never| match never {})
    }

    /// The p-value of the largest z of all pairs: of the claim that a network is anywhere more like
    /// another than chance.
    pub fn p_of_maximum(&self) -> f64 {
        let adjusted = self.adjusted();
        self.pairs.places().filter(|place| self.pairs.is_claim(*place)).map(|place| adjusted[place]).fold(1.0, f64::min)
    }
}

/// The step-down adjustment over one family of nulls of the same permutations.
fn step_down(nulls: &[&Null]) -> Vec<f64> {
    let Some(first) = nulls.first() else { return Vec::new() };
    let count = first.values.len();
    let standard: Vec<Option<Standard>> = nulls.iter().map(|null| Standard::of(null)).collect();
    let mut order: Vec<usize> = (0..standard.len()).filter(|place| standard[*place].is_some()).collect();
    let of = |place: usize| standard[place].as_ref().expect("those that have a spread");
    order.sort_by(|a, b| of(*b).score.total_cmp(&of(*a).score).then(a.cmp(b)));
    let mut reached = vec![0usize; standard.len()];
    for draw in 0..count {
        // From the least score up, the largest z so far.
        let mut largest = f64::NEG_INFINITY;
        for &place in order.iter().rev() {
            let own = of(place);
            largest = largest.max(own.values[draw]);
            reached[place] += usize::from(largest >= own.score - own.slack);
        }
    }
    let mut adjusted = vec![1.0; standard.len()];
    let mut so_far = 0.0f64;
    for &place in &order {
        so_far = so_far.max((reached[place] as f64 + 1.0) / (count as f64 + 1.0));
        adjusted[place] = so_far;
    }
    adjusted
}

/// A null in units of its own standard deviation, positive for more alike.
struct Standard {
    score: f64,
    values: Vec<f64>,
    slack: f64,
}

impl Standard {
    fn of(null: &Null) -> Option<Self> {
        let (mean, sd, direction) = (null.mean(), null.sd(), null.score.direction);
        let z = |value: f64| lead(direction, value, mean) / sd;
        (sd > null.slack).then(|| Self {
            score: z(null.score.value),
            values: null.values.iter().map(|value| z(*value)).collect(),
            slack: null.slack / sd,
        })
    }
}

//! Networks as the unit: how alike networks of one kind and of two kinds are in the mean, how sure
//! that is for other networks of these kinds, and the noise ceiling.

use crate::claims::{Claim, Direction};
use crate::measure::Measure;
use crate::representation::Representation;

use super::draw::{below, generator};
use super::error::Error;
use super::examples::Examples;
use super::null::lead;
use super::numbers::{mean, quantile, sd};
use super::resamples::{Resamples, rows};
use super::stop::each;
use super::units::{Kinds, UnitDraws, Units};

/// Draws of networks come from other streams than draws of examples.
const NETWORKS: usize = 1 << 40;

/// A standard error and an interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spread {
    /// The standard error.
    pub se: f64,
    /// The lower end.
    pub lo: f64,
    /// The upper end.
    pub hi: f64,
}

/// How alike the networks of a kind are to one another, or to those of another kind.
#[derive(Debug, Clone, PartialEq)]
pub struct KindMean {
    /// The kind, by its place.
    pub kind: usize,
    /// The other kind; the same one for networks among themselves.
    pub other: usize,
    /// Pairs of networks.
    pub pairs: usize,
    /// The mean over the pairs; of both orders, where a measure depends on the order.
    pub mean: f64,
    /// Its interval.
    pub spread: Option<Spread>,
    /// Of a kind with itself, whose mean is the noise ceiling: the least and the largest of the
    /// means of one network with the others.
    pub left_out: Option<[f64; 2]>,
    /// Of two kinds, how far the mean is below the noise ceiling of the first: positive for less
    /// alike, of distances too. None where the first has one network.
    pub below_ceiling: Option<f64>,
    /// The interval of that.
    pub below_spread: Option<Spread>,
}

/// The values of all pairs of networks on resamples of the examples.
#[derive(Debug, Clone, PartialEq)]
pub struct ExampleDraws {
    /// A matrix for each resample, row-major, the mean of both orders; zeros on the diagonal.
    pub matrices: Vec<Vec<f64>>,
    /// What their spread is multiplied by for that of the values of all examples.
    pub scale: f64,
}

impl ExampleDraws {
    /// The mean over layers, each of as many resamples.
    ///
    /// # Panics
    /// When there is no layer.
    pub fn mean_over_layers(layers: impl IntoIterator<Item = Self>) -> Self {
        let mut layers = layers.into_iter();
        let mut total = layers.next().expect("a layer");
        let mut count = 1.0;
        for layer in layers {
            count += 1.0;
            total.matrices.iter_mut().flatten().zip(layer.matrices.iter().flatten()).for_each(|(sum, value)| *sum += value);
        }
        total.matrices.iter_mut().flatten().for_each(|sum| *sum /= count);
        total
    }

    /// Around the values of all examples, with the spread of these: what halves have more of bias
    /// is taken off, as their mean.
    fn around(&self, values: &[f64]) -> Vec<Vec<f64>> {
        let count = self.matrices.len() as f64;
        let mut means = vec![0.0; values.len()];
        for matrix in &self.matrices {
            means.iter_mut().zip(matrix).for_each(|(mean, value)| *mean += value / count);
        }
        let moved = |matrix: &Vec<f64>| {
            let entries = matrix.iter().zip(&means).zip(values);
            entries.map(|((entry, mean), value)| value + self.scale * (entry - mean)).collect()
        };
        self.matrices.iter().map(moved).collect()
    }
}

/// The values of one layer of all pairs of networks on resamples of the examples, the same for all
/// networks. Each costs a comparison of every pair.
///
/// # Errors
/// [`Error::TooFew`] networks; as [`resample`](super::resample).
pub fn network_values(measure: &Measure, networks: &[Representation<'_>], resamples: &Resamples) -> Result<ExampleDraws, Error> {
    let k = networks.len();
    if k < 2 {
        return Err(Error::TooFew { what: "networks", given: k, needed: 2 });
    }
    let examples = Examples::of(networks)?;
    let is_symmetric = measure.properties().symmetry == Claim::Holds;
    let matrices = resamples.each(examples, |sample| {
        let prepared = networks.iter().map(|network| measure.prepare(&rows(network, sample)?)).collect::<Result<Vec<_>, _>>()?;
        let mut matrix = vec![0.0; k * k];
        for (a, b) in (0..k).flat_map(|a| (0..a).map(move |b| (a, b))) {
            let mut value = measure.compare_prepared(&prepared[a], &prepared[b])?.value;
            if !is_symmetric {
                value = f64::midpoint(value, measure.compare_prepared(&prepared[b], &prepared[a])?.value);
            }
            (matrix[a * k + b], matrix[b * k + a]) = (value, value);
        }
        Ok(matrix)
    })?;
    Ok(ExampleDraws { matrices, scale: resamples.scale(examples.count) })
}

/// The mean similarity of the networks of each kind among themselves and with those of each other
/// kind. `values` holds a value for each ordered pair of networks, row-major; its diagonal is not
/// looked at.
///
/// The mean within a kind is its noise ceiling: what a measure says of two networks that differ in
/// nothing but their seed. A model of another kind that is as like the networks of a kind as they
/// are to one another cannot be told from one of them. It is the mean over networks of the mean
/// similarity with the others (leave one out), for any measure. The ceiling of Nili et al. (2014)
/// is another one ([`noise_ceiling`](super::noise_ceiling)): the similarity of each network with
/// the mean dissimilarity matrix of all (upper bound) or of the others (lower bound). A mean has
/// less noise than any member: their ceiling bounds what the best possible model reaches, and is
/// higher.
///
/// With `draws`, intervals. Networks are left out or drawn again, and never pairs: the pairs of a
/// network share it and are not independent. A network that is drawn twice would be compared with
/// its own copy, which no two networks of the population are: such pairs are left out, so that the
/// mean over all resamples is the mean of the pairs exactly; resamples without any pair are drawn
/// again. Of two kinds each has its own. In the simulations of the tests, networks with a share in
/// all of their pairs, intervals at 0.95 of 5, 8 and 20 networks held the mean in at least 0.92 of
/// the cases, those of the bootstrap in at least 0.86. Where pairs differ by what is their own
/// alone both are wider than they need be. `examples` are the values on resamples of the examples,
/// as many as `draws` asks for, where it is of these.
///
/// # Errors
/// Those of [`UnitDraws::check`].
///
/// # Panics
/// When `values` is not a matrix of the networks, or `examples` are too few.
pub fn kind_means(
    direction: Direction,
    values: &[f64],
    kinds: &Kinds,
    draws: Option<(&UnitDraws, Option<&ExampleDraws>)>,
) -> Result<Vec<KindMean>, Error> {
    let k = kinds.networks;
    assert_eq!(values.len(), k * k, "a value for each pair of networks");
    let symmetric: Vec<f64> = (0..k * k).map(|at| f64::midpoint(values[at], values[at % k * k + at / k])).collect();
    let mut means = found(direction, &symmetric, k, kinds.members());
    for mean in means.iter_mut().filter(|mean| mean.kind == mean.other) {
        mean.left_out = Some(ends_left_out(&symmetric, k, &kinds.members()[mean.kind]));
    }
    let Some((draws, examples)) = draws else { return Ok(means) };
    draws.check(kinds)?;
    let members = kinds.members();
    let matrices = examples.filter(|_| draws.units.is_over_examples()).map(|examples| examples.around(&symmetric));
    assert!(
        !draws.units.is_over_examples() || matrices.as_ref().is_some_and(|matrices| matrices.len() >= draws.count),
        "values on resamples"
    );
    let drawn: Vec<Vec<KindMean>> = match (draws.units, &matrices) {
        (Units::Bootstrap, _) => each(draws.count, |number| Ok(found(direction, &symmetric, k, &resampled(members, draws.seed, number))))?,
        (_, Some(matrices)) => each(draws.count, |number| Ok(found(direction, &matrices[number], k, members)))?,
        _ => Vec::new(),
    };
    let left_out = match draws.units {
        Units::Networks | Units::Both => left_out_variances(direction, &symmetric, k, members),
        Units::Bootstrap | Units::Examples => vec![[0.0; 2]; means.len()],
    };
    for (place, mean) in means.iter_mut().enumerate() {
        let fewest = members[mean.kind].len().min(members[mean.other].len());
        let spread = |value: f64, variance: f64, of: &dyn Fn(&KindMean) -> f64| {
            let drawn: Vec<f64> = drawn.iter().map(|drawn| of(&drawn[place])).collect();
            spread(value, variance, &drawn, draws, fewest)
        };
        let [of_mean, of_below] = left_out[place];
        mean.spread = Some(spread(mean.mean, of_mean, &|drawn| drawn.mean)?);
        if let Some(below) = mean.below_ceiling {
            mean.below_spread = Some(spread(below, of_below, &|drawn| drawn.below_ceiling.unwrap_or_default())?);
        }
    }
    Ok(means)
}

/// The interval of a value, from its variance over networks and its values on draws.
fn spread(value: f64, variance: f64, drawn: &[f64], draws: &UnitDraws, networks: usize) -> Result<Spread, Error> {
    let quantiles = || draws.tails(networks).map(|tails| tails.map(|share| quantile(drawn, share)));
    Ok(match draws.units {
        Units::Networks | Units::Both => {
            let of_examples = if draws.units == Units::Both { sd(drawn).powi(2) } else { 0.0 };
            let se = (variance + of_examples).sqrt();
            let half = draws.student(networks) * se;
            Spread { se, lo: value - half, hi: value + half }
        }
        Units::Bootstrap => {
            let ([lo, hi], k) = (quantiles()?, networks as f64);
            Spread { se: (k / (k - 1.0)).sqrt() * sd(drawn), lo, hi }
        }
        Units::Examples => {
            let [lo, hi] = quantiles()?;
            Spread { se: sd(drawn), lo: 2.0 * value - hi, hi: 2.0 * value - lo }
        }
    })
}

/// The variances of the means, and of how far they are below their ceilings, over networks: of
/// each kind (g - 1) / g times the sum of squares around the mean of the g values without one.
fn left_out_variances(direction: Direction, symmetric: &[f64], k: usize, members: &[Vec<usize>]) -> Vec<[f64; 2]> {
    let mut variances = vec![[0.0; 2]; found(direction, symmetric, k, members).len()];
    for (kind, all) in members.iter().enumerate() {
        let without = |at: usize| {
            let mut left = members.to_vec();
            left[kind].remove(at);
            found(direction, symmetric, k, &left)
        };
        let left: Vec<Vec<KindMean>> = (0..all.len()).map(without).collect();
        let factor = (all.len() as f64 - 1.0).powi(2) / all.len() as f64;
        for (place, [of_mean, of_below]) in variances.iter_mut().enumerate() {
            let variance = |of: fn(&KindMean) -> f64| factor * sd(&left.iter().map(|left| of(&left[place])).collect::<Vec<f64>>()).powi(2);
            *of_mean += variance(|mean| mean.mean);
            *of_below += variance(|mean| mean.below_ceiling.unwrap_or_default());
        }
    }
    variances
}

/// The networks of each kind, drawn with replacement.
fn resampled(members: &[Vec<usize>], seed: u64, number: usize) -> Vec<Vec<usize>> {
    let mut generator = generator(seed, NETWORKS + number);
    let mut one = |members: &Vec<usize>| loop {
        let drawn: Vec<usize> = members.iter().map(|_| members[below(&mut generator, members.len() as u64) as usize]).collect();
        if drawn.iter().any(|network| *network != drawn[0]) {
            return drawn;
        }
    };
    members.iter().map(&mut one).collect()
}

/// The means of all kinds with all; those without a pair of different networks are left out.
fn found(direction: Direction, symmetric: &[f64], k: usize, members: &[Vec<usize>]) -> Vec<KindMean> {
    let within: Vec<Vec<f64>> = members.iter().map(|members| pairs(symmetric, k, members, None)).collect();
    let mut means = Vec::new();
    for kind in 0..members.len() {
        for other in 0..members.len() {
            let between;
            let values = if kind == other {
                &within[kind]
            } else {
                between = pairs(symmetric, k, &members[kind], Some(&members[other]));
                &between
            };
            if values.is_empty() {
                continue;
            }
            let value = mean(values);
            let has_ceiling = kind != other && !within[kind].is_empty();
            means.push(KindMean {
                kind,
                other,
                pairs: values.len(),
                mean: value,
                spread: None,
                left_out: None,
                below_ceiling: has_ceiling.then(|| lead(direction, mean(&within[kind]), value)),
                below_spread: None,
            });
        }
    }
    means
}

/// The values of the pairs of different networks of one list, or of two.
fn pairs(symmetric: &[f64], k: usize, some: &[usize], others: Option<&[usize]>) -> Vec<f64> {
    let beside = |place: usize| others.unwrap_or(&some[place + 1..]);
    let all = some.iter().enumerate().flat_map(|(place, a)| beside(place).iter().map(move |b| (*a, *b)));
    // A network beside its own copy is no pair.
    all.filter(|(a, b)| a != b).map(|(a, b)| symmetric[a * k + b]).collect()
}

/// The least and the largest of the means of one network with the others of its kind.
fn ends_left_out(symmetric: &[f64], k: usize, members: &[usize]) -> [f64; 2] {
    let means = members.iter().map(|one| mean(&pairs(symmetric, k, &[*one], Some(members))));
    means.fold([f64::INFINITY, f64::NEG_INFINITY], |[least, largest], mean| [least.min(mean), largest.max(mean)])
}

#[cfg(test)]
#[path = "kinds_tests.rs"]
mod tests;

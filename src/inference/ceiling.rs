//! The noise ceiling of representational similarity: what the best model of some networks reaches.

use crate::measure::Measure;
use crate::prepared::Prepared;
use crate::representation::Representation;

use super::error::Error;
use super::exact::has_exact_null;
use super::examples::same_rows;
use super::numbers::mean;
use super::units::Kinds;

/// The similarities of networks of one kind with the mean of their dissimilarities (Nili et al.
/// 2014).
///
/// r_i are the dissimilarities of network i in the form in which they are compared, and R_S the
/// mean of those of the networks in S:
///
/// - upper bound: the mean over i of s(r_i, R_all). No model is more like these networks in the
///   mean, but R_all has their noise in it;
/// - lower bound: the mean over i of s(r_i, R_others), others all networks but i.
///
/// The form is: of Pearson's correlation z values, of Spearman's and Kendall's mid-ranks, of the
/// cosines dissimilarities over their norm (doubly centered, of the whitened one). Of Pearson's
/// correlation and both cosines R_all is what has the largest mean similarity, so that the upper
/// bound is one; of Spearman's among all orders without ties, where no network has ties. Of
/// Kendall's tau the mean of ranks is a heuristic: other dissimilarities may be more alike.
#[derive(Debug, Clone, PartialEq)]
pub struct NoiseCeiling {
    /// The similarity of each network with the mean of all.
    pub with_all: Vec<f64>,
    /// The similarity of each network with the mean of the others.
    pub with_others: Vec<f64>,
    /// Whether nothing is more alike to the networks in the mean than the mean of all; the mean of
    /// ranks is a heuristic for Kendall's tau.
    pub is_bound: bool,
}

impl NoiseCeiling {
    /// The lower bound: the mean similarity with the mean of the others.
    pub fn lower(&self) -> f64 {
        mean(&self.with_others)
    }

    /// The upper bound: the mean similarity with the mean of all.
    pub fn upper(&self) -> f64 {
        mean(&self.with_all)
    }
}

/// The noise ceiling of networks of one kind (subjects, seeds) by a measure that compares
/// dissimilarities: `rsa` in all of its conventions.
///
/// A model of them is held against it by the mean of its similarities with each network. Costs two
/// comparisons of each network.
///
/// ```
/// use similitude::inference::noise_ceiling;
/// use similitude::{Measure, Representation};
/// let subject = |name: &'static str, condensed: Vec<f64>| Representation::from_row_major(name, 6, 1, condensed)?.into_rdm();
/// let subjects = [
///     subject("a", vec![3., 3., 3., 1., 1., 1.])?,
///     subject("b", vec![3., 3., 1., 3., 1., 1.])?,
///     subject("c", vec![3., 1., 3., 3., 1., 1.])?,
/// ];
/// let ceiling = noise_ceiling(&Measure::parse("rsa:rdm=given,compare=pearson")?, &subjects)?;
/// // Every two of them have the correlation 1/3.
/// assert!((ceiling.upper() - 5f64.sqrt() / 3.0).abs() < 1e-15);
/// assert!((ceiling.lower() - 1.0 / 6f64.sqrt()).abs() < 1e-15);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`Error::NoMeanDissimilarities`] of other measures; [`Error::TooFew`] networks;
/// [`Error::Measure`] where one has no value, or the mean is the same for all pairs of examples.
pub fn noise_ceiling(measure: &Measure, networks: &[Representation<'_>]) -> Result<NoiseCeiling, Error> {
    has_noise_ceiling(measure)?;
    let of = noise_ceilings(measure, networks, &Kinds::of_labels(&vec![""; networks.len()]))?;
    let few = || Error::TooFew { what: "networks", given: networks.len(), needed: 2 };
    of.into_iter().next().flatten().ok_or_else(few)
}

/// The noise ceiling of each kind, none of a kind of one network.
///
/// # Errors
/// As [`noise_ceiling`].
///
/// # Panics
/// When `kinds` are of another number of networks.
pub fn noise_ceilings(measure: &Measure, networks: &[Representation<'_>], kinds: &Kinds) -> Result<Vec<Option<NoiseCeiling>>, Error> {
    assert_eq!(networks.len(), kinds.networks, "a kind for each network");
    for other in networks.iter().skip(1) {
        same_rows(&networks[0], other)?;
    }
    let prepared = networks.iter().map(|network| measure.prepare(network)).collect::<Result<Vec<_>, _>>()?;
    let is_bound = has_exact_null(measure).is_ok();
    let of_kind = |members: &Vec<usize>| {
        let members: Vec<&Prepared> = members.iter().map(|network| &prepared[*network]).collect();
        (members.len() > 1).then(|| of_prepared(measure, &members, is_bound)).transpose()
    };
    kinds.members().iter().map(of_kind).collect()
}

/// Whether a measure has a noise ceiling by the mean of dissimilarities, asked before anything is
/// computed.
///
/// # Errors
/// [`Error::NoMeanDissimilarities`].
pub fn has_noise_ceiling(measure: &Measure) -> Result<(), Error> {
    // Of no representation at all, which those that compare dissimilarities refuse.
    match measure.mean_dissimilarities(&[]) {
        Ok(None) => Err(Error::NoMeanDissimilarities { measure: measure.to_string() }),
        _ => Ok(()),
    }
}

fn of_prepared(measure: &Measure, networks: &[&Prepared], is_bound: bool) -> Result<NoiseCeiling, Error> {
    let with_mean_of = |of: &[&Prepared], networks: &[&Prepared]| -> Result<Vec<f64>, Error> {
        let none = || Error::NoMeanDissimilarities { measure: measure.to_string() };
        let mean = measure.prepare(&measure.mean_dissimilarities(of)?.ok_or_else(none)?)?;
        Ok(networks
            .iter()
            .map(|network| Ok(measure.compare_prepared(network, &mean)?.value))
            .collect::<Result<_, crate::error::Error>>()?)
    };
    let mut with_others = Vec::with_capacity(networks.len());
    for (place, network) in networks.iter().enumerate() {
        let others = [&networks[..place], &networks[place + 1..]].concat();
        with_others.extend(with_mean_of(&others, &[network])?);
    }
    Ok(NoiseCeiling { with_all: with_mean_of(networks, networks)?, with_others, is_bound })
}

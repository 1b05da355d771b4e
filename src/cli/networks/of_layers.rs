//! What is computed of the layers of many networks, beside their scores: each is read once for all
//! measures.

use crate::Measure;
use crate::inference::{Error, ExampleDraws, KindMean, NoiseCeiling, Resamples, UnitDraws, Units, has_noise_ceiling, kind_means};
use crate::inference::{network_values, noise_ceilings};
use crate::sweep::{Layers, Scores};

use crate::cli::inference::{MeanNulls, beside_read};
use crate::cli::read_once::ReadOnce;
use crate::cli::stop::Stop;
use crate::cli::sweep::Null;
use crate::cli::tell::tell;

use super::kinds::Plan;
use super::kinds_document::{Ceiling, Document, Drawn, Row};

/// What kinds of networks need of the layers.
pub struct OfLayers<'a> {
    plan: &'a Plan,
    measures: Vec<OfMeasure>,
}

/// What one measure has found so far, a layer an entry.
struct OfMeasure {
    measure: Measure,
    /// Values on resamples of the examples; or why there are no means at all.
    draws: Result<Vec<ExampleDraws>, String>,
    /// The ceilings of each kind, where there are any.
    ceilings: Option<Vec<Vec<Option<NoiseCeiling>>>>,
}

/// The values of all pairs of networks by one measure.
fn values(scores: &Scores, number: usize) -> Result<Vec<f64>, String> {
    let k = scores.a().layers.len();
    let of = |(at, value): (usize, Option<f64>)| match value {
        Some(value) => Ok(value),
        // A network with itself is not looked at.
        None if at % k == at / k => Ok(0.0),
        None => Err(format!("{} with {} has no value", scores.a().layers[at / k].name, scores.b().layers[at % k].name)),
    };
    scores.values(number).into_iter().enumerate().map(of).collect()
}

/// Reads each layer of all networks once, for the nulls of `scores` and for the kinds. `scores` are
/// the mean over the layers of `each`, or those of the only one.
pub fn read(
    scores: &mut Scores,
    each: &[(String, Scores)],
    stored: &[&dyn Layers],
    null: &Null<'_>,
    mut kinds: Option<&mut OfLayers<'_>>,
    is_mean: bool,
) -> Result<(), Stop> {
    let mut nulls = if is_mean { MeanNulls::new(scores, null) } else { None };
    for ((layer, _), stored) in each.iter().zip(stored) {
        let read = ReadOnce::new(*stored);
        if let Some(nulls) = &mut nulls {
            nulls.add(&read)?;
        } else if let (Some(choice), false) = (null.null, is_mean) {
            beside_read(scores, [&read; 2], choice, null.adjust, null.seed)?;
        }
        if let Some(kinds) = &mut kinds {
            kinds.add(layer, &read)?;
        }
    }
    nulls.map_or(Ok(()), |nulls| nulls.beside(scores))
}

impl<'a> OfLayers<'a> {
    /// Of scores of each layer. A measure without a value for a pair has no means.
    pub fn new(plan: &'a Plan, each: &[(String, Scores)], has_ceilings: bool) -> Self {
        let of = |(number, measure): (usize, &Measure)| {
            let missing = |(layer, scores): &(String, Scores)| values(scores, number).err().map(|why| format!("layer {layer}: {why}"));
            let draws = each.iter().find_map(missing).map_or(Ok(Vec::new()), Err);
            let ceilings = (has_ceilings && draws.is_ok() && has_noise_ceiling(measure).is_ok()).then(Vec::new);
            OfMeasure { measure: measure.clone(), draws, ceilings }
        };
        Self { plan, measures: each[0].1.measures().iter().enumerate().map(of).collect() }
    }

    /// Adds a layer of all networks.
    pub fn add(&mut self, layer: &str, read: &ReadOnce<'_>) -> Result<(), Stop> {
        let draws = self.plan.draws().filter(|draws| draws.units.is_over_examples());
        for of in self.measures.iter_mut().filter(|of| of.draws.is_ok()) {
            if let (Ok(found), Some(draws)) = (&mut of.draws, draws) {
                match network_values(&of.measure, &read.all()?, &Resamples::new(draws.count, draws.seed)) {
                    Ok(values) => found.push(values),
                    // The matrix is there all the same.
                    Err(error @ (Error::Measure(_) | Error::Resample { .. })) => {
                        of.draws = Err(format!("layer {layer}: {error}"));
                        continue;
                    }
                    Err(error) => return Err(error.into()),
                }
            }
            if let Some(found) = &mut of.ceilings {
                match noise_ceilings(&of.measure, &read.all()?, self.plan.kinds()) {
                    Ok(ceilings) => found.push(ceilings),
                    Err(error @ Error::Measure(_)) => {
                        tell(format!("warning: no noise ceiling by {}: layer {layer}: {error}", of.measure));
                        of.ceilings = None;
                    }
                    Err(error) => return Err(error.into()),
                }
            }
        }
        Ok(())
    }

    /// The means of each layer, and of the whole matrix.
    pub fn means(self, scores: &Scores, each: &[(String, Scores)]) -> Result<Document, Stop> {
        let (mut means, mut left_out) = (Vec::new(), Vec::new());
        let whole = scores.provenance().networks.clone().unwrap_or_default();
        let (kinds, is_one) = (self.plan.kinds(), each.len() == 1);
        for (number, OfMeasure { measure, draws, ceilings }) in self.measures.into_iter().enumerate() {
            let draws = match draws {
                Ok(draws) => draws,
                Err(why) => {
                    tell(format!("warning: no means of kinds by {measure}: {why}"));
                    left_out.push((measure.to_string(), why));
                    continue;
                }
            };
            let direction = measure.properties().direction;
            let named = |mean: &KindMean| [mean.kind, mean.other].map(|kind| kinds.names()[kind].clone());
            let ceiling = |layer: Option<usize>, mean: &KindMean| {
                let all = ceilings.as_ref().filter(|_| mean.kind == mean.other)?;
                Ceiling::of(
                    all.iter().enumerate().filter(|(at, _)| layer.is_none_or(|layer| layer == *at)).map(|(_, of)| of[mean.kind].as_ref()),
                )
            };
            let unit_draws = self.plan.draws();
            let mut of_layers = Vec::new();
            for (at, (layer, scores)) in each.iter().enumerate() {
                let with = unit_draws.as_ref().map(|unit_draws| (unit_draws, draws.get(at)));
                let found = kind_means(direction, &values(scores, number).map_err(Stop::Unusable)?, kinds, with)?;
                of_layers.extend(found.iter().map(|mean| Row::of(&measure, layer, is_one, named(mean), mean, ceiling(Some(at), mean))));
            }
            if !is_one {
                let examples = (!draws.is_empty()).then(|| ExampleDraws::mean_over_layers(draws));
                let with = unit_draws.as_ref().map(|unit_draws| (unit_draws, examples.as_ref()));
                let found = kind_means(direction, &values(scores, number).map_err(Stop::Unusable)?, kinds, with)?;
                means.extend(found.iter().map(|mean| Row::of(&measure, &whole, true, named(mean), mean, ceiling(None, mean))));
            }
            means.extend(of_layers);
        }
        let word = |units: Units| Units::ALL.into_iter().find(|(_, known)| *known == units).map_or("", |(word, _)| word).to_string();
        let drawn = |UnitDraws { units, count, seed, level }| Drawn { over: word(units), resamples: count, seed, level };
        Ok(Document {
            similitude: env!("CARGO_PKG_VERSION").to_string(),
            networks: scores.a().layers.iter().map(|layer| layer.name.clone()).collect(),
            kinds: self.plan.labels().to_vec(),
            interval: self.plan.draws().map(drawn),
            means,
            left_out,
        })
    }
}

#[cfg(test)]
#[path = "of_layers_tests.rs"]
mod tests;

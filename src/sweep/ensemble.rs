//! Several networks of one architecture, each with each: the setting of the source paper's Figure 2
//! and Table 2.

use super::error::Error;
use super::layers::Layers;
use super::observer::Observer;
use super::run::Sweep;
use crate::measure::Measure;
use crate::results::{Identification, Scores, identify, symmetric};

/// What came of comparing several networks.
#[derive(Debug)]
pub struct Ensemble {
    /// The networks' common layer names.
    pub layer_names: Vec<String>,
    /// The measures, in the order given.
    pub measures: Vec<Measure>,
    /// How often each measure finds the corresponding layer, over all ordered pairs of networks.
    pub identification: Vec<Identification>,
    /// For each measure, the mean of its values over all ordered pairs (row-major: s(layer of the
    /// first, layer of the second)); `None` where a pair has none.
    pub means: Vec<Vec<Option<f64>>>,
    /// Every comparison. Both orders of each pair of networks are there for every measure.
    pub scores: Vec<Scores>,
}

/// Compares each of several networks with each other one, layer by layer.
///
/// # Errors
/// [`Error::DifferentLayers`] when the networks do not have the same layers, [`Error::Empty`] for
/// fewer than two networks, and as [`Sweep::resume`].
pub fn ensemble(networks: &[&dyn Layers], measures: &[Measure], memory: Option<u64>, observer: &dyn Observer) -> Result<Ensemble, Error> {
    let [first, rest @ ..] = networks else { return Err(Error::Empty { rows: 0, columns: 0, measures: measures.len() }) };
    let layer_names = first.layer_names().to_vec();
    if let Some(other) = rest.iter().find(|other| other.layer_names() != layer_names) {
        return Err(Error::DifferentLayers {
            first: first.name().to_string(),
            first_layers: layer_names,
            other: other.name().to_string(),
            other_layers: other.layer_names().to_vec(),
        });
    }
    let layers = layer_names.len();
    if rest.is_empty() || layers == 0 || measures.is_empty() {
        return Err(Error::Empty { rows: layers, columns: layers * rest.len().min(1), measures: measures.len() });
    }
    let mut tally = Tally::new(measures, layers);
    for (index, &a) in networks.iter().enumerate() {
        for &b in &networks[index + 1..] {
            let run =
                |a, b, measures: &[Measure]| Sweep::new(a, Some(b), measures.to_vec()).with_memory(memory).resume(Vec::new(), observer);
            let forward = run(a, b, measures)?;
            let mut backward = vec![forward.mirrored()];
            let asymmetric: Vec<Measure> = measures.iter().filter(|measure| !symmetric(measure)).cloned().collect();
            if !asymmetric.is_empty() {
                backward.push(run(b, a, &asymmetric)?);
            }
            tally.add(forward, backward);
        }
    }
    Ok(tally.finish(layer_names, measures))
}

/// What is added up, for each measure.
struct Tally {
    measures: Vec<Measure>,
    layers: usize,
    pairs: usize,
    identification: Vec<Identification>,
    sums: Vec<Vec<Option<f64>>>,
    scores: Vec<Scores>,
}

impl Tally {
    fn new(measures: &[Measure], layers: usize) -> Self {
        Self {
            measures: measures.to_vec(),
            layers,
            pairs: 0,
            identification: vec![Identification::default(); measures.len()],
            sums: vec![vec![Some(0.0); layers * layers]; measures.len()],
            scores: Vec::new(),
        }
    }

    /// Adds both orders of a pair: each measure is in `forward` and in one of `backward`.
    fn add(&mut self, forward: Scores, backward: Vec<Scores>) {
        self.pairs += 2;
        for (index, measure) in self.measures.iter().enumerate() {
            let find = |scores: &Scores| {
                scores.measures().iter().position(|other| other.to_string() == measure.to_string()).map(|place| scores.values(place))
            };
            let there = forward.values(index);
            let back = backward.iter().find_map(find).expect("each measure is in one of the two");
            self.identification[index] += identify(&there, &back, self.layers, measure.properties().direction);
            for values in [&there, &back] {
                for (sum, value) in self.sums[index].iter_mut().zip(values) {
                    *sum = sum.zip(*value).map(|(sum, value)| sum + value);
                }
            }
        }
        self.scores.push(forward);
        self.scores.extend(backward);
    }

    fn finish(self, layer_names: Vec<String>, measures: &[Measure]) -> Ensemble {
        let pairs = self.pairs as f64;
        let mean = |sums: Vec<Option<f64>>| sums.into_iter().map(|sum| sum.map(|sum| sum / pairs)).collect();
        Ensemble {
            layer_names,
            measures: measures.to_vec(),
            identification: self.identification,
            means: self.sums.into_iter().map(mean).collect(),
            scores: self.scores,
        }
    }
}

#[cfg(test)]
#[path = "ensemble_tests.rs"]
mod tests;

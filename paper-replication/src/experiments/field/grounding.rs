//! Ding, Denain and Steinhardt (2021): does a measure's dissimilarity follow what a probe reads?

use super::answers::{Answer, of_pairs, similarities};
use super::networks::Captured;
use super::over;
use super::statistics::{kendall, spearman};
use crate::analysis::{Deletion, prepared, representation};
use crate::capture::Activations;
use crate::error::Result;
use crate::experiments::context::Context;
use crate::job::Trained;
use crate::probe::Probe;
use rayon::prelude::*;
use similitude::{Measure, Prepared, Representation};
use std::sync::Arc;

/// Networks whose layers are probed.
const PROBED: usize = 5;

/// Components that are left of a layer, the strongest first.
const LEFT: [usize; 6] = [64, 32, 16, 8, 4, 2];

/// A rank correlation, by name.
type Correlation = (&'static str, fn(&[(f64, f64)]) -> f64);

const CORRELATIONS: [Correlation; 2] = [("Spearman", spearman), ("Kendall", kendall)];

/// Two of their tests. Seeds and layers: the dissimilarity of every layer of every network to the
/// layer that a probe reads best, against the difference of what probes read. Deleted components:
/// the dissimilarity of a layer to itself with fewer components, against the same difference.
/// Jackknife over networks.
pub(super) fn probing(context: &Context, networks: &[Arc<Trained>], captured: &[Captured], measures: &[Measure]) -> Result<Vec<Answer>> {
    let probed = captured.len().min(PROBED);
    let set = context.workshop.data(&[])?;
    let train = set.train.first(1000.min(set.train.count()))?;
    let test_labels = &set.test.labels()[..captured[0].layers[0].examples];
    let mut answers = Vec::new();
    let layers = captured[0].layers.len();
    let of_train: Vec<Vec<Activations>> = networks[..probed]
        .iter()
        .map(
            |network| Ok(crate::capture::capture(&network.network, &network.run.network, &train, &network.normalization, |_| true)?.layers),
        )
        .collect::<Result<_>>()?;
    let places: Vec<(usize, usize)> = (0..probed).flat_map(|network| (0..layers).map(move |layer| (network, layer))).collect();
    let read = |&(network, layer): &(usize, usize)| {
        let (train_layer, test_layer) = (&of_train[network][layer], &captured[network].layers[layer]);
        Probe::default().accuracy((train_layer, train.labels()), (test_layer, test_labels), captured[0].classes)
    };
    let accuracies = places.iter().map(read).collect::<Result<Vec<f64>>>()?;
    let reference = (0..places.len()).max_by(|&one, &other| accuracies[one].total_cmp(&accuracies[other])).expect("there are layers");
    let (of_reference, layer_of_reference) = places[reference];
    let others: Vec<usize> = (0..places.len()).filter(|&place| place != reference).collect();
    let values = others
        .par_iter()
        .with_max_len(1)
        .map(|&place| {
            let (network, layer) = places[place];
            similarities(measures, &captured[of_reference].prepared[layer_of_reference], &captured[network].prepared[layer])
        })
        .collect::<Result<Vec<_>>>()?;
    for (name, correlation) in CORRELATIONS {
        answers.extend((0..measures.len()).map(|measure| {
            let statistic = |without: Option<usize>| {
                let kept = others.iter().enumerate().filter(|(_, place)| without != Some(places[**place].0));
                let points: Option<Vec<(f64, f64)>> =
                    kept.map(|(row, &place)| Some((-values[row][measure]?, accuracies[reference] - accuracies[place]))).collect();
                points.map(|points| correlation(&points))
            };
            Answer::new(&format!("probing over seeds and layers, {name}"), measure, over(probed, statistic))
        }));
    }
    answers.extend(deleted(captured, &of_train, measures, (train.labels(), test_labels))?);
    Ok(answers)
}

/// A layer of one network with some of its components left, the whole first: what a probe reads of
/// each, and how alike each is to the whole.
struct Parts {
    read: Vec<f64>,
    values: Vec<Vec<Option<f64>>>,
}

fn deleted(captured: &[Captured], of_train: &[Vec<Activations>], measures: &[Measure], labels: (&[u8], &[u8])) -> Result<Vec<Answer>> {
    // The layer before the pooling layer: the widest of the late ones.
    let layer = captured[0].layers.len() - 2;
    let parts = |network: usize| -> Result<Parts> {
        let (train, test) = (&of_train[network][layer], &captured[network].layers[layer]);
        // Components of both together, so that a probe that is fitted on the one part reads the other.
        let together = Activations {
            layer: test.layer.clone(),
            examples: train.examples + test.examples,
            values: train.values.iter().chain(&test.values).copied().collect(),
        };
        let whole = representation(together)?;
        let deletion = Deletion::new(&whole, &prepared(&whole, &[]))?;
        let mut all = vec![whole.clone()];
        for left in LEFT {
            all.push(deletion.keeping(0..left.min(deletion.rank()))?);
        }
        let (mut read, mut prepared_parts) = (Vec::new(), Vec::new());
        for part in &all {
            let rows = |from: usize, to: usize| -> Vec<f32> {
                (from..to)
                    .flat_map(|row| (0..part.p()).map(move |column| (row, column)))
                    .map(|(row, column)| part.view()[(row, column)] as f32)
                    .collect()
            };
            let side = |examples: usize, values: Vec<f32>| Activations { layer: test.layer.clone(), examples, values };
            let (left, right) = (side(train.examples, rows(0, train.examples)), side(test.examples, rows(train.examples, part.n())));
            read.push(Probe::default().accuracy((&left, labels.0), (&right, labels.1), captured[network].classes)?);
            prepared_parts.push(part_prepared(right, measures)?);
        }
        let pairs: Vec<(usize, usize)> = (1..prepared_parts.len()).map(|part| (0, part)).collect();
        Ok(Parts { read, values: of_pairs(measures, &prepared_parts, &pairs)? })
    };
    let all = (0..of_train.len()).map(parts).collect::<Result<Vec<_>>>()?;
    let mut answers = Vec::new();
    for (name, correlation) in CORRELATIONS {
        for measure in 0..measures.len() {
            let statistic = |without: Option<usize>| {
                let kept = all.iter().enumerate().filter(|(network, _)| without != Some(*network));
                let points = kept.flat_map(|(_, parts)| {
                    (0..LEFT.len()).map(|part| Some((-parts.values[part][measure]?, parts.read[0] - parts.read[part + 1])))
                });
                points.collect::<Option<Vec<(f64, f64)>>>().map(|points| correlation(&points))
            };
            answers.push(Answer::new(&format!("probing over deleted components, {name}"), measure, over(all.len(), statistic)));
        }
    }
    Ok(answers)
}

fn part_prepared(activations: Activations, measures: &[Measure]) -> Result<Prepared> {
    let layer: Representation<'static> = representation(activations)?;
    Ok(prepared(&layer, measures))
}

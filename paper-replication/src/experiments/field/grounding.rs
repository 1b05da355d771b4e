//! Ding, Denain and Steinhardt (2021): does a measure's dissimilarity follow what a probe reads?

use super::networks::Captured;
use super::values::{Compared, Place, similarities};
use crate::analysis::{Deletion, prepared, representation};
use crate::capture::{Activations, capture};
use crate::error::Result;
use crate::experiments::context::Context;
use crate::figures::number;
use crate::job::Trained;
use crate::probe::Probe;
use faer::Mat;
use rayon::prelude::*;
use similitude::{Measure, Prepared, Representation};
use std::sync::Arc;

/// The test over seeds and layers, in `values.csv`.
pub(super) const LAYERS: &str = "probed layers";

/// The test over deleted components, in `values.csv`.
pub(super) const DELETED: &str = "deleted components";

/// Networks whose layers are probed.
const PROBED: usize = 5;

/// Components that are left of a layer, the strongest first.
pub(super) const LEFT: [usize; 6] = [64, 32, 16, 8, 4, 2];

/// Two of their tests. Seeds and layers: the dissimilarity of every layer of every network to the
/// layer that a probe reads best, against the difference of what probes read. Deleted components:
/// the dissimilarity of a layer to itself with fewer components, against the same difference.
/// Writes what probes read to `probes.csv`.
pub(super) fn probing(
    context: &mut Context,
    networks: &[Arc<Trained>],
    captured: &[Captured],
    measures: &[Measure],
) -> Result<Vec<Compared>> {
    let probed = captured.len().min(PROBED);
    let set = context.workshop.data(&[])?;
    let train = set.train.first(1000.min(set.train.count()))?;
    let test_labels = &set.test.labels()[..captured[0].layers[0].examples];
    let of_train: Vec<Vec<Activations>> = networks[..probed]
        .iter()
        .map(|network| Ok(capture(&network.network, &network.run.network, &train, &network.normalization, |_| true)?.layers))
        .collect::<Result<_>>()?;
    let labels = (train.labels(), test_labels);
    let (of_layers, layer_rows) = over_layers(captured, &of_train, measures, labels)?;
    let (of_parts, part_rows) = over_parts(captured, &of_train, measures, labels)?;
    let rows = layer_rows.into_iter().chain(part_rows);
    let rows: Vec<_> = rows.map(|row| [row.0, row.1.to_string(), row.2, number(Some(row.3))]).collect();
    context.folder.table("probes.csv", ["test", "network", "layer", "accuracy"], rows)?;
    Ok(of_layers.into_iter().chain(of_parts).collect())
}

/// A line of `probes.csv`: the test, the network, the layer or its part, what a probe reads.
type Read = (String, usize, String, f64);

fn over_layers(
    captured: &[Captured],
    of_train: &[Vec<Activations>],
    measures: &[Measure],
    labels: (&[u8], &[u8]),
) -> Result<(Vec<Compared>, Vec<Read>)> {
    let layers = captured[0].layers.len();
    let places: Vec<Place> = (0..of_train.len()).flat_map(|network| (0..layers).map(move |layer| (network, layer))).collect();
    let read = |&(network, layer): &Place| {
        let (train_layer, test_layer) = (&of_train[network][layer], &captured[network].layers[layer]);
        Probe::default().accuracy((train_layer, labels.0), (test_layer, labels.1), captured[network].classes)
    };
    let accuracies = places.iter().map(read).collect::<Result<Vec<f64>>>()?;
    let reference = (0..places.len()).max_by(|&one, &other| accuracies[one].total_cmp(&accuracies[other])).expect("there are layers");
    let at = |place: usize| -> &Prepared { &captured[places[place].0].prepared[places[place].1] };
    let others: Vec<usize> = (0..places.len()).filter(|&place| place != reference).collect();
    let row = |&place: &usize| {
        Ok(Compared {
            test: LAYERS.to_owned(),
            one: places[reference],
            other: places[place],
            truths: [Some(accuracies[reference]), Some(accuracies[place])],
            values: similarities(measures, at(reference), at(place))?,
        })
    };
    let compared = others.par_iter().with_max_len(1).map(row).collect::<Result<Vec<_>>>()?;
    let name = |place: &Place| captured[place.0].layers[place.1].layer.name.clone();
    let rows = places.iter().zip(&accuracies).map(|(place, accuracy)| (LAYERS.to_owned(), place.0, name(place), *accuracy));
    Ok((compared, rows.collect()))
}

/// A layer with some of its components left: for a probe, which is fitted in f32 anyway, and for
/// measures, in f64, where it has exactly the rank that it was left.
struct Part {
    train: Activations,
    test: Activations,
    measured: Representation<'static>,
}

/// The layer whole, and with each of [`LEFT`].
fn parts(train: &Activations, test: &Activations) -> Result<Vec<Part>> {
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
    let part = |part: &Representation<'static>| {
        let view = part.view();
        let narrowed = |from: usize, to: usize| Activations {
            layer: test.layer.clone(),
            examples: to - from,
            values: (from..to).flat_map(|row| (0..part.p()).map(move |column| view[(row, column)] as f32)).collect(),
        };
        // Values narrowed to f32 would have all the components again, as rounding.
        let measured = Mat::from_fn(test.examples, part.p(), |row, column| view[(train.examples + row, column)]);
        Ok(Part {
            train: narrowed(0, train.examples),
            test: narrowed(train.examples, part.n()),
            measured: Representation::from_matrix(test.layer.name.clone(), measured)?,
        })
    };
    all.iter().map(part).collect()
}

fn over_parts(
    captured: &[Captured],
    of_train: &[Vec<Activations>],
    measures: &[Measure],
    labels: (&[u8], &[u8]),
) -> Result<(Vec<Compared>, Vec<Read>)> {
    // The layer before the pooling layer: the widest of the late ones.
    let layer = captured[0].layers.len() - 2;
    let (mut compared, mut rows) = (Vec::new(), Vec::new());
    for (network, of_train) in of_train.iter().enumerate() {
        let parts = parts(&of_train[layer], &captured[network].layers[layer])?;
        let read = |part: &Part| Probe::default().accuracy((&part.train, labels.0), (&part.test, labels.1), captured[network].classes);
        let read = parts.iter().map(read).collect::<Result<Vec<f64>>>()?;
        let sides: Vec<Prepared> = parts.par_iter().with_max_len(1).map(|part| prepared(&part.measured, measures)).collect();
        let row = |place: usize| {
            Ok(Compared {
                test: DELETED.to_owned(),
                one: (network, 0),
                other: (network, place),
                truths: [Some(read[0]), Some(read[place])],
                values: similarities(measures, &sides[0], &sides[place])?,
            })
        };
        compared.extend((1..sides.len()).into_par_iter().with_max_len(1).map(row).collect::<Result<Vec<_>>>()?);
        let name = |place: usize| match place {
            0 => captured[network].layers[layer].layer.name.clone(),
            place => format!("{}, {} components", captured[network].layers[layer].layer.name, LEFT[place - 1]),
        };
        rows.extend(read.iter().enumerate().map(|(place, accuracy)| (DELETED.to_owned(), network, name(place), *accuracy)));
    }
    Ok((compared, rows))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::networks::LayerShape;
    use rand::{RngExt, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    fn layer(examples: usize, seed: u64) -> Activations {
        let layer = LayerShape { name: "layer".to_owned(), channels: 5, side: 4 };
        let mut generator = ChaCha8Rng::seed_from_u64(seed);
        let values = (0..examples * layer.neurons()).map(|_| generator.random_range(-1.0..1.0_f32)).collect();
        Activations { layer, examples, values }
    }

    /// A part has the rank that it was left, and its canonical correlations with the whole are all
    /// 1: CCA by the smaller rank has nothing to order. In f32 the part would be of full rank
    /// again.
    #[test]
    fn parts_have_the_rank_that_they_were_left() {
        let parts = parts(&layer(60, 1), &layer(240, 2)).unwrap();
        let cca = [Measure::parse("cca").unwrap(), Measure::parse("pwcca:weights=y,degenerate=allow").unwrap()];
        let whole = prepared(&parts[0].measured, &cca);
        assert_eq!(whole.centered().decomposition().unwrap().rank(), 80);
        for (left, part) in LEFT.iter().zip(&parts[1..]) {
            let side = prepared(&part.measured, &cca);
            assert_eq!(side.centered().decomposition().unwrap().rank(), *left);
            let values = similarities(&cca, &whole, &side).unwrap();
            assert!(values[..2].iter().all(|value| (value.unwrap() - 1.0).abs() < 1e-10), "{left}: {values:?}");
            let narrowed = prepared(&representation(part.test.clone()).unwrap(), &cca);
            assert!(narrowed.centered().decomposition().unwrap().rank() > *left);
        }
    }
}

//! ReSi's tests of ten networks that differ in their seed: the order of layers, and whether
//! differences of accuracy and of outputs are seen in the last layer.

use super::networks::Captured;
use super::values::{Compared, of_pairs, similarities};
use crate::error::Result;
use crate::experiments::context::all_pairs;
use rayon::prelude::*;
use similitude::{Measure, Prepared};

/// The test of the order of layers, in `values.csv`.
pub(super) const ORDER: &str = "layers of a network";

/// The tests of accuracy and outputs, in `values.csv`.
pub(super) const FUNCTIONS: &str = "networks of other seeds";

/// All layers of each network with each other, in both orders.
pub(super) fn orders(networks: &[Captured], measures: &[Measure]) -> Result<Vec<Compared>> {
    let mut compared = Vec::new();
    for (place, network) in networks.iter().enumerate() {
        let layers: Vec<&Prepared> = network.prepared.iter().collect();
        let pairs = all_pairs(layers.len());
        compared.extend(both_orders(ORDER, &pairs, of_pairs(measures, &layers, &pairs)?, |layer| (place, layer), |_, _| [None, None]));
    }
    Ok(compared)
}

/// Rows of pairs in both orders; `truths` of the left and the right side of each.
pub(super) fn both_orders(
    test: &str,
    pairs: &[(usize, usize)],
    values: Vec<[Vec<Option<f64>>; 2]>,
    place: impl Fn(usize) -> (usize, usize),
    truths: impl Fn(usize, usize) -> [Option<f64>; 2],
) -> Vec<Compared> {
    let rows = pairs.iter().zip(values).flat_map(|(&(a, b), [there, back])| {
        [(a, b, there), (b, a, back)].map(|(one, other, values)| Compared {
            test: test.to_owned(),
            one: place(one),
            other: place(other),
            truths: truths(one, other),
            values,
        })
    });
    rows.collect()
}

/// The last layers of all pairs of networks, with the difference of their accuracies and the
/// divergence of their outputs.
pub(super) fn functions(networks: &[Captured], measures: &[Measure]) -> Result<Vec<Compared>> {
    let pair = |&(a, b): &(usize, usize)| {
        let last = networks[a].prepared.len() - 1;
        let (one, other) = (&networks[a], &networks[b]);
        Ok(Compared {
            test: FUNCTIONS.to_owned(),
            one: (a, last),
            other: (b, last),
            truths: [Some((one.accuracy - other.accuracy).abs()), Some(one.divergence(other))],
            values: similarities(measures, &one.prepared[last], &other.prepared[last])?,
        })
    };
    all_pairs(networks.len()).par_iter().with_max_len(1).map(pair).collect()
}

//! Davari et al. (2022): a few examples are moved; Murphy et al. (2024): two layers that have
//! nothing in common, with few examples.

use super::networks::Captured;
use super::values::{Compared, similarities};
use crate::analysis::{prepared, representation};
use crate::error::Result;
use faer::Mat;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};
use rayon::prelude::*;
use similitude::{Measure, Representation};

/// Networks whose last layers are moved.
const MOVED: usize = 5;

/// What is moved: a name, how many of ten thousand examples (at least one), and how far, in
/// standard deviations of the layer (the root of the mean variance of its neurons).
pub(super) const MOVES: [(&str, usize, f64); 6] = [
    ("one example moved by 10 sd", 0, 10.0),
    ("one example moved by 30 sd", 0, 30.0),
    ("one example moved by 100 sd", 0, 100.0),
    ("a tenth moved by 10 sd", 1000, 10.0),
    ("a tenth moved by 100 sd", 1000, 100.0),
    ("half moved by 10 sd", 5000, 10.0),
];

/// What every measure says of a layer and itself after some of its examples were moved in a drawn
/// direction: s(X, X'), a distance counting downwards.
pub(super) fn moved(networks: &[Captured], measures: &[Measure]) -> Result<Vec<Compared>> {
    let count = networks.len().min(MOVED);
    let all: Vec<(usize, usize)> = (0..MOVES.len()).flat_map(|kind| (0..count).map(move |network| (kind, network))).collect();
    let one = |&(kind, place): &(usize, usize)| {
        let ((name, share, far), network) = (MOVES[kind], &networks[place]);
        let last = network.layers.len() - 1;
        let layer = representation(network.layers[last].clone())?;
        let moved = prepared(&translated(&layer, share, far, place as u64)?, measures);
        Ok(Compared {
            test: name.to_owned(),
            one: (place, last),
            other: (place, last),
            truths: [Some(far), None],
            values: similarities(measures, &network.prepared[last], &moved)?,
        })
    };
    all.par_iter().with_max_len(1).map(one).collect()
}

/// The layer with its first examples moved along one drawn direction.
fn translated(layer: &Representation<'static>, share: usize, far: f64, seed: u64) -> Result<Representation<'static>> {
    let (n, p) = (layer.n(), layer.p());
    let count = (n * share / 10_000).max(1);
    let mut generator = ChaCha8Rng::seed_from_u64(seed);
    let direction: Vec<f64> = (0..p).map(|_| StandardNormal.sample(&mut generator)).collect();
    let length = direction.iter().map(|value| value * value).sum::<f64>().sqrt();
    let view = layer.view();
    let variance = |neuron: usize| {
        let mean = view.col(neuron).sum() / n as f64;
        view.col(neuron).iter().map(|value| (value - mean).powi(2)).sum::<f64>() / n as f64
    };
    let deviation = ((0..p).map(variance).sum::<f64>() / p as f64).sqrt();
    let step = |example: usize, neuron: usize| if example < count { far * deviation * direction[neuron] / length } else { 0.0 };
    let moved = Mat::from_fn(n, p, |example, neuron| view[(example, neuron)] + step(example, neuron));
    Ok(Representation::from_matrix(layer.name().to_owned(), moved)?)
}

/// Examples of the independent data.
pub(super) const EXAMPLES: usize = 40;

/// Neurons over examples.
pub(super) const RATIOS: [f64; 5] = [0.1, 0.3, 1.0, 3.0, 10.0];

/// How often they are drawn.
const DRAWS: usize = 5;

/// The name of the test at one ratio.
pub(super) fn independent_name(ratio: f64) -> String {
    format!("independent data, p/n = {ratio}")
}

/// What every measure says of two independent layers of normal numbers.
pub(super) fn independent(measures: &[Measure]) -> Result<Vec<Compared>> {
    let all: Vec<(usize, usize)> = (0..RATIOS.len()).flat_map(|ratio| (0..DRAWS).map(move |draw| (ratio, draw))).collect();
    let one = |&(place, draw): &(usize, usize)| {
        let ratio = RATIOS[place];
        let neurons = (ratio * EXAMPLES as f64).round() as usize;
        let mut generator = ChaCha8Rng::seed_from_u64(draw as u64);
        let mut layer = || {
            let values: Vec<f64> = (0..EXAMPLES * neurons).map(|_| StandardNormal.sample(&mut generator)).collect();
            Representation::from_row_major("independent", EXAMPLES, neurons, values)
        };
        let (x, y) = (layer()?, layer()?);
        Ok(Compared {
            test: independent_name(ratio),
            one: (draw, 0),
            other: (draw, 1),
            truths: [Some(ratio), None],
            values: similarities(measures, &prepared(&x, measures), &prepared(&y, measures))?,
        })
    };
    all.par_iter().with_max_len(1).map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As many examples are moved as named, all by the same step of the length asked for.
    #[test]
    fn a_move_is_as_far_as_it_says() {
        let values: Vec<f64> = (0..50 * 4).map(|entry| ((entry * entry % 83) as f64 * 1.37).sin()).collect();
        let layer = Representation::from_row_major("layer", 50, 4, values).unwrap();
        let moved = translated(&layer, 1000, 10.0, 1).unwrap();
        // Nothing is narrowed to f32 on the way.
        assert!((5..50).all(|example| (0..4).all(|neuron| moved.view()[(example, neuron)] == layer.view()[(example, neuron)])));
        let step = |example: usize| -> Vec<f64> {
            (0..4).map(|neuron| moved.view()[(example, neuron)] - layer.view()[(example, neuron)]).collect()
        };
        let length = step(0).iter().map(|value| value * value).sum::<f64>().sqrt();
        let variance = |neuron: usize| {
            let mean = layer.view().col(neuron).sum() / 50.0;
            layer.view().col(neuron).iter().map(|value| (value - mean).powi(2)).sum::<f64>() / 50.0
        };
        let deviation = ((0..4).map(variance).sum::<f64>() / 4.0).sqrt();
        assert!((length - 10.0 * deviation).abs() < 1e-12);
        assert!(step(4).iter().zip(step(0)).all(|(one, other)| (one - other).abs() < 1e-12));
        assert!(step(5).iter().all(|value| *value == 0.0));
    }

    /// Biased CKA of nothing in common grows with the neurons, debiased CKA stays at 0.
    #[test]
    fn independent_data_show_the_bias() {
        let measures: Vec<Measure> = ["cka", "cka:estimator=debiased"].map(|text| Measure::parse(text).unwrap()).to_vec();
        let found = independent(&measures).unwrap();
        let value = |ratio: f64, measure: usize| {
            let of = found.iter().filter(|row| row.test == independent_name(ratio));
            of.map(|row| row.values[measure].unwrap()).sum::<f64>() / DRAWS as f64
        };
        assert!(value(0.1, 0) < 0.3 && value(10.0, 0) > 0.8);
        assert!(value(10.0, 1).abs() < 0.1);
    }
}

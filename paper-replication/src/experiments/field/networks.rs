//! Networks with their layers and their outputs on the same pictures.

use crate::analysis::{prepared, representation};
use crate::capture::{Activations, capture};
use crate::data::{Normalization, Pictures};
use crate::error::Result;
use crate::job::Trained;
use crate::networks::{Network, NetworkConfig};
use crate::training::Batches;
use burn::tensor::Device;
use burn::tensor::activation::softmax;
use similitude::{Measure, Prepared};

/// A network, ready to be compared in its layers and in what it says.
pub(super) struct Captured {
    /// The layers' activations, first to last.
    pub layers: Vec<Activations>,
    /// The same, prepared for all measures.
    pub prepared: Vec<Prepared>,
    /// The probabilities of the classes, a row for each picture.
    pub outputs: Vec<f64>,
    /// The number of classes.
    pub classes: usize,
    /// The share of these pictures that it classifies rightly.
    pub accuracy: f64,
}

/// All layers of a network on these pictures.
pub(super) fn with_layers(network: &Trained, pictures: &Pictures, measures: &[Measure]) -> Result<Captured> {
    record(&network.network, &network.run.network, &network.normalization, pictures, measures, false)
}

/// The same of a network that no job stands for, or of its last layer alone: prepared for all
/// measures, every layer holds dozens of matrices between examples.
pub(super) fn record(
    network: &Network,
    config: &NetworkConfig,
    normalization: &Normalization,
    pictures: &Pictures,
    measures: &[Measure],
    last_alone: bool,
) -> Result<Captured> {
    let last = config.layers()?.pop().map(|layer| layer.name);
    let captured = capture(network, config, pictures, normalization, |layer| !last_alone || Some(&layer.name) == last.as_ref())?;
    let prepared = captured.layers.iter().map(|layer| Ok(prepared(&representation(layer.clone())?, measures))).collect::<Result<_>>()?;
    let device = Device::flex();
    let mut outputs = Vec::with_capacity(pictures.count() * config.classes);
    for (inputs, _) in Batches::in_order(pictures, normalization, pictures.count(), &device) {
        outputs.extend(softmax(network.forward(inputs), 1).to_data().iter::<f64>());
    }
    Ok(Captured { layers: captured.layers, prepared, outputs, classes: config.classes, accuracy: captured.accuracy })
}

impl Captured {
    /// The mean Jensen-Shannon divergence of the outputs of two networks, in nats.
    pub fn divergence(&self, other: &Self) -> f64 {
        let pictures = self.outputs.len() / self.classes;
        let relative = |p: f64, middle: f64| if p > 0.0 { p * (p / middle).ln() } else { 0.0 };
        let cell = |(&p, &q): (&f64, &f64)| {
            let middle = f64::midpoint(p, q);
            f64::midpoint(relative(p, middle), relative(q, middle))
        };
        self.outputs.iter().zip(&other.outputs).map(cell).sum::<f64>() / pictures as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn says(outputs: &[f64]) -> Captured {
        Captured { layers: Vec::new(), prepared: Vec::new(), outputs: outputs.to_vec(), classes: 2, accuracy: 1.0 }
    }

    #[test]
    fn the_divergence_is_jensen_and_shannons() {
        let (one, other) = (says(&[1.0, 0.0, 0.5, 0.5]), says(&[0.0, 1.0, 0.5, 0.5]));
        // ln 2 for opposite certainties, 0 for equal ones.
        assert!((one.divergence(&other) - std::f64::consts::LN_2 / 2.0).abs() < 1e-15);
        assert_eq!(one.divergence(&one), 0.0);
    }
}

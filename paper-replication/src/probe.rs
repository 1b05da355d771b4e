//! A linear probe: multinomial logistic regression from a layer's activations to the classes.

use crate::capture::Activations;
use crate::error::{Error, Result};
use burn::module::{Module, Param};
use burn::nn::loss::CrossEntropyLossConfig;
use burn::nn::{Linear, LinearConfig};
use burn::optim::decay::WeightDecayConfig;
use burn::optim::{AdamConfig, GradientsParams, ModuleOptimizer};
use burn::tensor::{Device, Int, Tensor, TensorData};
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

/// How a probe is fitted. The loss is convex, so only how near its minimum one comes depends on
/// this, apart from `l2`.
#[derive(Debug, Clone, PartialEq)]
pub struct Probe {
    /// How often every example is seen.
    pub epochs: usize,
    /// Examples a step.
    pub batch: usize,
    /// The learning rate of Adam at the start; it falls to 0 along half a cosine.
    pub learning_rate: f64,
    /// Half of this times the squared norm of the weights is added to the loss (the mean cross
    /// entropy).
    pub l2: f32,
    /// The seed of the order of the examples.
    pub seed: u64,
}

impl Default for Probe {
    fn default() -> Self {
        Self { epochs: 20, batch: 250, learning_rate: 3e-2, l2: 1e-3, seed: 1 }
    }
}

/// Per neuron: subtract the mean, divide by the standard deviation (neurons that never change: by
/// 1), and by the root of the number of neurons, so that examples have a norm of about 1 whatever
/// the layer.
struct Standard {
    mean: Vec<f32>,
    factor: Vec<f32>,
}

impl Standard {
    fn of(activations: &Activations) -> Self {
        let (n, p) = (activations.examples as f64, activations.layer.neurons());
        let mut sums = vec![(0.0_f64, 0.0_f64); p];
        for row in activations.values.chunks_exact(p) {
            for (sum, &value) in sums.iter_mut().zip(row) {
                sum.0 += f64::from(value);
                sum.1 += f64::from(value) * f64::from(value);
            }
        }
        let mean = sums.iter().map(|sum| (sum.0 / n) as f32).collect();
        let factor = |sum: &(f64, f64)| {
            let variance = (sum.1 / n - (sum.0 / n).powi(2)).max(0.0);
            let deviation = if variance > 0.0 { variance.sqrt() } else { 1.0 };
            (1.0 / (deviation * (p as f64).sqrt())) as f32
        };
        Self { mean, factor: sums.iter().map(factor).collect() }
    }

    fn append(&self, row: &[f32], out: &mut Vec<f32>) {
        out.extend(row.iter().zip(&self.mean).zip(&self.factor).map(|((value, mean), factor)| (value - mean) * factor));
    }
}

impl Probe {
    /// Fits on the first activations and gives the share of the second ones that is classified
    /// rightly.
    ///
    /// # Errors
    /// When activations and labels do not fit each other.
    pub fn accuracy(&self, train: (&Activations, &[u8]), test: (&Activations, &[u8]), classes: usize) -> Result<f64> {
        for (activations, labels) in [train, test] {
            if activations.examples != labels.len() || activations.layer != train.0.layer {
                return Err(Error::Pictures(format!(
                    "{} labels for {} examples of layer {}, probed on layer {}",
                    labels.len(),
                    activations.examples,
                    train.0.layer.name,
                    activations.layer.name
                )));
            }
        }
        let standard = Standard::of(train.0);
        let probe = self.fit(train, &standard, classes);
        let device = Device::flex();
        let order: Vec<usize> = (0..test.1.len()).collect();
        let mut right = 0_i64;
        for indices in order.chunks(self.batch) {
            let (inputs, labels) = batch(test, &standard, indices, &device);
            let guesses = probe.valid().forward(inputs).argmax(1).flatten::<1>(0, 1);
            right += guesses.equal(labels).int().sum().into_scalar::<i64>();
        }
        Ok(right as f64 / test.1.len() as f64)
    }

    fn fit(&self, train: (&Activations, &[u8]), standard: &Standard, classes: usize) -> Linear {
        let device = Device::flex().autodiff();
        let neurons = train.0.layer.neurons();
        let mut probe = LinearConfig::new(neurons, classes).init(&device);
        // From 0: the framework would draw from a generator that has no seed of ours.
        probe.weight = Param::from_tensor(Tensor::zeros([neurons, classes], &device));
        probe.bias = Some(Param::from_tensor(Tensor::zeros([classes], &device)));
        let mut optimizer: ModuleOptimizer = AdamConfig::new().with_weight_decay(Some(WeightDecayConfig::new(self.l2))).init();
        let cross_entropy = CrossEntropyLossConfig::new().init(&device);
        let mut generator = ChaCha8Rng::seed_from_u64(self.seed);
        let mut order: Vec<usize> = (0..train.1.len()).collect();
        let steps = (self.epochs * order.len().div_ceil(self.batch)) as f64;
        let mut step = 0.0;
        for _ in 0..self.epochs {
            order.shuffle(&mut generator);
            for indices in order.chunks(self.batch) {
                let (inputs, labels) = batch(train, standard, indices, &device);
                let loss = cross_entropy.forward(probe.forward(inputs), labels);
                let gradients = GradientsParams::from_grads(loss.backward(), &probe);
                let rate = self.learning_rate * 0.5 * (1.0 + (std::f64::consts::PI * step / steps).cos());
                probe = optimizer.step(rate, probe, gradients);
                step += 1.0;
            }
        }
        probe
    }
}

fn batch(
    (activations, labels): (&Activations, &[u8]),
    standard: &Standard,
    indices: &[usize],
    device: &Device,
) -> (Tensor<2>, Tensor<1, Int>) {
    let neurons = activations.layer.neurons();
    let mut values = Vec::with_capacity(indices.len() * neurons);
    for &index in indices {
        standard.append(&activations.values[index * neurons..(index + 1) * neurons], &mut values);
    }
    let classes: Vec<i64> = indices.iter().map(|&index| i64::from(labels[index])).collect();
    (
        Tensor::from_data(TensorData::new(values, [indices.len(), neurons]), device),
        Tensor::from_data(TensorData::new(classes, [indices.len()]), device),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::digits;
    use crate::networks::LayerShape;

    fn pixels(pictures: &crate::data::Pictures) -> Activations {
        let layer = LayerShape { name: "pixels".to_owned(), channels: 1, side: pictures.side() };
        let values = (0..pictures.count()).flat_map(|index| pictures.picture(index).to_vec()).collect();
        Activations { layer, examples: pictures.count(), values }
    }

    /// On the digits' pixels logistic regression gets about nine of ten right; with shuffled
    /// labels, about one.
    #[test]
    fn a_probe_reads_what_is_there_and_nothing_else() {
        let digits = digits().unwrap();
        let (train, test) = (pixels(&digits.train), pixels(&digits.test));
        let accuracy = |labels: &[u8]| Probe::default().accuracy((&train, labels), (&test, digits.test.labels()), 10).unwrap();
        let found = accuracy(digits.train.labels());
        assert!(found > 0.85, "{found}");
        assert_eq!(found, accuracy(digits.train.labels()));
        let mut shuffled = digits.train.labels().to_vec();
        shuffled.shuffle(&mut ChaCha8Rng::seed_from_u64(3));
        let guessed = accuracy(&shuffled);
        assert!(guessed < 0.25, "{guessed}");
        let message = Probe::default().accuracy((&train, &[0, 1]), (&test, digits.test.labels()), 10).unwrap_err().to_string();
        assert!(message.contains("2 labels for 1197 examples"), "{message}");
    }
}

//! A network without batch normalization: what other programs need to run it.

use super::{Layer, Network, Step, values};
use burn::module::{Module, Param};
use burn::tensor::TensorData;

/// What a convolution or the last layer computes before ReLU: products with weights, and a bias.
#[derive(Debug, Clone, PartialEq)]
pub struct AffineMap {
    /// Outputs, inputs, and of a convolution the height and width of its kernel.
    pub shape: Vec<usize>,
    /// The weights, row by row.
    pub weight: Vec<f32>,
    /// The bias of every output.
    pub bias: Vec<f32>,
}

impl Network {
    /// The network with every batch normalization folded into the convolution before it, which
    /// answers what the whole answers in evaluation mode, and its maps: the convolutions in the
    /// order of the layers, then the logits. Every number is passed through `round`.
    pub fn folded(&self, round: impl Fn(f32) -> f32) -> (Self, Vec<AffineMap>) {
        let mut network = self.valid();
        let layers = network.steps.iter_mut().flat_map(|step| match step {
            Step::Plain(layer) => vec![layer],
            Step::Residual(block) => vec![&mut block.first, &mut block.second],
        });
        let mut maps: Vec<AffineMap> = layers.map(|layer| layer.fold(&round)).collect();

        let logits = &mut network.logits;
        let ([inputs, outputs], device) = (logits.weight.dims(), logits.weight.device());
        let rounded = |values: Vec<f32>| -> Vec<f32> { values.into_iter().map(&round).collect() };
        let weight = rounded(values(logits.weight.val()));
        let bias = rounded(logits.bias.as_ref().map_or_else(|| vec![0.0; outputs], |bias| values(bias.val())));
        logits.weight = Param::from_data(TensorData::new(weight.clone(), [inputs, outputs]), &device);
        logits.bias = Some(Param::from_data(TensorData::new(bias.clone(), [outputs]), &device));
        let transposed = (0..outputs * inputs).map(|index| weight[index % inputs * outputs + index / inputs]).collect();
        maps.push(AffineMap { shape: vec![outputs, inputs], weight: transposed, bias });
        (network, maps)
    }
}

impl Layer {
    /// Folds the batch normalization, if any, into the convolution.
    fn fold(&mut self, round: impl Fn(f32) -> f32) -> AffineMap {
        let convolution = &mut self.convolution;
        let (shape, device) = (convolution.weight.dims(), convolution.weight.device());
        let channels = shape[0];
        let own = convolution.bias.as_ref().map_or_else(|| vec![0.0; channels], |bias| values(bias.val()));
        // A channel's output is multiplied by the first, and then the second is added.
        let (factors, shifts): (Vec<f64>, Vec<f64>) = match self.norm.take() {
            None => (vec![1.0; channels], vec![0.0; channels]),
            Some(norm) => {
                let (gamma, beta) = (values(norm.gamma.val()), values(norm.beta.val()));
                let (mean, variance) = (values(norm.running_mean.value()), values(norm.running_var.value()));
                let of_channel = |channel: usize| {
                    let factor = f64::from(gamma[channel]) / (f64::from(variance[channel]) + norm.epsilon).sqrt();
                    (factor, f64::from(beta[channel]) - f64::from(mean[channel]) * factor)
                };
                (0..channels).map(of_channel).unzip()
            }
        };
        let weights = values(convolution.weight.val());
        let of_channel = weights.chunks_exact(weights.len() / channels).zip(&factors);
        let weight: Vec<f32> = of_channel
            .flat_map(|(weights, factor)| weights.iter().map(move |&weight| (f64::from(weight) * factor) as f32))
            .map(&round)
            .collect();
        let biases = own.iter().zip(factors.iter().zip(&shifts));
        let bias: Vec<f32> = biases.map(|(&own, (factor, shift))| round((f64::from(own) * factor + shift) as f32)).collect();
        convolution.weight = Param::from_data(TensorData::new(weight.clone(), shape), &device);
        convolution.bias = Some(Param::from_data(TensorData::new(bias.clone(), [channels]), &device));
        AffineMap { shape: shape.to_vec(), weight, bias }
    }
}

#[cfg(test)]
mod tests {
    use super::super::NetworkConfig;
    use super::*;
    use burn::module::RunningState;
    use burn::tensor::{Device, Tensor};

    /// Statistics and factors that differ from channel to channel.
    fn network(name: &str, batch_norm: bool) -> Network {
        let device = Device::flex();
        let config = NetworkConfig { architecture: name.parse().unwrap(), width: 3, batch_norm, channels: 2, side: 9, classes: 4 };
        let mut network = Network::new(&config, 5, &device).unwrap();
        let vector = |length: usize, from: f32, step: f32| {
            Tensor::<1>::from_floats(TensorData::new((0..length).map(|index| from + step * index as f32).collect(), [length]), &device)
        };
        let layers = network.steps.iter_mut().flat_map(|step| match step {
            Step::Plain(layer) => vec![layer],
            Step::Residual(block) => vec![&mut block.first, &mut block.second],
        });
        for norm in layers.filter_map(|layer| layer.norm.as_mut()) {
            let [channels] = norm.gamma.dims();
            norm.gamma = Param::from_tensor(vector(channels, 0.7, 0.1));
            norm.beta = Param::from_tensor(vector(channels, 0.2, -0.05));
            norm.running_mean = RunningState::new(vector(channels, -0.3, 0.15));
            norm.running_var = RunningState::new(vector(channels, 0.4, 0.2));
        }
        network.logits.bias = Some(Param::from_tensor(vector(4, 0.1, 0.3)));
        network
    }

    fn pictures() -> Tensor<4> {
        let pixels: Vec<f32> = (0..2 * 2 * 81).map(|index| (index as f32 * 0.37).sin()).collect();
        Tensor::from_data(TensorData::new(pixels, [2, 2, 9, 9]), &Device::flex())
    }

    #[test]
    fn a_folded_network_answers_what_the_whole_one_answers() {
        for (name, batch_norm, convolutions) in [("tiny-10", true, 8), ("resnet-14", true, 13), ("tiny-10", false, 8)] {
            let network = network(name, batch_norm);
            let (folded, maps) = network.folded(|value| value);
            assert_eq!(maps.len(), convolutions + 1);
            let (want, got) = (values(network.forward(pictures())), values(folded.forward(pictures())));
            let size = want.iter().fold(0.0_f32, |size, value| size.max(value.abs()));
            for (want, got) in want.iter().zip(&got) {
                assert!((want - got).abs() <= 1e-5 * size, "{name}: {want} {got}");
            }
            let printed = format!("{folded:?}");
            assert!(!printed.contains("BatchNorm"), "{printed}");
        }
    }

    #[test]
    fn maps_are_the_numbers_of_the_folded_network() {
        let (folded, maps) = network("tiny-10", true).folded(|value| (value * 64.0).round() / 64.0);
        assert!(maps.iter().flat_map(|map| map.weight.iter().chain(&map.bias)).all(|value| (value * 64.0).fract() == 0.0));
        assert_eq!(maps[2].shape, [6, 3, 3, 3]);
        let Step::Plain(third) = &folded.steps[2] else { panic!("a plain network") };
        assert_eq!(values(third.convolution.weight.val()), maps[2].weight);
        assert_eq!(values(third.convolution.bias.as_ref().unwrap().val()), maps[2].bias);
        // The logits of a vector, from the map alone.
        let input: Vec<f32> = (0..12).map(|index| index as f32 - 4.0).collect();
        let tensor = Tensor::<2>::from_data(TensorData::new(input.clone(), [1, 12]), &Device::flex());
        let got = values(folded.logits.forward(tensor));
        for (class, got) in got.iter().enumerate() {
            let row = &maps[8].weight[12 * class..][..12];
            let want = row.iter().zip(&input).map(|(weight, value)| weight * value).sum::<f32>() + maps[8].bias[class];
            assert!((want - got).abs() <= 1e-5, "{want} {got}");
        }
    }
}

//! A network with weights.

mod folded;
mod numbers;

pub use folded::AffineMap;

use super::architecture::NetworkConfig;
use super::initial::Initial;
use super::plan::{Convolution, Unit};
use crate::error::Result;
use burn::module::Module;
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::pool::{AvgPool2d, AvgPool2dConfig};
use burn::nn::{BatchNorm, BatchNormConfig, Linear, LinearConfig, PaddingConfig2d};
use burn::tensor::activation::relu;
use burn::tensor::{Device, Tensor};

/// A convolution and its batch normalization; ReLU is applied by the unit that holds them.
#[derive(Module, Debug)]
struct Layer {
    convolution: Conv2d,
    norm: Option<BatchNorm>,
}

impl Layer {
    fn new(plan: &Convolution, batch_norm: bool, initial: &mut Initial, device: &Device) -> Self {
        let (kernel, padding) = (plan.kernel, plan.padding);
        // Batch normalization subtracts any bias again, so there is one only without it.
        let mut convolution = Conv2dConfig::new([plan.channels_in, plan.channels_out], [kernel; 2])
            .with_stride([plan.stride; 2])
            .with_padding(PaddingConfig2d::Explicit(padding, padding, padding, padding))
            .with_bias(!batch_norm)
            .init(device);
        convolution.weight = initial.kernel([plan.channels_out, plan.channels_in, kernel, kernel]);
        convolution.bias = (!batch_norm).then(|| initial.zeros(plan.channels_out));
        Self { convolution, norm: batch_norm.then(|| BatchNormConfig::new(plan.channels_out).init(device)) }
    }

    fn forward(&self, maps: Tensor<4>) -> Tensor<4> {
        let maps = self.convolution.forward(maps);
        match &self.norm {
            Some(norm) => norm.forward(maps),
            None => maps,
        }
    }
}

/// Two convolutions with what came in added before the second ReLU (He et al. 2016).
#[derive(Module, Debug)]
struct ResidualBlock {
    first: Layer,
    second: Layer,
    /// Takes every second row and column where the block halves the map.
    halving: Option<AvgPool2d>,
    added_channels: usize,
}

impl ResidualBlock {
    /// What came in, in the shape of what goes out: halved by leaving rows and columns out, new
    /// channels zero. This shortcut has no weights (option A of He et al. 2016).
    fn shortcut(&self, maps: Tensor<4>) -> Tensor<4> {
        let maps = match &self.halving {
            Some(halving) => halving.forward(maps),
            None => maps,
        };
        if self.added_channels == 0 {
            return maps;
        }
        let [count, _, height, width] = maps.dims();
        let zeros = Tensor::zeros([count, self.added_channels, height, width], &maps.device());
        Tensor::cat(vec![maps, zeros], 1)
    }
}

// A network has at most some dozens of steps, and the framework has no boxed modules.
#[allow(clippy::large_enum_variant)]
#[derive(Module, Debug)]
enum Step {
    Plain(Layer),
    Residual(ResidualBlock),
}

/// A network of the paper with its weights.
#[derive(Module, Debug)]
pub struct Network {
    steps: Vec<Step>,
    logits: Linear,
}

/// The numbers of a tensor, row by row.
fn values<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().iter::<f32>().collect()
}

impl Network {
    /// Builds the network and draws its starting weights from `seed`.
    ///
    /// # Errors
    /// As [`NetworkConfig::units`].
    pub fn new(config: &NetworkConfig, seed: u64, device: &Device) -> Result<Self> {
        let mut initial = Initial::new(seed, device);
        let mut layer = |plan: &Convolution| Layer::new(plan, config.batch_norm, &mut initial, device);
        let mut channels = config.channels;
        let mut steps = Vec::new();
        for unit in config.units()? {
            steps.push(match &unit {
                Unit::Plain(plan) => {
                    channels = plan.channels_out;
                    Step::Plain(layer(plan))
                }
                Unit::Residual(first, second) => {
                    channels = second.channels_out;
                    Step::Residual(ResidualBlock {
                        first: layer(first),
                        second: layer(second),
                        halving: (first.stride > 1).then(|| AvgPool2dConfig::new([1, 1]).with_strides([first.stride; 2]).init()),
                        added_channels: first.channels_out - first.channels_in,
                    })
                }
            });
        }
        let mut logits = LinearConfig::new(channels, config.classes).init(device);
        logits.weight = initial.matrix([channels, config.classes]);
        logits.bias = Some(initial.zeros(config.classes));
        Ok(Self { steps, logits })
    }

    /// The logits, n x classes, of pictures n x c x h x w.
    pub fn forward(&self, pictures: Tensor<4>) -> Tensor<2> {
        self.visit_layers(pictures, |_, _| {})
    }

    /// As [`forward`](Self::forward), and shows every layer on the way to `visit`: its place,
    /// counted from 0, and its activations after ReLU, n x c x h x w. The pooling layer comes
    /// last, as n x c x 1 x 1.
    pub fn visit_layers(&self, pictures: Tensor<4>, mut visit: impl FnMut(usize, &Tensor<4>)) -> Tensor<2> {
        let mut place = 0;
        let mut show = |maps: &Tensor<4>| {
            visit(place, maps);
            place += 1;
        };
        let mut maps = pictures;
        for step in &self.steps {
            maps = match step {
                Step::Plain(layer) => relu(layer.forward(maps)),
                Step::Residual(block) => {
                    let inner = relu(block.first.forward(maps.clone()));
                    show(&inner);
                    relu(block.second.forward(inner) + block.shortcut(maps))
                }
            };
            show(&maps);
        }
        let pooled = maps.mean_dim(3).mean_dim(2);
        show(&pooled);
        let [count, channels, _, _] = pooled.dims();
        self.logits.forward(pooled.reshape([count, channels]))
    }
}

#[cfg(test)]
mod tests {
    use super::super::plan::LayerShape;
    use super::*;

    fn config(name: &str, side: usize, batch_norm: bool) -> NetworkConfig {
        NetworkConfig { architecture: name.parse().unwrap(), width: 4, batch_norm, channels: 3, side, classes: 10 }
    }

    /// Every layer comes out in the shape that the plan promises, in the plan's order.
    #[test]
    fn networks_have_the_planned_shapes() {
        let device = Device::flex();
        for name in ["tiny-10", "width", "digits", "plain-10", "plain-18", "resnet-14"] {
            for (side, batch_norm) in [(8, true), (11, false), (16, true)] {
                let config = config(name, side, batch_norm);
                let network = Network::new(&config, 1, &device).unwrap();
                let mut seen = Vec::new();
                let pictures = Tensor::ones([2, 3, side, side], &device);
                let logits = network.visit_layers(pictures, |place, maps| {
                    assert_eq!(place, seen.len());
                    seen.push(maps.dims());
                });
                let planned: Vec<[usize; 4]> =
                    config.layers().unwrap().iter().map(|LayerShape { channels, side, .. }| [2, *channels, *side, *side]).collect();
                assert_eq!(seen, planned, "{name} at {side}");
                assert_eq!(logits.dims(), [2, 10]);
            }
        }
    }

    #[test]
    fn the_deepest_networks_of_the_paper_run() {
        let device = Device::flex();
        for (name, layers) in [("plain-66", 65), ("resnet-62", 62)] {
            let network = Network::new(&config(name, 16, true), 1, &device).unwrap();
            let mut count = 0;
            network.visit_layers(Tensor::ones([1, 3, 16, 16], &device), |_, _| count += 1);
            assert_eq!(count, layers);
        }
    }

    #[test]
    fn the_seed_fixes_the_weights() {
        let device = Device::flex();
        let answer = |seed| {
            let network = Network::new(&config("resnet-14", 8, true), seed, &device).unwrap();
            network.forward(Tensor::ones([1, 3, 8, 8], &device)).into_data()
        };
        assert_eq!(answer(1), answer(1));
        assert_ne!(answer(1), answer(2));
    }

    /// Where both convolutions answer zero, a block passes on what came in: every second pixel
    /// of it, and zero in the new channels.
    #[test]
    fn a_silent_block_passes_on_what_came_in() {
        let device = Device::flex();
        let silent = |channels, stride| Layer {
            convolution: Conv2dConfig::new(channels, [3, 3])
                .with_stride([stride; 2])
                .with_padding(PaddingConfig2d::Explicit(1, 1, 1, 1))
                .with_initializer(burn::module::Initializer::Zeros)
                .init(&device),
            norm: None,
        };
        let block = ResidualBlock {
            first: silent([2, 3], 2),
            second: silent([3, 3], 1),
            halving: Some(AvgPool2dConfig::new([1, 1]).with_strides([2, 2]).init()),
            added_channels: 1,
        };
        let network = Network { steps: vec![Step::Residual(block)], logits: LinearConfig::new(3, 10).init(&device) };
        let maps = Tensor::<1, burn::tensor::Int>::arange(0..32, &device).float();
        let mut seen = Vec::new();
        network.visit_layers(maps.reshape([1, 2, 4, 4]), |_, maps| {
            seen.push(maps.to_data().iter::<f32>().collect::<Vec<_>>());
        });
        let passed = [0.0, 2.0, 8.0, 10.0, 16.0, 18.0, 24.0, 26.0, 0.0, 0.0, 0.0, 0.0];
        assert_eq!(seen, [vec![0.0; 12], passed.to_vec(), vec![5.0, 21.0, 0.0]]);
    }
}

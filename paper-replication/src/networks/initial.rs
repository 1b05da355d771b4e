//! Starting weights from a seed of our own, independent of the framework's global generator.

use burn::module::Param;
use burn::nn::Linear;
use burn::tensor::{Device, Tensor, TensorData};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use rand_distr::{Distribution, Normal};

/// Draws the weights of one network, layer after layer.
pub(crate) struct Initial<'a> {
    generator: ChaCha8Rng,
    device: &'a Device,
}

impl<'a> Initial<'a> {
    pub fn new(seed: u64, device: &'a Device) -> Self {
        Self { generator: ChaCha8Rng::seed_from_u64(seed), device }
    }

    /// A kernel before a ReLU: normal with variance 2 / fan-in (He et al. 2015).
    pub fn kernel(&mut self, shape: [usize; 4]) -> Param<Tensor<4>> {
        let fan_in = shape[1] * shape[2] * shape[3];
        self.normal(shape, 2.0 / fan_in as f32)
    }

    /// The matrix of a linear map that no ReLU follows, `[inputs, outputs]`: normal with variance 1
    /// / inputs.
    pub fn matrix(&mut self, shape: [usize; 2]) -> Param<Tensor<2>> {
        self.normal(shape, 1.0 / shape[0] as f32)
    }

    /// A linear map with its [`matrix`](Self::matrix) and biases of 0.
    pub fn linear(&mut self, inputs: usize, outputs: usize) -> Linear {
        Linear { weight: self.matrix([inputs, outputs]), bias: Some(self.zeros(outputs)) }
    }

    pub fn zeros(&self, length: usize) -> Param<Tensor<1>> {
        Param::from_tensor(Tensor::zeros([length], self.device))
    }

    fn normal<const D: usize>(&mut self, shape: [usize; D], variance: f32) -> Param<Tensor<D>> {
        // The variance of a layer with inputs is positive and finite, so this cannot fail.
        let normal = Normal::new(0.0, variance.sqrt()).expect("a positive variance");
        let values: Vec<f32> = normal.sample_iter(&mut self.generator).take(shape.iter().product()).collect();
        Param::from_data(TensorData::new(values, shape), self.device)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The variance is what is asked for within five standard errors, sqrt(2 / count) each.
    #[test]
    fn weights_have_the_variance_of_their_fan_in() {
        let device = Device::flex();
        let mut initial = Initial::new(3, &device);
        let kernel = initial.kernel([40, 20, 3, 3]).val().into_data();
        let matrix = initial.matrix([80, 50]).val().into_data();
        for (data, expected) in [(kernel, 2.0 / 180.0), (matrix, 1.0 / 80.0)] {
            let values: Vec<f64> = data.iter::<f64>().collect();
            let count = values.len() as f64;
            let variance = values.iter().map(|value| value * value).sum::<f64>() / count;
            let allowed = 5.0 * expected * (2.0 / count).sqrt();
            assert!((variance - expected).abs() < allowed, "{variance} {expected}");
        }
    }
}

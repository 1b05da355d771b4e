//! The feed-forward network of a Transformer.

use crate::networks::Initial;
use burn::module::Module;
use burn::nn::Linear;
use burn::tensor::Tensor;
use burn::tensor::activation::gelu;

/// Two linear maps with the exact GELU (x times the normal distribution function, by erf) between
/// them, for every token alone.
#[derive(Module, Debug)]
pub struct FeedForward {
    inner: Linear,
    outer: Linear,
}

impl FeedForward {
    /// With starting weights, `hidden` features between the two maps.
    pub(super) fn new(width: usize, hidden: usize, initial: &mut Initial) -> Self {
        Self { inner: initial.linear(width, hidden), outer: initial.linear(hidden, width) }
    }

    /// Of the two maps.
    pub fn from_parts(inner: Linear, outer: Linear) -> Self {
        Self { inner, outer }
    }

    /// n x tokens x width to the same shape.
    pub fn forward(&self, features: Tensor<3>) -> Tensor<3> {
        self.outer.forward(gelu(self.inner.forward(features)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::module::Param;
    use burn::tensor::Device;

    /// The tanh approximation of GELU differs from these values in the fourth digit.
    #[test]
    fn gelu_is_exact() {
        let device = Device::flex();
        let one = || Linear { weight: Param::from_tensor(Tensor::eye(1, &device)), bias: None };
        let network = FeedForward::from_parts(one(), one());
        let output = network.forward(Tensor::from_data([[[-2.0_f32], [-0.5], [1.0], [2.5]]], &device));
        // x Phi(x), Phi from tables of the normal distribution.
        for (value, expected) in output.to_data().iter::<f64>().zip([-0.045_500_263_9, -0.154_268_769_4, 0.841_344_746_1, 2.484_475_836]) {
            assert!((value - expected).abs() < 3e-7, "{value} {expected}");
        }
    }
}

//! Layer normalization in two steps, because each is a place of its own.

use burn::module::{Module, Param};
use burn::tensor::{Device, Tensor};

/// Layer normalization (Ba, Kiros and Hinton 2016): [`normalize`](Self::normalize), then
/// [`scale`](Self::scale).
#[derive(Module, Debug)]
pub struct LayerNorm {
    gain: Param<Tensor<1>>,
    bias: Param<Tensor<1>>,
    epsilon: f64,
}

impl LayerNorm {
    /// With gain 1 and bias 0, as training starts.
    pub fn new(width: usize, epsilon: f64, device: &Device) -> Self {
        Self::from_parts(Param::from_tensor(Tensor::ones([width], device)), Param::from_tensor(Tensor::zeros([width], device)), epsilon)
    }

    /// With the given gain and bias, `width` numbers each. `epsilon` is added to the variance.
    pub fn from_parts(gain: Param<Tensor<1>>, bias: Param<Tensor<1>>, epsilon: f64) -> Self {
        Self { gain, bias, epsilon }
    }

    /// Every token's features (n x tokens x width) less their mean, over the root of their variance
    /// plus epsilon. The variance is that of all of them: the sum of squares over the width, not
    /// the width less one.
    pub fn normalize(&self, features: Tensor<3>) -> Tensor<3> {
        let centered = features.clone() - features.mean_dim(2);
        let variance = centered.clone().powi_scalar(2).mean_dim(2);
        centered / (variance + self.epsilon).sqrt()
    }

    /// Normalized features times the gain plus the bias.
    pub fn scale(&self, normalized: Tensor<3>) -> Tensor<3> {
        normalized * self.gain.val().unsqueeze() + self.bias.val().unsqueeze()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_normalized_one_by_one_and_scaled_feature_by_feature() {
        let device = Device::flex();
        let parameter = |values: [f32; 4]| Param::from_tensor(Tensor::from_data(values, &device));
        let norm = LayerNorm::from_parts(parameter([1.0, 2.0, 3.0, 4.0]), parameter([0.0, 0.0, 0.0, 1.0]), 1.0);
        // Mean 3 and variance 5 (over 4), then a token that is constant.
        let features = Tensor::from_data([[[0.0_f32, 2.0, 4.0, 6.0], [7.0, 7.0, 7.0, 7.0]]], &device);
        let normalized = norm.normalize(features);
        let values: Vec<f32> = normalized.to_data().iter::<f32>().collect();
        let root = 6.0_f32.sqrt();
        for (value, expected) in values.iter().zip([-3.0 / root, -1.0 / root, 1.0 / root, 3.0 / root, 0.0, 0.0, 0.0, 0.0]) {
            assert!((value - expected).abs() < 1e-6, "{values:?}");
        }
        let scaled: Vec<f32> = norm.scale(normalized).to_data().iter::<f32>().collect();
        for (value, expected) in scaled.iter().zip([-3.0 / root, -2.0 / root, 3.0 / root, 12.0 / root + 1.0, 0.0, 0.0, 0.0, 1.0]) {
            assert!((value - expected).abs() < 1e-5, "{scaled:?}");
        }
    }
}

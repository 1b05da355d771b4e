//! Self-attention.

use crate::error::{Error, Result};
use crate::networks::Initial;
use burn::module::Module;
use burn::nn::Linear;
use burn::tensor::Tensor;
use burn::tensor::activation::softmax;

/// Multi-head scaled dot-product attention of every token to every token (Vaswani et al. 2017).
/// Nothing is masked: all sequences of a batch have the same length.
#[derive(Module, Debug)]
pub struct Attention {
    query: Linear,
    key: Linear,
    value: Linear,
    output: Linear,
    heads: usize,
}

impl Attention {
    /// With starting weights.
    ///
    /// # Errors
    /// As [`Attention::from_parts`].
    pub(super) fn new(width: usize, heads: usize, initial: &mut Initial) -> Result<Self> {
        let [query, key, value, output] = std::array::from_fn(|_| initial.linear(width, width));
        Self::from_parts(query, key, value, output, heads)
    }

    /// Of four linear maps of the same width.
    ///
    /// # Errors
    /// When the width cannot be divided among the heads.
    pub fn from_parts(query: Linear, key: Linear, value: Linear, output: Linear, heads: usize) -> Result<Self> {
        let [_, width] = query.weight.dims();
        if heads == 0 || width == 0 || width % heads != 0 {
            return Err(Error::Architecture(format!("a width of {width} cannot be divided among {heads} heads")));
        }
        Ok(Self { query, key, value, output, heads })
    }

    /// n x tokens x width to the same shape.
    pub fn forward(&self, features: Tensor<3>) -> Tensor<3> {
        let [count, tokens, width] = features.dims();
        let size = width / self.heads;
        let split = |map: &Linear| map.forward(features.clone()).reshape([count, tokens, self.heads, size]).swap_dims(1, 2);
        let scores = split(&self.query).matmul(split(&self.key).swap_dims(2, 3)) / (size as f64).sqrt();
        let mixed = softmax(scores, 3).matmul(split(&self.value));
        self.output.forward(mixed.swap_dims(1, 2).reshape([count, tokens, width]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::module::Param;
    use burn::tensor::Device;

    /// Two heads of one feature each, against the definition written out in f64.
    #[test]
    fn heads_attend_on_their_own_features() {
        let device = Device::flex();
        let diagonal = |a: f32, b: f32| Linear { weight: Param::from_tensor(Tensor::from_data([[a, 0.0], [0.0, b]], &device)), bias: None };
        let attention = Attention::from_parts(diagonal(1.0, 2.0), diagonal(0.5, -1.0), diagonal(1.0, 3.0), diagonal(1.0, 1.0), 2).unwrap();
        let features = [[0.3_f64, -1.0], [1.2, 0.4], [-0.7, 0.9]];
        let input = features.map(|token| token.map(|value| value as f32));
        let output: Vec<f32> = attention.forward(Tensor::from_data([input], &device)).to_data().iter::<f32>().collect();
        for (head, (product, gain)) in [(0.5, 1.0), (-2.0, 3.0)].into_iter().enumerate() {
            for (token, from) in features.iter().enumerate() {
                let weights = features.map(|to| (product * from[head] * to[head]).exp());
                let total: f64 = weights.iter().sum();
                let expected: f64 = features.iter().zip(weights).map(|(to, weight)| gain * to[head] * weight / total).sum();
                assert!((f64::from(output[2 * token + head]) - expected).abs() < 1e-6);
            }
        }
    }

    /// With weights that are all there, queries and keys are divided by the root of a head's size.
    #[test]
    fn scores_are_divided_by_the_root_of_the_size_of_a_head() {
        let device = Device::flex();
        let identity = || Linear { weight: Param::from_tensor(Tensor::eye(4, &device)), bias: None };
        let attention = Attention::from_parts(identity(), identity(), identity(), identity(), 1).unwrap();
        let input = Tensor::from_data([[[2.0_f32, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0]]], &device);
        let first = attention.forward(input).to_data().iter::<f32>().next().unwrap();
        // The scores of the first token are 2 * 2 / sqrt(4) and 0.
        let expected = 2.0 * 2.0_f32.exp() / (2.0_f32.exp() + 1.0);
        assert!((first - expected).abs() < 1e-6, "{first} {expected}");
    }

    #[test]
    fn a_width_that_the_heads_do_not_divide_is_refused() {
        let device = Device::flex();
        let failure = Attention::new(6, 4, &mut Initial::new(1, &device)).unwrap_err().to_string();
        assert!(failure.contains('6') && failure.contains("4 heads"), "{failure}");
    }
}

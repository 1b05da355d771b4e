//! One sublayer of a Transformer and its four places.

use super::attention::Attention;
use super::feed_forward::FeedForward;
use super::layer_norm::LayerNorm;
use burn::module::Module;
use burn::tensor::Tensor;
use serde::{Deserialize, Serialize};

/// Where in a sublayer a representation is taken: the columns of the source paper's Table F.1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Place {
    /// After layer normalization, before its gain and bias.
    LayerNorm,
    /// After the gain and bias.
    Scale,
    /// After attention or the feed-forward network.
    Transformation,
    /// After the addition of what came in.
    Residual,
}

impl Place {
    /// All four, in the order of the paper's table.
    pub const ALL: [Self; 4] = [Self::LayerNorm, Self::Scale, Self::Transformation, Self::Residual];

    /// The name in files and tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::LayerNorm => "layer-norm",
            Self::Scale => "scale",
            Self::Transformation => "attention-or-ffn",
            Self::Residual => "residual",
        }
    }
}

/// What a sublayer does.
// A network has a dozen sublayers, and the framework has no boxed modules.
#[allow(clippy::large_enum_variant)]
#[derive(Module, Debug)]
pub enum Transformation {
    /// Tokens look at each other.
    Attention(Attention),
    /// Every token by itself.
    FeedForward(FeedForward),
}

impl Transformation {
    /// `attention` or `ffn`.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Attention(_) => "attention",
            Self::FeedForward(_) => "ffn",
        }
    }

    fn forward(&self, features: Tensor<3>) -> Tensor<3> {
        match self {
            Self::Attention(attention) => attention.forward(features),
            Self::FeedForward(network) => network.forward(features),
        }
    }
}

/// Attention or a feed-forward network with its layer normalization and residual addition.
#[derive(Module, Debug)]
pub struct Sublayer {
    norm: LayerNorm,
    transformation: Transformation,
}

impl Sublayer {
    /// Of its two parts.
    pub fn new(norm: LayerNorm, transformation: Transformation) -> Self {
        Self { norm, transformation }
    }

    /// What the sublayer does.
    pub fn transformation(&self) -> &Transformation {
        &self.transformation
    }

    /// The name of a place, such as `block1.attention.layer-norm`; the transformation's own place
    /// has its name twice: `block1.ffn.ffn`.
    pub fn place_name(&self, block: &str, place: Place) -> String {
        let transformation = self.transformation.name();
        let last = if place == Place::Transformation { transformation } else { place.name() };
        format!("{block}.{transformation}.{last}")
    }

    /// x + f(norm(x)): normalization first, as in deep encoders. `visit` sees the four places in
    /// the order in which they are computed: layer norm, scale, transformation, residual.
    pub fn pre_norm(&self, features: Tensor<3>, visit: &mut impl FnMut(Place, &Tensor<3>)) -> Tensor<3> {
        let normalized = self.norm.normalize(features.clone());
        visit(Place::LayerNorm, &normalized);
        let scaled = self.norm.scale(normalized);
        visit(Place::Scale, &scaled);
        let transformed = self.transformation.forward(scaled);
        visit(Place::Transformation, &transformed);
        let sum = features + transformed;
        visit(Place::Residual, &sum);
        sum
    }

    /// norm(x + f(x)): normalization last, as in BERT. `visit` sees transformation, residual, layer
    /// norm, scale.
    pub fn post_norm(&self, features: Tensor<3>, visit: &mut impl FnMut(Place, &Tensor<3>)) -> Tensor<3> {
        let transformed = self.transformation.forward(features.clone());
        visit(Place::Transformation, &transformed);
        let sum = features + transformed;
        visit(Place::Residual, &sum);
        let normalized = self.norm.normalize(sum);
        visit(Place::LayerNorm, &normalized);
        let scaled = self.norm.scale(normalized);
        visit(Place::Scale, &scaled);
        scaled
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::module::Param;
    use burn::nn::Linear;
    use burn::tensor::Device;

    fn sublayer(device: &Device) -> Sublayer {
        let double = || Linear { weight: Param::from_tensor(Tensor::eye(2, device) * 2.0), bias: None };
        let parameter = |values: [f32; 2]| Param::from_tensor(Tensor::from_data(values, device));
        let norm = LayerNorm::from_parts(parameter([3.0, 1.0]), parameter([0.0, 0.5]), 0.0);
        Sublayer::new(norm, Transformation::FeedForward(FeedForward::from_parts(double(), double())))
    }

    fn close(tensor: &Tensor<3>, expected: [f64; 2]) -> bool {
        tensor.to_data().iter::<f64>().zip(expected).all(|(value, expected)| (value - expected).abs() < 1e-5)
    }

    fn phi(x: f64) -> f64 {
        // Of 6, 3 and -0.5 only: tables of the normal distribution function.
        [(12.0, 1.0), (6.0, 1.0), (-1.0, 0.158_655_253_9)].iter().find(|(at, _)| (at - x).abs() < 1e-12).unwrap().1
    }

    /// f(z) = 2 gelu(2 z).
    fn transformed(z: f64) -> f64 {
        4.0 * z * phi(2.0 * z)
    }

    #[test]
    fn pre_norm_shows_norm_scale_transformation_and_sum() {
        let device = Device::flex();
        let mut seen = Vec::new();
        let input = Tensor::from_data([[[9.0_f32, 5.0]]], &device);
        let output = sublayer(&device).pre_norm(input, &mut |place, tensor: &Tensor<3>| seen.push((place, tensor.clone())));
        let (normalized, scaled) = ([1.0, -1.0], [3.0, -0.5]);
        let function = scaled.map(transformed);
        let sum = [9.0 + function[0], 5.0 + function[1]];
        let places: Vec<Place> = seen.iter().map(|(place, _)| *place).collect();
        assert_eq!(places, Place::ALL);
        for ((place, tensor), expected) in seen.iter().zip([normalized, scaled, function, sum]) {
            assert!(close(tensor, expected), "{place:?} {tensor} {expected:?}");
        }
        assert!(close(&output, sum));
    }

    #[test]
    fn post_norm_shows_transformation_sum_norm_and_scale() {
        let device = Device::flex();
        let mut seen = Vec::new();
        let input = Tensor::from_data([[[6.0_f32, -0.5]]], &device);
        let output = sublayer(&device).post_norm(input, &mut |place, tensor: &Tensor<3>| seen.push((place, tensor.clone())));
        let function = [6.0, -0.5].map(transformed);
        let sum = [6.0 + function[0], -0.5 + function[1]];
        let places: Vec<Place> = seen.iter().map(|(place, _)| *place).collect();
        assert_eq!(places, [Place::Transformation, Place::Residual, Place::LayerNorm, Place::Scale]);
        for ((place, tensor), expected) in seen.iter().zip([function, sum, [1.0, -1.0], [3.0, -0.5]]) {
            assert!(close(tensor, expected), "{place:?} {tensor} {expected:?}");
        }
        assert!(close(&output, [3.0, -0.5]));
    }

    #[test]
    fn places_have_names() {
        let device = Device::flex();
        let names = Place::ALL.map(|place| sublayer(&device).place_name("block2", place));
        assert_eq!(names, ["block2.ffn.layer-norm", "block2.ffn.scale", "block2.ffn.ffn", "block2.ffn.residual"]);
    }
}

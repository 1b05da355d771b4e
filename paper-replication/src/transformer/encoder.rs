//! A Transformer encoder that classifies sequences.

use super::attention::Attention;
use super::feed_forward::FeedForward;
use super::layer_norm::LayerNorm;
use super::sublayer::{Place, Sublayer, Transformation};
use crate::error::{Error, Result};
use crate::networks::Initial;
use burn::module::{Module, Param};
use burn::nn::Linear;
use burn::tensor::{Device, Tensor};
use serde::{Deserialize, Serialize};

/// Added to variances before the root.
const EPSILON: f64 = 1e-5;

/// Everything that fixes the shape of an encoder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EncoderConfig {
    /// Tokens of a sequence.
    pub tokens: usize,
    /// Numbers that come with each token.
    pub token_size: usize,
    /// Features of a token inside: neurons of every place.
    pub width: usize,
    /// Heads of an attention.
    pub heads: usize,
    /// Features between the two maps of a feed-forward network.
    pub hidden: usize,
    /// Blocks: two sublayers each, attention and feed-forward network.
    pub blocks: usize,
    /// Classes of sequences.
    pub classes: usize,
}

impl EncoderConfig {
    fn check(&self) -> Result<()> {
        let sizes = [
            ("tokens", self.tokens),
            ("token size", self.token_size),
            ("width", self.width),
            ("heads", self.heads),
            ("hidden features", self.hidden),
            ("blocks", self.blocks),
            ("classes", self.classes),
        ];
        match sizes.into_iter().find(|(_, size)| *size == 0) {
            Some((name, _)) => Err(Error::Architecture(format!("an encoder with {name} 0"))),
            None => Ok(()),
        }
    }

    /// The names of one place of all sublayers, first to last, such as `block1.attention.scale`.
    pub fn place_names(&self, place: Place) -> Vec<String> {
        let name = |block: usize, transformation: &str| {
            let last = if place == Place::Transformation { transformation } else { place.name() };
            format!("block{block}.{transformation}.{last}")
        };
        (1..=self.blocks).flat_map(|block| ["attention", "ffn"].map(|transformation| name(block, transformation))).collect()
    }
}

/// Linear embedding of tokens plus a learned vector for each position, sublayers with normalization
/// first, a last layer normalization, the mean over the tokens, logits.
#[derive(Module, Debug)]
pub struct Encoder {
    embedding: Linear,
    positions: Param<Tensor<2>>,
    sublayers: Vec<Sublayer>,
    norm: LayerNorm,
    logits: Linear,
}

impl Encoder {
    /// Builds the encoder and draws its starting weights from `seed`.
    ///
    /// # Errors
    /// When a size is zero, or the width cannot be divided among the heads.
    pub fn new(config: &EncoderConfig, seed: u64, device: &Device) -> Result<Self> {
        config.check()?;
        let mut initial = Initial::new(seed, device);
        let norm = || LayerNorm::new(config.width, EPSILON, device);
        let embedding = initial.linear(config.token_size, config.width);
        let positions = initial.matrix([config.tokens, config.width]);
        let mut sublayers = Vec::with_capacity(2 * config.blocks);
        for _ in 0..config.blocks {
            let attention = Attention::new(config.width, config.heads, &mut initial)?;
            sublayers.push(Sublayer::new(norm(), Transformation::Attention(attention)));
            let network = FeedForward::new(config.width, config.hidden, &mut initial);
            sublayers.push(Sublayer::new(norm(), Transformation::FeedForward(network)));
        }
        Ok(Self { embedding, positions, sublayers, norm: norm(), logits: initial.linear(config.width, config.classes) })
    }

    /// The logits, n x classes, of sequences n x tokens x token size.
    pub fn forward(&self, sequences: Tensor<3>) -> Tensor<2> {
        self.visit_places(sequences, |_, _| {})
    }

    /// As [`forward`](Self::forward), and shows every place on the way to `visit`: its name and its
    /// features, n x tokens x width.
    pub fn visit_places(&self, sequences: Tensor<3>, mut visit: impl FnMut(&str, &Tensor<3>)) -> Tensor<2> {
        let mut features = self.embedding.forward(sequences) + self.positions.val().unsqueeze();
        for (index, sublayer) in self.sublayers.iter().enumerate() {
            let block = format!("block{}", index / 2 + 1);
            features = sublayer.pre_norm(features, &mut |place, tensor| visit(&sublayer.place_name(&block, place), tensor));
        }
        let [count, _, width] = features.dims();
        let pooled = self.norm.scale(self.norm.normalize(features)).mean_dim(1);
        self.logits.forward(pooled.reshape([count, width]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config() -> EncoderConfig {
        EncoderConfig { tokens: 3, token_size: 5, width: 8, heads: 2, hidden: 16, blocks: 2, classes: 4 }
    }

    fn sequences(device: &Device) -> Tensor<3> {
        let values = Tensor::<1, burn::tensor::Int>::arange(0..30, device).float() * 0.37;
        values.sin().reshape([2, 3, 5])
    }

    #[test]
    fn every_place_is_shown_once_under_its_name() {
        let device = Device::flex();
        let encoder = Encoder::new(&config(), 1, &device).unwrap();
        let mut names = Vec::new();
        let logits = encoder.visit_places(sequences(&device), |name, features| {
            assert_eq!(features.dims(), [2, 3, 8]);
            names.push(name.to_owned());
        });
        assert_eq!(logits.dims(), [2, 4]);
        assert_eq!(
            names[..4],
            ["block1.attention.layer-norm", "block1.attention.scale", "block1.attention.attention", "block1.attention.residual"]
        );
        for (offset, place) in Place::ALL.into_iter().enumerate() {
            let shown: Vec<&String> = names.iter().skip(offset).step_by(4).collect();
            assert_eq!(shown, config().place_names(place).iter().collect::<Vec<_>>());
        }
    }

    #[test]
    fn the_seed_fixes_the_weights_and_the_order_of_tokens_matters() {
        let device = Device::flex();
        let answer = |seed, input| Encoder::new(&config(), seed, &device).unwrap().forward(input).into_data();
        assert_eq!(answer(1, sequences(&device)), answer(1, sequences(&device)));
        assert_ne!(answer(1, sequences(&device)), answer(2, sequences(&device)));
        // Without position vectors attention and mean would not see the order.
        let swapped = sequences(&device).flip([1]);
        let (there, back) = (answer(1, sequences(&device)), answer(1, swapped));
        assert!(there.iter::<f32>().zip(back.iter::<f32>()).any(|(one, other)| (one - other).abs() > 1e-3));
    }

    #[test]
    fn sizes_that_cannot_be_are_refused() {
        let device = Device::flex();
        let refused = |config: EncoderConfig| Encoder::new(&config, 1, &device).unwrap_err().to_string();
        assert!(refused(EncoderConfig { blocks: 0, ..config() }).contains("blocks 0"));
        assert!(refused(EncoderConfig { heads: 3, ..config() }).contains("3 heads"));
    }
}

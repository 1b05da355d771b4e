//! A BERT model with its weights.

use super::REMEDY;
use super::config::BertConfig;
use super::weights::Weights;
use crate::error::{Error, Result};
use crate::transformer::{Attention, FeedForward, LayerNorm, Place, Sublayer, Transformation};
use burn::module::Param;
use burn::tensor::{Device, Int, Tensor};
use std::path::Path;

/// The encoder of Devlin et al. 2019 without its pooler: word, position and type embeddings, then
/// sublayers with normalization last.
#[derive(Debug)]
pub struct Bert {
    config: BertConfig,
    words: Param<Tensor<2>>,
    positions: Param<Tensor<2>>,
    types: Param<Tensor<2>>,
    norm: LayerNorm,
    sublayers: Vec<Sublayer>,
    device: Device,
}

impl Bert {
    /// Reads `config.json` and `model.safetensors` in a model's folder.
    ///
    /// # Errors
    /// [`Error::MissingData`] when a file is not there, [`Error::DamagedData`] when a tensor is
    /// missing, has another shape than the configuration says, is not single precision or not
    /// finite.
    pub fn load(folder: &Path) -> Result<Self> {
        let config = BertConfig::load(folder)?;
        let path = folder.join("model.safetensors");
        let bytes = std::fs::read(&path).map_err(|source| Error::MissingData { path: path.clone(), source, remedy: REMEDY })?;
        let device = Device::flex();
        let weights = Weights::new(&path, &bytes, &device)?;
        let (width, inner) = (config.hidden_size, config.intermediate_size);
        let norm = |name: &str| -> Result<LayerNorm> {
            let [gain, bias] = ["weight", "bias"].map(|part| weights.vector(&format!("{name}.{part}"), width));
            Ok(LayerNorm::from_parts(gain?, bias?, config.layer_norm_eps))
        };
        let mut sublayers = Vec::with_capacity(2 * config.num_hidden_layers);
        for layer in 0..config.num_hidden_layers {
            let name = |part: &str| format!("encoder.layer.{layer}.{part}");
            let map = |part: &str| weights.linear(&name(part), width, width);
            let [query, key, value] = ["attention.self.query", "attention.self.key", "attention.self.value"].map(map);
            let output = map("attention.output.dense")?;
            let attention = Attention::from_parts(query?, key?, value?, output, config.num_attention_heads)?;
            sublayers.push(Sublayer::new(norm(&name("attention.output.LayerNorm"))?, Transformation::Attention(attention)));
            let first = weights.linear(&name("intermediate.dense"), width, inner)?;
            let second = weights.linear(&name("output.dense"), inner, width)?;
            let network = FeedForward::from_parts(first, second);
            sublayers.push(Sublayer::new(norm(&name("output.LayerNorm"))?, Transformation::FeedForward(network)));
        }
        Ok(Self {
            words: weights.table("embeddings.word_embeddings.weight", config.vocab_size, width)?,
            positions: weights.table("embeddings.position_embeddings.weight", config.max_position_embeddings, width)?,
            types: weights.table("embeddings.token_type_embeddings.weight", config.type_vocab_size, width)?,
            norm: norm("embeddings.LayerNorm")?,
            sublayers,
            config,
            device,
        })
    }

    /// The model's sizes.
    pub fn config(&self) -> &BertConfig {
        &self.config
    }

    /// The layers' names: `embeddings`, `layer1`, ...
    pub fn layer_names(&self) -> Vec<String> {
        let layers = (1..=self.config.num_hidden_layers).map(|layer| format!("layer{layer}"));
        std::iter::once("embeddings".to_owned()).chain(layers).collect()
    }

    /// The place that is the output of a layer named so.
    pub fn output_place(layer: &str) -> String {
        if layer == "embeddings" { "embeddings.scale".to_owned() } else { format!("{layer}.ffn.scale") }
    }

    /// Shows `visit` every place of one sequence of word pieces: its name and its features, 1 x
    /// tokens x width. First `embeddings.sum`, `embeddings.layer-norm`, `embeddings.scale`, then
    /// the places of the sublayers, such as `layer1.attention.attention`, `.residual`,
    /// `.layer-norm`, `.scale`. All tokens are of the first type.
    ///
    /// # Errors
    /// When the sequence is empty, longer than the model has positions, or a number is not in the
    /// vocabulary.
    pub fn visit_places(&self, pieces: &[u32], mut visit: impl FnMut(&str, &Tensor<3>)) -> Result<()> {
        let most = self.config.max_position_embeddings;
        if pieces.is_empty() || pieces.len() > most {
            return Err(Error::Sequence(format!("a sequence of {} word pieces; the model takes 1 to {most}", pieces.len())));
        }
        if let Some(piece) = pieces.iter().find(|&&piece| piece as usize >= self.config.vocab_size) {
            return Err(Error::Sequence(format!("word piece {piece} is not among the model's {}", self.config.vocab_size)));
        }
        let numbers: Vec<i64> = pieces.iter().map(|&piece| i64::from(piece)).collect();
        let numbers = Tensor::<1, Int>::from_data(numbers.as_slice(), &self.device);
        let sum = self.words.val().select(0, numbers) + self.positions.val().narrow(0, 0, pieces.len()) + self.types.val().narrow(0, 0, 1);
        let sum: Tensor<3> = sum.unsqueeze();
        visit("embeddings.sum", &sum);
        let normalized = self.norm.normalize(sum);
        visit("embeddings.layer-norm", &normalized);
        let mut features = self.norm.scale(normalized);
        visit("embeddings.scale", &features);
        for (index, sublayer) in self.sublayers.iter().enumerate() {
            let layer = format!("layer{}", index / 2 + 1);
            features = sublayer.post_norm(features, &mut |place: Place, tensor| visit(&sublayer.place_name(&layer, place), tensor));
        }
        Ok(())
    }
}

//! `config.json` of a BERT model.

use super::REMEDY;
use crate::error::{Error, Result};
use serde::{Deserialize, Serialize};
use std::path::Path;

/// The sizes of a BERT model, under the names of its `config.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BertConfig {
    /// Word pieces.
    pub vocab_size: usize,
    /// Tokens that a sequence may have.
    pub max_position_embeddings: usize,
    /// Kinds of tokens.
    pub type_vocab_size: usize,
    /// Features of a token.
    pub hidden_size: usize,
    /// Layers: two sublayers each.
    pub num_hidden_layers: usize,
    /// Heads of an attention.
    pub num_attention_heads: usize,
    /// Features between the two maps of a feed-forward network.
    pub intermediate_size: usize,
    /// Added to variances before the root.
    pub layer_norm_eps: f64,
    /// The function between the two maps: `gelu`, by erf.
    pub hidden_act: String,
    /// How positions come in: `absolute` (also where the file does not say).
    #[serde(default = "absolute")]
    pub position_embedding_type: String,
}

fn absolute() -> String {
    "absolute".to_owned()
}

impl BertConfig {
    /// Reads `config.json` in a model's folder.
    ///
    /// # Errors
    /// [`Error::MissingData`] when it is not there, [`Error::DamagedData`] when it is not the
    /// configuration of a BERT model with exact GELU and absolute positions.
    pub fn load(folder: &Path) -> Result<Self> {
        let path = folder.join("config.json");
        let text = std::fs::read(&path).map_err(|source| Error::MissingData { path: path.clone(), source, remedy: REMEDY })?;
        let damaged = |found| Error::DamagedData { path: path.clone(), found, remedy: REMEDY };
        let config: Self = serde_json::from_slice(&text).map_err(|error| damaged(error.to_string()))?;
        if (config.hidden_act.as_str(), config.position_embedding_type.as_str()) != ("gelu", "absolute") {
            return Err(damaged(format!(
                "hidden_act {:?} and position_embedding_type {:?}, where \"gelu\" and \"absolute\" are supported",
                config.hidden_act, config.position_embedding_type
            )));
        }
        Ok(config)
    }
}

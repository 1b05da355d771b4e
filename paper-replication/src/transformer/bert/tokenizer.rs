//! `tokenizer.json` of a model.

use super::REMEDY;
use crate::error::{Error, Result};
use std::path::{Path, PathBuf};

/// Turns sentences into word pieces, with the special ones at both ends.
pub struct Tokenizer {
    path: PathBuf,
    tokenizer: tokenizers::Tokenizer,
}

/// A sentence as word pieces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pieces {
    /// Their numbers in the vocabulary.
    pub numbers: Vec<u32>,
    /// Pieces that were cut off because the tokenizer's file sets a longest sequence.
    pub cut: usize,
}

impl Tokenizer {
    /// Reads `tokenizer.json` in a model's folder. Padding, which the file may ask for, is left
    /// out: sentences go through the model one by one. Truncation stays as the file sets it.
    ///
    /// # Errors
    /// [`Error::MissingData`] when it is not there, [`Error::DamagedData`] when it is not a
    /// tokenizer.
    pub fn load(folder: &Path) -> Result<Self> {
        let path = folder.join("tokenizer.json");
        let bytes = std::fs::read(&path).map_err(|source| Error::MissingData { path: path.clone(), source, remedy: REMEDY })?;
        let damaged = |error: tokenizers::Error| Error::DamagedData { path: path.clone(), found: error.to_string(), remedy: REMEDY };
        let mut tokenizer = tokenizers::Tokenizer::from_bytes(bytes).map_err(damaged)?;
        tokenizer.with_padding(None);
        Ok(Self { path, tokenizer })
    }

    /// The word pieces of a sentence.
    ///
    /// # Errors
    /// [`Error::Sequence`] when the tokenizer refuses it.
    pub fn pieces(&self, sentence: &str) -> Result<Pieces> {
        let refused = |error: tokenizers::Error| Error::Sequence(format!("{}: {sentence:?}: {error}", self.path.display()));
        let encoding = self.tokenizer.encode(sentence, true).map_err(refused)?;
        // What is cut off comes back in sequences of its own, each with the special pieces again.
        let special = |encoding: &tokenizers::Encoding| encoding.get_special_tokens_mask().iter().filter(|&&mask| mask == 0).count();
        Ok(Pieces { numbers: encoding.get_ids().to_vec(), cut: encoding.get_overflowing().iter().map(special).sum() })
    }
}

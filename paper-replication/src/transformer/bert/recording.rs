//! What the places of a model answer to many sentences.

use super::model::Bert;
use super::tokenizer::Tokenizer;
use crate::capture::Activations;
use crate::error::Result;
use crate::transformer::captured::Recorder;
use burn::tensor::Tensor;

/// The answers of a model to sentences.
#[derive(Debug)]
pub struct Recording {
    /// Token positions as examples (the special pieces at both ends among them), sentence by
    /// sentence: the outputs of the embeddings and of each layer, or all places, under their names.
    pub tokens: Vec<Activations>,
    /// Sentences as examples: the mean over a sentence's token positions, at all places.
    pub sentences: Vec<Activations>,
    /// Word pieces that were cut off from sentences that are too long.
    pub cut: usize,
}

/// Records sentences, one by one: nothing is padded, so that nothing has to be masked.
///
/// All places of all token positions take much memory (4 bytes times positions, width and places),
/// so that they are kept only with `all_places`; else the outputs are, under the names of
/// [`Bert::layer_names`].
///
/// # Errors
/// When a sentence cannot be tokenized.
pub fn record(
    model: &Bert,
    tokenizer: &Tokenizer,
    sentences: &[String],
    all_places: bool,
    mut done: impl FnMut(usize),
) -> Result<Recording> {
    let outputs: Vec<(String, String)> = model.layer_names().into_iter().map(|layer| (Bert::output_place(&layer), layer)).collect();
    let (mut tokens, mut means) = (Recorder::default(), Recorder::default());
    let mut cut = 0;
    for (index, sentence) in sentences.iter().enumerate() {
        let pieces = tokenizer.pieces(sentence)?;
        cut += pieces.cut;
        tokens.begin();
        means.begin();
        model.visit_places(&pieces.numbers, |place, features: &Tensor<3>| {
            means.take(place, &features.clone().mean_dim(1));
            if all_places {
                tokens.take(place, features);
            } else if let Some((_, layer)) = outputs.iter().find(|(output, _)| output == place) {
                tokens.take(layer, features);
            }
        })?;
        done(index + 1);
    }
    Ok(Recording { tokens: tokens.finish(), sentences: means.finish(), cut })
}

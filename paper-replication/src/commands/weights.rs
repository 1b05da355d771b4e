//! The networks of the standard rows, as weights that the repository carries.

use crate::capture::capture;
use crate::data::Pictures;
use crate::error::{Error, Result};
use crate::figures::write_table;
use crate::job::stem;
use crate::networks::NetworkConfig;
use crate::training::Trainer;
use clap::Args;
use std::path::PathBuf;

/// Write the weights of trained networks, a third of their checkpoints, and what they answer to
/// three made pictures.
#[derive(Debug, Args)]
pub struct Weights {
    /// Checkpoints, as `train` and the experiments write them
    #[arg(required = true)]
    checkpoints: Vec<PathBuf>,
    /// The folder for a .safetensors file a network and for answers.csv
    #[arg(long, default_value = "paper-replication/networks")]
    out: PathBuf,
}

/// How many pictures are made.
const MADE: usize = 3;

/// Pictures that are made and not photographed, so that a repository may hold what networks answer
/// to them: pixel (c, y, x) of picture k is (97 k + 31 c + 17 y + 13 x + (k + 1) x y) modulo 256,
/// in 255ths.
///
/// # Errors
/// When the network takes no pictures.
pub fn made_pictures(config: &NetworkConfig) -> Result<Pictures> {
    let side = config.side;
    let pixel = |index: usize| {
        let (x, y) = (index % side, index / side % side);
        let (c, k) = (index / (side * side) % config.channels, index / (side * side * config.channels));
        ((97 * k + 31 * c + 17 * y + 13 * x + (k + 1) * x * y) % 256) as f32 / 255.0
    };
    let pixels = (0..MADE * config.channels * side * side).map(pixel).collect();
    Pictures::new(config.channels, side, config.classes, pixels, vec![0; MADE])
}

/// What the last layer, the pooling one, answers to the made pictures: picture by picture, neuron
/// by neuron.
///
/// # Errors
/// As [`capture`].
pub fn answers(trainer: &Trainer) -> Result<Vec<Vec<f32>>> {
    let config = &trainer.run().network;
    let last = config.layers()?.pop().ok_or_else(|| Error::Architecture("a network without layers".to_owned()))?;
    let captured = capture(&trainer.network(), config, &made_pictures(config)?, trainer.normalization(), |layer| *layer == last)?;
    Ok(captured.layers.iter().flat_map(|layer| layer.values.chunks(last.neurons()).map(<[f32]>::to_vec)).collect())
}

/// Runs [`Weights`]; prints a line for each network.
///
/// # Errors
/// When a checkpoint cannot be read or is not finished, or a file cannot be written.
pub fn weights(arguments: &Weights) -> Result<()> {
    let mut rows = Vec::new();
    for checkpoint in &arguments.checkpoints {
        let trainer = Trainer::load(checkpoint)?;
        let name = stem(trainer.run());
        let path = arguments.out.join(format!("{name}.safetensors"));
        trainer.save_weights(&path)?;
        for (picture, answers) in answers(&trainer)?.into_iter().enumerate() {
            let answers: Vec<String> = answers.iter().map(f32::to_string).collect();
            rows.push([name.clone(), (picture + 1).to_string(), answers.join(" ")]);
        }
        println!("{}", path.display());
    }
    write_table(&arguments.out.join("answers.csv"), ["network", "picture", "pooling_layer"], rows)
}

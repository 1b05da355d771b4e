//! Record what the layers of a trained network answer.

use super::pictures::PictureArguments;
use crate::capture::{Axes, Format, capture as record, write};
use crate::error::{Error, Result};
use crate::training::{Run, Trainer};
use clap::{Args, ValueEnum};
use serde::Serialize;
use std::path::PathBuf;

/// Record what every layer of a trained network answers to test pictures.
#[derive(Debug, Args)]
pub struct Capture {
    /// The network, as `train` wrote it
    #[arg(long)]
    checkpoint: PathBuf,
    #[command(flatten)]
    pictures: PictureArguments,
    /// The number of test pictures, from the first [default: all]
    #[arg(long)]
    examples: Option<usize>,
    /// Record these layers only, such as conv1,pool
    #[arg(long, value_delimiter = ',')]
    layers: Vec<String>,
    /// The axes of a tensor
    #[arg(long, value_enum, default_value = "flat")]
    axes: AxesArgument,
    /// The number format
    #[arg(long, value_enum, default_value = "single")]
    format: FormatArgument,
    /// The .safetensors file to write
    #[arg(long)]
    out: PathBuf,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum AxesArgument {
    /// n x (channels height width)
    Flat,
    /// n x channels x height x width
    Maps,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum FormatArgument {
    /// 4 bytes a number
    Single,
    /// 2 bytes a number
    Half,
}

#[derive(Serialize)]
struct Description<'a> {
    #[serde(flatten)]
    run: &'a Run,
    epochs_done: usize,
    examples_of: String,
    examples: usize,
    accuracy: f64,
}

/// Runs [`Capture`]; prints the file, the layers and the accuracy on the pictures recorded.
///
/// The pictures are normalized as those the network was trained on.
///
/// # Errors
/// When checkpoint or pictures cannot be read, do not fit each other, a layer does not exist, or
/// the file cannot be written.
pub fn capture(arguments: &Capture) -> Result<()> {
    let trainer = Trainer::load(&arguments.checkpoint)?;
    let run = trainer.run();
    let layers = run.network.layers()?;
    let known = |name: &String| layers.iter().any(|layer| layer.name == *name);
    if let Some(name) = arguments.layers.iter().find(|name| !known(name)) {
        let names: Vec<&str> = layers.iter().map(|layer| layer.name.as_str()).collect();
        return Err(Error::Architecture(format!("no layer {name:?} in {}: {}", run.network.architecture, names.join(", "))));
    }
    let mut pictures = arguments.pictures.load()?.test;
    if let Some(count) = arguments.examples {
        pictures = pictures.first(count)?;
    }
    let network = trainer.network();
    let captured = record(&network, &run.network, &pictures, trainer.normalization(), |layer| {
        arguments.layers.is_empty() || arguments.layers.contains(&layer.name)
    })?;
    let description = Description {
        run,
        epochs_done: trainer.epochs_done(),
        examples_of: arguments.pictures.words(),
        examples: pictures.count(),
        accuracy: captured.accuracy,
    };
    let axes = match arguments.axes {
        AxesArgument::Flat => Axes::Flat,
        AxesArgument::Maps => Axes::Maps,
    };
    let format = match arguments.format {
        FormatArgument::Single => Format::Single,
        FormatArgument::Half => Format::Half,
    };
    write(&arguments.out, &captured.layers, &description, format, axes)?;
    println!(
        "{}: {} layers, {} pictures, {:.2} % of them right",
        arguments.out.display(),
        captured.layers.len(),
        pictures.count(),
        100.0 * captured.accuracy
    );
    Ok(())
}

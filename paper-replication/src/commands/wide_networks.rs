//! Convolutional networks with layers much wider than there are examples, for the tests of the
//! library: stored as weights, because the answers of such layers are large.

use crate::data::{self, DataSet, Normalization, Pictures};
use crate::error::{Error, Result};
use crate::networks::{AffineMap, Architecture, Network, NetworkConfig};
use crate::training::{Batches, Progress, Regime, Run, Trainer};
use crate::whole::write_tensors;
use burn::tensor::Device;
use clap::Args;
use half::f16;
use safetensors::tensor::{Dtype, TensorView};
use serde::Serialize;
use std::path::{Path, PathBuf};

/// The digits of 8 x 8 pixels become pictures of 32 x 32, the size that the architecture was made
/// for.
const FACTOR: usize = 4;

/// The pictures that are stored beside the networks: more than the pooling layer has neurons, and
/// much fewer than the convolutions have.
const EXAMPLES: usize = 96;

/// Much shorter than what the demonstration takes: these networks must know the digits, and be done
/// in minutes.
const REGIME: Regime = Regime { epochs: 6, batch: 64, learning_rate: 1e-2, warm_up: 0.1, weight_decay: 0.05, crop: 2, flip: false };

/// Train Tiny-10 on the embedded digits, enlarged to 32 x 32, and store the weights, batch
/// normalization folded in.
#[derive(Debug, Args)]
pub struct WideNetworks {
    /// The folder for seed-1.safetensors, seed-2.safetensors, ... and pictures.safetensors
    #[arg(long, default_value = "tests/fixtures/convnet")]
    out: PathBuf,
    /// The number of networks
    #[arg(long, default_value_t = 2)]
    networks: u64,
    /// The seed of the first network; the next ones follow
    #[arg(long, default_value_t = 1)]
    first_seed: u64,
}

/// What a stored network says of itself.
#[derive(Serialize)]
struct Description<'a> {
    #[serde(flatten)]
    run: &'a Run,
    test_pictures: usize,
    test_accuracy: f64,
}

/// Runs [`WideNetworks`]; prints a line for each network.
///
/// # Errors
/// When training fails or a file cannot be written.
pub fn wide_networks(arguments: &WideNetworks) -> Result<()> {
    let small = data::digits()?;
    let digits = small.enlarged(FACTOR)?;
    let normalization = digits.train.normalization();
    for seed in (arguments.first_seed..).take(arguments.networks as usize) {
        let run = Run { data: format!("{}, enlarged {FACTOR} times", digits.name), network: network(&digits), regime: REGIME, seed };
        let steps = run.regime.steps(digits.train.count());
        let mut trainer = Trainer::new(run, normalization.clone())?;
        trainer.finish(&digits.train, &Progress::new(&format!("seed {seed}"), steps), None)?;
        // From here on the network is the one that is stored: what is said of it is true of the
        // rounded numbers.
        let (network, maps) = trainer.network().folded(|value| f16::from_f32(value).to_f32());
        let test_accuracy = network.accuracy(&digits.test, &normalization)?;
        let description = Description { run: trainer.run(), test_pictures: digits.test.count(), test_accuracy };
        let answers = answers(&network, &digits.test.first(EXAMPLES)?, &normalization);
        let path = arguments.out.join(format!("seed-{seed}.safetensors"));
        write_network(&path, &trainer.run().network, &maps, &answers, &description)?;
        println!("{}: {:.1} % of {} test pictures right", path.display(), 100.0 * test_accuracy, digits.test.count());
    }
    write_pictures(&arguments.out.join("pictures.safetensors"), &small.test.first(EXAMPLES)?, &normalization)
}

fn network(digits: &DataSet) -> NetworkConfig {
    let architecture = Architecture::Tiny10;
    NetworkConfig {
        architecture,
        width: architecture.paper_width(),
        batch_norm: true,
        channels: digits.train.channels(),
        side: digits.train.side(),
        classes: digits.train.class_count(),
    }
}

/// The logits of all pictures, row by row.
fn answers(network: &Network, pictures: &Pictures, normalization: &Normalization) -> Vec<f32> {
    let device = Device::flex();
    let batches = Batches::in_order(pictures, normalization, EXAMPLES, &device);
    batches.flat_map(|(inputs, _)| network.forward(inputs).into_data().iter::<f32>().collect::<Vec<_>>()).collect()
}

/// A tensor on its way into a file.
struct Stored {
    name: String,
    dtype: Dtype,
    shape: Vec<usize>,
    bytes: Vec<u8>,
}

impl Stored {
    /// In half precision, which the values must fit.
    fn half(name: String, shape: &[usize], values: &[f32]) -> Result<Self> {
        if let Some(&value) = values.iter().find(|value| !value.is_finite()) {
            return Err(Error::Unrepresentable { layer: name, value, format: "half precision" });
        }
        let bytes = values.iter().flat_map(|&value| f16::from_f32(value).to_le_bytes()).collect();
        Ok(Self { name, dtype: Dtype::F16, shape: shape.to_vec(), bytes })
    }

    fn single(name: &str, shape: &[usize], values: &[f32]) -> Self {
        let bytes = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        Self { name: name.to_owned(), dtype: Dtype::F32, shape: shape.to_vec(), bytes }
    }

    fn bytes(name: &str, shape: &[usize], bytes: Vec<u8>) -> Self {
        Self { name: name.to_owned(), dtype: Dtype::U8, shape: shape.to_vec(), bytes }
    }
}

/// Writes the weights and biases of all layers, and what the network answers to the stored
/// pictures.
fn write_network(path: &Path, config: &NetworkConfig, maps: &[AffineMap], answers: &[f32], description: &Description<'_>) -> Result<()> {
    let mut tensors = vec![Stored::single("answers", &[answers.len() / config.classes, config.classes], answers)];
    let mut names: Vec<String> = config.layers()?.into_iter().map(|layer| layer.name).collect();
    // The maps are those of the convolutions and of the logits: the pooling layer, the last one
    // here, has no numbers.
    names.pop();
    names.push("logits".to_owned());
    for (name, map) in names.iter().zip(maps) {
        tensors.push(Stored::half(format!("{name}.weight"), &map.shape, &map.weight)?);
        tensors.push(Stored::half(format!("{name}.bias"), &map.shape[..1], &map.bias)?);
    }
    let words = serde_json::to_string(description).map_err(|error| Error::File { path: path.to_path_buf(), source: error.into() })?;
    write(path, &tensors, words)
}

/// Writes the digits as they are in the table, from 0 to 16, and the normalization of the enlarged
/// training pictures.
fn write_pictures(path: &Path, pictures: &Pictures, normalization: &Normalization) -> Result<()> {
    let (count, side) = (pictures.count(), pictures.side());
    let pixels = (0..count).flat_map(|index| pictures.picture(index).iter().map(|pixel| (16.0 * pixel).round() as u8)).collect();
    let tensors = [
        Stored::bytes("pixels", &[count, side, side], pixels),
        Stored::bytes("labels", &[count], pictures.labels().to_vec()),
        Stored::single("normalization", &[2], &[normalization.mean[0], normalization.deviation[0]]),
    ];
    write(path, &tensors, format!("the first {count} test digits, and mean and standard deviation of the enlarged training pictures"))
}

fn write(path: &Path, tensors: &[Stored], description: String) -> Result<()> {
    let failed = |source| Error::Tensors { path: path.to_path_buf(), source };
    let views = tensors.iter().map(|Stored { name, dtype, shape, bytes }| {
        TensorView::new(*dtype, shape.clone(), bytes).map(|view| (name.as_str(), view)).map_err(failed)
    });
    let views = views.collect::<Result<Vec<_>>>()?;
    write_tensors(path, views, ("description", description))
}

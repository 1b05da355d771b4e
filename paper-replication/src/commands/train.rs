//! Train one network.

use super::pictures::PictureArguments;
use crate::error::{Result, at};
use crate::networks::{Architecture, NetworkConfig};
use crate::training::{Progress, Regime, Run, Trainer};
use clap::Args;
use std::path::PathBuf;
use std::time::Instant;

/// Train one network and keep it in a checkpoint; a run that was stopped goes on where it was.
#[derive(Debug, Args)]
pub struct Train {
    #[command(flatten)]
    pictures: PictureArguments,
    /// tiny-10, width, digits, plain-(8n+2) such as plain-18, or resnet-(6n+2) such as resnet-14
    #[arg(long, default_value = "tiny-10")]
    architecture: Architecture,
    /// The width w of the architecture [default: the paper's]
    #[arg(long)]
    width: Option<usize>,
    /// Leave batch normalization out
    #[arg(long)]
    no_batch_norm: bool,
    /// The seed of weights, order, crops and flips
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How often every picture is seen
    #[arg(long, default_value_t = Regime::PICTURES.epochs)]
    epochs: usize,
    /// Pictures a step
    #[arg(long, default_value_t = Regime::PICTURES.batch)]
    batch: usize,
    /// The highest learning rate
    #[arg(long, default_value_t = Regime::PICTURES.learning_rate)]
    learning_rate: f64,
    /// The share of the steps over which the learning rate climbs
    #[arg(long, default_value_t = Regime::PICTURES.warm_up)]
    warm_up: f64,
    /// Decoupled weight decay
    #[arg(long, default_value_t = Regime::PICTURES.weight_decay)]
    weight_decay: f32,
    /// Shift every picture by up to this many pixels
    #[arg(long, default_value_t = Regime::PICTURES.crop)]
    crop: usize,
    /// Do not mirror pictures
    #[arg(long)]
    no_flip: bool,
    /// The checkpoint: read if it is there, written after every epoch
    #[arg(long)]
    checkpoint: PathBuf,
}

/// Runs [`Train`]; prints the accuracy on the test pictures, time and speed.
///
/// # Errors
/// When the pictures cannot be loaded, training fails, or the checkpoint holds another run or
/// cannot be read or written.
pub fn train(arguments: &Train) -> Result<()> {
    let pictures = arguments.pictures.load()?;
    let normalization = pictures.train.normalization();
    let run = arguments.run(&pictures.train);
    let steps = run.regime.steps(pictures.train.count());
    let label = format!("{} seed {}", run.network.architecture, run.seed);
    if let Some(folder) = arguments.checkpoint.parent() {
        std::fs::create_dir_all(folder).map_err(at(folder))?;
    }
    let mut trainer = Trainer::resume(run, normalization, &arguments.checkpoint)?;
    let before = trainer.epochs_done();
    let start = Instant::now();
    let progress = Progress::new(&label, steps);
    trainer.finish(&pictures.train, &progress, Some(&arguments.checkpoint))?;
    let seconds = start.elapsed().as_secs_f64();
    let accuracy = trainer.network().accuracy(&pictures.test, trainer.normalization())?;
    println!("{label}: {:.2} % of {} test pictures right after {} epochs", 100.0 * accuracy, pictures.test.count(), trainer.epochs_done());
    let seen = (trainer.epochs_done() - before) * pictures.train.count();
    if seen > 0 {
        let speed = seen as f64 / seconds;
        println!("{seconds:.1} s in this call, {speed:.0} pictures/s");
    }
    Ok(())
}

impl Train {
    fn run(&self, pictures: &crate::data::Pictures) -> Run {
        Run {
            data: self.pictures.words(),
            network: NetworkConfig {
                architecture: self.architecture,
                width: self.width.unwrap_or(self.architecture.paper_width()),
                batch_norm: !self.no_batch_norm,
                channels: pictures.channels(),
                side: pictures.side(),
                classes: pictures.class_count(),
            },
            regime: Regime {
                epochs: self.epochs,
                batch: self.batch,
                learning_rate: self.learning_rate,
                warm_up: self.warm_up,
                weight_decay: self.weight_decay,
                crop: self.crop,
                flip: !self.no_flip,
            },
            seed: self.seed,
        }
    }
}

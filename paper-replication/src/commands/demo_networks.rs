//! The small trained networks that the repository carries: for the library's demonstration and
//! for its sanity check.

use crate::capture::{Axes, Format, capture, write};
use crate::data;
use crate::error::Result;
use crate::networks::{Architecture, NetworkConfig};
use crate::training::{Progress, Regime, Run, Trainer};
use clap::Args;
use serde::Serialize;
use std::path::PathBuf;

/// More than twice the widest layer, 256 neurons, so that even two widest layers together leave
/// room: no canonical correlation between them is forced to be 1.
const EXAMPLES: usize = 516;

/// Train small networks on the embedded digits and store what their layers answer.
#[derive(Debug, Args)]
pub struct DemoNetworks {
    /// The folder for digits-seed-1.safetensors, digits-seed-2.safetensors, ...
    #[arg(long, default_value = "data/demo")]
    out: PathBuf,
    /// The number of networks
    #[arg(long, default_value_t = 5)]
    networks: u64,
    /// The seed of the first network; the next ones follow
    #[arg(long, default_value_t = 1)]
    first_seed: u64,
}

/// What a stored file says of itself.
#[derive(Serialize)]
struct Description<'a> {
    #[serde(flatten)]
    run: &'a Run,
    examples: &'static str,
    test_accuracy: f64,
}

/// Runs [`DemoNetworks`]; prints a line for each file.
///
/// # Errors
/// When training fails or a file cannot be written.
pub fn demo_networks(arguments: &DemoNetworks) -> Result<()> {
    let digits = data::digits()?;
    let normalization = digits.train.normalization();
    let examples = digits.test.first(EXAMPLES)?;
    for seed in (arguments.first_seed..).take(arguments.networks as usize) {
        let run = Run { data: digits.name.clone(), network: network(&digits), regime: Regime::DIGITS, seed };
        let steps = run.regime.steps(digits.train.count());
        let mut trainer = Trainer::new(run, normalization.clone())?;
        trainer.finish(&digits.train, &Progress::new(&format!("seed {seed}"), steps), None)?;
        let (network, run) = (trainer.network(), trainer.run());
        let captured = capture(&network, &run.network, &examples, &normalization, |_| true)?;
        let description = Description {
            run,
            examples: "the first 516 of the 600 digits that were not trained on, flattened",
            test_accuracy: network.accuracy(&digits.test, &normalization)?,
        };
        let path = arguments.out.join(format!("digits-seed-{seed}.safetensors"));
        write(&path, &captured.layers, &description, Format::Half, Axes::Flat)?;
        println!("{}: {:.1} % of the test pictures right", path.display(), 100.0 * description.test_accuracy,);
    }
    Ok(())
}

fn network(digits: &data::DataSet) -> NetworkConfig {
    let architecture = Architecture::Digits;
    NetworkConfig {
        architecture,
        width: architecture.paper_width(),
        batch_norm: true,
        channels: digits.train.channels(),
        side: digits.train.side(),
        classes: digits.train.class_count(),
    }
}

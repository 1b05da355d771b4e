//! The small trained networks that the repository carries: for the library's demonstration and
//! for its sanity check.

use crate::capture::{Activations, Axes, Format, capture, write};
use crate::data;
use crate::error::Result;
use crate::networks::{Architecture, NetworkConfig};
use crate::training::{Progress, Regime, Run, Trainer};
use clap::Args;
use half::f16;
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
        let mut captured = capture(&network, &run.network, &examples, &normalization, |_| true)?;
        let description = Description {
            run,
            examples: "the first 516 of the 600 digits that were not trained on, flattened",
            test_accuracy: network.accuracy(&digits.test, &normalization)?,
        };
        captured.layers.iter_mut().for_each(round);
        let path = arguments.out.join(format!("digits-seed-{seed}.safetensors"));
        write(&path, &captured.layers, &description, Format::Half, Axes::Flat)?;
        println!("{}: {:.1} % of the test pictures right", path.display(), 100.0 * description.test_accuracy,);
    }
    Ok(())
}

/// Rounds to 6 significant bits: the published package carries these files, and so they compress.
fn round(activations: &mut Activations) {
    activations.values.iter_mut().for_each(|value| *value = rounded(*value));
}

/// The nearest number in half precision whose last 5 bits are zero; of two, the even one.
fn rounded(value: f32) -> f32 {
    const DROPPED: u16 = 5;
    let bits = f16::from_f32(value).to_bits();
    let odd = (bits >> DROPPED) & 1;
    f16::from_bits((bits + (1 << (DROPPED - 1)) - 1 + odd) >> DROPPED << DROPPED).to_f32()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn six_significant_bits_stay() {
        let step = 1.0 / 32.0;
        for (value, want) in [
            (0.0, 0.0),
            (1.0 + step, 1.0 + step),
            (1.0 + 0.45 * step, 1.0),
            (1.0 + 0.5 * step, 1.0),
            (1.0 + 1.5 * step, 1.0 + 2.0 * step),
            (1.0 + 0.55 * step, 1.0 + step),
            (-1.99, -2.0),
        ] {
            assert_eq!(rounded(value), want, "{value}");
        }
    }
}

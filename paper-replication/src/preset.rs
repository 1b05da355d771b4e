//! How large an experiment is: presets, and the settings that they stand for.

use crate::data::Source;
use crate::error::{Error, Result};
use crate::networks::Architecture;
use crate::training::Regime;
use serde::Serialize;

/// A size of every experiment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, clap::ValueEnum)]
pub enum Preset {
    /// Minutes on two cores, with the digits that are built in
    Quick,
    /// CIFAR-10 at 16 x 16: what RESULTS.md reports
    Standard,
    /// The paper's own sizes: days without an accelerator
    Full,
}

impl Preset {
    /// The name, as on the command line and in `results.json`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Quick => "quick",
            Self::Standard => "standard",
            Self::Full => "full",
        }
    }
}

/// Which pictures of a data set networks are compared on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Part {
    /// Those that no network was trained on
    Test,
    /// Those that all were trained on: only there are there more pictures than a layer of the
    /// paper's own size has neurons
    Train,
}

impl Part {
    /// The name, as on the command line and in `results.json`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Test => "test",
            Self::Train => "train",
        }
    }
}

/// What a preset fixes for an experiment; everything in it can be overridden on the command line.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Setting {
    /// The data set.
    #[serde(serialize_with = "by_name")]
    pub data: Source,
    /// The side that pictures are averaged down to.
    pub side: usize,
    /// The architecture, where the experiment does not fix it.
    pub architecture: Architecture,
    /// The width w of the architecture.
    pub width: usize,
    /// How networks are trained.
    pub regime: Regime,
    /// The seeds of the networks, one network each.
    pub seeds: Vec<u64>,
    /// The number of pictures n that networks are compared on.
    pub examples: usize,
    /// Where these pictures come from.
    pub part: Part,
    /// For the indexes of the CCA family and linear regression, which need decompositions of every
    /// layer.
    pub subspace: Subspace,
}

/// How much of the work is done for the indexes that compare subspaces.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Subspace {
    /// How many of the networks, from the first.
    pub networks: usize,
    /// The number of pictures n; it must exceed the number of neurons of the widest layer, or
    /// (Theorem 1) the values say nothing.
    pub examples: usize,
    /// Where these pictures come from.
    pub part: Part,
}

fn by_name<S: serde::Serializer>(source: &Source, serializer: S) -> std::result::Result<S::Ok, S::Error> {
    serializer.serialize_str(source.name())
}

impl Setting {
    /// The setting of a preset, from which experiments start.
    pub fn of(preset: Preset) -> Self {
        match preset {
            // More than twice the widest layer, 256 neurons: no canonical correlation is forced to
            // be 1.
            Preset::Quick => Self {
                data: Source::Digits,
                side: 8,
                architecture: Architecture::Digits,
                width: 4,
                regime: Regime::DIGITS,
                seeds: (1..=5).collect(),
                examples: 516,
                part: Part::Test,
                subspace: Subspace { networks: 5, examples: 516, part: Part::Test },
            },
            Preset::Standard => Self {
                data: Source::Cifar10,
                side: 16,
                architecture: Architecture::Tiny10,
                width: 16,
                regime: Regime::PICTURES,
                seeds: (1..=10).collect(),
                examples: 3000,
                part: Part::Test,
                subspace: Subspace { networks: 5, examples: 10_000, part: Part::Test },
            },
            Preset::Full => Self {
                data: Source::Cifar10,
                side: 32,
                architecture: Architecture::Tiny10,
                width: 16,
                regime: Regime { epochs: 100, crop: 4, ..Regime::PICTURES },
                seeds: (1..=10).collect(),
                examples: 50_000,
                part: Part::Train,
                subspace: Subspace { networks: 10, examples: 50_000, part: Part::Train },
            },
        }
    }

    /// Trains for another number of epochs.
    pub fn with_epochs(mut self, epochs: usize) -> Self {
        self.regime.epochs = epochs;
        self
    }
}

/// Reads seeds: `3`, `1-10`, `1-3,7`.
///
/// # Errors
/// When the text is none of these, or a seed comes twice.
pub fn parse_seeds(text: &str) -> Result<Vec<u64>> {
    let wrong = || Error::Setting(format!("seeds {text:?}: write them as 3, 1-10 or 1-3,7, each seed once"));
    let number = |text: &str| text.trim().parse::<u64>().map_err(|_| wrong());
    let mut seeds = Vec::new();
    for part in text.split(',') {
        match part.split_once('-') {
            Some((first, last)) => seeds.extend(number(first)?..=number(last)?),
            None => seeds.push(number(part)?),
        }
    }
    let mut sorted = seeds.clone();
    sorted.sort_unstable();
    sorted.dedup();
    if seeds.is_empty() || sorted.len() != seeds.len() { Err(wrong()) } else { Ok(seeds) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seeds_are_numbers_and_ranges() {
        assert_eq!(parse_seeds("3").unwrap(), [3]);
        assert_eq!(parse_seeds("1-3,7").unwrap(), [1, 2, 3, 7]);
        for wrong in ["", "a", "3-1", "1,1", "1-3,2", "-1"] {
            assert!(parse_seeds(wrong).unwrap_err().to_string().contains("1-10"), "{wrong}");
        }
    }

    /// Theorem 1: with fewer examples than neurons every index of the CCA family is the same number
    /// for all layers.
    #[test]
    fn the_small_presets_know_how_many_neurons_there_are() {
        let setting = Setting::of(Preset::Quick);
        let config = crate::networks::NetworkConfig {
            architecture: setting.architecture,
            width: setting.width,
            batch_norm: true,
            channels: 1,
            side: setting.side,
            classes: 10,
        };
        let widest = config.layers().unwrap().iter().map(|layer| layer.neurons()).max().unwrap();
        assert!(setting.subspace.examples > 2 * widest);
    }
}

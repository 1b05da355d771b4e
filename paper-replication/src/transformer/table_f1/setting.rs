//! What is trained and compared.

use crate::data::DataSet;
use crate::training::Regime;
use crate::transformer::{EncoderConfig, EncoderRun};
use serde::Serialize;

/// How large the experiment is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Preset {
    /// Five encoders, trained for a fifth of the time
    Quick,
    /// Ten encoders, as many as in the paper
    Standard,
}

impl Preset {
    /// The name, as on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Quick => "quick",
            Self::Standard => "standard",
        }
    }
}

/// Everything that fixes the outcome.
#[derive(Debug, Clone, Serialize)]
pub struct Setting {
    /// The data set.
    pub data: String,
    /// The encoders.
    pub encoder: EncoderConfig,
    /// How they are trained.
    pub regime: Regime,
    /// Their seeds.
    pub seeds: Vec<u64>,
    /// Pictures that encoders are compared on, from the first test picture.
    pub pictures: usize,
    /// Examples n: the token positions of these pictures.
    pub examples: usize,
}

impl Setting {
    /// The setting of a preset, for a data set whose pictures' rows become tokens.
    ///
    /// Six blocks make the twelve sublayers of the paper. n is many times the width, so that no
    /// index of the CCA family is held up by Theorem 1, and small enough for one kernel matrix of
    /// each sublayer of all encoders to be in memory together. The learning rate and the weight
    /// decay are high, and training goes on long after the digits are learned: only then do the
    /// sublayers of different encoders come to agree.
    pub fn of(preset: Preset, data: &DataSet) -> Self {
        let side = data.train.side();
        let encoder = EncoderConfig {
            tokens: side,
            token_size: data.train.channels() * side,
            width: 64,
            heads: 4,
            hidden: 128,
            blocks: 6,
            classes: data.train.class_count(),
        };
        let (epochs, networks) = match preset {
            Preset::Quick => (12, 5),
            Preset::Standard => (60, 10),
        };
        let pictures = 150;
        Self {
            data: data.name.clone(),
            encoder,
            regime: Regime { epochs, batch: 64, learning_rate: 6e-3, warm_up: 0.1, weight_decay: 0.3, crop: 1, flip: false },
            seeds: (1..=networks).collect(),
            pictures,
            examples: pictures * side,
        }
    }

    /// The run of one seed.
    pub(super) fn run(&self, seed: u64) -> EncoderRun {
        EncoderRun { data: self.data.clone(), encoder: self.encoder.clone(), regime: self.regime.clone(), seed }
    }
}

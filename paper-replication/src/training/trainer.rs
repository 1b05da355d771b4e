//! The training loop.

use super::batch::Batches;
use super::checkpoint;
use super::progress::{Epoch, Progress};
use super::regime::Regime;
use super::weights;
use crate::data::{Normalization, Pictures};
use crate::error::{Error, Result};
use crate::networks::{Network, NetworkConfig};
use burn::module::Module;
use burn::nn::loss::CrossEntropyLossConfig;
use burn::optim::{AdamWConfig, GradientsParams, ModuleOptimizer};
use burn::tensor::Device;
use serde::{Deserialize, Serialize};
use std::path::Path;
use std::time::Instant;

/// Everything that fixes the outcome of a training run, apart from the pictures.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Run {
    /// The data set, in words that tell it from others (name, classes kept).
    pub data: String,
    /// The network.
    pub network: NetworkConfig,
    /// The regime.
    pub regime: Regime,
    /// The seed of weights, order, crops and flips.
    pub seed: u64,
}

/// A network in training.
pub struct Trainer {
    pub(super) run: Run,
    pub(super) normalization: Normalization,
    pub(super) network: Network,
    pub(super) optimizer: ModuleOptimizer,
    pub(super) epochs_done: usize,
    pub(super) history: Vec<f64>,
    device: Device,
}

impl Trainer {
    /// A network with its starting weights. `normalization` is that of the training pictures.
    ///
    /// # Errors
    /// When the regime or the network cannot be.
    pub fn new(run: Run, normalization: Normalization) -> Result<Self> {
        run.regime.check()?;
        let device = Device::flex().autodiff();
        let network = Network::new(&run.network, run.seed, &device)?;
        let optimizer = AdamWConfig::new().with_epsilon(1e-8).with_weight_decay(run.regime.weight_decay).init();
        Ok(Self { run, normalization, network, optimizer, epochs_done: 0, history: Vec::new(), device })
    }

    /// Goes on from the checkpoint at `path` if there is one, or starts afresh.
    ///
    /// # Errors
    /// When the file holds another run or cannot be read.
    pub fn resume(run: Run, normalization: Normalization, path: &Path) -> Result<Self> {
        if !path.exists() {
            return Self::new(run, normalization);
        }
        let trainer = checkpoint::load(path)?;
        let differences = differences(&run, &normalization, &trainer);
        if !differences.is_empty() {
            return Err(Error::ForeignCheckpoint { path: path.to_path_buf(), differences: differences.join("; ") });
        }
        Ok(trainer)
    }

    /// Reads a checkpoint, or weights, whatever run they are of.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn load(path: &Path) -> Result<Self> {
        checkpoint::load(path)
    }

    /// Writes the state after the last finished epoch.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn save(&self, path: &Path) -> Result<()> {
        checkpoint::save(self, path)
    }

    /// Writes the trained network as weights alone, a third of a checkpoint, which
    /// [`Trainer::load`] and [`Trainer::resume`] read too.
    ///
    /// # Errors
    /// When training is not finished, or the file cannot be written.
    pub fn save_weights(&self, path: &Path) -> Result<()> {
        weights::save(self, path)
    }

    /// What is being trained.
    pub fn run(&self) -> &Run {
        &self.run
    }

    /// The epochs finished so far.
    pub fn epochs_done(&self) -> usize {
        self.epochs_done
    }

    /// The mean loss of every epoch so far.
    pub fn history(&self) -> &[f64] {
        &self.history
    }

    /// The normalization of the training pictures.
    pub fn normalization(&self) -> &Normalization {
        &self.normalization
    }

    /// The network as it is now, batch normalization in evaluation mode.
    pub fn network(&self) -> Network {
        self.network.valid()
    }

    /// Trains for all epochs left, and writes a checkpoint after each if a path is given.
    ///
    /// # Errors
    /// When the pictures do not fit the network, the loss is no longer finite, or the
    /// checkpoint cannot be written.
    pub fn finish(&mut self, pictures: &Pictures, progress: &Progress, checkpoint: Option<&Path>) -> Result<()> {
        while self.epochs_done < self.run.regime.epochs {
            let epoch = self.epoch(pictures, progress)?;
            progress.epoch_done(epoch);
            if let Some(path) = checkpoint {
                self.save(path)?;
            }
        }
        progress.finish();
        Ok(())
    }

    /// Trains for one epoch.
    ///
    /// # Errors
    /// As [`finish`](Self::finish).
    pub fn epoch(&mut self, pictures: &Pictures, progress: &Progress) -> Result<Epoch> {
        self.check(pictures)?;
        let start = Instant::now();
        let epoch = self.epochs_done;
        let regime = self.run.regime.clone();
        let steps_each = pictures.count().div_ceil(regime.batch);
        let cross_entropy = CrossEntropyLossConfig::new().init(&self.device);
        let batches = Batches::of_epoch(pictures, &self.normalization, &regime, self.run.seed, epoch, &self.device);
        let mut total = 0.0;
        for (step, (inputs, classes)) in batches.enumerate() {
            let [size, ..] = inputs.dims();
            let loss = cross_entropy.forward(self.network.forward(inputs), classes);
            let value: f32 = loss.clone().into_scalar::<f32>();
            if !value.is_finite() {
                return Err(Error::Diverged { loss: value, epoch: epoch + 1, step: step + 1, learning_rate: regime.learning_rate });
            }
            total += f64::from(value) * size as f64;
            let gradients = GradientsParams::from_grads(loss.backward(), &self.network);
            let done = epoch * steps_each + step;
            let rate = regime.learning_rate_at(done, regime.epochs * steps_each);
            self.network = self.optimizer.step(rate, self.network.clone(), gradients);
            progress.steps_done(done + 1);
        }
        self.epochs_done += 1;
        let loss = total / pictures.count() as f64;
        self.history.push(loss);
        Ok(Epoch { number: self.epochs_done, loss, speed: pictures.count() as f64 / start.elapsed().as_secs_f64() })
    }

    fn check(&self, pictures: &Pictures) -> Result<()> {
        let found = (pictures.channels(), pictures.side(), pictures.class_count());
        let network = &self.run.network;
        let expected = (network.channels, network.side, network.classes);
        if found != expected {
            return Err(Error::Pictures(format!("pictures of (channels, side, classes) {found:?} for a network of {expected:?}")));
        }
        Ok(())
    }
}

/// What a checkpoint holds that was not asked for, in words.
fn differences(run: &Run, normalization: &Normalization, found: &Trainer) -> Vec<String> {
    fn differ<T: PartialEq + std::fmt::Debug>(name: &str, asked: &T, found: &T) -> Option<String> {
        (asked != found).then(|| format!("{name} {asked:?} asked for, {found:?} found"))
    }
    [
        differ("data", &run.data, &found.run.data),
        differ("network", &run.network, &found.run.network),
        differ("regime", &run.regime, &found.run.regime),
        differ("seed", &run.seed, &found.run.seed),
        differ("pictures with", normalization, &found.normalization),
    ]
    .into_iter()
    .flatten()
    .collect()
}

impl Network {
    /// The share of pictures, in [0, 1], whose class has the highest logit. The network is put
    /// in evaluation mode for it.
    ///
    /// # Errors
    /// When the logits cannot be read back.
    pub fn accuracy(&self, pictures: &Pictures, normalization: &Normalization) -> Result<f64> {
        const BATCH: usize = 250;
        let device = Device::flex();
        let network = self.valid();
        let mut right = 0_i64;
        for (inputs, classes) in Batches::in_order(pictures, normalization, BATCH, &device) {
            let guesses = network.forward(inputs).argmax(1).flatten::<1>(0, 1);
            right += guesses.equal(classes).int().sum().into_scalar::<i64>();
        }
        Ok(right as f64 / pictures.count() as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::digits;

    fn run(learning_rate: f64) -> Run {
        Run {
            data: "digits".to_owned(),
            network: NetworkConfig {
                architecture: "digits".parse().unwrap(),
                width: 4,
                batch_norm: true,
                channels: 1,
                side: 8,
                classes: 10,
            },
            regime: Regime { epochs: 3, batch: 64, learning_rate, warm_up: 0.2, weight_decay: 0.1, crop: 0, flip: false },
            seed: 1,
        }
    }

    #[test]
    fn three_epochs_learn_the_digits() {
        let digits = digits().unwrap();
        let normalization = digits.train.normalization();
        let mut trainer = Trainer::new(run(1e-2), normalization.clone()).unwrap();
        let before = trainer.network().accuracy(&digits.test, &normalization).unwrap();
        let progress = Progress::new("test", 1);
        trainer.finish(&digits.train, &progress, None).unwrap();
        let after = trainer.network().accuracy(&digits.test, &normalization).unwrap();
        assert!(before < 0.3 && after > 0.85, "{before} {after}");
        assert!(trainer.history().is_sorted_by(|one, next| one > next));
    }

    #[test]
    fn pictures_that_do_not_fit_and_divergence_are_errors() {
        let digits = digits().unwrap();
        let progress = Progress::new("test", 1);
        let mut trainer = Trainer::new(run(1e-2), digits.train.normalization()).unwrap();
        let small = digits.train.resized(4).unwrap();
        let message = trainer.epoch(&small, &progress).unwrap_err().to_string();
        assert!(message.contains("(1, 4, 10)") && message.contains("(1, 8, 10)"));
        let mut wild = run(1e30);
        wild.network.batch_norm = false;
        let mut trainer = Trainer::new(wild, digits.train.normalization()).unwrap();
        let failure = trainer.epoch(&digits.train, &progress).unwrap_err();
        assert!(matches!(failure, Error::Diverged { epoch: 1, .. }), "{failure}");
    }
}

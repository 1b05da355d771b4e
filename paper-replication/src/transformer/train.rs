//! Fitting an encoder to pictures whose rows are its tokens.

use super::encoder::{Encoder, EncoderConfig};
use crate::data::{Normalization, Pictures};
use crate::error::{Error, Result};
use crate::training::{Batches, Epoch, Progress, Regime};
use burn::module::Module;
use burn::nn::loss::CrossEntropyLossConfig;
use burn::optim::{AdamWConfig, GradientsParams};
use burn::tensor::{Device, Tensor};
use serde::{Deserialize, Serialize};
use std::time::Instant;

/// Pictures that go through an encoder at once when it is only read.
pub(super) const BATCH: usize = 200;

/// Everything that fixes the outcome of a training run, apart from the pictures.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EncoderRun {
    /// The data set, in words.
    pub data: String,
    /// The encoder.
    pub encoder: EncoderConfig,
    /// The regime.
    pub regime: Regime,
    /// The seed of weights, order and shifts.
    pub seed: u64,
}

/// A trained encoder.
#[derive(Debug)]
pub struct Trained {
    /// The encoder, for reading only.
    pub encoder: Encoder,
    /// The mean loss of every epoch.
    pub history: Vec<f64>,
}

/// Pictures, n x channels x side x side, as sequences: one token a row, the pixels of all channels
/// in it.
pub(super) fn rows_as_tokens(pictures: Tensor<4>) -> Tensor<3> {
    let [count, channels, height, width] = pictures.dims();
    pictures.swap_dims(1, 2).reshape([count, height, channels * width])
}

/// Trains for all epochs of the regime. The same run gives the same bits on the same machine.
///
/// # Errors
/// When regime or encoder cannot be, the pictures do not fit it, or the loss is no longer finite.
pub fn train(run: &EncoderRun, pictures: &Pictures, normalization: &Normalization, progress: &Progress) -> Result<Trained> {
    run.regime.check()?;
    check(&run.encoder, pictures)?;
    let (regime, device) = (&run.regime, Device::flex().autodiff());
    let mut encoder = Encoder::new(&run.encoder, run.seed, &device)?;
    let mut optimizer = AdamWConfig::new().with_epsilon(1e-8).with_weight_decay(regime.weight_decay).init();
    let cross_entropy = CrossEntropyLossConfig::new().init(&device);
    let steps = regime.steps(pictures.count());
    let mut done = 0;
    let mut history = Vec::with_capacity(regime.epochs);
    for epoch in 0..regime.epochs {
        let start = Instant::now();
        let mut total = 0.0;
        for (step, (inputs, classes)) in Batches::of_epoch(pictures, normalization, regime, run.seed, epoch, &device).enumerate() {
            let [size, ..] = inputs.dims();
            let loss = cross_entropy.forward(encoder.forward(rows_as_tokens(inputs)), classes);
            let value: f32 = loss.clone().into_scalar::<f32>();
            if !value.is_finite() {
                return Err(Error::Diverged { loss: value, epoch: epoch + 1, step: step + 1, learning_rate: regime.learning_rate });
            }
            total += f64::from(value) * size as f64;
            let gradients = GradientsParams::from_grads(loss.backward(), &encoder);
            encoder = optimizer.step(regime.learning_rate_at(done, steps), encoder, gradients);
            done += 1;
            progress.steps_done(done);
        }
        let loss = total / pictures.count() as f64;
        history.push(loss);
        progress.epoch_done(Epoch { number: epoch + 1, loss, speed: pictures.count() as f64 / start.elapsed().as_secs_f64() });
    }
    progress.finish();
    Ok(Trained { encoder: encoder.valid(), history })
}

/// The share of pictures, in [0, 1], whose class has the highest logit.
///
/// # Errors
/// When the pictures do not fit the encoder.
pub fn accuracy(encoder: &Encoder, config: &EncoderConfig, pictures: &Pictures, normalization: &Normalization) -> Result<f64> {
    check(config, pictures)?;
    let mut right = 0_i64;
    for (inputs, classes) in Batches::in_order(pictures, normalization, BATCH, &Device::flex()) {
        let guesses = encoder.forward(rows_as_tokens(inputs)).argmax(1).flatten::<1>(0, 1);
        right += guesses.equal(classes).int().sum().into_scalar::<i64>();
    }
    Ok(right as f64 / pictures.count() as f64)
}

/// Whether the rows of the pictures are the encoder's tokens.
pub(super) fn check(config: &EncoderConfig, pictures: &Pictures) -> Result<()> {
    let found = (pictures.side(), pictures.channels() * pictures.side(), pictures.class_count());
    let expected = (config.tokens, config.token_size, config.classes);
    if found != expected {
        return Err(Error::Pictures(format!("pictures of (rows, pixels of a row, classes) {found:?} for an encoder of {expected:?}")));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::digits;

    fn run(seed: u64) -> EncoderRun {
        EncoderRun {
            data: "digits".to_owned(),
            encoder: EncoderConfig { tokens: 8, token_size: 8, width: 16, heads: 2, hidden: 32, blocks: 2, classes: 10 },
            regime: Regime { epochs: 6, batch: 64, learning_rate: 1e-2, warm_up: 0.2, weight_decay: 0.1, crop: 0, flip: false },
            seed,
        }
    }

    #[test]
    fn tokens_are_rows() {
        let device = Device::flex();
        let picture = Tensor::<1, burn::tensor::Int>::arange(0..8, &device).float().reshape([1, 2, 2, 2]);
        let values: Vec<f32> = rows_as_tokens(picture).to_data().iter::<f32>().collect();
        // Channel 0 is 0 1 / 2 3, channel 1 is 4 5 / 6 7.
        assert_eq!(values, [0.0, 1.0, 4.0, 5.0, 2.0, 3.0, 6.0, 7.0]);
    }

    #[test]
    fn a_few_epochs_learn_the_digits_and_the_seed_fixes_everything() {
        let digits = digits().unwrap();
        let normalization = digits.train.normalization();
        let trained = |seed| {
            let run = run(seed);
            let steps = run.regime.steps(digits.train.count());
            let trained = train(&run, &digits.train, &normalization, &Progress::new("test", steps)).unwrap();
            (accuracy(&trained.encoder, &run.encoder, &digits.test, &normalization).unwrap(), trained.history)
        };
        let (share, history) = trained(1);
        assert!(share > 0.7, "{share} {history:?}");
        assert!(history.last() < history.first());
        assert_eq!(trained(1), (share, history.clone()));
        assert_ne!(trained(2).1, history);
    }

    #[test]
    fn pictures_that_do_not_fit_and_divergence_are_errors() {
        let digits = digits().unwrap();
        let normalization = digits.train.normalization();
        let progress = Progress::new("test", 1);
        let small = digits.train.resized(4).unwrap();
        let message = train(&run(1), &small, &normalization, &progress).unwrap_err().to_string();
        assert!(message.contains("(4, 4, 10)") && message.contains("(8, 8, 10)"), "{message}");
        let mut wild = run(1);
        wild.regime.learning_rate = 1e30;
        let failure = train(&wild, &digits.train, &normalization, &progress).unwrap_err();
        assert!(matches!(failure, Error::Diverged { epoch: 1, .. }), "{failure}");
    }
}

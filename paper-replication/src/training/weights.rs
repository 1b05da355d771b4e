//! A trained network as numbers alone, without what training goes on from: a third of a checkpoint,
//! each tensor under its own name, for any program that reads `.safetensors`.

use super::checkpoint::{KEY, State};
use super::trainer::Trainer;
use crate::error::{Error, Result};
use crate::whole::write_tensors;
use burn::module::Module;
use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use std::path::Path;

/// Writes the network in evaluation mode, and what it was trained with.
pub(super) fn save(trainer: &Trainer, path: &Path) -> Result<()> {
    let (done, epochs) = (trainer.epochs_done, trainer.run.regime.epochs);
    if done < epochs {
        return Err(Error::Untrained { path: path.to_path_buf(), epochs_done: done, epochs });
    }
    let mut tensors: Vec<(String, Vec<usize>, Vec<u8>)> = Vec::new();
    trainer.network.valid().exchange_numbers(&trainer.run.network, &mut |name, shape, numbers| {
        tensors.push((name.to_owned(), shape.to_vec(), numbers.iter().flat_map(|number| number.to_le_bytes()).collect()));
        Ok(numbers)
    })?;
    let failed = |source| Error::Tensors { path: path.to_path_buf(), source };
    let views = tensors
        .iter()
        .map(|(name, shape, bytes)| TensorView::new(Dtype::F32, shape.clone(), bytes).map(|view| (name.as_str(), view)))
        .collect::<std::result::Result<Vec<_>, _>>()
        .map_err(failed)?;
    write_tensors(path, views, (KEY, State::of(trainer).to_json()))
}

/// The network of a file of weights, trained for as many epochs as it says.
pub(super) fn read(state: State, parts: &SafeTensors<'_>, path: &Path) -> Result<Trainer> {
    let damaged = |reason: String| Error::DamagedCheckpoint { path: path.to_path_buf(), reason };
    let (done, epochs) = (state.epochs_done, state.run.regime.epochs);
    if done < epochs {
        return Err(damaged(format!("it holds weights alone, after {done} of {epochs} epochs, and training cannot go on from these")));
    }
    let mut trainer = Trainer::new(state.run, state.normalization)?;
    let mut seen = 0;
    let config = trainer.run.network.clone();
    trainer.network.exchange_numbers(&config, &mut |name, shape, _| {
        let view = parts.tensor(name).map_err(|_| damaged(format!("it has no tensor {name:?}")))?;
        if (view.dtype(), view.shape()) != (Dtype::F32, shape) {
            return Err(damaged(format!("{name} is {:?} of shape {:?}, and not F32 of {shape:?}", view.dtype(), view.shape())));
        }
        seen += 1;
        let numbers: Vec<f32> = view.data().chunks_exact(4).map(|bytes| f32::from_le_bytes(bytes.try_into().expect("four"))).collect();
        match numbers.iter().find(|number| !number.is_finite()) {
            Some(number) => Err(damaged(format!("{name} holds {number}"))),
            None => Ok(numbers),
        }
    })?;
    if seen != parts.len() {
        return Err(damaged(format!("it has {} tensors, {seen} of which belong to the network", parts.len())));
    }
    (trainer.epochs_done, trainer.history) = (done, state.history);
    Ok(trainer)
}

#[cfg(test)]
mod tests {
    use super::super::{Progress, Regime, Run};
    use super::*;
    use crate::data::digits;
    use crate::networks::NetworkConfig;

    fn trained(architecture: &str, batch_norm: bool, epochs: usize) -> Trainer {
        let digits = digits().unwrap().train.first(64).unwrap();
        let network =
            NetworkConfig { architecture: architecture.parse().unwrap(), width: 2, batch_norm, channels: 1, side: 8, classes: 10 };
        let regime = Regime { epochs: 2, batch: 32, learning_rate: 1e-2, warm_up: 0.2, weight_decay: 0.1, crop: 1, flip: true };
        let mut trainer = Trainer::new(Run { data: "digits".to_owned(), network, regime, seed: 3 }, digits.normalization()).unwrap();
        for _ in 0..epochs {
            trainer.epoch(&digits, &Progress::new("test", 4)).unwrap();
        }
        trainer
    }

    fn answers(trainer: &Trainer) -> Vec<u32> {
        let pictures = digits().unwrap().test.first(20).unwrap();
        let captured = crate::capture::capture(&trainer.network(), &trainer.run().network, &pictures, trainer.normalization(), |_| true);
        captured.unwrap().layers.iter().flat_map(|layer| layer.values.iter().map(|value| value.to_bits())).collect()
    }

    /// Read back, a network answers with the bits it answered with, whatever it is made of.
    #[test]
    fn a_network_is_read_back_to_the_bit() {
        let folder = tempfile::tempdir().unwrap();
        for (architecture, batch_norm) in [("digits", true), ("digits", false), ("resnet-14", true)] {
            let path = folder.path().join("network.safetensors");
            let trainer = trained(architecture, batch_norm, 2);
            trainer.save_weights(&path).unwrap();
            let read = Trainer::resume(trainer.run().clone(), trainer.normalization().clone(), &path).unwrap();
            assert_eq!((read.epochs_done(), read.history()), (2, trainer.history()));
            assert!(answers(&read) == answers(&trainer), "{architecture} {batch_norm}");
        }
    }

    #[test]
    fn weights_of_an_unfinished_run_and_foreign_tensors_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("network.safetensors");
        let message = trained("digits", true, 1).save_weights(&path).unwrap_err().to_string();
        assert!(message.contains("1 of 2 epochs") && !path.exists(), "{message}");
        let trainer = trained("digits", true, 2);
        trainer.save_weights(&path).unwrap();
        let bytes = std::fs::read(&path).unwrap();
        // The header names its tensors: one byte changed, and one is missing.
        let place = bytes.windows(12).position(|window| window == b"logits.bias\"").unwrap();
        let mut other = bytes.clone();
        other[place] = b'L';
        std::fs::write(&path, &other).unwrap();
        let message = Trainer::load(&path).err().unwrap().to_string();
        assert!(message.contains("no tensor \"logits.bias\""), "{message}");
        let mut other = bytes;
        let last = other.len() - 4;
        other[last..].copy_from_slice(&f32::NAN.to_le_bytes());
        std::fs::write(&path, &other).unwrap();
        let message = Trainer::load(&path).err().unwrap().to_string();
        assert!(message.contains("holds NaN"), "{message}");
    }
}

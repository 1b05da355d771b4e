//! A run on disk: one file, written whole or not at all.

use super::trainer::{Run, Trainer};
use super::weights;
use crate::data::Normalization;
use crate::error::{Error, Result, at};
use crate::whole::write_tensors;
use burn::module::Module;
use burn::store::ModuleRecord;
use burn::tensor::Bytes;
use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use serde::{Deserialize, Serialize};
use std::path::Path;

pub(super) const KEY: &str = "training-run";
const NETWORK: &str = "network";
const OPTIMIZER: &str = "optimizer";

/// What a file says of its run.
#[derive(Serialize, Deserialize)]
pub(super) struct State {
    pub run: Run,
    pub normalization: Normalization,
    pub epochs_done: usize,
    pub history: Vec<f64>,
}

impl State {
    pub fn of(trainer: &Trainer) -> Self {
        Self {
            run: trainer.run.clone(),
            normalization: trainer.normalization.clone(),
            epochs_done: trainer.epochs_done,
            history: trainer.history.clone(),
        }
    }

    pub fn to_json(&self) -> String {
        // A struct of numbers, names and lists always has a JSON form.
        serde_json::to_string(self).expect("the state has a JSON form")
    }
}

/// Writes beside `path` first and renames, so that a run that is stopped while it writes keeps
/// its previous checkpoint.
pub(super) fn save(trainer: &Trainer, path: &Path) -> Result<()> {
    // `valid` first: it makes batch normalization take in the last step's running statistics,
    // which a record of the network in training would leave out.
    let network = trainer.network.valid().into_record().into_bytes()?;
    let optimizer = trainer.optimizer.into_bytes()?;
    let tensors_failed = |source| Error::Tensors { path: path.to_path_buf(), source };
    let parts = [(NETWORK, &network), (OPTIMIZER, &optimizer)]
        .into_iter()
        .map(|(name, bytes)| TensorView::new(Dtype::U8, vec![bytes.len()], bytes).map(|view| (name, view)))
        .collect::<std::result::Result<Vec<_>, _>>()
        .map_err(tensors_failed)?;
    write_tensors(path, parts, (KEY, State::of(trainer).to_json()))
}

/// Reads a run back, from a checkpoint or from weights alone.
pub(super) fn load(path: &Path) -> Result<Trainer> {
    let damaged = |reason: String| Error::DamagedCheckpoint { path: path.to_path_buf(), reason };
    let bytes = std::fs::read(path).map_err(at(path))?;
    let (_, metadata) = SafeTensors::read_metadata(&bytes).map_err(|error| damaged(error.to_string()))?;
    let state =
        metadata.metadata().as_ref().and_then(|entries| entries.get(KEY)).ok_or_else(|| damaged(format!("it has no entry {KEY:?}")))?;
    let state: State = serde_json::from_str(state).map_err(|error| damaged(error.to_string()))?;
    let parts = SafeTensors::deserialize(&bytes).map_err(|error| damaged(error.to_string()))?;
    let part =
        |name| parts.tensor(name).map(|view| Bytes::from_bytes_vec(view.data().to_vec())).map_err(|error| damaged(error.to_string()));
    if parts.tensor(NETWORK).is_err() {
        return weights::read(state, &parts, path);
    }
    let mut trainer = Trainer::new(state.run, state.normalization)?;
    let record = ModuleRecord::from_bytes(part(NETWORK)?)?;
    trainer.network = trainer.network.try_load_record(record)?;
    trainer.optimizer = trainer.optimizer.from_bytes(part(OPTIMIZER)?)?;
    trainer.epochs_done = state.epochs_done;
    trainer.history = state.history;
    Ok(trainer)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{Pictures, digits};
    use crate::networks::NetworkConfig;
    use crate::training::{Progress, Regime};

    fn pictures() -> Pictures {
        digits().unwrap().train.first(100).unwrap()
    }

    fn run(architecture: &str) -> Run {
        Run {
            data: "the first hundred digits".to_owned(),
            network: NetworkConfig {
                architecture: architecture.parse().unwrap(),
                width: 4,
                batch_norm: true,
                channels: 1,
                side: 8,
                classes: 10,
            },
            regime: Regime { epochs: 4, batch: 32, learning_rate: 1e-2, warm_up: 0.2, weight_decay: 0.1, crop: 1, flip: true },
            seed: 7,
        }
    }

    fn weights(trainer: &Trainer) -> Vec<u8> {
        let test = digits().unwrap().test;
        let network = trainer.network();
        let config = &trainer.run.network;
        crate::capture::capture(&network, config, &test, &trainer.normalization, |_| true)
            .unwrap()
            .layers
            .iter()
            .flat_map(|layer| layer.values.iter().flat_map(|value| value.to_le_bytes()))
            .collect()
    }

    /// Stopped after two epochs and resumed, a run ends with the bits of an uninterrupted one.
    #[test]
    fn a_resumed_run_gives_the_same_bits() {
        let folder = tempfile::tempdir().unwrap();
        let pictures = pictures();
        for architecture in ["digits", "resnet-14"] {
            let path = folder.path().join(architecture);
            let progress = Progress::new("test", 16);
            let mut whole = Trainer::new(run(architecture), pictures.normalization()).unwrap();
            whole.finish(&pictures, &progress, None).unwrap();

            let mut first = Trainer::new(run(architecture), pictures.normalization()).unwrap();
            first.epoch(&pictures, &progress).unwrap();
            first.epoch(&pictures, &progress).unwrap();
            first.save(&path).unwrap();
            let mut second = Trainer::resume(run(architecture), pictures.normalization(), &path).unwrap();
            assert_eq!(second.epochs_done(), 2);
            assert!(weights(&second) != weights(&whole));
            second.finish(&pictures, &progress, Some(&path)).unwrap();
            assert_eq!(second.history(), whole.history());
            assert!(weights(&second) == weights(&whole), "{architecture}");
            assert!(weights(&load(&path).unwrap()) == weights(&whole), "{architecture}");
        }
    }

    #[test]
    fn a_checkpoint_of_another_run_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("run");
        let normalization = pictures().normalization();
        let trainer = Trainer::new(run("digits"), normalization.clone()).unwrap();
        trainer.save(&path).unwrap();
        let other = Run { seed: 8, ..run("digits") };
        let message = Trainer::resume(other, normalization, &path).err().unwrap();
        let expected = "holds another run: seed 8 asked for, 7 found. Delete";
        assert!(message.to_string().contains(expected), "{message}");
    }

    #[test]
    fn a_damaged_checkpoint_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("run");
        let trainer = Trainer::new(run("digits"), pictures().normalization()).unwrap();
        trainer.save(&path).unwrap();
        let bytes = std::fs::read(&path).unwrap();
        for length in [0, 100, bytes.len() - 1] {
            std::fs::write(&path, &bytes[..length]).unwrap();
            assert!(matches!(load(&path), Err(Error::DamagedCheckpoint { .. })));
        }
    }
}

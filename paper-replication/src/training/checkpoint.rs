//! A run on disk: one file, written whole or not at all.

use super::trainer::{Run, Trainer};
use crate::error::{Error, Result, at};
use burn::module::Module;
use burn::store::ModuleRecord;
use burn::tensor::Bytes;
use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::path::Path;

const KEY: &str = "training-run";
const NETWORK: &str = "network";
const OPTIMIZER: &str = "optimizer";

#[derive(Serialize, Deserialize)]
struct State {
    run: Run,
    epochs_done: usize,
    history: Vec<f64>,
}

/// Writes beside `path` first and renames, so that a run that is stopped while it writes keeps
/// its previous checkpoint.
pub(super) fn save(trainer: &Trainer, path: &Path) -> Result<()> {
    let state = State {
        run: trainer.run.clone(),
        epochs_done: trainer.epochs_done,
        history: trainer.history.clone(),
    };
    let network = trainer.network.clone().into_record().into_bytes()?;
    let optimizer = trainer.optimizer.into_bytes()?;
    let tensors_failed = |source| Error::Tensors {
        path: path.to_path_buf(),
        source,
    };
    let parts = [(NETWORK, &network), (OPTIMIZER, &optimizer)]
        .into_iter()
        .map(|(name, bytes)| {
            TensorView::new(Dtype::U8, vec![bytes.len()], bytes).map(|view| (name, view))
        })
        .collect::<std::result::Result<Vec<_>, _>>()
        .map_err(tensors_failed)?;
    // A struct of numbers, names and lists always has a JSON form.
    let state = serde_json::to_string(&state).expect("the state has a JSON form");
    let metadata = HashMap::from([(KEY.to_owned(), state)]);
    let unfinished = path.with_extension("unfinished");
    safetensors::serialize_to_file(parts, Some(metadata), &unfinished).map_err(tensors_failed)?;
    std::fs::rename(&unfinished, path).map_err(at(path))
}

/// Puts the state of the file into a fresh trainer of the same run.
pub(super) fn load(mut trainer: Trainer, path: &Path) -> Result<Trainer> {
    let damaged = |reason: String| Error::DamagedCheckpoint {
        path: path.to_path_buf(),
        reason,
    };
    let bytes = std::fs::read(path).map_err(at(path))?;
    let (_, metadata) =
        SafeTensors::read_metadata(&bytes).map_err(|error| damaged(error.to_string()))?;
    let state = metadata
        .metadata()
        .as_ref()
        .and_then(|entries| entries.get(KEY))
        .ok_or_else(|| damaged(format!("it has no entry {KEY:?}")))?;
    let state: State = serde_json::from_str(state).map_err(|error| damaged(error.to_string()))?;
    if state.run != trainer.run {
        return Err(Error::ForeignCheckpoint {
            path: path.to_path_buf(),
            difference: format!("asked for {:?}, found {:?}", trainer.run, state.run),
        });
    }
    let parts = SafeTensors::deserialize(&bytes).map_err(|error| damaged(error.to_string()))?;
    let part = |name| {
        parts
            .tensor(name)
            .map(|view| Bytes::from_bytes_vec(view.data().to_vec()))
            .map_err(|error| damaged(error.to_string()))
    };
    let record = ModuleRecord::from_bytes(part(NETWORK)?)?;
    trainer.network = trainer.network.try_load_record(record)?;
    trainer.optimizer = trainer.optimizer.from_bytes(part(OPTIMIZER)?)?;
    trainer.epochs_done = state.epochs_done;
    trainer.history = state.history;
    Ok(trainer)
}

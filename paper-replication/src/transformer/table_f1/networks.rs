//! Trained encoders on disk: what all of their places answer to the same pictures.

use super::setting::Setting;
use crate::data::DataSet;
use crate::error::{Error, Result, at};
use crate::training::Progress;
use crate::transformer::{EncoderRun, accuracy, capture_positions, train, write_places};
use safetensors::SafeTensors;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use std::time::Instant;

/// The encoders of an experiment.
#[derive(Debug)]
pub struct Networks {
    /// One file for each seed.
    pub files: Vec<PathBuf>,
    /// The share of test pictures that each classifies rightly.
    pub accuracies: Vec<f64>,
    /// How many were trained now, and not before.
    pub trained: usize,
    /// The seconds that training took.
    pub training_seconds: f64,
    /// The seconds that measuring accuracies and recording places took.
    pub capture_seconds: f64,
}

/// What a file says of itself.
#[derive(Debug, Serialize, Deserialize)]
struct Description {
    run: EncoderRun,
    /// Test pictures recorded, from the first.
    pictures: usize,
    test_accuracy: f64,
    loss: Vec<f64>,
}

/// Trains the encoders that are not yet in `folder`, and records what their places answer. An
/// encoder takes less than a minute, so that a run that is stopped goes on after the last one that
/// was finished; there is no need for checkpoints inside.
///
/// # Errors
/// When training fails, a file holds another run, or cannot be read or written.
pub fn networks(setting: &Setting, data: &DataSet, folder: &Path) -> Result<Networks> {
    let normalization = data.train.normalization();
    let pictures = data.test.first(setting.pictures)?;
    let mut networks = Networks { files: Vec::new(), accuracies: Vec::new(), trained: 0, training_seconds: 0.0, capture_seconds: 0.0 };
    for &seed in &setting.seeds {
        let run = setting.run(seed);
        let path = folder.join(format!("encoder-seed-{seed}.safetensors"));
        if !path.exists() {
            let start = Instant::now();
            let progress = Progress::new(&format!("encoder seed {seed}"), run.regime.steps(data.train.count()));
            let trained = train(&run, &data.train, &normalization, &progress)?;
            networks.training_seconds += start.elapsed().as_secs_f64();
            let start = Instant::now();
            let test_accuracy = accuracy(&trained.encoder, &run.encoder, &data.test, &normalization)?;
            let places = capture_positions(&trained.encoder, &run.encoder, &pictures, &normalization)?;
            let description = Description { run: run.clone(), pictures: setting.pictures, test_accuracy, loss: trained.history };
            write_places(&path, &places, &description)?;
            networks.trained += 1;
            networks.capture_seconds += start.elapsed().as_secs_f64();
        }
        networks.accuracies.push(stored_accuracy(&path, &run, setting.pictures)?);
        networks.files.push(path);
    }
    Ok(networks)
}

/// The test accuracy in a file, after making sure that it is the file of this run.
fn stored_accuracy(path: &Path, run: &EncoderRun, pictures: usize) -> Result<f64> {
    let damaged = |reason: String| Error::DamagedCheckpoint { path: path.to_path_buf(), reason };
    let bytes = std::fs::read(path).map_err(at(path))?;
    let (_, metadata) = SafeTensors::read_metadata(&bytes).map_err(|error| damaged(error.to_string()))?;
    let entries = metadata.metadata().as_ref();
    let text = entries.and_then(|entries| entries.get("description")).ok_or_else(|| damaged("it has no description".to_owned()))?;
    let found: Description = serde_json::from_str(text).map_err(|error| damaged(error.to_string()))?;
    if (&found.run, found.pictures) != (run, pictures) {
        let differences = format!("{run:?} on {pictures} pictures asked for, {:?} on {} pictures found", found.run, found.pictures);
        return Err(Error::ForeignCheckpoint { path: path.to_path_buf(), differences });
    }
    Ok(found.test_accuracy)
}

#[cfg(test)]
mod tests {
    use super::super::Preset;
    use super::*;
    use crate::data::digits;

    fn setting() -> Setting {
        let mut setting = Setting::of(Preset::Quick, &digits().unwrap());
        setting.encoder.width = 8;
        setting.encoder.hidden = 8;
        setting.encoder.blocks = 1;
        setting.regime.epochs = 1;
        setting.seeds = vec![1, 2];
        setting.pictures = 3;
        setting
    }

    #[test]
    fn what_is_there_is_not_trained_again_and_must_be_the_same_run() {
        let (folder, digits) = (tempfile::tempdir().unwrap(), digits().unwrap());
        let first = networks(&setting(), &digits, folder.path()).unwrap();
        assert_eq!((first.trained, first.files.len()), (2, 2));
        assert_ne!(std::fs::read(&first.files[0]).unwrap(), std::fs::read(&first.files[1]).unwrap());
        std::fs::remove_file(&first.files[1]).unwrap();
        let second = networks(&setting(), &digits, folder.path()).unwrap();
        assert_eq!((second.trained, &second.accuracies), (1, &first.accuracies));
        let mut other = setting();
        other.regime.epochs = 2;
        let failure = networks(&other, &digits, folder.path()).unwrap_err();
        assert!(matches!(failure, Error::ForeignCheckpoint { .. }), "{failure}");
        assert!(failure.to_string().contains("epochs: 2"), "{failure}");
        std::fs::write(&first.files[0], b"no").unwrap();
        assert!(matches!(networks(&setting(), &digits, folder.path()), Err(Error::DamagedCheckpoint { .. })));
    }
}

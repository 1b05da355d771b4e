//! From the description of a network to the trained network: loaded, resumed or trained.

use crate::data::{DataSet, Normalization, Pictures, Source};
use crate::error::{Error, Result, at};
use crate::networks::{Architecture, LayerShape, Network, NetworkConfig};
use crate::preset::{Part, Setting};
use crate::training::{Progress, Regime, Run, Trainer};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Instant;

/// A network that an experiment needs.
#[derive(Debug, Clone, PartialEq)]
pub struct Job {
    /// The classes it is trained on; none: all.
    pub classes: Vec<u8>,
    /// The architecture.
    pub architecture: Architecture,
    /// Its width.
    pub width: usize,
    /// Whether it has batch normalization.
    pub batch_norm: bool,
    /// How it is trained.
    pub regime: Regime,
    /// The seed.
    pub seed: u64,
}

impl Job {
    /// The network of a setting with this seed.
    pub fn of(setting: &Setting, seed: u64) -> Self {
        Self {
            classes: Vec::new(),
            architecture: setting.architecture,
            width: setting.width,
            batch_norm: true,
            regime: setting.regime.clone(),
            seed,
        }
    }

    /// The same with another architecture and width.
    pub fn with_architecture(mut self, architecture: Architecture, width: usize) -> Self {
        (self.architecture, self.width) = (architecture, width);
        self
    }
}

/// The name of a run's checkpoint: data, side, architecture, width, epochs and seed. What it leaves
/// out is in the checkpoint, which is refused when it holds another run.
pub fn stem(run: &Run) -> String {
    let mut data = String::new();
    for character in run.data.chars() {
        match character.is_ascii_alphanumeric() {
            true => data.push(character),
            false if data.ends_with('-') => {}
            false => data.push('-'),
        }
    }
    let NetworkConfig { architecture, width, batch_norm, side, .. } = &run.network;
    let norm = if *batch_norm { "" } else { "_no-norm" };
    format!("{data}_side{side}_{architecture}_w{width}{norm}_e{}_seed{}", run.regime.epochs, run.seed)
}

/// A network that is ready to be captured.
pub struct Trained {
    /// Its name: that of its checkpoint.
    pub name: String,
    /// What it was trained with.
    pub run: Run,
    /// The epochs it was trained for; 0: its starting weights.
    pub epochs_done: usize,
    /// The network in evaluation mode.
    pub network: Network,
    /// The normalization of the pictures it was trained on.
    pub normalization: Normalization,
    /// The share of the test pictures of its classes that it classifies rightly.
    pub accuracy: f64,
}

/// A network with its starting weights.
pub struct Initial {
    /// What it would be trained with.
    pub run: Run,
    /// The network in evaluation mode.
    pub network: Network,
    /// The normalization of the pictures it would be trained on.
    pub normalization: Normalization,
}

/// Where networks come from and go to.
#[derive(Debug, Clone)]
pub struct Sources {
    /// The folder with the files of the data set, when it is not the usual one.
    pub data_folder: Option<PathBuf>,
    /// The folder with the checkpoints.
    pub checkpoints: PathBuf,
    /// The folder with weights of finished networks, taken where there is no checkpoint.
    pub networks: PathBuf,
    /// A network that is not there is an error.
    pub no_train: bool,
    /// How many networks are trained at once, each on one thread: side by side they learn faster
    /// than one on all threads.
    pub jobs: usize,
}

/// Makes and finds networks, and counts the seconds that this takes.
pub struct Workshop {
    sources: Sources,
    data: Source,
    side: usize,
    sets: Mutex<BTreeMap<Vec<u8>, Arc<DataSet>>>,
    /// Seconds spent on training in this call, on all threads together, and how many networks were
    /// trained for them.
    training: Mutex<(f64, usize)>,
}

impl Workshop {
    /// A workshop for the data of a setting.
    pub fn new(sources: Sources, setting: &Setting) -> Self {
        Self { sources, data: setting.data, side: setting.side, sets: Mutex::default(), training: Mutex::default() }
    }

    /// The folder with the checkpoints.
    pub fn checkpoints(&self) -> &Path {
        &self.sources.checkpoints
    }

    /// Seconds of training in this call, and the networks trained.
    pub fn training(&self) -> (f64, usize) {
        *self.training.lock().expect("no panic while locked")
    }

    /// Counts a network that was trained elsewhere than by [`Workshop::networks`].
    pub fn count_training(&self, seconds: f64) {
        let mut training = self.training.lock().expect("no panic while locked");
        training.0 += seconds;
        training.1 += 1;
    }

    /// The pictures of these classes (none: all), at the setting's side; loaded once.
    ///
    /// # Errors
    /// As [`Source::load`].
    pub fn data(&self, classes: &[u8]) -> Result<Arc<DataSet>> {
        let mut sets = self.sets.lock().expect("no panic while locked");
        if let Some(set) = sets.get(classes) {
            return Ok(Arc::clone(set));
        }
        let set = Arc::new(self.data.load(self.sources.data_folder.as_deref(), classes, Some(self.side))?);
        sets.insert(classes.to_vec(), Arc::clone(&set));
        Ok(set)
    }

    /// The first `count` pictures of a part of the whole data set, and which they are in words.
    ///
    /// # Errors
    /// As [`Source::load`], and when there are fewer.
    pub fn pictures(&self, part: Part, count: usize) -> Result<(Arc<Pictures>, String)> {
        let set = self.data(&[])?;
        let (pictures, words) = match part {
            Part::Test => (&set.test, "test"),
            Part::Train => (&set.train, "training"),
        };
        Ok((Arc::new(pictures.first(count)?), format!("the first {count} {words} pictures of {} at side {}", set.name, self.side)))
    }

    /// The networks of these jobs, in their order: loaded where the checkpoint is finished, resumed
    /// where it is not; where it is missing, loaded from their weights, and trained without these.
    ///
    /// # Errors
    /// [`Error::Untrained`] for the first that is not there and may not be trained; as
    /// [`Trainer::resume`] and [`Trainer::finish`].
    pub fn networks(&self, jobs: &[Job]) -> Result<Vec<Arc<Trained>>> {
        std::fs::create_dir_all(self.checkpoints()).map_err(at(self.checkpoints()))?;
        for job in jobs {
            // Before the threads start: a data set is large, and loaded once.
            self.data(&job.classes)?;
        }
        let next = AtomicUsize::new(0);
        let worker = || {
            let mut made = Vec::new();
            loop {
                let index = next.fetch_add(1, Ordering::Relaxed);
                let Some(job) = jobs.get(index) else { return Ok(made) };
                made.push((index, Arc::new(self.network(job)?)));
            }
        };
        let workers = self.sources.jobs.clamp(1, jobs.len().max(1));
        let made: Result<Vec<Vec<_>>> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..workers)
                .map(|_| {
                    scope.spawn(|| {
                        let pool =
                            rayon::ThreadPoolBuilder::new().num_threads(1).build().map_err(|error| Error::Threads(error.to_string()))?;
                        pool.install(worker)
                    })
                })
                .collect();
            threads.into_iter().map(|thread| thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))).collect()
        });
        let mut made = made?.concat();
        made.sort_by_key(|(index, _)| *index);
        Ok(made.into_iter().map(|(_, network)| network).collect())
    }

    /// The networks of these jobs with their starting weights.
    ///
    /// # Errors
    /// As [`Trainer::new`].
    pub fn untrained(&self, jobs: &[Job]) -> Result<Vec<Arc<Trained>>> {
        let make = |job: &Job| {
            let set = self.data(&job.classes)?;
            let trainer = Trainer::new(self.run(job, &set), set.train.normalization())?;
            let mut network = trained(&trainer, &set)?;
            network.name = format!("{}_untrained", network.name);
            Ok(Arc::new(network))
        };
        jobs.iter().map(make).collect()
    }

    /// The layers of a job's network.
    ///
    /// # Errors
    /// As [`NetworkConfig::layers`]; as [`Workshop::data`].
    pub fn shapes(&self, job: &Job) -> Result<Vec<LayerShape>> {
        self.run(job, &*self.data(&job.classes)?).network.layers()
    }

    /// The network of a job with its starting weights. Nobody asks what it classifies: of a deep
    /// network at full size that alone would take an hour.
    ///
    /// # Errors
    /// As [`Trainer::new`].
    pub fn initial(&self, job: &Job) -> Result<Initial> {
        let set = self.data(&job.classes)?;
        let trainer = Trainer::new(self.run(job, &set), set.train.normalization())?;
        Ok(Initial { run: trainer.run().clone(), network: trainer.network(), normalization: trainer.normalization().clone() })
    }

    /// The run that a job stands for.
    fn run(&self, job: &Job, set: &DataSet) -> Run {
        Run {
            data: self.data.words(&job.classes),
            network: NetworkConfig {
                architecture: job.architecture,
                width: job.width,
                batch_norm: job.batch_norm,
                channels: set.train.channels(),
                side: set.train.side(),
                classes: set.train.class_count(),
            },
            regime: job.regime.clone(),
            seed: job.seed,
        }
    }

    fn network(&self, job: &Job) -> Result<Trained> {
        let set = self.data(&job.classes)?;
        let run = self.run(job, &set);
        let name = stem(&run);
        let checkpoint = self.checkpoints().join(format!("{name}.ckpt"));
        let weights = self.sources.networks.join(format!("{name}.safetensors"));
        let path = if !checkpoint.exists() && weights.exists() { weights } else { checkpoint };
        if self.sources.no_train && !path.exists() {
            return Err(Error::Untrained { path, epochs_done: 0, epochs: run.regime.epochs });
        }
        let mut trainer = Trainer::resume(run, set.train.normalization(), &path)?;
        let (done, epochs) = (trainer.epochs_done(), trainer.run().regime.epochs);
        if done < epochs {
            if self.sources.no_train {
                return Err(Error::Untrained { path, epochs_done: done, epochs });
            }
            let start = Instant::now();
            let steps = trainer.run().regime.steps(set.train.count());
            trainer.finish(&set.train, &Progress::new(&name, steps), Some(&path))?;
            self.count_training(start.elapsed().as_secs_f64());
        }
        trained(&trainer, &set)
    }
}

fn trained(trainer: &Trainer, set: &DataSet) -> Result<Trained> {
    let network = trainer.network();
    Ok(Trained {
        name: stem(trainer.run()),
        run: trainer.run().clone(),
        epochs_done: trainer.epochs_done(),
        accuracy: network.accuracy(&set.test, trainer.normalization())?,
        normalization: trainer.normalization().clone(),
        network,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::preset::Preset;

    fn workshop(folder: &Path, no_train: bool) -> (Setting, Workshop) {
        let setting = Setting::of(Preset::Quick).with_epochs(2);
        let sources =
            Sources { data_folder: None, checkpoints: folder.to_path_buf(), networks: folder.join("networks"), no_train, jobs: 2 };
        let workshop = Workshop::new(sources, &setting);
        (setting, workshop)
    }

    #[test]
    fn stems_tell_runs_apart() {
        let folder = tempfile::tempdir().unwrap();
        let (setting, workshop) = workshop(folder.path(), true);
        let set = workshop.data(&[]).unwrap();
        let job = Job { classes: vec![0, 1, 8], batch_norm: false, ..Job::of(&setting, 3) };
        assert_eq!(stem(&workshop.run(&job, &set)), "digits-classes-0-1-8_side8_digits_w4_no-norm_e2_seed3");
        let mut run = workshop.run(&Job::of(&setting, 1), &set);
        assert_eq!(stem(&run), "digits_side8_digits_w4_e2_seed1");
        run.data = "two  words, and more".to_owned();
        assert_eq!(stem(&run), "two-words-and-more_side8_digits_w4_e2_seed1");
    }

    #[test]
    fn networks_are_trained_once_and_found_again() {
        let folder = tempfile::tempdir().unwrap();
        let (setting, first) = workshop(folder.path(), false);
        let jobs: Vec<Job> = [2, 1, 3].map(|seed| Job::of(&setting, seed)).to_vec();
        let made = first.networks(&jobs).unwrap();
        assert_eq!(made.iter().map(|network| network.run.seed).collect::<Vec<_>>(), [2, 1, 3]);
        assert_eq!(first.training().1, 3);
        let (_, again) = workshop(folder.path(), true);
        let found = again.networks(&jobs).unwrap();
        assert_eq!(again.training().1, 0);
        for (made, found) in made.iter().zip(&found) {
            assert_eq!((made.accuracy, &made.name), (found.accuracy, &found.name));
            assert!(made.accuracy > 0.5);
        }
    }

    /// Weights stand in for a checkpoint, and are refused when they are of another run.
    #[test]
    fn a_network_is_found_among_the_weights() {
        let folder = tempfile::tempdir().unwrap();
        let (setting, first) = workshop(folder.path(), false);
        let made = first.networks(&[Job::of(&setting, 1)]).unwrap();
        let checkpoint = folder.path().join(format!("{}.ckpt", made[0].name));
        let weights = folder.path().join(format!("networks/{}.safetensors", made[0].name));
        Trainer::load(&checkpoint).unwrap().save_weights(&weights).unwrap();
        std::fs::remove_file(&checkpoint).unwrap();
        let (_, again) = workshop(folder.path(), true);
        let found = again.networks(&[Job::of(&setting, 1)]).unwrap();
        assert_eq!((found[0].accuracy, found[0].epochs_done), (made[0].accuracy, 2));
        let mut other = setting;
        other.regime.weight_decay *= 2.0;
        let message = again.networks(&[Job::of(&other, 1)]).err().unwrap().to_string();
        assert!(message.contains("holds another run") && message.contains("safetensors"), "{message}");
    }

    #[test]
    fn a_network_that_may_not_be_trained_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let (setting, workshop) = workshop(folder.path(), true);
        let message = workshop.networks(&[Job::of(&setting, 5)]).err().unwrap().to_string();
        assert!(message.contains("digits_side8_digits_w4_e2_seed5.ckpt") && message.contains("0 of 2"), "{message}");
    }
}

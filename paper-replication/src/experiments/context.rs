//! What an experiment is given, and what it gives back.

use super::layer_table::{LAYERS, LayerTable};
use crate::analysis::{Comparison, PairScores, Seconds, Subject};
use crate::error::{Error, Result};
use crate::figures::Folder;
use crate::job::{Job, Trained, Workshop};
use crate::preset::{Part, Preset, Setting};
use serde_json::{Map, Value, json};
use similitude::Measure;
use std::path::PathBuf;
use std::sync::Arc;

/// What an experiment works with.
pub struct Context {
    /// The experiment's name.
    pub id: &'static str,
    /// The preset.
    pub preset: Preset,
    /// What the preset and the command line ask for.
    pub setting: Setting,
    /// Where networks come from.
    pub workshop: Workshop,
    /// Where files go.
    pub folder: Folder,
    /// Bytes that may be taken.
    pub memory: u64,
    /// The seconds of all comparisons so far.
    pub seconds: Seconds,
    /// Whether something was kept by an earlier version, which did not write down how long it took.
    pub untimed: bool,
}

/// What a run leaves beside its tables.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// What is to be said of the setting beside [`Setting`] itself: accuracies, layers, numbers of
    /// networks.
    pub setting: Map<String, Value>,
    /// The numbers that stand in no table, by name.
    pub kept: Map<String, Value>,
}

impl Outcome {
    /// An outcome whose numbers all stand in tables.
    pub fn of_tables<const N: usize>(setting: [(&str, Value); N]) -> Self {
        Self { setting: setting.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(), kept: Map::new() }
    }

    /// The same with a number that stands in no table.
    pub fn keeping(mut self, name: &str, value: Value) -> Self {
        self.kept.insert(name.to_owned(), value);
        self
    }
}

impl Context {
    /// The number of seeds, which must be at least `least`.
    ///
    /// # Errors
    /// [`Error::Setting`] when there are fewer.
    pub fn seeds(&self, least: usize) -> Result<usize> {
        let seeds = self.setting.seeds.len();
        if seeds < least {
            return Err(Error::Setting(format!(
                "{} compares at least {least} networks of different seeds, --seeds names {seeds}",
                self.id
            )));
        }
        Ok(seeds)
    }

    /// The networks of the setting, one a seed.
    ///
    /// # Errors
    /// As [`Workshop::networks`].
    pub fn networks(&self) -> Result<Vec<Arc<Trained>>> {
        let jobs: Vec<Job> = self.setting.seeds.iter().map(|&seed| Job::of(&self.setting, seed)).collect();
        self.workshop.networks(&jobs)
    }

    /// The networks with the first `examples` pictures of the setting's part.
    ///
    /// # Errors
    /// As [`Workshop::pictures`].
    pub fn subjects(&self, networks: &[Arc<Trained>], examples: usize) -> Result<Vec<Subject>> {
        self.subjects_on(networks, self.setting.part, examples)
    }

    /// The networks with the pictures that indexes of the CCA family and linear regression are
    /// computed on.
    ///
    /// # Errors
    /// As [`Workshop::pictures`].
    pub fn subspace_subjects(&self, networks: &[Arc<Trained>]) -> Result<Vec<Subject>> {
        self.subjects_on(networks, self.setting.subspace.part, self.setting.subspace.examples)
    }

    /// The networks with the first `examples` pictures of a part.
    ///
    /// # Errors
    /// As [`Workshop::pictures`].
    pub fn subjects_on(&self, networks: &[Arc<Trained>], part: Part, examples: usize) -> Result<Vec<Subject>> {
        let (pictures, pictures_words) = self.workshop.pictures(part, examples)?;
        Ok(Subject::of_all(networks, &pictures, &pictures_words))
    }

    /// The two networks of the setting with their pictures, for experiments that draw a pair.
    ///
    /// # Errors
    /// When the setting has another number of seeds; as [`Context::subjects`].
    pub fn pair(&self) -> Result<[Subject; 2]> {
        let subjects = self.subjects(&self.networks()?, self.setting.examples)?;
        let count = subjects.len();
        subjects.try_into().map_err(|_| Error::Setting(format!("{count} seeds: exactly 2 networks are compared")))
    }

    /// Compares pairs of networks by measures, and keeps the cells under `name`.
    ///
    /// # Errors
    /// As [`Comparison::run`], and when a measure does not parse.
    pub fn compare(&mut self, name: &str, subjects: &[Subject], pairs: &[(usize, usize)], measures: &[&str]) -> Result<Vec<PairScores>> {
        self.compare_for(self.id, name, subjects, pairs, measures)
    }

    /// The same, with the cells of the experiment `id`: what two experiments look at is computed
    /// once.
    ///
    /// # Errors
    /// As [`Context::compare`].
    pub fn compare_for(
        &mut self,
        id: &str,
        name: &str,
        subjects: &[Subject],
        pairs: &[(usize, usize)],
        measures: &[&str],
    ) -> Result<Vec<PairScores>> {
        let measures = measures.iter().map(|text| Measure::parse(text)).collect::<std::result::Result<Vec<_>, _>>()?;
        let examples = subjects.first().map_or(0, |subject| subject.pictures.count());
        let cells = self.cells(id, name, examples);
        let (scores, seconds) = Comparison { subjects, pairs, measures: &measures, cells, memory: self.memory }.run()?;
        self.seconds += seconds;
        Ok(scores)
    }
}

impl Context {
    /// Adds what a kept part took when it was made.
    pub fn count_kept(&mut self, seconds: Option<Seconds>) {
        match seconds {
            Some(seconds) => self.seconds += seconds,
            None => self.untimed = true,
        }
    }

    /// The folder for what is finished of an analysis of the experiment `id`.
    pub fn cells(&self, id: &str, name: &str, examples: usize) -> PathBuf {
        self.workshop.checkpoints().join("cells").join(format!("{id}_{}_{name}_n{examples}", self.preset.name()))
    }

    /// Writes tables of layers with layers as one long CSV: a name, both layers, the value.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn layer_tables(&mut self, name: &str, tables: &[LayerTable]) -> Result<()> {
        self.folder.table(name, LAYERS, tables.iter().flat_map(LayerTable::cells))
    }
}

/// The mean; `None` of nothing.
pub fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

/// A number to three decimals, for `results.json`.
pub fn rounded(value: f64) -> f64 {
    (value * 1e3).round() / 1e3
}

/// Which pairs of networks, by their places, make up a kind; with the kind's name.
pub type Kind<'a> = (&'static str, &'a dyn Fn(usize, usize) -> bool);

/// All unordered pairs of `count` networks.
pub fn all_pairs(count: usize) -> Vec<(usize, usize)> {
    (0..count).flat_map(|a| (a + 1..count).map(move |b| (a, b))).collect()
}

/// What the setting says of networks: their names and the share of test pictures that each
/// classifies rightly, in %.
pub fn accuracies(networks: &[Arc<Trained>]) -> Value {
    networks.iter().map(|network| (network.name.clone(), json!(percent(network.accuracy)))).collect::<Map<_, _>>().into()
}

/// A share in %, to two decimals.
pub fn percent(share: f64) -> f64 {
    (share * 1e4).round() / 100.0
}

//! The results of a finished sweep, read back for what is said about them.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{BufReader, ErrorKind};
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::files::{CELLS, DOCUMENT, EARLIER, PROVENANCE};
use super::style::Style;
use crate::measure::Measure;
use crate::results::{MATCHED, NetworkFacts, Provenance, Scores};

/// Why results cannot be described.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FinishedError {
    /// The file cannot be opened.
    #[error("{}: {source}; `similitude sweep -o DIRECTORY` writes it when it ends", file.display())]
    File {
        /// The file.
        file: PathBuf,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// A sweep that has not ended.
    #[error(
        "{}: the sweep into this directory has not ended, and its finished cells are in {CELLS}: the same command takes it up where it \
         stopped{}",
        directory.display(),
        earlier(directory, *has_earlier)
    )]
    Unfinished {
        /// The directory.
        directory: PathBuf,
        /// Whether results of a sweep before it are kept.
        has_earlier: bool,
    },
    /// It is no document of results.
    #[error("{}: not what a sweep writes into scores.json or provenance.json: {detail}", file.display())]
    Damaged {
        /// The file.
        file: PathBuf,
        /// What is wrong with it.
        detail: String,
    },
}

fn earlier(directory: &Path, is_there: bool) -> String {
    if is_there { format!("; the results of the sweep before it are in {}", directory.join(EARLIER).display()) } else { String::new() }
}

/// A finished sweep, without its values.
#[derive(Debug, Deserialize)]
pub struct Finished {
    /// The version of this library that computed it.
    #[serde(rename = "similitude")]
    pub version: String,
    n: usize,
    a: Network,
    b: Network,
    measures: Vec<String>,
    /// What it came from, where that stands beside it.
    #[serde(skip)]
    pub provenance: Provenance,
}

#[derive(Debug, Deserialize)]
struct Network {
    name: String,
    layers: Vec<Layer>,
}

impl Network {
    /// The name of its file or folder, without those that hold it.
    fn file_name(&self) -> &str {
        Path::new(&self.name).file_name().and_then(|name| name.to_str()).unwrap_or(&self.name)
    }
}

#[derive(Debug, Deserialize)]
struct Layer {
    #[serde(default)]
    reading: Option<String>,
}

pub(super) fn read<T: DeserializeOwned>(file: &Path) -> Result<T, FinishedError> {
    let opened = File::open(file).map_err(|source| match file.parent() {
        Some(directory) if source.kind() == ErrorKind::NotFound && directory.join(CELLS).exists() => {
            FinishedError::Unfinished { directory: directory.to_path_buf(), has_earlier: directory.join(EARLIER).join(DOCUMENT).exists() }
        }
        _ => FinishedError::File { file: file.to_path_buf(), source },
    })?;
    let damaged = |error: serde_json::Error| FinishedError::Damaged { file: file.to_path_buf(), detail: error.to_string() };
    serde_json::from_reader(BufReader::new(opened)).map_err(damaged)
}

/// The document of results, of a directory or by itself.
pub(super) fn document(path: &Path) -> PathBuf {
    if path.is_dir() { path.join(DOCUMENT) } else { path.to_path_buf() }
}

impl Finished {
    /// A sweep whose scores are at hand.
    pub fn of(scores: &Scores) -> Self {
        let network = |facts: &NetworkFacts| Network {
            name: facts.name.clone(),
            layers: facts.layers.iter().map(|layer| Layer { reading: layer.reading.clone() }).collect(),
        };
        let provenance = scores.provenance().clone();
        let version = if provenance.version.is_empty() { env!("CARGO_PKG_VERSION").to_string() } else { provenance.version.clone() };
        let measures = scores.measures().iter().map(ToString::to_string).collect();
        Self { version, n: scores.n(), a: network(scores.a()), b: network(scores.b()), measures, provenance }
    }

    /// Reads `scores.json`, or that of a directory of results.
    ///
    /// # Errors
    /// [`FinishedError`].
    pub fn open(path: &Path) -> Result<Self, FinishedError> {
        let file = document(path);
        let mut finished: Self = read(&file)?;
        let beside = file.with_file_name(PROVENANCE);
        if beside.exists() {
            finished.provenance = read(&beside)?;
        }
        Ok(finished)
    }

    /// The measures.
    ///
    /// # Errors
    /// [`Error`](crate::Error) of one that this version does not know.
    pub fn measures(&self) -> Result<Vec<Measure>, crate::error::Error> {
        self.measures.iter().map(|measure| Measure::parse(measure)).collect()
    }

    /// The sentence that says what was compared: networks, layers, examples, and how the layers
    /// were read.
    pub fn sentence(&self, style: Style) -> String {
        let n = style.prose(&format!("n = {}", self.n));
        if let Some(layers) = &self.provenance.networks {
            let count = self.a.layers.len();
            let of = if layers == MATCHED {
                "the mean over their layers of the same name".to_string()
            } else {
                format!("their layer {}", style.code(layers))
            };
            return format!("We compared {count} networks with one another by {of} on {n} examples.{}", self.readings(style));
        }
        let network = |network: &Network| {
            let layers = network.layers.len();
            format!("{layers} {} of {}", if layers == 1 { "layer" } else { "layers" }, style.code(network.file_name()))
        };
        let (a, b) = (network(&self.a), network(&self.b));
        let compared = if self.provenance.b.is_empty() && self.a.name == self.b.name {
            format!("We compared the {a} with one another")
        } else {
            format!("We compared the {a} with the {b}")
        };
        format!("{compared} on {n} examples.{}", self.readings(style))
    }

    fn readings(&self, style: Style) -> String {
        let of = |network: &Network| -> BTreeSet<String> { network.layers.iter().filter_map(|layer| layer.reading.clone()).collect() };
        let (a, b) = (of(&self.a), of(&self.b));
        let list = |readings: &BTreeSet<String>| match readings.is_empty() {
            true => "as they were stored".to_string(),
            false => style.prose(&readings.iter().map(String::as_str).collect::<Vec<_>>().join("; or ")),
        };
        match (a.is_empty() && b.is_empty(), a == b) {
            (true, _) => String::new(),
            (_, true) => format!(" Where anything had to be decided, layers were read so: {}.", list(&a)),
            _ => format!(
                " Where anything had to be decided, layers of {} were read so: {}; those of {}: {}.",
                style.code(self.a.file_name()),
                list(&a),
                style.code(self.b.file_name()),
                list(&b)
            ),
        }
    }
}

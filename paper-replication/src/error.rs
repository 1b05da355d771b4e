//! What can go wrong, with the numbers a person needs to put it right.

use std::path::PathBuf;

/// The one error type of this crate.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A data file is not where it was looked for.
    #[error("{}: {source}. {remedy}", path.display())]
    MissingData {
        /// The file that could not be read.
        path: PathBuf,
        /// What the operating system said.
        source: std::io::Error,
        /// How to get the file.
        remedy: &'static str,
    },
    /// A data file is there but its content is not what its format promises.
    #[error("{} is damaged: {found}. {remedy}", path.display())]
    DamagedData {
        /// The file.
        path: PathBuf,
        /// What was found, and what was expected.
        found: String,
        /// How to get an intact copy.
        remedy: &'static str,
    },
    /// A request about pictures that the data set cannot satisfy.
    #[error("{0}")]
    Pictures(String),
    /// An architecture, or a combination of architecture and picture size, that does not exist.
    #[error("{0}")]
    Architecture(String),
    /// A training regime that cannot be run.
    #[error("{0}")]
    Regime(String),
    /// The loss stopped being a finite number.
    #[error("the loss became {loss} in epoch {epoch}, step {step}: lower the learning rate (peak {learning_rate})")]
    Diverged {
        /// The loss.
        loss: f32,
        /// The epoch, counted from 1.
        epoch: usize,
        /// The step within the epoch, counted from 1.
        step: usize,
        /// The peak learning rate of the regime.
        learning_rate: f64,
    },
    /// An activation that the chosen number format cannot hold.
    #[error("layer {layer}: activation {value} does not fit {format}")]
    Unrepresentable {
        /// The layer.
        layer: String,
        /// The first value that does not fit.
        value: f32,
        /// The number format.
        format: &'static str,
    },
    /// A checkpoint that belongs to another run.
    #[error(
        "{} holds another run: {differences}. Delete it, or choose another file", path.display()
    )]
    ForeignCheckpoint {
        /// The checkpoint.
        path: PathBuf,
        /// Everything in which the run asked for and the run found differ.
        differences: String,
    },
    /// A checkpoint that cannot be read back.
    #[error("{} is not a checkpoint: {reason}", path.display())]
    DamagedCheckpoint {
        /// The checkpoint.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// Reading or writing a file of our own failed.
    #[error("{}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// Writing a `.safetensors` file failed.
    #[error("{}: {source}", path.display())]
    Tensors {
        /// The file.
        path: PathBuf,
        /// What the format's library said.
        source: safetensors::SafeTensorError,
    },
    /// A preset or an option of an experiment that cannot be.
    #[error("{0}")]
    Setting(String),
    /// A network that an experiment needs is not trained, and may not be trained now.
    #[error("{} holds {epochs_done} of {epochs} epochs, and --no-train was given", path.display())]
    Untrained {
        /// The checkpoint.
        path: PathBuf,
        /// The epochs that are done.
        epochs_done: usize,
        /// The epochs that are needed.
        epochs: usize,
    },
    /// Threads could not be started.
    #[error("threads: {0}")]
    Threads(String),
    /// Two representations could not be compared.
    #[error(transparent)]
    Comparison(#[from] similitude::Error),
    /// A sweep could not be kept or continued.
    #[error(transparent)]
    Sweep(Box<similitude::sweep::Error>),
    /// A measure has no value where the experiment needs one.
    #[error("{what}: {reason}")]
    Undefined {
        /// What was to be computed.
        what: String,
        /// Why it has no value.
        reason: String,
    },
    /// A stored representation cannot be read, or a result cannot be written.
    #[error(transparent)]
    Stored(#[from] similitude::io::Error),
    /// A picture could not be drawn.
    #[error("{}: {reason}", path.display())]
    Picture {
        /// The picture's file.
        path: PathBuf,
        /// What the drawing library said.
        reason: String,
    },
    /// A file of results that is not what this program writes.
    #[error("{} is not a file of results: {reason}", path.display())]
    DamagedResults {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// Text that a language model cannot take.
    #[error("{0}")]
    Sequence(String),
    /// The framework refused to save or load weights.
    #[error("weights: {0}")]
    Weights(#[from] burn::store::RecordError),
}

/// A result of this crate.
pub type Result<T> = std::result::Result<T, Error>;

/// Attaches the path to an input or output error.
pub(crate) fn at(path: &std::path::Path) -> impl FnOnce(std::io::Error) -> Error {
    let path = path.to_path_buf();
    move |source| Error::File { path, source }
}

impl From<similitude::sweep::Error> for Error {
    fn from(error: similitude::sweep::Error) -> Self {
        Self::Sweep(Box::new(error))
    }
}

impl From<similitude::sweep::KeptError> for Error {
    fn from(error: similitude::sweep::KeptError) -> Self {
        similitude::sweep::Error::from(error).into()
    }
}

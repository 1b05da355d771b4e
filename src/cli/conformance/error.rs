//! What stops a run. Whatever an adapter does is a verdict, not one of these.

use std::path::PathBuf;

/// What stops a run.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No directory for the inputs.
    #[error("the directory for the inputs cannot be made: {source}")]
    Inputs {
        /// Why.
        source: std::io::Error,
    },
    /// Golden vectors that cannot be used.
    #[error("{path}: {reason}")]
    Vectors {
        /// The file that lists them.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// No such program.
    #[error("the adapter {command:?}: there is no file {word:?} (a path cannot have spaces: words after the first are its arguments)")]
    NoAdapter {
        /// As it was given.
        command: String,
        /// Its first word.
        word: String,
    },
    /// No function of this name.
    #[error("--entry {name}: the adapter computes {names}")]
    NoEntry {
        /// What was asked for.
        name: String,
        /// What there is.
        names: String,
    },
    /// No law of this name.
    #[error("--law {text}: no law of what the adapter computes has this in its name (symmetry, orthogonal, translation ...)")]
    NoLaw {
        /// What was asked for.
        text: String,
    },
    /// What speeds are compared with does not answer.
    #[error("--baseline {command}: {reason}")]
    Baseline {
        /// As it was given.
        command: String,
        /// What it does instead.
        reason: String,
    },
    /// A result cannot be written.
    #[error("{path}: {source}")]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}

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
    /// A result cannot be written.
    #[error("{path}: {source}")]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}

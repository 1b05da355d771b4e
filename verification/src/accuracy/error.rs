//! What stops an accuracy table or a set of vectors from being made.

use std::path::{Path, PathBuf};

use similitude_oracle::OracleError;

/// Why there is no table.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file cannot be read or written.
    #[error("{}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// A file is not the JSON it should be.
    #[error("{}: {source}", path.display())]
    Json {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: serde_json::Error,
    },
    /// A published number cannot be read.
    #[error("{text:?} is not a decimal number such as -1.25e-9")]
    Decimal {
        /// The text.
        text: String,
    },
    /// The library does not take an input or a convention.
    #[error(transparent)]
    Library(#[from] similitude::Error),
    /// A representation cannot be read or written.
    #[error(transparent)]
    Input(#[from] similitude::io::Error),
    /// The oracle does not take what the library takes.
    #[error("{measure} on {input}: {source}")]
    Oracle {
        /// The convention.
        measure: String,
        /// Description of the input.
        input: String,
        /// What the oracle says.
        source: OracleError,
    },
    /// A vector cannot be published.
    #[error("{measure} on {input} is no golden vector: {reason}")]
    NotGolden {
        /// The convention.
        measure: String,
        /// Name of the input.
        input: String,
        /// Why.
        reason: String,
    },
}

/// Reads a JSON file.
pub fn read_json<T: serde::de::DeserializeOwned>(path: &Path) -> Result<T, Error> {
    let text = std::fs::read_to_string(path).map_err(|source| Error::File { path: path.to_owned(), source })?;
    serde_json::from_str(&text).map_err(|source| Error::Json { path: path.to_owned(), source })
}

/// Writes a JSON file.
pub fn write_json<T: serde::Serialize>(path: &Path, value: &T) -> Result<(), Error> {
    let text = serde_json::to_string_pretty(value).map_err(|source| Error::Json { path: path.to_owned(), source })?;
    write_text(path, &(text + "\n"))
}

/// Writes a text file.
pub fn write_text(path: &Path, text: &str) -> Result<(), Error> {
    std::fs::write(path, text).map_err(|source| Error::File { path: path.to_owned(), source })
}

//! Why finished cells cannot be taken up or kept.

use std::path::PathBuf;

/// Why finished cells cannot be taken up or kept.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The unfinished cells in the directory are those of another sweep.
    #[error(
        "{}: holds the unfinished cells of another sweep ({difference}). Finish that one with its own arguments, choose another directory, or delete the file",
        file.display()
    )]
    OtherSweep {
        /// The partial file.
        file: PathBuf,
        /// What differs, and how.
        difference: String,
    },

    /// A sweep that cannot be, for its sizes or measures.
    #[error("not a sweep: {detail}")]
    Header {
        /// What is wrong with it.
        detail: String,
    },

    /// Another process is writing the same partial file.
    #[error("{}: another sweep is writing here; choose another directory, or wait for it", file.display())]
    InUse {
        /// The partial file.
        file: PathBuf,
    },

    /// A line inside the partial file is not a finished cell of this sweep.
    #[error("{}, line {line}: damaged ({detail}); delete the line to compute its cell again, or the file to start anew", file.display())]
    Damaged {
        /// The partial file.
        file: PathBuf,
        /// The line, counted from 1.
        line: usize,
        /// What was wrong with it.
        detail: String,
    },

    /// Cells of another sweep cannot be set aside.
    #[error(transparent)]
    Write(#[from] crate::io::Error),

    /// The partial file cannot be read or written.
    #[error("{}: {source}", file.display())]
    File {
        /// The partial file.
        file: PathBuf,
        /// What the operating system said.
        source: std::io::Error,
    },
}

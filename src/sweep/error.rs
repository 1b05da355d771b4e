//! Why a sweep does not start or does not end.

use std::path::PathBuf;

use super::bytes::Bytes;

/// Why a sweep does not start or does not end. A measure that is undefined on two layers is not
/// among these: it is the [`Outcome`](super::Outcome) of its cell.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A layer cannot be read.
    #[error("{0}")]
    Layer(#[source] Box<dyn std::error::Error + Send + Sync>),

    /// Two layers that are to be compared have different numbers of examples.
    #[error(transparent)]
    Input(#[from] crate::error::Error),

    /// A layer that is preprocessed was to be read in parts.
    #[error(
        "{source_name}: {steps} takes the whole layer, and the layers do not fit into the memory given. Take fewer layers or examples, allow \
         more with --memory, or store the layers after these steps"
    )]
    WholeLayers {
        /// What reads the layer.
        source_name: String,
        /// The steps, in words.
        steps: String,
    },

    /// A network without layers, or a sweep without measures.
    #[error("a sweep needs at least one layer on each side and one measure; got {rows} x {columns} layers and {measures} measures")]
    Empty {
        /// Layers of the first network.
        rows: usize,
        /// Layers of the second.
        columns: usize,
        /// Measures.
        measures: usize,
    },

    /// Networks that should have the same layers do not.
    #[error("{first} and {other} should have the same layers, in the same order: {} and {}", first_layers.join(", "), other_layers.join(", "))]
    DifferentLayers {
        /// The first network.
        first: String,
        /// Its layers.
        first_layers: Vec<String>,
        /// The other network.
        other: String,
        /// Its layers.
        other_layers: Vec<String>,
    },

    /// The sweep would need more memory than it may take.
    #[error(
        "{measures}: this needs about {} of memory, and may take {}: {} for the layers' features and bases, {} for loading and comparing on the \
         way, {} for the finished cells. Take fewer layers or examples, or allow more with --memory. Measures of \
         inner products between neurons (linear cka and hsic, cca, svcca, pwcca, linear-regression, canonical-ridge, procrustes, soft-matching) take blocks of \
         rows, and need less, where no two layers have more neurons together than examples",
        Bytes(*needed), Bytes(*limit), Bytes(*features), Bytes(*working), Bytes(*cells)
    )]
    Memory {
        /// The measures that need it: those that cannot stream.
        measures: String,
        /// Bytes that it needs.
        needed: u64,
        /// Bytes that it may take.
        limit: u64,
        /// Bytes of centered features and bases, kept for the whole sweep.
        features: u64,
        /// Bytes that loading and comparing take on the way.
        working: u64,
        /// Bytes of the finished cells.
        cells: u64,
    },

    /// Not even two layers can be streamed in the memory that the sweep may take.
    #[error(
        "streaming needs about {} of memory for what is gathered of two layers ({x} with {p} neurons and {y} with {q}: {p} x {q} sums, or a factor of \
         {p} + {q} neurons) and a few of their rows, and may take {}. Average over positions (--spatial mean), or allow more with --memory",
        Bytes(*needed), Bytes(*limit)
    )]
    StreamMemory {
        /// The widest layer of the first network.
        x: String,
        /// The widest layer of the second.
        y: String,
        /// Neurons of the first.
        p: usize,
        /// Neurons of the second.
        q: usize,
        /// Bytes that it needs.
        needed: u64,
        /// Bytes that it may take.
        limit: u64,
    },

    /// The files of a directory are not all the parts of one sweep.
    #[error("{}: {problem}", directory.display())]
    Shards {
        /// The directory.
        directory: PathBuf,
        /// What is wrong.
        problem: ShardProblem,
    },

    /// Moments cannot be gathered, or do not give what they were gathered for.
    #[error(transparent)]
    Moments(#[from] crate::moments::Error),

    /// A file is another one than when the sweep began.
    #[error(
        "{source_name}: changed while the sweep was reading it ({detail}); no value of it was mixed. Start the sweep again when the file stays as it is"
    )]
    Changed {
        /// The layer.
        source_name: String,
        /// What is different.
        detail: String,
    },

    /// A thread cannot be started.
    #[error("a thread that reads layers cannot be started: {source}. Allow more processes or memory, or take fewer threads (--threads)")]
    Thread {
        /// What the operating system said.
        source: std::io::Error,
    },

    /// The file of finished cells cannot be taken up.
    #[error(transparent)]
    Kept(#[from] crate::kept::Error),

    /// A file cannot be looked at.
    #[error("{}: {source}", file.display())]
    File {
        /// The file.
        file: PathBuf,
        /// What the operating system said.
        source: std::io::Error,
    },
}

impl Error {
    /// The refusal of what would not fit beside finished cells of so many bytes.
    pub(super) fn beside(mut self, bytes: u64, memory: Option<u64>) -> Self {
        if let Error::Memory { needed, limit, cells, .. } = &mut self {
            *cells = bytes;
            *needed = needed.saturating_add(bytes);
            *limit = memory.unwrap_or(*limit);
        }
        if let Error::StreamMemory { needed, limit, .. } = &mut self {
            *needed = needed.saturating_add(bytes);
            *limit = memory.unwrap_or(*limit);
        }
        self
    }
}

/// Why the files of a directory do not make a sweep.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ShardProblem {
    /// No file is a part.
    #[error("no part of a sweep (shard-K-of-N.json) is here")]
    None,
    /// Parts were not computed, or not finished.
    #[error("of {of} parts {} {} missing", listed(parts), if parts.len() == 1 { "is" } else { "are" })]
    Missing {
        /// Their numbers, counted from 1.
        parts: Vec<usize>,
        /// How many parts there should be.
        of: usize,
    },
    /// Two files are the same part.
    #[error("part {part} is there twice: {} and {}", first.display(), second.display())]
    Twice {
        /// Its number, counted from 1.
        part: usize,
        /// One file.
        first: PathBuf,
        /// The other.
        second: PathBuf,
    },
    /// A file is a part of another sweep.
    #[error("{} is a part of another sweep than {} ({difference})", file.display(), first.display())]
    Foreign {
        /// The file.
        file: PathBuf,
        /// The part that it was held against.
        first: PathBuf,
        /// What differs: there is in that part, here in the file.
        difference: String,
    },
    /// The parts were computed by another version.
    #[error("{} was written by similitude {written}, this is {here}: merge with the version that computed", file.display())]
    Version {
        /// The file.
        file: PathBuf,
        /// Its version.
        written: String,
        /// This version.
        here: &'static str,
    },
    /// A part is being computed again, or was stopped on the way.
    #[error("part {part} is not finished: its cells are in {}. Let it end, take it up again, or delete that file", file.display())]
    Unfinished {
        /// Its number, counted from 1.
        part: usize,
        /// The file of its finished cells.
        file: PathBuf,
    },
    /// A file is not a part, or does not hold what its part has.
    #[error("{}: damaged: line {line}: {detail}. Compute this part again", file.display())]
    Damaged {
        /// The file.
        file: PathBuf,
        /// The line, counted from 1.
        line: usize,
        /// What was wrong with it.
        detail: String,
    },
}

impl ShardProblem {
    pub(super) fn damaged(file: &std::path::Path, line: usize, detail: String) -> Self {
        Self::Damaged { file: file.to_path_buf(), line, detail }
    }
}

fn listed(parts: &[usize]) -> String {
    const SHOWN: usize = 20;
    let shown: Vec<String> = parts.iter().take(SHOWN).map(usize::to_string).collect();
    let more = if parts.len() > SHOWN { format!(" and {} more", parts.len() - SHOWN) } else { String::new() };
    shown.join(", ") + &more
}

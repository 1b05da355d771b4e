//! Why moments cannot take a batch, or do not give a value.

/// Why moments cannot take a batch, cannot be merged, or do not give a value.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// An entry is not finite, there are too few examples, or the measure has no value on these
    /// data.
    #[error(transparent)]
    Input(#[from] crate::error::Error),

    /// Not one batch for each layer.
    #[error("{batches} batches for {layers} layers: each update takes the same rows of every layer")]
    BatchCount {
        /// Batches given.
        batches: usize,
        /// Layers of the moments.
        layers: usize,
    },

    /// A batch with another number of neurons than its layer.
    #[error("{name} has {expected} neurons; the batch that starts at row {row} has {found} columns")]
    BatchWidth {
        /// The layer.
        name: String,
        /// Its neurons.
        expected: usize,
        /// Columns of the batch.
        found: usize,
        /// Rows seen before the batch.
        row: u64,
    },

    /// Batches of one update with different numbers of rows.
    #[error(
        "the batch of {name} that starts at row {row} has {found} rows, that of {first} has {expected}: row i of both must be the same example"
    )]
    BatchRows {
        /// The first layer.
        first: String,
        /// Rows of its batch.
        expected: usize,
        /// The layer that differs.
        name: String,
        /// Rows of its batch.
        found: usize,
        /// Rows seen before the batch.
        row: u64,
    },

    /// A pair of a layer that there is not, or the same pair twice.
    #[error("the pair ({first}, {second}) of {layers} layers (counted from 0) {problem}")]
    Pair {
        /// Its first layer.
        first: usize,
        /// Its second layer.
        second: usize,
        /// Layers there are.
        layers: usize,
        /// What is wrong.
        problem: &'static str,
    },

    /// Moments of different layers or pairs were to be merged.
    #[error("moments of different layers or pairs cannot be merged: {difference}")]
    Different {
        /// What differs, and how.
        difference: String,
    },

    /// The measure does not follow from moments.
    #[error("{measure} cannot be computed from moments: {reason}")]
    NotFromMoments {
        /// The measure.
        measure: String,
        /// Why not.
        reason: &'static str,
    },

    /// A debiased estimator was asked of moments that were gathered without the row norms it needs.
    #[error("{measure} needs the products of row norms, and these moments were gathered without them")]
    NoRowNorms {
        /// The measure.
        measure: String,
    },
}

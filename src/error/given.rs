//! Errors of matrices between examples that were computed elsewhere.

use serde::Serialize;

use super::ErrorKind;

/// Why a matrix of dissimilarities, or of a kernel, was refused, or a measure does not follow from
/// it. Rows and columns are counted from 0.
#[derive(Debug, Clone, PartialEq, Serialize, thiserror::Error)]
#[non_exhaustive]
pub enum GivenError {
    /// A symmetric matrix that no kernel gives.
    #[error(
        "{name}: centered, this {n} x {n} matrix has an eigenvalue well below 0, and the matrix of a kernel has none. Of a matrix of distances D give \
         exp(-D^2 / (2 sigma^2)) or -D^2 / 2, or compare the representations by rsa"
    )]
    NotAKernel {
        /// The representation's name.
        name: String,
        /// Number of examples.
        n: usize,
    },
    /// A negative dissimilarity.
    #[error(
        "{name}: the entry in row {row}, column {column} is {value} (counted from 0), and a dissimilarity is at least 0. Of similarities S with ones on the \
         diagonal give 1 - S"
    )]
    Negative {
        /// The matrix.
        name: String,
        /// Row of the first such entry.
        row: usize,
        /// Its column.
        column: usize,
        /// The entry.
        value: f64,
    },
    /// A matrix of dissimilarities that is not symmetric.
    #[error(
        "{name}: the entry in row {row}, column {column} is {value}, and the one in row {column}, column {row} is {mirrored} (counted from 0): they differ by \
         more than rounding, and dissimilarities are symmetric. Where the order of two examples means nothing, give (D + D') / 2"
    )]
    NotSymmetric {
        /// The matrix.
        name: String,
        /// Row of the first such entry.
        row: usize,
        /// Its column.
        column: usize,
        /// The entry.
        value: f64,
        /// The one in its mirror place.
        mirrored: f64,
    },
    /// An example that differs from itself.
    #[error(
        "{name}: the entry in row {row}, column {row} is {value} (counted from 0), and an example does not differ from itself. A matrix of similarities S \
         with ones on the diagonal is given as 1 - S; where the diagonal means nothing, set it to 0"
    )]
    Diagonal {
        /// The matrix.
        name: String,
        /// The first such row.
        row: usize,
        /// The entry.
        value: f64,
    },
    /// A vector whose length is no number of pairs.
    #[error(
        "{name}: {values} numbers are no dissimilarities of all pairs: {below} examples have {} pairs, and {} have {}. Give those of i < j, row after row, as \
         scipy's pdist does, or the whole n x n matrix",
        pairs(*below), below + 1, pairs(below + 1)
    )]
    NotCondensed {
        /// The vector.
        name: String,
        /// Its length.
        values: usize,
        /// The most examples that have fewer pairs.
        below: usize,
    },
    /// A vector that has the diagonal too.
    #[error(
        "{name}: of {values} numbers those in the {examples} places of the diagonal of a {examples} x {examples} matrix are 0 and no other \
         is: this is half of such a matrix with its diagonal. Give those of i < j alone, as scipy's pdist and numpy.triu_indices(n, k=1) do, \
         or the whole matrix"
    )]
    WithDiagonal {
        /// The vector.
        name: String,
        /// Its length.
        values: usize,
        /// The rows of the matrix.
        examples: usize,
    },
    /// Dissimilarities that no points have as their Euclidean distances.
    #[error(
        "{name}: linear cka and hsic follow from Euclidean distances, and no points have these {n} x {n} dissimilarities: -J D^2 J / 2 has the eigenvalue \
         {least:.3e} beside the largest {largest:.3e} (J centers). rsa and distance-correlation:estimator=corrected take any dissimilarities; a kernel matrix \
         computed elsewhere is given as one"
    )]
    NotEuclidean {
        /// The matrix.
        name: String,
        /// Number of examples.
        n: usize,
        /// The least eigenvalue.
        least: f64,
        /// The largest.
        largest: f64,
    },
    /// Dissimilarities of which a distance covariance may be negative.
    #[error(
        "{name}: the biased distance correlation is of distances of negative type, as Euclidean ones are, and these {n} x {n} dissimilarities are not: -J D J \
         has the eigenvalue {least:.3e} beside the largest {largest:.3e} (J centers). estimator=corrected and rsa take any dissimilarities"
    )]
    NotOfNegativeType {
        /// The matrix.
        name: String,
        /// Number of examples.
        n: usize,
        /// The least eigenvalue.
        least: f64,
        /// The largest.
        largest: f64,
    },
    /// A measure of more than dissimilarities.
    #[error(
        "{name} is a matrix of dissimilarities between examples, from which rsa, distance-correlation and (of Euclidean distances) linear cka and hsic follow \
         and no other measure: give the examples for {measure}"
    )]
    DissimilaritiesAlone {
        /// The matrix.
        name: String,
        /// The measure.
        measure: String,
    },
    /// Examples, or a kernel matrix, where dissimilarities are asked for.
    #[error(
        "{name} is no matrix of dissimilarities, and {measure} compares those that were given: read it as one (--rdm, into_rdm, RDM), or say how its \
         dissimilarities are computed (rdm={choices})"
    )]
    NotGiven {
        /// The representation.
        name: String,
        /// The measure.
        measure: String,
        /// The ways to dissimilarities of examples.
        choices: String,
    },
}

impl GivenError {
    /// What kind of trouble this is.
    pub(crate) fn kind(&self) -> ErrorKind {
        ErrorKind::Input
    }
}

fn pairs(n: usize) -> u128 {
    let n = n as u128;
    n * n.saturating_sub(1) / 2
}

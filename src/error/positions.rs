//! Rows that are no examples.

use serde::Serialize;

/// Rows that are positions of examples, which a division of rows would tear apart.
#[derive(Debug, Clone, PartialEq, Serialize, thiserror::Error)]
#[error(
    "{name}: its {n} rows are positions of examples, and folds would hold out some positions of an example that others predict. Pool the \
     positions (--spatial mean, or spatial=\"mean\" in Python), or take them as neurons (flatten)"
)]
pub struct OfPositions {
    /// The representation.
    pub name: String,
    /// Its rows.
    pub n: usize,
}

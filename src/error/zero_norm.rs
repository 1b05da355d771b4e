//! An example that cannot be divided by its norm.

use serde::Serialize;

/// An example whose norm is 0, where each is to be divided by its norm.
#[derive(Debug, Clone, PartialEq, Serialize, thiserror::Error)]
#[error(
    "example {row} (counted from 0) of {name} is zero and cannot be divided by its norm (--l2-rows); leave such examples out of all \
     layers with --rows, or leave out --l2-rows"
)]
pub struct ZeroNorm {
    /// The representation.
    pub name: String,
    /// The example, counted from 0.
    pub row: usize,
}

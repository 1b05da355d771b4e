//! A bandwidth of which hardly anything is left.

use serde::Serialize;

/// Distances so far above the bandwidth that hardly a digit of a kernel value between two different
/// examples is known: its logarithm is beyond
/// [`LARGEST_LOGARITHM`](crate::tolerance::LARGEST_LOGARITHM).
#[derive(Debug, Clone, PartialEq, Serialize, thiserror::Error)]
#[error(
    "undefined: the bandwidth is {share:.1e} of the shortest distance between two examples of {name}, so that the largest kernel value between \
     different examples is exp(-{logarithm:.1e}), of which f64 knows hardly a digit; take a larger fraction or sigma"
)]
pub struct NarrowBandwidth {
    /// The representation.
    pub name: String,
    /// The bandwidth, as a share of the shortest distance between two examples.
    pub share: f64,
    /// Minus the logarithm of the largest kernel value.
    pub logarithm: f64,
}

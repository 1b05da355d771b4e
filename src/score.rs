//! What a comparison answers.

use serde::Serialize;

use crate::claims::Direction;
use crate::diagnostics::Diagnostics;

/// A value with its full convention and diagnostics: what a methods section needs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Score {
    /// The measure with its full convention, defaults included.
    pub measure: String,
    /// The value.
    pub value: f64,
    /// Which way it reads.
    pub direction: Direction,
    /// Name of X.
    pub x: String,
    /// Name of Y.
    pub y: String,
    /// Examples.
    pub n: usize,
    /// Neurons of X.
    pub p1: usize,
    /// Neurons of Y.
    pub p2: usize,
    /// Ranks, kept dimensions, bandwidths, the error bound, ...
    pub diagnostics: Diagnostics,
    /// Version of this library.
    pub version: &'static str,
}

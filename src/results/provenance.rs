//! What results came from.

use serde::{Deserialize, Serialize};

use crate::precision::Precision;

/// What the results of a sweep came from, besides the names of its layers: enough to ask whether
/// other results are of the same inputs.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Provenance {
    /// The precision of the large products.
    pub precision: Precision,
    /// The files of the first network with sizes, times and checksums, and how they were read.
    pub a: Vec<String>,
    /// The files of the second network; none of a network with itself.
    pub b: Vec<String>,
    /// The command line, where a program made the results.
    pub command: Vec<String>,
}

impl Provenance {
    /// The same with the two networks exchanged.
    pub(super) fn mirrored(&self) -> Self {
        Self { a: self.b.clone(), b: self.a.clone(), ..self.clone() }
    }
}

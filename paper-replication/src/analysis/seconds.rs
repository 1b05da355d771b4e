//! How long an analysis took, over all the calls that it was interrupted by.

use crate::error::Result;
use crate::figures::{read_json, write_whole};
use serde::{Deserialize, Serialize};
use std::ops::AddAssign;
use std::path::Path;

/// Wall-clock seconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Seconds {
    /// Recording what the layers answer.
    pub capture: f64,
    /// The part that is done once a layer: centering, kernel matrices, decompositions.
    pub preparation: f64,
    /// The part that is done once a pair of layers.
    pub comparison: f64,
}

impl AddAssign for Seconds {
    fn add_assign(&mut self, other: Self) {
        self.capture += other.capture;
        self.preparation += other.preparation;
        self.comparison += other.comparison;
    }
}

impl Seconds {
    /// Reads what earlier calls took; nothing where there is no file.
    pub(super) fn load(path: &Path) -> Result<Self> {
        Ok(read_json(path)?.unwrap_or_default())
    }

    pub(super) fn save(&self, path: &Path) -> Result<()> {
        write_whole(path, serde_json::to_string(self).expect("three numbers have a JSON form").as_bytes())
    }
}

//! How long an analysis took, over all the calls that it was interrupted by.

use crate::error::{Error, Result};
use crate::figures::write_whole;
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
        let text = match std::fs::read_to_string(path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Self::default()),
            text => text.map_err(crate::error::at(path))?,
        };
        serde_json::from_str(&text).map_err(|error| Error::DamagedResults { path: path.to_path_buf(), reason: error.to_string() })
    }

    pub(super) fn save(&self, path: &Path) -> Result<()> {
        write_whole(path, serde_json::to_string(self).expect("three numbers have a JSON form").as_bytes())
    }
}

//! Where a tensor stands.

use std::fmt;
use std::path::PathBuf;

/// Where a tensor stands: the file and, in an archive, its name there. Displays as `FILE` or
/// `FILE:NAME`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The file.
    pub file: PathBuf,
    /// The tensor's name in the archive; `None` for a file that holds one unnamed tensor.
    pub tensor: Option<String>,
}

impl Place {
    /// A place in `file`, of the tensor called `tensor` where the file is an archive.
    pub fn new(file: impl Into<PathBuf>, tensor: Option<&str>) -> Self {
        Self { file: file.into(), tensor: tensor.map(str::to_owned) }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file.display())?;
        match &self.tensor {
            Some(tensor) => write!(f, ":{tensor}"),
            None => Ok(()),
        }
    }
}

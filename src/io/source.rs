//! `FILE` or `FILE:NAME`.

use std::convert::Infallible;
use std::ffi::OsStr;
use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use super::format::has_known_extension;

/// Where a representation is read from: a file, or a tensor of an archive.
///
/// Written `FILE` or `FILE:NAME`. Both halves may contain colons themselves, so the file system
/// decides: the longest part before a colon (or the whole text) that exists is the file. Where
/// nothing exists, the first part before a colon that ends in a known extension is taken to be
/// meant, for the message that it is not there.
///
/// ```
/// use similitude::io::Source;
/// let source: Source = "absent/resnet.npz:layer1.0.conv1".parse().unwrap();
/// assert_eq!(source.path().to_str(), Some("absent/resnet.npz"));
/// assert_eq!(source.tensor(), Some("layer1.0.conv1"));
/// assert_eq!(source.to_string(), "absent/resnet.npz:layer1.0.conv1");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    text: String,
    path: PathBuf,
    tensor: Option<String>,
}

impl Source {
    /// Parses `FILE` or `FILE:NAME`; looks at which files exist, and reads none. Never fails: a
    /// source that cannot be read is an error of the reading.
    pub fn new(text: impl Into<String>) -> Self {
        let text = text.into();
        match split(&text) {
            Some(colon) => Self { path: PathBuf::from(&text[..colon]), tensor: Some(text[colon + 1..].to_owned()), text },
            None => Self { path: PathBuf::from(&text), tensor: None, text },
        }
    }

    /// As [`new`](Self::new), of a text whose file name need not be Unicode.
    pub fn from_os(text: &OsStr) -> Self {
        match text.to_str() {
            Some(text) => Self::new(text),
            None => Self::of_bytes(text),
        }
    }

    #[cfg(unix)]
    fn of_bytes(text: &OsStr) -> Self {
        use std::os::unix::ffi::OsStrExt;
        let bytes = text.as_bytes();
        let colons = (0..bytes.len()).rev().filter(|&at| bytes[at] == b':');
        let split = |at: usize| Some((Path::new(OsStr::from_bytes(&bytes[..at])), std::str::from_utf8(&bytes[at + 1..]).ok()?));
        let named = colons.filter_map(split).find(|(path, _)| path.exists());
        match named.filter(|_| !Path::new(text).exists()) {
            Some((path, tensor)) => Self::from_parts(path, Some(tensor)),
            None => Self::from_parts(text, None),
        }
    }

    #[cfg(not(unix))]
    fn of_bytes(text: &OsStr) -> Self {
        Self::from_parts(text, None)
    }

    /// The source of a file and, in an archive, a tensor's name; nothing is parsed.
    pub fn from_parts(path: impl Into<PathBuf>, tensor: Option<&str>) -> Self {
        let path = path.into();
        let text = match tensor {
            Some(tensor) => format!("{}:{tensor}", path.display()),
            None => path.display().to_string(),
        };
        Self { text, path, tensor: tensor.map(str::to_owned) }
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The tensor's name in the archive, if one was given.
    pub fn tensor(&self) -> Option<&str> {
        self.tensor.as_deref()
    }
}

/// The byte position of the colon that ends the file's name; `None` when the whole text is the
/// file.
fn split(text: &str) -> Option<usize> {
    if Path::new(text).exists() {
        return None;
    }
    let existing = text.rmatch_indices(':').map(|(colon, _)| colon).find(|&colon| Path::new(&text[..colon]).exists());
    let meant = || text.match_indices(':').map(|(colon, _)| colon).find(|&colon| has_known_extension(&text[..colon]));
    existing.or_else(meant)
}

impl FromStr for Source {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(Self::new(text))
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

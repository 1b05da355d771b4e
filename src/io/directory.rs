//! What a directory holds of a network.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use super::error::Error;
use super::format::extension;

/// The files of a directory that layers come from.
#[derive(Debug, Default)]
pub(super) struct Contents {
    /// `.npy` files with their paths from the directory, without the extension.
    pub(super) layers: Vec<(String, PathBuf)>,
    /// Archives, directories in it not looked at.
    pub(super) archives: Vec<PathBuf>,
    /// Indices of shards.
    pub(super) indices: Vec<PathBuf>,
    /// How many text tables there are, which are no layers.
    pub(super) tables: usize,
}

/// Looks through a directory and those in it. Names that start with a dot are other programs'.
pub(super) fn look(directory: &Path) -> Result<Contents, Error> {
    let mut contents = Contents::default();
    walk(directory, "", &mut Vec::new(), &mut contents)?;
    contents.archives.sort();
    contents.indices.sort();
    Ok(contents)
}

/// Directories that stand in each other deeper than this are nobody's network: links among them
/// lead in circles.
const DEEPEST: usize = 64;

fn walk(directory: &Path, prefix: &str, above: &mut Vec<PathBuf>, contents: &mut Contents) -> Result<(), Error> {
    let failed = |source| Error::system(directory, source);
    // A link may lead back to where it stands, and several may lead to one directory.
    let own = directory.canonicalize().map_err(failed)?;
    if above.contains(&own) || above.len() > DEEPEST {
        return Ok(());
    }
    above.push(own);
    for entry in std::fs::read_dir(directory).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.file_name().is_some_and(is_hidden) {
            continue;
        }
        let stem = |path: &Path| format!("{prefix}{}", path.file_stem().unwrap_or_default().to_string_lossy());
        if path.is_dir() {
            let inner = format!("{prefix}{}/", path.file_name().unwrap_or_default().to_string_lossy());
            walk(&path, &inner, above, contents)?;
        } else if extension(&path) == "npy" {
            if path.exists() && !path.is_file() {
                return Err(Error::NotAFile { file: path });
            }
            // One that leads nowhere says so when it is read.
            contents.layers.push((stem(&path), path));
        } else if path.is_file() {
            match extension(&path).as_str() {
                "safetensors" | "npz" | "pt" | "pth" | "h5" | "hdf5" if prefix.is_empty() => contents.archives.push(path),
                "csv" | "tsv" => contents.tables += 1,
                "json" if prefix.is_empty() && is_index(&path) => contents.indices.push(path),
                _ => {}
            }
        }
    }
    above.pop();
    Ok(())
}

fn is_hidden(name: &OsStr) -> bool {
    name.as_encoded_bytes().starts_with(b".")
}

/// Whether a file is called like an index of shards.
pub(super) fn is_index(file: &Path) -> bool {
    file.file_name().is_some_and(|name| name.as_encoded_bytes().ends_with(b".safetensors.index.json"))
}

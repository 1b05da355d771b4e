//! Files of tensors that are whole or absent.

use crate::error::{Error, Result, at};
use safetensors::View;
use std::collections::HashMap;
use std::path::Path;

/// Writes tensors with one entry of metadata beside `path`, and renames; the folder is made where
/// there is none.
///
/// One entry only: the library writes several in an order that changes from run to run. The tensors
/// stand in the file in an order of its own (by name, where all have one type), not in the one they
/// are given in.
///
/// # Errors
/// When the file, or its folder, cannot be written.
pub(crate) fn write_tensors(path: &Path, tensors: Vec<(&str, impl View)>, (key, text): (&str, String)) -> Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(at(folder))?;
    }
    let metadata = HashMap::from([(key.to_owned(), text)]);
    let unfinished = path.with_extension("unfinished");
    let failed = |source| Error::Tensors { path: path.to_path_buf(), source };
    safetensors::serialize_to_file(tensors, Some(metadata), &unfinished).map_err(failed)?;
    std::fs::rename(&unfinished, path).map_err(at(path))
}

//! Writing files that are whole or absent.

use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use ::safetensors::Dtype;
use ::safetensors::tensor::{Metadata, TensorInfo};
use npyz::WriterBuilder;

use super::archive::require_names;
use super::error::Error;
use super::place::Place;
use super::safetensors::ORDER;

/// Writes a file by way of a temporary one in the same directory: `path` holds all that `write`
/// wrote, or what it held before (or is absent), never a part, whatever stops the program.
///
/// # Errors
///
/// [`Error::System`] or [`Error::NotFound`] with what `write` or the operating system said; the
/// temporary file is then gone.
pub fn write_atomically<F>(path: impl AsRef<Path>, write: F) -> Result<(), Error>
where
    F: FnOnce(&mut BufWriter<File>) -> std::io::Result<()>,
{
    let path = path.as_ref();
    let attempt = || {
        let (file, temporary) = Temporary::beside(path)?;
        let mut writer = BufWriter::new(file);
        write(&mut writer)?;
        let file = writer.into_inner().map_err(std::io::IntoInnerError::into_error)?;
        // Without this a crash of the machine may leave the new name on an empty file.
        file.sync_all()?;
        drop(file);
        temporary.rename(path)
    };
    attempt().map_err(|source| Error::system(path, source))
}

/// Removes what writers of `path` that were killed left beside it. For a caller that knows that
/// nobody else is writing the file.
pub fn remove_unfinished(path: impl AsRef<Path>) {
    let path = path.as_ref();
    let Some(name) = path.file_name() else { return };
    let start = format!(".{}.", name.to_string_lossy());
    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    // Nothing depends on it: what cannot be listed or removed is in nobody's way.
    let Ok(entries) = std::fs::read_dir(directory) else { return };
    for entry in entries.flatten() {
        let other = entry.file_name();
        let other = other.to_string_lossy();
        let number = other.strip_prefix(&start).and_then(|rest| rest.strip_suffix(".tmp"));
        if number.is_some_and(|number| number.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-')) {
            let _ = std::fs::remove_file(entry.path());
        }
    }
}

/// A file that is removed unless it is renamed.
struct Temporary {
    path: PathBuf,
    renamed: bool,
}

impl Temporary {
    /// Creates a file next to `path`, in the same file system, so that renaming is one step.
    fn beside(path: &Path) -> std::io::Result<(File, Self)> {
        static COUNTER: AtomicU64 = AtomicU64::new(0);
        let Some(name) = path.file_name() else {
            return Err(std::io::Error::new(std::io::ErrorKind::InvalidInput, "names no file"));
        };
        loop {
            let count = COUNTER.fetch_add(1, Ordering::Relaxed);
            let temporary = format!(".{}.{}-{count}.tmp", name.to_string_lossy(), std::process::id());
            let temporary = path.with_file_name(temporary);
            match OpenOptions::new().write(true).create_new(true).open(&temporary) {
                // Left behind by a process that was killed and had the same number.
                Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
                Ok(file) => {
                    return Ok((file, Self { path: temporary, renamed: false }));
                }
            }
        }
    }

    fn rename(mut self, path: &Path) -> std::io::Result<()> {
        std::fs::rename(&self.path, path)?;
        self.renamed = true;
        Ok(())
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        if !self.renamed {
            // Nothing can be done about a failure here, and the one that led here is being
            // reported.
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

/// Writes an n x p matrix, given row by row, as a `.npy` file of 64-bit floats, whole or not at
/// all.
///
/// # Errors
///
/// [`Error::ValueCount`] when `values` has another length than n p; what the operating system says.
pub fn write_npy(path: impl AsRef<Path>, n: usize, p: usize, values: &[f64]) -> Result<(), Error> {
    let path = path.as_ref();
    require_count(&Place::new(path, None), &[n, p], values.len())?;
    write_atomically(path, |file| {
        let mut writer = npyz::WriteOptions::new().default_dtype().shape(&[n as u64, p as u64]).writer(file).begin_nd()?;
        writer.extend(values)?;
        writer.finish()
    })
}

/// Values to be written, row-major, in their own precision.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum TensorValues<'a> {
    /// 32-bit floats.
    F32(&'a [f32]),
    /// 64-bit floats.
    F64(&'a [f64]),
}

impl TensorValues<'_> {
    fn len(self) -> usize {
        match self {
            Self::F32(values) => values.len(),
            Self::F64(values) => values.len(),
        }
    }

    fn write(self, writer: &mut impl Write) -> std::io::Result<()> {
        match self {
            Self::F32(values) => values.iter().try_for_each(|value| writer.write_all(&value.to_le_bytes())),
            Self::F64(values) => values.iter().try_for_each(|value| writer.write_all(&value.to_le_bytes())),
        }
    }

    fn dtype(self) -> Dtype {
        match self {
            Self::F32(_) => Dtype::F32,
            Self::F64(_) => Dtype::F64,
        }
    }
}

/// Writes a `.safetensors` archive, whole or not at all. The tensors stand in the file in the order
/// given, and its metadata names that order (`layers`), which a [`Network`](super::Network) then
/// has its layers in.
///
/// # Errors
///
/// [`Error::ValueCount`] when a tensor's values do not fit its shape, [`Error::DuplicateTensor`],
/// [`Error::NoTensors`], [`Error::ReservedName`] for `__metadata__`; what the operating system
/// says.
pub fn write_safetensors(path: impl AsRef<Path>, tensors: &[(&str, &[usize], TensorValues<'_>)]) -> Result<(), Error> {
    const RESERVED: &str = "__metadata__";
    let path = path.as_ref();
    let names: Vec<String> = tensors.iter().map(|&(name, ..)| name.to_owned()).collect();
    require_names(path, &names)?;
    if names.iter().any(|name| name == RESERVED) {
        return Err(Error::ReservedName { file: path.to_owned(), tensor: RESERVED.to_owned() });
    }

    let mut end = 0;
    let mut infos = Vec::with_capacity(tensors.len());
    for (name, &(_, shape, values)) in names.into_iter().zip(tensors) {
        require_count(&Place::new(path, Some(&name)), shape, values.len())?;
        let start = end;
        end += values.len() * values.dtype().bitsize() / 8;
        infos.push((name, TensorInfo { dtype: values.dtype(), shape: shape.to_vec(), data_offsets: (start, end) }));
    }
    let order = serde_json::to_string(&tensors.iter().map(|&(name, ..)| name).collect::<Vec<_>>());
    let order = order.map_err(|source| Error::system(path, source.into()))?;
    let metadata = HashMap::from([(ORDER.to_owned(), order)]);
    // The crate's own serializer would sort the tensors by type and name.
    let header = Metadata::new(Some(metadata), infos).map_err(std::io::Error::other).and_then(|metadata| {
        let mut header = serde_json::to_vec(&metadata)?;
        header.resize(header.len().next_multiple_of(8), b' ');
        Ok(header)
    });
    let header = header.map_err(|source| Error::system(path, source))?;

    write_atomically(path, |file| {
        file.write_all(&(header.len() as u64).to_le_bytes())?;
        file.write_all(&header)?;
        tensors.iter().try_for_each(|&(_, _, values)| values.write(file))
    })
}

pub(super) fn require_count(place: &Place, shape: &[usize], found: usize) -> Result<(), Error> {
    let count = shape.iter().try_fold(1_usize, |product, &length| product.checked_mul(length));
    if count == Some(found) { Ok(()) } else { Err(Error::ValueCount { place: place.clone(), shape: shape.to_vec(), found }) }
}

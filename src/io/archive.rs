//! Files that hold several named tensors.

use std::collections::HashSet;
use std::path::Path;

use super::columns::StoredColumns;
use super::error::{Error, Place};
use super::format::{Format, extension};
use super::npz::Npz;
use super::rows::StoredRows;
use super::safetensors::Safetensors;
use super::spatial::Spatial;
use super::tensor::{Order, Tensor};

/// An archive of named tensors, in file order; tensors are read one at a time.
#[derive(Debug)]
pub(super) enum Archive {
    Npz(Npz),
    Safetensors(Safetensors),
}

impl Archive {
    /// Opens an existing file; reads the list of its tensors, which has at least one and no name
    /// twice.
    pub(super) fn open(file: &Path, format: Format) -> Result<Self, Error> {
        let archive = match format {
            Format::Npz => Self::Npz(Npz::open(file)?),
            Format::Safetensors => Self::Safetensors(Safetensors::open(file)?),
            Format::Npy | Format::Csv => {
                return Err(Error::NotANetwork { file: file.to_owned(), extension: extension(file) });
            }
        };
        require_names(file, archive.names())?;
        Ok(archive)
    }

    fn file(&self) -> &Path {
        match self {
            Self::Npz(npz) => npz.file(),
            Self::Safetensors(safetensors) => safetensors.file(),
        }
    }

    pub(super) fn names(&self) -> &[String] {
        match self {
            Self::Npz(npz) => npz.names(),
            Self::Safetensors(safetensors) => safetensors.names(),
        }
    }

    /// The index of the tensor called `name`, or of the only tensor.
    pub(super) fn find(&self, name: Option<&str>) -> Result<usize, Error> {
        match (name, self.names()) {
            (Some(name), names) => find(self.file(), names, name),
            (None, [_]) => Ok(0),
            (None, names) => Err(Error::TensorNotNamed { file: self.file().to_owned(), available: names.to_vec() }),
        }
    }

    pub(super) fn shape(&self, index: usize) -> Result<Vec<usize>, Error> {
        match self {
            Self::Npz(npz) => npz.shape(index),
            Self::Safetensors(safetensors) => safetensors.shape(index),
        }
    }

    /// Where the rows of a tensor stand.
    pub(super) fn rows(&self, index: usize) -> Result<StoredRows, Error> {
        match self {
            Self::Npz(npz) => {
                let place = Place::new(npz.file(), Some(&npz.names()[index]));
                Err(Error::NotByRows { place, reason: "it is a member of a .npz archive" })
            }
            Self::Safetensors(safetensors) => safetensors.rows(index),
        }
    }

    /// The columns of a tensor.
    pub(super) fn columns(&self, index: usize, spatial: Option<Spatial>) -> Result<StoredColumns, Error> {
        match self {
            Self::Npz(npz) => {
                let place = Place::new(npz.file(), Some(&npz.names()[index]));
                Err(Error::NotByColumns { place, reason: "it is a member of a .npz archive" })
            }
            Self::Safetensors(safetensors) => StoredColumns::new(safetensors.rows(index)?, Order::RowMajor, spatial),
        }
    }

    pub(super) fn read(&self, index: usize) -> Result<Tensor, Error> {
        match self {
            Self::Npz(npz) => npz.read(index),
            Self::Safetensors(safetensors) => safetensors.read(index),
        }
    }
}

/// The index of `name` among `names`; without it, the error that lists them.
pub(super) fn find(file: &Path, names: &[String], name: &str) -> Result<usize, Error> {
    names.iter().position(|candidate| candidate == name).ok_or_else(|| Error::MissingTensor {
        file: file.to_owned(),
        tensor: name.to_owned(),
        available: names.to_vec(),
    })
}

/// At least one name, and no name twice: one that stands for two tensors would silently be one of
/// them.
pub(super) fn require_names(file: &Path, names: &[String]) -> Result<(), Error> {
    if names.is_empty() {
        return Err(Error::NoTensors { file: file.to_owned() });
    }
    let mut seen = HashSet::with_capacity(names.len());
    match names.iter().find(|name| !seen.insert(name.as_str())) {
        Some(name) => Err(Error::DuplicateTensor { file: file.to_owned(), tensor: name.clone() }),
        None => Ok(()),
    }
}

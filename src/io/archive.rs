//! Files that hold several named tensors.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use super::directory::{self, Contents};
use super::disguise::explain;
use super::error::Error;
use super::format::{Format, extension};
use super::h5::Hdf5;
use super::layers_error::LayersError;
use super::npz::Npz;
use super::place::Place;
use super::pt::Pt;
use super::rows::StoredRows;
use super::shards::{self, Shards};
use super::tensor::Tensor;

/// An archive of named tensors, in file order; tensors are read one at a time.
#[derive(Debug)]
pub(super) enum Archive {
    Npz(Npz),
    Safetensors(Shards),
    Pt(Pt),
    Hdf5(Hdf5),
}

impl Archive {
    /// Opens an existing file; reads the list of its tensors, which has at least one and no name
    /// twice.
    pub(super) fn open(file: &Path, format: Format) -> Result<Self, Error> {
        let opened = match format {
            Format::Npz => Npz::open(file).map(Self::Npz),
            Format::Safetensors => Shards::open_file(file).map(Self::Safetensors),
            Format::Pt => Pt::open(file).map(Self::Pt),
            Format::Hdf5 => Hdf5::open(file).map(Self::Hdf5),
            Format::Npy | Format::Csv => Err(Error::NotANetwork { file: file.to_owned(), extension: extension(file) }),
        };
        let archive = opened.map_err(|error| explain(file, error))?;
        require_names(file, archive.names())?;
        Ok(archive)
    }

    /// Opens the archive that an index or a directory stands for, if it does for one.
    pub(super) fn of_shards(path: &Path, contents: &Contents) -> Result<Option<Self>, Error> {
        let failed = |problem| Error::Layers { path: path.to_owned(), problem };
        let Contents { layers, archives, indices, .. } = contents;
        let shards = match (&layers[..], &archives[..], &indices[..]) {
            (_, [], []) => return Ok(None),
            ([], _, [index]) => Shards::of_index(index)?,
            ([], [archive], []) if extension(archive) != "safetensors" => return Self::open(archive, Format::of_file(archive)?).map(Some),
            ([], archives, _) => Shards::of_files(path, &shards::of_one_model(path, archives)?)?,
            (npy, archives, _) => return Err(failed(LayersError::Mixed { npy: npy.len(), archives: archives.len() })),
        };
        require_names(path, shards.names())?;
        Ok(Some(Self::Safetensors(shards)))
    }

    /// Opens what a source with a name for a tensor stands in: a file, the index of shards, or
    /// their directory.
    pub(super) fn open_any(path: &Path) -> Result<Self, Error> {
        if directory::is_index(path) && path.is_file() {
            let indices = vec![path.to_owned()];
            let opened = Self::of_shards(path, &Contents { indices, ..Contents::default() })?;
            return opened.ok_or_else(|| Error::NoTensors { file: path.to_owned() });
        }
        if path.is_dir()
            && let Some(opened) = Self::of_shards(path, &directory::look(path)?)?
        {
            return Ok(opened);
        }
        Self::open(path, Format::of_file(path)?)
    }

    fn file(&self) -> &Path {
        match self {
            Self::Npz(npz) => npz.file(),
            Self::Pt(pt) => pt.file(),
            Self::Hdf5(hdf5) => hdf5.file(),
            Self::Safetensors(shards) => shards.path(),
        }
    }

    /// The files that its tensors stand in.
    pub(super) fn files(&self) -> Vec<PathBuf> {
        match self {
            Self::Npz(npz) => vec![npz.file().to_owned()],
            Self::Pt(pt) => vec![pt.file().to_owned()],
            Self::Hdf5(hdf5) => vec![hdf5.file().to_owned()],
            Self::Safetensors(shards) => shards.files(),
        }
    }

    /// The order of layers that the file itself names.
    pub(super) fn order(&self) -> Option<Vec<String>> {
        match self {
            Self::Npz(_) | Self::Pt(_) | Self::Hdf5(_) => None,
            Self::Safetensors(shards) => shards.order(),
        }
    }

    /// Other files that tensors stand in, which are not read.
    pub(super) fn elsewhere(&self) -> Vec<String> {
        match self {
            Self::Hdf5(hdf5) => hdf5.elsewhere(),
            Self::Npz(_) | Self::Pt(_) | Self::Safetensors(_) => Vec::new(),
        }
    }

    /// Links that lead nowhere.
    pub(super) fn dangling(&self) -> Vec<String> {
        match self {
            Self::Hdf5(hdf5) => hdf5.dangling(),
            Self::Npz(_) | Self::Pt(_) | Self::Safetensors(_) => Vec::new(),
        }
    }

    /// Where a tensor stands.
    pub(super) fn place(&self, index: usize) -> Place {
        match self {
            Self::Npz(npz) => Place::new(npz.file(), Some(&npz.names()[index])),
            Self::Pt(pt) => Place::new(pt.file(), Some(&pt.names()[index])),
            Self::Hdf5(hdf5) => Place::new(hdf5.file(), Some(&hdf5.names()[index])),
            Self::Safetensors(shards) => Place::new(shards.part(index).0.file(), Some(&shards.names()[index])),
        }
    }

    pub(super) fn names(&self) -> &[String] {
        match self {
            Self::Npz(npz) => npz.names(),
            Self::Pt(pt) => pt.names(),
            Self::Hdf5(hdf5) => hdf5.names(),
            Self::Safetensors(shards) => shards.names(),
        }
    }

    /// The index of the tensor called `name`, or of the only tensor.
    pub(super) fn find(&self, name: Option<&str>) -> Result<usize, Error> {
        match (name, self.names()) {
            (Some(name), names) => find(self.file(), names, name).or_else(|missing| match (self, name.strip_prefix('/')) {
                // Paths in an HDF5 file may be written from the root.
                (Self::Hdf5(_), Some(from_root)) => find(self.file(), names, from_root).map_err(|_| missing),
                _ if !self.elsewhere().is_empty() => {
                    let problem = LayersError::Elsewhere { files: self.elsewhere() };
                    Err(Error::Layers { path: self.file().to_owned(), problem })
                }
                _ => Err(missing),
            }),
            (None, [_]) => Ok(0),
            (None, names) => Err(Error::TensorNotNamed { file: self.file().to_owned(), available: names.to_vec() }),
        }
    }

    pub(super) fn shape(&self, index: usize) -> Result<Vec<usize>, Error> {
        match self {
            Self::Npz(npz) => npz.shape(index),
            Self::Pt(pt) => pt.shape(index),
            Self::Hdf5(hdf5) => hdf5.shape(index),
            Self::Safetensors(shards) => {
                let (part, tensor) = shards.part(index);
                part.shape(tensor)
            }
        }
    }

    /// Where the rows of a tensor stand.
    pub(super) fn rows(&self, index: usize) -> Result<StoredRows, Error> {
        match self {
            Self::Npz(_) => Err(Error::NotByRows { place: self.place(index), reason: "it is a member of a .npz archive" }),
            Self::Pt(pt) => pt.rows(index),
            Self::Hdf5(hdf5) => hdf5.rows(index),
            Self::Safetensors(shards) => {
                let (part, tensor) = shards.part(index);
                part.rows(tensor)
            }
        }
    }

    pub(super) fn read(&self, index: usize) -> Result<Tensor, Error> {
        match self {
            Self::Npz(npz) => npz.read(index),
            Self::Pt(pt) => pt.read(index),
            Self::Hdf5(hdf5) => hdf5.read(index),
            Self::Safetensors(shards) => {
                let (part, tensor) = shards.part(index);
                part.read(tensor)
            }
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

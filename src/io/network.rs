//! A network: layers, each a representation, read one at a time.

use std::ops::Range;
use std::path::{Path, PathBuf};

use super::archive::{self, Archive};
use super::columns::StoredColumns;
use super::error::{Error, Place};
use super::format::{Format, extension};
use super::natural;
use super::npy;
use super::rows::StoredRows;
use super::source::Source;
use super::spatial::{Spatial, representation_shape};
use crate::representation::Representation;

/// The layers of a network on disk: an archive (`.npz`, `.safetensors`) whose tensors are the
/// layers, or a directory of `.npy` files. Opening reads names; a layer's numbers are read when it
/// is asked for, and are not kept.
#[derive(Debug)]
pub struct Network {
    path: PathBuf,
    name: String,
    layer_names: Vec<String>,
    layers: Layers,
}

#[derive(Debug)]
enum Layers {
    /// The index in the archive of every layer.
    Archive { archive: Archive, indices: Vec<usize> },
    /// The file of every layer.
    Directory { files: Vec<PathBuf> },
}

impl Network {
    /// Opens an archive or a directory.
    ///
    /// The layers are all tensors of an archive, in file order (for `.safetensors`, by where their
    /// bytes stand), or all `.npy` files of a directory without their extension, in natural order
    /// (`conv2` before `conv10`); with `layers`, those of them, in the order given.
    ///
    /// # Errors
    ///
    /// [`Error::NotANetwork`] for a file of one representation, [`Error::MissingTensor`] (with the
    /// names there are) for an unknown layer, [`Error::DuplicateTensor`] for one given twice,
    /// [`Error::NoTensors`] for none at all, and whatever keeps the file from being read.
    pub fn open(path: impl AsRef<Path>, layers: Option<&[String]>) -> Result<Self, Error> {
        let path = path.as_ref();
        let (available, everything) = if path.is_dir() {
            let (names, files) = list_directory(path)?;
            archive::require_names(path, &names)?;
            (names, Layers::Directory { files })
        } else {
            let archive = Archive::open(path, Format::of_file(path)?)?;
            let indices = (0..archive.names().len()).collect();
            (archive.names().to_vec(), Layers::Archive { archive, indices })
        };
        let (layer_names, layers) = match layers {
            None => (available, everything),
            Some(chosen) => {
                archive::require_names(path, chosen)?;
                let find = |name: &String| archive::find(path, &available, name);
                let indices = chosen.iter().map(find).collect::<Result<Vec<_>, _>>()?;
                (chosen.to_vec(), everything.select(indices))
            }
        };
        Ok(Self { path: path.to_owned(), name: path.display().to_string(), layer_names, layers })
    }

    /// The network whose only layer is the tensor that `source` names, in a `.npy` file or an
    /// archive.
    ///
    /// # Errors
    ///
    /// As [`read_tensor`](super::read_tensor); [`Error::NotANetwork`] for a `.csv` file, which is
    /// read as a whole or not at all.
    pub fn of_source(source: &Source) -> Result<Self, Error> {
        let path = source.path();
        let (name, layers) = match (Format::of_file(path)?, source.tensor()) {
            (Format::Npy, None) => (String::new(), Layers::Directory { files: vec![path.to_owned()] }),
            (Format::Npy | Format::Csv, Some(tensor)) => {
                return Err(Error::UnexpectedTensorName { file: path.to_owned(), tensor: tensor.to_owned() });
            }
            (format, tensor) => {
                let archive = Archive::open(path, format)?;
                let index = archive.find(tensor)?;
                (tensor.unwrap_or_default().to_owned(), Layers::Archive { archive, indices: vec![index] })
            }
        };
        Ok(Self { path: path.to_owned(), name: path.display().to_string(), layer_names: vec![name], layers })
    }

    /// The archive or directory.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The file that a layer is read from: the archive, or the layer's own file in the directory.
    ///
    /// # Panics
    ///
    /// When there is no such layer.
    pub fn layer_file(&self, layer: usize) -> &Path {
        match &self.layers {
            Layers::Archive { .. } => &self.path,
            Layers::Directory { files } => &files[layer],
        }
    }

    /// The path as given: two networks that are both called `activations.npz` stay apart.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The layers' names, in order; at least one.
    pub fn layer_names(&self) -> &[String] {
        &self.layer_names
    }

    /// The shape of the layer's tensor as stored (n first), from its header: its numbers are not
    /// read.
    ///
    /// # Errors
    ///
    /// [`Error::NoSuchLayer`], and whatever is wrong with the header or the length of the file.
    pub fn layer_shape(&self, layer: usize) -> Result<Vec<usize>, Error> {
        self.require_layer(layer)?;
        match &self.layers {
            Layers::Archive { archive, indices } => archive.shape(indices[layer]),
            Layers::Directory { files } => npy::read_file_shape(&files[layer]),
        }
    }

    /// Examples and neurons (n, p) of the representation that [`read_layer`](Self::read_layer)
    /// would give, from the header: it will take 8 n p bytes.
    ///
    /// # Errors
    ///
    /// As [`layer_shape`](Self::layer_shape); [`Error::TooManyAxes`] for more than two axes without
    /// `spatial`.
    pub fn representation_shape(&self, layer: usize, spatial: Option<Spatial>) -> Result<(usize, usize), Error> {
        let shape = self.layer_shape(layer)?;
        representation_shape(&shape, spatial).ok_or_else(|| Error::TooManyAxes { place: self.place(layer), shape })
    }

    /// Reads a layer; `spatial` as in [`read_representation`](super::read_representation). Its name
    /// is the source that would read it alone: `ARCHIVE:LAYER`, or the file in the directory.
    ///
    /// # Errors
    ///
    /// [`Error::NoSuchLayer`], and as [`read_representation`](super::read_representation).
    pub fn read_layer(&self, layer: usize, spatial: Option<Spatial>) -> Result<Representation<'static>, Error> {
        self.require_layer(layer)?;
        let tensor = match &self.layers {
            Layers::Archive { archive, indices } => archive.read(indices[layer])?,
            Layers::Directory { files } => npy::read_file(&files[layer])?,
        };
        let place = self.place(layer);
        tensor.into_representation(place.to_string(), &place, spatial)
    }

    /// Asks that rows of a layer can be read without those before them.
    ///
    /// # Errors
    ///
    /// [`Error::NotByRows`] in a `.npz` archive and in Fortran order; as
    /// [`layer_shape`](Self::layer_shape).
    pub fn require_rows(&self, layer: usize) -> Result<(), Error> {
        self.rows(layer).map(|_| ())
    }

    /// Reads some rows of the representation that [`read_layer`](Self::read_layer) would give:
    /// their values, row-major, in the room of `room`, whatever it holds. That they are finite is
    /// not asked here.
    ///
    /// # Errors
    ///
    /// As [`require_rows`](Self::require_rows) and
    /// [`representation_shape`](Self::representation_shape); [`Error::NoSuchRows`]; whatever keeps
    /// the file from being read.
    pub fn read_rows(&self, layer: usize, spatial: Option<Spatial>, rows: Range<usize>, room: Vec<f64>) -> Result<Vec<f64>, Error> {
        self.rows(layer)?.read(rows, spatial, room)
    }

    /// The columns of the representation that [`read_layer`](Self::read_layer) would give, to be
    /// read in blocks.
    ///
    /// # Errors
    ///
    /// [`Error::NotByColumns`] in a `.npz` archive, where a neuron is a mean or an example a
    /// position, and in Fortran order with more than two axes; as
    /// [`representation_shape`](Self::representation_shape).
    pub fn columns(&self, layer: usize, spatial: Option<Spatial>) -> Result<StoredColumns, Error> {
        self.require_layer(layer)?;
        match &self.layers {
            Layers::Archive { archive, indices } => archive.columns(indices[layer], spatial),
            Layers::Directory { files } => npy::columns_of_file(&files[layer], spatial),
        }
    }

    fn rows(&self, layer: usize) -> Result<StoredRows, Error> {
        self.require_layer(layer)?;
        match &self.layers {
            Layers::Archive { archive, indices } => archive.rows(indices[layer]),
            Layers::Directory { files } => npy::rows_of_file(&files[layer]),
        }
    }

    fn place(&self, layer: usize) -> Place {
        match &self.layers {
            Layers::Archive { archive, indices } => Place::new(&self.path, Some(&archive.names()[indices[layer]])),
            Layers::Directory { files } => Place::new(&files[layer], None),
        }
    }

    fn require_layer(&self, layer: usize) -> Result<(), Error> {
        match self.layer_names.len() {
            layers if layer < layers => Ok(()),
            layers => Err(Error::NoSuchLayer { file: self.path.clone(), index: layer, layers }),
        }
    }
}

impl Layers {
    /// These of all layers, in this order.
    fn select(self, indices: Vec<usize>) -> Self {
        match self {
            Self::Archive { archive, .. } => Self::Archive { archive, indices },
            Self::Directory { files } => Self::Directory { files: indices.into_iter().map(|index| files[index].clone()).collect() },
        }
    }
}

/// The names and the files of the `.npy` files in a directory, in natural order.
fn list_directory(directory: &Path) -> Result<(Vec<String>, Vec<PathBuf>), Error> {
    let failed = |source| Error::system(directory, source);
    let mut layers = Vec::new();
    for entry in std::fs::read_dir(directory).map_err(failed)? {
        let file = entry.map_err(failed)?.path();
        if extension(&file) == "npy" && file.is_file() {
            let name = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            layers.push((name, file));
        }
    }
    layers.sort_by(|(a, _), (b, _)| natural::compare(a, b));
    Ok(layers.into_iter().unzip())
}

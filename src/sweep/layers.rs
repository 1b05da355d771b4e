//! Where the layers of a network come from.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use super::error::Error;
use super::stamp::{Stamp, digest};
use crate::arrays::neurons::{NeuronBlock, NeuronValues, StoredNeurons};
use crate::error::Error as InputError;
use crate::io;
use crate::representation::Representation;

/// The layers of one network, each loaded when it is needed and not before.
pub trait Layers: Sync {
    /// The network's name in tables and result files.
    fn name(&self) -> &str;

    /// The layers' names, first layer first.
    fn layer_names(&self) -> &[String];

    /// Examples and neurons (n, p) of a layer, without loading it.
    ///
    /// # Errors
    /// [`Error::Layer`] when the layer's header cannot be read.
    fn shape(&self, layer: usize) -> Result<(usize, usize), Error>;

    /// What reads a layer alone, without loading it: a file, or `ARCHIVE:LAYER`.
    fn source(&self, layer: usize) -> String;

    /// Loads a layer.
    ///
    /// # Errors
    /// [`Error::Layer`] when it cannot be read; [`Error::Input`] with
    /// [`NotFinite`](crate::Error::NotFinite) for an entry that is not finite.
    fn load(&self, layer: usize) -> Result<Cow<'_, Representation<'_>>, Error>;

    /// What reads a layer in blocks of neurons, without loading it; none where only whole layers
    /// are read.
    ///
    /// # Errors
    /// [`Error::Layer`] when the layer's header cannot be read.
    fn neurons(&self, layer: usize) -> Result<Option<Arc<dyn StoredNeurons>>, Error> {
        let _ = layer;
        Ok(None)
    }

    /// Asks, without loading anything, that rows of a layer can be read without the others.
    ///
    /// # Errors
    /// [`Error::Layer`] when they cannot.
    fn require_rows(&self, layer: usize) -> Result<(), Error>;

    /// Reads some rows of a layer: their values, row-major, in the room of `room`, whatever it
    /// holds. That they are finite is not asked here.
    ///
    /// # Errors
    /// [`Error::Layer`] when they cannot be read.
    fn read_rows(&self, layer: usize, rows: Range<usize>, room: Vec<f64>) -> Result<Vec<f64>, Error>;

    /// Asks whether what a layer is read from is still what it was when the network was opened.
    ///
    /// # Errors
    /// [`Error::Changed`] when it is not.
    fn unchanged(&self, layer: usize) -> Result<(), Error> {
        let _ = layer;
        Ok(())
    }

    /// What decided how a layer was read, in words: its axes, what became of positions, padding and
    /// rows; none where nothing was decided.
    ///
    /// # Errors
    /// [`Error::Layer`] when the layer's header cannot be read.
    fn convention(&self, layer: usize) -> Result<Option<String>, Error> {
        let _ = layer;
        Ok(None)
    }

    /// What must be the same when an interrupted sweep is taken up again: files with their sizes,
    /// times and checksums, and how they are read.
    ///
    /// # Errors
    /// [`Error::Layer`] when the files cannot be looked at.
    fn identity(&self) -> Result<Vec<String>, Error>;
}

/// Layers that are representations in memory. A representation's name is its layer's name.
#[derive(Debug)]
pub struct LayersInMemory<'a> {
    name: String,
    layer_names: Vec<String>,
    representations: Vec<Representation<'a>>,
    conventions: Vec<Option<String>>,
}

impl<'a> LayersInMemory<'a> {
    /// A network of representations, first layer first.
    pub fn new(name: impl Into<String>, representations: Vec<Representation<'a>>) -> Self {
        let layer_names: Vec<String> = representations.iter().map(|layer| layer.name().to_string()).collect();
        let conventions = vec![None; layer_names.len()];
        Self { name: name.into(), layer_names, representations, conventions }
    }

    /// The same layers under other names in tables; what errors call them stays.
    ///
    /// # Panics
    /// When there are not as many names as layers.
    pub fn with_layer_names(mut self, names: Vec<String>) -> Self {
        assert_eq!(names.len(), self.representations.len(), "one name for each layer");
        self.layer_names = names;
        self
    }

    /// What decided how each layer was read, in words.
    ///
    /// # Panics
    /// When there are not as many as layers.
    pub fn with_conventions(mut self, conventions: Vec<Option<String>>) -> Self {
        assert_eq!(conventions.len(), self.representations.len(), "one convention for each layer");
        self.conventions = conventions;
        self
    }
}

impl Layers for LayersInMemory<'_> {
    fn name(&self) -> &str {
        &self.name
    }

    fn layer_names(&self) -> &[String] {
        &self.layer_names
    }

    fn shape(&self, layer: usize) -> Result<(usize, usize), Error> {
        let representation = &self.representations[layer];
        Ok((representation.n(), representation.p()))
    }

    fn source(&self, layer: usize) -> String {
        self.representations[layer].name().to_string()
    }

    fn load(&self, layer: usize) -> Result<Cow<'_, Representation<'_>>, Error> {
        Ok(Cow::Borrowed(&self.representations[layer]))
    }

    fn require_rows(&self, _layer: usize) -> Result<(), Error> {
        Ok(())
    }

    fn convention(&self, layer: usize) -> Result<Option<String>, Error> {
        Ok(self.conventions[layer].clone())
    }

    fn read_rows(&self, layer: usize, rows: Range<usize>, room: Vec<f64>) -> Result<Vec<f64>, Error> {
        let view = self.representations[layer].view();
        let mut values = room;
        values.clear();
        values.extend(rows.flat_map(|row| (0..view.ncols()).map(move |column| view[(row, column)])));
        Ok(values)
    }

    fn identity(&self) -> Result<Vec<String>, Error> {
        let mut sum = crc32fast::Hasher::new();
        for layer in &self.representations {
            let view = layer.view();
            for row in 0..layer.n() {
                (0..layer.p()).for_each(|column| sum.update(&view[(row, column)].to_le_bytes()));
            }
        }
        Ok(vec![format!("in memory, checksum {:08x}", sum.finalize())])
    }
}

/// Layers in an archive or a directory.
#[derive(Debug)]
pub struct StoredLayers {
    network: io::Network,
    reading: Option<io::Reading>,
    /// What its only layer is called, where that is not made of the names of network and layer.
    only: Option<String>,
    /// The files as they were when the network was opened; none of one that could not be looked at.
    stamps: BTreeMap<PathBuf, Option<Stamp>>,
    /// The shape of each layer, as it was read first.
    shapes: Vec<OnceLock<(usize, usize)>>,
}

impl StoredLayers {
    /// The layers of a network on disk; `reading` says what becomes of tensors with more than two
    /// axes.
    pub fn new(network: io::Network, reading: Option<io::Reading>) -> Self {
        Self::named(network, reading, None)
    }

    /// The only layer that `source` names, in a `.npy` file or an archive.
    ///
    /// # Errors
    /// As [`io::Network::of_source`].
    pub fn of_source(source: &io::Source, reading: Option<io::Reading>) -> Result<Self, io::Error> {
        let network = io::Network::of_source(source, reading.as_ref())?;
        Ok(Self::named(network, reading, Some(source.to_string())))
    }

    fn named(network: io::Network, reading: Option<io::Reading>, only: Option<String>) -> Self {
        let layers = network.layer_names().len();
        let stamps = network.files().into_iter().map(|file| (file.to_path_buf(), Stamp::of(&file).ok())).collect();
        Self { network, reading, only, stamps, shapes: vec![OnceLock::new(); layers] }
    }

    /// The rows before each example of a layer, and all rows: one an example but where positions
    /// are examples.
    ///
    /// # Errors
    /// [`Error::Layer`] when the layer's header cannot be read.
    pub fn row_starts(&self, layer: usize) -> Result<Vec<usize>, Error> {
        self.network.row_starts(layer, self.reading.as_ref()).map_err(unreadable)
    }

    /// The network.
    pub fn network(&self) -> &io::Network {
        &self.network
    }

    fn changed(&self, layer: usize, detail: String) -> Error {
        Error::Changed { source_name: self.source(layer), detail }
    }

    /// Asks that a layer has the shape that it had.
    fn require_shape(&self, layer: usize, (n, p): (usize, usize)) -> Result<(), Error> {
        let (expected_n, expected_p) = self.shape(layer)?;
        if (n, p) == (expected_n, expected_p) {
            return Ok(());
        }
        Err(self.changed(layer, format!("it was {expected_n} x {expected_p} and is {n} x {p}")))
    }
}

impl Layers for StoredLayers {
    fn name(&self) -> &str {
        self.network.name()
    }

    fn layer_names(&self) -> &[String] {
        self.network.layer_names()
    }

    fn shape(&self, layer: usize) -> Result<(usize, usize), Error> {
        let Some(known) = self.shapes.get(layer) else {
            return self.network.representation_shape(layer, self.reading.as_ref()).map_err(unreadable);
        };
        if let Some(shape) = known.get() {
            return Ok(*shape);
        }
        let shape = self.network.representation_shape(layer, self.reading.as_ref()).map_err(unreadable)?;
        Ok(*known.get_or_init(|| shape))
    }

    fn source(&self, layer: usize) -> String {
        if let Some(only) = &self.only {
            return only.clone();
        }
        self.network.source(layer)
    }

    fn load(&self, layer: usize) -> Result<Cow<'_, Representation<'_>>, Error> {
        let read = self.network.read_layer(layer, self.reading.as_ref());
        // What was read of a file that was replaced meanwhile may be anything.
        self.unchanged(layer)?;
        let representation = read.map_err(|error| match error {
            io::Error::Representation { source, .. } if matches!(*source, InputError::NotFinite { .. }) => match *source {
                InputError::NotFinite { row, column, value, .. } => {
                    InputError::NotFinite { name: self.source(layer), row, column, value }.into()
                }
                other => other.into(),
            },
            other => unreadable(other),
        })?;
        self.require_shape(layer, (representation.n(), representation.p()))?;
        Ok(Cow::Owned(representation.renamed(self.source(layer))))
    }

    fn neurons(&self, layer: usize) -> Result<Option<Arc<dyn StoredNeurons>>, Error> {
        match self.network.columns(layer, self.reading.as_ref()) {
            Ok(columns) => {
                self.require_shape(layer, columns.shape())?;
                Ok(Some(Arc::new(Columns { columns, name: self.source(layer) })))
            }
            Err(io::Error::NotByColumns { .. }) => Ok(None),
            Err(error) => Err(unreadable(error)),
        }
    }

    fn convention(&self, layer: usize) -> Result<Option<String>, Error> {
        self.network.convention(layer, self.reading.as_ref()).map_err(unreadable)
    }

    fn require_rows(&self, layer: usize) -> Result<(), Error> {
        self.network.require_rows(layer, self.reading.as_ref()).map_err(unreadable)
    }

    fn read_rows(&self, layer: usize, rows: Range<usize>, room: Vec<f64>) -> Result<Vec<f64>, Error> {
        let read = self.network.read_rows(layer, self.reading.as_ref(), rows.clone(), room);
        self.unchanged(layer)?;
        let (values, (n, p)) = (read.map_err(unreadable)?, self.shape(layer)?);
        if values.len() != rows.len() * p {
            return Err(self.changed(layer, format!("it was {n} x {p}, and {} rows of it are {} values", rows.len(), values.len())));
        }
        Ok(values)
    }

    fn unchanged(&self, layer: usize) -> Result<(), Error> {
        self.network.layer_files(layer).iter().try_for_each(|file| {
            let now = Stamp::of(file).map_err(|error| self.changed(layer, error.to_string()))?;
            match self.stamps.get(file).and_then(Option::as_ref).and_then(|earlier| now.difference(earlier)) {
                Some(detail) => Err(self.changed(layer, detail)),
                None => Ok(()),
            }
        })
    }

    fn identity(&self) -> Result<Vec<String>, Error> {
        let mut identity = Vec::new();
        for file in self.stamps.keys() {
            identity.extend(file_identity(file)?);
        }
        identity.push(self.reading.clone().unwrap_or_default().identity());
        (0..self.layer_names().len()).try_for_each(|layer| self.unchanged(layer))?;
        Ok(identity)
    }
}

/// The neurons of a layer in a file.
#[derive(Debug)]
struct Columns {
    columns: io::StoredColumns,
    name: String,
}

impl StoredNeurons for Columns {
    fn read(&self, neurons: Range<usize>, room: Option<NeuronBlock>) -> Result<NeuronBlock, InputError> {
        let room = room.map(|block| match block.values {
            NeuronValues::F32(values) => io::ColumnBlock::F32(values),
            NeuronValues::F64(values) => io::ColumnBlock::F64(values),
        });
        let unreadable = |error: io::Error| InputError::Unreadable { name: self.name.clone(), detail: error.to_string() };
        let values = match self.columns.read(neurons, room).map_err(unreadable)? {
            io::ColumnBlock::F32(values) => NeuronValues::F32(values),
            io::ColumnBlock::F64(values) => NeuronValues::F64(values),
        };
        Ok(NeuronBlock { values, is_row_major: self.columns.is_row_major() })
    }

    fn value_size(&self) -> usize {
        self.columns.value_size()
    }
}

fn unreadable(error: io::Error) -> Error {
    Error::Layer(Box::new(error))
}

/// A file's place, size, time of last change and checksum: another file at the same place is
/// another sweep.
fn file_identity(file: &Path) -> Result<Vec<String>, Error> {
    let look = || -> std::io::Result<Vec<String>> {
        let (path, stamp) = (std::fs::canonicalize(file)?, Stamp::of(file)?);
        let copies = format!("{}, {}, {}", path.display(), stamp.of_copies(), digest(file)?);
        Ok(std::iter::once(copies).chain(stamp.of_this_file()).collect())
    };
    look().map_err(|source| Error::File { file: file.to_path_buf(), source })
}

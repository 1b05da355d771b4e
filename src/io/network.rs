//! A network: layers, each a representation, read one at a time.

use std::ops::Range;
use std::path::{Path, PathBuf};

use super::archive::Archive;
use super::columns::StoredColumns;
use super::error::Error;
use super::layers_error::LayersError;
use super::npy;
use super::opening::LayerOrder;
use super::place::Place;
use super::reading::Reading;
use super::rows::StoredRows;
use super::tensor::{Order, Slice, Tensor, plan};
use crate::positions::Positions;
use crate::representation::Representation;

/// The layers of a network on disk: an archive (`.npz`, `.safetensors`) whose tensors are the
/// layers, the shards of one, or a directory of `.npy` files. Opening reads names and shapes; a
/// layer's numbers are read when it is asked for, and are not kept.
#[derive(Debug)]
pub struct Network {
    pub(super) path: PathBuf,
    pub(super) name: String,
    pub(super) layer_names: Vec<String>,
    pub(super) store: Store,
    pub(super) layers: Vec<Layer>,
    pub(super) order: LayerOrder,
    pub(super) unmatched: Vec<String>,
    pub(super) has_no_pieces: bool,
}

/// Where the tensors are.
#[derive(Debug)]
pub(super) enum Store {
    Archive(Archive),
    Files(Vec<PathBuf>),
}

/// The tensors that a layer is made of: one, or its pieces.
#[derive(Debug, Clone)]
pub(super) struct Layer {
    pub(super) entries: Vec<usize>,
    pub(super) slice: Option<Slice>,
}

impl Network {
    /// The archive or directory.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The files that a layer is read from: the archive with its shards, or the layer's own files
    /// in the directory.
    ///
    /// # Panics
    ///
    /// When there is no such layer.
    pub fn layer_files(&self, layer: usize) -> Vec<PathBuf> {
        match &self.store {
            Store::Archive(archive) => archive.files(),
            Store::Files(files) => self.layers[layer].entries.iter().map(|entry| files[*entry].clone()).collect(),
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

    /// What the order of the layers is taken from.
    pub fn order(&self) -> LayerOrder {
        self.order
    }

    /// The names and patterns to be left out ([`Opening::exclude`](super::Opening::exclude)) that
    /// no entry has.
    pub fn unmatched_exclusions(&self) -> &[String] {
        &self.unmatched
    }

    /// Whether no entry is a piece of a layer, where pieces were to be joined
    /// ([`Opening::pieces`](super::Opening::pieces)).
    pub fn has_no_pieces(&self) -> bool {
        self.has_no_pieces
    }

    /// Whether the layers of an archive stand in another order than in the file, unasked.
    pub fn is_reordered(&self) -> bool {
        let by_file = self.layers.iter().map(|layer| layer.entries[0]).is_sorted();
        matches!((&self.store, self.order), (Store::Archive(_), LayerOrder::Names | LayerOrder::Metadata)) && !by_file
    }

    /// The files that the layers stand in, each once.
    pub fn files(&self) -> Vec<PathBuf> {
        let entries = self.layers.iter().flat_map(|layer| layer.entries.iter().copied());
        let mut files = match &self.store {
            Store::Archive(archive) => archive.files(),
            Store::Files(files) => entries.map(|entry| files[entry].clone()).collect(),
        };
        let mut seen = std::collections::HashSet::new();
        files.retain(|file| seen.insert(file.clone()));
        files
    }

    /// What reads a layer alone: a file, or `ARCHIVE:LAYER`.
    ///
    /// # Panics
    ///
    /// When there is no such layer.
    pub fn source(&self, layer: usize) -> String {
        self.place(layer).to_string()
    }

    /// The shape of the layer's tensor as stored, from its header: its numbers are not read. Of a
    /// layer in pieces, that of the first.
    ///
    /// # Errors
    ///
    /// [`Error::NoSuchLayer`], and whatever is wrong with the header or the length of the file.
    pub fn layer_shape(&self, layer: usize) -> Result<Vec<usize>, Error> {
        self.require_layer(layer)?;
        self.entry_shape(self.layers[layer].entries[0])
    }

    /// Examples and neurons (n, p) of the representation that [`read_layer`](Self::read_layer)
    /// would give, from the header: it will take 8 n p bytes.
    ///
    /// # Errors
    ///
    /// As [`layer_shape`](Self::layer_shape); [`Error::Axes`] for axes that `reading` does not
    /// name.
    pub fn representation_shape(&self, layer: usize, reading: Option<&Reading>) -> Result<(usize, usize), Error> {
        self.require_layer(layer)?;
        self.require_whole(layer, reading)?;
        let mut shapes = self.parts(layer).map(|part| -> Result<_, Error> {
            let shape = self.entry_shape(part.entries[0])?;
            Ok(plan(&self.place_of(&part), &shape, reading, part.slice)?.shape())
        });
        let (mut n, p) = shapes.next().expect("a layer has a part")?;
        for (shape, &piece) in shapes.zip(&self.layers[layer].entries[1..]) {
            let (more, found) = shape?;
            if found != p {
                let (layer, piece) = (self.layer_names[layer].clone(), self.entry_name(piece));
                let problem = LayersError::PieceWidth { layer, piece, found, expected: p };
                return Err(Error::Layers { path: self.path.clone(), problem });
            }
            n += more;
        }
        Ok((n, p))
    }

    /// How many rows of the representation of a layer an example has.
    fn positions(&self, layer: usize, reading: Option<&Reading>) -> Result<Positions, Error> {
        let mut of_parts = self.parts(layer).map(|part| -> Result<_, Error> {
            let shape = self.entry_shape(part.entries[0])?;
            Ok(plan(&self.place_of(&part), &shape, reading, part.slice)?.positions())
        });
        let first = of_parts.next().expect("a layer has a part")?;
        for other in of_parts {
            if other? != first {
                return Ok(Positions::Unequal);
            }
        }
        Ok(first)
    }

    /// The rows of the representation before each example of a layer, and all rows: one an example
    /// but where positions are examples. Layers are comparable where these are the same. Of a layer
    /// in pieces, those of the first.
    ///
    /// # Errors
    ///
    /// As [`representation_shape`](Self::representation_shape).
    pub fn row_starts(&self, layer: usize, reading: Option<&Reading>) -> Result<Vec<usize>, Error> {
        self.require_layer(layer)?;
        let part = &self.layers[layer];
        Ok(plan(&self.place_of(part), &self.entry_shape(part.entries[0])?, reading, part.slice)?.row_starts())
    }

    /// What `reading` decides of a layer, in words; none where nothing is.
    ///
    /// # Errors
    ///
    /// As [`representation_shape`](Self::representation_shape).
    pub fn convention(&self, layer: usize, reading: Option<&Reading>) -> Result<Option<String>, Error> {
        self.require_layer(layer)?;
        let part = &self.layers[layer];
        let shape = self.entry_shape(part.entries[0])?;
        let plan = plan(&self.place_of(part), &shape, reading, part.slice)?;
        let pieces = (part.entries.len() > 1).then(|| format!("{} pieces joined", part.entries.len()));
        let words: Vec<String> = plan.words().map(str::to_owned).into_iter().chain(pieces).collect();
        Ok(if words.is_empty() { None } else { Some(words.join(", ")) })
    }

    /// Reads a layer; `reading` as in [`read_representation`](super::read_representation). Its name
    /// is the source that would read it alone: `ARCHIVE:LAYER`, or the file in the directory.
    ///
    /// # Errors
    ///
    /// [`Error::NoSuchLayer`], and as [`read_representation`](super::read_representation).
    pub fn read_layer(&self, layer: usize, reading: Option<&Reading>) -> Result<Representation<'static>, Error> {
        self.require_layer(layer)?;
        let place = self.place(layer);
        if self.layers[layer].entries.len() > 1 {
            let (n, p) = self.representation_shape(layer, reading)?;
            let mut values = Vec::with_capacity(n * p);
            for part in self.parts(layer) {
                let (mut of_part, _) = self.read_part(&part, reading)?;
                values.append(&mut of_part);
            }
            return Ok(represent(&place, (n, p), values)?.with_positions(self.positions(layer, reading)?));
        }
        let (values, shape) = self.read_part(&self.layers[layer], reading)?;
        Ok(represent(&place, shape, values)?.with_positions(self.positions(layer, reading)?))
    }

    /// Asks that rows of a layer can be read without those before them.
    ///
    /// # Errors
    ///
    /// [`Error::NotByRows`] in a `.npz` archive, in Fortran order, in pieces, and where another
    /// axis than the first is that of examples; as
    /// [`representation_shape`](Self::representation_shape).
    pub fn require_rows(&self, layer: usize, reading: Option<&Reading>) -> Result<(), Error> {
        self.rows(layer)?.plan(reading).map(|_| ())
    }

    /// Reads some rows of the representation that [`read_layer`](Self::read_layer) would give:
    /// their values, row-major, in the room of `room`, whatever it holds. That they are finite is
    /// not asked here.
    ///
    /// # Errors
    ///
    /// As [`require_rows`](Self::require_rows); [`Error::NoSuchRows`]; whatever keeps the file from
    /// being read.
    pub fn read_rows(&self, layer: usize, reading: Option<&Reading>, rows: Range<usize>, room: Vec<f64>) -> Result<Vec<f64>, Error> {
        let stored = self.rows(layer)?;
        let plan = stored.plan(reading)?;
        stored.read(rows, &plan, room)
    }

    /// The columns of the representation that [`read_layer`](Self::read_layer) would give, to be
    /// read in blocks.
    ///
    /// # Errors
    ///
    /// [`Error::NotByColumns`] in a `.npz` archive, where a neuron is a mean or an example a
    /// position, in pieces, and in Fortran order with more than two axes; as
    /// [`representation_shape`](Self::representation_shape).
    pub fn columns(&self, layer: usize, reading: Option<&Reading>) -> Result<StoredColumns, Error> {
        let by_columns = |error| match error {
            Error::NotByRows { place, reason } => Error::NotByColumns { place, reason },
            other => other,
        };
        let (stored, order) = self.stored(layer).map_err(by_columns)?;
        StoredColumns::new(stored, order, reading)
    }

    fn rows(&self, layer: usize) -> Result<StoredRows, Error> {
        let (stored, order) = self.stored(layer)?;
        npy::require_row_major(stored, order)
    }

    /// Where the elements of a layer of one piece stand.
    fn stored(&self, layer: usize) -> Result<(StoredRows, Order), Error> {
        self.require_layer(layer)?;
        self.stored_part(&self.layers[layer])
    }

    fn stored_part(&self, part: &Layer) -> Result<(StoredRows, Order), Error> {
        let [entry] = part.entries[..] else {
            return Err(Error::NotByRows { place: self.place_of(part), reason: "it is saved in pieces" });
        };
        let (mut stored, order) = match &self.store {
            Store::Archive(archive) => (archive.rows(entry)?, Order::RowMajor),
            Store::Files(files) => npy::stored(&files[entry])?,
        };
        stored.slice = part.slice;
        Ok((stored, order))
    }

    /// The values of one tensor's representation, row-major, with its shape.
    fn read_part(&self, part: &Layer, reading: Option<&Reading>) -> Result<(Vec<f64>, (usize, usize)), Error> {
        let place = self.place_of(part);
        // Where a part of the tensor is asked for, that is what is read, if the file allows it.
        if part.slice.is_some() || reading.is_some_and(|reading| reading.tensors.rows.is_some()) {
            let stored = self.stored_part(part).and_then(|(stored, order)| npy::require_row_major(stored, order));
            match stored.and_then(|stored| Ok((stored.plan(reading)?, stored))) {
                Ok((plan, stored)) => return Ok((stored.read(0..plan.shape().0, &plan, Vec::new())?, plan.shape())),
                Err(Error::NotByRows { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        let plan = plan(&place, &self.entry_shape(part.entries[0])?, reading, part.slice)?;
        let Tensor { shape, values, .. } = match &self.store {
            Store::Archive(archive) => archive.read(part.entries[0])?,
            Store::Files(files) => npy::read_file(&files[part.entries[0]])?,
        };
        let values = match part.slice {
            Some(slice) => slice.take(&shape, &values),
            None => values,
        };
        Ok((plan.arrange_whole(values), plan.shape()))
    }

    /// The tensors of a layer, each by itself.
    fn parts(&self, layer: usize) -> impl Iterator<Item = Layer> {
        let Layer { entries, slice } = &self.layers[layer];
        entries.iter().map(|&entry| Layer { entries: vec![entry], slice: *slice })
    }

    fn entry_shape(&self, entry: usize) -> Result<Vec<usize>, Error> {
        match &self.store {
            Store::Archive(archive) => archive.shape(entry),
            Store::Files(files) => npy::read_file_shape(&files[entry]),
        }
    }

    fn entry_name(&self, entry: usize) -> String {
        match &self.store {
            Store::Archive(archive) => archive.names()[entry].clone(),
            Store::Files(files) => files[entry].display().to_string(),
        }
    }

    pub(super) fn place(&self, layer: usize) -> Place {
        self.place_of(&self.layers[layer])
    }

    fn place_of(&self, layer: &Layer) -> Place {
        let Place { file, tensor } = match &self.store {
            Store::Archive(archive) => archive.place(layer.entries[0]),
            Store::Files(files) => Place::new(&files[layer.entries[0]], None),
        };
        let tensor = match (tensor, layer.slice) {
            (Some(name), Some(slice)) => Some(format!("{name}/{}", slice.index)),
            (None, Some(slice)) => Some(slice.index.to_string()),
            (tensor, None) => tensor,
        };
        Place { file, tensor }
    }

    fn require_layer(&self, layer: usize) -> Result<(), Error> {
        match self.layer_names.len() {
            layers if layer < layers => Ok(()),
            layers => Err(Error::NoSuchLayer { file: self.path.clone(), index: layer, layers }),
        }
    }

    /// Asks that nothing counts the examples of a layer in pieces, where it would count a piece's.
    fn require_whole(&self, layer: usize, reading: Option<&Reading>) -> Result<(), Error> {
        let Some(Reading { tensors, .. }) = reading.filter(|_| self.layers[layer].entries.len() > 1) else { return Ok(()) };
        let option = match (&tensors.rows, &tensors.mask) {
            (Some(_), _) => "--rows or --sample",
            (_, Some(_)) => "--mask or --lengths",
            (None, None) => return Ok(()),
        };
        Err(Error::Layers { path: self.path.clone(), problem: LayersError::WithPieces { option } })
    }
}

fn represent(place: &Place, (n, p): (usize, usize), values: Vec<f64>) -> Result<Representation<'static>, Error> {
    Representation::from_row_major(place.to_string(), n, p, values)
        .map_err(|source| Error::Representation { place: place.clone(), source: Box::new(source) })
}

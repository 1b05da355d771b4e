//! Opening a network: which of its entries are layers, and which are stacks of them.

use std::path::{Path, PathBuf};

use super::archive::{Archive, require_names};
use super::directory;
use super::error::Error;
use super::format::{Format, extension};
use super::layers_error::LayersError;
use super::network::{Layer, Network, Store};
use super::opening::{LayerOrder, Layers, Opening};
use super::reading::Reading;
use super::source::Source;
use super::tensor::Slice;
use crate::axes::Axes;

impl Network {
    /// Opens an archive or a directory.
    ///
    /// The layers are all tensors of an archive, or all `.npy` files of a directory and those in it
    /// without their extension (`encoder/0/mlp`). They stand in the order that the metadata of a
    /// `.safetensors` file name (`layers`), else in the natural order of their names (`conv2`
    /// before `conv10`): the writers of archives sort tensors by type and name. With `layers`,
    /// those of them, in the order given; see [`Opening`] for patterns.
    ///
    /// # Errors
    ///
    /// As [`open_with`](Self::open_with).
    pub fn open(path: impl AsRef<Path>, layers: Option<&[String]>) -> Result<Self, Error> {
        Self::open_with(path, &Opening { layers: layers.map(<[String]>::to_vec), ..Opening::default() }, None)
    }

    /// Opens an archive, an index of shards, or a directory; `reading` says which tensors are
    /// stacks of layers.
    ///
    /// # Errors
    ///
    /// [`Error::NotANetwork`] for a file of one representation, [`Error::MissingTensor`] (with the
    /// names there are) for an unknown layer, [`Error::NoTensors`] for none at all,
    /// [`Error::Layers`] for one given twice, entries that are no layers and archives that are not
    /// one network, and whatever keeps the file from being read.
    pub fn open_with(path: impl AsRef<Path>, opening: &Opening, reading: Option<&Reading>) -> Result<Self, Error> {
        let path = path.as_ref();
        let (names, store) = open_store(path, reading)?;
        let listed = match &store {
            Store::Archive(archive) => archive.order(),
            Store::Files(_) => None,
        };
        if let (Store::Archive(archive), None) = (&store, &opening.layers)
            && !archive.elsewhere().is_empty()
        {
            // A layer that is left out without a word would be missed in the picture, if at all.
            let problem = LayersError::Elsewhere { files: archive.elsewhere() };
            return Err(Error::Layers { path: path.to_owned(), problem });
        }
        if let (Store::Archive(archive), None) = (&store, &opening.layers)
            && !archive.dangling().is_empty()
        {
            return Err(Error::Layers { path: path.to_owned(), problem: LayersError::Dangling { links: archive.dangling() } });
        }
        let Layers { layers: chosen, order, has_no_pieces } = opening.choose(path, &names, listed)?;
        let mut network = Self {
            path: path.to_owned(),
            name: path.display().to_string(),
            layer_names: chosen.iter().map(|layer| layer.name.clone()).collect(),
            layers: chosen.into_iter().map(|layer| Layer { entries: layer.entries, slice: None }).collect(),
            store,
            order,
            unmatched: Vec::new(),
            has_no_pieces,
        };
        let stacks = network.unstack(reading)?;
        let (taken, unmatched) = opening.select(path, &network.layer_names, &stacks)?;
        network.layer_names = taken.iter().map(|&layer| network.layer_names[layer].clone()).collect();
        network.layers = taken.iter().map(|&layer| network.layers[layer].clone()).collect();
        network.unmatched = unmatched;
        if opening.layers.is_some() {
            network.order = LayerOrder::Asked;
        } else {
            network.require_layers()?;
        }
        Ok(network)
    }

    /// The network whose only layer is the tensor that `source` names, in a `.npy` file, an
    /// archive, or the shards of one; a layer of a stack is `NAME/K`, or `FILE:K` of a `.npy` file.
    ///
    /// # Errors
    ///
    /// As [`read_tensor`](super::read_tensor); [`Error::NotANetwork`] for a `.csv` file, which is
    /// read as a whole or not at all.
    pub fn of_source(source: &Source, reading: Option<&Reading>) -> Result<Self, Error> {
        let path = source.path();
        let tensor = source.tensor();
        let format = if tensor.is_some() && (path.is_dir() || directory::is_index(path)) { None } else { Some(Format::of_file(path)?) };
        let (store, entry, number) = match (format, tensor) {
            (Some(Format::Csv), None) => return Err(Error::NotANetwork { file: path.to_owned(), extension: extension(path) }),
            (Some(Format::Npy), tensor) => {
                let number = tensor.map(|text| text.parse::<usize>());
                match (number, reading.is_some_and(|reading| reading.tensors.axes.iter().any(|axes| axes.layer_axis().is_some()))) {
                    (None, _) => (Store::Files(vec![path.to_owned()]), 0, None),
                    (Some(Ok(number)), true) => (Store::Files(vec![path.to_owned()]), 0, Some(number)),
                    (Some(_), _) => {
                        return Err(Error::UnexpectedTensorName { file: path.to_owned(), tensor: tensor.unwrap_or_default().to_owned() });
                    }
                }
            }
            (Some(Format::Csv), Some(tensor)) => {
                return Err(Error::UnexpectedTensorName { file: path.to_owned(), tensor: tensor.to_owned() });
            }
            (_, tensor) => {
                let archive = Archive::open_any(path)?;
                let stacked = tensor.and_then(|name| name.rsplit_once('/')).and_then(|(name, number)| Some((name, number.parse().ok()?)));
                let found = match (archive.find(tensor), stacked) {
                    (Err(_), Some((name, number))) if archive.find(Some(name)).is_ok() => (archive.find(Some(name))?, Some(number)),
                    (found, _) => (found?, None),
                };
                (Store::Archive(archive), found.0, found.1)
            }
        };
        let mut network = Self {
            path: path.to_owned(),
            name: path.display().to_string(),
            layer_names: vec![tensor.unwrap_or_default().to_owned()],
            store,
            layers: vec![Layer { entries: vec![entry], slice: None }],
            order: LayerOrder::File,
            unmatched: Vec::new(),
            has_no_pieces: false,
        };
        if let Some((axes, axis, layers)) = network.stack(0, reading)? {
            let problem = |example| LayersError::WholeStack { axes: axes.to_string(), layers, example };
            if let Some(index) = number.filter(|&index| index >= layers) {
                let problem = LayersError::NoSuchInStack { axes: axes.to_string(), layers, index };
                return Err(Error::Layers { path: network.place(0).file, problem });
            }
            let Some(index) = number else {
                let name = if matches!(network.store, Store::Files(_)) { format!("{}:0", path.display()) } else { format!("{source}/0") };
                return Err(Error::Layers { path: network.place(0).file, problem: problem(name) });
            };
            network.layers[0].slice = Some(Slice { axis, index });
        } else if let (Some(_), Some(tensor)) = (number, tensor) {
            return Err(Error::UnexpectedTensorName { file: path.to_owned(), tensor: tensor.to_owned() });
        }
        Ok(network)
    }

    /// Asks that every entry can be a layer: labels, counters and names in an archive are not, and
    /// would otherwise be compared.
    fn require_layers(&self) -> Result<(), Error> {
        let mut vectors = Vec::new();
        let mut matrices = 0;
        for (layer, name) in self.layer_names.iter().enumerate().filter(|_| self.layer_names.len() > 1) {
            match self.layer_shape(layer) {
                Ok(shape) if shape.len() == 1 => vectors.push((name, shape)),
                Ok(_) => matrices += 1,
                Err(error @ (Error::NoAxes { .. } | Error::UnsupportedElement { .. } | Error::EmptyTensor { .. })) => {
                    return Err(self.not_a_layer(name, error.to_string()));
                }
                // What is damaged says so when it is read.
                Err(_) => {}
            }
        }
        match vectors.first() {
            Some((name, shape)) if matrices > 0 => Err(self.not_a_layer(name, format!("it is a vector of shape {shape:?}"))),
            _ => Ok(()),
        }
    }

    fn not_a_layer(&self, name: &str, reason: String) -> Error {
        Error::Layers { path: self.path.clone(), problem: LayersError::NotALayer { name: name.to_owned(), reason } }
    }

    /// The axes of a stack, the axis of its layers, and their number.
    fn stack<'a>(&self, layer: usize, reading: Option<&'a Reading>) -> Result<Option<(&'a Axes, usize, usize)>, Error> {
        let Some(reading) = reading.filter(|reading| reading.tensors.axes.iter().any(|axes| axes.layer_axis().is_some())) else {
            return Ok(None);
        };
        let shape = self.layer_shape(layer)?;
        let axes = reading.tensors.axes_of(shape.len());
        Ok(axes.and_then(|axes| axes.layer_axis().map(|axis| (axes, axis, shape[axis]))))
    }

    /// Makes a layer of every index along the axis of layers. Gives the name of the entry that each
    /// layer stands in.
    fn unstack(&mut self, reading: Option<&Reading>) -> Result<Vec<String>, Error> {
        let (mut names, mut layers, mut stacks) = (Vec::new(), Vec::new(), Vec::new());
        let alone = self.layers.len() == 1 && matches!(self.store, Store::Files(_)) && !self.path.is_dir();
        for layer in 0..self.layers.len() {
            let (name, entries) = (&self.layer_names[layer], &self.layers[layer].entries);
            // What has no header to be read says so when it is, if it is taken.
            match self.stack(layer, reading).unwrap_or_default() {
                None => {
                    stacks.push(name.clone());
                    names.push(name.clone());
                    layers.push(self.layers[layer].clone());
                }
                Some((_, axis, count)) => {
                    stacks.extend((0..count).map(|_| name.clone()));
                    names.extend((0..count).map(|index| if alone { index.to_string() } else { format!("{name}/{index}") }));
                    layers.extend((0..count).map(|index| Layer { entries: entries.clone(), slice: Some(Slice { axis, index }) }));
                    self.order = if self.layers.len() == 1 { LayerOrder::Stack } else { self.order };
                }
            }
        }
        require_names(&self.path, &names)?;
        (self.layer_names, self.layers) = (names, layers);
        Ok(stacks)
    }
}

/// What a path holds: the names of its entries, and where they are.
fn open_store(path: &Path, reading: Option<&Reading>) -> Result<(Vec<String>, Store), Error> {
    let stacked = reading.is_some_and(|reading| reading.tensors.axes.iter().any(|axes| axes.layer_axis().is_some()));
    if !path.is_dir() {
        if stacked && extension(path) == "npy" && path.is_file() {
            let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            return Ok((vec![name], Store::Files(vec![path.to_owned()])));
        }
        let archive = Archive::open_any(path)?;
        return Ok((archive.names().to_vec(), Store::Archive(archive)));
    }
    let contents = directory::look(path)?;
    if let Some(archive) = Archive::of_shards(path, &contents)? {
        return Ok((archive.names().to_vec(), Store::Archive(archive)));
    }
    if contents.layers.is_empty() && contents.tables > 0 {
        return Err(Error::Layers { path: path.to_owned(), problem: LayersError::TablesAlone { tables: contents.tables } });
    }
    let (names, files): (Vec<String>, Vec<PathBuf>) = contents.layers.into_iter().unzip();
    require_names(path, &names)?;
    Ok((names, Store::Files(files)))
}

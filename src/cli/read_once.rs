//! Layers that are read once, however many measures ask for them.

use std::cell::OnceCell;

use crate::Representation;
use crate::sweep::Layers;

use crate::cli::stop::Stop;

/// The layers of a network, each read when it is first asked for, and kept.
pub struct ReadOnce<'a> {
    layers: &'a dyn Layers,
    read: Vec<OnceCell<Representation<'a>>>,
}

impl<'a> ReadOnce<'a> {
    /// Of a network, of which nothing is read yet.
    pub fn new(layers: &'a dyn Layers) -> Self {
        Self { layers, read: layers.layer_names().iter().map(|_| OnceCell::new()).collect() }
    }

    /// A layer.
    pub fn layer(&self, at: usize) -> Result<Representation<'_>, Stop> {
        if let Some(read) = self.read[at].get() {
            return Ok(read.borrowed());
        }
        // What it is read as (a kernel matrix, dissimilarities) stays with it.
        let read = self.layers.load(at)?.into_owned();
        Ok(self.read[at].get_or_init(|| read).borrowed())
    }

    /// All layers.
    pub fn all(&self) -> Result<Vec<Representation<'_>>, Stop> {
        (0..self.read.len()).map(|at| self.layer(at)).collect()
    }
}

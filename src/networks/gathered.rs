//! One layer of each of several networks, as the layers of one.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use super::error::Error;
use crate::arrays::neurons::StoredNeurons;
use crate::representation::Representation;
use crate::sweep::{self, Layers};

/// One layer of each of several networks, as the layers of one network. They are called by the
/// names of the networks.
pub struct Gathered<'a> {
    name: String,
    names: Vec<String>,
    from: Vec<(&'a dyn Layers, usize)>,
}

impl<'a> Gathered<'a> {
    /// The layer of this name of each network; `names` is what the networks are called.
    ///
    /// # Errors
    /// [`Error::TooFew`] and [`Error::NoLayer`].
    ///
    /// # Panics
    /// When there are not as many names as networks.
    pub fn new(networks: &[&'a dyn Layers], names: &[String], layer: &str) -> Result<Self, Error> {
        assert_eq!(names.len(), networks.len(), "a name for each network");
        if networks.len() < 2 {
            return Err(Error::TooFew { found: networks.len() });
        }
        let place = |(network, name): (&&'a dyn Layers, &String)| {
            let there = network.layer_names();
            let absent = || Error::NoLayer { network: name.clone(), layer: layer.to_string(), there: there.join(", ") };
            there.iter().position(|known| known == layer).map(|at| (*network, at)).ok_or_else(absent)
        };
        let from = networks.iter().zip(names).map(place).collect::<Result<_, _>>()?;
        Ok(Self { name: format!("layer {layer}"), names: names.to_vec(), from })
    }
}

/// The layers that all networks have, in the order of the first.
///
/// # Errors
/// [`Error::TooFew`], and [`Error::Unmatched`] for a layer that one of them does not have.
pub fn common_layers(networks: &[&dyn Layers], names: &[String]) -> Result<Vec<String>, Error> {
    let [first, rest @ ..] = networks else { return Err(Error::TooFew { found: 0 }) };
    if rest.is_empty() {
        return Err(Error::TooFew { found: 1 });
    }
    for (other, name) in rest.iter().zip(&names[1..]) {
        let unmatched =
            |one: &dyn Layers, two: &dyn Layers| one.layer_names().iter().find(|layer| !two.layer_names().contains(layer)).cloned();
        if let Some(layer) = unmatched(*first, *other) {
            return Err(Error::Unmatched { first: names[0].clone(), layer, other: name.clone() });
        }
        if let Some(layer) = unmatched(*other, *first) {
            return Err(Error::Unmatched { first: name.clone(), layer, other: names[0].clone() });
        }
    }
    Ok(first.layer_names().to_vec())
}

impl Layers for Gathered<'_> {
    fn name(&self) -> &str {
        &self.name
    }

    fn layer_names(&self) -> &[String] {
        &self.names
    }

    fn shape(&self, layer: usize) -> Result<(usize, usize), sweep::Error> {
        let (network, at) = self.from[layer];
        network.shape(at)
    }

    fn source(&self, layer: usize) -> String {
        let (network, at) = self.from[layer];
        network.source(at)
    }

    fn load(&self, layer: usize) -> Result<Cow<'_, Representation<'_>>, sweep::Error> {
        let (network, at) = self.from[layer];
        network.load(at)
    }

    fn neurons(&self, layer: usize) -> Result<Option<Arc<dyn StoredNeurons>>, sweep::Error> {
        let (network, at) = self.from[layer];
        network.neurons(at)
    }

    fn require_rows(&self, layer: usize) -> Result<(), sweep::Error> {
        let (network, at) = self.from[layer];
        network.require_rows(at)
    }

    fn read_rows(&self, layer: usize, rows: Range<usize>, room: Vec<f64>) -> Result<Vec<f64>, sweep::Error> {
        let (network, at) = self.from[layer];
        network.read_rows(at, rows, room)
    }

    fn unchanged(&self, layer: usize) -> Result<(), sweep::Error> {
        let (network, at) = self.from[layer];
        network.unchanged(at)
    }

    fn convention(&self, layer: usize) -> Result<Option<String>, sweep::Error> {
        let (network, at) = self.from[layer];
        network.convention(at)
    }

    fn identity(&self) -> Result<Vec<String>, sweep::Error> {
        let mut lines = Vec::new();
        for (network, _) in &self.from {
            lines.extend(network.identity()?);
        }
        Ok(lines)
    }
}

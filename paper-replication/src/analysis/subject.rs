//! A network together with the pictures that its layers are recorded on.

use super::seconds::Seconds;
use crate::capture::{Activations, capture};
use crate::data::Pictures;
use crate::error::{Error, Result};
use crate::job::Trained;
use crate::networks::LayerShape;
use similitude::sweep::{Estimate, NetworkHeader};
use similitude::{Measure, Precision, Prepared, Representation};
use std::sync::Arc;
use std::time::Instant;

/// One side of a comparison: the layers of a network, as they answer to certain pictures.
#[derive(Clone)]
pub struct Subject {
    /// The network.
    pub network: Arc<Trained>,
    /// The pictures.
    pub pictures: Arc<Pictures>,
    /// Which pictures these are, in words that tell one choice from another.
    pub pictures_words: String,
    /// The layers that are looked at, by place; none: all.
    pub chosen: Vec<usize>,
}

/// The layers of a network, ready to be compared.
pub struct PreparedNetwork {
    /// First to last.
    pub layers: Vec<Prepared>,
}

impl Subject {
    /// All layers of each network on the same pictures.
    pub fn of_all(networks: &[Arc<Trained>], pictures: &Arc<Pictures>, pictures_words: &str) -> Vec<Self> {
        let subject = |network: &Arc<Trained>| Self {
            network: Arc::clone(network),
            pictures: Arc::clone(pictures),
            pictures_words: pictures_words.to_owned(),
            chosen: Vec::new(),
        };
        networks.iter().map(subject).collect()
    }

    /// The network's name.
    pub fn name(&self) -> &str {
        &self.network.name
    }

    /// The layers looked at, first to last; the logits are none.
    ///
    /// # Errors
    /// As [`NetworkConfig::layers`](crate::networks::NetworkConfig::layers).
    pub fn layers(&self) -> Result<Vec<LayerShape>> {
        let all = self.network.run.network.layers()?.into_iter().enumerate();
        Ok(all.filter(|(place, _)| self.chosen.is_empty() || self.chosen.contains(place)).map(|(_, layer)| layer).collect())
    }

    /// Their names.
    ///
    /// # Errors
    /// As [`Subject::layers`].
    pub fn layer_names(&self) -> Result<Vec<String>> {
        Ok(self.layers()?.into_iter().map(|layer| layer.name).collect())
    }

    /// What finished cells of this subject are recognised by.
    ///
    /// # Errors
    /// As [`Subject::layers`].
    pub fn header(&self) -> Result<NetworkHeader> {
        let layers = self.layers()?.into_iter().map(|layer| (layer.name.clone(), self.pictures.count(), layer.neurons())).collect();
        // A struct of numbers, names and lists always has a JSON form.
        let run = serde_json::to_string(&self.network.run).expect("a run has a JSON form");
        let epochs = format!("{} epochs done", self.network.epochs_done);
        Ok(NetworkHeader { name: self.name().to_owned(), layers, identity: vec![run, epochs, self.pictures_words.clone()] })
    }

    /// Bytes that the prepared layers take, and bytes that preparing and comparing take on the way.
    ///
    /// # Errors
    /// As [`Subject::layers`].
    pub fn memory(&self, measures: &[Measure], threads: usize) -> Result<(u64, u64)> {
        let shapes: Vec<_> = self.layers()?.iter().map(|layer| (self.pictures.count(), layer.neurons())).collect();
        let kept = Estimate::new(&shapes, measures, Precision::Double, threads);
        // Layers are prepared one after the other; pairs are compared on all threads.
        let single = Estimate::new(&shapes, measures, Precision::Double, 1);
        let widest = shapes.iter().map(|shape| shape.1 as u64).max().unwrap_or(0);
        let comparing = 8 * 6 * widest * widest * threads as u64;
        let captured = 4 * shapes.iter().map(|(n, p)| (n * p) as u64).sum::<u64>();
        Ok((kept.features + kept.kernels, (single.working + captured).max(comparing)))
    }

    /// Records the layers for which `wanted` says yes.
    ///
    /// # Errors
    /// As [`capture`].
    pub fn capture(&self, wanted: impl Fn(&LayerShape) -> bool) -> Result<Vec<Activations>> {
        Ok(capture(&self.network.network, &self.network.run.network, &self.pictures, &self.network.normalization, wanted)?.layers)
    }

    /// Records the layer of this name.
    ///
    /// # Errors
    /// As [`Subject::capture`], when there is no such layer, and when it holds a value that is not
    /// finite.
    pub fn layer(&self, name: &str) -> Result<Representation<'static>> {
        let captured = self.capture(|other| other.name == name)?.pop();
        representation(captured.ok_or_else(|| Error::Architecture(format!("no layer {name:?} in {}", self.name())))?)
    }

    /// Records all layers and prepares each for these measures.
    ///
    /// # Errors
    /// As [`Subject::capture`], and when a layer holds a value that is not finite.
    pub fn prepare(&self, measures: &[Measure], seconds: &mut Seconds) -> Result<PreparedNetwork> {
        let start = Instant::now();
        let names = self.layer_names()?;
        let captured = self.capture(|layer| names.contains(&layer.name))?;
        seconds.capture += start.elapsed().as_secs_f64();
        let start = Instant::now();
        let layers =
            captured.into_iter().map(|activations| Ok(prepared(&representation(activations)?, measures))).collect::<Result<_>>()?;
        seconds.preparation += start.elapsed().as_secs_f64();
        Ok(PreparedNetwork { layers })
    }
}

/// A layer with what these measures need of it alone.
pub fn prepared(layer: &Representation<'_>, measures: &[Measure]) -> Prepared {
    let prepared = Prepared::new(layer, measures.iter().any(Measure::uncentered));
    for measure in measures {
        // A measure that is undefined on this layer says so again in each of its cells.
        let _ = measure.precompute(&prepared);
    }
    prepared
}

/// A layer's activations, flattened, under the layer's name.
///
/// # Errors
/// As [`Representation::from_row_major`].
pub fn representation(activations: Activations) -> Result<Representation<'static>> {
    let Activations { layer, examples, values } = activations;
    let widened: Vec<f64> = values.into_iter().map(f64::from).collect();
    Ok(Representation::from_row_major(layer.name.clone(), examples, layer.neurons(), widened)?)
}

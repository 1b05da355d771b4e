//! Layers that are preprocessed when they are loaded.

use std::borrow::Cow;
use std::ops::Range;

use super::error::Error;
use super::layers::Layers;
use crate::preprocessing::Preprocessing;
use crate::representation::Representation;

/// The layers of another network after [`Preprocessing`]. They are loaded whole: none of the steps
/// is done on a part of a layer.
pub struct Preprocessed<L> {
    layers: L,
    steps: Preprocessing,
}

impl<L: Layers> Preprocessed<L> {
    /// These layers, each after these steps.
    pub fn new(layers: L, steps: Preprocessing) -> Self {
        Self { layers, steps }
    }
}

impl<L: Layers> Layers for Preprocessed<L> {
    fn name(&self) -> &str {
        self.layers.name()
    }

    fn layer_names(&self) -> &[String] {
        self.layers.layer_names()
    }

    fn shape(&self, layer: usize) -> Result<(usize, usize), Error> {
        self.layers.shape(layer).map(|shape| self.steps.shape(shape))
    }

    fn source(&self, layer: usize) -> String {
        self.layers.source(layer)
    }

    fn load(&self, layer: usize) -> Result<Cow<'_, Representation<'_>>, Error> {
        Ok(Cow::Owned(self.steps.apply(&*self.layers.load(layer)?)?))
    }

    fn require_rows(&self, layer: usize) -> Result<(), Error> {
        Err(Error::WholeLayers { source_name: self.source(layer), steps: self.steps.to_string() })
    }

    fn read_rows(&self, layer: usize, _rows: Range<usize>, _room: Vec<f64>) -> Result<Vec<f64>, Error> {
        self.require_rows(layer).map(|()| Vec::new())
    }

    fn unchanged(&self, layer: usize) -> Result<(), Error> {
        self.layers.unchanged(layer)
    }

    fn convention(&self, layer: usize) -> Result<Option<String>, Error> {
        let steps = self.steps.to_string();
        Ok(Some(self.layers.convention(layer)?.map_or_else(|| steps.clone(), |before| format!("{before}, {steps}"))))
    }

    fn identity(&self) -> Result<Vec<String>, Error> {
        let mut identity = self.layers.identity()?;
        identity.push(self.steps.to_string());
        Ok(identity)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::Measure;
    use crate::sweep::{LayersInMemory, Sweep};

    fn layers(scale: f64) -> LayersInMemory<'static> {
        let values: Vec<f64> = (0..24).map(|index| f64::from(index * index % 17) * if index % 3 == 0 { scale } else { 1.0 }).collect();
        LayersInMemory::new("net", vec![Representation::from_row_major("layer", 8, 3, values).unwrap()])
    }

    #[test]
    fn a_sweep_is_of_what_the_steps_leave_and_says_so() {
        let steps = Preprocessing { standardize: true, ..Preprocessing::default() };
        let (a, b) = (Preprocessed::new(layers(1000.0), steps), Preprocessed::new(layers(0.1), steps));
        let measures = vec![Measure::parse("cka").unwrap()];
        let scores = Sweep::new(&a, Some(&b), measures.clone()).run().unwrap();
        let value = scores.values(0)[0].unwrap();
        // Standardized neurons do not see that one of them was larger.
        assert!((value - 1.0).abs() < 1e-14, "{value}");
        let (raw_a, raw_b) = (layers(1000.0), layers(0.1));
        let raw = Sweep::new(&raw_a, Some(&raw_b), measures).run().unwrap().values(0)[0].unwrap();
        assert!(raw < 0.9, "{raw}");
        assert_eq!(scores.a().layers[0].reading.as_deref(), Some("neurons standardized (mean 0, variance 1 with divisor n)"));
        let whole = a.require_rows(0).unwrap_err().to_string();
        assert!(whole.contains("standardized") && whole.contains("memory"), "{whole}");
    }
}

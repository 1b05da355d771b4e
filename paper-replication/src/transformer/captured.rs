//! Gathering what the places of a Transformer answer, and writing it.

use crate::capture::{Activations, Axes, Format, write};
use crate::error::Result;
use crate::networks::LayerShape;
use burn::tensor::Tensor;
use serde::Serialize;
use std::path::Path;

/// Appends the places of one batch after the other: one row a token position.
#[derive(Debug, Default)]
pub(super) struct Recorder {
    places: Vec<Activations>,
    next: usize,
}

impl Recorder {
    /// Before each batch: the next place is the first again.
    pub fn begin(&mut self) {
        self.next = 0;
    }

    /// Takes the next place, n x tokens x width; every batch shows the same places in the same
    /// order.
    pub fn take(&mut self, name: &str, features: &Tensor<3>) {
        let [count, tokens, width] = features.dims();
        if self.next == self.places.len() {
            let layer = LayerShape { name: name.to_owned(), channels: width, side: 1 };
            self.places.push(Activations { layer, examples: 0, values: Vec::new() });
        }
        let place = &mut self.places[self.next];
        assert_eq!(place.layer.name, name, "every batch shows the same places in the same order");
        place.values.extend(features.to_data().iter::<f32>());
        place.examples += count * tokens;
        self.next += 1;
    }

    /// The places, in order; rows are sequence by sequence, token by token.
    pub fn finish(self) -> Vec<Activations> {
        self.places
    }
}

/// Writes places as [`write()`] does, n x width each in single precision.
///
/// # Errors
/// When a value is not finite, or the file cannot be written.
pub fn write_places(path: &Path, places: &[Activations], description: &impl Serialize) -> Result<()> {
    write(path, places, description, Format::Single, Axes::Flat)
}

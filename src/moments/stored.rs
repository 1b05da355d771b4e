//! Reading moments that were written elsewhere: what does not hold together is refused, so that
//! nothing later can panic on it.

use serde::{Deserialize, Deserializer, de};

use super::pair::PairMoments;
use super::state::{LayerMoments, Moments, check_pairs};

/// Moments as they stand in a file or a message.
#[derive(Deserialize)]
#[serde(rename = "Moments")]
struct Stored {
    n: u64,
    start: u64,
    with_row_norms: bool,
    layers: Vec<LayerMoments>,
    pairs: Vec<(usize, usize)>,
    sums: Vec<PairMoments>,
}

impl<'de> Deserialize<'de> for Moments {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Stored { n, start, with_row_norms, layers, pairs, sums } = Stored::deserialize(deserializer)?;
        check_pairs(&pairs, layers.len()).map_err(de::Error::custom)?;
        let whole = |layer: &LayerMoments| {
            let are_finite = layer.mean.iter().all(|mean| mean.is_finite()) && layer.squares.iter().all(|squares| squares.is_finite());
            layer.p() > 0 && layer.squares.len() == layer.p() && layer.trace.is_finite() && are_finite
        };
        if let Some(layer) = layers.iter().find(|layer| !whole(layer)) {
            return Err(de::Error::custom(format!("moments of the layer {}: no neurons, or not finite", layer.name)));
        }
        if sums.len() != pairs.len() {
            return Err(de::Error::custom(format!("sums of {} pairs of layers, and {} pairs", sums.len(), pairs.len())));
        }
        let fits = |sums: &PairMoments, &(x, y): &(usize, usize)| sums.fits(layers[x].p(), layers[y].p(), with_row_norms);
        if let Some((_, (x, y))) = sums.iter().zip(&pairs).find(|(sums, pair)| !fits(sums, pair)) {
            let (a, b) = (&layers[*x], &layers[*y]);
            let message = format!("sums of the pair {}, {}: not finite, or not of {} x {} neurons", a.name, b.name, a.p(), b.p());
            return Err(de::Error::custom(message));
        }
        Ok(Self { n, start, with_row_norms, layers, pairs, sums })
    }
}

//! The sanity check of the source paper: does the most similar layer of another network stand at
//! the same place?

use std::ops::AddAssign;

use crate::claims::Direction;

/// How often the most similar layer of the other network is the corresponding one, over both
/// ordered pairs of two networks and (added up) over many pairs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Identification {
    /// Layers asked about, over all ordered pairs of networks.
    pub trials: usize,
    /// Those whose most similar layer is the corresponding one, and the only one.
    pub correct: usize,
    /// Those whose most similar layer is the corresponding one or next to it, and the only one.
    pub within_one: usize,
    /// Those with several most similar layers: misses.
    pub ties: usize,
    /// Those for which the measure is undefined on some layer of the other network: misses.
    pub undefined: usize,
    /// Layers of a network.
    pub layers: usize,
}

impl Identification {
    /// The share of layers that are found.
    pub fn accuracy(&self) -> f64 {
        self.correct as f64 / self.trials as f64
    }

    /// The share of layers that are found or missed by one place.
    pub fn accuracy_within_one(&self) -> f64 {
        self.within_one as f64 / self.trials as f64
    }

    /// The accuracy of a guess: one in the number of layers.
    pub fn chance(&self) -> f64 {
        1.0 / self.layers as f64
    }
}

impl AddAssign for Identification {
    fn add_assign(&mut self, other: Self) {
        self.trials += other.trials;
        self.correct += other.correct;
        self.within_one += other.within_one;
        self.ties += other.ties;
        self.undefined += other.undefined;
        self.layers = other.layers;
    }
}

/// Looks for each layer of A among the layers of B, and for each layer of B among those of A.
///
/// `forward` is s(a_i, b_j) and `backward` is s(b_i, a_j), both `layers` x `layers` and row-major
/// (for a symmetric measure one is the transpose of the other). Asymmetric measures are made
/// symmetric first: layer a_i meets b_j with s(a_i, b_j) + s(b_j, a_i). For a distance the least
/// value counts as the most similar.
///
/// # Panics
/// When there are no layers, or the tables do not hold `layers` x `layers` values.
pub fn identify(forward: &[Option<f64>], backward: &[Option<f64>], layers: usize, direction: Direction) -> Identification {
    assert!(layers > 0, "a network has layers");
    assert_eq!((forward.len(), backward.len()), (layers * layers, layers * layers), "one value for each pair of layers");
    let sign = match direction {
        Direction::Similarity => 1.0,
        Direction::Distance => -1.0,
    };
    let symmetric = |a: usize, b: usize| Some(sign * (forward[a * layers + b]? + backward[b * layers + a]?));
    let mut found = Identification { layers, ..Identification::default() };
    for layer in 0..layers {
        found.count(layer, (0..layers).map(|other| symmetric(layer, other)));
        found.count(layer, (0..layers).map(|other| symmetric(other, layer)));
    }
    found
}

impl Identification {
    /// Counts one layer by its similarities to all layers of the other network.
    fn count(&mut self, layer: usize, similarities: impl Iterator<Item = Option<f64>>) {
        self.trials += 1;
        let Some(similarities) = similarities.collect::<Option<Vec<f64>>>() else {
            self.undefined += 1;
            return;
        };
        let largest = similarities.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let mut best = (0..similarities.len()).filter(|&other| similarities[other] == largest);
        match (best.next(), best.next()) {
            (Some(found), None) => {
                self.correct += usize::from(found == layer);
                self.within_one += usize::from(found.abs_diff(layer) <= 1);
            }
            _ => self.ties += 1,
        }
    }
}

#[cfg(test)]
#[path = "identification_tests.rs"]
mod tests;

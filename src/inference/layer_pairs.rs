//! Which pairs of layers claims are about: of a network with itself no layer with itself, and each
//! pair once where the measure does not see which side is which.

use crate::claims::Claim;
use crate::measure::Measure;

/// The pairs of the layers of one or two networks, row after row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LayerPairs {
    /// Layers of X.
    pub rows: usize,
    /// Layers of Y.
    pub columns: usize,
    of_itself: bool,
    is_symmetric: bool,
}

impl LayerPairs {
    /// Every layer of X with every layer of Y.
    pub fn new(rows: usize, columns: usize) -> Self {
        Self { rows, columns, of_itself: false, is_symmetric: false }
    }

    /// The layers of a network with each other.
    pub fn of_itself(layers: usize, measure: &Measure) -> Self {
        let is_symmetric = measure.properties().symmetry == Claim::Holds;
        Self { rows: layers, columns: layers, of_itself: true, is_symmetric }
    }

    /// The place of the pair whose null this one shares: its own, or that of the two layers the
    /// other way round.
    pub fn shared_with(self, place: usize) -> usize {
        let (row, column) = (place / self.columns, place % self.columns);
        if self.is_symmetric && row > column { column * self.columns + row } else { place }
    }

    /// Whether a pair is a claim of its own: two different layers, and not those of another pair.
    pub fn is_claim(self, place: usize) -> bool {
        !self.is_layer_with_itself(place) && self.shared_with(place) == place
    }

    /// Whether both layers of a pair are one.
    pub fn is_layer_with_itself(self, place: usize) -> bool {
        self.of_itself && place / self.columns == place % self.columns
    }

    /// The places of all pairs.
    pub fn places(self) -> std::ops::Range<usize> {
        0..self.rows * self.columns
    }

    /// How many claims there are.
    pub fn claims(self) -> usize {
        self.places().filter(|place| self.is_claim(*place)).count()
    }

    /// P-values of all pairs, from those of the claims as `adjust` has them, and from their own of
    /// each layer with itself, which is no claim.
    ///
    /// # Errors
    /// Those of `adjust`.
    pub(super) fn adjusted<E>(self, p: &[f64], adjust: impl FnOnce(&[usize]) -> Result<Vec<f64>, E>) -> Result<Vec<f64>, E> {
        let claims: Vec<usize> = self.places().filter(|place| self.is_claim(*place)).collect();
        let mut all = p.to_vec();
        if !claims.is_empty() {
            claims.iter().zip(adjust(&claims)?).for_each(|(place, p)| all[*place] = p);
        }
        Ok(self.places().map(|place| all[self.shared_with(place)]).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_with_itself_claims_each_pair_of_different_layers_once() {
        let measure = |text| Measure::parse(text).unwrap();
        let claims = |pairs: LayerPairs| pairs.places().filter(|place| pairs.is_claim(*place)).collect::<Vec<_>>();
        let symmetric = LayerPairs::of_itself(3, &measure("cka"));
        assert_eq!((claims(symmetric), symmetric.claims()), (vec![1, 2, 5], 3));
        assert_eq!(symmetric.places().map(|place| symmetric.shared_with(place)).collect::<Vec<_>>(), [0, 1, 2, 1, 4, 5, 2, 5, 8]);
        assert_eq!(claims(LayerPairs::of_itself(3, &measure("linear-regression"))), [1, 2, 3, 5, 6, 7]);
        assert_eq!(claims(LayerPairs::new(2, 3)), [0, 1, 2, 3, 4, 5]);
        let p = [0.01, 0.2, 0.3, 0.2, 0.02, 0.4, 0.3, 0.4, 0.03];
        let doubled = symmetric.adjusted(&p, |claims| Ok::<_, ()>(claims.iter().map(|place| 2.0 * p[*place]).collect()));
        assert_eq!(doubled.unwrap(), [0.01, 0.4, 0.6, 0.4, 0.02, 0.8, 0.6, 0.8, 0.03]);
    }
}

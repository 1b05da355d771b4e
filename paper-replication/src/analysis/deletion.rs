//! A layer with some of its principal components taken away, after Ding, Denain and Steinhardt
//! (2021), *Grounding Representation Similarity Through Statistical Testing*.

use crate::error::Result;
use faer::{Col, Mat};
use similitude::{Prepared, Representation};
use std::ops::Range;

/// A layer and its principal components.
pub struct Deletion<'a> {
    layer: &'a Representation<'static>,
    means: Vec<f64>,
    components: Mat<f64>,
}

impl<'a> Deletion<'a> {
    /// Decomposes a layer; `prepared` is the same layer.
    ///
    /// # Errors
    /// When the decomposition does not converge.
    pub fn new(layer: &'a Representation<'static>, prepared: &Prepared) -> Result<Self> {
        let view = layer.view();
        let means = (0..view.ncols()).map(|neuron| view.col(neuron).sum() / view.nrows() as f64).collect();
        Ok(Self { layer, means, components: prepared.centered().left_singular_vectors()? })
    }

    /// The number of components with a variance that is not 0.
    pub fn rank(&self) -> usize {
        self.components.ncols()
    }

    /// The layer with these components alone, the strongest being component 0: the means, and U U'
    /// (X - means) with the columns U of the components kept. Neurons and units stay what they
    /// were. Cost: 4 n p k.
    ///
    /// # Errors
    /// As [`Representation::from_matrix`].
    pub fn keeping(&self, kept: Range<usize>) -> Result<Representation<'static>> {
        let kept = self.components.subcols(kept.start, kept.len());
        let mut centered = self.layer.view().to_owned();
        for (neuron, mean) in centered.col_iter_mut().zip(&self.means) {
            neuron.iter_mut().for_each(|value| *value -= mean);
        }
        let coordinates: Mat<f64> = kept.transpose() * &centered;
        let ones = Col::<f64>::ones(self.layer.n());
        let means = Col::<f64>::from_iter(self.means.iter().copied());
        let mut remaining: Mat<f64> = kept * coordinates;
        remaining += ones * means.transpose();
        Ok(Representation::from_matrix(self.layer.name().to_owned(), remaining)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layer() -> Representation<'static> {
        let values: Vec<f64> =
            (0..40 * 5).map(|entry| 3.0 + ((entry * entry % 83 + 7) as f64 * 1.37).sin() * (1 + entry % 5) as f64).collect();
        Representation::from_row_major("layer", 40, 5, values).unwrap()
    }

    fn rank(layer: &Representation<'static>) -> usize {
        Prepared::new(layer, false).centered().decomposition().unwrap().rank()
    }

    #[test]
    fn all_components_are_the_layer() {
        let layer = layer();
        let prepared = Prepared::new(&layer, false);
        let deletion = Deletion::new(&layer, &prepared).unwrap();
        assert_eq!(deletion.rank(), 5);
        let difference = deletion.keeping(0..5).unwrap().view().to_owned() - layer.view();
        assert!(difference.norm_max() < 1e-12, "{}", difference.norm_max());
    }

    #[test]
    fn what_is_kept_and_what_is_deleted_add_up_and_are_orthogonal() {
        let layer = layer();
        let prepared = Prepared::new(&layer, false);
        let deletion = Deletion::new(&layer, &prepared).unwrap();
        let (top, tail) = (deletion.keeping(0..2).unwrap(), deletion.keeping(2..5).unwrap());
        let centered =
            |part: &Representation<'static>| Prepared::new(part, false).centered().kept().expect("prepared from memory").to_owned();
        assert!((centered(&top).transpose() * centered(&tail)).norm_max() < 1e-12);
        for neuron in 0..5 {
            for example in 0..40 {
                let sum = top.view()[(example, neuron)] + tail.view()[(example, neuron)] - deletion.means[neuron];
                assert!((sum - layer.view()[(example, neuron)]).abs() < 1e-12);
            }
        }
        assert_eq!((rank(&top), rank(&tail)), (2, 3));
    }

    /// The strongest components come first: they hold the most variance.
    #[test]
    fn the_top_is_stronger_than_the_tail() {
        let layer = layer();
        let prepared = Prepared::new(&layer, false);
        let deletion = Deletion::new(&layer, &prepared).unwrap();
        let variance = |part: Representation<'static>| {
            let view = part.view();
            (0..5).map(|neuron| view.col(neuron).iter().map(|value| (value - deletion.means[neuron]).powi(2)).sum::<f64>()).sum::<f64>()
        };
        let single: Vec<f64> = (0..5).map(|place| variance(deletion.keeping(place..place + 1).unwrap())).collect();
        assert!(single.is_sorted_by(|one, next| one > next), "{single:?}");
        let means_stay = deletion.keeping(3..5).unwrap();
        for neuron in 0..5 {
            let mean = means_stay.view().col(neuron).sum() / 40.0;
            assert!((mean - deletion.means[neuron]).abs() < 1e-12);
        }
    }
}

//! Principal components of layers, and how one layer's Gram matrix acts on those of another.

use super::subject::Subject;
use crate::error::{Error, Result};
use faer::Mat;
use similitude::Prepared;

/// A layer with its singular value decomposition.
pub struct Principal {
    prepared: Prepared,
}

/// What Y Y' does to an eigenvector u of X X'.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Action {
    /// |X X' u| over its largest value: the eigenvalue itself.
    pub own: f64,
    /// |Y Y' u| over the largest eigenvalue of Y Y'.
    pub other: f64,
    /// The cosine of the angle between u and Y Y' u; `None` where Y Y' u is 0.
    pub cosine: Option<f64>,
}

impl Principal {
    /// The layer of this name of a subject.
    ///
    /// # Errors
    /// As [`Subject::layer`]; when the layer is constant or its decomposition does not converge.
    pub fn of(subject: &Subject, layer: &str) -> Result<Self> {
        let prepared = Prepared::new(&subject.layer(layer)?, false);
        if prepared.centered().decomposition()?.rank() == 0 {
            return Err(Error::Undefined {
                what: format!("principal components of layer {layer} of {}", subject.name()),
                reason: "it is constant".to_owned(),
            });
        }
        Ok(Self { prepared })
    }

    /// Principal components as unit vectors, n x r: the eigenvectors of X X' with eigenvalues that
    /// are not 0.
    ///
    /// # Errors
    /// When the decomposition does not converge.
    pub fn components(&self) -> Result<Mat<f64>> {
        Ok(self.prepared.centered().left_singular_vectors()?)
    }

    /// The share of the variance that each component holds.
    ///
    /// # Errors
    /// As [`Principal::components`].
    pub fn shares(&self) -> Result<Vec<f64>> {
        let values = self.prepared.centered().decomposition()?.values();
        let total: f64 = values.iter().map(|value| value * value).sum();
        Ok(values.iter().map(|value| value * value / total).collect())
    }

    /// What the Gram matrix of `other` does to the first `count` eigenvectors of this one's.
    ///
    /// # Errors
    /// As [`Principal::components`].
    pub fn acted_on_by(&self, other: &Self, count: usize) -> Result<Vec<Action>> {
        let own = self.prepared.centered().decomposition()?;
        let components = self.components()?;
        let vectors = components.as_ref().subcols(0, count.min(own.rank()));
        let y = other.prepared.centered().kept().expect("prepared from memory");
        let image: Mat<f64> = y * (y.transpose() * vectors);
        let largest = other.prepared.centered().decomposition()?.values()[0].powi(2);
        Ok((0..vectors.ncols())
            .map(|column| {
                let (vector, image) = (vectors.col(column), image.col(column));
                let length = image.norm_l2();
                let product: f64 = (0..vector.nrows()).map(|row| vector[row] * image[row]).sum();
                Action {
                    own: (own.values()[column] / own.values()[0]).powi(2),
                    other: length / largest,
                    cosine: (length > 0.0).then(|| product / length),
                }
            })
            .collect())
    }

    /// The mean squared canonical correlation of the planes of both layers' first two components: 1
    /// for the same plane, near 0 for unrelated ones.
    ///
    /// # Errors
    /// As [`Principal::components`].
    pub fn plane_shared_with(&self, other: &Self) -> Result<f64> {
        let plane = |components: Mat<f64>| components.subcols(0, components.ncols().min(2)).to_owned();
        let (one, other) = (plane(self.components()?), plane(other.components()?));
        let product: Mat<f64> = one.transpose() * &other;
        Ok(product.squared_norm_l2() / 2.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use similitude::Representation;

    fn layer(seed: usize, columns: usize) -> Principal {
        let values: Vec<f64> = (0..30 * columns).map(|entry| ((entry * entry % 83 + 7 * seed) as f64 * 1.37).sin()).collect();
        let representation = Representation::from_row_major("layer", 30, columns, values).unwrap();
        Principal { prepared: Prepared::new(&representation, false) }
    }

    #[test]
    fn eigenvectors_of_a_layer_are_its_own() {
        let x = layer(1, 4);
        let actions = x.acted_on_by(&x, 10).unwrap();
        assert_eq!(actions.len(), 4);
        for action in &actions {
            assert!((action.own - action.other).abs() < 1e-12 && (action.cosine.unwrap() - 1.0).abs() < 1e-12, "{action:?}");
        }
        assert!(actions.is_sorted_by(|one, next| one.own > next.own));
        assert_eq!(actions[0].own, 1.0);
        assert!((x.plane_shared_with(&x).unwrap() - 1.0).abs() < 1e-12);
        assert!((x.shares().unwrap().iter().sum::<f64>() - 1.0).abs() < 1e-12);
    }

    /// A Gram matrix is positive: it turns no vector by more than a right angle, and stretches none
    /// by more than its largest eigenvalue.
    #[test]
    fn another_layer_turns_and_shrinks_them() {
        let (x, y) = (layer(1, 4), layer(2, 6));
        for action in x.acted_on_by(&y, 3).unwrap() {
            let cosine = action.cosine.unwrap();
            assert!((0.0..0.999).contains(&cosine) && (0.0..=1.0).contains(&action.other), "{action:?}");
        }
        let shared = x.plane_shared_with(&y).unwrap();
        assert!((0.0..0.9).contains(&shared), "{shared}");
    }
}

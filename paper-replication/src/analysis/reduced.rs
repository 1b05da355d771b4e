//! A layer that is far wider than there are examples, in as many coordinates as there are examples.

use crate::capture::Activations;
use crate::error::{Error, Result};
use faer::linalg::matmul::triangular::{BlockStructure, matmul};
use faer::{Accum, Mat, Par, Side};
use similitude::Representation;

/// Neurons whose products are summed at once.
const BLOCK: usize = 4096;

/// A representation of n coordinates with the same inner products between centered examples as the
/// layer: the root of its centered Gram matrix. Whatever depends on these alone, such as linear
/// CKA, has the same value, and a layer of 98,304 neurons takes no more memory than its examples.
///
/// # Errors
/// When an activation is not finite, or the decomposition does not converge.
pub fn reduced(activations: &Activations) -> Result<Representation<'static>> {
    let (n, neurons) = (activations.examples, activations.layer.neurons());
    let mut gram: Mat<f64> = Mat::zeros(n, n);
    for start in (0..neurons).step_by(BLOCK) {
        let width = BLOCK.min(neurons - start);
        let mut block: Mat<f64> = Mat::from_fn(n, width, |row, column| f64::from(activations.values[row * neurons + start + column]));
        for neuron in block.col_iter_mut() {
            let mean = neuron.sum() / n as f64;
            neuron.iter_mut().for_each(|value| *value -= mean);
        }
        matmul(
            &mut gram,
            BlockStructure::TriangularLower,
            Accum::Add,
            &block,
            BlockStructure::Rectangular,
            block.transpose(),
            BlockStructure::Rectangular,
            1.0,
            Par::rayon(0),
        );
    }
    let failed =
        |reason: &str| Error::Undefined { what: format!("the Gram matrix of layer {}", activations.layer.name), reason: reason.to_owned() };
    if !(0..n).all(|column| (column..n).all(|row| gram[(row, column)].is_finite())) {
        return Err(failed("an activation is not finite, or its square overflows"));
    }
    let eigen = gram.self_adjoint_eigen(Side::Lower).map_err(|_| failed("its eigenvalues do not converge"))?;
    let (vectors, values) = (eigen.U(), eigen.S().column_vector());
    // Rounding makes eigenvalues of 0 slightly negative; they have no coordinate.
    let root = |column: usize| if values[column] > 0.0 { values[column].sqrt() } else { 0.0 };
    Ok(Representation::from_matrix(
        activations.layer.name.clone(),
        Mat::from_fn(n, n, |row, column| vectors[(row, column)] * root(column)),
    )?)
}

#[cfg(test)]
mod tests {
    use super::super::subject::representation;
    use super::*;
    use crate::networks::LayerShape;
    use similitude::Measure;

    fn layer(channels: usize, seed: usize) -> Activations {
        let layer = LayerShape { name: "layer".to_owned(), channels, side: 8 };
        let values = (0..20 * layer.neurons()).map(|entry| ((entry * entry % 1009 + 7 * seed) as f32 * 1.37).sin().max(0.0)).collect();
        Activations { layer, examples: 20, values }
    }

    /// More neurons than one block holds, and not a whole number of blocks.
    #[test]
    fn linear_cka_of_the_coordinates_is_that_of_the_layer() {
        let cka = Measure::parse("cka").unwrap();
        let value = |x: &_, y: &_| cka.compare(x, y).unwrap().value;
        let (x, y) = (layer(70, 1), layer(3, 2));
        let expected = value(&representation(x.clone()).unwrap(), &representation(y.clone()).unwrap());
        let found = value(&reduced(&x).unwrap(), &reduced(&y).unwrap());
        assert!((found - expected).abs() < 1e-10, "{found} {expected}");
        assert!((value(&reduced(&x).unwrap(), &representation(x.clone()).unwrap()) - 1.0).abs() < 1e-10);
        let mut infinite = x;
        infinite.values[3] = f32::INFINITY;
        assert!(reduced(&infinite).unwrap_err().to_string().contains("not finite"));
    }
}

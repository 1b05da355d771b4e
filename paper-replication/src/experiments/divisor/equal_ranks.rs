//! The control of the divisor: all layers brought to one number of dimensions.

use super::super::context::{Context, all_pairs};
use super::super::pair_table::{Column, PairValues};
use crate::analysis::{Subject, prepared, representation};
use crate::error::Result;
use faer::dyn_stack::{MemBuffer, MemStack};
use faer::matrix_free::eigen::{PartialEigenParams, partial_self_adjoint_eigen, partial_self_adjoint_eigen_scratch};
use faer::{Col, Mat, Par};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};
use rayon::prelude::*;
use similitude::{Measure, Pair, Prepared, Representation};
use std::time::Instant;

/// How often projections are drawn, so that an unlucky one does not decide.
pub(super) const DRAWS: usize = 3;

/// What is computed on projections.
pub(super) const MEASURES: [&str; 3] = ["cca:summary=rho", "cca:summary=r2", "cka"];

/// The key of a measure on random projections, by the number of the draw.
pub(super) fn projected(measure: &str, draw: usize) -> String {
    format!("{measure} on random projections {}", draw + 1)
}

/// The key of a measure on the first principal components.
pub(super) fn components(measure: &str) -> String {
    format!("{measure} on first principal components")
}

/// The columns of the controls: every layer projected at random to `dimensions` dimensions, and
/// every layer by as many of its first principal components, each scaled to one length so that they
/// are nothing but a subspace.
pub(super) fn columns(context: &mut Context, subjects: &[Subject], dimensions: usize) -> Result<Vec<Column>> {
    let start = Instant::now();
    let measures: Vec<Measure> = MEASURES.iter().map(|text| Measure::parse(text)).collect::<std::result::Result<_, _>>()?;
    // By control (draws, then components), network, layer.
    let mut controls: Vec<Vec<Vec<Prepared>>> = (0..=DRAWS).map(|_| Vec::new()).collect();
    for (network, subject) in subjects.iter().enumerate() {
        eprintln!("projections of {}", subject.name());
        let layers = subject.capture(|_| true)?.into_iter().map(representation).collect::<Result<Vec<_>>>()?;
        for (draw, control) in controls.iter_mut().take(DRAWS).enumerate() {
            let project = |(place, layer): (usize, &Representation<'static>)| -> Result<Prepared> {
                let seed = ((draw * subjects.len() + network) * layers.len() + place) as u64;
                Ok(prepared(&project(layer, dimensions, seed)?, &measures))
            };
            control.push(layers.par_iter().enumerate().map(project).collect::<Result<_>>()?);
        }
        let first = |layer: &Representation<'static>| -> Result<Prepared> {
            Ok(prepared(&Representation::from_matrix(layer.name().to_owned(), first_components(layer, dimensions)?)?, &measures))
        };
        controls[DRAWS].push(layers.iter().map(first).collect::<Result<_>>()?);
    }
    let mut found = Vec::new();
    for (control, networks) in controls.iter().enumerate() {
        let values = all_pairs(subjects.len())
            .into_par_iter()
            .map(|(a, b)| Ok((a, b, values(&networks[a], &networks[b], &measures)?)))
            .collect::<Result<Vec<_>>>()?;
        for (place, measure) in MEASURES.iter().enumerate() {
            let key = if control < DRAWS { projected(measure, control) } else { components(measure) };
            let pairs = values.iter().map(|(a, b, values)| PairValues::symmetric(*a, *b, networks[*a].len(), values[place].clone()));
            found.push(Column { key, pairs: pairs.collect() });
        }
    }
    context.seconds.comparison += start.elapsed().as_secs_f64();
    Ok(found)
}

/// The first principal components of a layer as unit vectors, n x `count`, or as many as there are.
/// Of a wide layer by Lanczos' method: its whole decomposition takes a minute, of which a few
/// columns would be used.
fn first_components(layer: &Representation<'static>, count: usize) -> Result<Mat<f64>> {
    let whole = Prepared::new(layer, false);
    let centered = whole.centered().kept().expect("prepared from memory");
    let neurons = centered.ncols();
    if neurons > 8 * count {
        let products: Mat<f64> = centered.transpose() * centered;
        let (mut vectors, mut values) = (Mat::zeros(neurons, count), vec![0.0; count]);
        let start = Col::from_fn(neurons, |neuron| 1.0 + (neuron % 7) as f64);
        let parameters = PartialEigenParams::default();
        let needed = partial_self_adjoint_eigen_scratch(&products, count, Par::rayon(0), parameters);
        let found = partial_self_adjoint_eigen(
            vectors.as_mut(),
            &mut values,
            &products,
            start.as_ref(),
            CONVERGED,
            Par::rayon(0),
            MemStack::new(&mut MemBuffer::new(needed)),
            parameters,
        );
        if found.n_converged_eigen == count {
            let mut components: Mat<f64> = centered * vectors;
            for component in components.col_iter_mut() {
                let length = component.norm_l2();
                component.iter_mut().for_each(|value| *value /= length);
            }
            return Ok(components);
        }
    }
    let vectors = whole.centered().left_singular_vectors()?;
    Ok(vectors.subcols(0, count.min(vectors.ncols())).to_owned())
}

/// How near to an eigenvector Lanczos' method must come, relative to the largest eigenvalue.
const CONVERGED: f64 = 1e-12;

/// The layer times a matrix of standard normal numbers, which keeps no direction of the neurons.
fn project(layer: &Representation<'static>, dimensions: usize, seed: u64) -> Result<Representation<'static>> {
    let mut generator = ChaCha8Rng::seed_from_u64(seed);
    let matrix: Mat<f64> = Mat::from_fn(layer.p(), dimensions, |_, _| StandardNormal.sample(&mut generator));
    let projected: Mat<f64> = layer.view() * matrix;
    Ok(Representation::from_matrix(layer.name().to_owned(), projected)?)
}

/// By measure: its values for all pairs of layers, row-major.
fn values(a: &[Prepared], b: &[Prepared], measures: &[Measure]) -> Result<Vec<Vec<Option<f64>>>> {
    let mut values = vec![Vec::with_capacity(a.len() * b.len()); measures.len()];
    for x in a {
        for y in b {
            let pair = Pair::new(x, y)?;
            for (values, measure) in values.iter_mut().zip(measures) {
                values.push(measure.compare_pair(&pair).ok().map(|score| score.value));
            }
        }
    }
    Ok(values)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The few components of a wide layer are those of its whole decomposition, up to signs.
    #[test]
    fn few_components_are_the_first_of_all() {
        let (n, neurons) = (300, 250);
        let value = |entry: usize| ((entry * entry % 10_007) as f64 * 1.37).sin() / (1.0 + 0.02 * (entry % neurons) as f64);
        let values: Vec<f64> = (0..n * neurons).map(value).collect();
        let layer = Representation::from_row_major("layer", n, neurons, values).unwrap();
        let all = Prepared::new(&layer, false).centered().left_singular_vectors().unwrap();
        for count in [3, 20, 60] {
            let few = first_components(&layer, count).unwrap();
            assert_eq!((few.nrows(), few.ncols()), (n, count));
            for column in 0..count {
                let cosine: f64 = (0..n).map(|row| few[(row, column)] * all[(row, column)]).sum();
                assert!((cosine.abs() - 1.0).abs() < 1e-10, "component {column} of {count}: cosine {cosine}");
            }
        }
    }

    /// A projection has the dimensions asked for, depends on its seed alone, and on the layer.
    #[test]
    fn projections_are_drawn_from_their_seed() {
        let values: Vec<f64> = (0..60 * 8).map(|entry| ((entry * entry % 83) as f64 * 1.37).sin()).collect();
        let layer = Representation::from_row_major("layer", 60, 8, values).unwrap();
        let [one, again, other] = [4, 4, 5].map(|seed| project(&layer, 3, seed).unwrap());
        assert_eq!((one.n(), one.p()), (60, 3));
        assert_eq!(one.view(), again.view());
        assert_ne!(one.view(), other.view());
        let cca = Measure::parse("cca").unwrap();
        let value = |x: &Representation<'static>, y: &Representation<'static>| cca.compare(x, y).unwrap().value;
        assert!((value(&layer, &one) - 1.0).abs() < 1e-9, "a projection lies in the layer");
        assert!(value(&one, &other) < 0.99, "two of them do not coincide");
    }
}

//! Cloos et al. (2024): what a random representation learns first when a score with a layer is
//! optimised.

use super::networks::Captured;
use crate::analysis::{prepared, representation};
use crate::error::{Error, Result};
use crate::experiments::context::Context;
use crate::figures::number;
use faer::linalg::solvers::Solve;
use faer::{Mat, MatRef};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};
use rayon::prelude::*;
use similitude::{Measure, Representation};

/// The scores that are optimised, all between 0 and 1.
pub(super) const SCORES: [&str; 3] = ["cka", "procrustes:form=similarity", "linear-regression:direction=x-from-y"];

/// The values of the score at which the components are looked at.
pub(super) const TARGETS: [f64; 6] = [0.3, 0.5, 0.7, 0.8, 0.9, 0.95];

/// The principal components that are looked at, the strongest being 1.
pub(super) const COMPONENTS: [usize; 5] = [1, 2, 4, 8, 16];

/// Neurons of the representation that is optimised.
const NEURONS: usize = 20;

/// Starts, and the steps that each may take; a step is this share of the representation's length.
const STARTS: u64 = 3;
const STEPS: usize = 4000;
const STEP: f64 = 0.01;

/// Writes `optimised.csv`: by score, start, target and component, the share of the component's
/// variance that a linear map from the optimised representation gives.
pub(super) fn run(context: &mut Context, captured: &[Captured]) -> Result<()> {
    let layers = &captured[0].layers;
    let layer = representation(layers[layers.len() - 1].clone())?;
    let jobs: Vec<(&str, u64)> = SCORES.iter().flat_map(|score| (0..STARTS).map(move |start| (*score, start))).collect();
    let found = jobs.par_iter().with_max_len(1).map(|&(score, start)| optimise(&layer, score, start)).collect::<Result<Vec<_>>>()?;
    let rows = jobs.iter().zip(&found).flat_map(|((score, start), reached)| {
        TARGETS.iter().zip(reached).flat_map(move |(target, shares)| {
            COMPONENTS.iter().enumerate().map(move |(place, component)| {
                let share = shares.as_ref().and_then(|shares| shares[place]);
                [(*score).to_owned(), start.to_string(), target.to_string(), component.to_string(), number(share)]
            })
        })
    });
    let rows: Vec<_> = rows.collect();
    context.folder.table("optimised.csv", ["score", "start", "target", "component", "share"], rows)
}

/// Shares of the components at each target; `None` where it was not reached, and for components
/// that the layer does not have.
type Reached = Vec<Option<Vec<Option<f64>>>>;

fn optimise(layer: &Representation<'static>, score: &str, start: u64) -> Result<Reached> {
    let measure = Measure::parse(score)?;
    let x = centered(layer.view());
    let whole = prepared(layer, std::slice::from_ref(&measure));
    let components = whole.centered().left_singular_vectors()?;
    let mut generator = ChaCha8Rng::seed_from_u64(start);
    let mut y = centered(Mat::<f64>::from_fn(layer.n(), NEURONS, |_, _| StandardNormal.sample(&mut generator)).as_ref());
    let mut reached: Reached = Vec::new();
    for _ in 0..STEPS {
        let optimised = Representation::from_matrix("optimised", y.clone())?;
        let side = prepared(&optimised, std::slice::from_ref(&measure));
        let value = measure.compare_prepared(&whole, &side)?.value;
        while reached.len() < TARGETS.len() && value >= TARGETS[reached.len()] {
            let basis = side.centered().left_singular_vectors()?;
            let share = |component: &usize| {
                (*component <= components.ncols()).then(|| {
                    let inside = basis.transpose() * components.col(component - 1);
                    inside.squared_norm_l2()
                })
            };
            reached.push(Some(COMPONENTS.iter().map(share).collect()));
        }
        if reached.len() == TARGETS.len() {
            break;
        }
        let gradient = gradient(score, x.as_ref(), y.as_ref())?;
        let length = gradient.norm_l2();
        if length == 0.0 {
            break;
        }
        y += faer::Scale(STEP * y.norm_l2() / length) * gradient;
    }
    reached.resize(TARGETS.len(), None);
    Ok(reached)
}

fn centered(matrix: MatRef<'_, f64>) -> Mat<f64> {
    let mut centered = matrix.to_owned();
    for neuron in centered.col_iter_mut() {
        let mean = neuron.sum() / matrix.nrows() as f64;
        neuron.iter_mut().for_each(|value| *value -= mean);
    }
    centered
}

/// The gradient of a score by Y; both sides are centered, and so is the gradient.
fn gradient(score: &str, x: MatRef<'_, f64>, y: MatRef<'_, f64>) -> Result<Mat<f64>> {
    let cross: Mat<f64> = x.transpose() * y;
    match score {
        // |X'Y|^2 / (|X'X| |Y'Y|).
        "cka" => {
            let own: Mat<f64> = y.transpose() * y;
            let (a, b) = ((x.transpose() * x).norm_l2(), own.norm_l2());
            let value = cross.squared_norm_l2() / (a * b);
            Ok(faer::Scale(2.0 / (a * b)) * (x * &cross) - faer::Scale(2.0 * value / (b * b)) * (y * &own))
        }
        // |X'Y|_* / (|X| |Y|): the gradient of the nuclear norm of U S V' is U V'.
        "procrustes:form=similarity" => {
            let failed = |_| Error::Undefined {
                what: "the gradient of Procrustes".to_owned(),
                reason: "singular values do not converge".to_owned(),
            };
            let decomposition = cross.thin_svd().map_err(failed)?;
            let values = decomposition.S().column_vector();
            let nuclear: f64 = values.iter().sum();
            let rotation: Mat<f64> = decomposition.U() * decomposition.V().transpose();
            let (length_x, length_y) = (x.norm_l2(), y.norm_l2());
            let value = nuclear / (length_x * length_y);
            Ok(faer::Scale(1.0 / (length_x * length_y)) * (x * rotation) - faer::Scale(value / (length_y * length_y)) * y)
        }
        // |P X|^2 / |X|^2 with P = Y (Y'Y)^-1 Y': 2 (I - P) X X' Y (Y'Y)^-1.
        _ => {
            let own: Mat<f64> = y.transpose() * y;
            // (Y'Y)^-1 Y'X, whose transpose is X'Y (Y'Y)^-1.
            let coefficients = own.partial_piv_lu().solve(cross.transpose());
            let fitted: Mat<f64> = x * coefficients.transpose();
            let inside: Mat<f64> = y * own.partial_piv_lu().solve(y.transpose() * &fitted);
            Ok(faer::Scale(2.0 / x.squared_norm_l2()) * (fitted - inside))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn random(n: usize, p: usize, seed: u64) -> Mat<f64> {
        let mut generator = ChaCha8Rng::seed_from_u64(seed);
        Mat::from_fn(n, p, |_, _| StandardNormal.sample(&mut generator))
    }

    /// Gradients are those of the library's values, by central differences.
    #[test]
    fn gradients_are_those_of_the_librarys_values() {
        let (x, y, direction) =
            (centered(random(30, 6, 1).as_ref()), centered(random(30, 4, 2).as_ref()), centered(random(30, 4, 3).as_ref()));
        for score in SCORES {
            let measure = Measure::parse(score).unwrap();
            let value = |step: f64| {
                let moved = &y + faer::Scale(step) * &direction;
                let [x, y] = [x.clone(), moved].map(|side| Representation::from_matrix("side", side).unwrap());
                measure.compare(&x, &y).unwrap().value
            };
            let step = 1e-5;
            let expected = (value(step) - value(-step)) / (2.0 * step);
            let gradient = gradient(score, x.as_ref(), y.as_ref()).unwrap();
            let found: f64 = (0..4)
                .flat_map(|column| (0..30).map(move |row| (row, column)))
                .map(|(row, column)| gradient[(row, column)] * direction[(row, column)])
                .sum();
            assert!((found - expected).abs() < 1e-8, "{score}: {found} {expected}");
        }
    }

    /// Strong components come first by CKA: at every target the first has the larger share.
    #[test]
    fn cka_learns_strong_components_first() {
        let values = random(60, 8, 4);
        let layer = Mat::from_fn(60, 8, |row, column| values[(row, column)] * 0.6_f64.powi(column as i32));
        let layer = Representation::from_matrix("layer", layer).unwrap();
        let reached = optimise(&layer, "cka", 1).unwrap();
        let at = reached[2].as_ref().unwrap();
        assert!(at[0].unwrap() > 0.9 && at[0] > at[3], "{at:?}");
        assert_eq!(at[4], None, "the layer has eight components");
    }
}

//! Tests of `factor.rs`.

use super::*;
use crate::error::Error as InputError;
use crate::measure::Measure;
use crate::moments::follows_from_factor;
use crate::registry::conventions;
use crate::representation::Representation;
use crate::score::Score;
use faer::{Mat, MatRef};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};

const N: usize = 300;

fn gaussian(n: usize, p: usize, generator: &mut ChaCha8Rng) -> Mat<f64> {
    Mat::from_fn(n, p, |_, _| StandardNormal.sample(generator))
}

/// The factor of all rows, in batches of random sizes.
fn gathered(x: MatRef<'_, f64>, y: MatRef<'_, f64>, rows: usize, generator: &mut ChaCha8Rng) -> Vec<Prepared> {
    let mut factor = Factor::new([("x", x.ncols()), ("y", y.ncols())], 0, rows);
    let mut from = 0;
    while from < x.nrows() {
        let count = generator.random_range(1..=rows).min(x.nrows() - from);
        factor.update(&[x.subrows(from, count).into(), y.subrows(from, count).into()]).unwrap();
        from += count;
    }
    factor.finish(true)
}

fn bound(score: &Score) -> f64 {
    score.diagnostics.get("error_bound").expect("every score has its bound")
}

/// Pairs whose rows drift, whose neurons are nearly or wholly dependent, far from 0, of sizes far
/// apart, larger with every row, constant.
fn pairs(generator: &mut ChaCha8Rng) -> Vec<(&'static str, Mat<f64>, Mat<f64>)> {
    let latent = gaussian(N, 4, generator);
    let mixed = |p: usize, noise: f64, generator: &mut ChaCha8Rng| {
        let (weights, own) = (gaussian(4, p, generator), gaussian(N, p, generator));
        &latent * weights + own * faer::Scale(noise)
    };
    let (x, y) = (mixed(9, 1.0, generator), mixed(6, 1.0, generator));
    let each = |matrix: &Mat<f64>, of: &dyn Fn(usize, usize, f64) -> f64| {
        Mat::from_fn(matrix.nrows(), matrix.ncols(), |row, column| of(row, column, matrix[(row, column)]))
    };
    let graded = |_: usize, column: usize, entry: f64| entry * 10f64.powi(-2 * column as i32);
    vec![
        ("plain", x.clone(), y.clone()),
        ("nearly dependent", mixed(9, 1e-9, generator), mixed(6, 1e-6, generator)),
        ("of rank 4", mixed(9, 0.0, generator), mixed(6, 0.0, generator)),
        ("graded", each(&x, &graded), each(&y, &graded)),
        ("far from 0", each(&x, &|_, _, entry| entry + 1e7), each(&y, &|_, column, entry| entry - 1e6 * column as f64)),
        ("drifting", each(&x, &|row, _, entry| entry + row as f64), each(&y, &|row, _, entry| entry + (row as f64).sqrt())),
        ("small and large", each(&x, &|_, _, entry| entry * 1e-180), each(&y, &|_, _, entry| entry * 1e170)),
        ("larger and larger", each(&x, &|row, _, entry| entry * 1.5f64.powi(row as i32)), y.clone()),
        ("with a constant neuron", each(&x, &|_, column, entry| if column == 2 { 0.1 } else { entry }), y.clone()),
        ("constant", each(&x, &|_, _, _| 0.1), y),
        ("equal", x.clone(), x),
        // n - 1 dimensions are filled, and one correlation is forced to 1.
        ("as wide as there are dimensions", gaussian(10, 9, generator), gaussian(10, 1, generator)),
        ("together as wide", gaussian(10, 6, generator), gaussian(10, 4, generator)),
    ]
}

#[test]
fn what_follows_from_the_factor_is_what_the_features_give() {
    let mut generator = ChaCha8Rng::seed_from_u64(3);
    let measures: Vec<Measure> = conventions().into_iter().filter(follows_from_factor).collect();
    assert!(measures.len() > 20);
    let mut compared = 0;
    for (name, x, y) in pairs(&mut generator) {
        let of = |name: &'static str, matrix: &Mat<f64>| Representation::from_matrix(name, matrix.clone()).unwrap();
        for rows in [1, 20, N] {
            let layers = gathered(x.as_ref(), y.as_ref(), rows, &mut generator);
            for measure in &measures {
                let what = format!("{name}, batches of {rows}: {measure}");
                let (got, want) = (measure.compare_prepared(&layers[0], &layers[1]), measure.compare(&of("x", &x), &of("y", &y)));
                match (got, want) {
                    (Ok(got), Ok(want)) => {
                        let (near, both) = ((got.value - want.value).abs(), bound(&got) + bound(&want));
                        assert!(near <= both, "{what}: {} and {}, bounds {} and {}", got.value, want.value, bound(&got), bound(&want));
                        compared += 1;
                    }
                    // Which block of equal values is named may differ, and by how much they do.
                    (Err(got), Err(want)) => assert_eq!(got.undefined(), want.undefined(), "{what}: {got}; {want}"),
                    (got, want) => panic!("{what}: {got:?} and {want:?}"),
                }
            }
        }
    }
    assert!(compared > 500, "{compared}");
}

#[test]
fn what_does_not_follow_from_the_factor_is_refused() {
    let mut generator = ChaCha8Rng::seed_from_u64(4);
    let (x, y) = (gaussian(40, 3, &mut generator), gaussian(40, 2, &mut generator));
    let layers = gathered(x.as_ref(), y.as_ref(), 7, &mut generator);
    for measure in ["cka:kernel=rbf", "cka:estimator=debiased", "mutual-knn", "rsa", "distance-correlation"] {
        let refused = Measure::parse(measure).unwrap().compare_prepared(&layers[0], &layers[1]);
        assert!(matches!(refused, Err(InputError::NotPrepared { what: "its examples", .. })), "{measure}: {refused:?}");
    }
}

#[test]
fn unusable_batches_are_refused_with_their_row() {
    let mut factor = Factor::new([("x", 2), ("y", 1)], 10, 5);
    let (x, y) = (Mat::<f64>::zeros(3, 2), Mat::<f64>::zeros(3, 1));
    factor.update(&[x.as_ref().into(), y.as_ref().into()]).unwrap();
    assert!(matches!(factor.update(&[y.as_ref().into(), y.as_ref().into()]), Err(Error::BatchWidth { row: 13, .. })));
    let mut broken = y.clone();
    broken[(1, 0)] = f64::NAN;
    let refused = factor.update(&[x.as_ref().into(), broken.as_ref().into()]);
    assert!(matches!(refused, Err(Error::Input(InputError::NotFinite { row: 14, column: 0, .. }))), "{refused:?}");
}

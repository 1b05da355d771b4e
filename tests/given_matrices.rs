//! Kernel matrices that were computed elsewhere: HSIC and CKA of them are those of the kernel.
#![cfg(feature = "cli")]

mod common;

use common::{gaussian, measure, number};
use similitude::inference::exact_null;
use similitude::laws::Matrix;
use similitude::{Error, Representation, Score};

const LINEAR: [&str; 4] = ["cka", "cka:estimator=debiased", "hsic", "hsic:estimator=unbiased"];

fn features(name: &'static str, x: &Matrix) -> Representation<'static> {
    Representation::from_row_major(name, x.n, x.p, x.values.clone()).unwrap()
}

fn given(name: &'static str, k: &Matrix) -> Representation<'static> {
    features(name, k).into_gram().unwrap()
}

fn between(x: &Matrix, kernel: impl Fn(&[f64], &[f64]) -> f64) -> Matrix {
    let row = |i: usize| &x.values[i * x.p..(i + 1) * x.p];
    Matrix::from_fn(x.n, x.n, |i, j| kernel(row(i.max(j)), row(i.min(j))))
}

fn dot(x: &[f64], y: &[f64]) -> f64 {
    x.iter().zip(y).map(|(x, y)| x * y).sum()
}

fn bound(score: &Score) -> f64 {
    number(score, "error_bound")
}

fn near(what: &str, got: &Score, want: &Score) {
    let allowed = bound(got) + bound(want);
    assert!((got.value - want.value).abs() <= allowed, "{what}: {} and {}, bounds {allowed:e}", got.value, want.value);
}

/// X and Y with something in common, away from 0.
fn pairs() -> Vec<(Matrix, Matrix)> {
    [(30, 4, 6), (12, 40, 9), (9, 20, 30), (150, 3, 200)]
        .map(|(n, p, q)| {
            let (x, noise) = (gaussian(n, p, 1), gaussian(n, q, 2));
            (Matrix::from_fn(n, p, |i, j| x.at(i, j) + 0.5), Matrix::from_fn(n, q, |i, j| x.at(i, j % p) + noise.at(i, j) - 2.0))
        })
        .to_vec()
}

#[test]
fn a_given_gram_matrix_has_the_values_of_its_representation() {
    for (x, y) in pairs() {
        let (k, l) = (given("k", &between(&x, dot)), given("l", &between(&y, dot)));
        let (x, y) = (features("x", &x), features("y", &y));
        for text in LINEAR {
            let (measure, what) = (measure(text), format!("{text}, {} x {} and {}", x.n(), x.p(), y.p()));
            let (found, want) = (measure.compare(&k, &l).unwrap(), measure.compare(&x, &y).unwrap());
            near(&what, &found, &want);
            // One of the two may be the examples themselves.
            near(&what, &measure.compare(&k, &y).unwrap(), &want);
            let reference = measure.reference(&k, &l).unwrap();
            assert!((reference - want.value).abs() <= 20.0 * bound(&found), "{what}: {reference} and {}", want.value);
        }
        let effective = |score: &Score| score.diagnostics.get("effective_dimensions_x").unwrap();
        let (found, want) = (measure("cka").compare(&k, &l).unwrap(), measure("cka").compare(&x, &y).unwrap());
        assert!((effective(&found) - effective(&want)).abs() < 1e-9 * effective(&want));
        // Moments over all permutations, from the same matrices.
        let (found, want) = (exact_null(&measure("cka"), &k, &l).unwrap(), exact_null(&measure("cka"), &x, &y).unwrap());
        assert!((found.mean() - want.mean()).abs() < 1e-10 && (found.p() - want.p()).abs() < 1e-8, "{found:?} {want:?}");
    }
}

#[test]
fn any_kernel_may_be_given() {
    let squared = |x: &[f64], y: &[f64]| x.iter().zip(y).map(|(x, y)| (x - y) * (x - y)).sum::<f64>();
    for (x, y) in pairs() {
        let rbf = |x: &Matrix| between(x, |a, b| (-squared(a, b) / (2.0 * 9.0)).exp());
        let (k, l) = (given("k", &rbf(&x)), given("l", &rbf(&y)));
        for estimator in ["biased", "debiased"] {
            let want = measure(&format!("cka:kernel=rbf,bandwidth=fixed,sigma=3,estimator={estimator}"));
            let want = want.compare(&features("x", &x), &features("y", &y)).unwrap();
            near(estimator, &measure(&format!("cka:estimator={estimator}")).compare(&k, &l).unwrap(), &want);
        }
    }
}

#[test]
fn a_constant_that_centering_takes_away_is_in_the_bound() {
    let (x, y) = pairs().remove(0);
    let (k, l) = (between(&x, dot), between(&y, dot));
    let raised = |matrix: &Matrix, by: f64| given("raised", &Matrix::from_fn(matrix.n, matrix.n, |i, j| matrix.at(i, j) + by));
    let want = measure("cka").compare(&given("k", &k), &given("l", &l)).unwrap();
    for by in [1e3, 1e8, 1e12] {
        let found = measure("cka").compare(&raised(&k, by), &raised(&l, by)).unwrap();
        near(&format!("{by:e}"), &found, &want);
        assert!(bound(&found) > 1e-17 * by, "{by:e}: {:e}", bound(&found));
    }
    let scaled = |matrix: &Matrix, by: f64| given("scaled", &matrix.scaled(by));
    for by in [1e-150, 1e-20, 1e140] {
        near(&format!("times {by:e}"), &measure("cka").compare(&scaled(&k, by), &given("l", &l)).unwrap(), &want);
    }
}

#[test]
fn what_is_no_kernel_matrix_is_refused_with_the_remedy() {
    let refused = |k: Matrix| features("k", &k).into_gram().unwrap_err();
    let (x, _) = pairs().remove(0);
    assert!(matches!(refused(x.clone()), Error::NotSquare { n: 30, p: 4, .. }));
    let mut k = between(&x, dot);
    k.values[3 * 30 + 1] += 1e-9;
    let error = refused(k);
    assert!(matches!(error, Error::NotSymmetric { row: 3, column: 1, .. }) && error.to_string().contains("(K + K') / 2"), "{error}");
    let distances = between(&x, |a, b| dot(a, a) + dot(b, b) - 2.0 * dot(a, b));
    let error = refused(distances);
    assert!(matches!(error, Error::NotAKernel { n: 30, .. }) && error.to_string().contains("rsa"), "{error}");
    let k = given("k", &between(&x, dot));
    for text in ["cka:kernel=rbf", "cca", "procrustes", "rsa", "mutual-knn", "distance-correlation", "soft-matching"] {
        let error = measure(text).compare(&k, &k).unwrap_err();
        assert!(matches!(error.cause(), Error::GramAlone { .. }), "{text}: {error}");
    }
    // Nothing but a constant.
    let constant = given("c", &Matrix::from_fn(30, 30, |_, _| 2.5));
    assert!(measure("cka").compare(&constant, &k).is_err());
    assert_eq!(measure("hsic").compare(&constant, &k).unwrap().value, 0.0);
}

/// Entries in single precision: eigenvalues of rounding are no reason to refuse.
#[test]
fn single_precision_is_a_kernel_still() {
    let (x, y) = pairs().remove(3);
    let rounded = |x: &Matrix| between(x, |a, b| f64::from(dot(a, b) as f32));
    let (k, l) = (given("k", &rounded(&x)), given("l", &rounded(&y)));
    let found = measure("cka").compare(&k, &l).unwrap().value;
    let want = measure("cka").compare(&features("x", &x), &features("y", &y)).unwrap().value;
    assert!((found - want).abs() < 1e-5, "{found} {want}");
}

//! Values known in closed form: Hadamard columns, turned representations, single neurons,
//! expectations.
#![cfg(feature = "cli")]

mod common;

use std::ops::RangeInclusive;

use common::{assert_close, column, compare, gaussian, hadamard, number, value};
use similitude::laws::Matrix;

const EPS: f64 = f64::EPSILON;

/// Columns of the Hadamard matrix of order n, a power of two.
fn columns(n: usize, chosen: RangeInclusive<usize>) -> Matrix {
    Matrix::from_fn(n, chosen.clone().count(), |i, j| hadamard(i, chosen.start() + j))
}

#[test]
fn closed_form_some_of_the_columns_of_an_orthonormal_basis() {
    let p = 9;
    let q = columns(32, 1..=p);
    for k in 1..=p {
        let part = columns(32, 1..=k);
        let share = k as f64 / p as f64;
        let is = |text: &str, want: f64| {
            let (got, bound) = value(text, &q, &part);
            assert_close(got, want, bound, &format!("{text}, k = {k}"));
        };
        is("cka", share.sqrt());
        is("cca", 1.0);
        is("cca:summary=r2", 1.0);
        is("cca:summary=r2,divisor=max", share);
        is("cca:divisor=geometric", share.sqrt());
        is("linear-regression", share);
        is("linear-regression:direction=y-from-x", 1.0);
        is("procrustes:form=similarity", share.sqrt());
        is("hsic", (k * 32 * 32) as f64 / (31.0 * 31.0));
    }
}

#[test]
fn closed_form_a_representation_turned_out_of_its_space() {
    let (x, perpendicular) = (columns(32, 1..=5), columns(32, 6..=10));
    for t in [0.0, 1e-3, 0.3, 1.0, 1.5] {
        let y = Matrix::from_fn(32, 5, |i, j| x.at(i, j) * f64::cos(t) + perpendicular.at(i, j) * f64::sin(t));
        let is = |text: &str, want: f64| {
            let (got, bound) = value(text, &x, &y);
            assert_close(got, want, bound + 4.0 * EPS, &format!("{text}, t = {t}"));
        };
        is("cca", t.cos());
        is("cca:summary=r2", t.cos().powi(2));
        is("pwcca", t.cos());
        is("svcca", t.cos());
        is("linear-regression", t.cos().powi(2));
        is("cka", t.cos().powi(2));
        is("procrustes:form=similarity", t.cos());
        is("procrustes:form=distance", 2.0 * (t / 2.0).sin());
        is("procrustes:form=angle", t);
    }
}

#[test]
fn closed_form_single_neurons() {
    let x = column(&[1.0, 2.0, 3.0, 4.0, 7.0]);
    let y = column(&[2.0, 1.0, 5.0, 4.0, 4.0]);
    // Sums of squares and products about the means 17/5 and 16/5: 106/5, 54/5, 43/5.
    let r2 = 43.0 * 43.0 / (106.0 * 54.0);
    for text in ["cka", "cca:summary=r2", "linear-regression", "linear-regression:direction=y-from-x"] {
        let (got, bound) = value(text, &x, &y);
        assert_close(got, r2, bound, text);
    }
    for text in ["cca", "pwcca", "svcca", "procrustes:form=similarity"] {
        let (got, bound) = value(text, &x, &y);
        assert_close(got, f64::sqrt(r2), bound, text);
    }
    let (got, bound) = value("hsic", &x, &y);
    assert_close(got, (43.0f64 / 5.0 / 4.0).powi(2), bound, "hsic");
}

/// Means over seeds of independent Gaussians, each within four of its standard errors.
#[test]
fn expectations_for_independent_gaussians() {
    let (n, p1, p2, seeds) = (24, 4, 6, 600);
    let mean_is = |want: f64, what: &str, draw: &dyn Fn(&Matrix, &Matrix) -> f64| {
        let values: Vec<f64> = (0..seeds).map(|seed| draw(&gaussian(n, p1, 2 * seed), &gaussian(n, p2, 2 * seed + 1))).collect();
        let mean = values.iter().sum::<f64>() / seeds as f64;
        let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (seeds as f64 - 1.0);
        assert_close(mean, want, 4.0 * (variance / seeds as f64).sqrt(), what);
    };
    let free = n as f64 - 1.0;
    mean_is((p1 * p2) as f64 / free, "sum of squared correlations", &|x, y| number(&compare("cca:summary=r2", x, y).unwrap(), "pillai"));
    mean_is(p2 as f64 / free, "R2 of regression", &|x, y| value("linear-regression", x, y).0);
    mean_is(0.0, "unbiased HSIC", &|x, y| value("hsic:estimator=unbiased", x, y).0);
    mean_is((p1 * p2) as f64 / free, "biased HSIC", &|x, y| value("hsic", x, y).0);
}

#[test]
fn the_authors_demonstration_conventions_have_names() {
    // CCA without centering sees a common mean; the default does not.
    let (x, y) = (gaussian(200, 4, 1), gaussian(200, 4, 2));
    let raised = |z: &Matrix| Matrix::from_fn(z.n, z.p, |i, j| z.at(i, j) + 3.0);
    let plain = value("cca:summary=r2", &x, &y).0;
    let (moved, bound) = value("cca:summary=r2", &raised(&x), &raised(&y));
    assert_close(moved, plain, bound + 1e-13, "centered");
    let uncentered = value("cca:summary=r2,center=no", &raised(&x), &raised(&y)).0;
    assert!(uncentered > plain + 0.1, "{uncentered} and {plain}");
}

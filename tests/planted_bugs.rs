//! Wrong implementations of the kind that are written every day, each caught by a named law or by
//! the comparison with the fast path.
//!
//! Every bug stands beside the same function without it: the same net lets that one through, so it
//! is the bug that is caught.
#![cfg(feature = "cli")]

mod common;

use nalgebra::DMatrix;
use proptest::test_runner::TestError;
use similitude::laws::{Family, Law, Subject, laws_of};
use similitude::{Measure, Representation};

type Function = fn(&DMatrix<f64>, &DMatrix<f64>) -> f64;

fn subject<'a>(measure: &'a Measure, function: Function) -> Subject<'a> {
    let dense = |z: &Representation<'_>| DMatrix::from_fn(z.n(), z.p(), |i, j| z.view()[(i, j)]);
    Subject::foreign("planted", measure, move |x, y| Some(function(&dense(x), &dense(y))))
}

/// Whether plain cases show that a function breaks a law.
fn breaks(measure: &Measure, law: &str, function: Function) -> bool {
    let law: Law = laws_of(measure)
        .into_iter()
        .find(|each| each.statement().to_string() == law)
        .unwrap_or_else(|| panic!("{measure} has no law {law}"));
    let subject = subject(measure, function);
    let outcome = common::forgetful_runner(&law.to_string(), 60).run(&common::cases(&[Family::Plain]), |case| {
        let trial = law.try_case(&subject, &tame(case));
        proptest::prop_assert!(trial.holds(), "{}", trial.detail);
        Ok(())
    });
    matches!(outcome, Err(TestError::Fail(..)))
}

/// Whether plain cases show that a function is not what the fast path is.
fn differs(measure: &Measure, function: Function) -> bool {
    let (fast, subject) = (Subject::fast(measure), subject(measure, function));
    let minimum = measure.properties().minimum_examples;
    let outcome = common::forgetful_runner(&measure.to_string(), 60).run(&common::cases(&[Family::Plain]), |case| {
        let agreed = common::agree(&fast, &subject, minimum, &tame(case));
        proptest::prop_assert!(agreed.is_ok(), "{agreed:?}");
        Ok(())
    });
    matches!(outcome, Err(TestError::Fail(..)))
}

/// The textbook formulas below know neither ranks nor large offsets: well-conditioned kinds only.
fn tame(case: similitude::laws::Case) -> similitude::laws::Case {
    use similitude::laws::{Case, Kind};
    let kind = |kind: Kind| if matches!(kind, Kind::Integer | Kind::Gaussian | Kind::HeavyTails) { kind } else { Kind::Gaussian };
    Case { x: kind(case.x), y: kind(case.y), ..case }
}

fn caught_by_law(measure: &str, law: &str, right: Function, wrong: Function) {
    let measure = common::measure(measure);
    assert!(!breaks(&measure, law, right), "{law} rejects the right {measure}");
    assert!(breaks(&measure, law, wrong), "{law} lets the bug in {measure} through");
}

fn caught_by_dual(measure: &str, right: Function, wrong: Function) {
    let measure = common::measure(measure);
    assert!(!differs(&measure, right), "the right {measure} differs from the fast path");
    assert!(differs(&measure, wrong), "the bug in {measure} does not differ from the fast path");
}

// --- Plain implementations
// ---------------------------------------------------------------------------------------------------------------

fn center(x: &DMatrix<f64>) -> DMatrix<f64> {
    let mut x = x.clone();
    x.column_iter_mut().for_each(|mut column| column.add_scalar_mut(-column.mean()));
    x
}

fn cross(x: &DMatrix<f64>, y: &DMatrix<f64>) -> f64 {
    (y.transpose() * x).norm()
}

fn cka_of(x: &DMatrix<f64>, y: &DMatrix<f64>) -> f64 {
    cross(x, y).powi(2) / (cross(x, x) * cross(y, y))
}

fn linear_cka(x: &DMatrix<f64>, y: &DMatrix<f64>) -> f64 {
    cka_of(&center(x), &center(y))
}

fn hsic(x: &DMatrix<f64>, y: &DMatrix<f64>) -> f64 {
    cross(&center(x), &center(y)).powi(2) / (x.nrows() as f64 - 1.0).powi(2)
}

fn distances(x: &DMatrix<f64>) -> DMatrix<f64> {
    DMatrix::from_fn(x.nrows(), x.nrows(), |i, j| (x.row(i) - x.row(j)).norm())
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    (values[(values.len() - 1) / 2] + values[values.len() / 2]) / 2.0
}

fn kernel_cka(x: &DMatrix<f64>, y: &DMatrix<f64>, kernel: impl Fn(&DMatrix<f64>) -> DMatrix<f64>) -> f64 {
    let centered = |z: &DMatrix<f64>| center(&center(&kernel(z)).transpose());
    let (k, l) = (centered(x), centered(y));
    k.dot(&l) / (k.norm() * l.norm())
}

fn median_of_pairs(d: &DMatrix<f64>) -> f64 {
    median((0..d.nrows()).flat_map(|i| (0..i).map(move |j| (i, j))).map(|pair| d[pair]).collect())
}

fn rbf_cka(x: &DMatrix<f64>, y: &DMatrix<f64>) -> f64 {
    kernel_cka(x, y, |z| {
        let d = distances(z);
        let sigma = median_of_pairs(&d);
        d.map(|d| (-(d / sigma).powi(2) / 2.0).exp())
    })
}

fn r2(target: &DMatrix<f64>, predictor: &DMatrix<f64>) -> f64 {
    let (target, q) = (center(target), center(predictor).qr().q());
    (q.transpose() * &target).norm_squared() / target.norm_squared()
}

fn regression(x: &DMatrix<f64>, y: &DMatrix<f64>) -> f64 {
    r2(x, y)
}

/// Left singular vectors (as columns) with singular values, descending, from the eigenvectors of
/// the Gram matrix of X'X.
fn left(x: &DMatrix<f64>) -> (DMatrix<f64>, Vec<f64>) {
    let eigen = (x.transpose() * x).symmetric_eigen();
    let mut order: Vec<usize> = (0..x.ncols()).collect();
    order.sort_by(|&i, &j| eigen.eigenvalues[j].total_cmp(&eigen.eigenvalues[i]));
    let values: Vec<f64> = order.iter().map(|&i| eigen.eigenvalues[i].max(0.0).sqrt()).collect();
    let turned = x * DMatrix::from_fn(x.ncols(), x.ncols(), |i, j| eigen.eigenvectors[(i, order[j])]);
    (DMatrix::from_fn(x.nrows(), x.ncols(), |i, j| turned[(i, j)] / values[j]), values)
}

fn cca_above(x: &DMatrix<f64>, y: &DMatrix<f64>, above: impl Fn(&[f64]) -> usize) -> f64 {
    let basis = |z: &DMatrix<f64>| {
        let (u, s) = left(&center(z));
        let kept = above(&s).max(1);
        u.columns(0, kept).into_owned()
    };
    let (qx, qy) = (basis(x), basis(y));
    (qy.transpose() * &qx).norm_squared() / qx.ncols().min(qy.ncols()) as f64
}

fn cca(x: &DMatrix<f64>, y: &DMatrix<f64>) -> f64 {
    cca_above(x, y, |s| s.iter().filter(|value| **value > 1e-12 * s[0]).count())
}

fn svcca_by(x: &DMatrix<f64>, y: &DMatrix<f64>, power: i32) -> f64 {
    cca_above(x, y, |s| {
        let total: f64 = s.iter().map(|value| value.powi(power)).sum();
        let mut sum = 0.0;
        1 + s
            .iter()
            .take_while(|value| {
                sum += value.powi(power);
                sum < 0.99 * total
            })
            .count()
    })
}

fn svcca(x: &DMatrix<f64>, y: &DMatrix<f64>) -> f64 {
    svcca_by(x, y, 2)
}

fn pwcca_by(x: &DMatrix<f64>, y: &DMatrix<f64>, neurons: &DMatrix<f64>) -> f64 {
    let (qx, qy) = (center(x).qr().q(), center(y).qr().q());
    let product = qx.transpose() * qy;
    let eigen = (&product * product.transpose()).symmetric_eigen();
    let mut order: Vec<usize> = (0..x.ncols()).collect();
    order.sort_by(|&i, &j| eigen.eigenvalues[j].total_cmp(&eigen.eigenvalues[i]));
    let h = &qx * DMatrix::from_fn(x.ncols(), x.ncols(), |i, j| eigen.eigenvectors[(i, order[j])]);
    let projections = h.transpose() * center(neurons);
    let (mut weighted, mut total) = (0.0, 0.0);
    for (i, &which) in order.iter().enumerate().take(y.ncols()) {
        let alpha: f64 = projections.row(i).iter().map(|entry| entry.abs()).sum();
        weighted += alpha * eigen.eigenvalues[which].max(0.0).sqrt();
        total += alpha;
    }
    weighted / total
}

fn pwcca(x: &DMatrix<f64>, y: &DMatrix<f64>) -> f64 {
    pwcca_by(x, y, x)
}

// --- The bugs
// ----------------------------------------------------------------------------------------------------------------------------

#[test]
fn centering_forgotten_is_caught_by_translation() {
    caught_by_law("cka", "translation::x::holds", linear_cka, cka_of);
}

#[test]
fn n_for_n_minus_1_is_caught_by_the_dual() {
    caught_by_dual("hsic", hsic, |x, y| cross(&center(x), &center(y)).powi(2) / (x.nrows() as f64).powi(2));
}

#[test]
fn the_median_with_the_diagonal_is_caught_by_the_dual() {
    caught_by_dual("cka:kernel=rbf", rbf_cka, |x, y| {
        kernel_cka(x, y, |z| {
            let d = distances(z);
            let sigma = median(d.iter().copied().collect());
            d.map(|d| (-(d / sigma).powi(2) / 2.0).exp())
        })
    });
}

#[test]
fn sides_swapped_are_caught_by_invertible_maps_of_the_predictor() {
    caught_by_law("linear-regression", "invertible-linear::y::holds", regression, |x, y| r2(y, x));
}

#[test]
fn a_missing_square_of_the_cross_term_is_caught_by_scaling() {
    caught_by_law("cka", "isotropic-scaling::x::holds", linear_cka, |x, y| {
        let (x, y) = (center(x), center(y));
        cross(&x, &y) / (cross(&x, &x) * cross(&y, &y))
    });
}

#[test]
fn a_missing_square_of_the_distance_is_caught_by_the_dual() {
    // Scale, rotation, translation: all invariances stand. Only another computation tells.
    caught_by_dual("cka:kernel=rbf", rbf_cka, |x, y| {
        kernel_cka(x, y, |z| {
            let d = distances(z);
            let sigma = median_of_pairs(&d);
            d.map(|d| (-(d / sigma) / 2.0).exp())
        })
    });
}

#[test]
fn a_missing_square_of_the_correlations_is_caught_by_the_dual() {
    caught_by_dual("cca:summary=r2", cca, |x, y| {
        let (qx, qy) = (center(x).qr().q(), center(y).qr().q());
        (qy.transpose() * &qx).singular_values().sum() / qx.ncols().min(qy.ncols()) as f64
    });
}

#[test]
fn an_absolute_rank_cut_is_caught_by_scaling() {
    caught_by_law("cca:summary=r2", "isotropic-scaling::x::holds", cca, |x, y| {
        cca_above(x, y, |s| s.iter().filter(|value| **value * **value > 1e-4).count())
    });
}

#[test]
fn pwcca_weights_of_the_wrong_side_are_caught_by_rotating_the_other() {
    caught_by_law("pwcca:weights=x", "orthogonal::y::holds", pwcca, |x, y| pwcca_by(y, x, y));
}

#[test]
fn svcca_on_singular_values_is_caught_by_the_dual() {
    caught_by_dual("svcca:summary=r2", svcca, |x, y| svcca_by(x, y, 1));
}

#[test]
fn a_self_term_of_the_other_side_is_caught_by_self_and_scaling() {
    caught_by_law("cka", "isotropic-scaling::y::holds", linear_cka, |x, y| {
        let (x, y) = (center(x), center(y));
        cross(&x, &y).powi(2) / (cross(&x, &x) * cross(&x, &x))
    });
}

#[test]
fn a_factor_is_caught_by_the_self_value() {
    caught_by_law("cka", "self-value::holds", linear_cka, |x, y| linear_cka(x, y) * (1.0 - 1e-9));
}

#[test]
fn an_epsilon_in_the_denominator_is_caught_by_scaling() {
    caught_by_law("cka", "isotropic-scaling::x::holds", linear_cka, |x, y| {
        let (x, y) = (center(x), center(y));
        cross(&x, &y).powi(2) / (cross(&x, &x) * cross(&y, &y) + 1e-8)
    });
}

#[test]
fn neurons_taken_in_pairs_are_caught_by_permutation() {
    // The mean correlation of neurons of the same index passes for a similarity until neurons
    // change places.
    caught_by_law("cka", "permutation::x::holds", linear_cka, |x, y| {
        let (x, y) = (center(x), center(y));
        let shared = x.ncols().min(y.ncols());
        (0..shared).map(|j| x.column(j).dot(&y.column(j)).abs() / (x.column(j).norm() * y.column(j).norm())).sum::<f64>() / shared as f64
    });
}

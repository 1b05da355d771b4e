//! Every identity of the paper's section 2 and of the measures' table: a value of the library
//! against another way to the same number.
#![cfg(feature = "cli")]

#[path = "../common/mod.rs"]
mod common;
mod unbiased;

use approx::abs_diff_ne;
use common::{assert_close, basis, beside, centered, compare, dense, gaussian, matrix, number, pair, value};
use nalgebra::DMatrix;
use similitude::laws::Matrix;

const EPS: f64 = f64::EPSILON;

/// Shapes that every identity is tried on: narrower X, equal widths, single neurons.
const SHAPES: [(usize, usize, usize); 5] = [(20, 3, 5), (40, 6, 6), (12, 1, 4), (15, 2, 1), (200, 8, 20)];

fn shapes(test: impl Fn(&Matrix, &Matrix, &str)) {
    for (seed, (n, p1, p2)) in SHAPES.into_iter().enumerate() {
        let (x, y) = pair(n, p1, p2, seed as u64);
        test(&x, &y, &format!("n = {n}, p = {p1} and {p2}"));
    }
}

/// The rounding of a nalgebra formula on a well-conditioned pair: some 100 n eps of the size of the
/// number.
fn rounding(n: usize, size: f64) -> f64 {
    100.0 * n as f64 * EPS * size.abs()
}

fn ratio(a: f64, b: f64) -> f64 {
    a / b
}

/// Eigenvectors and eigenvalues of X X' that are not zero.
fn spectrum(x: &Matrix) -> (DMatrix<f64>, Vec<f64>) {
    let xc = centered(x);
    let eigen = (&xc * xc.transpose()).symmetric_eigen();
    let most = eigen.eigenvalues.max();
    let kept: Vec<usize> = (0..x.n).filter(|&i| eigen.eigenvalues[i] > 1e-9 * most).collect();
    (DMatrix::from_fn(x.n, kept.len(), |i, j| eigen.eigenvectors[(i, kept[j])]), kept.iter().map(|&i| eigen.eigenvalues[i]).collect())
}

/// The trace of the product of the Gram matrices of the centered columns.
fn gram_trace(x: &Matrix, y: &Matrix) -> f64 {
    let (xc, yc) = (centered(x), centered(y));
    (&xc * xc.transpose()).dot(&(&yc * yc.transpose()))
}

#[test]
fn equation_1_the_trace_of_gram_matrices_is_the_squared_cross_product() {
    shapes(|x, y, what| {
        let want = gram_trace(x, y);
        let (hsic, bound) = value("hsic", x, y);
        let scale = (x.n as f64 - 1.0).powi(2);
        assert_close(hsic * scale, want, bound * scale + rounding(x.n, want), what);
    });
}

#[test]
fn equation_2_linear_hsic_is_the_squared_norm_of_the_cross_covariance() {
    shapes(|x, y, what| {
        let covariance = centered(y).transpose() * centered(x) / (x.n as f64 - 1.0);
        let (hsic, bound) = value("hsic", x, y);
        assert_close(hsic, covariance.norm_squared(), bound + rounding(x.n, hsic), what);
    });
}

#[test]
fn linear_cka_is_the_rv_coefficient_and_the_congruence_of_the_gram_matrices() {
    shapes(|x, y, what| {
        let (xc, yc) = (centered(x), centered(y));
        let (xx, yy, xy) = (xc.transpose() * &xc, yc.transpose() * &yc, xc.transpose() * &yc);
        let rv = (&xy * xy.transpose()).trace() / ((&xx * &xx).trace() * (&yy * &yy).trace()).sqrt();
        let congruence = gram_trace(x, y) / (gram_trace(x, x) * gram_trace(y, y)).sqrt();
        let (cka, bound) = value("cka", x, y);
        assert_close(cka, rv, bound + rounding(x.n, 1.0), &format!("RV, {what}"));
        assert_close(cka, congruence, bound + rounding(x.n, 1.0), &format!("congruence, {what}"));
    });
}

#[test]
fn equation_11_squared_cca_is_cka_of_the_bases() {
    shapes(|x, y, what| {
        let (qx, qy) = (matrix(&basis(x)), matrix(&basis(y)));
        let (cka, cka_bound) = value("cka", &qx, &qy);
        let (r2, bound) = value("cca:summary=r2", x, y);
        let (p1, p2) = (x.p.min(y.p) as f64, x.p.max(y.p) as f64);
        assert_close(r2, cka * (p2 / p1).sqrt(), bound + (cka_bound + rounding(x.n, 1.0)) * (p2 / p1).sqrt(), what);
    });
}

/// CKA(XX', Q_Y Q_Y') c |X'X|_F / |X|_F^2, without the c.
fn equation_12_without_its_factor(x: &Matrix, y: &Matrix) -> f64 {
    let xc = centered(x);
    value("cka", x, &matrix(&basis(y))).0 * (xc.transpose() * &xc).norm() / xc.norm_squared()
}

#[test]
fn equation_12_holds_with_the_width_of_the_predictor() {
    shapes(|x, y, what| {
        let (r2, bound) = value("linear-regression", x, y);
        let right = equation_12_without_its_factor(x, y) * (y.p as f64).sqrt();
        assert_close(r2, right, 2.0 * bound + rounding(x.n, 1.0), what);
    });
}

#[test]
fn equation_12_as_printed_fails_for_unequal_widths() {
    shapes(|x, y, what| {
        let (r2, bound) = value("linear-regression", x, y);
        let printed = equation_12_without_its_factor(x, y) * (x.p as f64).sqrt();
        let moved = (r2 - printed).abs() > 1e3 * (bound + rounding(x.n, 1.0));
        assert_eq!(moved, x.p != y.p, "{what}: R2 = {r2}, printed {printed}");
    });
}

#[test]
fn equations_13_and_14_from_eigenvectors() {
    shapes(|x, y, what| {
        let ((u, a), (v, b)) = (spectrum(x), spectrum(y));
        let overlap = (u.transpose() * v).map(|cosine| cosine * cosine);
        let (r2, bound) = value("cca:summary=r2", x, y);
        assert_close(r2, overlap.sum() / x.p.min(y.p) as f64, bound + rounding(x.n, 1.0), &format!("13, {what}"));
        let weighted: f64 = (0..a.len()).flat_map(|i| (0..b.len()).map(move |j| (i, j))).map(|(i, j)| a[i] * b[j] * overlap[(i, j)]).sum();
        let length = |values: &[f64]| values.iter().map(|value| value * value).sum::<f64>().sqrt();
        let (cka, bound) = value("cka", x, y);
        assert_close(cka, weighted / (length(&a) * length(&b)), bound + rounding(x.n, 1.0), &format!("14, {what}"));
    });
}

/// Squared canonical correlations, descending, and the variates of X as columns: eigenvectors of
/// Q_X' P_Y Q_X.
fn variates_of_x(x: &Matrix, y: &Matrix) -> (Vec<f64>, DMatrix<f64>) {
    let (qx, qy) = (basis(x), basis(y));
    let cross = qx.transpose() * qy;
    let eigen = (&cross * cross.transpose()).symmetric_eigen();
    let mut order: Vec<usize> = (0..x.p).collect();
    order.sort_by(|&i, &j| eigen.eigenvalues[j].total_cmp(&eigen.eigenvalues[i]));
    let turned = DMatrix::from_fn(x.p, x.p, |i, j| eigen.eigenvectors[(i, order[j])]);
    (order.iter().map(|&i| eigen.eigenvalues[i]).collect(), qx * turned)
}

/// Equation 10 with alpha' = sum_j <h_i, x_j>^2 over the min(p1, p2) variates.
fn squared_weights(x: &Matrix, y: &Matrix) -> f64 {
    let (squares, h) = variates_of_x(x, y);
    let projections = h.transpose() * centered(x);
    let alpha: Vec<f64> = (0..x.p.min(y.p)).map(|i| projections.row(i).norm_squared()).collect();
    alpha.iter().zip(&squares).map(|(alpha, square)| alpha * square).sum::<f64>() / alpha.iter().sum::<f64>()
}

#[test]
fn equation_10_with_squared_weights_is_linear_regression_where_x_is_not_wider() {
    shapes(|x, y, what| {
        let (r2, bound) = value("linear-regression", x, y);
        let weighted = squared_weights(x, y);
        let apart = (r2 - weighted).abs();
        if x.p <= y.p {
            assert_close(weighted, r2, bound + rounding(x.n, 1.0), what);
        } else {
            assert!(apart > 1e3 * (bound + rounding(x.n, 1.0)), "{what}: the weights do not exhaust |X|^2, and yet {weighted} = {r2}");
        }
    });
}

#[test]
fn pwcca_by_its_definition_from_eigenvectors() {
    shapes(|x, y, what| {
        let (squares, h) = variates_of_x(x, y);
        let projections = h.transpose() * centered(x);
        let alpha: Vec<f64> = (0..x.p.min(y.p)).map(|i| projections.row(i).iter().map(|entry| entry.abs()).sum()).collect();
        let want = alpha.iter().zip(&squares).map(|(alpha, square)| alpha * square.sqrt()).sum::<f64>() / alpha.iter().sum::<f64>();
        let (pwcca, bound) = value("pwcca:weights=x", x, y);
        // The roots of squares and the eigenvectors lose as many digits as correlations are close:
        // these pairs keep ten.
        assert_close(pwcca, want, bound + 1e-10, what);
    });
}

#[test]
fn appendix_b_an_index_of_the_basis_does_not_see_invertible_maps() {
    shapes(|x, y, what| {
        let mixing = Matrix::from_fn(x.p, x.p, |i, j| if i == j { 2.0 + i as f64 } else { ((3 * i + 5 * j) % 7) as f64 / 7.0 });
        let mixed = x.times(&mixing);
        let whitened = |z: &Matrix| matrix(&basis(z));
        for text in ["cka", "cka:kernel=rbf", "procrustes", "hsic"] {
            let (before, bound) = value(text, &whitened(x), y);
            let (after, other) = value(text, &whitened(&mixed), y);
            assert_close(after, before, bound + other + rounding(x.n, before.max(1.0)), &format!("{text} of the basis, {what}"));
            let (before, _) = value(text, x, y);
            let (after, _) = value(text, &mixed, y);
            assert!(
                x.p == 1 || abs_diff_ne!(after, before, epsilon = 1e-6),
                "{text} itself must see the map, {what}: {before} and {after}"
            );
        }
    });
}

#[test]
fn regression_of_a_whitened_representation_is_squared_cca() {
    shapes(|x, y, what| {
        let (r2, bound) = value("linear-regression", &matrix(&basis(x)), y);
        let (cca, other) = value("cca:summary=r2", x, y);
        let share = x.p.min(y.p) as f64 / x.p as f64;
        assert_close(r2, cca * share, bound + other + rounding(x.n, 1.0), what);
    });
}

fn ridge(kappa_x: f64, kappa_y: f64, bound: &str) -> String {
    format!("canonical-ridge:kappa-x={kappa_x:?},kappa-y={kappa_y:?},kappa=relative,bound={bound}")
}

#[test]
fn canonical_ridge_without_regularisation_is_squared_cca() {
    shapes(|x, y, what| {
        let (cca, other) = value("cca:summary=r2", x, y);
        for kind in ["trace", "cauchy"] {
            let (ridge, bound) = value(&ridge(0.0, 0.0, kind), x, y);
            assert_close(ridge, cca, bound + other, &format!("{kind}, {what}"));
        }
        let (ridge, bound) = value(&ridge(0.0, 0.0, "separable"), x, y);
        let share = x.p.min(y.p) as f64 / ((x.p * y.p) as f64).sqrt();
        assert_close(ridge, cca * share, bound + other, &format!("separable, {what}"));
    });
}

/// The distance to a limit along a path of kappa must fall as 1 / kappa: ten times kappa, a tenth
/// of the distance.
fn falls_with_kappa(path: impl Fn(f64) -> (f64, f64), limit: f64, what: &str) {
    let distances: Vec<f64> = [1e2, 1e3, 1e4, 1e5].into_iter().map(|kappa| (path(kappa).0 - limit).abs()).collect();
    for two in distances.windows(2) {
        let factor = ratio(two[0], two[1]);
        assert!((8.0..12.5).contains(&factor) || two[0] < 1e-12, "{what}: distances to the limit {distances:?}");
    }
    let (far, bound) = path(1e12);
    assert_close(far, limit, bound + 1e-11, what);
}

#[test]
fn canonical_ridge_of_one_side_tends_to_linear_regression() {
    shapes(|x, y, what| {
        if x.p <= y.p {
            let limit = value("linear-regression", x, y).0;
            falls_with_kappa(|kappa| value(&ridge(kappa, 0.0, "trace"), x, y), limit, what);
        }
    });
}

#[test]
fn canonical_ridge_of_both_sides_tends_to_linear_cka() {
    shapes(|x, y, what| {
        let limit = value("cka", x, y).0;
        // Single neurons are at the limit from the start.
        if x.p > 1 || y.p > 1 {
            falls_with_kappa(|kappa| value(&ridge(kappa, kappa, "separable"), x, y), limit, what);
        }
    });
}

/// |Y'X|_* of the centered columns, from singular values alone.
fn nuclear_norm(x: &Matrix, y: &Matrix) -> f64 {
    (centered(y).transpose() * centered(x)).singular_values().sum()
}

#[test]
fn appendix_d2_the_best_rotation_attains_the_nuclear_norm_and_no_other_exceeds_it() {
    for seed in 0..5 {
        let (x, y) = pair(30, 5, 5, seed);
        let (xc, yc) = (centered(&x), centered(&y));
        let (similarity, bound) = value("procrustes:form=similarity", &x, &y);
        let size = xc.norm() * yc.norm();
        let norm = nuclear_norm(&x, &y);
        assert_close(similarity * size, norm, bound * size + rounding(30, norm), "the nuclear norm");
        // The polar factor of X'Y, as X'Y (Y'X X'Y)^(-1/2).
        let cross = xc.transpose() * &yc;
        let eigen = (cross.transpose() * &cross).symmetric_eigen();
        let inverse_root = &eigen.eigenvectors
            * DMatrix::from_diagonal(&eigen.eigenvalues.map(|value| value.sqrt().recip()))
            * eigen.eigenvectors.transpose();
        let best = &cross * inverse_root;
        let attained = (yc.transpose() * &xc * &best).trace();
        assert_close(attained, norm, 1e-9 * norm, "the polar factor");
        for other in 0..50 {
            let q = dense(&gaussian(5, 5, 1000 + 50 * seed + other)).qr().q();
            let trace = (yc.transpose() * &xc * q).trace();
            assert!(trace <= norm * (1.0 + 1e-12), "a rotation gives {trace} > {norm}");
        }
        // Over all W of unit norm the trace of Y'X W is |Y'X|_F at most, and there at W = X'Y /
        // |X'Y|_F.
        let frobenius = cross.norm();
        assert_close((yc.transpose() * &xc * &cross / frobenius).trace(), frobenius, rounding(30, frobenius), "the best W");
        let hsic = value("hsic", &x, &y).0;
        assert_close(frobenius, hsic.sqrt() * 29.0, rounding(30, frobenius), "|Y'X|_F");
    }
}

#[test]
fn the_forms_of_procrustes_are_one_number() {
    shapes(|x, y, what| {
        let form = |form: &str| value(&format!("procrustes:form={form}"), x, y);
        let (s, bound) = form("similarity");
        let tolerance = |other: f64| 8.0 * (bound + other) + 8.0 * EPS;
        assert_close(form("angle").0.cos(), s, tolerance(form("angle").1), &format!("cos of the angle, {what}"));
        assert_close(form("squared").0, 2.0 - 2.0 * s, tolerance(form("squared").1), &format!("squared, {what}"));
        assert_close(form("distance").0.powi(2), 2.0 - 2.0 * s, tolerance(form("distance").1), &format!("distance, {what}"));
        assert_close(form("disparity").0, 1.0 - s * s, tolerance(form("disparity").1), &format!("disparity, {what}"));
    });
}

#[test]
fn pillais_trace_is_the_trace_of_the_product_of_projectors_and_gives_the_rank_identity() {
    shapes(|x, y, what| {
        let (qx, qy) = (basis(x), basis(y));
        let (px, py) = (&qx * qx.transpose(), &qy * qy.transpose());
        let score = compare("cca:summary=r2", x, y).unwrap();
        let pillai = number(&score, "pillai");
        let tolerance = number(&score, "error_bound") * x.p.min(y.p) as f64 + rounding(x.n, x.p as f64);
        assert_close(pillai, px.dot(&py), tolerance, what);
        // r_X + r_Y - 2 sum rho^2 is the squared distance of the projectors.
        assert_close((px - py).norm_squared(), (x.p + y.p) as f64 - 2.0 * pillai, 4.0 * tolerance, what);
    });
}

#[test]
fn canonical_correlations_are_cosines_of_principal_angles() {
    shapes(|x, y, what| {
        let (squares, _) = variates_of_x(x, y);
        let want = squares.iter().take(x.p.min(y.p)).map(|square| square.max(0.0).sqrt()).sum::<f64>() / x.p.min(y.p) as f64;
        let (rho, bound) = value("cca", x, y);
        assert_close(rho, want, bound + 1e-10, what);
    });
}

/// Appending zero neurons until p1 + p2 > n moves the computation from feature space to Gram space.
#[test]
fn feature_space_and_gram_space_agree() {
    for text in ["cka", "cka:estimator=debiased", "hsic", "hsic:estimator=unbiased"] {
        shapes(|x, y, what| {
            let padded = beside(x, &Matrix::from_fn(x.n, x.n, |_, _| 0.0));
            let (feature, gram) = (compare(text, x, y).unwrap(), compare(text, &padded, y).unwrap());
            let space = |score: &similitude::Score| format!("{:?}", score.diagnostics.0.get("space"));
            assert_ne!(space(&feature), space(&gram), "{text}, {what}: both in one space");
            assert_close(
                feature.value,
                gram.value,
                number(&feature, "error_bound") + number(&gram, "error_bound"),
                &format!("{text}, {what}"),
            );
        });
    }
}

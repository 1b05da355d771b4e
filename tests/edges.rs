//! Where a value is undefined or degenerate: every row of the documentation's list, each for every
//! measure it concerns.
#![cfg(feature = "cli")]

mod common;

use approx::{abs_diff_ne, assert_abs_diff_eq};
use common::{assert_close, beside, column, compare, everywhere, gaussian, hadamard, number, pair, rows, try_value, value};
use similitude::laws::Matrix;
use similitude::{Error, ErrorKind, Representation, registry};

fn constant(n: usize, p: usize) -> Matrix {
    Matrix::from_fn(n, p, |_, j| 0.1 + j as f64)
}

// --- Unusable input
// ---------------------------------------------------------------------------------------------------------------------

#[test]
fn nan_and_infinity_are_named_by_their_first_row_and_column() {
    for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let mut values = vec![1.0; 12];
        (values[7], values[8], values[11]) = (bad, f64::NAN, f64::NAN);
        let error = Representation::from_row_major("layer", 4, 3, values).unwrap_err();
        let Error::NotFinite { name, row, column, value } = &error else { panic!("{error}") };
        assert_eq!((name.as_str(), *row, *column), ("layer", 2, 1));
        assert!(value.to_bits() == bad.to_bits() || (value.is_nan() && bad.is_nan()));
        assert_eq!(error.kind(), ErrorKind::Input);
        assert!(error.to_string().contains("row 2, column 1"), "{error}");
    }
}

#[test]
fn different_numbers_of_examples_are_an_error_with_both_numbers() {
    everywhere(|measure, x, y| {
        let short = y.rows(&(0..20).collect::<Vec<_>>());
        let error = try_value(measure, x, &short).unwrap_err();
        assert!(matches!(error, Error::ExamplesDiffer { n_x: 24, n_y: 20, .. }), "{measure}: {error}");
    });
}

#[test]
fn too_few_examples_are_an_error_with_the_number_needed() {
    for text in [
        "hsic:estimator=unbiased",
        "cka:estimator=debiased",
        "cka:kernel=rbf,estimator=debiased",
        "hsic:kernel=cosine,center=yes,estimator=unbiased",
    ] {
        let (x, y) = pair(3, 2, 2, 1);
        let error = compare(text, &x, &y).unwrap_err();
        assert!(matches!(error, Error::TooFewExamples { n: 3, needed: 4, .. }), "{text}: {error}");
        let (x, y) = pair(4, 2, 2, 1);
        assert!(compare(text, &x, &y).is_ok(), "{text} has a value from 4 examples on");
    }
    assert!(matches!(Representation::from_row_major("x", 1, 2, vec![1.0, 2.0]), Err(Error::TooFewExamples { n: 1, needed: 2, .. })));
    // An entry is named first: it would be wrong in however many examples.
    assert!(matches!(Representation::from_row_major("x", 1, 2, vec![1.0, f64::NAN]), Err(Error::NotFinite { row: 0, column: 1, .. })));
}

#[test]
fn two_examples_are_a_value_or_a_typed_error() {
    let (x, y) = (rows(&[[1.0, 2.0], [3.0, 5.0]]), rows(&[[0.0, 1.0, 4.0], [2.0, 2.0, 2.0]]));
    // Two centered examples are v and -v: every kernel alignment of them is 1.
    for text in ["cka", "cka:kernel=rbf", "cka:kernel=laplace", "cka:kernel=cosine", "cka:kernel=polynomial", "procrustes:form=similarity"]
    {
        let (got, bound) = value(text, &x, &y);
        assert_close(got, 1.0, bound, text);
    }
    for text in ["cca", "svcca", "pwcca", "linear-regression"] {
        assert!(matches!(compare(text, &x, &y), Err(Error::Degenerate { n: 2, available: 1, .. })), "{text}: {:?}", compare(text, &x, &y));
    }
}

// --- Constant, zero, equal
// --------------------------------------------------------------------------------------------------------------

#[test]
fn a_constant_representation_is_an_error_for_every_normalised_measure() {
    everywhere(|measure, x, y| {
        if ["hsic", "mutual-knn", "soft-matching"].contains(&measure.spec().id) || measure.uncentered() {
            return;
        }
        for (x, y, name) in [(&constant(24, 2), y, "x"), (x, &constant(24, 2), "y")] {
            let error = try_value(measure, x, y).unwrap_err();
            assert!(matches!(&error, Error::Constant { name: n, n: 24, p: 2, .. } if n == name), "{measure}, constant {name}: {error:?}");
        }
    });
}

#[test]
fn neighbours_of_equal_examples_are_none() {
    let y = gaussian(24, 3, 5);
    for text in ["mutual-knn", "mutual-knn:metric=euclidean", "mutual-knn:center=yes"] {
        for (x, y) in [(&constant(24, 2), &y), (&y, &constant(24, 2)), (&constant(24, 2), &constant(24, 3))] {
            let error = compare(text, x, y).unwrap_err();
            assert!(matches!(&error, Error::Constant { n: 24, .. }), "{text}: {error:?}");
        }
    }
    // Of one-hot rows all of a class are equally near: which are taken hangs on their order, and is
    // said.
    let classes = Matrix::from_fn(24, 3, |i, j| f64::from(u8::from(i % 3 == j)));
    let score = compare("mutual-knn:k=3", &classes, &y).unwrap();
    assert_eq!((score.diagnostics.get("tied_x"), score.diagnostics.get("tied_y")), (Some(24.0), None));
    let said = format!("{:?}", score.diagnostics);
    assert!(said.contains("for 24 of 24 examples") && said.contains("warning_x") && !said.contains("warning_y"), "{said}");
}

#[test]
fn a_constant_of_any_size_is_constant() {
    // Means of such columns round; what is left must not pass for variance.
    for size in [0.1, 1.0 / 3.0, 1e8 + 0.1, 1e-300, 1e300, 5e-324] {
        for n in [3, 7, 24, 1000] {
            let x = Matrix::from_fn(n, 3, |_, j| size * if j == 1 { -1.0 } else { 1.0 });
            let y = gaussian(n, 2, 5);
            assert!(matches!(compare("cka", &x, &y), Err(Error::Constant { .. })), "{size:e}, n = {n}");
        }
    }
}

#[test]
fn hsic_of_a_constant_representation() {
    let y = gaussian(12, 3, 1);
    for text in ["hsic", "hsic:estimator=unbiased", "hsic:kernel=polynomial"] {
        assert_eq!(value(text, &constant(12, 2), &y).0, 0.0, "{text}: nothing varies together");
    }
    assert!(matches!(compare("hsic:kernel=rbf", &constant(12, 2), &y), Err(Error::ZeroMedian { .. })));
    assert!(matches!(compare("hsic:kernel=cosine", &constant(12, 2), &y), Err(Error::ZeroExample { row: 0, .. })));
}

#[test]
fn a_median_of_zero_is_an_error() {
    // Seven examples of ten are one point: 21 of the 45 distances and 52 of the 100 squared ones
    // (diagonal included) are 0.
    let few = column(&[5., 5., 5., 5., 5., 5., 5., 1., 2., 9.]);
    // Eight of ten: 28 of 45.
    let many = column(&[5., 5., 5., 5., 5., 5., 5., 5., 2., 9.]);
    let y = gaussian(10, 2, 3);
    for kernel in ["rbf", "laplace"] {
        for id in ["cka", "hsic"] {
            let rule = |rule: &str| format!("{id}:kernel={kernel},bandwidth={rule}");
            for named in ["median", "lower-median", "demo"] {
                assert!(matches!(compare(&rule(named), &many, &y), Err(Error::ZeroMedian { .. })), "{}", rule(named));
            }
            assert!(compare(&rule("median"), &few, &y).is_ok());
            let error = compare(&rule("demo"), &few, &y).unwrap_err();
            assert!(matches!(error, Error::ZeroMedian { pairs: 100, .. }), "{error:?}");
            assert!(compare(&format!("{}{}", rule("fixed"), ",sigma=1"), &many, &y).is_ok());
        }
    }
}

#[test]
fn an_example_equal_to_the_mean_has_no_cosine() {
    let mut x = gaussian(9, 2, 4);
    let last: Vec<f64> = (0..2).map(|j| -(0..8).filter(|&i| i != 3).map(|i| (x.at(i, j) * 16.0).round()).sum::<f64>()).collect();
    x = Matrix::from_fn(9, 2, |i, j| match i {
        3 => 0.0,
        8 => last[j],
        _ => (x.at(i, j) * 16.0).round(),
    });
    let y = gaussian(9, 2, 5);
    // Also where the mean is a number that rounds.
    let moved = Matrix::from_fn(9, 2, |i, j| x.at(i, j) / 3.0 + 0.1);
    for text in ["cka:kernel=cosine", "cka:kernel=cosine,center=yes,estimator=debiased", "hsic:kernel=cosine"] {
        for x in [&x, &moved] {
            assert!(matches!(compare(text, x, &y), Err(Error::ZeroExample { row: 3, .. })), "{text}: {:?}", compare(text, x, &y));
            assert!(matches!(compare(text, &y, x), Err(Error::ZeroExample { row: 3, .. })), "{text}, sides swapped");
        }
    }
}

#[test]
fn debiased_cka_is_not_clamped() {
    let negative = (0..40)
        .filter(|&seed| value("cka:estimator=debiased", &gaussian(20, 4, 2 * seed), &gaussian(20, 4, 2 * seed + 1)).0 < -1e-3)
        .count();
    assert!(negative >= 8, "of 40 independent pairs only {negative} are below 0");
}

#[test]
fn a_zero_self_term_is_an_error_with_the_three_values() {
    // Equidistant examples: every off-diagonal entry of the kernel is the same, and U-centering
    // leaves nothing.
    let x = Matrix::from_fn(8, 8, |i, j| f64::from(i == j));
    let y = gaussian(8, 3, 1);
    for text in ["cka:estimator=debiased", "cka:kernel=rbf,estimator=debiased", "cka:kernel=cosine,center=yes,estimator=debiased"] {
        let error = compare(text, &x, &y).unwrap_err();
        let Error::ZeroSelfTerm { name, hsic_xy, hsic_xx, hsic_yy, .. } = &error else { panic!("{text}: {error:?}") };
        assert_eq!(name, "x", "{text}");
        let [xy, xx, yy] = [hsic_xy, hsic_xx, hsic_yy].map(|hsic| hsic.to_f64().unwrap());
        for zero in [xx, xy] {
            assert_abs_diff_eq!(zero, 0.0, epsilon = 1e-12);
        }
        assert!(yy > 0.0, "{text}: {error}");
        assert!(matches!(compare(text, &y, &x), Err(Error::ZeroSelfTerm { name, .. }) if name == "y"), "{text}");
    }
}

/// So small that f64 cannot hold the self-term: it was shown as infinite.
#[test]
fn a_self_term_outside_the_range_of_f64_is_shown_with_its_power_of_two() {
    let x = Matrix::from_fn(7, 7, |i, j| if i == j { 2f64.powi(-300) } else { 0.0 });
    let message =
        compare("cka:kernel=polynomial,degree=2,offset=0,center=yes,estimator=debiased", &x, &gaussian(7, 3, 1)).unwrap_err().to_string();
    assert!(message.contains("* 2^-1") && !message.contains("inf"), "{message}");
}

// --- Ranks
// ------------------------------------------------------------------------------------------------------------------------------

#[test]
fn dependent_neurons_add_nothing_to_a_column_space() {
    let (x, y) = pair(20, 3, 4, 2);
    let x = Matrix::from_fn(20, 3, |i, j| (x.at(i, j) * 64.0).round());
    let sums = Matrix::from_fn(20, 3, |i, j| x.at(i, j) + 2.0 * x.at(i, (j + 1) % 3));
    let wide = beside(&beside(&x, &sums), &constant(20, 2));
    for text in ["cca", "cca:summary=r2", "cca:divisor=max", "linear-regression:direction=y-from-x", "pwcca:weights=y"] {
        let (want, b1) = value(text, &x, &y);
        let score = compare(text, &wide, &y).unwrap();
        assert_close(score.value, want, b1 + number(&score, "error_bound"), text);
        if text.starts_with("cca") {
            assert_eq!(number(&score, "rank_x"), 3.0, "{text}");
        }
    }
}

#[test]
fn the_rank_does_not_depend_on_the_scale() {
    let (x, y) = pair(20, 3, 4, 2);
    let x = Matrix::from_fn(20, 3, |i, j| x.at(i, j) * 10f64.powi(-4 * j as i32));
    for text in ["cca", "cca:summary=r2", "pwcca", "svcca:threshold=1.0", "linear-regression:direction=y-from-x"] {
        let (want, bound) = value(text, &x, &y);
        for scale in [2f64.powi(-60), 2f64.powi(-200), 2f64.powi(200)] {
            assert_eq!(value(text, &x.scaled(scale), &y).0, want, "{text}, scale {scale:e}");
        }
        for scale in [1e-9, 1e-150, 1e150] {
            // The scaled entries round by eps / 2 each, which the condition carries over.
            let score = compare(text, &x.scaled(scale), &y).unwrap();
            assert_close(score.value, want, bound + number(&score, "error_bound"), &format!("{text}, scale {scale:e}"));
        }
    }
}

#[test]
fn more_neurons_than_examples_are_no_obstacle_to_measures_of_examples() {
    let (x, y) = (gaussian(10, 40, 1), gaussian(10, 25, 2));
    for measure in registry::conventions().iter().filter(|measure| ["hsic", "cka", "procrustes"].contains(&measure.spec().id)) {
        let (value, _) = try_value(measure, &x, &y).unwrap_or_else(|error| panic!("{error}"));
        assert!(value.is_finite(), "{measure}");
    }
    for text in ["cca", "svcca:threshold=1.0", "pwcca", "linear-regression"] {
        let error = compare(text, &x, &y).unwrap_err();
        assert!(
            matches!(error, Error::Degenerate { n: 10, available: 9, p1: 40, p2: 25, dimensions_x: 9, dimensions_y: 9, .. }),
            "{text}: {error:?}"
        );
        assert_eq!(error.kind().as_str(), "degenerate");
    }
}

#[test]
fn svcca_is_degenerate_by_its_kept_dimensions_not_its_rank() {
    // Rank 9 of 9, but two directions hold nearly everything.
    let x = Matrix::from_fn(10, 12, |i, j| gaussian(10, 12, 1).at(i, j) * if j < 2 { 1.0 } else { 1e-3 });
    let y = gaussian(10, 2, 3);
    let score = compare("svcca", &x, &y).unwrap();
    assert_eq!((number(&score, "kept_x"), number(&score, "rank_x")), (2.0, 9.0));
    assert!(matches!(compare("svcca:threshold=1.0", &x, &y), Err(Error::Degenerate { role: "kept dimensions", dimensions_x: 9, .. })));
}

// --- Arbitrary choices
// ------------------------------------------------------------------------------------------------------------------

/// Two neurons in common beside two that are not: rho = 1 twice.
fn shared_neurons() -> (Matrix, Matrix) {
    let whole = |p: usize, seed: u64| {
        let raw = gaussian(12, p, seed);
        Matrix::from_fn(12, p, |i, j| (3.0 * raw.at(i, j)).round())
    };
    let (shared, mine, yours) = (whole(2, 1), whole(2, 2), whole(3, 3));
    (beside(&shared, &mine), beside(&shared, &yours))
}

#[test]
fn pwcca_with_a_repeated_correlation_is_an_error_that_names_the_block() {
    let (x, y) = shared_neurons();
    for text in ["pwcca", "pwcca:weights=x", "pwcca:weights=y"] {
        let error = compare(text, &x, &y).unwrap_err();
        let Error::RepeatedCorrelation { first, last, correlation, tolerance, .. } = error else { panic!("{text}: {error:?}") };
        assert_eq!((first, last), (1, 2), "{text}");
        assert!((correlation - 1.0).abs() <= tolerance && tolerance < 1e-9, "{text}: {correlation} {tolerance:e}");
    }
}

#[test]
fn pwcca_allows_a_repeated_correlation_deterministically() {
    let (x, y) = shared_neurons();
    let text = "pwcca:weights=x,degenerate=allow";
    let (want, bound) = value(text, &x, &y);
    // The same column spaces from other bases: whatever basis a decomposition returns for the
    // block, the value is one.
    for mix in [[[1.0, 1.0], [1.0, -1.0]], [[3.0, 4.0], [-4.0, 3.0]], [[0.0, 1.0], [1.0, 5.0]]] {
        let turned = Matrix::from_fn(12, 5, |i, j| if j < 2 { y.at(i, 0) * mix[0][j] + y.at(i, 1) * mix[1][j] } else { y.at(i, j) });
        let (got, other) = value(text, &x, &turned);
        assert_close(got, want, bound + other, &format!("{mix:?}"));
    }
    // The block's directions are arbitrary, its weights are not: the value is not that of another
    // direction.
    assert!(want > 0.0 && want < 1.0);
}

#[test]
fn pwcca_of_a_representation_with_itself_needs_no_weights() {
    let (x, _) = pair(30, 4, 4, 8);
    for y in [x.clone(), x.columns(&[3, 1, 0, 2]), x.scaled(7.0)] {
        let (got, bound) = value("pwcca", &x, &y);
        assert_close(got, 1.0, bound, "all correlations are 1");
    }
}

#[test]
fn svcca_between_equal_singular_values_is_an_error_that_names_the_block() {
    // Four orthogonal columns of equal length, then one of a hundredth: shares of a quarter each.
    let x = Matrix::from_fn(32, 5, |i, j| hadamard(i, j + 1) * if j < 4 { 1.0 } else { 0.01 });
    let y = gaussian(32, 3, 1);
    for (threshold, kept) in [(0.2, 1), (0.5, 3), (0.74, 3)] {
        let text = format!("svcca:threshold={threshold:?}");
        let error = compare(&text, &x, &y).unwrap_err();
        let Error::SplitSingularValues { kept: got, first, last, singular_value, .. } = error else { panic!("{text}: {error:?}") };
        // A share of exactly one half of 4.0001 needs three.
        assert_eq!((got, first, last), (kept, 1, 4), "{text}");
        assert_close(singular_value, 32f64.sqrt(), 1e-13, &text);
        let score = compare(&format!("{text},degenerate=allow"), &x, &y).unwrap();
        assert_eq!(number(&score, "kept_x"), 4.0, "{text}: the whole block is kept");
    }
    assert_eq!(number(&compare("svcca:threshold=0.9999", &x, &y).unwrap(), "kept_x"), 4.0);
    assert_eq!(number(&compare("svcca:threshold=1.0", &x, &y).unwrap(), "kept_x"), 5.0);
}

#[test]
fn svcca_counts_variance_not_singular_values() {
    // Squares 100, 1, 1/4: 0.9877, 0.9975, 1. (Singular values would say 0.87, 0.957, 1.)
    let x = Matrix::from_fn(16, 3, |i, j| hadamard(i, j + 1) * [10.0, 1.0, 0.5][j]);
    let y = gaussian(16, 2, 1);
    for (threshold, kept) in [(0.9, 1.0), (0.98, 1.0), (0.99, 2.0), (0.997, 2.0), (0.998, 3.0), (1.0, 3.0)] {
        assert_eq!(number(&compare(&format!("svcca:threshold={threshold:?}"), &x, &y).unwrap(), "kept_x"), kept, "threshold {threshold}");
    }
}

/// Squares 4, 3, 2, 1 of a total of 10: shares of 0.4, 0.7, 0.9, which neither the shares nor the
/// data hold exactly in binary.
#[test]
fn svcca_counts_a_threshold_that_is_met_exactly_as_met() {
    let x = Matrix::from_fn(16, 4, |i, j| hadamard(i, j + 1) * f64::sqrt((4 - j) as f64));
    let y = gaussian(16, 2, 1);
    for scale in [1.0, 0.1, 3e7] {
        for (threshold, kept) in [(0.4, 1.0), (0.7, 2.0), (0.9, 3.0), (0.4 + 1e-12, 2.0), (0.7 + 1e-12, 3.0), (0.9 + 1e-12, 4.0)] {
            let score = compare(&format!("svcca:threshold={threshold:?}"), &x.scaled(scale), &y).unwrap();
            assert_eq!(number(&score, "kept_x"), kept, "threshold {threshold}, scale {scale}");
        }
    }
}

#[test]
fn pwcca_takes_its_weights_from_the_smaller_rank_and_from_x_where_they_are_equal() {
    let is = |x: &Matrix, y: &Matrix, side: &str| {
        let at = |weights: &str| value(&format!("pwcca:weights={weights}"), x, y).0;
        let other = if side == "x" { "y" } else { "x" };
        assert_eq!(at("narrower"), at(side), "p = {} and {}", x.p, y.p);
        assert!(abs_diff_ne!(at("narrower"), at(other), epsilon = 1e-6), "p = {} and {}: both sides give one value", x.p, y.p);
    };
    let (x, y) = pair(30, 4, 4, 8);
    is(&x, &y, "x");
    is(&y, &x, "x");
    let (x, y) = pair(30, 3, 5, 8);
    is(&x, &y, "x");
    is(&y, &x, "y");
    // Five neurons of rank 2 are narrower than three of rank 3.
    let (x, y) = pair(30, 2, 3, 8);
    is(&Matrix::from_fn(30, 5, |i, j| x.at(i, j % 2) * 2f64.powi(j as i32)), &y, "x");
}

// --- Messages
// ---------------------------------------------------------------------------------------------------------------------

#[test]
fn every_error_names_its_measure_with_the_full_convention() {
    let x = constant(24, 2);
    everywhere(|measure, _, y| {
        if let Err(error) = measure.compare(&common::representation("x", &x), &common::representation("y", y)) {
            assert!(error.to_string().contains(&measure.to_string()), "{measure}: {error}");
        }
    });
    assert_eq!(common::measure("cka").to_string(), "cka:kernel=linear,estimator=biased");
}

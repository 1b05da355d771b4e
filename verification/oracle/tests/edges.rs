//! What is undefined, degenerate or undecidable comes back as the error that says so.

mod support;

use similitude_oracle::measures::procrustes;
use similitude_oracle::{OracleError, Side, evaluate};
use support::{fails, hadamard, matrix, mixed};

const NORMALISED: [&str; 13] = [
    "cka",
    "cka:estimator=debiased",
    "cka:kernel=rbf",
    "cka:kernel=polynomial",
    "cca",
    "svcca",
    "pwcca",
    "linear-regression",
    "canonical-ridge:kappa-x=1,kappa-y=1",
    "procrustes",
    "distance-correlation",
    "distance-correlation:estimator=corrected",
    "rsa:rdm=euclidean",
];

#[test]
fn constant_representations_have_no_normalised_value() {
    let constant = matrix(2, &[0.1, 3.0, 0.1, 3.0, 0.1, 3.0, 0.1, 3.0, 0.1, 3.0]);
    let y = matrix(1, &[1.0, 5.0, 2.0, 3.0, 9.0]);
    for spec in NORMALISED {
        assert_eq!(fails(spec, &constant, &y), OracleError::Constant { side: Side::X }, "{spec}");
        assert_eq!(fails(spec, &y, &constant), OracleError::Constant { side: Side::Y }, "{spec}");
    }
    // HSIC is not normalised: zero is its value.
    let value = evaluate("hsic", &constant, &y).unwrap();
    assert!(value.exact && value.enclosure.contains(0.0));
    assert_eq!(fails("hsic:kernel=rbf", &y, &constant), OracleError::ZeroMedian { side: Side::Y });
}

#[test]
fn examples_must_match_and_suffice() {
    let (three, four) = (matrix(1, &[1.0, 5.0, 2.0]), matrix(1, &[1.0, 5.0, 2.0, 7.0]));
    for spec in NORMALISED {
        assert_eq!(fails(spec, &three, &four), OracleError::ShapeMismatch { rows_x: 3, rows_y: 4 }, "{spec}");
    }
    let few = OracleError::TooFewExamples { what: "the unbiased estimator of HSIC", needed: 4, got: 3 };
    assert_eq!(fails("hsic:estimator=unbiased", &three, &three), few);
    assert_eq!(fails("cka:estimator=debiased,kernel=rbf", &three, &three), few);
    assert!(evaluate("cka:estimator=debiased", &four, &four).is_ok());
}

#[test]
fn a_rank_of_n_minus_one_leaves_nothing_to_compare() {
    let full = matrix(3, &[1.0, 0.0, 0.0, 0.0, 2.0, 0.0, 0.0, 0.0, 3.0, 4.0, 1.0, 1.0]);
    let other = matrix(2, &[1.0, 7.0, 5.0, 2.0, 2.0, 2.0, 7.0, -3.0]);
    for spec in ["cca", "cca:summary=r2", "pwcca", "linear-regression:direction=y-from-x", "svcca:threshold=1"] {
        match fails(spec, &full, &other) {
            OracleError::Degenerate { examples: 4, rank_x: 3, rank_y: 2, .. } => {}
            error => panic!("{spec}: {error}"),
        }
        let allowed = format!("{spec}{}degenerate=allow", if spec.contains(':') { "," } else { ":" });
        let value = evaluate(&allowed, &full, &other).unwrap().enclosure;
        assert!(value.error_in_eps(1.0) < 1e-20, "{allowed} {value}");
    }
    // The predictor is Y here, and uncentered there is room for one more direction.
    assert!(evaluate("linear-regression", &full, &other).is_ok());
    assert!(evaluate("cca:center=no", &full, &other).is_ok());
    match fails("canonical-ridge:kappa-x=0,kappa-y=1", &full, &other) {
        OracleError::Degenerate { .. } => {}
        error => panic!("{error}"),
    }
    assert!(evaluate("canonical-ridge:kappa-x=1,kappa-y=0", &full, &other).is_ok());
    let uncentered = matrix(4, &[1.0, 0.0, 0.0, 0.0, 0.0, 2.0, 0.0, 0.0, 0.0, 0.0, 3.0, 0.0, 4.0, 1.0, 1.0, 1.0]);
    assert!(matches!(fails("cca:center=no", &uncentered, &other), OracleError::Degenerate { rank_x: 4, .. }));
}

#[test]
fn a_repeated_correlation_leaves_the_weights_open() {
    // Two neurons are shared, the third is not: rho = 1, 1 and something else.
    let x = mixed(&[&[1.0, 2.0], &[0.0, 1.0, 1.0], &[1.0, 0.0, 0.0, 2.0]]);
    let y = mixed(&[&[1.0, 3.0, 1.0], &[0.0, 1.0, 1.0], &[1.0, 1.0, 0.0, 0.0, 3.0]]);
    match fails("pwcca", &x, &y) {
        OracleError::Degenerate { reason, .. } => {
            assert!(reason.contains("1 to 2 of 3"), "{reason}")
        }
        error => panic!("{error}"),
    }
    assert!(evaluate("pwcca:degenerate=allow", &x, &y).is_ok());
    // The mean correlations do not care.
    assert!(evaluate("cca", &x, &y).is_ok());
    // The same below one: 3/5 twice beside 5/13.
    let turned = mixed(&[&[3.0, 0.0, 0.0, 4.0], &[0.0, 3.0, 0.0, 0.0, 4.0], &[0.0, 0.0, 5.0, 0.0, 0.0, 12.0]]);
    let straight = mixed(&[&[1.0, 2.0], &[0.0, 1.0, 1.0], &[1.0, 0.0, 2.0]]);
    match fails("pwcca", &straight, &turned) {
        OracleError::Degenerate { reason, .. } => {
            assert!(reason.contains("1 to 2 of 3"), "{reason}")
        }
        error => panic!("{error}"),
    }
}

#[test]
fn a_repeated_correlation_is_found_beside_directions_that_are_uncorrelated() {
    // As before, and X has a fourth direction that Y does not know.
    let turned = mixed(&[&[3.0, 0.0, 0.0, 4.0], &[0.0, 3.0, 0.0, 0.0, 4.0], &[0.0, 0.0, 5.0, 0.0, 0.0, 12.0]]);
    let straight = mixed(&[&[1.0, 2.0], &[0.0, 1.0, 1.0], &[1.0, 0.0, 2.0], &[0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0]]);
    match fails("pwcca:weights=x", &straight, &turned) {
        OracleError::Degenerate { reason, .. } => assert!(reason.contains("1 to 2 of 4"), "{reason}"),
        error => panic!("{error}"),
    }
    match fails("pwcca:weights=y", &straight, &turned) {
        OracleError::Degenerate { reason, .. } => assert!(reason.contains("1 to 2 of 3"), "{reason}"),
        error => panic!("{error}"),
    }
}

#[test]
fn a_zero_beside_directions_without_a_partner_weighs_by_principal_directions() {
    // rho = (3/5, 0): X has three directions, two of them uncorrelated with Y, of which one counts.
    let x = mixed(&[&[1.0, 1.0], &[0.0, 1.0, 1.0], &[0.0, 0.0, 1.0]]);
    let y = mixed(&[&[3.0, 0.0, 0.0, 4.0], &[0.0, 0.0, 0.0, 0.0, 1.0]]);
    assert!(matches!(fails("pwcca:weights=x", &x, &y), OracleError::Degenerate { .. }));
    // The first variate is h1, of weight 1. In (h2, h3) the neurons are (1, 0), (1, 1), (0, 1),
    // whose first principal direction is (1, 1) / sqrt 2: weights 1, 2 and 1, over sqrt 2.
    let value = evaluate("pwcca:weights=x,degenerate=allow", &x, &y).unwrap().enclosure;
    let expected = 0.6 / (1.0 + 4.0 / 2f64.sqrt());
    assert!(value.error_in_eps(expected) < 4.0, "{value} {expected}");
    // Y's own zero is a single direction: alpha = 3 and 1 + ... on its neurons, a value.
    assert!(evaluate("pwcca:weights=y", &x, &y).is_ok());
}

#[test]
fn a_threshold_between_equal_singular_values_is_undecidable() {
    // The same two equal singular values, hidden by a rotation of the neurons.
    let x = mixed(&[&[3.0, 4.0, 1.0], &[4.0, -3.0, 0.0], &[0.0, 0.0, 2.0]]);
    let y = mixed(&[&[1.0], &[0.0, 0.0, 0.0, 3.0]]);
    match fails("svcca:threshold=0.4", &mixed(&[&[3.0, 4.0], &[4.0, -3.0]]), &y) {
        OracleError::Undecidable { what, .. } => assert!(what.contains("1 and 2 of X"), "{what}"),
        error => panic!("{error}"),
    }
    assert!(evaluate("svcca:threshold=0.4", &x, &y).is_ok());
}

#[test]
fn self_terms_of_exactly_zero_are_errors_with_the_three_numbers() {
    // (x.y)^2 for rows 1 and -1 is the constant kernel.
    let x = matrix(1, &[1.0, -1.0, 1.0, -1.0]);
    let y = matrix(1, &[1.0, 2.0, 4.0, 8.0]);
    match fails("cka:kernel=polynomial,degree=2,offset=0", &x, &y) {
        OracleError::ZeroSelfTerm { self_x, self_y, cross } => assert!(self_x == 0.0 && cross == 0.0 && self_y > 0.0),
        error => panic!("{error}"),
    }
    // Off the diagonal a regular simplex has one inner product only: nothing is left after
    // U-centering.
    let simplex = matrix(4, &[1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0]);
    match fails("cka:estimator=debiased", &y, &simplex) {
        OracleError::ZeroSelfTerm { self_x, self_y, .. } => assert!(self_y == 0.0 && self_x > 0.0),
        error => panic!("{error}"),
    }
}

#[test]
fn an_example_at_the_mean_has_no_cosine() {
    let x = matrix(2, &[1.0, 0.0, 0.0, 1.0, -1.0, -1.0, 0.0, 0.0]);
    let y = matrix(1, &[1.0, 2.0, 4.0, 8.0]);
    assert_eq!(fails("cka:kernel=cosine", &y, &x), OracleError::ZeroRow { side: Side::Y, row: 3 });
}

#[test]
fn options_out_of_range_are_refused() {
    let (x, y) = (matrix(1, &[1.0, 5.0, 2.0, 7.0]), matrix(1, &[1.0, 2.0, 4.0, 8.0]));
    for spec in [
        "svcca:threshold=0",
        "svcca:threshold=1.01",
        "svcca:threshold=nan",
        "cka:kernel=rbf,fraction=0",
        "cka:kernel=rbf,bandwidth=fixed,sigma=inf",
        "cka:kernel=polynomial,degree=0",
        "cka:kernel=polynomial,degree=2.5",
        "canonical-ridge:kappa-x=-1,kappa-y=0",
        "canonical-ridge:kappa-x=0,kappa-y=nan",
    ] {
        assert!(matches!(fails(spec, &x, &y), OracleError::InvalidOption { .. }), "{spec}");
    }
}

#[test]
fn rotations_are_at_distance_exactly_zero() {
    let entries: Vec<f64> = (0..16).map(|index| f64::from((index * index * 5 + index) % 11)).collect();
    let x = matrix(2, &entries);
    // A quarter turn, a reflection, a factor of three and a shift.
    let moved: Vec<f64> = entries.chunks(2).flat_map(|row| [3.0 * row[1] + 100.0, 3.0 * row[0] - 7.0]).collect();
    for (form, expected) in [("distance", 0.0), ("squared", 0.0), ("angle", 0.0), ("similarity", 1.0), ("disparity", 0.0)] {
        let value = evaluate(&format!("procrustes:form={form}"), &x, &matrix(2, &moved)).unwrap();
        assert!(value.exact && value.enclosure.contains(expected), "{form}");
    }
}

#[test]
fn a_tiny_distance_keeps_its_digits() {
    // X turned by the angle of tan = 2^-60 in a plane outside X: s = cos, so the angle is arctan
    // 2^-60.
    let tiny = 2f64.powi(-60);
    let x: Vec<f64> = (0..8).flat_map(|row| [hadamard(row, 1), 0.0]).collect();
    let y: Vec<f64> = (0..8).flat_map(|row| [hadamard(row, 1), tiny * hadamard(row, 2)]).collect();
    let (x, y) = (matrix(2, &x), matrix(2, &y));
    let angle = evaluate("procrustes:form=angle", &x, &y).unwrap().enclosure;
    assert!(angle.relative_width() < 1e-40);
    // arctan t = t - t^3/3: the relative difference to t is 2^-121.
    assert!(angle.error_in_eps(tiny) < 1e-19 && !angle.contains(tiny));
    let distance = evaluate("procrustes", &x, &y).unwrap().enclosure;
    assert!(distance.error_in_eps(tiny) < 1e-19 && !distance.contains(tiny));
    let disparity = evaluate("procrustes:form=disparity", &x, &y).unwrap().enclosure;
    assert!(disparity.error_in_eps(tiny * tiny) < 1e-19);
}

#[test]
fn uncorrelated_representations_are_exactly_so() {
    let x = mixed(&[&[1.0, 2.0], &[0.0, 1.0]]);
    let y = mixed(&[&[0.0, 0.0, 1.0, 1.0], &[0.0, 0.0, 0.0, 5.0]]);
    for spec in [
        "hsic",
        "cka",
        "cca",
        "cca:summary=r2",
        "svcca",
        "pwcca",
        "linear-regression:direction=sum",
        "canonical-ridge:kappa-x=0,kappa-y=0",
        "procrustes:form=similarity",
    ] {
        let value = evaluate(spec, &x, &y).unwrap();
        assert!(value.exact && value.enclosure.contains(0.0), "{spec} {}", value.enclosure);
    }
    let angle = evaluate("procrustes:form=angle", &x, &y).unwrap().enclosure;
    assert!(angle.agrees_with_decimal("1.570796326794896619231321691639751442098584"), "{angle}");
}

#[test]
fn the_size_and_shape_distance_keeps_its_digits_at_any_scale() {
    // X and X moved by 2^-40 in one entry, all of it at 2^-450: squares near 2^-900, and their
    // difference near 2^-980.
    let unit = 2f64.powi(-450);
    let entries: Vec<f64> = (0..12).map(|index| f64::from((index * index * 5 + index) % 11) * unit).collect();
    let mut moved = entries.clone();
    moved[5] += 2f64.powi(-490);
    let distance = procrustes::size_and_shape(&matrix(2, &entries), &matrix(2, &moved)).unwrap().enclosure;
    assert!(distance.relative_width() < 1e-40, "{distance}");
    // At most the squared move itself, which no rotation undoes entirely.
    let squared = distance.midpoint_f64();
    assert!(squared > 0.1 * 2f64.powi(-980) && squared < 2f64.powi(-980), "{distance}");
    assert!(procrustes::size_and_shape(&matrix(2, &entries), &matrix(2, &entries)).unwrap().exact);
}

//! Decisions that rounding settles: ranks, equal correlations, equal singular values, thresholds.

mod support;

use similitude_oracle::{Matrix, Measure, OracleError, RankRule, Value};
use support::{Generator, matrix, mixed};

const RULE: RankRule = RankRule::Numerical { epsilon: f64::EPSILON };

fn rounded(spec: &str, x: &Matrix, y: &Matrix) -> Result<Value, OracleError> {
    spec.parse::<Measure>().unwrap().with_rank_rule(RULE).evaluate(x, y)
}

/// Every way to depend on a rank.
const SPECS: [&str; 19] = [
    "cca",
    "cca:summary=r2,divisor=max",
    "cca:center=no,divisor=geometric",
    "svcca:threshold=1",
    "svcca:summary=r2,threshold=1,divisor=max",
    "svcca:threshold=0.9",
    "pwcca:weights=x",
    "pwcca:weights=y",
    "linear-regression:direction=x-from-y",
    "linear-regression:direction=y-from-x",
    "canonical-ridge:kappa-x=0,kappa-y=0,bound=trace",
    "canonical-ridge:kappa-x=0,kappa-y=0,bound=separable",
    "canonical-ridge:kappa-x=0,kappa-y=0.5,bound=cauchy,kappa=relative",
    "canonical-ridge:kappa-x=0.5,kappa-y=0,bound=trace,kappa=relative",
    "canonical-ridge:kappa-x=1e-9,kappa-y=0.5,bound=cauchy,kappa=relative",
    "canonical-ridge:kappa-x=1e300,kappa-y=0.5,bound=separable,kappa=relative",
    "canonical-ridge:kappa-x=1e-300,kappa-y=1e-300,bound=separable,kappa=relative",
    "canonical-ridge:kappa-x=30,kappa-y=20,bound=cauchy,kappa=absolute",
    "canonical-ridge:kappa-x=30,kappa-y=20,bound=trace,kappa=absolute",
];

/// The products of integer factors, exact; and the same numbers, each with a relative error of
/// about 2^-52 as if it had been rounded.
fn products(n: usize, rank: usize, p: usize, seed: u64) -> [Matrix; 2] {
    let mut generator = Generator::new(seed);
    let (left, right) = (generator.integers(n, rank, 9), generator.integers(rank, p, 5));
    let bytes = generator.bytes(n * p);
    let entry = |at: usize| (0..rank).map(|k| left[at / p][k] * right[k][at % p]).sum::<f64>();
    let exact: Vec<f64> = (0..n * p).map(entry).collect();
    let near: Vec<f64> = exact.iter().zip(bytes).map(|(value, byte)| value * (1.0 + (f64::from(byte % 3) - 1.0) * f64::EPSILON)).collect();
    [matrix(p, &exact), matrix(p, &near)]
}

#[test]
fn what_is_deficient_up_to_rounding_is_as_what_is_deficient() {
    // Narrow, wide on one side, wide on both.
    for (n, (r1, p1), (r2, p2)) in [(20, (3, 6), (2, 4)), (12, (4, 15), (3, 3)), (10, (3, 14), (5, 20))] {
        let ([x, near_x], [y, near_y]) = (products(n, r1, p1, 1), products(n, r2, p2, 2));
        for spec in SPECS {
            let exact = spec.parse::<Measure>().unwrap().evaluate(&x, &y).unwrap_or_else(|error| panic!("{spec}: {error}")).enclosure;
            let near = rounded(spec, &near_x, &near_y).unwrap_or_else(|error| panic!("{spec}: {error}")).enclosure;
            let off = near.absolute_error(exact.midpoint_f64());
            assert!(off < 1e-12, "n = {n}, {spec}: {near}, not {exact}: {off:e}");
            assert!(near.relative_width() < 1e-43, "{spec} is wide");
        }
    }
}

#[test]
fn the_numerical_rank_cuts_where_it_says_and_is_in_doubt_beside() {
    // Eight examples: the cut is 8 * 2^-52 = 2^-49 of the largest singular value.
    let y = mixed(&[&[1.0, 1.0, 1.0]]);
    for (size, kept) in [
        (2f64.powi(-20), Some(2)),
        (3.0 * 2f64.powi(-49), Some(2)),
        (1.9 * 2f64.powi(-49), None),
        (0.6 * 2f64.powi(-49), None),
        (0.4 * 2f64.powi(-49), Some(1)),
    ] {
        let x = mixed(&[&[1.0], &[0.0, size]]);
        // rho^2 is a third for each direction that is kept, by every definition.
        for spec in ["cca:summary=r2,divisor=max", "svcca:threshold=1,summary=r2,divisor=max", "linear-regression:direction=y-from-x"] {
            match (rounded(spec, &x, &y), kept) {
                (Ok(value), Some(kept)) => {
                    let directions = if spec.starts_with("linear") { 1.0 } else { f64::from(kept) };
                    let expected = f64::from(kept) / 3.0 / directions;
                    assert!(value.enclosure.error_in_eps(expected) < 1.0, "{size:e} {spec}: {}", value.enclosure);
                }
                (Err(OracleError::Doubtful { what }), None) => assert!(what.contains("singular value 2 of X"), "{what}"),
                (other, _) => panic!("{size:e} {spec}: {other:?}"),
            }
        }
        for spec in ["pwcca", "canonical-ridge:kappa-x=0,kappa-y=0", "canonical-ridge:kappa-x=1,kappa-y=1,bound=cauchy"] {
            assert_eq!(rounded(spec, &x, &y).is_err(), kept.is_none(), "{size:e} {spec}");
        }
    }
    let bad = RankRule::Numerical { epsilon: 0.0 };
    for spec in ["pwcca", "svcca", "cca", "linear-regression", "canonical-ridge:kappa-x=0,kappa-y=0"] {
        let measure: Measure = spec.parse().unwrap();
        assert!(matches!(measure.with_rank_rule(bad).evaluate(&y, &y), Err(OracleError::InvalidOption { .. })), "{spec}");
    }
}

/// Two correlations of 3/5, the second a little larger, and one of 5/13.
fn nearly_equal(more: f64) -> [Matrix; 2] {
    let x = mixed(&[&[1.0, 2.0, -1.0], &[0.0, 3.0, 1.0], &[1.0, 0.0, 1.0]]);
    [x, mixed(&[&[3.0, 0.0, 0.0, 4.0], &[0.0, 3.0 + more, 0.0, 0.0, 4.0], &[0.0, 0.0, 5.0, 0.0, 0.0, 12.0]])]
}

#[test]
fn correlations_are_equal_within_rounding_in_doubt_beside_and_distinct_beyond() {
    // c epsilon is 54.6 * 2^-52 = 1.2e-14; the correlation moves by 0.128 of what is added.
    let [x, y] = nearly_equal(0.0);
    let allowed = |x: &Matrix, y: &Matrix| rounded("pwcca:weights=x,degenerate=allow", x, y);
    let block = allowed(&x, &y).unwrap().enclosure.midpoint_f64();
    for more in [0.0, 4.0 * f64::EPSILON, 2e-14] {
        let [x, y] = nearly_equal(more);
        assert!(matches!(rounded("pwcca:weights=x", &x, &y), Err(OracleError::Degenerate { .. })), "{more:e}");
        assert!(allowed(&x, &y).unwrap().enclosure.absolute_error(block) < 1e-13, "{more:e}");
    }
    for more in [2e-13, 1e-12] {
        let [x, y] = nearly_equal(more);
        assert!(matches!(rounded("pwcca:weights=x", &x, &y), Err(OracleError::Doubtful { .. })), "{more:e}");
    }
    for more in [2e-11, 1e-6] {
        let [x, y] = nearly_equal(more);
        let exact = "pwcca:weights=x".parse::<Measure>().unwrap().evaluate(&x, &y).unwrap().enclosure;
        let value = rounded("pwcca:weights=x", &x, &y).unwrap().enclosure;
        assert!(value.absolute_error(exact.midpoint_f64()) < 1e-15 && value.absolute_error(block) > 1e-3, "{more:e}: {value}");
    }
}

#[test]
fn correlations_that_are_all_equal_within_rounding_have_their_mean_for_value() {
    let x = mixed(&[&[1.0, 2.0], &[0.0, 3.0]]);
    let y = mixed(&[&[3.0, 0.0, 0.0, 4.0], &[0.0, 3.0 + 4.0 * f64::EPSILON, 0.0, 0.0, 4.0]]);
    let value = rounded("pwcca:weights=x", &x, &y).unwrap().enclosure;
    assert!(value.absolute_error(0.6) < 1e-15, "{value}");
}

#[test]
fn a_correlation_that_is_nearly_zero_is_that_of_the_directions_without_a_partner() {
    let x = mixed(&[&[1.0, 1.0], &[0.0, 1.0, 1.0], &[0.0, 0.0, 1.0]]);
    let y = |more: f64| mixed(&[&[3.0, 0.0, 0.0, 4.0], &[0.0, more, 0.0, 0.0, 1.0]]);
    let expected = 0.6 / (1.0 + 4.0 / 2f64.sqrt());
    for more in [0.0, 1e-15] {
        let allowed = rounded("pwcca:weights=x,degenerate=allow", &x, &y(more)).unwrap().enclosure;
        assert!(allowed.absolute_error(expected) < 1e-13, "{more:e}: {allowed}");
        assert!(matches!(rounded("pwcca:weights=x", &x, &y(more)), Err(OracleError::Degenerate { .. })));
    }
    assert!(matches!(rounded("pwcca:weights=x", &x, &y(3e-14)), Err(OracleError::Doubtful { .. })));
    // Then the variate is h2, of weight 2.
    assert!(rounded("pwcca:weights=x", &x, &y(1e-9)).unwrap().enclosure.absolute_error(0.2) < 1e-8);
}

#[test]
fn principal_directions_of_equal_correlations_may_repeat_too() {
    let y = mixed(&[&[3.0, 0.0, 0.0, 4.0], &[0.0, 3.0, 0.0, 0.0, 4.0], &[0.0, 0.0, 1.0]]);
    let of = |more: f64| rounded("pwcca:weights=x,degenerate=allow", &mixed(&[&[1.0], &[0.0, 1.0 + more], &[0.0, 0.0, 2.0]]), &y);
    for more in [0.0, 1e-15] {
        assert!(matches!(of(more), Err(OracleError::Degenerate { .. })), "{more:e}");
    }
    assert!(matches!(of(3e-14), Err(OracleError::Doubtful { .. })));
    assert!(of(1e-9).is_ok());
}

#[test]
fn singular_values_at_the_threshold_are_equal_within_rounding() {
    // Shares of a bit more and less than a half: the threshold falls between the two.
    let of = |spec: &str, more: f64| {
        let x = mixed(&[&[1.0 + more, 1.0 + more], &[1.0, -1.0]]);
        rounded(spec, &x, &mixed(&[&[1.0, 0.5, 2.0], &[0.0, 1.0, 0.0, 1.0]]))
    };
    for more in [0.0, 1e-15] {
        assert!(matches!(of("svcca:threshold=0.4", more), Err(OracleError::Degenerate { .. })), "{more:e}");
        let notes = of("svcca:threshold=0.4,degenerate=allow", more).unwrap().notes;
        assert_eq!(notes, ["kept 2 and 1 dimensions"], "{more:e}");
    }
    assert!(matches!(of("svcca:threshold=0.4", 1.4e-14), Err(OracleError::Doubtful { .. })));
    assert_eq!(of("svcca:threshold=0.4", 1e-9).unwrap().notes, ["kept 1 and 1 dimensions"]);
}

#[test]
fn a_threshold_is_met_within_rounding() {
    // One direction holds 4/5 of the variance and a little more; 4 n eps is 7.1e-15.
    let of = |less: f64| rounded("svcca:threshold=0.8", &mixed(&[&[2.0 - less], &[0.0, 1.0]]), &mixed(&[&[1.0, 1.0, 2.0]]));
    for (less, kept) in [(0.0, Some(1)), (4e-15, Some(1)), (5e-14, None), (2e-13, Some(2))] {
        match (of(less), kept) {
            (Ok(value), Some(kept)) => assert_eq!(value.notes, [format!("kept {kept} and 1 dimensions")], "{less:e}"),
            (Err(OracleError::Doubtful { what }), None) => assert!(what.contains("hold the threshold"), "{what}"),
            (other, _) => panic!("{less:e}: {other:?}"),
        }
    }
}

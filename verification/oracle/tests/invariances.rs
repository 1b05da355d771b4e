//! What must not change the value does not, and what must does. Integer transformations are exact,
//! so nothing is forgiven.

mod support;

use similitude_oracle::{Enclosure, evaluate};
use support::{Generator, rows, times, turned};

const SCALE_INVARIANT: [&str; 17] = [
    "cka",
    "cka:estimator=debiased",
    "cka:kernel=rbf,fraction=0.5",
    "cka:kernel=rbf,bandwidth=demo,estimator=debiased",
    "cka:kernel=laplace,bandwidth=lower-median",
    "cka:kernel=cosine",
    "cca",
    "cca:summary=r2,divisor=geometric",
    "cca:center=no",
    "svcca:threshold=0.7",
    "svcca:summary=r2",
    "pwcca:weights=x",
    "linear-regression",
    "canonical-ridge:kappa-x=0.1,kappa-y=0.3,kappa=relative",
    "canonical-ridge:kappa-x=0.1,kappa-y=0.3,kappa=relative,bound=separable",
    "procrustes",
    "procrustes:form=angle",
];

fn value(spec: &str, x: &[Vec<f64>], y: &[Vec<f64>]) -> Enclosure {
    evaluate(spec, &rows(x), &rows(y)).unwrap_or_else(|error| panic!("{spec}: {error}")).enclosure
}

fn agree(left: &Enclosure, right: &Enclosure) -> bool {
    left.lo() <= right.hi() && right.lo() <= left.hi()
}

fn map(rows: &[Vec<f64>], change: impl Fn(&[f64]) -> Vec<f64>) -> Vec<Vec<f64>> {
    rows.iter().map(|row| change(row)).collect()
}

/// Of determinant 1, and not orthogonal.
const INVERTIBLE: [[f64; 4]; 4] = [[1.0, 2.0, 0.0, -1.0], [0.0, 1.0, 3.0, 0.0], [0.0, 0.0, 1.0, 2.0], [0.0, 0.0, 0.0, 1.0]];

fn drawn(seed: u64) -> (Vec<Vec<f64>>, Vec<Vec<f64>>) {
    let mut generator = Generator::new(seed);
    (generator.integers(11, 4, 20), generator.integers(11, 3, 20))
}

#[test]
fn powers_of_two_change_no_bit() {
    let (x, y) = drawn(1);
    for spec in SCALE_INVARIANT {
        let expected = value(spec, &x, &y);
        for power in [-400, -1, 3, 500] {
            let scaled = map(&x, |row| row.iter().map(|entry| entry * 2f64.powi(power)).collect());
            assert_eq!(value(spec, &scaled, &y), expected, "{spec} at 2^{power}");
        }
    }
    for (spec, squared) in [("hsic", true), ("hsic:kernel=rbf,bandwidth=fixed,sigma=20", false)] {
        let doubled = map(&x, |row| row.iter().map(|entry| entry * 2.0).collect());
        let (before, after) = (value(spec, &x, &y), value(spec, &doubled, &y));
        assert!(!agree(&before, &after), "{spec}");
        assert_eq!(squared, after.midpoint_f64() == 4.0 * before.midpoint_f64(), "{spec}");
    }
}

#[test]
fn shifts_change_no_bit_unless_uncentered() {
    let (x, y) = drawn(2);
    let shift = [1e8, -3.0, 77.0, 1048576.0];
    let shifted = map(&x, |row| row.iter().zip(shift).map(|(entry, shift)| entry + shift).collect());
    for spec in SCALE_INVARIANT {
        let (before, after) = (value(spec, &x, &y), value(spec, &shifted, &y));
        if spec.contains("center=no") {
            assert!(!agree(&before, &after), "{spec}");
        } else {
            assert_eq!(before, after, "{spec}");
        }
    }
}

#[test]
fn the_order_of_examples_and_neurons_does_not_matter() {
    let (x, y) = drawn(3);
    let order = [4, 0, 9, 2, 10, 1, 3, 8, 6, 5, 7];
    let reordered = |rows: &[Vec<f64>]| -> Vec<Vec<f64>> { order.iter().map(|row| rows[*row].clone()).collect() };
    for spec in SCALE_INVARIANT {
        let expected = value(spec, &x, &y);
        assert!(agree(&value(spec, &reordered(&x), &reordered(&y)), &expected), "{spec}, examples");
        assert!(!agree(&value(spec, &reordered(&x), &y), &expected), "{spec}, examples of X only");
        let permuted = map(&x, |row| vec![row[2], row[0], row[3], row[1]]);
        assert!(agree(&value(spec, &permuted, &y), &expected), "{spec}, neurons");
        let padded = map(&x, |row| [row, &[0.0, 0.0]].concat());
        assert!(agree(&value(spec, &padded, &y), &expected), "{spec}, zero neurons");
    }
}

#[test]
fn rotations_change_only_what_looks_at_single_neurons() {
    let (x, y) = drawn(4);
    let rotated = turned(&x);
    for spec in SCALE_INVARIANT {
        let same = agree(&value(spec, &rotated, &y), &value(spec, &x, &y));
        assert_eq!(same, spec != "pwcca:weights=x", "{spec}");
    }
    assert!(agree(&value("pwcca:weights=y", &rotated, &y), &value("pwcca:weights=y", &x, &y)));
}

#[test]
fn invertible_maps_change_all_but_the_cca_family() {
    let (x, y) = drawn(5);
    let mapped = times(&x, &INVERTIBLE);
    let blind = ["cca", "cca:summary=r2,divisor=geometric", "cca:center=no", "pwcca:weights=y", "linear-regression", "svcca:threshold=1"];
    for spec in SCALE_INVARIANT.into_iter().chain(["pwcca:weights=y", "linear-regression:direction=y-from-x", "svcca:threshold=1"]) {
        let same = agree(&value(spec, &mapped, &y), &value(spec, &x, &y));
        let expected = (blind.contains(&spec) && spec != "linear-regression") || spec == "linear-regression:direction=y-from-x";
        assert_eq!(same, expected, "{spec}");
    }
}

#[test]
fn symmetric_measures_are_symmetric() {
    let (x, y) = drawn(6);
    for spec in SCALE_INVARIANT {
        let same = agree(&value(spec, &x, &y), &value(spec, &y, &x));
        let one_sided = ["pwcca:weights=x", "linear-regression"];
        let unequal_kappa = spec.starts_with("canonical-ridge");
        assert_eq!(same, !one_sided.contains(&spec) && !unequal_kappa, "{spec}");
    }
}

#[test]
fn a_representation_is_like_itself() {
    let (x, _) = drawn(7);
    for spec in SCALE_INVARIANT {
        let expected = if spec.starts_with("procrustes") { 0.0 } else { 1.0 };
        if spec.starts_with("canonical-ridge") {
            continue;
        }
        let own = value(spec, &x, &x);
        assert!(own.error_in_eps(expected) < 1e-20, "{spec} {own}");
    }
    let equal = value("canonical-ridge:kappa-x=0.1,kappa-y=0.1,kappa=relative,bound=cauchy", &x, &x);
    assert!(equal.error_in_eps(1.0) < 1e-20, "{equal}");
}

#[test]
fn identities_between_measures_hold() {
    let (x, y) = drawn(8);
    // Columns of equal length, mutually orthogonal: R^2 of regression is R^2 of CCA.
    let whitened: Vec<Vec<f64>> = (0..8).map(|row| (1..4).map(|column| support::hadamard(row, column)).collect()).collect();
    let regression = value("linear-regression", &whitened, &y[..8]);
    assert!(agree(&regression, &value("cca:summary=r2,divisor=min-rank", &whitened, &y[..8])));
    // cos of the Procrustes angle is the similarity: 1 - s^2 + s^2 = 1.
    let (similarity, disparity) = (value("procrustes:form=similarity", &x, &y), value("procrustes:form=disparity", &x, &y));
    let square = similarity.midpoint() * similarity.midpoint();
    assert!(Enclosure::exact(square + disparity.midpoint()).error_in_eps(1.0) < 1e-20);
    // Fixed sigma that happens to be the median.
    let line: Vec<Vec<f64>> = [0.0, 1.0, 3.0, 7.0, 15.0].iter().map(|entry| vec![*entry]).collect();
    let other: Vec<Vec<f64>> = [0.0, 2.0, 6.0, 14.0, -16.0].iter().map(|entry| vec![*entry]).collect();
    let fixed = value("cka:kernel=rbf,bandwidth=fixed,sigma=6.5", &line, &line);
    assert!(agree(&fixed, &value("cka:kernel=rbf", &line, &line)));
    assert!(!agree(&value("cka:kernel=rbf", &line, &other), &value("cka:kernel=rbf,fraction=2", &line, &other)));
}

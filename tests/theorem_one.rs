//! Theorem 1 of the paper: with as many neurons as the examples leave dimensions, an index that
//! does not see invertible linear maps is the same number for all representations. And its soft
//! form: r_X + r_Y - (n - 1) canonical correlations are 1 whatever the data.
#![cfg(feature = "cli")]

mod common;

use common::{assert_close, centered, compare, gaussian, matrix, number, pair, value};
use nalgebra::DMatrix;
use proptest::prelude::Strategy;
use proptest::test_runner::TestCaseError;
use similitude::laws::{MARGIN, Matrix};
use similitude::{Error, ErrorKind};

/// The side whose invertible maps an index does not see, and which fills the space.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Filled {
    X,
    Y,
    Either,
}

use Filled::{Either, X, Y};

/// What an index is where that side fills the space and the other has rank r and p neurons.
type Constant = fn(n: usize, r: usize, p: usize) -> f64;

const ONE: Constant = |_, _, _| 1.0;
/// Beside the filled side, of rank n - 1 and at least as many neurons.
const GEOMETRIC: Constant = |n, r, _| r as f64 / ((r * (n - 1)) as f64).sqrt();
const MAX: Constant = |n, r, _| r as f64 / (n - 1) as f64;
const MIN_WIDTH: Constant = |_, r, p| r as f64 / p as f64;

/// Indexes that do not see invertible maps of a side, and the constant that they are where it fills
/// the space.
const BLIND: [(&str, Filled, Constant); 23] = [
    ("cca:degenerate=allow", Either, ONE),
    ("cca:summary=r2,degenerate=allow", Either, ONE),
    ("cca:divisor=geometric,degenerate=allow", Either, GEOMETRIC),
    ("cca:summary=r2,divisor=geometric,degenerate=allow", Either, GEOMETRIC),
    ("cca:divisor=max,degenerate=allow", Either, MAX),
    ("cca:summary=r2,divisor=max,degenerate=allow", Either, MAX),
    ("cca:divisor=min-width,degenerate=allow", Either, MIN_WIDTH),
    ("cca:summary=r2,divisor=min-width,degenerate=allow", Either, MIN_WIDTH),
    ("pwcca:degenerate=allow", Either, ONE),
    ("pwcca:weights=x,degenerate=allow", Either, ONE),
    ("pwcca:weights=y,degenerate=allow", Either, ONE),
    ("svcca:threshold=1.0,degenerate=allow", Either, ONE),
    ("svcca:summary=r2,threshold=1.0,degenerate=allow", Either, ONE),
    ("svcca:threshold=1.0,divisor=geometric,degenerate=allow", Either, GEOMETRIC),
    ("svcca:threshold=1.0,divisor=max,degenerate=allow", Either, MAX),
    ("svcca:threshold=1.0,divisor=min-width,degenerate=allow", Either, MIN_WIDTH),
    ("linear-regression:direction=y-from-x,degenerate=allow", X, ONE),
    ("linear-regression:direction=x-from-y,degenerate=allow", Y, ONE),
    ("canonical-ridge:kappa-x=0,kappa-y=0,degenerate=allow", Either, ONE),
    ("canonical-ridge:kappa-x=0,kappa-y=0,bound=cauchy,degenerate=allow", Either, ONE),
    ("canonical-ridge:kappa-x=0,kappa-y=0,bound=separable,degenerate=allow", Either, GEOMETRIC),
    ("canonical-ridge:kappa-x=0,kappa-y=0.3,kappa=relative,degenerate=allow", X, ONE),
    ("canonical-ridge:kappa-x=0.3,kappa-y=0,kappa=relative,degenerate=allow", Y, ONE),
];

/// Indexes that do see them.
const SEEING: [&str; 5] = ["cka", "cka:estimator=debiased", "cka:kernel=rbf", "procrustes", "linear-regression"];

/// An orthonormal basis of the vectors that a full-rank wide matrix maps to 0, as columns.
fn null_space(wide: &DMatrix<f64>) -> DMatrix<f64> {
    let (rank, p) = wide.shape();
    let eigen = (wide.transpose() * wide).symmetric_eigen();
    let mut order: Vec<usize> = (0..p).collect();
    order.sort_by(|&i, &j| eigen.eigenvalues[i].total_cmp(&eigen.eigenvalues[j]));
    DMatrix::from_fn(p, p - rank, |i, j| eigen.eigenvectors[(i, order[j])])
}

/// The invertible A with Xc A = Yc, for X and Y of the same width p >= n - 1 and full rank: both
/// are completed by a basis of their null space to invertible p x p matrices (one row of the
/// centered matrices follows from the others), and solved for A.
fn map_between(x: &Matrix, y: &Matrix) -> DMatrix<f64> {
    let completed = |z: &Matrix| {
        let rows = centered(z).rows(0, z.n - 1).into_owned();
        let rest = null_space(&rows).transpose();
        DMatrix::from_fn(z.p, z.p, |i, j| if i < z.n - 1 { rows[(i, j)] } else { rest[(i - (z.n - 1), j)] })
    };
    completed(x).lu().solve(&completed(y)).expect("a completed matrix is invertible")
}

fn wide() -> impl Strategy<Value = (usize, usize, u64)> {
    (5usize..=11, 0usize..=5, 0u64..1 << 32).prop_map(|(n, more, seed)| (n, n - 1 + more, seed))
}

#[test]
fn between_any_two_wide_representations_stands_an_invertible_map() {
    let outcome = common::runner(file!(), "map", 64).run(&wide(), |(n, p, seed)| {
        let (x, y) = (gaussian(n, p, seed), gaussian(n, p, seed + (1 << 40)));
        let a = map_between(&x, &y);
        let missed = (centered(&x) * &a - centered(&y)).norm() / centered(&y).norm();
        let singular = a.singular_values();
        if missed > 1e-8 {
            return Err(TestCaseError::fail(format!("XA misses Y by {missed:e}")));
        }
        if singular.min() < 1e-8 * singular.max() {
            return Err(TestCaseError::fail(format!("A is not invertible: singular values {singular:?}")));
        }
        Ok(())
    });
    outcome.unwrap();
}

#[test]
fn indexes_blind_to_invertible_maps_are_one_constant_for_wide_representations() {
    let outcome = common::runner(file!(), "constant", 48).run(&wide(), |(n, p, seed)| {
        let (x, y, z) = (gaussian(n, p, seed), gaussian(n, p, seed + (1 << 40)), gaussian(n, 1 + (seed % 5) as usize, seed + (1 << 41)));
        let mapped = matrix(&(centered(&x) * map_between(&x, &y)));
        for (text, filled, constant) in BLIND {
            let expected = constant(n, z.p.min(n - 1), z.p.min(p));
            for (name, wide) in [("X", &x), ("Y", &y), ("XA", &mapped)] {
                let sides = [(X, wide, &z), (Y, &z, wide)];
                for (side, first, second) in sides.into_iter().filter(|(side, ..)| filled == Either || filled == *side) {
                    let (got, bound) = value(text, first, second);
                    if (got - expected).abs() > bound {
                        let message = format!("{text}: {name} beside Z, on side {side:?}: {got:?}, not {expected} within {bound:e}");
                        return Err(TestCaseError::fail(message));
                    }
                }
            }
        }
        Ok(())
    });
    outcome.unwrap();
}

#[test]
fn a_side_that_leaves_a_dimension_is_no_constant() {
    // One neuron fewer than the examples leave dimensions: every index of the list compares again.
    for seed in 0..8 {
        let (n, z) = (9, gaussian(9, 3, 3 * seed));
        let (x, y) = (gaussian(n, n - 2, 3 * seed + 1), gaussian(n, n - 2, 3 * seed + 2));
        for (text, filled, constant) in BLIND {
            let sides = [(X, value(text, &x, &z), value(text, &y, &z)), (Y, value(text, &z, &x), value(text, &z, &y))];
            for (side, one, other) in sides.into_iter().filter(|(side, ..)| filled == Either || filled == *side) {
                assert!((one.0 - other.0).abs() > MARGIN * (one.1 + other.1), "{text}, {side:?}, seed {seed}: {one:?} and {other:?}");
                assert!(one.0 < constant(n - 1, 3, 3) + one.1, "{text}, {side:?}, seed {seed}: {one:?} is above the constant");
            }
        }
    }
}

#[test]
fn indexes_that_see_invertible_maps_still_tell_wide_representations_apart() {
    for seed in 0..20 {
        let (n, p) = (10, 9 + (seed % 4) as usize);
        let (x, y, z) = (gaussian(n, p, 3 * seed), gaussian(n, p, 3 * seed + 1), gaussian(n, 3, 3 * seed + 2));
        let mapped = matrix(&(centered(&x) * map_between(&x, &y)));
        for text in SEEING {
            let (before, other) = value(text, &x, &z);
            let (after, bound) = value(text, &y, &z);
            assert!((before - after).abs() > MARGIN * (bound + other), "{text}, seed {seed}: s(X, Z) = {before} = s(Y, Z) = {after}");
            // XA is Y to the rounding of the solution.
            assert_close(value(text, &mapped, &z).0, after, bound + 1e-8, &format!("{text}, seed {seed}: s(XA, Z)"));
        }
    }
}

#[test]
fn by_default_the_constant_is_an_error_that_names_the_shapes() {
    let (x, z) = (gaussian(8, 9, 1), gaussian(8, 3, 2));
    for (text, filled, _) in BLIND {
        let text = text.replace(",degenerate=allow", "").replace(":degenerate=allow", "");
        for (side, first, second) in [(X, &x, &z), (Y, &z, &x)] {
            if filled != Either && filled != side {
                continue;
            }
            let error = compare(&text, first, second).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Degenerate, "{text}: {error}");
            let Error::Degenerate { n, available, p1, p2, dimensions_x, dimensions_y, .. } = error else { panic!("{text}: {error}") };
            let (neurons, dimensions) = if side == X { ((9, 3), (7, 3)) } else { ((3, 9), (3, 7)) };
            assert_eq!(((n, available), (p1, p2), (dimensions_x, dimensions_y)), ((8, 7), neurons, dimensions), "{text}");
        }
    }
    // The predictor decides: three neurons do not fill the space, and the fit of X from them is a
    // number.
    assert!(value("linear-regression", &x, &z).0 < 0.9);
}

#[test]
fn without_centering_the_space_has_one_dimension_more() {
    let z = gaussian(8, 3, 2);
    let text = "cca:center=no,degenerate=allow";
    let (full, bound) = value(text, &gaussian(8, 8, 1), &z);
    assert_close(full, 1.0, bound, "8 neurons, 8 examples");
    assert!(value(text, &gaussian(8, 7, 1), &z).0 < 0.999, "7 neurons leave a dimension");
    assert!(matches!(compare("cca:center=no", &gaussian(8, 8, 1), &z), Err(Error::Degenerate { available: 8, .. })));
}

#[test]
fn soft_form_ranks_that_overlap_force_correlations_of_one() {
    for (n, p1, p2) in [(10, 6, 5), (12, 5, 8), (9, 4, 5), (20, 10, 12), (10, 3, 4), (7, 5, 5)] {
        for seed in 0..10 {
            let (x, y) = (gaussian(n, p1, 2 * seed), gaussian(n, p2, 2 * seed + 1));
            let forced = (p1 + p2).saturating_sub(n - 1);
            let score = compare("cca", &x, &y).unwrap();
            assert_eq!(number(&score, "forced_correlations"), forced as f64, "n = {n}, p = {p1} and {p2}");
            let Some(similitude::Diagnostic::Numbers(rho)) = score.diagnostics.0.get("correlations") else {
                panic!("no correlations: {score:?}")
            };
            let tolerance = number(&score, "error_bound") * p1.min(p2) as f64;
            for (i, rho) in rho.iter().enumerate() {
                let one = (rho - 1.0).abs() <= tolerance;
                assert_eq!(one, i < forced, "n = {n}, p = {p1} and {p2}, seed {seed}: correlation {i} is {rho:?}");
            }
        }
    }
}

#[test]
fn forced_correlations_repeat_so_pwcca_is_not_determined() {
    // Two forced correlations beside free ones: any rotation of their variates gives other weights.
    let (x, y) = pair(10, 6, 5, 3);
    assert!(
        matches!(compare("pwcca", &x, &y), Err(Error::RepeatedCorrelation { first: 1, last: 2, .. })),
        "{:?}",
        compare("pwcca", &x, &y)
    );
    // One forced correlation repeats nothing.
    let (x, y) = pair(10, 6, 4, 3);
    assert!(value("pwcca", &x, &y).0 < 1.0);
}

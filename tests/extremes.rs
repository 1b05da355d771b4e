//! Extreme scales, large offsets, small distances, and the rule that nothing is ever NaN.
#![cfg(feature = "cli")]

mod common;

use common::{assert_close, column, compare, everywhere, gaussian, hadamard, measure, number, pair, representation, try_value, value};
use similitude::laws::{Generator, Matrix};
use similitude::{Claim, Error, ErrorKind, Group, Side, Undefined, registry};

const EPS: f64 = f64::EPSILON;

// --- Scale and offset
// -------------------------------------------------------------------------------------------------------------------

#[test]
fn hsic_outside_the_range_of_f64_is_an_error() {
    let (x, y) = pair(12, 3, 3, 1);
    for (scale_x, scale_y) in [(1e150, 1e150), (1e-150, 1e-150), (1e100, 1e60), (1e-160, 1.0)] {
        for text in ["hsic", "hsic:estimator=unbiased"] {
            let error = compare(text, &x.scaled(scale_x), &y.scaled(scale_y)).unwrap_err();
            let Error::Unrepresentable { mantissa, exponent, .. } = error else { panic!("{text}: {error:?}") };
            let decimal = mantissa.abs().log10() + exponent as f64 * 2f64.log10();
            let want = value(text, &x, &y).0.abs().log10() + 2.0 * (scale_x.log10() + scale_y.log10());
            assert_close(decimal, want, 1e-9, text);
        }
    }
    let (want, bound) = value("hsic", &x, &y);
    let (got, other) = value("hsic", &x.scaled(1e150), &y.scaled(1e-150));
    assert_close(got, want, 2.0 * bound + other, "extremes that cancel");
}

#[test]
fn normalised_measures_survive_extreme_scales() {
    everywhere(|measure, x, y| {
        let scale_free = Side::ALL.map(|side| measure.properties().claims.get(Group::IsotropicScaling, side) == Claim::Holds);
        let (want, bound) = try_value(measure, x, y).unwrap_or_else(|error| panic!("{error}"));
        for scale in [1e-150, 1e150, 2f64.powi(-1000), 2f64.powi(900)] {
            for (side, scaled) in [(0, (x.scaled(scale), y.clone())), (1, (x.clone(), y.scaled(scale)))] {
                if scale_free[side] {
                    let (got, other) = try_value(measure, &scaled.0, &scaled.1).unwrap_or_else(|error| panic!("{error}"));
                    // Rounded entries move the value by a few times its bound at most.
                    assert_close(got, want, 2.0 * (bound + other), &format!("{measure}, side {side}, scale {scale:e}"));
                }
            }
        }
    });
}

/// Regularisation far above the data, in absolute units: the canonical ridge is at its limit, not
/// at 0/0.
#[test]
fn canonical_ridge_of_tiny_representations() {
    let (x, y) = pair(20, 3, 4, 2);
    for (bound, limit) in [("trace", None), ("cauchy", None), ("separable", Some("cka"))] {
        let at = |scale_x: f64, scale_y: f64| {
            let text = format!("canonical-ridge:kappa-x=0.5,kappa-y=0.5,kappa=absolute,bound={bound}");
            value(&text, &x.scaled(scale_x), &y.scaled(scale_y))
        };
        let (want, b1) = at(2f64.powi(-40), 2f64.powi(-40));
        for scale in [2f64.powi(-200), 2f64.powi(-300), 2f64.powi(-400), 1e-150] {
            for (got, b2) in [at(scale, scale), at(2f64.powi(-40), scale)] {
                assert_close(got, want, 2.0 * (b1 + b2), &format!("{bound}, scale {scale:e}"));
                assert!(b2 < 1e-12, "{bound}, scale {scale:e}: bound {b2:e}");
            }
        }
        if let Some(limit) = limit {
            assert_close(want, value(limit, &x, &y).0, b1 + 1e-14, bound);
        }
    }
}

#[test]
fn an_offset_of_1e8_changes_nothing() {
    let (x, y) = pair(24, 3, 5, 11);
    let whole = |z: &Matrix| Matrix::from_fn(z.n, z.p, |i, j| (z.at(i, j) * 100.0).round());
    let raised = |z: &Matrix| Matrix::from_fn(z.n, z.p, |i, j| z.at(i, j) + if j % 2 == 0 { 1e8 } else { -1e8 });
    let (x, y) = (whole(&x), whole(&y));
    for measure in registry::conventions() {
        if measure.properties().claims.get(Group::Translation, Side::X) != Claim::Holds {
            continue;
        }
        // Units of a hundredth, so that fixed bandwidths and kappas see what they are made for.
        let unit = 2f64.powi(-7);
        let (want, bound) = try_value(&measure, &x.scaled(unit), &y.scaled(unit)).unwrap_or_else(|error| panic!("{error}"));
        let (got, other) =
            try_value(&measure, &raised(&x).scaled(unit), &raised(&y).scaled(unit)).unwrap_or_else(|error| panic!("{error}"));
        assert_close(got, want, bound + other, &measure.to_string());
    }
}

#[test]
fn a_representation_and_its_rotation_are_apart_by_rounding_not_by_its_root() {
    let x = gaussian(50, 6, 1);
    // A signed permutation is exact; a turn by 3-4-5 rounds by eps.
    let turned = Matrix::from_fn(50, 6, |i, j| match j {
        0 => 0.6 * x.at(i, 0) - 0.8 * x.at(i, 1),
        1 => 0.8 * x.at(i, 0) + 0.6 * x.at(i, 1),
        _ => -x.at(i, j),
    });
    for (form, limit) in [("distance", 1e-14), ("angle", 1e-14), ("squared", 1e-28), ("disparity", 1e-28)] {
        let (got, bound) = value(&format!("procrustes:form={form}"), &x, &turned);
        assert!(got <= limit && bound <= 1e3 * limit, "{form}: {got:e}, bound {bound:e}");
    }
}

/// The polar factor of the rounded A'B is no best rotation of small directions, and its own test
/// cannot see that: whatever is rounded in A'B has to be in the bound, or another rotation is
/// tried.
#[test]
fn rotations_of_ill_conditioned_features_are_apart_by_no_more_than_the_bound() {
    let reflection = |p: usize, seed: u64| {
        let v = gaussian(p, 1, seed);
        let squared = v.norm().powi(2);
        Matrix::from_fn(p, p, |i, j| f64::from(u8::from(i == j)) - 2.0 * v.at(i, 0) * v.at(j, 0) / squared)
    };
    for (n, p) in [(12, 4), (40, 8), (30, 2)] {
        for (seed, exponent) in (0..12u64).flat_map(|seed| [2, 4, 5, 6, 7, 8, 10].map(|exponent| (seed, exponent))) {
            let least = 10f64.powi(-exponent);
            let graded = gaussian(n, p, seed);
            let graded = Matrix::from_fn(n, p, |i, j| graded.at(i, j) * least.powf(j as f64 / (p - 1) as f64));
            let x = graded.times(&reflection(p, seed + 100)).times(&reflection(p, seed + 200));
            let y = x.times(&reflection(p, seed + 300)).times(&reflection(p, seed + 400));
            // Y is X R but for the rounding of its two products.
            let rounded = 8.0 * (p as f64 + 2.0) * EPS;
            let (got, bound) = value("procrustes", &x, &y);
            assert!(got <= bound + rounded, "{n} x {p}, 1e{exponent}, seed {seed}: {got:e}, bound {bound:e}");
        }
    }
}

#[test]
fn a_small_distance_keeps_its_digits() {
    // Two orthogonal unit directions, one of them turned by a small angle out of the plane: the
    // similarity is (1 + cos t) / 2.
    let sign = |i: usize, j: usize| 0.25 * hadamard(i, j);
    let x = Matrix::from_fn(16, 2, |i, j| sign(i, j + 1));
    for t in [1e-3, 1e-5, 1e-7f64] {
        let y = Matrix::from_fn(16, 2, |i, j| if j == 0 { x.at(i, 0) } else { t.cos() * x.at(i, 1) + t.sin() * sign(i, 4) });
        // d^2 = 2 - 2s = 1 - cos t = 2 sin^2(t/2)
        let want = 2f64.sqrt() * (t / 2.0).sin();
        let (got, bound) = value("procrustes", &x, &y);
        assert_close(got, want, bound + 2.0 * EPS, &format!("t = {t:e}"));
        assert!(bound < 1e-13, "{bound:e}");
    }
}

// --- Kernels of distances
// --------------------------------------------------------------------------------------------------------------

/// Centering leaves 0, 0.2, 0.5 and 1.1 as one and the same number beside it. Exact values to 20
/// digits by mpmath.
#[test]
fn one_huge_entry_does_not_spoil_the_distances_of_the_others() {
    let y = column(&[0.0, 1.0, 3.0, 4.5, 0.2]);
    for huge in [1e16, 1e17, 1e100] {
        let x = column(&[0.0, 0.2, 0.5, 1.1, huge]);
        for (text, want) in [
            ("cka:kernel=rbf,bandwidth=fixed,sigma=0.3", 0.728_757_736_419_795_8),
            ("cka:kernel=rbf", 0.416_259_204_171_746_44),
            ("cka:kernel=laplace,bandwidth=fixed,sigma=0.3", 0.888_691_774_751_514_8),
            ("cka:kernel=laplace", 0.621_170_351_844_548_2),
            ("hsic:kernel=rbf,bandwidth=fixed,sigma=0.3", 0.177_186_695_288_754),
            ("hsic:kernel=laplace,bandwidth=fixed,sigma=0.3", 0.200_154_637_713_658),
        ] {
            let (got, bound) = value(text, &x, &y);
            assert_close(got, want, bound + EPS, &format!("{text}, {huge:e}"));
            assert!(bound < 1e-12, "{text}, {huge:e}: bound {bound:e}");
            let reference = measure(text).reference(&representation("x", &x), &representation("y", &y)).unwrap();
            assert_close(reference, want, 1e-13, &format!("{text}, {huge:e}, reference path"));
        }
    }
}

/// Where the entries as they stand are not looked at (the first examples and the middle ones have
/// nothing to lose), the bound says how little is known.
#[test]
fn what_centering_spoils_unseen_is_in_the_bound() {
    let entry = |i: usize| if (20..26).contains(&i) || i >= 56 { 0.1 * i as f64 } else { 1e17 * (1.0 + 0.25 * i as f64) };
    let x = Matrix::from_fn(64, 1, |i, _| entry(i));
    let y = Matrix::from_fn(64, 1, |i, _| (i * i % 23) as f64);
    let exact = Matrix::from_fn(64, 1, |i, _| if entry(i) > 1e16 { 1e6 * (1.0 + i as f64) } else { entry(i) });
    for kernel in ["rbf", "laplace"] {
        let text = format!("cka:kernel={kernel},bandwidth=fixed,sigma=0.3");
        // The huge ones are as good as infinitely far from everything in both.
        let (got, bound) = value(&text, &x, &y);
        assert_close(got, value(&text, &exact, &y).0, bound, &text);
    }
}

/// exp(-t) is not 1 - t for t of 1e-12, but for half of t.
#[test]
fn a_laplace_kernel_of_small_distances_keeps_its_second_order() {
    let small = |values: [f64; 5]| column(&values.map(|value| value * 1e-13));
    let (x, y) = (small([0.0, 0.2, 0.5, 1.1, 3.0]), small([0.0, 1.0, 3.0, 4.5, 0.2]));
    let (got, bound) = value("hsic:kernel=laplace,bandwidth=fixed,sigma=0.3", &x, &y);
    assert_close(got, 6.503_333_333_329_075e-26, bound, "hsic");
    assert!(bound < 1e-36, "{bound:e}");
    let (got, bound) = value("cka:kernel=laplace,bandwidth=fixed,sigma=0.3", &x, &y);
    assert_close(got, 0.311_986_696_012_668_7, bound, "cka");
}

/// However little is known of a value, it is somewhere in its range.
#[test]
fn every_value_has_a_bound_no_wider_than_the_range() {
    let ten = |exponent: i32| 10f64.powi(exponent);
    let far = Matrix::from_fn(7, 7, |i, j| if i == j { ten(160) } else { 0.0 });
    for text in ["cka:kernel=laplace,bandwidth=fixed,sigma=1", "cka:kernel=rbf,bandwidth=fixed,sigma=1e-3", "procrustes:form=angle"] {
        let (got, bound) = value(text, &far, &gaussian(7, 3, 1));
        let range = measure(text).properties().range;
        assert!(bound <= range.upper - range.lower, "{text}: {got} with the bound {bound:e}");
    }
}

#[test]
fn a_fixed_bandwidth_is_reported_as_it_was_given() {
    for scale in [1.0, 1e150, 1e308] {
        let x = column(&[0.0, 0.2, 0.5, 1.0, 0.7]).scaled(scale);
        let score = compare("cka:kernel=rbf,bandwidth=fixed,sigma=0.3", &x, &x).unwrap();
        assert_eq!((number(&score, "bandwidth_x"), number(&score, "bandwidth_y")), (0.3, 0.3), "{scale:e}");
    }
}

// --- Never NaN, never a panic
// -----------------------------------------------------------------------------------------------------------

#[test]
fn nothing_is_ever_nan() {
    use rand::{RngExt, SeedableRng};
    let mut generator = Generator::seed_from_u64(1);
    let mut nasty = |n: usize, p: usize| {
        let menu = [0.0, -0.0, 1.0, -1.0, 1e8, 1e-8, 5e-324, f64::MIN_POSITIVE, f64::MAX, f64::MIN, 1e150, 1e-150, 3.0, 0.1];
        let span = generator.random_range(1..=menu.len());
        let (from, repeated) = (generator.random_range(0..menu.len()), generator.random_range(0..3));
        let mut matrix = Matrix::from_fn(n, p, |_, _| menu[(from + generator.random_range(0..span)) % menu.len()]);
        if repeated == 0 && p > 1 {
            matrix = matrix.columns(&vec![0; p]);
        }
        matrix
    };
    let mut shapes = Generator::seed_from_u64(2);
    let (mut values, mut errors) = (0, 0);
    for _ in 0..400 {
        let (n, p, q) = (shapes.random_range(2..9), shapes.random_range(1..6), shapes.random_range(1..6));
        let (x, y) = (nasty(n, p), nasty(n, q));
        for measure in registry::conventions() {
            match try_value(&measure, &x, &y) {
                Ok((value, bound)) => {
                    let range = measure.properties().range;
                    assert!(value.is_finite() && value >= range.lower && value <= range.upper, "{measure}: {value} for {x:?} and {y:?}");
                    assert!(!bound.is_nan(), "{measure}: the bound is NaN for {x:?} and {y:?}");
                    values += 1;
                }
                Err(error) => {
                    assert_ne!(error.kind(), ErrorKind::Numerical, "{measure}: {error} for {x:?} and {y:?}");
                    errors += 1;
                }
            }
        }
    }
    assert!(values > 2000 && errors > 2000, "{values} values and {errors} errors");
}

/// Two equal examples and a bandwidth far below all other distances: the kernel is 1 or 0, known
/// exactly, and how much it would move with the data says nothing of that. (Once refused as a
/// self-term of zero.)
#[test]
fn equal_examples_far_apart_from_the_others_have_a_kernel() {
    let scale = 2f64.powi(452);
    let column = |values: [f64; 4]| Matrix { n: 4, p: 1, values: values.map(|value| value * scale).to_vec() };
    let (x, y) = (column([1.0, 2.0, 3.0, 5.0]), column([1.0, 1.0, 3.0, 0.0]));
    // K = I, and L = I but for a 1 between the equal examples; HKH = H, |H|^2 = 3.
    let (got, _) = value("cka:kernel=rbf,bandwidth=fixed,sigma=2.0", &x, &y);
    let h = |i: usize, j: usize| f64::from(u8::from(i == j)) - 0.25;
    let l = |i: usize, j: usize| f64::from(u8::from(i == j || i + j == 1));
    let hlh = |i: usize, j: usize| (0..4).flat_map(|a| (0..4).map(move |b| (a, b))).map(|(a, b)| h(i, a) * l(a, b) * h(b, j)).sum::<f64>();
    let entries = || (0..4).flat_map(|i| (0..4).map(move |j| (i, j)));
    let (cross, own): (f64, f64) =
        entries().fold((0.0, 0.0), |(cross, own), (i, j)| (cross + h(i, j) * hlh(i, j), own + hlh(i, j).powi(2)));
    assert_close(got, cross / (3.0 * own).sqrt(), 1e-15, "kernels of ones and zeros");
}

/// The exact value is 8.6e721: what tells the examples apart is below the rounding of (x.y + 1)^2,
/// and a value of 0 within 1e292 would be false.
#[test]
fn a_value_that_is_known_to_less_than_f64_holds_is_refused() {
    let x = Matrix { n: 4, p: 2, values: vec![-9e111, 5e111, 2e112, -2e112, -3e111, 1e112, 3e112, -1e112] };
    let y = Matrix { n: 4, p: 1, values: vec![1e136, -1e136, 1e136, -1e136] };
    let measure = measure("hsic:kernel=polynomial,degree=2,offset=1,center=no,estimator=unbiased");
    let (x, y) = (representation("x", &x), representation("y", &y));
    assert!(matches!(measure.compare(&x, &y).unwrap_err().cause(), Error::Unrepresentable { .. }));
    assert_eq!(measure.reference(&x, &y), Err(Undefined::Unrepresentable));
}

/// The terms of an unbiased HSIC are 1e325 beside a value of 1e162: what is left of their rounding is
/// no value, and was one of 8e305 within 3e293, the largest bound of f64 times c eps.
#[test]
fn a_bound_beyond_f64_is_no_smaller_one() {
    let (x, y) = pair(12, 3, 3, 3);
    let far = Matrix::from_fn(12, 3, |i, j| if i == 0 { 2f64.powi(540) } else { 1.0 } * x.at(i, j));
    for scale in [1e-1, 1e-3, 1e-5, 1e-7] {
        let outcome = compare("hsic:estimator=unbiased", &far, &y.scaled(scale));
        assert!(matches!(outcome.as_ref().map_err(Error::cause), Err(Error::Unrepresentable { .. })), "{scale:e}: {outcome:?}");
    }
    // Up to the end of the range a value has its whole bound, and beyond it there is none.
    // An HSIC grows with the squares of both scales, a squared distance with that of one for both, and
    // its error in units of c eps is up to 8 times itself.
    for (text, fixed, powers, room) in [("hsic", Some(300), 200..=215, 0.0), ("soft-matching:form=squared", None, 505..=516, 3.0)] {
        let (plain, bound) = value(text, &x, &y);
        let mut seen = [0, 0];
        for power in powers {
            let scaled = compare(text, &x.scaled(2f64.powi(fixed.unwrap_or(power))), &y.scaled(2f64.powi(power)));
            let fits = plain.log2() + 2.0 * f64::from(fixed.unwrap_or(0) + power) + room < 1024.0;
            seen[usize::from(fits)] += 1;
            match scaled {
                Ok(score) => {
                    let ratio = number(&score, "error_bound") / score.value / (bound / plain);
                    assert!((ratio - 1.0).abs() < 1e-12, "{text}, 2^{power}: {ratio}");
                }
                Err(error) => assert!(!fits, "{text}, 2^{power}: {error}"),
            }
        }
        assert!(seen[0] > 2 && seen[1] > 2, "{text}: {seen:?}");
    }
}

/// A constant representation has no scale, and a constant neuron none either, however large.
#[test]
fn what_is_constant_has_no_scale() {
    let (_, y) = pair(8, 2, 3, 9);
    for text in ["soft-matching:form=squared", "soft-matching:form=distance"] {
        let of = |constant: f64| value(text, &Matrix::from_fn(8, 2, |_, _| constant), &y);
        let (want, bound) = of(1.0);
        assert!(want > 0.1 && bound > 0.0, "{text}: {want}, {bound:e}");
        for constant in [2f64.powi(560), 2f64.powi(-560), 0.0] {
            assert_eq!(of(constant), (want, bound), "{text}, {constant:e}");
            assert_eq!(value(text, &y, &Matrix::from_fn(8, 2, |_, _| constant)), (want, bound), "{text}, {constant:e}");
        }
    }
    // Tenths, of which rounding makes what is nearly a tie: exact products tell.
    let tenths = |i: usize, j: usize| ((7 * i + 3 * j * j + i * j) % 9) as f64 * 0.1;
    let (_, y) = pair(12, 2, 3, 4);
    for text in ["rsa:rdm=euclidean,compare=spearman", "rsa:rdm=euclidean,compare=kendall-b", "mutual-knn:k=2,metric=euclidean"] {
        let of = |constant: f64| value(text, &Matrix::from_fn(12, 3, |i, j| if j < 2 { tenths(i, j) } else { constant }), &y);
        assert_eq!(of(2f64.powi(560)), of(1.0), "{text}");
    }
    everywhere(|measure, x, y| {
        let claims = measure.properties().claims;
        if Side::ALL
            .into_iter()
            .any(|side| [Group::Translation, Group::ZeroNeurons].into_iter().any(|group| claims.get(group, side) != Claim::Holds))
        {
            return;
        }
        let with = |constant: f64| {
            let more = Matrix::from_fn(x.n, x.p + 1, |i, j| if j < x.p { x.at(i, j) } else { constant });
            try_value(measure, &more, y)
        };
        let (want, bound) = with(1.0).unwrap_or_else(|error| panic!("{error}"));
        for constant in [2f64.powi(300), 2f64.powi(560), 2f64.powi(900)] {
            let (got, other) = with(constant).unwrap_or_else(|error| panic!("{constant:e}: {error}"));
            assert_close(got, want, bound + other, &format!("{measure}, {constant:e}"));
        }
    });
}

//! Products in single precision: how far off they are, and that the score says so.
#![cfg(feature = "cli")]

mod common;

use std::cell::Cell;

use proptest::prop_assert;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};
use similitude::laws::Family;
use similitude::{Error, Measure, Partners, Precision, Prepared, Representation, Score};

/// Normal features with a common part, on top of a mean that is `offset` standard deviations.
fn drawn(seed: u64, n: usize, p: usize, offset: f64) -> Representation<'static> {
    let mut common = ChaCha8Rng::seed_from_u64(1);
    let mut own = ChaCha8Rng::seed_from_u64(seed);
    let normal = |generator: &mut ChaCha8Rng| -> f64 { StandardNormal.sample(generator) };
    let values: Vec<f64> = (0..n * p).map(|_| normal(&mut common) + normal(&mut own) + offset).collect();
    Representation::from_row_major("drawn", n, p, values).unwrap()
}

fn scores(text: &str, x: &Representation<'_>, y: &Representation<'_>) -> (Score, Score) {
    let [single, double] = [Precision::Single, Precision::Double].map(|precision| score(text, x, y, precision).unwrap());
    (single, double)
}

fn score(text: &str, x: &Representation<'_>, y: &Representation<'_>, precision: Precision) -> Result<Score, Error> {
    let [x, y] = [x, y].map(|side| Prepared::new(side, false).with_precision(precision));
    Measure::parse(text).unwrap().compare_prepared(&x, &y)
}

fn number(score: &Score, name: &str) -> f64 {
    score.diagnostics.get(name).unwrap()
}

fn precision(score: &Score) -> Option<String> {
    let diagnostics = serde_json::to_value(&score.diagnostics).unwrap();
    diagnostics.get("precision").map(|precision| precision.as_str().unwrap().to_string())
}

const LINEAR: [&str; 4] = ["cka", "cka:estimator=debiased", "hsic", "hsic:estimator=unbiased"];

#[test]
fn values_are_within_their_bound_and_seven_digits() {
    for offset in [0.0, 100.0] {
        let (x, y) = (drawn(2, 3000, 100, offset), drawn(3, 3000, 100, offset));
        for text in LINEAR {
            let (single, double) = scores(text, &x, &y);
            let off = (single.value - double.value).abs();
            assert!(off > 0.0 && off <= number(&single, "error_bound"), "{text}, mean {offset}: {off:e}");
            assert!(off <= 1e-7 * double.value.abs(), "{text}, mean {offset}: {off:e}");
            assert_eq!((precision(&single).as_deref(), precision(&double)), (Some("f32"), None));
            assert!(number(&single, "error_bound") > 1e6 * number(&double, "error_bound"));
        }
    }
}

/// Procrustes, linear regression and CCA's R2: everything in f64 but the product of the pair.
const PRODUCTS: [&str; 7] = [
    "procrustes",
    "procrustes:form=squared",
    "procrustes:form=angle",
    "linear-regression",
    "linear-regression:direction=sum",
    "cca:summary=r2",
    "cca:summary=r2,divisor=geometric",
];

/// The same with columns whose scales go from 1 down to 1 / condition, mixed by rotations of
/// neighbours so that no column is small.
fn ill_conditioned(seed: u64, n: usize, p: usize, condition: f64) -> Representation<'static> {
    // As many neurons for all, of which the first are taken: those of two representations have
    // parts in common.
    let plain = drawn(seed, n, 100, 0.0);
    let mut values: Vec<f64> =
        (0..n * p).map(|i| plain.view()[(i / p, i % p)] * condition.powf(-((i % p) as f64) / (p as f64 - 1.0))).collect();
    for row in values.chunks_mut(p) {
        for column in 1..p {
            let (a, b) = (row[column - 1], row[column]);
            (row[column - 1], row[column]) = (0.8 * a - 0.6 * b, 0.6 * a + 0.8 * b);
        }
    }
    Representation::from_row_major("ill conditioned", n, p, values).unwrap()
}

/// Whatever the condition of the data: bases are solved for in f64, and rounded once they are
/// orthonormal.
#[test]
fn the_condition_does_not_multiply_the_rounding_of_single_precision() {
    for condition in [1.0, 3e2, 1e5] {
        let (x, y) = (ill_conditioned(2, 3000, 100, condition), ill_conditioned(3, 3000, 60, condition));
        for text in PRODUCTS {
            let (single, double) = scores(text, &x, &y);
            let off = (single.value - double.value).abs();
            assert!(off > 0.0 && off <= number(&single, "error_bound"), "{text}, condition {condition:e}: {off:e}");
            assert!(off <= 4e-7 * double.value.abs(), "{text}, condition {condition:e}: {off:e}");
            assert_eq!((precision(&single).as_deref(), precision(&double)), (Some("f32"), None));
            for rank in ["rank_x", "rank_y"] {
                assert_eq!(single.diagnostics.get(rank), double.diagnostics.get(rank), "{text}");
            }
        }
    }
}

/// Any shapes, kinds and scales: no value leaves its bound, and nothing has a value that has none
/// in double precision.
#[test]
fn values_are_within_their_bounds_on_any_data() {
    for text in LINEAR.iter().chain(&PRODUCTS) {
        let minimum = Measure::parse(text).unwrap().properties().minimum_examples;
        let (answered, in_single) = (Cell::new(0), Cell::new(0));
        common::runner(file!(), text, 300)
            .run(&common::cases(&[Family::Plain, Family::Awkward]), |case| {
                let (x, y) = case.draw(minimum, &mut case.generator());
                let (x, y) = (common::representation("x", &x.matrix), common::representation("y", &y.matrix));
                let [single, double] = [Precision::Single, Precision::Double].map(|precision| score(text, &x, &y, precision));
                match (single, double) {
                    (Ok(single), Ok(double)) => {
                        answered.set(answered.get() + 1);
                        in_single.set(in_single.get() + usize::from(precision(&single).is_some()));
                        let (off, bound) = ((single.value - double.value).abs(), number(&single, "error_bound"));
                        prop_assert!(off <= bound + number(&double, "error_bound"), "{text}: off by {off:e}, bound {bound:e}");
                    }
                    // A term that is not zero within the rounding of f64 may be so within that of
                    // f32.
                    (Err(_), _) => {}
                    (Ok(single), Err(error)) => prop_assert!(false, "{text}: {} where f64 says {error}", single.value),
                }
                Ok(())
            })
            .unwrap_or_else(|error| panic!("{text}: {error}"));
        let (answered, in_single) = (answered.get(), in_single.get());
        assert!(answered >= 150 && in_single >= 50, "{text}: {answered} have values, {in_single} of them from products in f32");
    }
}

/// What products do not tell is told in double precision: bases of lower rank, rotations of each
/// other.
#[test]
fn what_products_do_not_tell_is_in_double_precision() {
    let (x, y) = (drawn(2, 700, 30, 0.0), drawn(3, 700, 20, 0.0));
    let twice =
        Representation::from_row_major("twice", 700, 40, (0..700 * 40).map(|i| y.view()[(i / 40, i % 20)]).collect::<Vec<_>>()).unwrap();
    for (text, x, y) in [
        ("cca:summary=r2", &x, &twice),
        ("cca:summary=r2", &twice, &x),
        ("linear-regression", &x, &twice),
        ("procrustes", &x, &x),
        ("procrustes:form=angle", &y, &twice),
    ] {
        let (single, double) = scores(text, x, y);
        assert_eq!((single.value, precision(&single)), (double.value, None), "{text}");
    }
    // The predictor alone has a basis.
    assert_eq!(precision(&scores("linear-regression", &twice, &x).0).as_deref(), Some("f32"));
}

/// Other measures, and linear ones where the Gram matrix is cheaper, are computed in double
/// precision and do not say otherwise.
#[test]
fn what_has_no_single_form_is_the_same_bits() {
    let (x, y) = (drawn(2, 60, 8, 0.0), drawn(3, 60, 8, 0.0));
    let (wide_x, wide_y) = (drawn(2, 12, 8, 0.0), drawn(3, 12, 8, 0.0));
    for (text, x, y) in [("cca", &x, &y), ("svcca", &x, &y), ("cka:kernel=rbf", &x, &y), ("cka", &wide_x, &wide_y)] {
        let (single, double) = scores(text, x, y);
        assert_eq!(single, double, "{text}");
    }
}

#[test]
fn one_side_in_single_precision_is_enough_for_the_bound() {
    let (x, y) = (drawn(2, 700, 30, 0.0), drawn(3, 700, 30, 0.0));
    let measure = Measure::parse("cka").unwrap();
    let (single, double) = (Prepared::new(&x, false).with_precision(Precision::Single), Prepared::new(&y, false));
    let score = measure.compare_prepared(&single, &double).unwrap();
    assert_eq!(precision(&score).as_deref(), Some("f32"));
    let exact = measure.compare(&x, &y).unwrap().value;
    assert!((score.value - exact).abs() <= number(&score, "error_bound"));
}

/// What is prepared for products alone is the same bits, and no bound changes; where more is
/// needed, more is kept.
#[test]
fn what_is_kept_of_a_representation_changes_no_bit() {
    let (x, y) = (drawn(2, 700, 30, 100.0), drawn(3, 700, 20, 100.0));
    for texts in [
        &["cka"][..],
        &["hsic"],
        &["cka", "hsic"],
        &["cka", "cka:estimator=debiased"],
        &["hsic", "cca"],
        &["procrustes", "cka"],
        &["cca:summary=r2", "cca"],
    ] {
        let measures: Vec<Measure> = texts.iter().map(|text| Measure::parse(text).unwrap()).collect();
        let prepare = |side: &Representation<'_>, neurons: usize| {
            let partners = Partners { narrowest: neurons, widest: neurons, as_x: true, as_y: true };
            Measure::prepare_for(&measures, side, Precision::Single, partners)
        };
        let (x_for_y, y_for_x) = (prepare(&x, 20), prepare(&y, 30));
        for (measure, text) in measures.iter().zip(texts) {
            let score = measure.compare_prepared(&x_for_y, &y_for_x).unwrap();
            assert_eq!(score, scores(text, &x, &y).0, "{text}");
        }
    }
    // With more neurons than examples among them, the Gram matrices are compared, in double
    // precision.
    let (x, y) = (drawn(2, 40, 30, 0.0), drawn(3, 40, 20, 0.0));
    let partners = Partners { narrowest: 20, widest: 30, as_x: true, as_y: true };
    let measure = Measure::parse("cka").unwrap();
    let [x_for_y, y_for_x] = [&x, &y].map(|side| Measure::prepare_for(std::slice::from_ref(&measure), side, Precision::Single, partners));
    assert_eq!(measure.compare_prepared(&x_for_y, &y_for_x).unwrap(), scores("cka", &x, &y).1);
}

/// A measure that claims a single form has one, and no other does.
#[test]
fn claims_of_a_single_form_are_true() {
    let (x, y) = (drawn(2, 300, 8, 0.0), drawn(3, 300, 6, 0.0));
    for measure in similitude::registry::conventions() {
        let prepared = [&x, &y].map(|side| Prepared::new(side, measure.uncentered()).with_precision(Precision::Single));
        let score = measure.compare_prepared(&prepared[0], &prepared[1]).unwrap();
        assert_eq!(precision(&score).is_some(), measure.supports_single(), "{measure}");
    }
}

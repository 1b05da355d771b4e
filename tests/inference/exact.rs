//! The exact moments of the permutation null beside all permutations, and beside drawn ones.

use similitude::inference::{Error, Permutations, exact_null, permutation_null};
use similitude::laws::Matrix;
use similitude::{Measure, Representation, registry};

use crate::common::{everywhere, gaussian, measure, number, pair, representation};

/// Every order of so many rows.
fn orders(n: usize) -> Vec<Vec<usize>> {
    if n == 0 {
        return vec![Vec::new()];
    }
    let longer = |order: Vec<usize>| (0..n).map(move |place| [&order[..place], &[n - 1], &order[place..]].concat());
    orders(n - 1).into_iter().flat_map(longer).collect()
}

fn permuted(matrix: &Matrix, order: &[usize]) -> Matrix {
    Matrix::from_fn(matrix.n, matrix.p, |i, j| matrix.at(order[i], j))
}

/// Mean, standard deviation and skewness of the value over all orders of Y, and how far a value
/// may be off.
fn enumerated(measure: &Measure, x: &Matrix, y: &Matrix, square: bool) -> ([f64; 3], f64) {
    let x = representation("x", x);
    let scores: Vec<(f64, f64)> = orders(y.n)
        .iter()
        .map(|order| {
            let score = measure.compare(&x, &representation("y", &permuted(y, order))).unwrap();
            let bound = number(&score, "error_bound");
            if square { (score.value.powi(2), 2.0 * bound * score.value + bound * bound) } else { (score.value, bound) }
        })
        .collect();
    let count = scores.len() as f64;
    let mean = scores.iter().map(|(value, _)| value).sum::<f64>() / count;
    let central = |power: i32| scores.iter().map(|(value, _)| (value - mean).powi(power)).sum::<f64>() / count;
    ([mean, central(2).sqrt(), central(3) / central(2).powf(1.5)], scores.iter().map(|(_, bound)| *bound).fold(0.0, f64::max))
}

#[test]
fn moments_are_those_of_all_orders() {
    let (x, y) = pair(6, 2, 3, 17);
    let mut checked = 0;
    for measure in registry::conventions() {
        let (x, y) = (representation("x", &x), representation("y", &y));
        let exact = match exact_null(&measure, &x, &y) {
            Err(Error::NotAnInnerProduct { .. }) => continue,
            Err(Error::Measure(similitude::Error::TooFewExamples { .. })) => continue,
            exact => exact.unwrap_or_else(|error| panic!("{measure}: {error}")),
        };
        let ([mean, sd, skewness], bound) = enumerated(&measure, &matrix(&x), &matrix(&y), exact.of_square);
        // Of values off by the bound, the deviation is off by as much and the skewness by six times
        // that over the deviation.
        let off = [bound, 2.0 * bound, 12.0 * bound / sd];
        let got = [exact.mean(), exact.sd(), exact.skewness()];
        for ((got, want), (off, bound)) in got.into_iter().zip([mean, sd, skewness]).zip(off.into_iter().zip(exact.error_bounds())) {
            let tolerance = off + bound + 1e-14 * want.abs();
            assert!((got - want).abs() <= tolerance, "{measure}: {got:e} for {want:e}, {tolerance:e} allowed");
            assert!(tolerance < 1e-6 * (1.0 + sd), "{measure}: {tolerance:e} says nothing");
        }
        checked += 1;
    }
    assert!(checked >= 30, "{checked} conventions are inner products");
}

fn matrix(of: &Representation<'_>) -> Matrix {
    Matrix { n: of.n(), p: of.p(), values: of.to_row_major() }
}

#[test]
fn moments_are_those_of_many_drawn_orders() {
    let (x, y) = (gaussian(40, 3, 1), gaussian(40, 6, 2));
    for text in [
        "cka",
        "cka:estimator=debiased",
        "cka:kernel=rbf",
        "distance-correlation:estimator=corrected",
        "rsa:rdm=euclidean,compare=spearman",
    ] {
        let (x, y) = (representation("x", &x), representation("y", &y));
        let exact = exact_null(&measure(text), &x, &y).unwrap();
        let drawn = permutation_null(&measure(text), &x, &y, &Permutations::new(20_000, 1)).unwrap();
        let count = 20_000f64;
        assert!((drawn.mean() - exact.mean()).abs() < 4.0 * exact.sd() / count.sqrt(), "{text}");
        // The standard deviation of a variance, with as much kurtosis as these have.
        assert!((drawn.sd() / exact.sd() - 1.0).abs() < 4.0 * 2.0 / count.sqrt(), "{text}: {} {}", drawn.sd(), exact.sd());
        let skewness = drawn.values.iter().map(|value| ((value - drawn.mean()) / drawn.sd()).powi(3)).sum::<f64>() / count;
        assert!((skewness - exact.skewness()).abs() < 0.15, "{text}: {skewness} for {}", exact.skewness());
        assert!((drawn.p() - exact.p()).abs() < 0.02, "{text}: {} and {}", drawn.p(), exact.p());
        for level in [0.01, 0.05, 0.5] {
            let (drawn, curve) = (drawn.critical(level).unwrap(), exact.critical(level).unwrap());
            assert!((drawn - curve).abs() < 0.15 * exact.sd(), "{text} at {level}: {drawn} and {curve}");
        }
    }
}

#[test]
fn the_mean_of_an_unbiased_estimator_is_nothing() {
    let (x, y) = (gaussian(30, 4, 5), gaussian(30, 50, 6));
    for text in [
        "cka:estimator=debiased",
        "hsic:kernel=rbf,bandwidth=fixed,sigma=2.0,estimator=unbiased",
        "distance-correlation:estimator=corrected",
    ] {
        let exact = exact_null(&measure(text), &representation("x", &x), &representation("y", &y)).unwrap();
        assert!(exact.mean().abs() <= exact.error_bounds()[0], "{text}: {}", exact.mean());
    }
    // The mean of |Q_X' P Q_Y|^2 is r s / (n - 1), whatever the data.
    let exact = exact_null(&measure("cca:summary=r2"), &representation("x", &x), &representation("y", &gaussian(30, 7, 6))).unwrap();
    assert!((exact.mean() - 7.0 / 29.0).abs() < 1e-14);
}

#[test]
fn what_is_no_inner_product_says_so() {
    everywhere(|measure, x, y| {
        let (x, y) = (representation("x", x), representation("y", y));
        if let Err(error) = exact_null(measure, &x, &y) {
            let expected = Error::NotAnInnerProduct { measure: measure.to_string() };
            assert_eq!(error, expected);
            assert!(error.to_string().contains("--null 1000"), "{error}");
        }
    });
    // Two examples are permuted into each other: one value.
    let two = Matrix { n: 2, p: 1, values: vec![0.0, 1.0] };
    let constant = exact_null(&measure("cka"), &representation("x", &two), &representation("y", &two));
    assert_eq!(constant.unwrap_err(), Error::ConstantNull { measure: measure("cka").to_string(), n: 2, value: 1.0 });
}

#[test]
fn the_scale_of_the_data_changes_no_p_value() {
    let (x, y) = pair(20, 3, 3, 9);
    let hsic = measure("hsic");
    let at = |scale: f64| {
        let scaled = |matrix: &Matrix| Matrix::from_fn(matrix.n, matrix.p, |i, j| matrix.at(i, j) * scale);
        exact_null(&hsic, &representation("x", &scaled(&x)), &representation("y", &scaled(&y))).unwrap()
    };
    let plain = at(1.0);
    // Values of 1e240 and of 1e-240, whose squares no f64 holds.
    for scale in [2.0f64.powi(200), 2.0f64.powi(-200)] {
        let scaled = at(scale);
        assert_eq!((scaled.p(), scaled.z(), scaled.skewness()), (plain.p(), plain.z(), plain.skewness()), "{scale:e}");
        assert_eq!(scaled.mean() / plain.mean(), scale.powi(4));
    }
}

#[test]
fn the_p_value_of_few_examples_is_the_share_of_all_orders() {
    for (n, text) in [(3, "cka"), (4, "cka:kernel=rbf"), (5, "distance-correlation"), (6, "hsic"), (5, "linear-regression")] {
        let (x, y) = pair(n, 1, 2, 17);
        for y in [&x, &y] {
            let measure = measure(text);
            let null = exact_null(&measure, &representation("x", &x), &representation("y", y)).unwrap();
            let bound = 2.0 * number(&null.score, "error_bound");
            let values: Vec<f64> = orders(n)
                .iter()
                .map(|order| measure.compare(&representation("x", &x), &representation("y", &permuted(y, order))).unwrap().value)
                .collect();
            let reached = values.iter().filter(|value| **value >= null.score.value - bound).count();
            assert_eq!(null.p(), reached as f64 / values.len() as f64, "{text}, {n}");
        }
    }
    // No fewer than one of all orders reach it, whatever the curve says.
    let (x, _) = pair(8, 3, 2, 17);
    let null = exact_null(&measure("cka"), &representation("x", &x), &representation("x", &x)).unwrap();
    assert!(null.p() >= 1.0 / 40320.0, "{}", null.p());
}

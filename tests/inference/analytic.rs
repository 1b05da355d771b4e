//! The standard error of unbiased estimators, beside all quadruples of examples and beside the
//! examples left out.

use similitude::Score;
use similitude::inference::{Error, Resamples, analytic, jackknife, resample};
use similitude::laws::Matrix;
use similitude::tolerance::rounding;

use super::intervals::without;
use crate::common::{gaussian, measure, number, pair, representation};

/// All orders of four different examples.
fn quadruples(n: usize) -> impl Iterator<Item = [usize; 4]> {
    (0..n.pow(4)).map(move |code| [code % n, code / n % n, code / n.pow(2) % n, code / n.pow(3)]).filter(|[a, b, c, d]| {
        let places = [a, b, c, d];
        (0..4).all(|i| (0..i).all(|j| places[i] != places[j]))
    })
}

/// sqrt(16 / n (mean of g_i^2 - U^2)), g_i the mean of h = K_st (L_st + L_uv - 2 L_su) over the
/// quadruples with example i.
fn by_quadruples(x: &Matrix, y: &Matrix) -> (f64, f64) {
    let n = x.n;
    let inner = |m: &Matrix, i: usize, j: usize| (0..m.p).map(|c| m.at(i, c) * m.at(j, c)).sum::<f64>();
    let (mut sums, mut count) = (vec![0.0; n], 0.0);
    for [s, t, u, v] in quadruples(n) {
        let h = inner(x, s, t) * (inner(y, s, t) + inner(y, u, v) - 2.0 * inner(y, s, u));
        [s, t, u, v].into_iter().for_each(|i| sums[i] += h);
        count += 1.0;
    }
    let means: Vec<f64> = sums.iter().map(|sum| sum * n as f64 / (4.0 * count)).collect();
    let value = means.iter().sum::<f64>() / n as f64;
    let squares = means.iter().map(|mean| mean * mean).sum::<f64>() / n as f64;
    (value, (16.0 / n as f64 * (squares - value * value)).sqrt())
}

#[test]
fn the_standard_error_is_that_of_all_quadruples() {
    for (n, p, q) in [(5, 1, 2), (8, 3, 2), (6, 9, 4)] {
        let (x, y) = pair(n, p, q, 5);
        let (value, error) = by_quadruples(&x, &y);
        let found = analytic(&measure("hsic:estimator=unbiased"), &representation("x", &x), &representation("y", &y)).unwrap();
        let off = 1e-13 * (1.0 + value.abs() + error);
        assert!((found.score.value - value).abs() < off, "{} for {value}", found.score.value);
        assert!((found.standard_error() - error).abs() < 1e-7 * error, "{n} x {p}, {q}: {} for {error}", found.standard_error());
        // The mean over the influences is 0.
        assert!(found.influences.iter().sum::<f64>().abs() < 1e-12 * error * n as f64);
    }
}

#[test]
fn what_is_left_of_each_example_is_what_a_comparison_without_it_says() {
    let kinds = [
        "hsic:estimator=unbiased",
        "hsic:kernel=rbf,bandwidth=fixed,sigma=2,estimator=unbiased",
        "cka:estimator=debiased",
        "cka:kernel=laplace,bandwidth=fixed,sigma=2,estimator=debiased",
        "cka:kernel=polynomial,degree=2,center=no,estimator=debiased",
        "distance-correlation:estimator=corrected",
    ];
    for (text, (n, p, q)) in kinds.into_iter().flat_map(|text| [(5, 2, 3), (20, 3, 4), (12, 30, 5)].map(|shape| (text, shape))) {
        let (measure, (x, y)) = (measure(text), pair(n, p, q, 6));
        let found = jackknife(&measure, &representation("x", &x), &representation("y", &y), None, 1).unwrap();
        for (row, got) in found.values.iter().enumerate() {
            let left = measure.compare(&representation("x", &without(&x, row)), &representation("y", &without(&y, row))).unwrap();
            // What is left is computed from the sums of all, which are known to rounding times the
            // condition: the bound of a comparison knows more of its own sums.
            let known = |score: &Score, n: usize| rounding(n, p.max(q)) * number(score, "condition");
            let off = n as f64 * (known(&left, n - 1) + known(&found.score, n));
            assert!(
                (got - left.value).abs() <= off && off < 1e-9 * (1.0 + left.value.abs()),
                "{text}, {n}: {got} for {}, {off:e} allowed",
                left.value
            );
        }
    }
}

#[test]
fn the_jackknife_is_the_analytic_error_and_a_little() {
    let (x, y) = pair(30, 3, 4, 7);
    let of = |text: &str| {
        let (measure, x, y) = (measure(text), representation("x", &x), representation("y", &y));
        let jackknifed = jackknife(&measure, &x, &y, None, 1).unwrap().standard_error();
        jackknifed / analytic(&measure, &x, &y).unwrap().standard_error()
    };
    let exact = (30.0f64 * 29.0).sqrt() / 26.0;
    assert!((of("hsic:estimator=unbiased") / exact - 1.0).abs() < 1e-12);
    assert!((of("cka:estimator=debiased") / exact - 1.0).abs() < 0.2);
    assert!((of("distance-correlation:estimator=corrected") / exact - 1.0).abs() < 0.2);
}

#[test]
fn it_is_the_error_of_halves_and_of_a_known_distribution() {
    let (x, y) = pair(400, 4, 4, 8);
    for text in ["cka:estimator=debiased", "hsic:estimator=unbiased", "distance-correlation:estimator=corrected"] {
        let (measure, x, y) = (measure(text), representation("x", &x), representation("y", &y));
        let found = analytic(&measure, &x, &y).unwrap();
        let halves = resample(&measure, &x, &y, &Resamples::new(1000, 3)).unwrap().standard_error();
        assert!((found.standard_error() / halves - 1.0).abs() < 0.1, "{text}: {} for {halves}", found.standard_error());
    }
    // HSIC of one column with itself is its squared variance, whose error is 2 m2 sqrt((m4 - m2^2)
    // / n).
    let column = gaussian(400, 1, 77);
    let mean = column.values.iter().sum::<f64>() / 400.0;
    let central = |power: i32| column.values.iter().map(|value| (value - mean).powi(power)).sum::<f64>() / 400.0;
    let known = 2.0 * central(2) * ((central(4) - central(2).powi(2)) / 400.0).sqrt();
    let x = representation("x", &column);
    let found = analytic(&measure("hsic:estimator=unbiased"), &x, &x).unwrap();
    assert!((found.standard_error() / known - 1.0).abs() < 0.01, "{} for {known}", found.standard_error());
    let interval = found.interval(0.95).unwrap();
    assert!((interval.hi - found.score.value - 1.959963984540054 * found.standard_error()).abs() < 1e-9);
    assert!((interval.lo + interval.hi - 2.0 * found.score.value).abs() < 1e-12 && interval.method == "analytic");
    assert!(matches!(found.interval(1.0), Err(Error::Level { level: 1.0 })));
}

#[test]
fn where_it_is_not_known_it_is_refused() {
    let (x, y) = pair(20, 3, 4, 9);
    for text in [
        "cka",
        "hsic",
        "cka:kernel=rbf,estimator=debiased",
        "cka:kernel=cosine,estimator=debiased",
        "hsic:kernel=polynomial,estimator=unbiased",
        "distance-correlation",
        "svcca",
        "procrustes",
    ] {
        let refused = analytic(&measure(text), &representation("x", &x), &representation("y", &y)).unwrap_err();
        assert!(matches!(refused, Error::NotUnbiased { .. }) && refused.to_string().contains("--interval jackknife"), "{text}: {refused}");
    }
}

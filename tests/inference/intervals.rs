//! Bootstrap, halves of the examples, jackknife, and the sample-size curve.

use similitude::inference::{Error, Resamples, Resampling, jackknife, resample, sample_size_curve};
use similitude::laws::Matrix;

use crate::common::{gaussian, measure, pair, representation};

pub fn without(matrix: &Matrix, row: usize) -> Matrix {
    Matrix::from_fn(matrix.n - 1, matrix.p, |i, j| matrix.at(i + usize::from(i >= row), j))
}

#[test]
fn the_jackknife_leaves_out_each_example_once() {
    let (x, y) = pair(12, 2, 3, 4);
    let cka = measure("cka");
    let got = jackknife(&cka, &representation("x", &x), &representation("y", &y), None, 1).unwrap();
    let expected: Vec<f64> = (0..12)
        .map(|row| cka.compare(&representation("x", &without(&x, row)), &representation("y", &without(&y, row))).unwrap().value)
        .collect();
    assert_eq!(got.values, expected);
    let mean = expected.iter().sum::<f64>() / 12.0;
    let squares: f64 = expected.iter().map(|value| (value - mean).powi(2)).sum();
    assert!((got.standard_error() - (11.0f64 / 12.0 * squares).sqrt()).abs() < 1e-15);
    assert!((got.bias() - 11.0 * (mean - got.score.value)).abs() < 1e-13);
    let interval = got.interval(0.95).unwrap();
    // t of 11 degrees of freedom.
    assert!((interval.hi - got.score.value - 2.200985160082949 * got.standard_error()).abs() < 1e-9);
    assert!((got.score.value - interval.lo - (interval.hi - got.score.value)).abs() < 1e-14);
    let groups = jackknife(&cka, &representation("x", &x), &representation("y", &y), Some(5), 1).unwrap();
    assert_eq!(groups.values.len(), 5);
    assert_ne!(groups.values, jackknife(&cka, &representation("x", &x), &representation("y", &y), Some(5), 2).unwrap().values);
}

/// A statistic whose standard error is known: HSIC of one column with itself is the squared
/// variance.
fn variance_pair(n: usize) -> (Matrix, f64) {
    let x = gaussian(n, 1, 77);
    let mean = x.values.iter().sum::<f64>() / n as f64;
    let central = |power: i32| x.values.iter().map(|value| (value - mean).powi(power)).sum::<f64>() / n as f64;
    // s^2 has the variance (m4 - m2^2) / n, its square 2 m2 times the deviation.
    let known = 2.0 * central(2) * ((central(4) - central(2).powi(2)) / n as f64).sqrt();
    (x, known)
}

#[test]
fn every_standard_error_is_the_one_that_is_known() {
    let (x, known) = variance_pair(400);
    let (hsic, x) = (measure("hsic"), representation("x", &x));
    let jackknifed = jackknife(&hsic, &x, &x, None, 1).unwrap().standard_error();
    assert!((jackknifed / known - 1.0).abs() < 0.02, "{jackknifed} for {known}");
    for resampling in [Resampling::Halves, Resampling::Bootstrap] {
        let resampled = resample(&hsic, &x, &x, &Resamples::new(2000, 3).by(resampling)).unwrap();
        let error = resampled.standard_error();
        assert!((error / known - 1.0).abs() < 0.06, "{resampling:?}: {error} for {known}");
        let interval = resampled.interval(0.95).unwrap();
        let width = (interval.hi - interval.lo) / (2.0 * 1.96 * known);
        assert!((width - 1.0).abs() < 0.1, "{resampling:?}: {width}");
    }
    // At half of the examples the error is larger by sqrt 2, although halves share examples.
    let curve = sample_size_curve(&hsic, &x, &x, 1000, 3, 0.9).unwrap();
    let half = curve.sizes.last().unwrap();
    assert!(half.n == 200 && (half.standard_error / (known * 2.0f64.sqrt()) - 1.0).abs() < 0.08, "{}", half.standard_error / known);
    let grouped = jackknife(&hsic, &x, &x, Some(40), 1).unwrap().standard_error();
    assert!((grouped / known - 1.0).abs() < 0.35, "{grouped} for {known}");
}

#[test]
fn bca_moves_an_interval_towards_where_the_bias_is_not() {
    let (x, _) = variance_pair(60);
    let (hsic, x) = (measure("hsic"), representation("x", &x));
    let resampled = resample(&hsic, &x, &x, &Resamples::new(2000, 3).by(Resampling::Bootstrap)).unwrap();
    let jackknifed = jackknife(&hsic, &x, &x, None, 1).unwrap();
    let (plain, bca) = (resampled.interval(0.9).unwrap(), resampled.bca(0.9, &jackknifed).unwrap());
    // The square of a variance is skewed to the right, and bootstrap variances are too small.
    assert!(jackknifed.acceleration() > 0.02 && bca.lo > plain.lo && bca.hi > plain.hi, "{plain:?} {bca:?}");
    assert_eq!((plain.method, bca.method), ("percentile", "bca"));
    assert!(bca.lo < resampled.score.value && resampled.score.value < bca.hi);
}

#[test]
fn bca_is_efrons_formula() {
    let (x, _) = variance_pair(20);
    let (hsic, x) = (measure("hsic"), representation("x", &x));
    let mut resampled = resample(&hsic, &x, &x, &Resamples::new(50, 3).by(Resampling::Bootstrap)).unwrap();
    let mut jackknifed = jackknife(&hsic, &x, &x, Some(5), 1).unwrap();
    // 1, 2, ..., 1000, of which 400 are below the value; an acceleration of 0.48 / (6 * 0.8^1.5).
    resampled.values = (1..=1000).map(f64::from).collect();
    resampled.score.value = 400.5;
    jackknifed.values = vec![1.0, 1.0, 1.0, 1.0, 0.0];
    assert!((jackknifed.acceleration() - 0.111803398874989).abs() < 1e-14);
    let bca = resampled.bca(0.9, &jackknifed).unwrap();
    // From the normal distribution of another library.
    assert!((bca.lo - 35.403869153).abs() < 1e-6 && (bca.hi - 918.502442522).abs() < 1e-6, "{bca:?}");
}

#[test]
fn copies_of_examples_are_taken_for_likeness_and_halves_are_not() {
    // Independent: the debiased value is 0 but for noise.
    let (x, y) = (gaussian(60, 30, 1), gaussian(60, 30, 2));
    let (debiased, x, y) = (measure("cka:estimator=debiased"), representation("x", &x), representation("y", &y));
    let bias = |resampling| resample(&debiased, &x, &y, &Resamples::new(300, 3).by(resampling)).unwrap();
    let (halves, copies) = (bias(Resampling::Halves), bias(Resampling::Bootstrap));
    assert!(halves.bias().abs() < 0.02, "{}", halves.bias());
    assert!(copies.bias() > 0.2, "{}", copies.bias());
    // Neighbours that are copies.
    let neighbours = measure("mutual-knn:k=3");
    let share = |resampling| resample(&neighbours, &x, &y, &Resamples::new(100, 3).by(resampling)).unwrap();
    assert!(share(Resampling::Bootstrap).bias() > 0.1 && share(Resampling::Halves).bias() < 0.1);
}

#[test]
fn the_sample_size_curve_goes_where_more_examples_go() {
    let (x, y) = pair(512, 6, 6, 3);
    let of = |text: &str| sample_size_curve(&measure(text), &representation("x", &x), &representation("y", &y), 60, 1, 0.9).unwrap();
    let (biased, debiased) = (of("cka"), of("cka:estimator=debiased"));
    assert_eq!(biased.sizes.iter().map(|size| size.n).collect::<Vec<_>>(), [32, 64, 128, 256]);
    let means: Vec<f64> = biased.sizes.iter().map(|size| size.mean).collect();
    assert!(means.is_sorted_by(|a, b| a > b), "fewer examples look more alike: {means:?}");
    assert!(biased.slope > 0.5 && debiased.slope.abs() < 0.3 * biased.slope, "{} {}", biased.slope, debiased.slope);
    assert!((biased.limit - debiased.limit).abs() < 0.01, "{} {}", biased.limit, debiased.limit);
    for size in &biased.sizes {
        assert!(size.interval[0] < size.mean && size.mean < size.interval[1] && size.values.len() == 60);
    }
    let errors: Vec<f64> = debiased.sizes.iter().map(|size| size.standard_error * (size.n as f64).sqrt()).collect();
    let (least, greatest) = errors.iter().fold((f64::MAX, 0.0f64), |(least, greatest), error| (least.min(*error), greatest.max(*error)));
    assert!(greatest < 1.8 * least, "a standard error falls as 1 / sqrt n: {errors:?}");
    // Of fewer examples than neurons the bias of a biased measure falls in another way.
    let (x, y) = pair(64, 40, 40, 11);
    let curve = sample_size_curve(&measure("cka"), &representation("x", &x), &representation("y", &y), 60, 1, 0.9).unwrap();
    assert!(curve.misfit > 0.02, "{}", curve.misfit);
    assert!(matches!(curve.needed(0.01), Err(Error::LimitUnknown { tolerance: 0.01, n: 64, .. })));
    assert!(debiased.misfit < 0.01, "{}", debiased.misfit);
    let (fine, coarse) = (debiased.needed(0.01).unwrap(), debiased.needed(0.02).unwrap());
    assert!(fine > 3.9 * coarse - 4.0 && fine < 4.1 * coarse + 4.0, "{fine} {coarse}");
}

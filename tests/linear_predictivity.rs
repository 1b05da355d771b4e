//! Linear predictivity: its definition neuron by neuron, its limits, what it refuses, and what of
//! inference it takes.
#![cfg(feature = "cli")]

mod common;

use common::{assert_close, compare, gaussian, measure, number, pair, representation, value};
use similitude::inference::{
    Error as InferenceError, IntervalChoice, Permutations, Resamples, Resampling, jackknife, paired, permutation_null, resample,
    row_maximum,
};
use similitude::laws::Matrix;
use similitude::{Error, ErrorKind, Needs};

/// The fold of each of n examples.
fn folds(split: &str, n: usize, k: usize) -> Vec<usize> {
    let places: Vec<usize> = match split {
        "interleaved" => return (0..n).map(|example| example % k).collect(),
        // The first 16 bits of the first outputs of SplitMix64 seeded with 0.
        "shuffled" => {
            let outputs = [0xe220, 0x6e78, 0x06c4, 0xf88b, 0x1b39, 0x53cb, 0x2c82, 0xc584, 0x3ee5, 0xf3b8];
            (0..n).map(|example| (0..n).filter(|other| outputs[*other] < outputs[example]).count()).collect()
        }
        _ => (0..n).collect(),
    };
    let sizes: Vec<usize> = (0..k).map(|fold| n / k + usize::from(fold < n % k)).collect();
    places.into_iter().map(|place| (0..k).find(|fold| place < sizes[..=*fold].iter().sum()).unwrap()).collect()
}

/// 1 - PRESS / TSS of one neuron from one, by sums: the slope is s_xy / (s_xx (1 + penalty)).
fn by_hand(x: &[f64], y: &[f64], folds: &[usize], penalty: f64) -> f64 {
    let (mut press, mut total) = (0.0, 0.0);
    for fold in 0..=*folds.iter().max().unwrap() {
        let train: Vec<usize> = (0..x.len()).filter(|example| folds[*example] != fold).collect();
        let mean = |z: &[f64]| train.iter().map(|example| z[*example]).sum::<f64>() / train.len() as f64;
        let (mx, my) = (mean(x), mean(y));
        let sxy: f64 = train.iter().map(|i| (x[*i] - mx) * (y[*i] - my)).sum();
        let sxx: f64 = train.iter().map(|i| (x[*i] - mx).powi(2)).sum();
        let slope = sxy / (sxx * (1.0 + penalty));
        for test in (0..x.len()).filter(|example| folds[*example] == fold) {
            press += (y[test] - my - (x[test] - mx) * slope).powi(2);
            total += (y[test] - my).powi(2);
        }
    }
    1.0 - press / total
}

/// Both means are far from 0 and the relation is no line, so that every step of the definition
/// shows in the value.
#[test]
fn one_neuron_is_predicted_as_by_hand() {
    let x = [3.0, 7.0, 4.0, 9.0, 12.0, 5.0, 8.0, 2.0, 11.0, 6.0];
    let y = [10.0, 31.0, 18.0, 30.0, 52.0, 22.0, 41.0, 14.0, 40.0, 29.0];
    for (split, k) in [("contiguous", 2), ("contiguous", 4), ("interleaved", 3), ("shuffled", 5), ("shuffled", 4), ("contiguous", 10)] {
        let folds = folds(split, 10, k);
        for penalty in [1e-3, 0.25, 10.0] {
            let [of_x, of_y] = [by_hand(&y, &x, &folds, penalty), by_hand(&x, &y, &folds, penalty)];
            for (direction, want) in [("x-from-y", of_x), ("y-from-x", of_y), ("mean", 0.5 * (of_x + of_y))] {
                let text = format!("linear-predictivity:direction={direction},folds={k},penalty={penalty},split={split}");
                let (got, bound) = value(&text, &common::column(&x), &common::column(&y));
                assert_close(got, want, bound + 1e-14, &text);
                assert!(bound < 1e-9, "{text}: {bound:e}");
            }
        }
    }
}

/// The reference takes its outputs of SplitMix64 by their number, one by one.
#[test]
fn every_seed_divides_the_examples_alike_on_both_paths() {
    let (x, y) = pair(30, 3, 2, 6);
    let mut seen = Vec::new();
    for seed in [1u64, 7, 123_456_789, 1 << 53] {
        let text = format!("linear-predictivity:folds=7,split-seed={seed}");
        let (got, bound) = value(&text, &x, &y);
        let want = measure(&text).reference(&representation("x", &x), &representation("y", &y)).unwrap();
        assert_close(got, want, 2.0 * bound, &text);
        assert!(seen.iter().all(|other: &f64| (other - got).abs() > 1e3 * bound), "{text}: {got} again");
        seen.push(got);
    }
}

/// A large penalty predicts the training mean, a small one is least squares.
#[test]
fn limits_of_the_penalty() {
    let (x, y) = pair(60, 3, 2, 5);
    let at = |penalty: &str| value(&format!("linear-predictivity:direction=y-from-x,penalty={penalty}"), &x, &y);
    let (shrunk, bound) = at("1e4");
    assert!(shrunk.abs() < 1e-3 && bound < 1e-12, "{shrunk}, {bound:e}");
    // Y in the column space of X is predicted to the last examples.
    let exact = Matrix::from_fn(60, 2, |i, j| 2.0 * x.at(i, j) - x.at(i, 2) + 3.0);
    let (got, bound) = value("linear-predictivity:direction=y-from-x,penalty=1e-6", &x, &exact);
    assert!((1.0 - got).abs() < 1e-9 && bound < 1e-6, "{got}, {bound:e}");
    // Nothing connects them: the mean predicts better.
    let (got, _) = value("linear-predictivity:direction=y-from-x,penalty=1e-6", &gaussian(40, 12, 1), &gaussian(40, 3, 2));
    assert!(got < -0.1, "{got}");
}

#[test]
fn neurons_without_variance_change_nothing_however_many() {
    let (x, y) = pair(20, 4, 3, 3);
    let wide = |of: &Matrix| Matrix::from_fn(20, 70, |i, j| if j % 10 == 3 && j / 10 < of.p { of.at(i, j / 10) } else { 2.0 });
    for direction in ["x-from-y", "y-from-x", "mean"] {
        let text = format!("linear-predictivity:direction={direction},folds=4");
        let (want, bound) = value(&text, &x, &y);
        for (x, y) in [(wide(&x), y.clone()), (x.clone(), wide(&y)), (wide(&x), wide(&y))] {
            let (got, other) = value(&text, &x, &y);
            assert_close(got, want, bound + other, &text);
        }
    }
}

/// What one example has to do with the others' means is not subtracted from their squares: the
/// other folds keep their digits where it is held out, and the bound says so.
#[test]
fn an_example_far_from_all_others_is_within_the_bound() {
    let (x, y) = pair(30, 3, 2, 8);
    for far in [1e3, 1e6, 1e9] {
        let x = Matrix::from_fn(30, 3, |i, j| x.at(i, j) * if i == 7 { far } else { 1.0 });
        let score = compare("linear-predictivity:direction=y-from-x,split=contiguous", &x, &y).unwrap();
        let reference = measure(&score.measure).reference(&representation("x", &x), &representation("y", &y)).unwrap();
        let bound = number(&score, "error_bound") / score.value.abs();
        assert!(
            (score.value / reference - 1.0).abs() <= 2.0 * bound && bound < 1e-2,
            "{far:e}: {} and {reference}, {bound:e}",
            score.value
        );
    }
}

#[test]
fn the_order_of_the_examples_decides_the_folds() {
    let (x, y) = pair(24, 3, 5, 11);
    let backwards: Vec<usize> = (0..24).rev().collect();
    let (want, bound) = value("linear-predictivity", &x, &y);
    let (got, _) = value("linear-predictivity", &x.rows(&backwards), &y.rows(&backwards));
    assert!((got - want).abs() > 1e6 * bound, "{got} and {want}");
    // 24 examples in 5 folds backwards are other folds; in 4 they are the same, the other way
    // round.
    let text = "linear-predictivity:folds=4,split=contiguous";
    let ((one, b1), (other, b2)) = (value(text, &x, &y), value(text, &x.rows(&backwards), &y.rows(&backwards)));
    assert_close(one, other, b1 + b2, text);
}

#[test]
fn too_few_examples_are_refused_with_the_number() {
    let (x, y) = pair(4, 1, 1, 2);
    for (text, needed) in [("linear-predictivity", 5), ("linear-predictivity:folds=9", 9)] {
        assert!(matches!(compare(text, &x, &y), Err(Error::TooFewExamples { n: 4, needed: got, .. }) if got == needed), "{text}");
    }
    assert!(compare("linear-predictivity:folds=4", &x, &y).is_ok() && compare("linear-predictivity:folds=2", &x, &y).is_ok());
    let (x, y) = pair(3, 1, 1, 2);
    assert!(matches!(compare("linear-predictivity:folds=2", &x, &y), Err(Error::TooFewExamples { n: 3, needed: 4, .. })));
}

#[test]
fn training_examples_without_variance_are_named() {
    let x = common::column(&[5.0, 6.0, 0.1, 0.1, 0.1, 0.1]);
    let y = gaussian(6, 2, 1);
    let text = "linear-predictivity:direction=y-from-x,folds=3,split=contiguous";
    let error = compare(text, &x, &y).unwrap_err();
    assert!(matches!(&error, Error::ConstantTraining(about) if (about.fold, about.folds, about.examples) == (1, 3, 4)), "{error:?}");
    assert_eq!(error.kind(), ErrorKind::Undefined);
    for words in ["4 examples of x outside fold 1 of 3", "split=shuffled", "fewer folds"] {
        assert!(error.to_string().contains(words), "{error}");
    }
    // As what is predicted it is no trouble: its training mean is.
    assert!(compare("linear-predictivity:direction=x-from-y,folds=3,split=contiguous", &x, &y).is_ok());
    let wide = Matrix::from_fn(6, 9, |i, j| x.at(i, 0) * (1.0 + j as f64 / 3.0));
    assert!(matches!(compare(text, &wide, &y), Err(Error::ConstantTraining(_))), "in coordinates of the examples too");
}

/// A copy of an example on the other side of the division tells what is to be predicted: of two
/// representations that have nothing to do with each other, most is then "predicted".
#[test]
fn copies_of_examples_would_leak_and_are_refused() {
    let (x, y) = (gaussian(40, 60, 1), gaussian(40, 3, 2));
    let honest = value("linear-predictivity:direction=y-from-x", &x, &y).0;
    let twice: Vec<usize> = (0..40).chain(0..40).collect();
    let leaked = value("linear-predictivity:direction=y-from-x", &x.rows(&twice), &y.rows(&twice)).0;
    assert!(honest < 0.2 && leaked > 0.6, "{honest} and {leaked}");

    let (x, y) = (representation("x", &x), representation("y", &y));
    let predictivity = measure("linear-predictivity");
    let bootstrap = Resamples::new(50, 1).by(Resampling::Bootstrap);
    let refused = [
        resample(&predictivity, &x, &y, &bootstrap).map(|_| ()),
        paired(&predictivity, (&x, &y), (&y, &x), &bootstrap).map(|_| ()),
        row_maximum(&predictivity, &x, &[y.clone(), x.clone()], &bootstrap).map(|_| ()),
        jackknife(&predictivity, &x, &y, None, 1).map(|_| ()),
    ];
    for refused in refused {
        let error = refused.unwrap_err();
        assert!(matches!(&error, InferenceError::HeldOut { measure, .. } if *measure == predictivity.to_string()), "{error}");
        assert!(error.to_string().contains("--interval halves") && "halves".parse::<IntervalChoice>().is_ok(), "{error}");
    }
    let halves = resample(&predictivity, &x, &y, &Resamples::new(60, 1)).unwrap();
    assert!(halves.interval(0.9).unwrap().lo < halves.score.value);
}

/// A permutation of the examples of Y leaves the folds where they are.
#[test]
fn a_null_by_permutation_fits_anew() {
    let (x, y) = pair(40, 3, 2, 4);
    let predictivity = measure("linear-predictivity:direction=y-from-x");
    let null = permutation_null(&predictivity, &representation("x", &x), &representation("y", &y), &Permutations::new(99, 5)).unwrap();
    assert_eq!((null.p(), null.by_inner_products), (0.01, false));
    // Chance predicts worse than the mean.
    assert!(null.mean() < 0.0 && null.calibrated(0.05).unwrap().unwrap() > 0.0, "{}", null.mean());
}

#[test]
fn it_says_as_data_what_it_needs() {
    let needs = measure("linear-predictivity").needs(None);
    assert!(needs.held_out && needs.coordinates && !needs.neurons && !needs.random);
    assert!(!Needs::new(similitude::Moments::No(""), similitude::Terms::One).held_out);
    // Examples in order and their folds' L: 8 n l and 8 k l^2 bytes, and the held out once more.
    let kept: u64 = needs.artifacts.iter().map(|artifact| artifact.kept.of(1000, 40, 9)).sum();
    assert!((8 * (1000 * 40 + 5 * 1600)..32 * 1000 * 40).contains(&kept), "{kept}");
    // Of a wide one no more than between its examples.
    let wide: u64 = needs.artifacts.iter().map(|artifact| artifact.kept.of(1000, 1_000_000, 9)).sum();
    assert!(wide < 100_000_000, "{wide}");
    let identity = Matrix::from_fn(8, 8, |i, j| f64::from(u8::from(i == j)));
    let gram = representation("k", &identity).into_gram().unwrap();
    let refused = measure("linear-predictivity").compare(&gram, &representation("y", &gaussian(8, 2, 1))).unwrap_err();
    assert!(refused.to_string().contains("give the examples for linear-predictivity"), "{refused}");
}

//! A short version of the calibration: p-values of independent pairs are uniform, and a dependence
//! is found.

use similitude::inference::{Permutations, exact_null, permutation_null};
use similitude::laws::Matrix;

use crate::common::{gaussian, measure, representation};

/// Heavy tails: each example has a length of its own, 1 / sqrt of a product of uniforms.
fn heavy(n: usize, p: usize, seed: u64) -> Matrix {
    let (entries, lengths) = (gaussian(n, p, seed), gaussian(n, 2, seed + 500_000));
    Matrix::from_fn(n, p, |i, j| entries.at(i, j) / (lengths.at(i, 0).abs() + 0.05))
}

/// The largest distance of the distribution of p-values from the uniform one, times the root of
/// their number.
fn kolmogorov(mut p: Vec<f64>) -> f64 {
    p.sort_by(f64::total_cmp);
    let n = p.len() as f64;
    let distances = p.iter().enumerate().map(|(i, p)| (p - i as f64 / n).abs().max((p - (i as f64 + 1.0) / n).abs()));
    distances.fold(0.0, f64::max) * n.sqrt()
}

#[test]
fn p_values_of_independent_pairs_are_uniform() {
    for (text, n, p) in [("cka", 20, 4), ("cka:estimator=debiased", 20, 60), ("cka:kernel=rbf", 16, 5), ("procrustes", 14, 3)] {
        let (mut drawn, mut curve) = (Vec::new(), Vec::new());
        for seed in 0..120 {
            let (x, y) = (heavy(n, p, 2 * seed), heavy(n, p, 2 * seed + 1));
            let (x, y) = (representation("x", &x), representation("y", &y));
            drawn.push(permutation_null(&measure(text), &x, &y, &Permutations::new(99, seed)).unwrap().p());
            if let Ok(exact) = exact_null(&measure(text), &x, &y) {
                curve.push(exact.p());
            }
        }
        // 1.95 is passed once in a thousand; p-values of 99 permutations stand 0.005 too high.
        assert!(kolmogorov(drawn.clone()) < 1.95 + 0.01 * 120f64.sqrt(), "{text}: {drawn:?}");
        let rejected = drawn.iter().filter(|p| **p <= 0.05).count();
        assert!((1..=14).contains(&rejected), "{text}: {rejected} of 120 at the 5 % level");
        if !curve.is_empty() {
            assert!(kolmogorov(curve.clone()) < 2.2, "{text}, by the curve: {curve:?}");
        }
    }
}

#[test]
fn a_known_dependence_is_found() {
    let found = |share: f64| {
        let reject = |seed: u64| {
            let (x, noise) = (gaussian(60, 4, 900 + 2 * seed), gaussian(60, 4, 901 + 2 * seed));
            let y = Matrix::from_fn(60, 4, |i, j| share * x.at(i, j) + noise.at(i, j));
            exact_null(&measure("cka"), &representation("x", &x), &representation("y", &y)).unwrap().p() <= 0.05
        };
        (0..60).filter(|seed| reject(*seed)).count()
    };
    let (none, weak, strong) = (found(0.0), found(0.25), found(0.6));
    assert!(none <= 9 && weak > 15 && strong == 60, "{none} {weak} {strong} of 60");
}

//! Identities between measures that compare dissimilarities, neighbours and neurons, and others.
#![cfg(feature = "cli")]

mod common;

use common::{pair, value};
use similitude::laws::Matrix;

/// Two values of one number, each within its bound.
#[track_caller]
fn assert_same((one, bound): (f64, f64), (other, other_bound): (f64, f64), what: &str) {
    assert!((one - other).abs() <= bound + other_bound, "{what}: {one:?} and {other:?}, bounds {bound:e} and {other_bound:e}");
}

fn pairs() -> Vec<(Matrix, Matrix)> {
    [(8, 3, 3, 1), (24, 3, 5, 2), (30, 40, 7, 3), (12, 1, 2, 4)].into_iter().map(|(n, p, q, seed)| pair(n, p, q, seed)).collect()
}

/// With d_ij = G_ii + G_jj - 2 G_ij the whitened cosine is that of the centered G.
#[test]
fn the_whitened_cosine_is_cka_and_the_square_of_the_distance_correlation() {
    for (x, y) in pairs() {
        let whitened = |rdm: &str| value(&format!("rsa:rdm={rdm},compare=whitened-cosine"), &x, &y);
        assert_same(whitened("squared-euclidean"), value("cka", &x, &y), "cka");
        let (root, bound) = value("distance-correlation", &x, &y);
        assert_same(whitened("euclidean"), (root * root, 2.0 * root * bound), "distance correlation");
    }
}

/// The order of distances is that of their squares.
#[test]
fn rank_correlations_do_not_see_a_square() {
    for (x, y) in pairs() {
        for comparison in ["spearman", "kendall-a", "kendall-b"] {
            let of = |rdm: &str| value(&format!("rsa:rdm={rdm},compare={comparison}"), &x, &y);
            assert_eq!(of("euclidean"), of("squared-euclidean"), "{comparison}");
        }
    }
}

/// Of examples of length 1, |u - v|^2 = 2 - 2 cos.
#[test]
fn cosines_are_distances_of_unit_examples() {
    for (x, y) in pairs() {
        let unit = |z: &Matrix| {
            let length = |i: usize| z.row(i).iter().map(|entry| entry * entry).sum::<f64>().sqrt();
            Matrix::from_fn(z.n, z.p, |i, j| z.at(i, j) / length(i))
        };
        if x.p == 1 {
            continue;
        }
        let (one, bound) = value("rsa:rdm=cosine,compare=pearson", &x, &y);
        let (other, other_bound) = value("rsa:rdm=squared-euclidean,compare=pearson", &unit(&x), &unit(&y));
        // The entries of unit examples are rounded.
        assert!((one - other).abs() <= 10.0 * (bound + other_bound), "{one:?} and {other:?}");
        assert_eq!(value("mutual-knn:k=2", &x, &y).0, value("mutual-knn:k=2,metric=euclidean,center=no", &unit(&x), &unit(&y)).0);
    }
}

/// Copies of all neurons are the same distribution of neurons.
#[test]
fn soft_matching_sees_shares_of_neurons_and_not_their_number() {
    for (x, y) in pairs() {
        let twice = x.columns(&(0..2 * x.p).map(|j| j % x.p).collect::<Vec<_>>());
        for form in ["distance", "squared", "similarity"] {
            let of = |x: &Matrix| value(&format!("soft-matching:form={form}"), x, &y);
            assert_same(of(&x), of(&twice), form);
        }
        let (distance, bound) = value("soft-matching:form=distance", &x, &twice);
        assert!(distance <= bound, "{distance:e}, bound {bound:e}");
    }
}

/// One neuron against several: all of each are matched, and nothing is left to choose.
#[test]
fn soft_matching_with_one_neuron_is_a_mean() {
    let (x, y) = pair(9, 1, 4, 5);
    let (a, b) = (x.centered(), y.centered());
    let squared = |j: usize| (0..9).map(|i| (a.at(i, 0) - b.at(i, j)).powi(2)).sum::<f64>();
    let want = (0..4).map(squared).sum::<f64>() / 4.0;
    let (got, bound) = value("soft-matching:form=squared", &x, &y);
    assert!((got - want).abs() <= bound + 1e-13 * want, "{got:?}, {want:?}");
}

/// Unrelated examples share k/(n-1) of their neighbours.
#[test]
fn chance_level_of_neighbours() {
    let mut sum = 0.0;
    for seed in 0..40 {
        let (x, _) = pair(40, 3, 3, 2 * seed);
        let (y, _) = pair(40, 3, 3, 1000 + 2 * seed);
        sum += value("mutual-knn:k=6,metric=euclidean,center=no", &x, &y).0;
    }
    let (mean, chance) = (sum / 40.0, 6.0 / 39.0);
    assert!((mean - chance).abs() < 0.03, "{mean}, by chance {chance}");
}

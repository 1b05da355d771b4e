//! The noise ceiling of Nili et al. (2014).

use similitude::Representation;
use similitude::inference::{Error, Kinds, NoiseCeiling, noise_ceiling, noise_ceilings};

use crate::common::{gaussian, measure, representation};

/// Four examples, by the dissimilarities of their six pairs.
fn rdm(name: &'static str, condensed: [f64; 6]) -> Representation<'static> {
    Representation::from_row_major(name, 6, 1, condensed.to_vec()).unwrap().into_rdm().unwrap()
}

/// Three networks with two values of dissimilarities each; every two agree in four of six pairs.
const SIGNS: [[f64; 6]; 3] = [[1., 1., 1., -1., -1., -1.], [1., 1., -1., 1., -1., -1.], [1., -1., 1., 1., -1., -1.]];

/// Dissimilarities shift + scale sign.
fn signs(of: [[f64; 2]; 3]) -> [Representation<'static>; 3] {
    let one = |at: usize| rdm(["a", "b", "c"][at], SIGNS[at].map(|sign| of[at][0] + of[at][1] * sign));
    [one(0), one(1), one(2)]
}

fn close(got: f64, want: f64, what: &str) {
    assert!((got - want).abs() <= 4.0 * f64::EPSILON, "{what}: {got} for {want}");
}

/// What every network has, as all three are alike.
fn assert_all(ceiling: &NoiseCeiling, lower: f64, upper: f64, what: &str) {
    assert_eq!((ceiling.with_all.len(), ceiling.with_others.len()), (3, 3));
    ceiling.with_all.iter().chain([&ceiling.upper()]).for_each(|got| close(*got, upper, &format!("{what}, upper")));
    ceiling.with_others.iter().chain([&ceiling.lower()]).for_each(|got| close(*got, lower, &format!("{what}, lower")));
}

#[test]
fn three_networks_by_hand() {
    let of =
        |compare: &str, networks: &[Representation<'_>]| noise_ceiling(&measure(&format!("rsa:rdm=given,compare={compare}")), networks);
    // Correlations see neither scale nor shift.
    let shifted = signs([[2.0, 1.0], [4.0, 2.0], [9.0, 0.5]]);
    // z values are the signs, with inner products 6 (a network with itself) and 2: the mean of all
    // has the norm sqrt(3 * 6 + 6 * 2) / 3, that of two sqrt(2 * 6 + 2 * 2) / 2.
    let pearson = of("pearson", &shifted).unwrap();
    assert_all(&pearson, 4.0 / (6.0 * 16.0f64).sqrt(), 10.0 / (6.0 * 30.0f64).sqrt(), "pearson");
    assert!(pearson.is_bound);
    // Ranks of the sum of all signs, 3 1 1 1 -3 -3, less their mean: 2.5 0.5 0.5 0.5 -2 -2; of two,
    // 2 0 0 2 -2 -2, themselves.
    let spearman = of("spearman", &shifted).unwrap();
    assert_all(&spearman, 4.0 / (6.0 * 16.0f64).sqrt(), 7.0 / (6.0 * 15.0f64).sqrt(), "spearman");
    assert!(spearman.is_bound);
    // Of 15 pairs of dissimilarities 9 differ in a network: 7 of these in the same order among all,
    // and 2 are equal there; 6 and 2 in the same and in the other order among two.
    let kendall = of("kendall-a", &shifted).unwrap();
    assert_all(&kendall, 4.0 / 15.0, 7.0 / 15.0, "tau-a");
    assert!(!kendall.is_bound);
    // Tied: 6 in a network, 4 among all, 3 among two.
    assert_all(&of("kendall-b", &shifted).unwrap(), 4.0 / (9.0 * 12.0f64).sqrt(), 7.0 / (9.0 * 11.0f64).sqrt(), "tau-b");
    // The cosine does not see the scale: 3 and 1, inner products 30 and 26.
    let scaled = signs([[2.0, 1.0], [4.0, 2.0], [1.0, 0.5]]);
    assert_all(&of("cosine", &scaled).unwrap(), 52.0 / (30.0 * 112.0f64).sqrt(), 82.0 / (30.0 * 246.0f64).sqrt(), "cosine");
}

/// Where a comparison is a cosine of what stands for each network, all follows from the
/// similarities of pairs: that with the mean of S is the sum of s_ij over j in S over the root of
/// the sum of s_jl.
#[test]
fn cosines_follow_from_the_similarities_of_pairs() {
    let common = gaussian(14, 5, 1);
    let networks: Vec<_> = (0..4)
        .map(|seed| {
            let own = gaussian(14, 5, 10 + seed);
            similitude::laws::Matrix::from_fn(14, 5, |i, j| (1.0 + seed as f64) * (common.at(i, j) + own.at(i, j)))
        })
        .collect();
    let networks: Vec<_> = networks.iter().map(|network| representation("network", network)).collect();
    for rdm in ["correlation", "euclidean", "squared-euclidean", "cosine"] {
        for compare in ["pearson", "cosine", "whitened-cosine"] {
            let rsa = measure(&format!("rsa:rdm={rdm},compare={compare}"));
            let s = |a: usize, b: usize| rsa.compare(&networks[a], &networks[b]).unwrap().value;
            let with = |one: usize, of: &[usize]| {
                let norm = of.iter().flat_map(|a| of.iter().map(move |b| s(*a, *b))).sum::<f64>().sqrt();
                of.iter().map(|other| s(one, *other)).sum::<f64>() / norm
            };
            let ceiling = noise_ceiling(&rsa, &networks).unwrap();
            for one in 0..4 {
                let others: Vec<usize> = (0..4).filter(|other| *other != one).collect();
                for (got, want) in [(ceiling.with_all[one], with(one, &[0, 1, 2, 3])), (ceiling.with_others[one], with(one, &others))] {
                    assert!((got - want).abs() < 1e-13, "{rsa}, {one}: {got} for {want}");
                }
            }
            assert!(ceiling.lower() < ceiling.upper());
        }
    }
}

#[test]
fn no_order_is_more_alike_than_that_of_mean_ranks() {
    // Three orders of six dissimilarities.
    let networks = [[1., 2., 3., 4., 5., 6.], [2., 6., 1., 3., 5., 4.], [5., 1., 2., 6., 3., 4.]];
    let [a, b, c] = networks.map(|network| rdm("network", network));
    let spearman = measure("rsa:rdm=given,compare=spearman");
    let ceiling = noise_ceiling(&spearman, &[a.borrowed(), b.borrowed(), c.borrowed()]).unwrap();
    let mut order = [1., 2., 3., 4., 5., 6.];
    let (mut best, mut tried) = (0.0f64, 0);
    permuted(&mut order, 6, &mut |order| {
        let correlation = |network: &[f64; 6]| network.iter().zip(order).map(|(a, b)| (a - 3.5) * (b - 3.5)).sum::<f64>() / 17.5;
        best = best.max(networks.iter().map(correlation).sum::<f64>() / 3.0);
        tried += 1;
    });
    // The sums of ranks are 8 9 6 13 13 14: two of them tie, which is more than any order of these.
    assert!(tried == 720 && ceiling.upper() >= best, "{} {best}", ceiling.upper());
    let mid = [2.0f64, 3.0, 1.0, 4.5, 4.5, 6.0];
    let norm = (17.5 * mid.iter().map(|rank| (rank - 3.5).powi(2)).sum::<f64>()).sqrt();
    let with = |network: &[f64; 6]| network.iter().zip(&mid).map(|(a, b)| (a - 3.5) * (b - 3.5)).sum::<f64>() / norm;
    for (got, network) in ceiling.with_all.iter().zip(&networks) {
        close(*got, with(network), "with all");
    }
    // Of two networks the mean of the others is the other one.
    let two = noise_ceiling(&spearman, &[a.borrowed(), b.borrowed()]).unwrap();
    let pair = spearman.compare(&a, &b).unwrap().value;
    assert_eq!(two.with_others, [pair, pair]);
}

/// Heap's algorithm.
fn permuted(order: &mut [f64; 6], k: usize, each: &mut dyn FnMut(&[f64; 6])) {
    if k == 1 {
        return each(order);
    }
    for i in 0..k {
        permuted(order, k - 1, each);
        order.swap(if k.is_multiple_of(2) { i } else { 0 }, k - 1);
    }
}

#[test]
fn each_kind_has_its_own_and_one_network_has_none() {
    let drawn: Vec<_> = (0..6).map(|seed| gaussian(9, 4, seed)).collect();
    let networks: Vec<_> = drawn.iter().map(|network| representation("network", network)).collect();
    let rsa = measure("rsa");
    let kinds = Kinds::of_labels(&["a", "b", "a", "b", "c", "a"]);
    let found = noise_ceilings(&rsa, &networks, &kinds).unwrap();
    for (members, found) in [[0, 2, 5].as_slice(), &[1, 3]].iter().zip(&found) {
        let alone: Vec<_> = members.iter().map(|network| networks[*network].borrowed()).collect();
        assert_eq!(found.as_ref(), Some(&noise_ceiling(&rsa, &alone).unwrap()));
    }
    assert_eq!((found.len(), &found[2]), (3, &None));
}

#[test]
fn what_has_no_noise_ceiling_says_why() {
    let networks = signs([[2.0, 1.0]; 3]);
    for text in ["cka", "distance-correlation", "procrustes", "mutual-knn"] {
        let error = noise_ceiling(&measure(text), &networks).unwrap_err();
        assert!(matches!(&error, Error::NoMeanDissimilarities { measure } if measure.starts_with(text)), "{text}: {error}");
        assert!(error.to_string().contains("rsa has it") && error.to_string().contains("--kinds"), "{error}");
    }
    let pearson = measure("rsa:rdm=given,compare=pearson");
    let few = noise_ceiling(&pearson, &networks[..1]).unwrap_err();
    assert_eq!(few, Error::TooFew { what: "networks", given: 1, needed: 2 });
    // Dissimilarities and their opposite have the same mean everywhere.
    let opposite = [rdm("a", SIGNS[0].map(|sign| 2.0 + sign)), rdm("b", SIGNS[0].map(|sign| 2.0 - sign))];
    for compare in ["pearson", "spearman", "kendall-a"] {
        let error = noise_ceiling(&measure(&format!("rsa:rdm=given,compare={compare}")), &opposite).unwrap_err();
        assert!(error.to_string().contains("the mean dissimilarities of 2 representations"), "{compare}: {error}");
    }
    let other =
        Representation::from_row_major("d", 10, 1, vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 11.0]).unwrap().into_rdm().unwrap();
    assert!(matches!(noise_ceiling(&pearson, &[networks[0].borrowed(), other]), Err(Error::Measure(_))));
}

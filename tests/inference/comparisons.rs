//! Scores compared on the same resamples.

use similitude::inference::{
    Adjustment, FamilyNull, LayerPairs, NullChoice, Permutations, Resamples, Resampling, benjamini_hochberg, family_null,
    family_null_of_itself, holm, paired, row_maximum, sweep_facts,
};
use similitude::laws::Matrix;

use crate::common::{gaussian, measure, representation};

fn noisy(of: &Matrix, noise: f64, seed: u64) -> Matrix {
    let drawn = gaussian(of.n, of.p, seed);
    Matrix::from_fn(of.n, of.p, |i, j| of.at(i, j) + noise * drawn.at(i, j))
}

#[test]
fn a_nearer_representation_is_found_nearer() {
    let a = gaussian(80, 4, 1);
    let (near, far) = (noisy(&a, 0.4, 2), noisy(&a, 1.2, 3));
    let [a, near, far] = [("a", &a), ("near", &near), ("far", &far)].map(|(name, matrix)| representation(name, matrix));
    for text in ["cka", "procrustes"] {
        let resamples = Resamples::new(200, 1);
        let paired_by = |first, second| paired(&measure(text), first, second, &resamples).unwrap();
        let (forward, backward) = (paired_by((&a, &near), (&a, &far)), paired_by((&a, &far), (&a, &near)));
        let interval = forward.interval(0.95).unwrap();
        assert!(forward.difference() > 0.0 && interval.lo > 0.0 && forward.p() < 0.02, "{text}: {interval:?}");
        assert_eq!(forward.difference(), -backward.difference(), "{text}");
        assert!(backward.interval(0.95).unwrap().hi < 0.0 && backward.p() == forward.p(), "{text}");
    }
    let bootstrap = paired(&measure("cka"), (&a, &near), (&a, &far), &Resamples::new(200, 1).by(Resampling::Bootstrap)).unwrap();
    assert_eq!(bootstrap.interval(0.95).unwrap().method, "percentile");
}

#[test]
fn equally_near_ones_are_not_told_apart_and_pairing_narrows() {
    let a = gaussian(100, 4, 5);
    let (b, c) = (noisy(&a, 0.5, 6), noisy(&a, 0.5, 7));
    let [a, b, c] = [("a", &a), ("b", &b), ("c", &c)].map(|(name, matrix)| representation(name, matrix));
    let both = paired(&measure("cka"), (&a, &b), (&a, &c), &Resamples::new(300, 1)).unwrap();
    let interval = both.interval(0.99).unwrap();
    assert!(interval.lo < 0.0 && 0.0 < interval.hi && both.p() > 0.01, "{interval:?} {}", both.p());
    // As the definition says, with the scale of halves, 1.
    let mean = both.differences.iter().sum::<f64>() / 300.0;
    let far = both.differences.iter().filter(|other| (*other - mean).abs() >= both.difference().abs()).count() as f64;
    assert!((both.p() - (far + 1.0) / 301.0).abs() < 1e-15, "{} {far}", both.p());
    // A score beside itself differs by nothing, on any resample.
    let same = paired(&measure("cka"), (&a, &b), (&a, &b), &Resamples::new(50, 1)).unwrap();
    assert_eq!((same.difference(), same.standard_error(), same.p()), (0.0, 0.0, 1.0));
}

#[test]
fn a_maximum_that_wavers_says_so() {
    let a = gaussian(60, 3, 11);
    let candidates = [noisy(&a, 0.3, 12), noisy(&a, 0.9, 13), noisy(&a, 0.9, 14)];
    let named: Vec<_> = candidates.iter().map(|matrix| representation("candidate", matrix)).collect();
    for text in ["cka", "procrustes"] {
        let clear = row_maximum(&measure(text), &representation("a", &a), &named, &Resamples::new(200, 1)).unwrap();
        assert_eq!((clear.best, clear.shares[0]), (0, 1.0), "{text}");
        let close = row_maximum(&measure(text), &representation("a", &a), &named[1..], &Resamples::new(200, 1)).unwrap();
        assert!((close.shares.iter().sum::<f64>() - 1.0).abs() < 1e-12);
        assert!(close.shares.iter().all(|share| *share > 0.0), "{text}: {:?}", close.shares);
        assert!(close.scores[close.best].value != close.scores[1 - close.best].value);
    }
}

#[test]
fn a_row_pays_for_its_own_pairs_and_a_mean_has_the_mean_of_the_nulls() {
    let permutations = Permutations::new(199, 4);
    let xs = [1, 2, 3].map(|seed| gaussian(24, 3, seed));
    let ys = [xs[0].clone(), gaussian(24, 2, 7), noisy(&xs[2], 1.5, 8), gaussian(24, 4, 9)];
    let family = |xs: &[Matrix], ys: &[Matrix]| {
        let [xs, ys] = [xs, ys].map(|all| all.iter().map(|matrix| representation("layer", matrix)).collect::<Vec<_>>());
        family_null(&measure("cka"), &xs, &ys, &permutations).unwrap()
    };
    let whole = family(&xs, &ys);
    let in_rows = whole.adjusted_in_rows();
    for (row, x) in xs.iter().enumerate() {
        let alone = family(std::slice::from_ref(x), &ys);
        assert_eq!(in_rows[4 * row..][..4], alone.adjusted(), "row {row} is a family of its own");
    }
    // The whole family pays for more.
    assert!(whole.adjusted().iter().zip(&in_rows).all(|(whole, row)| whole >= row) && whole.adjusted() != in_rows);
    let plain: Vec<f64> = whole.nulls.iter().map(similitude::inference::Null::p).collect();
    assert!(in_rows.iter().zip(&plain).all(|(row, plain)| row >= plain) && in_rows != plain);

    let layers = [family(&xs[..2], &ys[..2]), family(&xs[1..], &ys[2..])];
    let mean = FamilyNull::mean_over_layers(layers.clone().map(Ok)).unwrap();
    for (pair, null) in mean.nulls.iter().enumerate() {
        let [one, two] = [&layers[0].nulls[pair], &layers[1].nulls[pair]];
        assert_eq!(null.score.value, f64::midpoint(one.score.value, two.score.value));
        let values: Vec<f64> = one.values.iter().zip(&two.values).map(|(one, two)| f64::midpoint(*one, *two)).collect();
        assert_eq!(null.values, values);
        let reached = values.iter().filter(|value| **value >= null.score.value - null.slack).count();
        assert_eq!((null.reached, null.p()), (reached, (reached as f64 + 1.0) / 200.0));
    }
    // One layer is its own mean.
    let one = FamilyNull::mean_over_layers([Ok(whole.clone())]).unwrap();
    assert!(one.nulls.iter().zip(&whole.nulls).all(|(one, whole)| one.p() == whole.p() && one.values == whole.values));
    assert!(FamilyNull::mean_over_layers([]).is_err());
}

#[test]
fn a_network_with_itself_claims_each_pair_of_different_layers_once() {
    let permutations = Permutations::new(199, 4);
    let base = gaussian(24, 3, 1);
    let layers = [base.clone(), noisy(&base, 1.0, 2), gaussian(24, 4, 3), gaussian(24, 2, 5)];
    let layers: Vec<_> = layers.iter().map(|layer| representation("layer", layer)).collect();
    let pair = |i: usize, j: usize| 4 * i + j;
    for text in ["cka", "mutual-knn:k=3", "linear-regression"] {
        let measure = measure(text);
        let whole = family_null_of_itself(&measure, &layers, &permutations).unwrap();
        let symmetric = text != "linear-regression";
        let claims: Vec<usize> = (0..16).filter(|place| if symmetric { place / 4 < place % 4 } else { place / 4 != place % 4 }).collect();
        assert_eq!(whole.pairs.claims(), claims.len());
        // The step-down maximum over the claims alone, by a family that has nothing else.
        let alone: Vec<f64> = {
            let mut only = whole.clone();
            only.nulls = claims.iter().map(|place| whole.nulls[*place].clone()).collect();
            only.pairs = LayerPairs::new(1, claims.len());
            only.adjusted()
        };
        let adjusted = whole.adjusted();
        for (place, expected) in claims.iter().zip(&alone) {
            assert_eq!(adjusted[*place], *expected, "{text}");
            let mirrored = pair(place % 4, place / 4);
            assert!(!symmetric || (adjusted[mirrored] == *expected && whole.nulls[mirrored].p() == whole.nulls[*place].p()), "{text}");
        }
        assert_eq!(whole.p_of_maximum(), alone.iter().copied().fold(1.0, f64::min));
        for (layer, place) in [0, 5, 10, 15].into_iter().enumerate() {
            // A layer with itself is no claim: its own p-value, and nobody pays for it.
            assert_eq!(adjusted[place], whole.nulls[place].p(), "{text}, {layer}");
            assert_eq!(whole.adjusted_in_rows()[place], whole.nulls[place].p());
        }
        let facts = sweep_facts(&measure, &layers, None, NullChoice::Drawn(199), Some(Adjustment::BenjaminiHochberg), 4).unwrap();
        let p = |place: usize| facts[place].as_ref().unwrap().get("p").unwrap();
        let plain: Vec<f64> = claims.iter().map(|place| whole.nulls[*place].p()).collect();
        assert_eq!(claims.iter().map(|place| p(*place)).collect::<Vec<_>>(), benjamini_hochberg(&plain).unwrap(), "{text}");
        assert!(!symmetric || (p(pair(1, 0)) == p(pair(0, 1)) && p(0) == whole.nulls[0].p()));
    }
    let exact = sweep_facts(&measure("cka"), &layers, None, NullChoice::Exact, Some(Adjustment::Holm), 1).unwrap();
    let p = |place: usize| exact[place].as_ref().unwrap().get("p").unwrap();
    let plain: Vec<f64> = [1, 2, 3, 6, 7, 11]
        .iter()
        .map(|place| similitude::inference::exact_null(&measure("cka"), &layers[place / 4], &layers[place % 4]).unwrap().p())
        .collect();
    assert_eq!([1, 2, 3, 6, 7, 11].map(p).to_vec(), holm(&plain).unwrap());
    assert_eq!((p(4), p(8)), (p(1), p(2)));
}

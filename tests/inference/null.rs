//! The fast way of permuting beside the general one.

use std::collections::BTreeSet;

use similitude::inference::{Null, Permutations, Scheme, Way, family_null, permutation_null, permutation_null_by};
use similitude::laws::Matrix;
use similitude::{Direction, Measure, registry};

use crate::common::{everywhere, gaussian, measure, number, pair, representation};

fn null(way: Way, measure: &Measure, x: &Matrix, y: &Matrix, permutations: &Permutations) -> Null {
    permutation_null_by(way, measure, &representation("x", x), &representation("y", y), permutations)
        .unwrap_or_else(|error| panic!("{measure}: {error}"))
}

fn both_ways(measure: &Measure, x: &Matrix, y: &Matrix, permutations: &Permutations) -> bool {
    let (fast, general) = (null(Way::Fastest, measure, x, y, permutations), null(Way::Comparisons, measure, x, y, permutations));
    assert!(!general.by_inner_products);
    assert_eq!(fast.score, general.score);
    let bound = fast.slack + general.slack;
    assert!(bound < 1e-6 * (1.0 + fast.score.value.abs()) || measure.to_string().contains("distance"), "{measure}: {bound}");
    for (fast, general) in fast.values.iter().zip(&general.values) {
        assert!((fast - general).abs() <= bound, "{measure}: {fast} and {general}, {:e} apart, {bound:e} allowed", fast - general);
    }
    assert_eq!(fast.values.len(), general.values.len());
    fast.by_inner_products
}

#[test]
fn every_measure_permutes_both_ways_to_the_same_values() {
    let permutations = Permutations::new(12, 3);
    let mut fast = BTreeSet::new();
    everywhere(|measure, x, y| assert!(both_ways(measure, x, y, &permutations) || measure.inner_product_is_none(x, y), "{measure}"));
    for measure in registry::conventions() {
        let (x, y) = pair(24, 3, 5, 11);
        if !measure.inner_product_is_none(&x, &y) {
            fast.insert(measure.spec().id);
        }
    }
    let expected = ["cca", "cka", "distance-correlation", "hsic", "linear-regression", "rsa", "svcca"];
    assert_eq!(fast.into_iter().collect::<Vec<_>>(), expected);
}

/// Whether a measure is no inner product on a pair.
trait InnerProductIsNone {
    fn inner_product_is_none(&self, x: &Matrix, y: &Matrix) -> bool;
}

impl InnerProductIsNone for Measure {
    fn inner_product_is_none(&self, x: &Matrix, y: &Matrix) -> bool {
        let prepared = [("x", x), ("y", y)].map(|(name, side)| self.prepare(&representation(name, side)).unwrap());
        self.inner_products(&similitude::Pair::new(&prepared[0], &prepared[1]).unwrap()).unwrap().is_none()
    }
}

#[test]
fn wide_and_mixed_shapes_permute_to_the_same_values_too() {
    let permutations = Permutations::new(8, 4);
    let (x, y) = pair(12, 40, 3, 5);
    let wide = pair(14, 60, 33, 6);
    for text in [
        "cka",
        "cka:estimator=debiased",
        "cka:kernel=rbf,estimator=debiased",
        "hsic",
        "hsic:estimator=unbiased",
        "distance-correlation",
        "rsa:rdm=correlation,compare=spearman",
        "rsa:rdm=squared-euclidean,compare=whitened-cosine",
    ] {
        assert!(both_ways(&measure(text), &x, &y, &permutations), "{text}");
        assert!(both_ways(&measure(text), &wide.0, &wide.1, &permutations), "{text}");
    }
    assert!(both_ways(&measure("linear-regression"), &x, &y, &permutations));
    // Many examples and neurons: entries, and not factors, are permuted.
    let (x, y) = pair(60, 20, 25, 8);
    for text in ["cka", "cca:summary=r2", "linear-regression:direction=sum", "hsic"] {
        assert!(both_ways(&measure(text), &x, &y, &permutations), "{text}");
    }
}

#[test]
fn values_depend_on_the_seed_and_not_on_the_threads() {
    let (x, y) = pair(50, 4, 6, 2);
    for text in ["cka", "cka:kernel=rbf", "procrustes", "mutual-knn:k=5"] {
        let on = |threads: usize, seed: u64| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| null(Way::Fastest, &measure(text), &x, &y, &Permutations::new(40, seed)).values)
        };
        let bits = |values: Vec<f64>| values.into_iter().map(f64::to_bits).collect::<Vec<_>>();
        assert_eq!(bits(on(1, 7)), bits(on(3, 7)), "{text}");
        assert_ne!(bits(on(1, 7)), bits(on(1, 8)), "{text}");
    }
    let few = null(Way::Fastest, &measure("cka"), &x, &y, &Permutations::new(5, 7));
    let many = null(Way::Fastest, &measure("cka"), &x, &y, &Permutations::new(30, 7));
    assert_eq!(few.values, many.values[..5], "permutation i of a seed is the same whatever the count");
}

#[test]
fn a_distance_that_is_small_is_significant() {
    let (x, y) = pair(40, 3, 3, 9);
    for text in ["procrustes", "cka"] {
        let null = null(Way::Fastest, &measure(text), &x, &y, &Permutations::new(199, 1));
        assert_eq!((null.p(), null.floor()), (0.005, 0.005), "{text}");
        assert!(null.z().unwrap() > 4.0, "{text}: {:?}", null.z());
        let (calibrated, excess) = (null.calibrated(0.05).unwrap().unwrap(), null.excess().unwrap());
        assert!(0.0 < calibrated && calibrated < excess && excess < 1.0, "{text}: {calibrated} {excess}");
        let reached = null.critical(0.05).unwrap();
        let better = null.values.iter().filter(|value| if text == "cka" { **value > reached } else { **value < reached }).count();
        assert_eq!(better, 9, "{text}: the tenth of 199 is passed by nine");
    }
    let itself = null(Way::Fastest, &measure("cka"), &x, &x, &Permutations::new(99, 1));
    // What the score is off by, over what is left of 1 above the null.
    let bound = number(&measure("cka").compare(&representation("x", &x), &representation("x", &x)).unwrap(), "error_bound");
    let left = 1.0 - itself.critical(0.05).unwrap();
    for share in [itself.calibrated(0.05).unwrap(), itself.excess()] {
        assert!((share.unwrap() - 1.0).abs() <= 2.0 * bound / left, "{share:?} and {bound:e} over {left}");
    }
}

#[test]
fn ties_count_as_reached() {
    // Y has two values: orders that exchange equal examples give the score itself.
    let x = Matrix { n: 6, p: 1, values: vec![0.0, 0.0, 0.0, 1.0, 1.0, 1.0] };
    let null = null(Way::Fastest, &measure("cka"), &x, &x, &Permutations::new(4000, 11));
    // 2 of the 20 ways to choose three of six.
    assert!((null.p() - 0.1).abs() < 0.02, "{}", null.p());
    assert_eq!(null.undecided, null.reached);
}

#[test]
fn labels_explain_what_they_explain() {
    // Both follow the class, and nothing else connects them.
    let classes: Vec<usize> = (0..60).map(|row| row % 3).collect();
    let of = |seed: u64| {
        let noise = gaussian(60, 2, seed);
        Matrix::from_fn(60, 2, |i, j| 3.0 * (classes[i] as f64 - 1.0) + noise.at(i, j))
    };
    let p = |seed: u64, scheme: Scheme| {
        null(Way::Fastest, &measure("cka"), &of(2 * seed), &of(2 * seed + 1), &Permutations::new(199, 5).with_scheme(scheme)).p()
    };
    let within: Vec<f64> = (0..20).map(|seed| p(seed, Scheme::Within(classes.clone()))).collect();
    assert!((0..20).all(|seed| p(seed, Scheme::Free) == 0.005));
    // More than 4 of 20 at the 5 % level would be seen once in 400.
    assert!(within.iter().filter(|p| **p <= 0.05).count() <= 4, "{within:?}");
}

#[test]
fn a_smooth_series_is_no_evidence_under_shifts() {
    // Two slow waves of different phase are alike whatever connects them.
    let wave = |phase: f64| Matrix::from_fn(100, 1, |i, _| (i as f64 * 0.0628 + phase).sin());
    let (x, y) = (wave(0.0), wave(0.4));
    let null = |scheme: Scheme| null(Way::Fastest, &measure("cka"), &x, &y, &Permutations::new(500, 5).with_scheme(scheme));
    let shifts = null(Scheme::Shifts);
    assert_eq!(shifts.values.len(), 99, "each shift once");
    assert!(shifts.p() > 0.05 && null(Scheme::Free).p() < 0.01, "{}", shifts.p());
    // Blocks of one wave's length in another order are the wave itself.
    let blocks = null(Scheme::Blocks((0..100).map(|row| row / 50).collect()));
    assert!(blocks.values.iter().all(|value| *value > 0.0));
}

#[test]
fn a_search_over_layers_is_paid_for() {
    let layers = |seed: u64| (0..4).map(|layer| gaussian(40, 3, 100 * seed + layer)).collect::<Vec<_>>();
    let (xs, mut ys) = (layers(1), layers(2));
    ys[2] = Matrix::from_fn(40, 3, |i, j| xs[1].at(i, j) + 0.3 * ys[2].at(i, j));
    let named = |layers: &'static str, of: &[Matrix]| {
        of.iter().map(|layer| representation(layers, layer).renamed("layer").to_owned_layer()).collect::<Vec<_>>()
    };
    for text in ["cka", "procrustes"] {
        let direction = measure(text).properties().direction;
        let family = family_null(&measure(text), &named("x", &xs), &named("y", &ys), &Permutations::new(199, 1)).unwrap();
        assert_eq!((family.pairs.rows, family.pairs.columns, family.nulls.len()), (4, 4, 16));
        let adjusted = family.adjusted();
        assert_eq!(adjusted[6], 0.005, "{text}: the pair that is connected");
        for (place, (null, adjusted)) in family.nulls.iter().zip(&adjusted).enumerate() {
            assert!(*adjusted >= null.p(), "{text}, {place}: {adjusted} for {}", null.p());
            assert!(place == 6 || *adjusted > 0.05, "{text}, {place}: {adjusted}");
        }
        for (adjusted, expected) in adjusted.iter().zip(&stepped_down(&family)) {
            assert!((adjusted - expected).abs() < 1e-15, "{text}: {adjusted} for {expected}");
        }
        let least = family.nulls.iter().enumerate().filter(|(place, _)| *place != 6).map(|(_, null)| null.p()).fold(1.0, f64::min);
        assert!(least < 0.25, "{text}: some of 15 is small by chance, {least}");
        assert_eq!(family.p_of_maximum(), 0.005);
        // The same permutations as for a pair alone.
        let alone = permutation_null(&measure(text), &named("x", &xs)[1], &named("y", &ys)[2], &Permutations::new(199, 1)).unwrap();
        let bits = |values: &[f64]| values.iter().map(|value| value.to_bits()).collect::<Vec<_>>();
        assert_eq!(bits(&family.nulls[6].values), bits(&alone.values), "{text}");
        assert_eq!(family.nulls[6].score.direction, direction);
        assert!(matches!(direction, Direction::Similarity | Direction::Distance));
    }
}

/// Westfall and Young's step-down p-values as they are defined: pair after pair in the order of
/// their z, the share of permutations in which the largest z of this pair and all after it reaches
/// its own.
fn stepped_down(family: &similitude::inference::FamilyNull) -> Vec<f64> {
    let z = |null: &Null, value: f64| {
        let sign = if null.score.direction == Direction::Similarity { 1.0 } else { -1.0 };
        sign * (value - null.mean()) / null.sd()
    };
    let own: Vec<f64> = family.nulls.iter().map(|null| z(null, null.score.value)).collect();
    let mut order: Vec<usize> = (0..own.len()).collect();
    order.sort_by(|a, b| own[*b].total_cmp(&own[*a]));
    let (count, mut adjusted, mut so_far) = (family.nulls[0].values.len(), vec![0.0; own.len()], 0.0f64);
    for (step, &place) in order.iter().enumerate() {
        let reaches =
            |draw: &usize| order[step..].iter().any(|other| z(&family.nulls[*other], family.nulls[*other].values[*draw]) >= own[place]);
        let reached = (0..count).filter(reaches).count() as f64;
        so_far = so_far.max((reached + 1.0) / (count as f64 + 1.0));
        adjusted[place] = so_far;
    }
    adjusted
}

/// A representation that borrows nothing.
trait ToOwnedLayer {
    fn to_owned_layer(&self) -> similitude::Representation<'static>;
}

impl ToOwnedLayer for similitude::Representation<'_> {
    fn to_owned_layer(&self) -> similitude::Representation<'static> {
        similitude::Representation::from_row_major(self.name().to_string(), self.n(), self.p(), self.to_row_major()).unwrap()
    }
}

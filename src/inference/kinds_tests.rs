use super::super::units::FEWEST_NETWORKS;
use super::*;

/// Similarities without a pattern, 1 on the diagonal.
fn matrix(k: usize, seed: u64) -> Vec<f64> {
    let mut generator = generator(seed, 0);
    let mut values = vec![1.0; k * k];
    for (a, b) in (0..k).flat_map(|a| (0..a).map(move |b| (a, b))) {
        let value = below(&mut generator, 1000) as f64 / 1000.0;
        (values[a * k + b], values[b * k + a]) = (value, value);
    }
    values
}

fn draws(units: Units, count: usize) -> UnitDraws {
    UnitDraws { units, count, seed: 3, level: 0.95 }
}

#[test]
fn means_are_those_of_the_pairs() {
    // Not symmetric: the mean of both orders.
    let values = [9.0, 0.8, 0.1, 0.6, 9.0, 0.2, 0.3, 0.4, 9.0];
    let kinds = Kinds::of_labels(&["cnn", "cnn", "vit"]);
    let found = kind_means(Direction::Similarity, &values, &kinds, None).unwrap();
    let close = |a: f64, b: f64| (a - b).abs() < 1e-15;
    // One vit has no ceiling.
    let of: Vec<(usize, usize, usize)> = found.iter().map(|mean| (mean.kind, mean.other, mean.pairs)).collect();
    assert_eq!(of, [(0, 0, 1), (0, 1, 2), (1, 0, 2)]);
    assert!(close(found[0].mean, 0.7) && found[0].left_out == Some([0.7, 0.7]));
    assert!(close(found[1].mean, 0.25) && close(found[1].below_ceiling.unwrap(), 0.45) && found[2].below_ceiling.is_none());
    // A distance that is larger is less alike, and so below the ceiling.
    let apart = kind_means(Direction::Distance, &values, &kinds, None).unwrap();
    assert!(close(apart[1].below_ceiling.unwrap(), -0.45));
}

/// Every resample of five networks, by enumeration: the mean and the standard deviation of the mean
/// over the pairs of different networks.
fn enumerated(values: &[f64], k: usize) -> (f64, f64) {
    let mut all = Vec::new();
    for number in 0..k.pow(k as u32) {
        let drawn: Vec<usize> = (0..k).map(|place| number / k.pow(place as u32) % k).collect();
        let (mut sum, mut count) = (0.0, 0.0);
        for (a, b) in (0..k).flat_map(|a| (0..a).map(move |b| (a, b))).map(|(a, b)| (drawn[a], drawn[b])) {
            if a != b {
                (sum, count) = (sum + values[a * k + b], count + 1.0);
            }
        }
        if count > 0.0 {
            all.push(sum / count);
        }
    }
    assert_eq!(all.len(), k.pow(k as u32) - k);
    let mean = all.iter().sum::<f64>() / all.len() as f64;
    (mean, (all.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / all.len() as f64).sqrt())
}

#[test]
fn draws_of_networks_are_those_of_enumeration() {
    let k = 5;
    let values = matrix(k, 1);
    let kinds = Kinds::of_labels(&["one"; 5]);
    let (exact_mean, exact_sd) = enumerated(&values, k);
    let plain = kind_means(Direction::Similarity, &values, &kinds, None).unwrap()[0].mean;
    // With the pairs of a network and its copy left out the mean of all resamples is the mean.
    assert!((exact_mean - plain).abs() < 1e-12, "{exact_mean} {plain}");
    let count = 20_000;
    let drawn: Vec<f64> =
        (0..count).map(|number| found(Direction::Similarity, &values, k, &resampled(kinds.members(), 3, number))[0].mean).collect();
    let error = exact_sd / (count as f64).sqrt();
    assert!((mean(&drawn) - exact_mean).abs() < 4.0 * error, "{} {exact_mean} {error}", mean(&drawn));
    assert!((sd(&drawn) / exact_sd - 1.0).abs() < 0.03, "{} {exact_sd}", sd(&drawn));
    let spread =
        kind_means(Direction::Similarity, &values, &kinds, Some((&draws(Units::Bootstrap, count), None))).unwrap()[0].spread.unwrap();
    let expected = exact_sd * 1.25f64.sqrt();
    assert!((spread.se / expected - 1.0).abs() < 0.03 && spread.lo < plain && plain < spread.hi, "{spread:?} {expected}");
}

#[test]
fn leaving_out_gives_the_standard_error_of_shares() {
    // Every value is the sum of the shares of its two networks: the mean is twice that of the
    // shares, and so is its standard error.
    let shares = [0.3, -0.2, 0.9, 0.1, -0.5, 0.4];
    let k = shares.len();
    let values: Vec<f64> = (0..k * k).map(|at| shares[at / k] + shares[at % k]).collect();
    let one = Kinds::of_labels(&["one"; 6]);
    let spread = kind_means(Direction::Similarity, &values, &one, Some((&draws(Units::Networks, 0), None))).unwrap()[0].spread.unwrap();
    let expected = 2.0 * sd(&shares) / (k as f64).sqrt();
    assert!((spread.se - expected).abs() < 1e-14, "{spread:?} {expected}");
    // 2.5706 is Student's quantile of 5 degrees of freedom.
    let middle = 2.0 * mean(&shares);
    assert!(
        (spread.hi - middle - 2.570_581_8 * expected).abs() < 1e-7 && (spread.hi + spread.lo - 2.0 * middle).abs() < 1e-14,
        "{spread:?}"
    );
}

/// The share of simulated samples of k networks whose interval holds the mean of the population: a
/// network has a share in all of its pairs, and each pair one of its own.
fn coverage(k: usize, units: Units, [own, pair]: [f64; 2]) -> f64 {
    use rand_distr::{Distribution, StandardNormal};
    let kinds = Kinds::of_labels(&vec!["one"; k]);
    let trials = 400;
    let held = (0..trials).filter(|trial| {
        let mut generator = generator(11, *trial);
        let mut normal = || -> f64 { StandardNormal.sample(&mut generator) };
        let shares: Vec<f64> = (0..k).map(|_| own * normal()).collect();
        let mut values = vec![0.0; k * k];
        for (a, b) in (0..k).flat_map(|a| (0..a).map(move |b| (a, b))) {
            let value = shares[a] + shares[b] + pair * normal();
            (values[a * k + b], values[b * k + a]) = (value, value);
        }
        let found = kind_means(Direction::Similarity, &values, &kinds, Some((&draws(units, 1100), None))).unwrap();
        let spread = found[0].spread.unwrap();
        spread.lo <= 0.0 && 0.0 <= spread.hi
    });
    held.count() as f64 / f64::from(trials as u32)
}

#[test]
fn intervals_hold_the_mean_of_the_population() {
    for k in [5, 8, 20] {
        for shares in [[1.0, 0.0], [1.0, 0.5], [1.0, 1.5]] {
            let held = coverage(k, Units::Networks, shares);
            println!("{k} networks, {shares:?}: {held}");
            // Within three standard errors of 400 trials around 0.95.
            assert!((0.92..=0.985).contains(&held), "{k} networks, {shares:?}: {held}");
        }
        // Pairs that share nothing are more certain than the rule knows.
        assert!(coverage(k, Units::Networks, [0.0, 1.0]) >= 0.96, "{k} networks");
        let held = coverage(k, Units::Bootstrap, [1.0, 0.5]);
        println!("{k} networks, bootstrap: {held}");
        assert!((0.86..=0.985).contains(&held), "{k} networks, bootstrap: {held}");
    }
}

#[test]
fn examples_and_networks_together_spread_as_far_as_both() {
    let k = 6;
    let values = matrix(k, 2);
    let kinds = Kinds::of_labels(&["a", "b", "a", "b", "a", "b"]);
    let count = 4000;
    // Resamples of the examples move all values together, and are off by 0.3 in the mean.
    let moved = |number: usize| {
        let shift = 0.3 + if number.is_multiple_of(2) { 0.1 } else { -0.1 };
        values.iter().map(|value| value + shift).collect::<Vec<f64>>()
    };
    let examples = ExampleDraws { matrices: (0..count).map(moved).collect(), scale: 0.5 };
    // Three of a kind are too few for other networks, and enough for other examples.
    let of = |units, kinds: &Kinds| kind_means(Direction::Similarity, &values, kinds, Some((&draws(units, count), Some(&examples))));
    assert_eq!(of(Units::Both, &kinds).unwrap_err(), Error::TooFewNetworks { kind: "a".to_string(), networks: 3, needed: FEWEST_NETWORKS });
    for mean in of(Units::Examples, &kinds).unwrap() {
        let spread = mean.spread.unwrap();
        assert!((spread.se - 0.05).abs() < 1e-4 && (spread.lo - mean.mean + 0.05).abs() < 1e-9, "{mean:?}");
        // A shift of all values is none of their differences.
        assert!(mean.below_spread.is_none_or(|spread| spread.se < 1e-12), "{mean:?}");
    }
    let one = Kinds::of_labels(&["all"; 6]);
    let se = |units| of(units, &one).unwrap()[0].spread.unwrap().se;
    let expected = se(Units::Networks).hypot(se(Units::Examples));
    assert!((se(Units::Both) - expected).abs() < 1e-12 && se(Units::Examples) > 0.0499, "{} {expected}", se(Units::Both));
}

#[test]
fn what_is_too_little_is_refused_with_the_number() {
    let four = Kinds::of_labels(&["a"; 4]);
    let error = draws(Units::Networks, 2000).check(&four).unwrap_err();
    assert!(error.to_string().contains("4 networks") && error.to_string().contains("5"), "{error}");
    let five = Kinds::of_labels(&["a"; 5]);
    draws(Units::Networks, 0).check(&five).unwrap();
    match draws(Units::Bootstrap, 1000).check(&five).unwrap_err() {
        Error::TooFewDraws { given: 1000, needed, .. } => {
            assert!((1000..1100).contains(&needed), "{needed}");
            draws(Units::Bootstrap, needed).check(&five).unwrap();
        }
        other => panic!("{other}"),
    }
    assert!(matches!(UnitDraws { level: 1.0, ..draws(Units::Both, 2000) }.check(&five), Err(Error::Level { .. })));
    assert_eq!("both".parse(), Ok(Units::Both));
    assert!("models".parse::<Units>().unwrap_err().contains("networks, bootstrap, examples, both"));
}

#[test]
fn the_mean_over_layers_is_that_of_each_draw() {
    let layer = |more: f64| ExampleDraws { matrices: vec![vec![1.0 + more, 2.0], vec![3.0, 4.0 + more]], scale: 1.0 };
    let mean = ExampleDraws::mean_over_layers([layer(0.0), layer(3.0), layer(6.0)]);
    assert_eq!(mean.matrices, [vec![4.0, 2.0], vec![3.0, 7.0]]);
}

#[test]
fn resamples_take_the_mean_of_both_orders() {
    let entries = |p: usize, seed: u64| -> Vec<f64> {
        let mut generator = generator(seed, 0);
        (0..20 * p).map(|_| below(&mut generator, 1000) as f64).collect()
    };
    let [x, y] = [(2, 1), (5, 2)].map(|(p, seed)| Representation::from_row_major("x", 20, p, entries(p, seed)).unwrap());
    let measure = Measure::parse("linear-regression").unwrap();
    let values = |networks: &[Representation<'_>]| network_values(&measure, networks, &Resamples::new(5, 1)).unwrap().matrices;
    let (forward, backward) = (values(&[x.borrowed(), y.borrowed()]), values(&[y, x]));
    assert_eq!(forward, backward);
    assert!(forward.iter().all(|matrix| matrix[1] == matrix[2] && matrix[1] > 0.0));
}

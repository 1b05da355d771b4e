//! Rows that are positions of examples: whole examples are permuted, drawn and left out.

use similitude::inference::{
    Error, Permutations, Resamples, Resampling, Scheme, analytic, exact_null, family_null, jackknife, permutation_null, resample,
    sample_size_curve,
};
use similitude::laws::Matrix;
use similitude::{Measure, Positions, Representation};

use crate::common::{gaussian, measure, representation};

const EXAMPLES: usize = 16;
const EACH: usize = 9;

/// Positions of an example share most of what they are.
fn image(p: usize, seed: u64) -> Matrix {
    let (own, noise) = (gaussian(EXAMPLES, p, seed), gaussian(EXAMPLES * EACH, p, seed + 1000));
    Matrix::from_fn(EXAMPLES * EACH, p, |i, j| own.at(i / EACH, j) + 0.1 * noise.at(i, j))
}

fn of_positions<'a>(name: &'static str, matrix: &'a Matrix) -> Representation<'a> {
    representation(name, matrix).with_positions(Positions::Each(EACH))
}

#[test]
fn whole_examples_change_places() {
    let (x, y) = (image(3, 1), image(4, 2));
    let blocks = Scheme::Blocks((0..EXAMPLES * EACH).map(|row| row / EACH).collect());
    let permutations = Permutations::new(99, 5);
    for text in ["cka:estimator=debiased", "procrustes"] {
        let measure = measure(text);
        let (plain_x, plain_y) = (representation("x", &x), representation("y", &y));
        let by_blocks = permutation_null(&measure, &plain_x, &plain_y, &permutations.clone().with_scheme(blocks.clone())).unwrap();
        // One side that says so is enough.
        for (a, b) in [(of_positions("x", &x), of_positions("y", &y)), (plain_x.borrowed(), of_positions("y", &y))] {
            let found = permutation_null(&measure, &a, &b, &permutations).unwrap();
            assert_eq!(found.values, by_blocks.values, "{text}");
            assert_eq!(found.scheme, "all orders of the examples, each with its positions");
            let family = family_null(&measure, &[a], &[b], &permutations).unwrap();
            assert_eq!(family.nulls[0].values, by_blocks.values, "{text}");
        }
        let rows = permutation_null(&measure, &plain_x, &plain_y, &permutations).unwrap();
        assert!(found_spread(&rows.values) < 0.5 * found_spread(&by_blocks.values), "{text}: positions are no examples");
    }
}

fn found_spread(values: &[f64]) -> f64 {
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    values.iter().map(|value| (value - mean).powi(2)).sum::<f64>().sqrt()
}

#[test]
fn independent_images_are_chance() {
    let debiased = measure("cka:estimator=debiased");
    let is_claimed = |seed: u64| {
        let (x, y) = (image(3, 2 * seed), image(3, 2 * seed + 1));
        let null = permutation_null(&debiased, &of_positions("x", &x), &of_positions("y", &y), &Permutations::new(99, seed)).unwrap();
        null.p() <= 0.05
    };
    let claimed = (10..50).filter(|seed| is_claimed(*seed)).count();
    assert!(claimed <= 7, "{claimed} of 40 at the level 0.05");
}

#[test]
fn whole_examples_are_drawn_and_left_out() {
    let (x, y) = (image(3, 1), image(4, 2));
    let (x, y) = (of_positions("x", &x), of_positions("y", &y));
    let cka = measure("cka");
    let left_out = jackknife(&cka, &x, &y, None, 1).unwrap();
    let without = |m: &Representation<'_>, example: usize| {
        let view = m.view();
        let kept: Vec<usize> = (0..m.n()).filter(|row| row / EACH != example).collect();
        let values: Vec<f64> = kept.iter().flat_map(|row| (0..m.p()).map(move |j| view[(*row, j)])).collect();
        Representation::from_row_major("kept", kept.len(), m.p(), values).unwrap()
    };
    let expected: Vec<f64> =
        (0..EXAMPLES).map(|example| cka.compare(&without(&x, example), &without(&y, example)).unwrap().value).collect();
    assert_eq!(left_out.values, expected);
    for resampling in [Resampling::Halves, Resampling::Bootstrap] {
        let resampled = resample(&cka, &x, &y, &Resamples::new(100, 3).by(resampling)).unwrap();
        // The error is that of 16 examples, and not of 144.
        let ratio = resampled.standard_error() / left_out.standard_error();
        assert!(resampled.examples == EXAMPLES && 0.5 < ratio && ratio < 2.0, "{resampling:?}: {ratio}");
    }
    let curve = sample_size_curve(&cka, &x, &y, 40, 1, 0.9).unwrap();
    assert_eq!(curve.sizes.iter().map(|size| size.n).collect::<Vec<_>>(), [4, 8]);
    assert_eq!(curve.examples, EXAMPLES);
}

#[test]
fn what_takes_rows_for_examples_is_refused() {
    let (x, y) = (image(3, 1), image(4, 2));
    let (a, b) = (of_positions("x", &x), of_positions("y", &y));
    let debiased = measure("cka:estimator=debiased");
    let refused = exact_null(&debiased, &a, &b).unwrap_err();
    assert!(matches!(refused, Error::OfPositions { examples: EXAMPLES, rows: EACH, .. }) && refused.to_string().contains("--spatial mean"));
    assert!(matches!(analytic(&debiased, &a, &b), Err(Error::OfPositions { .. })));
    let within = Permutations::new(9, 1).with_scheme(Scheme::Within(vec![0; EXAMPLES * EACH]));
    assert!(matches!(permutation_null(&debiased, &a, &b, &within), Err(Error::OfPositions { .. })));
    let unequal = a.borrowed().with_positions(Positions::Unequal);
    let refused = permutation_null(&debiased, &unequal, &b, &Permutations::new(9, 1)).unwrap_err();
    assert!(matches!(refused, Error::UnequalPositions { n: 144 }) && refused.to_string().contains("--spatial mean"), "{refused}");
    assert!(matches!(jackknife(&debiased, &unequal, &b, None, 1), Err(Error::UnequalPositions { .. })));
    // Of 9 and of 18 positions.
    let other = b.borrowed().with_positions(Positions::Each(2 * EACH));
    assert!(matches!(resample(&debiased, &a, &other, &Resamples::new(9, 1)), Err(Error::UnequalPositions { .. })));
    let folds = Measure::parse("linear-predictivity").unwrap();
    let refused = folds.compare(&a, &b).unwrap_err();
    assert!(
        matches!(refused, similitude::Error::OfPositions(ref found) if found.n == 144) && refused.to_string().contains("--spatial mean"),
        "{refused}"
    );
}

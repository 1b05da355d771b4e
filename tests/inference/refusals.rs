//! Input that has no answer is told why, with the numbers.

use similitude::inference::{
    Error, Permutations, Resamples, Resampling, Scheme, exact_null, family_null, jackknife, paired, permutation_null, resample,
    row_maximum, sample_size_curve,
};
use similitude::laws::Matrix;

use crate::common::{gaussian, measure, pair, representation};

#[test]
fn undefined_scores_are_undefined_nulls() {
    let (x, constant) = (gaussian(10, 2, 1), Matrix::from_fn(10, 2, |_, _| 3.0));
    let (x, constant) = (representation("x", &x), representation("constant", &constant));
    let cka = measure("cka");
    let (permutations, resamples) = (Permutations::new(9, 1), Resamples::new(9, 1));
    let errors = [
        permutation_null(&cka, &x, &constant, &permutations).map(|_| ()),
        exact_null(&cka, &x, &constant).map(|_| ()),
        resample(&cka, &x, &constant, &resamples).map(|_| ()),
        jackknife(&cka, &x, &constant, None, 1).map(|_| ()),
        family_null(&cka, std::slice::from_ref(&x), std::slice::from_ref(&constant), &permutations).map(|_| ()),
    ];
    for error in errors {
        assert!(matches!(&error, Err(Error::Measure(_))) && error.unwrap_err().to_string().contains("constant (10 x 2)"));
    }
    let shorter = gaussian(9, 2, 1);
    let shorter = representation("shorter", &shorter);
    for error in [
        permutation_null(&cka, &x, &shorter, &permutations).map(|_| ()),
        resample(&cka, &x, &shorter, &resamples).map(|_| ()),
        jackknife(&cka, &x, &shorter, None, 1).map(|_| ()),
        paired(&cka, (&x, &x), (&x, &shorter), &resamples).map(|_| ()),
        row_maximum(&cka, &x, &[x.clone(), shorter.clone()], &resamples).map(|_| ()),
        sample_size_curve(&cka, &x, &shorter, 100, 1, 0.9).map(|_| ()),
    ] {
        assert!(error.unwrap_err().to_string().contains("10 examples and shorter has 9"));
    }
}

#[test]
fn resamples_without_a_value_name_the_remedy() {
    // Half of 12 examples are filled by 6 neurons.
    let (x, y) = pair(12, 6, 6, 2);
    let (x, y) = (representation("x", &x), representation("y", &y));
    let refused = resample(&measure("cca"), &x, &y, &Resamples::new(50, 1)).unwrap_err();
    assert!(matches!(&refused, Error::Resample { count: 50, seed: 1, .. }), "{refused}");
    assert!(refused.to_string().contains("give more examples"), "{refused}");
    let refused = resample(&measure("cca"), &x, &y, &Resamples::new(500, 1).by(Resampling::Bootstrap)).unwrap_err();
    assert!(refused.to_string().contains("Draw halves"), "{refused}");
}

#[test]
fn halves_of_few_examples_stand_for_no_others() {
    // Of two examples Procrustes and distance correlation are constant: an interval without a
    // width.
    for n in [4, 5, 7] {
        let (x, y) = pair(n, 2, 2, 3);
        let (x, y) = (representation("x", &x), representation("y", &y));
        for text in ["cka", "procrustes", "distance-correlation"] {
            let refused = resample(&measure(text), &x, &y, &Resamples::new(50, 1)).unwrap_err();
            assert!(matches!(refused, Error::TooFew { given, needed: 8, .. } if given == n), "{text}: {refused}");
            assert!(refused.to_string().contains("--interval jackknife"), "{refused}");
        }
    }
}

#[test]
fn numbers_that_do_not_fit_are_refused() {
    let (x, y) = pair(20, 2, 2, 3);
    let (x, y) = (representation("x", &x), representation("y", &y));
    let cka = measure("cka");
    let null = permutation_null(&cka, &x, &y, &Permutations::new(10, 1)).unwrap();
    assert_eq!(
        null.critical(0.05).unwrap_err(),
        Error::TooFewDraws { given: 10, needed: 19, purpose: "a test at the level 0.05".to_string() }
    );
    assert_eq!(null.critical(1.5).unwrap_err(), Error::Level { level: 1.5 });
    assert!(null.quantile(f64::NAN).is_err() && null.quantile(0.5).is_ok());
    let labels = Permutations::new(10, 1).with_scheme(Scheme::Within(vec![0; 19]));
    assert_eq!(permutation_null(&cka, &x, &y, &labels).unwrap_err(), Error::Labels { labels: 19, n: 20 });
    assert!(matches!(resample(&cka, &x, &y, &Resamples::new(1, 1)), Err(Error::TooFewDraws { given: 1, needed: 2, .. })));
    let resampled = resample(&cka, &x, &y, &Resamples::new(20, 1)).unwrap();
    assert!(matches!(resampled.interval(0.95), Err(Error::TooFewDraws { given: 20, needed: 40, .. })));
    assert_eq!(resampled.interval(0.0).unwrap_err(), Error::Level { level: 0.0 });
    for groups in [0, 1, 21] {
        assert_eq!(jackknife(&cka, &x, &y, Some(groups), 1).unwrap_err(), Error::Groups { groups, n: 20 });
    }
    assert!(matches!(
        row_maximum(&cka, &x, std::slice::from_ref(&y), &Resamples::new(9, 1)),
        Err(Error::TooFew { given: 1, needed: 2, .. })
    ));
    assert!(matches!(family_null(&cka, &[], std::slice::from_ref(&y), &Permutations::new(9, 1)), Err(Error::TooFew { given: 0, .. })));
    let (few_x, few_y) = pair(15, 2, 2, 3);
    let curve = sample_size_curve(&cka, &representation("x", &few_x), &representation("y", &few_y), 100, 1, 0.9);
    assert!(matches!(curve.unwrap_err(), Error::TooFew { given: 15, needed: 16, .. }));
    // A pair that is the same on all resamples: every bootstrap value is the score.
    let same = resample(&cka, &x, &x, &Resamples::new(50, 1).by(Resampling::Bootstrap)).unwrap();
    assert!(same.interval(0.9).unwrap().lo > 1.0 - 1e-12);
}

//! Matrices between examples that were computed elsewhere: values of them are those of the kernel,
//! or of the examples.
#![cfg(feature = "cli")]

mod common;

use common::{gaussian, measure, number};
use similitude::inference::{Permutations, exact_null, jackknife, permutation_null};
use similitude::laws::Matrix;
use similitude::{Error, GivenError, Measure, Representation, Score};

const LINEAR: [&str; 4] = ["cka", "cka:estimator=debiased", "hsic", "hsic:estimator=unbiased"];

fn features(name: &'static str, x: &Matrix) -> Representation<'static> {
    Representation::from_row_major(name, x.n, x.p, x.values.clone()).unwrap()
}

fn given(name: &'static str, k: &Matrix) -> Representation<'static> {
    features(name, k).into_gram().unwrap()
}

fn between(x: &Matrix, kernel: impl Fn(&[f64], &[f64]) -> f64) -> Matrix {
    let row = |i: usize| &x.values[i * x.p..(i + 1) * x.p];
    Matrix::from_fn(x.n, x.n, |i, j| kernel(row(i.max(j)), row(i.min(j))))
}

fn dot(x: &[f64], y: &[f64]) -> f64 {
    x.iter().zip(y).map(|(x, y)| x * y).sum()
}

fn bound(score: &Score) -> f64 {
    number(score, "error_bound")
}

fn near(what: &str, got: &Score, want: &Score) {
    let allowed = bound(got) + bound(want);
    assert!((got.value - want.value).abs() <= allowed, "{what}: {} and {}, bounds {allowed:e}", got.value, want.value);
}

/// X and Y with something in common, away from 0.
fn pairs() -> Vec<(Matrix, Matrix)> {
    [(30, 4, 6), (12, 40, 9), (9, 20, 30), (150, 3, 200)]
        .map(|(n, p, q)| {
            let (x, noise) = (gaussian(n, p, 1), gaussian(n, q, 2));
            (Matrix::from_fn(n, p, |i, j| x.at(i, j) + 0.5), Matrix::from_fn(n, q, |i, j| x.at(i, j % p) + noise.at(i, j) - 2.0))
        })
        .to_vec()
}

#[test]
fn a_given_gram_matrix_has_the_values_of_its_representation() {
    for (x, y) in pairs() {
        let (k, l) = (given("k", &between(&x, dot)), given("l", &between(&y, dot)));
        let (x, y) = (features("x", &x), features("y", &y));
        for text in LINEAR {
            let (measure, what) = (measure(text), format!("{text}, {} x {} and {}", x.n(), x.p(), y.p()));
            let (found, want) = (measure.compare(&k, &l).unwrap(), measure.compare(&x, &y).unwrap());
            near(&what, &found, &want);
            // One of the two may be the examples themselves.
            near(&what, &measure.compare(&k, &y).unwrap(), &want);
            let reference = measure.reference(&k, &l).unwrap();
            assert!((reference - want.value).abs() <= 20.0 * bound(&found), "{what}: {reference} and {}", want.value);
        }
        let effective = |score: &Score| score.diagnostics.get("effective_dimensions_x").unwrap();
        let (found, want) = (measure("cka").compare(&k, &l).unwrap(), measure("cka").compare(&x, &y).unwrap());
        assert!((effective(&found) - effective(&want)).abs() < 1e-9 * effective(&want));
        // Moments over all permutations, from the same matrices.
        let (found, want) = (exact_null(&measure("cka"), &k, &l).unwrap(), exact_null(&measure("cka"), &x, &y).unwrap());
        assert!((found.mean() - want.mean()).abs() < 1e-10 && (found.p() - want.p()).abs() < 1e-8, "{found:?} {want:?}");
    }
}

#[test]
fn any_kernel_may_be_given() {
    let squared = |x: &[f64], y: &[f64]| x.iter().zip(y).map(|(x, y)| (x - y) * (x - y)).sum::<f64>();
    for (x, y) in pairs() {
        let rbf = |x: &Matrix| between(x, |a, b| (-squared(a, b) / (2.0 * 9.0)).exp());
        let (k, l) = (given("k", &rbf(&x)), given("l", &rbf(&y)));
        for estimator in ["biased", "debiased"] {
            let want = measure(&format!("cka:kernel=rbf,bandwidth=fixed,sigma=3,estimator={estimator}"));
            let want = want.compare(&features("x", &x), &features("y", &y)).unwrap();
            near(estimator, &measure(&format!("cka:estimator={estimator}")).compare(&k, &l).unwrap(), &want);
        }
    }
}

#[test]
fn a_constant_that_centering_takes_away_is_in_the_bound() {
    let (x, y) = pairs().remove(0);
    let (k, l) = (between(&x, dot), between(&y, dot));
    let raised = |matrix: &Matrix, by: f64| given("raised", &Matrix::from_fn(matrix.n, matrix.n, |i, j| matrix.at(i, j) + by));
    let want = measure("cka").compare(&given("k", &k), &given("l", &l)).unwrap();
    for by in [1e3, 1e8, 1e12] {
        let found = measure("cka").compare(&raised(&k, by), &raised(&l, by)).unwrap();
        near(&format!("{by:e}"), &found, &want);
        assert!(bound(&found) > 1e-17 * by, "{by:e}: {:e}", bound(&found));
    }
    let scaled = |matrix: &Matrix, by: f64| given("scaled", &matrix.scaled(by));
    for by in [1e-150, 1e-20, 1e140] {
        near(&format!("times {by:e}"), &measure("cka").compare(&scaled(&k, by), &given("l", &l)).unwrap(), &want);
    }
}

#[test]
fn what_is_no_kernel_matrix_is_refused_with_the_remedy() {
    let refused = |k: Matrix| features("k", &k).into_gram().unwrap_err();
    let (x, _) = pairs().remove(0);
    assert!(matches!(refused(x.clone()), Error::NotSquare { n: 30, p: 4, .. }));
    let mut k = between(&x, dot);
    k.values[3 * 30 + 1] += 1e-9;
    let error = refused(k);
    assert!(matches!(error, Error::NotSymmetric { row: 3, column: 1, .. }) && error.to_string().contains("(K + K') / 2"), "{error}");
    let distances = between(&x, |a, b| dot(a, a) + dot(b, b) - 2.0 * dot(a, b));
    let error = refused(distances);
    assert!(matches!(error, Error::Given(GivenError::NotAKernel { n: 30, .. })) && error.to_string().contains("rsa"), "{error}");
    let k = given("k", &between(&x, dot));
    for text in ["cka:kernel=rbf", "cca", "procrustes", "rsa", "mutual-knn", "distance-correlation", "soft-matching"] {
        let error = measure(text).compare(&k, &k).unwrap_err();
        assert!(matches!(error.cause(), Error::GramAlone { .. }), "{text}: {error}");
    }
    // Nothing but a constant.
    let constant = given("c", &Matrix::from_fn(30, 30, |_, _| 2.5));
    assert!(measure("cka").compare(&constant, &k).is_err());
    assert_eq!(measure("hsic").compare(&constant, &k).unwrap().value, 0.0);
}

/// Entries in single precision: eigenvalues of rounding are no reason to refuse.
#[test]
fn single_precision_is_a_kernel_still() {
    let (x, y) = pairs().remove(3);
    let rounded = |x: &Matrix| between(x, |a, b| f64::from(dot(a, b) as f32));
    let (k, l) = (given("k", &rounded(&x)), given("l", &rounded(&y)));
    let found = measure("cka").compare(&k, &l).unwrap().value;
    let want = measure("cka").compare(&features("x", &x), &features("y", &y)).unwrap().value;
    assert!((found - want).abs() < 1e-5, "{found} {want}");
}

// Dissimilarities that were computed elsewhere.

fn dissimilarities(x: &Matrix, of: impl Fn(&[f64], &[f64]) -> f64) -> Matrix {
    let between = between(x, of);
    Matrix::from_fn(x.n, x.n, |i, j| if i == j { 0.0 } else { between.at(i, j) })
}

fn rdm(name: &'static str, d: &Matrix) -> Representation<'static> {
    features(name, d).into_rdm().unwrap()
}

fn squared(x: &[f64], y: &[f64]) -> f64 {
    x.iter().zip(y).map(|(x, y)| (x - y) * (x - y)).sum()
}

fn euclidean(x: &[f64], y: &[f64]) -> f64 {
    squared(x, y).sqrt()
}

fn one_minus_cosine(x: &[f64], y: &[f64]) -> f64 {
    1.0 - dot(x, y) / (dot(x, x).sqrt() * dot(y, y).sqrt())
}

fn one_minus_correlation(x: &[f64], y: &[f64]) -> f64 {
    let centered = |x: &[f64]| -> Vec<f64> {
        let mean = x.iter().sum::<f64>() / x.len() as f64;
        x.iter().map(|x| x - mean).collect()
    };
    one_minus_cosine(&centered(x), &centered(y))
}

type Between = fn(&[f64], &[f64]) -> f64;

const DISSIMILARITIES: [(&str, Between); 4] =
    [("euclidean", euclidean), ("squared-euclidean", squared), ("cosine", one_minus_cosine), ("correlation", one_minus_correlation)];

const COMPARISONS: [&str; 6] = ["spearman", "pearson", "kendall-a", "kendall-b", "cosine", "whitened-cosine"];

/// What 1 - cos by subtraction loses is no fault of the comparison.
const OF_SUBTRACTION: f64 = 1e-12;

#[test]
fn given_dissimilarities_have_the_values_of_the_examples() {
    for (x, y) in pairs() {
        for (name, of) in DISSIMILARITIES {
            let (d, e) = (rdm("d", &dissimilarities(&x, of)), rdm("e", &dissimilarities(&y, of)));
            let (x, y) = (features("x", &x), features("y", &y));
            for comparison in COMPARISONS {
                let computed = measure(&format!("rsa:rdm={name},compare={comparison}"));
                let given = measure(&format!("rsa:rdm=given,compare={comparison}"));
                let want = computed.compare(&x, &y).unwrap();
                let found = given.compare(&d, &e).unwrap();
                let what = format!("{computed}, {} x {} and {}", x.n(), x.p(), y.p());
                let allowed = bound(&found) + bound(&want) + OF_SUBTRACTION;
                assert!((found.value - want.value).abs() <= allowed, "{what}: {} and {}", found.value, want.value);
                // The name says what was compared, whichever was asked for; and either side may be
                // the examples.
                let named = computed.compare(&d, &e).unwrap();
                assert_eq!((named.measure.as_str(), named.value), (found.measure.as_str(), found.value));
                assert!(found.measure.starts_with("rsa:rdm=given,"), "{}", found.measure);
                for (one, sides) in [(computed.compare(&d, &y), (true, false)), (computed.compare(&x, &e), (false, true))] {
                    let one = one.unwrap();
                    let allowed = bound(&one) + bound(&want) + OF_SUBTRACTION;
                    assert!((one.value - want.value).abs() <= allowed, "{what}, one side: {} and {}", one.value, want.value);
                    let said = ["given_x", "given_y"].map(|side| one.diagnostics.0.contains_key(side));
                    assert_eq!((one.measure.as_str(), said), (computed.to_string().as_str(), [sides.0, sides.1]));
                }
                // m^3 operations.
                if comparison != "whitened-cosine" || x.n() < 40 {
                    let reference = given.reference(&d, &e).unwrap();
                    assert!((reference - found.value).abs() <= 20.0 * bound(&found), "{what}: {reference} and {}", found.value);
                }
            }
        }
    }
}

#[test]
fn given_distances_have_the_distance_correlation_and_the_cka_of_their_points() {
    for (x, y) in pairs() {
        let (d, e) = (rdm("d", &dissimilarities(&x, euclidean)), rdm("e", &dissimilarities(&y, euclidean)));
        let (x, y) = (features("x", &x), features("y", &y));
        for text in LINEAR.iter().chain(&["distance-correlation", "distance-correlation:estimator=corrected"]) {
            let measure = measure(text);
            let want = measure.compare(&x, &y).unwrap();
            for (one, other) in [(&d, &e), (&d, &y), (&x, &e)] {
                let found = measure.compare(one, other).unwrap();
                near(&format!("{text}, {} x {} and {}", x.n(), x.p(), y.p()), &found, &want);
                let reference = measure.reference(one, other).unwrap();
                assert!((reference - want.value).abs() <= 20.0 * bound(&found), "{text}: {reference} and {}", want.value);
            }
            if text.starts_with("cka") || text.starts_with("distance") {
                // No scale is too large or too small for squares.
                for by in [1e-200, 1e200] {
                    let scaled = |d: &Representation<'_>| {
                        let values: Vec<f64> = d.to_row_major().iter().map(|value| value * by).collect();
                        Representation::from_row_major("scaled", d.n(), d.n(), values).unwrap().into_rdm().unwrap()
                    };
                    near(&format!("{text} times {by:e}"), &measure.compare(&scaled(&d), &e).unwrap(), &want);
                }
            }
            let (found, want) = (exact_null(&measure, &d, &e), exact_null(&measure, &x, &y));
            let Ok((found, want)) = found.and_then(|found| Ok((found, want?))) else { continue };
            assert!((found.mean() - want.mean()).abs() < 1e-9 * (1.0 + want.mean().abs()), "{text}: {found:?} {want:?}");
        }
    }
}

/// The order of scipy's `pdist`: row after row of the upper triangle.
#[test]
fn a_condensed_vector_is_its_matrix() {
    let (x, y) = pairs().remove(1);
    let (d, e) = (dissimilarities(&x, euclidean), dissimilarities(&y, euclidean));
    let condensed: Vec<f64> = (0..d.n).flat_map(|i| (i + 1..d.n).map(move |j| (i, j))).map(|(i, j)| d.at(i, j)).collect();
    let vector = Representation::from_row_major("v", condensed.len(), 1, condensed.clone()).unwrap().into_rdm().unwrap();
    assert_eq!((vector.to_row_major(), vector.is_rdm()), (d.values.clone(), true));
    let measure = measure("rsa:rdm=given,compare=pearson");
    let value = |side: &Representation<'_>| measure.compare(side, &rdm("e", &e)).unwrap().value;
    assert_eq!(value(&vector), value(&rdm("d", &d)));
    let error = Representation::from_row_major("v", 65, 1, condensed[..65].to_vec()).unwrap().into_rdm().unwrap_err();
    assert!(error.to_string().contains("11 examples have 55 pairs, and 12 have 66"), "{error}");
}

/// Judged on a scale of few steps: ties are ties however many there are, and decided.
#[test]
fn ties_of_given_dissimilarities_are_exact() {
    let n = 230;
    let level = |i: usize, j: usize| f64::from(((i * j + i + j) * 2654435761 % 997 % 7) as u32);
    let d = Matrix::from_fn(n, n, |i, j| if i == j { 0.0 } else { level(i.max(j), i.min(j)) });
    let m = n * (n - 1) / 2;
    let mut counts = [0; 7];
    (0..n).flat_map(|i| (0..i).map(move |j| (i, j))).for_each(|(i, j)| counts[level(i, j) as usize] += 1);
    let ties: usize = counts.iter().map(|count| count * (count - 1) / 2).sum();
    // Of a side with itself tau-a is the share of pairs that are not tied.
    let score = measure("rsa:rdm=given,compare=kendall-a").compare(&rdm("d", &d), &rdm("d", &d)).unwrap();
    let untied = (m * (m - 1) / 2 - ties) as f64 / (m * (m - 1) / 2) as f64;
    assert_eq!((score.value, score.diagnostics.get("undecided")), (untied, None));
    assert!(m > 20_000);
}

#[test]
fn what_is_no_dissimilarity_is_refused_with_the_entry_and_the_remedy() {
    let (x, y) = pairs().remove(0);
    let d = dissimilarities(&x, euclidean);
    let changed = |changes: &[(usize, usize, f64)]| {
        let mut d = d.clone();
        changes.iter().for_each(|&(i, j, value)| d.values[i * d.n + j] = value);
        features("d", &d).into_rdm()
    };
    let refused = |changes: &[(usize, usize, f64)]| match changed(changes).unwrap_err() {
        Error::Given(error) => error,
        other => panic!("{other}"),
    };
    let error = refused(&[(3, 1, -0.5), (1, 3, -0.5)]);
    assert!(matches!(error, GivenError::Negative { row: 1, column: 3, value: -0.5, .. }) && error.to_string().contains("1 - S"), "{error}");
    let error = refused(&[(4, 4, 1e-6)]);
    assert!(matches!(error, GivenError::Diagonal { row: 4, value: 1e-6, .. }) && error.to_string().contains("set it to 0"), "{error}");
    let error = refused(&[(7, 2, d.at(7, 2) + 1e-9)]);
    assert!(matches!(error, GivenError::NotSymmetric { row: 7, column: 2, .. }) && error.to_string().contains("(D + D') / 2"), "{error}");
    assert!(matches!(features("x", &x).into_rdm().unwrap_err(), Error::NotSquare { n: 30, p: 4, .. }));
    // Rounding is none of these: 1 - r of an example with itself, and sums in another order.
    let rounded = changed(&[(0, 0, 2e-16), (1, 1, -2e-16), (7, 2, d.at(7, 2) * (1.0 + f64::EPSILON))]).unwrap();
    let value = |d: &Representation<'_>| {
        measure("rsa:rdm=given,compare=pearson").compare(d, &rdm("d", &self::dissimilarities(&y, euclidean))).unwrap().value
    };
    assert!((value(&rounded) - value(&rdm("d", &d))).abs() < 1e-15);
    assert!(rounded.view().row_iter().zip(rounded.view().col_iter()).all(|(row, column)| row.iter().eq(column.iter())));
}

#[test]
fn a_measure_that_does_not_follow_from_dissimilarities_says_so() {
    let (x, y) = pairs().remove(0);
    let (d, cubed) = (rdm("d", &dissimilarities(&x, euclidean)), rdm("c", &dissimilarities(&y, |a, b| euclidean(a, b).powi(3))));
    let cause = |text: &str, x: &Representation<'_>, y: &Representation<'_>| match measure(text).compare(x, y).unwrap_err().cause() {
        Error::Given(error) => error.clone(),
        other => panic!("{text}: {other}"),
    };
    for text in ["cka:kernel=rbf", "cca", "procrustes", "mutual-knn", "soft-matching"] {
        assert!(matches!(cause(text, &d, &d), GivenError::DissimilaritiesAlone { .. }), "{text}");
    }
    let sees = |error: GivenError| match error {
        GivenError::NotEuclidean { least, largest, .. } | GivenError::NotOfNegativeType { least, largest, .. } => least < -1e-3 * largest,
        other => panic!("{other}"),
    };
    assert!(sees(cause("cka", &d, &cubed)) && sees(cause("hsic", &cubed, &d)) && sees(cause("distance-correlation", &cubed, &d)));
    assert!(measure("distance-correlation:estimator=corrected").compare(&cubed, &d).is_ok());
    // Squared distances are of negative type, and no Euclidean distances.
    let squares = rdm("s", &dissimilarities(&y, squared));
    assert!(measure("distance-correlation").compare(&squares, &d).is_ok() && sees(cause("cka", &squares, &d)));
    assert!(measure("rsa:rdm=given,compare=whitened-cosine").compare(&cubed, &d).is_ok());
    let error = cause("rsa:rdm=given", &d, &features("y", &y));
    assert!(
        matches!(error, GivenError::NotGiven { .. }) && error.to_string().contains("correlation|squared-euclidean|euclidean|cosine)"),
        "{error}"
    );
    // Nothing differs.
    let nothing = rdm("0", &Matrix::from_fn(30, 30, |_, _| 0.0));
    for text in ["rsa:rdm=given", "distance-correlation", "cka"] {
        let error = measure(text).compare(&nothing, &d).unwrap_err();
        assert!(matches!(error.cause(), Error::ConstantDissimilarities { pairs: 435, .. }), "{text}: {error}");
    }
}

/// Examples in another order, or fewer of them, are rows and columns.
#[test]
fn chance_and_intervals_of_given_dissimilarities_are_those_of_the_examples() {
    let (x, y) = pairs().remove(1);
    let (d, e) = (rdm("d", &dissimilarities(&x, euclidean)), rdm("e", &dissimilarities(&y, euclidean)));
    let (x, y) = (features("x", &x), features("y", &y));
    for (given, computed) in [
        ("rsa:rdm=given,compare=pearson", "rsa:rdm=euclidean,compare=pearson"),
        ("rsa:rdm=given,compare=kendall-a", "rsa:rdm=euclidean,compare=kendall-a"),
        ("distance-correlation", "distance-correlation"),
    ] {
        let (given, computed) = (measure(given), measure(computed));
        let of = |measure: &Measure, x: &Representation<'_>, y: &Representation<'_>| {
            let null = permutation_null(measure, x, y, &Permutations::new(50, 3)).unwrap();
            (null.values, jackknife(measure, x, y, None, 0).unwrap().standard_error())
        };
        let ((values, error), (want, want_error)) = (of(&given, &d, &e), of(&computed, &x, &y));
        assert!(values.iter().zip(&want).all(|(value, want)| (value - want).abs() < 1e-12), "{given}");
        assert!((error - want_error).abs() < 1e-10, "{given}: {error} {want_error}");
    }
}

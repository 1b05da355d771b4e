//! The conformance check: right implementations pass, planted bugs are found, shrunk and named, and
//! conventions are recognised.
#![cfg(feature = "cli")]

use nalgebra::DMatrix;
use similitude::conformance::{Failure, Reply, Suite, check, identify};
use similitude::laws::Matrix;
use similitude::{Measure, Representation, registry};

mod verdicts;

fn matrix(x: &Representation<'_>) -> DMatrix<f64> {
    DMatrix::from_row_slice(x.n(), x.p(), &x.to_row_major())
}

fn centered(x: &Representation<'_>) -> DMatrix<f64> {
    let x = matrix(x);
    let mean = x.row_mean();
    DMatrix::from_fn(x.nrows(), x.ncols(), |i, j| x[(i, j)] - mean[j])
}

fn alignment(x: &DMatrix<f64>, y: &DMatrix<f64>) -> f64 {
    (y.transpose() * x).norm_squared() / ((x.transpose() * x).norm() * (y.transpose() * y).norm())
}

/// True where no neuron varies by more than what a mean leaves of equal numbers.
fn constant(x: &Representation<'_>) -> bool {
    let x = matrix(x);
    x.column_iter().all(|column| column.iter().all(|value| *value == column[0]))
}

fn linear_cka(x: &Representation<'_>, y: &Representation<'_>) -> Option<f64> {
    (x.n() == y.n() && !constant(x) && !constant(y)).then(|| alignment(&centered(x), &centered(y)))
}

fn broken(measure: &str, function: impl Fn(&Representation<'_>, &Representation<'_>) -> Option<f64> + Send + Sync) -> Failure {
    check(measure, function).err().unwrap_or_else(|| panic!("a wrong {measure} passes"))
}

/// The largest magnitude of an entry of the shrunk input, and its size.
fn size_of(failure: &Failure, rule: &str) -> (usize, f64, bool) {
    let broken = failure.broken().iter().find(|broken| broken.rule.contains(rule)).unwrap_or_else(|| panic!("{rule} is broken: {failure}"));
    let entries = || broken.x.values.iter().chain(&broken.y.values);
    let largest = entries().fold(0.0f64, |most, value| value.abs().max(most));
    (broken.x.n * (broken.x.p + broken.y.p), largest, entries().all(|value| value.fract() == 0.0))
}

#[test]
fn a_textbook_formula_passes() {
    let report = check("cka", linear_cka).unwrap();
    assert!(report.tried > 35, "{report}");
    assert!(report.broken.is_empty() && report.computes.is_none());
}

/// Both paths of the library keep every rule of every convention.
#[test]
fn the_library_passes() {
    for measure in registry::conventions() {
        let report = Suite::new(&measure.to_string()).unwrap().cases(4).run(|x, y| measure.compare(x, y).map(|score| score.value));
        assert!(report.broken.is_empty(), "{report}");
    }
}

#[test]
fn a_mean_left_in_is_found_and_named() {
    let failure = broken("cka", |x, y| (x.n() == y.n() && !constant(x) && !constant(y)).then(|| alignment(&matrix(x), &matrix(y))));
    for rule in ["golden::linnerud", "value::drawn", "translation::x::holds", "translation::y::holds", "edge::mean of 1e8"] {
        assert!(failure.breaks(rule), "{rule}: {failure}");
    }
    assert!(!failure.breaks("orthogonal"), "{failure}");
    assert!(
        failure.to_string().contains("it computes: cka:kernel=linear,estimator=biased of features that are not centered\n"),
        "{failure}"
    );
    // Two examples of one neuron show it.
    let (entries, largest, whole) = size_of(&failure, "translation::x");
    assert!(entries <= 6 && largest <= 3.0 && whole, "{failure}");
}

/// The unbiased HSIC in batches, as some packages have it: the same as all at once on few examples.
fn in_batches(x: &Representation<'_>, y: &Representation<'_>, batch: usize) -> Option<f64> {
    if x.n() != y.n() || constant(x) || constant(y) {
        return None;
    }
    let hsic = |k: &DMatrix<f64>, l: &DMatrix<f64>| {
        let n = k.nrows() as f64;
        let hollow = |k: &DMatrix<f64>| DMatrix::from_fn(k.nrows(), k.nrows(), |i, j| if i == j { 0.0 } else { k[(i, j)] });
        let (k, l) = (hollow(k), hollow(l));
        let (rows_k, rows_l) = (k.column_sum(), l.column_sum());
        (k.dot(&l) + k.sum() * l.sum() / ((n - 1.0) * (n - 2.0)) - 2.0 / (n - 2.0) * rows_k.dot(&rows_l)) / (n * (n - 3.0))
    };
    let (x, y) = (matrix(x), matrix(y));
    let mut sums = [0.0; 3];
    for from in (0..x.nrows()).step_by(batch) {
        let size = batch.min(x.nrows() - from);
        if size < 4 {
            continue;
        }
        let gram = |x: &DMatrix<f64>| x.rows(from, size) * x.rows(from, size).transpose();
        let (k, l) = (gram(&x), gram(&y));
        sums = [sums[0] + hsic(&k, &l), sums[1] + hsic(&k, &k), sums[2] + hsic(&l, &l)];
    }
    Some(sums[0] / (sums[1] * sums[2]).sqrt()).filter(|value| value.is_finite())
}

#[test]
fn minibatches_are_not_taken_for_the_whole() {
    for (batch, said) in [(32, "minibatches of 32,"), (256, "minibatches of 256,")] {
        let found = identify("cka", |x, y| in_batches(x, y, batch)).unwrap();
        assert!(found.matches[0].computes.contains(said) && found.matches[0].computes.contains("HSIC_1 summed"), "{batch}: {found}");
    }
    let found = identify("cka", |x, y| in_batches(x, y, usize::MAX)).unwrap();
    assert_eq!(found.matches[0].computes, "cka:kernel=linear,estimator=debiased");
}

#[test]
fn the_verdict_comes_first_and_says_what_to_do() {
    let single = |x: &DMatrix<f64>| x.map(|value| value as f32);
    let failure = broken("cka", |x, y| {
        let (x, y) = (single(&matrix(x)), single(&matrix(y)));
        let value = (y.transpose() * &x).norm_squared() / ((x.transpose() * &x).norm() * (y.transpose() * &y).norm());
        Some(f64::from(value)).filter(|value| value.is_finite())
    });
    let text = failure.to_string();
    let verdict = text.lines().next().unwrap();
    assert!(verdict.starts_with("cka:kernel=linear,estimator=biased: no. It computes"), "{verdict}");
    for said in ["You forgot to center", "single precision (f32)", "laws: ", "tables: linnerud"] {
        assert!(verdict.contains(said), "{said}: {verdict}");
    }
    let failure = broken("cka", |x, y| linear_cka(x, y).map(|value| value.clamp(0.0, 1.0).acos()));
    let verdict = failure.to_string().lines().next().unwrap().to_string();
    assert!(verdict.contains("The value is arccos(s) of it"), "{verdict}");
    let failure = broken("cka", |x, y| Measure::parse("cka:estimator=debiased").unwrap().compare(x, y).ok().map(|score| score.value));
    let verdict = failure.to_string().lines().next().unwrap().to_string();
    assert!(verdict.contains("another convention: estimator=debiased"), "{verdict}");
    assert_eq!(check("cka", linear_cka).unwrap().verdict().split(". ").next().unwrap(), "cka:kernel=linear,estimator=biased: yes");
}

/// What was recognised has a value of its own, by which further data are judged.
#[test]
fn what_is_recognised_gives_values() {
    let found = identify("cka", |x, y| linear_cka(x, y).map(|value| value.clamp(0.0, 1.0).acos())).unwrap();
    let (x, y) = (Matrix::from_fn(9, 2, |i, j| ((i * 7 + j * 3) % 5) as f64), Matrix::from_fn(9, 1, |i, _| (i * i % 7) as f64));
    let want = linear_cka(&x.representation("x").unwrap(), &y.representation("y").unwrap()).unwrap().acos();
    assert!((found.matches[0].value(&x, &y).unwrap() - want).abs() < 1e-14);
}

#[test]
fn a_wrong_constant_is_shrunk_to_a_readable_value() {
    let failure = broken("cka", |x, y| linear_cka(x, y).map(|value| value * 1.001));
    let (entries, largest, whole) = size_of(&failure, "value::drawn");
    assert!(entries <= 6 && largest <= 3.0 && whole, "{failure}");
    assert!(failure.breaks("self-value"), "{failure}");
    let text = failure.to_string();
    assert!(text.contains("expected 1.0 within") && text.contains("obtained 1.001"), "{text}");
}

#[test]
fn values_outside_the_domain_are_found() {
    let failure = broken("cka", |x, y| if constant(x) || constant(y) { Some(0.0) } else { linear_cka(x, y) });
    let rules: Vec<&str> = failure.broken().iter().map(|broken| broken.rule.as_str()).collect();
    assert_eq!(rules, ["edge::constant x", "edge::constant x of 0.1", "edge::constant y"]);
    assert!(failure.to_string().contains("is constant") && failure.to_string().contains("obtained 0.0"), "{failure}");
}

#[test]
fn a_value_that_is_missing_is_found() {
    // NaN is how a bare f64 declines, and declining plain data is a failure.
    let failure = check(
        "cka",
        |x: &Representation<'_>, y: &Representation<'_>| if x.p() > 3 { f64::NAN } else { linear_cka(x, y).unwrap_or(f64::NAN) },
    );
    let failure = failure.unwrap_err();
    assert!(failure.breaks("value::drawn") && failure.breaks("edge::constant neuron"), "{failure}");
    assert!(failure.to_string().contains("no value (NaN)"), "{failure}");
    // With an Option there is None for that, and NaN is a wrong value also where there is none.
    let failure = broken("cka", |x, y| Some(linear_cka(x, y).unwrap_or(f64::NAN)));
    assert!(failure.breaks("edge::constant x") && failure.to_string().contains("obtained NaN"), "{failure}");
}

#[test]
fn a_panic_is_a_failure_and_no_more() {
    let failure = broken("cka", |x, y| {
        assert!(x.p() <= y.p(), "X must be the narrower");
        linear_cka(x, y)
    });
    assert!(failure.breaks("value::drawn") && failure.to_string().contains("a panic (X must be the narrower)"), "{failure}");
    // On representations that do not belong together it is as good an answer as any.
    check("cka", |x: &Representation<'_>, y: &Representation<'_>| {
        assert_eq!(x.n(), y.n());
        linear_cka(x, y)
    })
    .unwrap();
}

/// A claim that fails is a law too: what a measure must see.
#[test]
fn too_much_invariance_is_found() {
    let cca = Measure::parse("cca:degenerate=allow").unwrap();
    let failure = broken("cka", |x, y| cca.compare(x, y).ok().map(|score| score.value));
    assert!(failure.breaks("invertible-linear::x::fails") && failure.breaks("duplicated-neurons::y::fails"), "{failure}");
    let broken = failure.broken().iter().find(|broken| broken.rule.contains("invertible-linear::x::fails")).unwrap();
    assert!(broken.step.starts_with("X: times the") && broken.x.n <= 6, "{broken}");
}

#[test]
fn laws_alone_find_what_values_at_the_start_do_not() {
    // Wrong by one part in a million, and only where the first neuron of Y has a negative sum: no
    // table shows it.
    let failure = broken("cka", |x, y| {
        let sum: f64 = matrix(y).column(0).sum();
        linear_cka(x, y).map(|value| if sum < 0.0 { value * (1.0 - 1e-6) } else { value })
    });
    assert!(!failure.breaks("golden"), "{failure}");
    assert!(failure.breaks("orthogonal::y::holds") && failure.breaks("translation::y::holds"), "{failure}");
    assert!(!failure.breaks("orthogonal::x"), "{failure}");
}

#[test]
fn failures_read_as_the_reason() {
    let Err(failure) = check("ckq", linear_cka) else { panic!("no such measure") };
    assert!(format!("{failure:?}").contains("ckq") && failure.broken().is_empty());
    let result: Result<f64, String> = Err("no".to_string());
    assert_eq!(Reply::from(result), Reply::Declined("no".to_string()));
}

fn identified(family: &str, function: impl Fn(&Representation<'_>, &Representation<'_>) -> f64 + Send + Sync) -> String {
    identify(family, function).unwrap().to_string()
}

fn value(text: &str) -> impl Fn(&Representation<'_>, &Representation<'_>) -> f64 + Send + Sync {
    let measure = Measure::parse(text).unwrap();
    move |x, y| measure.compare(x, y).map_or(f64::NAN, |score| score.value)
}

/// The reference path of every listed convention is recognised as itself (or as one that no pair
/// tells from it).
#[test]
fn every_convention_is_recognised() {
    // What is refused at the edges is not what it is recognised by.
    let named = |text: &str| text.replace(",degenerate=error", "").replace(",degenerate=allow", "");
    for measure in registry::conventions() {
        let found = identify(measure.spec().id, |x, y| measure.reference(x, y).unwrap_or(f64::NAN)).unwrap();
        let itself = found.matches.iter().any(|found| named(&found.computes) == named(&measure.to_string()) && found.transformation == "s");
        // Ranks do not see a square, and both of Kendall's tau are one without ties.
        let text = measure.to_string();
        let of_ranks = text.contains("euclidean") && (text.contains("kendall") || text.contains("spearman"));
        assert!(itself && found.matches.len() <= if of_ranks { 4 } else { 2 }, "{measure}: {found}");
    }
}

#[test]
fn transformations_are_recognised() {
    let similarity = value("cka");
    assert_eq!(identified("cka", |x, y| 1.0 - similarity(x, y)), "1 - s, where s is cka:kernel=linear,estimator=biased");
    assert_eq!(identified("cka", |x, y| similarity(x, y).sqrt()), "sqrt(s), where s is cka:kernel=linear,estimator=biased");
    let regression = value("linear-regression:direction=x-from-y");
    assert!(identified("linear-regression", |x, y| regression(y, x)).starts_with("linear-regression:direction=y-from-x"));
    let pwcca = value("pwcca:weights=x,degenerate=allow");
    assert!(identified("pwcca", |x, y| pwcca(y, x)).starts_with("pwcca:weights=y"));
}

#[test]
fn preparations_are_recognised() {
    let (similarity, disparity) = (value("cka"), value("procrustes:form=distance"));
    let unit = |x: &Representation<'_>| {
        let mut x = centered(x);
        x.column_iter_mut().for_each(|mut column| {
            let size = column.norm();
            column /= size;
        });
        Representation::from_row_major("z", x.nrows(), x.ncols(), x.transpose().as_slice().to_vec()).unwrap()
    };
    let found = identified("cka", |x, y| similarity(&unit(x), &unit(y)));
    assert_eq!(found, "cka:kernel=linear,estimator=biased of neurons scaled to standard deviation 1");
    let basis = |x: &Representation<'_>| {
        let q = matrix(x).qr().q();
        Representation::from_row_major("q", q.nrows(), q.ncols(), q.transpose().as_slice().to_vec()).unwrap()
    };
    let svcca = value("svcca:divisor=min-width,degenerate=allow");
    let found = identified("svcca", |x, y| svcca(&basis(x), &basis(y)));
    let wanted =
        "svcca:summary=rho,threshold=0.99,divisor=min-width,degenerate=allow of an orthonormal basis of the features, not centered";
    assert!(found.starts_with(wanted), "{found}");
    let found = identified("all", |x, y| disparity(&unit(x), &unit(y)));
    assert_eq!(found, "procrustes:form=distance of neurons scaled to standard deviation 1");
}

#[test]
fn known_formulas_are_recognised() {
    let correlations =
        |x: &Representation<'_>, y: &Representation<'_>| (centered(x).qr().q().transpose() * centered(y).qr().q()).singular_values();
    assert_eq!(identified("cca", |x, y| correlations(x, y).max()), "the largest canonical correlation");
    // Without a basis that minds ranks, no pair tells ranks from widths.
    assert!(identified("cca", |x, y| correlations(x, y).sum()).starts_with("s min(p1, p2), where s is cca:summary=rho,divisor=min-"));
    let hollow = |x: &Representation<'_>| {
        let x = centered(x);
        let mut gram = &x * x.transpose();
        gram.fill_diagonal(0.0);
        gram
    };
    let found = identified("cka", |x, y| hollow(x).dot(&hollow(y)) / (hollow(x).norm() * hollow(y).norm()));
    assert_eq!(found, "linear CKA of doubly centered Gram matrices without their diagonals");
}

#[test]
fn single_precision_is_recognised_as_such() {
    let narrow = |x: &Representation<'_>| {
        let values: Vec<f64> = x.to_row_major().iter().map(|value| f64::from(*value as f32)).collect();
        Representation::from_row_major("z", x.n(), x.p(), values).unwrap()
    };
    let similarity = value("cka");
    let found = identify("cka", |x, y| f64::from(similarity(&narrow(x), &narrow(y)) as f32)).unwrap();
    assert_eq!(found.matches.len(), 1);
    assert!(found.matches[0].difference > 1e-9, "{found}");
    assert!(found.to_string().starts_with("cka:kernel=linear,estimator=biased (to "), "{found}");
}

#[test]
fn what_is_nothing_known_is_said_to_be_that() {
    let found = identify("all", |x, y| (x.p() as f64 + y.n() as f64).sin()).unwrap();
    assert!(found.matches.is_empty() && found.nearest.is_some(), "{found}");
    assert!(found.to_string().starts_with("none of "), "{found}");
    let silent = identify("cka", |_, _| None).unwrap();
    assert_eq!((silent.answered, silent.matches.len()), (0, 0));
    assert_eq!(silent.to_string(), "not known: it answered 0 of 9 pairs; no value (None)");
    let constant = identify("cka", |_, _| 0.5).unwrap();
    assert_eq!(constant.to_string(), "nothing of them: it answers 0.5 on all 9 pairs");
    assert!(identify("ckq", |_, _| None).is_err());
}

/// One bandwidth for both sides, and the lower of two middle distances: what two packages take for
/// RBF CKA.
#[test]
fn bandwidths_that_are_no_convention_are_recognised() {
    let kernel = |x: &DMatrix<f64>, variance: f64| {
        DMatrix::from_fn(x.nrows(), x.nrows(), |i, j| (-(x.row(i) - x.row(j)).norm_squared() / (2.0 * variance)).exp())
    };
    let center = |k: DMatrix<f64>| {
        let mean = k.row_mean();
        DMatrix::from_fn(k.nrows(), k.ncols(), |i, j| k[(i, j)] - mean[i] - mean[j] + mean.mean())
    };
    let distances = |x: &DMatrix<f64>, all: bool| {
        let n = x.nrows();
        let pairs = (0..n).flat_map(|i| (0..n).map(move |j| (i, j))).filter(|(i, j)| all || i < j);
        let mut distances: Vec<f64> = pairs.map(|(i, j)| (x.row(i) - x.row(j)).norm_squared()).collect();
        distances.sort_by(f64::total_cmp);
        distances
    };
    let lower = |x: &DMatrix<f64>| {
        let distances = distances(x, true);
        distances[(distances.len() - 1) / 2]
    };
    let median = |x: &DMatrix<f64>| {
        let distances = distances(x, false);
        let (a, b) = (distances[(distances.len() - 1) / 2].sqrt(), distances[distances.len() / 2].sqrt());
        ((a + b) / 2.0).powi(2)
    };
    let aligned = |k: &DMatrix<f64>, l: &DMatrix<f64>| k.dot(l) / (k.norm() * l.norm());
    let found = identified("cka", |x, y| {
        let (x, y) = (matrix(x), matrix(y));
        aligned(&center(kernel(&x, lower(&x))), &center(kernel(&y, lower(&y))))
    });
    assert_eq!(found, "RBF CKA (biased), sigma^2 the lower median of all n^2 squared distances");
    let found = identified("cka", |x, y| {
        let (x, y) = (matrix(x), matrix(y));
        aligned(&center(kernel(&x, median(&x))), &center(kernel(&y, median(&x)))).sqrt()
    });
    assert_eq!(found, "sqrt(s), where s is RBF CKA (biased) with the median distance of X as bandwidth of both");
    let found = identified("cka", |x, y| {
        let (x, y) = (matrix(x), matrix(y));
        aligned(&center(kernel(&x, median(&x))), &center(kernel(&y, median(&y))))
    });
    assert_eq!(found, "cka:kernel=rbf,bandwidth=median,fraction=1.0,estimator=biased");
}

//! The reference path alone: published values, closed forms, offsets and scales; in `undefined`,
//! what has no value.
#![cfg(feature = "cli")]

mod undefined;

use approx::{abs_diff_eq, assert_abs_diff_eq};
use nalgebra::DMatrix;
use similitude::reference::Undefined;
use similitude::{Measure, Representation};

/// The reference path of the measure named in the grammar.
fn value(text: &str, x: &DMatrix<f64>, y: &DMatrix<f64>) -> Result<f64, Undefined> {
    let of = |z: &DMatrix<f64>| {
        let rows: Vec<f64> = (0..z.nrows()).flat_map(|i| (0..z.ncols()).map(move |j| z[(i, j)])).collect();
        Representation::from_row_major("", z.nrows(), z.ncols(), rows).map_err(|_| Undefined::TooFewExamples)
    };
    Measure::parse(text).unwrap().reference(&of(x)?, &of(y)?)
}

fn table(file: &str) -> DMatrix<f64> {
    let path = format!("{}/tests/golden/{file}.csv", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    let rows: Vec<Vec<f64>> =
        text.lines().skip(1).map(|line| line.split(',').map(|field| field.trim().parse().unwrap()).collect()).collect();
    DMatrix::from_fn(rows.len(), rows[0].len(), |i, j| rows[i][j])
}

#[track_caller]
fn assert_close(text: &str, x: &DMatrix<f64>, y: &DMatrix<f64>, want: f64, bound: f64) {
    let got = value(text, x, y).unwrap_or_else(|error| panic!("{text}: {error}"));
    assert!(abs_diff_eq!(got, want, epsilon = bound), "{text}: got {got:?}, want {want:?}, off by {:e}, allowed {bound:e}", got - want);
}

#[track_caller]
fn assert_undefined(text: &str, x: &DMatrix<f64>, y: &DMatrix<f64>, why: Undefined) {
    assert_eq!(value(text, x, y), Err(why), "{text}");
}

/// One neuron.
fn column(values: &[f64]) -> DMatrix<f64> {
    DMatrix::from_column_slice(values.len(), 1, values)
}

/// Eight orthogonal columns of +-1; all but the first are centered.
fn hadamard() -> DMatrix<f64> {
    DMatrix::from_fn(8, 8, |i, j| if (i & j).count_ones() % 2 == 0 { 1.0 } else { -1.0 })
}

/// A matrix without structure: fractional parts of multiples of irrational numbers, centered
/// roughly on 0.
fn scattered(n: usize, p: usize, seed: f64) -> DMatrix<f64> {
    DMatrix::from_fn(n, p, |i, j| ((i as f64 + 1.0) * (j as f64 + 2.0).sqrt() * 12.9898 + (seed + j as f64) * 78.233).sin() * 43.758 % 1.0)
}

#[test]
fn published_tables() {
    let values: serde_json::Value = serde_json::from_str(include_str!("../golden/values.json")).unwrap();
    let measures: std::collections::BTreeMap<String, String> = serde_json::from_str(include_str!("../golden/measures.json")).unwrap();
    assert_eq!(measures.len(), 19);
    for name in ["linnerud", "jobs", "lifecycle"] {
        let (x, y) = (table(&format!("{name}_x")), table(&format!("{name}_y")));
        for (key, text) in &measures {
            let want: f64 = values[name][key].as_str().unwrap().parse().unwrap();
            assert_close(text, &x, &y, want, 1e-13 * want);
        }
        // The trace with kappa 0 is the sum of the squared correlations, and all bounds are
        // min(r_X, r_Y) or the root of r_X r_Y.
        let r2: f64 = values[name]["cca_r2"].as_str().unwrap().parse().unwrap();
        for bound in ["trace", "cauchy"] {
            assert_close(&format!("canonical-ridge:kappa-x=0,kappa-y=0,bound={bound}"), &x, &y, r2, 1e-13);
        }
        // All of the variance kept: SVCCA is CCA.
        assert_close("svcca:threshold=1,summary=r2", &x, &y, r2, 1e-13);
    }
}

/// The authors' demonstration, as printed: five digits.
#[test]
fn authors_demonstration() {
    let (x, y) = (table("demo_x"), table("demo_y"));
    assert_eq!(x.shape(), (100, 10));
    for (text, want) in [
        ("cka", 0.55761),
        ("cka:estimator=debiased", 0.51346),
        ("cka:kernel=rbf,bandwidth=demo,fraction=0.5", 0.65483),
        ("cca:summary=r2,center=no", 0.54312),
    ] {
        assert_close(text, &x, &y, want, 5e-6);
    }
}

/// Three orthogonal centered columns of +-1: y shares one of the three directions of x.
#[test]
fn closed_forms_on_hadamard_columns() {
    let hadamard = hadamard();
    let (x, y) = (hadamard.columns(1, 3).into_owned(), hadamard.columns(3, 1).into_owned());
    assert_close("cka", &x, &y, (1f64 / 3.0).sqrt(), 1e-15);
    assert_close("hsic", &x, &y, 64.0 / 49.0, 1e-15);
    assert_close("linear-regression", &x, &y, 1.0 / 3.0, 1e-15);
    assert_close("linear-regression:direction=sum", &x, &y, 4.0 / 3.0, 1e-15);
    assert_close("cca", &x, &y, 1.0, 1e-15);
    assert_close("cca:divisor=geometric,summary=r2", &x, &y, (1f64 / 3.0).sqrt(), 1e-15);
    assert_close("cca:divisor=max,summary=r2", &x, &y, 1.0 / 3.0, 1e-15);
    assert_close("procrustes:form=similarity", &x, &y, (1f64 / 3.0).sqrt(), 1e-15);
    assert_close("procrustes", &x, &y, (2.0 - 2.0 * (1f64 / 3.0).sqrt()).sqrt(), 1e-15);
    // a_i = 8/(8 + 8) on the three directions of x, b = 8/(8 + 24): a b / bound.
    assert_close("canonical-ridge:kappa-x=8,kappa-y=24,bound=trace", &x, &y, 1.0, 1e-15);
    assert_close("canonical-ridge:kappa-x=8,kappa-y=24,bound=separable", &x, &y, (1f64 / 3.0).sqrt(), 1e-15);
    // Relative to the largest of lx = 32, 8: a = 32/64, 8/40, and b = 1, 1.
    let graded = DMatrix::from_columns(&[hadamard.column(1) * 2.0, hadamard.column(2).into_owned()]);
    let even = hadamard.columns(1, 2).into_owned();
    assert_close("canonical-ridge:kappa-x=1,kappa-y=0,kappa=relative,bound=separable", &graded, &even, 0.7 / 0.58f64.sqrt(), 1e-15);
}

/// Between regularisation without bound and none: linear CKA, linear regression, CCA (appendix
/// D.1).
#[test]
fn limits_of_the_canonical_ridge() {
    let (x, y) = (table("jobs_x"), table("jobs_y"));
    let limit = |text| value(text, &x, &y).unwrap();
    assert_close("canonical-ridge:kappa-x=1e200,kappa-y=1e200,bound=separable", &x, &y, limit("cka"), 1e-14);
    assert_close("canonical-ridge:kappa-x=1e200,kappa-y=0", &x, &y, limit("linear-regression:direction=x-from-y"), 1e-13);
    assert_close("canonical-ridge:kappa-x=1e-200,kappa-y=1e-200", &x, &y, limit("cca:summary=r2"), 1e-13);
}

#[test]
fn offsets_cost_no_digits() {
    let (x, y) = (table("jobs_x"), table("jobs_y"));
    // 2^30 and the integers of the table: exactly representable, so that the answer must be the
    // same to rounding.
    let (far_x, far_y) = (x.add_scalar(2f64.powi(30)), y.add_scalar(-2f64.powi(40)));
    for text in [
        "cka",
        "cka:estimator=debiased",
        "cka:kernel=rbf",
        "cka:kernel=laplace,estimator=debiased",
        "cka:kernel=cosine",
        "hsic",
        "hsic:estimator=unbiased",
        "cca",
        "svcca",
        "pwcca",
        "linear-regression",
        "canonical-ridge:kappa-x=10,kappa-y=20",
        "procrustes",
    ] {
        let want = value(text, &x, &y).unwrap();
        assert_close(text, &far_x, &far_y, want, 2e-14 * want);
    }
}

#[test]
fn scale_is_taken_out_exactly() {
    let (x, y) = (table("jobs_x"), table("jobs_y"));
    let (small, large) = (2f64.powi(-500), 2f64.powi(498));
    let (small_x, large_y) = (&x * small, &y * large);
    for text in [
        "cka",
        "cka:estimator=debiased",
        "cka:kernel=rbf",
        "cka:kernel=laplace,bandwidth=demo,estimator=debiased",
        "cka:kernel=cosine",
        "cka:kernel=polynomial,degree=3,offset=0",
        "cca",
        "cca:center=no",
        "svcca",
        "pwcca",
        "linear-regression:direction=sum",
        "canonical-ridge:kappa-x=0.1,kappa-y=0.2,kappa=relative",
        "procrustes",
        "hsic:kernel=rbf",
        "hsic:kernel=cosine",
    ] {
        assert_eq!(value(text, &small_x, &large_y), value(text, &x, &y), "{text}");
    }
    // A constant neuron far above the rest: 2^520 beside 2^-560.
    let beside = |x: &DMatrix<f64>| x.clone().insert_column(0, 2f64.powi(520));
    let tiny = &x * 2f64.powi(-560);
    for text in ["cka", "cka:kernel=rbf", "cka:kernel=laplace,estimator=debiased", "procrustes", "linear-regression"] {
        assert_eq!(value(text, &beside(&tiny), &y), value(text, &x.clone().insert_column(0, 1.0), &y), "{text}");
        assert_close(text, &beside(&tiny), &y, value(text, &x, &y).unwrap(), 1e-15);
    }
    // What has units takes them with it, to the bit.
    for estimator in ["biased", "unbiased"] {
        let text = format!("hsic:estimator={estimator}");
        assert_eq!(value(&text, &small_x, &large_y).unwrap(), value(&text, &x, &y).unwrap() * 2f64.powi(-4));
        assert_undefined(&text, &small_x, &small_x, Undefined::Unrepresentable);
        assert_undefined(&text, &large_y, &large_y, Undefined::Unrepresentable);
    }
    let kappa = |kappa: f64| format!("canonical-ridge:kappa-x={kappa:e},kappa-y={kappa:e}");
    assert_eq!(value(&kappa(30.0 * small * small), &small_x, &(&y * small)), value(&kappa(30.0), &x, &y));
    let sigma = |sigma: f64| format!("cka:kernel=rbf,bandwidth=fixed,sigma={sigma:e}");
    assert_eq!(value(&sigma(30.0 * small), &small_x, &(&y * small)), value(&sigma(30.0), &x, &y));
    // A bandwidth far above all distances: the kernel is 1 - d^2/(2 sigma^2), and doubly centered
    // that is the linear one.
    assert_close(&sigma(1.0), &small_x, &(&y * small), value("cka", &x, &y).unwrap(), 1e-14);
    // Likewise an offset far above all products.
    assert_close("cka:kernel=polynomial,degree=3,offset=1", &small_x, &(&y * small), value("cka", &x, &y).unwrap(), 1e-14);
}

/// The distance of X to its rotation is rounding, also where singular values lie far apart (2 - 2 s
/// would leave 1e-8).
#[test]
fn rotated_copies_have_distance_zero() {
    let rotation = scattered(4, 4, 3.0).qr().q();
    for decades in [0.0, 3.0, 6.0, 9.0] {
        let axes = scattered(12, 4, 5.0).qr().q()
            * DMatrix::from_diagonal(&nalgebra::DVector::from_fn(4, |i, _| 10f64.powf(-decades * i as f64 / 3.0)));
        let x = axes * scattered(4, 4, 7.0).qr().q();
        let y = &x * &rotation;
        for form in ["distance", "angle"] {
            assert_close(&format!("procrustes:form={form}"), &x, &y, 0.0, 2e-15);
        }
        assert_close("procrustes:form=squared", &x, &y, 0.0, 1e-29);
    }
    // A small angle t: y = h1 + tan(t) h2, t = 2^-30 to all digits.
    let hadamard = hadamard();
    let y = hadamard.column(1) + hadamard.column(2) * 2f64.powi(-30);
    for form in ["distance", "angle"] {
        let y = DMatrix::from_column_slice(8, 1, y.as_slice());
        assert_close(&format!("procrustes:form={form}"), &hadamard.columns(1, 1).into_owned(), &y, 2f64.powi(-30), 2e-16);
    }
    // Different widths: zero neurons change nothing.
    let x = scattered(9, 3, 1.0);
    let wider = DMatrix::from_fn(9, 5, |i, j| if j < 3 { x[(i, j)] } else { 0.0 });
    assert_close("procrustes", &x, &wider, 0.0, 2e-15);
    assert_close("procrustes", &wider, &x, 0.0, 2e-15);
}

/// Points 0, 1, 3, 7 on a line: distances 1 2 3 4 6 7, and the middle two of all 16 squares are 4
/// and 9.
#[test]
fn bandwidths_by_hand() {
    let (x, y) = (column(&[0.0, 1.0, 3.0, 7.0]), column(&[2.0, 0.0, 14.0, 6.0]));
    for (rule, sigma) in [("median", 3.5f64), ("lower-median", 3.0), ("demo", 6.5f64.sqrt())] {
        for kernel in ["rbf", "laplace"] {
            // y is twice x in another order: its sigma is twice as large.
            let want = value(&format!("hsic:kernel={kernel},bandwidth=fixed,sigma={:?}", 0.5 * sigma), &x, &(&y * 0.5)).unwrap();
            assert_close(&format!("hsic:kernel={kernel},bandwidth={rule},fraction=0.5"), &x, &y, want, 1e-15);
        }
    }
    // exp(-d/sigma) - 1 = -d/sigma where sigma is wide, and the factor 1/sigma cancels.
    for kernel in ["rbf", "laplace"] {
        let at = |sigma: f64| value(&format!("cka:kernel={kernel},bandwidth=fixed,sigma={sigma:e}"), &x, &y).unwrap();
        assert_abs_diff_eq!(at(1e12), at(1e150), epsilon = 1e-11);
    }
}

/// Almost a simplex, where Song's three terms nearly cancel: integers, so that the exact value is
/// known.
#[test]
fn nearly_equal_distances() {
    let points =
        |step: i64| move |i: usize, j: usize| (if i == j { 1 << 15 } else { 0 }) + ((i * i + 3 * j + step as usize * i * j) % 5) as i64;
    let exact = |x: &dyn Fn(usize, usize) -> i64, y: &dyn Fn(usize, usize) -> i64| {
        let gram = |x: &dyn Fn(usize, usize) -> i64, i: usize, k: usize| {
            if i == k { 0 } else { (0..8).map(|j| i128::from(x(i, j) * x(k, j))).sum::<i128>() }
        };
        let row = |x: &dyn Fn(usize, usize) -> i64, i: usize| (0..8).map(|k| gram(x, i, k)).sum::<i128>();
        let product: i128 = (0..64).map(|ik| gram(x, ik / 8, ik % 8) * gram(y, ik / 8, ik % 8)).sum();
        let rows: i128 = (0..8).map(|i| row(x, i) * row(y, i)).sum();
        let totals = (0..8).map(|i| row(x, i)).sum::<i128>() * (0..8).map(|i| row(y, i)).sum::<i128>();
        (42 * product + totals - 14 * rows) as f64 // times (n-1)(n-2) = 42
    };
    let (x, y) = (points(1), points(2));
    let want = exact(&x, &y) / (exact(&x, &x) * exact(&y, &y)).sqrt();
    let matrix = |x: &dyn Fn(usize, usize) -> i64| DMatrix::from_fn(8, 8, |i, j| x(i, j) as f64);
    assert_close("cka:estimator=debiased", &matrix(&x), &matrix(&y), want, 1e-13);
}

//! The reference path alone: published values, closed forms, and what has no value.

use nalgebra::DMatrix;
use similitude::convention::Keys;
use similitude::reference::Undefined;
use similitude::{measures, reference};

/// The reference path of the measure named in the grammar.
fn value(text: &str, x: &DMatrix<f64>, y: &DMatrix<f64>) -> Result<f64, Undefined> {
    let (id, mut keys) = Keys::parse(text).unwrap();
    macro_rules! dispatch {
        ($($id:literal $module:ident),+ $(,)?) => {
            match id.as_str() {
                $($id => {
                    let options = measures::$module::Options::parse(&mut keys).unwrap();
                    keys.finish().unwrap();
                    reference::$module::value(&options, x, y)
                })+
                _ => panic!("no measure {id}"),
            }
        };
    }
    dispatch!(
        "hsic" hsic, "cka" cka, "cca" cca, "svcca" svcca, "pwcca" pwcca, "linear-regression" linear_regression,
        "canonical-ridge" canonical_ridge, "procrustes" procrustes,
    )
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
    assert!((got - want).abs() <= bound, "{text}: got {got:?}, want {want:?}, off by {:e}, allowed {bound:e}", got - want);
}

#[track_caller]
fn assert_undefined(text: &str, x: &DMatrix<f64>, y: &DMatrix<f64>, why: Undefined) {
    assert_eq!(value(text, x, y), Err(why), "{text}");
}

/// One neuron.
fn column(values: &[f64]) -> DMatrix<f64> {
    DMatrix::from_column_slice(values.len(), 1, values)
}

/// A matrix without structure: fractional parts of multiples of irrational numbers, centered roughly on 0.
fn scattered(n: usize, p: usize, seed: f64) -> DMatrix<f64> {
    DMatrix::from_fn(n, p, |i, j| ((i as f64 + 1.0) * (j as f64 + 2.0).sqrt() * 12.9898 + (seed + j as f64) * 78.233).sin() * 43.758 % 1.0)
}

const LABELS: [(&str, &str); 16] = [
    ("cka_linear", "cka"),
    ("cka_linear_debiased", "cka:estimator=debiased"),
    ("cca_rho", "cca:summary=rho"),
    ("cca_r2", "cca:summary=r2"),
    ("pwcca_weights_x", "pwcca:weights=x"),
    ("pwcca_weights_y", "pwcca:weights=y"),
    ("linear_regression_y_from_x", "linear-regression:direction=y-from-x"),
    ("linear_regression_x_from_y", "linear-regression:direction=x-from-y"),
    ("procrustes_similarity", "procrustes:form=similarity"),
    ("procrustes_squared_distance", "procrustes:form=squared"),
    ("procrustes_angle", "procrustes:form=angle"),
    ("procrustes_disparity", "procrustes:form=disparity"),
    ("cka_rbf_fraction_0.5", "cka:kernel=rbf,fraction=0.5"),
    ("cka_rbf_fraction_0.5_demo_bandwidth", "cka:kernel=rbf,bandwidth=demo,fraction=0.5"),
    ("cka_rbf_fraction_1", "cka:kernel=rbf"),
    ("cka_rbf_fraction_1_demo_bandwidth", "cka:kernel=rbf,bandwidth=demo"),
];

#[test]
fn published_tables() {
    let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/values.json")).unwrap();
    let values: serde_json::Value = serde_json::from_str(&text).unwrap();
    for name in ["linnerud", "jobs", "lifecycle"] {
        let (x, y) = (table(&format!("{name}_x")), table(&format!("{name}_y")));
        for (key, text) in LABELS {
            let want: f64 = values[name][key].as_str().unwrap().parse().unwrap();
            assert_close(text, &x, &y, want, 1e-13 * want);
        }
        // The trace with kappa 0 is the sum of the squared correlations, and all bounds are min(r_X, r_Y) or the root of r_X r_Y.
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
    let hadamard = DMatrix::from_fn(8, 8, |i, j| if (i & j).count_ones() % 2 == 0 { 1.0 } else { -1.0 });
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
}

/// Between regularisation without bound and none: linear CKA, linear regression, CCA (appendix D.1).
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
    // 2^30 and the integers of the table: exactly representable, so that the answer must be the same to rounding.
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
    // A bandwidth far above all distances: the kernel is 1 - d^2/(2 sigma^2), and doubly centered that is the linear one.
    assert_close(&sigma(1.0), &small_x, &(&y * small), value("cka", &x, &y).unwrap(), 1e-14);
    // Likewise an offset far above all products.
    assert_close("cka:kernel=polynomial,degree=3,offset=1", &small_x, &(&y * small), value("cka", &x, &y).unwrap(), 1e-14);
}

/// The distance of X to its rotation is rounding, also where singular values lie far apart (2 - 2 s would leave 1e-8).
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
    // Different widths: zero neurons change nothing.
    let x = scattered(9, 3, 1.0);
    let wider = DMatrix::from_fn(9, 5, |i, j| if j < 3 { x[(i, j)] } else { 0.0 });
    assert_close("procrustes", &x, &wider, 0.0, 2e-15);
    assert_close("procrustes", &wider, &x, 0.0, 2e-15);
}

#[test]
fn constants_have_no_value() {
    let (x, constant) = (scattered(8, 2, 1.0), DMatrix::from_fn(8, 3, |_, j| 0.1 + j as f64));
    for text in [
        "cka",
        "cka:estimator=debiased",
        "cka:kernel=cosine",
        "cka:kernel=polynomial",
        "cka:kernel=rbf,bandwidth=fixed,sigma=1",
        "cca",
        "svcca",
        "pwcca",
        "linear-regression",
        "linear-regression:direction=y-from-x",
        "canonical-ridge:kappa-x=1,kappa-y=1",
        "procrustes",
    ] {
        assert_undefined(text, &x, &constant, Undefined::Constant);
        assert_undefined(text, &constant, &x, Undefined::Constant);
    }
    assert_eq!(value("hsic", &x, &constant), Ok(0.0));
    assert_eq!(value("hsic:estimator=unbiased", &constant, &x), Ok(0.0));
    assert_eq!(value("hsic:kernel=polynomial", &x, &constant), Ok(0.0));
    assert_undefined("hsic:kernel=rbf", &x, &constant, Undefined::ZeroMedian);
    assert_undefined("hsic:kernel=cosine", &x, &constant, Undefined::ZeroExample);
    // Without centering a constant is a direction like any other; zero is not.
    assert!(value("cca:center=no", &x, &constant).unwrap() > 0.0);
    assert_undefined("cca:center=no", &x, &DMatrix::zeros(8, 2), Undefined::Constant);
    // s^2 = 1 everywhere: the kernel is constant though the representation is not.
    let signs = column(&[1.0, -1.0, 1.0, -1.0, 1.0, -1.0]);
    assert_undefined("cka:kernel=polynomial,degree=2,offset=0", &signs, &signs, Undefined::Constant);
    assert_undefined("cka:kernel=polynomial,degree=2,offset=0,estimator=debiased", &signs, &signs, Undefined::ZeroSelfTerm);
}

#[test]
fn kernels_without_a_value() {
    let y = scattered(5, 2, 2.0);
    let three = scattered(3, 2, 2.0);
    for text in ["cka:estimator=debiased", "hsic:estimator=unbiased", "hsic:kernel=rbf,estimator=unbiased"] {
        assert_undefined(text, &three, &three, Undefined::TooFewExamples);
    }
    // Four equal examples of five: six of ten distances are 0.
    let clustered = column(&[1.0, 1.0, 1.0, 1.0, 3.0]);
    assert_undefined("cka:kernel=rbf", &clustered, &y, Undefined::ZeroMedian);
    assert_undefined("cka:kernel=laplace,bandwidth=lower-median", &y, &clustered, Undefined::ZeroMedian);
    assert_undefined("hsic:kernel=rbf,bandwidth=demo", &clustered, &y, Undefined::ZeroMedian);
    // The vertices of a simplex are all equally far apart: every U-centered kernel is 0.
    let simplex = DMatrix::<f64>::identity(5, 5) * 0.3;
    for kernel in ["linear", "rbf", "laplace", "rbf,fraction=0.1"] {
        assert_undefined(&format!("cka:kernel={kernel},estimator=debiased"), &simplex, &y, Undefined::ZeroSelfTerm);
        assert_undefined(&format!("cka:kernel={kernel},estimator=debiased"), &y, &simplex, Undefined::ZeroSelfTerm);
    }
    // An example at the mean has no direction.
    let symmetric = column(&[-1.0, 0.0, 1.0, 2.0, -2.0]);
    for estimator in ["biased", "debiased"] {
        assert_undefined(&format!("cka:kernel=cosine,estimator={estimator}"), &symmetric, &y, Undefined::ZeroExample);
    }
}

#[test]
fn ranks_that_fill_the_space() {
    let (wide, narrow) = (scattered(6, 9, 1.0), scattered(6, 2, 4.0));
    for text in [
        "cca",
        "svcca:threshold=1",
        "pwcca",
        "pwcca:weights=x",
        "canonical-ridge:kappa-x=0,kappa-y=1",
        "linear-regression:direction=y-from-x",
    ] {
        assert_undefined(text, &wide, &narrow, Undefined::Degenerate);
        let separator = if text.contains(':') { ',' } else { ':' };
        let allowed = format!("{text}{separator}degenerate=allow");
        if text.starts_with("canonical") {
            assert!(value(&allowed, &wide, &narrow).is_ok())
        } else {
            assert_close(&allowed, &wide, &narrow, 1.0, 1e-14)
        }
    }
    // Only the predictor, and only a side without regularisation.
    assert!(value("linear-regression:direction=x-from-y", &wide, &narrow).is_ok());
    assert!(value("canonical-ridge:kappa-x=1,kappa-y=0", &wide, &narrow).is_ok());
    // Without centering there is one dimension more.
    let square = scattered(6, 5, 1.0);
    assert_undefined("cca", &square, &narrow, Undefined::Degenerate);
    assert!(value("cca:center=no", &square, &narrow).is_ok());
    assert_undefined("cca:center=no", &wide, &narrow, Undefined::Degenerate);
    // Null columns and combinations do not count.
    let repeated = DMatrix::from_fn(6, 9, |i, j| narrow[(i, j % 2)] * (j as f64 - 4.0));
    assert_close("cca", &repeated, &narrow, 1.0, 1e-15);
}

#[test]
fn a_threshold_between_equal_singular_values() {
    let hadamard = DMatrix::from_fn(8, 8, |i, j| if (i & j).count_ones() % 2 == 0 { 1.0 } else { -1.0 });
    let x = DMatrix::from_fn(8, 3, |i, j| hadamard[(i, j + 1)] * [2.0, 1.0, 1.0][j]); // shares 4/6, 1/6, 1/6
    let y = hadamard.columns(2, 1).into_owned();
    assert_undefined("svcca:threshold=0.8", &x, &y, Undefined::Degenerate);
    assert_close("svcca:threshold=0.8,degenerate=allow", &x, &y, 1.0, 1e-15);
    assert_close("svcca:threshold=0.8,degenerate=allow,divisor=max", &x, &y, 1.0 / 3.0, 1e-15);
    // 4/6 is met by the first alone, and y is orthogonal to it.
    assert_close("svcca:threshold=0.6666666666666667", &x, &y, 0.0, 1e-15);
    assert_close("svcca:threshold=0.9,divisor=max", &x, &y, 1.0 / 3.0, 1e-15);
}

/// Two shared neurons: the correlation 1 twice beside a smaller one, so that the variates of the block are any rotation of each other.
#[test]
fn repeated_correlations() {
    let hadamard = DMatrix::from_fn(8, 8, |i, j| if (i & j).count_ones() % 2 == 0 { 1.0 } else { -1.0 });
    let h = |j: usize| hadamard.column(j);
    let x = DMatrix::from_columns(&[h(1) * 2.0, h(1) + h(2), h(3).into_owned()]);
    let y = DMatrix::from_columns(&[h(1).into_owned(), h(2).into_owned(), h(3) * 3.0 + h(4) * 4.0]);
    assert_undefined("pwcca", &x, &y, Undefined::Degenerate);
    // Block: the principal directions of (2, 1; 0, 1) in units of |h| = sqrt 8, weights s_i |v_i|_1; beside it rho = 3/5 with weight 1.
    let block: DMatrix<f64> = DMatrix::from_row_slice(2, 2, &[2.0, 1.0, 0.0, 1.0]);
    let eigen = (block.transpose() * &block).symmetric_eigen();
    let weight: f64 = (0..2).map(|i| eigen.eigenvalues[i].sqrt() * eigen.eigenvectors.column(i).lp_norm(1)).sum();
    assert_close("pwcca:degenerate=allow", &x, &y, (weight + 0.6) / (weight + 1.0), 1e-14);
    // All correlations equal: the weights do not matter.
    assert_close("pwcca", &x, &x, 1.0, 1e-15);
    // Correlation 0 beside a direction without a partner (x the wider side).
    let other = DMatrix::from_columns(&[h(1).into_owned(), h(5).into_owned()]);
    assert_undefined("pwcca:weights=x", &x, &other, Undefined::Degenerate);
    assert!(value("pwcca:weights=x,degenerate=allow", &x, &other).is_ok());
    // From the narrower side the direction of correlation 0 is the only one there is.
    assert_close("pwcca", &x, &other, 0.5, 1e-15);
}

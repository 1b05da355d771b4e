//! What has no value, or none that the data determine, and what `degenerate=allow` makes of it.

use nalgebra::DMatrix;
use similitude::reference::Undefined;

use super::{assert_close, assert_undefined, column, hadamard, scattered, value};

#[test]
fn constants_have_no_value() {
    let (x, constant) = (scattered(10, 2, 1.0), DMatrix::from_fn(10, 3, |_, j| 0.1 + j as f64));
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
    // Rows as they are, all equal and large: nothing is left of them, to the last digit.
    let large = DMatrix::from_element(10, 2, 7e32);
    for estimator in ["biased", "unbiased"] {
        assert_eq!(value(&format!("hsic:kernel=polynomial,degree=2,center=no,estimator={estimator}"), &large, &x), Ok(0.0));
    }
    assert_undefined("hsic:kernel=rbf", &x, &constant, Undefined::ZeroMedian);
    assert_undefined("hsic:kernel=cosine", &x, &constant, Undefined::ZeroExample);
    // Without centering a constant is a direction like any other; zero is not.
    assert!(value("cca:center=no", &x, &constant).unwrap() > 0.0);
    assert_undefined("cca:center=no", &x, &DMatrix::zeros(10, 2), Undefined::Constant);
    // s^2 = 1 everywhere: the kernel is constant though the representation is not.
    let signs = column(&[1.0, -1.0, 1.0, -1.0, 1.0, -1.0]);
    assert_undefined("cka:kernel=polynomial,degree=2,offset=0", &signs, &signs, Undefined::Constant);
    assert_undefined("cka:kernel=polynomial,degree=2,offset=0,center=yes,estimator=debiased", &signs, &signs, Undefined::ZeroSelfTerm);
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
    // Kernel values far below 1: exp(-50) between neighbours on a line, nothing beside it
    // elsewhere. In units of exp(-50) they are the paths 0-1-2-3 and 0-2-1-3, whose three terms are
    // 2 + 6 - 10 together and 6 + 6 - 10 alone.
    let (path, crossed) = (column(&[0.0, 10.0, 20.0, 30.0]), column(&[0.0, 20.0, 10.0, 30.0]));
    assert_close("cka:kernel=rbf,bandwidth=fixed,sigma=1,estimator=debiased", &path, &crossed, -1.0, 1e-14);
    let want = -0.5 * (-100f64).exp();
    assert_close("hsic:kernel=rbf,bandwidth=fixed,sigma=1,estimator=unbiased", &path, &crossed, want, 1e-14 * want.abs());
    // An example at the mean has no direction.
    let symmetric = column(&[-1.0, 0.0, 1.0, 2.0, -2.0]);
    for estimator in ["biased", "debiased"] {
        assert_undefined(&format!("cka:kernel=cosine,center=yes,estimator={estimator}"), &symmetric, &y, Undefined::ZeroExample);
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
    let hadamard = hadamard();
    let x = DMatrix::from_fn(8, 3, |i, j| hadamard[(i, j + 1)] * [2.0, 1.0, 1.0][j]); // shares 4/6, 1/6, 1/6
    let y = hadamard.columns(2, 1).into_owned();
    assert_undefined("svcca:threshold=0.8", &x, &y, Undefined::Degenerate);
    assert_close("svcca:threshold=0.8,degenerate=allow", &x, &y, 1.0, 1e-15);
    assert_close("svcca:threshold=0.8,degenerate=allow,divisor=max", &x, &y, 1.0 / 3.0, 1e-15);
    // 4/6 is met by the first alone, and y is orthogonal to it.
    assert_close("svcca:threshold=0.6666666666666667", &x, &y, 0.0, 1e-15);
    assert_close("svcca:threshold=0.9,divisor=max", &x, &y, 1.0 / 3.0, 1e-15);
}

/// Two shared neurons: the correlation 1 twice beside a smaller one, so that the variates of the
/// block are any rotation of each other.
#[test]
fn repeated_correlations() {
    let hadamard = hadamard();
    let h = |j: usize| hadamard.column(j);
    let x = DMatrix::from_columns(&[h(1) * 2.0, h(1) + h(2), h(3).into_owned()]);
    let y = DMatrix::from_columns(&[h(1).into_owned(), h(2).into_owned(), h(3) * 3.0 + h(4) * 4.0]);
    assert_undefined("pwcca", &x, &y, Undefined::Degenerate);
    // Block: the principal directions of (2, 1; 0, 1) in units of |h| = sqrt 8, weights s_i
    // |v_i|_1; beside it rho = 3/5 with weight 1.
    let block: DMatrix<f64> = DMatrix::from_row_slice(2, 2, &[2.0, 1.0, 0.0, 1.0]);
    let eigen = (block.transpose() * &block).symmetric_eigen();
    let weight: f64 = (0..2).map(|i| eigen.eigenvalues[i].sqrt() * eigen.eigenvectors.column(i).lp_norm(1)).sum();
    assert_close("pwcca:degenerate=allow", &x, &y, (weight + 0.6) / (weight + 1.0), 1e-14);
    // All correlations equal: the weights do not matter.
    assert_close("pwcca", &x, &x, 1.0, 1e-15);
    // Correlation 0 beside a direction without a partner (x the wider side).
    let other = DMatrix::from_columns(&[h(1).into_owned(), h(5).into_owned()]);
    assert_undefined("pwcca:weights=x", &x, &other, Undefined::Degenerate);
    // Allowed: of h2 and 3 h3, which both have correlation 0, the longer one is the principal
    // direction; weights 3 (2 + 1 of h1) and 3.
    let longer = DMatrix::from_columns(&[h(1) * 2.0, h(1) + h(2), h(3) * 3.0]);
    assert_close("pwcca:weights=x,degenerate=allow", &longer, &other, 0.5, 1e-14);
    // From the narrower side the direction of correlation 0 is the only one there is.
    assert_close("pwcca", &x, &other, 0.5, 1e-15);
}

/// How near two correlations must be for their variates to be any rotation of each other: it grows
/// with the root of the number of examples.
#[test]
fn correlations_are_equal_within_rounding_and_no_farther() {
    let n = 256usize;
    let h = |j: usize| DMatrix::from_fn(n, 1, |i, _| if (i & j).count_ones().is_multiple_of(2) { 1.0 } else { -1.0 });
    let apart = |by: f64| {
        let with = |rho: f64, shared: usize, own: usize| h(shared) * rho + h(own) * (1.0 - rho * rho).sqrt();
        let columns = [with(0.6, 1, 4), with(0.6 + by * f64::EPSILON, 2, 8), with(0.1, 3, 16)];
        DMatrix::from_fn(n, 3, |i, j| columns[j][i])
    };
    let x = DMatrix::from_fn(n, 3, |i, j| h(j + 1)[i]);
    // 8 sqrt(256) + 32 = 160 in units of both sides' condition, which is 1 each.
    for weights in ["x", "y"] {
        let text = format!("pwcca:weights={weights}");
        assert_undefined(&text, &x, &apart(0.0), Undefined::Degenerate);
        assert_undefined(&text, &x, &apart(150.0), Undefined::Degenerate);
        assert!(value(&text, &x, &apart(1500.0)).is_ok(), "{text}");
    }
}

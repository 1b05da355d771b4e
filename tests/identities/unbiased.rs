//! The unbiased estimator, and what linear HSIC adds up from.

use nalgebra::DMatrix;
use similitude::laws::Matrix;

use super::common::{assert_close, beside, centered, gaussian, pair, value};
use super::{EPS, gram_trace, rounding, shapes};

/// Szekely and Rizzo's U-centered matrix.
fn u_centered(k: &DMatrix<f64>) -> DMatrix<f64> {
    let n = k.nrows();
    let count = n as f64;
    let off = |i: usize| (0..n).filter(|&j| j != i).map(|j| k[(i, j)]).sum::<f64>();
    let sums: Vec<f64> = (0..n).map(off).collect();
    let total: f64 = sums.iter().sum();
    DMatrix::from_fn(n, n, |i, j| {
        if i == j { 0.0 } else { k[(i, j)] - (sums[i] + sums[j]) / (count - 2.0) + total / ((count - 1.0) * (count - 2.0)) }
    })
}

#[test]
fn the_inner_product_of_u_centered_matrices_is_the_unbiased_hsic() {
    shapes(|x, y, what| {
        let n = x.n as f64;
        let gram = |z: &Matrix| centered(z) * centered(z).transpose();
        let want = u_centered(&gram(x)).dot(&u_centered(&gram(y)));
        let (hsic, bound) = value("hsic:estimator=unbiased", x, y);
        let scale = n * (n - 3.0);
        assert_close(hsic * scale, want, bound * scale + rounding(x.n, gram(x).norm() * gram(y).norm()), what);
        // From sums over rows alone.
        let d = |z: &Matrix| centered(z).row_iter().map(|row| row.norm_squared()).collect::<Vec<f64>>();
        let rows: f64 = d(x).iter().zip(d(y)).map(|(a, b)| a * b).sum();
        let sums =
            gram_trace(x, y) - n / (n - 2.0) * rows + centered(x).norm_squared() * centered(y).norm_squared() / ((n - 1.0) * (n - 2.0));
        assert_close(sums, want, rounding(x.n, gram(x).norm() * gram(y).norm()), &format!("sums over rows, {what}"));
    });
}

#[test]
fn the_estimators_of_cka_meet_as_examples_grow() {
    let (x, y) = pair(3200, 4, 4, 7);
    let gap = |n: usize| {
        let first = |z: &Matrix| z.rows(&(0..n).collect::<Vec<_>>());
        (value("cka", &first(&x), &first(&y)).0 - value("cka:estimator=debiased", &first(&x), &first(&y)).0).abs()
    };
    // The bias is of order 1/n: 64 times the examples, a small fraction of the gap.
    assert!(gap(3200) < gap(50) / 16.0, "{} at n = 50, {} at n = 3200", gap(50), gap(3200));
    assert!(gap(3200) * 3200.0 < 50.0, "{}", gap(3200));
}

#[test]
fn linear_hsic_adds_over_concatenated_neurons() {
    for text in ["hsic", "hsic:estimator=unbiased"] {
        shapes(|x, y, what| {
            let other = gaussian(x.n, 3, 99);
            let (whole, bound) = value(text, &beside(x, &other), y);
            let ((one, b1), (two, b2)) = (value(text, x, y), value(text, &other, y));
            assert_close(whole, one + two, bound + b1 + b2 + EPS * whole.abs(), &format!("{text}, {what}"));
        });
    }
}

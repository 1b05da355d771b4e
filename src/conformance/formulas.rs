//! Known formulas that go by the name of a measure and are no convention of it.

use nalgebra::DMatrix;

use crate::diagnostics::Diagnostic;
use crate::laws::Matrix;
use crate::measure::Measure;

/// A formula on two matrices; `None` where it has no value.
pub(super) type Formula = fn(&Matrix, &Matrix) -> Option<f64>;

/// Known formulas that are no convention of the registry: whose id they are mistaken for, what they
/// are, and how they are computed.
pub(super) const FORMULAS: [(&str, &str, Formula); 47] = [
    ("cka", "HSIC_1 (unbiased) over biased norms of the centered Gram matrices", |x, y| {
        let hsic = |x, y, estimator: &str| value(&format!("hsic:estimator={estimator}"), x, y);
        Some(hsic(x, y, "unbiased")? / (hsic(x, x, "biased")? * hsic(y, y, "biased")?).sqrt())
    }),
    ("cka", "linear CKA of doubly centered Gram matrices without their diagonals", |x, y| {
        let hollow = |x: &Matrix| {
            let x = x.centered();
            let gram = x.times(&x.transposed());
            Matrix::from_fn(gram.n, gram.p, |i, j| if i == j { 0.0 } else { gram.at(i, j) })
        };
        let (k, l) = (hollow(x), hollow(y));
        let dot: f64 = k.values.iter().zip(&l.values).map(|(a, b)| a * b).sum();
        Some(dot / (k.norm() * l.norm()))
    }),
    ("cka", "|Yc' Xc|_F^2 over |Xc' Xc|_F^2 |Yc' Yc|_F^2, without the root", |x, y| {
        let (x, y) = (x.centered(), y.centered());
        let product = |a: &Matrix, b: &Matrix| a.transposed().times(b).norm();
        Some((product(&y, &x) / (product(&x, &x) * product(&y, &y))).powi(2))
    }),
    ("cka", "|Yc' Xc|_F^2 over |Xc|_F^2 |Yc|_F^2, the traces of the Gram matrices in place of their norms", |x, y| {
        let (x, y) = (x.centered(), y.centered());
        Some((y.transposed().times(&x).norm() / (x.norm() * y.norm())).powi(2))
    }),
    ("cka", "RBF CKA (biased) with the median distance of X as bandwidth of both", |x, y| with_one_bandwidth(x, y, "biased")),
    ("cka", "RBF CKA (debiased) with the median distance of X as bandwidth of both", |x, y| with_one_bandwidth(x, y, "debiased")),
    ("cka", "RBF CKA (biased), sigma^2 the lower median of all n^2 squared distances", |x, y| with_lower_medians(x, y, "biased")),
    ("cka", "RBF CKA (debiased), sigma^2 the lower median of all n^2 squared distances", |x, y| with_lower_medians(x, y, "debiased")),
    ("cka", "RBF CKA (biased), sigma^2 the median of the squared distances of different examples", |x, y| with_medians(x, y, "biased")),
    ("cka", "RBF CKA (debiased), sigma^2 the median of the squared distances of different examples", |x, y| with_medians(x, y, "debiased")),
    ("cka", "linear CKA in minibatches of 16, the last one too: HSIC_1 summed over batches, divided once (Nguyen et al. 2021)", |x, y| {
        sums_over_batches(x, y, 16, true)
    }),
    ("cka", "the mean of biased linear CKA over minibatches of 16, the last one too", |x, y| mean_over_batches(x, y, 16, true)),
    (
        "cka",
        "linear CKA in minibatches of 16, the last one only where it is full: HSIC_1 summed over batches, divided once (Nguyen et al. 2021)",
        |x, y| sums_over_batches(x, y, 16, false),
    ),
    ("cka", "the mean of biased linear CKA over minibatches of 16, the last one only where it is full", |x, y| {
        mean_over_batches(x, y, 16, false)
    }),
    ("cka", "linear CKA in minibatches of 32, the last one too: HSIC_1 summed over batches, divided once (Nguyen et al. 2021)", |x, y| {
        sums_over_batches(x, y, 32, true)
    }),
    ("cka", "the mean of biased linear CKA over minibatches of 32, the last one too", |x, y| mean_over_batches(x, y, 32, true)),
    (
        "cka",
        "linear CKA in minibatches of 32, the last one only where it is full: HSIC_1 summed over batches, divided once (Nguyen et al. 2021)",
        |x, y| sums_over_batches(x, y, 32, false),
    ),
    ("cka", "the mean of biased linear CKA over minibatches of 32, the last one only where it is full", |x, y| {
        mean_over_batches(x, y, 32, false)
    }),
    ("cka", "linear CKA in minibatches of 64, the last one too: HSIC_1 summed over batches, divided once (Nguyen et al. 2021)", |x, y| {
        sums_over_batches(x, y, 64, true)
    }),
    ("cka", "the mean of biased linear CKA over minibatches of 64, the last one too", |x, y| mean_over_batches(x, y, 64, true)),
    (
        "cka",
        "linear CKA in minibatches of 64, the last one only where it is full: HSIC_1 summed over batches, divided once (Nguyen et al. 2021)",
        |x, y| sums_over_batches(x, y, 64, false),
    ),
    ("cka", "the mean of biased linear CKA over minibatches of 64, the last one only where it is full", |x, y| {
        mean_over_batches(x, y, 64, false)
    }),
    ("cka", "linear CKA in minibatches of 100, the last one too: HSIC_1 summed over batches, divided once (Nguyen et al. 2021)", |x, y| {
        sums_over_batches(x, y, 100, true)
    }),
    ("cka", "the mean of biased linear CKA over minibatches of 100, the last one too", |x, y| mean_over_batches(x, y, 100, true)),
    (
        "cka",
        "linear CKA in minibatches of 100, the last one only where it is full: HSIC_1 summed over batches, divided once (Nguyen et al. 2021)",
        |x, y| sums_over_batches(x, y, 100, false),
    ),
    ("cka", "the mean of biased linear CKA over minibatches of 100, the last one only where it is full", |x, y| {
        mean_over_batches(x, y, 100, false)
    }),
    ("cka", "linear CKA in minibatches of 128, the last one too: HSIC_1 summed over batches, divided once (Nguyen et al. 2021)", |x, y| {
        sums_over_batches(x, y, 128, true)
    }),
    ("cka", "the mean of biased linear CKA over minibatches of 128, the last one too", |x, y| mean_over_batches(x, y, 128, true)),
    (
        "cka",
        "linear CKA in minibatches of 128, the last one only where it is full: HSIC_1 summed over batches, divided once (Nguyen et al. 2021)",
        |x, y| sums_over_batches(x, y, 128, false),
    ),
    ("cka", "the mean of biased linear CKA over minibatches of 128, the last one only where it is full", |x, y| {
        mean_over_batches(x, y, 128, false)
    }),
    ("cka", "linear CKA in minibatches of 256, the last one too: HSIC_1 summed over batches, divided once (Nguyen et al. 2021)", |x, y| {
        sums_over_batches(x, y, 256, true)
    }),
    ("cka", "the mean of biased linear CKA over minibatches of 256, the last one too", |x, y| mean_over_batches(x, y, 256, true)),
    (
        "cka",
        "linear CKA in minibatches of 256, the last one only where it is full: HSIC_1 summed over batches, divided once (Nguyen et al. 2021)",
        |x, y| sums_over_batches(x, y, 256, false),
    ),
    ("cka", "the mean of biased linear CKA over minibatches of 256, the last one only where it is full", |x, y| {
        mean_over_batches(x, y, 256, false)
    }),
    ("cca", "the sum of the canonical correlations over the larger width", |x, y| {
        Some(correlations(x, y)?.into_iter().sum::<f64>() / x.p.max(y.p) as f64)
    }),
    ("cca", "the sum of the canonical correlations over the root of the product of the widths", |x, y| {
        Some(correlations(x, y)?.into_iter().sum::<f64>() / ((x.p * y.p) as f64).sqrt())
    }),
    ("cca", "the largest canonical correlation", |x, y| correlations(x, y)?.into_iter().reduce(f64::max)),
    ("cca", "1 - prod(1 - rho_i^2), one less Wilks' lambda", |x, y| {
        Some(1.0 - correlations(x, y)?.iter().map(|rho| 1.0 - rho * rho).product::<f64>())
    }),
    ("pwcca", "the mean of PWCCA weighted by X and PWCCA weighted by Y", |x, y| {
        let weighted = |side: &str| value(&format!("pwcca:weights={side},degenerate=allow"), x, y);
        Some((weighted("x")? + weighted("y")?) / 2.0)
    }),
    ("pwcca", "canonical correlations weighted by sum_j <h_i, x_j>^2, the squares in place of the magnitudes", |x, y| {
        weighted_correlations(x, y, |along, _| along.iter().map(|value| value * value).sum())
    }),
    ("pwcca", "canonical correlations weighted by sum_j |a_ji|, the coefficients of X in place of its projections", |x, y| {
        weighted_correlations(x, y, |_, coefficients| coefficients.iter().map(|value| value.abs()).sum())
    }),
    ("svcca", "SVCCA (mean rho) that keeps 0.99 of the sum of the singular values, not of their squares", |x, y| {
        of_singular_values(x, y, 0.99)
    }),
    ("svcca", "SVCCA (mean rho) that keeps 0.98 of the sum of the singular values, not of their squares", |x, y| {
        of_singular_values(x, y, 0.98)
    }),
    ("linear-regression", "the mean over the neurons of X of the R2 of each from Y, whatever its variance", |x, y| mean_of_each(y, x)),
    ("linear-regression", "the mean over the neurons of Y of the R2 of each from X, whatever its variance", mean_of_each),
    ("procrustes", "|Xc|_F^2 + |Yc|_F^2 - 2 |Xc' Yc|_* (sizes are kept)", |x, y| size_and_shape(&x.centered(), &y.centered())),
    ("procrustes", "|X|_F^2 + |Y|_F^2 - 2 |X' Y|_* (sizes are kept, features not centered)", size_and_shape),
];

fn value(measure: &str, x: &Matrix, y: &Matrix) -> Option<f64> {
    let measure = Measure::parse(measure).expect("the formulas name measures");
    let score = measure.compare(&x.representation("x").ok()?, &y.representation("y").ok()?);
    score.ok().map(|score| score.value)
}

fn with_one_bandwidth(x: &Matrix, y: &Matrix, estimator: &str) -> Option<f64> {
    let score = Measure::parse("cka:kernel=rbf").ok()?.compare(&x.representation("x").ok()?, &x.representation("x").ok()?).ok()?;
    let sigma = score.diagnostics.get("bandwidth_x")?;
    value(&format!("cka:kernel=rbf,bandwidth=fixed,sigma={sigma:?},estimator={estimator}"), x, y)
}

/// The lower of two middle ones, where the authors' demonstration takes their mean.
fn with_lower_medians(x: &Matrix, y: &Matrix, estimator: &str) -> Option<f64> {
    let median = |x: &Matrix| {
        let distances = squared_distances(x, (0..x.n).flat_map(|i| (0..x.n).map(move |j| (i, j))));
        distances[(distances.len() - 1) / 2]
    };
    with_squared_bandwidths(x, y, estimator, median)
}

/// The mean of two middle squares, which is not the square of the mean.
fn with_medians(x: &Matrix, y: &Matrix, estimator: &str) -> Option<f64> {
    let median = |x: &Matrix| {
        let distances = squared_distances(x, (0..x.n).flat_map(|i| (0..i).map(move |j| (i, j))));
        f64::midpoint(distances[(distances.len() - 1) / 2], distances[distances.len() / 2])
    };
    with_squared_bandwidths(x, y, estimator, median)
}

/// In ascending order.
fn squared_distances(x: &Matrix, pairs: impl Iterator<Item = (usize, usize)>) -> Vec<f64> {
    let squared = |(i, j): (usize, usize)| x.row(i).iter().zip(x.row(j)).map(|(a, b)| (a - b).powi(2)).sum::<f64>();
    let mut distances: Vec<f64> = pairs.map(squared).collect();
    distances.sort_by(f64::total_cmp);
    distances
}

fn with_squared_bandwidths(x: &Matrix, y: &Matrix, estimator: &str, squared: impl Fn(&Matrix) -> f64) -> Option<f64> {
    let scaled = |x: &Matrix| x.scaled(squared(x).sqrt().recip());
    value(&format!("cka:kernel=rbf,bandwidth=fixed,sigma=1.0,estimator={estimator}"), &scaled(x), &scaled(y))
}

/// The rows of each batch; the last one, where it is not full, only if asked for and large enough.
fn batches(n: usize, batch: usize, with_rest: bool) -> impl Iterator<Item = Vec<usize>> {
    let least = if with_rest { 4 } else { batch };
    (0..n).step_by(batch).map(move |from| (from..(from + batch).min(n)).collect::<Vec<_>>()).filter(move |rows| rows.len() >= least)
}

fn sums_over_batches(x: &Matrix, y: &Matrix, batch: usize, with_rest: bool) -> Option<f64> {
    let mut sums = [0.0; 3];
    for rows in batches(x.n, batch, with_rest) {
        let (x, y) = (x.rows(&rows), y.rows(&rows));
        for (sum, (a, b)) in sums.iter_mut().zip([(&x, &y), (&x, &x), (&y, &y)]) {
            *sum += value("hsic:estimator=unbiased", a, b)?;
        }
    }
    let [xy, xx, yy] = sums;
    Some(xy / (xx * yy).sqrt()).filter(|value| value.is_finite())
}

fn mean_over_batches(x: &Matrix, y: &Matrix, batch: usize, with_rest: bool) -> Option<f64> {
    let values: Option<Vec<f64>> = batches(x.n, batch, with_rest).map(|rows| value("cka", &x.rows(&rows), &y.rows(&rows))).collect();
    let values = values.filter(|values| !values.is_empty())?;
    Some(values.iter().sum::<f64>() / values.len() as f64)
}

fn correlations(x: &Matrix, y: &Matrix) -> Option<Vec<f64>> {
    let score = Measure::parse("cca:degenerate=allow").ok()?.compare(&x.representation("x").ok()?, &y.representation("y").ok()?).ok()?;
    match score.diagnostics.0.get("correlations")? {
        Diagnostic::Numbers(numbers) => Some(numbers.clone()),
        _ => None,
    }
}

/// sum_i w_i rho_i / sum_i w_i, w_i of what the variate h_i of X has along its neurons, and of the
/// coefficients that make it of them. `None` where a factor is deficient.
fn weighted_correlations(x: &Matrix, y: &Matrix, weight: impl Fn(&[f64], &[f64]) -> f64) -> Option<f64> {
    let (x, y) = (dense(&x.centered()), dense(&y.centered()));
    let (of_x, of_y) = (x.clone().qr(), y.qr());
    let (q, r) = (of_x.q(), of_x.r());
    let svd = (q.transpose() * of_y.q()).svd(true, false);
    let turns = svd.u?;
    let (along, coefficients) = ((&q * &turns).transpose() * &x, r.try_inverse()? * &turns);
    let weights: Vec<f64> = (0..svd.singular_values.len())
        .map(|i| weight(&along.row(i).iter().copied().collect::<Vec<_>>(), coefficients.column(i).as_slice()))
        .collect();
    Some(weights.iter().zip(&svd.singular_values).map(|(weight, rho)| weight * rho).sum::<f64>() / weights.iter().sum::<f64>())
}

/// Mean correlation of the leading principal components whose singular values are this share of all.
fn of_singular_values(x: &Matrix, y: &Matrix, share: f64) -> Option<f64> {
    let leading = |x: &Matrix| {
        let svd = dense(&x.centered()).svd(true, false);
        let total: f64 = svd.singular_values.sum();
        let mut sum = 0.0;
        let kept = svd.singular_values.iter().take_while(|value| {
            let enough = sum >= share * total;
            sum += **value;
            !enough
        });
        let (kept, u) = (kept.count(), svd.u?);
        Some(Matrix::from_fn(x.n, kept, |i, j| u[(i, j)]))
    };
    value("cca:degenerate=allow", &leading(x)?, &leading(y)?)
}

fn mean_of_each(x: &Matrix, y: &Matrix) -> Option<f64> {
    let of_one = |j: usize| value("linear-regression:direction=y-from-x", x, &Matrix::from_fn(y.n, 1, |i, _| y.at(i, j)));
    Some((0..y.p).map(of_one).sum::<Option<f64>>()? / y.p as f64)
}

fn dense(x: &Matrix) -> DMatrix<f64> {
    DMatrix::from_row_slice(x.n, x.p, &x.values)
}

fn size_and_shape(x: &Matrix, y: &Matrix) -> Option<f64> {
    let (x, y) = (dense(x), dense(y));
    Some(x.norm_squared() + y.norm_squared() - 2.0 * (x.transpose() * y).singular_values().sum())
}

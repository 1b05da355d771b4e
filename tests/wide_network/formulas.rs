//! The measures by their formulas, from inner products of the examples: a few lines each, on faer.

use faer::Mat;

use crate::convnet::{Answers, EXAMPLES};

const N: f64 = EXAMPLES as f64;

/// What the formulas need of a layer.
pub struct Features {
    /// Inner products of the centered examples.
    inner: Mat<f64>,
    /// A matrix whose rows have these inner products, and no more columns than there are examples;
    /// of unit Frobenius norm.
    reduced: Mat<f64>,
    /// exp(-d^2 / (2 median^2)), d the distances of the examples.
    radial: Mat<f64>,
}

impl Features {
    pub fn new(layer: &Answers) -> Self {
        let p = layer.values.len() / EXAMPLES;
        let value = |i: usize, j: usize| f64::from(layer.values[i * p + j]);
        let means: Vec<f64> = (0..p).map(|j| (0..EXAMPLES).map(|i| value(i, j)).sum::<f64>() / N).collect();
        let transposed = Mat::from_fn(p, EXAMPLES, |j, i| value(i, j) - means[j]);
        let inner = transposed.transpose() * &transposed;
        let reduced = if p > EXAMPLES { transposed.qr().thin_R().transpose().to_owned() } else { transposed.transpose().to_owned() };
        let norm = reduced.norm_l2();
        let reduced = Mat::from_fn(reduced.nrows(), reduced.ncols(), |i, j| reduced[(i, j)] / norm);

        let square = |i: usize, j: usize| transposed.col(i).iter().zip(transposed.col(j).iter()).map(|(x, y)| (x - y).powi(2)).sum::<f64>();
        let pairs: Vec<(usize, usize)> = (0..EXAMPLES).flat_map(|j| (0..j).map(move |i| (i, j))).collect();
        let mut distances: Vec<f64> = pairs.iter().map(|&(i, j)| square(i, j).sqrt()).collect();
        let mut radial = Mat::identity(EXAMPLES, EXAMPLES);
        let of_pairs = distances.clone();
        distances.sort_by(f64::total_cmp);
        // 96 * 95 / 2 distances have two in the middle.
        let middle = distances.len() / 2;
        let median = (distances[middle - 1] + distances[middle]) / 2.0;
        for ((i, j), distance) in pairs.into_iter().zip(of_pairs) {
            radial[(i, j)] = (-(distance / median).powi(2) / 2.0).exp();
            radial[(j, i)] = radial[(i, j)];
        }
        Self { inner, reduced, radial }
    }
}

fn dot(k: &Mat<f64>, l: &Mat<f64>) -> f64 {
    (0..k.ncols()).map(|j| k.col(j).iter().zip(l.col(j).iter()).map(|(k, l)| k * l).sum::<f64>()).sum()
}

fn aligned(hsic: impl Fn(&Mat<f64>, &Mat<f64>) -> f64, k: &Mat<f64>, l: &Mat<f64>) -> f64 {
    hsic(k, l) / (hsic(k, k) * hsic(l, l)).sqrt()
}

/// tr(K L) / sqrt(tr(K K) tr(L L)) of inner products of centered examples.
pub fn cka(x: &Features, y: &Features) -> f64 {
    aligned(dot, &x.inner, &y.inner)
}

/// The same with the unbiased estimator of Song et al. 2012 (eq. 5) in all three places.
pub fn debiased_cka(x: &Features, y: &Features) -> f64 {
    let hollow = |k: &Mat<f64>| Mat::from_fn(EXAMPLES, EXAMPLES, |i, j| if i == j { 0.0 } else { k[(i, j)] });
    let hsic = |k: &Mat<f64>, l: &Mat<f64>| {
        let (k, l) = (hollow(k), hollow(l));
        let sums = |k: &Mat<f64>| (0..EXAMPLES).map(|j| k.col(j).iter().sum::<f64>()).collect::<Vec<_>>();
        let (sums_k, sums_l) = (sums(&k), sums(&l));
        let total = |sums: &[f64]| sums.iter().sum::<f64>();
        let rows: f64 = sums_k.iter().zip(&sums_l).map(|(k, l)| k * l).sum();
        dot(&k, &l) + total(&sums_k) * total(&sums_l) / ((N - 1.0) * (N - 2.0)) - 2.0 / (N - 2.0) * rows
    };
    aligned(hsic, &x.inner, &y.inner)
}

/// tr(K H L H) / sqrt(tr(K H K H) tr(L H L H)), H = I - 1 1'/n, of Gaussian kernels whose bandwidth
/// is the median distance.
pub fn rbf_cka(x: &Features, y: &Features) -> f64 {
    let h = Mat::from_fn(EXAMPLES, EXAMPLES, |i, j| f64::from(u8::from(i == j)) - 1.0 / N);
    aligned(dot, &(&h * &x.radial * &h), &(&h * &y.radial * &h))
}

/// sqrt(2 - 2 |A'B|_*), A and B centered and of unit Frobenius norm.
pub fn procrustes(x: &Features, y: &Features) -> f64 {
    let product = x.reduced.transpose() * &y.reduced;
    (2.0 - 2.0 * product.singular_values().unwrap().iter().sum::<f64>()).sqrt()
}

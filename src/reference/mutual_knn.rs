//! The overlap of nearest neighbours.

use nalgebra::DMatrix;

use super::Undefined;
use super::dissimilarities::{centered_cosine, cosine, euclidean, levels, rounding};
use crate::measures::mutual_knn::{Center, Metric, Options};

/// Returns the mean over i of |N_k^X(i) n N_k^Y(i)| / k, N_k(i) the k examples nearest to example i
/// (Huh et al. 2024, appendix A).
///
/// Example i is not among its own neighbours, its duplicates may be. Of examples equally near, the
/// one with the lowest index comes first. Examples are taken as they are, or less their mean.
///
/// # Errors
/// [`Undefined::TooFewExamples`] when k > n - 2; [`Undefined::Constant`];
/// [`Undefined::ZeroExample`] for the cosine.
pub fn value(options: &Options, x: &DMatrix<f64>, y: &DMatrix<f64>) -> Result<f64, Undefined> {
    let (n, k) = (x.nrows(), options.k);
    if k + 2 > n {
        return Err(Undefined::TooFewExamples);
    }
    if [x, y].iter().any(|x| x.row_iter().all(|row| row == x.row(0))) {
        return Err(Undefined::Constant);
    }
    let dissimilarities = |x| match (options.metric, options.center) {
        (Metric::Cosine, Center::No) => cosine(x),
        (Metric::Cosine, Center::Yes) => centered_cosine(x),
        (Metric::Euclidean, _) => Ok(euclidean(x).0),
    };
    let (of_x, of_y) = (dissimilarities(x)?, dissimilarities(y)?);
    let shared = |i: usize| {
        let in_y = neighbours(&of_y, i, k, rounding(y));
        neighbours(&of_x, i, k, rounding(x)).iter().filter(|neighbour| in_y.contains(neighbour)).count()
    };
    Ok((0..n).map(shared).sum::<usize>() as f64 / (n * k) as f64)
}

/// The k nearest neighbours of example i, nearest first.
fn neighbours(dissimilarities: &DMatrix<f64>, i: usize, k: usize, rounding: f64) -> Vec<usize> {
    let mut others: Vec<usize> = (0..dissimilarities.nrows()).filter(|j| *j != i).collect();
    let near: Vec<f64> = others.iter().map(|j| dissimilarities[(i, *j)]).collect();
    let levels = levels(&near, rounding);
    // A stable sort: equally near examples stay in the order of their indices.
    others.sort_by_key(|j| levels[*j - usize::from(*j > i)]);
    others.truncate(k);
    others
}

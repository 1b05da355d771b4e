//! nalgebra's singular value decomposition with vectors can be silently wrong: the reference path
//! must not use it.
//!
//! On centered matrices of low rank (the kind this library sees all day) `svd(true, true)` of
//! nalgebra 0.35 returns factors that do not multiply back to the matrix, and says nothing; mostly
//! the singular values beside the vectors are wrong too, while without vectors they are right. The
//! reference path has a one-sided Jacobi decomposition of its own for that reason. When the first
//! test fails, the defect is gone and the reason with it.
#![cfg(feature = "cli")]

use approx::abs_diff_eq;
use nalgebra::DMatrix;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};

/// A centered 3n x n matrix of rank 3.
fn low_rank(seed: u64, n: usize) -> DMatrix<f64> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut gaussian = |rows, columns| DMatrix::from_fn(rows, columns, |_, _| StandardNormal.sample(&mut rng));
    let (left, right): (DMatrix<f64>, DMatrix<f64>) = (gaussian(3 * n, 3), gaussian(3, n));
    let mut x = left * right;
    for mut column in x.column_iter_mut() {
        let mean = column.mean();
        column.add_scalar_mut(-mean);
    }
    x
}

/// |X - U S V'|_F / |X|_F by nalgebra's decomposition.
fn reconstruction_error(x: &DMatrix<f64>) -> f64 {
    let svd = x.clone().svd(true, true);
    (svd.recompose().expect("vectors were asked for") - x).norm() / x.norm()
}

#[test]
fn nalgebra_svd_is_wrong_on_low_rank_matrices() {
    let errors: Vec<f64> = [8, 20].into_iter().flat_map(|n| (0..60).map(move |seed| reconstruction_error(&low_rank(seed, n)))).collect();
    let wrong = errors.iter().filter(|error| **error > 1e-8).count();
    let worst = errors.iter().copied().fold(0.0, f64::max);
    assert!(
        wrong > 0,
        "nalgebra's svd reconstructs all {} matrices (worst error {worst:e}): the defect is gone, use it again",
        errors.len()
    );
}

/// What may be used: the same matrices, without vectors and through symmetric eigenvalues.
#[test]
fn values_without_vectors_are_right() {
    for (seed, n) in [8, 20].into_iter().flat_map(|n| (0..60).map(move |seed| (seed, n))) {
        let x = low_rank(seed, n);
        let descending = |values: nalgebra::DVector<f64>| {
            let mut values: Vec<f64> = values.iter().copied().collect();
            values.sort_by(|a, b| b.total_cmp(a));
            values
        };
        let singular = descending(x.singular_values());
        let eigenvalues = descending((x.transpose() * &x).symmetric_eigenvalues());
        for i in 0..3 {
            let want = eigenvalues[i].sqrt();
            let near = abs_diff_eq!(singular[i], want, epsilon = 1e-13 * singular[0]);
            assert!(near, "seed {seed}, n {n}, value {i}: {} instead of {want}", singular[i]);
        }
    }
}

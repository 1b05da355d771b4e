//! Tests of `jacobi.rs`.

use nalgebra::DVector;

use super::*;

/// Entries without structure in (-1, 1).
fn scattered(rows: usize, columns: usize, seed: usize) -> DMatrix<f64> {
    DMatrix::from_fn(rows, columns, |i, j| (((i + 1) * (j + 7) * 31 + seed * 97 + i * i * 13 + j) as f64 * 12.9898).sin())
}

fn assert_decomposes(a: &DMatrix<f64>) {
    let (n, svd) = (a.ncols(), svd(a).unwrap());
    let bound = 1e-14 * n as f64;
    assert!((&svd.us * svd.v.transpose() - a).norm() <= bound * a.norm(), "U S V' is not A");
    assert!((svd.v.transpose() * &svd.v - DMatrix::identity(n, n)).norm() <= bound, "V is not orthogonal");
    assert!(svd.s.windows(2).all(|pair| pair[0] >= pair[1]), "not descending: {:?}", svd.s);
    for (i, j) in (0..n).flat_map(|i| (0..i).map(move |j| (i, j))) {
        // Relative to both columns, however short: this is what makes small directions
        // accurate.
        assert!(svd.us.column(i).dot(&svd.us.column(j)).abs() <= bound * svd.s[i] * svd.s[j], "columns {i} and {j} are not orthogonal");
    }
}

/// Columns a, b, 2b with a orthogonal to b: the only two that need a rotation pass each other
/// while they are put in order, and a sweep without a rotation would end the iteration with b
/// twice (found by the fast path on a drawn matrix of rank 2).
#[test]
fn columns_that_pass_each_other_are_rotated_too() {
    let a = DMatrix::from_column_slice(4, 3, &[1.5, 1.5, -1.5, -1.5, 1.0, -1.0, 1.0, -1.0, 2.0, -2.0, 2.0, -2.0]);
    assert_decomposes(&a);
    assert_eq!(rank(&svd(&a).unwrap().s, 4, 3), 2);
}

#[test]
fn shapes_and_ranks() {
    for (m, n) in [(1, 1), (5, 1), (1, 5), (9, 4), (4, 9), (30, 30)] {
        assert_decomposes(&scattered(m, n, m + n));
    }
    assert_decomposes(&DMatrix::zeros(4, 3));
    // Tall, centered and of rank 3, where nalgebra's decomposition fails.
    for seed in 0..20 {
        let mut a = scattered(60, 3, seed) * scattered(3, 20, seed + 50);
        for mut column in a.column_iter_mut() {
            column.add_scalar_mut(-column.mean());
        }
        assert_decomposes(&a);
        assert_eq!(rank(&svd(&a).unwrap().s, 60, 20), 3, "seed {seed}");
    }
}

#[test]
fn graded_columns_keep_their_digits() {
    // Orthogonal columns of lengths 1, 1e-6, 1e-12, 1e-18.
    let q = scattered(12, 4, 3).qr().q();
    let grades = DVector::from_fn(4, |i, _| 10f64.powi(-6 * i as i32));
    let a = &q * DMatrix::from_diagonal(&grades);
    for (got, want) in svd(&a).unwrap().s.iter().zip(grades.iter()) {
        assert!((got / want - 1.0).abs() < 1e-14, "{got:e} instead of {want:e}");
    }
    let basis = basis(&a).unwrap();
    assert_eq!(basis.ncols(), 3, "1e-18 is below the rank's cut");
    assert!((basis.transpose() * q.columns(0, 3)).diagonal().iter().all(|cosine| (cosine.abs() - 1.0).abs() < 1e-14));
}

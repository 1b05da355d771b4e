//! Features: scaling, centering, and what of them is kept.

use faer::Mat;

use crate::arrays::product::slice;
use crate::arrays::scale::{factors, largest_magnitude};
use crate::linalg::features::Features;
use crate::precision::Precision;

fn features(matrix: &Mat<f64>, centered: bool) -> Features {
    Features::of(matrix.as_ref(), largest_magnitude(matrix.as_ref()), centered)
}

#[test]
fn centering_keeps_the_digits_of_a_large_offset() {
    // Entries k - 2 around a mean of 2^40 + 2: exact in f64, so the centered matrix must be
    // exact up to its power of two.
    let view = Mat::from_fn(5, 1, |row, _| (1u64 << 40) as f64 + row as f64);
    let features = features(&view, true);
    assert_eq!(slice(features.matrix(), 0), [-0.5, -0.25, 0.0, 0.25, 0.5]);
    assert_eq!(features.exponent(), 2);
}

#[test]
fn what_centering_leaves_of_least_numbers_is_scaled_without_passing_through_infinity() {
    // Beside a constant column of 1, the other one is as small as numbers get.
    let features = features(&Mat::from_fn(2, 2, |row, column| if column == 0 { 1.0 } else { row as f64 * 2e-323 }), true);
    assert_eq!((slice(features.matrix(), 1), features.exponent()), ([-0.5, 0.5].as_slice(), -1072));
}

#[test]
fn constants_become_exact_zeros() {
    let features = features(&Mat::from_fn(7, 2, |_, column| 0.1 + column as f64), true);
    assert!(features.is_zero());
    assert_eq!(features.decomposition().unwrap().rank(), 0);
}

#[test]
fn extreme_scales_come_to_the_same_bits() {
    let base = Mat::from_fn(6, 3, |row, column| ((row * 7 + column * 5) % 11) as f64 + 0.3);
    let plain = features(&base, true);
    for e in [-1000i64, -500, 900] {
        let (a, b) = factors(e);
        let scaled = features(&Mat::from_fn(6, 3, |row, column| base[(row, column)] * a * b), true);
        assert_eq!(scaled.matrix(), plain.matrix());
        assert_eq!(scaled.exponent(), plain.exponent() + e);
    }
}

/// Whatever scaling they need, in one pass over the memory or in two.
#[test]
fn rounded_features_are_the_features_rounded() {
    let plain = Mat::from_fn(70, 19, |row, column| ((row * 7 + column * 5) % 11) as f64 + 0.3);
    let close_to_constant = Mat::from_fn(70, 19, |row, column| 1.0 + plain[(row, column)] * 1e-9);
    let least = Mat::from_fn(2, 2, |row, column| if column == 0 { 1.0 } else { row as f64 * 2e-323 });
    for view in [plain, close_to_constant, least] {
        let features = features(&view, true);
        let rounded = Features::rounded(view.as_ref(), largest_magnitude(view.as_ref()));
        assert_eq!(rounded.single(), features.single());
        let both = Features::in_both(view.as_ref(), largest_magnitude(view.as_ref()));
        assert_eq!((both.single(), both.matrix(), both.precision()), (features.single(), features.matrix(), Precision::Single));
        let turned = view.transpose().to_owned();
        let row_major = Features::rounded(turned.transpose(), largest_magnitude(view.as_ref()));
        assert_eq!((row_major.single(), row_major.squared_norm()), (rounded.single(), rounded.squared_norm()));
        assert_eq!((rounded.n(), rounded.p(), rounded.exponent()), (view.nrows(), view.ncols(), features.exponent()));
        assert_eq!(
            (rounded.fingerprint(), rounded.largest(), rounded.available()),
            (features.fingerprint(), features.largest(), features.available())
        );
        let off = (rounded.squared_norm() - features.squared_norm()).abs();
        assert!(off <= 1e-14 * features.squared_norm() && rounded.precision() == Precision::Single);
    }
}

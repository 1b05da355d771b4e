//! Tests of `dissimilarities.rs`.

use super::*;

/// Whole numbers without structure between -9 and 9.
fn whole(n: usize, p: usize) -> DMatrix<f64> {
    DMatrix::from_fn(n, p, |i, j| (((i + 1) * (j + 7) * 31 + i * i * 13 + j * j * 5) % 19) as f64 - 9.0)
}

/// 1 - cos of whole vectors from sin^2 as a quotient of whole numbers.
fn exact(a: &[i128], b: &[i128]) -> f64 {
    let dot = |a: &[i128], b: &[i128]| a.iter().zip(b).map(|(a, b)| a * b).sum::<i128>();
    let (squares, product) = (dot(a, a) * dot(b, b), dot(a, b));
    let cos = (product as f64).abs() / (squares as f64).sqrt();
    if product > 0 { (squares - product * product) as f64 / squares as f64 / (1.0 + cos) } else { 1.0 + cos }
}

fn assert_cosines_of(x: &DMatrix<f64>) {
    let rows: Vec<Vec<i128>> = x.row_iter().map(|row| row.iter().map(|entry| *entry as i128).collect()).collect();
    let got = cosine(x).unwrap();
    for (i, k) in (0..x.nrows()).flat_map(|i| (0..i).map(move |k| (i, k))) {
        let want = exact(&rows[i], &rows[k]);
        assert!((got[(i, k)] - want).abs() <= 1e-15 * want, "{:e} instead of {want:e}", got[(i, k)]);
    }
}

#[test]
fn small_angles_keep_their_digits() {
    assert_cosines_of(&whole(9, 4));
    assert_cosines_of(&whole(9, 4).add_scalar(1e8));
    let near = DMatrix::from_row_slice(2, 2, &[1.0, 0.0, 1.0, ldexp(1.0, -200)]);
    assert_eq!(cosine(&near).unwrap()[(0, 1)], ldexp(1.0, -401));
}

#[test]
fn multiples_tie_exactly() {
    let x = DMatrix::from_row_slice(4, 3, &[1.0, 2.0, 2.0, 3.0, 6.0, 6.0, -7.0, -14.0, -14.0, 1.0, 1.0, 0.0]);
    let got = cosine(&x).unwrap();
    assert_eq!((got[(0, 1)], got[(0, 2)], got[(1, 1)]), (0.0, 2.0, 0.0));
    assert_eq!(got[(0, 3)], got[(1, 3)]);
    let of_pairs = correlation(&DMatrix::from_row_slice(3, 2, &[0.1, 0.3, 0.7, 7.7, 0.3, 0.1])).unwrap();
    assert_eq!((of_pairs[(0, 1)], of_pairs[(0, 2)]), (0.0, 2.0));
}

#[test]
fn a_correlation_does_not_see_the_mean_of_an_example() {
    let x = whole(6, 5);
    let moved = DMatrix::from_fn(6, 5, |i, j| x[(i, j)] + 1e8 * i as f64);
    assert_eq!(correlation(&x), correlation(&moved));
    assert_eq!(correlation(&x.resize(6, 6, 1.0).columns(5, 1).into_owned()), Err(Undefined::ConstantExample));
}

#[test]
fn distances_of_whole_numbers_are_correctly_rounded() {
    let (got, exponent) = euclidean(&DMatrix::from_row_slice(3, 3, &[0.0, 0.0, 0.0, 2.0, 11.0, 10.0, 15.0, 0.0, 0.0]));
    assert_eq!((ldexp(got[(0, 1)], exponent), ldexp(got[(0, 2)], exponent)), (15.0, 15.0));
    let x = whole(7, 3);
    for k in [-1060, -500, 500, 1018] {
        let (scaled, exponent) = euclidean(&x.map(|entry| ldexp(entry, k)));
        let (plain, unit) = euclidean(&x);
        assert_eq!(scaled.map(|d| ldexp(d, exponent - unit - k)), plain, "2^{k}");
    }
}

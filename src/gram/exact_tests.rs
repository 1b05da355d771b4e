//! Tests of `exact.rs`.

use faer::Mat;

use super::*;

#[test]
fn what_rounding_cannot_tell_apart_is_told_apart() {
    let mut sum = Expansion::of(1e300);
    sum.add(1e-300);
    sum.add(-1e300);
    assert_eq!((sum.0.as_slice(), sum.sign()), ([1e-300].as_slice(), Ordering::Greater));
    // The nearest double to the square of 0.1 is above it.
    let square = Expansion::of(0.1).times(&Expansion::of(0.1));
    assert_eq!(square.minus(&Expansion::of(0.1 * 0.1)).sign(), Ordering::Less);
}

#[test]
fn the_mean_example_is_taken_off_exactly() {
    // Three examples and their mean, (1/5, 1/10): from it the last one is opposite to the first,
    // and the second at a right angle to both, which rounding of the mean would hide.
    let rows: [[f64; 2]; 4] = [[0.4, 0.5], [1.2, -0.4], [-0.6, 0.2], [-0.2, 0.1]];
    let x = Mat::from_fn(4, 2, |i, j| rows[i][j]);
    let moved = Mat::from_fn(4, 2, |i, j| rows[i][j] * 8.0 + [5.0, -3.0][j]);
    for x in [x.as_ref(), Mat::from_fn(4, 2, |i, j| (rows[i][j] * 10.0).round()).as_ref(), moved.as_ref()] {
        let totals = Totals::of(x);
        for (i, j) in (0..4).flat_map(|i| (0..4).map(move |j| (i, j))) {
            let entry = |i: usize, k: usize| 4.0 * x[(i, k)] - (0..4).map(|row| x[(row, k)]).sum::<f64>();
            let inner = |i: usize, j: usize| (0..2).map(|k| entry(i, k) * entry(j, k)).sum::<f64>();
            let key = Key::of_centered(x, &totals, i, j);
            let value = |expansion: &Expansion| expansion.0.iter().sum::<f64>();
            let (got, cosine) = (value(&key.numerator) / value(&key.denominator), inner(i, j) / (inner(i, i) * inner(j, j)).sqrt());
            assert!((got + cosine * cosine.abs()).abs() < 1e-14, "{i}, {j}: {got} for the cosine {cosine}");
        }
        // One and the same number, exactly, whichever example it is asked of.
        let same = |i: usize| Key::of_centered(x, &totals, i, i);
        assert!((1..4).all(|i| same(i).compare(&same(0)) == Ordering::Equal));
    }
}

#[test]
fn ties_are_ties_whatever_the_scale_of_rows() {
    // Rows 1 and 2 are multiples of each other; 3 is as far from 0 as 4.
    let rows = [[1.0, 2.0], [0.3, 0.1], [0.6, 0.2], [1.0, 5.0], [-2.0, 2.0]];
    let x = Mat::from_fn(5, 2, |i, j| rows[i][j]);
    let key = |kind, i, j| Key::new(kind, x.as_ref(), i, j);
    assert_eq!(key(Kind::Cosine, 0, 1).compare(&key(Kind::Cosine, 0, 2)), Ordering::Equal);
    assert_eq!(key(Kind::Euclidean, 0, 3).compare(&key(Kind::Euclidean, 4, 0)), Ordering::Equal);
    assert_eq!(key(Kind::Euclidean, 0, 1).compare(&key(Kind::Euclidean, 0, 2)), Ordering::Greater);
    // Two neurons: every correlation is 1 or -1.
    assert_eq!(key(Kind::Correlation, 0, 3).compare(&key(Kind::Correlation, 1, 2)), Ordering::Equal);
    assert_eq!(key(Kind::Correlation, 0, 3).compare(&key(Kind::Correlation, 0, 1)), Ordering::Less);
}

/// Examples that differ by 2^-600 of the largest entry are told apart as those that differ by 1.
#[test]
fn what_lies_far_below_the_largest_entry_is_told_apart() {
    let tiny = 2f64.powi(-600);
    let rows = [[0.0, 0.0], [3.0, 4.0], [5.0, 0.0], [5.0, f64::EPSILON], [3.0, 4.0]];
    let x = Mat::from_fn(6, 3, |i, j| match (i, j) {
        (5, _) => 1.0,
        (_, 2) => 1.0,
        _ => rows[i][j] * tiny,
    });
    let key = |kind, i, j| Key::new(kind, x.as_ref(), i, j);
    let of = |i, j| key(Kind::Euclidean, i, j);
    assert_eq!(of(0, 1).compare(&of(0, 2)), Ordering::Equal);
    assert_eq!(of(0, 1).compare(&of(0, 3)), Ordering::Less);
    assert_eq!(of(0, 3).compare(&of(4, 0)), Ordering::Greater);
    // Nothing is less than the least of them, and these are less than what is at the scale of 1.
    assert_eq!(of(1, 4).compare(&of(2, 3)), Ordering::Less);
    assert_eq!(of(2, 3).compare(&of(1, 4)), Ordering::Greater);
    assert_eq!(of(1, 4).compare(&of(4, 1)), Ordering::Equal);
    assert_eq!(of(0, 5).compare(&of(0, 3)), Ordering::Greater);
    // Directions, at any length: rows 1 and 4 have one, and that of row 3 is not quite that of row 2.
    let directions = Mat::from_fn(5, 2, |i, j| rows[i][j] * if i < 3 { tiny } else { 1.0 });
    let cosine = |i, j| Key::new(Kind::Cosine, directions.as_ref(), i, j);
    assert_eq!(cosine(1, 4).compare(&cosine(2, 2)), Ordering::Equal);
    assert_eq!(cosine(2, 3).compare(&cosine(2, 2)), Ordering::Greater);
    // And of examples that are near their mean, beside one far from it.
    let near = |x: f64, y: f64| [x * tiny, y * tiny];
    let centered = [near(0.0, 2.0), near(0.0, -2.0), near(-3.0, 0.0), near(3.0, 0.0), near(0.0, 1.0), near(0.0, -1.0)];
    let x = Mat::from_fn(6, 2, |i, j| centered[i][j]);
    let totals = Totals::of(x.as_ref());
    let cosine = |i, j| Key::of_centered(x.as_ref(), &totals, i, j);
    assert_eq!(cosine(0, 4).compare(&cosine(1, 5)), Ordering::Equal);
    assert_eq!(cosine(0, 2).compare(&cosine(5, 3)), Ordering::Equal);
    assert_eq!(cosine(0, 4).compare(&cosine(0, 2)), Ordering::Less);
}

//! Mutual nearest neighbours: ties, duplicates, what is refused, and what must not change the
//! value.

mod support;

use similitude_oracle::{Matrix, OracleError, Side, evaluate};
use support::{Generator, exact, fails, matrix, rows, turned};

fn share(spec: &str, x: &Matrix, y: &Matrix) -> String {
    exact(&evaluate(spec, x, y).unwrap_or_else(|error| panic!("{spec}: {error}")))
}

#[test]
fn ties_go_to_the_lowest_index_and_duplicates_are_neighbours() {
    // Nearest of X: 1, 0, 0, 4, 3, because equals of an example are its neighbours and it is none
    // itself.
    let x = matrix(1, &[0.0, 0.0, 0.0, 5.0, 9.0]);
    // Nearest of Y: 2, 4, 0, 2, 3, with ties for the examples 2 and 3.
    let y = matrix(1, &[0.0, 10.0, 1.0, 2.0, 3.0]);
    assert_eq!(share("mutual-knn:k=1,metric=euclidean,center=no", &x, &y), "2/5");
    // Two of each: 12, 02, 01, 40, 30 and 23, 43, 03, 24, 32.
    assert_eq!(share("mutual-knn:k=2,metric=euclidean,center=no", &x, &y), "2/5");
    let notes = evaluate("mutual-knn:k=2,metric=euclidean,center=no", &x, &y).unwrap().notes;
    assert_eq!(notes, ["chance level 2/4"]);
}

#[test]
fn opposite_examples_are_the_farthest() {
    // Angles 0, 180, 90 and 45 degrees. Nearest: 3, 2, 3, 0 (a tie with 2).
    let x = matrix(2, &[1.0, 0.0, -9.0, 0.0, 0.0, 1.0, 2.0, 2.0]);
    // Angles 0, 101, 169 and 11 degrees. Nearest: 3, 2, 1, 0.
    let y = matrix(2, &[1.0, 0.0, -1.0, 5.0, -5.0, 1.0, 5.0, 1.0]);
    assert_eq!(share("mutual-knn:k=1", &x, &y), "3/4");
}

#[test]
fn cosines_are_compared_beyond_floating_point() {
    // Angles 0, 2^-40, 2^-41 and 180 degrees. The cosines with the first example are 1 - 2^-81 and
    // 1 - 2^-83, the same f64, and the third example is nearer to the second than to the first by
    // 2^-121. Nearest: 2, 2, 1, 1.
    let tiny = 2f64.powi(-40);
    let x = matrix(2, &[1.0, 0.0, 1.0, tiny, 1.0, tiny / 2.0, -1.0, 0.0]);
    // Angles 0, 27, 14 and 90 degrees. Nearest: 2, 2, 1, 1.
    let y = matrix(2, &[1.0, 0.0, 2.0, 1.0, 4.0, 1.0, 0.0, 1.0]);
    assert_eq!(share("mutual-knn:k=1", &x, &y), "1");
}

#[test]
fn neighbours_must_leave_a_choice() {
    let x = matrix(1, &[1.0, 5.0, 2.0, 9.0]);
    for neighbours in [0, 3, 10] {
        let refused = OracleError::NeighbourCount { neighbours, examples: 4 };
        assert_eq!(fails(&format!("mutual-knn:k={neighbours}"), &x, &x), refused);
        assert_eq!(fails(&format!("mutual-knn:k={neighbours},metric=euclidean"), &x, &x), refused);
    }
    assert_eq!(fails("mutual-knn", &x, &x), OracleError::NeighbourCount { neighbours: 10, examples: 4 });
    assert_eq!(share("mutual-knn:k=2", &x, &x), "1");
    for text in ["2.5", "-1", "nan", "inf"] {
        assert!(matches!(fails(&format!("mutual-knn:k={text}"), &x, &x), OracleError::InvalidOption { option: "k", .. }), "{text}");
    }
    let five = matrix(1, &[1.0, 5.0, 2.0, 9.0, 7.0]);
    assert_eq!(fails("mutual-knn:k=2", &x, &five), OracleError::ShapeMismatch { rows_x: 4, rows_y: 5 });
}

#[test]
fn a_zero_example_has_no_cosine_but_distances() {
    let x = matrix(2, &[1.0, 0.0, 2.0, 1.0, 0.0, 0.0, 5.0, 3.0]);
    let y = matrix(2, &[1.0, 0.0, 2.0, 1.0, 7.0, 1.0, 5.0, 3.0]);
    assert_eq!(fails("mutual-knn:k=1", &x, &y), OracleError::ZeroRow { side: Side::X, row: 2 });
    assert_eq!(fails("mutual-knn:k=1", &y, &x), OracleError::ZeroRow { side: Side::Y, row: 2 });
    assert!(evaluate("mutual-knn:k=1,metric=euclidean,center=no", &x, &y).is_ok());
}

#[test]
fn rotations_and_scale_change_nothing_and_shifts_only_cosines() {
    let mut generator = Generator::new(22);
    let (x, y) = (generator.integers(12, 4, 5000), generator.integers(12, 3, 5000));
    let moved = |change: &dyn Fn(f64) -> f64| -> Matrix {
        rows(&turned(&x).iter().map(|row| row.iter().map(|entry| change(*entry)).collect()).collect::<Vec<_>>())
    };
    let (scaled, shifted) = (moved(&|entry| entry * 2f64.powi(90)), moved(&|entry| entry + 8e4));
    let order = [4, 0, 9, 2, 10, 1, 3, 8, 6, 5, 7, 11];
    let reordered = |side: &[Vec<f64>]| rows(&order.iter().map(|row| side[*row].clone()).collect::<Vec<_>>());
    for (spec, is_shift_invariant) in [("mutual-knn:k=3", false), ("mutual-knn:k=3,metric=euclidean,center=no", true)] {
        let before = share(spec, &rows(&x), &rows(&y));
        assert_eq!(share(spec, &scaled, &rows(&y)), before, "{spec}");
        assert_eq!(share(spec, &shifted, &rows(&y)) == before, is_shift_invariant, "{spec}");
        assert_eq!(share(spec, &rows(&y), &rows(&x)), before, "{spec}");
        assert_eq!(share(spec, &reordered(&x), &reordered(&y)), before, "{spec}");
        assert_eq!(share(spec, &rows(&x), &scaled), "1", "{spec}");
    }
    // Cosines do not see the length of an example; distances do.
    let lengthened: Vec<Vec<f64>> =
        x.iter().enumerate().map(|(row, entries)| entries.iter().map(|entry| entry * (1 + row % 3) as f64).collect()).collect();
    assert_eq!(share("mutual-knn:k=3", &rows(&lengthened), &rows(&x)), "1");
    assert_ne!(share("mutual-knn:k=3,metric=euclidean,center=no", &rows(&lengthened), &rows(&x)), "1");
}

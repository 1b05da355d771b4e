//! Distance correlation: closed forms, what is refused, and what must not change the value.

mod support;

use similitude_oracle::{Matrix, OracleError, Side, Value, evaluate};
use support::{Generator, exact, fails, matrix, rows, turned};

const BIASED: &str = "distance-correlation";
const CORRECTED: &str = "distance-correlation:estimator=corrected";

fn value(spec: &str, x: &Matrix, y: &Matrix) -> Value {
    evaluate(spec, x, y).unwrap_or_else(|error| panic!("{spec}: {error}"))
}

#[test]
fn two_binary_neurons_give_the_phi_coefficient() {
    // 3 ones, 4 ones, 3 of both among five: phi = (3/5 - 12/25) / sqrt(6/25 * 4/25) = sqrt(3/8).
    let (x, y) = (matrix(1, &[0.0, 0.0, 1.0, 1.0, 1.0]), matrix(1, &[0.0, 1.0, 1.0, 1.0, 1.0]));
    let phi = value(BIASED, &x, &y).enclosure;
    assert!(phi.agrees_with_decimal("0.612372435695794524549321018676472847991486870164"), "{phi}");
    // 2 ones, 1 one, 1 of both among three: phi = (1/3 - 2/9) / (2/9) = 1/2.
    assert_eq!(exact(&value(BIASED, &matrix(1, &[0.0, 1.0, 1.0]), &matrix(1, &[2.0, 2.0, 9.0]))), "1/2");
}

#[test]
fn two_examples_are_always_fully_dependent() {
    let (x, y) = (matrix(2, &[1.0, 2.0, 0.0, 7.0]), matrix(1, &[3.0, -1.0]));
    assert_eq!(exact(&value(BIASED, &x, &y)), "1");
}

#[test]
fn a_full_factorial_design_is_independent() {
    let (x, y) = (matrix(1, &[0.0, 0.0, 1.0, 1.0]), matrix(1, &[0.0, 1.0, 0.0, 1.0]));
    assert_eq!(exact(&value(BIASED, &x, &y)), "0");
    // U-centered: -2/3 within a group and 1/3 across; the self-terms are 24/9, the cross term
    // -12/9.
    assert_eq!(exact(&value(CORRECTED, &x, &y)), "-1/2");
    // A common factor sqrt 2 of all distances of X changes nothing.
    let diagonal = matrix(2, &[0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 1.0]);
    assert_eq!(exact(&value(BIASED, &diagonal, &y)), "0");
    assert_eq!(exact(&value(CORRECTED, &diagonal, &y)), "-1/2");
    // Two levels by three: the product of the self-terms is no square, and zero is exact still.
    let levels = matrix(1, &[0.0, 1.0, 3.0, 0.0, 1.0, 3.0]);
    let diagonal = matrix(2, &[0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0]);
    assert_eq!(exact(&value(BIASED, &diagonal, &levels)), "0");
    // Distances 1, 1 and sqrt 2 between the three levels of X: zero, and the enclosure is tiny.
    let x = matrix(2, &[0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 1.0, 1.0, 1.0, 1.0, 1.0]);
    let y = matrix(1, &[0.0, 5.0, 0.0, 5.0, 0.0, 5.0]);
    let zero = value(BIASED, &x, &y);
    assert!(!zero.exact && zero.enclosure.contains(0.0) && zero.enclosure.absolute_error(0.0) < 2f64.powi(-600), "{}", zero.enclosure);
}

#[test]
fn self_terms_that_vanish_are_found_exactly() {
    // Four circles that touch each other: radii 1, 2, 3 and 6/23 about a 3-4-5 triangle and a point
    // within, times 23. The six distances are the sums of two radii, all different, and U-centering
    // takes all of them away.
    let circles = matrix(2, &[0.0, 0.0, 69.0, 0.0, 0.0, 92.0, 21.0, 20.0]);
    // A regular simplex: the distances are all sqrt 2.
    let simplex = matrix(4, &[1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0]);
    let y = matrix(1, &[0.0, 0.0, 0.5, 0.5]);
    for vanishing in [&circles, &simplex] {
        match fails(CORRECTED, vanishing, &y) {
            // 24/9 as for the factorial design, over n(n - 3) = 4, for distances of a half.
            OracleError::ZeroSelfTerm { self_x: 0.0, self_y, cross: 0.0 } => assert_eq!(self_y, 1.0 / 6.0),
            error => panic!("{error}"),
        }
        assert!(matches!(fails(CORRECTED, &y, vanishing), OracleError::ZeroSelfTerm { self_y: 0.0, self_x, .. } if self_x > 0.0));
        assert!(evaluate(BIASED, vanishing, &y).is_ok());
    }
    // One unit in the last place away, nothing vanishes.
    let nearly = matrix(2, &[0.0, 0.0, 69.0, 0.0, 0.0, 92.0, 21.0, 20.0_f64.next_up()]);
    assert!(value(CORRECTED, &nearly, &y).enclosure.relative_width() < 1e-40);
    // Additive in three examples of five is not enough.
    let more = matrix(2, &[0.0, 0.0, 69.0, 0.0, 0.0, 92.0, 21.0, 20.0, 300.0, 1.0]);
    assert!(evaluate(CORRECTED, &more, &more).is_ok());
}

#[test]
fn the_corrected_estimator_needs_four_examples() {
    let three = matrix(1, &[1.0, 5.0, 2.0]);
    let few = OracleError::TooFewExamples { what: "the bias-corrected distance correlation", needed: 4, got: 3 };
    assert_eq!(fails(CORRECTED, &three, &three), few);
    assert_eq!(exact(&value(BIASED, &three, &three)), "1");
    let constant = matrix(1, &[2.0, 2.0, 2.0, 2.0]);
    let four = matrix(1, &[1.0, 5.0, 2.0, 9.0]);
    assert_eq!(fails(CORRECTED, &four, &constant), OracleError::Constant { side: Side::Y });
}

#[test]
fn rotations_shifts_and_scale_change_nothing() {
    let mut generator = Generator::new(21);
    let (x, y) = (generator.integers(9, 4, 50), generator.integers(9, 3, 50));
    for spec in [BIASED, CORRECTED] {
        let before = value(spec, &rows(&x), &rows(&y)).enclosure;
        let moved: Vec<Vec<f64>> = turned(&x).iter().map(|row| row.iter().map(|entry| (entry + 3e6) * 2f64.powi(-300)).collect()).collect();
        // The same integers up to a factor, so the same intervals to the last few bits.
        let after = value(spec, &rows(&moved), &rows(&y)).enclosure;
        assert!(before.lo() <= after.hi() && after.lo() <= before.hi(), "{spec}: {before} {after}");
        let swapped = value(spec, &rows(&y), &rows(&x)).enclosure;
        assert!(before.lo() <= swapped.hi() && swapped.lo() <= before.hi(), "{spec}");
        assert!(value(spec, &rows(&x), &rows(&moved)).enclosure.error_in_eps(1.0) < 1e-20, "{spec}");
        let stretched: Vec<Vec<f64>> = x.iter().map(|row| vec![3.0 * row[0], row[1], row[2], row[3]]).collect();
        assert!(value(spec, &rows(&stretched), &rows(&y)).enclosure.lo() != before.lo(), "{spec}");
    }
}

//! Representational similarity analysis: closed forms, ties, what is refused, and what must not
//! change the value.

mod support;

use similitude_oracle::{Enclosure, Matrix, OracleError, Side, evaluate};
use support::{Generator, exact, fails, matrix, rows, turned};

const RDMS: [&str; 4] = ["squared-euclidean", "euclidean", "correlation", "cosine"];
const COMPARISONS: [&str; 6] = ["pearson", "spearman", "kendall-a", "kendall-b", "cosine", "whitened-cosine"];

fn spec(rdm: &str, comparison: &str) -> String {
    format!("rsa:rdm={rdm},compare={comparison}")
}

fn value(rdm: &str, comparison: &str, x: &Matrix, y: &Matrix) -> Enclosure {
    evaluate(&spec(rdm, comparison), x, y).unwrap_or_else(|error| panic!("{rdm} {comparison}: {error}")).enclosure
}

fn fraction(rdm: &str, comparison: &str, x: &Matrix, y: &Matrix) -> String {
    exact(&evaluate(&spec(rdm, comparison), x, y).unwrap())
}

fn agree(left: &Enclosure, right: &Enclosure) -> bool {
    left.lo() <= right.hi() && right.lo() <= left.hi()
}

#[test]
fn three_examples_without_ties() {
    // Squared distances 1, 9, 4 and 4, 9, 1.
    let (x, y) = (matrix(1, &[0.0, 1.0, 3.0]), matrix(1, &[0.0, 2.0, 3.0]));
    for (comparison, squared, plain) in [
        ("pearson", "71/98", "1/2"),
        ("spearman", "1/2", "1/2"),
        ("kendall-a", "1/3", "1/3"),
        ("kendall-b", "1/3", "1/3"),
        ("cosine", "89/98", "13/14"),
    ] {
        assert_eq!(fraction("squared-euclidean", comparison, &x, &y), squared, "{comparison}");
        assert_eq!(fraction("euclidean", comparison, &x, &y), plain, "{comparison}");
    }
    // Diagonals of the plane: every distance has the factor sqrt 2.
    let diagonal = matrix(2, &[0.0, 0.0, 1.0, 1.0, 3.0, 3.0]);
    assert_eq!(fraction("euclidean", "pearson", &diagonal, &y), "1/2");
}

#[test]
fn ties_share_their_mean_rank() {
    // Squared distances 1, 4, 1 and 1, 9, 4: ranks 3/2, 3, 3/2 and 1, 3, 2.
    let (x, y) = (matrix(1, &[0.0, 1.0, 2.0]), matrix(1, &[0.0, 1.0, 3.0]));
    let spearman = value("squared-euclidean", "spearman", &x, &y);
    assert!(spearman.agrees_with_decimal("0.866025403784438646763723170752936183471402"), "{spearman}");
    // Squared distances 1, 4, 9, 1, 4, 1: ranks 2, 9/2, 6, 2, 9/2, 2 against 1, 3, 6, 2, 5, 4.
    let (even, growing) = (matrix(1, &[0.0, 1.0, 2.0, 3.0]), matrix(1, &[0.0, 1.0, 3.0, 7.0]));
    let spearman = value("squared-euclidean", "spearman", &even, &growing);
    assert!(spearman.agrees_with_decimal("0.771516749810459551305472313819999602107762418"), "{spearman}"); // sqrt(25/42)
    assert_eq!(fraction("euclidean", "kendall-a", &x, &y), "2/3");
    let tau = value("euclidean", "kendall-b", &x, &y);
    assert!(tau.agrees_with_decimal("0.81649658092772603273242802490196379732198249355222"), "{tau}"); // 2 / sqrt(2 * 3)
}

#[test]
fn cosines_and_correlations_of_signs() {
    // Cosines 1, -1, -1 and -1, -1, 1: dissimilarities 0, 2, 2 and 2, 2, 0.
    let (x, y) = (matrix(1, &[1.0, 2.0, -1.0]), matrix(1, &[1.0, -1.0, -3.0]));
    // The same as correlations over two neurons, whatever is added to an example.
    let (wide_x, wide_y) = (matrix(2, &[4.0, 5.0, 0.0, 2.0, 9.0, 8.0]), matrix(2, &[1.0, 2.0, 7.0, 6.0, 0.0, -3.0]));
    for (comparison, expected) in
        [("pearson", "-1/2"), ("spearman", "-1/2"), ("kendall-a", "-1/3"), ("kendall-b", "-1/2"), ("cosine", "1/2")]
    {
        assert_eq!(fraction("cosine", comparison, &x, &y), expected, "{comparison}");
        assert_eq!(fraction("correlation", comparison, &wide_x, &wide_y), expected, "{comparison}");
    }
}

#[test]
fn ranks_are_decided_beyond_floating_point() {
    // Angles 0, 2^-40 and 2^-41: the cosines are 1 - 2^-81, and two that differ from 1 - 2^-83 by
    // 2^-160; all the same f64.
    let tiny = 2f64.powi(-40);
    let x = matrix(2, &[1.0, 0.0, 1.0, tiny, 1.0, tiny / 2.0]);
    // Angles 0, 27 and 14 degrees: the differences are in the same order.
    let y = matrix(2, &[1.0, 0.0, 2.0, 1.0, 4.0, 1.0]);
    assert_eq!(fraction("cosine", "kendall-a", &x, &y), "1");
    assert_eq!(fraction("cosine", "spearman", &x, &y), "1");
    // Distances 1e8 and 1e8 + 2^-101 / 1e8, the same f64, against 1 and 2; the third is the
    // greatest on both sides.
    let x = matrix(2, &[0.0, 0.0, 1e8, 0.0, -1e8, 2f64.powi(-50)]);
    let y = matrix(1, &[0.0, 1.0, -2.0]);
    assert_eq!(fraction("euclidean", "kendall-a", &x, &y), "1");
}

#[test]
fn the_whitened_cosine_of_squared_distances_is_linear_cka() {
    let mut generator = Generator::new(31);
    let (x, y) = (rows(&generator.integers(9, 4, 50)), rows(&generator.integers(9, 3, 50)));
    let cka = evaluate("cka", &x, &y).unwrap().enclosure;
    assert!(agree(&value("squared-euclidean", "whitened-cosine", &x, &y), &cka), "{cka}");
    // With distances in place of their squares it is the squared distance correlation.
    let correlation = evaluate("distance-correlation", &x, &y).unwrap().enclosure.midpoint();
    let whitened = value("euclidean", "whitened-cosine", &x, &y);
    assert!(Enclosure::exact(&correlation * &correlation).error_in_eps(whitened.midpoint_f64()) < 1.0);
}

#[test]
fn distances_and_their_squares_have_the_same_ranks() {
    let mut generator = Generator::new(32);
    let (x, y) = (rows(&generator.integers(9, 4, 5)), rows(&generator.integers(9, 3, 5)));
    for comparison in ["spearman", "kendall-a", "kendall-b"] {
        assert_eq!(value("euclidean", comparison, &x, &y), value("squared-euclidean", comparison, &x, &y), "{comparison}");
    }
    assert!(!agree(&value("euclidean", "pearson", &x, &y), &value("squared-euclidean", "pearson", &x, &y)));
}

#[test]
fn flat_dissimilarities_have_no_comparison() {
    let simplex = matrix(4, &[1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0]);
    let y = matrix(3, &[1.0, 5.0, 2.0, 7.0, 0.0, 1.0, 2.0, 3.0, 9.0, 1.0, 0.0, 0.0]);
    for rdm in RDMS {
        for comparison in COMPARISONS {
            let is_cosine = comparison.ends_with("cosine");
            let value = evaluate(&spec(rdm, comparison), &simplex, &y);
            let flat = OracleError::FlatDissimilarities { side: Side::X, what: "equal" };
            assert_eq!(value.err(), (!is_cosine).then_some(flat), "{rdm} {comparison}");
            let value = evaluate(&spec(rdm, comparison), &y, &simplex);
            let flat = OracleError::FlatDissimilarities { side: Side::Y, what: "equal" };
            assert_eq!(value.err(), (!is_cosine).then_some(flat), "{rdm} {comparison}");
        }
    }
    // Examples of one direction have cosine 1 with each other, and those of X correlation 1 too.
    let parallel = matrix(3, &[1.0, 2.0, 4.0, 2.0, 4.0, 8.0, 0.5, 1.0, 2.0, 3.0, 6.0, 12.0]);
    for rdm in ["cosine", "correlation"] {
        for comparison in COMPARISONS {
            let what = if comparison.ends_with("cosine") { "zero" } else { "equal" };
            let flat = OracleError::FlatDissimilarities { side: Side::X, what };
            assert_eq!(fails(&spec(rdm, comparison), &parallel, &y), flat, "{rdm} {comparison}");
        }
    }
}

#[test]
fn examples_and_neurons_must_suffice() {
    let (two, three) = (matrix(1, &[1.0, 5.0]), matrix(1, &[1.0, 5.0, 2.0]));
    let few = OracleError::TooFewExamples { what: "a comparison of dissimilarities", needed: 3, got: 2 };
    assert_eq!(fails("rsa", &two, &two), few);
    assert!(evaluate("rsa:rdm=euclidean", &three, &three).is_ok());
    let needed = OracleError::TooFewNeurons { side: Side::Y, what: "the correlation of two examples", needed: 2, got: 1 };
    let pairs = matrix(2, &[1.0, 5.0, 2.0, 1.0, 3.0, 7.0]);
    assert_eq!(fails("rsa:rdm=correlation", &pairs, &three), needed);
    let level = matrix(2, &[1.0, 5.0, 2.0, 2.0, 3.0, 7.0]);
    assert_eq!(fails("rsa:rdm=correlation", &level, &pairs), OracleError::ConstantRow { side: Side::X, row: 1 });
    assert!(evaluate("rsa:rdm=cosine", &level, &pairs).is_ok());
    let zero = matrix(2, &[1.0, 5.0, 2.0, 1.0, 0.0, 0.0]);
    assert_eq!(fails("rsa:rdm=cosine", &pairs, &zero), OracleError::ZeroRow { side: Side::Y, row: 2 });
    assert_eq!(fails("rsa:rdm=correlation", &pairs, &zero), OracleError::ConstantRow { side: Side::Y, row: 2 });
    let constant = matrix(2, &[1.0, 5.0, 1.0, 5.0, 1.0, 5.0]);
    for rdm in RDMS {
        assert_eq!(fails(&spec(rdm, "cosine"), &pairs, &constant), OracleError::Constant { side: Side::Y }, "{rdm}");
    }
}

#[test]
fn each_matrix_forgets_its_own_maps() {
    let mut generator = Generator::new(33);
    let (x, y) = (generator.integers(8, 4, 6000), rows(&generator.integers(8, 3, 6000)));
    let map = |change: &dyn Fn(usize, usize, f64) -> f64| -> Matrix {
        let changed = |(row, entries): (usize, &Vec<f64>)| {
            entries.iter().enumerate().map(|(column, entry)| change(row, column, *entry)).collect::<Vec<f64>>()
        };
        rows(&x.iter().enumerate().map(changed).collect::<Vec<_>>())
    };
    let changed = [
        ("scaled", map(&|_, _, entry| entry * 0.375)),
        ("permuted", rows(&x.iter().map(|row| vec![row[2], row[0], row[3], row[1]]).collect::<Vec<_>>())),
        ("rotated", rows(&turned(&x))),
        ("shifted", map(&|_, column, entry| entry + [1e5, -30.0, 77.0, 1048576.0][column])),
        ("shifted each example", map(&|row, _, entry| entry + 1e4 * row as f64)),
        ("scaled each example", map(&|row, _, entry| entry * (1 + row % 3) as f64)),
    ];
    for rdm in RDMS {
        let blind: &[&str] = match rdm {
            "correlation" => &["scaled", "permuted", "shifted each example", "scaled each example"],
            "cosine" => &["scaled", "permuted", "rotated", "scaled each example"],
            _ => &["scaled", "permuted", "rotated", "shifted"],
        };
        for comparison in COMPARISONS {
            let before = value(rdm, comparison, &rows(&x), &y);
            assert!(agree(&before, &value(rdm, comparison, &y, &rows(&x))), "{rdm} {comparison}, symmetry");
            for (name, changed) in &changed {
                let after = value(rdm, comparison, changed, &y);
                assert_eq!(agree(&before, &after), blind.contains(name), "{rdm} {comparison}, {name}");
                if blind.contains(name) {
                    let own = value(rdm, comparison, changed, &rows(&x));
                    assert!(own.error_in_eps(1.0) < 1e-20, "{rdm} {comparison}, {name} against itself: {own}");
                }
            }
        }
    }
}

//! Soft matching: closed forms, unequal widths, what is refused, and what must not change the
//! value.

mod support;

use dashu_ratio::RBig;
use similitude_oracle::{Enclosure, Matrix, OracleError, Side, evaluate};
use support::{Generator, exact, fails, matrix, mixed, rows, turned};

const FORMS: [&str; 3] = ["squared", "distance", "similarity"];

fn value(form: &str, x: &Matrix, y: &Matrix) -> Enclosure {
    evaluate(&format!("soft-matching:form={form}"), x, y).unwrap_or_else(|error| panic!("{form}: {error}")).enclosure
}

fn fraction(form: &str, x: &Matrix, y: &Matrix) -> String {
    exact(&evaluate(&format!("soft-matching:form={form}"), x, y).unwrap())
}

fn agree(left: &Enclosure, right: &Enclosure) -> bool {
    left.lo() <= right.hi() && right.lo() <= left.hi()
}

#[test]
fn orthogonal_neurons_of_unequal_number() {
    // Neurons of squared length 8, two of three shared: plan 1/3, 1/3 on the shared ones, the rest
    // at squared distance 16.
    let (two, three) = (mixed(&[&[1.0], &[0.0, 1.0]]), mixed(&[&[1.0], &[0.0, 1.0], &[0.0, 0.0, 1.0]]));
    assert_eq!(fraction("squared", &two, &three), "16/3");
    assert_eq!(fraction("similarity", &two, &three), "2/3");
    assert!(value("distance", &two, &three).agrees_with_decimal("2.3094010767585030580365951220078298225904070050805"));
    // A single neuron takes part of each: the mean.
    let one = mixed(&[&[0.0, 3.0]]);
    assert_eq!(fraction("squared", &two, &one), "56"); // (80 + 32)/2
    assert_eq!(fraction("similarity", &two, &one), "1/2");
}

#[test]
fn the_best_plan_is_not_the_greedy_one() {
    // Correlations 1 and 3/5 of the first neuron of X, 4/5 and 0 of the second: the greedy plan
    // reaches 1/2, the best one 7/10.
    let x = mixed(&[&[1.0], &[4.0, 0.0, 3.0]]);
    let y = mixed(&[&[2.0], &[3.0, 0.0, -4.0]]);
    assert_eq!(fraction("similarity", &x, &y), "7/10");
    // Squared distances 8 and 160 of the first neuron, 104 and 400 of the second.
    assert_eq!(fraction("squared", &x, &y), "132"); // (160 + 104)/2
}

#[test]
fn copies_in_any_order_match_exactly() {
    let mut generator = Generator::new(41);
    let x = generator.integers(7, 4, 30);
    let permuted: Vec<Vec<f64>> = x.iter().map(|row| vec![row[2] + 5.0, row[0] - 1e6, row[3], row[1] + 0.25]).collect();
    assert_eq!(fraction("squared", &rows(&x), &rows(&permuted)), "0");
    assert_eq!(fraction("distance", &rows(&x), &rows(&permuted)), "0");
    assert_eq!(fraction("similarity", &rows(&x), &rows(&permuted)), "1");
    // Every neuron three times over is as good.
    let tripled: Vec<Vec<f64>> = x.iter().map(|row| [&row[..], &row[..], &row[..]].concat()).collect();
    assert_eq!(fraction("squared", &rows(&permuted), &rows(&tripled)), "0");
    assert_eq!(fraction("similarity", &rows(&tripled), &rows(&permuted)), "1");
}

#[test]
fn repeated_neurons_change_nothing_and_zero_neurons_do() {
    let mut generator = Generator::new(42);
    let (x, y) = (generator.integers(9, 3, 30), rows(&generator.integers(9, 4, 30)));
    let doubled: Vec<Vec<f64>> = x.iter().map(|row| [&row[..], &row[..]].concat()).collect();
    for form in FORMS {
        assert!(agree(&value(form, &rows(&doubled), &y), &value(form, &rows(&x), &y)), "{form}");
    }
    let padded: Vec<Vec<f64>> = x.iter().map(|row| [&row[..], &[0.0]].concat()).collect();
    assert!(!agree(&value("squared", &rows(&padded), &y), &value("squared", &rows(&x), &y)));
}

#[test]
fn correlations_are_enclosed_between_a_plan_and_its_prices() {
    let mut generator = Generator::new(43);
    for (columns_x, columns_y) in [(2, 3), (5, 5), (6, 4), (16, 12)] {
        let (x, y) = (rows(&generator.integers(10, columns_x, 9)), rows(&generator.integers(10, columns_y, 9)));
        let enclosed = value("similarity", &x, &y);
        assert!(!enclosed.is_exact() && enclosed.relative_width() < 1e-43, "{columns_x} {columns_y}: {enclosed}");
    }
    // Against all six permutations of three neurons each.
    let (x, y) = (generator.integers(8, 3, 9), generator.integers(8, 3, 9));
    let one = |entries: &[Vec<f64>], column: usize| matrix(1, &entries.iter().map(|row| row[column]).collect::<Vec<_>>());
    let correlation = |i: usize, j: usize| value("similarity", &one(&x, i), &one(&y, j)).midpoint();
    let means = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]]
        .map(|order| correlation(0, order[0]) + correlation(1, order[1]) + correlation(2, order[2]));
    let best = Enclosure::exact(means.into_iter().max().unwrap());
    let three_times = value("similarity", &rows(&x), &rows(&y)).midpoint_f64() * 3.0;
    assert!(best.error_in_eps(three_times) < 4.0, "{best} against {three_times}");
}

#[test]
fn uncorrelated_and_opposite_neurons() {
    let (x, y) = (mixed(&[&[1.0], &[0.0, 1.0]]), mixed(&[&[0.0, 0.0, 1.0, 1.0], &[0.0, 0.0, 1.0, -1.0]]));
    assert_eq!(fraction("similarity", &x, &y), "0");
    assert_eq!(fraction("similarity", &mixed(&[&[1.0]]), &mixed(&[&[-5.0]])), "-1");
    // Irrational correlations that cancel: 1/sqrt 2 and -1/sqrt 2 with a single neuron.
    let opposite = mixed(&[&[1.0, 1.0], &[-1.0, 1.0]]);
    let zero = value("similarity", &mixed(&[&[1.0]]), &opposite);
    assert!(zero.contains(0.0) && zero.absolute_error(0.0) < 2f64.powi(-600), "{zero}");
}

#[test]
fn scales_need_not_be_comparable() {
    let (small, large) = (2f64.powi(-400), 2f64.powi(300));
    let (x, y) = (mixed(&[&[small]]), mixed(&[&[large], &[0.0, large]]));
    // 8 (large - small)^2 and 8 (large^2 + small^2), in halves.
    let distance = value("squared", &x, &y);
    assert!(distance.is_exact());
    assert_eq!(distance, value("squared", &y, &x));
    let [large, small] = [large, small].map(|value| RBig::try_from(value).unwrap());
    let difference = &large - &small;
    let expected = (&difference * &difference + &large * &large + &small * &small) * RBig::from(4);
    assert_eq!(*distance.lo(), expected);
}

#[test]
fn a_constant_neuron_has_no_correlation_but_a_distance() {
    let x = matrix(2, &[1.0, 3.0, 5.0, 3.0, 2.0, 3.0]);
    let y = matrix(1, &[1.0, 5.0, 2.0]);
    assert_eq!(fails("soft-matching:form=similarity", &x, &y), OracleError::ConstantNeuron { side: Side::X, column: 1 });
    assert_eq!(fails("soft-matching:form=similarity", &y, &x), OracleError::ConstantNeuron { side: Side::Y, column: 1 });
    // Deviations -5/3, 7/3, -2/3: squared length 26/3, half of which is as far as the constant
    // neuron.
    assert_eq!(fraction("squared", &x, &y), "13/3");
    let constant = matrix(1, &[4.0, 4.0, 4.0]);
    assert_eq!(fraction("squared", &constant, &y), "26/3");
    assert_eq!(fraction("distance", &constant, &constant), "0");
    let four = matrix(1, &[1.0, 5.0, 2.0, 7.0]);
    for form in FORMS {
        let refused = fails(&format!("soft-matching:form={form}"), &y, &four);
        assert_eq!(refused, OracleError::ShapeMismatch { rows_x: 3, rows_y: 4 }, "{form}");
    }
}

#[test]
fn shifts_and_permutations_change_nothing_and_rotations_do() {
    let mut generator = Generator::new(44);
    let (x, y) = (generator.integers(9, 4, 30), rows(&generator.integers(9, 3, 30)));
    let shifted: Vec<Vec<f64>> = x.iter().map(|row| vec![row[3] + 1e8, row[0] - 3.0, row[1], row[2] + 0.5]).collect();
    let halved: Vec<Vec<f64>> = x.iter().map(|row| row.iter().map(|entry| entry / 2.0).collect()).collect();
    // Half an orthogonal matrix is orthogonal.
    let rotated: Vec<Vec<f64>> = turned(&halved);
    let order = [4, 0, 2, 1, 3, 8, 6, 5, 7];
    let reordered = |side: &[Vec<f64>]| rows(&order.iter().map(|row| side[*row].clone()).collect::<Vec<_>>());
    for form in FORMS {
        let before = value(form, &rows(&x), &y);
        assert!(agree(&before, &value(form, &rows(&shifted), &y)), "{form}");
        assert!(agree(&before, &value(form, &y, &rows(&x))), "{form}");
        assert!(!agree(&before, &value(form, &rows(&rotated), &y)), "{form}");
        assert!(!agree(&before, &value(form, &reordered(&x), &y)), "{form}");
        // Correlations have no scale; distances do.
        assert_eq!(agree(&before, &value(form, &rows(&halved), &y)), form == "similarity", "{form}");
    }
}

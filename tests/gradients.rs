//! The condition that a score states is no less than what a relative change of the representations
//! moves the value by: the lengths of its gradients, by differences of the value itself.

use similitude::Measure;
use similitude::laws::Matrix;

mod common;
use common::{centered, dense, everywhere, measure, number, pair, representation};

/// Half the distance of two values that a derivative is taken of, beside entries of about 1.
const STEP: f64 = 1e-5;

fn value(measure: &Measure, x: &Matrix, y: &Matrix) -> f64 {
    measure.compare(&representation("x", x), &representation("y", y)).unwrap().value
}

/// |gradient|_F |X|_F, by one side; |X|_F about the mean where the measure sees no mean.
fn length(measure: &Measure, matrix: &Matrix, value: impl Fn(&Matrix) -> f64) -> f64 {
    let derivative = |place: usize| {
        let moved = |by: f64| {
            let mut moved = matrix.clone();
            moved.values[place] += by;
            value(&moved)
        };
        (moved(STEP) - moved(-STEP)) / (2.0 * STEP)
    };
    let squares: f64 = (0..matrix.values.len()).map(|place| derivative(place).powi(2)).sum();
    squares.sqrt() * if measure.uncentered() { dense(matrix).norm() } else { centered(matrix).norm() }
}

fn gradients(measure: &Measure, x: &Matrix, y: &Matrix) -> f64 {
    length(measure, x, |x| value(measure, x, y)) + length(measure, y, |y| value(measure, x, y))
}

fn condition(measure: &Measure, x: &Matrix, y: &Matrix) -> f64 {
    number(&measure.compare(&representation("x", x), &representation("y", y)).unwrap(), "condition")
}

/// Neighbours and ranks jump: between jumps nothing moves them.
fn jumps(measure: &Measure) -> bool {
    let text = measure.to_string();
    ["mutual-knn", "spearman", "kendall"].iter().any(|word| text.contains(word))
}

#[test]
fn no_condition_is_less_than_the_gradients() {
    everywhere(|measure, x, y| {
        if !jumps(measure) {
            let (gradients, condition) = (gradients(measure, x, y), condition(measure, x, y));
            assert!(gradients <= condition * (1.0 + 1e-4), "{measure}: {gradients:e} and {condition:e}");
        }
    });
}

/// Conditions of drawn pairs of these shapes are no less than the gradients, and no more than so many
/// times as much and what is rounded besides.
fn are_near(times: f64, shapes: &[(usize, usize, usize)], texts: &[&str]) {
    for (seed, &(n, p, q)) in shapes.iter().enumerate() {
        let (x, y) = pair(n, p, q, seed as u64);
        for text in texts {
            let measure = measure(text);
            let (gradients, condition) = (gradients(&measure, &x, &y), condition(&measure, &x, &y));
            assert!(gradients <= condition, "{n} x {p}, {q}, {text}: {gradients} and {condition}");
            assert!(condition <= times * gradients + 16.0, "{n} x {p}, {q}, {text}: {gradients} and {condition}");
        }
    }
}

/// What follows from the gradient itself is not many times more.
#[test]
fn conditions_of_subspaces_are_near_their_gradients() {
    are_near(
        12.0,
        &[(11, 3, 3), (12, 4, 2), (13, 2, 4), (9, 3, 2), (6, 2, 2), (30, 6, 5)],
        &["pwcca:weights=x", "pwcca:weights=y", "cca", "cca:summary=r2", "linear-regression", "linear-regression:direction=sum"],
    );
}

/// What the other side does not share of the directions at the cut is not dear.
#[test]
fn conditions_of_kept_directions_are_near_their_gradients() {
    are_near(
        8.0,
        &[(12, 4, 3), (30, 6, 5), (60, 12, 9), (40, 3, 8)],
        &["svcca:threshold=0.9", "svcca:threshold=0.7,summary=r2", "svcca:threshold=0.9,summary=r2", "svcca:summary=r2"],
    );
}

/// The errors of held out examples see little of a change of the weights.
#[test]
fn conditions_of_predictions_are_near_their_gradients() {
    let of = |options: &str| format!("linear-predictivity:{options}");
    let texts = ["penalty=1e-6", "penalty=1e-3", "penalty=0.1,folds=2", "penalty=10,direction=mean"].map(of);
    are_near(30.0, &[(30, 3, 2), (40, 8, 5), (24, 1, 1), (60, 5, 9)], &texts.each_ref().map(String::as_str));
}

/// Neurons that are 0 make a representation wide, whose neurons are summed over in blocks.
#[test]
fn a_wide_weighting_side_has_the_condition_of_its_narrow_part() {
    let (x, y) = pair(12, 4, 3, 5);
    let wide = Matrix::from_fn(12, 15, |i, j| if j % 3 == 0 && j < 12 { x.at(i, j / 3) } else { 0.0 });
    for text in ["pwcca:weights=x", "pwcca:weights=y"] {
        let measure = measure(text);
        assert!((value(&measure, &x, &y) - value(&measure, &wide, &y)).abs() < 1e-14);
        let ratio = condition(&measure, &wide, &y) / condition(&measure, &x, &y);
        assert!((1.0..=2.0).contains(&ratio), "{text}: {ratio}");
    }
}

/// Where little is to spare, a bound that is a part too small is seen: examples far from all others,
/// and neurons that are near their matches.
#[test]
fn conditions_that_are_nearly_met_hold() {
    let texts = [
        ("linear-predictivity:penalty=0.1,folds=2", 0.5),
        ("linear-predictivity:penalty=1e-6", 0.2),
        ("canonical-ridge:kappa-x=0.1,kappa-y=0.1,bound=trace", 0.25),
        ("canonical-ridge:kappa-x=0.1,kappa-y=0.1,bound=separable", 0.25),
        ("soft-matching", 0.6),
        ("soft-matching:form=squared", 0.8),
        ("soft-matching:form=distance", 0.8),
    ];
    for (text, spent) in texts {
        let measure = measure(text);
        let mut most = 0.0f64;
        for seed in 0..24 {
            let (n, p, q) = (5 + seed as usize % 6, 1 + seed as usize % 3, 1 + seed as usize / 3 % 3);
            let (x, y) = pair(n, p, q, seed);
            let near = |j: usize| j % p;
            let y = match seed % 2 {
                0 => y,
                _ => Matrix::from_fn(n, p, |i, j| x.at(i, near(j)) + 0.1 * y.at(i, j % q)),
            };
            let far = if seed % 4 < 2 { 1.0 } else { 10.0 };
            let x = Matrix::from_fn(n, p, |i, j| if i == 0 { far } else { 1.0 } * x.at(i, j));
            let Ok(score) = measure.compare(&representation("x", &x), &representation("y", &y)) else { continue };
            let (gradients, condition) = (gradients(&measure, &x, &y), number(&score, "condition"));
            assert!(gradients <= condition * (1.0 + 1e-4), "{text}, {seed}: {gradients:e} and {condition:e}");
            most = most.max(gradients / condition);
        }
        assert!(most >= spent, "{text}: {most}");
    }
}
